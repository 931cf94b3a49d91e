package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// holderOf names the process that has a port, as far as this user may see: its own processes, and all for root.
func holderOf(p portFact) string {
	_, service, _ := net.SplitHostPort(p.Address)
	port, err := strconv.ParseUint(service, 10, 16)
	if err != nil {
		return ""
	}
	var sockets []string
	for _, table := range []string{p.Network, p.Network + "6"} {
		f, err := os.Open("/proc/net/" + table)
		if err != nil {
			continue
		}
		for _, inode := range parseSockets(f, p.Network, uint16(port)) {
			sockets = append(sockets, "socket:["+inode+"]")
		}
		f.Close()
	}
	if len(sockets) == 0 {
		return ""
	}
	open, _ := filepath.Glob("/proc/[0-9]*/fd/*")
	for _, path := range open {
		if to, err := os.Readlink(path); err == nil && slices.Contains(sockets, to) {
			pid := strings.Split(path, "/")[2]
			name, _ := os.ReadFile("/proc/" + pid + "/comm")
			return fmt.Sprintf("%s (pid %s)", cmp.Or(strings.TrimSpace(string(name)), "a process"), pid)
		}
	}
	return ""
}

// systemNow asks the system what can be known without privileges.
func systemNow() (s systemFacts) {
	for _, mark := range []string{"/.dockerenv", "/run/.containerenv"} {
		if _, err := os.Stat(mark); err == nil {
			s.Container = true
		}
	}
	if text, err := os.ReadFile("/etc/ufw/ufw.conf"); err == nil && slices.Contains(strings.Fields(string(text)), "ENABLED=yes") {
		s.Firewalls = append(s.Firewalls, "ufw")
	}
	if _, err := os.Stat("/run/firewalld.pid"); err == nil {
		s.Firewalls = append(s.Firewalls, "firewalld")
	}
	var clock unix.Timex
	if _, err := unix.Adjtimex(&clock); err == nil {
		synced := clock.Status&unix.STA_UNSYNC == 0
		s.Synced = &synced
	}
	var files unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &files) == nil {
		s.Limits.Files = files.Cur
	}
	if f, err := os.Open("/proc/meminfo"); err == nil {
		s.Limits.Memory = parseMeminfo(f)
		f.Close()
	}
	if text, err := os.ReadFile("/sys/fs/cgroup/memory.max"); err == nil { // cgroup v2, as the container sees it
		s.Limits.MaxMemory, _ = strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64) // "max" is none
	}
	return s
}

// parseMeminfo is MemAvailable of /proc/meminfo in bytes; 0 where it is not there.
func parseMeminfo(r io.Reader) int64 {
	for lines := bufio.NewScanner(io.LimitReader(r, 64<<10)); lines.Scan(); {
		if fields := strings.Fields(lines.Text()); len(fields) == 3 && fields[0] == "MemAvailable:" {
			n, err := strconv.ParseInt(fields[1], 10, 53)
			if err != nil || n < 0 {
				return 0
			}
			return n << 10
		}
	}
	return 0
}
