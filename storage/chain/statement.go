package chain

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"v720dvr/storage/avi"
)

// Hash is the SHA-256 of a statement without its signature.
type Hash = avi.Hash

// A statement is
//
//	0          8      12        14       16           48              n
//	│ "v720dvr" 00 │ kind │ version │ n │ public key │ what it says │ signature (64 bytes)
//
// with numbers in little endian. The Ed25519 signature is over the n bytes before it, the hash of the statement too.
const (
	magic   = "v720dvr\x00"
	version = 1
	headed  = 48
	// mostStatement bounds a statement with its signature.
	mostStatement = 4096
	mostText      = 64 // bytes of a camera's id
)

// The kinds of statement. They stand in signatures: they never change.
const (
	kindLink  = "link"
	kindThin  = "thin"
	kindBegin = "begn"
	kindEnd   = "end "
	kindGone  = "gone"
	kindPast  = "past"
	kindCopy  = "copy"
)

var (
	// ErrMalformed is returned for bytes that are no statement of the kind that was asked for.
	ErrMalformed = errors.New("not a statement of v720dvr's")
	// ErrForged is returned for a statement whose signature is not its key's.
	ErrForged = errors.New("its signature is not that of its key")
	// ErrStranger is returned for a statement signed by a key that is not among those that were given.
	ErrStranger = errors.New("it is signed by another key")
)

var le = binary.LittleEndian

// Keys are public keys that are believed.
type Keys []ed25519.PublicKey

// has tells whether a key is among them.
func (k Keys) has(key []byte) bool {
	return slices.ContainsFunc(k, func(known ed25519.PublicKey) bool { return bytes.Equal(known, key) })
}

// begin appends the head of a statement; sign ends it.
func begin(kind string, key ed25519.PrivateKey) []byte {
	b := append([]byte(magic), kind...)
	b = le.AppendUint16(b, version)
	b = le.AppendUint16(b, 0)
	return append(b, key.Public().(ed25519.PublicKey)...)
}

func sign(b []byte, key ed25519.PrivateKey) []byte {
	le.PutUint16(b[14:], uint16(len(b)))
	return append(b, ed25519.Sign(key, b)...)
}

// open returns what a signed statement of a kind says, and its hash, when one of the keys has signed it. least is how
// long what it says must be.
func open(b []byte, kind string, least int, keys Keys) (said []byte, hash Hash, err error) {
	if len(b) < headed+ed25519.SignatureSize || len(b) > mostStatement || string(b[:8]) != magic || string(b[8:12]) != kind {
		return nil, hash, ErrMalformed
	}
	n := int(le.Uint16(b[14:]))
	if le.Uint16(b[12:]) != version || n != len(b)-ed25519.SignatureSize || n < headed+least {
		return nil, hash, ErrMalformed
	}
	if !ed25519.Verify(b[16:headed], b[:n], b[n:]) {
		return nil, hash, ErrForged
	}
	if !keys.has(b[16:headed]) {
		return nil, hash, fmt.Errorf("%w: %x", ErrStranger, b[16:24])
	}
	return b[headed:n], sha256.Sum256(b[:n]), nil
}

func appendTime(b []byte, at time.Time) []byte { return le.AppendUint64(b, uint64(at.UnixMicro())) }

func timeOf(b []byte) time.Time { return time.UnixMicro(int64(le.Uint64(b))).UTC() }

func cut(text string) string { return text[:min(len(text), mostText)] }

// Run names a run of the recorder.
type Run = [16]byte
