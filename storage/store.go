package storage

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"v720dvr/camera"
)

// Options of a Store. Dir must be given; every other field's zero value works.
type Options struct {
	Dir        string           // the data folder; made when it is missing
	Recordings string           // "" is <Dir>/recordings; made when it is missing
	Now        func() time.Time // the wall clock; nil is time.Now
	Location   *time.Location   // zone of folder and file names; nil is time.Local; see SetLocation
	Log        *slog.Logger     // nil discards
	Software   string           // written into each segment, such as "v720dvr 1.2.0"
	FS         FS               // how recordings are written; nil is DiskFS
	// AsIs is for who wants to look first: what an earlier run did not end is left as it is, Check
	// tells of it, and Repair ends it. A folder that no v720dvr has used is refused.
	AsIs bool
}

// Store is an open data folder. Its methods may be called from any goroutine.
type Store struct {
	View
	dir        string // the data folder
	recordings string
	now        func() time.Time
	location   atomic.Pointer[time.Location]
	log        *slog.Logger
	software   string
	disk       FS
	entropy    io.Reader // of codes and keys
	secretKey  []byte    // of the cameras' secrets

	run    [16]byte
	begun  atomic.Uint32 // segments of this run: avi.Meta.Number of the last one
	volume volume
	lock   *os.File

	durable durableNames // folders below recordings
	passing sync.Mutex   // held by a pass of Sync: two would wait for each other's segments

	recovering sync.Mutex // held while a .part of an earlier run is finished

	importing sync.Mutex // held while a file of others is imported

	sweeping sync.Mutex    // held by a sweep of retention
	keeping  sync.Mutex    // held while a keep is written, and while a batch of segments is deleted
	thinning sync.Mutex    // held by a pass of thinning
	swapping sync.RWMutex  // held while a thinned file takes the place of the other, and its row
	used     usedSegments  // by spans: not thinned meanwhile
	entering sync.Mutex    // held while rows and then their files go, and while a file that is there gets its row
	noting   sync.Map      // folder of a camera → *sync.Mutex, held while a day's events are written, and while they go
	refused  chan struct{} // see Refused
	pulse    pulse
	notes    notes
	foreign  foreignFiles
	doubts   doubts
	pauses   pauses
	rows     keptRows
	waits    atomic.Pointer[Waits] // see SetWaits
	shows    keptShown
	chains   chains
	// deletionsKept is how many deletions stay in the log one by one.
	deletionsKept int

	mu       sync.Mutex
	closed   bool
	folders  map[string]camera.ID  // folded folder name → whose it is
	open     map[*Segment]struct{} // being written
	making   map[string]struct{}   // absolute paths of .part files that are about to be open
	thinPart string                // absolute path of the file that thinning writes; "" for none
	givenUp  map[string]struct{}   // absolute paths of .part files that an error ended in this run
}

// Open opens the data folder, making what is missing, and takes it for this process. The error
// is one line that says what to do.
func Open(ctx context.Context, o Options) (*Store, error) {
	s, err := open(ctx, o)
	if errors.Is(err, fs.ErrPermission) {
		err = fmt.Errorf("%w (it must be writable for user %d: change its owner, or name another folder)", err, os.Getuid())
	}
	if err != nil {
		return nil, fmt.Errorf("open data folder %s: %w", o.Dir, err)
	}
	return s, nil
}

func open(ctx context.Context, o Options) (_ *Store, err error) {
	if o.Dir == "" {
		return nil, errors.New("no folder was named")
	}
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, err
	}
	if o.AsIs {
		if err := holdsRecordings(dir); err != nil {
			return nil, err
		}
	}
	recordings := filepath.Join(dir, "recordings")
	if o.Recordings != "" {
		if recordings, err = filepath.Abs(o.Recordings); err != nil {
			return nil, err
		}
	}
	s := &Store{
		dir:        dir,
		recordings: recordings,
		now:        o.Now,
		log:        o.Log,
		software:   o.Software,
		disk:       o.FS,
		entropy:    rand.Reader,
		folders:    make(map[string]camera.ID),
		open:       make(map[*Segment]struct{}),
		making:     make(map[string]struct{}),
		givenUp:    make(map[string]struct{}),
		refused:    make(chan struct{}, 1),

		deletionsKept: mostDeletions,
	}
	s.SetLocation(o.Location)
	s.defaults()
	rand.Read(s.run[:])

	for _, folder := range []string{dir, recordings} {
		if err := makePath(s.disk, folder); err != nil {
			return nil, err
		}
	}
	if s.lock, err = lockFolder(filepath.Join(dir, "lock")); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			s.release()
		}
	}()
	if err := probeVolume(s.disk, recordings); err != nil {
		return nil, err
	}
	if err = private(filepath.Join(dir, stateFile)); err != nil {
		return nil, err
	}
	if s.state, err = openDatabase(ctx, filepath.Join(dir, stateFile), "state", syncFull); err != nil {
		return nil, fmt.Errorf("%s: %w", stateFile, err)
	}
	if err := s.loadSecretKey(ctx); err != nil {
		return nil, fmt.Errorf("%s: %w", stateFile, err)
	}
	if err := errors.Join(s.loadNotes(ctx), s.loadPauses(ctx)); err != nil {
		return nil, fmt.Errorf("%s: %w", stateFile, err)
	}
	if err = s.openIndex(ctx); err != nil {
		return nil, fmt.Errorf("%s: %w", indexFile, err)
	}
	if err := s.settle(ctx, dir); err != nil {
		return nil, err
	}
	if !o.AsIs {
		if _, err := s.signer(ctx); err != nil {
			s.log.Error("what is recorded cannot be sealed", "err", err)
		}
		return s, s.resume(ctx)
	}
	return s, nil
}

func (s *Store) defaults() {
	if s.now == nil {
		s.now = time.Now
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.disk == nil {
		s.disk = DiskFS{}
	}
}

// settle learns which volume this is.
func (s *Store) settle(ctx context.Context, dir string) error {
	isNew, err := false, error(nil)
	if s.volume, isNew, err = openVolume(s.disk, s.recordings, s.now()); err != nil {
		return err
	}
	known, any, err := s.rememberVolume(ctx, s.recordings, s.now())
	if err != nil {
		return fmt.Errorf("%s: %w", stateFile, err)
	}
	if any && !known {
		s.log.Warn("recordings are on a volume not seen before; is the right disk mounted?",
			"recordings", s.recordings, "volume", s.volume.ID, "new", isNew)
	}
	// The names of the databases themselves: SQLite syncs their bytes, not the folder's. And the
	// volume's: an earlier start may have ended between its rename and the fsync.
	for _, folder := range []string{dir, s.recordings} {
		if err := s.disk.SyncDir(folder); err != nil {
			return err
		}
	}
	return nil
}

// resume ends what an earlier run has not ended. What cannot be ended now is not in the way of
// recording.
func (s *Store) resume(ctx context.Context) error {
	if err := s.resumeDeletions(ctx); err != nil {
		s.log.Warn("what an earlier run began to delete is not gone yet; it is tried again", "err", err)
	}
	if err := s.recoverThinning(ctx); err != nil {
		s.log.Warn("what an earlier run was thinning is not settled yet; it is tried again", "err", err)
	}
	return s.recoverIntents(ctx)
}

// Recordings returns the absolute path of the recordings.
func (s *Store) Recordings() string { return s.recordings }

// Location returns the zone of the names, by which segments begin on the clock. It may change.
func (s *Store) Location() *time.Location { return s.location.Load() }

// SetLocation changes the zone for what is begun from now on; nil is time.Local. What is written has
// its own offset in its name, and stays as it is.
func (s *Store) SetLocation(zone *time.Location) {
	if zone == nil {
		zone = time.Local
	}
	s.location.Store(zone)
}

// Path returns where a segment's file is.
func (s *Store) Path(r SegmentRecord) string {
	return filepath.Join(s.recordings, filepath.FromSlash(r.Path))
}

// Close closes the databases and lets the folder go. A segment that is still open stays behind
// as its .part, with everything that was written: committing is the recorder's.
func (s *Store) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	open := s.openSegments()
	s.mu.Unlock()

	var errs []error
	for _, segment := range open {
		errs = append(errs, segment.leave())
	}
	errs = append(errs, s.endChains(context.Background()), s.endRun(context.Background()))
	return errors.Join(append(errs, s.release())...)
}

func (s *Store) release() error {
	errs := []error{s.View.Close()}
	if s.lock != nil {
		errs = append(errs, s.lock.Close())
	}
	return errors.Join(errs...)
}
