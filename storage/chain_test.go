package storage_test

import (
	"bytes"
	"database/sql"
	"encoding/binary"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
	"v720dvr/storage/avi"
	"v720dvr/storage/chain"
)

// A sealedFolder is a data folder of three runs and two cameras: segments of 10 pictures with sound, an event and gaps.
// The second run ended with a segment of each camera left open.
type sealedFolder struct {
	dir  string
	rows []storage.SegmentRecord // of the first camera, in order: 4, 3 and 2 of each run
}

const sealedCamera, otherCamera = camera.ID("0800c0000001"), camera.ID("0800c0000002")

func sealedSegment(t testing.TB, store *storage.Store, id camera.ID, start time.Time) *storage.Segment {
	t.Helper()
	segment := create(t, store, storage.SegmentSpec{Camera: id, Start: start, Gaps: []avi.Gap{{From: start.Add(-time.Second), To: start, Reason: storage.GapSilent}}})
	for i := range 10 {
		at := start.Add(time.Duration(i) * 100 * time.Millisecond)
		err := segment.WriteJudged(camera.Frame{Camera: id, At: at, JPEG: jpeg(i)}, uint16(i), []byte{byte(i)})
		if err == nil {
			err = segment.WriteAudio(camera.Audio{Camera: id, At: at, ALaw: bytes.Repeat([]byte{byte(i)}, 800)})
		}
		if err == nil && i == 5 {
			err = segment.WriteEvent(camera.Event{Camera: id, At: at, Kind: camera.Motion})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return segment
}

func sealInto(t testing.TB, store *storage.Store, id camera.ID, start time.Time) storage.SegmentRecord {
	t.Helper()
	record, err := sealedSegment(t, store, id, start).Commit(t.Context(), start.Add(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	return record
}

func sealFolder(t testing.TB) sealedFolder {
	t.Helper()
	f := sealedFolder{dir: t.TempDir()}
	start := noon
	for run, count := range []int{4, 2, 2} {
		store := f.open(t)
		for range count {
			for _, id := range []camera.ID{sealedCamera, otherCamera} {
				sealInto(t, store, id, start)
			}
			start = start.Add(time.Minute)
		}
		if run == 1 {
			for _, id := range []camera.ID{sealedCamera, otherCamera} {
				sealedSegment(t, store, id, start)
			}
			start = start.Add(time.Minute)
		}
		f.rows, _ = store.Segments(t.Context(), storage.SegmentQuery{Camera: sealedCamera})
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

func (f sealedFolder) open(t testing.TB) *storage.Store {
	t.Helper()
	store, err := storage.Open(t.Context(), storage.Options{Dir: f.dir, Location: noon.Location(), Software: "v720dvr test", Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// copy is a copy of the folder to tamper with.
func (f sealedFolder) copy(t *testing.T) sealedFolder {
	t.Helper()
	to := filepath.Join(t.TempDir(), "copy")
	if err := os.CopyFS(to, os.DirFS(f.dir)); err != nil {
		t.Fatal(err)
	}
	return sealedFolder{to, f.rows}
}

func (f sealedFolder) path(i int) string {
	return filepath.Join(f.dir, "recordings", filepath.FromSlash(f.rows[i].Path))
}

func (f sealedFolder) verify(t *testing.T, spec storage.VerifySpec) storage.Verdict {
	t.Helper()
	r, err := storage.OpenToRead(t.Context(), storage.Options{Dir: f.dir})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	v, err := r.Verify(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// edit changes the file of a row, and mends every checksum and length that is not a signature.
func (f sealedFolder) edit(t *testing.T, i int, change func(b []byte) []byte) {
	t.Helper()
	b, err := os.ReadFile(f.path(i))
	if err != nil {
		t.Fatal(err)
	}
	was := bytes.Clone(b)
	if b = mend(change(b)); bytes.Equal(b, was) {
		t.Fatal("nothing was changed")
	}
	if err := os.WriteFile(f.path(i), b, 0o644); err != nil {
		t.Fatal(err)
	}
}

var le = binary.LittleEndian

// mend makes all blocks' checksums right, and those of pictures in journals and frame table.
func mend(b []byte) []byte {
	castagnoli := crc32.MakeTable(crc32.Castagnoli)
	for at := 0; ; {
		next := bytes.Index(b[at:], []byte("v720dvr\x00"))
		if next < 0 {
			return b
		}
		at += next
		head := b[at:]
		at += 8
		if len(head) < 24 || strings.ContainsAny(string(head[8:12]), "\x00 ") {
			continue
		}
		records := head[24:][:min(int(le.Uint32(head[16:])), len(head)-24)]
		if kind := string(head[8:12]); kind == "tabl" || kind == "jrnl" {
			for r := records; len(r) >= 6 && len(r) >= 6+int(le.Uint32(r[2:])); r = r[6+le.Uint32(r[2:]):] {
				if body := r[6:]; le.Uint16(r) <= 2 && le.Uint32(body[16:]) > 0 {
					piece := b[le.Uint32(body[12:]):][:le.Uint32(body[16:])]
					le.PutUint32(body[20:], crc32.Checksum(piece, castagnoli))
				}
			}
		}
		if kind := string(head[8:12]); strings.Contains("summ totl jrnl tabl levl seal", kind) {
			le.PutUint32(head[20:], crc32.Update(crc32.Checksum(head[8:20], castagnoli), castagnoli, records))
		}
	}
}

// in finds bytes of a file, and returns the file from there on.
func in(t *testing.T, b []byte, what string, skip int) []byte {
	t.Helper()
	at := bytes.Index(b, []byte(what))
	if what == "idx1" || what == "tabl" || what == "levl" || what == "link" {
		at = bytes.LastIndex(b, []byte(what))
	}
	if at < 0 {
		t.Fatalf("there is no %q in the file", what)
	}
	return b[at+skip:]
}

func (f sealedFolder) state(t *testing.T, statement string, args ...any) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(f.dir, "state.sqlite"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	result, err := db.ExecContext(t.Context(), statement, args...)
	if err != nil {
		t.Fatal(err)
	}
	if n, _ := result.RowsAffected(); n == 0 {
		t.Fatal("nothing was changed")
	}
}

func (f sealedFolder) remove(t *testing.T, rows ...int) {
	t.Helper()
	for _, i := range rows {
		if err := os.Remove(f.path(i)); err != nil {
			t.Fatal(err)
		}
	}
}

func setByte(at int) func(t *testing.T, f sealedFolder) {
	return func(t *testing.T, f sealedFolder) {
		f.edit(t, 1, func(b []byte) []byte {
			if at < 0 {
				b[len(b)+at] ^= 0x10
			} else {
				b[at] ^= 0x10
			}
			return b
		})
	}
}

func setIn(what string, skip int) func(t *testing.T, f sealedFolder) {
	return func(t *testing.T, f sealedFolder) {
		f.edit(t, 1, func(b []byte) []byte { in(t, b, what, skip)[0] ^= 0x10; return b })
	}
}

// What somebody may do to sealed recordings, with every checksum mended that is no signature, and what Verify calls it.
var tamperings = []struct {
	what string
	do   func(t *testing.T, f sealedFolder)
	want string
}{
	{"a byte of a picture", setIn("00dc", 8+200), chain.Altered},
	{"a byte of sound", setIn("01wb", 8+9), chain.Altered},
	{"a capture time in the frame table", setIn("tabl", 16+6+22+6+1), chain.Altered},
	{"a journal", setIn("jrnl", 16+6+22+6+26), chain.Altered},
	{"the index of players", setIn("idx1", 8+12), chain.Altered},
	{"the levels", setIn("levl", 16+6+14), chain.Altered},
	{"the header's rate", setByte(132), chain.Altered},
	{"the camera's name", setIn("INAM", 9), chain.Altered},
	{"when it begins", func(t *testing.T, f sealedFolder) {
		f.edit(t, 1, func(b []byte) []byte { in(t, b, "summ", 16+6+12+6+12+6)[2]++; return b })
	}, chain.Altered},
	{"the reason of a gap", setIn(storage.GapSilent, 0), chain.Altered},
	{"how much it holds", setIn("totl", 16+6+8), chain.Altered},
	{"behind the seal's statements", setByte(-1), chain.Unsealed},
	{"a signature", setIn("link", 200), chain.Forged},
	{"the number in its chain", setIn("link", 4+4+32+32+16), chain.Forged},
	{"what its link says of its content", setIn("link", 4+4+32+32+16+24+4), chain.Forged},
	{"the seal of another segment", func(t *testing.T, f sealedFolder) {
		other, err := os.ReadFile(f.path(2))
		if err != nil {
			t.Fatal(err)
		}
		f.edit(t, 1, func(b []byte) []byte {
			return append(b[:len(b)-avi.SealSize], other[len(other)-avi.SealSize:]...)
		})
	}, chain.Altered},
	{"the seal taken away", func(t *testing.T, f sealedFolder) {
		f.edit(t, 1, func(b []byte) []byte {
			clear(b[len(b)-avi.SealSize+8+16:])
			return b
		})
	}, chain.Unsealed},
	{"its end cut off", func(t *testing.T, f sealedFolder) {
		f.edit(t, 1, func(b []byte) []byte { return b[:len(b)-avi.SealSize] })
	}, chain.Unsealed},
	{"something behind its end", func(t *testing.T, f sealedFolder) {
		f.edit(t, 1, func(b []byte) []byte { return append(b, 0) })
	}, chain.Unsealed},
	{"pictures cut out of it", func(t *testing.T, f sealedFolder) { f.rewrite(t, 1, 4) }, chain.Altered},
	{"a segment is removed", func(t *testing.T, f sealedFolder) { f.remove(t, 1) }, chain.Missing},
	{"the first segment is removed", func(t *testing.T, f sealedFolder) { f.remove(t, 0) }, chain.Missing},
	{"the last segment of a run is removed", func(t *testing.T, f sealedFolder) { f.remove(t, 3) }, chain.Missing},
	{"the last segment of all is removed", func(t *testing.T, f sealedFolder) { f.remove(t, 8) }, chain.Missing},
	{"all segments of a run are removed", func(t *testing.T, f sealedFolder) { f.remove(t, 0, 1, 2, 3) }, chain.Missing},
	{"a run is removed, and what is known of it", func(t *testing.T, f sealedFolder) {
		f.remove(t, 4, 5)
		f.state(t, `DELETE FROM chains WHERE id = (SELECT id FROM chains WHERE camera = ? ORDER BY id LIMIT 1 OFFSET 1)`, sealedCamera)
	}, chain.Missing},
	{"the end of a run is removed, and what is known of it", func(t *testing.T, f sealedFolder) {
		f.remove(t, 3)
		f.state(t, `UPDATE chains SET links = 3, "end" = NULL WHERE id = (SELECT min(id) FROM chains WHERE camera = ?)`, sealedCamera)
	}, chain.Missing},
	{"a run is said to begin otherwise", func(t *testing.T, f sealedFolder) {
		f.state(t, `UPDATE chains SET begin = (SELECT begin FROM chains WHERE camera = ?1 ORDER BY id DESC LIMIT 1) WHERE id = (SELECT min(id) FROM chains WHERE camera = ?1)`, sealedCamera)
	}, chain.Forged},
	{"a segment of another box is put in", func(t *testing.T, f sealedFolder) {
		f.putIn(t, func(b []byte) []byte { return b })
	}, chain.Forged},
	{"a segment without a seal is put in", func(t *testing.T, f sealedFolder) {
		f.putIn(t, func(b []byte) []byte {
			if err := avi.WriteSeal(writer(b), int64(len(b)), avi.Seal{}); err != nil {
				t.Fatal(err)
			}
			return b
		})
	}, chain.Unsealed},
	{"a tombstone of another box is put in", func(t *testing.T, f sealedFolder) {
		stone := f.stoneOf(t, 1).Sign(strangersKey)
		f.remove(t, 1)
		f.state(t, `INSERT INTO tombstones VALUES (?, (SELECT run FROM chains WHERE camera = ?1 ORDER BY id LIMIT 1), 2, 2, ?)`, sealedCamera, stone)
	}, chain.Missing},
	{"a tombstone is widened", func(t *testing.T, f sealedFolder) {
		store := f.open(t)
		e, err := store.PlanErase(t.Context(), sealedCamera, f.rows[1].Start, f.rows[1].End, false)
		if err == nil {
			_, err = store.Erase(t.Context(), e, "user anna")
		}
		if err != nil || store.Close() != nil {
			t.Fatal(err)
		}
		f.remove(t, 2)
		f.state(t, `UPDATE tombstones SET last = 3`)
	}, chain.Missing},
}

func TestVerifyFindsWhateverIsDoneToSealedRecordingsAndNothingElse(t *testing.T) {
	whole := sealFolder(t)
	if v := whole.verify(t, storage.VerifySpec{}); !v.Holds() || v.Files != 18 || v.Sealed != 18 || v.Finished != 2 || v.Chains != 6 || v.Early != 0 {
		t.Fatalf("what nobody touched: %+v", v)
	}
	for _, c := range tamperings {
		t.Run(c.what, func(t *testing.T) {
			f := whole.copy(t)
			if v := f.verify(t, storage.VerifySpec{}); !v.Holds() {
				t.Fatalf("before: %+v", v.Findings)
			}
			c.do(t, f)
			v := f.verify(t, storage.VerifySpec{})
			found := false
			for _, finding := range v.Findings {
				t.Logf("%s: camera %s, %s, links %d to %d: %s", finding.What, finding.Camera, finding.Path, finding.First, finding.Last, finding.Text)
				found = found || finding.What == c.want
				if finding.Camera != string(sealedCamera) && finding.Camera != "" {
					t.Errorf("the other camera's is found, too: %+v", finding)
				}
			}
			if !found {
				t.Errorf("got %+v, want it found as %s", v.Findings, c.want)
			}
			if v := f.verify(t, storage.VerifySpec{Camera: otherCamera}); !v.Holds() || v.Sealed != 9 {
				t.Errorf("the other camera alone: %+v", v)
			}
		})
	}
}
