package archive

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"v720dvr/storage"
)

// Finding is a copy that is not what was written down of it.
type Finding struct {
	storage.Archived
	Text string
}

// Verify reads back so many copies, drawn by lot (all when most is 0), and holds them against the checksums that were written down. told hears
// of each. With a Store, what is gone or damaged is forgotten, so that it is copied anew while the segment is here.
func (a *Archive) Verify(ctx context.Context, most int, told func(done, of int)) (looked int, found []Finding, err error) {
	list, err := a.o.View.ArchivedOf(ctx, a.bucket.place, "", time.Time{}, time.Time{})
	if err != nil {
		return 0, nil, err
	}
	rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	if most > 0 {
		list = list[:min(most, len(list))]
	}
	for i, one := range list {
		sum, err := a.sumOf(ctx, one.Key)
		text := ""
		switch {
		case errors.Is(err, errNoObject):
			text = "the archive does not have it any more"
		case err != nil:
			return i, found, fmt.Errorf("read back %s: %w", one.Key, explain(err))
		case sum != one.SHA256:
			text = "it is another one than was sent: its checksum is " + hex.EncodeToString(sum[:])
		}
		if text != "" {
			found = append(found, Finding{one, text})
			if err := a.forget(ctx, one, sum); err != nil {
				return i, found, err
			}
		}
		told(i+1, len(list))
	}
	return len(list), found, nil
}

// forget takes back that a copy is whole, where that leads to another: the object is gone, or the segment is here, unthinned, to be copied anew. Else
// what is left of it may be all there is, and its checksum tells that it is not what was sent.
func (a *Archive) forget(ctx context.Context, one storage.Archived, sum [sha256.Size]byte) error {
	if a.o.Store == nil {
		return nil
	}
	if sum == ([sha256.Size]byte{}) {
		return a.o.Store.ForgetArchived(ctx, one)
	}
	here, err := a.o.Store.Segments(ctx, storage.SegmentQuery{Camera: one.Camera, From: one.Start, To: one.Start.Add(time.Microsecond)})
	if err != nil {
		return err
	}
	for _, r := range here {
		if r.Start.Equal(one.Start) && !r.IsLessThan(one.Bytes) {
			if err := a.bucket.remove(ctx, one.Key); err != nil {
				return explain(err)
			}
			return a.o.Store.ForgetArchived(ctx, one)
		}
	}
	return nil
}

// sumOf reads an object back.
func (a *Archive) sumOf(ctx context.Context, key string) (sum [sha256.Size]byte, err error) {
	body, err := a.bucket.read(ctx, key, 0)
	if err != nil {
		return sum, err
	}
	defer body.Close()
	hash := sha256.New()
	if _, err := io.CopyBuffer(onlyWriter{hash}, onlyReader{a.pace.reader(ctx, body)}, make([]byte, chunkBytes)); err != nil {
		return sum, err
	}
	return [sha256.Size]byte(hash.Sum(nil)), nil
}
