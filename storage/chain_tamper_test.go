package storage_test

import (
	"crypto/ed25519"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"v720dvr/storage"
	"v720dvr/storage/avi"
	"v720dvr/storage/chain"
)

var strangersKey = ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))

// writer writes into bytes.
type writer []byte

func (w writer) WriteAt(b []byte, at int64) (int, error) { return copy(w[at:], b), nil }

// rewrite writes a segment again without some of its pictures, as thinning does, and puts its seal back.
func (f sealedFolder) rewrite(t *testing.T, i, without int) {
	t.Helper()
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	in, err := os.Open(f.path(i))
	must(err)
	defer in.Close()
	size, err := in.Seek(0, io.SeekEnd)
	must(err)
	read, err := avi.Open(in, size)
	must(err)
	seal, err := avi.ReadSeal(in, size)
	must(err)
	keep := make([]bool, len(read.Frames()))
	for n := range keep {
		keep[n] = n != without
	}
	out, err := os.Create(f.path(i) + ".new")
	must(err)
	sums, err := avi.Thin(out, read, keep, avi.Thinning{At: time.Now(), Rate: 9})
	must(err)
	must(avi.WriteSeal(out, sums.Bytes, seal))
	must(out.Close())
	must(os.Rename(f.path(i)+".new", f.path(i)))
}

// putIn puts a segment of another box, of a time between two of ours, beside them.
func (f sealedFolder) putIn(t *testing.T, change func([]byte) []byte) {
	t.Helper()
	store, err := storage.Open(t.Context(), storage.Options{Dir: t.TempDir(), Location: noon.Location(), Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	record := sealInto(t, store, sealedCamera, noon.Add(30*time.Second))
	b, err := os.ReadFile(store.Path(record))
	if err == nil {
		err = os.WriteFile(filepath.Join(filepath.Dir(f.path(1)), filepath.Base(record.Path)), change(b), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// stoneOf is a tombstone of a segment, as its seal tells.
func (f sealedFolder) stoneOf(t *testing.T, i int) chain.Gone {
	t.Helper()
	b, err := os.Open(f.path(i))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	info, err := b.Stat()
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := chain.Read(b, info.Size(), f.signers(t))
	if err != nil {
		t.Fatal(err)
	}
	l := sealed.Link
	return chain.Gone{Stretch: chain.Stretch{First: l.Number, Last: l.Number, Previous: l.Previous, Head: sealed.Hash}, Run: l.Run,
		Camera: l.Camera, Rules: []chain.RuleCount{{Rule: "max_age", Segments: 1}}, At: time.Now()}
}

func (f sealedFolder) signers(t *testing.T) (keys chain.Keys) {
	t.Helper()
	r, err := storage.OpenToRead(t.Context(), storage.Options{Dir: f.dir})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	list, err := r.Signers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range list {
		keys = append(keys, s.Key)
	}
	return keys
}
