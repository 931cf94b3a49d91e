package avi

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
)

// Content is what a finished segment holds, in two hashes that together cover every byte before its seal.
// docs/integrity.md, section "What is hashed".
type Content struct {
	Root   Hash   // of the tree of its pictures and its sound, in the order of the file
	Leaves uint32 // of the tree
	Rest   Hash   // of all other bytes: from 5120 to the seal, then 0 to 5120
	Size   int64  // bytes before the seal
}

// The kinds of leaf. Numbers stand in hashes: they never change.
const (
	leafPicture = 1
	leafSound   = 2
	leafSilence = 3 // that was inserted
)

// A contentHash makes a Content as a file is written or read, from its first chunk on. It holds no byte of it.
type contentHash struct {
	tree tree
	leaf hash.Hash
	rest hash.Hash
	head [10]byte // of a leaf
	sum  [sha256.Size]byte
}

func newContentHash() *contentHash { return &contentHash{leaf: sha256.New(), rest: sha256.New()} }

// begin begins a leaf: what is written to c.leaf until end belongs to it. at is the capture time in µs since 1970.
func (c *contentHash) begin(kind byte, at int64) {
	c.head[0], c.head[1] = 0, kind // RFC 6962: 00 before what a leaf is of
	le.PutUint64(c.head[2:], uint64(at))
	c.leaf.Reset()
	c.leaf.Write(c.head[:])
}

func (c *contentHash) end() Hash {
	leaf := Hash(c.leaf.Sum(c.sum[:0]))
	c.tree.add(leaf)
	return leaf
}

// piece takes a picture or sound.
func (c *contentHash) piece(kind byte, at int64, body []byte) {
	c.begin(kind, at)
	c.leaf.Write(body)
	c.end()
}

// content ends it with the front, as it stands in the finished file.
func (c *contentHash) content(front []byte, size int64) Content {
	c.rest.Write(front)
	return Content{Root: c.tree.root(), Leaves: c.tree.count, Rest: Hash(c.rest.Sum(nil)), Size: size}
}

// LeafOf is the leaf of a picture (sound false) or of sound, captured at so many µs since 1970 UTC; silence is sound that
// was inserted.
func LeafOf(sound, silence bool, at int64, body []byte) Hash {
	c := contentHash{leaf: sha256.New()}
	c.begin(kindOfLeaf(sound, silence), at)
	c.leaf.Write(body)
	return Hash(c.leaf.Sum(c.sum[:0]))
}

func kindOfLeaf(sound, silence bool) byte {
	switch {
	case silence:
		return leafSilence
	case sound:
		return leafSound
	}
	return leafPicture
}

// A pieceAt is a picture or a chunk of sound in a file.
type pieceAt struct {
	offset int64
	size   int
	kind   byte
	at     int64
}

// pieces lists what a finished file holds, in its order.
func (r *Reader) pieces() ([]pieceAt, error) {
	list := make([]pieceAt, 0, len(r.frames)+len(r.audio))
	for i := range r.frames {
		if f := &r.frames[i]; !f.Lost {
			list = append(list, pieceAt{f.Offset, f.Size, leafPicture, f.At.UnixMicro()})
		}
	}
	for i := range r.audio {
		a := &r.audio[i]
		list = append(list, pieceAt{a.Offset, a.Size, kindOfLeaf(true, a.Silence), a.At.UnixMicro()})
	}
	slices.SortStableFunc(list, func(a, b pieceAt) int { return cmp.Compare(a.offset, b.offset) })
	end := int64(moviAt)
	for _, p := range list {
		if p.offset < end {
			return nil, fmt.Errorf("%w: its frame table tells of pictures that overlap", ErrDamaged)
		}
		end = p.offset + int64(p.size)
	}
	return list, nil
}

// ErrNoSeal is returned for a file at whose end there is no place for a seal: one of an early version, an open or a
// foreign one, one that was cut.
var ErrNoSeal = errors.New("the file has no seal at its end")

// Digest reads a finished segment of so many bytes from front to end and returns what it holds, as its Writer had
// it. With leaves it returns those of the tree, too: 32 bytes each. ErrNoSeal, ErrNotAVI, ErrDamaged, or the
// error of the read.
func Digest(f io.ReaderAt, size int64, leaves bool) (Content, []Hash, error) {
	r, err := Open(f, size)
	if err != nil {
		return Content{}, nil, err
	}
	end := size - SealSize
	if !r.finished || !r.ours || end < moviAt {
		return Content{}, nil, ErrNoSeal
	}
	list, err := r.pieces()
	if err != nil {
		return Content{}, nil, err
	}
	c, in := newContentHash(), sequence{r: f, at: moviAt, end: end, buf: make([]byte, digestRead)}
	var all []Hash
	for _, p := range list {
		if err := in.into(c.rest, p.offset); err != nil {
			return Content{}, nil, err
		}
		c.begin(p.kind, p.at)
		if err := in.into(c.leaf, p.offset+int64(p.size)); err != nil {
			return Content{}, nil, err
		}
		if leaf := c.end(); leaves {
			all = append(all, leaf)
		}
	}
	if err := in.into(c.rest, end); err != nil {
		return Content{}, nil, err
	}
	front := make([]byte, moviAt)
	if err := r.readAt(front, 0); err != nil {
		return Content{}, nil, err
	}
	return c.content(front, end), all, nil
}

// digestRead is how much a Digest reads at a time.
const digestRead = 256 << 10

// A sequence reads a file from one place on.
type sequence struct {
	r       io.ReaderAt
	at, end int64
	buf     []byte
	held    []byte // of buf: read, and not yet taken
}

// into writes what comes up to a place to w.
func (s *sequence) into(w io.Writer, to int64) error {
	if to > s.end {
		return fmt.Errorf("%w: its frame table tells of what is not there", ErrDamaged)
	}
	for s.at < to {
		if len(s.held) == 0 {
			n, err := s.r.ReadAt(s.buf[:min(int64(len(s.buf)), s.end-s.at)], s.at)
			if n == 0 {
				return fmt.Errorf("read at %d: %w", s.at, cmp.Or(err, io.ErrUnexpectedEOF))
			}
			s.held = s.buf[:n]
		}
		n := min(int64(len(s.held)), to-s.at)
		_, _ = w.Write(s.held[:n]) // a hash takes all
		s.held, s.at = s.held[n:], s.at+n
	}
	return nil
}
