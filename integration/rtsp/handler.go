package rtsp

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/bluenviron/gortsplib/v5"
	"github.com/bluenviron/gortsplib/v5/pkg/base"
	"github.com/bluenviron/gortsplib/v5/pkg/headers"
	"github.com/bluenviron/gortsplib/v5/pkg/liberrors"

	"v720dvr/camera"
)

// handler is the server as gortsplib sees it. It answers no method that would send us anything.
type handler struct{ s *Server }

// guest is what is known of a connection. gortsplib has one goroutine a connection that calls.
type guest struct {
	from     netip.Addr
	user     string
	password string
	reader   *Reader // nil: nobody that is known
}

// OnConnOpen is gortsplib's.
func (h *handler) OnConnOpen(c *gortsplib.ServerHandlerOnConnOpenCtx) {
	c.Conn.SetUserData(&guest{from: address(c.Conn.NetConn().RemoteAddr())})
}

// OnDescribe tells of a camera, when a picture has come of it.
func (h *handler) OnDescribe(c *gortsplib.ServerHandlerOnDescribeCtx) (res *base.Response, stream *gortsplib.ServerStream, err error) {
	defer h.sure(&res, &err)
	id, _, res, err := h.admit(c.Conn, c.Request, c.Path)
	if res != nil {
		return res, nil, err
	}
	channel, err := h.s.open(id)
	if err != nil {
		return answer(base.StatusServiceUnavailable, "v720dvr stops"), nil, nil
	}
	defer h.s.release(channel)
	if err := channel.wait(h.s.ctx); err != nil {
		return answer(base.StatusServiceUnavailable, "No picture comes of this camera now"), nil, nil
	}
	return answer(base.StatusOK, ""), channel.stream, nil
}

// OnSetup makes who asks a reader.
func (h *handler) OnSetup(c *gortsplib.ServerHandlerOnSetupCtx) (res *base.Response, stream *gortsplib.ServerStream, err error) {
	defer h.sure(&res, &err)
	id, who, res, err := h.admit(c.Conn, c.Request, c.Path)
	if res != nil {
		return res, nil, err
	}
	if was := h.s.reading(c.Session); was != nil { // its other media: gortsplib wants the same stream
		if was.channel.id != id {
			return answer(base.StatusBadRequest, "A session reads one camera"), nil, nil
		}
		return answer(base.StatusOK, ""), was.channel.stream, nil
	}
	channel, err := h.s.open(id)
	if err != nil {
		return answer(base.StatusServiceUnavailable, "v720dvr stops"), nil, nil
	}
	if !h.s.seat(c.Session, &reading{channel: channel, reader: *who, from: c.Conn.UserData().(*guest).from}) {
		h.s.release(channel)
		h.s.stats.denied.Add(1)
		return answer(base.StatusNotEnoughBandwidth, fmt.Sprintf("Too many readers: %d, and %d of an address, are the most", mostReaders, mostOfOneAddress)), nil, nil
	}
	return answer(base.StatusOK, ""), channel.stream, nil
}

// OnPlay begins.
func (h *handler) OnPlay(c *gortsplib.ServerHandlerOnPlayCtx) (res *base.Response, err error) {
	defer h.sure(&res, &err)
	if _, _, res, err := h.admit(c.Conn, c.Request, c.Path); res != nil {
		return res, err
	}
	return answer(base.StatusOK, ""), nil
}

// OnSessionClose ends a reader.
func (h *handler) OnSessionClose(c *gortsplib.ServerHandlerOnSessionCloseCtx) {
	h.s.unseat(c.Session, c.Error)
}

// OnStreamWriteError ends a reader whose queue is full: of its picture a part is missing already, and who is that far
// behind does well to begin anew.
func (h *handler) OnStreamWriteError(c *gortsplib.ServerHandlerOnStreamWriteErrorCtx) {
	if r := h.s.reading(c.Session); r != nil && r.slow.CompareAndSwap(false, true) {
		h.s.stats.slow.Add(1)
		c.Session.Close()
	}
}

// OnPacketsLost and OnDecodeError have gortsplib write nothing to the log of its own.
func (h *handler) OnPacketsLost(*gortsplib.ServerHandlerOnPacketsLostCtx) {}

// OnDecodeError is told of packets of RTCP that cannot be read.
func (h *handler) OnDecodeError(*gortsplib.ServerHandlerOnDecodeErrorCtx) {}

// sure makes a mistake of ours an answer: the recorder goes on.
func (h *handler) sure(res **base.Response, err *error) {
	if cause := recover(); cause != nil {
		h.s.stats.panics.Add(1)
		h.s.o.Log.Error("a request was not answered over RTSP: a mistake in v720dvr", "panic", cause)
		*res, *err = answer(base.StatusInternalServerError, ""), nil
	}
}

// admit finds out who asks and for what. res is the answer when it may not be.
func (h *handler) admit(conn *gortsplib.ServerConn, req *base.Request, path string) (id camera.ID, who *Reader, res *base.Response, err error) {
	g := conn.UserData().(*guest)
	if who, err = h.identify(g, req); err != nil {
		h.s.stats.denied.Add(1)
		if wait := (*WaitError)(nil); errors.As(err, &wait) {
			res := answer(base.StatusServiceUnavailable, "Too many wrong passwords")
			res.Header = base.Header{"Retry-After": {strconv.Itoa(int((wait.After + time.Second - 1) / time.Second))}}
			return "", nil, res, liberrors.ErrServerTerminated{} // and it is hung up on
		}
		if errors.Is(err, ErrDenied) {
			return "", nil, answer(base.StatusUnauthorized, ""), liberrors.ErrServerAuth{}
		}
		h.s.o.Log.Error("cannot look up who reads over RTSP", "err", err)
		return "", nil, answer(base.StatusInternalServerError, ""), nil
	}
	if who == nil { // asked anew with a password
		return "", nil, answer(base.StatusUnauthorized, ""), liberrors.ErrServerAuth{}
	}
	if in, ok := conn.NetConn().(*comer); ok {
		in.known()
	}
	id, err = h.s.o.Cameras.Find(h.s.ctx, strings.Trim(path, "/"))
	if err != nil && !errors.Is(err, ErrNoCamera) {
		h.s.o.Log.Error("cannot look up which camera is read over RTSP", "err", err)
		return "", nil, answer(base.StatusInternalServerError, ""), nil
	}
	if err != nil || !who.May(id) { // what is not for who asks is not there
		return "", nil, answer(base.StatusNotFound, "There is no such camera"), nil
	}
	return id, who, nil, nil
}

// identify finds out who asks; nil for nobody. A connection is who it was, until it says otherwise.
func (h *handler) identify(g *guest, req *base.Request) (*Reader, error) {
	if h.s.o.Open {
		return &Reader{Who: "anyone", May: func(camera.ID) bool { return true }, Still: func(context.Context) bool { return true }}, nil
	}
	var given headers.Authorization
	if len(req.Header["Authorization"]) == 0 {
		return g.reader, nil
	}
	if err := given.Unmarshal(req.Header["Authorization"]); err != nil || given.Method != headers.AuthMethodBasic {
		return nil, ErrDenied
	}
	if g.reader != nil && subtle.ConstantTimeCompare([]byte(g.user), []byte(given.Username))&subtle.ConstantTimeCompare([]byte(g.password), []byte(given.BasicPass)) == 1 {
		return g.reader, nil
	}
	g.reader = nil
	who, err := h.s.o.Authenticate(h.s.ctx, given.Username, given.BasicPass, g.from)
	if err != nil {
		return nil, err
	}
	g.user, g.password, g.reader = given.Username, given.BasicPass, &who
	return g.reader, nil
}

func answer(status base.StatusCode, message string) *base.Response {
	return &base.Response{StatusCode: status, StatusMessage: message}
}
