package cloudtest

import (
	"fmt"
	"math/rand/v2"
)

// settings are what commands change and Info tells. A camera keeps them through its boots.
type settings struct {
	irLed, instLed, moveMode, cardReco int
}

var factory = settings{instLed: 1, cardReco: 1}

// wifiName is the SSID as the firmware puts it into its JSON: raw. The new one lives with a
// network whose name is Latin-1; in its base info the quotes of the name stand bare, too, so
// that the whole does not parse. docs/protocol.md, sections 1 and 4.
const (
	plainSSID  = "intl-laptop"
	latinSSID  = "Caf\xe9"
	quotedSSID = "Caf\xe9 \"am Eck\""
)

// statusMessage has its one odd space, as captured.
func statusMessage(id string, status int) []byte {
	return fmt.Appendf(nil, `{"device":"%s","token":"NAXCLOW","status": %d}`, id, status)
}

// infoMessage is what the camera publishes about itself; fields, order and spaces as captured.
func (c *Camera) infoMessage(lots *rand.Rand) []byte {
	c.mu.Lock()
	s, id := c.settings, c.state.ID
	c.mu.Unlock()
	ssid := plainSSID
	if c.o.Firmware == New {
		ssid = latinSSID
	}
	return fmt.Appendf(nil, `{"apStatus": 0,"devPower": 100,"sdCapacity": 0,"IrLed": %d,"SD_freeDisk": -1,"SD_blockDisk": -1,`+
		`"cameraState": 0,"sd_State": 0,"sdMoveMode": %d,"sdCardReco": %d,"instLed": %d,`+
		`"random":"%s","token":"%s","devicesCode":"%s","wifiName":"%s","version":"%s"}`,
		s.irLed, s.moveMode, s.cardReco, s.instLed, sixLetters(lots), tenHex(lots), id, ssid, c.o.Firmware.version())
}

// baseInfo is the answer to 301/4.
func (c *Camera) baseInfo(target string) []byte {
	c.mu.Lock()
	s := c.settings
	c.mu.Unlock()
	ssid := plainSSID
	if c.o.Firmware == New {
		ssid = quotedSSID
	}
	return fmt.Appendf(nil, `{"code": 301, "target": "%s", "content": {"code": 4, "IrLed": %d, "devPower": 100, "speedGrade": 1, `+
		`"moveAlert": 0, "sdMoveMode": %d, "wifiName": "%s", "instLed": %d, "sdDevStatus": 0, "mirrorFlip": 0, "version": "%s"}}`,
		target, s.irLed, s.moveMode, ssid, s.instLed, c.o.Firmware.version())
}

// command is JSON from the sub topic. docs/protocol.md, section 7.
type command struct {
	Code     int  `json:"code"`
	IrLed    *int `json:"IrLed"`
	MoveMode *int `json:"sdMoveMode"`
	CardReco *int `json:"sdCardReco"`
	InstLed  *int `json:"instLed"`
	Reboot   int  `json:"reboot"`
}

// set obeys a command that changes a setting; false when it is none that the camera knows.
func (c *Camera) set(m command) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	var field, value *int
	switch m.Code {
	case 202:
		field, value = &c.settings.irLed, m.IrLed
	case 203:
		field, value = &c.settings.moveMode, m.MoveMode
	case 209:
		field, value = &c.settings.cardReco, m.CardReco
	case 210:
		field, value = &c.settings.instLed, m.InstLed
	}
	if value == nil {
		return false
	}
	*field = *value
	return true
}
