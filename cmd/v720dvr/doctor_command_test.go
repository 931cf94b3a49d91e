package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"v720dvr/cloud/cloudtest"
	"v720dvr/web"
)

// nameServer answers each question for an IPv4 address with the same one, until the test ends.
func nameServer(t *testing.T, answer string) (at string) {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	t.Cleanup(func() { conn.Close(); <-ended })
	ip := netip.MustParseAddr(answer).As4()
	go func() {
		defer close(ended)
		for message := make([]byte, 1500); ; {
			n, from, err := conn.ReadFrom(message)
			if err != nil {
				return
			}
			const header, questionsType = 12, 5 // a NUL, type and class behind the name
			end := header + bytes.IndexByte(message[header:n], 0) + questionsType
			reply := append(bytes.Clone(message[:2]), 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0) // a good answer: one question, one record
			reply = append(reply, message[header:end]...)
			reply = append(reply, 0xc0, header, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4) // of the name asked for, A, IN, for a minute
			conn.WriteTo(append(reply, ip[:]...), from)
		}
	}()
	return conn.LocalAddr().String()
}

// withoutUDP is a machine behind a firewall that keeps its datagrams.
type withoutUDP struct{ cloudtest.Loopback }

func (h withoutUDP) ListenPacket(network, address string) (cloudtest.PacketConn, error) {
	conn, err := h.Loopback.ListenPacket(network, address)
	return keptBack{conn}, err
}

type keptBack struct{ cloudtest.PacketConn }

func (keptBack) WriteToUDPAddrPort(b []byte, _ netip.AddrPort) (int, error) { return len(b), nil }

// ailment is something made wrong on purpose, and what the doctor says of it.
type ailment struct {
	idle, running bool     // seen without a recorder, and with one
	wrong         []string // environment of the recorder and of the doctor
	camera        *cloudtest.Options
	about, found  string
	do            string
}

// Each trouble that people have had, made wrong on purpose: the doctor, as people and as programs call it, names it, says
// what to do, and fails.
func TestDoctorCommandFindsEachTroubleSaysWhatToDoAndFails(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { taken.Close() }) // behind the parallel ones
	_, takenPort, _ := net.SplitHostPort(taken.Addr().String())
	here := nameServer(t, "127.0.0.1")
	const id = "0800c0ABCDEF"
	all := map[string]ailment{
		"port taken": {
			idle: true, wrong: []string{"V720DVR_CLOUD_HTTP=" + taken.Addr().String()},
			about: "port " + takenPort, found: "(cameras' HTTP, cloud.http) is taken by ", do: "end it or give it another port",
		},
		"DNS leads elsewhere": {
			idle: true, running: true, wrong: []string{asResolver + "=" + nameServer(t, "192.0.2.7")},
			about: "DNS", found: "v720.naxclow.com is 192.0.2.7 here, which is not this machine", do: "answer *.naxclow.com with",
		},
		"UDP is blocked": {
			running: true, camera: &cloudtest.Options{Host: withoutUDP{}},
			about: id, found: "nothing of it has come by UDP since", do: "/udp",
		},
		"announced address is another machine's": {
			running: true, wrong: []string{"V720DVR_CLOUD_ADVERTISE=192.0.2.99"},
			about: "announced address", found: "192.0.2.99", do: "in the cameras' network",
		},
		"camera stops behind getDevInfo": {
			running: true, camera: &cloudtest.Options{Firmware: cloudtest.New, Hangs: []cloudtest.Step{cloudtest.Informed}},
			about: id, found: "asked getDevInfo at ", do: "take it off its power",
		},
		"disk nearly full": { // of any disk, less than that is free
			idle: true, running: true, wrong: []string{"V720DVR_RETENTION_MIN_FREE=9000TB"},
			about: "disk space", found: "is nearly full; 9000", do: "retention plan",
		},
	}
	troubles := make([]ailment, 0, len(all))
	for _, a := range all {
		troubles = append(troubles, a)
	}
	all["nothing"] = ailment{idle: true, running: true, camera: new(cloudtest.Options)}
	for name, a := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			environment := slices.Concat([]string{
				"V720DVR_CLOUD_HTTP=127.0.0.1:0", "V720DVR_CLOUD_CONTROL=127.0.0.1:0", "V720DVR_CLOUD_MQTT=127.0.0.1:0", "V720DVR_WEB_LISTEN=127.0.0.1:0",
				"V720DVR_RETENTION_MIN_FREE=1MB", asResolver + "=" + here, asHasty + "=300ms",
			}, a.wrong)
			start := func(args ...string) *process {
				p := command(t, dir, args...)
				p.Env = append(p.Env, environment...)
				return p.start()
			}
			doctor := func(running bool) {
				text, asJSON := start("doctor"), start("doctor", "--json")
				code, codeJSON := text.end(), asJSON.end()
				var d web.Diagnosis
				if err := json.Unmarshal(asJSON.stdout.Bytes(), &d); err != nil || d.Running != running {
					t.Fatalf("running %v: %v, %s%s", running, err, asJSON.stdout.String(), asJSON.errors())
				}
				if a.about == "" { // nothing is wrong but what may be wrong with the machine of the test
					for _, trouble := range troubles {
						if is := findingOf(d, trouble); is != nil {
							t.Errorf("running %v: found %+v", running, is)
						}
					}
					return
				}
				is := findingOf(d, a)
				if is == nil {
					t.Fatalf("running %v: not found among %+v", running, d.Findings)
				}
				if !strings.Contains(is.Do, a.do) || codeJSON != exitFailed || code != exitFailed {
					t.Errorf("running %v: %+v, exit codes %d and %d; want %q, and %d of both", running, is, code, codeJSON, a.do, exitFailed)
				}
				out := text.stdout.String()
				_, line, found := strings.Cut(out, severityWords[is.Severity]+strings.Repeat(" ", 9-len(severityWords[is.Severity]))+a.about+": ")
				for found && !strings.Contains(firstLine(line), a.found) { // another one about the same
					_, line, found = strings.Cut(line, a.about+": ")
				}
				_, next, _ := strings.Cut(line, "\n")
				if !found || !strings.HasPrefix(next, "         → ") || !strings.Contains(firstLine(next), a.do) {
					t.Errorf("running %v: for people it is\n%s", running, out)
				}
				if !strings.Contains(text.errors(), "found") {
					t.Errorf("running %v: it fails with %q", running, text.errors())
				}
			}
			if a.idle {
				doctor(false)
			}
			if !a.running {
				return
			}
			recorder := start("run")
			recorder.await("ready for cameras")
			if a.camera != nil {
				o := *a.camera
				o.ID, o.HTTP, o.MQTT = id, addressOf(t, recorder.errors(), "http"), addressOf(t, recorder.errors(), "mqtt")
				if o.Host == nil {
					o.Host = cloudtest.Loopback{}
				}
				lives(t, o)
				eventually(t, "the camera has come as far as it comes", func() bool {
					var d web.Diagnosis
					if err := ask(t.Context(), filepath.Join(dir, "data"), http.MethodGet, "/api/v1/doctor", nil, &d); err != nil {
						t.Fatal(err)
					}
					if a.about == "" {
						return len(d.Ways) == 1 && d.Ways[0].Missing == ""
					}
					return findingOf(d, a) != nil
				})
			}
			doctor(true)
			recorder.finish()
		})
	}
}

// lives runs a camera until the test ends.
func lives(t *testing.T, o cloudtest.Options) {
	t.Helper()
	c, err := cloudtest.NewCamera(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	t.Cleanup(func() { stop(); <-ended })
}

// findingOf is what the doctor found of a trouble; nil: nothing.
func findingOf(d web.Diagnosis, a ailment) *web.Finding {
	i := slices.IndexFunc(d.Findings, func(f web.Finding) bool {
		return (f.Severity == web.SeverityFault || f.Severity == web.SeverityWarning) && f.About == a.about && strings.Contains(f.Found, a.found)
	})
	if i < 0 {
		return nil
	}
	return &d.Findings[i]
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}
