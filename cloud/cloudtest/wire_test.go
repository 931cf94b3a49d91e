package cloudtest

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"testing"
	"testing/iotest"
)

// Headers as they are in the capture and in the logs of docs/protocol.md's sources.
var headers = []struct {
	bytes string
	header
}{
	{"\x57\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", header{size: 0x57}},
	{"\x19\x00\x00\x00\x00\x00\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00",
		header{size: 25, flag: 255, forward: [8]byte{255, 255, 255, 255, 255, 255, 255, 255}}},
	{"\xec\x03\x00\x00\x01\x00\xfb\x00\x00\x00\x00\x00\x00\x00\x00\x00\xf3\x0a\x00\x00", header{size: 1004, cmd: cmdJPEG, flag: flagBody, id: 2803}},
	{"\xa8\x02\x00\x00\x01\x00\xfc\x00\x00\x00\x00\x00\x00\x00\x00\x00\x0b\x0b\x00\x00", header{size: 680, cmd: cmdJPEG, flag: flagEnd, id: 2827}},
	{"\x68\x00\x00\x00\x5d\x02\x00\x0000000000\x00\x00\x00\x00",
		header{size: 104, cmd: cmdConfirm, forward: [8]byte{'0', '0', '0', '0', '0', '0', '0', '0'}}},
	{"\x00\x00\x00\x00\x64\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", header{cmd: cmdHeartbeat}},
}

func TestHeaderIsReadAndWrittenAsCaptured(t *testing.T) {
	for _, c := range headers {
		if got := readHeader([]byte(c.bytes)); got != c.header {
			t.Errorf("% x\ngot  %+v\nwant %+v", c.bytes, got, c.header)
		}
		var b [headerSize]byte
		c.put(b[:])
		if string(b[:]) != c.bytes {
			t.Errorf("%+v\ngot  % x\nwant % x", c.header, b, c.bytes)
		}
	}
}

func FuzzMessageStream(f *testing.F) {
	for _, c := range headers {
		f.Add([]byte(c.bytes))
	}
	f.Add([]byte(capturedRegistration + capturedHeartbeat))
	f.Add([]byte("\xff\xff\xff\xff" + capturedHeartbeat))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := iotest.OneByteReader(bytes.NewReader(b))
		buf := make([]byte, maxStreamMessage)
		var again []byte
		for {
			h, payload, err := readMessage(r, buf)
			if err == io.EOF && len(again) != len(b) {
				t.Fatalf("EOF after %d of %d bytes", len(again), len(b))
			}
			if err != nil {
				break
			}
			m := message(h.cmd, payload)
			h.put(m)
			again = append(again, m...)
			if got, p, err := datagramMessage(m); err != nil || got != h || !bytes.Equal(p, payload) {
				t.Fatalf("as a datagram: %+v, %v", got, err)
			}
		}
		if !bytes.HasPrefix(b, again) {
			t.Errorf("read and written\ngot  % x\nfrom % x", again, b)
		}
	})
}

func TestMessageLargerThanACameraTakesIsAnError(t *testing.T) {
	buf := make([]byte, maxStreamMessage)
	for size, ok := range map[int]bool{maxStreamMessage - headerSize: true, maxStreamMessage - headerSize + 1: false} {
		if _, _, err := readMessage(bytes.NewReader(message(cmdJSON, make([]byte, size))), buf); (err == nil) != ok {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
	if _, _, err := readMessage(bytes.NewReader([]byte(capturedRegistration[:50])), buf); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("torn message: %v", err)
	}
}

func FuzzMQTT(f *testing.F) {
	for _, packet := range []string{capturedConnect, capturedSubscribe, capturedStatus, capturedInfo, capturedPing, "\x20\x02\x00\x00", "\x32\x09\x00\x01a\x00\x07{}{}", "\x32\x02\x00\x09", "\x30\xff\xff\xff\xff\x01"} {
		f.Add([]byte(packet))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		kind, body, rest, whole, err := splitMQTT(b)
		if !whole || err != nil {
			return
		}
		if again := append(mqttPacket(kind, body), rest...); len(again) > len(b) || !bytes.HasSuffix(b, append(bytes.Clone(body), rest...)) {
			t.Errorf("taken apart and put together\ngot  % x\nwant % x", again, b)
		}
		if kind&0xF0 != mqttPublish {
			return
		}
		p, err := readPublication(kind, body)
		if err != nil {
			return
		}
		again := mqttString(nil, p.topic)
		if p.qos == 1 {
			again = append(again, byte(p.packet>>8), byte(p.packet))
		}
		if again = append(again, p.payload...); !bytes.Equal(again, body) {
			t.Errorf("publication\ngot  % x\nwant % x", again, body)
		}
	})
}

func FuzzHTTPAnswer(f *testing.F) {
	c := &cloud{addr: serverAddr, port: 6123}
	f.Add([]byte(c.answer(capturedRequest)), uint16(100))
	c.blank = "\r\n"
	f.Add([]byte(c.answer(capturedRequest)), uint16(200))
	f.Add([]byte("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}"), uint16(3))
	f.Add([]byte("HTTP/1.1 404\r\n\r\n"), uint16(0))
	f.Fuzz(func(t *testing.T, answer []byte, cut uint16) {
		for _, firmware := range []Firmware{Old, New} {
			body, whole, err := httpBody(answer, firmware)
			if whole && (err != nil || !bytes.Contains(answer, body)) {
				t.Errorf("body %q of %q, %v", body, answer, err)
			}
			// An answer that came in two pieces is the same answer.
			part := answer[:min(int(cut), len(answer))]
			if b, w, _ := httpBody(part, firmware); w && (!whole || !bytes.Equal(b, body)) {
				t.Errorf("of %d bytes the body was %q, of all %q", len(part), b, body)
			}
		}
	})
}

func TestConfirmedTakesIdsAndNoHalfOnes(t *testing.T) {
	var c confirmed
	if !c.put(nil) || !c.put([]byte{1, 0, 0, 0, 255, 255, 255, 255}) || c.put([]byte{2, 0, 0, 0, 9}) {
		t.Error("want true for whole ids alone")
	}
	var ids []uint32
	c.take(func(id uint32) { ids = append(ids, id) })
	if !slices.Equal(ids, []uint32{1, 0xFFFFFFFF, 2}) {
		t.Errorf("%d", ids)
	}
	for range inboxSize {
		c.put([]byte{1, 2, 3, 4, 5, 6, 7, 8})
	}
	if len(c.ids) != inboxSize {
		t.Errorf("%d ids wait, want %d at most", len(c.ids), inboxSize)
	}
}
