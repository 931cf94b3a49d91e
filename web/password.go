package web

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

// Bounds of a password.
const (
	LeastPassword = 8   // characters
	MostPassword  = 256 // bytes: hashing what anybody sends must not take long
)

// cost of a hash by argon2id: 32 MiB and two passes, more than OWASP's least (19 MiB), 0.16 s on a core of a
// server that has other work too (BenchmarkPassword). cheatsheetseries.owasp.org, Password Storage.
var cost = argon{memory: 32 << 10, passes: 2, lanes: 1}

// argon are the parameters of argon2id (RFC 9106, section 3.1).
type argon struct {
	memory uint32 // KiB
	passes uint32
	lanes  uint8
}

const (
	saltSize = 16 // bytes
	hashSize = 32
)

// ErrPassword is a password that cannot be one.
var ErrPassword = fmt.Errorf("a password has at least %d characters and at most %d bytes", LeastPassword, MostPassword)

// CheckPassword says what is wrong with a password; ErrPassword.
func CheckPassword(password string) error {
	if utf8.RuneCountInString(password) < LeastPassword || len(password) > MostPassword || !utf8.ValidString(password) {
		return ErrPassword
	}
	return nil
}

// HashPassword makes the form of a password that is kept.
func HashPassword(password string) (string, error) {
	if err := CheckPassword(password); err != nil {
		return "", err
	}
	salt := make([]byte, saltSize)
	rand.Read(salt)
	return cost.format(salt, cost.hash(password, salt)), nil
}

// NewPassword draws one of 80 bits that a person can type: "k3fd-9xq2-…".
func NewPassword() string {
	const letters = "abcdefghjkmnpqrstuvwxyz23456789z" // 32, none that is taken for another; z twice
	raw := make([]byte, 16)
	rand.Read(raw)
	var text strings.Builder
	for i, b := range raw {
		if i > 0 && i%4 == 0 {
			text.WriteByte('-')
		}
		text.WriteByte(letters[b%32])
	}
	return text.String()
}

func (a argon) hash(password string, salt []byte) []byte {
	return argon2.IDKey([]byte(password), salt, a.passes, a.memory, a.lanes, hashSize)
}

// format is the PHC string format (github.com/P-H-C/phc-string-format).
func (a argon) format(salt, hash []byte) string {
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, a.memory, a.passes, a.lanes, b64(salt), b64(hash))
}

// parseHash reads what format wrote, by this version or another.
func parseHash(text string) (a argon, salt, hash []byte, err error) {
	parts := strings.Split(text, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return argon{}, nil, nil, errors.New("read password hash: it is no argon2id of this version")
	}
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &a.memory, &a.passes, &a.lanes); err != nil || n != 3 || a.format(nil, nil) != strings.Join(parts[:4], "$")+"$$" {
		return argon{}, nil, nil, errors.New("read password hash: its parameters are malformed")
	}
	// Beyond that a log-in would take the machine down.
	if a.memory < 8 || a.memory > 256<<10 || a.passes < 1 || a.passes > 16 || a.lanes < 1 || a.lanes > 8 {
		return argon{}, nil, nil, errors.New("read password hash: its parameters are out of range")
	}
	salt, err = base64.RawStdEncoding.Strict().DecodeString(parts[4])
	if err == nil {
		hash, err = base64.RawStdEncoding.Strict().DecodeString(parts[5])
	}
	if err != nil || len(salt) < 8 || len(salt) > 64 || len(hash) != hashSize {
		return argon{}, nil, nil, errors.New("read password hash: salt or hash is malformed")
	}
	return a, salt, hash, nil
}

// passwords compares passwords, a few at once.
type passwords struct {
	slots   chan struct{}
	waiting atomic.Int32
	nobody  string // the hash of a password that nobody has
}

const (
	hashesAtOnce  = 2  // each takes 32 MiB
	hashesWaiting = 16 // beyond it a log-in is refused at once
)

// errBusy is a log-in that came when too many others did.
var errBusy = errors.New("too many log-ins at once")

func newPasswords() *passwords {
	salt := make([]byte, saltSize)
	rand.Read(salt)
	return &passwords{
		slots:  make(chan struct{}, hashesAtOnce),
		nobody: cost.format(salt, make([]byte, hashSize)), // nobody knows what hashes to zeros
	}
}

// turn waits for a turn to hash.
func (p *passwords) turn(ctx context.Context) (done func(), err error) {
	if p.waiting.Add(1) > hashesWaiting {
		p.waiting.Add(-1)
		return nil, errBusy
	}
	defer p.waiting.Add(-1)
	select {
	case p.slots <- struct{}{}:
		return func() { <-p.slots }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// hash is HashPassword in turn.
func (p *passwords) hash(ctx context.Context, password string) (string, error) {
	if err := CheckPassword(password); err != nil {
		return "", err
	}
	done, err := p.turn(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	return HashPassword(password)
}

// is tells whether a password is that of a hash, in a time that does not tell by which byte it is
// not; outdated says that the hash has another cost than a new one would. For a user that is none the
// hash is p.nobody, so that the time does not tell that either.
func (p *passwords) is(ctx context.Context, hash, password string) (same, outdated bool, err error) {
	a, salt, want, err := parseHash(hash)
	if err != nil {
		return false, false, err
	}
	done, err := p.turn(ctx)
	if err != nil {
		return false, false, err
	}
	defer done()
	if len(password) > MostPassword {
		password = ""
	}
	return subtle.ConstantTimeCompare(a.hash(password, salt), want) == 1, a != cost, nil
}
