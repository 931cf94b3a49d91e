package config

import (
	"fmt"
	"net"
	"net/netip"
	"reflect"
	"strings"
	"time"

	"v720dvr/recorder/motion"
)

// A finding is a broken rule and the keys it is about: the first is blamed unless another of
// them was set and the first was not.
type finding struct {
	keys []string
	text string
}

type findings []finding

func (fs *findings) add(keys []string, format string, args ...any) {
	*fs = append(*fs, finding{keys, fmt.Sprintf(format, args...)})
}

// Validate checks a Config that was not loaded, for instance after a setting was changed. The
// error joins a *Problem for each broken rule; positions are unknown.
func Validate(c Config) error {
	var wrong problems
	for _, f := range check(c) {
		wrong.add(Origin{}, f.keys[0], "%s", f.text)
	}
	return wrong.err()
}

// check holds a Config against all rules.
func check(c Config) findings {
	var found findings
	fields(reflect.ValueOf(c), "", &found)
	checkAddresses(c, &found)
	checkSegment("recording.segment", c.Recording.Segment, &found)
	checkThin("retention.thin", c.Retention.Thin, &found)
	checkZones("motion.zones", c.Motion.Zones, &found)
	checkHooks(c, &found)
	checkCameras(c, &found)
	checkSchedules(c, &found)
	return found
}

// fields checks every field by its tags, in lists too.
func fields(of reflect.Value, prefix string, found *findings) {
	switch {
	case of.Kind() == reflect.Pointer:
		if !of.IsNil() {
			fields(of.Elem(), prefix, found)
		}
	case of.Kind() == reflect.Slice:
		for i := range of.Len() {
			fields(of.Index(i), element(prefix, i), found)
		}
	case isTable(of.Type()):
		for i := range of.NumField() {
			field := of.Type().Field(i)
			name := join(prefix, field.Tag.Get("toml"))
			fields(of.Field(i), name, found)
			if field.Type.Kind() == reflect.Pointer {
				continue
			}
			if err := checkTag(field.Tag, of.Field(i)); err != nil {
				found.add([]string{name}, "%v; %s", err, advice(name))
			}
		}
	}
}

func checkAddresses(c Config, found *findings) {
	switch {
	case c.Cloud.MQTT == "" && c.Cloud.Broker == "":
		found.add([]string{"cloud.mqtt", "cloud.broker"}, `cameras find no MQTT broker; write mqtt = ":1883", or the address of yours as broker`)
	case c.Cloud.MQTT != "" && c.Cloud.Broker != "":
		found.add([]string{"cloud.broker", "cloud.mqtt"}, `names a broker of yours while our own is to listen on %q too; write mqtt = ""`, c.Cloud.MQTT)
	}
	if host, _, err := net.SplitHostPort(c.Web.Listen); err == nil && c.Web.Auth == "none" && !isLoopback(host) {
		found.add([]string{"web.auth", "web.listen"}, `"none" lets everybody on the network in; write "password", or listen = "127.0.0.1:7720"`)
	}
	if host, _, err := net.SplitHostPort(c.RTSP.Listen); err == nil && c.Web.Auth == "none" && !isLoopback(host) {
		found.add([]string{"rtsp.listen", "web.auth"}, `lets everybody on the network in while web.auth is "none"; write listen = "127.0.0.1:8554", or auth = "password"`)
	}
	if host, _, err := net.SplitHostPort(c.Compat.Listen); err == nil && c.Web.Auth == "none" && !isLoopback(host) {
		found.add([]string{"compat.listen", "web.auth"}, `lets everybody on the network in while web.auth is "none"; write listen = "127.0.0.1:8080", or auth = "password"`)
	}
	if host, _, err := net.SplitHostPort(c.Metrics.Pprof); err == nil && !isLoopback(host) {
		found.add([]string{"metrics.pprof"}, `tells what is in memory; write an address of this machine alone, "127.0.0.1:6060"`)
	}
	if a := c.Archive; a.S3 != "" && (a.AccessKey == "" || (a.SecretFile == "") == (a.SecretEnv == "")) {
		found.add([]string{"archive.s3", "archive.access_key", "archive.secret_file", "archive.secret_env"}, "wants a key: write access_key, and either secret_file or secret_env, where its secret stands")
	}
	if (c.Web.TLS.Cert == "") != (c.Web.TLS.Key == "") {
		found.add([]string{"web.tls.cert", "web.tls.key"}, "certificate and key belong together; write both, or neither")
	}
	if c.Web.TLS.Made && c.Web.TLS.Cert != "" {
		found.add([]string{"web.tls.made", "web.tls.cert"}, "a certificate of your own and a made one cannot both be served; write one of them")
	}
	listeners := []struct{ key, address string }{
		{"cloud.http", c.Cloud.HTTP}, {"cloud.control", c.Cloud.Control}, {"cloud.mqtt", c.Cloud.MQTT}, {"cloud.dns", c.Cloud.DNS},
		{"web.listen", c.Web.Listen}, {"rtsp.listen", c.RTSP.Listen}, {"compat.listen", c.Compat.Listen},
		{"metrics.listen", c.Metrics.Listen}, {"metrics.pprof", c.Metrics.Pprof},
	}
	for i, one := range listeners {
		for _, other := range listeners[:i] {
			if sameListener(one.address, other.address) {
				found.add([]string{one.key, other.key}, "%s is also on port %s; each needs one of its own", other.key, port(one.address))
			}
		}
	}
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

func port(address string) string { _, port, _ := net.SplitHostPort(address); return port }

// sameListener tells addresses of which only one can be listened on.
func sameListener(a, b string) bool {
	hostA, portA, errA := net.SplitHostPort(a)
	hostB, portB, errB := net.SplitHostPort(b)
	all := func(host string) bool { return host == "" || host == "0.0.0.0" || host == "::" }
	return errA == nil && errB == nil && portA == portB && portA != "0" && (hostA == hostB || all(hostA) || all(hostB))
}

// checkSegment: a segment that does not divide an hour would drift away from the clock.
func checkSegment(key string, segment Duration, found *findings) {
	length := time.Duration(segment)
	if length <= 0 || length%time.Second == 0 && time.Hour%length == 0 {
		return
	}
	step := time.Second
	if length > time.Minute {
		step = time.Minute // "6m" is a better answer than "6m40s"
	}
	shorter, longer := length.Truncate(step), length.Truncate(step)+step
	for shorter > step && time.Hour%shorter != 0 {
		shorter -= step
	}
	for longer < time.Hour && time.Hour%longer != 0 {
		longer += step
	}
	found.add([]string{key}, "%q does not divide an hour evenly, so segments would not begin on the clock; write %q or %q",
		segment, Duration(shorter), Duration(longer))
}

func checkThin(key string, thin []Thin, found *findings) {
	for i := 1; i < len(thin); i++ {
		if thin[i].After <= thin[i-1].After || thin[i].FPS >= thin[i-1].FPS {
			found.add([]string{element(key, i)}, "each step comes later than the one before and keeps less; write %s",
				`for example [{after = "7d", fps = 2}, {after = "30d", fps = 0.1}]`)
		}
	}
}

func checkZones(key string, zones []Zone, found *findings) {
	for i, zone := range zones {
		name := element(key, i) + ".points"
		if len(zone.Points) < 3 {
			found.add([]string{name}, "a zone has at least 3 corners; %s", advice(name))
			continue
		}
		for _, point := range zone.Points {
			if !(point[0] >= 0 && point[0] <= 1 && point[1] >= 0 && point[1] <= 1) {
				found.add([]string{name}, "[%v, %v] is not in the picture, which goes from [0, 0] to [1, 1]; %s", point[0], point[1], advice(name))
				break
			}
		}
		if a, b, crosses := motion.Cross(corners(zone.Points)); crosses {
			found.add([]string{name}, "the edges behind corner %d and corner %d cross; give the corners in the order in which one walks around the zone", a+1, b+1)
		}
	}
}

func corners(points []Point) []motion.Point {
	list := make([]motion.Point, len(points))
	for i, p := range points {
		list[i] = motion.Point{X: p[0], Y: p[1]}
	}
	return list
}

// checkCameras looks at what each camera would be run with, and blames its own keys alone:
// what the whole box has wrong is reported once.
func checkCameras(c Config, found *findings) {
	for i, own := range c.Cameras {
		key := element("camera", i)
		for j, other := range c.Cameras[:i] {
			switch {
			case own.ID == other.ID:
				found.add([]string{key + ".id"}, "camera %s is there twice", own.ID)
			case own.Name != "" && strings.EqualFold(own.Name, other.Name):
				found.add([]string{key + ".name"}, "%q is the name of camera %s too, and the name is its folder; give each a name of its own",
					own.Name, c.Cameras[j].ID)
			}
		}
		var mine findings
		resolved := c.settings(own)
		fields(reflect.ValueOf(resolved.Recording), key+".recording", &mine)
		fields(reflect.ValueOf(resolved.Motion), key+".motion", &mine)
		fields(reflect.ValueOf(resolved.Retention), key+".retention", &mine)
		fields(reflect.ValueOf(resolved.Archive), key+".archive", &mine)
		checkSegment(key+".recording.segment", resolved.Recording.Segment, &mine)
		checkThin(key+".retention.thin", resolved.Retention.Thin, &mine)
		checkZones(key+".motion.zones", resolved.Motion.Zones, &mine)
		set := map[string]bool{}
		for _, l := range leaves(reflect.ValueOf(own), key) {
			set[l.name] = true
		}
		for _, f := range mine {
			if set[listOf(f.keys[0], key)] {
				*found = append(*found, f)
			}
		}
	}
}

// listOf cuts a key below an element back to the list: "camera[0].motion.zones[1].kind" to
// "camera[0].motion.zones", where element is "camera[0]".
func listOf(key, element string) string {
	rest, _, _ := strings.Cut(strings.TrimPrefix(key, element), "[")
	return element + rest
}
