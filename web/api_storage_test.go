package web

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"v720dvr/storage"
)

func TestStorageLeavesOutCamerasThatMayNotBeSeen(t *testing.T) {
	s := open(t)
	a := s.admin()
	var made struct{ Password string }
	a.want(201, "POST", "/api/v1/users", fields{"name": "anna", "role": "viewer", "cameras": []string{string(door)}}).into(t, &made)
	v := s.visitor()
	v.logIn("anna", made.Password)
	var all, some Storage
	a.want(200, "GET", "/api/v1/storage", nil).into(t, &all)
	got := v.want(200, "GET", "/api/v1/storage", nil)
	got.into(t, &some)
	if strings.Contains(string(got.body), string(yard)) || strings.Contains(string(got.body), string(other)) || len(some.Cameras) != 1 || some.Past[0].Bytes[string(door)] != 2 {
		t.Errorf("got %s", got.body)
	}
	if len(all.Cameras) != 2 || len(all.Choked) != 1 || all.At.Format("15:04 -0700") != "14:05 +0100" || all.Past[0].From.Format("-0700") != "+0100" {
		t.Errorf("got %+v", all)
	}
	var next struct{ Next []Going }
	v.want(200, "GET", "/api/v1/storage/next?limit=2", nil).into(t, &next)
	if len(next.Next) != 2 || next.Next[0].Camera != door || next.Next[1].When.Format("15:04 -0700") != "17:05 +0100" {
		t.Errorf("got %+v", next)
	}
	v.want(200, "GET", "/api/v1/storage/deletions", nil)
}

func TestPreviewIsOfRulesAlone(t *testing.T) {
	s := open(t)
	v := s.admin()
	var got Preview
	v.want(200, "POST", "/api/v1/storage/preview", fields{"settings": fields{"retention.max_age": "1d"}, "cameras": fields{string(door): fields{"retention.max_size": nil}}}).into(t, &got)
	if !got.Most || got.Goes.Bytes != 60e9 || got.Goes.From.Format("-0700") != "+0100" {
		t.Errorf("got %+v", got)
	}
	v.want(200, "POST", "/api/v1/storage/preview", fields{}).into(t, &got)
	v.want(404, "POST", "/api/v1/storage/preview", fields{"cameras": fields{"nobody": fields{"retention.max_size": "1GB"}}})
	for _, wrong := range []fields{{"log.level": "debug"}, {"retention.max_age": "nonsense"}} {
		if got := v.want(422, "POST", "/api/v1/storage/preview", fields{"settings": wrong}); !strings.Contains(string(got.body), "location") {
			t.Errorf("got %s", got.body)
		}
	}
}

func TestRulesThatTakeMoreThanHalfAreSetWhenThatIsSaidTwice(t *testing.T) {
	s := open(t)
	v := s.admin()
	refused := v.want(409, "PATCH", "/api/v1/settings", fields{"retention.max_age": "1d"})
	if text := string(refused.body); !strings.Contains(text, "60000000000 of 100000000000") || !strings.Contains(text, "twice") {
		t.Errorf("got %s", text)
	}
	v.want(409, "PATCH", "/api/v1/cameras/"+string(door)+"/settings", fields{"retention.max_age": "1d"})
	v.want(422, "PATCH", "/api/v1/settings?twice=true", fields{"retention.max_age": "1d"}) // the hall does not know the key
	var swept Swept
	v.want(200, "POST", "/api/v1/storage/sweep", nil).into(t, &swept)
	if swept.Segments != 2 || swept.ByRule["max_age"] != 2 {
		t.Errorf("got %+v", swept)
	}
}

func TestFilesThatAreLeftAloneAreListedForWhoSeesAll(t *testing.T) {
	s := open(t)
	v := s.admin()
	type told struct {
		Files        []LeftFile
		Count        int
		Bytes        int64
		More         bool
		WatchedAll   bool `json:"watched_all"`
		WatchedCount int  `json:"watched_folders"`
	}
	var none, some told
	v.want(200, "GET", "/api/v1/storage/files", nil).into(t, &none)
	for _, name := range []string{"a film.avi", "notes.txt"} {
		if err := os.WriteFile(filepath.Join(s.hall.store.Recordings(), name), []byte("mine"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.hall.store.Repair(t.Context()); err != nil {
		t.Fatal(err)
	}
	v.want(200, "GET", "/api/v1/storage/files?limit=1", nil).into(t, &some)
	if want := (LeftFile{"a film.avi", 4, storage.ForeignTheirs}); none.Count != 0 || len(some.Files) != 1 || some.Files[0] != want || some.Count != 2 || some.Bytes != 8 || !some.WatchedAll || some.WatchedCount != 4 {
		t.Errorf("got %+v, then %+v", none, some)
	}
}
