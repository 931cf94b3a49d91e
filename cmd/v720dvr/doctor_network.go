package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"v720dvr/web"
)

// judgePorts: can what must be bound be bound, and do cameras come there?
func judgePorts(box boxFacts, cameras []cameraFacts) (found []web.Finding) {
	var fine []string
	for _, p := range box.Ports {
		host, service, _ := net.SplitHostPort(p.Address)
		number, _ := strconv.ParseUint(service, 10, 16)
		about, at := "port "+service, fmt.Sprintf("%s %s (%s, %s)", strings.ToUpper(p.Network), p.Address, p.What, p.Key)
		addr, _ := netip.ParseAddr(host)
		switch {
		case errors.Is(p.Err, syscall.EADDRINUSE):
			found = append(found, fault(about, at+" is taken by "+cmp.Or(p.Holder, "another process"), freePort(p, service)))
		case errors.Is(p.Err, fs.ErrPermission):
			found = append(found, fault(about, at+" may not be bound by this user: ports below 1024 are root's",
				"`sudo setcap cap_net_bind_service=+ep $(command -v v720dvr)`, or `AmbientCapabilities=CAP_NET_BIND_SERVICE` in the systemd unit"))
		case errors.Is(p.Err, syscall.EADDRNOTAVAIL):
			found = append(found, fault(about, at+" is no address of this machine", fmt.Sprintf("set %s to \":%s\"; `ip -4 addr` shows this machine's addresses", p.Key, service)))
		case p.Err != nil:
			found = append(found, fault(about, fmt.Sprintf("%s cannot be bound: %v", at, p.Err), "set "+p.Key+" to an address that can"))
		case p.Usual != 0 && number != uint64(p.Usual) && !cameIn(cameras):
			found = append(found, warning(about, fmt.Sprintf("%s is at port %s, and cameras come to port %d", p.Key, service, p.Usual),
				fmt.Sprintf("set %s to \":%d\", or have port %d led there: `sudo nft add rule ip nat prerouting tcp dport %d redirect to :%s`", p.Key, p.Usual, p.Usual, p.Usual, service)))
		case p.Key != "web.listen" && addr.IsLoopback() && !cameIn(cameras):
			found = append(found, warning(about, at+" can be reached from this machine alone, no camera comes there", fmt.Sprintf("set %s to \":%s\"", p.Key, service)))
		default:
			fine = append(fine, fmt.Sprintf("%s %s (%s)", strings.ToUpper(p.Network), service, p.What))
		}
	}
	if len(fine) > 0 {
		text := "free: " + strings.Join(fine, ", ")
		if box.Running {
			text = "bound: " + strings.Join(fine, ", ")
		}
		found = append(found, well("ports", text))
	}
	return found
}

func freePort(p portFact, service string) string {
	letter := map[string]string{"tcp": "t", "udp": "u"}[p.Network]
	who := fmt.Sprintf("`sudo ss -l%snp sport = :%s` names it; ", letter, service)
	if p.Holder != "" {
		who = ""
	}
	switch {
	case p.Key == "cloud.mqtt":
		return who + "end it, or use it: `broker = \"mqtt://127.0.0.1:1883\"` and `mqtt = \"\"` in [cloud]"
	case p.Key == "cloud.dns":
		return who + "end it, name the address of the cameras' network (`dns = \"192.168.1.5:53\"`), or have it answer for the cameras (README.md)"
	case p.Usual != 0:
		return who + fmt.Sprintf("end it or give it another port: cameras come to port %d of this address and nowhere else", p.Usual)
	}
	return who + "end it, or set " + p.Key + " to another port"
}

// judgeAnnounced: the address that cameras are told must be one that leads here.
func judgeAnnounced(box boxFacts, cameras []cameraFacts) []web.Finding {
	const about = "announced address"
	to := box.Announced.Addr()
	bridge := func(a netip.Addr) bool { return a.Is4() && a.As4()[0] == 172 && a.IsPrivate() } // Docker's own networks
	switch {
	case !to.IsValid() && len(box.Own) == 0:
		return []web.Finding{warning(about, "this machine has no IPv4 address in any network, so no camera finds it", "`ip -4 addr`: plug in the cable, or join the Wi-Fi")}
	case !to.IsValid() && box.Container && !slices.ContainsFunc(box.Own, func(a netip.Addr) bool { return !bridge(a) }) && !streams(cameras):
		return []web.Finding{warning(about, fmt.Sprintf("this container is behind Docker's NAT (%s): cameras would be told an address that they do not reach", words(box.Own)),
			"`--network host` for Docker, or `advertise = \"…\"` in [cloud] with the address of the host")}
	case !to.IsValid():
		return []web.Finding{well(about, "cameras are told the address that they came by; this machine has "+words(box.Own))}
	case slices.Contains(box.Own, to) || to.IsLoopback() && cameIn(cameras):
		return []web.Finding{well(about, fmt.Sprintf("%s, which is this machine's", to))}
	case streams(cameras):
		return []web.Finding{note(about, fmt.Sprintf("cloud.advertise is %s, which is none of this machine's (%s); cameras stream all the same", to, words(box.Own)))}
	case box.Container:
		return []web.Finding{warning(about, fmt.Sprintf("cloud.advertise is %s; this container has %s", to, words(box.Own)),
			fmt.Sprintf("see that %s is the address of the host in the cameras' network, and that its ports are led here: `docker port NAME`", to))}
	}
	return []web.Finding{fault(about, fmt.Sprintf("cameras are told to come to %s (cloud.advertise), which is none of this machine's addresses (%s)", to, words(box.Own)),
		"take cloud.advertise out, or set it to the address in the cameras' network")}
}

func words(addresses []netip.Addr) string {
	var texts []string
	for _, a := range addresses[:min(len(addresses), 6)] {
		texts = append(texts, a.String())
	}
	return cmp.Or(strings.Join(texts, ", "), "none")
}

// judgeReach: media comes by UDP.
func judgeReach(box boxFacts, cameras []cameraFacts) []web.Finding {
	const about = "UDP"
	r := box.Reach
	if r == nil {
		return nil
	}
	if r.Err != nil {
		return []web.Finding{fault(about, fmt.Sprintf("the media port does not answer from this machine itself: %v", r.Err), openUDP(box, r.To.Port()))}
	}
	if streams(cameras) {
		return []web.Finding{well(about, fmt.Sprintf("%s answers, and cameras' media has come", r.To))}
	}
	if len(box.Firewalls) > 0 {
		return []web.Finding{note(about, fmt.Sprintf("%s answers this machine; %s runs here, and may keep others out", r.To, strings.Join(box.Firewalls, " and ")), openUDP(box, r.To.Port()))}
	}
	return []web.Finding{well(about, fmt.Sprintf("%s answers this machine; no camera's media has come yet", r.To))}
}

// openUDP is how a firewall lets the cameras' media in.
func openUDP(box boxFacts, port uint16) string {
	if slices.Contains(box.Firewalls, "firewalld") {
		return fmt.Sprintf("`sudo firewall-cmd --add-port=%d/udp --add-port=%d/tcp --permanent && sudo firewall-cmd --reload`", port, port)
	}
	if slices.Contains(box.Firewalls, "ufw") {
		return fmt.Sprintf("`sudo ufw allow %d/udp && sudo ufw allow %d/tcp`", port, port)
	}
	return fmt.Sprintf("let UDP port %d through: `sudo nft list ruleset` shows the rules of this machine, Docker needs `-p %d:%d/udp`, and guests' Wi-Fi often keeps devices apart", port, port, port)
}

// judgeNames: the vendor's names must lead the cameras here. This machine's own resolver may be another one than theirs.
func judgeNames(box boxFacts, cameras []cameraFacts) []web.Finding {
	const about = "DNS"
	n := box.Names
	if n == nil {
		return nil
	}
	leads := func(a netip.Addr) bool {
		return slices.Contains(box.Own, a) || a == box.Announced.Addr() || a.IsLoopback() && len(n.Addresses) == 1
	}
	found := fmt.Sprintf("%s is %s here", n.Name, words(n.Addresses))
	if n.Err != nil {
		found = fmt.Sprintf("the resolver of this machine does not know %s (%v)", n.Name, n.Err)
	}
	do := fmt.Sprintf("have your router, Pi-hole or dnsmasq answer *.naxclow.com with %s, or set `dns = \":53\"` in [cloud] and give this address as DNS server by DHCP (README.md, \"First camera\"); `nslookup %s` from a phone's Wi-Fi shows what cameras see",
		ownText(box), n.Name)
	switch {
	case n.Err == nil && len(n.Addresses) > 0 && !slices.ContainsFunc(n.Addresses, func(a netip.Addr) bool { return !leads(a) }):
		return []web.Finding{well(about, found+", which is this machine")}
	case cameIn(cameras):
		return []web.Finding{note(about, found+"; cameras find this machine all the same, by another resolver")}
	case box.Asked > 0:
		return []web.Finding{note(about, fmt.Sprintf("%s; v720dvr's own DNS was asked by %s", found, plural(box.Asked, "address", "addresses")))}
	case n.Err != nil:
		return []web.Finding{warning(about, found, do)}
	}
	return []web.Finding{fault(about, found+", which is not this machine: cameras go to the vendor", do)}
}

// judgeBroker: a broker that is there already must let us read what cameras say. Cameras stream without it, and are recorded without
// Home Assistant.
func judgeBroker(box boxFacts) (found []web.Finding) {
	if box.Broker != nil {
		found = append(found, warning("MQTT", box.Broker.Error(), "let the user of cloud.broker read Naxclow/P2P/Users/Device/# and write Naxclow/P2P/Users/Device/sub/# there; it is asked again by itself"))
	}
	if box.Home != nil {
		found = append(found, warning("Home Assistant", box.Home.Error(), "see that the broker runs and is reached from this machine, and that homeassistant.broker has its address, user and password; it is tried again by itself. docs/homeassistant.md"))
	}
	return found
}

func ownText(box boxFacts) string {
	switch {
	case box.Announced.Addr().IsValid():
		return box.Announced.Addr().String()
	case len(box.Own) > 0:
		return box.Own[0].String()
	}
	return "this machine's address"
}
