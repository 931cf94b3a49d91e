package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"
)

// deskName is the unix socket in the data folder at which a running v720dvr answers other
// commands. It is as private as the folder.
const deskName = "v720dvr.sock"

// errNotRunning says that no v720dvr answers for a data folder.
var errNotRunning = errors.New("v720dvr is not running on this data folder")

// desk answers other commands.
type desk struct {
	listener net.Listener
	server   *http.Server
}

// listenDesk binds the socket. The store's lock is held, so a socket that is there already was
// left behind by a process that was killed.
func listenDesk(path string, state func() health, log *slog.Logger) (*desk, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("clear the socket that an earlier run left: %w", err)
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("listen at %s (a socket's path has at most 107 bytes: a shorter --data helps if this one is longer): %w", path, err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(state()); err != nil {
			log.Debug("health was not read to its end", "err", err)
		}
	})
	return &desk{listener: l, server: &http.Server{Handler: mux, ReadTimeout: 5 * time.Second, WriteTimeout: 5 * time.Second}}, nil
}

// run answers until ctx ends.
func (d *desk) run(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { d.server.Close() })
	defer stop()
	if err := d.server.Serve(d.listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("answer other commands: %w", err)
	}
	return nil
}

// askHealth asks the v720dvr that runs on a data folder; errNotRunning when there is none.
func askHealth(ctx context.Context, path string) (h health, err error) {
	client := http.Client{
		Timeout: 5 * time.Second,
		Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", path)
		}},
	}
	defer client.CloseIdleConnections()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://v720dvr/health", nil)
	if err != nil {
		return h, err
	}
	answer, err := client.Do(req)
	if err != nil {
		if op := (*net.OpError)(nil); errors.As(err, &op) && op.Op == "dial" {
			return h, fmt.Errorf("%w (%s)", errNotRunning, path)
		}
		return h, fmt.Errorf("ask the running v720dvr: %w", err)
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(&h); err != nil {
		return h, fmt.Errorf("read what the running v720dvr says: %w", err)
	}
	return h, nil
}
