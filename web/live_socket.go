package web

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/coder/websocket"
)

// What is known of the websocket library is in this file. (RFC 6455)

const (
	mostMessage   = 16 << 10               // bytes of a viewer's message: 128 cameras are 8 KB
	closeTime     = 500 * time.Millisecond // for the other side to answer a close; v720dvr ends within a second
	socketPing    = 15 * time.Second       // between two pings, which browsers answer even in a tab that sleeps
	socketPingEnd = 15 * time.Second       // for an answer
)

// Codes by which a websocket is closed. Those from 4000 on are ours (RFC 6455, section 7.4.2).
const (
	closeGoing  = 1001 // v720dvr stops
	closeFailed = 1011
	closeBad    = 4400 // a message is none
	closeRights = 4401 // who looks may not any more, or may something else now
)

// socket is one side of a websocket. read is for one goroutine, send for another.
type socket struct {
	conn   *websocket.Conn
	ctx    context.Context // of the connection: when it ends, so does that, at once and without a word
	hangUp context.CancelFunc
}

// asksForSocket says why a request does not begin a websocket; 0 when it does.
func asksForSocket(r *http.Request) (status int, why string) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(r.Header.Get("Sec-WebSocket-Key")))
	switch {
	case r.Method != http.MethodGet || r.ProtoMajor != 1 || !names(r.Header, "Connection", "upgrade") || !names(r.Header, "Upgrade", "websocket"):
		return http.StatusUpgradeRequired, "this is a websocket"
	case r.Header.Get("Sec-WebSocket-Version") != "13" || err != nil || len(key) != 16 || len(r.Header.Values("Sec-WebSocket-Key")) != 1:
		return http.StatusBadRequest, "the request for a websocket is none of version 13"
	}
	return 0, ""
}

// names tells whether a header has a word among those that commas part.
func names(h http.Header, name, word string) bool {
	for _, line := range h.Values(name) {
		for part := range strings.SplitSeq(line, ",") {
			if strings.EqualFold(strings.TrimSpace(part), word) {
				return true
			}
		}
	}
	return false
}

// openSocket makes a websocket of a request that asks for one. Pages of other hosts are refused here once
// more. What goes wrong has been answered.
func openSocket(w http.ResponseWriter, r *http.Request) (*socket, error) {
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{CompressionMode: websocket.CompressionDisabled}) // JPEG is small already
	if err != nil {
		return nil, err
	}
	conn.SetReadLimit(mostMessage)
	s := &socket{conn: conn}
	s.ctx, s.hangUp = context.WithCancel(context.WithoutCancel(r.Context()))
	return s, nil
}

// errNoText is a message in bytes, where text is wanted.
var errNoText = errors.New("viewers send text")

func (s *socket) read() ([]byte, error) {
	kind, message, err := s.conn.Read(s.ctx)
	if err == nil && kind != websocket.MessageText {
		err = errNoText
	}
	return message, err
}

func (s *socket) sendBytes(message []byte) error { return s.send(websocket.MessageBinary, message) }
func (s *socket) sendText(message []byte) error  { return s.send(websocket.MessageText, message) }

func (s *socket) send(kind websocket.MessageType, message []byte) error {
	ctx, done := context.WithTimeout(s.ctx, streamWriteTime)
	defer done()
	return s.conn.Write(ctx, kind, message)
}

// keepAlive asks the other side for a sign of life now and then, until there is none.
func (s *socket) keepAlive() {
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-time.After(socketPing):
		}
		ctx, done := context.WithTimeout(s.ctx, socketPingEnd)
		err := s.conn.Ping(ctx)
		done()
		if err != nil {
			s.hangUp()
			return
		}
	}
}

// hangUpSoon ends the connection in a while, whatever is under way.
func (s *socket) hangUpSoon() { time.AfterFunc(closeTime, s.hangUp) }

// close says why, and waits a little for an answer. Somebody must be reading.
func (s *socket) close(code int, reason string) {
	s.hangUpSoon()
	_ = s.conn.Close(websocket.StatusCode(code), reason) // who does not answer is gone
}
