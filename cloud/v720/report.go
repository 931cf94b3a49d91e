package v720

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
)

// Report is what a camera says of itself: an Info, a Status or a base info. docs/protocol.md, section 7.
type Report struct {
	Values   map[string]int64  // what is a number, by the vendor's names: "IrLed"; at most mostValues
	Texts    map[string]string // wifiName, version and devModel, printable and of 64 bytes at most
	Networks []string          // SSIDs that a scan found; nil when there was none
}

const (
	mostValues   = 64
	mostText     = 64
	mostNetworks = 64
)

// isValueName is what the vendor calls its numbers; code is the message's, not the camera's.
var isValueName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{1,31}$`)

var reportTexts = []string{"wifiName", "version", "devModel"}

// ParseReport reads what a camera says of itself. Names that are not known are taken too: newer firmware has
// more of them. One firmware's base info is no JSON, as its Wi-Fi has quotes in its name: of that are taken
// the numbers, and the texts as far as their end can be told. ok is false when nothing was found.
func ParseReport(text []byte) (r Report, ok bool) {
	clean := CleanJSON(text)
	var fields map[string]json.RawMessage
	if json.NewDecoder(bytes.NewReader(clean)).Decode(&fields) != nil {
		fields = looseFields(clean)
	}
	r = Report{Values: make(map[string]int64), Texts: make(map[string]string)}
	for name, raw := range fields {
		if name != "code" && isValueName.MatchString(name) && len(r.Values) < mostValues {
			if v, is := number(raw); is {
				r.Values[name] = v
			}
		}
	}
	for _, name := range reportTexts {
		var text string
		if json.Unmarshal(fields[name], &text) == nil && text != "" {
			r.Texts[name] = printable(text)
			delete(r.Values, name) // a version is twelve digits, and no number
		}
	}
	r.Networks = networks(fields["scanWifi"], fields["scanWifiBase64"])
	return r, len(r.Values)+len(r.Texts)+len(r.Networks) > 0
}

// number reads 5, 5.0 and "5".
func number(raw []byte) (int64, bool) {
	text := string(bytes.Trim(raw, `" `))
	if v, err := strconv.ParseInt(text, 10, 64); err == nil {
		return v, true
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || v < -(1<<53) || v > 1<<53 {
		return 0, false
	}
	return int64(v), true
}

var (
	looseNumber = regexp.MustCompile(`"([A-Za-z][A-Za-z0-9_]{1,31})" *: *(-?\d{1,15})`)
	// A text ends where the next name begins, or the object.
	looseText = regexp.MustCompile(`"(wifiName|version|devModel)" *: *"(.{0,200}?)" *(?:, *"[A-Za-z]|})`)
)

// looseFields finds fields in what is nearly JSON. Numbers that look like fields inside of a text are
// taken for them: a camera says what it likes of itself anyway.
func looseFields(text []byte) map[string]json.RawMessage {
	fields := make(map[string]json.RawMessage)
	for _, m := range looseNumber.FindAllSubmatch(text, 4*mostValues) {
		fields[string(m[1])] = m[2]
	}
	for _, m := range looseText.FindAllSubmatch(text, len(reportTexts)) {
		quoted, err := json.Marshal(string(m[2]))
		if err == nil {
			fields[string(m[1])] = quoted
		}
	}
	return fields
}

// printable cuts a text that a camera sent, and takes out what no terminal should get.
func printable(text string) string {
	text = strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7F || c >= 0x80 && c < 0xA0 {
			return ' '
		}
		return c
	}, strings.ToValidUTF8(text, "\uFFFD"))
	for len(text) > mostText {
		text = text[:mostText]
		text = strings.ToValidUTF8(text, "")
	}
	return text
}

// networks reads a scan. How cameras write it was not seen: a list of names, a list of objects with one, or
// a text with a name a line, each as it is or in Base64, are understood. docs/protocol.md, section 7.
func networks(scans ...json.RawMessage) (found []string) {
	for i, scan := range scans {
		var names []string
		var text string
		var objects []struct{ SSID, S, Name string }
		switch {
		case json.Unmarshal(scan, &names) == nil:
			for j, name := range names {
				if plain, err := base64.StdEncoding.DecodeString(name); i == 1 && err == nil {
					names[j] = string(plain)
				}
			}
		case json.Unmarshal(scan, &text) == nil:
			if plain, err := base64.StdEncoding.DecodeString(text); i == 1 && err == nil {
				if inner := networks(plain, nil); inner != nil {
					return inner
				}
				text = string(plain)
			}
			names = strings.FieldsFunc(text, func(c rune) bool { return c == '\n' || c == ',' || c == ';' })
		case json.Unmarshal(scan, &objects) == nil:
			for _, o := range objects {
				names = append(names, o.SSID+o.S+o.Name)
			}
		}
		for _, name := range names {
			if name = strings.TrimSpace(printable(name)); name != "" && len(found) < mostNetworks {
				found = append(found, name)
			}
		}
	}
	return found
}
