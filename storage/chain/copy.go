package chain

import (
	"crypto/ed25519"
	"time"

	"v720dvr/storage/avi"
)

// Copy says what an export holds: a file of its own, made of segments whose seals held when it was made.
type Copy struct {
	From, To time.Time // the span that was asked for
	Flags    uint32
	Segments uint32 // it is made of
	Sources  Hash   // SHA-256 of the hashes of their links, in order
	Content  avi.Content
	Camera   string
}

// Growing is a flag of a Copy: the last part of it is of a segment that was being written, and not sealed yet.
const Growing = 1 << 0

const copySize = 136

// Sign returns the signed statement.
func (c Copy) Sign(key ed25519.PrivateKey) []byte {
	b := begin(kindCopy, key)
	b = appendTime(appendTime(b, c.From), c.To)
	b = le.AppendUint32(b, c.Flags)
	b = le.AppendUint32(b, c.Segments)
	b = append(b, c.Sources[:]...)
	b = appendContent(b, c.Content)
	return sign(append(b, cut(c.Camera)...), key)
}

// OpenCopy reads a signed Copy.
func OpenCopy(b []byte, keys Keys) (c Copy, err error) {
	said, _, err := open(b, kindCopy, copySize, keys)
	if err != nil {
		return c, err
	}
	c.From, c.To = timeOf(said), timeOf(said[8:])
	c.Flags, c.Segments = le.Uint32(said[16:]), le.Uint32(said[20:])
	copy(c.Sources[:], said[24:])
	c.Content, c.Camera = contentOf(said[56:]), string(said[copySize:])
	return c, nil
}
