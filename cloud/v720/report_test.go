package v720

import (
	"maps"
	"slices"
	"testing"
)

// The Info of a real camera, as captured, and others.
var reports = []struct {
	text     string
	values   map[string]int64
	texts    map[string]string
	networks []string
}{
	{`{"apStatus": 0,"devPower": 100,"sdCapacity": 0,"IrLed": 0,"SD_freeDisk": -1,"SD_blockDisk": -1,"cameraState": 0,"sd_State": 0,"sdMoveMode": 0,"sdCardReco": 1,"instLed": 1,"random":"BCDEFG","token":"910d310434","devicesCode":"0800c00128F8","wifiName":"intl-laptop","version":"202212011602"}`,
		map[string]int64{"apStatus": 0, "devPower": 100, "sdCapacity": 0, "IrLed": 0, "SD_freeDisk": -1, "SD_blockDisk": -1, "cameraState": 0, "sd_State": 0, "sdMoveMode": 0, "sdCardReco": 1, "instLed": 1},
		map[string]string{"wifiName": "intl-laptop", "version": "202212011602"}, nil},
	{`{"code": 4, "IrLed": 1, "devPower": "87", "mirrorFlip": 4.0, "version": "202212011602"}`,
		map[string]int64{"IrLed": 1, "devPower": 87, "mirrorFlip": 4}, map[string]string{"version": "202212011602"}, nil},
	// Quotes that stand bare, bytes that are no UTF-8, a NUL behind it.
	{"{\"code\": 301, \"content\": {\"code\": 4, \"IrLed\": 1, \"wifiName\": \"Caf\xe9 \"am Eck\"\", \"instLed\": 0, \"version\": \"202411131121\"}}\x00",
		map[string]int64{"IrLed": 1, "instLed": 0}, map[string]string{"wifiName": "Caf\uFFFD \"am Eck\"", "version": "202411131121"}, nil},
	{"{\"wifiName\":\"a\x1b[2Jb\",\"IrLed\":1}", map[string]int64{"IrLed": 1}, map[string]string{"wifiName": "a [2Jb"}, nil},
	{`{"IrLed":0,"scanWifi":["home","","guests"]}`, map[string]int64{"IrLed": 0}, nil, []string{"home", "guests"}},
	{`{"scanWifiBase64":"aG9tZQpndWVzdHM="}`, nil, nil, []string{"home", "guests"}},
	{`{"scanWifiBase64":["aG9tZQ==","Z3Vlc3Rz"]}`, nil, nil, []string{"home", "guests"}},
	{`{"scanWifi":[{"ssid":"home","rssi":-40}]}`, nil, nil, []string{"home"}},
	{``, nil, nil, nil},
	{`nonsense`, nil, nil, nil},
	{`{"code":5}`, nil, nil, nil},
}

func TestAReportIsReadWhateverTheCameraDoesToItsJSON(t *testing.T) {
	for _, c := range reports {
		got, ok := ParseReport([]byte(c.text))
		if ok != (len(c.values)+len(c.texts)+len(c.networks) > 0) || !maps.Equal(got.Values, c.values) || !maps.Equal(got.Texts, c.texts) || !slices.Equal(got.Networks, c.networks) {
			t.Errorf("%q\ngot  %+v, %v\nwant %v %v %v", c.text, got, ok, c.values, c.texts, c.networks)
		}
	}
}

func FuzzReport(f *testing.F) {
	for _, c := range reports {
		f.Add([]byte(c.text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		r, ok := ParseReport(text)
		if len(r.Values) > mostValues || len(r.Networks) > mostNetworks || ok != (len(r.Values)+len(r.Texts)+len(r.Networks) > 0) {
			t.Fatalf("got %+v, %v", r, ok)
		}
		for _, text := range append(slices.Collect(maps.Values(r.Texts)), r.Networks...) {
			if len(text) > mostText || printable(text) != text {
				t.Fatalf("got the text %q", text)
			}
		}
	})
}
