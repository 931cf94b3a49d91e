package avi

import (
	"bytes"
	"errors"
	"testing"
	"time"
)

func TestSegmentWithoutPictureStaysUntouched(t *testing.T) {
	file := &memory{}
	w, _ := NewWriter(file, testMeta())
	for _, err := range []error{
		w.WriteAudio(start, tone(800)),
		w.WriteFrame(Frame{At: start, Missing: 3}),
		w.WriteEvent("offline", start, nil),
		w.Flush(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Close(at(time.Second)); !errors.Is(err, ErrEmpty) || len(file.b) != 0 {
		t.Errorf("close says %v with %d bytes written, want ErrEmpty and none", err, len(file.b))
	}
	if err := w.WriteFrame(Frame{At: start}); !errors.Is(err, ErrClosed) {
		t.Errorf("after close: %v, want ErrClosed", err)
	}
}

func TestWhatCameBeforeTheFirstPictureIsKept(t *testing.T) {
	file := &memory{}
	w, _ := NewWriter(file, testMeta())
	for i := range 120 { // 12 s, of which 10 are held
		if err := w.WriteAudio(at(ms(100*i)), tone(800)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.WriteFrame(Frame{At: at(ms(11900)), Missing: 4}); err != nil {
		t.Fatal(err)
	}
	if err := w.WriteFrame(Frame{At: at(ms(12000)), JPEG: realPicture(t)}); err != nil {
		t.Fatal(err)
	}
	s, err := w.Close(at(12 * time.Second))
	if err != nil {
		t.Fatal(err)
	}
	if s.Lost != 1 || s.Missing != 4 || s.Dropped != 16000 || s.Samples-s.Silence != 80000 {
		t.Errorf("summary %+v, want 1 lost, 10 s of sound and 2 s dropped", s)
	}
	r := file.open(t)
	if first := r.Audio()[0]; !first.Silence || r.Audio()[2].First != 16000 || r.Audio()[2].Silence {
		t.Errorf("sound begins with %+v, %+v; want 2 s of silence, then the sound of second 2", first, r.Audio()[2])
	}
}

func TestPictureThatDoesNotBelongIsRefusedWithNothingWritten(t *testing.T) {
	small, large := pictures(t, 64, 48, 1)[0], pictures(t, 80, 48, 1)[0]
	file := &memory{}
	w, _ := NewWriter(file, testMeta())
	if err := w.WriteFrame(Frame{At: start, JPEG: []byte("no picture")}); !errors.Is(err, ErrNotPicture) || w.Size() != 0 {
		t.Errorf("no picture: %v, size %d", err, w.Size())
	}
	if err := w.WriteFrame(Frame{At: start, JPEG: small}); err != nil {
		t.Fatal(err)
	}
	size := w.Size()
	for _, c := range []struct {
		frame Frame
		want  error
	}{
		{Frame{At: at(ms(100)), JPEG: large}, ErrSizeChanged},
		{Frame{At: at(ms(100)), JPEG: small[:3]}, ErrNotPicture},
		{Frame{At: at(MaxLength + time.Second), JPEG: small}, ErrFull},
	} {
		if err := w.WriteFrame(c.frame); !errors.Is(err, c.want) || w.Size() != size {
			t.Errorf("got %v and size %d, want %v and %d", err, w.Size(), c.want, size)
		}
	}
	if err := w.WriteFrame(Frame{At: at(ms(100)), JPEG: small}); err != nil {
		t.Errorf("a picture after refused ones: %v", err)
	}
}

// sparse counts what is written and keeps only the front and what Close adds.
type sparse struct{ size int64 }

func (s *sparse) WriteAt(p []byte, off int64) (int, error) {
	s.size = max(s.size, off+int64(len(p)))
	return len(p), nil
}

func TestFullSegmentClosesBelowOneGiB(t *testing.T) {
	file := &sparse{}
	w, _ := NewWriter(file, testMeta())
	picture := append(numbered(realPicture(t), 0), make([]byte, 1<<20)...)
	var err error
	n := 0
	for ; err == nil; n++ {
		if err = w.WriteAudio(at(ms(100*n)), tone(800)); err == nil {
			err = w.WriteFrame(Frame{At: at(ms(100 * n)), JPEG: picture, Cells: make([]byte, 4000)})
		}
	}
	if !errors.Is(err, ErrFull) {
		t.Fatal(err)
	}
	s, err := w.Close(at(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if file.size > MaxSize || file.size < MaxSize-4<<20 || s.Bytes != file.size {
		t.Errorf("%d bytes (summary %d), want just below %d", file.size, s.Bytes, MaxSize)
	}
}

// failing takes so many writes.
type failing struct {
	memory
	left int
}

var errDisk = errors.New("disk broke")

func (f *failing) WriteAt(p []byte, off int64) (int, error) {
	if f.left--; f.left < 0 {
		return 0, errDisk
	}
	return f.memory.WriteAt(p, off)
}

func TestFailedWriteStaysFailed(t *testing.T) {
	picture := pictures(t, 64, 48, 1)[0]
	for left := range 12 {
		w, _ := NewWriter(&failing{left: left}, testMeta())
		var err error
		for i := 0; i < 20 && err == nil; i++ {
			if err = w.WriteFrame(Frame{At: at(ms(100 * i)), JPEG: picture}); err == nil {
				err = w.WriteAudio(at(ms(100*i)), tone(800))
			}
		}
		if !errors.Is(err, errDisk) {
			t.Fatalf("after %d writes: %v, want the disk's error", left, err)
		}
		_, closed := w.Close(at(time.Second))
		for _, err := range []error{w.Flush(), w.WriteFrame(Frame{At: start, JPEG: picture}), closed} {
			if !errors.Is(err, errDisk) {
				t.Errorf("after %d writes and a failed one: %v, want the disk's error", left, err)
			}
		}
	}
}

func TestPictureGoesOutInOneWrite(t *testing.T) {
	file := &failing{left: 1}
	w, _ := NewWriter(file, testMeta())
	if err := w.WriteFrame(Frame{At: at(ms(500)), JPEG: realPicture(t)}); err != nil {
		t.Fatal(err)
	}
	file.left = 1
	if err := w.WriteFrame(Frame{At: at(ms(3000)), JPEG: realPicture(t)}); err != nil {
		t.Errorf("picture, empty ticks and journal: %v, want one write", err)
	}
}

func TestPicturesKeepTheirTrueTimeWhenTicksRunOut(t *testing.T) {
	picture := pictures(t, 64, 48, 1)[0]
	file := &memory{}
	w, _ := NewWriter(file, testMeta())
	times := []time.Duration{ms(1000), ms(1000), ms(1003), ms(400), ms(-250), ms(1100)}
	for _, d := range times {
		if err := w.WriteFrame(Frame{At: at(d), JPEG: picture}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Close(at(ms(1500))); err != nil {
		t.Fatal(err)
	}
	for i, f := range file.open(t).Frames() {
		if want := []int{50, 51, 52, 53, 54, 55}[i]; f.Tick != want || !f.At.Equal(at(times[i])) {
			t.Errorf("frame %d on tick %d at %v, want tick %d at %v", i, f.Tick, f.At, want, at(times[i]))
		}
	}
}

func TestHeaderTellsNoSoundUntilThereIsSome(t *testing.T) {
	picture := pictures(t, 64, 48, 1)[0]
	file := &memory{}
	w, _ := NewWriter(file, testMeta())
	if err := w.WriteFrame(Frame{At: start, JPEG: picture}); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(file.b[:infoAt], []byte("auds")) || le.Uint32(file.b[24+8+24:]) != 1 {
		t.Error("the header tells of sound before there is any")
	}
	if err := w.WriteAudio(start, tone(80)); err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(file.b[:infoAt], []byte("auds")) || le.Uint32(file.b[24+8+24:]) != 2 {
		t.Error("the header tells of no sound though there is some")
	}
}
