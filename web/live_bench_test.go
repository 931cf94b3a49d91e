package web

import (
	"context"
	"encoding/binary"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"v720dvr/camera"
	"v720dvr/storage"
	"v720dvr/storage/storagetest"
)

// From Hub.Frame to the message in the hands of a viewer, over loopback: 16 cameras of 10 pictures of
// 18 KB a second, 8 viewers of all of them, who acknowledge what they have read.
//
//	go test ./web -run '^$' -bench LiveLatency -benchtime 1600x
//
// is ten seconds of that.
func BenchmarkLiveLatency(b *testing.B) {
	const cameras, fps, viewers, size = 16, 10, 8, 18 << 10
	store := storagetest.Open(b, storage.Options{})
	box := newHall(store, time.Now)
	box.cameras = nil
	var ids []camera.ID
	for i := range cameras {
		ids = append(ids, camera.ID(fmt.Sprintf("0800c00000%02d", i)))
		box.cameras = append(box.cameras, Camera{ID: ids[i], Name: "camera"})
	}
	s := serving(b, Options{Listen: "127.0.0.1:0", Open: true, Store: store, Box: box})
	var wish struct {
		Type    string       `json:"type"`
		Cameras []viewerWish `json:"cameras"`
	}
	wish.Type = "subscribe"
	for i := range cameras {
		wish.Cameras = append(wish.Cameras, viewerWish{Cam: uint16(i + 1), Pictures: true})
	}
	var mu sync.Mutex
	var took []time.Duration
	var lost int
	var running sync.WaitGroup
	for range viewers {
		conn, _, err := websocket.Dial(b.Context(), "ws://"+s.Addr().String()+"/api/v1/live", &websocket.DialOptions{HTTPClient: http.DefaultClient})
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { conn.CloseNow() })
		conn.SetReadLimit(2 << 20)
		l := &looker{b, conn}
		l.next("hello")
		l.send(wish)
		l.send(fields{"type": "ping"})
		l.next("pong")
		running.Go(func() {
			mine := make([]time.Duration, 0, b.N)
			last := make([]uint32, cameras+1)
			missing := 0
			for kind, raw, err := conn.Read(b.Context()); err == nil; kind, raw, err = conn.Read(b.Context()) {
				if kind != websocket.MessageBinary {
					continue
				}
				mine = append(mine, time.Since(time.UnixMicro(int64(binary.BigEndian.Uint64(raw[7:])))))
				cam, number := binary.BigEndian.Uint16(raw[1:]), binary.BigEndian.Uint32(raw[3:])
				missing += int(number - last[cam] - 1)
				last[cam] = number
				ack := fmt.Appendf(nil, `{"type":"ack","cam":%d,"seq":%d}`, cam, number)
				if err := conn.Write(b.Context(), websocket.MessageText, ack); err != nil {
					break
				}
			}
			mu.Lock()
			defer mu.Unlock()
			took = append(took, mine...)
			lost += missing
		})
	}
	jpeg := shot("", 0, size).JPEG
	tick := time.NewTicker(time.Second / (cameras * fps))
	defer tick.Stop()
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		<-tick.C
		s.o.Live.Frame(camera.Frame{Camera: ids[i%cameras], At: time.Now(), JPEG: jpeg})
	}
	b.StopTimer()
	s.stop() // closes all, behind what was on its way
	running.Wait()
	slices.Sort(took)
	at := func(share float64) float64 {
		return float64(took[int(share*float64(len(took)-1))]) / float64(time.Millisecond)
	}
	if len(took) == 0 {
		b.Fatal("nothing came")
	}
	b.ReportMetric(at(0.5), "p50-ms")
	b.ReportMetric(at(0.99), "p99-ms")
	b.ReportMetric(at(1), "max-ms")
	b.ReportMetric(float64(lost), "thinned")
}

// served is a server that a benchmark stops itself.
type served struct {
	*Server
	stop func()
}

func serving(b *testing.B, o Options) served {
	b.Helper()
	s, err := New(o)
	if err != nil {
		b.Fatal(err)
	}
	if err := s.Listen(b.Context()); err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	stop := sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			b.Error(err)
		}
	})
	b.Cleanup(stop)
	return served{s, stop}
}
