package web

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"v720dvr/export"
	"v720dvr/storage"
)

func TestSpanIsServedInEachFormatWithItsLength(t *testing.T) {
	s := footageSite(t)
	v := s.with("reader", storage.AllCameras, ScopeRead)
	span := spanOf(2*time.Second, 22*time.Second)
	for _, f := range []struct{ format, begins string }{{"avi", "RIFF"}, {"mkv", "\x1A\x45\xDF\xA3"}, {"wav", "RIFF"}, {"zip", "PK"}, {"jpg", "\xFF\xD8"}} {
		path := doorPath + "/footage" + span + "&format=" + f.format
		head, got := v.want(200, "HEAD", path, nil), v.want(200, "GET", path, nil)
		if got.ContentLength != int64(len(got.body)) || head.ContentLength != got.ContentLength || !bytes.HasPrefix(got.body, []byte(f.begins)) {
			t.Errorf("%s: got %d bytes, told %d and %d", f.format, len(got.body), got.ContentLength, head.ContentLength)
		}
		if !strings.HasSuffix(got.Header.Get("Content-Disposition"), "."+f.format) || got.Header.Get("X-Footage-From") != "2026-11-22T14:05:02+01:00" {
			t.Errorf("%s: got %v", f.format, got.Header)
		}
	}
	v.want(200, "GET", doorPath+"/footage"+span+"&format=mkv&every=2&fps=10", nil)
	v.want(422, "GET", doorPath+"/footage"+span+"&format=avi&every=2", nil)
	v.want(422, "GET", doorPath+"/footage"+span+"&format=gif", nil)
	v.want(404, "GET", doorPath+"/footage"+spanOf(48*time.Hour, 49*time.Hour), nil)
	none := v.want(404, "GET", doorPath+"/footage"+spanOf(12*time.Second, 15*time.Second)+"&format=mkv", nil)
	for _, text := range []string{"offline", "ends at 2026-11-22T14:05:10+01:00", "begins at 2026-11-22T14:05:20+01:00"} {
		if !strings.Contains(string(none.body), text) {
			t.Errorf("got %s, want %q in it", none.body, text)
		}
	}
	if n := s.media.exports.taken.Load() + s.media.encoded.taken.Load(); n != 0 {
		t.Errorf("%d places are taken", n)
	}
}

func TestMP4IsToldOfAndRefusedWithoutAnFFmpeg(t *testing.T) {
	s := footageSite(t)
	v := s.with("reader", storage.AllCameras, ScopeRead)
	t.Setenv("PATH", t.TempDir())
	var told struct{ Formats []ExportFormat }
	v.want(200, "GET", "/api/v1/exports", nil).into(t, &told)
	if last := told.Formats[len(told.Formats)-1]; last.Format != string(export.MP4) || last.Why == "" {
		t.Errorf("got %+v", told)
	}
	got := v.want(http.StatusNotImplemented, "GET", doorPath+"/footage"+spanOf(0, time.Minute)+"&format=mp4", nil)
	if !strings.Contains(string(got.body), "install") {
		t.Errorf("got %s", fmt.Sprintf("%.300s", got.body))
	}
}
