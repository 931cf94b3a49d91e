package storage_test

import (
	"net/netip"
	"reflect"
	"regexp"
	"sync"
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

func TestSecretIsDrawnOnceForEachCamera(t *testing.T) {
	dir := t.TempDir()
	store := storagetest.Open(t, storage.Options{Dir: dir})
	secrets := make([]string, 8)
	var asking sync.WaitGroup
	for i := range secrets {
		asking.Go(func() {
			var err error
			if secrets[i], err = store.Secret(t.Context(), "0800c00128F8"); err != nil {
				t.Error(err)
			}
		})
	}
	asking.Wait()
	for _, secret := range secrets {
		if secret != secrets[0] || !regexp.MustCompile(`^[0-9a-f]{8}$`).MatchString(secret) {
			t.Errorf("got secrets %q, want one of 8 lower-case hex digits", secrets)
		}
	}
	if other, err := store.Secret(t.Context(), "0800c00128f8"); err != nil || other == secrets[0] {
		t.Errorf("another camera: got %q, %v, want a secret of its own", other, err)
	}
	store.Close()
	store = storagetest.Open(t, storage.Options{Dir: dir})
	if again, err := store.Secret(t.Context(), "0800c00128F8"); err != nil || again != secrets[0] {
		t.Errorf("after reopening: got %q, %v, want %q", again, err, secrets[0])
	}
	if list, err := store.Cameras(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("got cameras %v, %v: one that was only asked about was never seen", list, err)
	}
}

func TestSightingsWidenAndKeepWhatTheyDoNotTell(t *testing.T) {
	store := storagetest.Open(t, storage.Options{})
	addr := netip.MustParseAddr("192.168.1.20")
	at := func(minutes int) time.Time { return noon.Add(time.Duration(minutes) * time.Minute) }
	for _, seen := range []storage.Sighting{
		{Camera: "0800c00128F8", At: at(5), Firmware: "202212011602", Addr: addr},
		{Camera: "0800c00128F8", At: at(9)},
		{Camera: "0800c00128F8", At: at(7), Firmware: "202411010000"},
		{Camera: "0800c00128F8", At: at(1)},
		{Camera: "62aa00000001", At: at(2)},
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
