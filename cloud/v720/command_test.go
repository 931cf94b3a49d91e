package v720

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// documentedCommand is a row of a table of docs/protocol.md, section 7.
type documentedCommand struct {
	code int
	wire string // the JSON in its second column
}

var tableRow = regexp.MustCompile("^\\| (\\d+) \\| `([^`]+)` \\|")

// documented reads the table below a heading: "| MQTT |", "| 301 |".
func documented(t *testing.T, heading string) (rows []documentedCommand) {
	t.Helper()
	text, err := os.ReadFile("../../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	_, below, found := strings.Cut(string(text), "\n"+heading)
	if !found {
		t.Fatalf("docs/protocol.md has no table %q", heading)
	}
	for i, line := range strings.Split(below, "\n")[2:] {
		if !strings.HasPrefix(line, "|") {
			break
		}
		m := tableRow.FindStringSubmatch(line)
		if m == nil {
			t.Fatalf("row %d of table %q cannot be read: %s", i+1, heading, line)
		}
		code, _ := strconv.Atoi(m[1])
		rows = append(rows, documentedCommand{code, m[2]})
	}
	return rows
}

// The functions, each with the values of its row.
var mqttCommands = []MQTTCommand{
	MQTTIRLed(true), MQTTCardOnMotion(true), MQTTJoinWiFi("intl-laptop", "mifimifi"), MQTTLeaveWiFi(), MQTTMoveAlert(1), MQTTMoveGrade(1),
	MQTTFormatCard(), MQTTAccessPoint(), MQTTCardRecord(true), MQTTPowerLed(true), MQTTScanWiFi(), MQTTPIRMode(1), MQTTPIRAlert(true),
	MQTTPIRGrade(1), MQTTLamp(1), MQTTPowerRun(true), MQTTWake(), MQTTReboot(),
}

var forwardCommands = []ForwardCommand{
	ForwardSpeed(1), ForwardIRLed(true), ForwardCardOnMotion(true), ForwardMoveAlert(1), ForwardMoveGrade(1), ForwardFormatCard(),
	ForwardAccessPoint(), ForwardPowerLed(true), ForwardScanWiFi(), ForwardMotor(TurnRight), ForwardFlip(4), ForwardPacing(1), ForwardCardStatus(),
	ForwardRF433(1), ForwardAccessPointPassword("mifimifi"), ForwardLens(1), ForwardBattery(), ForwardPowerOff(), ForwardConfirms(), ForwardReboot(),
	ForwardCardDates(), ForwardCardDay("20261122"), ForwardCardFile("20261122", 14, 5), ForwardCardSend(), ForwardCardStop(), ForwardCardDelete("20261122", 14, 5),
}

// cardAnswers are the codes of the card's range that a camera alone says.
var cardAnswers = []ForwardCode{
	AnswerCardDates, AnswerCardDay, AnswerCardFile, AnswerCardSend, AnswerCardStop, UnknownCard, MarkCardSent, AnswerCardDeleted,
}

func TestEveryMQTTCommandOfTheProtocolHasAFunctionWithItsBytes(t *testing.T) {
	var wires []string
	for _, c := range mqttCommands {
		wires = append(wires, fmt.Sprint(int(c.Code), " ", string(c.Payload())))
	}
	holdsRows(t, documented(t, "| MQTT |"), wires, nil, 18)
}

func TestEveryForwardCommandOfTheProtocolHasAFunctionWithItsBytes(t *testing.T) {
	var wires []string
	for _, c := range forwardCommands {
		wires = append(wires, fmt.Sprint(int(c.Code), " ", string(c.Content())))
		if want := `{"code":301,"target":"t","content":` + string(c.Content()) + `}`; string(c.Payload("t")) != want {
			t.Errorf("got %s, want %s", c.Payload("t"), want)
		}
	}
	// Those that open a stream have a function that wraps them too.
	streams := []string{
		string(Forward("t", ForwardStop)), string(Forward("t", ForwardAudio)), string(Forward("t", ForwardVideo)), string(Forward("t", ForwardLive)), string(BaseInfo("t", 1677886134)),
	}
	holdsRows(t, documented(t, "| 301 |"), wires, streams, 31)
}

func TestEveryAnswerOfTheProtocolHasAName(t *testing.T) {
	named := make(map[ForwardCode]bool)
	for _, code := range cardAnswers {
		named[code] = true
	}
	for _, row := range documented(t, "| answer |") {
		var content struct{ Code int }
		if err := json.Unmarshal([]byte(row.wire), &content); err != nil || content.Code != row.code {
			t.Errorf("docs/protocol.md has %d with %s: %v", row.code, row.wire, err)
		}
		if !named[ForwardCode(row.code)] {
			t.Errorf("docs/protocol.md has the answer %d, and the code has no name for it", row.code)
		}
		delete(named, ForwardCode(row.code))
	}
	for code := range named {
		t.Errorf("the code has a name for the answer %d, and docs/protocol.md has it not", code)
	}
}

// holdsRows compares a table with what functions make: none may have what the other has not. wrapped
// are whole 301s.
func holdsRows(t *testing.T, rows []documentedCommand, wires, wrapped []string, atLeast int) {
	t.Helper()
	if len(rows) < atLeast {
		t.Errorf("the table has %d rows, want at least %d", len(rows), atLeast)
	}
	for _, whole := range wrapped {
		content := strings.TrimSuffix(strings.TrimPrefix(whole, `{"code":301,"target":"t","content":`), "}")
		code := regexp.MustCompile(`"code":(\d+)`).FindStringSubmatch(content)[1]
		wires = append(wires, code+" "+content)
	}
	made := make(map[string]int)
	for _, wire := range wires {
		made[wire]++
	}
	for _, row := range rows {
		wire := fmt.Sprint(row.code, " ", row.wire)
		if made[wire] == 0 {
			t.Errorf("docs/protocol.md has %s, and no function makes it", wire)
		}
		delete(made, wire)
	}
	for wire := range made {
		t.Errorf("a function makes %s, and docs/protocol.md has it not", wire)
	}
}

// The tables of the two documents that the project was started from: codes with a parameter of theirs, "" for none.
// They stand here apart from docs/protocol.md, so that a row that is lost there is missed.
var (
	firstMQTT = map[int][]string{
		202: {"IrLed"}, 203: {"sdMoveMode"}, 204: {"", "s", "p"}, 205: {"moveAlert"}, 206: {"moveGrade"}, 207: {""}, 208: {""}, 209: {"sdCardReco"},
		210: {"instLed"}, 211: {""}, 212: {"pirSysMode"}, 213: {"pirAlert"}, 215: {"pirGrade"}, 220: {"ledEI", "lightGrade"}, 227: {"sysPowerRun"},
		242: {""}, 299: {"reboot"},
	}
	firstForward = map[int][]string{
		3: {""}, 4: {"unixTimer"}, 201: {"speedGrade"}, 202: {"IrLed"}, 203: {"sdMoveMode"}, 205: {"moveAlert"}, 206: {"moveGrade"}, 207: {""}, 208: {""},
		210: {"instLed"}, 211: {""}, 212: {"motorState"}, 216: {"mirrorFlip"}, 217: {"sfq"}, 218: {""}, 219: {"RF433"}, 221: {"setApPwd"}, 222: {"camId"},
		223: {""}, 224: {""}, 298: {""}, 299: {"reboot"},
		400: {""}, 401: {"dates"}, 402: {"date"}, 403: {""}, 404: {"date", "hours", "minute"}, 405: {"fileName", "fileSize"}, 406: {""}, 407: {""},
		408: {""}, 409: {""}, 410: {""}, 411: {""}, 412: {"date", "hours", "minute"}, 413: {""},
	}
)

func TestNoCommandOfTheFirstDocumentsIsMissing(t *testing.T) {
	mqtt := documented(t, "| MQTT |")
	forward := append(documented(t, "| 301 |"), documented(t, "| answer |")...)
	for _, table := range []struct {
		name string
		want map[int][]string
		rows []documentedCommand
	}{{"MQTT", firstMQTT, mqtt}, {"301", firstForward, forward}} {
		for code, keys := range table.want {
			for _, key := range keys {
				if !slices.ContainsFunc(table.rows, func(row documentedCommand) bool { return row.code == code && row.has(key) }) {
					t.Errorf("docs/protocol.md has no %s %d with %q", table.name, code, key)
				}
			}
		}
	}
}

// has tells whether a row has a parameter, any row for "".
func (d documentedCommand) has(key string) bool {
	return key == "" || strings.Contains(d.wire, `"`+key+`":`)
}

func TestRawCommandsAreObjectsWithACode(t *testing.T) {
	for text, fine := range map[string]bool{
		`{"code":202,"IrLed":1}`: true, ` {"code": 4, "x": {"y": []}} `: true,
		``: false, `{}`: false, `[1]`: false, `{"code":"x"}`: false, `{"code":1}{`: false, `{"code":1,"x":"` + strings.Repeat("x", maxRaw) + `"}`: false,
	} {
		got, err := RawMQTT([]byte(text))
		if (err == nil) != fine || fine && string(got) != text {
			t.Errorf("%.40q: got %q, %v", text, got, err)
		}
	}
	if got, err := RawForward("t", []byte(`{"code":223}`)); err != nil || string(got) != `{"code":301,"target":"t","content":{"code":223}}` {
		t.Errorf("got %s, %v", got, err)
	}
}
