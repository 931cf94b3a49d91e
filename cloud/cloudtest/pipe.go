package cloudtest

import (
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
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
	network  *Network
	from, to netip.Addr
	lots     *rand.Rand
	back     *pipe // the other direction

	mu    *sync.Mutex // the connection's: both directions have one
	moved sync.Cond   // something changed: bytes, ends, deadlines, the link, the clock

	buf     []byte // what is under way, oldest first
	arrives []arrival
	last    time.Time // nothing arrives before what was written earlier
	down    bool      // the link is down: nothing more arrives

	writing  bool // a Write is under way: two of them never mix their bytes
	ended    bool // the writer closed; the reader gets the rest, then io.EOF
	endsAt   time.Time
	closed   bool // the reader closed
	silent   bool // an end vanished: the other one hears nothing of it
	broken   bool // reset: what has arrived is read, then both ends fail
	reading  deadline
	sending  deadline
	arriving *time.Timer // wakes who waits for the next bytes, or for word that the reader closed
}

// arrival is when so many bytes come; at the zero time they wait for the link to be up again.
type arrival struct {
	at    time.Time
	bytes int
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
		case p.broken:
			return 0, os.NewSyscallError("read", syscall.ECONNRESET)
		case len(p.arrives) > 0:
			p.wakeAt(p.arrives[0].at)
		case p.over(now):
			return 0, io.EOF
		case p.ended && !p.silent:
			p.wakeAt(p.endsAt)
		}
		p.moved.Wait()
	}
}

// over tells whether the reader knows that the writer has closed.
func (p *pipe) over(now time.Time) bool {
	return p.ended && !p.silent && !p.endsAt.IsZero() && !now.Before(p.endsAt)
}

// take moves what has arrived into b.
func (p *pipe) take(b []byte, now time.Time) int {
	n := 0
	for len(p.arrives) > 0 && n < len(b) && !p.arrives[0].at.IsZero() && !now.Before(p.arrives[0].at) {
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

// wakeAt wakes who waits at that time; never when it is zero.
func (p *pipe) wakeAt(at time.Time) {
	switch {
	case at.IsZero():
	case p.arriving == nil:
		p.arriving = time.AfterFunc(time.Until(at), p.wake)
	default:
		p.arriving.Reset(time.Until(at))
	}
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
		case p.broken:
			return written, os.NewSyscallError("write", syscall.ECONNRESET)
		case p.closed && p.back.over(now): // the reader closed, and word of it has come
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
		if p.closed && !p.silent {
			p.wakeAt(p.back.endsAt)
		}
		p.moved.Wait()
	}
}

// arrival is when what is sent now comes to the other end: never before what was sent earlier.
func (p *pipe) arrival(now time.Time) time.Time {
	if p.down {
		return time.Time{}
	}
	if at := now.Add(p.network.conditions(p.from, p.to).delay(p.lots)); at.After(p.last) {
		p.last = at
	}
	return p.last
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
	d.at = at
	switch {
	case at.IsZero():
		d.stop()
	case d.timer == nil:
		d.timer = time.AfterFunc(time.Until(at), wake)
	default:
		d.timer.Reset(time.Until(at))
	}
}

func (d *deadline) stop() {
	if d.timer != nil {
		d.timer.Stop()
	}
}

func (d *deadline) passed(now time.Time) bool { return !d.at.IsZero() && !now.Before(d.at) }
