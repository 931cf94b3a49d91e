package web

import (
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// policy lets a page load what this server has, and nothing else; websockets are connect-src. Pictures
// that a script made are blob:. (w3.org/TR/CSP3)
const policy = "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; img-src 'self' blob: data:; " +
	"media-src 'self' blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// headers are those of every answer. What a handler serves may be kept by a browser only where it says so.
func headers(h http.Header, tls bool) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer") // addresses of the page say what somebody looks at
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(self), payment=(), usb=()")
	h.Set("Cache-Control", "no-store")
	if tls {
		// No includeSubDomains and no preload: the name of a box at home is not ours to decide of.
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// problem answers with a problem document (RFC 9457).
func problem(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	body, err := json.Marshal(huma.ErrorModel{Title: http.StatusText(status), Status: status, Detail: detail})
	if err == nil {
		_, _ = w.Write(body) // who asked may be gone
	}
}

// refuse answers who may not.
func refuse(w http.ResponseWriter, status int) {
	switch status {
	case http.StatusUnauthorized:
		w.Header().Add("WWW-Authenticate", `Bearer realm="v720dvr"`)
		problem(w, status, "log in, or send a token")
	case http.StatusForbidden:
		problem(w, status, "you may not do this")
	default:
		problem(w, status, "there is nothing at this address")
	}
}
