package storage_test

import (
	"net/netip"
	"reflect"
	"regexp"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
	"v720dvr/storage/storagetest"
)

func TestIssuedCodesHaveTheVendorsFormAndStayKnown(t *testing.T) {
	dir := t.TempDir()
	store := storagetest.Open(t, storage.Options{Dir: dir, Now: func() time.Time { return noon }})
	form := regexp.MustCompile(`^0800c0[0-9A-F]{6}$`)
	given := make(map[camera.ID]bool)
	for range 20 {
		id, err := store.IssueCamera(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !form.MatchString(string(id)) || given[id] {
			t.Errorf("got code %q: want %v, and never one twice", id, form)
		}
		given[id] = true
	}
	store.Close()
	store = storagetest.Open(t, storage.Options{Dir: dir})
	list, err := store.Cameras(t.Context())
	if err != nil || len(list) != 20 {
		t.Fatalf("got %d cameras, %v, want 20", len(list), err)
	}
	for _, c := range list {
		if !given[c.ID] || !c.Issued.Equal(noon.Truncate(time.Microsecond)) || !c.FirstSeen.IsZero() {
			t.Errorf("got %+v", c)
		}
	}
}

func TestAliasIsTheBoxesOwnForEverAndOneForEachUse(t *testing.T) {
	dir := t.TempDir()
	store := storagetest.Open(t, storage.Options{Dir: dir})
	alias := store.Alias("homeassistant")
	if !regexp.MustCompile(`^[0-9a-f]{12}$`).MatchString(alias) || store.Alias("elsewhere") == alias {
		t.Errorf("got %q, and %q for another use", alias, store.Alias("elsewhere"))
	}
	store.Close()
	if again := storagetest.Open(t, storage.Options{Dir: dir}).Alias("homeassistant"); again != alias {
		t.Errorf("after reopening: got %q, want %q", again, alias)
	}
	if other := storagetest.Open(t, storage.Options{}).Alias("homeassistant"); other == alias {
		t.Errorf("another box is called %q too", other)
	}
}

func TestSecretIsTheSameEverAfterAndNothingIsWrittenForIt(t *testing.T) {
	dir := t.TempDir()
	store := storagetest.Open(t, storage.Options{Dir: dir})
	ask := func(id camera.ID) string {
		t.Helper()
		secret, err := store.Secret(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if !regexp.MustCompile(`^[0-9a-f]{8}$`).MatchString(secret) {
			t.Errorf("got %q, want 8 lower-case hex digits", secret)
		}
		return secret
	}
	secret := ask("0800c00128F8")
	if other := ask("0800c00128f8"); other == secret {
		t.Errorf("another camera got the same secret %q", other)
	}
	if err := store.Seen(t.Context(), storage.Sighting{Camera: "0800c00128F8", At: noon, Registered: true}); err != nil {
		t.Fatal(err)
	}
	if again := ask("0800c00128F8"); again != secret {
		t.Errorf("after it was seen: got %q, want %q", again, secret)
	}
	store.Close()
	store = storagetest.Open(t, storage.Options{Dir: dir})
	if again := ask("0800c00128F8"); again != secret {
		t.Errorf("after reopening: got %q, want %q", again, secret)
	}
	if foreign, err := storagetest.Open(t, storage.Options{}).Secret(t.Context(), "0800c00128F8"); err != nil || foreign == secret {
		t.Errorf("another box: got %q, %v, want a secret of its own", foreign, err)
	}
}

// Nothing that anybody can send for a made-up camera adds a row.
func TestOnlyACameraThatRegisteredIsRemembered(t *testing.T) {
	store := storagetest.Open(t, storage.Options{})
	for _, seen := range []storage.Sighting{{Camera: "0800c0000001", At: noon}, {Camera: "0800c0000001", At: noon, Accepted: true}} {
		if err := store.Seen(t.Context(), seen); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := store.Secret(t.Context(), "0800c0000001"); err != nil {
		t.Fatal(err)
	}
	if list, err := store.Cameras(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("got %v, %v, want no camera", list, err)
	}
	if err := store.Seen(t.Context(), storage.Sighting{Camera: "0800c0000001", At: noon, Registered: true}); err != nil {
		t.Fatal(err)
	}
	if err := store.Seen(t.Context(), storage.Sighting{Camera: "0800c0000001", At: noon.Add(time.Hour), Firmware: "202212011602"}); err != nil {
		t.Fatal(err)
	}
	list, err := store.Cameras(t.Context())
	if err != nil || len(list) != 1 || list[0].Firmware != "202212011602" || !list[0].LastSeen.Equal(noon.Add(time.Hour)) {
		t.Errorf("got %+v, %v, want one camera, with what was told later", list, err)
	}
}

func TestSightingsWidenAndKeepWhatTheyDoNotTell(t *testing.T) {
	store := storagetest.Open(t, storage.Options{})
	addr := netip.MustParseAddr("192.168.1.20")
	at := func(minutes int) time.Time { return noon.Add(time.Duration(minutes) * time.Minute) }
	for _, seen := range []storage.Sighting{
		{Camera: "0800c00128F8", At: at(5), Registered: true, Firmware: "202212011602", Addr: addr},
		{Camera: "0800c00128F8", At: at(9)},
		{Camera: "0800c00128F8", At: at(7), Firmware: "202411010000"},
		{Camera: "0800c00128F8", At: at(1)},
		{Camera: "62aa00000001", At: at(2), Registered: true},
	} {
		if err := store.Seen(t.Context(), seen); err != nil {
			t.Fatal(err)
		}
	}
	want := []storage.CameraRecord{
		{ID: "0800c00128F8", FirstSeen: micros(at(1)), LastSeen: micros(at(9)), Firmware: "202411010000", Addr: addr},
		{ID: "62aa00000001", FirstSeen: micros(at(2)), LastSeen: micros(at(2))},
	}
	if got, err := store.Cameras(t.Context()); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

func micros(t time.Time) time.Time { return time.UnixMicro(t.UnixMicro()).UTC() }
