package cloud

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"v720dvr/camera"
)

// Bounds of the bootstrap HTTP. Doorbells post pictures in base64; docs/protocol.md, section 2.
const (
	requestDeadline  = 15 * time.Second // for a request, and between two
	registryDeadline = 5 * time.Second
	maxRequestHead   = 16 << 10
	maxRequestBody   = 2 << 20
	maxEventDetail   = 64 << 10
	maxKnown         = 1024 // cameras whose firmware is remembered before they register
)

// apiPrefix is where everything that cameras ask for lives.
const apiPrefix = "/app/api/"

// serveBootstrap answers the HTTP requests of one connection. It is not net/http's server that
// does it: some firmware counts on status line, header order and one segment an answer.
func (s *Server) serveBootstrap(conn net.Conn) {
	limit := &io.LimitedReader{R: conn}
	r := bufio.NewReaderSize(limit, 4096)
	for {
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
		limit.N = maxRequestBody
		body, err := io.ReadAll(io.LimitReader(req.Body, maxRequestBody))
		if err != nil {
			s.malformed.Add(1)
			s.log.Debug("HTTP request was cut short", "from", conn.RemoteAddr(), "path", req.URL.Path, "err", err)
			return
		}
		answer := s.answerBootstrap(req, body, addrPortOf(conn.LocalAddr()).Addr(), addrPortOf(conn.RemoteAddr()).Addr())
		if _, err := conn.Write(answer); err != nil || req.Close {
			return
		}
	}
}

// answerBootstrap returns the whole answer to a request that reached us at local.
// docs/protocol.md, section 2.
func (s *Server) answerBootstrap(req *http.Request, body []byte, local, remote netip.Addr) []byte {
	s.log.Debug("HTTP request", "from", remote, "method", req.Method, "uri", req.RequestURI, "firmware", req.Header.Get("version"), "body", len(body))
	if !strings.HasPrefix(req.URL.Path, "/app/") {
		return httpAnswer(404, s.o.Now(), nil) // the update server's name points here too, and gets nothing else
	}
	query := req.URL.Query()
	id, idErr := camera.ParseID(query.Get("devicesCode"))
	firmware := cutFirmware(req.Header.Get("version"))
	if idErr == nil {
		s.noteFirmware(id, firmware)
		s.o.Sighted(Sighting{Camera: id, At: s.o.Now(), Addr: remote, Firmware: firmware})
	}

	data := []byte("null")
	switch strings.TrimPrefix(req.URL.Path, apiPrefix) {
	case "ApiSysDevicesBatch/registerDevices":
		ctx, cancel := context.WithTimeout(req.Context(), registryDeadline)
		defer cancel()
		code, err := s.o.Registry.IssueCamera(ctx)
		if err != nil {
			s.log.Error("cannot issue a device code; a new camera waits", "from", remote, "err", err)
			return httpAnswer(500, s.o.Now(), nil)
		}
		s.log.Info("new camera, device code issued", "camera", code, "from", remote, "firmware", firmware, "batch", query.Get("batch"))
		data, _ = json.Marshal(code)
	case "ApiServer/getA9ConfCheck":
		if idErr != nil {
			s.malformed.Add(1)
			s.log.Warn("camera asks for its server without a device code", "from", remote, "uri", req.RequestURI, "err", idErr)
			return httpAnswer(400, s.o.Now(), nil)
		}
		var err error
		if data, err = s.configuration(req.Context(), id, local); err != nil {
			s.log.Error("cannot tell a camera where to go; it waits", "camera", id, "err", err)
			return httpAnswer(500, s.o.Now(), nil)
		}
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

// reportUnknown passes on what a registered camera posts on its own account: alarms and doorbell
// pictures.
func (s *Server) reportUnknown(req *http.Request, body []byte, id camera.ID, from netip.Addr) {
	s.log.Info("camera posts what we do not know; answered with OK", "camera", id, "from", from, "uri", req.RequestURI, "body", len(body), "beginning", fmt.Sprintf("%.256q", body))
	s.mu.RLock()
	registered := s.links[id] != nil
	s.mu.RUnlock()
	if !registered {
		s.strangers.Add(1) // anybody can make up a device code; an event would make a camera of it
		return
	}
	detail := req.RequestURI[:min(len(req.RequestURI), maxEventDetail-1)] + "\n"
	detail += string(body[:min(len(body), maxEventDetail-len(detail))])
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

// noteFirmware remembers what a camera's requests say its firmware is.
func (s *Server) noteFirmware(id camera.ID, version string) {
	if version == "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, known := s.firmware[id]; known || len(s.firmware) < maxKnown {
		s.firmware[id] = version
	}
}

// cutFirmware bounds what a camera says its firmware is; real ones say twelve digits.
func cutFirmware(version string) string { return fmt.Sprintf("%.32s", version) }

func (s *Server) knownFirmware(id camera.ID) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.firmware[id]
}
