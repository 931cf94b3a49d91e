package cloud

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"v720dvr/camera"
	"v720dvr/cloud/card"
	"v720dvr/cloud/v720"
)

const (
	cardPatience = 10 * time.Second // for an answer, and for the next bytes of a file
	// cardTrail is how long a file's bytes may come behind the word that it has ended: longer than a
	// package is waited for. docs/protocol.md, section 6.
	cardTrail = 5 * time.Second
	// cardBacklog bounds what came and was not taken yet, in bytes: a minute's file.
	cardBacklog = 16 << 20
)

var (
	// ErrCardBusy says that somebody speaks with a camera about its card already.
	ErrCardBusy = errors.New("somebody else reads the camera's SD card; a camera serves one at a time")
	errCardGone = fmt.Errorf("%w: the camera's control connection has ended", card.ErrBroken)
	errCardSlow = fmt.Errorf("who asked takes the file slower than the camera sends it, %d MB behind", cardBacklog>>20)
)

// CardTalk is what came of a talk about a card.
type CardTalk struct {
	Took     time.Duration
	Pictures int64 // that came meanwhile
	// Paused is set when the camera sent a file and at its end no pictures: it stopped its stream to play
	// its card, and is asked for it again.
	Paused bool
}

// Card has use speak with a camera about its SD card, over its control connection and its media channel.
// docs/protocol.md, section 8. Its stream goes on as far as the camera lets it: that has one media session.
// It returns use's error, ErrUnreachable wrapped, or ErrCardBusy.
func (s *Server) Card(ctx context.Context, id camera.ID, use func(*card.Card) error) (talk CardTalk, err error) {
	l, err := s.commanded(ctx, id, true)
	if err != nil {
		return talk, err
	}
	line := &cardLine{link: l, news: make(chan struct{}, 1)}
	if !l.card.CompareAndSwap(nil, line) {
		return talk, ErrCardBusy
	}
	began, pictures := s.o.Now(), l.counters().Pictures
	err = use(&card.Card{Line: line, Trail: cardTrail})
	if line.sent && err != nil {
		line.settle()
	}
	l.card.Store(nil)
	now := s.o.Now()
	talk.Took, talk.Pictures = now.Sub(began), l.counters().Pictures-pictures
	if line.sent {
		talk.Paused = l.played(now)
	}
	if talk.Paused {
		s.log.Warn("camera stopped its stream to play its SD card", "camera", id, "seconds", talk.Took.Seconds(), "pictures", talk.Pictures)
	}
	return talk, err
}

// played looks after the stream of a camera that has played its card; it tells whether that stands still.
func (l *link) played(now time.Time) (paused bool) {
	l.step(func(s *session) {
		s.played(now)
		paused = now.Sub(s.lastPicture) >= cardLull
	})
	return paused
}

// cardLine is a card.Line over a camera's control connection and media channel. What comes waits in it for
// who asked: neither of them is read slower for it.
type cardLine struct {
	link *link
	sent bool // a file was asked for; of the goroutine that asks

	mu    sync.Mutex // guards what follows; held for a moment
	queue []v720.Packet
	bytes int
	err   error         // no more comes
	news  chan struct{} // there is something
}

// Command sends a 301 to the opening that is under way.
func (c *cardLine) Command(f v720.ForwardCommand) error {
	c.sent = c.sent || f.Code == v720.ForwardCardSend().Code
	c.mu.Lock()
	if c.err == nil { // what came before is no answer to this
		c.queue, c.bytes = nil, 0
	}
	c.mu.Unlock()
	return c.link.forward(func(target string) [][]byte { return [][]byte{f.Payload(target)} })
}

// take keeps a package for who asked. It never waits.
func (c *cardLine) take(p v720.Packet) {
	p.Payload = bytes.Clone(p.Payload)
	c.mu.Lock()
	if c.err == nil {
		if c.bytes += len(p.Payload) + v720.HeaderSize; c.bytes > cardBacklog {
			c.err = errCardSlow
		} else {
			c.queue = append(c.queue, p)
		}
	}
	c.mu.Unlock()
	c.wake()
}

// end says that nothing more comes.
func (c *cardLine) end() {
	c.mu.Lock()
	if c.err == nil {
		c.err = errCardGone
	}
	c.mu.Unlock()
	c.wake()
}

func (c *cardLine) wake() {
	select {
	case c.news <- struct{}{}:
	default: // it knows
	}
}

// settle waits until nothing more comes of a file that was broken off, for settleAtMost: bytes on their
// way are not to be taken for the next one's.
func (c *cardLine) settle() {
	over := time.NewTimer(settleAtMost)
	defer over.Stop()
	for {
		c.mu.Lock()
		c.queue, c.bytes = nil, 0
		gone := errors.Is(c.err, errCardGone)
		if !gone {
			c.err = nil
		}
		c.mu.Unlock()
		if gone {
			return
		}
		quiet := time.NewTimer(settled)
		select {
		case <-c.news:
			quiet.Stop()
		case <-quiet.C:
			return
		case <-over.C:
			quiet.Stop()
			return
		}
	}
}

const (
	settled      = 500 * time.Millisecond // without a package: longer than one is sent again after
	settleAtMost = 5 * time.Second
)

// next is the first of what waits; ok is false when there is nothing, or no more with an error.
func (c *cardLine) next() (p v720.Packet, ok bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.queue) == 0 || errors.Is(c.err, errCardSlow) {
		return p, false, c.err
	}
	p, c.queue = c.queue[0], c.queue[1:]
	c.bytes -= len(p.Payload) + v720.HeaderSize
	return p, true, nil
}

// Await makes it a card.Line.
func (c *cardLine) Await(ctx context.Context, patience time.Duration, take func(v720.Packet) (bool, error)) error {
	if patience == 0 {
		patience = cardPatience
	}
	late := time.NewTimer(patience)
	defer late.Stop()
	for {
		p, ok, err := c.next()
		if err != nil {
			return err
		}
		if ok {
			if done, err := take(p); done {
				return err
			}
			continue
		}
		select {
		case <-c.news:
		case <-ctx.Done():
			return ctx.Err()
		case <-late.C:
			return fmt.Errorf("%w within %v", card.ErrNoAnswer, patience)
		}
	}
}

// hearCard hands a package to who speaks about the card; false when nobody does.
func (l *link) hearCard(p v720.Packet) bool {
	c := l.card.Load()
	if c != nil {
		c.take(p)
	}
	return c != nil
}

// File takes a piece of a file of the card. It is a v720.FileMedia.
func (l *link) File(data []byte) bool {
	return l.hearCard(v720.Packet{Cmd: v720.CmdAVI, Payload: data})
}
