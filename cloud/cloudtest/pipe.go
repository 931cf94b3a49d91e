package cloudtest

import (
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// pipeSize bounds what is under way in one direction of a stream, arrived or not: a writer
// waits when it is reached, and two ends that write at once do not block each other before.
const pipeSize = 64 << 10

// pipe is one direction of a stream: bytes, each with the time at which it can be read.
type pipe struct {
	delay func() time.Duration // of what is written now

	mu    sync.Mutex
	moved sync.Cond // something changed: bytes, ends, deadlines, the clock

	buf     []byte // what is under way, oldest first
	arrives []arrival
	last    time.Time // nothing arrives before what was written earlier

	writing  bool // a Write is under way: two of them never mix their bytes
	ended    bool // the writer closed; the reader gets the rest, then io.EOF
	endsAt   time.Time
	closed   bool // the reader closed
	reading  deadline
	sending  deadline
	arriving *time.Timer // wakes the reader when the next bytes arrive
}

type arrival struct {
	at    time.Time
	bytes int
}

func newPipe(delay func() time.Duration) *pipe {
	p := &pipe{delay: delay}
	p.moved.L = &p.mu
	return p
}

func (p *pipe) read(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		now := time.Now()
		switch {
		case p.closed:
			return 0, net.ErrClosed
		case p.reading.passed(now):
			return 0, os.ErrDeadlineExceeded
		case len(b) == 0:
			return 0, nil
		}
		if n := p.take(b, now); n > 0 {
			p.moved.Broadcast()
			return n, nil
		}
		switch {
		case len(p.arrives) > 0:
			p.wakeAt(p.arrives[0].at)
		case p.ended && !now.Before(p.endsAt):
			return 0, io.EOF
		case p.ended:
			p.wakeAt(p.endsAt)
		}
		p.moved.Wait()
	}
}

// take moves what has arrived into b.
func (p *pipe) take(b []byte, now time.Time) int {
	n := 0
	for len(p.arrives) > 0 && n < len(b) && !now.Before(p.arrives[0].at) {
		part := min(p.arrives[0].bytes, len(b)-n)
		copy(b[n:], p.buf[n:n+part])
		n += part
		if p.arrives[0].bytes -= part; p.arrives[0].bytes == 0 {
			p.arrives = append(p.arrives[:0], p.arrives[1:]...)
		}
	}
	p.buf = append(p.buf[:0], p.buf[n:]...)
	return n
}

func (p *pipe) wakeAt(at time.Time) {
	if p.arriving == nil {
		p.arriving = time.AfterFunc(time.Until(at), p.wake)
		return
	}
	p.arriving.Reset(time.Until(at))
}

func (p *pipe) wake() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.moved.Broadcast()
}

func (p *pipe) write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	written, mine := 0, false
	defer func() {
		if mine {
			p.writing = false
			p.moved.Broadcast()
		}
	}()
	for {
		now := time.Now()
		switch {
		case p.ended:
			return written, net.ErrClosed
		case p.closed:
			return written, os.NewSyscallError("write", syscall.EPIPE)
		case p.sending.passed(now):
			return written, os.ErrDeadlineExceeded
		case p.writing && !mine:
			p.moved.Wait()
			continue
		}
		p.writing, mine = true, true
		if part := min(pipeSize-len(p.buf), len(b)-written); part > 0 {
			p.buf = append(p.buf, b[written:written+part]...)
			p.arrives = append(p.arrives, arrival{p.arrival(now), part})
			written += part
			p.moved.Broadcast()
		}
		if written == len(b) {
			return written, nil
		}
		p.moved.Wait()
	}
}

// arrival is when what is sent now comes to the other end: never before what was sent earlier.
func (p *pipe) arrival(now time.Time) time.Time {
	if at := now.Add(p.delay()); at.After(p.last) {
		p.last = at
	}
	return p.last
}

// end closes the pipe from the writer's side, hangUp from the reader's.
func (p *pipe) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.ended {
		p.ended, p.endsAt = true, p.arrival(time.Now())
	}
	p.sending.stop()
	p.moved.Broadcast()
}

func (p *pipe) hangUp() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	p.reading.stop()
	if p.arriving != nil {
		p.arriving.Stop()
	}
	p.moved.Broadcast()
}

func (p *pipe) setDeadline(d *deadline, at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	d.set(at, p.wake)
	p.moved.Broadcast()
}

// deadline is a moment after which a waiting read or write gives up; zero is none.
type deadline struct {
	at    time.Time
	timer *time.Timer
}

func (d *deadline) set(at time.Time, wake func()) {
	d.stop()
	d.at = at
	if !at.IsZero() {
		d.timer = time.AfterFunc(time.Until(at), wake)
	}
}

func (d *deadline) stop() {
	if d.timer != nil {
		d.timer.Stop()
	}
}

func (d *deadline) passed(now time.Time) bool { return !d.at.IsZero() && !now.Before(d.at) }
