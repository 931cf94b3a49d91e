package camera

import "fmt"

// ID is a camera's device code: the 12 characters that it carries in its flash for ever and
// puts into its access point's name. The vendor writes hexadecimal digits of both cases and
// the case counts ("0800c00128F8"). docs/protocol.md, section 2.
type ID string

// ParseID checks text from a camera, a user or a file. It accepts 4 to 32 letters and digits,
// wider than what was seen, since models unknown to us exist; never anything that could leave
// a folder, a topic or a log line.
func ParseID(text string) (ID, error) {
	if len(text) < 4 || len(text) > 32 {
		return "", fmt.Errorf("camera id %.40q: want 4 to 32 letters and digits, got %d characters", text, len(text))
	}
	for _, c := range []byte(text) {
		if !('0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z') {
			return "", fmt.Errorf("camera id %q: want letters and digits only", text)
		}
	}
	return ID(text), nil
}

// Model tells the model by the first two characters of the id, as the vendor's app does; ""
// when it is not in the table. The table is a hint for people: the stream itself decides how
// it is read. docs/protocol.md, section 5.
func (id ID) Model() string {
	if len(id) < 2 {
		return ""
	}
	switch id[:2] {
	case "08", "0A", "0C", "0E", "10", "22", "58":
		return "A9"
	case "62":
		return "800x450"
	case "56", "5C", "5B":
		return "640x480 PCM"
	case "60", "26":
		return "640x360 PCM"
	case "3A", "3E":
		return "1280x720 PCM"
	case "5E":
		return "480x480"
	case "30":
		return "TCP audio"
	}
	return ""
}
