package chain

import (
	"crypto/ed25519"
	"time"
)

// Begin says that a run begins to record a camera: number 0 of its chain. It names the chain before.
type Begin struct {
	Run    Run
	At     time.Time
	Before End // of the camera's chain before, as far as it was known; zero for the first one
	// Ended tells that the chain before has an End of its own. Without, its run was killed, and links may follow that
	// were not known yet.
	Ended  bool
	Camera string
}

// End says where a chain ends. Signed by itself it is the note of a run that ended.
type End struct {
	Run    Run
	Number uint32 // of the last link; 0: there is none
	Head   Hash   // of the last link, or of Begin
	At     time.Time
	Camera string
}

const (
	beginSize = 80
	endSize   = 64
)

// Sign returns the signed statement, and its hash.
func (n Begin) Sign(key ed25519.PrivateKey) []byte {
	b := begin(kindBegin, key)
	b = append(b, n.Run[:]...)
	b = appendTime(b, n.At)
	b = append(b, n.Before.Run[:]...)
	b = le.AppendUint32(b, n.Before.Number)
	flags := uint32(0)
	if n.Ended {
		flags = 1
	}
	b = le.AppendUint32(b, flags)
	b = append(b, n.Before.Head[:]...)
	return sign(append(b, cut(n.Camera)...), key)
}

// OpenBegin reads a signed Begin, and returns its hash.
func OpenBegin(b []byte, keys Keys) (n Begin, hash Hash, err error) {
	said, hash, err := open(b, kindBegin, beginSize, keys)
	if err != nil {
		return n, hash, err
	}
	copy(n.Run[:], said)
	n.At = timeOf(said[16:])
	copy(n.Before.Run[:], said[24:])
	n.Before.Number, n.Ended = le.Uint32(said[40:]), le.Uint32(said[44:])&1 != 0
	copy(n.Before.Head[:], said[48:])
	n.Camera = string(said[beginSize:])
	n.Before.Camera = n.Camera
	return n, hash, nil
}

// Sign returns the signed statement.
func (n End) Sign(key ed25519.PrivateKey) []byte { return n.sign(kindEnd, key) }

func (n End) sign(kind string, key ed25519.PrivateKey) []byte {
	b := begin(kind, key)
	b = append(b, n.Head[:]...)
	b = append(b, n.Run[:]...)
	b = le.AppendUint32(b, n.Number)
	b = le.AppendUint32(b, 0)
	b = appendTime(b, n.At)
	return sign(append(b, cut(n.Camera)...), key)
}

// OpenEnd reads a signed End.
func OpenEnd(b []byte, keys Keys) (n End, err error) { return openEnd(b, kindEnd, keys) }

func openEnd(b []byte, kind string, keys Keys) (n End, err error) {
	said, _, err := open(b, kind, endSize, keys)
	if err != nil {
		return n, err
	}
	copy(n.Head[:], said)
	copy(n.Run[:], said[32:])
	n.Number, n.At, n.Camera = le.Uint32(said[48:]), timeOf(said[56:]), string(said[endSize:])
	return n, nil
}

// SignPast returns the statement that all of a camera up to the end of a chain is lawfully gone.
func (n End) SignPast(key ed25519.PrivateKey) []byte { return n.sign(kindPast, key) }

// OpenPast reads a statement of SignPast.
func OpenPast(b []byte, keys Keys) (n End, err error) { return openEnd(b, kindPast, keys) }
