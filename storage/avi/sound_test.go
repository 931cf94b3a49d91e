package avi

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"
)

// paced runs a pacer over pieces of n samples whose clock is off by drift and whose capture times
// jitter; it returns what was inserted, dropped, and how far the sound stood at worst from the
// time it was really heard.
func paced(drift float64, jitter time.Duration, n int, length time.Duration) (inserted, dropped int64, worst time.Duration) {
	random := rand.New(rand.NewPCG(3, 720))
	var p pacer
	for heard := 0.0; heard < length.Seconds(); heard += float64(n) / SampleRate * (1 + drift) {
		want := int64((heard + random.Float64()*jitter.Seconds()) * SampleRate)
		insert, drop := p.place(want, n)
		p.next += insert
		off := time.Duration((heard - float64(p.next)/SampleRate) * float64(time.Second))
		if dropped += drop; drop == 0 {
			worst = max(worst, off.Abs())
		}
		inserted += insert
		p.next += int64(n) - drop
	}
	return inserted, dropped, worst
}

func TestJitterOfTheNetworkNeverTouchesTheSound(t *testing.T) {
	for _, jitter := range []time.Duration{0, ms(10), ms(40), ms(50)} {
		for _, n := range []int{480, 800} {
			inserted, dropped, _ := paced(0, jitter, n, time.Hour)
			if first := int64(jitter.Seconds() * SampleRate); inserted > first || dropped != 0 {
				t.Errorf("jitter %v, pieces of %d: %d inserted, %d dropped, want none but at the beginning", jitter, n, inserted, dropped)
			}
		}
	}
}

func TestDriftingSoundIsHeldInStep(t *testing.T) {
	for _, drift := range []float64{0.003, -0.003, 0.0005, -0.0005} {
		for _, jitter := range []time.Duration{0, ms(40)} {
			inserted, dropped, worst := paced(drift, jitter, 800, time.Hour)
			t.Logf("drift %+.2f %%, jitter %v: %d inserted, %d dropped, worst %v", drift*100, jitter, inserted, dropped, worst)
			if worst > ms(100) {
				t.Errorf("drift %g, jitter %v: sound stands %v off", drift, jitter, worst)
			}
			want := int64(drift * 3600 * SampleRate)
			if got := inserted - dropped; got < want-1600 || got > want+1600 {
				t.Errorf("drift %g, jitter %v: corrected by %d samples, want about %d", drift, jitter, got, want)
			}
		}
	}
}

func TestHolesBecomeSilenceInTheirPlace(t *testing.T) {
	file := &memory{}
	w, _ := NewWriter(file, testMeta())
	if err := w.WriteFrame(Frame{At: start, JPEG: pictures(t, 64, 48, 1)[0]}); err != nil {
		t.Fatal(err)
	}
	var want []byte
	for i := range 100 {
		if i == 20 || i >= 40 && i < 75 { // a lost piece, and 3.5 s of nothing
			want = append(want, bytes.Repeat([]byte{silence}, 800)...)
			continue
		}
		piece := tone(800)
		piece[1] = byte(i)
		if err := w.WriteAudio(at(ms(100*i)), piece); err != nil {
			t.Fatal(err)
		}
		want = append(want, piece...)
	}
	s, err := w.Close(at(10 * time.Second))
	if err != nil {
		t.Fatal(err)
	}
	if s.Silence != 36*800 || s.Dropped != 0 || s.Samples != 80000 {
		t.Errorf("summary %+v, want 28800 of silence in 80000", s)
	}
	r := file.open(t)
	var got []byte
	for i, a := range r.Audio() {
		if a.Size > SampleRate || a.First != int64(len(got)) {
			t.Errorf("sound %d: %d samples from %d, want at most %d from %d", i, a.Size, a.First, SampleRate, len(got))
		}
		b, err := r.ReadAudio(nil, i)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, b...)
	}
	if !bytes.Equal(got, want) {
		t.Error("the sound is not what was heard with silence in its holes")
	}
}

func TestSoundAheadOfItsTimeIsDropped(t *testing.T) {
	file := &memory{}
	w, _ := NewWriter(file, testMeta())
	if err := w.WriteFrame(Frame{At: start, JPEG: pictures(t, 64, 48, 1)[0]}); err != nil {
		t.Fatal(err)
	}
	for _, d := range []time.Duration{0, ms(100), ms(200), ms(50), ms(150), ms(300)} { // two come again, half a piece late
		if err := w.WriteAudio(at(d), tone(800)); err != nil {
			t.Fatal(err)
		}
	}
	s, err := w.Close(at(ms(400)))
	if err != nil {
		t.Fatal(err)
	}
	if s.Dropped != 1600 || s.Samples != 3200 || s.Silence != 0 {
		t.Errorf("%d dropped, %d written, %d of silence; want 1600, 3200, 0", s.Dropped, s.Samples, s.Silence)
	}
	if last := file.open(t).Audio(); last[len(last)-1].Dropped != 1600 {
		t.Errorf("last sound %+v, want 1600 dropped before it", last[len(last)-1])
	}
}
