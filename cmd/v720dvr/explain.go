package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"runtime"
	"syscall"
)

// explain adds to an error what its reader can do about it, where that is known.
func explain(err error) string {
	text := err.Error()
	var op *net.OpError
	switch {
	case errors.As(err, &op) && errors.Is(err, syscall.EADDRINUSE):
		return text + "\nAnother program has that port. Find it with `ss -ltunp` and stop it, or choose another address in config.toml."
	case errors.As(err, &op) && errors.Is(err, fs.ErrPermission):
		advice := "\nPorts below 1024 need a right of their own, and cameras ask for port 80 and no other."
		if runtime.GOOS == "linux" {
			advice += " Give it once:\n    sudo setcap cap_net_bind_service=+ep \"$(command -v v720dvr)\"\nor run v720dvr as a service with AmbientCapabilities=CAP_NET_BIND_SERVICE."
		}
		return text + advice
	case errors.As(err, &op) && errors.Is(err, syscall.EADDRNOTAVAIL):
		return text + "\nThis machine has no such address; leave the host part out to listen on all of them."
	}
	return text
}

// plural counts things for people.
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprint(n, " ", many)
}
