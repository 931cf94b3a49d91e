package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"v720dvr/camera"
)

// socketName is the unix socket in the data folder at which a running v720dvr serves its API to other
// commands (docs/api.md). It is its owner's.
const socketName = "v720dvr.sock"

// answerLimit is how long an answer may take: the coverage of years is read within seconds.
const answerLimit = 30 * time.Second

// errNotRunning says that no v720dvr answers for a data folder.
var errNotRunning = errors.New("v720dvr is not running on this data folder")

// apiError is the answer of a running v720dvr that did not do what it was asked for.
type apiError struct {
	status int
	text   string
}

func (e *apiError) Error() string { return e.text }

// cameraPath is the place of a camera in the API, or of something about it.
func cameraPath(id camera.ID, what string) string {
	return "/api/v1/cameras/" + url.PathEscape(string(id)) + "/" + what
}

// ask asks the v720dvr that runs on a data folder, with a body of JSON unless that is nil, and reads its
// answer into answer unless that is nil: as it is into a *bytes.Buffer, into others as JSON. errNotRunning when
// there is none, an *apiError when it refuses.
func ask(ctx context.Context, dir, method, path string, body, answer any) error {
	return askWithin(ctx, answerLimit, dir, method, path, body, answer)
}

// askWithin is ask for what may take another time than answerLimit.
func askWithin(ctx context.Context, limit time.Duration, dir, method, path string, body, answer any) error {
	socket := filepath.Join(dir, socketName)
	client := http.Client{
		Timeout: limit,
		Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", socket)
		}},
	}
	defer client.CloseIdleConnections()
	var sent bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&sent).Encode(body); err != nil {
			return err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://v720dvr"+path, &sent)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	got, err := client.Do(req)
	if err != nil {
		if op := (*net.OpError)(nil); errors.As(err, &op) && op.Op == "dial" {
			return fmt.Errorf("%w (%s)", errNotRunning, socket)
		}
		return fmt.Errorf("ask the running v720dvr: %w", err)
	}
	defer got.Body.Close()
	if got.StatusCode/100 != 2 {
		return refusalOf(got)
	}
	if answer == nil {
		return nil
	}
	if raw, ok := answer.(*bytes.Buffer); ok {
		_, err = raw.ReadFrom(got.Body)
		return err
	}
	if err := json.NewDecoder(got.Body).Decode(answer); err != nil {
		return fmt.Errorf("read what the running v720dvr says: %w", err)
	}
	return nil
}

// refusalOf reads a problem (RFC 9457).
func refusalOf(got *http.Response) error {
	var problem struct {
		Detail string
		Errors []struct{ Message, Location string }
	}
	if json.NewDecoder(got.Body).Decode(&problem) != nil || problem.Detail == "" {
		return fmt.Errorf("ask the running v720dvr: it answers %s; is it of another version?", got.Status)
	}
	texts := []string{problem.Detail}
	for _, e := range problem.Errors {
		texts = append(texts, strings.TrimPrefix(e.Location+": "+e.Message, ": "))
	}
	return &apiError{got.StatusCode, strings.Join(texts, "; ")}
}
