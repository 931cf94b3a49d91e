package cloudtest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strconv"
	"time"
)

const (
	httpPatience = 10 * time.Second
	// answerLimit is the camera's buffer for an HTTP answer: the vendor's stay below.
	// docs/protocol.md, section 2.
	answerLimit = 1024
)

// configuration is what getA9ConfCheck answers, as far as the camera uses it.
type configuration struct {
	TCPPort   int     `json:"tcpPort"`
	UID       string  `json:"uid"`
	Host      string  `json:"host"`
	CurrTime  string  `json:"currTime"`
	IsBind    string  `json:"isBind"`
	Pwd       string  `json:"pwd"`
	UpdateURL *string `json:"updateUrl"`
}

// firstBoot asks for a device code and says that it came. It happens once in a camera's life:
// the code stays in its flash.
func (c *Camera) firstBoot(ctx context.Context) error {
	var code string
	if err := c.ask(ctx, "ApiSysDevicesBatch/registerDevices?batch=A9_X4_V12", &code); err != nil {
		return err
	}
	if len(code) != 12 {
		return fmt.Errorf("register: device code %q, want 12 characters", code)
	}
	c.note(func(s *State) { s.ID = code })
	c.log.Info("camera got its device code", "camera", code)
	return c.ask(ctx, "ApiSysDevicesBatch/confirm?devicesCode="+code, nil)
}

func (c *Camera) deviceInfo(ctx context.Context) error {
	var info struct {
		State  int     `json:"userInfo_state"`
		OTAURL *string `json:"ota_url"`
	}
	if err := c.ask(ctx, "ApiSysDevices/getDevInfo?devicesCode="+c.id(), &info); err != nil {
		return err
	}
	if info.OTAURL != nil {
		return fmt.Errorf("getDevInfo: ota_url %q would have updated this camera", *info.OTAURL)
	}
	return nil
}

func (c *Camera) configuration(ctx context.Context) (configuration, error) {
	var conf configuration
	if err := c.ask(ctx, "ApiServer/getA9ConfCheck?devicesCode="+c.id(), &conf); err != nil {
		return conf, err
	}
	switch {
	case conf.UpdateURL != nil:
		return conf, fmt.Errorf("getA9ConfCheck: updateUrl %q would have updated this camera", *conf.UpdateURL)
	case conf.TCPPort < 1 || conf.TCPPort > 65535 || conf.Host == "" || conf.UID == "" || conf.Pwd == "":
		return conf, fmt.Errorf("getA9ConfCheck: answer %+v: want tcpPort, host, uid and pwd", conf)
	}
	return conf, nil
}

// ask makes one request and decodes the answer's data, unless data is nil.
func (c *Camera) ask(ctx context.Context, path string, data any) error {
	ctx, cancel := context.WithTimeout(ctx, httpPatience)
	defer cancel()
	c.note(func(s *State) { s.Requests++ })
	lots := rand.New(rand.NewPCG(uint64(c.o.Seed), uint64(c.State().Requests)))
	body, err := c.exchange(ctx, httpRequest(path, c.o.Firmware.version(), lots))
	if err != nil {
		return fmt.Errorf("ask %s: %w", path, err)
	}
	var answer struct {
		Code int             `json:"code"`
		Data json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return fmt.Errorf("ask %s: decode %q: %w", path, body, err)
	}
	if answer.Code != 200 {
		return fmt.Errorf("ask %s: code %d", path, answer.Code)
	}
	if data == nil {
		return nil
	}
	if err := json.Unmarshal(answer.Data, data); err != nil {
		return fmt.Errorf("ask %s: decode data %q: %w", path, answer.Data, err)
	}
	return nil
}

// httpRequest is the request as captured, to the byte. docs/protocol.md, section 2.
func httpRequest(path, version string, lots *rand.Rand) []byte {
	return fmt.Appendf(nil, "POST /app/api/%s&random=%s&token=%s HTTP/1.1\r\nHost: v720.naxclow.com\r\nversion: %s\r\n\r\n",
		path, sixLetters(lots), tenHex(lots), version)
}

// sixLetters and tenHex are the camera's signature: consecutive letters, and a hash of them
// with a salt that proves nothing.
func sixLetters(lots *rand.Rand) string {
	first := lots.IntN(26 - 5)
	return "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[first : first+6]
}

func tenHex(lots *rand.Rand) string { return fmt.Sprintf("%010x", lots.Int64N(1<<40)) }

// exchange sends the request in one segment, reads the answer and gives its body.
func (c *Camera) exchange(ctx context.Context, request []byte) ([]byte, error) {
	conn, err := c.dial(ctx, c.o.HTTP)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	defer closeWhenDone(ctx, conn)()
	if _, err := conn.Write(request); err != nil {
		return nil, fmt.Errorf("send request: %w", err)
	}
	answer := make([]byte, 0, answerLimit)
	for reads := 1; ; reads++ {
		n, err := conn.Read(answer[len(answer):cap(answer)])
		answer = answer[:len(answer)+n]
		body, whole, bad := httpBody(answer, c.o.Firmware)
		switch {
		case bad != nil:
			return nil, bad
		case whole:
			if reads > 1 {
				c.note(func(s *State) { s.SplitAnswers++ })
			}
			return body, nil
		case err != nil:
			return nil, fmt.Errorf("read answer: %w", noEOF(err))
		case len(answer) == cap(answer):
			return nil, fmt.Errorf("answer of more than %d bytes: a camera has no room for it", answerLimit)
		}
	}
}

// httpBody looks for the body in what has come of an answer. New firmware takes as many bytes
// behind the first blank line as Content-Length says; the old one takes the first JSON value
// that stands there, and so lives with a blank line too many.
func httpBody(answer []byte, f Firmware) (body []byte, whole bool, err error) {
	head, body, found := bytes.Cut(answer, []byte("\r\n\r\n"))
	if !found {
		return nil, false, nil
	}
	lines := bytes.Split(head, []byte("\r\n"))
	if !bytes.HasPrefix(lines[0], []byte("HTTP/1.1 200")) {
		return nil, false, fmt.Errorf("answer %q", lines[0])
	}
	if f == Old {
		return firstJSON(body)
	}
	size := -1
	for _, line := range lines[1:] {
		name, value, _ := bytes.Cut(line, []byte(":"))
		if bytes.EqualFold(name, []byte("Content-Length")) {
			if size, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return nil, false, fmt.Errorf("header %q: %w", line, err)
			}
		}
	}
	switch {
	case size < 0:
		return nil, false, errors.New("answer without Content-Length")
	case len(body) > 0 && body[0] != '{':
		return nil, false, fmt.Errorf("body begins with %q: want JSON right behind one blank line", body[0])
	case len(body) < size:
		return nil, false, nil
	}
	return body[:size], true, nil
}

// firstJSON takes the first JSON object, whatever white space stands before it.
func firstJSON(b []byte) (object []byte, whole bool, err error) {
	if start := bytes.TrimLeft(b, " \t\r\n"); len(start) > 0 && start[0] != '{' {
		return nil, false, fmt.Errorf("body begins with %q: want JSON", start[0])
	}
	var first json.RawMessage
	err = json.NewDecoder(bytes.NewReader(b)).Decode(&first)
	switch {
	case err == nil:
		return first, true, nil
	case err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF):
		return nil, false, nil
	}
	return nil, false, fmt.Errorf("decode answer %q: %w", b, err)
}

// closeWhenDone closes conn when ctx ends, so that what waits on it returns. The function it
// gives takes that back.
func closeWhenDone(ctx context.Context, conn net.Conn) func() {
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	return func() { stop() }
}
