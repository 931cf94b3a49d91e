package avi

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// foreign is an AVI as others write it: sound is stream 0, the chunks stand in rec lists, with
// foreign JUNK between, an index chunk of OpenDML, and a second RIFF for what is beyond 1 GiB.
func foreign(t testing.TB, pics [][]byte) *memory {
	t.Helper()
	var sound, video []byte
	h := header{width: 64, height: 48, rate: 15, ticks: 3, samples: 1600, hasSound: true}
	hdrl := h.append(nil)[listHeader:] // LIST hdrl: avih, strl of vids, strl of auds
	avih, vids, auds := hdrl[12:76], hdrl[76:276], hdrl[276:]
	b := appendList(nil, "RIFF", 0, "AVI ")
	b = append(append(append(append(b, hdrl[:12]...), avih...), auds...), vids...)
	b = append(appendChunk(b, "JUNK", 6), "foreign junk"[:6]...)

	chunk := func(b []byte, id string, body []byte) []byte {
		b = append(appendChunk(b, id, uint32(len(body))), body...)
		return append(b, make([]byte, padding(len(body)))...)
	}
	video = chunk(chunk(nil, "01dc", pics[0]), "01dc", nil)
	sound = chunk(nil, "00wb", tone(801))
	rec := append(appendList(nil, "LIST", uint32(4+len(video)+len(sound)), "rec "), append(video, sound...)...)
	rec = append(appendChunk(rec, "JUNK", 4), "\x00\x00\x00\x00"...)
	rec = append(appendChunk(rec, "ix01", 4), "\x00\x00\x00\x00"...)
	rec = chunk(rec, "01db", pics[1])
	b = append(appendList(b, "LIST", uint32(4+len(rec)), "movi"), rec...)
	b = append(appendChunk(b, "idx1", indexEntry), make([]byte, indexEntry)...)
	le.PutUint32(b[4:], uint32(len(b)-8))

	more := chunk(chunk(nil, "01dc", pics[2]), "00wb", tone(799))
	b = appendList(b, "RIFF", uint32(4+listHeader+len(more)), "AVIX")
	b = append(appendList(b, "LIST", uint32(4+len(more)), "movi"), more...)
	return &memory{b: b}
}

func TestForeignFileIsReadByItsChunks(t *testing.T) {
	pics := pictures(t, 64, 48, 3)
	r := foreign(t, pics).open(t)
	if r.Ours() || r.Finished() {
		t.Error("taken for one of ours")
	}
	if len(r.Frames()) != 3 {
		t.Fatalf("%d frames, want 3", len(r.Frames()))
	}
	for i, want := range pics {
		got, err := r.ReadFrame(nil, i)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("frame %d: %d bytes, %v; want %d", i, len(got), err, len(want))
		}
		tick := []int{0, 2, 3}[i]
		want := time.Duration(tick) * time.Second / 15
		if f := r.Frames()[i]; f.Tick != tick || (f.At.Sub(time.Time{})-want).Abs() > time.Microsecond {
			t.Errorf("frame %d on tick %d at %v, want %d at %v", i, f.Tick, f.At.Sub(time.Time{}), tick, want)
		}
	}
	if a := r.Audio(); len(a) != 2 || a[0].Size != 801 || a[1].First != 801 || a[1].Size != 799 {
		t.Errorf("sound %+v, want 801 and 799 samples", a)
	}
	if rate, scale := r.TickRate(); rate != 15 || scale != 1 {
		t.Errorf("rate %d/%d, want 15/1", rate, scale)
	}
	if s := r.Summary(); s.Width != 64 || s.Height != 48 || s.Samples != 1600 || !s.HasAudio || s.Frames != 3 {
		t.Errorf("summary %+v", s)
	}
}

// What ffmpeg writes (rec lists aside, an OpenDML header and its own empty ticks) tells the same.
func TestFileOfAnotherRecorderIsRead(t *testing.T) {
	rec := newRecording(t, 10.3, 8*time.Second, true)
	ours := filepath.Join(t.TempDir(), "ours.avi")
	record(t, ours, TickRate, rec, nil, 0, func(w *Writer) {
		if _, err := w.Close(at(rec.length)); err != nil {
			t.Fatal(err)
		}
	})
	other := filepath.Join(t.TempDir(), "other.avi")
	tool(t, "ffmpeg", "-guess_layout_max", "0", "-i", ours, "-c", "copy", other)
	b, err := os.ReadFile(other)
	if err != nil {
		t.Fatal(err)
	}
	r := (&memory{b: b}).open(t)
	if s := r.Summary(); r.Ours() || s.Frames != len(rec.times) || s.Width != 640 || s.Samples != 8*SampleRate {
		t.Fatalf("summary %+v, want %d frames and 8 s of sound", s, len(rec.times))
	}
	// ffmpeg shifts everything so that the first picture stands at 0.
	shift := rec.times[0]
	for i, f := range r.Frames() {
		got, err := r.ReadFrame(nil, i)
		if err != nil || !bytes.Equal(got, rec.pictures[i]) {
			t.Errorf("frame %d: %d bytes, %v; want %d", i, len(got), err, len(rec.pictures[i]))
		}
		if off := (f.At.Sub(time.Time{}) + shift - rec.times[i]).Abs(); off > ms(100) {
			t.Errorf("frame %d at %v, captured at %v", i, f.At.Sub(time.Time{})+shift, rec.times[i])
		}
	}
}

func TestWhatIsNoAVIIsRefused(t *testing.T) {
	good := closedSegment(t).b
	wave := bytes.Clone(good[:64])
	copy(wave[8:], "WAVE")
	silent := bytes.Clone(good)
	copy(silent[bytes.Index(silent, []byte("vids")):], "txts")
	for name, b := range map[string][]byte{
		"nothing": nil, "four bytes": []byte("RIFF"), "a wave file": wave, "header alone": good[:200], "no pictures": silent,
	} {
		if _, err := Open(&memory{b: b}, int64(len(b))); !errors.Is(err, ErrNotAVI) {
			t.Errorf("%s: %v, want ErrNotAVI", name, err)
		}
	}
}

func TestChangedPictureIsSeen(t *testing.T) {
	file := closedSegment(t)
	f := file.open(t).Frames()[3]
	file.b[f.Offset+200] ^= 1
	r := file.open(t)
	if got, err := r.ReadFrame(nil, 3); !errors.Is(err, ErrDamaged) || len(got) != f.Size {
		t.Errorf("changed picture: %d bytes, %v; want them and ErrDamaged", len(got), err)
	}
	if _, err := r.ReadFrame(nil, 4); err != nil {
		t.Errorf("the picture behind it: %v", err)
	}
	if _, err := r.ReadFrame(nil, len(r.Frames())); err == nil {
		t.Error("a frame behind the last is read")
	}
}
