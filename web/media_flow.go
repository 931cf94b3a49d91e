package web

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// A flow is an answer that takes long: each write has its own time, and all end with the request's context.
type flow struct {
	http.ResponseWriter
	ctx     context.Context
	control *http.ResponseController
	mu      sync.Mutex // held while a deadline is set
}

// flowing serves h with an answer that may take long.
func flowing(h http.HandlerFunc) *huma.StreamResponse {
	return itself(func(w http.ResponseWriter, r *http.Request) {
		f := &flow{ResponseWriter: w, ctx: r.Context(), control: http.NewResponseController(w)}
		// Who waits in a write is let go of when the right to it ends.
		defer context.AfterFunc(r.Context(), func() {
			f.mu.Lock()
			defer f.mu.Unlock()
			_ = f.control.SetWriteDeadline(time.Unix(1, 0)) // who cannot, waits for the deadline of the write
		})()
		h(f, r)
	})
}

// Write writes within streamWriteTime.
func (f *flow) Write(b []byte) (int, error) {
	if err := f.allow(); err != nil {
		return 0, err
	}
	return f.ResponseWriter.Write(b)
}

func (f *flow) allow() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.ctx.Err(); err != nil {
		return err
	}
	if err := f.control.SetWriteDeadline(time.Now().Add(streamWriteTime)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}

// Unwrap is for http.ResponseController.
func (f *flow) Unwrap() http.ResponseWriter { return f.ResponseWriter }
