package web

import (
	"io"
	"net/http"
)

// serveProbes serves what programs ask that look after programs: anybody may, and nothing is told but yes or no.
func (s *Server) serveProbes() {
	s.handle("GET /healthz", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { probe(w, true) }))
	s.handle("GET /readyz", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		state, err := s.o.Box.System(r.Context())
		probe(w, err == nil && state.Disk.Trouble == "")
	}))
}

// serveMetrics serves scrapes, to who may read of all cameras.
func (s *Server) serveMetrics() {
	s.handle("GET /metrics", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.o.Metrics == nil {
			problem(w, http.StatusNotFound, "nothing is measured here")
			return
		}
		s.o.Metrics.ServeHTTP(w, r)
	}))
}

// probe answers 200, or 503 which says that the recorder runs and cannot do what it is there for.
func probe(w http.ResponseWriter, well bool) {
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	if !well {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, "not ready\n") // who asked may be gone
		return
	}
	_, _ = io.WriteString(w, "ok\n")
}
