package avi

import (
	"errors"
	"testing"
	"time"
)

// FuzzForeign: a file of others is taken over to its end or refused, and gives no more than it holds. Run it with
// -fuzzminimizetime 20x, as FuzzReader.
func FuzzForeign(f *testing.F) {
	f.Add(foreign(f, pictures(f, 16, 16, 3)).b)
	f.Add(foreignPCM(f, 2, 16, 44100).b)
	f.Add(foreignPCM(f, 1, 8, 1000).b)
	f.Add(smallSegment(f, true).b)
	f.Add(smallSegment(f, false).b)
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := OpenForeign(&memory{b: b}, int64(len(b)))
		if err != nil {
			if !errors.Is(err, ErrNotAVI) {
				t.Fatalf("open: %v, want ErrNotAVI from a file that can be read", err)
			}
			return
		}
		pictures, heard := 0, 0
		unread, err := file.Each(func(_ time.Duration, jpeg []byte) error {
			if pictures++; len(jpeg) > len(b) {
				t.Fatalf("a picture of %d bytes in a file of %d", len(jpeg), len(b))
			}
			return nil
		}, func(_ time.Duration, alaw []byte) error {
			heard += len(alaw)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if n := file.Pictures(); pictures > n || n > pictures+unread {
			t.Fatalf("%d pictures are handed over, %d not, and there are %d", pictures, unread, n)
		}
		if heard > 0 && !file.HasSound() {
			t.Fatalf("%d samples of no sound", heard)
		}
		if most := 8*len(b) + SampleRate; heard > most && len(file.r.audio) < 100 {
			t.Fatalf("%d samples from %d bytes", heard, len(b))
		}
		if length := file.Length(); length < 0 && !file.r.ours {
			t.Fatalf("it lasts %v", length)
		}
	})
}

// foreignPCM is foreign with sound that is PCM.
func foreignPCM(t testing.TB, channels, bits uint16, rate uint32) *memory {
	t.Helper()
	file := foreign(t, pictures(t, 16, 16, 3))
	at := -1
	for i := 0; i+18 < len(file.b); i++ { // the format of A-law, one channel, 8000 Hz
		if le.Uint16(file.b[i:]) == formatALaw && le.Uint16(file.b[i+2:]) == 1 && le.Uint32(file.b[i+4:]) == SampleRate {
			at = i
			break
		}
	}
	if at < 0 {
		t.Fatal("no format of sound")
	}
	le.PutUint16(file.b[at:], formatPCM)
	le.PutUint16(file.b[at+2:], channels)
	le.PutUint32(file.b[at+4:], rate)
	le.PutUint16(file.b[at+14:], bits)
	return file
}
