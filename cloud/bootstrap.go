package cloud

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"v720dvr/camera"
)

// Bounds of the bootstrap HTTP, beside those of limits.go. A connection holds 16 KB of head and 4 KB
// that were read ahead; one of a registered camera also the beginning of a body, 64 KB of it, however
// long it is. Doorbells post pictures in base64; docs/protocol.md, section 2.
const (
	requestDeadline  = 15 * time.Second // for a request with its answer, and between two
	registryDeadline = 5 * time.Second
	maxRequestHead   = 16 << 10
	maxRequestBody   = 2 << 20
	maxEventDetail   = 64 << 10 // of a body; the rest is read and dropped
	maxKnown         = 1024     // cameras whose firmware is remembered before they register
)

// apiPrefix is where everything that cameras ask for lives.
const apiPrefix = "/app/api/"

// serveBootstrap answers the HTTP requests of one connection; ctx is the server's. It is not
// net/http's server that does it: some firmware counts on status line, header order and one segment
// an answer.
func (s *Server) serveBootstrap(ctx context.Context, conn net.Conn) {
	limit := &io.LimitedReader{R: conn}
	r := bufio.NewReaderSize(limit, 4096)
	for range maxRequests {
		conn.SetDeadline(time.Now().Add(requestDeadline))
		limit.N = maxRequestHead
		req, err := http.ReadRequest(r)
		if err != nil {
			if !errors.Is(err, io.EOF) {
				s.malformed.Add(1)
				s.log.Debug("HTTP request not understood", "from", conn.RemoteAddr(), "err", err)
			}
			return
		}
		limit.N = maxRequestBody + maxRequestHead // chunks have heads too
		keep := 0
		if s.posting(req, addrPortOf(conn.RemoteAddr()).Addr()) != nil {
			keep = maxEventDetail
		}
		body, err := readPosted(req, keep)
		if err != nil {
			s.malformed.Add(1)
			s.log.Debug("HTTP request is none of a camera's, or was cut short", "from", conn.RemoteAddr(), "method", req.Method, "path", req.URL.Path, "err", err)
			return
		}
		answer := s.answerBootstrap(ctx, req, body, addrPortOf(conn.LocalAddr()).Addr(), addrPortOf(conn.RemoteAddr()).Addr())
		if _, err := conn.Write(answer); err != nil || req.Close {
			return
		}
	}
}

// posted is a request's body: its beginning, and how long it was.
type posted struct {
	beginning []byte // what was kept
	size      int64
}

// readPosted reads a body to its end, since what is left of it would be taken for the next request,
// and keeps its first bytes.
func readPosted(req *http.Request, keep int) (posted, error) {
	if req.Method != http.MethodPost && req.Method != http.MethodGet {
		return posted{}, errors.New("a camera sends POST") // and others' answers have other rules: HEAD's has no body
	}
	beginning, err := io.ReadAll(io.LimitReader(req.Body, int64(keep)))
	if err != nil {
		return posted{}, err
	}
	size := int64(len(beginning))
	rest, err := io.Copy(io.Discard, io.LimitReader(req.Body, maxRequestBody-size+1))
	if err == nil && size+rest > maxRequestBody {
		err = fmt.Errorf("a body of more than %d bytes", maxRequestBody)
	}
	return posted{beginning, size + rest}, err
}

// answerBootstrap returns the whole answer to a request that reached us at local.
// docs/protocol.md, section 2.
func (s *Server) answerBootstrap(ctx context.Context, req *http.Request, body posted, local, remote netip.Addr) []byte {
	s.log.Debug("HTTP request", "from", remote, "method", req.Method, "uri", req.RequestURI, "firmware", req.Header.Get("version"), "body", body.size)
	if !strings.HasPrefix(req.URL.Path, "/app/") {
		return httpAnswer(404, s.o.Now(), nil) // the update server's name points here too, and gets nothing else
	}
	query := req.URL.Query()
	id, idErr := camera.ParseID(query.Get("devicesCode"))
	firmware := cutFirmware(req.Header.Get("version"))
	if idErr == nil {
		if firmware != "" {
			s.note(id, func(a *acquaintance) { a.firmware = firmware })
		}
		s.o.Sighted(Sighting{Camera: id, At: s.o.Now(), Addr: remote, Firmware: firmware})
	}

	contact := Contact{Camera: id, Door: DoorHTTP, At: s.o.Now(), Addr: remote, Said: said(req.Method + " " + req.RequestURI)}
	defer func() { s.o.Contacted(contact) }()

	data := []byte("null")
	switch strings.TrimPrefix(req.URL.Path, apiPrefix) {
	case "ApiSysDevicesBatch/registerDevices":
		if !s.guard.mayHaveCode(remote) {
			s.guard.refuse(remote, "device code refused", "why", "too many asked for: a code is for ever, in the camera and in state.sqlite",
				"do", "nothing if you set up no new cameras; else wait, one a minute is issued")
			return httpAnswer(429, s.o.Now(), nil)
		}
		ctx, cancel := context.WithTimeout(ctx, registryDeadline)
		defer cancel()
		code, err := s.o.Registry.IssueCamera(ctx)
		if err != nil {
			s.log.Error("cannot issue a device code; a new camera waits", "from", remote, "err", err)
			return httpAnswer(500, s.o.Now(), nil)
		}
		s.log.Info("new camera, device code issued", "camera", code, "from", remote, "firmware", firmware, "batch", query.Get("batch"))
		contact.Camera = code
		data, _ = json.Marshal(code)
	case "ApiServer/getA9ConfCheck":
		if idErr != nil {
			s.malformed.Add(1)
			s.guard.notice(slog.LevelWarn, remote.String(), "camera asks for its server without a device code", "from", remote, "uri", quoted(req.RequestURI), "err", idErr)
			return httpAnswer(400, s.o.Now(), nil)
		}
		var err error
		if data, err = s.configuration(ctx, id, local); err != nil {
			s.guard.notice(slog.LevelError, string(id), "cannot tell a camera where to go; it waits", "camera", id, "err", err)
			return httpAnswer(500, s.o.Now(), nil)
		}
		s.note(id, func(a *acquaintance) { a.booted = true })
	case "ApiSysDevices/getDevInfo":
		data = []byte(`{"userInfo_userId":" ","ota_url":null,"userInfo_state":1}`)
	case "ApiSysDevicesBatch/confirm", "ApiSysDevices/a9bindingAppDevice":
	default:
		s.reportUnknown(req, body, id, remote)
	}
	return httpAnswer(200, s.o.Now(), data)
}

// configuration is the data of getA9ConfCheck: keys in the captured order. The update URL stays
// null: a camera must never be sent to an update.
func (s *Server) configuration(ctx context.Context, id camera.ID, local netip.Addr) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, registryDeadline)
	defer cancel()
	secret, err := s.o.Registry.Secret(ctx, id)
	if err != nil {
		return nil, err
	}
	if s.o.Advertise.IsValid() {
		local = s.o.Advertise
	}
	return fmt.Appendf(nil, `{"tcpPort":%d,"uid":"%s","isBind":"8","domain":"v720.naxclow.com","updateUrl":null,"host":"%s","currTime":"%d","pwd":"%s","version":null}`,
		portOf(s.control.listener.Addr()), id, local, s.o.Now().Unix(), secret), nil
}

// posting returns the link of the camera that a request is from; nil for a stranger. Like a camera's
// media, it must come from where its control connection does, or through a proxy on this machine:
// anybody can make up a device code, and an event would make a camera of it.
func (s *Server) posting(req *http.Request, from netip.Addr) *link {
	id := camera.ID(req.URL.Query().Get("devicesCode"))
	s.mu.RLock()
	l := s.links[id]
	s.mu.RUnlock()
	if l == nil || l.remote.Addr() != from && !from.IsLoopback() {
		return nil
	}
	return l
}

// reportUnknown passes on what a registered camera posts on its own account: alarms and doorbell
// pictures.
func (s *Server) reportUnknown(req *http.Request, body posted, id camera.ID, from netip.Addr) {
	l := s.posting(req, from)
	if l == nil {
		s.strangers.Add(1)
		s.guard.notice(slog.LevelInfo, from.String(), "somebody who is no registered camera posts; answered with OK", "from", from, "uri", quoted(req.RequestURI))
		return
	}
	s.log.Info("camera posts what we do not know; answered with OK", "camera", id, "from", from, "uri", quoted(req.RequestURI), "body", body.size, "beginning", quoted(body.beginning))
	if l.waiting.Load() {
		return
	}
	detail := req.RequestURI[:min(len(req.RequestURI), maxEventDetail-1)] + "\n"
	detail += string(body.beginning[:min(len(body.beginning), maxEventDetail-len(detail))])
	s.o.Sink.Event(camera.Event{Camera: id, At: s.o.Now(), Kind: camera.Device, Detail: detail})
}

// httpAnswer builds an answer as the captured server sent it: an empty reason, these headers in
// this order, one blank line, an exact length. data is the JSON inside; nil makes no body.
func httpAnswer(status int, now time.Time, data []byte) []byte {
	body := ""
	if data != nil {
		body = `{"code":200,"message":"操作成功","data":` + string(data) + `}`
	}
	return fmt.Appendf(nil, "HTTP/1.1 %d\r\nServer: nginx/1.14.0 (Ubuntu)\r\nDate: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: keep-alive\r\n\r\n%s",
		status, now.UTC().Format(http.TimeFormat), len(body), body)
}

// An acquaintance is what a camera's requests said before it registered.
type acquaintance struct {
	firmware string
	booted   bool // it has asked for its server since it registered last, as it does whenever it boots
}

// note remembers what a camera's requests say. Where too many have told, any one is forgotten: a camera
// tells again when it boots.
func (s *Server) note(id camera.ID, change func(*acquaintance)) {
	s.knownMu.Lock()
	defer s.knownMu.Unlock()
	a, known := s.known[id]
	if !known && len(s.known) >= maxKnown {
		for other := range s.known {
			delete(s.known, other)
			break
		}
	}
	change(&a)
	s.known[id] = a
}

// arrival tells once how a camera that registers came back.
func (s *Server) arrival(id camera.ID) string {
	s.knownMu.Lock()
	defer s.knownMu.Unlock()
	a := s.known[id]
	if !a.booted {
		return camera.Reconnected
	}
	a.booted = false
	s.known[id] = a
	return camera.Booted
}

// cutFirmware is what a camera says its firmware is, where that can be one: real ones say twelve
// digits. It is printed to terminals, so it is no place for control characters.
func cutFirmware(version string) string {
	for _, c := range []byte(version) {
		if c <= ' ' || c > '~' {
			return ""
		}
	}
	return version[:min(len(version), 32)]
}

func (s *Server) knownFirmware(id camera.ID) string {
	s.knownMu.RLock()
	defer s.knownMu.RUnlock()
	return s.known[id].firmware
}
