package motion

import (
	"bytes"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// pictured makes a JPEG of what a stage shows: 8×8 pixels a cell.
func pictured(t testing.TB, l Luma) []byte {
	t.Helper()
	picture := image.NewGray(image.Rect(0, 0, l.Width*8, l.Height*8))
	for i := range picture.Pix {
		picture.Pix[i] = l.Pix[i/picture.Stride/8*l.Width+i%picture.Stride/8]
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picture, &jpeg.Options{Quality: 90}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// walk is a stage with somebody who walks through from frame 40 to 90.
func walk() *stage {
	s := newStage(2)
	s.paint = func(n int, put brush) {
		if n >= 40 {
			put(float64(n-40)*1.8-8, 18, 8, 24, 220)
		}
	}
	return s
}

func TestWhatTheEyeTellsIsInItsTrack(t *testing.T) {
	s := walk()
	eye, judge := NewEye(Settings{Zones: []Zone{{Kind: Include, Points: []Point{{0, 0}, {1, 0}, {1, 1}, {0, 1}}}}}), NewJudge(Settings{})
	judge.Set(Settings{Zones: []Zone{{Kind: Include, Points: []Point{{0, 0}, {1, 0}, {1, 1}, {0, 1}}}}})
	var teller Teller
	var live, again []told
	var change Change
	var records int
	for n := range 130 {
		picture := pictured(t, s.frame(n))
		if n == 60 {
			picture = picture[:len(picture)/2] // cut on its way
		}
		seen := eye.See(picture, frameTime(n))
		if (seen.Err != nil) != (n == 60) || seen.Unseen != (n == 60) {
			t.Fatalf("frame %d: unseen %v, %v", n, seen.Unseen, seen.Err)
		}
		live = tell(live, seen.News, frameTime(n))
		if len(seen.Track) > 0 {
			records++
		}
		if err := change.DecodeTrack(seen.Track); err != nil {
			t.Fatal(err)
		}
		r := judge.Step(&change, frameTime(n))
		if r.Active != seen.Active || r.Motion != seen.Motion || r.Zones != seen.Zones || !r.Began.Equal(seen.Began) {
			t.Fatalf("frame %d: the track says %+v, the eye %+v", n, r, seen.Result)
		}
		again = tell(again, teller.Step(r, change.Width, change.Height, frameTime(n), nil), frameTime(n))
	}
	if records < 45 || records > 90 {
		t.Errorf("%d frames have a record, want one a second, and those with a change", records)
	}
	if len(live) < 3 || live[0].Phase != Begins || live[len(live)-1].Phase != Ends || live[0].at.Sub(frameTime(40)) > time.Second {
		t.Fatalf("told %+v", live)
	}
	first, last := live[0], live[len(live)-1]
	if first.Zones != 1 || last.End.Before(frameTime(80)) || last.End.After(frameTime(100)) {
		t.Errorf("told of %+v to %+v", first, last)
	}
	// Judged again the same, but that the track knows no sharpness.
	end := again[len(again)-1]
	if end.Start != last.Start || end.End != last.End || end.Peak != last.Peak || end.PeakAt != last.PeakAt || end.Box != last.Box || end.Frames != last.Frames {
		t.Errorf("again %+v\nlive  %+v", end.Event, last.Event)
	}
	if ended := eye.Stop(); len(ended) != 0 {
		t.Errorf("nothing goes on, and the eye ends %v", ended)
	}
}

func TestTheBestPictureIsTheSharpOneOfTwoAsLarge(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	fine, blur := image.NewGray(image.Rect(0, 0, 640, 480)), image.NewGray(image.Rect(0, 0, 640, 480))
	for i := range fine.Pix {
		fine.Pix[i] = byte(i/640/3 + random.IntN(60))
		blur.Pix[i] = fine.Pix[i]
		if i >= 8 { // it moved by eight pixels while the shutter was open
			sum := 0
			for _, v := range fine.Pix[i-7 : i+1] {
				sum += int(v)
			}
			blur.Pix[i] = byte(sum / 8)
		}
	}
	coded := func(picture image.Image) []byte {
		var b bytes.Buffer
		if err := jpeg.Encode(&b, picture, nil); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	sharp, blurred := coded(fine), coded(blur)
	var d Decoder
	detail := func(picture []byte) (whole, corner int) {
		luma, err := d.Decode(picture)
		if err != nil {
			t.Fatal(err)
		}
		return luma.Detail(Region{0, 0, 80, 60, 4800}), luma.Detail(Region{70, 50, 10, 10, 100})
	}
	all, corner := detail(sharp)
	allBlurred, cornerBlurred := detail(blurred)
	if allBlurred*10 >= all*8 || cornerBlurred*10 >= corner*8 || corner >= all/10 {
		t.Errorf("sharp %d (its corner %d), blurred %d (%d)", all, corner, allBlurred, cornerBlurred)
	}
	if bits := 8 * len(sharp); all > bits || all < bits*8/10 {
		t.Errorf("%d bits of a picture of %d", all, bits)
	}
	for _, r := range []Region{{}, {79, 59, 50, 50, 1}, {200, 200, 1, 1, 1}} { // beyond the picture
		d.Decode(sharp)
		luma, _ := d.Decode(sharp)
		if got := luma.Detail(r); got > all {
			t.Errorf("%+v: %d", r, got)
		}
	}
}

func TestTheEyeDoesNotAllocateOnceItIsWarm(t *testing.T) {
	s := walk()
	var pictures [][]byte
	for n := 30; n < 110; n++ {
		pictures = append(pictures, pictured(t, s.frame(n)))
	}
	eye := NewEye(Settings{})
	n := 0
	see := func() {
		eye.See(pictures[n%len(pictures)], frameTime(n))
		n++
	}
	for range pictures {
		see()
	}
	if allocs := testing.AllocsPerRun(3*len(pictures), see); allocs != 0 {
		t.Errorf("%v allocations a picture", allocs)
	}
}

func TestStandardTablesArePutInWhereThereAreNone(t *testing.T) {
	bare := load(t, "testdata/pictures/422_no_tables.jpg")
	if _, err := jpeg.Decode(bytes.NewReader(bare)); err == nil {
		t.Fatal("image/jpeg reads it without")
	}
	with := WithTables(bare)
	if _, err := jpeg.Decode(bytes.NewReader(with)); err != nil {
		t.Error(err)
	}
	var d Decoder
	want, err := d.Decode(bare)
	if err != nil {
		t.Fatal(err)
	}
	pix := slices.Clone(want.Pix)
	if got, err := d.Decode(with); err != nil || !bytes.Equal(got.Pix, pix) {
		t.Errorf("with its tables it shows something else: %v", err)
	}
	for name := range goldens(t) {
		picture := load(t, name)
		if got := WithTables(picture); bytes.Contains(picture, []byte{0xFF, dht}) && !bytes.Equal(got, picture) {
			t.Errorf("%s has tables, and got some", name)
		}
		for n := range min(len(picture), 700) {
			WithTables(picture[:n]) // never panics
		}
	}
}
