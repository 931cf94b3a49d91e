package main

import (
	"bufio"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
)

// neighbours are the MAC addresses of who is in the same network, by IPv4 address, as far as the system
// knows and tells: Linux does, in a file. A router in between hides them.
func neighbours() map[string]string {
	file, err := os.Open("/proc/net/arp")
	if err != nil {
		return nil
	}
	defer file.Close()
	return parseNeighbours(file)
}

// mostNeighbours bounds the table that is read: a /22 full of devices.
const mostNeighbours = 1024

// parseNeighbours reads Linux's table (proc_net(5)): IP address, HW type, Flags, HW address, Mask, Device.
// Rows that are none, and addresses that nobody answered for, are left out.
func parseNeighbours(r io.Reader) map[string]string {
	macs := make(map[string]string)
	lines := bufio.NewScanner(io.LimitReader(r, 256<<10))
	for lines.Scan() && len(macs) < mostNeighbours {
		fields := strings.Fields(lines.Text())
		if len(fields) < 4 {
			continue
		}
		addr, err := netip.ParseAddr(fields[0])
		mac, noMAC := net.ParseMAC(fields[3])
		if err != nil || noMAC != nil || len(mac) != 6 || strings.Trim(mac.String(), "0:") == "" {
			continue
		}
		macs[addr.String()] = mac.String()
	}
	return macs
}
