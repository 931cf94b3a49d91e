// Package storagetest opens stores for tests: each is held against all its invariants when the
// test ends. Its Disk fails on demand.
package storagetest

import (
	"context"
	"errors"
	"sync"
	"testing"

	"v720dvr/storage"
)

// Open opens a store in a folder of the test's own unless o.Dir names one. When the test ends
// the store is checked, and closed; every problem fails the test. A store that the test has
// closed is opened once more for that.
func Open(t testing.TB, o storage.Options) *storage.Store {
	t.Helper()
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	if o.Software == "" {
		o.Software = "v720dvr test"
	}
	store := open(t, o)
	t.Cleanup(func() {
		if _, err := store.Check(context.Background()); errors.Is(err, storage.ErrClosed) {
			store = open(t, o)
		}
		Check(t, store)
		if err := store.Close(); err != nil {
			t.Errorf("close store: %v", err)
		}
	})
	return store
}

func open(t testing.TB, o storage.Options) *storage.Store {
	t.Helper()
	store, err := storage.Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// tampered are tests that say so.
var tampered sync.Map

// Tampered says that a test changes or takes away files that were sealed: from now on Check does not hold them against
// their seals. Whether tampering is found has tests of its own.
func Tampered(t testing.TB) { tampered.Store(t, true) }

// Check fails the test for every invariant that does not hold, and for every seal.
func Check(t testing.TB, store *storage.Store) storage.Report {
	t.Helper()
	report, err := store.Check(context.Background())
	if err != nil {
		t.Errorf("check store: %v", err)
	}
	for _, problem := range report.Problems {
		t.Error(problem)
	}
	if _, yes := tampered.Load(t); yes {
		return report
	}
	verdict, err := store.Verify(context.Background(), storage.VerifySpec{})
	if err != nil {
		t.Errorf("verify store: %v", err)
	}
	for _, f := range verdict.Findings {
		t.Errorf("verify: %+v", f)
	}
	return report
}
