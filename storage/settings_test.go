package storage_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"v720dvr/storage"
	"v720dvr/storage/storagetest"
)

func TestSettingsAreChangedAllOrNone(t *testing.T) {
	dir := t.TempDir()
	store := storagetest.Open(t, storage.Options{Dir: dir})
	accounts := store.Accounts()
	set := func(key, value string) storage.Setting {
		s := storage.Setting{Camera: "0800c0000001", Key: key, Who: "user anna", At: micros(noon)}
		if value != "" {
			s.Value = json.RawMessage(value)
		}
		return s
	}
	holds := func(want ...storage.Setting) {
		t.Helper()
		if got, err := store.Settings(t.Context()); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, %v, want %+v", got, err, want)
		}
	}
	box := storage.Setting{Key: "recording.segment", Value: json.RawMessage(`"1m"`), Who: "command line", At: micros(noon)}
	if err := accounts.ChangeSettings(t.Context(), set("name", `"door"`), set("motion.hold", `"2s"`), box); err != nil {
		t.Fatal(err)
	}
	holds(box, set("motion.hold", `"2s"`), set("name", `"door"`))
	if got, err := storage.SettingsIn(t.Context(), dir); err != nil || len(got) != 3 || !reflect.DeepEqual(got[0], box) {
		t.Errorf("from beside: got %+v, %v", got, err)
	}
	if got, err := storage.SettingsIn(t.Context(), t.TempDir()); err != nil || got != nil {
		t.Errorf("of an empty folder: got %+v, %v", got, err)
	}
	later := set("name", `"gate"`)
	later.Who, later.At = "user bob", micros(noon.Add(time.Hour))
	if err := accounts.ChangeSettings(t.Context(), later, set("motion.hold", ""), set("never.set", "")); err != nil {
		t.Fatal(err)
	}
	holds(box, later)
	for _, bad := range []storage.Setting{set("name", `{`), set("", `1`), set(strings.Repeat("k", 65), `1`), set("big", `"`+strings.Repeat("x", 64<<10)+`"`)} {
		if err := accounts.ChangeSettings(t.Context(), set("name", ""), bad); !errors.Is(err, storage.ErrMalformed) {
			t.Errorf("%.20s: got %v", bad.Key, err)
		}
	}
	holds(box, later)
}
