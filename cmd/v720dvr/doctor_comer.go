package main

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"v720dvr/web"
)

// judgeComer is of who came to a door and has not registered: a camera on its way, or anybody.
func judgeComer(c cameraFacts, box boxFacts, name string) web.Finding {
	http, mqtt, dns := c.seen(web.StepHTTP), c.seen(web.StepMQTT), c.seen(web.StepDNS)
	switch newest := latest(http, mqtt, dns); {
	case box.At.Sub(newest) < opens:
		return note(name, "is on its way in")
	case !http.IsZero():
		return judgeAsked(c, box, name)
	case !mqtt.IsZero():
		return note(name, "is at the MQTT broker and has not registered: a program, or a battery camera that sleeps")
	}
	return warning(name, "asked v720dvr's DNS for a camera's name at "+clockText(dns)+", and did not come: a camera that is kept out, or a phone with the vendor's app", openTCP(box, portText(box, "cloud.http")))
}

// judgeAsked is of a camera that has asked the bootstrap and gone no further. docs/protocol.md, section 2.
func judgeAsked(c cameraFacts, box boxFacts, name string) web.Finding {
	at, line := c.step(web.StepHTTP)
	control := portText(box, "cloud.control")
	switch {
	case strings.Contains(line, "getDevInfo"):
		return fault(name, fmt.Sprintf("asked getDevInfo at %s and nothing after it: firmware of 2024-11 and later does so when it does not like an answer, or got none", clockText(at)),
			"take it off its power once; when it stops there again, something between rewrites port 80 (a proxy, a captive portal), or its firmware is one that we do not know: `v720dvr capture start` while it starts, and report it (CONTRIBUTING.md)")
	case strings.Contains(line, "getA9ConfCheck"):
		told := "the address that it came by"
		if box.Announced.Addr().IsValid() {
			told = box.Announced.Addr().String() + " (cloud.advertise)"
		}
		return fault(name, fmt.Sprintf("was told at %s to come to TCP port %s of %s, and has not come", clockText(at), control, told), openTCP(box, control))
	case strings.Contains(line, "/app/"):
		return warning(name, fmt.Sprintf("asked the bootstrap at %s and has not registered", clockText(at)), "take it off its power once; `V720DVR_LOG_LEVEL=debug` shows every message")
	}
	return note(name, fmt.Sprintf("asked port %s at %s for what no camera asks for: a browser, or a scanner", portText(box, "cloud.http"), clockText(at)))
}

// openTCP is how a firewall lets cameras come to a port.
func openTCP(box boxFacts, port string) string {
	if slices.Contains(box.Firewalls, "firewalld") {
		return fmt.Sprintf("`sudo firewall-cmd --add-port=%s/tcp --permanent && sudo firewall-cmd --reload`", port)
	}
	if slices.Contains(box.Firewalls, "ufw") {
		return fmt.Sprintf("`sudo ufw allow %s/tcp`", port)
	}
	return fmt.Sprintf("let TCP port %s through: `sudo nft list ruleset` shows the rules of this machine; see too that the names lead to an address that the camera reaches", port)
}

// portText is the port of a key, as it is bound.
func portText(box boxFacts, key string) string {
	for _, p := range box.Ports {
		if p.Key == key {
			if _, port, err := net.SplitHostPort(p.Address); err == nil {
				return port
			}
		}
	}
	return map[string]string{"cloud.http": "80", "cloud.control": "6123", "cloud.mqtt": "1883"}[key]
}

func latest(times ...time.Time) (newest time.Time) {
	for _, t := range times {
		if t.After(newest) {
			newest = t
		}
	}
	return newest
}

// clockText is a time for people.
func clockText(t time.Time) string { return t.Format("15:04:05") }
