package cloud

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"v720dvr/camera"
	"v720dvr/cloud/v720"
)

// ask sends a request as cameras do, without length or user agent, and reads one answer.
func ask(t *testing.T, s *Server, requests ...string) (status []int, bodies []string) {
	t.Helper()
	c := dial(t, s.Addrs().HTTP)
	r := bufio.NewReader(c)
	for _, request := range requests {
		write(t, c, []byte(request))
		answer, err := http.ReadResponse(r, nil)
		if err != nil {
			t.Fatalf("%q: %v", request, err)
		}
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatalf("%q: %v", request, err)
		}
		status, bodies = append(status, answer.StatusCode), append(bodies, string(body))
	}
	return status, bodies
}

// register puts a camera on the control channel.
func register(t *testing.T, s *Server, id string) {
	t.Helper()
	c := dial(t, s.Addrs().Control)
	write(t, c, v720.Packet{Payload: []byte(`{"code":100,"uid":"` + id + `","token":"91edf41f"}`)}.Append(nil))
	if p, err := v720.NewDecoder(c).Next(); err != nil || string(p.Payload) != string(v720.RegisterDone()) {
		t.Fatalf("got %q, %v, want a 101", p.Payload, err)
	}
}

// Who asks where its server is has booted; who registers without asking had power all the time.
func TestRegistrationTellsACameraThatBootedFromOneThatDidNot(t *testing.T) {
	const id = "0800c00128F8"
	sink := newCollector()
	s := startServer(t, Options{Sink: sink})
	register(t, s, id)
	ask(t, s, post("/app/api/ApiServer/getA9ConfCheck?devicesCode="+id))
	register(t, s, id)
	register(t, s, id)
	var arrivals []string
	sink.mu.Lock()
	defer sink.mu.Unlock()
	for _, e := range sink.events {
		if e.Kind == camera.Online {
			arrivals = append(arrivals, e.Detail)
		}
	}
	if got := strings.Join(arrivals, " "); got != "reconnected booted reconnected" {
		t.Errorf("got %q", got)
	}
}

// Device codes that anybody can make up make no cameras.
func TestBootstrapRaisesNoEventsForStrangers(t *testing.T) {
	sink := newCollector()
	s := startServer(t, Options{Sink: sink})
	var requests []string
	for i := range 100 {
		requests = append(requests, post(fmt.Sprintf("/app/api/ApiAlarm/alarm?devicesCode=0800c0%06d", i)))
	}
	ask(t, s, requests...)
	sink.mu.Lock()
	defer sink.mu.Unlock()
	if len(sink.events) != 0 || s.Strangers() != 100 {
		t.Errorf("%d events, %d strangers counted; want none and 100", len(sink.events), s.Strangers())
	}
}

func post(uri string) string {
	return "POST " + uri + " HTTP/1.1\r\nHost: v720.naxclow.com\r\nversion: 202411150000\r\n\r\n"
}

func TestBootstrapAnswersEveryEndpoint(t *testing.T) {
	sink := newCollector()
	s := startServer(t, Options{Sink: sink})
	register(t, s, "0800c00128F8")
	ok := func(data string) string { return `{"code":200,"message":"操作成功","data":` + data + `}` }
	query := "?devicesCode=0800c00128F8&random=FGHIJK&token=68778db973"
	cases := []struct {
		uri    string
		status int
		body   string
	}{
		{"/app/api/ApiSysDevicesBatch/registerDevices?batch=A9_X4_V12&random=DEFGHI&token=547d4ef98b", 200, ok(`"0800c0000001"`)},
		{"/app/api/ApiSysDevicesBatch/confirm" + query, 200, ok("null")},
		{"/app/api/ApiSysDevices/getDevInfo" + query, 200, ok(`{"userInfo_userId":" ","ota_url":null,"userInfo_state":1}`)},
		{"/app/api/ApiSysDevices/a9bindingAppDevice" + query, 200, ok("null")},
		{"/app/api/ApiDorrBell/doorBellSendBase64IMG" + query, 200, ok("null")},
		{"/app/api/ApiServer/getA9ConfCheck?random=FGHIJK", 400, ""},
		{"/app/api/ApiServer/getA9ConfCheck?devicesCode=../../etc", 400, ""},
		{"/ota/A9.bin", 404, ""},
	}
	requests := make([]string, len(cases))
	for i, c := range cases {
		requests[i] = post(c.uri)
	}
	status, bodies := ask(t, s, requests...) // all on one connection
	for i, c := range cases {
		if status[i] != c.status || bodies[i] != c.body {
			t.Errorf("%s: got %d %s, want %d %s", c.uri, status[i], bodies[i], c.status, c.body)
		}
	}
	sink.mu.Lock()
	defer sink.mu.Unlock()
	if len(sink.events) != 2 || sink.events[1].Kind != camera.Device || !strings.HasPrefix(sink.events[1].Detail, "/app/api/ApiDorrBell/doorBellSendBase64IMG?") {
		t.Errorf("events are %+v, want the registration and the doorbell's", sink.events)
	}
}

func TestBootstrapTakesWhatADoorbellPosts(t *testing.T) {
	sink := newCollector()
	s := startServer(t, Options{Sink: sink})
	register(t, s, "0800c00128F8")
	picture := strings.Repeat("QUJD", 20_000)
	status, _ := ask(t, s, fmt.Sprintf("POST /app/api/ApiDorrBell/doorBellSendBase64IMG?devicesCode=0800c00128F8 HTTP/1.1\r\nHost: v720.naxclow.com\r\nContent-Length: %d\r\n\r\n%s", len(picture), picture))
	sink.mu.Lock()
	defer sink.mu.Unlock()
	if status[0] != 200 || len(sink.events) != 2 || len(sink.events[1].Detail) != maxEventDetail {
		t.Errorf("got status %v and %d events, want 200 and one of %d bytes", status, len(sink.events), maxEventDetail)
	}
}

func TestBootstrapTellsTheAdvertisedAddress(t *testing.T) {
	s := startServer(t, Options{Advertise: mustAddr("192.0.2.7")})
	_, bodies := ask(t, s, post("/app/api/ApiServer/getA9ConfCheck?devicesCode=0800c00128F8"))
	if want := `"host":"192.0.2.7"`; !strings.Contains(bodies[0], want) {
		t.Errorf("got %s, want %s in it", bodies[0], want)
	}
}

// A code that could not be written down is not given: the camera asks again, and keeps it for ever.
func TestBootstrapGivesNoCodeThatWasNotWrittenDown(t *testing.T) {
	s := startServer(t, Options{Registry: &registry{fail: errors.New("disk is full")}})
	status, bodies := ask(t, s, post("/app/api/ApiSysDevicesBatch/registerDevices?batch=A9"), post("/app/api/ApiServer/getA9ConfCheck?devicesCode=0800c00128F8"))
	if status[0] != 500 || status[1] != 500 || bodies[0]+bodies[1] != "" {
		t.Errorf("got %v %q, want 500 twice and no body", status, bodies)
	}
}

func TestBootstrapEndsAConnectionThatSpeaksSomethingElse(t *testing.T) {
	s := startServer(t, Options{})
	for _, bytes := range []string{"\x16\x03\x01\x02\x00\x01\x00\x01\xfc", "POST\r\n\r\n", "GET / HTTP/1.1\r\nX: " + strings.Repeat("a", 2*maxRequestHead) + "\r\n\r\n"} {
		c := dial(t, s.Addrs().HTTP)
		c.Write([]byte(bytes)) // may fail half way: the server has hung up
		if tcp, ok := c.(interface{ CloseWrite() error }); ok {
			tcp.CloseWrite()
		}
		if n, err := c.Read(make([]byte, 1)); n != 0 || err == nil {
			t.Errorf("%.20q: got an answer, want the end", bytes)
		}
	}
	if s.Malformed() != 3 {
		t.Errorf("counted %d malformed requests, want 3", s.Malformed())
	}
}

// A doorbell's picture is read to its end, and the end of what is too long is no request.
func TestBootstrapReadsABodyOfTwoMegabytesAndNoMore(t *testing.T) {
	sink := newCollector()
	s := startServer(t, Options{Sink: sink})
	register(t, s, "0800c00128F8")
	send := func(size int) string {
		return fmt.Sprintf("POST /app/api/ApiDorrBell/doorBellSendBase64IMG?devicesCode=0800c00128F8 HTTP/1.1\r\nContent-Length: %d\r\n\r\n", size)
	}
	picture := strings.Repeat("x", maxRequestBody)
	if status, _ := ask(t, s, send(len(picture))+picture, send(4)+"abcd"); status[0] != 200 || status[1] != 200 {
		t.Errorf("got %v, want 200 twice", status)
	}
	c := dial(t, s.Addrs().HTTP)
	tail := post("/app/api/ApiSysDevices/getDevInfo")
	go c.Write([]byte(send(len(picture)+len(tail)) + picture + tail))
	if n, err := c.Read(make([]byte, 1)); n != 0 || err == nil {
		t.Error("a body that is too long was answered, want the end")
	}
	sink.mu.Lock()
	defer sink.mu.Unlock()
	var sizes []int
	for _, e := range sink.events {
		if e.Kind == camera.Device {
			sizes = append(sizes, len(e.Detail))
		}
	}
	if len(sizes) != 2 || sizes[0] != maxEventDetail || sizes[1] > 200 {
		t.Errorf("events are of %v bytes, want %d and a few", sizes, maxEventDetail)
	}
}

// A registry that hangs, on a disk that does, keeps nobody from stopping.
func TestTheRegistryIsNotWaitedForWhenWeStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newTown(t, Options{Registry: hanging{}})
		write(t, n.visit("10.42.0.22", 80), []byte(post("/app/api/ApiSysDevicesBatch/registerDevices?batch=A9")))
		write(t, n.visit("10.42.0.22", 80), []byte(post("/app/api/ApiServer/getA9ConfCheck?devicesCode=0800c00128F8")))
		write(t, n.visit("10.42.0.22", 6123), v720.Packet{Payload: []byte(`{"code":100,"uid":"0800c00128F8"}`)}.Append(nil))
		synctest.Wait()
		began := time.Now()
		n.stop()
		if took := time.Since(began); took > farewell {
			t.Errorf("stopping took %v, want at most %v", took, farewell)
		}
	})
}

// hanging is a registry that answers when it is not waited for any more.
type hanging struct{}

func (hanging) IssueCamera(ctx context.Context) (camera.ID, error) {
	<-ctx.Done()
	return "", ctx.Err()
}

func (hanging) Secret(ctx context.Context, _ camera.ID) (string, error) {
	<-ctx.Done()
	return "", ctx.Err()
}
