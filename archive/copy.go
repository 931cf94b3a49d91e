package archive

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
)

// What stands with an object, as x-amz-meta-….
const (
	metaSHA256   = "sha256"   // hexadecimal, of the whole
	metaCamera   = "camera"   // its id
	metaName     = "name"     // what it was called, percent-encoded
	metaStart    = "start"    // µs since 1970
	metaEnd      = "end"      // likewise
	metaSoftware = "software" // that copied it
)

// keyOf names the object of a segment: <camera's id>/<day>/<name>.avi. The folder's name is left out, since people rename cameras. A segment
// that somebody has moved or renamed is named by its start in UTC, so that it is found by its time.
func keyOf(id camera.ID, segment string, start time.Time) string {
	dir, name := path.Split(segment)
	day := path.Base(dir)
	_, err := time.Parse("2006-01-02", day)
	if named, ok := startIn(name); err != nil || !ok || !named.Equal(start.Truncate(time.Second)) {
		day, name = start.UTC().Format("2006-01-02"), start.UTC().Format(nameLayout)+".avi"
	}
	return url.PathEscape(string(id)) + "/" + day + "/" + name
}

// cameraOf is the camera that a key is of.
func cameraOf(key string) (camera.ID, bool) {
	first, rest, ok := strings.Cut(key, "/")
	id, err := url.PathUnescape(first)
	return camera.ID(id), ok && err == nil && rest != ""
}

// aside is the key of a segment whose own another one bears: two of a camera within a second, in folders of two names.
func aside(key string, start time.Time) string {
	return strings.TrimSuffix(key, ".avi") + "~" + strconv.FormatInt(start.UnixMicro(), 36) + ".avi"
}

// patience is how often the archive may fail with a segment before others go first.
const patience = 4

// copyOne copies a segment. A failure of its own is written down with it, and is no error: others may go.
func (a *Archive) copyOne(ctx context.Context, u storage.Unarchived) error {
	t := u.Try
	t.Place, t.Camera, t.Start = a.bucket.place, u.Camera, u.Start
	if t.Key == "" {
		t.Key = keyOf(u.Camera, u.Path, u.Start)
	}
	a.begins(t.Key, u.Bytes)
	defer a.begins("", 0)
	err := a.copySegment(ctx, u, &t)
	if err == nil {
		a.copied(u)
		return nil
	}
	if isOver(ctx) {
		return nil // the next run goes on with it
	}
	return a.note(ctx, u, t, err)
}

// note writes down why a copy failed. The error is that of the archive, for which all waits.
func (a *Archive) note(ctx context.Context, u storage.Unarchived, t storage.ArchiveTry, err error) error {
	t.Place, t.Camera, t.Start = a.bucket.place, u.Camera, u.Start
	why := explain(err)
	if errors.Is(why, storage.ErrNoFootage) || errors.Is(why, storage.ErrUnknown) {
		// Deleted, or to be found by the next look at the recordings.
		if t.Upload != "" {
			if err := a.bucket.abort(ctx, t.Key, t.Upload); err != nil {
				return err
			}
		}
		return a.o.Store.ForgetArchiveTry(ctx, t)
	}
	t.Tries++
	t.Err = why.text
	t.Next = time.Time{}
	if why.here || t.Tries > patience { // it may be this one that the archive stumbles over
		t.Next = time.Now().Add(backoff(t.Tries+5, longestWait))
	}
	if noted := a.o.Store.NoteArchiveTry(ctx, t); noted != nil {
		return errors.Join(err, noted)
	}
	if !why.here {
		return err
	}
	a.o.Log.Warn("a segment cannot be archived; it is tried again", "camera", u.Camera, "file", u.Path, "why", why.text, "tries", t.Tries, "next", t.Next)
	a.mu.Lock()
	a.status.Failed++
	a.status.Last, a.status.LastAt = path.Base(u.Path)+": "+why.text, time.Now()
	a.mu.Unlock()
	return nil
}

func (a *Archive) copySegment(ctx context.Context, u storage.Unarchived, t *storage.ArchiveTry) error {
	footage, err := a.o.Store.OpenFootage(ctx, storage.FootageRef{ID: u.ID})
	if err != nil {
		return err
	}
	defer footage.Close()
	if footage.Camera != u.Camera || !footage.Start.Equal(u.Start) {
		return storage.ErrNoFootage // the index was built again since
	}
	print, err := fingerprintOf(ctx, footage, footage.Size, a.partSize)
	if err != nil {
		return err
	}
	meta := a.meta(ctx, u, print)
	found, err := a.find(ctx, u, t)
	if err != nil {
		return err
	}
	switch {
	case found == nil:
		if found, err = a.send(ctx, footage, print, meta, t); err != nil {
			return err
		}
		err = a.verify(ctx, found, print)
	case found.Meta[metaSHA256] == meta[metaSHA256]:
		found.ETag = "" // nobody of this run has seen it given
		err = a.verify(ctx, found, print)
	}
	if err != nil {
		return err
	}
	sum, err := hex.DecodeString(found.Meta[metaSHA256])
	if err != nil || len(sum) != len(print.sha256) {
		return fmt.Errorf("the archive keeps no metadata with %s: it lost what was sent with it (x-amz-meta-sha256)", t.Key)
	}
	done := storage.Archived{
		Place: t.Place, Key: t.Key, Camera: u.Camera, Start: u.Start, End: u.End, Bytes: found.Bytes, ETag: found.ETag, At: time.Now(),
	}
	copy(done.SHA256[:], sum)
	return a.o.Store.NoteArchived(ctx, done)
}

func (a *Archive) meta(ctx context.Context, u storage.Unarchived, print fingerprint) map[string]string {
	meta := map[string]string{
		metaSHA256: hex.EncodeToString(print.sha256[:]), metaCamera: string(u.Camera),
		metaStart: strconv.FormatInt(u.Start.UnixMicro(), 10), metaEnd: strconv.FormatInt(u.End.UnixMicro(), 10), metaSoftware: a.o.Software,
	}
	if dir := path.Dir(u.Path); strings.Count(u.Path, "/") == 2 { // else somebody has moved it, and its folder is not the camera's
		meta[metaName] = url.PathEscape(path.Dir(dir))
	}
	return meta
}

// find looks whether the archive has the segment already: an earlier run may have ended between the last byte and the row,
// or the state may be a new one. It settles the key: nil when it is free.
func (a *Archive) find(ctx context.Context, u storage.Unarchived, t *storage.ArchiveTry) (*object, error) {
	keys := []string{t.Key}
	if !strings.Contains(t.Key, "~") {
		keys = append(keys, aside(t.Key, u.Start))
	}
	for _, key := range keys {
		there, err := a.bucket.look(ctx, key)
		switch {
		case errors.Is(err, errNoObject):
			t.Key = key
			return nil, nil
		case err != nil:
			return nil, err
		case there.Meta[metaStart] == strconv.FormatInt(u.Start.UnixMicro(), 10) && there.Meta[metaCamera] == string(u.Camera) && there.Meta[metaSHA256] != "":
			t.Key = key // what was copied first stays, whatever became of the segment since
			return &there, nil
		}
	}
	return nil, &fault{text: "the archive has something else under the name " + t.Key, here: true, err: errors.ErrUnsupported}
}

// send sends a segment: by one request, or part by part, going on where it was broken off.
func (a *Archive) send(ctx context.Context, file io.ReaderAt, print fingerprint, meta map[string]string, t *storage.ArchiveTry) (*object, error) {
	if len(print.parts) == 1 {
		etag, err := a.bucket.put(ctx, t.Key, a.body(ctx, file, 0, print.bytes), print.sums, meta)
		return &object{Key: t.Key, Bytes: print.bytes, ETag: etag, Meta: meta}, err
	}
	have := make(map[int]part)
	if t.Upload != "" {
		list, err := a.bucket.parts(ctx, t.Key, t.Upload)
		if isCode(err, "NoSuchUpload") { // given up by the bucket's own rules, or completed
			t.Upload, err = "", nil
		}
		if err != nil {
			return nil, err
		}
		for _, p := range list {
			have[p.Number] = p
		}
	}
	if t.Upload == "" {
		var err error
		if t.Upload, err = a.bucket.begin(ctx, t.Key, meta); err != nil {
			return nil, err
		}
		if err := a.o.Store.NoteArchiveTry(ctx, *t); err != nil {
			return nil, err
		}
	}
	var parts []part
	for i, s := range print.parts {
		p, there := have[i+1]
		if there && p.Bytes == s.bytes && p.ETag == hex.EncodeToString(s.md5[:]) {
			a.advance(s.bytes)
			parts = append(parts, p)
			continue
		}
		p, err := a.bucket.putPart(ctx, t.Key, t.Upload, i+1, a.body(ctx, file, int64(i)*a.partSize, s.bytes), s)
		if err != nil {
			return nil, err
		}
		parts = append(parts, p)
	}
	etag, err := a.bucket.complete(ctx, t.Key, t.Upload, parts)
	return &object{Key: t.Key, Bytes: print.bytes, ETag: etag, Meta: meta}, err
}

// verify asks the archive for what was sent. It has held each part against the checksums that went with it; what it has now must have the size,
// our checksum beside it, and the tag that it gave it. What an earlier run sent is read back, unless the tag is the MD5 of what is here.
func (a *Archive) verify(ctx context.Context, sent *object, print fingerprint) error {
	there, err := a.bucket.look(ctx, sent.Key)
	if err != nil {
		return err
	}
	whole := there.Bytes == print.bytes && there.Meta[metaSHA256] == hex.EncodeToString(print.sha256[:])
	if whole && there.ETag != sent.ETag && !print.isTagged(there.ETag) {
		sum, err := a.sumOf(ctx, sent.Key)
		if err != nil {
			return err
		}
		whole = sum == print.sha256
	}
	if !whole {
		return errors.Join(fmt.Errorf("what the archive has of %s is not what was sent; it is sent again", sent.Key), a.bucket.remove(ctx, sent.Key))
	}
	sent.ETag = there.ETag
	return nil
}

// body is a stretch of a file, to be sent within the bandwidth.
func (a *Archive) body(ctx context.Context, file io.ReaderAt, from, n int64) io.Reader {
	return &counted{a.pace.reader(ctx, io.NewSectionReader(file, from, n)), a}
}

type counted struct {
	io.Reader
	a *Archive
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	c.a.advance(int64(n))
	return n, err
}

func (a *Archive) advance(n int64) {
	a.mu.Lock()
	a.status.Done += n
	a.speed.at(time.Now(), a.pace.moved.Load())
	a.mu.Unlock()
}

func (a *Archive) begins(key string, bytes int64) {
	a.mu.Lock()
	a.status.Copying, a.status.Done, a.status.Of = key, 0, bytes
	a.mu.Unlock()
}

// copied counts a segment that is archived now.
func (a *Archive) copied(u storage.Unarchived) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.status.Copied++
	a.status.Waiting.Segments = max(a.status.Waiting.Segments-1, 0)
	a.status.Waiting.Bytes = max(a.status.Waiting.Bytes-u.Bytes, 0)
	a.status.Archived.Segments++
	a.status.Archived.Bytes += u.Bytes
	a.status.Archived.Last = time.Now().UTC()
}
