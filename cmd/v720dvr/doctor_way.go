package main

import (
	"fmt"
	"time"

	"v720dvr/web"
)

// lentState is what the cloud calls a camera whose pictures go to another host.
const lentState = "sends to another host"

// wayOf tells step by step how far a camera has come. docs/protocol.md, sections 2 to 4 and 9.
func wayOf(c cameraFacts) web.Way {
	w := web.Way{Camera: c.id(), Name: c.Name, Address: c.Arrival.Address, MAC: c.Arrival.MAC}
	if w.Address == "" {
		w.Address = c.Address
	}
	add := func(name string, step web.Step, known bool) {
		at, line := c.step(step)
		w.Steps = append(w.Steps, web.WayStep{Step: name, Seen: known || !at.IsZero(), At: at, Line: line})
	}
	add("dns", web.StepDNS, false)
	add("http", web.StepHTTP, false)
	w.Steps = append(w.Steps, web.WayStep{Step: "firmware", Seen: c.Firmware != "", At: c.seen(web.StepHTTP), What: c.Firmware})
	add("connect", web.StepConnect, c.Online)
	add("mqtt", web.StepMQTT, c.Broker)
	add("udp", web.StepUDP, false)
	add("frame", web.StepFrame, c.FPS > 0)
	w.Missing = missing(c, w.Steps)
	return w
}

// missing is the step that is waited for: the first behind the last one that must have been. Of DNS only our own is
// seen, a registered camera need not ask HTTP again, and without MQTT it streams all the same.
func missing(c cameraFacts, steps []web.WayStep) string {
	if c.Online && c.FPS > 0 {
		return ""
	}
	last := 0
	for i, s := range steps {
		if s.Seen && s.Step != "firmware" && s.Step != "mqtt" {
			last = i + 1
		}
	}
	if !c.Online && last > 3 { // it was here: it is to come again
		return "connect"
	}
	for _, s := range steps[last:] {
		if !s.Seen && s.Step != "mqtt" && s.Step != "firmware" && s.Step != "dns" {
			return s.Step
		}
	}
	return "frame"
}

// opens is how long a camera takes from one step to the next, at the most: it tries again within 30 s.
// docs/protocol.md, section 4. Tests of the command give it less.
var opens = 15 * time.Second

// judgeCamera says what keeps a camera from being recorded, or an address from becoming one.
func judgeCamera(c cameraFacts, box boxFacts) []web.Finding {
	var found []web.Finding
	add := func(f web.Finding) {
		f.Camera = c.id()
		if f.Camera == "" {
			f.Address = c.Arrival.Address
		}
		found = append(found, f)
	}
	name := c.called()
	switch {
	case c.ID == "":
		add(judgeComer(c, box, name))
		return found
	case !c.Approved:
		add(note(name, "waits for your yes (cloud.new_cameras)", "`v720dvr cameras approve "+string(c.id())+"`"))
	case c.Online:
		add(judgeOnline(c, box, name))
		if c.Problem != "" {
			add(fault(name, "is not recorded: "+c.Problem, "see what is said of the disk"))
		}
		if !c.Broker && box.At.Sub(c.Since) > opens && !c.Demo {
			add(note(name, "is not at the MQTT broker: it streams, and takes fewer commands", "let TCP port "+portText(box, "cloud.mqtt")+" through, if it is to be steered"))
		}
	default:
		add(judgeAway(c, box, name))
	}
	return found
}

// judgeOnline is of a camera whose control connection is up.
func judgeOnline(c cameraFacts, box boxFacts, name string) web.Finding {
	udp, stream, frame := c.seen(web.StepUDP), c.seen(web.StepStream), c.seen(web.StepFrame)
	port := box.Announced.Port()
	switch {
	case c.FPS > 0:
		if total := c.Frames + c.Lost; total > 500 && c.Lost*20 > total {
			return warning(name, fmt.Sprintf("streams, and %.0f %% of its pictures never came whole: its Wi-Fi is weak", float64(c.Lost)/float64(total)*100),
				"move it or an access point nearer, or use another 2.4 GHz channel (1, 6 or 11)")
		}
		return well(name, fmt.Sprintf("streams %.1f pictures a second", c.FPS))
	case box.At.Sub(c.Since) < opens:
		return note(name, "has just registered: "+c.State)
	case c.State == lentState:
		return note(name, "sends its pictures to another host", "`v720dvr cameras take-back "+string(c.id())+"`")
	case udp.Before(c.Since.Add(-time.Second)):
		return fault(name, fmt.Sprintf("registered by TCP at %s, and nothing of it has come by UDP since: UDP port %d does not pass between the camera and this machine", clockText(c.Since), port), openUDP(box, port))
	case stream.Before(c.Since):
		return fault(name, "answers by UDP, and its stream does not begin", "`v720dvr cameras reboot "+string(c.id())+"`, or take it off its power; `v720dvr capture start "+string(c.id())+"` shows what it says")
	case frame.Before(stream):
		return warning(name, "its stream is open, and no picture has come whole since "+clockText(stream), "its Wi-Fi is weak: move it nearer")
	}
	return warning(name, "no picture comes since "+clockText(c.LastFrame)+" ("+c.State+")", "v720dvr opens the stream again by itself; when it stays so, take the camera off its power")
}

// judgeAway is of a camera that has been here and is not now.
func judgeAway(c cameraFacts, box boxFacts, name string) web.Finding {
	http, connect, dns := c.seen(web.StepHTTP), c.seen(web.StepConnect), c.seen(web.StepDNS)
	switch {
	case !http.IsZero() && http.After(connect) && box.At.Sub(http) > opens:
		return judgeAsked(c, box, name)
	case c.Broker:
		return note(name, "is at the MQTT broker alone: a battery camera that sleeps; v720dvr wakes it")
	case !dns.IsZero() && dns.After(connect) && dns.After(http) && box.At.Sub(dns) > opens:
		return fault(name, "asked for its server's name at "+clockText(dns)+", and did not come to port "+portText(box, "cloud.http"), openTCP(box, portText(box, "cloud.http")))
	case c.Away != "":
		return warning(name, "is away: "+c.Away, "see that it has power and Wi-Fi; it comes back by itself")
	case c.LastSeen.IsZero():
		return note(name, "has never been here", "switch it on; README.md, \"Your first camera\", has each step")
	}
	return warning(name, "has not come since the start; it was here last at "+c.LastSeen.In(box.At.Location()).Format("2006-01-02 15:04"), "see that it has power and Wi-Fi")
}
