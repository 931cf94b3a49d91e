package cloudtest

import (
	"encoding/base64"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
)

// settings are what commands change and Info tells. A camera keeps them through its boots.
type settings struct {
	values  map[string]int // by the vendor's names
	ssid    string         // as it stands in Info
	quoted  string         // as it stands in base info
	scanned bool           // Info tells of the neighbours from now on
	gone    bool           // it will not be on this network again: see obeys
}

// factory is what a camera is sold with.
func factory(o Options) settings {
	s := settings{values: map[string]int{"instLed": 1, "sdCardReco": 1, "speedGrade": 1, "devPower": o.Battery, "SD_freeDisk": -1, "SD_blockDisk": -1}, ssid: plainSSID, quoted: plainSSID}
	if o.Firmware == New {
		s.ssid, s.quoted = latinSSID, quotedSSID
	}
	if o.Card > 0 {
		s.values["sdCapacity"], s.values["SD_blockDisk"], s.values["SD_freeDisk"] = o.Card, o.Card<<10, o.Card<<9
		s.values["sd_State"], s.values["sdDevStatus"] = 1, 1
	}
	return s
}

// snapshot copies the settings.
func (c *Camera) snapshot() (s settings, id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s = c.settings
	s.values = maps.Clone(s.values)
	return s, c.state.ID
}

// wifiName is the SSID as the firmware puts it into its JSON: raw. The new one lives with a
// network whose name is Latin-1; in its base info the quotes of the name stand bare, too, so
// that the whole does not parse. docs/protocol.md, sections 1 and 4.
const (
	plainSSID  = "intl-laptop"
	latinSSID  = "Caf\xe9"
	quotedSSID = "Caf\xe9 \"am Eck\""
)

// neighbours are what a Wi-Fi scan finds.
var neighbours = []string{"intl-laptop", "Nachbar 2.4", "DIRECT-xy"}

// statusMessage has its one odd space, as captured.
func statusMessage(id string, status int) []byte {
	return fmt.Appendf(nil, `{"device":"%s","token":"NAXCLOW","status": %d}`, id, status)
}

// newerFields stand in the Info of newer firmware. docs/protocol.md, section 7.
var newerFields = []string{"moveAlert", "moveGrade", "pirSysMode", "pirAlert", "pirGrade", "lightGrade", "ledEI", "sysPowerRun"}

// infoMessage is what the camera publishes about itself; fields, order and spaces as captured.
func (c *Camera) infoMessage(lots *rand.Rand) []byte {
	s, id := c.snapshot()
	v := s.values
	b := fmt.Appendf(nil, `{"apStatus": 0,"devPower": %d,"sdCapacity": %d,"IrLed": %d,"SD_freeDisk": %d,"SD_blockDisk": %d,`+
		`"cameraState": 0,"sd_State": %d,"sdMoveMode": %d,"sdCardReco": %d,"instLed": %d,`,
		v["devPower"], v["sdCapacity"], v["IrLed"], v["SD_freeDisk"], v["SD_blockDisk"], v["sd_State"], v["sdMoveMode"], v["sdCardReco"], v["instLed"])
	if c.o.Firmware == New {
		for _, name := range newerFields {
			b = fmt.Appendf(b, `"%s": %d,`, name, v[name])
		}
	}
	if s.scanned {
		b = append(b, c.scan()+","...)
	}
	return fmt.Appendf(b, `"random":"%s","token":"%s","devicesCode":"%s","wifiName":"%s","version":"%s"}`,
		sixLetters(lots), tenHex(lots), id, s.ssid, c.o.Firmware.version())
}

// scan is what a scan found, as a field. What real ones write was not seen: names a line, and Base64 of
// them, is this camera's own. docs/protocol.md, section 7.
func (c *Camera) scan() string {
	return `"scanWifiBase64": "` + base64.StdEncoding.EncodeToString([]byte(strings.Join(neighbours, "\n"))) + `"`
}

// baseInfo is the answer to 301/4.
func (c *Camera) baseInfo(target string) []byte {
	s, _ := c.snapshot()
	v := s.values
	return fmt.Appendf(nil, `{"code": 301, "target": "%s", "content": {"code": 4, "IrLed": %d, "devPower": %d, "speedGrade": %d, `+
		`"moveAlert": %d, "sdMoveMode": %d, "wifiName": "%s", "instLed": %d, "sdDevStatus": %d, "mirrorFlip": %d, "version": "%s"}}`,
		target, v["IrLed"], v["devPower"], v["speedGrade"], v["moveAlert"], v["sdMoveMode"], s.quoted, v["instLed"], v["sdDevStatus"], v["mirrorFlip"], c.o.Firmware.version())
}

// SetBattery changes how full the battery is, in percent, and publishes that.
func (c *Camera) SetBattery(percent int) {
	c.mu.Lock()
	c.settings.values["devPower"] = percent
	c.mu.Unlock()
	c.inform()
}

// inform publishes an Info, when the camera has a broker.
func (c *Camera) inform() {
	c.mu.Lock()
	b := c.broker
	c.informs++
	n := c.informs
	c.mu.Unlock()
	if b == nil {
		return
	}
	if err := b.send(publishPacket(infoTopic, c.infoMessage(c.lots(fmt.Sprint("inform", n))))); err != nil {
		c.log.Debug("camera cannot publish its Info", "camera", c.id(), "cause", err)
	}
}
