package storage

import (
	"fmt"
	"testing"
	"time"

	"v720dvr/camera"
)

// What a look at what is kept costs with as many keeps as there may be, of 40 cameras.
func BenchmarkHeldByAllKeepsThatMayBe(b *testing.B) {
	s, err := Open(b.Context(), Options{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()
	for i := range MaxKeeps {
		from := begin + int64(i/40)*time.Hour.Microseconds()
		if _, err := s.state.write.Exec(`INSERT INTO keeps (camera, "from", "to", note, who, made) VALUES (?, ?, ?, '', '', 0)`,
			camera.ID(fmt.Sprintf("0800c00000%02d", i%40)), from, from+time.Minute.Microseconds()); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("spans", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Kept(b.Context(), time.Now()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("bytes", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Held(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
}
