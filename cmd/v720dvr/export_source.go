package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strconv"
	"time"

	"v720dvr/export"
	"v720dvr/storage"
)

// footageSource makes exports: the running v720dvr, which knows what it is writing, or the folder itself.
type footageSource interface {
	// open measures one. fits is not zero when it does not take the whole span: then that is where the next one begins.
	open(ctx context.Context, r export.Request) (e *pendingExport, fits time.Time, err error)
	close() error
}

// pendingExport is an export that is ready to be written.
type pendingExport struct {
	export.Summary
	write func(ctx context.Context, w io.Writer) error
	close func()
}

// exportSource is the running v720dvr, or without one the folder.
func (x *exporting) exportSource(ctx context.Context) (footageSource, error) {
	err := ask(ctx, x.config.Storage.Dir, http.MethodGet, "/api/v1/exports", nil, nil)
	if err == nil {
		return runningSource{x.config.Storage.Dir}, nil
	}
	if !errors.Is(err, errNotRunning) {
		return nil, err
	}
	reading, err := storage.OpenToRead(ctx, storeOptions(x.config, x.notes))
	if err != nil {
		return nil, err
	}
	return folderSource{reading}, nil
}

type folderSource struct{ *storage.Reading }

func (f folderSource) close() error { return f.Close() }

func (f folderSource) open(ctx context.Context, r export.Request) (*pendingExport, time.Time, error) {
	e, err := export.Open(ctx, f.Reading, r)
	if long := (*storage.SpanError)(nil); errors.As(err, &long) {
		return nil, long.Fits, nil
	}
	if errors.Is(err, storage.ErrNoFootage) {
		return nil, time.Time{}, f.nothing(ctx, r, err)
	}
	if err != nil {
		return nil, time.Time{}, err
	}
	return &pendingExport{e.Summary, e.WriteTo, e.Close}, time.Time{}, nil
}

// nothing says why there is no footage, and where some is.
func (f folderSource) nothing(ctx context.Context, r export.Request, err error) error {
	text := "nothing was recorded then"
	if gap := (*storage.GapError)(nil); errors.As(err, &gap) {
		text += " (" + gapMeans[gap.Gap.Reason] + ")"
	}
	before, after, failed := f.Nearest(ctx, r.Camera, r.From, r.To)
	if failed != nil {
		return failed
	}
	if !before.IsZero() {
		text += "; footage before it ends at " + before.Local().Format(secondLayout)
	}
	if !after.IsZero() {
		text += "; the next begins at " + after.Local().Format(secondLayout)
	}
	return errors.New(text)
}

// runningSource is the running v720dvr of a data folder.
type runningSource struct{ dir string }

func (runningSource) close() error { return nil }

// patience is how long a place among those who read is waited for.
const patience = 2 * time.Minute

func (s runningSource) open(ctx context.Context, r export.Request) (*pendingExport, time.Time, error) {
	head, err := s.send(ctx, http.MethodHead, r)
	if err != nil {
		return nil, time.Time{}, err
	}
	head.Body.Close()
	if fits, err := time.Parse(time.RFC3339Nano, head.Header.Get("X-Footage-Fits")); err == nil {
		return nil, fits, nil
	}
	if head.StatusCode != http.StatusOK { // an answer to HEAD has no words
		got, err := s.send(ctx, http.MethodGet, r)
		if err != nil {
			return nil, time.Time{}, err
		}
		defer got.Body.Close()
		return nil, time.Time{}, refusalOf(got)
	}
	e := &pendingExport{close: func() {}}
	e.Bytes = head.ContentLength
	h := head.Header
	var wrong [5]error
	e.First, wrong[0] = time.Parse(time.RFC3339Nano, h.Get("X-Footage-From"))
	e.Last, wrong[1] = time.Parse(time.RFC3339Nano, h.Get("X-Footage-To"))
	e.Pictures, wrong[2] = strconv.Atoi(h.Get("X-Footage-Pictures"))
	e.Gaps, wrong[3] = strconv.Atoi(h.Get("X-Footage-Gaps"))
	var seconds float64
	seconds, wrong[4] = strconv.ParseFloat(h.Get("X-Footage-Sound"), 64)
	e.Sound = time.Duration(seconds * float64(time.Second))
	if err := errors.Join(wrong[:]...); err != nil {
		return nil, time.Time{}, fmt.Errorf("read what the running v720dvr says: %w; is it of another version?", err)
	}
	e.write = func(ctx context.Context, w io.Writer) error {
		got, err := s.send(ctx, http.MethodGet, r)
		if err != nil {
			return err
		}
		defer got.Body.Close()
		if got.StatusCode != http.StatusOK {
			return refusalOf(got)
		}
		e.Bytes = got.ContentLength // of a span that still grows it is another one by now
		if n, err := io.Copy(w, got.Body); err != nil || n != got.ContentLength {
			return errors.Join(ctx.Err(), errors.New("the running v720dvr broke off: a recording was deleted meanwhile, or it ended; its log tells"), err)
		}
		return nil
	}
	return e, time.Time{}, nil
}

// send asks, and waits while as much is read as may be.
func (s runningSource) send(ctx context.Context, method string, r export.Request) (*http.Response, error) {
	q := url.Values{"from": {r.From.Format(time.RFC3339Nano)}, "to": {r.To.Format(time.RFC3339Nano)}, "format": {string(r.Format)}}
	if r.Every > 0 {
		q.Set("every", strconv.FormatFloat(r.Every.Seconds(), 'f', -1, 64))
		q.Set("fps", strconv.Itoa(r.FPS))
	}
	transport := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", filepath.Join(s.dir, socketName))
	}}
	for until := time.Now().Add(patience); ; {
		req, err := http.NewRequestWithContext(ctx, method, "http://v720dvr"+cameraPath(r.Camera, "footage")+"?"+q.Encode(), nil)
		if err != nil {
			return nil, err
		}
		got, err := transport.RoundTrip(req)
		if err != nil {
			return nil, fmt.Errorf("ask the running v720dvr: %w", err)
		}
		if got.StatusCode != http.StatusServiceUnavailable || time.Now().After(until) {
			return got, nil
		}
		got.Body.Close()
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(time.Second):
		}
	}
}
