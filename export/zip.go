package export

import (
	"archive/zip"
	"context"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"time"

	"v720dvr/storage"
	"v720dvr/storage/avi"
)

// mostZipped bounds the pictures of one archive: its directory of them, some 400 bytes each, is held until it is written.
const mostZipped = 100_000

// Manifest is manifest.json in an archive: what is in it, in the order of capture.
type Manifest struct {
	About    string            `json:"about"`
	Camera   string            `json:"camera"`
	Name     string            `json:"name"`
	From     time.Time         `json:"from"` // of what was asked for
	To       time.Time         `json:"to"`
	Every    float64           `json:"every_seconds,omitempty"` // of a timelapse
	Sound    *ManifestSound    `json:"sound,omitempty"`
	Gaps     []ManifestGap     `json:"gaps"`
	Events   []ManifestEvent   `json:"events"`
	Pictures []ManifestPicture `json:"pictures"`
}

// ManifestSound tells of sound.wav.
type ManifestSound struct {
	File    string    `json:"file"`
	From    time.Time `json:"from"`
	Seconds float64   `json:"seconds"` // silence where there is none included
}

// ManifestGap is a time without pictures, with its reason.
type ManifestGap struct {
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	Reason string    `json:"reason"`
}

// ManifestEvent is something that happened.
type ManifestEvent struct {
	At     time.Time `json:"at"`
	Kind   string    `json:"kind"`
	Detail string    `json:"detail,omitempty"`
}

// ManifestPicture is a picture with its capture time.
type ManifestPicture struct {
	File string    `json:"file"`
	At   time.Time `json:"at"`
}

const aboutZip = "Pictures as the camera made them, named by the recorder's local time when they were captured; sound.wav begins with the first one and is silent where no sound was recorded. Times are exact to a microsecond."

func (e *Export) asZIP(ctx context.Context, f *film) error {
	var size counted
	n, err := f.writeZIP(ctx, &size, false)
	if err != nil {
		return err
	}
	e.Bytes, e.Pictures = int64(size), n
	e.write = func(ctx context.Context, w io.Writer) error {
		_, err := f.writeZIP(ctx, w, true)
		return err
	}
	return nil
}

// writeZIP writes pictures, sound and manifest, all of them stored; without bytes it writes as many.
func (f *film) writeZIP(ctx context.Context, w io.Writer, bytes bool) (pictures int, err error) {
	archive := zip.NewWriter(w)
	told := Manifest{
		About: aboutZip, Camera: string(f.Camera), Name: f.Name, From: f.From.In(f.Start.Location()), To: f.To.In(f.Start.Location()),
		Every: f.every.Seconds(), Gaps: []ManifestGap{}, Events: []ManifestEvent{},
	}
	var zeros [64 << 10]byte
	last, same := "", 1
	err = f.show(ctx, true, false, bytes, func(p storage.Piece) error {
		if len(told.Pictures) == mostZipped {
			return &storage.SpanError{Fits: p.Time, Cause: avi.ErrFull}
		}
		at := p.Time.In(f.Start.Location())
		name := at.Format("2006-01-02_15-04-05.000-0700")
		if same++; name != last {
			last, same = name, 1
		}
		if same > 1 {
			name += fmt.Sprintf("_%d", same)
		}
		name += ".jpg"
		told.Pictures = append(told.Pictures, ManifestPicture{name, at})
		entry := &zip.FileHeader{Name: name, Modified: at, CompressedSize64: uint64(p.Size), UncompressedSize64: uint64(p.Size)}
		if bytes {
			entry.CRC32 = crc32.ChecksumIEEE(p.Bytes)
		}
		into, err := archive.CreateRaw(entry)
		if err != nil {
			return err
		}
		if bytes {
			_, err = into.Write(p.Bytes)
			return err
		}
		for n := p.Size; n > 0 && err == nil; n -= len(zeros) {
			_, err = into.Write(zeros[:min(n, len(zeros))])
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	if f.Samples > 0 && f.every == 0 && f.soundLength() <= longestWAV {
		told.Sound = &ManifestSound{"sound.wav", f.Start, float64(f.soundLength()) / avi.SampleRate}
		into, err := archive.CreateHeader(&zip.FileHeader{Name: "sound.wav", Modified: f.Start})
		if err != nil {
			return 0, err
		}
		if bytes {
			err = f.writeWAV(ctx, into)
		} else {
			for n := int64(len(wavHead(0))) + 2*f.soundLength(); n > 0 && err == nil; n -= int64(len(zeros)) {
				_, err = into.Write(zeros[:min(n, int64(len(zeros)))])
			}
		}
		if err != nil {
			return 0, err
		}
	}
	return len(told.Pictures), f.tell(archive, told)
}

// tell writes the manifest and ends the archive.
func (f *film) tell(archive *zip.Writer, told Manifest) error {
	for _, g := range f.Gaps {
		told.Gaps = append(told.Gaps, ManifestGap{g.From.In(f.Start.Location()), g.To.In(f.Start.Location()), g.Reason})
	}
	for _, e := range f.Events {
		told.Events = append(told.Events, ManifestEvent{e.At.In(f.Start.Location()), e.Kind, string(e.Body)})
	}
	into, err := archive.CreateHeader(&zip.FileHeader{Name: "manifest.json", Modified: f.Start})
	if err != nil {
		return err
	}
	text := json.NewEncoder(into)
	text.SetIndent("", " ")
	if err := text.Encode(told); err != nil {
		return err
	}
	return archive.Close()
}
