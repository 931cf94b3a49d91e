package cloud

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// startDNS runs a server that answers DNS questions on loopback.
func startDNS(t testing.TB, o Options) (*Server, netip.AddrPort) {
	t.Helper()
	o.HTTP, o.Control, o.DNS = "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"
	o.Registry, o.Sink = &registry{}, newCollector()
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return s, addrPortOf(s.Addrs().DNS)
}

// foreignResolver is Go's own: it was not written with ours in mind.
func foreignResolver(at netip.AddrPort, network string) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, asked, _ string) (net.Conn, error) {
		if network != "" {
			asked = network
		}
		return new(net.Dialer).DialContext(ctx, asked, at.String())
	}}
}

// wireName writes a name as it is on the wire.
func wireName(name string) (wire []byte) {
	for label := range strings.SplitSeq(strings.TrimSuffix(name, "."), ".") {
		wire = append(append(wire, byte(len(label))), label...)
	}
	return append(wire, 0)
}

func query(name string, kind uint16) []byte {
	return question{id: 7, name: wireName(name), kind: kind, class: classIN}.append(nil)
}

// askUDP sends a message from a port of its own and returns what comes; nil when nothing does within a time.
func askUDP(t testing.TB, at netip.AddrPort, message []byte, patience time.Duration) []byte {
	t.Helper()
	conn, err := net.Dial("udp", at.String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write(message); err != nil {
		t.Fatal(err)
	}
	conn.SetReadDeadline(time.Now().Add(patience))
	answer := make([]byte, 65535)
	n, err := conn.Read(answer)
	if err != nil {
		return nil
	}
	return answer[:n]
}

func askTCP(t testing.TB, at netip.AddrPort, messages ...[]byte) (answers [][]byte) {
	t.Helper()
	conn, err := net.Dial("tcp", at.String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	for _, message := range messages { // all at once: RFC 7766, 6.2.1.1
		if _, err := conn.Write(framed(append([]byte{0, 0}, message...))); err != nil {
			t.Fatal(err)
		}
	}
	for range messages {
		answer, err := readFramed(conn, nil)
		if err != nil {
			return answers
		}
		answers = append(answers, answer)
	}
	return answers
}

func rcodeOf(answer []byte) int { return int(answer[3] & 15) }

func TestDNSLeadsTheNamesOfBothZonesHere(t *testing.T) {
	for _, network := range []string{"udp", "tcp"} {
		s, at := startDNS(t, Options{})
		r := foreignResolver(at, network)
		for _, name := range []string{"v720.naxclow.com.", "v720.p2p.naxclow.com.", "naxclow.com.", "A.b.C.NaXcLoW.com.Cn.", "naxclow.com.cn."} {
			got, err := r.LookupNetIP(t.Context(), "ip4", name)
			if err != nil || len(got) != 1 || got[0] != netip.MustParseAddr("127.0.0.1") {
				t.Errorf("%s over %s: %v, %v; want the address that it was asked at", name, network, got, err)
			}
			got, err = r.LookupNetIP(t.Context(), "ip6", name)
			if e := new(net.DNSError); len(got) != 0 || !errors.As(err, &e) || !e.IsNotFound || e.IsTemporary {
				t.Errorf("AAAA of %s over %s: %v, %v; want that there is none", name, network, got, err)
			}
		}
		told, _ := s.DNS()
		if told.Ours == 0 || len(told.Asked) != 1 || told.Asked[0].Addr != netip.MustParseAddr("127.0.0.1") || told.Asked[0].Name != "naxclow.com.cn" || told.Asked[0].At.IsZero() {
			t.Errorf("told is %+v, want who asked for which name", told)
		}
	}
}

func TestDNSTellsTheAdvertisedAddress(t *testing.T) {
	_, at := startDNS(t, Options{Advertise: mustAddr("192.168.7.9")})
	got, err := foreignResolver(at, "").LookupNetIP(t.Context(), "ip4", "v720.naxclow.com.")
	if err != nil || len(got) != 1 || got[0] != mustAddr("192.168.7.9") {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestDNSAnswersFromTheAddressThatWasAsked(t *testing.T) {
	s, err := New(Options{HTTP: "127.0.0.1:0", Control: "127.0.0.1:0", DNS: "0.0.0.0:0", Registry: &registry{}, Sink: newCollector()})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	defer func() { stop(); <-ended }()
	port := portOf(s.Addrs().DNS)
	for _, host := range []string{"127.0.0.1", "127.0.0.2"} {
		addr := mustAddr(host)
		if host != "127.0.0.1" {
			if l, err := net.Listen("tcp", net.JoinHostPort(host, "0")); err != nil {
				t.Logf("this system has no %s", host)
				continue
			} else {
				l.Close()
			}
		}
		// A connected socket takes datagrams of the address that it asked alone.
		answer := askUDP(t, netip.AddrPortFrom(addr, port), query("v720.naxclow.com", typeA), 10*time.Second)
		want := addr.As4()
		if len(answer) < 4 || [4]byte(answer[len(answer)-4:]) != want {
			t.Errorf("asked at %s: got %x", host, answer)
		}
	}
}

func TestAStrangersDNSQuestionGetsNoAnswer(t *testing.T) {
	s, at := startDNS(t, Options{DNSNetworks: []netip.Prefix{netip.MustParsePrefix("10.99.0.0/16")}})
	if got := askUDP(t, at, query("v720.naxclow.com", typeA), 200*time.Millisecond); got != nil {
		t.Errorf("over UDP: %x", got)
	}
	if got := askTCP(t, at, query("v720.naxclow.com", typeA)); got != nil {
		t.Errorf("over TCP: %x", got)
	}
	if told, _ := s.DNS(); told.Strangers != 2 || told.Ours != 0 || len(told.Asked) != 0 || s.Refused() != 2 {
		t.Errorf("counted %+v, refused %d", told, s.Refused())
	}
}

func TestOnlyPrivateNetworksOfThisMachineMayAsk(t *testing.T) {
	n := newNetworks(nil)
	looks := 0
	list := []net.Addr{cidr("192.168.1.5/24"), cidr("127.0.0.1/8"), cidr("8.8.4.4/24"), cidr("100.64.1.1/10"), cidr("fd00::1/64")}
	n.interfaces = func() ([]net.Addr, error) { looks++; return list, nil }
	now := time.Now()
	for addr, want := range map[string]bool{
		"192.168.1.77": true, "127.0.0.1": true, "fd00::7": true, "::ffff:192.168.1.3": true,
		"192.168.2.1": false, "8.8.4.5": false, "100.64.1.2": false, "1.1.1.1": false,
	} {
		if got := n.allow(mustAddr(addr), now); got != want {
			t.Errorf("%s: %v, want %v", addr, got, want)
		}
	}
	if looks != 1 {
		t.Errorf("looked at the interfaces %d times, want once", looks)
	}
	list = append(list, cidr("192.168.2.5/24"))
	if n.allow(mustAddr("192.168.2.1"), now.Add(networksAfter-1)) || !n.allow(mustAddr("192.168.2.1"), now.Add(networksAfter)) {
		t.Error("a network that came is not looked for again in time")
	}
	list = list[1:] // it has left the first one, and nobody of another one asks
	if !n.allow(mustAddr("192.168.1.77"), now.Add(2*networksAfter-1)) || n.allow(mustAddr("192.168.1.77"), now.Add(2*networksAfter)) {
		t.Error("a network that was left may ask for longer than that is not known")
	}
}

type cidr string

func (c cidr) Network() string { return "ip+net" }
func (c cidr) String() string  { return string(c) }

func TestDNSRefusesWhatAmplifies(t *testing.T) {
	s, at := startDNS(t, Options{DNSForward: netip.MustParseAddrPort("127.0.0.1:1")})
	for _, name := range []string{"naxclow.com", "example.org"} {
		for kind := range uint16(5) {
			asked := query(name, 251+kind)
			answer := askUDP(t, at, asked, 10*time.Second)
			if len(answer) != len(asked) || rcodeOf(answer) != rcodeRefused {
				t.Errorf("%s of type %d: %x, want it refused with no more bytes than were sent", name, 251+kind, answer)
			}
		}
	}
	for i, bad := range []struct {
		message []byte
		rcode   int // -1: no answer
	}{
		{[]byte("short"), -1},
		{withBytes(query("naxclow.com", 1), 2, 0x80), -1},                      // an answer: two servers would never end
		{withBytes(query("naxclow.com", 1), 2, 0x28), rcodeNotImplemented},     // UPDATE
		{withBytes(query("naxclow.com", 1), 5, 2), rcodeFormat},                // two questions
		{withBytes(query("naxclow.com", 1), 7, 1), rcodeFormat},                // with an answer
		{withBytes(query("naxclow.com", 1), 12, 0xc0, 0x0c), rcodeFormat},      // a name that points to itself
		{query("naxclow.com", 1)[:20], rcodeFormat},                            // cut
		{withBytes(query("naxclow.com", 1), 11, 1), rcodeFormat},               // a record that is not there
		{query(strings.Repeat("abcdefgh.", 30)+"naxclow.com", 1), rcodeFormat}, // longer than names are
		{withBytes(query("naxclow.com", 1), 27, 3), rcodeRefused},              // class CHAOS
	} {
		patience := 10 * time.Second
		if bad.rcode < 0 {
			patience = 100 * time.Millisecond
		}
		answer := askUDP(t, at, bad.message, patience)
		if bad.rcode < 0 && answer != nil || bad.rcode >= 0 && (answer == nil || rcodeOf(answer) != bad.rcode || len(answer) > len(bad.message)) {
			t.Errorf("message %d %x: got %x, want rcode %d and no more bytes", i, bad.message, answer, bad.rcode)
		}
	}
	if told, _ := s.DNS(); told.Malformed < 7 || told.Passed != 0 {
		t.Errorf("counted %+v", told)
	}
}

func withBytes(b []byte, at int, values ...byte) []byte {
	b = slices.Clone(b)
	copy(b[at:], values)
	return b
}

func TestDNSAnswersAnAddressOnlySoOftenASecond(t *testing.T) {
	s, _ := startDNS(t, Options{DNSNetworks: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}})
	now, answered := time.Now(), 0
	for range 10 * dnsBurst {
		if s.dns.mayAsk(mustAddr("10.1.1.1"), now) {
			answered++
		}
	}
	if answered != dnsBurst {
		t.Errorf("%d of %d questions at once are answered, want %d", answered, 10*dnsBurst, dnsBurst)
	}
	if !s.dns.mayAsk(mustAddr("10.1.1.2"), now) {
		t.Error("another address pays for it")
	}
	if !s.dns.mayAsk(mustAddr("10.1.1.1"), now.Add(time.Second)) {
		t.Error("a second later it is not answered again")
	}
}

// upstream is a resolver that others' names are asked of, on loopback, UDP and TCP.
type upstream struct {
	at    netip.AddrPort
	asked atomic.Int64
}

// startUpstream answers what answer makes of a question: messages to send, over UDP or TCP.
func startUpstream(t *testing.T, answer func(q question, tcp bool) [][]byte) *upstream {
	t.Helper()
	l, udp, err := listenBoth("127.0.0.1:0", func(address string) (net.Listener, error) { return net.Listen("tcp4", address) },
		func(address string) (net.PacketConn, error) { return net.ListenPacket("udp4", address) })
	if err != nil {
		t.Fatal(err)
	}
	u := &upstream{at: addrPortOf(udp.LocalAddr())}
	var serving sync.WaitGroup
	t.Cleanup(func() { udp.Close(); l.Close(); serving.Wait() })
	heard := func(b []byte) (question, bool) {
		q, err := parseQuestion(slices.Clone(b))
		if err != nil {
			t.Errorf("asked with %x: %v", b, err)
			return q, false
		}
		u.asked.Add(1)
		return q, true
	}
	serving.Go(func() {
		b := make([]byte, 2048)
		for {
			n, from, err := udp.ReadFrom(b)
			if err != nil {
				return
			}
			if q, ok := heard(b[:n]); ok {
				for _, m := range answer(q, false) {
					udp.WriteTo(m, from)
				}
			}
		}
	})
	serving.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			if b, err := readFramed(conn, nil); err == nil {
				if q, ok := heard(b); ok {
					for _, m := range answer(q, true) {
						conn.Write(framed(append([]byte{0, 0}, m...)))
					}
				}
			}
			conn.Close()
		}
	})
	return u
}

// addresses answers with n A records 192.0.2.1, 2 ….
func (q question) addresses(n int, ttl uint32) []byte {
	b := q.appendHeader(nil, rcodeOK, 0, [3]uint16{uint16(n), 0, q.extra()})
	for i := range n {
		b = appendPointer(b, dnsHeaderSize)
		b = binary.BigEndian.AppendUint16(b, typeA)
		b = binary.BigEndian.AppendUint16(b, classIN)
		b = binary.BigEndian.AppendUint32(b, ttl)
		b = append(b, 0, 4, 192, 0, 2, byte(i+1))
	}
	if q.edns {
		b = q.appendOPT(b)
	}
	return b
}

func TestDNSPassesTheRestOnAndRemembersItBriefly(t *testing.T) {
	u := startUpstream(t, func(q question, _ bool) [][]byte { return [][]byte{q.addresses(2, 300)} })
	s, at := startDNS(t, Options{DNSForward: u.at})
	r := foreignResolver(at, "")
	for range 3 {
		got, err := r.LookupNetIP(t.Context(), "ip4", "www.example.org.")
		if err != nil || len(got) != 2 {
			t.Fatalf("got %v, %v", got, err)
		}
	}
	if n := u.asked.Load(); n != 1 {
		t.Errorf("others were asked %d times, want once", n)
	}
	if told, _ := s.DNS(); told.Passed != 1 || told.Recalled != 2 || told.Ours != 0 {
		t.Errorf("counted %+v", told)
	}
}

func TestEveryQuestionToOthersHasAnIDAndACaseOfItsOwn(t *testing.T) {
	q := question{name: wireName("a-rather-long-name-with-many-letters.example.org"), kind: typeA, class: classIN}
	ids, names := map[uint16]bool{}, map[string]bool{}
	for range 100 {
		asked := q.disguised()
		ids[asked.id], names[string(asked.name)] = true, true
		if lower(asked.name) != string(q.name) {
			t.Fatalf("asked for %q", asked.name)
		}
	}
	if len(ids) < 90 || len(names) < 90 {
		t.Errorf("%d ids and %d cases in 100 questions", len(ids), len(names))
	}
}

func TestWhatDNSRemembersAgesAndEnds(t *testing.T) {
	q := question{name: wireName("example.org"), kind: typeA, class: classIN, edns: true}
	key, now := q.lookup(), time.Now()
	ttl := func(answer []byte) uint32 {
		r, err := recordAt(answer, q.questionEnd())
		if err != nil {
			t.Fatal(err)
		}
		return r.ttl
	}
	for _, c := range []struct {
		ttl   uint32
		lasts time.Duration
	}{{30, 30 * time.Second}, {1 << 20, longestCached}, {0, 0}} {
		var cache dnsCache
		cache.keep(key, q.addresses(1, c.ttl), now)
		for _, age := range []time.Duration{0, c.lasts / 2, max(c.lasts-1, 0), c.lasts} {
			got, ok := cache.answer(nil, key, now.Add(age))
			if want := age < c.lasts; ok != want {
				t.Errorf("TTL %d after %v: remembered %v, want %v", c.ttl, age, ok, want)
			} else if ok && ttl(got) != c.ttl-uint32(age/time.Second) {
				t.Errorf("TTL %d after %v is told as %d", c.ttl, age, ttl(got))
			}
		}
	}
	var cache dnsCache
	for _, not := range [][]byte{
		q.appendEmpty(nil, rcodeOK, 0), q.appendEmpty(nil, rcodeServer, 0), q.appendEmpty(nil, rcodeOK, flagTruncated), q.addresses(400, 60),
	} {
		if cache.keep(key, not, now); len(cache.held) != 0 {
			t.Errorf("%x… of %d bytes is remembered", not[:12], len(not))
		}
	}
	for i := range 3 * maxCached {
		q.name = wireName("n" + itoa(i))
		cache.keep(q.lookup(), q.addresses(1, 60), now)
	}
	if len(cache.held) != maxCached {
		t.Errorf("%d are remembered, want %d", len(cache.held), maxCached)
	}
}

func TestDNSCutsWhatDoesNotFitAndHasItOverTCP(t *testing.T) {
	u := startUpstream(t, func(q question, tcp bool) [][]byte {
		if !tcp {
			return [][]byte{q.appendEmpty(nil, rcodeOK, flagTruncated)}
		}
		return [][]byte{q.addresses(200, 60)}
	})
	_, at := startDNS(t, Options{DNSForward: u.at})
	asked := query("many.example.org", typeA)
	cut := askUDP(t, at, asked, 10*time.Second)
	if len(cut) != len(asked) || cut[2]&2 == 0 {
		t.Errorf("by datagram: %x, want TC and nothing else", cut)
	}
	whole := askTCP(t, at, asked, asked)
	if len(whole) != 2 || binary.BigEndian.Uint16(whole[0][6:]) != 200 || whole[0][2]&2 != 0 || binary.BigEndian.Uint16(whole[1][6:]) != 200 {
		t.Errorf("over TCP: %d answers", len(whole))
	}
	got, err := foreignResolver(at, "").LookupNetIP(t.Context(), "ip4", "many.example.org.")
	if err != nil || len(got) != 200 {
		t.Errorf("a resolver gets %d addresses, %v", len(got), err)
	}
}

func TestDNSTakesNoAnswerThatWasGuessed(t *testing.T) {
	u := startUpstream(t, func(q question, tcp bool) [][]byte {
		good := q.addresses(1, 60)
		if tcp {
			return [][]byte{good}
		}
		forged := q.addresses(3, 60)
		folded := slices.Clone(forged)
		copy(folded[dnsHeaderSize:], lower(q.name)) // who cannot know the case
		if lower(q.name) == string(q.name) {
			folded[dnsHeaderSize+1] ^= 0x20
		}
		return [][]byte{withBytes(forged, 0, forged[0]^1), withBytes(forged, 2, 0), folded, forged[:20], forged[:len(forged)-2], good}
	})
	_, at := startDNS(t, Options{DNSForward: u.at})
	got, err := foreignResolver(at, "udp").LookupNetIP(t.Context(), "ip4", "bank.example.org.")
	if err != nil || len(got) != 1 {
		t.Errorf("got %v, %v; want the one answer that fits", got, err)
	}
}

func TestDNSSaysThatNobodyAnswers(t *testing.T) {
	silent := startUpstream(t, func(question, bool) [][]byte { return nil })
	for name, o := range map[string]Options{
		"nobody listens": {DNSForward: netip.MustParseAddrPort("127.0.0.1:1")},
		"it is silent":   {DNSForward: silent.at},
		"none is named":  {ResolvConf: filepath.Join(t.TempDir(), "none")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, at := startDNS(t, o)
			asked := query("example.org", typeA)
			if got := askUDP(t, at, asked, 10*time.Second); got == nil || rcodeOf(got) != rcodeServer {
				t.Errorf("got %x, want SERVFAIL", got)
			}
			if told, _ := s.DNS(); told.Failed != 1 {
				t.Errorf("counted %+v", told)
			}
			// What it knows itself it answers all the same.
			if _, err := foreignResolver(at, "").LookupNetIP(t.Context(), "ip4", "v720.naxclow.com."); err != nil {
				t.Error(err)
			}
		})
	}
}

// askedOfNobody sends questions from an address, of which each waits for a resolver that is silent.
func askedOfNobody(t *testing.T, s *Server, from string, at netip.AddrPort, n int) net.Conn {
	t.Helper()
	dialer := net.Dialer{LocalAddr: &net.UDPAddr{IP: net.ParseIP(from)}}
	conn, err := dialer.Dial("udp4", at.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	for i := range n {
		if _, err := conn.Write(query(fmt.Sprintf("n%d.silent.example", i), typeA)); err != nil {
			t.Fatal(err)
		}
	}
	return conn
}

func TestOneAddressLeavesOthersPlacesForTheirDNSQuestions(t *testing.T) {
	u := startUpstream(t, func(q question, _ bool) [][]byte {
		if strings.Contains(strings.ToLower(string(q.name)), "silent") {
			return nil
		}
		return [][]byte{q.addresses(1, 0)}
	})
	s, at := startDNS(t, Options{DNSForward: u.at})
	full := func(from string, want int) {
		t.Helper()
		until(t, from+"'s questions wait", func() bool {
			s.dns.waiting.mu.Lock()
			defer s.dns.waiting.mu.Unlock()
			return s.dns.waiting.of[mustAddr(from)] == want
		})
	}
	askedOfNobody(t, s, "127.0.0.9", at, forwardsAtMax)
	full("127.0.0.9", forwardsOfAddress)
	until(t, "the rest is refused", func() bool { return s.Refused() == forwardsAtMax-forwardsOfAddress })
	if got := askUDP(t, at, query("example.org", typeA), 10*time.Second); got == nil || rcodeOf(got) != rcodeOK {
		t.Errorf("another address is answered with %x", got)
	}
	if got := askTCP(t, at, query("example.org", typeA)); len(got) != 1 || rcodeOf(got[0]) != rcodeOK {
		t.Errorf("over TCP with %x", got)
	}
	until(t, "the places are given back", func() bool {
		s.dns.waiting.mu.Lock()
		defer s.dns.waiting.mu.Unlock()
		return s.dns.waiting.taken == 0 && len(s.dns.waiting.of) == 0
	})
}

func TestDNSAsksTheNextResolverWhenOneIsDead(t *testing.T) {
	u := startUpstream(t, func(q question, _ bool) [][]byte { return [][]byte{q.addresses(1, 0)} })
	f := &forwarder{dial: new(net.Dialer).DialContext, servers: func() []netip.AddrPort {
		return []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:1"), u.at}
	}}
	q := question{name: wireName("example.org"), kind: typeA, class: classIN}
	if _, err := f.ask(t.Context(), q); err != nil {
		t.Fatal(err)
	}
	if f.last.Load() != 1 {
		t.Error("the dead one is asked first again")
	}
}

// The router asks us, and we ask the router: the question comes back and waits for itself, once, until
// its time is over.
func TestDNSDoesNotAskInALoop(t *testing.T) {
	var at atomic.Pointer[netip.AddrPort]
	u := startUpstream(t, func(q question, tcp bool) [][]byte {
		conn, err := net.Dial("udp", at.Load().String())
		if err != nil {
			t.Error(err)
			return nil
		}
		conn.Write(q.append(nil)) // as a router would; its answer comes too late
		t.Cleanup(func() { conn.Close() })
		return nil
	})
	s, ours := startDNS(t, Options{DNSForward: u.at})
	at.Store(&ours)
	if got := askUDP(t, ours, query("example.org", typeA), 20*time.Second); got == nil || rcodeOf(got) != rcodeServer {
		t.Errorf("got %x, want SERVFAIL", got)
	}
	if n := u.asked.Load(); n > 4 {
		t.Errorf("the question went around %d times", n)
	}
	if told, _ := s.DNS(); told.Recalled != 0 {
		t.Errorf("counted %+v", told)
	}
}

func TestDNSNeverAsksItself(t *testing.T) {
	file := filepath.Join(t.TempDir(), "resolv.conf")
	text := "# made by hand\nsearch lan\nnameserver 127.0.0.1\nnameserver nonsense\nnameserver 192.168.1.1 # router\nnameserver fe80::1%eth0\nnameserver 8.8.8.8\noptions edns0\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := New(Options{Registry: &registry{}, Sink: newCollector(), ResolvConf: file})
	if err != nil {
		t.Fatal(err)
	}
	r := &resolver{server: s, networks: newNetworks(nil)}
	r.networks.interfaces = func() ([]net.Addr, error) { return []net.Addr{cidr("192.168.1.1/24")}, nil }
	if got := r.resolvers(netip.MustParseAddrPort("0.0.0.0:53"))(); len(got) != 1 || got[0].Addr() != mustAddr("fe80::1%eth0") {
		t.Errorf("on all addresses: asks %v", got)
	}
	if got := r.resolvers(netip.MustParseAddrPort("192.168.1.1:53"))(); len(got) != 2 || got[0] != netip.MustParseAddrPort("127.0.0.1:53") {
		t.Errorf("on one address: asks %v; systemd-resolved at 127.0.0.53 would be another one", got)
	}
	s.o.DNSForward = netip.MustParseAddrPort("192.168.1.1:53")
	if got := r.resolvers(netip.MustParseAddrPort("0.0.0.0:53"))(); len(got) != 0 {
		t.Errorf("named itself: asks %v", got)
	}
}

func TestAskersAreBounded(t *testing.T) {
	var a askers
	now := time.Now()
	addr := mustAddr("10.0.0.0")
	for i := range 2 * maxAsked {
		addr = addr.Next()
		a.note(addr, "x", now.Add(time.Duration(i)))
	}
	all := a.list()
	if len(all) != maxAsked || all[len(all)-1].Addr != addr {
		t.Errorf("%d are remembered, the last is %v; want %d, and %v", len(all), all[len(all)-1].Addr, maxAsked, addr)
	}
}

func FuzzDNS(f *testing.F) {
	f.Add(query("v720.naxclow.com", typeA))
	f.Add(query("naxclow.com.cn", 28))
	f.Add(question{name: wireName("example.org"), kind: 65, class: classIN, edns: true, dnssec: true}.append(nil))
	f.Add(question{name: wireName("example.org"), kind: typeA, class: classIN, edns: true}.addresses(3, 60))
	s, err := New(Options{Registry: &registry{}, Sink: newCollector()})
	if err != nil {
		f.Fatal(err)
	}
	r := &resolver{server: s}
	addr, now := mustAddr("192.168.1.5"), time.Now()
	f.Fuzz(func(t *testing.T, message []byte) {
		q, reply, known := r.answer(nil, message, addr, addr, now)
		if reply != nil {
			if len(reply) > plainDatagram || len(reply) > len(message)+100 {
				t.Errorf("%d bytes make %d", len(message), len(reply))
			}
			if reply[2]&0x80 == 0 {
				t.Error("an answer that is none")
			}
			end := dnsHeaderSize
			if q.name != nil {
				end = q.questionEnd()
			}
			if err := eachRecord(reply, end, nil); err != nil {
				t.Errorf("our own answer %x: %v", reply, err)
			}
		}
		if !known {
			again, err := parseQuestion(q.disguised().append(nil))
			if err != nil || again.lookup() != q.lookup() {
				t.Errorf("asked others for %+v, was asked for %+v: %v", again.lookup(), q.lookup(), err)
			}
		}
		// The same bytes as somebody's answer.
		if len(message) >= dnsHeaderSize {
			lifetime(message, dnsHeaderSize)
			var cache dnsCache
			key := lookup{name: "\x01a\x00"}
			cache.keep(key, message, now)
			cache.answer(nil, key, now.Add(time.Second))
		}
		nameText(message)
	})
}

// The bound is 10,000 a second: a hundred times what a house asks when all come home.
func BenchmarkDNS(b *testing.B) {
	_, at := startDNS(b, Options{})
	conn, err := net.Dial("udp", at.String())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	asked, answer := query("v720.naxclow.com", typeA), make([]byte, 512)
	const under = 16 // questions on their way
	for range under {
		conn.Write(asked)
	}
	b.ReportAllocs()
	for b.Loop() {
		conn.SetReadDeadline(time.Now().Add(time.Second))
		if _, err := conn.Read(answer); err != nil {
			b.Fatal(err)
		}
		conn.Write(asked)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "questions/s")
}
