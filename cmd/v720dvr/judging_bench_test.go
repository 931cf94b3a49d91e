package main

import (
	"bytes"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/internal/config"
	"v720dvr/recorder/motion"
	"v720dvr/storage"
	"v720dvr/web"
)

// busyTrack is the track of somebody who walks up and down before leaves, in pictures of 640×480: a minute of it.
func busyTrack(b *testing.B) (tracks [][]byte, scores []uint16) {
	eye := motion.NewEye(motion.Settings{})
	random := rand.New(rand.NewPCG(1, 1))
	for n := range 700 {
		picture := image.NewGray(image.Rect(0, 0, 640, 480))
		for i := range picture.Pix {
			picture.Pix[i] = byte(60 + i%640/8 + 30*(i/640/40%2))
		}
		patch := func(x, y, wide, high int, shade byte) {
			for i := range wide * high {
				if x, y := x+i%wide, y+i/wide; x >= 0 && x < 640 && y < 480 {
					picture.Pix[y*640+x] = shade
				}
			}
		}
		for range 60 {
			patch(random.IntN(30)*8, random.IntN(20)*8, 16, 16, byte(random.IntN(256)))
		}
		patch(300+min(n%200, 200-n%200)*3-100, 150, 90, 250, 230)
		var jpg bytes.Buffer
		if err := jpeg.Encode(&jpg, picture, nil); err != nil {
			b.Fatal(err)
		}
		seen := eye.See(jpg.Bytes(), filmed.Add(time.Duration(n)*100*time.Millisecond))
		if n >= 100 {
			tracks, scores = append(tracks, slices.Clone(seen.Track)), append(scores, seen.Score)
		}
	}
	return tracks, scores
}

// BenchmarkReplayADay judges a day of a camera again as the API does, 864,000 frames in 288 segments: of a street
// with somebody on it a tenth of the time, and of one where it never ends; by the settings in force alone, and by
// others beside them.
func BenchmarkReplayADay(b *testing.B) {
	tracks, scores := busyTrack(b)
	size := 0
	for _, t := range tracks {
		size += len(t)
	}
	var tiny bytes.Buffer
	if err := jpeg.Encode(&tiny, image.NewGray(image.Rect(0, 0, 8, 8)), nil); err != nil {
		b.Fatal(err)
	}
	for name, busy := range map[string]int{"tenth": 10, "all": 1} {
		store, err := storage.Open(b.Context(), storage.Options{Dir: b.TempDir(), Location: time.UTC})
		if err != nil {
			b.Fatal(err)
		}
		box := &box{store: store, pace: newPace()}
		loaded := config.Loaded{Config: config.Default()}
		box.config.Store(&loaded)
		const id = camera.ID("0800c00128F8")
		for s := range 288 {
			start := filmed.Add(time.Duration(s) * 5 * time.Minute)
			segment, err := store.Create(storage.SegmentSpec{Camera: id, Start: start})
			if err != nil {
				b.Fatal(err)
			}
			for n := range 3000 {
				var track []byte
				var score uint16
				if n/300%busy == 0 {
					track, score = tracks[n%len(tracks)], scores[n%len(tracks)]
				} else if n%10 == 0 {
					track = (&motion.Change{Width: 80, Height: 60, Levels: make([]uint8, 4800)}).AppendTrack(nil, true)
				}
				if err := segment.WriteJudged(camera.Frame{Camera: id, At: start.Add(time.Duration(n) * 100 * time.Millisecond), JPEG: tiny.Bytes()}, score, track); err != nil {
					b.Fatal(err)
				}
			}
			if _, err := segment.Commit(b.Context(), start.Add(5*time.Minute)); err != nil {
				b.Fatal(err)
			}
		}
		for _, c := range []struct {
			name  string
			tries web.MotionSettings
		}{{"alone", web.MotionSettings{}}, {"beside", web.MotionSettings{Sensitivity: 7}}} {
			b.Run(name+"/"+c.name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					told, err := box.Replay(b.Context(), web.ReplayQuery{Camera: id, From: filmed, To: filmed.Add(24 * time.Hour), Settings: c.tries})
					if err != nil || told.Judged != 864_000 || told.Decoded != 0 {
						b.Fatal(err, told.Judged, told.Decoded)
					}
					b.ReportMetric(float64(len(told.Events)), "events")
				}
				b.ReportMetric(float64(size)/float64(len(tracks)), "B/track")
			})
		}
		if err := store.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
