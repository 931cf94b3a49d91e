package storage_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
)

func TestFiguresAreKeptByMinutesForADayAndByTensForAMonth(t *testing.T) {
	dir := t.TempDir()
	f, err := storage.OpenFigures(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { f.Close() }()
	begun := noon.UTC().Truncate(time.Hour)
	add := func(at time.Time, frames int64) {
		t.Helper()
		if err := f.Add(t.Context(), storage.BoxFigures{At: at, Sync: time.Duration(frames) * time.Millisecond, Free: 1000 - frames, CPU: 0.5}, []storage.CameraFigures{
			{Camera: "0800c0000001", Frames: frames, Lost: 1, Age: time.Duration(frames) * time.Millisecond, Online: 1}, {Camera: "0800c0000002", Frames: 1},
		}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 25 {
		add(begun.Add(time.Duration(i)*time.Minute), int64(i))
		if i == 12 { // killed and started anew in the midst of ten minutes
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
			if f, err = storage.OpenFigures(t.Context(), dir); err != nil {
				t.Fatal(err)
			}
		}
	}
	one := storage.CameraSet{IDs: []camera.ID{"0800c0000001"}}
	tens, err := f.Cameras(t.Context(), storage.FigureTen, begun, begun.Add(time.Hour), one)
	if err != nil || len(tens) != 3 || tens[1].Frames != 10+11+12+13+14+15+16+17+18+19 || tens[1].Lost != 10 || tens[1].Age != 19*time.Millisecond || tens[2].Lost != 5 || tens[0].Online != 1 {
		t.Errorf("got %+v, %v", tens, err)
	}
	box, err := f.Box(t.Context(), storage.FigureTen, begun, begun.Add(time.Hour))
	if err != nil || len(box) != 3 || box[0].Sync != 9*time.Millisecond || box[0].Free != 991 || box[0].CPU != 0.5 {
		t.Errorf("got %+v, %v", box, err)
	}
	minutes, err := f.Cameras(t.Context(), storage.FigureMinute, begun.Add(3*time.Minute), begun.Add(5*time.Minute), storage.AllCameras)
	if err != nil || len(minutes) != 4 || minutes[0].Frames != 3 || !minutes[0].At.Equal(begun.Add(3*time.Minute)) {
		t.Errorf("got %+v, %v", minutes, err)
	}
	add(begun.Add(24*time.Hour+10*time.Minute), 7) // 10 minutes are too old
	if minutes, err := f.Cameras(t.Context(), storage.FigureMinute, begun, begun.Add(48*time.Hour), one); err != nil || len(minutes) != 25-11+1 {
		t.Errorf("after a day: got %d minutes, %v", len(minutes), err)
	}
	add(begun.Add(31*24*time.Hour), 7)
	if tens, err := f.Cameras(t.Context(), storage.FigureTen, begun, begun.Add(1000*time.Hour), one); err != nil || len(tens) != 2 {
		t.Errorf("after a month: got %+v, %v", tens, err)
	}
	add(begun, 7) // the clock was set back
	if tens, err := f.Box(t.Context(), storage.FigureTen, begun.Add(-time.Hour), begun.Add(1000*time.Hour)); err != nil || len(tens) != 1 {
		t.Errorf("after the clock was set back: got %+v, %v", tens, err)
	}
}

func TestFiguresThatAreDamagedAreBegunAnew(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "health.sqlite"), []byte("this is no database, and was never one, whatever its name may say of it"), 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := storage.OpenFigures(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Add(t.Context(), storage.BoxFigures{At: noon}, nil); err != nil {
		t.Error(err)
	}
}
