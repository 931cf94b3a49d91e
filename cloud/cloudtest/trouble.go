package cloudtest

import (
	"context"
	"errors"
	"fmt"
	"net"
)

// Reboot takes the camera's power away and gives it back. Everything drops without a word: the far
// ends of its streams hear nothing or, by lot, a reset. After 1 to 2 s it boots, and its packages
// have new ids. A camera that has no power stays as it is.
func (c *Camera) Reboot() {
	silently := c.lots(fmt.Sprint("reboot ", c.State().Reboots)).IntN(2) == 0
	c.powerOff(silently, func() {}, func(s *State) { s.Reboots++ })
}

// Move gives the camera another address, as a router does or who carries it to another network:
// everything drops without a word, and after 1 to 2 s it boots from there.
func (c *Camera) Move(to Host) {
	c.powerOff(true, func() { c.at = to }, func(s *State) { s.Moves++ })
}

// powerOff drops all that is open and ends the life. What changes with it is changed in the same
// moment.
func (c *Camera) powerOff(silently bool, change func(), note func(*State)) {
	c.mu.Lock()
	l := c.life
	c.life = nil
	change()
	var dropped []*line
	if l != nil {
		note(&c.state)
		for line := range c.lines {
			dropped = append(dropped, line)
		}
	}
	c.mu.Unlock()
	for _, line := range dropped {
		line.drop(silently)
	}
	if l != nil {
		l.off()
	}
}

// CutControl breaks the camera's control connections by a reset. The camera connects again as it
// does after a loss; the media session of before goes on for 3 s, or until a new code 11.
func (c *Camera) CutControl() {
	c.mu.Lock()
	var cut []*control
	for ch := range c.controls {
		cut = append(cut, ch)
	}
	if len(cut) > 0 {
		c.state.Cuts++
	}
	c.mu.Unlock()
	for _, ch := range cut {
		ch.cut.Store(true)
		ch.conn.drop(false)
	}
}

// SecondControl opens a control connection beside the one that is up, as users have seen cameras
// do, and keeps it. It returns when the server has answered code 100, or says why it did not or
// that no connection is up. ctx bounds the call and not the connection.
func (c *Camera) SecondControl(ctx context.Context) error {
	c.mu.Lock()
	l, up := c.life, len(c.controls) > 0
	c.mu.Unlock()
	if l == nil || !up {
		return fmt.Errorf("second control connection: %w", errNoControl)
	}
	s := second{ctx, make(chan error, 1)}
	select {
	case l.beside <- s:
	case <-l.ctx.Done():
		return fmt.Errorf("second control connection: %w", errNoControl)
	case <-ctx.Done():
		return fmt.Errorf("second control connection: %w", ctx.Err())
	}
	if err := <-s.registered; err != nil {
		return fmt.Errorf("second control connection: %w", err)
	}
	return nil
}

// line is a stream that the camera has open, known to it until it is closed.
type line struct {
	net.Conn
	c *Camera
}

var errNoPower = errors.New("the camera has no power")

// dial opens a stream from where the camera lives.
func (c *Camera) dial(ctx context.Context, address string) (*line, error) {
	conn, err := c.host().DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	l := &line{conn, c}
	c.mu.Lock()
	powered := c.life != nil
	c.lines[l] = struct{}{}
	c.mu.Unlock()
	if !powered { // it went while the stream was opened
		l.drop(true)
		l.Close()
		return nil, errNoPower
	}
	return l, nil
}

// Close takes leave as TCP does.
func (l *line) Close() error {
	l.c.mu.Lock()
	delete(l.c.lines, l)
	l.c.mu.Unlock()
	return l.Conn.Close()
}

// drop ends the stream by a reset or, in memory, so that the other end hears nothing: real sockets
// cannot.
func (l *line) drop(silently bool) {
	switch conn := l.Conn.(type) {
	case *stream:
		if silently {
			conn.vanish()
		} else {
			conn.reset()
		}
	case *net.TCPConn:
		_ = conn.SetLinger(0) // Close resets then; without it, it would take leave
		conn.Close()
	default:
		conn.Close()
	}
}
