package main

import (
	"bufio"
	"errors"
	"io"
	"net"
	"strconv"
	"strings"
	"syscall"

	"v720dvr/internal/config"
)

// wantedPorts are what a recorder binds with a configuration.
func wantedPorts(c config.Config) []portFact {
	all := []portFact{
		{Key: "cloud.http", What: "cameras' HTTP", Usual: 80, Network: "tcp", Address: c.Cloud.HTTP},
		{Key: "cloud.control", What: "cameras' control", Network: "tcp", Address: c.Cloud.Control},
		{Key: "cloud.control", What: "cameras' media", Network: "udp", Address: c.Cloud.Control},
		{Key: "cloud.mqtt", What: "cameras' MQTT", Usual: 1883, Network: "tcp", Address: c.Cloud.MQTT},
		{Key: "cloud.dns", What: "DNS", Usual: 53, Network: "udp", Address: c.Cloud.DNS},
		{Key: "cloud.dns", What: "DNS", Usual: 53, Network: "tcp", Address: c.Cloud.DNS},
		{Key: "web.listen", What: "the page", Network: "tcp", Address: c.Web.Listen},
		{Key: "rtsp.listen", What: "RTSP", Network: "tcp", Address: c.RTSP.Listen},
		{Key: "compat.listen", What: "the Python server's addresses", Network: "tcp", Address: c.Compat.Listen},
	}
	ports := all[:0]
	for _, p := range all {
		if p.Address != "" {
			ports = append(ports, p)
		}
	}
	return ports
}

// tryPorts binds each, and lets it go again.
func tryPorts(ports []portFact) []portFact {
	for i, p := range ports {
		ports[i].Err = tryPort(p)
		if errors.Is(ports[i].Err, syscall.EADDRINUSE) {
			ports[i].Holder = holderOf(p)
		}
	}
	return ports
}

func tryPort(p portFact) error {
	if p.Network == "udp" {
		conn, err := net.ListenPacket("udp", p.Address)
		if err != nil {
			return err
		}
		return conn.Close()
	}
	l, err := net.Listen("tcp", p.Address)
	if err != nil {
		return err
	}
	return l.Close()
}

// mostSockets bounds a table of sockets that is read.
const mostSockets = 16384

// parseSockets reads one of Linux's tables of sockets (/proc/net/tcp, tcp6, udp, udp6; proc_net(5)) and returns the inodes
// of those that are bound to a port: of TCP those that listen. Lines that are none are passed over.
func parseSockets(r io.Reader, network string, port uint16) (inodes []string) {
	const listening = "0A" // TCP_LISTEN
	lines := bufio.NewScanner(io.LimitReader(r, 4<<20))
	for n := 0; lines.Scan() && n < mostSockets; n++ {
		fields := strings.Fields(lines.Text())
		if len(fields) < 10 || network == "tcp" && fields[3] != listening {
			continue
		}
		_, local, ok := strings.Cut(fields[1], ":")
		number, err := strconv.ParseUint(local, 16, 16)
		if _, bad := strconv.ParseUint(fields[9], 10, 64); !ok || err != nil || bad != nil || uint16(number) != port || fields[9] == "0" {
			continue
		}
		inodes = append(inodes, fields[9])
	}
	return inodes
}
