package cloudtest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

const (
	heartbeatEvery = 5 * time.Second // captured, to a few milliseconds
	loginPatience  = 5 * time.Second // for code 101
	afterConnect   = 2 * time.Millisecond
)

// outboxSize bounds the messages that wait for the control channel; a handshake makes four.
const outboxSize = 32

// control is the TCP connection to the server. docs/protocol.md, section 3.
type control struct {
	c      *Camera
	life   *life
	conn   *line
	beside bool           // a second one: it tells no steps
	server netip.AddrPort // its far end: code 20 goes to the same port by UDP
	in     *bufio.Reader
	buf    [maxStreamMessage]byte
	outbox chan []byte
	gone   chan struct{} // closed when serve has returned
	cut    atomic.Bool   // by CutControl
}

// register opens a control channel, sends code 100 and waits for 101.
func (l *life) register(ctx context.Context, conf configuration, beside bool) (*control, error) {
	address := net.JoinHostPort(conf.Host, strconv.Itoa(conf.TCPPort))
	dialCtx, cancel := context.WithTimeout(ctx, loginPatience)
	defer cancel()
	conn, err := l.c.dial(dialCtx, address)
	if err != nil {
		return nil, fmt.Errorf("register: %w", err)
	}
	defer closeWhenDone(ctx, conn)()
	server, err := netip.ParseAddrPort(conn.RemoteAddr().String())
	ch := &control{c: l.c, life: l, conn: conn, beside: beside, server: server, in: bufio.NewReader(conn),
		outbox: make(chan []byte, outboxSize), gone: make(chan struct{})}
	if err == nil {
		err = ch.login(ctx, conf)
	}
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("register at %s: %w", address, err)
	}
	return ch, nil
}

func (ch *control) login(ctx context.Context, conf configuration) error {
	if err := rest(ctx, afterConnect); err != nil {
		return err
	}
	code100 := ch.c.jsonMessage(registration(conf.UID, conf.Pwd))
	if !ch.beside {
		ch.c.step(Connected)
		if ch.c.hang(Connected) {
			return ch.c.half(ctx, ch.conn, code100)
		}
	}
	if err := ch.conn.SetReadDeadline(time.Now().Add(loginPatience)); err != nil {
		return err
	}
	if _, err := ch.conn.Write(code100); err != nil {
		return err
	}
	for {
		h, payload, err := readMessage(ch.in, ch.buf[:])
		if err != nil {
			return fmt.Errorf("wait for code 101: %w", err)
		}
		if h.cmd != cmdJSON || len(payload) == 0 {
			continue
		}
		o, err := readOrder(payload)
		if err != nil {
			return err
		}
		if o.Code == 101 && o.Status == 200 {
			ch.c.note(func(s *State) { s.Registered++ })
			ch.c.log.Info("camera registered", "camera", conf.UID, "server", ch.server)
			return ch.conn.SetReadDeadline(time.Time{})
		}
		ch.c.refuse("not code 101 after code 100", "code", o.Code, "status", o.Status)
	}
}

// jsonMessage puts JSON behind a header, as this camera's firmware does it.
func (c *Camera) jsonMessage(json []byte) []byte {
	if c.o.Firmware == New {
		json = withNUL(json)
	}
	return message(cmdJSON, json)
}

// serve obeys the server until the connection breaks or ctx ends, and tells why it ended.
func (ch *control) serve(ctx context.Context) error {
	var running sync.WaitGroup
	defer running.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer ch.conn.Close()
	defer closeWhenDone(ctx, ch.conn)()
	defer ch.life.media.leave(ch)
	defer close(ch.gone)
	ch.c.up(ch)
	defer ch.c.down(ch)

	running.Go(func() { ch.writeLoop(ctx) })
	if !ch.beside {
		ch.c.step(Waiting)
	}
	for {
		h, payload, err := readMessage(ch.in, ch.buf[:])
		if err == io.EOF {
			return errors.New("server closed the control channel")
		}
		if err != nil {
			return fmt.Errorf("read control channel: %w", err)
		}
		switch {
		case h.cmd == cmdHeartbeat: // a server may answer ours
		case h.cmd == cmdJSON && len(payload) == 0: // legal, and means nothing
		case h.cmd == cmdJSON:
			o, err := readOrder(payload)
			if err != nil {
				ch.c.refuse("JSON", "cause", err)
				continue
			}
			ch.obey(o)
		default:
			ch.c.refuse("command on TCP", "cmd", h.cmd)
		}
	}
}

// up and down keep the list of control connections that are served.
func (c *Camera) up(ch *control) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.controls[ch] = struct{}{}
}

func (c *Camera) down(ch *control) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.controls, ch)
}

func (ch *control) obey(o order) {
	session := ch.life.media.of(ch)
	switch {
	case o.Code == 101: // a second answer to code 100
	case o.Code == 11:
		ch.open(o)
	case (o.Code == 53 || o.Code == 301) && session != nil:
		session.hear(event{order: o})
	default:
		ch.c.refuse("code on TCP", "code", o.Code, "content", o.Content.Code)
	}
}

// open begins the media session that code 11 asks for. A camera has one: a new code 11 ends
// the old session first. docs/protocol.md, section 4.
func (ch *control) open(o order) {
	client, err := netip.ParseAddr(o.CliNatIP)
	if err != nil || o.CliNatPort < 1 || o.CliNatPort > 65535 || o.CliTarget == "" || o.CliToken == "" {
		ch.c.refuse("code 11 without an address, target or token", "order", o)
		return
	}
	ch.life.media.begin(ch.life.ctx, newSession(ch, o, netip.AddrPortFrom(client, uint16(o.CliNatPort))))
}

// writeLoop sends what the outbox holds, and heartbeats. Now and then it does what TCP allows:
// several messages in one segment, or one message in several.
func (ch *control) writeLoop(ctx context.Context) {
	lots := ch.c.lots("segments")
	beat := time.NewTicker(heartbeatEvery)
	defer beat.Stop()
	heartbeat := message(cmdHeartbeat, nil)
	var segment []byte
	for {
		segment = segment[:0]
		select {
		case <-ctx.Done():
			return
		case <-beat.C:
			segment = append(segment, heartbeat...)
			ch.c.note(func(s *State) { s.Heartbeats++ })
		case m := <-ch.outbox:
			segment = append(segment, m...)
		}
		cuts := 1
		switch lots.IntN(4) {
		case 0:
			segment = ch.gather(ctx, segment)
		case 1:
			cuts = 2 + lots.IntN(2)
		}
		for ; cuts > 0; cuts-- {
			part := len(segment) / cuts
			if cuts > 1 && part > 1 {
				part = 1 + lots.IntN(part) // a header may be cut, too
			}
			if _, err := ch.conn.Write(segment[:part]); err != nil {
				ch.c.log.Debug("camera cannot write to the control channel", "camera", ch.c.id(), "cause", err)
				ch.conn.Close() // serve sees it, and tells
				return
			}
			segment = segment[part:]
			if cuts > 1 && rest(ctx, time.Duration(1+lots.IntN(2))*time.Millisecond) != nil {
				return
			}
		}
	}
}

// gather waits a moment for more messages and puts them behind segment.
func (ch *control) gather(ctx context.Context, segment []byte) []byte {
	more := time.NewTimer(3 * time.Millisecond)
	defer more.Stop()
	for {
		select {
		case m := <-ch.outbox:
			segment = append(segment, m...)
		case <-more.C:
			return segment
		case <-ctx.Done():
			return segment
		}
	}
}
