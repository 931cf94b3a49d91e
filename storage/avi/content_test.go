package avi

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// The hashes of RFC 6962's own test vectors (certificate-transparency-go, merkle testonly): eight leaves of known bytes.
func TestTreeIsThatOfRFC6962(t *testing.T) {
	inputs := []string{"", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"}
	roots := []string{
		"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
		"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
		"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
		"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
	}
	var all tree
	if got := fmt.Sprintf("%x", all.root()); got != "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" {
		t.Errorf("the empty tree is %s, want the hash of nothing", got)
	}
	for i, input := range inputs {
		b, _ := hex.DecodeString(input)
		all.add(sha256.Sum256(append([]byte{0}, b...)))
		if got := fmt.Sprintf("%x", all.root()); got != roots[i] {
			t.Errorf("of %d leaves the root is %s, want %s", i+1, got, roots[i])
		}
	}
}

func TestProofOfAnyRangeLeadsToTheRootAndOfAnotherNowhere(t *testing.T) {
	random := rand.New(rand.NewPCG(11, 720))
	for count := 1; count <= 40; count++ {
		leaves, whole := make([]Hash, count), tree{}
		for i := range leaves {
			leaves[i] = sha256.Sum256([]byte{byte(count), byte(i)})
			whole.add(leaves[i])
		}
		root := whole.root()
		for from := range count {
			for to := from + 1; to <= count; to++ {
				proof := Proof(leaves, from, to)
				if got, err := Proven(leaves[from:to], from, count, proof); err != nil || got != root {
					t.Fatalf("[%d, %d) of %d: %x, %v, want %x", from, to, count, got, err, root)
				}
				changed := append([]Hash(nil), leaves[from:to]...)
				changed[random.IntN(len(changed))][3] ^= 1
				if got, err := Proven(changed, from, count, proof); err == nil && got == root {
					t.Fatalf("[%d, %d) of %d: another leaf leads to the root", from, to, count)
				}
				if got, err := Proven(leaves[from:to], from, count, append(proof, root)); err == nil && got == root {
					t.Fatalf("[%d, %d) of %d: a proof that is too long leads to the root", from, to, count)
				}
			}
		}
	}
}

// digest is what a file holds, as it is read back.
func digest(t testing.TB, b []byte) Content {
	t.Helper()
	c, leaves, err := Digest(bytes.NewReader(b), int64(len(b)), true)
	if err != nil {
		t.Fatal(err)
	}
	var whole tree
	for _, leaf := range leaves {
		whole.add(leaf)
	}
	if len(leaves) != int(c.Leaves) || whole.root() != c.Root {
		t.Errorf("%d leaves lead to %x, want %d and %x", len(leaves), whole.root(), c.Leaves, c.Root)
	}
	return c
}

func TestWriterHashesWhatIsReadBackAndNeitherSealNorFinishChangesIt(t *testing.T) {
	file := &memory{}
	w, err := NewWriter(file, testMeta())
	if err != nil {
		t.Fatal(err)
	}
	pics := pictures(t, 64, 48, 3)
	for i := range 60 { // held sound, silence, drops, empty ticks, spilled buffers
		if err := w.WriteAudio(at(ms(90*i)), tone(720+i%3)); err != nil {
			t.Fatal(err)
		}
		if i < 3 || i > 30 && i < 45 {
			continue
		}
		if err := w.WriteFrame(Frame{At: at(ms(90 * i)), JPEG: numbered(pics[i%3], i), Missing: i % 2}); err != nil {
			t.Fatal(err)
		}
		if i%7 == 0 {
			if err := errors.Join(w.WriteEvent("motion", at(ms(90*i)), []byte("{}")), w.Flush()); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.WriteFrame(Frame{At: at(70 * time.Second), JPEG: pics[0]}); err != nil {
		t.Fatal(err)
	}
	sums, err := w.Close(at(71 * time.Second))
	if err != nil {
		t.Fatal(err)
	}
	want := w.Content()
	if want.Size != sums.Bytes-SealSize || want.Leaves == 0 || want != digest(t, file.b) {
		t.Errorf("the writer says %+v, its file of %d bytes %+v", want, sums.Bytes, digest(t, file.b))
	}
	if s, err := ReadSeal(file, sums.Bytes); err != nil || s.Link != nil {
		t.Errorf("a seal that nobody wrote: %+v, %v", s, err)
	}
	if err := WriteSeal(file, sums.Bytes, Seal{Link: []byte("link"), Begin: []byte("begin")}); err != nil {
		t.Fatal(err)
	}
	if s, err := ReadSeal(file, sums.Bytes); err != nil || string(s.Link) != "link" || s.Thin != nil || string(s.Begin) != "begin" || want != digest(t, file.b) {
		t.Errorf("got %+v, %v; the content is %+v, want %+v", s, err, digest(t, file.b), want)
	}
	if _, found := finish(t, file); !found.Already {
		t.Errorf("a sealed file is not finished: %+v", found)
	}
	if err := WriteSeal(file, sums.Bytes, Seal{Link: make([]byte, SealSize)}); err == nil {
		t.Error("a seal that is too long was taken")
	}
}

// Whatever bit is changed, content or seal differ.
func TestEveryByteOfASealedFileCounts(t *testing.T) {
	file := closedSegment(t)
	size := int64(len(file.b))
	if err := WriteSeal(file, size, Seal{Link: []byte("link"), Thin: []byte{}, Begin: bytes.Repeat([]byte{7}, 200)}); err != nil {
		t.Fatal(err)
	}
	want, seal := digest(t, file.b), func(b []byte) string {
		s, err := ReadSeal(bytes.NewReader(b), int64(len(b)))
		return fmt.Sprint(s, err)
	}
	wantSeal := seal(file.b)
	random := rand.New(rand.NewPCG(29, 720))
	for i := range 600 {
		at := random.IntN(len(file.b))
		if i < 100 {
			at = len(file.b) - 1 - random.IntN(SealSize)
		}
		changed := bytes.Clone(file.b)
		changed[at] ^= 1 << random.IntN(8)
		got, _, err := Digest(bytes.NewReader(changed), size, false)
		if err == nil && got == want && seal(changed) == wantSeal {
			t.Errorf("a changed bit of byte %d of %d makes no difference", at, len(file.b))
		}
	}
}

func TestWhatHasNoSealSaysSo(t *testing.T) {
	closed := closedSegment(t)
	for name, b := range map[string][]byte{
		"open": smallSegment(t, false).b, "cut": closed.b[:len(closed.b)-1], "of an early version": closed.b[:len(closed.b)-SealSize],
		"foreign": foreign(t, pictures(t, 16, 16, 3)).b, "nothing": nil,
	} {
		if _, err := ReadSeal(bytes.NewReader(b), int64(len(b))); !errors.Is(err, ErrNoSeal) {
			t.Errorf("%s: %v, want ErrNoSeal", name, err)
		}
	}
}

func TestHashingAllocatesNothing(t *testing.T) {
	c, picture := newContentHash(), make([]byte, 18<<10)
	if n := testing.AllocsPerRun(100, func() { c.piece(leafPicture, 1, picture); c.rest.Write(picture[:100]) }); n > 0 {
		t.Errorf("%v allocations a picture", n)
	}
}

func FuzzSeal(f *testing.F) {
	for _, s := range []Seal{{}, {Link: []byte("link"), Begin: []byte("begin")}, {Thin: make([]byte, 300)}} {
		chunk, _ := s.append(nil)
		f.Add(chunk)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		file := append(make([]byte, moviAt), b...)
		s, err := ReadSeal(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			return
		}
		again, ok := s.append(nil)
		if !ok || !bytes.HasSuffix(file, again) {
			t.Errorf("%+v is written as %x, was read of %x", s, again, b)
		}
	})
}
