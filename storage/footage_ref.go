package storage

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// A FootageRef names a segment's file: a committed one by its row, one that is being written by its run. The
// latter goes on to name it when it is committed, so that who reads it while it is written comes to no seam.
type FootageRef struct {
	ID     int64 // of the row; 0 for a segment that was being written when the ref was made
	run    [16]byte
	number uint32
	start  int64 // µs since 1970, UTC
}

// String is the ref as addresses have it: "123", or "0123456789abcdef-7-1795957500043000".
func (r FootageRef) String() string {
	if r.ID != 0 {
		return strconv.FormatInt(r.ID, 10)
	}
	return fmt.Sprintf("%x-%d-%d", r.run[:8], r.number, r.start)
}

// ParseFootageRef reads what String wrote.
func ParseFootageRef(text string) (r FootageRef, err error) {
	if run, rest, ok := strings.Cut(text, "-"); !ok {
		r.ID, err = strconv.ParseInt(text, 10, 64)
	} else if number, start, ok := strings.Cut(rest, "-"); ok && len(run) == 16 {
		var n uint64
		_, err = hex.Decode(r.run[:8], []byte(run))
		if err == nil {
			n, err = strconv.ParseUint(number, 10, 32)
			r.number = uint32(n)
		}
		if err == nil {
			r.start, err = strconv.ParseInt(start, 10, 64)
		}
	}
	if err != nil || r.String() != text || r.ID < 0 {
		return FootageRef{}, fmt.Errorf("segment %.60q: %w", text, ErrUnknown)
	}
	return r, nil
}
