package compat

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"

	"v720dvr/camera"
)

// identify finds out who asks, or answers that nobody may; then ok is false.
func (s *Server) identify(w http.ResponseWriter, r *http.Request) (reader Reader, ok bool) {
	if s.o.Open && !ownName(r.Host) {
		// A page elsewhere whose name leads to this machine (DNS rebinding) would look with the eyes of who has it open.
		http.Error(w, "without log-in this is served at localhost and addresses of this machine alone", http.StatusMisdirectedRequest)
		return Reader{}, false
	}
	if s.o.Open {
		return Reader{Who: "anyone", May: func(camera.ID) bool { return true }, Still: func(context.Context) bool { return true }}, true
	}
	user, password, given := r.BasicAuth()
	err := ErrDenied
	if given {
		reader, err = s.o.Authenticate(r.Context(), user, password, from(r))
	}
	var wait *WaitError
	switch {
	case err == nil:
		return reader, true
	case errors.Is(err, ErrDenied):
		w.Header().Set("WWW-Authenticate", `Basic realm="v720dvr"`)
		http.Error(w, "give a user of the page and its password, or a token as the password: http://USER:PASSWORD@…", http.StatusUnauthorized)
	case errors.As(err, &wait):
		w.Header().Set("Retry-After", strconv.Itoa(seconds(wait.After)))
		http.Error(w, wait.Error(), http.StatusTooManyRequests)
	default:
		s.o.Log.Error("who reads cannot be found out", "err", err)
		http.Error(w, "who you are cannot be found out now; try again", http.StatusServiceUnavailable)
	}
	return Reader{}, false
}

// ownName tells names that are this machine's in every browser.
func ownName(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// from is where a request comes from; the zero value when that is not an address.
func from(r *http.Request) netip.Addr {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return at.Addr().Unmap().WithZone("")
}

// enter counts a reader in; false when there are too many. Who is in leaves.
func (s *Server) enter(addr netip.Addr) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.all >= mostReaders || !addr.IsLoopback() && s.readers[place(addr)] >= mostOfOneAddress {
		return false
	}
	s.serving.Add(1)
	s.all++
	s.readers[place(addr)]++
	return true
}

func (s *Server) leave(addr netip.Addr) {
	defer s.serving.Done()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all--
	if s.readers[place(addr)]--; s.readers[place(addr)] == 0 {
		delete(s.readers, place(addr))
	}
}

// place is what an address counts as: a household has a whole /64 of IPv6.
func place(addr netip.Addr) netip.Prefix {
	bits := 64
	if addr.Is4() {
		bits = 32
	}
	p, err := addr.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return p
}
