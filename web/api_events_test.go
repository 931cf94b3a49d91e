package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
)

// happening writes a segment of a minute with an event of a length, seen in a zone.
func happening(t *testing.T, store *storage.Store, id camera.ID, start time.Time, length time.Duration, zone string) storage.SegmentRecord {
	t.Helper()
	segment, err := store.Create(storage.SegmentSpec{Camera: id, Start: start})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 60 {
		if err := segment.WriteFrame(camera.Frame{At: start.Add(time.Duration(i) * time.Second), JPEG: picture}); err != nil {
			t.Fatal(err)
		}
	}
	at := start.Add(time.Second)
	over := camera.Ending{Begin: at, Seconds: length.Seconds(), Kinds: []camera.EventKind{camera.Motion}, Peak: 0.1, PeakAt: at, Best: at, Zones: []string{zone}}
	for _, e := range []camera.Event{{At: at, Kind: camera.Motion}, {At: at.Add(length), Kind: camera.Ended, Detail: over.Detail()}} {
		if err := segment.WriteEvent(e); err != nil {
			t.Fatal(err)
		}
	}
	record, err := segment.Commit(t.Context(), start.Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	return record
}

type events struct {
	Events []Event
	Next   string
}

// list is what a visitor gets of events, "" for one that is new.
func (v *visitor) events(query string) (list events) {
	v.site.t.Helper()
	v.want(200, "GET", "/api/v1/events?"+query, nil).into(v.site.t, &list)
	return list
}

type marked struct {
	Matched int
	Changed []int64
}

func TestEventsAreMarkedAsSeenAndAsNewAgain(t *testing.T) {
	s := open(t)
	s.addUser("ben", storage.RoleViewer, storage.SomeCameras(door))
	for i := range 6 {
		happening(t, s.o.Store, []camera.ID{door, yard}[i%2], noon.Add(time.Duration(i)*time.Minute), time.Second, "gate")
	}
	admin, ben := s.admin(), s.visitor()
	ben.logIn("ben", "password of ben")
	span := fields{"from": noon, "to": noon.Add(time.Hour), "kind": []string{"motion"}, "state": "new"}
	with := func(more fields) fields {
		all := fields{}
		for _, f := range []fields{span, more} {
			for k, v := range f {
				all[k] = v
			}
		}
		return all
	}
	unseen := func(v *visitor, want int) {
		t.Helper()
		if got := v.events("state=new"); len(got.Events) != want {
			t.Errorf("got %d new, want %d", len(got.Events), want)
		}
		for _, e := range v.events("").Events {
			if e.Seen {
				want++
			}
		}
		if all := v.events("").Events; want != len(all) {
			t.Errorf("%d of %d are new or seen", want, len(all))
		}
	}
	unseen(admin, 6)
	refused := admin.want(409, "POST", "/api/v1/events/seen", with(fields{"count": 5}))
	if !strings.Contains(string(refused.body), "there are 6 such events now, not 5") {
		t.Errorf("got %s", refused.body)
	}
	var first, all marked
	admin.want(200, "POST", "/api/v1/events/seen", with(fields{"camera": []string{string(yard)}, "to": noon.Add(2 * time.Minute)})).into(t, &first)
	if first.Matched != 1 || len(first.Changed) != 1 {
		t.Errorf("got %+v", first)
	}
	unseen(admin, 5)
	ids := []int64{}
	for _, e := range admin.events("").Events {
		ids = append(ids, e.ID)
	}
	admin.want(200, "POST", "/api/v1/events/seen", fields{"ids": append(ids, 4711)}).into(t, &all)
	if all.Matched != 6 || len(all.Changed) != 5 {
		t.Errorf("got %+v, want 5 of 6 changed, and one that is none passed over", all)
	}
	unseen(admin, 0)
	unseen(ben, 3)
	admin.want(200, "POST", "/api/v1/events/seen", fields{"ids": all.Changed, "seen": false}).into(t, &all)
	unseen(admin, 5)
	// Of a camera that one may not see there is nothing to mark; outside the span neither.
	ben.want(200, "POST", "/api/v1/events/seen", fields{"ids": ids}).into(t, &all)
	if all.Matched != 3 {
		t.Errorf("got %+v", all)
	}
	unseen(ben, 0)
	unseen(admin, 5)
	admin.want(200, "POST", "/api/v1/events/seen", with(fields{"ids": ids, "to": noon.Add(time.Minute)})).into(t, &all)
	if all.Matched != 1 || all.Changed[0] != ids[0] {
		t.Errorf("got %+v, want the one in the span", all)
	}

	for _, body := range []fields{{}, {"from": noon}, {"from": noon, "to": noon}, with(fields{"state": "odd"}), with(fields{"min_seconds": -1})} {
		admin.want(422, "POST", "/api/v1/events/seen", body)
	}
	ben.want(404, "POST", "/api/v1/events/seen", with(fields{"camera": []string{string(yard)}}))
	token := s.with("program", storage.AllCameras, ScopeAdmin)
	token.want(403, "POST", "/api/v1/events/seen", span)
	token.want(422, "GET", "/api/v1/events?state=new", nil)
	if e := token.events("").Events; len(e) != 6 || e[0].Seen {
		t.Errorf("a token: got %+v", e)
	}
}

func TestEventsAreFilteredByZoneLengthAndKeep(t *testing.T) {
	s := open(t)
	for i := range 6 {
		happening(t, s.o.Store, door, noon.Add(time.Duration(i)*time.Minute), time.Duration(i+1)*time.Second, []string{"gate", "street"}[i%2])
	}
	if _, err := s.o.Store.Keep(t.Context(), storage.Keep{Camera: door, From: noon.Add(90 * time.Second), To: noon.Add(4 * time.Minute)}); err != nil {
		t.Fatal(err)
	}
	v := s.with("reader", storage.AllCameras, ScopeRead)
	for query, want := range map[string]string{
		"": "0 1 2 3 4 5", "zone=gate": "0 2 4", "zone=Street&min_seconds=3": "3 5", "min_seconds=5": "4 5", "kept=true": "2 3", "kind=sound": "",
		"kind=sound,motion&kept=true&zone=gate": "2", "zone=gate&limit=1": "0 2 4", "zone=gate&limit=2&order=newest": "4 2 0",
	} {
		var got []string
		for page := v.events(query); ; page = v.events(query + "&cursor=" + page.Next) {
			for _, e := range page.Events {
				got = append(got, fmt.Sprint(int(e.At.Sub(noon).Minutes())))
				if kept := got[len(got)-1] == "2" || got[len(got)-1] == "3"; e.Kept != kept {
					t.Errorf("%s: got %+v, want it kept: %v", query, e, kept)
				}
			}
			if page.Next == "" {
				break
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: got %v, want %s", query, got, want)
		}
	}
	v.want(422, "GET", "/api/v1/events?min_seconds=x", nil)
	var one Event
	id := v.events("zone=street&limit=1").Events[0].ID
	v.want(200, "GET", "/api/v1/events/"+itoa(id), nil).into(t, &one)
	if one.ID != id || one.Zones[0] != "street" || one.End.Sub(one.At) != 2*time.Second {
		t.Errorf("got %+v", one)
	}
	v.want(404, "GET", "/api/v1/events/4711", nil)
	s.with("elsewhere", storage.SomeCameras(yard), ScopeRead).want(404, "GET", "/api/v1/events/"+itoa(id), nil)
}

// Who has the list asks whether it is the same still.
func TestListOfEventsHasATagThatChangesWithIt(t *testing.T) {
	s := open(t)
	happening(t, s.o.Store, door, noon, time.Second, "gate")
	v := s.admin()
	const path = "/api/v1/events?from=2026-11-22T14:00:00%2B01:00&to=2026-11-22T16:00:00%2B01:00"
	tag := ""
	same := func(want bool) {
		t.Helper()
		got := v.send("GET", path, nil, func(r *http.Request) { r.Header.Set("If-None-Match", tag) })
		if is := got.StatusCode == http.StatusNotModified; is != want || got.Header.Get("ETag") == "" || is && len(got.body) > 0 {
			t.Errorf("got %s with %q, want it the same: %v", got.Status, got.Header.Get("ETag"), want)
		}
		tag = got.Header.Get("ETag")
	}
	same(false)
	same(true)
	happening(t, s.o.Store, door, noon.Add(time.Minute), time.Second, "gate")
	same(false)
	same(true)
	happening(t, s.o.Store, door, noon.Add(10*time.Hour), time.Second, "gate")
	same(true) // it lies elsewhere
	v.want(200, "POST", "/api/v1/events/seen", fields{"ids": []int64{1}})
	same(false)
	k, err := s.o.Store.Keep(t.Context(), storage.Keep{Camera: door, From: noon, To: noon.Add(time.Minute)})
	if err != nil {
		t.Fatal(err)
	}
	same(false)
	if err := s.o.Store.Unkeep(t.Context(), k.ID); err != nil {
		t.Fatal(err)
	}
	same(false)
	same(true)
}

func TestCalendarHasDaysOfTheRecordersZone(t *testing.T) {
	s := open(t)
	happening(t, s.o.Store, door, time.Date(2026, 11, 21, 23, 30, 0, 0, time.UTC), time.Second, "gate") // the 22nd here
	happening(t, s.o.Store, yard, noon, time.Second, "gate")
	var got struct{ Days []DayCount }
	s.with("reader", storage.AllCameras, ScopeRead).want(200, "GET", "/api/v1/events/days?from=2026-11-21&to=2026-11-23", nil).into(t, &got)
	if len(got.Days) != 3 || got.Days[0].Events != 0 || got.Days[1].Events != 2 || got.Days[1].Seconds != 120 || got.Days[1].Day != "2026-11-22" ||
		got.Days[1].From.Format(time.RFC3339) != "2026-11-22T00:00:00+01:00" {
		t.Errorf("got %+v", got.Days)
	}
	some := s.with("some", storage.SomeCameras(door), ScopeRead)
	some.want(200, "GET", "/api/v1/events/days?from=2026-11-22&to=2026-11-22&kind=motion", nil).into(t, &got)
	if len(got.Days) != 1 || got.Days[0].Events != 1 || got.Days[0].Seconds != 60 {
		t.Errorf("of one camera: got %+v", got.Days)
	}
	some.want(404, "GET", "/api/v1/events/days?from=2026-11-22&to=2026-11-22&camera="+string(yard), nil)
	for _, query := range []string{"from=2026-11-22&to=2026-11-21", "from=2026-11-22", "from=x&to=y", "from=2020-01-01&to=2026-01-01"} {
		some.want(422, "GET", "/api/v1/events/days?"+query, nil)
	}
}

func TestDaysBeginAtTheFirstMomentOfTheirDate(t *testing.T) {
	for _, c := range []struct {
		zone, day string
		hours     float64
		begin     string
	}{
		{"Europe/Amsterdam", "2026-03-29", 23, "2026-03-29T00:00:00+01:00"},
		{"Europe/Amsterdam", "2026-10-25", 25, "2026-10-25T00:00:00+02:00"},
		{"America/Havana", "2026-03-08", 23, "2026-03-08T01:00:00-04:00"}, // has no midnight
		{"America/Havana", "2026-11-01", 25, "2026-11-01T00:00:00-04:00"}, // has two
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		day, err := time.Parse(time.DateOnly, c.day)
		if err != nil {
			t.Fatal(err)
		}
		from, to := midnight(day, zone), midnight(day.AddDate(0, 0, 1), zone)
		if from.Format(time.RFC3339) != c.begin || to.Sub(from).Hours() != c.hours {
			t.Errorf("%s in %s: got %v to %v", c.day, c.zone, from, to)
		}
	}
}
