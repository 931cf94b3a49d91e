package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"v720dvr/camera"
)

// Rebuilt is what Reindex made.
type Rebuilt struct {
	Segments  int `json:"segments"`  // rows written from files of the mounted volume
	Foreign   int `json:"foreign"`   // .avi files that are no segments, or copies of one
	Elsewhere int `json:"elsewhere"` // rows taken over, of volumes that are not mounted
}

// Reindex builds index.sqlite again from the files: the same rows, but for their ids, which then
// follow the order in which Segments lists them (day by day: not over a clock set back by days). Rows of volumes that are not mounted are taken over from the
// old index, if it can be read. progress, unless nil, is called after each day's folder.
//
// It takes the data folder, so no v720dvr may run on it. The new index is built beside the old one
// and takes its place when it is whole; a Reindex that is broken off changes nothing.
func Reindex(ctx context.Context, o Options, progress func(Rebuilt)) (Rebuilt, error) {
	o.AsIs = true
	s, err := Open(ctx, o)
	if err != nil {
		return Rebuilt{}, fmt.Errorf("reindex: %w", err)
	}
	b := rebuild{store: s, progress: progress, owners: make(map[string]camera.ID)}
	done, err := b.run(ctx)
	if err = errors.Join(err, s.Close()); err != nil {
		return done, fmt.Errorf("reindex: %w", err)
	}
	return done, nil
}

// holdsRecordings refuses a folder that no v720dvr has used: nothing is to be made in it.
func holdsRecordings(dir string) error {
	if _, err := os.Stat(filepath.Join(dir, stateFile)); errors.Is(err, fs.ErrNotExist) {
		return errors.New("nothing has been recorded there yet; is it the right folder?")
	}
	return nil
}

// A rebuild reads the files day by day and writes their rows in the order of time. In memory are the rows of
// three days: a day's folder is named by local time, so a later one may hold an earlier start, by
// as much as zones differ.
type rebuild struct {
	store    *Store
	index    *database
	progress func(Rebuilt)
	done     Rebuilt
	owners   map[string]camera.ID // of folders, by folded name
	waiting  []freshFile
}

// zones is how far local time can be before UTC.
const zones = 14 * time.Hour

func (b *rebuild) run(ctx context.Context) (Rebuilt, error) {
	path := filepath.Join(b.store.dir, indexFile+".new")
	if err := removeDatabase(path); err != nil {
		return b.done, err
	}
	var err error
	if b.index, err = openDatabase(ctx, path, "index", syncNormal); err != nil {
		return b.done, err
	}
	if err = errors.Join(b.fill(ctx), b.index.Close()); err != nil {
		return b.done, errors.Join(err, removeDatabase(path))
	}
	return b.done, b.swap(path)
}

func (b *rebuild) fill(ctx context.Context) error {
	a := &audit{store: b.store}
	days, err := a.days(ctx)
	if err != nil {
		return err
	}
	for i, dirs := range days {
		for _, dir := range dirs {
			if err := b.read(ctx, dir); err != nil {
				return err
			}
			if b.progress != nil {
				b.progress(b.done)
			}
		}
		if i+1 < len(days) {
			next, err := time.Parse(dayLayout, path.Base(days[i+1][0]))
			if err != nil {
				continue // no day of ours
			}
			err = b.write(ctx, next.Add(-zones))
			if err != nil {
				return err
			}
		}
	}
	if err := b.write(ctx, time.Unix(1<<40, 0)); err != nil {
		return err
	}
	return b.takeOver(ctx)
}

// read reads the segments of one folder.
func (b *rebuild) read(ctx context.Context, dir string) error {
	s := b.store
	entries, err := s.disk.ReadDir(filepath.Join(s.recordings, filepath.FromSlash(dir)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil // the old index alone knows it
	}
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		relative := path.Join(dir, entry.Name())
		if entry.IsDir() || !strings.HasSuffix(relative, segmentSuffix) {
			continue
		}
		said, err := s.readSegment(filepath.Join(s.recordings, filepath.FromSlash(relative)), false)
		if err != nil || !said.ours || said.sums.Camera == "" || !said.finished && !inPlace(relative, said.sums) && isFresh(entry) {
			b.done.Foreign++
			continue
		}
		if going, err := s.beingDeleted(ctx, relative); err != nil {
			return err
		} else if !going {
			b.waiting = append(b.waiting, freshFile{relative, said})
		}
	}
	return nil
}

// isFresh tells a file that may be being copied.
func isFresh(entry fs.DirEntry) bool {
	info, err := entry.Info()
	return err != nil || time.Since(info.ModTime()) < freshFor
}

// write writes the rows that begin before a time, in one transaction.
func (b *rebuild) write(ctx context.Context, before time.Time) error {
	sortFresh(b.waiting)
	n := 0
	for n < len(b.waiting) && b.waiting[n].said.sums.Start.Before(before) {
		n++
	}
	tx, err := b.index.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, file := range b.waiting[:n] {
		if err := b.enter(ctx, tx, file); err != nil {
			return err
		}
	}
	b.waiting = slices.Delete(b.waiting, 0, n)
	return tx.Commit()
}

func (b *rebuild) enter(ctx context.Context, tx *sql.Tx, file freshFile) error {
	if _, twice, err := findTwin(ctx, tx, b.store.volume.ID, file); err != nil || twice {
		b.done.Foreign++
		return err
	}
	folder, _, _ := strings.Cut(file.path, "/")
	id := camera.ID(file.said.sums.Camera)
	if _, owned := b.owners[foldName(folder)]; !owned && inPlace(file.path, file.said.sums) { // the first to use it
		b.owners[foldName(folder)] = id
		if _, err := tx.ExecContext(ctx, `INSERT INTO folders (name, camera) VALUES (?, ?)`, folder, id); err != nil {
			return err
		}
	}
	b.done.Segments++
	_, err := insertSegment(ctx, tx, newRecord(b.store.volume.ID, file.path, file.said.sums), file.said.events, file.said.levels)
	return err
}

// takeOver copies from the old index what files on this volume cannot tell: rows of other volumes
// with their gaps, events and levels, folders that hold nothing now, and the intents.
func (b *rebuild) takeOver(ctx context.Context) error {
	if err := b.store.index.sound(ctx); err != nil {
		return ctx.Err() // there is nothing to be had
	}
	if _, err := b.index.write.ExecContext(ctx, `ATTACH ? AS old`, filepath.Join(b.store.dir, indexFile)); err != nil {
		return err
	}
	tx, err := b.index.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	here := b.store.volume.ID
	shift := `(SELECT coalesce(max(id), 0) FROM segments WHERE volume = ?1)` // so that ids do not meet
	for _, statement := range []string{
		`INSERT INTO segments (id, ` + segmentColumns + `) SELECT id + ` + shift + `, ` + segmentColumns + ` FROM old.segments WHERE volume <> ?1 ORDER BY start, id`,
		`INSERT INTO gaps (segment, number, inside, camera, "from", "to", reason)
			SELECT g.segment + ` + shift + `, g.number, g.inside, g.camera, g."from", g."to", g.reason
			FROM old.gaps g JOIN old.segments s ON s.id = g.segment WHERE s.volume <> ?1`,
		`INSERT INTO events (segment, camera, at, kind, detail, begin) SELECT e.segment + ` + shift + `, e.camera, e.at, e.kind, e.detail, e.begin
			FROM old.events e JOIN old.segments s ON s.id = e.segment WHERE s.volume <> ?1 ORDER BY e.id`,
		`INSERT INTO events (segment, camera, at, kind, detail, begin) SELECT NULL, e.camera, e.at, e.kind, e.detail, e.begin
			FROM old.events e WHERE e.segment IS NULL AND ?1 <> '' AND NOT EXISTS
				(SELECT 1 FROM main.events n WHERE n.camera = e.camera AND n.at = e.at AND n.kind = e.kind AND n.detail = e.detail) ORDER BY e.id`,
		`INSERT INTO levels (segment, seconds) SELECT l.segment + ` + shift + `, l.seconds
			FROM old.levels l JOIN old.segments s ON s.id = l.segment WHERE s.volume <> ?1`,
		`INSERT INTO levels_by_minute (segment, minutes) SELECT l.segment + ` + shift + `, l.minutes
			FROM old.levels_by_minute l JOIN old.segments s ON s.id = l.segment WHERE s.volume <> ?1`,
	} {
		if _, err := tx.ExecContext(ctx, statement, here); err != nil {
			return fmt.Errorf("take over rows of other volumes: %w", err)
		}
	}
	if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM segments WHERE volume <> ?`, here).Scan(&b.done.Elsewhere); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `INSERT OR IGNORE INTO writing (volume, path) SELECT volume, path FROM old.writing`); err != nil {
		return err
	}
	if err := b.takeOverFolders(ctx, tx); err != nil {
		return err
	}
	return tx.Commit()
}

func (b *rebuild) takeOverFolders(ctx context.Context, tx *sql.Tx) error {
	folders, err := b.store.listFolders(ctx)
	if err != nil {
		return err
	}
	for _, folder := range folders {
		if _, owned := b.owners[foldName(folder.name)]; owned {
			continue
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO folders (name, camera) VALUES (?, ?)`, folder.name, folder.camera); err != nil {
			return err
		}
	}
	return nil
}

// swap puts the new index in the old one's place. Behind the removal of the old one's WAL a kill
// leaves it as it was a moment before, or the new one.
func (b *rebuild) swap(from string) error {
	to := filepath.Join(b.store.dir, indexFile)
	if err := b.store.index.Close(); err != nil && !isDamaged(err) {
		return err
	}
	b.store.index = nil
	for _, suffix := range []string{"-wal", "-shm"} {
		if err := os.Remove(to + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := syncWhole(from); err != nil {
		return err
	}
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return DiskFS{}.SyncDir(b.store.dir)
}

// removeDatabase removes a database that was not finished, and what SQLite put beside it.
func removeDatabase(path string) error {
	for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// syncWhole makes a file durable that was written by SQLite.
func syncWhole(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
