package storage_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
	"v720dvr/storage/storagetest"
)

func (f sealedFolder) count(t *testing.T, query string) (n int) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(f.dir, "state.sqlite"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// What retention and people delete, at the ends and in the middle, is told from what somebody takes away; what is held of it
// does not grow.
func TestWhatIsDeletedLawfullyIsNotMissing(t *testing.T) {
	f := sealFolder(t)
	store := f.open(t)
	for _, i := range []int{1, 5, 2, 7} { // singly, in the middle of chains
		e, err := store.PlanErase(t.Context(), sealedCamera, f.rows[i].Start, f.rows[i].End, false)
		if err == nil {
			_, err = store.Erase(t.Context(), e, "user anna")
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if v := f.verify(t, storage.VerifySpec{}); !v.Holds() || v.Gone != 4 || v.Sealed != 14 {
		t.Fatalf("four were erased: got %+v", v)
	}
	if n := f.count(t, `SELECT count(*) FROM tombstones`); n != 3 {
		t.Errorf("%d tombstones, want that of neighbours to be one", n)
	}
	now := f.rows[8].End.Add(time.Hour)
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	store, err := storage.Open(t.Context(), storage.Options{Dir: f.dir, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	age := storage.Rules{Twice: true, Camera: func(id camera.ID) storage.CameraRules {
		return storage.CameraRules{MaxAge: now.Sub(f.rows[5].Start) - time.Second}
	}}
	if _, err := store.Sweep(t.Context(), age); err != nil {
		t.Fatal(err)
	}
	if v := f.verify(t, storage.VerifySpec{}); !v.Holds() || v.Sealed != 6 {
		t.Errorf("all but the last run is deleted: got %+v", v)
	}
	if chains, stones := f.count(t, `SELECT count(*) FROM chains`), f.count(t, `SELECT count(*) FROM tombstones`); chains != 3 || stones != 2 {
		t.Errorf("%d chains and %d tombstones are held, want those that something is left of", chains, stones)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	f.remove(t, 8)
	if v := f.verify(t, storage.VerifySpec{}); v.Holds() {
		t.Error("what somebody takes away then is not found")
	}
}

func TestWhatPeopleMayDoWithTheirFilesIsNoTampering(t *testing.T) {
	for name, do := range map[string]func(t *testing.T, f sealedFolder){
		"nothing": func(t *testing.T, f sealedFolder) {},
		"files and folders are renamed and moved": func(t *testing.T, f sealedFolder) {
			to := filepath.Join(f.dir, "recordings", "the fox", "seen")
			if err := os.MkdirAll(to, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(f.path(1), filepath.Join(to, "fox.avi")); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(filepath.Join(f.dir, "recordings", string(otherCamera)), filepath.Join(f.dir, "recordings", "garage")); err != nil {
				t.Fatal(err)
			}
		},
		"the index is lost": func(t *testing.T, f sealedFolder) { f.remake(t) },
		"a file is copied": func(t *testing.T, f sealedFolder) {
			b, err := os.ReadFile(f.path(2))
			if err == nil {
				err = os.WriteFile(strings.TrimSuffix(f.path(2), ".avi")+" copy.avi", b, 0o644)
			}
			if err != nil {
				t.Fatal(err)
			}
		},
		"the state of a day before is put back": func(t *testing.T, f sealedFolder) {
			backup := filepath.Join(t.TempDir(), "backup")
			if err := storage.Backup(t.Context(), f.dir, backup, noon); err != nil {
				t.Fatal(err)
			}
			store := f.open(t)
			for i := range 3 {
				sealInto(t, store, sealedCamera, noon.Add(time.Duration(i+1)*time.Hour))
			}
			if err := store.Close(); err != nil {
				t.Fatal(err)
			}
			b, err := os.ReadFile(filepath.Join(backup, "state.sqlite"))
			if err == nil {
				err = os.WriteFile(filepath.Join(f.dir, "state.sqlite"), b, 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
			store = f.open(t) // another run begins, and knows nothing of the one before
			sealInto(t, store, sealedCamera, noon.Add(5*time.Hour))
			if err := store.Close(); err != nil {
				t.Fatal(err)
			}
		},
		"files of others lie beside": func(t *testing.T, f sealedFolder) {
			if err := os.WriteFile(strings.TrimSuffix(f.path(2), ".avi")+" holiday.avi", []byte("a holiday"), 0o644); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := sealFolder(t)
			do(t, f)
			if v := f.verify(t, storage.VerifySpec{}); !v.Holds() || v.Sealed < 18 || v.Copies != len(v.Notices) {
				t.Errorf("got %+v", v)
			}
		})
	}
}

// remake builds the index again.
func (f sealedFolder) remake(t *testing.T) {
	t.Helper()
	removeIndex(t, f.dir)
	if _, err := storage.Reindex(t.Context(), storage.Options{Dir: f.dir}, nil); err != nil {
		t.Fatal(err)
	}
}

// Thinning signs anew what it leaves, and passes by what somebody has changed before.
func TestThinningKeepsTheLinkAndHidesNoTampering(t *testing.T) {
	f := sealedFolder{dir: t.TempDir()}
	now := noon.Add(30 * time.Hour)
	open := func() *storage.Store {
		store, err := storage.Open(t.Context(), storage.Options{Dir: f.dir, Location: noon.Location(), Now: func() time.Time { return now }})
		if err != nil {
			t.Fatal(err)
		}
		return store
	}
	store := open()
	for i := range 3 {
		f.rows = append(f.rows, filmMinute(t, store, noon.Add(time.Duration(i)*time.Minute), i == 1, true))
	}
	f.edit(t, 2, func(b []byte) []byte { in(t, b, "00dc", 8+40)[0] ^= 1; return b })
	done, err := store.Thin(t.Context(), thinTo(2))
	if err != nil || done.Segments != 2 || done.Failed != 1 {
		t.Fatalf("got %+v, %v, want the two that nobody changed thinned", done, err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	if v := f.verify(t, storage.VerifySpec{}); len(v.Findings) != 1 || v.Findings[0].Path != f.rows[2].Path || v.Thinned != 2 {
		t.Errorf("got %+v, want what was changed found", v)
	}
	f.remove(t, 2)
	f.edit(t, 1, func(b []byte) []byte { in(t, b, "00dc", 8+40)[0] ^= 1; return b })
	if v := f.verify(t, storage.VerifySpec{}); len(v.Findings) != 2 {
		t.Errorf("got %+v, want a change behind thinning and a file that is gone", v.Findings)
	}
	if n := f.count(t, `SELECT count(*) FROM thinnings WHERE length(statement) > 200`); n != 2 {
		t.Errorf("state.sqlite holds %d statements of thinning, want 2", n)
	}
}

func TestSigningKeyIsPrivateAndItsLossIsTold(t *testing.T) {
	f := sealFolder(t)
	path := filepath.Join(f.dir, "signing.key")
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("got %v, %v, want a file for its owner alone", info, err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := f.open(t).Close(); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others may read the key: %v, %v", info, err)
	}
	for i, spoil := range []func() error{func() error { return os.Remove(path) }, func() error { return os.WriteFile(path, []byte("no key"), 0o600) }} {
		if err := spoil(); err != nil {
			t.Fatal(err)
		}
		store := f.open(t)
		sealInto(t, store, sealedCamera, noon.Add(time.Duration(i+1)*time.Hour))
		signers, err := store.Signers(t.Context())
		if err != nil || len(signers) != i+2 {
			t.Errorf("got keys %v, %v, want the old and the new", signers, err)
		}
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if v := f.verify(t, storage.VerifySpec{}); !v.Holds() {
		t.Errorf("behind the loss of keys: got %+v", v.Findings)
	}
	signers := f.signers(t)
	if v := f.verify(t, storage.VerifySpec{Keys: signers[:1]}); v.Holds() {
		t.Error("by the first key alone all holds, want what another one signed found")
	}
}

func TestSpanOfACameraIsVerifiedAlone(t *testing.T) {
	f := sealFolder(t)
	span := storage.VerifySpec{Camera: sealedCamera, From: f.rows[1].Start, To: f.rows[3].Start}
	if v := f.verify(t, span); !v.Holds() || v.Sealed != 2 {
		t.Errorf("got %+v, want two segments", v)
	}
	f.remove(t, 2)
	span.To = f.rows[3].End
	if v := f.verify(t, span); v.Holds() {
		t.Error("a file that is gone is not found")
	}
	store := storagetest.Open(t, storage.Options{Dir: f.dir})
	storagetest.Tampered(t)
	if _, err := store.Repair(t.Context()); err != nil { // its row goes
		t.Fatal(err)
	}
	if v := f.verify(t, span); v.Holds() {
		t.Error("a file that is gone with its row is not found")
	}
	span.From, span.To = f.rows[3].Start, f.rows[8].End
	if v := f.verify(t, span); !v.Holds() {
		t.Errorf("beside it: got %+v", v.Findings)
	}
}

// A segment that was finished late has its link among those of later ones.
func TestSpanIsNotMissingWhatWasSealedOutOfOrder(t *testing.T) {
	f := sealedFolder{dir: t.TempDir()}
	store := f.open(t)
	sealedSegment(t, store, sealedCamera, noon)
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	store = f.open(t)
	left, err := store.Segments(t.Context(), storage.SegmentQuery{})
	if err != nil || len(left) != 1 {
		t.Fatalf("got %+v, %v", left, err)
	}
	late := sealedSegment(t, store, sealedCamera, noon.Add(time.Minute))
	first := sealInto(t, store, sealedCamera, noon.Add(time.Hour))
	if _, err := late.Commit(t.Context(), noon.Add(time.Minute+time.Second)); err != nil {
		t.Fatal(err)
	}
	last := sealInto(t, store, sealedCamera, noon.Add(2*time.Hour))
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	if v := f.verify(t, storage.VerifySpec{Camera: sealedCamera, From: first.Start, To: last.End}); !v.Holds() || v.Sealed != 2 {
		t.Errorf("got %+v, want what lies between them elsewhere found", v)
	}
}

func TestAnchorHoldsWhatWasThereThen(t *testing.T) {
	f := sealFolder(t)
	heads := f.verify(t, storage.VerifySpec{Quick: true}).Heads
	if len(heads) != 2 || heads[0].Number != 3 {
		t.Fatalf("got heads %+v, want one of each camera", heads)
	}
	store := f.open(t)
	sealInto(t, store, sealedCamera, noon.Add(time.Hour))
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	if v := f.verify(t, storage.VerifySpec{Anchors: heads}); !v.Holds() {
		t.Errorf("behind another run: got %+v", v.Findings)
	}
	// Who has the key and the state makes the last runs away without a trace, but for the anchor.
	f.remove(t, 6, 7, 8)
	for _, path := range []string{"13-05", "15-05"} {
		matches, _ := filepath.Glob(filepath.Join(f.dir, "recordings", string(sealedCamera), "*", "*T"+path+"*"))
		for _, m := range matches {
			_ = os.Remove(m)
		}
	}
	f.state(t, `DELETE FROM chains WHERE camera = ? AND id > 4`, sealedCamera)
	if v := f.verify(t, storage.VerifySpec{}); !v.Holds() {
		t.Logf("without the anchor: %+v", v.Findings)
	}
	if v := f.verify(t, storage.VerifySpec{Anchors: heads}); v.Holds() {
		t.Error("by the anchor nothing is missing")
	}
}
