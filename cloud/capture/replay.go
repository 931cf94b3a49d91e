package capture

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"v720dvr/cloud/v720"
)

// Target is the server that a camera is played against: addresses with their ports.
type Target struct {
	HTTP, Control, MQTT string
	// Patience is how long an answer may take that the captured server gave. Default 5 s.
	Patience time.Duration
	// Dial opens connections. Default: the system's.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Kinds of conversation.
const (
	KindHTTP    = "bootstrap"
	KindControl = "control"
	KindMQTT    = "MQTT"
)

// Played tells how a conversation went.
type Played struct {
	Kind     string   `json:"kind"`
	Camera   string   `json:"camera"` // its end in the file
	Server   string   `json:"server"` // the captured one
	Sent     int      `json:"sent_bytes"`
	Messages int      `json:"messages"` // of the camera
	Answers  int      `json:"answers"`  // that the captured server gave, and this one too
	Missing  []string `json:"missing"`  // answers that did not come, and what went wrong
	Other    []string `json:"other"`    // what this server says otherwise
}

// Replay plays the camera of a file: what it sent goes out again, turn by turn, as soon as the answers have
// come that it had. Connections are played in their order, those that overlap side by side.
func Replay(ctx context.Context, conversations []*Conversation, to Target) []Played {
	if to.Patience == 0 {
		to.Patience = 5 * time.Second
	}
	if to.Dial == nil {
		to.Dial = new(net.Dialer).DialContext
	}
	var played []*Played
	var playing sync.WaitGroup
	for _, c := range conversations {
		p := &Played{Kind: kindOf(c), Camera: c.Client.String(), Server: c.Server.String(), Missing: []string{}, Other: []string{}}
		if p.Kind == "" {
			continue // somebody else's
		}
		if c.Gap {
			p.Missing = append(p.Missing, "a part of it was not captured")
		}
		played = append(played, p)
		play := func() {
			if err := p.play(ctx, c, to); err != nil {
				p.Missing = append(p.Missing, err.Error())
			}
		}
		if p.Kind == KindHTTP { // it tells where to go, and ends before the camera goes there
			play()
		} else {
			playing.Go(play)
		}
	}
	playing.Wait()
	list := make([]Played, 0, len(played))
	for _, p := range played {
		list = append(list, *p)
	}
	return list
}

// kindOf tells what a conversation is by how it begins; "" when it is none of a camera's.
func kindOf(c *Conversation) string {
	if len(c.Turns) == 0 || !c.Turns[0].ByClient {
		return ""
	}
	first := c.Turns[0].Data
	switch {
	case bytes.HasPrefix(first, []byte("POST /app/")), bytes.HasPrefix(first, []byte("GET /app/")):
		return KindHTTP
	case len(first) > 10 && first[0] == 0x10 && bytes.Contains(first[:min(len(first), 16)], []byte("MQTT")):
		return KindMQTT
	}
	if p, err := v720.NewDecoder(bytes.NewReader(first)).Next(); err == nil && (p.Cmd == v720.CmdHeartbeat || p.Cmd == v720.CmdJSON && bytes.Contains(p.Payload, []byte("100"))) {
		return KindControl
	}
	return ""
}

// play plays one conversation.
func (p *Played) play(ctx context.Context, c *Conversation, to Target) error {
	address := map[string]string{KindHTTP: to.HTTP, KindControl: to.Control, KindMQTT: to.MQTT}[p.Kind]
	if address == "" {
		return fmt.Errorf("this server has no %s", p.Kind)
	}
	limited, cancel := context.WithTimeout(ctx, to.Patience)
	conn, err := to.Dial(limited, "tcp", address)
	cancel()
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	heard := newHearing(p.Kind, conn)
	defer heard.wait()
	defer conn.Close()
	read := splitter(p.Kind)
	p.Messages = len(messages(read, sideOf(c, true)))
	for i, turn := range c.Turns {
		if turn.ByClient {
			conn.SetWriteDeadline(time.Now().Add(to.Patience))
			if _, err := conn.Write(turn.Data); err != nil {
				return fmt.Errorf("at turn %d: %w", i+1, err)
			}
			p.Sent += len(turn.Data)
			continue
		}
		for _, want := range messages(read, turn.Data) {
			got, came := heard.await(ctx, want.kind, to.Patience)
			if !came {
				p.Missing = append(p.Missing, want.kind)
				continue
			}
			p.Answers++
			p.compare(want, got)
		}
	}
	if p.Kind != KindHTTP { // what comes behind the last answer, of its own accord
		heard.settle(min(to.Patience, 500*time.Millisecond))
	}
	p.Other = append(p.Other, heard.unasked()...)
	slices.Sort(p.Other)
	p.Other = slices.Compact(p.Other)
	return nil
}

func sideOf(c *Conversation, client bool) (data []byte) {
	for _, turn := range c.Turns {
		if turn.ByClient == client {
			data = append(data, turn.Data...)
		}
	}
	return data
}

// said is one message of a server or a camera.
type said struct {
	kind string // what it is, without what changes from one to the next
	data []byte
}

// compare notes what a server says otherwise.
func (p *Played) compare(want, got said) {
	if p.Kind == KindMQTT {
		if !bytes.Equal(want.data, got.data) {
			p.Other = append(p.Other, fmt.Sprintf("%s: %x instead of %x", want.kind, got.data, want.data))
		}
		return
	}
	was, is := map[string]string{}, map[string]string{}
	flatten("", want.data, was)
	flatten("", got.data, is)
	for _, key := range slices.Sorted(maps.Keys(was)) {
		value, has := is[key]
		switch {
		case !has:
			p.Other = append(p.Other, fmt.Sprintf("%s: no %s", want.kind, key))
		case value != was[key]:
			p.Other = append(p.Other, fmt.Sprintf("%s: %s is %s instead of %s", want.kind, key, value, was[key]))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(is)) {
		if _, had := was[key]; !had {
			p.Other = append(p.Other, fmt.Sprintf("%s: %s is new", want.kind, key))
		}
	}
}

// flatten takes JSON apart: "data.host" is "10.42.0.1".
func flatten(prefix string, text []byte, into map[string]string) {
	var inside map[string]json.RawMessage
	if json.Unmarshal(text, &inside) != nil {
		into[strings.TrimSuffix(prefix, ".")] = fmt.Sprintf("%.100s", text)
		return
	}
	for key, raw := range inside {
		flatten(prefix+key+".", raw, into)
	}
}

// splitter reads one message of a kind of conversation.
func splitter(kind string) func(*bufio.Reader) (said, error) {
	switch kind {
	case KindHTTP:
		return readHTTP
	case KindMQTT:
		return readMQTT
	}
	return readPackage
}

func messages(read func(*bufio.Reader) (said, error), data []byte) (all []said) {
	for r := bufio.NewReader(bytes.NewReader(data)); ; {
		m, err := read(r)
		if err != nil {
			return all
		}
		all = append(all, m)
	}
}

func readHTTP(r *bufio.Reader) (said, error) {
	begin, err := r.Peek(5)
	if err != nil {
		return said{}, err
	}
	if string(begin) != "HTTP/" {
		request, err := http.ReadRequest(r)
		if err != nil {
			return said{}, err
		}
		return said{kind: request.URL.Path}, nil
	}
	answer, err := http.ReadResponse(r, nil)
	if err != nil {
		return said{}, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	return said{fmt.Sprintf("HTTP %d %s", answer.StatusCode, answer.Header.Get("Content-Type")), body}, err
}

func readPackage(r *bufio.Reader) (said, error) {
	p, err := onePackage(r)
	if err != nil {
		return said{}, err
	}
	if p.Cmd != v720.CmdJSON {
		return said{kind: fmt.Sprintf("cmd %d", p.Cmd)}, nil
	}
	m, err := v720.ParseControl(p.Payload)
	if err != nil {
		return said{"JSON that cannot be read", nil}, nil
	}
	return said{fmt.Sprintf("code %d", m.Code), v720.CleanJSON(p.Payload)}, nil
}

// onePackage takes no byte more than one package from r.
func onePackage(r *bufio.Reader) (v720.Packet, error) {
	head, err := r.Peek(v720.HeaderSize)
	if err != nil {
		return v720.Packet{}, err
	}
	size := int(head[0]) | int(head[1])<<8 | int(head[2])<<16 | int(head[3])<<24
	if size < 0 || size > v720.MaxPacket-v720.HeaderSize {
		return v720.Packet{}, v720.ErrOversized
	}
	whole := make([]byte, v720.HeaderSize+size)
	if _, err := io.ReadFull(r, whole); err != nil {
		return v720.Packet{}, err
	}
	return v720.ParsePacket(whole)
}

// mqttKinds are the packets of MQTT 3.1.1, by their number.
var mqttKinds = [16]string{1: "CONNECT", 2: "CONNACK", 3: "PUBLISH", 4: "PUBACK", 8: "SUBSCRIBE", 9: "SUBACK", 12: "PINGREQ", 13: "PINGRESP", 14: "DISCONNECT"}

func readMQTT(r *bufio.Reader) (said, error) {
	first, err := r.ReadByte()
	if err != nil {
		return said{}, err
	}
	data, size := []byte{first}, 0
	for shift := 0; ; shift += 7 {
		b, err := r.ReadByte()
		if err != nil || shift > 21 {
			return said{}, fmt.Errorf("length of an MQTT packet: %w", cmpErr(err))
		}
		data = append(data, b)
		size |= int(b&0x7f) << shift
		if b < 0x80 {
			break
		}
	}
	if size > 1<<20 {
		return said{}, fmt.Errorf("MQTT packet of %d bytes", size)
	}
	body := make([]byte, size)
	if _, err := io.ReadFull(r, body); err != nil {
		return said{}, err
	}
	return said{mqttKinds[first>>4], append(data, body...)}, nil
}

func cmpErr(err error) error {
	if err == nil {
		return ErrFormat
	}
	return err
}

// hearing collects what a server says.
type hearing struct {
	kind    string
	came    chan said
	reading sync.WaitGroup
	kept    []said
}

// heardAtMost bounds what a server may say that nobody waits for.
const heardAtMost = 1024

func newHearing(kind string, conn net.Conn) *hearing {
	h := &hearing{kind: kind, came: make(chan said, heardAtMost)}
	h.reading.Go(func() {
		defer close(h.came)
		read := splitter(kind)
		for r := bufio.NewReaderSize(conn, v720.MaxPacket); ; {
			m, err := read(r)
			if err != nil {
				return
			}
			select {
			case h.came <- m:
			default: // it says too much: what it says beyond is not told
			}
		}
	})
	return h
}

func (h *hearing) wait() { h.reading.Wait() }

// await waits for a message of a kind; others are kept.
func (h *hearing) await(ctx context.Context, kind string, patience time.Duration) (said, bool) {
	if i := slices.IndexFunc(h.kept, func(s said) bool { return s.kind == kind }); i >= 0 {
		got := h.kept[i]
		h.kept = slices.Delete(h.kept, i, i+1)
		return got, true
	}
	limit := time.NewTimer(patience)
	defer limit.Stop()
	for {
		select {
		case <-ctx.Done():
			return said{}, false
		case <-limit.C:
			return said{}, false
		case got, more := <-h.came:
			if !more {
				return said{}, false
			}
			if got.kind == kind {
				return got, true
			}
			h.kept = append(h.kept, got)
		}
	}
}

// settle hears what else comes within a time.
func (h *hearing) settle(within time.Duration) {
	limit := time.NewTimer(within)
	defer limit.Stop()
	for {
		select {
		case <-limit.C:
			return
		case got, more := <-h.came:
			if !more {
				return
			}
			h.kept = append(h.kept, got)
		}
	}
}

// unasked counts what the captured server did not say.
func (h *hearing) unasked() (told []string) {
	counts := map[string]int{}
	for _, s := range h.kept {
		counts[s.kind]++
	}
	for kind, n := range counts {
		told = append(told, fmt.Sprintf("%s %d times more", kind, n))
	}
	return told
}
