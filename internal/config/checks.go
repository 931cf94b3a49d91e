package config

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"reflect"
	"strconv"
	"strings"

	"v720dvr/camera"
	"v720dvr/recorder/schedule"
)

// checks are the rules for texts that the tag `is` names. Each says what is wrong; an example
// of what would be right follows in the message.
var checks = map[string]func(text string) error{
	"text":     checkText,
	"listen":   checkListen,
	"ipv4":     checkIPv4,
	"resolver": checkResolver,
	"networks": checkNetworks,
	"broker":   checkBroker,
	"web":      checkWeb,
	"bucket":   checkBucket,
	"topic":    checkTopic,
	"cron":     checkCron,
	"camera":   checkCamera,
	"name":     checkName,
}

// checkTag holds a value against the tags of its field.
func checkTag(tag reflect.StructTag, value reflect.Value) error {
	if one := tag.Get("one"); one != "" {
		for _, allowed := range strings.Fields(one) {
			if value.String() == allowed {
				return nil
			}
		}
		if value.String() == "" {
			return fmt.Errorf("is missing")
		}
		return fmt.Errorf("%q is not known", value.String())
	}
	if low, high, ok := strings.Cut(tag.Get("range"), " "); ok {
		return checkRange(value, low, high)
	}
	rule, optional := strings.CutSuffix(tag.Get("is"), "?")
	if rule == "" || optional && value.String() == "" {
		return nil
	}
	return checks[rule](value.String())
}

func checkRange(value reflect.Value, low, high string) error {
	inside := false
	switch v := value.Interface().(type) {
	case Duration:
		least, _ := parseDuration(low)
		most, _ := parseDuration(high)
		inside = v >= Duration(least) && v <= Duration(most)
	case int, float64:
		least, _ := strconv.ParseFloat(low, 64)
		most, _ := strconv.ParseFloat(high, 64)
		number := value.Convert(reflect.TypeFor[float64]()).Float()
		inside = number >= least && number <= most // false for NaN
	}
	if inside {
		return nil
	}
	return fmt.Errorf("%s is out of range", literal(value))
}

func checkText(text string) error {
	if strings.TrimSpace(text) == "" {
		return fmt.Errorf("must not be empty")
	}
	return nil
}

// checkListen wants what net.Listen takes for TCP, with a port in digits; port 0 is any free one.
func checkListen(text string) error {
	_, port, err := net.SplitHostPort(text)
	if err != nil {
		return fmt.Errorf("%q is no address to listen on", text)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || strconv.FormatUint(n, 10) != port {
		return fmt.Errorf("%q has no port from 0 to 65535", text)
	}
	return nil
}

// checkIPv4: cameras know no IPv6. docs/protocol.md, section 9.
func checkIPv4(text string) error {
	if addr, err := netip.ParseAddr(text); err != nil || !addr.Is4() || addr.IsUnspecified() {
		return fmt.Errorf("%q is no IPv4 address", text)
	}
	return nil
}

func checkResolver(text string) error { _, err := ParseResolver(text); return err }

func checkNetworks(text string) error { _, err := ParseNetworks(text); return err }

func checkBroker(text string) error { return checkURL(text, "an MQTT broker", "mqtt", "mqtts") }

func checkWeb(text string) error { return checkURL(text, "a web page", "http", "https") }

func checkBucket(text string) error {
	if err := checkURL(text, "an S3 bucket", "http", "https"); err != nil {
		return err
	}
	u, _ := url.Parse(text)
	if u.User != nil { // everybody who may see the settings would
		return fmt.Errorf("holds a key and its secret; write archive.access_key, and archive.secret_file or archive.secret_env")
	}
	if strings.Trim(u.Path, "/") == "" {
		return fmt.Errorf("names no bucket")
	}
	return nil
}

// checkURL never repeats the text: it may hold a password, and errors are logged.
func checkURL(text, of string, schemes ...string) error {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" {
		return fmt.Errorf("is no address of %s", of)
	}
	for _, scheme := range schemes {
		if u.Scheme == scheme {
			return nil
		}
	}
	return fmt.Errorf("is no address of %s: it does not begin with %s://", of, strings.Join(schemes, ":// or "))
}

// checkTopic wants an MQTT topic without wildcards (MQTT 5.0, 4.7).
func checkTopic(text string) error {
	if text == "" || strings.ContainsAny(text, "+#\x00") || strings.HasPrefix(text, "/") || strings.HasSuffix(text, "/") {
		return fmt.Errorf("%q is no MQTT topic", text)
	}
	return nil
}

func checkCron(text string) error {
	_, err := schedule.Parse(text)
	return err
}

func checkCamera(text string) error {
	if text == "" {
		return fmt.Errorf("is missing")
	}
	_, err := camera.ParseID(text)
	return err
}
