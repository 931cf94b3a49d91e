package v720

import (
	"encoding/json"
	"fmt"
	"net/netip"
)

// The messages we send, as payloads of a package with CmdJSON: compact JSON, keys in the order
// in which the vendor's server and the Python server send them.

// RegisterDone answers a camera's registration.
func RegisterDone() []byte {
	return []byte(`{"code":101,"status":200}`)
}

// NATRequest asks the camera to open a media channel to server. target is 32 hex digits and
// token 8 characters; the camera echoes both. docs/protocol.md, section 4, step 1.
func NATRequest(target, token string, server netip.AddrPort) []byte {
	return fmt.Appendf(nil, `{"code":11,"cliTarget":%s,"cliToken":%s,"cliIp":"255.255.255.255","cliPort":0,"cliNatIp":"%s","cliNatPort":%d}`,
		quote(target), quote(token), server.Addr().Unmap(), server.Port())
}

// UDPResponse tells the camera the address that we see it at. docs/protocol.md, section 4, step 2.
func UDPResponse(seen netip.AddrPort) []byte {
	return fmt.Appendf(nil, `{"code":21,"ip":"%s","port":%d}`, seen.Addr().Unmap(), seen.Port())
}

// Probe asks the camera for a CodeProbeAnswer. docs/protocol.md, section 4, step 4.
func Probe() []byte { return []byte(`{"code":50}`) }

// Status switches the camera to command mode. docs/protocol.md, section 4, step 5.
func Status() []byte { return []byte(`{"code":53,"status":1}`) }

// TimeAnswer answers a round-trip measurement with the stamp that came, under the name it had.
func TimeAnswer(c Control) []byte {
	if c.TimerStamp != nil {
		return fmt.Appendf(nil, `{"code":55,"timerStamp":%s}`, c.TimerStamp)
	}
	if c.TimeStamp != nil {
		return fmt.Appendf(nil, `{"code":55,"timeStamp":%s}`, c.TimeStamp)
	}
	return []byte(`{"code":55}`)
}

// Forward wraps a command of the forward table that has no parameters.
func Forward(target string, code ForwardCode) []byte {
	return fmt.Appendf(nil, `{"code":301,"target":%s,"content":{"code":%d}}`, quote(target), code)
}

// BaseInfo asks for the camera's state and sets its clock. localSeconds is Unix time plus the
// zone's offset: the camera stamps its SD folders with it as it is. docs/protocol.md, section 4.
func BaseInfo(target string, localSeconds int64) []byte {
	return fmt.Appendf(nil, `{"code":301,"target":%s,"content":{"unixTimer":%d,"code":%d}}`, quote(target), localSeconds, ForwardBaseInfo)
}

// quote never fails: a string always has a JSON form.
func quote(s string) []byte {
	text, _ := json.Marshal(s)
	return text
}
