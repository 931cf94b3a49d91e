//go:build !linux

package main

import (
	"os/exec"
	"testing"
)

func withoutRoot(*testing.T, *exec.Cmd, string) {}
