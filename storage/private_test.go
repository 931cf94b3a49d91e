package storage

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestSecretsAreForTheOwnerAlone(t *testing.T) {
	dir := t.TempDir()
	openInside(t, dir)
	for _, name := range []string{stateFile, stateFile + "-wal", stateFile + "-shm"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode() != 0o600 {
			t.Errorf("%s: got %v, %v, want %v", name, info.Mode(), err, fs.FileMode(0o600))
		}
	}
}

func TestRightsOfAStateThatIsThereAreItsOwners(t *testing.T) {
	path := filepath.Join(t.TempDir(), stateFile)
	must(t, os.WriteFile(path, nil, 0o640))
	must(t, private(path))
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o640 {
		t.Errorf("got %v, %v, want it as it was", info.Mode(), err)
	}
}
