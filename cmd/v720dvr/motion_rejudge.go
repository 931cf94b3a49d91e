package main

import (
	"context"
	"errors"
	"time"

	"v720dvr/recorder/motion"
	"v720dvr/storage/avi"
)

// learns is how long before a time pictures are looked at, so that the scene is known then.
const learns = 5 * time.Second

// rejudge judges footage again, file after file.
type rejudge struct {
	settings motion.Settings
	pictures bool // never by the track
	from, to time.Time
	frame    func(rejudged) // of each one between from and to, those that were lost among them
	news     func([]motion.News)

	eye    *motion.Eye // for pictures; nil while the track tells
	judge  *motion.Judge
	teller motion.Teller
	change motion.Change

	frames, decoded, unread int
}

// rejudged is a frame with its judgement. What is in it stands until the next.
type rejudged struct {
	at     time.Time
	index  int // in its file
	lost   bool
	result motion.Result
	change *motion.Change
	err    error // why it could not be looked at
}

// file judges the next one.
func (j *rejudge) file(ctx context.Context, r *footageFile) error {
	tracked := !j.pictures && r.tracked(j.from, j.to)
	j.turn(tracked)
	for i, frame := range r.Frames() {
		if err := ctx.Err(); err != nil {
			return err
		}
		at := r.at(frame)
		if !at.Before(j.to) || at.Before(j.from.Add(-learns)) || tracked && at.Before(j.from) {
			continue
		}
		seen := rejudged{at: at, index: i, lost: frame.Lost}
		switch {
		case frame.Lost:
		case tracked:
			j.byTrack(&seen, frame.Cells)
		default:
			j.byPicture(&seen, r)
		}
		if !at.Before(j.from) {
			j.count(seen)
			j.frame(seen)
		}
	}
	return nil
}

func (j *rejudge) count(seen rejudged) {
	j.frames++
	if j.eye != nil && !seen.lost {
		j.decoded++
	}
	if seen.err != nil {
		j.unread++
	}
}

// turn makes ready for a file with or without a track.
func (j *rejudge) turn(tracked bool) {
	if tracked == (j.eye == nil) && (j.eye != nil || j.judge != nil) {
		return
	}
	j.stop()
	if tracked {
		j.eye, j.judge = nil, motion.NewJudge(j.settings)
	} else {
		j.eye, j.judge = motion.NewEye(j.settings), nil
	}
}

// stop ends the events that go on.
func (j *rejudge) stop() {
	if j.eye != nil {
		j.news(j.eye.Stop())
	}
	j.news(j.teller.Stop())
}

func (j *rejudge) byTrack(seen *rejudged, record []byte) {
	seen.err = j.change.DecodeTrack(record)
	seen.change = &j.change
	seen.result = j.judge.Step(&j.change, seen.at)
	j.news(j.teller.Step(seen.result, j.change.Width, j.change.Height, seen.at, nil))
}

func (j *rejudge) byPicture(seen *rejudged, r *footageFile) {
	jpeg, err := r.picture(seen.index)
	if errors.Is(err, avi.ErrLost) {
		seen.lost = true
		return
	}
	if seen.err = err; err != nil {
		return
	}
	s := j.eye.See(jpeg, seen.at)
	seen.result, seen.err, seen.change = s.Result, s.Err, j.eye.Change()
	j.news(s.News)
}
