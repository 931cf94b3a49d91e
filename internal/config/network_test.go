package config

import (
	"fmt"
	"testing"
)

func TestParseResolver(t *testing.T) {
	for text, want := range map[string]string{
		"192.168.1.1": "192.168.1.1:53", "192.168.1.1:5353": "192.168.1.1:5353", "fd00::1": "[fd00::1]:53", "[fd00::1]:5353": "[fd00::1]:5353",
	} {
		if got, err := ParseResolver(text); err != nil || got.String() != want {
			t.Errorf("%q: %v, %v, want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"", "router", "router:53", "192.168.1", "192.168.1.1:0", "0.0.0.0", "192.168.1.1:dns", "192.168.1.1 192.168.1.2"} {
		_, err := ParseResolver(text)
		wantError(t, text, err, "no address of a DNS resolver")
	}
}

func TestParseNetworks(t *testing.T) {
	for text, want := range map[string]string{
		"": "[]", "192.168.1.0/24": "[192.168.1.0/24]", " 10.0.0.0/8  192.168.1.7 fd00::/8": "[10.0.0.0/8 192.168.1.7/32 fd00::/8]",
	} {
		if got, err := ParseNetworks(text); err != nil || fmt.Sprint(got) != want {
			t.Errorf("%q: %v, %v, want %s", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		"192.168.1.0/33": "is no network", "lan": "is no network", "192.168.1.5/24": "in the network 192.168.1.0/24",
		"0.0.0.0/0": "is everybody", "10.0.0.0/8, 11.0.0.0/8": "is no network",
	} {
		_, err := ParseNetworks(text)
		wantError(t, text, err, want)
	}
}
