package metrics

import (
	"context"
	"log/slog"
	"net/http"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// scrapeLimit bounds how long the source may take, so that scrapes do not pile up before a slow disk.
const scrapeLimit = 8 * time.Second

// mostScrapes are answered at once; more get 503.
const mostScrapes = 4

// Handler answers scrapes, in the form that is asked for.
func Handler(source Source, log *slog.Logger) http.Handler {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(
		&collector{source, log},
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{MaxRequestsInFlight: mostScrapes, ErrorHandling: promhttp.HTTPErrorOnError})
}

// collector makes metrics of figures.
type collector struct {
	source Source
	log    *slog.Logger
}

// Describe tells all that Collect may give.
func (c *collector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range descriptions {
		to <- d.desc
	}
}

// Collect asks the source, once for each scrape.
func (c *collector) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeLimit)
	defer cancel()
	f, err := c.source.Figures(ctx)
	if err != nil {
		c.log.Warn("figures cannot be told to who measures", "err", err)
		to <- prometheus.NewInvalidMetric(descriptions[0].desc, err)
		return
	}
	o := out{to}
	o.box(f)
	for i := range f.Cameras {
		o.camera(&f.Cameras[i])
	}
	for _, d := range f.Deleted {
		o.put(deletedSegments, float64(d.Segments), d.Rule)
		o.put(deletedBytes, float64(d.Bytes), d.Rule)
	}
	for _, h := range f.Hooks {
		o.put(hookWaiting, float64(h.Waiting), h.Name)
		o.put(hookDone, float64(h.Done), h.Name)
		o.put(hookFailed, float64(h.Failed), h.Name)
		o.put(hookLost, float64(h.Lost), h.Name)
	}
	o.requests(f.Requests)
}

type out struct{ to chan<- prometheus.Metric }

func (o out) put(d *description, value float64, labels ...string) {
	m, err := prometheus.NewConstMetric(d.desc, d.kind, value, labels...)
	if err != nil { // a name that is no UTF-8
		m = prometheus.NewInvalidMetric(d.desc, err)
	}
	o.to <- m
}

func (o out) box(f Figures) {
	o.put(buildInfo, 1, f.Version, runtime.Version())
	o.put(problems, float64(f.Problems))
	o.put(viewers, float64(f.Viewers))
	o.put(diskReady, truth(f.Disk.Trouble == ""))
	o.put(diskSize, float64(f.Disk.Size))
	o.put(diskFree, float64(f.Disk.Free))
	o.put(diskMinFree, float64(f.Disk.MinFree))
	o.put(waiting, float64(f.Disk.Waiting))
	o.put(budget, float64(f.Disk.Budget))
	o.put(keptBytes, float64(f.Disk.Kept))
	if !f.Disk.Oldest.IsZero() {
		o.put(oldest, float64(f.Disk.Oldest.Unix()))
	}
	o.put(malformed, float64(f.Doors.Malformed))
	o.put(strangers, float64(f.Doors.Strangers))
	o.put(refused, float64(f.Doors.Refused))
	o.put(droppedDatagrams, float64(f.Doors.Dropped))
	if h := f.HomeAssistant; h != nil {
		o.put(homeConnected, truth(h.Connected))
		o.put(homeSent, float64(h.Sent))
		o.put(homeDropped, float64(h.Dropped))
		o.put(homeCommands, float64(h.Commands))
		o.put(homeRefused, float64(h.Refused))
	}
	if r := f.RTSP; r != nil {
		o.put(rtspReaders, float64(r.Readers))
		o.put(rtspPictures, float64(r.Pictures))
		o.put(rtspSounds, float64(r.Sounds))
		o.put(rtspDropped, float64(r.Dropped))
		o.put(rtspRefused, float64(r.Refused))
		o.put(rtspSlow, float64(r.Slow))
		o.put(rtspDenied, float64(r.Denied))
		o.put(rtspStrangers, float64(r.Strangers))
	}
	o.durations(syncs, f.Syncs)
}

// durations puts a histogram.
func (o out) durations(d *description, t Durations, labels ...string) {
	buckets := make(map[float64]uint64, len(t.Buckets))
	for most, n := range t.Buckets {
		buckets[most.Seconds()] = n
	}
	m, err := prometheus.NewConstHistogram(d.desc, t.Count, t.Sum.Seconds(), buckets, labels...)
	if err != nil {
		m = prometheus.NewInvalidMetric(d.desc, err)
	}
	o.to <- m
}

func (o out) camera(c *Camera) {
	o.put(cameraInfo, 1, c.ID, c.Name, c.Model, c.Firmware)
	o.put(online, truth(c.Online), c.ID)
	o.put(recording, truth(c.Recording), c.ID)
	for d, n := range map[*description]int64{
		frames: c.Frames, frameBytes: c.Bytes, repaired: c.Repaired, lost: c.Lost, recorded: c.Recorded, dropped: c.Dropped,
		droppedSound: c.DroppedSound, segments: c.Segments, connections: c.Connections,
	} {
		o.put(d, float64(n), c.ID)
	}
	o.put(queue, float64(c.Queue), c.ID)
	if !c.Last.IsZero() {
		o.put(frameAge, max(time.Since(c.Last), 0).Seconds(), c.ID)
		o.put(frameRate, c.FPS, c.ID)
		o.put(motion, c.Motion, c.ID)
	}
	if !c.Online { // its session is over, and the counts with it
		return
	}
	for d, n := range map[*description]int64{
		packages: c.Packages, missing: c.Missing, duplicate: c.Duplicate, late: c.Late, tooLate: c.TooLate, sounds: c.Sounds,
	} {
		o.put(d, float64(n), c.ID)
	}
}

func truth(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
