package rtsp

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/recorder/live"
)

// A picture of a real camera, 15 KB, from the hub until every reader over TCP has it. Each reader more costs what its
// packets cost to write: the difference of two lines.
func BenchmarkPictureToReaders(b *testing.B) {
	for _, readers := range []int{1, 2, 10} {
		b.Run(fmt.Sprintf("%d readers", readers), func(b *testing.B) {
			hub := live.NewHub()
			w := &world{hub: hub}
			s, err := New(Options{Listen: "127.0.0.1:0", Cameras: w, Open: true})
			if err != nil {
				b.Fatal(err)
			}
			if err := s.Listen(); err != nil {
				b.Fatal(err)
			}
			ended := make(chan error, 1)
			go func() { ended <- s.Run(b.Context()) }()
			b.Cleanup(func() { <-ended })
			data := read(b, realPicture)
			hub.Frame(camera.Frame{Camera: porch, At: time.Now(), JPEG: data})
			came := make([]chan struct{}, readers)
			for i := range readers {
				came[i] = make(chan struct{}, waitingPackets)
				c, err := net.Dial("tcp", s.Addr().String())
				if err != nil {
					b.Fatal(err)
				}
				defer c.Close()
				in := bufio.NewReaderSize(c, 64<<10)
				session := ask(b, c, in, "SETUP", s.Addr().String(), "/trackID=0", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n")
				ask(b, c, in, "PLAY", s.Addr().String(), "", "Session: "+session+"\r\n")
				go func() {
					buffer := make([]byte, 64<<10)
					for {
						if _, err := io.ReadFull(in, buffer[:4]); err != nil {
							return
						}
						channel, size := buffer[1], int(buffer[2])<<8|int(buffer[3])
						if _, err := io.ReadFull(in, buffer[:size]); err != nil {
							return
						}
						if channel == 0 && buffer[1]&0x80 != 0 { // the last packet of a picture
							came[i] <- struct{}{}
						}
					}
				}()
			}
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				hub.Frame(camera.Frame{Camera: porch, At: time.Now(), JPEG: data})
				for i := range came {
					<-came[i]
				}
			}
		})
	}
}

// ask makes a request, and returns the session that the answer names.
func ask(t testing.TB, c io.Writer, in *bufio.Reader, method, host, suffix, headers string) (session string) {
	t.Helper()
	fmt.Fprintf(c, "%s rtsp://%s/%s%s RTSP/1.0\r\nCSeq: 1\r\n%s\r\n", method, host, porch, suffix, headers)
	for first := true; ; first = false {
		line, err := in.ReadString('\n')
		if err != nil || first && line != "RTSP/1.0 200 OK\r\n" {
			t.Fatalf("%s: got %q, %v", method, line, err)
		}
		if value, is := strings.CutPrefix(line, "Session: "); is {
			session, _, _ = strings.Cut(strings.TrimSpace(value), ";")
		}
		if line == "\r\n" {
			return session
		}
	}
}
