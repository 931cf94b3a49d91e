package cloud

import (
	"bufio"
	"io"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// resolvConf is where the system names its resolvers; see resolv.conf(5).
const resolvConf = "/etc/resolv.conf"

// maxResolvers is how many of a file are used, as by the system itself.
const maxResolvers = 3

// systemResolvers are those of a file, which is looked at again when it is askAgain old: networks come
// and go.
type systemResolvers struct {
	path string
	// itself tells whether asking there would be asking us.
	itself func(netip.AddrPort) bool

	mu   sync.Mutex
	held []netip.AddrPort
	read time.Time
}

const askAgain = 10 * time.Second

func (r *systemResolvers) servers() []netip.AddrPort {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := time.Now(); r.read.IsZero() || now.Sub(r.read) > askAgain {
		r.read = now
		f, err := os.Open(r.path)
		if err != nil {
			return r.held
		}
		defer f.Close()
		r.held = slices.DeleteFunc(nameservers(f), r.itself)
	}
	return r.held
}

// nameservers reads the resolvers that a resolv.conf names. What is none is passed over.
func nameservers(file io.Reader) (servers []netip.AddrPort) {
	for lines := bufio.NewScanner(file); lines.Scan() && len(servers) < maxResolvers; {
		words := strings.Fields(lines.Text())
		if len(words) < 2 || words[0] != "nameserver" {
			continue
		}
		if addr, err := netip.ParseAddr(words[1]); err == nil {
			servers = append(servers, netip.AddrPortFrom(addr.Unmap(), 53))
		}
	}
	return servers
}
