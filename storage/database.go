package storage

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"modernc.org/sqlite" // it is the driver "sqlite" too
)

//go:embed migration/*.sql
var migrations embed.FS

// A database is one SQLite file in WAL mode: one connection that writes, so that nobody waits
// for SQLite's lock but in our own queue, and a few that read beside it.
type database struct {
	write *sql.DB // nil when opened read-only
	read  *sql.DB
}

// How safe a commit is. state.sqlite cannot be made again; index.sqlite can, so a power cut may
// take its last rows, never its soundness (sqlite.org/pragma.html#pragma_synchronous).
const (
	syncFull   = "FULL"
	syncNormal = "NORMAL"
)

const readers = 4 // connections that read at the same time, for each database

func openDatabase(ctx context.Context, path, kind, safety string) (*database, error) {
	write, err := openWriter(path, safety)
	if err != nil {
		return nil, err
	}
	if err := migrate(ctx, write, kind); err != nil {
		write.Close()
		return nil, err
	}
	read, err := openReaders(path)
	if err != nil {
		write.Close()
		return nil, err
	}
	return &database{write: write, read: read}, nil
}

// private makes an empty file that only its owner may read, which SQLite takes as a new database and whose rights
// it gives to what it puts beside it. One that is there stays as its owner has it; it is not even opened, since to
// close it would end the locks that SQLite has on it in this process (sqlite.org/howtocorrupt.html, 2.2).
func private(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.Close()
}

// openIndex opens the index and learns whose the folders are. A damaged index is set aside: the
// footage is the database, and Rescan builds the index again from it.
func (s *Store) openIndex(ctx context.Context) error {
	path := filepath.Join(s.dir, indexFile)
	open := func() (err error) {
		if s.index, err = openDatabase(ctx, path, "index", syncNormal); err != nil {
			return err
		}
		return s.loadFolders(ctx)
	}
	err := open()
	if err == nil || !isDamaged(err) && (s.index == nil || s.index.sound(ctx) == nil) {
		return err
	}
	s.log.Error("the index is damaged: it is set aside and built again from the files, while recording goes on", "aside", path+".damaged", "err", err)
	if s.index != nil {
		_ = s.index.Close() // what it says of a damaged file is known
	}
	for _, suffix := range []string{"-wal", "-shm"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := os.Rename(path, path+".damaged"); err != nil {
		return err
	}
	clear(s.folders)
	return open()
}

// sound asks SQLite whether a database is damaged. With a million rows that takes seconds.
func (d *database) sound(ctx context.Context) error {
	var verdict string
	if err := d.read.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&verdict); err != nil {
		return err
	}
	if verdict != "ok" {
		return fmt.Errorf("%w: %s", errDamaged, verdict)
	}
	return nil
}

var errDamaged = errors.New("the database is damaged")

// isDamaged tells what SQLite says of a file that is no sound database (sqlite.org/rescode.html).
func isDamaged(err error) bool {
	const corrupt, notADatabase = 11, 26 // SQLITE_CORRUPT, SQLITE_NOTADB
	var failed *sqlite.Error
	return errors.Is(err, errDamaged) || errors.As(err, &failed) && (failed.Code()&0xFF == corrupt || failed.Code()&0xFF == notADatabase)
}

func openDatabaseReadOnly(ctx context.Context, path, kind string) (*database, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	read, err := openReaders(path)
	if err != nil {
		return nil, err
	}
	version, err := schemaVersion(ctx, read)
	if err == nil {
		var steps []string
		if steps, err = migrationSteps(kind); err == nil && version != len(steps) {
			err = fmt.Errorf("its schema is version %d, this program's is %d: open it once with the newer of the two, by running the recorder", version, len(steps))
		}
	}
	if err != nil {
		read.Close()
		return nil, err
	}
	return &database{read: read}, nil
}

func openWriter(path, safety string) (*sql.DB, error) {
	write, err := sql.Open("sqlite", dsn(path,
		"_txlock=immediate", "_pragma=journal_mode(WAL)", "_pragma=synchronous("+safety+")", "_pragma=foreign_keys(1)",
		"_pragma=recursive_triggers(1)")) // a row that gives way to another one is told of, too
	if err != nil {
		return nil, err
	}
	write.SetMaxOpenConns(1)
	return write, nil
}

func openReaders(path string) (*sql.DB, error) {
	read, err := sql.Open("sqlite", dsn(path, "mode=ro", "_pragma=query_only(1)"))
	if err != nil {
		return nil, err
	}
	read.SetMaxOpenConns(readers)
	read.SetMaxIdleConns(readers)
	return read, nil
}

// dsn escapes the path, since a "?" or "%" in it would end it. A second process beside the
// recorder may hold SQLite's lock for a moment: five seconds are waited.
func dsn(path string, params ...string) string {
	file := url.URL{Scheme: "file", Path: path}
	return file.String() + "?_pragma=busy_timeout(5000)&" + strings.Join(params, "&")
}

func (d *database) Close() error {
	if d.write == nil {
		return d.read.Close()
	}
	// The readers first: the last connection that can write folds the WAL into the file.
	return errors.Join(d.read.Close(), d.write.Close())
}

// migrate brings a database to the newest schema: migration/<kind>-0001.sql and on, in order,
// each in a transaction of its own together with user_version.
func migrate(ctx context.Context, db *sql.DB, kind string) error {
	steps, err := migrationSteps(kind)
	if err != nil {
		return err
	}
	version, err := schemaVersion(ctx, db)
	if err != nil {
		return err
	}
	if version > len(steps) {
		return fmt.Errorf("its schema is version %d, this program knows %d: it was written by a newer v720dvr, use that one", version, len(steps))
	}
	for ; version < len(steps); version++ {
		if err := migrateStep(ctx, db, steps[version], version+1); err != nil {
			return fmt.Errorf("migrate to version %d: %w", version+1, err)
		}
	}
	return nil
}

func migrateStep(ctx context.Context, db *sql.DB, script string, version int) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, script); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", version)); err != nil {
		return err
	}
	return tx.Commit()
}

func migrationSteps(kind string) ([]string, error) {
	names, err := fs.Glob(migrations, "migration/"+kind+"-*.sql") // sorted by name
	if err != nil {
		return nil, err
	}
	steps := make([]string, len(names))
	for i, name := range names {
		if want := fmt.Sprintf("%s-%04d.sql", kind, i+1); filepath.Base(name) != want {
			return nil, fmt.Errorf("migration %s stands where %s should", name, want)
		}
		script, err := migrations.ReadFile(name)
		if err != nil {
			return nil, err
		}
		steps[i] = string(script)
	}
	return steps, nil
}

func schemaVersion(ctx context.Context, db *sql.DB) (version int, err error) {
	err = db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version)
	return version, err
}
