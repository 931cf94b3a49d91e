package cloudtest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// memory is what is on a camera's SD card. docs/protocol.md, section 8.
type memory struct {
	stubborn bool // says yes to a delete and does nothing

	mu      sync.Mutex
	files   map[string]CardFile // by "20261122/14/05"; nil: there is no card
	picked  string              // by the last 404
	deleted []string
}

// cardTalk is how a camera answers about its card: with the content of a message, with XML, and with the
// bytes of a file, which play sends.
type cardTalk struct {
	answer func(code int, more string) error
	xml    func([]byte) error
	play   func(CardFile) error
	stop   func()
}

// obey does 400 to 413; false when it is none that a camera knows.
func (m *memory) obey(i instruction, t cardTalk) (known bool, err error) {
	m.mu.Lock()
	none := m.files == nil
	m.mu.Unlock()
	if none {
		return true, t.answer(i.code+1, `, "sdDevStatus": 0`)
	}
	hour, _ := i.number("hours")
	minute, _ := i.number("minute")
	named := fmt.Sprintf("%s/%02d/%02d", i.text("date"), hour, minute)
	switch i.code {
	case 400:
		return true, t.answer(401, `, "dates": `+m.dates())
	case 402:
		return true, m.day(i.text("date"), t)
	case 404:
		file, has := m.file(named)
		if !has {
			return true, t.answer(405, `, "sdDevStatus": -3`)
		}
		m.pick(named)
		return true, t.answer(405, fmt.Sprintf(`, "fileName": "/sd/%s.avi", "fileSize": %d`, named, file.Size))
	case 406:
		file, has := m.file(m.pick(""))
		if !has {
			return true, t.answer(407, `, "sdDevStatus": -3`)
		}
		if err := t.answer(407, ""); err != nil {
			return true, err
		}
		return true, t.play(file)
	case 408:
		t.stop()
		return true, t.answer(409, "")
	case 412:
		if !m.remove(named) {
			return true, t.answer(413, `, "sdDevStatus": -3`)
		}
		return true, t.answer(413, `, "status": 200`)
	}
	return false, nil
}

// pick notes which file is to be sent, unless that is "", and returns the one that is.
func (m *memory) pick(name string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if name != "" {
		m.picked = name
	}
	return m.picked
}

func (m *memory) file(name string) (f CardFile, has bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f, has = m.files[name]
	return f, has
}

// remove tells whether there was such a file.
func (m *memory) remove(name string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, has := m.files[name]; !has {
		return false
	}
	if !m.stubborn {
		m.deleted = append(m.deleted, name)
		delete(m.files, name)
	}
	return true
}

func (m *memory) gone() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.deleted)
}

// dates are the days, the newest first.
func (m *memory) dates() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	days := map[string]bool{}
	for name := range m.files {
		days[name[:8]] = true
	}
	list := slices.Sorted(maps.Keys(days))
	slices.Reverse(list)
	return `["` + strings.Join(list, `", "`) + `"]`
}

// day answers 402: a 403, and the catalogue as XML in two packages, a NUL behind it.
func (m *memory) day(date string, t cardTalk) error {
	m.mu.Lock()
	hours := map[string]uint64{}
	for name := range m.files {
		var hour, minute int
		if day, rest, _ := strings.Cut(name, "/"); day == date {
			fmt.Sscanf(rest, "%d/%d", &hour, &minute)
			hours[fmt.Sprintf("%02d", hour)] |= 1 << minute
		}
	}
	m.mu.Unlock()
	if len(hours) == 0 {
		return t.answer(403, `, "sdDevStatus": -3`)
	}
	if err := t.answer(403, ""); err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<?xml version="1.0" encoding="gb2312"?><video><catalogue date="%s" hNumb="%d">`, date, len(hours))
	for _, hour := range slices.Sorted(maps.Keys(hours)) {
		fmt.Fprintf(&b, `<option hours="%s" minBin="%d"/>`, hour, hours[hour])
	}
	b.WriteString("</catalogue></video>\x00")
	text := b.String()
	if err := t.xml([]byte(text[:len(text)/2])); err != nil {
		return err
	}
	return t.xml([]byte(text[len(text)/2:]))
}
