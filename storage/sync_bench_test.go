package storage_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
)

// oneByOne is the real disk without a pass over the volume.
type oneByOne struct{ storage.DiskFS }

func (oneByOne) SyncFiles(files []storage.File) []error {
	errs := make([]error, len(files))
	for i, f := range files {
		errs[i] = f.Sync()
	}
	return errs
}

// A tick: what cameras give in a second, 10 pictures of 20 KB each, is made safe. docs/storage.md,
// "What a sync costs".
func BenchmarkSync(b *testing.B) {
	picture := append(jpeg(0)[:len(jpeg(0))-2], append(bytes.Repeat([]byte{0x55}, 20_000), 0xFF, 0xD9)...)
	for _, cameras := range []int{1, 2, 4, 16, 64} {
		for _, way := range []struct {
			name string
			disk storage.FS
		}{{"one pass", storage.DiskFS{}}, {"each file", oneByOne{}}} {
			b.Run(fmt.Sprintf("%d cameras, %s", cameras, way.name), func(b *testing.B) {
				store, err := storage.Open(b.Context(), storage.Options{Dir: b.TempDir(), FS: way.disk})
				if err != nil {
					b.Fatal(err)
				}
				defer store.Close()
				segments := make([]*storage.Segment, cameras)
				for i := range segments {
					segments[i] = create(b, store, storage.SegmentSpec{Camera: cameraID(fmt.Sprintf("0800c00000%02d", i)), Start: noon})
				}
				at := noon
				for b.Loop() {
					b.StopTimer()
					for range 10 {
						at = at.Add(100 * time.Millisecond)
						for _, segment := range segments {
							if err := segment.WriteFrame(camera.Frame{At: at, JPEG: picture}); err != nil {
								b.Fatal(err)
							}
						}
					}
					b.StartTimer()
					if err := store.Sync(b.Context()); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
