package motion

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// place is what a microphone hears: noise of a loudness in dB of full scale, and what a test adds.
type place struct {
	random *rand.Rand
	usual  float64
	offset float64                           // a microphone's own
	louder func(second float64) (dB float64) // how much; nil: nothing
}

// alaw codes a sample of 16 bits, by trying: the nearest of all codes.
var alaw = func() func(v float64) byte {
	var codes [65536]byte
	for v := range codes {
		best, off := byte(0), math.MaxInt
		for code := range 256 {
			if d := int(math.Abs(float64(int(linear[code]) - (v - 32768)))); d < off {
				best, off = byte(code), d
			}
		}
		codes[v] = best
	}
	return func(v float64) byte { return codes[int(math.Round(min(32767, max(-32768, v))))+32768] }
}

// hear plays seconds of a place in pieces of 100 ms.
func (p *place) hear(e *Ear, from, to float64) (all []told) {
	code := alaw()
	for second := from; second < to-0.001; second += 0.1 {
		piece := make([]byte, 800)
		for i := range piece {
			loudness := p.usual
			if p.louder != nil {
				loudness += p.louder(second + float64(i)/8000)
			}
			piece[i] = code(p.offset + 32768*math.Pow(10, loudness/20)*p.random.NormFloat64())
		}
		at := began.Add(time.Duration(second * float64(time.Second)))
		all = tell(all, e.Hear(piece, at), at)
	}
	return all
}

func during(from, to, dB float64) func(float64) float64 {
	return func(second float64) float64 {
		if second >= from && second < to {
			return dB
		}
		return 0
	}
}

func TestWhatIsLouderThanUsualIsAnEvent(t *testing.T) {
	for _, usual := range []float64{-70, -55, -40, -30} {
		p := &place{random: rand.New(rand.NewPCG(1, 1)), usual: usual, offset: 700}
		over := 20.0
		if usual < quietest {
			over += quietest - usual
		}
		p.louder = during(10, 12, over)
		e := NewEar(EarSettings{})
		all := p.hear(e, 0, 20)
		if len(all) < 2 || all[0].Phase != Begins || all[len(all)-1].Phase != Ends {
			t.Fatalf("usual %v dB: told %+v", usual, all)
		}
		event := all[len(all)-1].Event
		if event.Kind != Sound || event.Start.Sub(began.Add(10*time.Second)).Abs() > 100*time.Millisecond || event.End.Sub(began.Add(12*time.Second)).Abs() > 100*time.Millisecond {
			t.Errorf("usual %v dB: from %v to %v", usual, event.Start.Sub(began), event.End.Sub(began))
		}
		if event.Loudness < 17 || event.Loudness > 23 {
			t.Errorf("usual %v dB: %v dB louder, want 20", usual, event.Loudness)
		}
		if all[0].at.Sub(began.Add(10*time.Second)) > 200*time.Millisecond {
			t.Errorf("told %v late", all[0].at.Sub(began.Add(10*time.Second)))
		}
	}
}

func TestABangIsAnEventAndACrackleIsNone(t *testing.T) {
	for _, c := range []struct {
		length, dB float64
		want       bool
	}{{0.05, 40, true}, {0.002, 30, false}, {0.05, 17, false}, {0.15, 17, true}} {
		p := &place{random: rand.New(rand.NewPCG(2, 1)), usual: -50, louder: during(10, 10+c.length, c.dB)}
		all := p.hear(NewEar(EarSettings{}), 0, 15)
		if got := len(all) > 0; got != c.want {
			t.Errorf("%v s of %v dB more: told %v, want %v", c.length, c.dB, all, c.want)
		}
	}
}

func TestWhatIsUsualIsLearned(t *testing.T) {
	p := &place{random: rand.New(rand.NewPCG(3, 1)), usual: -50}
	e := NewEar(EarSettings{})
	if all := p.hear(e, 0, 60); len(all) > 0 {
		t.Errorf("a quiet place: told %+v", all)
	}
	p.louder = during(60, 1000, 18) // a fan is switched on
	all := p.hear(e, 60, 130)
	if last := all[len(all)-1]; last.Phase != Ends || last.at.Sub(began) > 100*time.Second {
		t.Errorf("a fan is no event any more after %v", last.at.Sub(began)-time.Minute)
	}
	p.louder = func(second float64) float64 { // and somebody speaks over it
		if math.Mod(second, 0.4) < 0.25 && second > 135 && second < 195 {
			return 40
		}
		return 18
	}
	all = p.hear(e, 130, 200)
	if len(all) == 0 || !all[len(all)-1].Start.Before(began.Add(136*time.Second)) || all[len(all)-1].End.Before(began.Add(194*time.Second)) {
		t.Errorf("a minute of speech: told %d times, last %+v", len(all), all[len(all)-1])
	}
}

func TestWindAndRainAreUsualOnceKnown(t *testing.T) {
	p := &place{random: rand.New(rand.NewPCG(4, 1)), usual: -50}
	gust := 0.0
	p.louder = func(second float64) float64 {
		if p.random.IntN(800) == 0 {
			gust = 9 * p.random.Float64()
		}
		return gust
	}
	e := NewEar(EarSettings{})
	p.hear(e, 0, 30)
	if all := p.hear(e, 30, 120); len(all) > 0 {
		t.Errorf("gusts: told %+v", all)
	}
}

func TestSensitivityOfTheEarIsInSteps(t *testing.T) {
	for sensitivity, least := range map[int]float64{1: 24, 5: 16, 10: 6} {
		for _, c := range []struct {
			dB   float64
			want bool
		}{{least + 5, true}, {least - 3, false}} {
			p := &place{random: rand.New(rand.NewPCG(5, 1)), usual: -50, louder: during(10, 11, c.dB)}
			if got := len(p.hear(NewEar(EarSettings{Sensitivity: sensitivity}), 0, 15)) > 0; got != c.want {
				t.Errorf("sensitivity %d, %v dB louder: told %v, want %v", sensitivity, c.dB, got, c.want)
			}
		}
	}
}

func TestSilenceAndHolesAreNoNoise(t *testing.T) {
	e := NewEar(EarSettings{})
	silence := make([]byte, 800)
	for i := range silence {
		silence[i] = 0xD5
	}
	var all []told
	for n := range 300 {
		at := began.Add(time.Duration(n) * 100 * time.Millisecond)
		if n > 150 {
			at = at.Add(time.Hour) // the camera was away
		}
		if n > 250 {
			at = at.Add(-2 * time.Hour) // and the clock was set
		}
		all = tell(all, e.Hear(silence, at), at)
	}
	if now, usual := e.Loudness(); len(all) > 0 || usual != quietest || now > -60 {
		t.Errorf("told %+v; %v dB now, usual %v", all, now, usual)
	}
}

func TestTheEarEndsWhatGoesOn(t *testing.T) {
	p := &place{random: rand.New(rand.NewPCG(6, 1)), usual: -50, louder: during(10, 20, 30)}
	e := NewEar(EarSettings{})
	p.hear(e, 0, 12)
	if news := e.Stop(); len(news) != 1 || news[0].Phase != Ends {
		t.Errorf("told %+v", news)
	}
	if news := e.Stop(); len(news) != 0 {
		t.Errorf("and again %+v", news)
	}
}

func TestALawMeansWhatG711Says(t *testing.T) {
	for code, want := range map[byte]int16{0xD5: 8, 0x55: -8, 0xD4: 24, 0x54: -24, 0xAA: 32256, 0x2A: -32256, 0xC5: 264, 0x45: -264, 0xF5: 528, 0x80: 5504} {
		if got := linear[code]; got != want {
			t.Errorf("%#x is %d, want %d", code, got, want)
		}
	}
}

func TestTheEarDoesNotAllocate(t *testing.T) {
	p := &place{random: rand.New(rand.NewPCG(7, 1)), usual: -50}
	e := NewEar(EarSettings{})
	p.hear(e, 0, 5)
	loud := make([]byte, 800)
	for i := range loud {
		loud[i] = byte(0x2A + i%2*0x80)
	}
	n := 50
	hear := func() {
		e.Hear(loud, frameTime(n))
		n++
	}
	hear()
	if allocs := testing.AllocsPerRun(100, hear); allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}
