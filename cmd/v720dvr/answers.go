package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"v720dvr/camera"
	"v720dvr/recorder"
	"v720dvr/storage"
)

// pauseRequest asks for a camera's pause, or, with Resume, for its end.
type pauseRequest struct {
	Camera camera.ID `json:"camera"`
	Until  time.Time `json:"until,omitzero"` // zero: until it is ended
	Resume bool      `json:"resume,omitempty"`
}

// triggerRequest asks that a camera is recorded as if something had happened.
type triggerRequest struct {
	Camera camera.ID     `json:"camera"`
	For    time.Duration `json:"for"` // ns
}

// answers is what a running v720dvr answers other commands; configuration is what is wrong with the file.
func (b *box) answers(configuration func() error) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) {
		b.answer(w, b.health(configuration()))
	})
	mux.HandleFunc("POST /reconsider", func(w http.ResponseWriter, _ *http.Request) {
		b.cloud.Reconsider()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("POST /pause", func(w http.ResponseWriter, req *http.Request) {
		var asked pauseRequest
		if !b.understand(w, req, &asked) {
			return
		}
		if err := b.pause(req.Context(), asked); err != nil {
			b.refuse(w, http.StatusConflict, err)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("POST /trigger", func(w http.ResponseWriter, req *http.Request) {
		var asked triggerRequest
		if !b.understand(w, req, &asked) {
			return
		}
		if err := b.mayTrigger(asked); err != nil {
			b.refuse(w, http.StatusConflict, err)
			return
		}
		b.recorder.Trigger(recorder.Trigger{Camera: asked.Camera, Kind: camera.Asked, At: time.Now(), For: asked.For, Detail: "v720dvr cameras record"})
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("POST /coverage", func(w http.ResponseWriter, req *http.Request) {
		var asked coverageRequest
		if !b.understand(w, req, &asked) {
			return
		}
		covered, err := b.store.Coverage(req.Context(), asked.Camera, asked.From, asked.To)
		if err != nil {
			b.refuse(w, http.StatusInternalServerError, err)
			return
		}
		b.answer(w, covered)
	})
	return mux
}

// mayTrigger says why a camera cannot be recorded now; nil when it can.
func (b *box) mayTrigger(asked triggerRequest) error {
	if asked.For < 0 || asked.For > longestAsked {
		return fmt.Errorf("record for %v: want up to %v", asked.For, longestAsked)
	}
	for _, d := range b.recorder.Stats() {
		if d.Camera != asked.Camera {
			continue
		}
		switch d.Rest {
		case storage.GapOff, storage.GapSchedule, storage.GapPaused, storage.GapOffline:
			return fmt.Errorf("it is not recorded now: %s", gapMeans[d.Rest])
		}
		return nil
	}
	return errors.New("it has not come since v720dvr started")
}

func (b *box) answer(w http.ResponseWriter, what any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(what); err != nil {
		b.log.Debug("an answer to another command was not read to its end", "err", err)
	}
}

func (b *box) refuse(w http.ResponseWriter, status int, err error) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	b.answer(w, deskRefusal{err.Error()})
}

// understand reads what is asked; it answers what it does not understand.
func (b *box) understand(w http.ResponseWriter, req *http.Request, asked any) bool {
	err := json.NewDecoder(http.MaxBytesReader(w, req.Body, 64<<10)).Decode(asked)
	if err != nil {
		b.refuse(w, http.StatusBadRequest, err)
	}
	return err == nil
}
