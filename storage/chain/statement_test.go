package chain

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"v720dvr/storage/avi"
)

var (
	key  = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32))
	keys = Keys{key.Public().(ed25519.PublicKey)}
	when = time.Date(2026, 11, 23, 12, 0, 0, 123_000, time.UTC)
)

func hashOf(n byte) Hash { return Hash{n, 1, 2, 31: n} }

var (
	aLink = Link{Previous: hashOf(1), Run: Run{2}, Number: 3, Flags: Finished, At: when, Camera: "0800c0000001",
		Content: avi.Content{Root: hashOf(4), Leaves: 5, Rest: hashOf(6), Size: 7}}
	aThin  = Thin{Link: hashOf(1), At: when, Content: aLink.Content}
	aBegin = Begin{Run: Run{1}, At: when, Before: End{Run: Run{2}, Number: 9, Head: hashOf(3), Camera: "0800c0000001"}, Ended: true, Camera: "0800c0000001"}
	anEnd  = End{Run: Run{1}, Number: 4, Head: hashOf(3), At: when, Camera: "0800c0000001"}
	aCopy  = Copy{From: when, To: when.Add(time.Minute), Flags: Growing, Segments: 3, Sources: hashOf(8), Content: aLink.Content, Camera: "0800c0000001"}
	aGone  = Gone{Stretch: Stretch{2, 9, hashOf(1), hashOf(2)}, Run: Run{3}, Start: when, End: when.Add(time.Hour), At: when.Add(2 * time.Hour),
		Bytes: 4711, Rules: []RuleCount{{"hand", 2}, {"max_age", 6}}, Camera: "0800c0000001"}
)

// Each kind of statement: signed, and read again.
var statements = map[string]struct {
	said   any
	signed []byte
	open   func(b []byte, keys Keys) (any, error)
}{
	kindLink:  {aLink, aLink.Sign(key), func(b []byte, keys Keys) (any, error) { l, _, err := OpenLink(b, keys); return l, err }},
	kindThin:  {aThin, aThin.Sign(key), func(b []byte, keys Keys) (any, error) { return asAny(OpenThin(b, keys)) }},
	kindBegin: {aBegin, aBegin.Sign(key), func(b []byte, keys Keys) (any, error) { n, _, err := OpenBegin(b, keys); return n, err }},
	kindEnd:   {anEnd, anEnd.Sign(key), func(b []byte, keys Keys) (any, error) { return asAny(OpenEnd(b, keys)) }},
	kindPast:  {anEnd, anEnd.SignPast(key), func(b []byte, keys Keys) (any, error) { return asAny(OpenPast(b, keys)) }},
	kindCopy:  {aCopy, aCopy.Sign(key), func(b []byte, keys Keys) (any, error) { return asAny(OpenCopy(b, keys)) }},
	kindGone:  {aGone, aGone.Sign(key), func(b []byte, keys Keys) (any, error) { return asAny(OpenGone(b, keys)) }},
}

func asAny[T any](said T, err error) (any, error) { return said, err }

func TestStatementsAreReadAsTheyWereSigned(t *testing.T) {
	for kind, s := range statements {
		if got, err := s.open(s.signed, keys); err != nil || !reflect.DeepEqual(got, s.said) {
			t.Errorf("%q: got %+v, %v, want %+v", kind, got, err, s.said)
		}
	}
}

func TestAnyChangedBitOfAStatementIsFound(t *testing.T) {
	for kind, s := range statements {
		for i := range len(s.signed) * 8 {
			changed := bytes.Clone(s.signed)
			changed[i/8] ^= 1 << (i % 8)
			if _, err := s.open(changed, keys); err == nil {
				t.Fatalf("%q with bit %d changed is taken", kind, i)
			}
		}
		for n := range s.signed {
			if _, err := s.open(s.signed[:n], keys); !errors.Is(err, ErrMalformed) {
				t.Errorf("%q of %d bytes: %v, want ErrMalformed", kind, n, err)
			}
		}
	}
}

func TestStatementOfAnotherKindOrKeyIsNotTaken(t *testing.T) {
	for kind, s := range statements {
		for other, o := range statements {
			if _, err := s.open(o.signed, keys); other != kind && !errors.Is(err, ErrMalformed) {
				t.Errorf("%q for %q: %v, want ErrMalformed", other, kind, err)
			}
		}
		if _, err := s.open(s.signed, nil); !errors.Is(err, ErrStranger) {
			t.Errorf("%q of a key that nobody believes: %v, want ErrStranger", kind, err)
		}
	}
}

func TestTombstonesOfNeighboursBecomeOne(t *testing.T) {
	next := aGone
	next.First, next.Last, next.Previous, next.Head = 10, 10, aGone.Head, hashOf(5)
	next.Start, next.End, next.Rules = when.Add(-time.Hour), when.Add(3*time.Hour), []RuleCount{{"max_age", 1}}
	got, ok := aGone.Join(next)
	want := aGone
	want.Last, want.Head, want.Bytes, want.Start, want.End = 10, hashOf(5), 2*4711, next.Start, next.End
	want.Rules = []RuleCount{{"hand", 2}, {"max_age", 7}}
	if !ok || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, ok, want)
	}
	if _, ok := next.Join(aGone); ok {
		t.Error("joined the wrong way round")
	}
	next.Previous = hashOf(9)
	if _, ok := aGone.Join(next); ok {
		t.Error("joined though the one does not name the other")
	}
}

// Rules have any names; a statement stays short, and is read as it was signed.
func TestTombstoneOfManyRulesStaysShort(t *testing.T) {
	many := aGone
	many.Rules = nil
	for i := range 50 {
		many.Rules = append(many.Rules, RuleCount{strings.Repeat("a = b", i), 1})
	}
	signed := many.Sign(key)
	got, err := OpenGone(signed, keys)
	sum := int64(0)
	for _, r := range got.Rules {
		sum += r.Segments
	}
	if err != nil || len(got.Rules) > mostRules+1 || sum != 50 || len(signed) > 1024 {
		t.Errorf("got %d rules of %d segments in %d bytes, %v", len(got.Rules), sum, len(signed), err)
	}
}

func FuzzStatement(f *testing.F) {
	for _, s := range statements {
		f.Add(s.signed)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, s := range statements {
			_, _ = s.open(b, keys)
		}
	})
}
