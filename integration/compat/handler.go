package compat

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"v720dvr/camera"
)

// handler leads requests to what answers them. Other paths are none: what is posted to the Python server are cameras, and those come
// to the cloud.
func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /dev/list", s.list)
	for name, serve := range map[string]func(*reading) error{
		"live": (*reading).video, "video": (*reading).video, "audio": (*reading).audio, "snapshot": (*reading).snapshot, "go2rtc-stream": (*reading).matroska,
	} {
		mux.HandleFunc("GET /dev/{camera}/"+name, func(w http.ResponseWriter, r *http.Request) { s.read(w, r, name, serve) })
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cross-Origin-Resource-Policy", "same-site")
		mux.ServeHTTP(w, r)
	})
}

// listed is a camera in /dev/list.
type listed struct {
	Host string    `json:"host"`
	Port uint16    `json:"port"`
	UID  camera.ID `json:"uid"`
}

func (s *Server) list(w http.ResponseWriter, r *http.Request) {
	reader, ok := s.identify(w, r)
	if !ok {
		return
	}
	all, err := s.o.Cameras.Connected(r.Context())
	if err != nil {
		s.o.Log.Error("the cameras cannot be listed", "err", err)
		http.Error(w, "the cameras cannot be listed now; try again", http.StatusServiceUnavailable)
		return
	}
	list := []listed{}
	for _, c := range all {
		if reader.May(c.ID) {
			list = append(list, listed{c.Addr.Addr().Unmap().String(), c.Addr.Port(), c.ID})
		}
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(list); err != nil {
		s.o.Log.Debug("a list was not taken", "err", err)
	}
}

// reading is one request for a camera.
type reading struct {
	s       *Server
	w       http.ResponseWriter
	r       *http.Request
	id      camera.ID
	out     *http.ResponseController
	still   func(context.Context) bool
	looked  time.Time
	begun   bool // an answer has begun: there is none but this
	feed    Feed
	patient *time.Timer
}

// read serves what comes of a camera that is connected, to who may.
func (s *Server) read(w http.ResponseWriter, r *http.Request, name string, serve func(*reading) error) {
	reader, ok := s.identify(w, r)
	if !ok {
		return
	}
	all, err := s.o.Cameras.Connected(r.Context())
	if err != nil {
		s.o.Log.Error("a camera cannot be found", "err", err)
		http.Error(w, "the camera cannot be looked for now; try again", http.StatusServiceUnavailable)
		return
	}
	id := camera.ID(r.PathValue("camera"))
	found := false
	for _, c := range all {
		found = found || c.ID == id && reader.May(id)
	}
	if !found { // the Python server knows none that is not connected either
		http.Error(w, "no camera of this id is connected; /dev/list has those that are", http.StatusNotFound)
		return
	}
	if r.Method == http.MethodHead {
		return
	}
	addr := from(r)
	if !s.enter(addr) {
		w.Header().Set("Retry-After", strconv.Itoa(seconds(waitPicture)))
		http.Error(w, "too many read at once", http.StatusServiceUnavailable)
		return
	}
	defer s.leave(addr)
	one := &reading{s: s, w: w, r: r, id: id, out: http.NewResponseController(w), still: reader.Still, looked: time.Now(), patient: time.NewTimer(s.patience)}
	defer one.patient.Stop()
	s.o.Log.Debug("somebody reads as from the Python server", "who", reader.Who, "addr", r.RemoteAddr, "camera", id, "what", name)
	err = serve(one)
	s.o.Log.Debug("and left", "who", reader.Who, "addr", r.RemoteAddr, "camera", id, "what", name, "err", err)
	if err != nil && !one.begun {
		http.Error(w, "the camera gives none now: "+err.Error(), http.StatusBadGateway)
	}
}
