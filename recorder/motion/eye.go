package motion

import "time"

// Eye looks at the pictures of one camera as they come: decoder, detector, track and events in one. It
// takes as long as a picture takes to decode, near 150 µs for 23 KB, and allocates nothing once it is warm.
type Eye struct {
	decoder  Decoder
	detector *Detector
	teller   Teller
	track    []byte
	signed   time.Time // when a record was written
	luma     Luma
}

// Seen is what Eye makes of a frame. All slices are its own and stand until the next one.
type Seen struct {
	Result
	// Track is what the journal keeps of the frame (Change.AppendTrack); empty for most.
	Track []byte
	// News is what is new of events. An event whose Best is this frame's time wants this picture kept,
	// instead of the one that it wanted before.
	News []News
	// Err is why the picture could not be looked at: one of the decoder's. Such a frame changes nothing.
	Err error
}

// NewEye makes one that learns its scene from the first pictures on.
func NewEye(s Settings) *Eye { return &Eye{detector: NewDetector(s)} }

// Set changes the settings from the next frame on. What was learned stays, and what goes on goes on.
func (e *Eye) Set(s Settings) { e.detector.Set(s) }

// See takes the next whole picture and its capture time; lost ones are left out. A picture that is damaged
// is told of by Seen.Err.
func (e *Eye) See(jpeg []byte, at time.Time) Seen {
	luma, err := e.decoder.Decode(jpeg)
	if err != nil {
		return e.unseen(err)
	}
	e.luma = luma
	r := e.detector.Step(luma, at)
	since := at.Sub(e.signed)
	e.track = e.detector.Change().AppendTrack(e.track[:0], since >= TrackEvery || since < 0)
	if len(e.track) > 0 {
		e.signed = at
	}
	return Seen{Result: r, Track: e.track, News: e.teller.Step(r, luma.Width, luma.Height, at, e.luma.Detail)}
}

// Change is what the last frame that could be read changed. It stands until the next one.
func (e *Eye) Change() *Change { return e.detector.Change() }

// Luma is the last picture that could be read, decoded. It stands until the next one.
func (e *Eye) Luma() Luma { return e.luma }

// unseen is what a frame gives that nobody could look at.
func (e *Eye) unseen(err error) Seen {
	c := Change{Unseen: true}
	e.track = c.AppendTrack(e.track[:0], false)
	return Seen{Result: e.detector.judge.Step(&c, time.Time{}), Track: e.track, Err: err}
}

// Stop ends the events that go on: no frame follows, or none for long. The scene stays known.
func (e *Eye) Stop() []News {
	e.detector.judge.stop()
	return e.teller.Stop()
}
