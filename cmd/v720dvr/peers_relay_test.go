package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"sync"
	"time"

	"v720dvr/cloud/v720"
)

// asRelay in the environment of the test binary makes it a relay for programs that do not speak the cameras' protocol.
const asRelay = "TEST_BINARY_IS_RELAY"

// relay is what people have used until now: it does what the Python server does, and no more. It opens each camera's stream,
// confirms every 100 ms what came since, and hands a picture on when its packages came one behind the other. It asks for
// nothing again, and puts nothing that comes late into its place. It is kinder than the original in two things: a picture with a hole
// is left out and not cut, and a package that comes twice spoils nothing.
type relay struct {
	udp    *net.UDPConn
	port   uint16
	mu     sync.Mutex
	byID   map[string]*relayed
	byAddr map[netip.AddrPort]*relayed
}

// relayed is a camera at the relay.
type relayed struct {
	id      string
	control net.Conn
	at      netip.AddrPort
	probes  int
	heard   time.Time // of media, or when the stream was asked for

	picture  []byte
	next     uint32 // id of the package that goes on
	building bool
	ended    bool // a picture: confirms begin
	confirm  []uint32
	viewers  map[chan []byte]bool
}

const relayTarget, relayToken = "00112233445566778899aabbccddeeff", "abcdefgh"

// relayMain runs a relay until it is killed, and says on standard output where it is.
func relayMain() error {
	r := &relay{byID: map[string]*relayed{}, byAddr: map[netip.AddrPort]*relayed{}}
	control, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	r.port = control.Addr().(*net.TCPAddr).AddrPort().Port()
	if r.udp, err = net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: int(r.port)}); err != nil {
		return err
	}
	if err := r.udp.SetReadBuffer(4 << 20); err != nil {
		return err
	}
	web, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/app/", r.bootstrap)
	mux.HandleFunc("GET /live/{id}", r.live)
	fmt.Printf("relay %s\n", web.Addr())
	failed := make(chan error, 3)
	go func() { failed <- http.Serve(web, mux) }()
	go func() { failed <- r.serveControl(control) }()
	go func() { failed <- r.readMedia() }()
	for tick := time.Tick(100 * time.Millisecond); ; {
		select {
		case err := <-failed:
			return err
		case now := <-tick:
			r.tick(now)
		}
	}
}

func (r *relay) bootstrap(w http.ResponseWriter, req *http.Request) {
	data := "null"
	if req.URL.Path == "/app/api/ApiServer/getA9ConfCheck" {
		data = fmt.Sprintf(`{"tcpPort":%d,"uid":%q,"isBind":"8","domain":"v720.naxclow.com","updateUrl":null,"host":"127.0.0.1","currTime":"%d","pwd":"91edf41f","version":null}`,
			r.port, req.URL.Query().Get("devicesCode"), time.Now().Unix())
	}
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"code":200,"message":"操作成功","data":%s}`, data)
}

func (r *relay) serveControl(l net.Listener) error {
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		go r.hear(c)
	}
}

// hear follows a control connection to its end.
func (r *relay) hear(c net.Conn) {
	defer c.Close()
	for d := v720.NewDecoder(c); ; {
		p, err := d.Next()
		if err != nil {
			return
		}
		if p.Cmd != v720.CmdJSON || len(p.Payload) == 0 {
			continue
		}
		if m, err := v720.ParseControl(p.Payload); err == nil && m.Code == 100 {
			r.mu.Lock()
			k := r.byID[m.UID]
			if k == nil {
				k = &relayed{id: m.UID, viewers: map[chan []byte]bool{}}
				r.byID[m.UID] = k
			}
			k.control = c
			r.tell(k, v720.RegisterDone())
			r.open(k)
			r.mu.Unlock()
		}
	}
}

// tell sends a message over the control connection. Called with mu held, as all below.
func (r *relay) tell(k *relayed, payload []byte) {
	_, _ = k.control.Write(v720.Packet{Cmd: v720.CmdJSON, Payload: payload}.Append(nil)) // one that has gone comes again
}

func (r *relay) say(to netip.AddrPort, p v720.Packet) {
	_, _ = r.udp.WriteToUDPAddrPort(p.Append(nil), to)
}

func (r *relay) open(k *relayed) {
	k.probes, k.heard, k.building, k.ended, k.confirm = 0, time.Now(), false, false, nil
	r.tell(k, v720.NATRequest(relayTarget, relayToken, netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), r.port)))
}

func (r *relay) readMedia() error {
	for b := make([]byte, 2048); ; {
		n, from, err := r.udp.ReadFromUDPAddrPort(b)
		if err != nil {
			return err
		}
		from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
		p, err := v720.ParsePacket(b[:n])
		if err != nil {
			continue
		}
		r.mu.Lock()
		if p.Cmd == v720.CmdJSON {
			r.answer(p, from)
		} else if k := r.byAddr[from]; k != nil {
			r.media(k, p)
		}
		r.mu.Unlock()
	}
}

// answer does the handshake of docs/protocol.md, section 4.
func (r *relay) answer(p v720.Packet, from netip.AddrPort) {
	m, err := v720.ParseControl(p.Payload)
	if err != nil {
		return
	}
	switch m.Code {
	case 20:
		r.say(from, v720.Packet{Cmd: v720.CmdJSON, Payload: v720.UDPResponse(from)})
	case 51:
		k := r.byID[m.DevTarget]
		if k == nil {
			return
		}
		if k.at != from {
			delete(r.byAddr, k.at)
			k.at, r.byAddr[from] = from, k
		}
		if k.probes++; k.probes <= 2 {
			r.say(from, v720.Packet{Cmd: v720.CmdJSON, Payload: v720.Probe()})
			return
		}
		if k.probes > 3 {
			return
		}
		r.tell(k, v720.Status())
		r.tell(k, v720.Forward(relayTarget, v720.ForwardRetransmit))
		r.tell(k, v720.BaseInfo(relayTarget, time.Now().Unix()))
		r.tell(k, v720.Forward(relayTarget, v720.ForwardLive))
	}
}

func (r *relay) media(k *relayed, p v720.Packet) {
	k.heard = time.Now()
	if p.Cmd == v720.CmdJPEG || p.Cmd == v720.CmdALaw {
		k.confirm = append(k.confirm, p.ID)
	}
	if p.Cmd != v720.CmdJPEG {
		return
	}
	switch {
	case p.Flag == v720.FlagHead || p.Flag == v720.FlagFinish:
		if k.ended && int32(p.ID-k.next) < 0 {
			return // it was there before
		}
		k.picture, k.next, k.building = append(k.picture[:0], p.Payload...), p.ID+1, true
	case !k.building || int32(p.ID-k.next) < 0:
		return
	case p.ID != k.next:
		k.building = false // a hole
		return
	default:
		k.picture = append(k.picture, p.Payload...)
		k.next++
	}
	if p.Flag != v720.FlagEnd && p.Flag != v720.FlagFinish {
		return
	}
	k.building, k.ended = false, true
	end := bytes.LastIndex(k.picture, []byte{0xFF, 0xD9})
	if end < 0 || !bytes.HasPrefix(k.picture, []byte{0xFF, 0xD8}) {
		return
	}
	whole := bytes.Clone(k.picture[:end+2])
	for v := range k.viewers {
		select {
		case v <- whole:
		default: // who reads too slowly gets the next one
		}
	}
}

// tick sends the confirms, and opens anew what has been silent for 5 s.
func (r *relay) tick(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, k := range r.byID {
		if now.Sub(k.heard) > 5*time.Second {
			r.open(k)
		}
		if !k.ended {
			continue
		}
		for rest := k.confirm; len(rest) > 0; {
			n := min(len(rest), v720.MaxConfirm)
			_, _ = r.udp.WriteToUDPAddrPort(v720.AppendConfirm(nil, rest[:n]), k.at)
			rest = rest[n:]
		}
		k.confirm = k.confirm[:0]
	}
}

// live hands a camera's pictures on, as MJPEG over HTTP.
func (r *relay) live(w http.ResponseWriter, req *http.Request) {
	pictures := make(chan []byte, 16)
	r.mu.Lock()
	k := r.byID[req.PathValue("id")]
	if k == nil {
		r.mu.Unlock()
		http.NotFound(w, req)
		return
	}
	k.viewers[pictures] = true
	r.mu.Unlock()
	defer func() {
		r.mu.Lock()
		delete(k.viewers, pictures)
		r.mu.Unlock()
	}()
	w.Header().Set("Content-Type", "multipart/x-mixed-replace; boundary=picture")
	for {
		select {
		case <-req.Context().Done():
			return
		case p := <-pictures:
			fmt.Fprintf(w, "--picture\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n", len(p))
			if _, err := w.Write(append(p[:len(p):len(p)], "\r\n"...)); err != nil {
				return
			}
			if err := http.NewResponseController(w).Flush(); err != nil {
				return
			}
		}
	}
}

// runAsRelay is for TestMain.
func runAsRelay() {
	if err := relayMain(); err != nil && err != context.Canceled {
		fmt.Fprintln(os.Stderr, "relay:", err)
		os.Exit(1)
	}
}
