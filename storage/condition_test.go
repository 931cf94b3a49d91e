package storage_test

import (
	"reflect"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
)

func TestHowCamerasAreSurvivesARestart(t *testing.T) {
	dir := t.TempDir()
	s, err := storage.Open(t.Context(), storage.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []camera.ID{"0800c0000001", "0800c0000002"} {
		if err := s.Seen(t.Context(), storage.Sighting{Camera: id, At: noon, Registered: true}); err != nil {
			t.Fatal(err)
		}
	}
	first := camera.Condition{
		Values: map[string]int64{"IrLed": 1, "SD_freeDisk": -1}, Texts: map[string]string{"wifiName": "Caf\uFFFD"}, Networks: []string{"a"},
		Reported: time.Unix(1, 0).UTC(), Registered: true, Control: true, Since: time.Unix(2, 0).UTC(), Low: true, Connections: 3, Pictures: 4, Lost: 5, FPS: 9.5,
	}
	other := camera.Condition{Registered: true, Absent: true}
	for _, all := range []map[camera.ID]camera.Condition{nil, {"6200c0ffffff": other}, {"0800c0000001": {Connections: 1}, "0800c0000002": other}, {"0800c0000001": first}} {
		if err := s.KeepConditions(t.Context(), all); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = storage.Open(t.Context(), storage.Options{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	got, err := s.Conditions(t.Context())
	if want := (map[camera.ID]camera.Condition{"0800c0000001": first, "0800c0000002": other}); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v\nwant %+v", got, err, want)
	}
}
