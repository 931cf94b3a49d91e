package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
)

const (
	stateFile = "state.sqlite"
	indexFile = "index.sqlite"
)

// View reads what a data folder knows. A Store is one too.
type View struct {
	state, index *database
}

// OpenReadOnly opens a data folder to read from it, beside a running recorder or without one.
// It changes nothing and takes no lock.
func OpenReadOnly(ctx context.Context, dir string) (*View, error) {
	v, err := openView(ctx, dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open data folder %s: nothing has been recorded there yet; is it the right folder?", dir)
	}
	if err != nil {
		return nil, fmt.Errorf("open data folder %s: %w", dir, err)
	}
	return v, nil
}

func openView(ctx context.Context, dir string) (_ *View, err error) {
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, err
	}
	v := new(View)
	if v.state, err = openDatabaseReadOnly(ctx, filepath.Join(dir, stateFile), "state"); err != nil {
		return nil, fmt.Errorf("%s: %w", stateFile, err)
	}
	if v.index, err = openDatabaseReadOnly(ctx, filepath.Join(dir, indexFile), "index"); err != nil {
		v.Close()
		return nil, fmt.Errorf("%s: %w", indexFile, err)
	}
	return v, nil
}

// Close closes the databases.
func (v *View) Close() error {
	var errs []error
	for _, db := range []*database{v.state, v.index} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}
