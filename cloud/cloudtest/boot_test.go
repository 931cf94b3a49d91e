package cloudtest

import (
	"encoding/json"
	"io"
	"net"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"
)

// What a real camera with firmware 202212011602 sent when it booted, byte for byte, from the
// capture that docs/protocol.md speaks of.
const (
	capturedID      = "0800c00128F8"
	capturedRequest = "POST /app/api/ApiServer/getA9ConfCheck?devicesCode=0800c00128F8&random=OPQRST&token=2d8c8b52f1 HTTP/1.1\r\n" +
		"Host: v720.naxclow.com\r\nversion: 202212011602\r\n\r\n"
	capturedRegistration = "W\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" +
		`{"code": 100, "uid": "0800c00128F8", "token": "91edf41f" ,"domain": "v720.naxclow.com"}`
	capturedHeartbeat = "\x00\x00\x00\x00d\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	capturedConnect   = "\x10\x8e\x01\x00\x04MQTT\x04\xce\x00\x0a\x00\x0c0800c00128F8\x00\x1fNaxclow/P2P/Users/Device/Status" +
		"\x00\x37{\"device\":\"0800c00128F8\",\"token\":\"NAXCLOW\",\"status\": 0}\x00\x0c0800c00128F8\x00\x0c\"656f41d93b\""
	capturedSubscribe = "\x82\x2e\x00\x01\x00\x29Naxclow/P2P/Users/Device/sub/0800c00128F8\x01"
	capturedStatus    = "\x30\x58\x00\x1fNaxclow/P2P/Users/Device/Status{\"device\":\"0800c00128F8\",\"token\":\"NAXCLOW\",\"status\": 1}"
	capturedInfo      = "\x30\xc0\x02\x00\x1dNaxclow/P2P/Users/Device/Info" +
		`{"apStatus": 0,"devPower": 100,"sdCapacity": 0,"IrLed": 0,"SD_freeDisk": -1,"SD_blockDisk": -1,"cameraState": 0,"sd_State": 0,` +
		`"sdMoveMode": 0,"sdCardReco": 1,"instLed": 1,"random":"BCDEFG","token":"910d310434","devicesCode":"0800c00128F8",` +
		`"wifiName":"intl-laptop","version":"202212011602"}`
	capturedPing = "\xc0\x00"
)

// drawn by lot, each time another one
var (
	sixConsecutive = regexp.MustCompile(`(random(=|":"))[A-Z]{6}`)
	hexToken       = regexp.MustCompile(`(token(=|":")|\x0c")[0-9a-f]{10}`)
)

func withoutLots(s string) string {
	return hexToken.ReplaceAllString(sixConsecutive.ReplaceAllString(s, "${1}ABCDEF"), "${1}0123456789")
}

func compareBytes(t *testing.T, what, got, want string) {
	t.Helper()
	if withoutLots(got) != withoutLots(want) {
		t.Errorf("%s\ngot  %q\nwant %q", what, got, want)
	}
}

// readExactly is the next n bytes, and when the last of them came.
func readExactly(t *testing.T, conn net.Conn, n int) (string, time.Time) {
	t.Helper()
	if err := conn.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, n)
	if got, err := io.ReadFull(conn, b); err != nil {
		t.Fatalf("read %d bytes: %v, got %q", n, err, b[:got])
	}
	return string(b), time.Now()
}

func TestOldFirmwareBootsByteForByteAsCaptured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t)
		c.start(Options{ID: capturedID, MQTT: "10.42.0.1:1883"})
		conn, err := c.tcp.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		compareBytes(t, "HTTP request", c.requests[0], capturedRequest)
		connected := time.Now()
		got, at := readExactly(t, conn, len(capturedRegistration))
		compareBytes(t, "code 100", got, capturedRegistration)
		if after := at.Sub(connected); after != 2*time.Millisecond {
			t.Errorf("code 100 came %v after connecting, want 2ms", after)
		}
		if _, err := conn.Write(serverMessage(cmdJSON, []byte(`{"code": 101, "status": 200}`))); err != nil {
			t.Fatal(err)
		}
		registered := time.Now()

		mqtt, err := c.mqtt.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer mqtt.Close()
		got, _ = readExactly(t, mqtt, len(capturedConnect))
		compareBytes(t, "CONNECT", got, capturedConnect)
		io.WriteString(mqtt, "\x20\x02\x00\x00")
		got, _ = readExactly(t, mqtt, len(capturedSubscribe))
		compareBytes(t, "SUBSCRIBE", got, capturedSubscribe)
		io.WriteString(mqtt, "\x90\x03\x00\x01\x01")
		got, statusAt := readExactly(t, mqtt, len(capturedStatus))
		compareBytes(t, "Status", got, capturedStatus)
		got, infoAt := readExactly(t, mqtt, len(capturedInfo))
		compareBytes(t, "Info", got, capturedInfo)
		if after := infoAt.Sub(statusAt); after != time.Second {
			t.Errorf("Info came %v after Status, want 1s", after)
		}
		for i := range 3 {
			got, at := readExactly(t, mqtt, len(capturedPing))
			compareBytes(t, "PINGREQ", got, capturedPing)
			if after, want := at.Sub(infoAt), time.Duration(i+1)*10*time.Second; after != want {
				t.Errorf("ping %d came %v after Info, want %v", i, after, want)
			}
			io.WriteString(mqtt, "\xd0\x00")
		}
		for i := range 6 {
			got, _ := readExactly(t, conn, len(capturedHeartbeat))
			compareBytes(t, "heartbeat", got, capturedHeartbeat)
			if i == 0 && time.Since(registered) < 5*time.Second {
				t.Errorf("first heartbeat %v after code 101", time.Since(registered))
			}
		}
	})
}

func TestHeartbeatsComeEveryFiveSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t)
		c.start(Options{ID: capturedID})
		p := c.register()
		began := time.Now()
		for i := range 20 {
			got, at := readExactly(t, p.conn, headerSize)
			compareBytes(t, "heartbeat", got, capturedHeartbeat)
			due := time.Duration(i+1) * 5 * time.Second
			if off := at.Sub(began) - due; off < 0 || off > 10*time.Millisecond {
				t.Errorf("heartbeat %d came %v after the start, want %v", i, at.Sub(began), due)
			}
		}
	})
}

func TestFirstBootAsksForACodeOnceInALife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t)
		camera := c.start(Options{})
		p := c.register()
		if got := camera.State().ID; got != "0800c0ABCDEF" {
			t.Errorf("id %q", got)
		}
		compareBytes(t, "request", c.requests[0], strings.Replace(capturedRequest,
			"ApiServer/getA9ConfCheck?devicesCode=0800c00128F8", "ApiSysDevicesBatch/registerDevices?batch=A9_X4_V12", 1))
		p.conn.Close()
		lost := time.Now()
		c.register()
		if after := time.Since(lost); after < time.Second || after > 2*time.Second {
			t.Errorf("came back %v after it lost the connection, want a second or so", after)
		}
		want := []string{"ApiSysDevicesBatch/registerDevices", "ApiSysDevicesBatch/confirm", "ApiServer/getA9ConfCheck", "ApiServer/getA9ConfCheck"}
		if got := c.asked(); !slices.Equal(got, want) {
			t.Errorf("asked %q, want %q", got, want)
		}
		synctest.Wait()
		if s := camera.State(); s.Boots != 2 || s.Registered != 2 || s.SplitAnswers != 0 {
			t.Errorf("state %+v", s)
		}
	})
}

func TestNewFirmwareAsksDeviceInfoThenMQTTThenTCP(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t)
		c.start(Options{ID: capturedID, Firmware: New, MQTT: "10.42.0.1:1883"})
		mqtt, err := c.mqtt.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer mqtt.Close()
		readExactly(t, mqtt, len(capturedConnect))
		io.WriteString(mqtt, "\x20\x02\x00\x00")
		readExactly(t, mqtt, len(capturedSubscribe))
		synctest.Wait()
		if got := c.asked(); !slices.Equal(got, []string{"ApiSysDevices/getDevInfo"}) {
			t.Errorf("asked %q before MQTT", got)
		}
		io.WriteString(mqtt, "\x90\x03\x00\x01\x01")
		p := c.accept()
		raw := p.raw()
		if raw[len(raw)-1] != 0 || decodeJSON(t, raw)["code"] != 100.0 {
			t.Errorf("code 100 %q: want NUL behind its JSON", raw)
		}
		p.send(`{"code":101,"status":200}`)
		if got := c.asked(); !slices.Equal(got, []string{"ApiSysDevices/getDevInfo", "ApiServer/getA9ConfCheck"}) {
			t.Errorf("asked %q", got)
		}
		if !strings.Contains(c.requests[0], "\r\nversion: 202411131121\r\n") {
			t.Errorf("request %q", c.requests[0])
		}
		readExactly(t, mqtt, len(capturedStatus))
		b := make([]byte, 1024)
		n, err := mqtt.Read(b)
		if err != nil || utf8.Valid(b[:n]) || b[0] != mqttPublish {
			t.Errorf("Info %q, %v: want an SSID that is not UTF-8", b[:n], err)
		}

		c.open(p)
		p.forward(`"code":4,"unixTimer":1677886134`)
		if info := p.raw(); json.Valid(info) || !strings.Contains(string(info), `"content": {"code": 4,`) || utf8.Valid(info) {
			t.Errorf("base info %q: want what does not parse", info)
		}
	})
}

// A blank line too many makes the JSON two bytes short for who honours Content-Length; the old
// firmware lives with it. docs/protocol.md, section 2.
func TestNewFirmwareNeverStartsOnABlankLineTooMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t)
		c.blank = "\r\n"
		camera := c.start(Options{ID: capturedID, Firmware: New})
		pass(5 * time.Minute)
		if s := camera.State(); s.Step != Booting || s.Registered != 0 || s.Boots < 8 || s.Boots > 20 {
			t.Errorf("%+v, want it to ask again and again, ever slower", s)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t)
		c.blank = "\r\n"
		c.start(Options{ID: capturedID, Firmware: Old})
		c.register()
	})
}

func TestNewFirmwareNeverStartsWithoutDeviceInfo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t)
		c.missing = "ApiSysDevices/getDevInfo"
		camera := c.start(Options{ID: capturedID, Firmware: New})
		pass(time.Minute)
		if s := camera.State(); s.Registered != 0 || len(c.asked()) != s.Boots || s.Boots < 4 {
			t.Errorf("%+v after asking %q", s, c.asked())
		}
		c.mu.Lock()
		c.missing = ""
		c.mu.Unlock()
		c.register()
	})
}

func TestCameraWithoutCode101StartsAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t)
		camera := c.start(Options{ID: capturedID})
		began := time.Now()
		c.accept() // and says nothing
		c.register()
		if after := time.Since(began); after < loginPatience || after > loginPatience+2*time.Second {
			t.Errorf("came again after %v", after)
		}
		if s := camera.State(); s.Boots != 2 {
			t.Errorf("%+v", s)
		}
	})
}

func TestMQTTCommandsAreObeyedAndAnsweredByInfo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t)
		camera := c.start(Options{ID: capturedID, MQTT: "10.42.0.1:1883"})
		c.register()
		mqtt, err := c.mqtt.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer mqtt.Close()
		readExactly(t, mqtt, len(capturedConnect))
		io.WriteString(mqtt, "\x20\x02\x00\x00")
		readExactly(t, mqtt, len(capturedSubscribe))
		io.WriteString(mqtt, "\x90\x03\x00\x01\x01")
		readExactly(t, mqtt, len(capturedStatus)+len(capturedInfo))

		topic := "\x00\x29" + subTopic + capturedID
		publish := func(flags byte, head, payload string) {
			b := mqttPacket(mqttPublish|flags, []byte(topic+head+payload))
			mqtt.Write(b[:5])
			pass(3 * time.Millisecond) // a packet may come in two parts
			mqtt.Write(b[5:])
		}
		publish(2, "\x12\x34", `{"code":202,"IrLed":1}`) // QoS 1
		got, _ := readExactly(t, mqtt, 4)
		compareBytes(t, "PUBACK", got, "\x40\x02\x12\x34")
		got, _ = readExactly(t, mqtt, len(capturedInfo))
		compareBytes(t, "Info", got, strings.Replace(capturedInfo, `"IrLed": 0`, `"IrLed": 1`, 1))
		publish(0, "", `{"code":210,"instLed":0}`)
		got, _ = readExactly(t, mqtt, len(capturedInfo))
		compareBytes(t, "Info", got, strings.NewReplacer(`"IrLed": 0`, `"IrLed": 1`, `"instLed": 1`, `"instLed": 0`).Replace(capturedInfo))
		publish(0, "", `{"code":`)
		publish(0, "", `{"code":299,"reboot":1}`)
		mqtt.Close()
		c.register()
		if s := camera.State(); s.Commands != 3 || s.Refused != 1 || s.Boots != 2 {
			t.Errorf("%+v", s)
		}
	})
}
