package motion

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// visit shows a Health pictures, one a second, and writes down what turns: "+black 61s" is told 61 s from the beginning.
type visit struct {
	health Health
	at     time.Duration
	told   []string
}

func (v *visit) note(turns []Turn) {
	for _, turn := range turns {
		sign := "-"
		if turn.Ails {
			sign = "+"
		}
		v.told = append(v.told, fmt.Sprintf("%s%s %.0fs", sign, turn.Ailment, turn.At.Sub(began).Seconds()))
	}
}

// show shows pictures for a time, there and back and again.
func (v *visit) show(c clip, length time.Duration, of func(Luma) Luma) {
	last := len(c.luma) - 1
	for end := v.at + length; v.at < end; v.at += time.Second {
		n := int(v.at/time.Second) % (2 * last)
		l := c.at(min(n, 2*last-n))
		l.Pix, l.Colour = bytes.Clone(l.Pix), 6
		l.Pix[int(v.at/time.Second)%len(l.Pix)] ^= 1 // the films were coded with pictures that are each like the one before; a sensor has grain
		v.note(v.health.See(of(l), began.Add(v.at)))
	}
}

func (v *visit) expect(t *testing.T, want string) {
	t.Helper()
	if got := strings.Join(v.told, " "); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func asItIs(l Luma) Luma { return l }

// cellwise changes each cell by itself.
func cellwise(of func(v float64) float64) func(Luma) Luma {
	return func(l Luma) Luma {
		for i, v := range l.Pix {
			l.Pix[i] = byte(min(255, max(0, of(float64(v)))))
		}
		return l
	}
}

// fogged blurs a picture over so many cells to each side, three times, which is near a Gaussian.
func fogged(reach int) func(Luma) Luma {
	return func(l Luma) Luma {
		for range 3 {
			for _, step := range []int{1, l.Width} {
				from := bytes.Clone(l.Pix)
				for i := range l.Pix {
					sum, n := 0, 0
					for k := -reach; k <= reach; k++ {
						if j := i + k*step; j >= 0 && j < len(from) && (step > 1 || j/l.Width == i/l.Width) {
							sum, n = sum+int(from[j]), n+1
						}
					}
					l.Pix[i] = byte(sum / n)
				}
			}
		}
		return l
	}
}

func TestNothingIsWrongWithRealFootage(t *testing.T) {
	for _, c := range footage(t) {
		var v visit
		v.show(c, time.Hour, asItIs)
		v.expect(t, "")
	}
}

// Other cameras, light and places: as long as something can be seen, nothing is wrong.
func TestNothingIsWrongWithTheWorldBesideTheFootage(t *testing.T) {
	for _, w := range variations {
		for i, c := range footage(t) {
			var v visit
			n := min(60, len(c.luma))
			c.luma, c.truth = c.luma[:n], c.truth[:n]
			v.show(w.of(c, rand.New(rand.NewPCG(uint64(i), 7))), 13*time.Minute, asItIs)
			if len(v.told) > 0 {
				t.Errorf("%s, %s: told %v", w.name, c.name, v.told)
			}
		}
	}
}

func TestWhatIsWrongIsToldAfterAMinuteAndIsOverAfterHalfOfOne(t *testing.T) {
	frozen := func() func(Luma) Luma {
		var first *Luma
		return func(l Luma) Luma {
			if first == nil {
				first = &l
			}
			return *first
		}
	}
	for _, c := range footage(t) {
		for _, f := range []struct {
			name  string
			wrong func(Luma) Luma
			want  string
		}{
			{"frozen", frozen(), "+frozen 961s -frozen 1050s"}, // the first picture may yet be the last of life
			{"black", cellwise(func(float64) float64 { return 16 }), "+black 960s -black 1050s"},
			{"a room that got dark", cellwise(func(v float64) float64 { return v * 0.05 }), "+black 960s -black 1050s"},
			{"a hand before the lens", cellwise(func(v float64) float64 { return 60 + v*0.01 }), "+covered 960s -covered 1050s"},
			{"without colour", func(l Luma) Luma { l.Colour = 0; return l }, "+grey 960s -grey 1050s"},
			{"breath on the lens", fogged(1), "+blurred 960s -blurred 1050s"},
			{"a drop on the lens", fogged(4), "+blurred 960s -blurred 1050s"},
		} {
			t.Run(c.name+"/"+f.name, func(t *testing.T) {
				var v visit
				v.show(c, 15*time.Minute, asItIs)
				v.show(c, 2*time.Minute, f.wrong)
				v.show(c, 2*time.Minute, asItIs)
				v.expect(t, f.want)
			})
		}
	}
}

// A camera in infrared loses its colour, and that is all that is told of a night.
func TestInfraredIsGreyAndNothingElse(t *testing.T) {
	for _, c := range footage(t) {
		var v visit
		v.show(c, 20*time.Minute, asItIs)
		infrared := cellwise(func(v float64) float64 { return 20 + v*0.6 })
		v.show(c, 30*time.Minute, func(l Luma) Luma { l = infrared(l); l.Colour = 0; return l })
		v.show(c, 5*time.Minute, asItIs)
		v.expect(t, "+grey 1260s -grey 3030s")
	}
}

func TestAPictureOfUnknownColourIsNotGrey(t *testing.T) {
	var v visit
	v.show(footage(t)[0], 5*time.Minute, func(l Luma) Luma { l.Colour = -1; return l })
	v.expect(t, "")
}

// Who looks seldom, since motion is off, tells the same.
func TestAPictureEveryTenSecondsIsEnough(t *testing.T) {
	c := footage(t)[0]
	var v visit
	for n := range 60 {
		l := c.at(0)
		v.note(v.health.See(l, began.Add(time.Duration(n)*HealthSpare)))
	}
	if len(v.told) == 0 || !slices.Contains(v.told, "+frozen 70s") {
		t.Errorf("got %v", v.told)
	}
}

// What was seen before a gap says nothing of what is behind it.
func TestAGapIsNoReasonToTellAnything(t *testing.T) {
	var v visit
	dark := Luma{Width: 80, Height: 60, Rows: 60, Pix: make([]byte, 4800), Colour: 6}
	for n := range 40 {
		v.note(v.health.See(dark, began.Add(time.Duration(n)*30*time.Second)))
	}
	v.expect(t, "")
	if v.health.See(dark, began.Add(-time.Hour)); v.health.Due(began.Add(-time.Hour)) || !v.health.Due(began.Add(-2*time.Hour)) {
		t.Error("a clock that was set back stops it from looking")
	}
}

func TestAMicrophoneIsSilentAfterHalfAnHourOfNothingAndWellWithTheFirstSound(t *testing.T) {
	var v visit
	hear := func(length time.Duration, loud uint8) {
		for end := v.at + length; v.at < end; v.at += 100 * time.Millisecond {
			v.note(v.health.Hear(loud, began.Add(v.at)))
		}
	}
	hear(29*time.Minute, 0)
	hear(time.Second, 1)
	hear(45*time.Minute, 0)
	hear(time.Second, 1)
	v.expect(t, "+deaf 3541s -deaf 4441s")
	v.at += time.Minute
	hear(29*time.Minute, 0)
	v.at += time.Minute
	hear(29*time.Minute, 0) // no half hour without a hole
	v.expect(t, "+deaf 3541s -deaf 4441s")
}

func TestStopEndsWhatIsWrong(t *testing.T) {
	var v visit
	v.show(footage(t)[0], 2*time.Minute, cellwise(func(float64) float64 { return 0 }))
	for range 20000 {
		v.note(v.health.Hear(0, began.Add(v.at)))
		v.at += 100 * time.Millisecond
	}
	v.note(v.health.StopHearing(began.Add(v.at)))
	v.note(v.health.Stop(began.Add(v.at)))
	v.note(v.health.Stop(began.Add(v.at)))
	v.expect(t, "+black 60s +deaf 1920s -deaf 2120s -black 2120s")
}

// However pictures come and go, what is told was so for all of its hold-off, and turns as seldom as that allows.
func TestNothingFlaps(t *testing.T) {
	for seed := range uint64(12) {
		random := rand.New(rand.NewPCG(seed, 3))
		var h Health
		picture := Luma{Width: 80, Height: 60, Rows: 60}
		lit, unlit := make([]byte, 4800), make([]byte, 4800)
		for i := range lit {
			lit[i] = byte(60 + random.IntN(120))
		}
		run := map[Ailment]time.Time{} // since when raw has been so
		ails := map[Ailment]bool{}
		turned := map[Ailment]time.Time{}
		at, dark, odds := began, false, []float64{0.5, 0.1, 0.02, 0.01}[seed%4]
		for range 3000 {
			at = at.Add(time.Duration(200+random.IntN(2000)) * time.Millisecond)
			if random.Float64() < odds {
				dark = !dark
			}
			picture.Pix, picture.Colour = lit, 6
			if dark {
				picture.Pix = unlit
			}
			picture.Pix[random.IntN(4800)] ^= 1
			if run[Black].IsZero() || dark != ails["raw"] {
				run[Black], ails["raw"] = at, dark
			}
			for _, turn := range h.See(picture, at) {
				least := AilsAfter
				if !turn.Ails {
					least = WellAfter
				}
				if turn.Ailment != Black || turn.Ails == ails[Black] || turn.Ails != dark || at.Sub(run[Black]) < least || !turn.Since.Equal(run[Black]) || !turned[Black].IsZero() && at.Sub(turned[Black]) < least {
					t.Fatalf("seed %d: told %+v; it has been so since %v, and turned last %v", seed, turn, run[Black], turned[Black])
				}
				ails[Black], turned[Black] = turn.Ails, at
			}
			if ails[Black] != dark && at.Sub(run[Black]) >= AilsAfter {
				t.Fatalf("seed %d: dark is %v since %v, and nothing was told by %v", seed, dark, run[Black], at)
			}
		}
		if odds < 0.1 && turned[Black].IsZero() {
			t.Errorf("seed %d: nothing turned: the test shows nothing", seed)
		}
	}
}

func TestColourIsHowFarAPictureIsOffGrey(t *testing.T) {
	var d Decoder
	decode := func(of func(x, y int) color.Color) float64 {
		t.Helper()
		picture := image.NewRGBA(image.Rect(0, 0, 160, 120))
		for i := range 160 * 120 {
			picture.Set(i%160, i/160, of(i%160, i/160))
		}
		var b bytes.Buffer
		if err := jpeg.Encode(&b, picture, nil); err != nil {
			t.Fatal(err)
		}
		l, err := d.Decode(b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		return l.Colour
	}
	if got := decode(func(x, y int) color.Color { return color.Gray{Y: uint8(x + y)} }); got != 0 {
		t.Errorf("grey: got %v, want 0", got)
	}
	// JFIF 1.02: Cb of pure red is 0.1687·255 = 43 below grey, Cr 0.5·255 = 127.5 above.
	if got := decode(func(int, int) color.Color { return color.RGBA{R: 255, A: 255} }); got < 83 || got > 88 {
		t.Errorf("red: got %v, want the mean of 43 and 127.5", got)
	}
	for name, want := range map[string]bool{"422_busy": true, "420": true, "444": true, "422_restart_3": true, "grey": false} {
		l, err := d.Decode(load(t, "testdata/pictures/"+name+".jpg"))
		if err != nil {
			t.Fatal(err)
		}
		if got := l.Colour > 1; got != want {
			t.Errorf("%s: got colour %v", name, l.Colour)
		}
	}
	l, err := d.Decode(load(t, "testdata/pictures/422_three_scans.jpg"))
	if err != nil || l.Colour >= 0 {
		t.Errorf("chroma in scans of its own: got %v, %v, want it unknown", l.Colour, err)
	}
}

// BenchmarkHealth is what a look costs: one a second, so a tenth of it a frame.
func BenchmarkHealth(b *testing.B) {
	var d Decoder
	l, err := d.Decode(load(b, busyPicture))
	if err != nil {
		b.Fatal(err)
	}
	var h Health
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		h.See(l, began.Add(time.Duration(n)*time.Second))
	}
}

func TestHealthAllocatesNothing(t *testing.T) {
	var h Health
	l, n := footage(t)[0].at(0), 0
	for range 200 {
		n++
		h.See(l, began.Add(time.Duration(n)*time.Second))
	}
	if got := testing.AllocsPerRun(100, func() {
		n++
		h.See(l, began.Add(time.Duration(n)*time.Second))
		h.Hear(3, began.Add(time.Duration(n)*time.Second))
	}); got != 0 {
		t.Errorf("%v allocations a look", got)
	}
}
