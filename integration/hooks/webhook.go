package hooks

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

// refusedError is an answer that says that this call will never be taken.
type refusedError struct{ error }

// laterError is an answer that says when to come again.
type laterError struct {
	error
	after time.Duration
}

// longestLater is the longest that a receiver can put us off with Retry-After.
const longestLater = time.Hour

// mostAnswer is read of an answer, in bytes.
const mostAnswer = 4 << 10

// post calls a hook's URL, and says what was sent and what came back.
func (r *Runner) post(ctx context.Context, h *Hook, o Occurrence, picture []byte) (sent, answer string, err error) {
	ctx, cancel := context.WithTimeout(ctx, h.limit())
	defer cancel()
	secret := ""
	if h.Secret != nil {
		if secret, err = h.Secret(); err != nil {
			return "", "", fmt.Errorf("read the hook's secret: %w", err)
		}
	}
	var req *http.Request
	if h.Format == Ntfy {
		req, sent, err = ntfyRequest(ctx, h, o, picture, secret)
	} else {
		req, sent, err = jsonRequest(ctx, h, o, picture, secret, time.Now())
	}
	if err != nil {
		return "", "", err
	}
	req.Header.Set("User-Agent", "v720dvr/"+r.o.Version)
	client, err := r.client(h)
	if err != nil {
		return sent, "", err
	}
	defer client.CloseIdleConnections()
	got, err := client.Do(req)
	if err != nil {
		if bare := (*url.Error)(nil); errors.As(err, &bare) {
			err = bare.Err // without the URL, which may hold a password
		}
		return sent, "", err
	}
	defer got.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(got.Body, mostAnswer)) // what came of a torn answer is all there is to show
	answer = strings.TrimSpace(got.Status + "\n" + strings.ToValidUTF8(string(body), "\uFFFD"))
	return sent, answer, verdict(got, time.Now())
}

// verdict makes an error of an answer that is none of success.
func verdict(got *http.Response, now time.Time) error {
	err := fmt.Errorf("it answers %s", got.Status)
	switch code := got.StatusCode; {
	case code/100 == 2:
		return nil
	case code/100 == 3:
		return fmt.Errorf("it answers %s, and redirects are not followed: write the address it leads to", got.Status)
	case code == http.StatusBadRequest, code == http.StatusGone, code == http.StatusRequestEntityTooLarge, code == http.StatusUnprocessableEntity:
		return refusedError{err}
	}
	if after, ok := retryAfter(got.Header.Get("Retry-After"), now); ok {
		return laterError{err, after}
	}
	return err
}

// retryAfter reads seconds or a date. RFC 9110, section 10.2.3.
func retryAfter(text string, now time.Time) (time.Duration, bool) {
	if text == "" {
		return 0, false
	}
	if n, err := strconv.ParseUint(text, 10, 32); err == nil {
		return min(time.Duration(n)*time.Second, longestLater), true
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0, false
	}
	return min(max(at.Sub(now), 0), longestLater), true
}

// jsonRequest is signed as Standard Webhooks has it: the HMAC-SHA256 of id, time and body with dots between
// them (standardwebhooks.com).
func jsonRequest(ctx context.Context, h *Hook, o Occurrence, picture []byte, secret string, now time.Time) (*http.Request, string, error) {
	if picture != nil {
		o.Picture = &Picture{"image/jpeg", picture}
	}
	body, err := json.Marshal(stored{o.On, o.At, o})
	if err != nil {
		return nil, "", err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL, bytes.NewReader(body))
	if err != nil {
		return nil, "", errors.New("its url cannot be used")
	}
	stamp := strconv.FormatInt(now.Unix(), 10)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Webhook-Id", o.ID)
	req.Header.Set("Webhook-Timestamp", stamp)
	if secret != "" {
		req.Header.Set("Webhook-Signature", Sign(secret, o.ID, stamp, body))
	}
	if o.Picture != nil { // who looks at what was sent need not see it
		o.Picture = &Picture{fmt.Sprintf("image/jpeg, %d bytes", len(picture)), nil}
	}
	shown, err := json.Marshal(stored{o.On, o.At, o})
	return req, string(shown), err
}

// Sign is what Webhook-Signature says. A secret that begins with whsec_ is in base64.
func Sign(secret, id, timestamp string, body []byte) string {
	key := []byte(secret)
	if text, ok := strings.CutPrefix(secret, "whsec_"); ok {
		if raw, err := base64.StdEncoding.DecodeString(text); err == nil {
			key = raw
		}
	}
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%s.", id, timestamp)
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// ntfyRequest is a notification: with a picture that is the body, and the text a header (docs.ntfy.sh/publish).
func ntfyRequest(ctx context.Context, h *Hook, o Occurrence, picture []byte, secret string) (*http.Request, string, error) {
	words := o.words("")
	title, message := fill(h.Title, words), fill(h.Message, words)
	if title == "" {
		title = strings.TrimSpace(words["name"] + " " + words["event"])
	}
	if title == "" {
		title = "v720dvr"
	}
	if message == "" {
		message = o.text()
	}
	body, method := []byte(message), http.MethodPost
	if picture != nil {
		body, method = picture, http.MethodPut
	}
	req, err := http.NewRequestWithContext(ctx, method, h.URL, bytes.NewReader(body))
	if err != nil {
		return nil, "", errors.New("its url cannot be used")
	}
	set := func(name, value string) {
		if value != "" { // a line break would end the header; others than ASCII as RFC 2047 has them
			req.Header.Set(name, mime.BEncoding.Encode("utf-8", strings.Join(strings.Fields(value), " ")))
		}
	}
	set("Title", title)
	set("Click", o.Page)
	set("Tags", strings.Join(h.Tags, ","))
	if h.Priority > 0 {
		set("Priority", strconv.Itoa(h.Priority))
	}
	if picture != nil {
		set("Filename", "picture.jpg")
		set("Message", message)
	}
	sent := fmt.Sprintf("%s\n%s", title, message)
	if picture != nil {
		sent += fmt.Sprintf("\n(a picture of %d bytes)", len(picture))
	}
	if secret != "" {
		req.Header.Set("Authorization", "Bearer "+secret)
	}
	return req, sent, nil
}

// client is for one call: calls are rare, and a connection that waits for the next one could be dead by then.
func (r *Runner) client(h *Hook) (*http.Client, error) {
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true, ForceAttemptHTTP2: true, DialContext: r.o.Dial,
		TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}, TLSHandshakeTimeout: 10 * time.Second,
	}
	if transport.DialContext == nil {
		transport.DialContext = (&net.Dialer{Timeout: 10 * time.Second}).DialContext
	}
	if h.CAFile != "" {
		pem, err := os.ReadFile(h.CAFile)
		if err != nil {
			return nil, fmt.Errorf("read the hook's ca_file: %w", err)
		}
		roots := x509.NewCertPool()
		if !roots.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("the hook's ca_file %s has no certificate in PEM", h.CAFile)
		}
		transport.TLSClientConfig.RootCAs = roots
	}
	return &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, nil
}

func (h *Hook) limit() time.Duration {
	if h.Timeout > 0 {
		return h.Timeout
	}
	return timeout
}
