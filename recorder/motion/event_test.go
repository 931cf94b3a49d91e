package motion

import (
	"slices"
	"testing"
	"time"
)

// told is what a teller told of, with copies of the events.
type told struct {
	Phase
	Event
	at time.Time
}

func tell(all []told, news []News, at time.Time) []told {
	for _, n := range news {
		all = append(all, told{n.Phase, *n.Event, at})
	}
	return all
}

func TestAnEventIsToldFromItsFirstFrameToItsEnd(t *testing.T) {
	var teller Teller
	var all []told
	step := func(tenth int, r Result, bits int) {
		all = tell(all, teller.Step(r, 80, 60, frameTime(tenth), func(Region) int { return bits }), frameTime(tenth))
	}
	small, large := Region{10, 10, 4, 5, 20}, Region{20, 12, 10, 10, 80}
	step(0, Result{Motion: true, Score: 100, Regions: []Region{small}, Zones: 1}, 900)
	step(1, Result{Motion: true, Active: true, Began: frameTime(0), Score: 100, Regions: []Region{small}, Zones: 1}, 400)
	step(2, Result{Motion: true, Active: true, Began: frameTime(0), Score: 500, Regions: []Region{small, large}, Zones: 2}, 1000) // larger
	step(3, Result{Motion: true, Active: true, Began: frameTime(0), Score: 400, Regions: []Region{large}}, 900)                   // blurred
	step(4, Result{Unseen: true, Active: true, Began: frameTime(0)}, 0)
	step(5, Result{Motion: true, Active: true, Began: frameTime(0), Score: 400, Regions: []Region{large}}, 1100) // sharper
	step(9, Result{Stands: true, Active: true, Began: frameTime(0)}, 0)
	step(20, Result{Active: true, Began: frameTime(0)}, 0)
	step(31, Result{}, 0)
	step(32, Result{}, 0)

	var phases []Phase
	for _, n := range all {
		phases = append(phases, n.Phase)
	}
	if want := []Phase{Begins, Goes, Goes, Goes, Ends}; !slices.Equal(phases, want) {
		t.Fatalf("told %v, want %v", phases, want)
	}
	if first := all[0]; !first.Best.Equal(frameTime(1)) || !first.at.Equal(frameTime(1)) || !first.Start.Equal(frameTime(0)) {
		t.Errorf("it begins with %+v: want its start in the first frame, and the picture of the second, which is at hand", first)
	}
	if better := all[1]; !better.Best.Equal(frameTime(2)) || better.BestBox != large {
		t.Errorf("the larger one: %+v", better)
	}
	want := Event{
		Kind: Movement, Start: frameTime(0), End: frameTime(9), Peak: 500, PeakAt: frameTime(2), Frames: 5,
		Box: Region{10, 10, 20, 12, 80}, Width: 80, Height: 60, Zones: 3, Best: frameTime(5), BestBox: large, weight: 1100 * 80 / 100,
	}
	if end := all[4]; end.Event != want {
		t.Errorf("ended %+v\nwant  %+v", end.Event, want)
	}
	if zones := want.ZoneNumbers(); !slices.Equal(zones, []int{0, 1}) {
		t.Errorf("zones %v", zones)
	}
}

func TestLightIsAnEventOfItsOwnBesideAMovement(t *testing.T) {
	var teller Teller
	var all []told
	for n := range 60 {
		r := Result{Light: n >= 10 && n < 14}
		if n >= 12 && n < 30 {
			r.Motion, r.Active, r.Began, r.Regions, r.Score = true, true, frameTime(12), []Region{{1, 1, 9, 9, 80}}, 1000
		}
		all = tell(all, teller.Step(r, 80, 60, frameTime(n), nil), frameTime(n))
	}
	var light, movement []told
	for _, n := range all {
		if n.Kind == Light {
			light = append(light, n)
		} else {
			movement = append(movement, n)
		}
	}
	last := light[len(light)-1]
	if light[0].Phase != Begins || last.Phase != Ends || !last.Start.Equal(frameTime(10)) || !last.End.Equal(frameTime(13)) || !last.at.Equal(frameTime(34)) {
		t.Errorf("light: %+v", last)
	}
	if last := movement[len(movement)-1]; movement[0].Phase != Begins || last.Phase != Ends || last.Frames != 18 {
		t.Errorf("movement: %+v", last)
	}
}

func TestStoppingEndsWhatGoesOn(t *testing.T) {
	var teller Teller
	teller.Step(Result{Motion: true, Light: true, Active: true, Began: began, Regions: []Region{{1, 1, 9, 9, 80}}}, 80, 60, began, nil)
	news := teller.Stop()
	if len(news) != 2 || news[0].Phase != Ends || news[1].Phase != Ends {
		t.Errorf("told %+v", news)
	}
	if news = teller.Stop(); len(news) != 0 {
		t.Errorf("and once more %+v", news)
	}
}
