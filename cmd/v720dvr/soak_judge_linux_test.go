package main

import (
	"bytes"
	"errors"
	"hash/maphash"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/cloud/cloudtest"
	"v720dvr/storage/avi"
	"v720dvr/web"
)

// soakJudge holds segments against what was sent.
type soakJudge struct {
	t    *testing.T
	seed maphash.Seed

	mu      sync.Mutex
	cameras map[camera.ID]*soakCamera

	judged                                 map[string]bool // by path: the number of one that was deleted may come again
	segments, pictures, lost, inGaps, gone int
	worst, worstDrop                       time.Duration // error of a capture time, and in and around a cut
}

// soakCamera is what one camera sent, in order.
type soakCamera struct {
	pictures []soakPicture
	bySum    map[uint64]int
	segments []soakSegment
	drops    []web.Gap // when its link was cut
}

// soakSegment has a camera's pictures from first to last, but for those that are missing.
type soakSegment struct {
	web.Segment
	first, last int
}

type soakPicture struct {
	at    time.Time
	found bool
}

func newSoakJudge(t *testing.T) *soakJudge {
	return &soakJudge{t: t, seed: maphash.MakeSeed(), cameras: make(map[camera.ID]*soakCamera), judged: make(map[string]bool)}
}

func (j *soakJudge) sent(id camera.ID, s cloudtest.Sent) {
	if s.JPEG == nil {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	c := j.cameras[id]
	if c == nil {
		c = &soakCamera{bySum: make(map[uint64]int)}
		j.cameras[id] = c
	}
	c.bySum[maphash.Bytes(j.seed, s.JPEG)] = len(c.pictures)
	c.pictures = append(c.pictures, soakPicture{at: s.At})
}

// judgeNew judges what was committed since it was asked last.
func (s *soak) judgeNew() {
	s.t.Helper()
	var page struct {
		Segments []web.Segment `json:"segments"`
		Next     string        `json:"next"`
	}
	if err := ask(s.t.Context(), s.dir, http.MethodGet, "/api/v1/segments?limit=5000", nil, &page); err != nil {
		s.t.Errorf("list segments: %v", err)
		return
	}
	if page.Next != "" {
		s.t.Error("more segments than the volume can hold")
	}
	for _, segment := range page.Segments {
		if !s.judge.judged[segment.Path] {
			s.judge.judged[segment.Path] = true
			s.judge.segment(filepath.Join(s.dir, "recordings", filepath.FromSlash(segment.Path)), segment)
		}
	}
}

// By how much a capture time may be wrong: what the link repairs comes later, and the cameras' own process is late now
// and then. In and right around a cut link nothing tells when a picture that comes behind it was taken (docs/time.md).
const (
	soakLate  = 500 * time.Millisecond
	soakDrop  = 8 * time.Second
	soakAfter = 3 * time.Second // a cut, and its times are right again
)

func (j *soakJudge) dropped(id camera.ID, from, to time.Time) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if c := j.cameras[id]; c != nil {
		c.drops = append(c.drops, web.Gap{From: from, To: to.Add(soakAfter)})
	}
}

// segment judges one, behind those of the camera that came before.
func (j *soakJudge) segment(path string, s web.Segment) {
	j.t.Helper()
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) { // retention was quicker, and the ledger tells it
		j.gone++
		return
	}
	if err != nil {
		j.t.Error(err)
		return
	}
	defer f.Close()
	reader, err := avi.Open(f, s.Bytes)
	if err != nil {
		j.t.Errorf("%s: %v", s.Path, err)
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	c := j.cameras[s.Camera]
	j.segments++
	first, last := -1, -1
	var jpeg []byte
	for i, info := range reader.Frames() {
		if info.Lost {
			continue
		}
		if jpeg, err = reader.ReadFrame(jpeg[:0], i); err != nil {
			j.t.Errorf("%s, picture %d: %v", s.Path, i, err)
			return
		}
		n, known := c.bySum[maphash.Bytes(j.seed, jpeg)]
		switch {
		case !known:
			j.t.Errorf("%s, picture %d of %d bytes: the camera never sent it", s.Path, i, len(jpeg))
			continue
		case c.pictures[n].found:
			j.t.Errorf("%s, picture %d: it is there twice", s.Path, i)
		case n <= last:
			j.t.Errorf("%s, picture %d: the camera's %d-th stands behind its %d-th", s.Path, i, n, last)
		}
		c.pictures[n].found = true
		if last = n; first < 0 {
			first = n
		}
		off, limit := info.At.Sub(c.pictures[n].at).Abs(), soakLate
		if in(c.pictures[n].at, c.drops) {
			limit = soakDrop
			j.worstDrop = max(j.worstDrop, off)
		} else {
			j.worst = max(j.worst, off)
		}
		if off > limit {
			j.t.Errorf("%s, picture %d: taken at %v, told as %v", s.Path, i, c.pictures[n].at, info.At)
		}
		j.pictures++
	}
	if first >= 0 {
		c.segments = append(c.segments, soakSegment{s, first, last})
	}
}

// missing holds what is not there against what is told of the time: by gaps, and by marks of lost pictures. It comes
// at the end: a segment that a full disk has left open is finished behind those that came after it.
func (j *soakJudge) missing(gaps map[camera.ID][]web.Gap) {
	j.t.Helper()
	j.mu.Lock()
	defer j.mu.Unlock()
	for id, c := range j.cameras {
		slices.SortFunc(c.segments, func(a, b soakSegment) int { return a.Start.Compare(b.Start) })
		marks := 0 // of lost pictures: those behind a segment's last one are before the next one's first
		for i, s := range c.segments {
			n, before := s.first, soakSegment{}
			if i > 0 {
				before = c.segments[i-1]
				n, marks = before.last+1, min(max(marks, 0), before.Lost)
			}
			if n > s.first {
				j.t.Errorf("%s begins with the camera's picture %d, and the one before it ends with %d", s.Path, s.first, n-1)
			}
			for marks += s.Lost; n < s.last; n++ {
				p := c.pictures[n]
				switch {
				case p.found:
				case in(p.at, gaps[id]):
					j.inGaps++
				default:
					j.lost++
					if marks--; marks == -1 {
						j.t.Errorf("%s: the picture of %v is missing, and neither marked as lost (%d are) nor in a gap; the one before ends at %v; gaps are %v", s.Path, p.at.Format(time.RFC3339Nano), s.Lost, before.End, gaps[id])
					}
				}
			}
		}
	}
}

// in tells whether a moment lies in a gap, to a second: a picture is on its way for a while.
func in(at time.Time, gaps []web.Gap) bool {
	for _, g := range gaps {
		if !at.Before(g.From.Add(-time.Second)) && !at.After(g.To.Add(time.Second)) {
			return true
		}
	}
	return false
}

// field is a number of a file in /proc, by its name; 0 where it is not.
func field(status []byte, name string) int64 {
	_, rest, _ := bytes.Cut(status, []byte(name))
	value := bytes.Fields(rest)
	if len(value) == 0 {
		return 0
	}
	n, err := strconv.ParseInt(string(value[0]), 10, 64)
	if err != nil {
		return 0
	}
	return n
}
