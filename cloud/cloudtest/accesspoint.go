package cloudtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
)

// AccessPointOptions say what a camera is like that nobody has set up yet.
type AccessPointOptions struct {
	Host Host
	// Listen is where it is, on its own Wi-Fi 192.168.169.1:6123.
	Listen string
	// Card is what is on its SD card, by "20261122/14/05"; nil: it has none.
	Card map[string]CardFile

	// Media mixes pictures and sound into everything that it sends.
	Media bool
	// Piece sends everything in pieces of so many bytes, each a write of its own. 0 does not.
	Piece int
	// Break hangs up behind so many bytes of files, each number once, in their order.
	Break []int64
	// Mute drops the access point at a join without an answer.
	Mute bool
	// NUL ends each JSON with the terminator of its C string, as newer firmware does.
	NUL bool
	// Stubborn says yes to a delete and does nothing.
	Stubborn bool
}

// CardFile is a file on the card.
type CardFile struct {
	Size int64
	Data io.ReaderAt
	// Short sends so many bytes less than it told.
	Short int64
}

// AccessPointState is what a camera in access point mode was told.
type AccessPointState struct {
	Hello         int // conversations begun
	Clock         int64
	SSID          string
	Password      string
	Rebooted      bool
	Deleted       []string
	Sent          int64    // bytes of files
	Mixed         int      // times that media came before an answer or between the packages of a file
	Refused       []string // what it could not use
	Conversations int      // open now
}

// AccessPoint is a camera on its own Wi-Fi, written from docs/protocol.md, section 8. It speaks with one
// at a time, hangs up on others, and does nothing for who has not said hello. When it was told a Wi-Fi and
// booted, it is gone: Run returns nil.
type AccessPoint struct {
	o AccessPointOptions
	l net.Listener
	// gone is closed when it has left.
	gone chan struct{}
	left sync.Once

	memory memory

	mu    sync.Mutex
	state AccessPointState
	cuts  []int64
}

// NewAccessPoint opens the camera's socket.
func NewAccessPoint(o AccessPointOptions) (*AccessPoint, error) {
	l, err := o.Host.Listen("tcp", o.Listen)
	if err != nil {
		return nil, fmt.Errorf("open the access point's socket: %w", err)
	}
	return &AccessPoint{o: o, l: l, gone: make(chan struct{}), cuts: o.Break, memory: memory{files: o.Card, stubborn: o.Stubborn}}, nil
}

// Addr is where it listens.
func (a *AccessPoint) Addr() net.Addr { return a.l.Addr() }

// Gone is closed when the camera has left its own Wi-Fi for another one, or booted.
func (a *AccessPoint) Gone() <-chan struct{} { return a.gone }

// State returns what it was told until now.
func (a *AccessPoint) State() AccessPointState {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := a.state
	s.Deleted, s.Refused = a.memory.gone(), append([]string(nil), s.Refused...)
	return s
}

func (a *AccessPoint) note(change func(*AccessPointState)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	change(&a.state)
}

func (a *AccessPoint) refuse(format string, args ...any) {
	a.note(func(s *AccessPointState) { s.Refused = append(s.Refused, fmt.Sprintf(format, args...)) })
}

// errGone is the end of the access point.
var errGone = errors.New("the access point is gone")

// Run serves until ctx ends or it is gone.
func (a *AccessPoint) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { a.l.Close() })
	defer stop()
	var serving sync.WaitGroup
	defer serving.Wait()
	for {
		conn, err := a.l.Accept()
		if err != nil {
			return nil
		}
		busy := false
		a.note(func(s *AccessPointState) {
			if busy = s.Conversations > 0; !busy {
				s.Conversations++
			}
		})
		if busy {
			conn.Close()
			continue
		}
		serving.Go(func() {
			hangUp := context.AfterFunc(ctx, func() { conn.Close() })
			err := a.converse(conn)
			hangUp()
			a.note(func(s *AccessPointState) { s.Conversations-- }) // before who spoke can see the end
			conn.Close()
			if errors.Is(err, errGone) {
				a.left.Do(func() { close(a.gone) })
				cancel()
			}
		})
	}
}

// conversation is one connection.
type conversation struct {
	*AccessPoint
	conn   net.Conn
	target string // "" until hello
	sent   int    // messages, for the media between them
}

func (a *AccessPoint) converse(conn net.Conn) error {
	c := &conversation{AccessPoint: a, conn: conn}
	buf := make([]byte, maxStreamMessage)
	for {
		h, payload, err := readMessage(conn, buf)
		if err != nil {
			return err
		}
		switch h.cmd {
		case 115:
			err = c.send(message(115, nil))
		case cmdHeartbeat:
		case cmdJSON:
			err = c.obey(payload)
		default:
			a.refuse("cmd %d", h.cmd)
		}
		if err != nil {
			return err
		}
	}
}

// send sends a message, in pieces and with media before it, as the options say.
func (c *conversation) send(b []byte) error {
	if c.sent++; c.o.Media {
		var mixed []byte
		head := message(cmdJPEG, make([]byte, 1004))
		head[6] = flagHead
		mixed = append(mixed, head...)
		mixed = append(mixed, message(cmdHeartbeat, nil)...)
		sound := message(cmdG711, make([]byte, 800))
		sound[6] = flagFinish
		mixed = append(mixed, sound...)
		mixed = append(mixed, message(cmdJSON, nil)...) // legal, and nothing. docs/protocol.md, section 1
		b = append(mixed, b...)
		c.note(func(s *AccessPointState) { s.Mixed++ })
	}
	piece := c.o.Piece
	if piece == 0 {
		piece = len(b)
	}
	for len(b) > 0 {
		n := min(piece, len(b))
		if _, err := c.conn.Write(b[:n]); err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

func (c *conversation) say(format string, args ...any) error {
	text := fmt.Appendf(nil, format, args...)
	if c.o.NUL {
		text = withNUL(text)
	}
	return c.send(message(cmdJSON, text))
}

// answer is a 502 with a content.
func (c *conversation) answer(code int, more string) error {
	return c.say(`{"code": 502, "target": "%s", "content": {"code": %d%s}}`, c.target, code, more)
}

func (c *conversation) obey(payload []byte) error {
	var m struct {
		Code      int
		Target    string
		Token     string
		UnixTimer int64
		Content   json.RawMessage
	}
	if err := json.Unmarshal(payload, &m); err != nil {
		c.refuse("JSON %.80q: %v", payload, err)
		return nil
	}
	switch {
	case m.Code == 501:
		c.target = m.Target
		c.note(func(s *AccessPointState) { s.Hello++; s.Clock = m.UnixTimer })
		return c.say(`{"code": 501, "status": 200}`)
	case m.Code != 502 || c.target == "":
		c.refuse("code %d before a hello, or none", m.Code)
		return nil
	}
	i, err := readInstruction(m.Content)
	if err != nil || i.text("devTarget") == "" {
		c.refuse("content %.80q", m.Content)
		return nil
	}
	if i.code >= 400 && i.code <= 413 {
		return c.card(i)
	}
	return c.setUp(i)
}

// setUp is what joins it to a Wi-Fi.
func (c *conversation) setUp(i instruction) error {
	switch i.code {
	case 204:
		ssid, password := i.text("s"), i.text("p")
		if n := len([]rune(password)); ssid == "" || n < 8 || n > 36 {
			c.refuse("a Wi-Fi %q with a password of %d characters", ssid, n)
			return nil
		}
		c.note(func(s *AccessPointState) { s.SSID, s.Password = ssid, password })
		if c.o.Mute {
			return errGone
		}
		return c.answer(204, "")
	case 299:
		c.note(func(s *AccessPointState) { s.Rebooted = true })
		return errGone
	}
	c.refuse("command %d", i.code)
	return nil
}

// cardPackage is how many bytes of a file a package has: some sectors of the card.
const cardPackage = 4096

// card is 400 to 413.
func (c *conversation) card(i instruction) error {
	known, err := c.memory.obey(i, cardTalk{
		answer: c.answer,
		xml:    func(text []byte) error { return c.send(message(8, text)) },
		play:   c.play,
		stop:   func() {},
	})
	if !known {
		c.refuse("card command %d", i.code)
	}
	return err
}

// play sends a file.
func (c *conversation) play(file CardFile) error {
	data := make([]byte, cardPackage)
	for at := int64(0); at < file.Size-file.Short; {
		n := min(int64(len(data)), file.Size-file.Short-at)
		if cut := c.cut(at, n); cut >= 0 {
			b := message(7, data[:n])
			c.conn.Write(b[:headerSize+cut]) // in the midst of a package
			return io.ErrClosedPipe
		}
		if _, err := file.Data.ReadAt(data[:n], at); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		var err error
		if at += n; c.o.Media && at%(64*cardPackage) != 0 {
			_, err = c.conn.Write(message(7, data[:n])) // media between some packages is enough
		} else {
			err = c.send(message(7, data[:n]))
		}
		if err != nil {
			return err
		}
		c.note(func(s *AccessPointState) { s.Sent += n })
	}
	return c.answer(411, "")
}

// cut tells where within the next n bytes the connection breaks; -1: not there.
func (c *conversation) cut(at, n int64) int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.cuts) == 0 || c.cuts[0] >= at+n {
		return -1
	}
	cut := max(c.cuts[0]-at, 0)
	c.cuts = c.cuts[1:]
	return cut
}
