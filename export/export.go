package export

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
	"v720dvr/storage/avi"
)

// Source is where footage comes from: a *storage.Store or a *storage.Reading.
type Source interface {
	Span(ctx context.Context, id camera.ID, from, to time.Time) (*storage.Span, error)
	Tape(ctx context.Context, id camera.ID, from, to time.Time) (*storage.Tape, error)
	FrameAt(ctx context.Context, id camera.ID, at time.Time) (storage.Found, error)
	Projector() *storage.Projector
	Nearest(ctx context.Context, id camera.ID, from, to time.Time) (before, after time.Time, err error)
	Location() *time.Location
}

// Format is what an export is made into.
type Format string

// The formats.
const (
	AVI Format = "avi" // as segments are: byte for byte, on ticks of 20 ms
	MKV Format = "mkv" // Matroska: the camera's pictures and sound, each at its own millisecond
	WAV Format = "wav" // sound alone, PCM of 16 bits, silent where there is none
	ZIP Format = "zip" // every picture as a JPEG, the sound, and manifest.json
	JPG Format = "jpg" // one picture: the newest at from or before
	MP4 Format = "mp4" // H.264 and AAC, by ffmpeg
)

// Formats lists those that a span can be made into.
func Formats() []Format { return []Format{AVI, MKV, WAV, ZIP, JPG, MP4} }

// Type is the media type of a format.
func (f Format) Type() string {
	return map[Format]string{AVI: "video/x-msvideo", MKV: "video/matroska", WAV: "audio/wav", ZIP: "application/zip", JPG: "image/jpeg", MP4: "video/mp4"}[f]
}

// Request asks for an export.
type Request struct {
	Camera   camera.ID
	Name     string // what the camera is called, for titles; "" is what it was called
	From, To time.Time
	Format   Format // MP4 is asked for as MKV, and made of that: see Encode
	// Every makes a timelapse: of each so long the first picture, FPS of them a second (0: 20), without sound. Gaps
	// are left out of it. MKV and ZIP alone.
	Every time.Duration
	FPS   int
}

// Summary is an export in numbers.
type Summary struct {
	Pictures int
	Sound    time.Duration // without what is missing
	Gaps     int           // between the first picture and the last
	First    time.Time     // capture time of the first picture, in the source's zone
	Last     time.Time     // … of the last one
	Bytes    int64         // of the file
}

// Export is a file that is ready to be written. Close it.
type Export struct {
	Summary
	write func(context.Context, io.Writer) error
	close func()
}

// WriteTo writes the file: Bytes bytes, once. What is deleted meanwhile ends it with an error.
func (e *Export) WriteTo(ctx context.Context, w io.Writer) error { return e.write(ctx, w) }

// Close lets go of what it holds open.
func (e *Export) Close() { e.close() }

// ErrNoSound is returned for a WAV of a span without sound.
var ErrNoSound = errors.New("no sound was recorded then")

// Bounds of a request: how far apart the pictures of a timelapse may be, and how many it may show a second.
const (
	longestEvery = 24 * time.Hour
	mostFPS      = 60
)

// Open measures an export by the frame tables alone. A *storage.SpanError tells up to when one file takes it,
// storage.ErrNoFootage that there is no picture.
func Open(ctx context.Context, from Source, r Request) (*Export, error) {
	if r.Every < 0 || r.Every > longestEvery || r.FPS < 0 || r.FPS > mostFPS {
		return nil, fmt.Errorf("a timelapse shows a picture of each %v at most, %d a second at most", longestEvery, mostFPS)
	}
	if r.Every > 0 && r.Format != MKV && r.Format != ZIP {
		return nil, fmt.Errorf("a timelapse is made as mkv, mp4 or zip, not as %s: its times are not those of the footage", r.Format)
	}
	switch r.Format {
	case AVI:
		return openAVI(ctx, from, r)
	case JPG:
		return openJPG(ctx, from, r)
	case MKV, WAV, ZIP:
	default:
		return nil, fmt.Errorf("no export is made as %q", r.Format)
	}
	t, err := from.Tape(ctx, r.Camera, r.From, r.To)
	if err != nil {
		return nil, err
	}
	f := &film{Tape: t, every: r.Every, fps: r.FPS}
	if r.Name != "" {
		f.Name = r.Name
	}
	e := &Export{close: t.Close, Summary: Summary{
		Pictures: t.Pictures, Sound: time.Duration(t.Samples) * time.Second / avi.SampleRate, Gaps: len(t.Gaps), First: t.Start, Last: t.Last,
	}}
	if r.Every > 0 {
		e.Sound = 0
	}
	switch r.Format {
	case MKV:
		err = e.asMKV(ctx, f)
	case WAV:
		err = e.asWAV(f)
	case ZIP:
		err = e.asZIP(ctx, f)
	}
	if err != nil {
		t.Close()
		return nil, fmt.Errorf("export of camera %s: %w", r.Camera, err)
	}
	return e, nil
}

func openAVI(ctx context.Context, from Source, r Request) (*Export, error) {
	span, err := from.Span(ctx, r.Camera, r.From, r.To)
	if err != nil {
		return nil, err
	}
	s := span.Summary
	return &Export{write: span.WriteTo, close: span.Close, Summary: Summary{
		Pictures: s.Frames, Sound: time.Duration(s.Samples-s.Silence) * time.Second / avi.SampleRate, Gaps: len(s.Inside),
		First: s.Start, Last: span.Last, Bytes: s.Bytes,
	}}, nil
}

func openJPG(ctx context.Context, from Source, r Request) (*Export, error) {
	found, err := from.FrameAt(ctx, r.Camera, r.From)
	if err != nil {
		return nil, err
	}
	read := from.Projector()
	defer read.Close()
	jpeg, err := read.Read(ctx, nil, found.Ref, found.Row)
	if err != nil {
		return nil, err
	}
	jpeg = withTables(jpeg)
	at := found.Time().In(from.Location())
	return &Export{close: func() {}, Summary: Summary{Pictures: 1, First: at, Last: at, Bytes: int64(len(jpeg))},
		write: func(_ context.Context, w io.Writer) error {
			_, err := w.Write(jpeg)
			return err
		}}, nil
}

// counted counts bytes and throws them away.
type counted int64

// Write counts.
func (c *counted) Write(b []byte) (int, error) {
	*c += counted(len(b))
	return len(b), nil
}
