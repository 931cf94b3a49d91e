package storage_test

import (
	"path/filepath"
	"testing"

	"v720dvr/storage"
)

// Whether by one pass or each by itself: the error is that of the file that has it.
func TestSyncFilesTellsWhoseErrorItWas(t *testing.T) {
	dir := t.TempDir()
	for _, n := range []int{1, 2, 3, 20} {
		var disk storage.DiskFS
		files := make([]storage.File, n)
		for i := range files {
			f, err := disk.Create(filepath.Join(dir, string(rune('A'+n))+string(rune('a'+i))))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if _, err := f.WriteAt(jpeg(i), 0); err != nil {
				t.Fatal(err)
			}
			files[i] = f
		}
		if errs := disk.SyncFiles(files); errs != nil {
			t.Errorf("%d files: got %v, want none", n, errs)
		}
		sick := n / 2
		files[sick].Close()
		errs := disk.SyncFiles(files)
		if len(errs) != n {
			t.Fatalf("%d files, one closed: got %v", n, errs)
		}
		for i, err := range errs {
			if (i == sick) != (err != nil) {
				t.Errorf("%d files, the one at %d closed: got %v for %d", n, sick, err, i)
			}
		}
	}
}
