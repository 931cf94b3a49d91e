package main

import (
	"os"

	"golang.org/x/sys/unix"
)

// hideTyping has a terminal show nothing of what is typed, until show. Of what is no terminal it
// changes nothing.
func hideTyping(f *os.File) (show func()) {
	fd := int(f.Fd())
	was, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return func() {}
	}
	hidden := *was
	hidden.Lflag &^= unix.ECHO
	if unix.IoctlSetTermios(fd, unix.TCSETS, &hidden) != nil {
		return func() {}
	}
	return func() { unix.IoctlSetTermios(fd, unix.TCSETS, was) }
}
