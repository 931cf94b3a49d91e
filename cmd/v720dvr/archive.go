package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"v720dvr/archive"
	"v720dvr/camera"
	"v720dvr/internal/config"
	"v720dvr/storage"
	"v720dvr/web"
)

// archiveOptions are those of the configuration. now is asked for what may change while it runs.
func archiveOptions(c config.Config, now func() config.Config, log *slog.Logger) (o archive.Options, err error) {
	if c.Archive.S3 == "" {
		return o, errors.New("there is no archive: archive.s3 names it (docs/archive.md)")
	}
	o = archive.Options{
		S3: c.Archive.S3, AccessKey: c.Archive.AccessKey, Region: c.Archive.Region, Style: strings.TrimPrefix(c.Archive.Style, "auto"),
		What:      whatOf(now),
		Bandwidth: func() int64 { return int64(now().Archive.Bandwidth) },
		Software:  software(), Log: log,
	}
	if o.Secret, err = archiveSecret(c.Archive); err != nil {
		return o, err
	}
	if c.Archive.CAFile != "" {
		if o.CA, err = os.ReadFile(c.Archive.CAFile); err != nil {
			return o, fmt.Errorf("read archive.ca_file: %w", err)
		}
	}
	return o, nil
}

// archiveSecret reads the secret where it stands. It is told nowhere.
func archiveSecret(c config.Archive) (string, error) {
	if c.SecretEnv != "" {
		secret := os.Getenv(c.SecretEnv)
		if secret == "" {
			return "", fmt.Errorf("the environment variable %s of archive.secret_env is not set", c.SecretEnv)
		}
		return secret, nil
	}
	text, err := os.ReadFile(c.SecretFile)
	if err != nil {
		return "", fmt.Errorf("read archive.secret_file: %w", err)
	}
	secret := strings.TrimSpace(string(text))
	if secret == "" {
		return "", fmt.Errorf("archive.secret_file %s is empty", c.SecretFile)
	}
	return secret, nil
}

// openArchive makes the runner that copies footage away. Recording does not wait for a mistake in it: it is told.
func (b *box) openArchive() {
	c := b.config.Load().Config
	if c.Archive.S3 == "" {
		return
	}
	o, err := archiveOptions(c, func() config.Config { return b.config.Load().Config }, b.log)
	o.Store, o.Room = b.store, roomOf(b.store, func() config.Config { return b.config.Load().Config })
	if err == nil {
		b.archive, err = archive.New(o)
	}
	if err != nil {
		b.unarchived = err.Error()
		b.log.Error("nothing is archived until the next start", "err", err)
	}
	// Without one, nothing may be deleted either that waits.
	b.store.SetWaits(func(id camera.ID, row int64, start, end time.Time) bool {
		now := b.config.Load().Config
		switch {
		case !now.Archive.DeleteWaits:
			return false
		case b.archive == nil:
			return now.Camera(id).Archive.What != string(archive.None)
		}
		return b.archive.Waits(id, row, start, end)
	})
}

// waitForArchive has a store that no running v720dvr has hold what is to be archived still, where archive.delete_waits says so.
func waitForArchive(ctx context.Context, store *storage.Store, c config.Config) error {
	if c.Archive.S3 == "" || !c.Archive.DeleteWaits {
		return nil
	}
	waits, err := archive.WaitsIn(ctx, store, c.Archive.S3, whatOf(func() config.Config { return c }))
	if err != nil {
		return fmt.Errorf("find out what is to be archived: %w", err)
	}
	store.SetWaits(waits)
	return nil
}

// whatOf is what of a camera is to be archived.
func whatOf(now func() config.Config) func(camera.ID) archive.What {
	return func(id camera.ID) archive.What { return archive.What(now().Camera(id).Archive.What) }
}

// roomOf is what may be taken of the disk before retention.min_free is touched.
func roomOf(store *storage.Store, now func() config.Config) func() (int64, error) {
	return func() (int64, error) {
		space, err := store.Space()
		if errors.Is(err, errors.ErrUnsupported) {
			return 1 << 62, nil
		}
		return space.Free - now().Retention.MinFree.Of(space.Size), err
	}
}

func (b *box) runArchive(ctx context.Context) error {
	if b.archive == nil {
		<-ctx.Done()
		return nil
	}
	return b.archive.Run(ctx)
}

// archiveQuiet is how long an archive may be in trouble before that is a problem of the box: it heals itself, mostly.
const archiveQuiet = 10 * time.Minute

// archiveProblems are what somebody must act on.
func (b *box) archiveProblems() (problems []string) {
	if n := b.sweeper.lost(); n > 0 {
		problems = append(problems, fmt.Sprintf("%d recordings were deleted before they were archived, since the disk is full and archive.delete_waits holds the rest: v720dvr archive status tells why they wait", n))
	}
	if b.unarchived != "" {
		return append(problems, "nothing is archived: "+b.unarchived)
	}
	if b.archive == nil {
		return problems
	}
	if s := b.archive.Status(); s.Problem != "" && time.Since(s.Since) > archiveQuiet {
		problems = append(problems, fmt.Sprintf("nothing is archived since %s: %s", s.Since.In(b.zone.now()).Format(momentLayout), s.Problem))
	}
	return problems
}

// Archive tells how copying goes.
func (b *box) Archive(context.Context) (web.Archive, error) {
	told := web.Archive{On: b.config.Load().Config.Archive.S3 != "", Problem: b.unarchived, Lost: b.sweeper.lost()}
	if b.archive == nil {
		return told, nil
	}
	s := archiveOf(b.archive.Status())
	s.Lost = told.Lost
	return s, nil
}

func archiveOf(s archive.Status) web.Archive {
	told := web.Archive{
		On: true, Place: s.Place, Known: s.Looked, Waiting: web.ArchiveWaiting(s.Waiting), Archived: web.ArchiveWhole(s.Archived),
		Copying: s.Copying, Done: s.Done, Of: s.Of, Rate: s.Rate, Copied: s.Copied, Failed: s.Failed,
		Problem: s.Problem, Since: s.Since, Next: s.Next, Last: s.Last, LastAt: s.LastAt,
	}
	if r := s.Restore; r.Camera != "" {
		told.Restore = &web.ArchiveReturn{
			Camera: r.Camera, From: r.From, To: r.To, Busy: r.Busy, Segments: r.Segments, Bytes: r.Bytes, Here: r.Here, Done: r.Done, Got: r.Got,
			Ended: r.Ended, Error: r.Err,
		}
	}
	return told
}

// RetryArchive has everything tried at once that rests after a failure.
func (b *box) RetryArchive(ctx context.Context) error {
	if b.archive == nil {
		return b.noArchive()
	}
	return b.archive.Retry(ctx)
}

// Archived lists what the archive has of a camera's time.
func (b *box) Archived(ctx context.Context, id camera.ID, from, to time.Time) ([]web.ArchivedSegment, error) {
	if b.archive == nil {
		return nil, b.noArchive()
	}
	list, err := b.archive.List(ctx, id, from, to)
	if err != nil {
		return nil, &web.RefusedError{Text: err.Error()}
	}
	return copiesOf(list), nil
}

func copiesOf(list []archive.Copy) (told []web.ArchivedSegment) {
	for _, c := range list {
		told = append(told, web.ArchivedSegment{Key: c.Key, From: c.Start, To: c.End, Bytes: c.Bytes, SHA256: hex.EncodeToString(c.SHA256[:]), Here: c.Here, Thinned: c.Thinned})
	}
	return told
}

// RestoreArchived begins to bring back what the archive has of a camera's time.
func (b *box) RestoreArchived(ctx context.Context, id camera.ID, from, to time.Time, keep bool, who string) error {
	if b.archive == nil {
		return b.noArchive()
	}
	err := b.archive.AskRestore(ctx, archive.Span{Camera: id, From: from, To: to, Keep: keep, Who: who})
	if archive.ErrBusy(err) {
		return &web.RefusedError{Text: err.Error()}
	}
	return err
}

func (b *box) noArchive() error {
	if b.unarchived != "" {
		return &web.RefusedError{Text: b.unarchived}
	}
	return fmt.Errorf("there is no archive, archive.s3 is empty: %w", errors.ErrUnsupported)
}
