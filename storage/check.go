package storage

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// Report is what Check or Repair found.
type Report struct {
	Segments   int `json:"segments"`   // rows of the mounted volume, each held against its file
	Foreign    int `json:"foreign"`    // .avi and .part files that are no segments, or copies of one
	Left       int `json:"left"`       // .part files that an error of this run ended: the next start finishes them
	Unreadable int `json:"unreadable"` // files that were set aside because nothing could be made of them
	// Files are those that are left alone, at most 1000 of them.
	Files []ForeignFile `json:"files,omitempty"`
	// Problems are at most 10,000; More counts those beyond.
	Problems []Problem `json:"problems"`
	More     int       `json:"more,omitempty"`
	Repaired int       `json:"repaired"` // of all problems

	again bool // what another look would find: a file was being copied, or was moved to where this one had been
}

// Remaining counts the problems that are not repaired.
func (r *Report) Remaining() int { return len(r.Problems) + r.More - r.Repaired }

// IndexDamaged tells whether SQLite says so of index.sqlite. Then Reindex is the remedy.
func (r *Report) IndexDamaged() bool {
	return slices.ContainsFunc(r.Problems, func(p Problem) bool { return p.Invariant == "I6" && p.Path == indexFile })
}

// Problem is an invariant that does not hold.
type Problem struct {
	Invariant string `json:"invariant"` // I1 … of the package comment
	Path      string `json:"path"`      // below recordings, or the database's name
	Text      string `json:"text"`      // what is wrong, and what that means
	Remedy    string `json:"remedy"`    // what Repair does about it; "" for what only a person can
	Repaired  bool   `json:"repaired"`
}

func (p Problem) String() string { return fmt.Sprintf("%s %s: %s", p.Invariant, p.Path, p.Text) }

const mostProblems = 10_000

// Check tests the invariants of the package comment. It opens every segment of the volume, and
// reads its front and frame table; pictures it does not read. The error says that it could not
// be carried out, not that something is wrong. While segments are being committed its word on
// those is worth nothing.
func (s *Store) Check(ctx context.Context) (Report, error) { return s.audit(ctx, false) }

// Repair is Check, and repairs what can be: Problem.Remedy says how. Pictures and sound are never
// deleted by it, and nothing is on a volume that is not the one that was opened.
func (s *Store) Repair(ctx context.Context) (Report, error) { return s.audit(ctx, true) }

func (s *Store) audit(ctx context.Context, fix bool) (Report, error) {
	if s.isClosed() {
		return Report{}, ErrClosed
	}
	a := &audit{store: s, deep: true, fix: fix}
	for _, db := range []struct {
		name string
		*database
	}{{stateFile, s.state}, {indexFile, s.index}} {
		if err := a.database(ctx, db.name, db.database); err != nil {
			return Report{}, fmt.Errorf("check %s: %w", db.name, err)
		}
	}
	if len(a.report.Problems) > 0 {
		return a.report, nil // what a damaged database says can be held against nothing
	}
	err := a.run(ctx)
	if err == nil && fix {
		s.sweeping.Lock()
		err = s.resumeDeletions(ctx) // files whose rows are gone already
		s.sweeping.Unlock()
	}
	if err != nil {
		return Report{}, fmt.Errorf("check recordings: %w", err)
	}
	return a.report, nil
}

// database asks SQLite.
func (a *audit) database(ctx context.Context, name string, db *database) error {
	err := db.sound(ctx)
	if err == nil || !isDamaged(err) {
		return err
	}
	advice := "v720dvr reindex builds it again from the files"
	if name == stateFile {
		advice = "put the last backup in its place"
	}
	a.problem(ctx, Problem{Invariant: "I6", Path: name, Text: fmt.Sprintf("%v: %s", err, advice)}, nil)
	return nil
}

// problem notes a problem and, where that is asked for, repairs it.
func (a *audit) problem(ctx context.Context, p Problem, fix func(context.Context) error) {
	if a.fix && fix != nil {
		err := fix(ctx)
		switch {
		case errors.Is(err, errForeign):
			a.report.Foreign++
			return
		case err != nil:
			p.Text += fmt.Sprintf("; it could not be repaired: %v", err)
		default:
			p.Repaired = true
			a.report.Repaired++
		}
	}
	if len(a.report.Problems) == mostProblems {
		a.report.More++
		return
	}
	a.report.Problems = append(a.report.Problems, p)
}
