package cloudtest

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"v720dvr/storage/avi"
)

// chunk is a RIFF chunk; list one that holds others.
func chunk(id string, body ...byte) []byte {
	b := append([]byte(id), byte(len(body)), byte(len(body)>>8), byte(len(body)>>16), byte(len(body)>>24))
	if b = append(b, body...); len(body)%2 == 1 {
		b = append(b, 0)
	}
	return b
}

func list(kind, form string, parts ...[]byte) []byte {
	return chunk(kind, append([]byte(form), bytes.Join(parts, nil)...)...)
}

func words(values ...uint32) (b []byte) {
	for _, v := range values {
		b = append(b, byte(v), byte(v>>8), byte(v>>16), byte(v>>24))
	}
	return b
}

// foreignAVI is an AVI as other programs write it: pictures at 10 a second, sound in one chunk
// a picture. (Microsoft, AVI RIFF File Reference.)
func foreignAVI(pictures, sounds [][]byte) []byte {
	frames := uint32(len(pictures))
	streams := [][]byte{
		chunk("avih", words(100000, 0, 0, 0x10, frames, 0, 1, 0, 160, 120, 0, 0, 0, 0)...),
		list("LIST", "strl",
			chunk("strh", append([]byte("vidsMJPG"), words(0, 0, 0, 1, 10, 0, frames, 0, 0, 0, 0, 0)...)...),
			chunk("strf", append(words(40, 160, 120, 1|24<<16), append([]byte("MJPG"), words(0, 0, 0, 0, 0)...)...)...)),
	}
	if sounds != nil {
		streams = append(streams, list("LIST", "strl",
			chunk("strh", append([]byte("auds\x00\x00\x00\x00"), words(0, 0, 0, 1, 8000, 0, 0, 0, 0, 1, 0, 0)...)...),
			chunk("strf", append(words(6|1<<16, 8000, 8000, 1|8<<16), 0, 0)...)))
	}
	var movi [][]byte
	for i, picture := range pictures {
		movi = append(movi, chunk("00dc", picture...))
		if i < len(sounds) {
			movi = append(movi, chunk("01wb", sounds[i]...))
		}
	}
	return list("RIFF", "AVI ", list("LIST", "hdrl", streams...), list("LIST", "movi", movi...))
}

func openFootage(t *testing.T, content []byte) *Footage {
	t.Helper()
	path := filepath.Join(t.TempDir(), "footage.avi")
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := OpenFootage(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func TestFootageLoopsByteForByteWithItsSoundInStep(t *testing.T) {
	s := newScene(t, SceneOptions{Width: 160, Height: 120, Bytes: 2048})
	var pictures, sounds [][]byte
	for n := range 25 {
		pictures = append(pictures, bytes.Clone(s.Picture(n, noon)))
		if n < 20 { // the sound ends half a second before the pictures
			sound := make([]byte, 800)
			Tone(int64(n)*800, sound)
			sounds = append(sounds, sound)
		}
	}
	f := openFootage(t, foreignAVI(pictures, sounds))
	if f.FPS() != 10 || !f.HasSound() {
		t.Errorf("%d pictures a second, sound %v", f.FPS(), f.HasSound())
	}
	for _, n := range []int{0, 1, 24, 25, 49, 50, 1000003} {
		if got := f.Picture(n, noon); !bytes.Equal(got, pictures[n%25]) {
			t.Errorf("picture %d is not the file's", n)
		}
	}
	heard := make([]byte, 3*20000)
	for at := 0; at < len(heard); at += 480 {
		f.Sound(int64(at), heard[at:min(at+480, len(heard))])
	}
	want := append(bytes.Join(sounds, nil), bytes.Repeat([]byte{alawSilence}, 4000)...)
	for turn := range 3 {
		if !bytes.Equal(heard[turn*20000:][:20000], want) {
			t.Errorf("turn %d is not the file's sound with silence behind it", turn)
		}
	}
	if f.Err() != nil {
		t.Error(f.Err())
	}
}

func TestFootageWithoutSoundHasNone(t *testing.T) {
	s := newScene(t, SceneOptions{Width: 160, Height: 120, Bytes: 2048})
	f := openFootage(t, foreignAVI([][]byte{s.Picture(0, noon)}, nil))
	if f.HasSound() || f.FPS() != 10 {
		t.Errorf("sound %v, %d pictures a second", f.HasSound(), f.FPS())
	}
}

// What the recorder writes is footage again; ticks without a picture are passed over.
func TestFootagePlaysWhatTheRecorderWrote(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "segment.avi"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	w, err := avi.NewWriter(file, avi.Meta{Start: noon})
	if err != nil {
		t.Fatal(err)
	}
	s := newScene(t, SceneOptions{Width: 160, Height: 120, Bytes: 2048})
	var pictures [][]byte
	for n := range 30 {
		at := noon.Add(time.Duration(n) * 100 * time.Millisecond)
		pictures = append(pictures, bytes.Clone(s.Picture(n, at)))
		if err := w.WriteFrame(avi.Frame{At: at, JPEG: pictures[n]}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Close(noon.Add(3 * time.Second)); err != nil {
		t.Fatal(err)
	}
	f, err := OpenFootage(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if f.FPS() != 10 {
		t.Errorf("%d pictures a second", f.FPS())
	}
	for n := range 60 {
		if !bytes.Equal(f.Picture(n, noon), pictures[n%30]) {
			t.Errorf("picture %d is not the one written", n)
		}
	}
}

func TestFootageThatCannotBePlayedTellsWhatToDo(t *testing.T) {
	large := append([]byte("\xff\xd8"), make([]byte, windowSize*payloadSize)...)
	for what, c := range map[string]struct {
		content []byte
		says    string
	}{
		"text":       {[]byte("no AVI at all, but long enough to be read as one"), "ffmpeg -i"},
		"empty":      {nil, "ffmpeg -i"},
		"not JPEG":   {foreignAVI([][]byte{[]byte("\x00\x00\x00\x01\x67H264")}, nil), "ffmpeg -i"},
		"no picture": {foreignAVI(nil, nil), "ffmpeg -i"},
		"large":      {foreignAVI([][]byte{large}, nil), "make it smaller"},
	} {
		path := filepath.Join(t.TempDir(), "footage.avi")
		if err := os.WriteFile(path, c.content, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenFootage(path); err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v, want it to say %q", what, err, c.says)
		}
	}
	if _, err := OpenFootage(filepath.Join(t.TempDir(), "nothing.avi")); !os.IsNotExist(err) && !strings.Contains(err.Error(), "no such file") {
		t.Errorf("no file: %v", err)
	}
}
