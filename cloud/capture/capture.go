package capture

import (
	"context"
	"errors"
	"io"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// Bounds of a capture.
const (
	maxPending = 8 << 20 // bytes that wait to be written
	maxFlows   = 4096    // connections whose place is remembered
	writeEvery = 100 * time.Millisecond
)

// warning stands in each file.
const warning = "What V720 cameras and v720dvr said to each other. It holds pictures, sound, the names of Wi-Fi networks, and what the cameras prove themselves with: look at it before you give it away."

// Options of a Capture.
type Options struct {
	// Addrs are the cameras' whose conversation is wanted. None: all.
	Addrs []netip.Addr
	// MaxBytes ends it when the file would become larger. 0: 64 MB.
	MaxBytes int64
}

// Capture takes down what is said. Its methods may be called by any goroutine, and wait for nobody.
type Capture struct {
	o Options

	mu      sync.Mutex
	pending []byte
	total   int64 // bytes of the file, with those pending
	flows   map[flow]*place
	dropped int64 // packets
	over    bool
	ended   chan struct{} // closed when over
}

// flow is a connection: who opened it, and to where.
type flow struct{ client, server netip.AddrPort }

// place is where the two sequences of a connection are.
type place struct{ client, server uint32 }

// New begins a capture.
func New(o Options) *Capture {
	if o.MaxBytes == 0 {
		o.MaxBytes = 64 << 20
	}
	c := &Capture{o: o, flows: make(map[flow]*place), ended: make(chan struct{})}
	c.pending = appendHead(nil, warning)
	c.total = int64(len(c.pending))
	return c
}

// wants tells whether a camera's address is among those that are captured.
func (c *Capture) wants(camera netip.Addr) bool {
	return len(c.o.Addrs) == 0 || slices.Contains(c.o.Addrs, camera.Unmap())
}

// add makes up a packet. Called with mu held.
func (c *Capture) add(s segment, at time.Time) {
	if c.over {
		return
	}
	if len(c.pending) > maxPending {
		c.dropped++
		return
	}
	before := len(c.pending)
	c.pending = appendPacket(c.pending, s, at)
	c.total += int64(len(c.pending) - before)
	if c.total > c.o.MaxBytes {
		c.total -= int64(len(c.pending) - before)
		c.pending = c.pending[:before]
		c.end()
	}
}

func (c *Capture) end() {
	if !c.over {
		c.over = true
		close(c.ended)
	}
}

// End ends the capture: Write returns when all is written.
func (c *Capture) End() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.end()
}

// firstSeq is where sequences begin, of those too that were open before.
const firstSeq = 1

func (c *Capture) place(f flow) *place {
	p := c.flows[f]
	if p == nil {
		if len(c.flows) >= maxFlows {
			for other := range c.flows {
				delete(c.flows, other)
				break
			}
		}
		p = &place{firstSeq, firstSeq}
		c.flows[f] = p
	}
	return p
}

// Open takes down that a camera has connected.
func (c *Capture) Open(client, server netip.AddrPort, at time.Time) {
	if !c.wants(client.Addr()) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.flows, flow{client, server}) // a port that is used again
	c.place(flow{client, server})
	c.add(segment{from: client, to: server, protocol: protocolTCP, flags: flagSYN, seq: firstSeq - 1}, at)
	c.add(segment{from: server, to: client, protocol: protocolTCP, flags: flagSYN | flagACK, seq: firstSeq - 1, ack: firstSeq}, at)
	c.add(segment{from: client, to: server, protocol: protocolTCP, flags: flagACK, seq: firstSeq, ack: firstSeq}, at)
}

// Stream takes down what the camera, or the server, has written on a connection.
func (c *Capture) Stream(client, server netip.AddrPort, byClient bool, data []byte, at time.Time) {
	if !c.wants(client.Addr()) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.place(flow{client, server})
	for len(data) > 0 {
		n := min(len(data), maxSegment)
		c.add(p.next(client, server, byClient, flagPSH|flagACK, data[:n]), at)
		data = data[n:]
	}
}

// Close takes down the end of a connection.
func (c *Capture) Close(client, server netip.AddrPort, at time.Time) {
	if !c.wants(client.Addr()) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.place(flow{client, server})
	c.add(p.next(client, server, true, flagFIN|flagACK, nil), at)
	p.client++
	c.add(p.next(client, server, false, flagFIN|flagACK, nil), at)
	delete(c.flows, flow{client, server})
}

// next is the next segment of a side, and puts its sequence on.
func (p *place) next(client, server netip.AddrPort, byClient bool, flags byte, data []byte) segment {
	if byClient {
		s := segment{client, server, protocolTCP, flags, p.client, p.server, data}
		p.client += uint32(len(data))
		return s
	}
	s := segment{server, client, protocolTCP, flags, p.server, p.client, data}
	p.server += uint32(len(data))
	return s
}

// Datagram takes down a datagram of a camera, or to one.
func (c *Capture) Datagram(camera, server netip.AddrPort, byCamera bool, data []byte, at time.Time) {
	if !c.wants(camera.Addr()) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	s := segment{from: camera, to: server, protocol: protocolUDP, data: data}
	if !byCamera {
		s.from, s.to = server, camera
	}
	c.add(s, at)
}

// Write writes the file until ctx or the capture ends. It is an error of w alone.
func (c *Capture) Write(ctx context.Context, w io.Writer) error {
	every := time.NewTicker(writeEvery)
	defer every.Stop()
	var spare []byte
	for last := false; !last; {
		select {
		case <-ctx.Done():
			c.End()
			last = true
		case <-c.ended:
			last = true
		case <-every.C:
		}
		c.mu.Lock()
		spare, c.pending = c.pending, spare[:0]
		c.mu.Unlock()
		if last {
			spare = appendStatistics(spare, time.Now(), c.Dropped())
		}
		if _, err := w.Write(spare); err != nil {
			c.End()
			return errors.Join(errors.New("write the capture"), err)
		}
	}
	return nil
}

// Dropped counts the packets that are not in the file, since it was not written fast enough.
func (c *Capture) Dropped() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.dropped
}
