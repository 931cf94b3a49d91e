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
	if !errors.As(err, &op) || op.Net == "unix" {
		return text
	}
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return text + "; another program has that port: find it with `ss -ltunp` and stop it, or choose another address in config.toml"
	case errors.Is(err, fs.ErrPermission) && runtime.GOOS == "linux":
		return text + "; cameras ask for port 80 and no other, and ports below 1024 need a right: `sudo setcap cap_net_bind_service=+ep \"$(command -v v720dvr)\"` gives it once"
	case errors.Is(err, fs.ErrPermission):
		return text + "; ports below 1024 need the administrator's right"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return text + "; this machine has no such address: leave the host part out to listen on all of them"
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
