package main

import (
	"strings"
	"testing"
)

func FuzzMeminfo(f *testing.F) {
	f.Add("MemTotal:  1000 kB\nMemAvailable:  500 kB\n")
	f.Add("MemAvailable: -1 kB")
	f.Add("MemAvailable: 99999999999999999999 kB")
	f.Fuzz(func(t *testing.T, text string) {
		if n := parseMeminfo(strings.NewReader(text)); n < 0 {
			t.Errorf("%d bytes are left", n)
		}
	})
}

func TestMemoryThatIsLeftIsRead(t *testing.T) {
	if n := parseMeminfo(strings.NewReader("MemTotal:  1000 kB\nMemAvailable:  500 kB\n")); n != 512000 {
		t.Errorf("got %d", n)
	}
}
