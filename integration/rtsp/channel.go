package rtsp

import (
	"context"
	"errors"
	"time"

	"github.com/bluenviron/gortsplib/v5"
	"github.com/bluenviron/gortsplib/v5/pkg/description"
	"github.com/bluenviron/gortsplib/v5/pkg/format"
	"github.com/pion/rtp"

	"v720dvr/camera"
)

// Payload types of RFC 3551, section 6.
const (
	typeALaw = 8
	typeJPEG = 26
)

// mostSound is what a packet holds of sound, in samples: 60 ms.
const mostSound = 480

// channel is a camera that is read, or was asked for. Its goroutine takes what comes, and hands each packet to all
// readers' queues.
type channel struct {
	s      *Server
	id     camera.ID
	stream *gortsplib.ServerStream
	first  chan struct{} // closed when there is a picture
	ended  chan struct{}
	uses   int       // readers, and who asks now; under the server's lock, and so is ...
	idle   time.Time // ... since when there are none

	// Of its goroutine alone:
	fitter  fitter
	clock   clock
	buffer  []byte
	packet  rtp.Packet
	numbers [2]uint16 // of the next packet: pictures and sound
	told    string    // why a picture was refused last
	dropped int64     // what the feed dropped, as far as it is counted
}

// open finds or makes the channel of a camera, and keeps it until release.
func (s *Server) open(id camera.ID) (*channel, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx.Err() != nil {
		return nil, s.ctx.Err()
	}
	c := s.channels[id]
	if c == nil {
		c = &channel{s: s, id: id, first: make(chan struct{}), ended: make(chan struct{}), buffer: make([]byte, 0, mostPayload)}
		c.stream = &gortsplib.ServerStream{Server: s.rtsp, Desc: &description.Session{
			Title: string(id),
			Medias: []*description.Media{
				{Type: description.MediaTypeVideo, Formats: []format.Format{&format.MJPEG{}}},
				{Type: description.MediaTypeAudio, Formats: []format.Format{&format.G711{PayloadTyp: typeALaw, SampleRate: camera.SampleRate, ChannelCount: 1}}},
			},
		}}
		if err := c.stream.Initialize(); err != nil {
			return nil, err
		}
		s.channels[id] = c
		s.running.Go(func() { c.run(s.ctx) })
	}
	c.uses++
	return c, nil
}

// release lets a channel go.
func (s *Server) release(c *channel) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.uses--; c.uses == 0 {
		c.idle = time.Now()
	}
}

// leave takes a channel that nobody reads out of the list, or any with force; false when somebody does.
func (s *Server) leave(c *channel, force bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !force && (c.uses > 0 || time.Since(c.idle) < idleFor) {
		return false
	}
	delete(s.channels, c.id)
	return true
}

// run sends what comes until nobody reads, nothing comes, or ctx ends.
func (c *channel) run(ctx context.Context) {
	feed := c.s.o.Cameras.Watch(c.id)
	defer func() {
		c.s.leave(c, true)
		close(c.ended)
		c.stream.Close()
		feed.Close()
		c.count(feed)
	}()
	look := time.NewTicker(time.Second)
	defer look.Stop()
	last := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-look.C:
			c.count(feed)
			if c.s.leave(c, false) {
				return
			}
			if time.Since(last) > goneAfter {
				c.s.o.Log.Info("readers of a camera are ended: nothing comes of it", "camera", c.id, "for", goneAfter)
				return
			}
		case <-feed.Ready():
			for f, a, ok := feed.Next(); ok; f, a, ok = feed.Next() {
				last = time.Now()
				c.send(f, a, last)
			}
		}
	}
}

// count adds what the feed dropped since the last time.
func (c *channel) count(feed Feed) {
	n := feed.Dropped()
	c.s.stats.dropped.Add(n - c.dropped)
	c.dropped = n
}

// send sends a picture, or sound. A mistake of ours costs that one.
func (c *channel) send(f camera.Frame, a camera.Audio, now time.Time) {
	defer func() {
		if cause := recover(); cause != nil {
			c.s.stats.panics.Add(1)
			c.s.o.Log.Error("a picture or sound was not sent over RTSP: a mistake in v720dvr", "camera", c.id, "panic", cause)
		}
	}()
	var err error
	if f.JPEG != nil {
		err = c.show(f, now)
	} else if len(a.ALaw) > 0 {
		err = c.hear(a, now)
	}
	if err != nil {
		c.refuse(err)
	}
}

// refuse counts what was not sent, and tells a reason once.
func (c *channel) refuse(err error) {
	c.s.stats.refused.Add(1)
	if reason := err.Error(); reason != c.told {
		c.told = reason
		c.s.o.Log.Warn("a picture cannot be sent over RTSP; others like it are counted", "camera", c.id, "err", err)
	}
}

// show sends a picture that is of now: what a feed begins with may be of yesterday.
func (c *channel) show(f camera.Frame, now time.Time) error {
	if now.Sub(f.At) > freshFor {
		return nil
	}
	p, err := c.fitter.fit(f.JPEG)
	if err != nil {
		return err
	}
	if len(p.scan) > mostPicture {
		return unfit("it has %d bytes, and %d are the most that are sent", len(p.scan), mostPicture)
	}
	if len(p.scan) == 0 {
		return broken("nothing stands in its scan")
	}
	if c.fitter.anew {
		c.s.stats.fitted.Add(1)
	}
	when := c.clock.show(f.At, now)
	if err := p.payloads(c.buffer, func(payload []byte, last bool) error {
		return c.write(0, payload, last, ticks(when, 90000), when.Add(-c.clock.shift))
	}); err != nil {
		return err
	}
	c.s.stats.pictures.Add(1)
	select {
	case <-c.first:
	default:
		close(c.first)
	}
	return nil
}

// hear sends a piece of sound.
func (c *channel) hear(a camera.Audio, now time.Time) error {
	when, skip := c.clock.hear(a, now)
	for rest := a.ALaw[skip:]; len(rest) > 0; {
		n := min(mostSound, len(rest))
		if err := c.write(1, rest[:n], false, ticks(when, camera.SampleRate), when.Add(-c.clock.shift)); err != nil {
			return err
		}
		rest, when = rest[n:], when.Add(time.Duration(n)*soundTick)
	}
	c.s.stats.sounds.Add(1)
	return nil
}

// write hands a packet of a media to the readers' queues; of 0 pictures, 1 sound.
func (c *channel) write(media int, payload []byte, last bool, stamp uint32, captured time.Time) error {
	c.packet = rtp.Packet{Header: rtp.Header{Version: 2, Marker: last, PayloadType: [2]uint8{typeJPEG, typeALaw}[media], SequenceNumber: c.numbers[media], Timestamp: stamp}, Payload: payload}
	c.numbers[media]++
	return c.stream.WritePacketRTPWithNTP(c.stream.Desc.Medias[media], &c.packet, captured)
}

// errNothing is a camera that gives no picture now.
var errNothing = errors.New("no picture comes of this camera now")

// wait waits for a picture.
func (c *channel) wait(ctx context.Context) error {
	limit := time.NewTimer(waitFirst)
	defer limit.Stop()
	select {
	case <-c.first:
		return nil
	case <-c.ended:
	case <-limit.C:
	case <-ctx.Done():
	}
	return errNothing
}
