package chain

import (
	"crypto/ed25519"
	"time"

	"v720dvr/storage/avi"
)

// Link is what a segment's seal says: the segment's place in the chain of its camera and run, and what it holds.
type Link struct {
	Previous Hash   // of the link before; of the first one that of Begin
	Run      Run    // that signed, which may be another one than recorded it
	Number   uint32 // in the chain, from 1
	Flags    uint32
	At       time.Time // when it was signed, cut to a microsecond
	Content  avi.Content
	Camera   string // its device code, up to 64 bytes
}

// Flags of a Link.
const (
	Finished = 1 << 0 // it had been left open, by a crash or a failing disk, and was finished later
	Imported = 1 << 1 // it was taken over from a file of others
)

const linkSize = 144 // without the camera

// Sign returns the signed statement.
func (l Link) Sign(key ed25519.PrivateKey) []byte {
	b := begin(kindLink, key)
	b = append(b, l.Previous[:]...)
	b = append(b, l.Run[:]...)
	b = le.AppendUint32(b, l.Number)
	b = le.AppendUint32(b, l.Flags)
	b = appendContent(appendTime(b, l.At), l.Content)
	return sign(append(b, cut(l.Camera)...), key)
}

// OpenLink reads a signed Link, and returns its hash. ErrMalformed, ErrForged, ErrStranger.
func OpenLink(b []byte, keys Keys) (l Link, hash Hash, err error) {
	said, hash, err := open(b, kindLink, linkSize, keys)
	if err != nil {
		return l, hash, err
	}
	copy(l.Previous[:], said)
	copy(l.Run[:], said[32:])
	l.Number, l.Flags, l.At = le.Uint32(said[48:]), le.Uint32(said[52:]), timeOf(said[56:])
	l.Content, l.Camera = contentOf(said[64:]), string(said[linkSize:])
	return l, hash, nil
}

func appendContent(b []byte, c avi.Content) []byte {
	b = le.AppendUint64(b, uint64(c.Size))
	b = le.AppendUint32(b, c.Leaves)
	b = le.AppendUint32(b, 0)
	b = append(b, c.Root[:]...)
	return append(b, c.Rest[:]...)
}

func contentOf(b []byte) (c avi.Content) {
	c.Size, c.Leaves = int64(le.Uint64(b)), le.Uint32(b[8:])
	copy(c.Root[:], b[16:])
	copy(c.Rest[:], b[48:])
	return c
}

// Thin says what a segment holds since pictures were taken out of it: its Link goes on to stand for its place.
type Thin struct {
	Link    Hash // of the segment's Link
	At      time.Time
	Content avi.Content
}

const thinSize = 120

// Sign returns the signed statement.
func (t Thin) Sign(key ed25519.PrivateKey) []byte {
	b := begin(kindThin, key)
	b = append(b, t.Link[:]...)
	return sign(appendContent(appendTime(b, t.At), t.Content), key)
}

// OpenThin reads a signed Thin, as OpenLink does.
func OpenThin(b []byte, keys Keys) (t Thin, err error) {
	said, _, err := open(b, kindThin, thinSize, keys)
	if err != nil {
		return t, err
	}
	copy(t.Link[:], said)
	t.At, t.Content = timeOf(said[32:]), contentOf(said[40:])
	return t, nil
}
