package storage_test

import (
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
)

// What retention costs with a million segments of 40 cameras: the look for room, which may come every
// few seconds, and a pass over sizes and ages, which comes every ten minutes.
func BenchmarkPlanOfAMillion(b *testing.B) {
	store, err := storage.Open(b.Context(), storage.Options{Dir: million(b)})
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	age := func(camera.ID) storage.CameraRules { return storage.CameraRules{MaxAge: time.Since(millionDay)} }
	for name, c := range map[string]struct {
		rules storage.Rules
		take  int // after which the plan is left
	}{
		"min_free, the first": {storage.Rules{MinFree: 1 << 60}, 1},
		"max_size, the first": {storage.Rules{MaxSize: 1 << 40}, 1},
		"max_age, all":        {storage.Rules{Twice: true, Camera: age}, 1 << 30},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				n := 0
				for _, err := range store.Plan(b.Context(), c.rules) {
					if err != nil {
						b.Fatal(err)
					}
					if n++; n == c.take {
						break
					}
				}
				if n == 0 {
					b.Fatal("nothing is planned")
				}
				b.ReportMetric(float64(n), "segments")
			}
		})
	}
}
