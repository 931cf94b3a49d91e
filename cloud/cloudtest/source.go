package cloudtest

import "time"

// Source is what a camera sees and hears. One camera calls it from one goroutine at a time;
// cameras share no Source.
type Source interface {
	// Picture is the n-th picture, taken at this time: a JPEG from SOI to EOI. The bytes are the
	// source's own and valid until the next call of Picture.
	Picture(n int, at time.Time) []byte
	// Sound fills dst with the A-law samples [from, from+len(dst)), at 8000 a second; sample 0
	// was heard when picture 0 was taken.
	Sound(from int64, dst []byte)
	// HasSound tells whether Sound gives anything; it does not change.
	HasSound() bool
}
