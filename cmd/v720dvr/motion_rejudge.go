package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"v720dvr/recorder/motion"
	"v720dvr/storage/avi"
	"v720dvr/web"
)

// learns is how long before a time pictures are looked at, so that the scene is known then.
const learns = 5 * time.Second

// rejudge judges footage again, file after file.
type rejudge struct {
	settings motion.Settings
	pictures bool          // never by the track
	most     time.Duration // of pictures that are looked at; 0: all
	from, to time.Time
	frame    func(rejudged) error // of each one between from and to, those that were lost among them
	news     func([]motion.News)
	rival    *rival // judges the same; nil: nobody does
	turn     *turn  // of who shares the processor with others; nil: nobody is waited for

	eye    *motion.Eye // for pictures; nil while the track tells
	judge  *motion.Judge
	teller motion.Teller
	change motion.Change

	frames, decoded, unread int
	byTrack, byPictures     time.Duration // of footage
}

// A rival judges the same changes by other settings. Of no picture it knows which shows a movement best but by
// its size.
type rival struct {
	settings motion.Settings
	news     func([]motion.News)
	judge    *motion.Judge
	teller   motion.Teller
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
	length := r.length(j.from, j.to)
	if err := j.account(tracked, length); err != nil {
		return err
	}
	j.begin(tracked)
	index := -1 // of the last picture that is in the file
	for _, frame := range r.Track() {
		number := -1
		if !frame.Taken {
			index++
			number = index
		}
		at := r.at(frame)
		if !at.Before(j.to) || at.Before(j.from.Add(-learns)) || tracked && at.Before(j.from) {
			continue
		}
		if err := j.wait(ctx); err != nil {
			return err
		}
		seen := rejudged{at: at, index: number, lost: frame.Lost || frame.Taken && !tracked}
		switch {
		case seen.lost:
		case tracked:
			j.stepTrack(&seen, frame.Cells)
		default:
			j.stepPicture(&seen, r)
		}
		if !at.Before(j.from) {
			j.count(seen)
			if err := j.frame(seen); err != nil {
				return err
			}
		}
	}
	return nil
}

// account adds the length of a file, and refuses more pictures than are to be looked at.
func (j *rejudge) account(tracked bool, length time.Duration) error {
	if tracked {
		j.byTrack += length
		return nil
	}
	if j.byPictures += length; j.most > 0 && j.byPictures > j.most {
		return &web.JudgeError{Text: fmt.Sprintf("more than %v of it have to be judged by their pictures, since nobody looked while they were recorded: ask for a shorter span", j.most)}
	}
	return nil
}

// wait lets others have the processor, and tells when nobody wants to know any more.
func (j *rejudge) wait(ctx context.Context) error {
	if j.turn != nil {
		return j.turn.pause(ctx)
	}
	return ctx.Err()
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

// begin makes ready for a file with or without a track.
func (j *rejudge) begin(tracked bool) {
	if tracked == (j.eye == nil) && (j.eye != nil || j.judge != nil) {
		return
	}
	j.stop()
	if tracked {
		j.eye, j.judge = nil, motion.NewJudge(j.settings)
	} else {
		j.eye, j.judge = motion.NewEye(j.settings), nil
	}
	if j.rival != nil {
		j.rival.judge = motion.NewJudge(j.rival.settings)
	}
}

// stop ends the events that go on.
func (j *rejudge) stop() {
	if j.eye != nil {
		j.news(j.eye.Stop())
	}
	j.news(j.teller.Stop())
	if j.rival != nil {
		j.rival.news(j.rival.teller.Stop())
	}
}

func (j *rejudge) stepTrack(seen *rejudged, record []byte) {
	seen.err = j.change.DecodeTrack(record)
	seen.change = &j.change
	seen.result = j.judge.Step(&j.change, seen.at)
	j.news(j.teller.Step(seen.result, j.change.Width, j.change.Height, seen.at, nil))
	j.rival.step(&j.change, seen.at)
}

func (j *rejudge) stepPicture(seen *rejudged, r *footageFile) {
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
	if s.Err == nil {
		j.rival.step(seen.change, seen.at)
	}
}

func (r *rival) step(c *motion.Change, at time.Time) {
	if r != nil {
		r.news(r.teller.Step(r.judge.Step(c, at), c.Width, c.Height, at, nil))
	}
}
