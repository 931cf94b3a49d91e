package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"v720dvr/camera"
)

const healthFile = "health.sqlite"

// The steps of Figures, and how long they are kept: 1440 and 4320 rows, for the box and for each camera that is
// known. With 4 cameras that is 3 MB, with 64 cameras 40.
const (
	FigureMinute = time.Minute
	FigureTen    = 10 * time.Minute

	minutesKept = 24 * time.Hour
	tensKept    = 30 * 24 * time.Hour
)

// CameraFigures is how a camera was in a step.
type CameraFigures struct {
	At       time.Time // its begin
	Camera   camera.ID
	Frames   int64         // pictures that came
	Lost     int64         // that never came whole
	Repaired int64         // that came whole with packages sent again
	Dropped  int64         // that came and were not recorded
	Sounds   int64         // packages of sound
	Opened   int64         // times that it connected
	Age      time.Duration // the oldest that its last picture was, while it was connected
	Online   float64       // the part of the time that it was connected, 0 to 1
}

// BoxFigures is how the box was in a step.
type BoxFigures struct {
	At               time.Time
	SyncMedian, Sync time.Duration // what making written pictures safe took, and the longest
	Free             int64         // bytes of the recordings' disk, the least
	Memory           int64         // bytes that the process held, the most
	Waiting          int64         // bytes that waited for the disk, the most
	Dropped          int64         // datagrams that the system dropped
	CPU              float64       // cores that were busy for the process
}

// Figures is health.sqlite in the data folder: a bounded history of figures. It has a file of its own, since it may
// be lost, and state.sqlite may not.
type Figures struct{ db *database }

// OpenFigures opens the history of a data folder. One that is damaged is thrown away and begun anew.
func OpenFigures(ctx context.Context, dir string) (*Figures, error) {
	path, err := filepath.Abs(filepath.Join(dir, healthFile))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", healthFile, err)
	}
	db, err := openDatabase(ctx, path, "health", syncNormal)
	if err != nil && isDamaged(err) {
		for _, suffix := range []string{"", "-wal", "-shm"} {
			if err := os.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return nil, fmt.Errorf("throw the damaged %s away: %w", healthFile, err)
			}
		}
		db, err = openDatabase(ctx, path, "health", syncNormal)
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", healthFile, err)
	}
	return &Figures{db}, nil
}

// Close closes the file.
func (f *Figures) Close() error { return f.db.Close() }

// Add writes a minute down, sums it up in its ten minutes, and forgets what is too old, in one transaction. A minute that
// is there already is replaced: the clock was set back.
func (f *Figures) Add(ctx context.Context, box BoxFigures, cameras []CameraFigures) error {
	tx, err := f.db.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("write figures: %w", err)
	}
	defer tx.Rollback()
	if err := addFigures(ctx, tx, box, cameras); err != nil {
		return fmt.Errorf("write figures: %w", err)
	}
	return tx.Commit()
}

func addFigures(ctx context.Context, tx *sql.Tx, box BoxFigures, cameras []CameraFigures) error {
	at := box.At.Truncate(FigureMinute).Unix()
	if _, err := tx.ExecContext(ctx, `INSERT OR REPLACE INTO box_points (step, at, sync_median, sync_max, free, memory, waiting, dropped, cpu) VALUES (60, ?, ?, ?, ?, ?, ?, ?, ?)`,
		at, box.SyncMedian.Microseconds(), box.Sync.Microseconds(), box.Free, box.Memory, box.Waiting, box.Dropped, box.CPU); err != nil {
		return err
	}
	for _, c := range cameras {
		if _, err := tx.ExecContext(ctx, `INSERT OR REPLACE INTO camera_points (step, at, camera, frames, lost, repaired, dropped, sounds, opened, age, online) VALUES (60, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			at, c.Camera, c.Frames, c.Lost, c.Repaired, c.Dropped, c.Sounds, c.Opened, c.Age.Milliseconds(), c.Online); err != nil {
			return err
		}
	}
	ten := box.At.Truncate(FigureTen).Unix()
	for _, statement := range []string{
		`INSERT OR REPLACE INTO box_points (step, at, sync_median, sync_max, free, memory, waiting, dropped, cpu)
			SELECT 600, ?1, avg(sync_median), max(sync_max), min(free), max(memory), max(waiting), sum(dropped), avg(cpu)
			FROM box_points WHERE step = 60 AND at >= ?1 AND at < ?1 + 600`,
		`INSERT OR REPLACE INTO camera_points (step, at, camera, frames, lost, repaired, dropped, sounds, opened, age, online)
			SELECT 600, ?1, camera, sum(frames), sum(lost), sum(repaired), sum(dropped), sum(sounds), sum(opened), max(age), avg(online)
			FROM camera_points WHERE step = 60 AND at >= ?1 AND at < ?1 + 600 GROUP BY camera`,
	} {
		if _, err := tx.ExecContext(ctx, statement, ten); err != nil {
			return err
		}
	}
	// What lies ahead was written before the clock was set back: with it there would be no bound.
	ahead := box.At.Add(FigureTen).Unix()
	for _, table := range []string{"box_points", "camera_points"} {
		for step, kept := range map[int]time.Duration{60: minutesKept, 600: tensKept} {
			if _, err := tx.ExecContext(ctx, `DELETE FROM `+table+` WHERE step = ? AND (at <= ? OR at > ?)`, step, box.At.Add(-kept).Unix(), ahead); err != nil {
				return err
			}
		}
	}
	return nil
}

// Cameras lists the figures of some cameras, from ≤ t < to, by time.
func (f *Figures) Cameras(ctx context.Context, step time.Duration, from, to time.Time, want CameraSet) ([]CameraFigures, error) {
	rows, err := f.db.read.QueryContext(ctx, `SELECT at, camera, frames, lost, repaired, dropped, sounds, opened, age, online
		FROM camera_points WHERE step = ? AND at >= ? AND at < ? ORDER BY at, camera`, int(step.Seconds()), from.Unix(), to.Unix())
	if err != nil {
		return nil, fmt.Errorf("list figures: %w", err)
	}
	defer rows.Close()
	var list []CameraFigures
	for rows.Next() {
		var c CameraFigures
		var at, age int64
		if err := rows.Scan(&at, &c.Camera, &c.Frames, &c.Lost, &c.Repaired, &c.Dropped, &c.Sounds, &c.Opened, &age, &c.Online); err != nil {
			return nil, fmt.Errorf("list figures: %w", err)
		}
		if want.Has(c.Camera) {
			c.At, c.Age = time.Unix(at, 0).UTC(), time.Duration(age)*time.Millisecond
			list = append(list, c)
		}
	}
	return list, rows.Err()
}

// Box lists the figures of the box, from ≤ t < to, by time.
func (f *Figures) Box(ctx context.Context, step time.Duration, from, to time.Time) ([]BoxFigures, error) {
	rows, err := f.db.read.QueryContext(ctx, `SELECT at, sync_median, sync_max, free, memory, waiting, dropped, cpu
		FROM box_points WHERE step = ? AND at >= ? AND at < ? ORDER BY at`, int(step.Seconds()), from.Unix(), to.Unix())
	if err != nil {
		return nil, fmt.Errorf("list figures: %w", err)
	}
	defer rows.Close()
	var list []BoxFigures
	for rows.Next() {
		var b BoxFigures
		var at int64
		var median, most float64 // SQLite's mean is a real
		if err := rows.Scan(&at, &median, &most, &b.Free, &b.Memory, &b.Waiting, &b.Dropped, &b.CPU); err != nil {
			return nil, fmt.Errorf("list figures: %w", err)
		}
		b.At, b.SyncMedian, b.Sync = time.Unix(at, 0).UTC(), time.Duration(median)*time.Microsecond, time.Duration(most)*time.Microsecond
		list = append(list, b)
	}
	return list, rows.Err()
}
