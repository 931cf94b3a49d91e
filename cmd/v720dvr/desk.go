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
// left behind by a process that was killed. reconsider looks again at cameras that wait for
// approval.
func listenDesk(path string, state func() health, reconsider func(), log *slog.Logger) (*desk, error) {
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
	mux.HandleFunc("POST /reconsider", func(w http.ResponseWriter, _ *http.Request) {
		reconsider()
		w.WriteHeader(http.StatusNoContent)
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

// askHealth asks the v720dvr that runs on a data folder how it is; errNotRunning when there is none.
func askHealth(ctx context.Context, path string) (h health, err error) {
	err = askDesk(ctx, path, http.MethodGet, "/health", &h)
	return h, err
}

// askDesk asks the v720dvr that runs on a data folder, and reads its answer into answer unless that
// is nil; errNotRunning when there is none.
func askDesk(ctx context.Context, path, method, what string, answer any) error {
	client := http.Client{
		Timeout: 5 * time.Second,
		Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", path)
		}},
	}
	defer client.CloseIdleConnections()
	req, err := http.NewRequestWithContext(ctx, method, "http://v720dvr"+what, nil)
	if err != nil {
		return err
	}
	got, err := client.Do(req)
	if err != nil {
		if op := (*net.OpError)(nil); errors.As(err, &op) && op.Op == "dial" {
			return fmt.Errorf("%w (%s)", errNotRunning, path)
		}
		return fmt.Errorf("ask the running v720dvr: %w", err)
	}
	defer got.Body.Close()
	if got.StatusCode/100 != 2 {
		return fmt.Errorf("ask the running v720dvr: it answers %s; is it of another version?", got.Status)
	}
	if answer == nil {
		return nil
	}
	if err := json.NewDecoder(got.Body).Decode(answer); err != nil {
		return fmt.Errorf("read what the running v720dvr says: %w", err)
	}
	return nil
}
