package main

import (
	"context"
	"net"
	"net/http"
	"path/filepath"
	"regexp"
	"testing"

	"v720dvr/web"
)

func TestTheAPITellsWhichCameraAskedForWhichName(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "config.toml"), "[cloud]\ndns = \"127.0.0.1:0\"\ndns_forward = \"127.0.0.1:1\"\ndns_networks = \"127.0.0.0/8\"\n")
	p := command(t, dir, "run", "--simulate", "1").start()
	at := regexp.MustCompile(`dns=(\S+)`).FindStringSubmatch(p.await("ready for cameras.*dns=127"))
	p.await("camera streaming")
	r := net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, at[1])
	}}
	if got, err := r.LookupHost(t.Context(), "v720.p2p.naxclow.com."); err != nil || len(got) != 1 || got[0] != "127.0.0.1" {
		t.Errorf("the name leads to %v, %v", got, err)
	}
	var names web.Names
	if err := ask(t.Context(), filepath.Join(dir, "data"), http.MethodGet, "/api/v1/system/names", nil, &names); err != nil {
		t.Fatal(err)
	}
	if names.Listen != at[1] || names.Ours == 0 || len(names.Asked) != 1 || names.Asked[0].Name != "v720.p2p.naxclow.com" || names.Asked[0].Camera != "0800c0F00001" || names.Asked[0].At.IsZero() {
		t.Errorf("told is %+v", names)
	}
}
