package main

import (
	"fmt"
	"net"
	"os"
	"runtime"
	"strings"
	"testing"
)

const aSocketTable = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 31415 1 0000000000000000 100 0 0 10 0
   1: 0100007F:0050 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 27182 1 0000000000000000 20 4 30 10 -1
   2: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 16180 1 0000000000000000 100 0 0 10 0
`

func TestSocketsOfAPortAreThoseThatListen(t *testing.T) {
	if got := parseSockets(strings.NewReader(aSocketTable), "tcp", 80); fmt.Sprint(got) != "[31415]" {
		t.Errorf("got %v", got)
	}
	if got := parseSockets(strings.NewReader(aSocketTable), "udp", 80); len(got) != 2 {
		t.Errorf("got %v: what is bound on UDP has no such state", got)
	}
}

func TestWhoHasAPortIsNamed(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("SKIPPED: only Linux tells who has a port")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ports := tryPorts([]portFact{{Key: "cloud.http", Network: "tcp", Address: l.Addr().String()}})
	if p := ports[0]; p.Err == nil || !strings.Contains(p.Holder, fmt.Sprintf("(pid %d)", os.Getpid())) {
		t.Errorf("got %+v, want this process", p)
	}
}

func FuzzSockets(f *testing.F) {
	f.Add(aSocketTable, uint16(80))
	f.Add("0: 00000000:0050 00000000:0000 0A", uint16(80))
	f.Add("", uint16(0))
	f.Fuzz(func(t *testing.T, table string, port uint16) {
		for _, inode := range parseSockets(strings.NewReader(table), "tcp", port) {
			if inode == "" || strings.Trim(inode, "0123456789") != "" {
				t.Errorf("got inode %q", inode)
			}
		}
	})
}
