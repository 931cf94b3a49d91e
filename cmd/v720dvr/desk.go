package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"time"
)

// deskName is the unix socket in the data folder at which a running v720dvr answers other
// commands. It is as private as the folder.
const deskName = "v720dvr.sock"

// deskAnswers is how long an answer may take: the coverage of years is read within seconds.
const deskAnswers = 30 * time.Second

// errNotRunning says that no v720dvr answers for a data folder.
var errNotRunning = errors.New("v720dvr is not running on this data folder")

// desk answers other commands.
type desk struct {
	listener net.Listener
	server   *http.Server
}

// listenDesk binds the socket. The store's lock is held, so a socket that is there already was
// left behind by a process that was killed.
func listenDesk(path string, answers http.Handler) (*desk, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("clear the socket that an earlier run left: %w", err)
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("listen at %s (a socket's path has at most 107 bytes: a shorter --data helps if this one is longer): %w", path, err)
	}
	return &desk{listener: l, server: &http.Server{Handler: answers, ReadTimeout: 5 * time.Second, WriteTimeout: deskAnswers}}, nil
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
	err = askDesk(ctx, path, http.MethodGet, "/health", nil, &h)
	return h, err
}

// deskRefusal is the answer of a running v720dvr that did not do what it was asked for.
type deskRefusal struct {
	Error string `json:"error"` // for people
}

// askDesk asks the v720dvr that runs on a data folder, with a body of JSON unless that is nil, and reads
// its answer into answer unless that is nil; errNotRunning when there is none.
func askDesk(ctx context.Context, path, method, what string, body, answer any) error {
	client := http.Client{
		Timeout: deskAnswers,
		Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", path)
		}},
	}
	defer client.CloseIdleConnections()
	var sent bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&sent).Encode(body); err != nil {
			return err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://v720dvr"+what, &sent)
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
		var refusal deskRefusal
		if json.NewDecoder(got.Body).Decode(&refusal) == nil && refusal.Error != "" {
			return errors.New(refusal.Error)
		}
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
