package main

import (
	"flag"
	"fmt"
	"os/exec"
	"strings"
	"testing"
)

var (
	peers      = flag.Duration("peers", 0, "measure v720dvr, ffmpeg and motion beside each other for so long, as `make bench-peers` does, and write the table of docs/performance.md")
	peersDraft = flag.Bool("peers-draft", false, "with -peers: print the table and leave the document as it is")
)

// TestPeersBesideEachOther is `make bench-peers`. It wants a quiet machine, and is no part of the tests otherwise.
func TestPeersBesideEachOther(t *testing.T) {
	if *peers == 0 {
		t.Skip("measures for minutes: make bench-peers")
	}
	for _, name := range []string{"ffmpeg", "ffprobe", "motion"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Fatalf("%v: apt-get install ffmpeg motion", err)
		}
	}
	const cameras, kills = 4, 2
	var rows []string
	row := func(what string, say func(result) string, of func(result) float64, got map[string]result) {
		cells := []string{what}
		ours := of(got["v720dvr"])
		for _, v := range recorders() {
			text := say(got[v.name])
			if !v.ours && ours > 0 {
				text += fmt.Sprintf(" (%.2g ×)", of(got[v.name])/ours)
			}
			cells = append(cells, text)
		}
		rows = append(rows, "| "+strings.Join(cells, " | ")+" |")
	}
	for i, loss := range []float64{0, 0.02, 0.05, 0.2} {
		lasts := *peers
		if i > 0 {
			lasts /= 2
		}
		r := &race{t: t, cameras: cameras, loss: loss}
		got, relay := r.run(lasts, false)
		minutes := lasts.Minutes() * cameras
		if i == 0 {
			row("CPU-seconds per camera and minute", func(r result) string { return fmt.Sprintf("%.2f", r.cpu.Seconds()/minutes) }, func(r result) float64 { return r.cpu.Seconds() }, got)
			row("resident memory of all, MiB", func(r result) string { return fmt.Sprint(r.resident >> 20) }, func(r result) float64 { return float64(r.resident) }, got)
			rows = append(rows, fmt.Sprintf("| the relay's own CPU-seconds per camera and minute | – | – | %.2f, for both | |", relay.Seconds()/minutes))
		}
		row(fmt.Sprintf("pictures kept, %g %% of the datagrams lost each way", loss*100), share, keptShare, got)
		if i == 0 {
			row("length that ffprobe tells, of the true one", trueLength, func(result) float64 { return 0 }, got)
		}
		t.Logf("%g %%: %+v", loss*100, got)
	}
	sum := map[string]result{}
	for range kills {
		r := &race{t: t, cameras: cameras}
		got, _ := r.run(*peers/4, true)
		for name, g := range got {
			s := sum[name]
			s.taken, s.kept, s.late, s.length, s.real = s.taken+g.taken, s.kept+g.kept, max(s.late, g.late), s.length+g.length, s.real+g.real
			sum[name] = s
		}
		t.Logf("kill -9: %+v", got)
	}
	row("pictures that can be shown after kill -9", share, keptShare, sum)
	row("missing at the end then, at most, s", func(r result) string { return fmt.Sprintf("%.1f", r.late.Seconds()) }, func(result) float64 { return 0 }, sum)
	row("length that ffprobe tells then, of the true one", func(r result) string {
		return fmt.Sprintf("%.0f %%", 100*r.length.Seconds()/max(1e-9, r.real.Seconds()))
	}, func(result) float64 { return 0 }, sum)
	writePeers(t, cameras, rows)
}

func keptShare(r result) float64 { return float64(r.kept) / float64(max(1, r.taken)) }

func share(r result) string { return fmt.Sprintf("%.1f %%", 100*keptShare(r)) }

func trueLength(r result) string {
	return fmt.Sprintf("%.0f %%", 100*r.length.Seconds()/max(1e-9, r.real.Seconds()))
}
