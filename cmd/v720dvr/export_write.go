package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"v720dvr/export"
	"v720dvr/internal/config"
)

// mostParts bounds the files of one camera: a week in AVI is some 100.
const mostParts = 1000

// plannedFile is a file that is to be made.
type plannedFile struct {
	request export.Request
	camera  config.CameraSettings
	path    string
	bytes   int64
}

// run measures all files, so that it is known how much there is to do, and writes them one after the other.
func (x *exporting) run(ctx context.Context) (err error) {
	if x.footageSet, err = x.exportSource(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.footageSet.close()) }()
	var plan []plannedFile
	var missing error
	for _, c := range x.cameras {
		files, err := x.plan(ctx, c)
		if err != nil {
			missing = errors.Join(missing, fmt.Errorf("camera %s: %w", c.Name, err))
		}
		plan = append(plan, files...)
	}
	if len(plan) == 0 || ctx.Err() != nil {
		return missing
	}
	if x.output == "-" && len(plan) > 1 {
		return errors.New("this makes several files, and standard output takes one: take mkv, or a shorter span")
	}
	there, err := x.look(plan)
	if err != nil {
		return err
	}
	all := int64(0)
	for i, f := range plan {
		if !there[i] {
			all += f.bytes
		}
	}
	shown := newHeadway(x.notes, all)
	for i, f := range plan {
		if there[i] {
			x.done = append(x.done, exported{File: f.path, Camera: string(f.camera.ID), Bytes: f.bytes, There: true})
			fmt.Fprintf(x.notes, "%s is there already\n", f.path)
			continue
		}
		if err := x.make(ctx, f, shown); err != nil {
			shown.end()
			return errors.Join(fmt.Errorf("export %s: %w", f.path, err), missing)
		}
	}
	shown.end()
	return missing
}

// plan measures a camera's files.
func (x *exporting) plan(ctx context.Context, c config.CameraSettings) (files []plannedFile, err error) {
	r := export.Request{Camera: c.ID, Name: c.Name, From: x.from, To: x.to, Format: x.format, Every: x.every, FPS: x.fps}
	if x.format == export.MP4 {
		r.Format = export.MKV
	}
	for len(files) < mostParts {
		e, fits, err := x.footageSet.open(ctx, r)
		if err == nil && !fits.IsZero() {
			if !fits.After(r.From) || !fits.Before(r.To) {
				return nil, fmt.Errorf("what follows %v fits into no file", r.From)
			}
			part := r
			part.To = fits
			if e, _, err = x.footageSet.open(ctx, part); err == nil && e == nil {
				return nil, fmt.Errorf("what follows %v fits into no file", r.From)
			}
			if err == nil {
				e.close()
				files = append(files, plannedFile{part, c, x.path(c, e.First, len(files)+1), e.Bytes})
				r.From = fits
				continue
			}
		}
		if err != nil {
			return nil, err
		}
		e.close()
		part := 0
		if len(files) > 0 {
			part = len(files) + 1
		}
		return append(files, plannedFile{r, c, x.path(c, e.First, part), e.Bytes}), nil
	}
	return nil, fmt.Errorf("more than %d files: ask for a shorter span, or mkv", mostParts)
}

// look tells which files of several an earlier run has made: they have their length. Any other that is there is
// not touched.
func (x *exporting) look(plan []plannedFile) (there []bool, err error) {
	there = make([]bool, len(plan))
	if x.output == "-" || x.force {
		return there, nil
	}
	whole := 0
	for i, f := range plan {
		info, err := os.Lstat(f.path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if len(plan) == 1 || info.Size() != f.bytes && x.format != export.MP4 {
			return nil, fmt.Errorf("%s is there already: --force replaces it, --output names another", f.path)
		}
		there[i] = true
		whole++
	}
	if whole == len(plan) {
		return nil, fmt.Errorf("all %d files are there already: --force makes them anew", whole)
	}
	return there, nil
}

// make writes a file as ….part, and gives it its name when it is whole and durable.
func (x *exporting) make(ctx context.Context, f plannedFile, shown *headway) (err error) {
	e, fits, err := x.footageSet.open(ctx, f.request)
	if err == nil && e == nil {
		err = fmt.Errorf("it has grown meanwhile, and fits until %v", fits)
	}
	if err != nil {
		return err
	}
	defer e.close()
	feed := func(ctx context.Context, w io.Writer) error { return e.write(ctx, io.MultiWriter(w, shown)) }
	if x.output == "-" {
		sum := sha256.New()
		out := &sized{w: io.MultiWriter(x.stdout, sum)}
		if x.format == export.MP4 {
			err = export.Encode(ctx, feed, "", out, 0)
		} else {
			err = feed(ctx, out)
		}
		x.done = append(x.done, exportedOf(f, e, out.n, sum.Sum(nil)))
		return err
	}
	if err := os.MkdirAll(filepath.Dir(f.path), 0o755); err != nil {
		return err
	}
	part, err := claimPart(f.path + ".part")
	if err != nil {
		return err
	}
	named := false
	defer func() {
		if !named {
			err = errors.Join(err, os.Remove(part.Name()))
		}
		err = errors.Join(err, part.Close())
	}()
	size, sum, err := x.fill(ctx, part, feed)
	if err != nil {
		return err
	}
	if err := part.Sync(); err != nil {
		return err
	}
	if !x.force { // what came meanwhile is not replaced
		if err = os.Link(part.Name(), f.path); errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("%s has come meanwhile", f.path)
		}
	}
	if x.force || err != nil { // a file system without links
		if err = os.Rename(part.Name(), f.path); err != nil {
			return err
		}
		named = true
	}
	done := exportedOf(f, e, size, sum)
	x.done = append(x.done, done)
	if !x.json {
		shown.end()
		_, err = fmt.Fprintln(x.stdout, done)
	}
	return err
}

// fill writes a file and tells its length and hash.
func (x *exporting) fill(ctx context.Context, part *os.File, feed func(context.Context, io.Writer) error) (int64, []byte, error) {
	sum := sha256.New()
	if x.format == export.MP4 {
		if err := export.Encode(ctx, feed, part.Name(), nil, 0); err != nil {
			return 0, nil, err
		}
		n, err := io.Copy(sum, part)
		return n, sum.Sum(nil), err
	}
	buffer := bufio.NewWriterSize(part, 1<<20)
	out := &sized{w: io.MultiWriter(buffer, sum)}
	err := feed(ctx, out)
	if err == nil {
		err = buffer.Flush()
	}
	return out.n, sum.Sum(nil), err
}

// sized counts what is written.
type sized struct {
	w io.Writer
	n int64
}

func (s *sized) Write(b []byte) (int, error) {
	n, err := s.w.Write(b)
	s.n += int64(n)
	return n, err
}

func exportedOf(f plannedFile, e *pendingExport, size int64, sum []byte) exported {
	return exported{File: f.path, Camera: string(f.camera.ID), Bytes: size, Pictures: e.Pictures, Sound: e.Sound.Seconds(),
		Gaps: e.Gaps, First: e.First, Last: e.Last, SHA256: hex.EncodeToString(sum)}
}

// String says it for people.
func (e exported) String() string {
	text := fmt.Sprintf("%s: %.1f MB", e.File, float64(e.Bytes)/1e6)
	if e.Pictures > 0 {
		text += ", " + plural(e.Pictures, "picture", "pictures")
	}
	if e.Sound > 0 {
		text += fmt.Sprintf(", %v of sound", time.Duration(e.Sound*float64(time.Second)).Round(100*time.Millisecond))
	}
	if e.Gaps > 0 {
		text += ", " + plural(e.Gaps, "gap", "gaps") + " inside"
	}
	return text + fmt.Sprintf("; %s to %s", e.First.Local().Format("2006-01-02 15:04:05.000"), e.Last.Local().Format("15:04:05.000"))
}
