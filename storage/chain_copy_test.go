package storage_test

import (
	"bytes"
	"crypto/ed25519"
	"os"
	"path/filepath"
	"testing"
	"time"

	"v720dvr/storage"
	"v720dvr/storage/chain"
)

// exported is what an export of a span is.
func (f sealedFolder) exported(t *testing.T, from, to time.Time) []byte {
	t.Helper()
	r, err := storage.OpenToRead(t.Context(), storage.Options{Dir: f.dir})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	span, err := r.Span(t.Context(), sealedCamera, from, to)
	if err != nil {
		t.Fatal(err)
	}
	defer span.Close()
	var b bytes.Buffer
	if err := span.WriteTo(t.Context(), &b); err != nil || int64(b.Len()) != span.Summary.Bytes {
		t.Fatalf("wrote %d bytes of %d: %v", b.Len(), span.Summary.Bytes, err)
	}
	return b.Bytes()
}

// Who has an export and the public key, and nothing else, can tell whether it is what the box made of what it had recorded.
func TestExportIsVerifiedWithThePublicKeyAlone(t *testing.T) {
	f := sealFolder(t)
	keys := f.signers(t)
	from, to := f.rows[0].Start.Add(250*time.Millisecond), f.rows[2].Start.Add(450*time.Millisecond)
	b := f.exported(t, from, to)
	c, err := chain.ExamineCopy(bytes.NewReader(b), int64(len(b)), keys)
	if err != nil || c.Camera != string(sealedCamera) || !c.From.Equal(from.Truncate(time.Microsecond)) || !c.To.Equal(to.Truncate(time.Microsecond)) || c.Segments != 3 || c.Flags != 0 {
		t.Errorf("got %+v, %v", c, err)
	}
	if again := f.exported(t, from, to); !bytes.Equal(again, b) {
		t.Error("the same export, made again, is another file")
	}
	for at := 0; at < len(b); at += len(b)/60 + 1 {
		changed := bytes.Clone(b)
		changed[at] ^= 4
		if _, err := chain.ExamineCopy(bytes.NewReader(changed), int64(len(b)), keys); err == nil {
			t.Errorf("a changed bit of byte %d of %d is not found", at, len(b))
		}
	}
	if _, err := chain.ExamineCopy(bytes.NewReader(b), int64(len(b)), chain.Keys{strangersKey.Public().(ed25519.PublicKey)}); err == nil {
		t.Error("another key verifies it")
	}
	trial := chain.NewTrial(keys, true, "")
	trial.Strict()
	trial.Take("export.avi", bytes.NewReader(b), int64(len(b)))
	if err := trial.Judge(nil); err != nil || len(trial.Findings) > 0 || trial.Counts.Exports != 1 {
		t.Errorf("got %+v, %+v, %v", trial.Counts, trial.Findings, err)
	}
	// It lies among recordings without harm.
	if err := os.WriteFile(filepath.Join(f.dir, "recordings", "for the police.avi"), b, 0o644); err != nil {
		t.Fatal(err)
	}
	if v := f.verify(t, storage.VerifySpec{}); !v.Holds() || v.Exports != 1 || v.Sealed != 18 {
		t.Errorf("got %+v", v)
	}
}

// The box does not vouch for what it exports of a file that somebody has changed.
func TestExportOfWhatWasChangedIsNotSigned(t *testing.T) {
	f := sealFolder(t)
	f.edit(t, 1, func(b []byte) []byte { in(t, b, "00dc", 8+30)[0] ^= 1; return b })
	b := f.exported(t, f.rows[0].Start, f.rows[2].Start)
	if c, err := chain.ExamineCopy(bytes.NewReader(b), int64(len(b)), f.signers(t)); err == nil {
		t.Errorf("got %+v, want no seal", c)
	}
}
