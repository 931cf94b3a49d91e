package main

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/cloud"
	"v720dvr/recorder"
	"v720dvr/web"
)

// nothing is a sink that takes all.
type nothing struct{ frames, sounds, events int }

func (n *nothing) Frame(camera.Frame) { n.frames++ }
func (n *nothing) Audio(camera.Audio) { n.sounds++ }
func (n *nothing) Event(camera.Event) { n.events++ }

// way is an arrival in words: who, and what was seen when.
func way(a web.Arrival) string {
	words := []string{string(a.Camera), a.Address}
	for _, s := range a.Steps {
		words = append(words, fmt.Sprintf("%s@%d", s.Step, s.At.Unix()))
	}
	return strings.TrimSpace(strings.Join(words, " "))
}

func TestWayInIsToldStepByStep(t *testing.T) {
	const door = camera.ID("0800c0000001")
	hall, lan := netip.MustParseAddr("192.168.1.50"), netip.MustParseAddr("192.168.1.51")
	a, sink := newArrivals(), new(nothing)
	w := a.before(sink)
	contact := func(id camera.ID, at cloud.Door, addr netip.Addr, second int64) {
		a.contact(cloud.Contact{Camera: id, Door: at, At: time.Unix(second, 0), Addr: addr, Said: "hello"})
	}
	number := uint64(0)
	want := func(ways ...string) {
		t.Helper()
		list, newest, _ := a.since(number)
		number = newest
		var got []string
		for _, one := range list {
			got = append(got, way(one))
		}
		if fmt.Sprint(got) != fmt.Sprint(ways) {
			t.Errorf("got %q, want %q", got, ways)
		}
	}
	want()
	_, _, changed := a.since(0)
	a.note("", hall, web.ArrivalStep{Step: web.StepDNS, At: time.Unix(1, 0)})
	select {
	case <-changed:
	default:
		t.Error("nobody was told")
	}
	want("192.168.1.50 dns@1")
	contact("", cloud.DoorHTTP, lan, 2)
	want("192.168.1.51 http@2")
	contact(door, cloud.DoorHTTP, hall, 3) // it says who it is: what it did before is its own
	want("0800c0000001 192.168.1.50 dns@1 http@3")
	a.note("", hall, web.ArrivalStep{Step: web.StepDNS, At: time.Unix(4, 0)})
	want("0800c0000001 192.168.1.50 dns@4 http@3")
	w.Frame(camera.Frame{Camera: door, At: time.Unix(4, 0), JPEG: []byte{1}}) // of no stream that is known: nothing to tell
	want()
	contact(door, cloud.DoorControl, hall, 5)
	w.Event(camera.Event{Camera: door, At: time.Unix(6, 0), Kind: camera.Streaming})
	w.Frame(camera.Frame{Camera: door, At: time.Unix(7, 0), Missing: 2}) // lost
	w.Frame(camera.Frame{Camera: door, At: time.Unix(8, 0), JPEG: []byte{1}})
	w.Frame(camera.Frame{Camera: door, At: time.Unix(9, 0), JPEG: []byte{1}})
	w.Audio(camera.Audio{Camera: door, At: time.Unix(10, 0)})
	w.Audio(camera.Audio{Camera: door, At: time.Unix(11, 0)})
	want("0800c0000001 192.168.1.50 dns@4 http@3 connect@5 stream@6 frame@8 sound@10")
	a.closed([]recorder.DeckStats{{Camera: door}, {Camera: "0800c0000002", Closed: time.Unix(12, 0)}})
	want()
	for range 2 {
		a.closed([]recorder.DeckStats{{Camera: door, Closed: time.Unix(12, 0)}})
	}
	contact(door, cloud.DoorMQTT, lan, 13)
	want("0800c0000001 192.168.1.51 dns@4 http@3 connect@5 mqtt@13 stream@6 frame@8 sound@10 file@12")
	w.Event(camera.Event{Camera: door, At: time.Unix(20, 0), Kind: camera.Streaming})
	w.Frame(camera.Frame{Camera: door, At: time.Unix(21, 0), JPEG: []byte{1}})
	want("0800c0000001 192.168.1.51 dns@4 http@3 connect@5 mqtt@13 stream@20 frame@21 sound@10 file@12")
	if *sink != (nothing{frames: 5, sounds: 2, events: 2}) {
		t.Errorf("the recorder got %+v", *sink)
	}
}

func TestStrangersCannotCrowdOutCamerasThatRegistered(t *testing.T) {
	a := newArrivals()
	at := func(n int) time.Time { return time.Unix(int64(n), 0) }
	for i := range 10 {
		a.contact(cloud.Contact{Camera: camera.ID(fmt.Sprintf("0800c000000%d", i)), Door: cloud.DoorControl, At: at(i)})
	}
	for i := range 3 * mostArrivals {
		a.contact(cloud.Contact{Camera: camera.ID(fmt.Sprintf("madeup%06d", i)), Door: cloud.DoorHTTP, At: at(100 + i), Addr: netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)})})
	}
	list, _, _ := a.since(0)
	if len(list) != mostArrivals {
		t.Errorf("%d are remembered, want %d", len(list), mostArrivals)
	}
	for i, one := range list[:10] {
		if want := camera.ID(fmt.Sprintf("0800c000000%d", i)); one.Camera != want {
			t.Errorf("got %s, want %s", one.Camera, want)
		}
	}
}

const anARPTable = `IP address       HW type     Flags       HW address            Mask     Device
192.168.1.50     0x1         0x2         b4:6d:c2:01:02:03     *        eth0
192.168.1.51     0x1         0x0         00:00:00:00:00:00     *        eth0
192.168.1.52     0x20        0x2         80:00:02:08:fe:80:00:00:00:00:00:00:00:01:02:03:04:05:06:07     *        ib0
not an address   0x1         0x2         b4:6d:c2:01:02:04     *        eth0
`

func TestNeighboursAreThoseWhoAnswered(t *testing.T) {
	got := parseNeighbours(strings.NewReader(anARPTable))
	if len(got) != 1 || got["192.168.1.50"] != "b4:6d:c2:01:02:03" {
		t.Errorf("got %v", got)
	}
}

func FuzzNeighbours(f *testing.F) {
	f.Add(anARPTable)
	f.Add("")
	f.Add("192.168.1.50 0x1 0x2 b4:6d:c2:01:02:03")
	f.Fuzz(func(t *testing.T, table string) {
		for addr, mac := range parseNeighbours(strings.NewReader(table)) {
			if _, err := netip.ParseAddr(addr); err != nil || len(mac) != 17 {
				t.Errorf("got %q at %q", mac, addr)
			}
		}
	})
}
