package accesspoint

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"time"

	"v720dvr/cloud/card"
	"v720dvr/cloud/v720"
)

// Address is where a camera is on its own Wi-Fi. docs/protocol.md, section 8.
const Address = "192.168.169.1:6123"

const (
	cmdHello = v720.Cmd(115)

	codeHello   = 501
	codeForward = 502
)

// Options of a conversation. The zero value works.
type Options struct {
	// Address of the camera. Default Address.
	Address string
	// Patience is how long an answer may take, and how long a file may stand still. Default 10 s.
	Patience time.Duration
	// Now is the clock. Its zone's time is what the camera is told: it stamps its files with it.
	// Default time.Now.
	Now func() time.Time
	// Dial opens the connection. Default: the system's.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

func (o Options) withDefaults() Options {
	if o.Address == "" {
		o.Address = Address
	}
	if o.Patience == 0 {
		o.Patience = 10 * time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Dial == nil {
		o.Dial = new(net.Dialer).DialContext
	}
	return o
}

// Camera is a camera that said hello. It is for one goroutine. It holds 20 KB.
type Camera struct {
	card.Card
	o        Options
	conn     net.Conn
	packages *v720.Decoder
	target   string
	// Passed counts the packages that can be no answer: pictures, sound, what is not known.
	Passed int
}

// ErrNotThere says that no camera answers.
var ErrNotThere = fmt.Errorf("%w: no camera answers there: join the Wi-Fi that it opens, Nax_ and its id, and take care that this machine stays in it though it has no Internet", card.ErrBroken)

// Dial connects and says hello. ErrNotThere is wrapped when nobody listens; a camera that serves
// somebody else already, the vendor's app for example, hangs up.
func Dial(ctx context.Context, o Options) (*Camera, error) {
	o = o.withDefaults()
	dialling, cancel := context.WithTimeout(ctx, o.Patience)
	defer cancel()
	conn, err := o.Dial(dialling, "tcp", o.Address)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w (%w)", o.Address, ErrNotThere, err)
	}
	c := &Camera{o: o, conn: conn, packages: v720.NewDecoder(conn)}
	c.Line = c
	if err := c.hello(ctx); err != nil {
		conn.Close()
		return nil, fmt.Errorf("say hello to %s: %w; a camera speaks with one at a time, so close the vendor's app", o.Address, err)
	}
	return c, nil
}

// Close hangs up.
func (c *Camera) Close() error { return c.conn.Close() }

func (c *Camera) hello(ctx context.Context) error {
	if err := c.send(v720.Packet{Cmd: cmdHello}); err != nil {
		return err
	}
	if err := c.Await(ctx, 0, func(p v720.Packet) (bool, error) { return p.Cmd == cmdHello, nil }); err != nil {
		return err
	}
	var lot [16]byte
	rand.Read(lot[:]) // never fails; see crypto/rand
	c.target = hex.EncodeToString(lot[:])
	now := c.o.Now()
	_, offset := now.Zone()
	// Local time: the camera's folders have it. docs/protocol.md, section 4.
	hello := fmt.Appendf(nil, `{"code":%d,"target":"%s","token":"%s","unixTimer":%d}`, codeHello, c.target, c.target[:8], now.Unix()+int64(offset))
	if err := c.send(v720.Packet{Cmd: v720.CmdJSON, Payload: hello}); err != nil {
		return err
	}
	return c.Await(ctx, 0, func(p v720.Packet) (bool, error) {
		m, ok := card.ReadAnswer(p)
		if !ok || m.Outer != codeHello {
			return false, nil
		}
		if status, told := m.Number("status"); told && status != 200 {
			return true, fmt.Errorf("it answers with status %d", status)
		}
		return true, nil
	})
}

func (c *Camera) send(p v720.Packet) error {
	c.conn.SetWriteDeadline(time.Now().Add(c.o.Patience))
	_, err := c.conn.Write(p.Append(nil))
	return err
}

// Command sends a command. It makes the camera a card.Line.
func (c *Camera) Command(f v720.ForwardCommand) error { return c.command(f.Content()) }

// command sends a command. content is JSON with a code; the camera's forwards name whom they are for.
func (c *Camera) command(content []byte) error {
	wrapped := fmt.Appendf(nil, `{"code":%d,"target":"%s","content":%s,"devTarget":"%s"}}`, codeForward, c.target, content[:len(content)-1], c.target)
	return c.send(v720.Packet{Cmd: v720.CmdJSON, Payload: wrapped})
}

// Await hands over packages until take is done. Heartbeats are answered, whatever is waited for. Patience
// 0 is that of Options.
func (c *Camera) Await(ctx context.Context, patience time.Duration, take func(v720.Packet) (done bool, err error)) error {
	if patience == 0 {
		patience = c.o.Patience
	}
	c.conn.SetReadDeadline(time.Now().Add(patience))
	stop := context.AfterFunc(ctx, func() { c.conn.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	for {
		p, err := c.packages.Next()
		if timeout := net.Error(nil); errors.As(err, &timeout) && timeout.Timeout() {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return fmt.Errorf("%w within %v", card.ErrNoAnswer, patience)
		}
		if err != nil {
			return fmt.Errorf("read from the camera: %w", err)
		}
		switch p.Cmd {
		case v720.CmdHeartbeat:
			err = c.send(v720.Packet{Cmd: v720.CmdHeartbeat})
		case v720.CmdPing:
			err = c.send(v720.Packet{Cmd: v720.CmdPong, ID: p.ID})
		default:
			var done bool
			if done, err = take(p); done {
				return err
			}
			if p.Cmd != v720.CmdJSON && p.Cmd != card.CmdXML && p.Cmd != v720.CmdAVI {
				c.Passed++
			}
		}
		if err != nil {
			return err
		}
	}
}
