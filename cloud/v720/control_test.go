package v720

import (
	"net/netip"
	"reflect"
	"testing"
)

var controlCases = []struct {
	name string
	text string
	want Control
}{
	{
		"registration as captured",
		`{"code": 100, "uid": "0800c00128F8", "token": "91edf41f" ,"domain": "v720.naxclow.com"}`,
		Control{Code: 100, UID: "0800c00128F8", Token: "91edf41f", Domain: "v720.naxclow.com"},
	},
	{
		"NAT response",
		`{"code": 12, "status": 200, "devIp": "10.42.0.1", "devPort": 53221, "devNatIp": "10.42.0.28", "devNatPort": 29291, "cliTarget": "00112233445566778899aabbccddeeff", "cliToken": "55ABfb77"}`,
		Control{Code: 12, Status: 200, DevIP: "10.42.0.1", DevPort: 53221, DevNATIP: "10.42.0.28", DevNATPort: 29291, CliTarget: "00112233445566778899aabbccddeeff", CliToken: "55ABfb77"},
	},
	{"NUL behind it", "{\"code\":20}\x00", Control{Code: 20}},
	{"white space around it", " \r\n{\"code\":20}\n", Control{Code: 20}},
	{"a second value behind it", `{"code":20}{"code":51}`, Control{Code: 20}},
	{"a number in quotes", `{"code":"51","devTarget":"0800c0012345","status":"200"}`, Control{Code: 51, DevTarget: "0800c0012345", Status: 200}},
	{"an SSID that is no UTF-8", "{\"code\":51,\"devTarget\":\"\xff\xfe\x01\"}", Control{Code: 51, DevTarget: "\uFFFD\uFFFD "}},
	{"a status that is no number", `{"code":51,"devTarget":"0800c0012345","status":"ok"}`, Control{Code: 51, DevTarget: "0800c0012345"}},
	{"a token that is no text", `{"code":100,"token":91,"uid":"0800c00128F8"}`, Control{Code: 100, UID: "0800c00128F8"}},
	{"nothing", "", Control{}},
	{"NUL alone", "\x00", Control{}},
}

func TestParseControlForgivesWhatCamerasDo(t *testing.T) {
	for _, c := range controlCases {
		got, err := ParseControl([]byte(c.text))
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %+v, %v; want %+v", c.name, got, err, c.want)
		}
	}
}

func TestParseControlRefusesWhatIsNoMessage(t *testing.T) {
	for _, text := range []string{`{"code": 301, "content": {`, `nonsense`, `[1]`} {
		if got, err := ParseControl([]byte(text)); err == nil {
			t.Errorf("%s: got %+v, want an error", text, got)
		}
	}
}

func TestForwardCodeIsTheCommandInside(t *testing.T) {
	for text, want := range map[string]int{
		`{"code":301,"target":"00","content":{"code":3}}`:                    3,
		`{"code":301,"target":"00","content":{"unixTimer":1, "code" : "4"}}`: 4,
		`{"code":301,"target":"00","content":{}}`:                            -1,
		`{"code":301,"target":"00","content":"text"}`:                        -1,
		`{"code":301}`: -1,
	} {
		c, err := ParseControl([]byte(text))
		got, ok := c.ForwardCode()
		if err != nil || ok != (want >= 0) || ok && int(got) != want {
			t.Errorf("%s: got %d, %t, %v; want %d", text, got, ok, err, want)
		}
	}
}

func TestMessagesAreExact(t *testing.T) {
	server := netip.MustParseAddrPort("[::ffff:10.42.0.1]:6123")
	stamp, _ := ParseControl([]byte(`{"code":54,"timerStamp":1234}`))
	capture, _ := ParseControl([]byte(`{"code":54,"timeStamp":"99"}`))
	for _, c := range []struct{ got, want string }{
		{string(NATRequest("00ff", "55ABfb77", server)), `{"code":11,"cliTarget":"00ff","cliToken":"55ABfb77","cliIp":"255.255.255.255","cliPort":0,"cliNatIp":"10.42.0.1","cliNatPort":6123}`},
		{string(UDPResponse(server)), `{"code":21,"ip":"10.42.0.1","port":6123}`},
		{string(Probe()), `{"code":50}`},
		{string(Status()), `{"code":53,"status":1}`},
		{string(Forward("00ff", ForwardRetransmit)), `{"code":301,"target":"00ff","content":{"code":298}}`},
		{string(BaseInfo("00ff", 1677886134)), `{"code":301,"target":"00ff","content":{"unixTimer":1677886134,"code":4}}`},
		{string(TimeAnswer(stamp)), `{"code":55,"timerStamp":1234}`},
		{string(TimeAnswer(capture)), `{"code":55,"timeStamp":"99"}`},
	} {
		if c.got != c.want {
			t.Errorf("got %s, want %s", c.got, c.want)
		}
	}
}

func FuzzParseControl(f *testing.F) {
	for _, c := range controlCases {
		f.Add([]byte(c.text))
	}
	f.Add([]byte(`{"code":301,"target":"00","content":{"code":3}}`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		c, err := ParseControl(payload)
		if err != nil {
			return
		}
		c.ForwardCode()
		// What a camera sent is put into a message of ours once: the answer must still be one.
		if _, err := ParseControl(TimeAnswer(c)); err != nil {
			t.Fatalf("answer to %q does not parse: %v", payload, err)
		}
	})
}
