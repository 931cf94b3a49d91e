package capture

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"time"
)

// Bounds of a file that is read.
const (
	maxBlock        = 1 << 20
	maxConversation = 16 << 20 // bytes of one connection
	maxRead         = 256 << 20
	maxWaiting      = 256 // segments that came before their turn
)

// Conversation is a TCP connection of a file, put together: what was sent twice is in it once.
type Conversation struct {
	Client, Server netip.AddrPort
	Turns          []Turn
	Gap            bool // a part was not captured
}

// Turn is what one side said until the other one spoke.
type Turn struct {
	ByClient bool
	At       time.Time // of its first byte
	Data     []byte
}

// ErrFormat is a file that is no pcapng, or broken.
var ErrFormat = errors.New("no pcapng file, or a broken one")

// Read reads a pcapng file and puts its TCP connections together, in the order of their beginning. What
// is neither TCP nor UDP is passed over; datagrams are counted.
func Read(r io.Reader) (conversations []*Conversation, datagrams int, err error) {
	in := reader{r: bufio.NewReader(io.LimitReader(r, maxRead)), flows: make(map[flow]*joining)}
	for {
		err := in.block()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, 0, err
		}
	}
	for _, f := range in.order {
		if len(f.c.Turns) > 0 {
			f.c.Gap = f.c.Gap || len(f.sides[0].waiting)+len(f.sides[1].waiting) > 0
			conversations = append(conversations, f.c)
		}
	}
	return conversations, in.datagrams, nil
}

type reader struct {
	r         *bufio.Reader
	order     []*joining
	flows     map[flow]*joining
	datagrams int
	bytes     binary.ByteOrder
	links     []link
}

type link struct {
	kind uint16
	unit time.Duration // of its times; 0: smaller than a nanosecond
}

// joining is a connection that is put together.
type joining struct {
	c     *Conversation
	sides [2]side // the client's, the server's
	size  int
}

type side struct {
	known   bool
	next    uint32
	waiting []segment
}

func (in *reader) block() error {
	var head [8]byte
	if _, err := io.ReadFull(in.r, head[:]); err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return io.EOF // cut off: what was whole counts
		}
		return err
	}
	if binary.LittleEndian.Uint32(head[:]) == blockSection {
		order, err := in.r.Peek(4)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrFormat, err)
		}
		switch {
		case binary.LittleEndian.Uint32(order) == byteOrder:
			in.bytes = binary.LittleEndian
		case binary.BigEndian.Uint32(order) == byteOrder:
			in.bytes = binary.BigEndian
		default:
			return fmt.Errorf("%w: section of no byte order", ErrFormat)
		}
		in.links = nil
	}
	if in.bytes == nil {
		return fmt.Errorf("%w: it does not begin with a section; save a .pcap file as .pcapng with Wireshark", ErrFormat)
	}
	kind, length := in.bytes.Uint32(head[:]), in.bytes.Uint32(head[4:])
	if length < 12 || length%4 != 0 || length > maxBlock {
		return fmt.Errorf("%w: block of %d bytes", ErrFormat, length)
	}
	body := make([]byte, length-8)
	if _, err := io.ReadFull(in.r, body); err != nil {
		return io.EOF
	}
	body = body[:len(body)-4]
	switch kind {
	case blockInterface:
		if len(body) < 8 {
			return fmt.Errorf("%w: short interface", ErrFormat)
		}
		in.links = append(in.links, link{in.bytes.Uint16(body), in.unitOf(body[8:])})
	case blockPacket:
		if len(body) < 20 {
			return fmt.Errorf("%w: short packet", ErrFormat)
		}
		i, size := in.bytes.Uint32(body), in.bytes.Uint32(body[12:])
		if int64(i) >= int64(len(in.links)) || int64(size) > int64(len(body)-20) {
			return fmt.Errorf("%w: packet of no interface or length", ErrFormat)
		}
		ticks := uint64(in.bytes.Uint32(body[4:]))<<32 | uint64(in.bytes.Uint32(body[8:]))
		at := time.Unix(0, int64(ticks*uint64(in.links[i].unit)))
		in.packet(in.links[i].kind, body[20:20+size], at)
	case blockSimple:
		if len(in.links) > 0 && len(body) > 4 {
			in.packet(in.links[0].kind, body[4:], time.Time{})
		}
	}
	return nil
}

// unitOf finds the unit of an interface's times among its options. Powers of two are not known.
func (in *reader) unitOf(options []byte) time.Duration {
	for len(options) >= 4 {
		code, length := in.bytes.Uint16(options), int(in.bytes.Uint16(options[2:]))
		if code == optionEnd || 4+length > len(options) {
			break
		}
		if code == optionUnit && length == 1 && options[4] <= 9 {
			unit := time.Second
			for range options[4] {
				unit /= 10
			}
			return unit
		}
		options = options[min(4+(length+3)&^3, len(options)):]
	}
	return time.Microsecond
}

// packet takes a link's packet apart.
func (in *reader) packet(kind uint16, b []byte, at time.Time) {
	ip := uint16(0)
	switch kind {
	case linkEthernet:
		if len(b) < 14 {
			return
		}
		if ip, b = binary.BigEndian.Uint16(b[12:]), b[14:]; ip == 0x8100 && len(b) >= 4 { // a VLAN's tag
			ip, b = binary.BigEndian.Uint16(b[2:]), b[4:]
		}
	case linkCooked:
		if len(b) < 16 {
			return
		}
		ip, b = binary.BigEndian.Uint16(b[14:]), b[16:]
	case linkRaw, linkIPv4:
		ip = 0x0800
		if len(b) > 0 && b[0]>>4 == 6 {
			ip = 0x86dd
		}
	}
	var from, to netip.Addr
	var protocol byte
	switch {
	case ip == 0x0800 && len(b) >= 20:
		header, total := int(b[0]&15)*4, int(binary.BigEndian.Uint16(b[2:]))
		if header < 20 || total < header || binary.BigEndian.Uint16(b[6:])&0x3fff != 0 { // a fragment
			return
		}
		if total > len(b) {
			total = len(b)
		}
		protocol, from, to = b[9], netip.AddrFrom4([4]byte(b[12:16])), netip.AddrFrom4([4]byte(b[16:20]))
		b = b[min(header, total):total]
	case ip == 0x86dd && len(b) >= 40:
		protocol, from, to = b[6], netip.AddrFrom16([16]byte(b[8:24])), netip.AddrFrom16([16]byte(b[24:40]))
		b = b[40:min(len(b), 40+int(binary.BigEndian.Uint16(b[4:])))]
	default:
		return
	}
	switch {
	case protocol == protocolUDP:
		in.datagrams++
	case protocol == protocolTCP && len(b) >= 20:
		header := int(b[12]>>4) * 4
		if header < 20 || header > len(b) {
			return
		}
		in.segment(segment{
			from: netip.AddrPortFrom(from, binary.BigEndian.Uint16(b)), to: netip.AddrPortFrom(to, binary.BigEndian.Uint16(b[2:])),
			flags: b[13], seq: binary.BigEndian.Uint32(b[4:]), data: b[header:],
		}, at)
	}
}

// segment finds the connection of a segment, and its place there.
func (in *reader) segment(s segment, at time.Time) {
	there, back := flow{s.from, s.to}, flow{s.to, s.from}
	f, who := in.flows[there], 0
	if f == nil {
		if f = in.flows[back]; f != nil {
			who = 1
		}
	}
	if opens := s.flags&(flagSYN|flagACK) == flagSYN; f == nil || opens && who == 0 && f.sides[0].known && s.seq+1 != f.sides[0].next {
		f, who = &joining{c: &Conversation{Client: s.from, Server: s.to}}, 0
		if !opens && (s.flags&flagSYN != 0 || s.from.Port() < s.to.Port()) { // it was open before: servers have the small numbers
			f.c.Client, f.c.Server, who = s.to, s.from, 1
		}
		in.flows[flow{f.c.Client, f.c.Server}] = f
		in.order = append(in.order, f)
	}
	me := &f.sides[who]
	if s.flags&flagSYN != 0 {
		me.known, me.next = true, s.seq+1
		return
	}
	if !me.known {
		me.known, me.next = true, s.seq
	}
	if len(s.data) == 0 || len(me.waiting) >= maxWaiting {
		return
	}
	me.waiting = append(me.waiting, segment{seq: s.seq, data: s.data})
	f.take(me, who == 0, at)
}

// take joins what continues a side.
func (f *joining) take(me *side, byClient bool, at time.Time) {
	for {
		i := slices.IndexFunc(me.waiting, func(s segment) bool { return int32(s.seq-me.next) <= 0 })
		if i < 0 {
			return
		}
		s := me.waiting[i]
		me.waiting = slices.Delete(me.waiting, i, i+1)
		old := int64(me.next - s.seq)
		if old >= int64(len(s.data)) {
			continue // it came before
		}
		data := s.data[old:]
		me.next += uint32(len(data))
		if f.size += len(data); f.size > maxConversation {
			f.c.Gap = true
			continue
		}
		turns := f.c.Turns
		if n := len(turns); n > 0 && turns[n-1].ByClient == byClient {
			turns[n-1].Data = append(turns[n-1].Data, data...)
		} else {
			f.c.Turns = append(turns, Turn{byClient, at, slices.Clone(data)})
		}
	}
}
