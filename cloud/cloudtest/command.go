package cloudtest

import (
	"encoding/json"
	"errors"
)

// What a camera can be instruction. docs/protocol.md, section 7: two tables, whose numbers mean different things.

// A value is a parameter that a command sets, and what it may be.
type value struct {
	name string
	most int // from 0
}

// mqttSets and forwardSets are the commands that set something.
var (
	mqttSets = map[int][]value{
		202: {{"IrLed", 1}}, 203: {{"sdMoveMode", 1}}, 205: {{"moveAlert", 7}}, 206: {{"moveGrade", 100}}, 209: {{"sdCardReco", 1}},
		210: {{"instLed", 1}}, 212: {{"pirSysMode", 100}}, 213: {{"pirAlert", 1}}, 215: {{"pirGrade", 2}}, 220: {{"ledEI", 100}, {"lightGrade", 100}},
		227: {{"sysPowerRun", 1}},
	}
	forwardSets = map[int][]value{
		201: {{"speedGrade", 100}}, 202: {{"IrLed", 1}}, 203: {{"sdMoveMode", 1}}, 205: {{"moveAlert", 7}}, 206: {{"moveGrade", 100}},
		210: {{"instLed", 1}}, 216: {{"mirrorFlip", 4}}, 217: {{"sfq", 100}}, 219: {{"RF433", 100}}, 222: {{"camId", 3}},
	}
)

// set obeys a command that sets something; false when it is none, or a parameter is missing or too large.
func (c *Camera) set(table map[int][]value, m instruction) bool {
	values := table[m.code]
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, v := range values {
		if n, ok := m.number(v.name); !ok || n < 0 || n > v.most {
			return false
		}
	}
	for _, v := range values {
		c.settings.values[v.name], _ = m.number(v.name)
	}
	return len(values) > 0
}

// instruction is a command of one of the tables.
type instruction struct {
	code   int
	fields map[string]json.RawMessage
}

func readInstruction(text []byte) (m instruction, err error) {
	if err = json.Unmarshal(text, &m.fields); err == nil {
		if n, ok := m.number("code"); ok {
			m.code = n
		} else {
			err = errors.New("no code")
		}
	}
	return m, err
}

func (m instruction) number(name string) (n int, ok bool) {
	raw, is := m.fields[name]
	return n, is && json.Unmarshal(raw, &n) == nil
}

func (m instruction) text(name string) (text string) {
	_ = json.Unmarshal(m.fields[name], &text) // not there: ""
	return text
}

// An outcome is what a camera does about a command besides what it sets.
type outcome int

const (
	refused outcome = iota
	answers         // and goes on
	reboots         // errReboot ends the boot
	leaves          // it drops everything and is not on this network again, until PowerOn
)

// obeysMQTT does what a command on the sub topic asks for.
func (c *Camera) obeysMQTT(m instruction) outcome {
	switch {
	case m.code == 299:
		if n, _ := m.number("reboot"); n != 1 {
			return refused
		}
		return reboots
	case m.code == 242:
		c.wake()
		return answers
	case m.code == 204 && m.fields["s"] != nil:
		return c.joins(m)
	case m.code == 204:
		return leaves
	case c.set(mqttSets, m):
		return answers
	}
	return c.obeysBoth(m)
}

// obeysForward does what the content of a 301 asks for, beyond the stream.
func (c *Camera) obeysForward(m instruction) outcome {
	switch {
	case m.code == 299:
		return reboots
	case m.code == 224:
		return leaves
	case m.code == 212:
		return c.turns(m)
	case m.code == 218, m.code == 223:
		return answers
	case m.code == 221:
		if n := len(m.text("setApPwd")); n < 8 || n > 36 {
			return refused
		}
		return answers
	case c.set(forwardSets, m):
		return answers
	}
	return c.obeysBoth(m)
}

// obeysBoth has the numbers that mean the same in both tables.
func (c *Camera) obeysBoth(m instruction) outcome {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch m.code {
	case 207:
		if c.o.Card == 0 {
			return refused
		}
		c.settings.values["SD_freeDisk"] = c.settings.values["SD_blockDisk"]
		return answers
	case 208:
		return leaves
	case 211:
		c.settings.scanned = true
		return answers
	}
	return refused
}

// joins is 204 with a network: the camera comes back from there, if the password is one.
func (c *Camera) joins(m instruction) outcome {
	ssid, password := m.text("s"), m.text("p")
	if n := len(password); ssid == "" || n < 8 || n > 36 {
		return refused
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.settings.ssid, c.settings.quoted = ssid, ssid
	return reboots
}

// turns is 212, of a camera with a motor: a step at each command.
func (c *Camera) turns(m instruction) outcome {
	way, ok := m.number("motorState")
	if !ok || way < 0 || way > 4 || !c.o.Motor {
		return refused
	}
	c.note(func(s *State) {
		switch way {
		case 0:
			s.Pan, s.Tilt = 0, 0
		case 1:
			s.Pan++
		case 2:
			s.Pan--
		case 3:
			s.Tilt++
		case 4:
			s.Tilt--
		}
	})
	return answers
}

// wake is 242: a camera that sleeps comes to its control connection.
func (c *Camera) wake() {
	select {
	case c.woken <- struct{}{}:
	default: // it is awake, or about to be
	}
}

// leave drops everything, for good.
func (c *Camera) leave() {
	c.powerOff(true, func() { c.settings.gone = true }, func(s *State) { s.Left = true })
}

// PowerOn is the camera's button: one that has left the network or was switched off boots again.
func (c *Camera) PowerOn() {
	c.mu.Lock()
	c.settings.gone, c.state.Left = false, false
	c.mu.Unlock()
	select {
	case c.button <- struct{}{}:
	default:
	}
}
