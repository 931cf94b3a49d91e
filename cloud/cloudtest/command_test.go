package cloudtest

import "testing"

func TestEachTableHasItsOwnMeanings(t *testing.T) {
	c, err := NewCamera(Options{ID: capturedID, Host: Loopback{}, HTTP: "127.0.0.1:1", Motor: true, Card: 32})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		text          string
		mqtt, forward outcome
	}{
		{`{"code":202,"IrLed":1}`, answers, answers},
		{`{"code":202,"IrLed":2}`, refused, refused},
		{`{"code":202}`, refused, refused},
		{`{"code":204,"s":"home","p":"mifimifi"}`, reboots, refused},
		{`{"code":204,"s":"home","p":"short"}`, refused, refused},
		{`{"code":204}`, leaves, refused},
		{`{"code":205,"moveAlert":7}`, answers, answers},
		{`{"code":205,"moveAlert":8}`, refused, refused},
		{`{"code":207}`, answers, answers},
		{`{"code":208}`, leaves, leaves},
		{`{"code":209,"sdCardReco":0}`, answers, refused},
		{`{"code":211}`, answers, answers},
		{`{"code":212,"pirSysMode":1}`, answers, refused},
		{`{"code":212,"motorState":1}`, refused, answers},
		{`{"code":212,"motorState":5}`, refused, refused},
		{`{"code":216,"mirrorFlip":4}`, refused, answers},
		{`{"code":220,"ledEI":1,"lightGrade":1}`, answers, refused},
		{`{"code":221,"setApPwd":"mifimifi"}`, refused, answers},
		{`{"code":223}`, refused, answers},
		{`{"code":224}`, refused, leaves},
		{`{"code":242}`, answers, refused},
		{`{"code":299,"reboot":1}`, reboots, reboots},
		{`{"code":299}`, refused, reboots},
	} {
		m, err := readInstruction([]byte(row.text))
		if err != nil {
			t.Fatal(err)
		}
		if got := c.obeysMQTT(m); got != row.mqtt {
			t.Errorf("%s on the topic: got %d, want %d", row.text, got, row.mqtt)
		}
		if got := c.obeysForward(m); got != row.forward {
			t.Errorf("%s in a 301: got %d, want %d", row.text, got, row.forward)
		}
	}
	if s := c.State(); s.Pan != 1 {
		t.Errorf("turned %d steps, want 1", s.Pan)
	}
	for _, text := range []string{``, `[]`, `{}`, `{"code":"x"}`} {
		if _, err := readInstruction([]byte(text)); err == nil {
			t.Errorf("%q is taken for a command", text)
		}
	}
}
