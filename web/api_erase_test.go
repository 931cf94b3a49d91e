package web

import (
	"net/url"
	"testing"
	"time"

	"v720dvr/storage"
)

func TestErasureIsPreviewedThenDoneAndWrittenDown(t *testing.T) {
	s := open(t)
	first := film(t, s.o.Store, door, noon)
	second := film(t, s.o.Store, door, noon.Add(time.Minute))
	film(t, s.o.Store, yard, noon)
	s.clock.add(time.Hour)
	admin := s.admin()
	admin.want(201, "POST", "/api/v1/keeps", fields{"camera": door, "from": noon.Add(time.Minute), "to": noon.Add(2 * time.Minute)})

	query := url.Values{"from": {noon.Add(500 * time.Millisecond).Format(time.RFC3339Nano)}, "to": {noon.Add(10 * time.Minute).Format(time.RFC3339Nano)}}
	path := "/api/v1/cameras/" + string(door) + "/footage"
	var inside, beyond Erasure
	admin.want(200, "GET", path+"/erasure?"+query.Encode(), nil).into(t, &inside)
	query.Set("reach", "beyond")
	admin.want(200, "GET", path+"/erasure?"+query.Encode(), nil).into(t, &beyond)
	if inside.Segments != 0 || inside.Stays.Crossing != 1 || inside.Stays.Kept != 1 || inside.Stays.KeptBytes != second.Bytes {
		t.Errorf("got %+v; want nothing that lies inside but what is kept", inside)
	}
	if beyond.Segments != 1 || beyond.Bytes != first.Bytes || beyond.Events != 1 || beyond.Seconds != first.End.Sub(first.Start).Seconds() ||
		len(beyond.Gone) != 1 || !beyond.Gone[0].From.Equal(first.Start) || beyond.Stays.Crossing != 0 {
		t.Errorf("got %+v; want the first segment, whole", beyond)
	}

	admin.want(422, "DELETE", path+"?"+query.Encode(), nil)
	query.Set("plan", inside.Plan)
	admin.want(409, "DELETE", path+"?"+query.Encode(), nil)
	query.Set("plan", beyond.Plan)
	var done struct{ Segments, Bytes int64 }
	admin.want(200, "DELETE", path+"?"+query.Encode(), nil).into(t, &done)
	if done.Segments != 1 || done.Bytes != first.Bytes {
		t.Errorf("got %+v, want the one of the preview", done)
	}
	var coverage Coverage
	admin.want(200, "GET", "/api/v1/cameras/"+string(door)+"/coverage?"+url.Values{"from": {noon.Format(time.RFC3339)}, "to": {first.End.Format(time.RFC3339Nano)}}.Encode(), nil).into(t, &coverage)
	if len(coverage.Gaps) != 1 || coverage.Gaps[0].Reason != storage.GapErased {
		t.Errorf("got gaps %+v", coverage.Gaps)
	}
	var log struct{ Entries []AuditEntry }
	admin.want(200, "GET", "/api/v1/audit", nil).into(t, &log)
	if e := log.Entries[0]; e.What != "footage.erase" || e.Who != "user admin" || e.About != string(door) {
		t.Errorf("got %+v at the top of the audit log", e)
	}
}
