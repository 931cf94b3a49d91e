package cloud

import (
	"io"
	"net"
)

// listenTries is how many numbers are tried where the system chooses them.
const listenTries = 20

// listenBoth binds TCP and UDP at the same number. Port 0 leaves the number to the system, which knows of
// TCP alone that it is free: while something else has it on UDP, another one is tried, listenTries in all.
// The error is the last one of tcp or of udp; then nothing is bound.
func listenBoth[P io.Closer](address string, tcp func(address string) (net.Listener, error), udp func(address string) (P, error)) (net.Listener, P, error) {
	var none P
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, none, err
	}
	for try := 1; ; try++ {
		l, err := tcp(address)
		if err != nil {
			return nil, none, err
		}
		_, number, err := net.SplitHostPort(l.Addr().String())
		if err == nil {
			var p P
			if p, err = udp(net.JoinHostPort(host, number)); err == nil {
				return l, p, nil
			}
		}
		l.Close()
		if port != "0" || try == listenTries {
			return nil, none, err
		}
	}
}
