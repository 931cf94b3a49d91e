package config

import (
	"fmt"
	"net/netip"
	"strings"
)

// ParseResolver reads the address of a DNS resolver: "192.168.1.1", or with a port that is not 53.
func ParseResolver(text string) (netip.AddrPort, error) {
	if addr, err := netip.ParseAddr(text); err == nil && !addr.IsUnspecified() {
		return netip.AddrPortFrom(addr, 53), nil
	}
	if addr, err := netip.ParseAddrPort(text); err == nil && addr.Port() != 0 && !addr.Addr().IsUnspecified() {
		return addr, nil
	}
	return netip.AddrPort{}, fmt.Errorf("%q is no address of a DNS resolver", text)
}

// ParseNetworks reads networks, "192.168.1.0/24", and addresses with spaces between them.
func ParseNetworks(text string) (networks []netip.Prefix, err error) {
	for _, word := range strings.Fields(text) {
		network, err := netip.ParsePrefix(word)
		if addr, single := netip.ParseAddr(word); err != nil && single == nil {
			network, err = netip.PrefixFrom(addr, addr.BitLen()), nil
		}
		switch {
		case err != nil:
			return nil, fmt.Errorf("%q is no network", word)
		case network.Masked() != network:
			return nil, fmt.Errorf("%q is an address in the network %s", word, network.Masked())
		case network.Bits() == 0:
			return nil, fmt.Errorf("%q is everybody: an open resolver serves attacks on others", word)
		}
		networks = append(networks, network)
	}
	return networks, nil
}
