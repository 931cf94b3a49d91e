package main

import (
	"crypto/md5"
	"encoding/hex"
	"flag"
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"v720dvr/camera"
	"v720dvr/cloud/cloudtest"
	"v720dvr/storage"
)

var (
	films    = flag.Int64("films", 3, "how many films TestFinishedFilesAreTrueToTime measures, from -film-seed on")
	filmSeed = flag.Int64("film-seed", 1, "of the first film")
)

const (
	timeLimit   = 100 * time.Millisecond // of pictures against the truth, and of sound against pictures
	lengthLimit = 200 * time.Millisecond
	// around a drop, so long before and behind it: what the camera kept then, and what it took first.
	around = 1500 * time.Millisecond
)

// measured is what was found: the largest errors, and what none of them counts.
type measured struct {
	films, files, pictures, ticks, drops int
	picture, length                      time.Duration
	sound                                [3]time.Duration // against the picture before it, at start, middle and end of the files
	vlcFiles                             int
	vlc                                  time.Duration

	// Pictures and marks in a drop, or right around one, that are further off: most are of those whose place
	// nothing on the wire tells. docs/time.md.
	untold      int
	untoldWorst time.Duration
	untoldSound int
}

func (f *measured) add(o measured) {
	f.films, f.files, f.pictures, f.ticks, f.drops = f.films+o.films, f.files+o.files, f.pictures+o.pictures, f.ticks+o.ticks, f.drops+o.drops
	f.picture, f.length = max(f.picture, o.picture), max(f.length, o.length)
	for i := range f.sound {
		f.sound[i] = max(f.sound[i], o.sound[i])
	}
	f.vlcFiles, f.vlc = f.vlcFiles+o.vlcFiles, max(f.vlc, o.vlc)
	f.untold, f.untoldSound, f.untoldWorst = f.untold+o.untold, f.untoldSound+o.untoldSound, max(f.untoldWorst, o.untoldWorst)
}

func (f measured) String() string {
	s := fmt.Sprintf("%d films, %d drops, %d files, %d pictures, %d marks in the sound; largest error of picture time %v, of sound against picture %v at the start, %v in the middle, %v at the end, of length %v; beside them %d pictures and %d marks in or right around drops that are further off, the worst by %v",
		f.films, f.drops, f.files, f.pictures, f.ticks, f.picture, f.sound[0], f.sound[1], f.sound[2], f.length, f.untold, f.untoldSound, f.untoldWorst)
	if f.vlcFiles > 0 {
		s += fmt.Sprintf("; VLC shows %d of the files as ffprobe does, to within %v", f.vlcFiles, f.vlc)
	}
	return s
}

// TestFinishedFilesAreTrueToTime measures finished files with players, not with our own reader. `make films`
// measures fifty.
func TestFinishedFilesAreTrueToTime(t *testing.T) {
	needs(t, "ffprobe", "ffmpeg")
	n := *films
	if testing.Short() {
		n = min(n, 1)
	}
	if _, err := exec.LookPath("cvlc"); err != nil {
		t.Log("SKIPPED: VLC is not installed, so its own demuxer has not looked at the files; CI has none either, and V720DVR_TEST_ALL does not ask for it")
	}
	var all measured
	for s := *filmSeed; s < *filmSeed+n; s++ {
		t.Run(fmt.Sprint(s), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := drawFilm(s)
				dir, records := a.shoot(t)
				all.add(a.measure(t, dir, records))
			})
		})
	}
	t.Log(all)
	if n >= 10 && all.untold > all.pictures/500 {
		t.Errorf("%d of %d pictures, those around drops, are at wrong places, want 1 of 500 at most", all.untold, all.pictures)
	}
}

// measure holds a film's files against what its cameras took, and when.
func (a *aired) measure(t *testing.T, dir string, records []storage.SegmentRecord) (f measured) {
	t.Helper()
	f.films, f.drops = 1, len(a.drops)
	for id, sent := range a.sent {
		truth := newTruth(sent)
		var before, after *reel
		for _, record := range records {
			if record.Camera != id {
				continue
			}
			path := filepath.Join(dir, "recordings", filepath.FromSlash(record.Path))
			after = &reel{record: record}
			f.add(a.file(t, truth, after, path))
			if before != nil {
				f.length = max(f.length, truth.seam(t, *before, *after))
			}
			before = after
		}
		if before == nil {
			t.Errorf("%s: nothing was recorded", id)
		}
	}
	t.Logf("seed %d: drops %v; %v", a.seed, a.drops, f)
	return f
}

// reel is a file as a player shows it.
type reel struct {
	record storage.SegmentRecord
	shown
	first, last time.Time // when its pictures were taken, as far as their places are right
	place       time.Duration
}

// truth is when a camera took its pictures and heard its sound.
type truth struct {
	pictures map[string]time.Time // by their sum
	sounds   []cloudtest.Sent
}

func newTruth(sent []cloudtest.Sent) truth {
	tr := truth{pictures: map[string]time.Time{}}
	for _, s := range sent {
		if s.JPEG == nil {
			tr.sounds = append(tr.sounds, s)
			continue
		}
		sum := md5.Sum(s.JPEG)
		tr.pictures[hex.EncodeToString(sum[:])] = s.At
	}
	return tr
}

// heard is when a sample was; false when the camera sent none with this number.
func (tr truth) heard(sample int64) (time.Time, bool) {
	for _, s := range tr.sounds {
		if from := sample - s.Index; from >= 0 && from < int64(len(s.ALaw)) {
			return s.At.Add(time.Duration(from) * time.Second / camera.SampleRate), true
		}
	}
	return time.Time{}, false
}

// inDrop tells whether a moment is in a drop, or right around one, that is long enough to explain such an
// error: what it puts at a wrong place is in the drop, or at one of its ends.
func (a *aired) inDrop(at time.Time, off time.Duration) bool {
	for _, d := range a.drops {
		if at.After(d.from.Add(-around)) && at.Before(d.until.Add(around)) && off.Abs() < d.until.Sub(d.from)+2*around {
			return true
		}
	}
	return false
}

// file measures one file.
func (a *aired) file(t *testing.T, tr truth, r *reel, path string) (f measured) {
	t.Helper()
	f.files = 1
	r.shown = probeTimes(t, path)
	record, s := r.record, r.shown
	type anchor struct{ taken, off time.Duration }
	var anchors []anchor // of pictures: when they were taken since the file's start, and how far off they are shown
	for i, sum := range s.sums {
		taken, ok := tr.pictures[sum]
		if !ok {
			t.Errorf("%s: ffprobe shows a picture at %v that was never taken", path, s.at[i])
			continue
		}
		f.pictures++
		off := record.Start.Add(s.at[i]).Sub(taken)
		switch {
		case off.Abs() <= timeLimit:
			f.picture = max(f.picture, off.Abs())
			anchors = append(anchors, anchor{taken.Sub(record.Start), off})
			if r.first.IsZero() {
				r.first, r.place = taken, s.at[i]
			} else if pause := taken.Sub(r.last); pause > limit+time.Second { // a picture that was lost counts too
				t.Errorf("%s: goes on behind a pause of %v", filepath.Base(path), pause)
			}
			r.last = taken
		case a.inDrop(taken, off):
			f.untold, f.untoldWorst = f.untold+1, max(f.untoldWorst, off.Abs())
			if testing.Verbose() {
				t.Logf("%s %s: picture of %v by %v off", record.Camera, filepath.Base(path), taken.Format("04:05.000"), off)
			}
		default:
			f.picture = max(f.picture, off.Abs())
			t.Errorf("%s: ffprobe shows the picture of %v by %v off", filepath.Base(path), taken.Format("15:04:05.000"), off)
		}
	}

	var heard []cloudtest.Tick
	if record.HasAudio {
		heard = cloudtest.Ticks(decodeSound(t, path))
	}
	for _, tick := range heard {
		at, ok := tr.heard(tick.Sample)
		if !ok {
			t.Errorf("%s: a mark in the sound that the camera never sent: sample %d", path, tick.Sample)
			continue
		}
		f.ticks++
		place := time.Duration(tick.Offset) * time.Second / camera.SampleRate
		off := record.Start.Add(place).Sub(at)
		alone := off
		// Against the picture that was taken last before it, within a second.
		for i := len(anchors) - 1; i >= 0; i-- {
			if since := at.Sub(record.Start) - anchors[i].taken; since >= 0 {
				if since < time.Second {
					off -= anchors[i].off
				}
				break
			}
		}
		third := min(2, int(3*place/max(1, s.length)))
		switch {
		case off.Abs() <= timeLimit:
			f.sound[third] = max(f.sound[third], off.Abs())
		case a.inDrop(at, off):
			f.untoldSound, f.untoldWorst = f.untoldSound+1, max(f.untoldWorst, off.Abs())
		default:
			f.sound[third] = max(f.sound[third], off.Abs())
			t.Errorf("%s: the mark in the sound of %v is by %v off its picture, and by %v off the clock", filepath.Base(path), at.Format("15:04:05.000"), off, alone)
		}
	}

	if f.length = (s.length - record.End.Sub(record.Start)).Abs(); f.length > lengthLimit {
		t.Errorf("%s: ffprobe says it is %v long, the index %v", filepath.Base(path), s.length, record.End.Sub(record.Start))
	}
	if vlc := a.vlc(t, path, s); vlc != nil {
		f.vlcFiles, f.vlc = 1, *vlc
	}
	return f
}

// limit is how long a camera may be without pictures before its file ends. docs/time.md, Segments.
const limit = 10 * time.Second

// seam holds two files on end against the truth: they follow on each other, and the first is as long as the
// camera says, or a time without pictures lies between them. It returns by how much the first is too long or
// too short.
func (tr truth) seam(t *testing.T, before, after reel) time.Duration {
	t.Helper()
	name := filepath.Base(before.record.Path)
	if apart := after.record.Start.Sub(before.record.End); apart > time.Second {
		if pause := after.first.Sub(before.last); pause < limit-timeLimit {
			t.Errorf("%s: %v are missing behind it, and the camera made a pause of %v", name, apart, pause)
		}
		return 0
	}
	if before.first.IsZero() || after.first.IsZero() {
		return 0
	}
	// Its first picture stands behind sound; the next file begins with a picture.
	off := (before.length - before.place - after.first.Sub(before.first)).Abs()
	if off > lengthLimit {
		t.Errorf("%s: ffprobe says it is %v long, by the camera's clock it is by %v another length", name, before.length, off)
	}
	return off
}

// vlc measures by how much VLC shows the pictures of a film's first file at other times than ffprobe does; nil for
// the others, as it takes seconds to start, and where it is not installed.
func (a *aired) vlc(t *testing.T, path string, s shown) *time.Duration {
	t.Helper()
	if _, err := exec.LookPath("cvlc"); err != nil || a.seen {
		return nil
	}
	a.seen = true
	v := vlcTimes(t, path)
	// What is behind the last one is not there when VLC's muxer ends.
	if len(v.sums) < len(s.sums)-1 || len(v.sums) > len(s.sums) || len(v.sums) == 0 {
		t.Errorf("%s: VLC shows %d pictures, ffprobe %d", path, len(v.sums), len(s.sums))
		return nil
	}
	worst := time.Duration(0)
	for i := range v.sums {
		if v.sums[i] != s.sums[i] {
			t.Fatalf("%s: VLC's picture %d is another one than ffprobe's", path, i)
		}
		worst = max(worst, ((v.at[i] - v.at[0]) - (s.at[i] - s.at[0])).Abs())
	}
	return &worst
}
