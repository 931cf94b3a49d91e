package web

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
)

func TestKeepIsMadeChangedToldAndEnded(t *testing.T) {
	s := open(t)
	first := film(t, s.o.Store, door, noon)
	film(t, s.o.Store, door, noon.Add(time.Hour))
	film(t, s.o.Store, yard, noon)
	s.clock.add(2 * time.Hour)
	admin := s.admin()

	var made Keep
	admin.want(201, "POST", "/api/v1/keeps", fields{
		"camera": door, "from": noon.Add(-time.Minute), "to": noon.Add(time.Minute), "note": "a fox", "until": noon.Add(24 * time.Hour),
	}).into(t, &made)
	if want := (Keep{
		ID: made.ID, Camera: door, From: noon.Add(-time.Minute), To: noon.Add(time.Minute), Note: "a fox", Until: noon.Add(24 * time.Hour), InForce: true,
		Who: "user admin", Made: noon.Add(2 * time.Hour), Segments: 1, Bytes: first.Bytes, Seconds: first.End.Sub(first.Start).Seconds(),
	}); made.ID == 0 || asJSON(made) != asJSON(want) {
		t.Errorf("got %+v, want %+v", made, want)
	}
	kept := func() (kept int) {
		var segments struct{ Segments []Segment }
		admin.want(200, "GET", "/api/v1/segments", nil).into(t, &segments)
		for _, r := range segments.Segments {
			if r.Kept {
				kept++
			}
			if want := r.ID == first.ID; r.Kept && !want {
				t.Errorf("got %+v kept", r)
			}
		}
		return kept
	}
	if kept() != 1 {
		t.Error("the segment is not told to be kept")
	}

	path := "/api/v1/keeps/" + itoa(made.ID)
	var changed Keep
	admin.want(200, "PATCH", path, fields{"note": "two foxes", "endless": true}).into(t, &changed)
	if changed.Note != "two foxes" || !changed.Until.IsZero() || !changed.InForce {
		t.Errorf("got %+v", changed)
	}
	admin.want(200, "PATCH", path, fields{"until": noon.Add(3 * time.Hour)})
	admin.want(422, "PATCH", path, fields{"until": noon.Add(3 * time.Hour), "endless": true})
	admin.want(422, "PATCH", path, fields{"until": noon})
	admin.want(422, "PATCH", path, fields{"note": "a\nb"})
	admin.want(404, "PATCH", "/api/v1/keeps/999", fields{"note": "x"})

	s.clock.add(time.Hour) // now it is over
	var list struct{ Keeps []Keep }
	admin.want(200, "GET", "/api/v1/keeps", nil).into(t, &list)
	if len(list.Keeps) != 1 || list.Keeps[0].InForce || list.Keeps[0].Note != "two foxes" || kept() != 0 {
		t.Errorf("got %+v, want it over", list.Keeps)
	}
	admin.want(204, "DELETE", path, nil)
	admin.want(404, "DELETE", path, nil)

	var log struct{ Entries []AuditEntry }
	admin.want(200, "GET", "/api/v1/audit", nil).into(t, &log)
	var whats []string
	for _, e := range log.Entries {
		if e.About == string(door) && e.Who == "user admin" && strings.HasPrefix(e.Detail, fmt.Sprintf("keep %d: 2026-11-22T14:04:00+01:00 to ", made.ID)) {
			whats = append(whats, e.What)
		}
	}
	if got := strings.Join(whats, " "); got != "keep.end keep.change keep.change keep.add" {
		t.Errorf("got %q in the audit log %+v", got, log.Entries)
	}
}

func TestKeepThatCannotBeIsRefusedWithItsReason(t *testing.T) {
	s := open(t)
	admin := s.admin()
	span := func(more ...any) fields {
		f := fields{"camera": door, "from": noon, "to": noon.Add(time.Minute)}
		for i := 0; i < len(more); i += 2 {
			f[more[i].(string)] = more[i+1]
		}
		return f
	}
	for status, bodies := range map[int][]fields{
		404: {span("camera", "0800c0000009"), span("camera", "../x"), span("camera", "")},
		422: {
			span("to", noon), span("until", noon), span("note", strings.Repeat("ü", 251)), span("note", strings.Repeat("x", 501)),
			span("note", "\x1b[2J"), span("who", "user anna"), span("from", "yesterday"), {"camera": door},
		},
	} {
		for _, body := range bodies {
			admin.want(status, "POST", "/api/v1/keeps", body)
		}
	}
	admin.want(404, "GET", "/api/v1/keeps/1/x", nil)
	admin.want(422, "DELETE", "/api/v1/keeps/x", nil)
	admin.want(201, "POST", "/api/v1/keeps", span("note", strings.Repeat("ü", 250)))
}

// Who may control some cameras sees, makes and ends the keeps of these alone.
func TestKeepsOfOtherCamerasAreNotThere(t *testing.T) {
	s := open(t)
	some := s.with("some", storage.SomeCameras(door), ScopeRead, ScopeControl)
	var ids []int64
	for _, id := range []camera.ID{yard, door, other} {
		k, err := s.o.Store.Keep(t.Context(), storage.Keep{Camera: id, From: noon, To: noon.Add(time.Minute)})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, k.ID)
	}
	var list struct {
		Keeps []Keep
		Next  string
	}
	some.want(200, "GET", "/api/v1/keeps?limit=1", nil).into(t, &list)
	if len(list.Keeps) != 1 || list.Keeps[0].ID != ids[1] || list.Next == "" {
		t.Errorf("got %+v, want that of the door", list)
	}
	some.want(200, "GET", "/api/v1/keeps?limit=1&cursor="+list.Next, nil).into(t, &list)
	if len(list.Keeps) != 0 {
		t.Errorf("the next page: got %+v, want nothing", list)
	}
	some.want(404, "GET", "/api/v1/keeps?camera="+string(yard), nil)
	some.want(404, "POST", "/api/v1/keeps", fields{"camera": yard, "from": noon, "to": noon.Add(time.Minute)})
	for _, id := range []int64{ids[0], ids[2]} {
		none := some.want(404, "DELETE", "/api/v1/keeps/999", nil)
		for _, got := range []answered{
			some.want(404, "DELETE", "/api/v1/keeps/"+itoa(id), nil), some.want(404, "PATCH", "/api/v1/keeps/"+itoa(id), fields{"note": "x"}),
		} {
			if string(got.body) != string(none.body) {
				t.Errorf("got %s, want what one that is not there gets: %s", got.body, none.body)
			}
		}
	}
	some.want(204, "DELETE", "/api/v1/keeps/"+itoa(ids[1]), nil)
	if left, err := s.o.Store.Keeps(t.Context(), storage.KeepQuery{Cameras: storage.AllCameras, Limit: 9}); err != nil || len(left) != 2 {
		t.Errorf("got %+v, %v, want those of the others", left, err)
	}
}

func asJSON(k Keep) string {
	raw, err := json.Marshal(k)
	return fmt.Sprintf("%s %v", raw, err)
}
