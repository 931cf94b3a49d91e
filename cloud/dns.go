package cloud

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"
)

// Bounds of the DNS server. It is one for a house: what it knows it answers at once, what it does not it
// asks others for, and who is not of the house hears nothing.
//
//	an answer by datagram    what who asks takes, and 1232 bytes at most, 512 to who does not say; else
//	                         it is cut and asked for over TCP, where nobody can ask in another's name
//	questions of an address  dnsPace a second, dnsBurst at once; beyond it no answer. Loopback is free
//	a connection             dnsPerConnection questions, dnsIdle between two
const (
	plainDatagram    = 512  // RFC 1035, 4.2.1
	largestDatagram  = 1232 // passes every network in one piece
	dnsPace          = 100
	dnsBurst         = 200
	dnsPerConnection = 100
	dnsIdle          = 10 * time.Second
	dnsPause         = 10 * time.Millisecond // behind an error of the socket
	maxQuestion      = 1232                  // bytes of a query; with cookies and the like some have 100
)

// resolver is the cloud's DNS: it leads the cameras' names here and passes on the rest.
type resolver struct {
	server   *Server
	socket   dnsSocket
	tcp      *acceptor
	networks *networks
	forward  *forwarder
	cache    dnsCache
	askers   askers
	pace     *buckets
	waiting  places
	asking   sync.WaitGroup
	ending   context.Context // when it ends, what others were asked is not waited for

	ours, passed, recalled, strange, failed, malformed counter
}

// listenDNS binds Options.DNS on UDP and TCP. Cameras know IPv4 alone, and DHCP names resolvers by it.
func (s *Server) listenDNS() (err error) {
	l, conn, err := listenBoth(s.o.DNS, func(address string) (net.Listener, error) {
		l, err := net.Listen("tcp4", address)
		if err != nil {
			return nil, dnsBusy(address, err)
		}
		return l, nil
	}, func(address string) (net.PacketConn, error) {
		p, err := net.ListenPacket("udp4", address)
		if err != nil {
			return nil, dnsBusy(address, err)
		}
		return p, nil
	})
	if err != nil {
		return err
	}
	udp := conn.(*net.UDPConn)
	defer func() {
		if err != nil {
			udp.Close()
			l.Close()
		}
	}()
	at := addrPortOf(udp.LocalAddr())
	r := &resolver{
		server: s, networks: newNetworks(s.o.DNSNetworks),
		pace:   newBuckets(dnsPace, dnsBurst),
		ending: context.Background(),
	}
	if r.socket, err = newDNSSocket(udp); err != nil {
		return fmt.Errorf("answer DNS questions on %s (cloud.dns): %w", at, err)
	}
	r.tcp = newAcceptor(s, l)
	r.tcp.tap = nil // others ask here too
	r.forward = &forwarder{dial: new(net.Dialer).DialContext, servers: r.resolvers(at)}
	s.dns = r
	return nil
}

// dnsBusy says what to do when something else answers DNS questions here: systemd-resolved listens at
// 127.0.0.53 and 127.0.0.54, a dnsmasq everywhere.
func dnsBusy(address string, err error) error {
	return fmt.Errorf("listen for DNS questions on %s (cloud.dns): %w; where another resolver runs on this machine, name the address of the cameras' network, \"192.168.1.5:53\", or have it answer for them (README.md)", address, err)
}

// resolvers says whom the rest is asked of: who is named, or the system's. at is where we listen.
func (r *resolver) resolvers(at netip.AddrPort) func() []netip.AddrPort {
	itself := func(other netip.AddrPort) bool {
		if other.Port() != at.Port() {
			return false
		}
		return other.Addr() == at.Addr() || at.Addr().IsUnspecified() && r.networks.ownAddress(other.Addr())
	}
	if r.server.o.DNSForward.IsValid() {
		named := []netip.AddrPort{r.server.o.DNSForward}
		if itself(named[0]) {
			r.server.log.Warn("cloud.dns_forward is v720dvr itself; names that are not the cameras' are not answered", "addr", named[0])
			named = nil
		}
		return func() []netip.AddrPort { return named }
	}
	system := &systemResolvers{path: r.server.o.ResolvConf, itself: itself}
	return system.servers
}

// run answers until close.
func (r *resolver) run(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	r.ending = ctx
	var serving sync.WaitGroup
	serving.Go(r.receive)
	serving.Go(func() { r.tcp.run(r.serve) })
	<-ctx.Done()
	cancel()
	r.close()
	serving.Wait()
	r.asking.Wait()
}

func (r *resolver) close() {
	r.socket.Close()
	r.tcp.close()
}

// receive answers datagrams. What we know goes back at once, by this goroutine and its two buffers.
func (r *resolver) receive() {
	datagram, answer := make([]byte, maxQuestion+1), make([]byte, 0, maxCachedSize)
	for {
		n, from, to, err := r.socket.read(datagram)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			r.malformed.Add(1)
			select {
			case <-time.After(dnsPause): // one that stays would take a core
			case <-r.ending.Done():
			}
			continue
		}
		if n > maxQuestion {
			r.malformed.Add(1)
			continue
		}
		now := time.Now()
		if !r.mayAsk(from.Addr(), now) {
			continue
		}
		if !to.IsValid() {
			to = routed(from)
		}
		q, reply, known := r.answer(answer[:0], datagram[:n], from.Addr(), to, now)
		switch {
		case reply != nil:
			r.socket.write(q.fit(reply), to, from)
		case !known:
			r.askOthers(q, from, to)
		}
	}
}

// mayAsk tells whether a question of an address is looked at.
func (r *resolver) mayAsk(from netip.Addr, now time.Time) bool {
	if !r.networks.allow(from, now) {
		r.strange.Add(1)
		r.server.guard.refuse(from, "DNS question of a stranger is not answered", "why", "its network is none of this machine's private ones", "do", "nothing, or name its network in cloud.dns_networks")
		return false
	}
	if !from.IsLoopback() && !r.pace.take(from, now) {
		r.server.guard.refuse(from, "DNS questions are not answered", "why", fmt.Sprintf("more than %d a second from one address", dnsPace), "do", "find out what has this address")
		return false
	}
	return true
}

// answer appends what we can say at once. known is false of what others are to be asked; known without
// an answer is a message that gets none.
func (r *resolver) answer(dst, message []byte, from, to netip.Addr, now time.Time) (q question, reply []byte, known bool) {
	q, err := parseQuestion(message)
	switch {
	case errors.Is(err, errNoQuestion):
		r.malformed.Add(1)
		return q, nil, true
	case errors.Is(err, errBadQuestion):
		r.malformed.Add(1)
		return q, q.appendEmpty(dst, rcodeFormat, 0), true
	case err != nil:
		return q, q.appendEmpty(dst, rcodeNotImplemented, 0), true
	case q.class != classIN, q.kind >= typeIXFR && q.kind <= typeANY, q.kind == typeOPT:
		return q, q.appendEmpty(dst, rcodeRefused, 0), true // what is asked for to be sent to somebody else
	}
	key := q.lookup()
	if offset, ours := zoneOf(key.name); ours {
		r.ours.Add(1)
		r.note(q, key.name, from, now)
		r.server.o.Contacted(Contact{Door: DoorDNS, At: now, Addr: from, Said: said("? " + nameText(q.name))})
		if r.server.o.Advertise.IsValid() {
			to = r.server.o.Advertise
		}
		return q, q.appendZone(dst, offset, to), true
	}
	if reply, ok := r.cache.answer(dst, key, now); ok {
		r.recalled.Add(1)
		q.own(reply[len(dst):])
		return q, reply, true
	}
	return q, nil, false
}

// note remembers who asked for a name of the cameras.
func (r *resolver) note(q question, folded string, from netip.Addr, now time.Time) {
	if r.askers.note(from, folded, now) {
		r.server.guard.notice(slog.LevelInfo, from.String(), "a camera's name was asked for", "from", from, "name", nameText(q.name))
	}
}

// own makes an answer to somebody else's question one to q: with its id, in the case that it was asked in.
func (q question) own(answer []byte) {
	binary.BigEndian.PutUint16(answer, q.id)
	flags := binary.BigEndian.Uint16(answer[2:])&^(flagRecursion|flagAuthority) | flagRecursionHere | q.flags&flagRecursion
	binary.BigEndian.PutUint16(answer[2:], flags)
	copy(answer[dnsHeaderSize:], q.name)
}

// fit cuts an answer that is larger than who asks takes by datagram.
func (q question) fit(answer []byte) []byte {
	if len(answer) <= q.size {
		return answer
	}
	return q.appendEmpty(answer[:0], rcodeOK, flagTruncated)
}

// askOthers asks others and sends their answer by datagram, when it comes.
func (r *resolver) askOthers(q question, from netip.AddrPort, to netip.Addr) {
	if !r.mayWait(from.Addr()) {
		return
	}
	q.name = bytes.Clone(q.name)
	r.asking.Go(func() {
		defer r.waiting.leave(from.Addr())
		r.socket.write(q.fit(r.passOn(q)), to, from)
	})
}

// mayWait takes a place for a question that others are asked.
func (r *resolver) mayWait(from netip.Addr) bool {
	full := r.waiting.take(from)
	if full != "" {
		r.server.guard.refuse(from, "DNS questions are not answered", "why", full, "do", "find out whether they answer: cloud.dns_forward names another")
	}
	return full == ""
}

// passOn asks others for q, and returns their answer or SERVFAIL.
func (r *resolver) passOn(q question) []byte {
	ctx, cancel := context.WithTimeout(r.ending, forwardLimit)
	defer cancel()
	r.passed.Add(1)
	answer, err := r.forward.ask(ctx, q)
	if err != nil {
		r.failed.Add(1)
		if r.ending.Err() == nil {
			r.server.guard.notice(slog.LevelWarn, "", "other resolvers do not answer", "name", nameText(q.name), "err", err)
		}
		return q.appendEmpty(nil, rcodeServer, 0)
	}
	r.cache.keep(q.lookup(), answer, time.Now())
	answer = bytes.Clone(answer) // others may wait for the same one
	q.own(answer)
	return answer
}

// serve answers the questions of one connection, in their order.
func (r *resolver) serve(conn net.Conn) {
	from, to := addrPortOf(conn.RemoteAddr()).Addr(), addrPortOf(conn.LocalAddr()).Addr()
	message, answer := make([]byte, maxQuestion), make([]byte, 2, maxCachedSize)
	for range dnsPerConnection {
		conn.SetDeadline(time.Now().Add(dnsIdle))
		if !r.mayAsk(from, time.Now()) {
			return
		}
		asked, err := readFramed(conn, message)
		if err != nil {
			return
		}
		q, reply, known := r.answer(answer[:2], asked, from, to, time.Now())
		if known && reply == nil {
			return
		}
		if !known {
			if !r.mayWait(from) {
				return
			}
			reply = append(answer[:2], r.passOn(q)...)
			r.waiting.leave(from)
		}
		conn.SetDeadline(time.Now().Add(dnsIdle))
		if _, err := conn.Write(framed(reply)); err != nil {
			return
		}
	}
}

// DNS is what the cloud's DNS did since it started.
type DNS struct {
	Ours      int64 // questions for names of the cameras, answered with our address
	Passed    int64 // questions that others were asked
	Recalled  int64 // answered from what others said before
	Failed    int64 // that nobody else answered
	Strangers int64 // from networks that may not ask: no answer
	Malformed int64
	Asked     []Asked // by address, at most 256
}

// DNS tells what was asked; false when Options.DNS is "".
func (s *Server) DNS() (DNS, bool) {
	r := s.dns
	if r == nil {
		return DNS{}, false
	}
	return DNS{
		Ours: r.ours.Load(), Passed: r.passed.Load(), Recalled: r.recalled.Load(), Failed: r.failed.Load(),
		Strangers: r.strange.Load(), Malformed: r.malformed.Load(), Asked: r.askers.list(),
	}, true
}
