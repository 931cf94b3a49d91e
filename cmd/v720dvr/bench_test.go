package main

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"v720dvr/cloud/cloudtest"
	"v720dvr/storage"
)

// BenchmarkProcess measures the real program over real sockets for a minute, in a process of its
// own: what it costs to record, without the simulated cameras, which live in this one. Run it with
// -bench Process -benchtime 1x. docs/performance.md has what it gave.
func BenchmarkProcess(b *testing.B) {
	for _, cameras := range []int{1, 16, 64, 128} {
		b.Run(fmt.Sprint(cameras, " cameras"), func(b *testing.B) {
			for b.Loop() {
				measureProcess(b, cameras, time.Minute)
			}
		})
	}
}

func measureProcess(b *testing.B, cameras int, length time.Duration) {
	dir := b.TempDir()
	p := command(b, dir, "run")
	p.Env = append(p.Env, "V720DVR_CLOUD_HTTP=127.0.0.1:0", "V720DVR_CLOUD_CONTROL=127.0.0.1:0", "V720DVR_CLOUD_MQTT=127.0.0.1:0", "V720DVR_CLOUD_MAX_CAMERAS=256")
	p.start()
	ready := p.await("ready for cameras")
	address := func(name string) string { return regexp.MustCompile(name + `=(\S+)`).FindStringSubmatch(ready)[1] }

	ctx, stop := context.WithCancel(b.Context())
	var running sync.WaitGroup
	var simulated []*cloudtest.Camera
	for i := range cameras {
		scene, err := cloudtest.NewScene(cloudtest.SceneOptions{Seed: int64(i)})
		if err != nil {
			b.Fatal(err)
		}
		c, err := cloudtest.NewCamera(cloudtest.Options{
			ID: fmt.Sprintf("0800c0F0%04d", i), Host: cloudtest.Loopback{}, HTTP: address("http"), MQTT: address("mqtt"),
			Firmware: cloudtest.Firmware(i % 2), Source: scene, Seed: int64(i),
		})
		if err != nil {
			b.Fatal(err)
		}
		simulated = append(simulated, c)
		running.Go(func() { c.Run(ctx) })
	}
	wait(ctx, length-50*time.Millisecond)
	stop()
	running.Wait()
	p.Process.Signal(syscall.SIGTERM)
	if code := p.end(); code != exitDone {
		b.Fatalf("exit code %d; its log:\n%s", code, p.errors())
	}

	sent, skipped := 0, 0
	for _, c := range simulated {
		sent += c.State().Pictures
		skipped += c.State().SkippedPictures
	}
	recorded, bytes := 0, int64(0)
	view, err := storage.OpenReadOnly(b.Context(), dir+"/data")
	if err != nil {
		b.Fatal(err)
	}
	defer view.Close()
	records, err := view.Segments(b.Context(), storage.SegmentQuery{})
	if err != nil {
		b.Fatal(err)
	}
	for _, r := range records {
		recorded += r.Frames
		bytes += r.Bytes
	}
	usage := p.ProcessState.SysUsage().(*syscall.Rusage)
	cpu := p.ProcessState.UserTime() + p.ProcessState.SystemTime()
	minutes := float64(cameras) * length.Minutes()
	b.ReportMetric(cpu.Seconds()/minutes, "CPU-s/camera-minute")
	b.ReportMetric(float64(usage.Maxrss)/1024, "MiB-resident")
	b.ReportMetric(float64(sent), "sent")
	b.ReportMetric(float64(sent-recorded), "missing")
	b.ReportMetric(float64(skipped), "skipped")
	b.ReportMetric(float64(bytes)/float64(max(recorded, 1))/1024, "KiB/picture")
	b.ReportMetric(0, "ns/op")
	if strings.Contains(p.errors(), "level=ERROR") {
		fmt.Fprintln(os.Stderr, p.errors())
	}
}
