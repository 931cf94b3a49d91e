package storage

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Rows come, go, give way and change in any order: what is renewed is what is read anew, and the sums of the index are those of its rows.
func TestRenewedInventoryIsThatWhichIsReadAnew(t *testing.T) {
	s := openInside(t, t.TempDir())
	now := archiveStart.Add(time.Hour)
	s.now = func() time.Time { return now }
	s.disk = stillDisk{s.disk}
	rapid.Check(t, func(t *rapid.T) {
		do := func(query string, args ...any) {
			if _, err := s.index.write.Exec(query, args...); err != nil {
				t.Fatal(err)
			}
		}
		do(`DELETE FROM segments`)
		var old *Inventory
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			path := fmt.Sprint("door/", rapid.IntRange(1, 9).Draw(t, "path"))
			start := archiveStart.Add(time.Duration(rapid.IntRange(0, 50).Draw(t, "minute")) * time.Minute).UnixMicro()
			camera := rapid.SampledFrom([]string{"a", "b"}).Draw(t, "camera")
			volume := rapid.SampledFrom([]string{s.volume.ID, s.volume.ID, "elsewhere"}).Draw(t, "volume")
			switch rapid.IntRange(0, 4).Draw(t, "what") {
			case 0, 1:
				do(`INSERT OR REPLACE INTO segments (camera, name, volume, path, run, number, start, "end", width, height, frames, repaired, lost, missing,
					has_audio, samples, silence, dropped, bytes) VALUES (?, '', ?, ?, zeroblob(16), 1, ?, ?, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, ?)`,
					camera, volume, fmt.Sprint(volume[:1], path), start, start+60e6, rapid.IntRange(1, 9).Draw(t, "bytes"))
				do(`INSERT INTO events (segment, camera, at, kind, detail) VALUES (last_insert_rowid(), ?, ?, 'motion', '')`, camera, start)
			case 2:
				do(`DELETE FROM segments WHERE path = ?`, fmt.Sprint(volume[:1], path))
			case 3:
				do(`UPDATE segments SET volume = ?, "end" = "end" + 1, bytes = bytes + 1 WHERE path = ?`, s.volume.ID, fmt.Sprint(volume[:1], path))
			case 4:
				if rapid.IntRange(0, 3).Draw(t, "many") == 0 { // so many that they are not remembered
					do(`INSERT INTO changes (number, segment, start) SELECT max(number) + 30000, 0, 0 FROM changes`)
					do(`DELETE FROM changes WHERE number < (SELECT max(number) FROM changes)`)
				}
			}
			if !rapid.Bool().Draw(t, "look") {
				continue
			}
			anew, err := s.Inventory(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			renewed, err := s.Renew(t.Context(), old)
			if err != nil {
				t.Fatal(err)
			}
			if len(anew.rows) == 0 {
				anew.rows, renewed.rows = nil, nil
			}
			if !reflect.DeepEqual(anew, renewed) {
				t.Fatalf("got %+v\nwant %+v", renewed, anew)
			}
			old = renewed
			var wrong int
			if err := s.index.read.QueryRow(`SELECT count(*) FROM (
				SELECT volume, camera, count(*), sum(bytes) FROM segments GROUP BY volume, camera EXCEPT SELECT volume, camera, segments, bytes FROM totals)`).Scan(&wrong); err != nil || wrong > 0 {
				t.Fatalf("%d sums are not those of the rows (%v)", wrong, err)
			}
			if err := s.index.read.QueryRow(`SELECT count(*) FROM totals WHERE segments <= 0`).Scan(&wrong); err != nil || wrong > 0 {
				t.Fatalf("%d sums are of nothing (%v)", wrong, err)
			}
		}
	})
}

// stillDisk always has as much free.
type stillDisk struct{ FS }

func (stillDisk) Space(string) (Space, error) { return Space{Size: 1000, Free: 500}, nil }
