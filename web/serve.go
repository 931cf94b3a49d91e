package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Bounds of a request. A stream has no deadline for its answer.
const (
	mostHeader     = 16 << 10         // bytes
	mostBody       = 128 << 10        // bytes: a camera's zones are 10 KB
	headerTime     = 10 * time.Second // for the header to come
	requestTime    = 30 * time.Second // for the body to come and the answer to go
	idleTime       = 2 * time.Minute  // of a connection between two requests
	shutdownTime   = time.Second      // for requests under way when v720dvr stops
	mostStreamsTLS = 128              // HTTP/2 requests at once on a connection
)

// serve serves a handler on a listener until ctx ends.
func (s *Server) serve(ctx context.Context, l net.Listener, h http.Handler) error {
	base, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	server := &http.Server{
		Handler:                      h,
		ReadHeaderTimeout:            headerTime,
		IdleTimeout:                  idleTime,
		MaxHeaderBytes:               mostHeader,
		HTTP2:                        &http.HTTP2Config{MaxConcurrentStreams: mostStreamsTLS},
		ErrorLog:                     slog.NewLogLogger(debugOnly{s.o.Log.Handler()}, slog.LevelDebug), // of what strangers send
		BaseContext:                  func(net.Listener) context.Context { return base },
		DisableGeneralOptionsHandler: true,
	}
	if s.certificate != nil && l.Addr().Network() != "unix" {
		server.TLSConfig = s.certificate.config()
	}
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(ended)
		cancel() // streams end by their context
		limit, done := context.WithTimeout(context.Background(), shutdownTime)
		defer done()
		if err := server.Shutdown(limit); err != nil {
			server.Close()
		}
	})
	var err error
	if server.TLSConfig != nil {
		err = server.ServeTLS(l, "", "")
	} else {
		err = server.Serve(l)
	}
	if stop() { // ctx has not ended: the listener has
		server.Close()
		return fmt.Errorf("serve page and API: %w", err)
	}
	<-ended
	if !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve page and API: %w", err)
	}
	return nil
}

// debugOnly passes on what net/http says of broken connections as what it is: the protocol.
type debugOnly struct{ slog.Handler }

func (d debugOnly) Enabled(ctx context.Context, _ slog.Level) bool {
	return d.Handler.Enabled(ctx, slog.LevelDebug)
}
