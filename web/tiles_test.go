package web

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"v720dvr/storage"
	"v720dvr/storage/storagetest"
)

func TestTileIsServedUntilItChanges(t *testing.T) {
	storagetest.Tampered(t) // a file is removed by hand
	s := open(t)
	v := s.with("reader", storage.AllCameras, ScopeRead)
	record := shoot(t, s.o.Store, door, noon.Add(-time.Minute), 0, 1, 2, 3)
	at := func(level string, bucket int64) (string, int64) {
		unix := noon.Add(-time.Minute).Unix()
		return fmt.Sprintf("/api/v1/cameras/%s/tiles/%s/%d", door, level, unix/bucket/1024), unix / bucket % 1024
	}
	for level, length := range tileLevels {
		path, bucket := at(level, int64(length/time.Second))
		got := v.want(200, "GET", path, nil)
		if len(got.body) != 4096 || got.Header.Get("Content-Type") != "application/octet-stream" || got.body[4*bucket+2] == 0 {
			t.Errorf("%s: %d bytes of %s, coverage %d", level, len(got.body), got.Header.Get("Content-Type"), got.body[4*bucket+2])
		}
		for i, b := range got.body {
			if i/4 < int(bucket) && b != 0 {
				t.Errorf("%s: bucket %d is not empty", level, i/4)
				break
			}
		}
	}
	path, bucket := at("1s", 1)
	etag := v.want(200, "GET", path, nil).Header.Get("ETag")
	if got := v.send("GET", path, nil, has(etag)); got.StatusCode != http.StatusNotModified || len(got.body) > 0 {
		t.Errorf("asked again: %s", got.Status)
	}
	if err := os.Remove(s.o.Store.Path(record)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.o.Store.Repair(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := v.send("GET", path, nil, has(etag)); got.StatusCode != http.StatusOK || got.body[4*bucket+2] != 0 {
		t.Errorf("when its footage was deleted: %s", got.Status)
	}
	for _, bad := range []string{"2s/0", "1s/-1", "1s/8388608", "1h/8388607", "1s/x", "1s/1.5"} {
		v.want(422, "GET", "/api/v1/cameras/"+string(door)+"/tiles/"+bad, nil)
	}
}

func TestSpansAreServedInTheRecordersZone(t *testing.T) {
	s := open(t)
	v := s.with("reader", storage.AllCameras, ScopeRead)
	film(t, s.o.Store, door, noon.Add(-time.Minute))
	query := func(from, to time.Duration) string {
		time := func(d time.Duration) string {
			return strings.ReplaceAll(noon.Add(d).Format(time.RFC3339), "+", "%2B")
		}
		return "/api/v1/cameras/" + string(door) + "/spans?res=1000&from=" + time(from) + "&to=" + time(to)
	}
	var got Spans
	v.want(200, "GET", query(-time.Minute, -30*time.Second), nil).into(t, &got)
	if len(got.Recorded) != 1 || !got.Recorded[0].To.Equal(noon.Add(-59*time.Second)) || len(got.Gaps) != 1 || len(got.Events) != 1 || got.Events[0].Count != 1 || got.Res != 1000 {
		t.Errorf("got %+v", got)
	}
	if _, offset := got.Events[0].From.Zone(); offset != 3600 {
		t.Errorf("times are %v", got.Events[0].From)
	}
	v.want(422, "GET", query(0, -time.Minute), nil)
	v.want(422, "GET", query(0, 94*24*time.Hour), nil)
	v.want(200, "GET", query(24*time.Hour, 25*time.Hour), nil).into(t, &got)
	if len(got.Recorded)+len(got.Gaps)+len(got.Events) != 0 {
		t.Errorf("of tomorrow: %+v", got)
	}
}
