package archive

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
)

// Copy is a segment in the archive.
type Copy struct {
	Key        string
	Camera     camera.ID
	Name       string // of the camera's folder, when it was copied
	Start, End time.Time
	Bytes      int64
	SHA256     [32]byte
	Here       bool // it is on this disk too, with no fewer pictures
	Thinned    bool // it is on this disk with fewer pictures
}

// List lists the copies of a camera that have a part in [from, to), by start. The archive itself is asked, so that it can
// tell what a box has copied that is no more. Objects that are not of ours are passed over.
func (a *Archive) List(ctx context.Context, id camera.ID, from, to time.Time) ([]Copy, error) {
	list, err := a.list(ctx, id, from, to)
	if err != nil {
		return nil, fmt.Errorf("list what is archived: %w", explain(err))
	}
	return list, nil
}

// longestSegment bounds how far before a span a segment begins that has a part in it.
const longestSegment = 4*time.Hour + time.Minute

// nameLayout is how segments are named (docs/data-folder.md).
const nameLayout = "2006-01-02T15-04-05-0700"

// startIn reads when a segment begins out of its name, to the second.
func startIn(name string) (start time.Time, ok bool) {
	const length = len("2006-01-02T15-04-05-0700")
	if len(name) < length || path.Ext(name) != ".avi" {
		return start, false
	}
	start, err := time.Parse(nameLayout, name[:length])
	return start, err == nil
}

func (a *Archive) list(ctx context.Context, id camera.ID, from, to time.Time) (list []Copy, err error) {
	for _, prefix := range prefixes(id, from, to) {
		for o, err := range a.bucket.list(ctx, prefix) {
			if err != nil {
				return nil, err
			}
			begin, ok := startIn(path.Base(o.Key))
			if !ok || !begin.Before(to) || !begin.After(from.Add(-longestSegment)) {
				continue
			}
			c, err := a.describe(ctx, o)
			if errors.Is(err, errNoObject) { // not ours, or gone since
				continue
			}
			if err != nil {
				return nil, err
			}
			if c.Camera == id && c.Start.Before(to) && c.End.After(from) {
				list = append(list, c)
			}
		}
	}
	slices.SortFunc(list, func(a, b Copy) int { return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.Key, b.Key)) })
	if len(list) == 0 {
		return nil, nil
	}
	here, err := a.o.Store.Segments(ctx, storage.SegmentQuery{Camera: id, From: from, To: to})
	if err != nil {
		return nil, err
	}
	starts := make(map[int64]storage.SegmentRecord)
	for _, r := range here {
		starts[r.Start.UnixMicro()] = r
	}
	for i := range list {
		r, there := starts[list[i].Start.UnixMicro()]
		list[i].Thinned = there && r.IsLessThan(list[i].Bytes)
		list[i].Here = there && !list[i].Thinned
	}
	return list, nil
}

// prefixes are those of the keys that a span's segments may have: day by day, all of the camera when they are many. Days are those of the zone
// that was in force then.
func prefixes(id camera.ID, from, to time.Time) (list []string) {
	all := url.PathEscape(string(id)) + "/"
	if to.Sub(from) > 60*24*time.Hour {
		return []string{all}
	}
	last := to.UTC().Add(14 * time.Hour)
	for day := from.UTC().Add(-longestSegment - 12*time.Hour).Truncate(24 * time.Hour); !day.After(last); day = day.AddDate(0, 0, 1) {
		list = append(list, all+day.Format("2006-01-02")+"/")
	}
	return list
}

// describe finds out what an object is: by what stands with it, and its checksum by what is written down here, where that is. errNoObject
// when it is none of ours.
func (a *Archive) describe(ctx context.Context, o object) (Copy, error) {
	there, err := a.bucket.look(ctx, o.Key)
	if err != nil {
		return Copy{}, err
	}
	start, err1 := strconv.ParseInt(there.Meta[metaStart], 10, 64)
	end, err2 := strconv.ParseInt(there.Meta[metaEnd], 10, 64)
	sum, err3 := hex.DecodeString(there.Meta[metaSHA256])
	name, err4 := url.PathUnescape(there.Meta[metaName])
	if errors.Join(err1, err2, err3, err4) != nil || len(sum) != 32 {
		return Copy{}, errNoObject
	}
	c := Copy{
		Key: o.Key, Camera: camera.ID(there.Meta[metaCamera]), Name: name, Bytes: there.Bytes, SHA256: [32]byte(sum),
		Start: time.UnixMicro(start).UTC(), End: time.UnixMicro(end).UTC(),
	}
	switch known, err := a.o.Store.FindArchived(ctx, a.bucket.place, o.Key); {
	case err == nil:
		c.Bytes, c.SHA256 = known.Bytes, known.SHA256
	case !errors.Is(err, storage.ErrUnknown):
		return Copy{}, err
	}
	return c, nil
}

// place is where its segment stood: the day's folder, and its name.
func (c Copy) place() (day, file string) {
	dir, file := path.Split(c.Key)
	if base, _, cut := strings.Cut(file, "~"); cut {
		file = base + ".avi"
	}
	return path.Base(dir), file
}
