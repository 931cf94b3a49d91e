package v720

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"testing"
	"testing/iotest"
)

// wireCases are packages of real conversations (docs/protocol.md, section 1) and what they mean.
// They feed parsing, appending, the stream decoder and the fuzz targets.
var wireCases = []struct {
	name string
	hex  string
	want Packet
}{
	{
		name: "a camera registers, forward id zero",
		hex: "5700000000000000000000000000000000000000" +
			hex.EncodeToString([]byte(`{"code": 100, "uid": "0800c00128F8", "token": "91edf41f" ,"domain": "v720.naxclow.com"}`)),
		want: Packet{Payload: []byte(`{"code": 100, "uid": "0800c00128F8", "token": "91edf41f" ,"domain": "v720.naxclow.com"}`)},
	},
	{
		name: "the vendor's server answers, forward id of FF",
		hex:  "190000000000ff00ffffffffffffffff000000007b22636f6465223a3130312c22737461747573223a3230307d",
		want: Packet{Flag: FlagFinish, Forward: [8]byte{255, 255, 255, 255, 255, 255, 255, 255}, Payload: RegisterDone()},
	},
	{
		name: "a heartbeat",
		hex:  "0000000064000000000000000000000000000000",
		want: Packet{Cmd: CmdHeartbeat, Payload: []byte{}},
	},
	{
		name: "a body package of a picture",
		hex:  "040000000100fb000000000000000000f30a0000d00491be",
		want: Packet{Cmd: CmdJPEG, Flag: FlagBody, ID: 2803, Payload: []byte{0xd0, 0x04, 0x91, 0xbe}},
	},
	{
		name: "a confirm of two packages",
		hex:  "080000005d020000303030303030303000000000f20a0000f30a0000",
		want: Packet{Cmd: CmdConfirm, Forward: asciiZeros, Payload: []byte{0xf2, 0x0a, 0, 0, 0xf3, 0x0a, 0, 0}},
	},
}

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func samePacket(a, b Packet) bool {
	return a.Cmd == b.Cmd && a.Flag == b.Flag && a.Deal == b.Deal && a.Forward == b.Forward && a.ID == b.ID && bytes.Equal(a.Payload, b.Payload)
}

func TestParsePacketReadsWhatWasSeenOnTheWire(t *testing.T) {
	for _, c := range wireCases {
		got, err := ParsePacket(unhex(t, c.hex))
		if err != nil || !samePacket(got, c.want) {
			t.Errorf("%s: got %+v, %v; want %+v", c.name, got, err, c.want)
		}
	}
}

func TestAppendGivesTheBytesThatWereParsed(t *testing.T) {
	for _, c := range wireCases {
		wire := unhex(t, c.hex)
		p, _ := ParsePacket(wire)
		want := bytes.Clone(wire)
		if p.Forward == [8]byte{} {
			copy(want[8:], asciiZeros[:]) // what we send; docs/protocol.md, section 1
		}
		if got := p.Append(nil); !bytes.Equal(got, want) {
			t.Errorf("%s: got %x, want %x", c.name, got, want)
		}
	}
}

func TestAppendConfirmIsTheConfirmOnTheWire(t *testing.T) {
	want := unhex(t, wireCases[4].hex)
	if got := AppendConfirm(nil, []uint32{2802, 2803}); !bytes.Equal(got, want) {
		t.Errorf("got %x, want %x", got, want)
	}
	if got := AppendConfirm(nil, nil); len(got) != HeaderSize {
		t.Errorf("an empty confirm has %d bytes, want %d", len(got), HeaderSize)
	}
}

func TestParsePacketRefusesWhatIsNoPackage(t *testing.T) {
	for name, c := range map[string]struct {
		hex  string
		want error
	}{
		"nothing":                       {"", ErrShort},
		"half a header":                 {"00000000640000000000", ErrShort},
		"less payload than announced":   {"0500000001000000000000000000000000000000aabb", ErrShort},
		"more than any camera sends":    {"00200000010000000000000000000000000000000000", ErrOversized},
		"a length of four thousand MiB": {"ffffffff010000000000000000000000000000000000", ErrOversized},
	} {
		if _, err := ParsePacket(unhex(t, c.hex)); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
}

func TestDecoderReadsMessagesHoweverTheyAreCut(t *testing.T) {
	var stream []byte
	for _, c := range wireCases {
		stream = append(stream, unhex(t, c.hex)...)
	}
	readers := map[string]io.Reader{
		"in one segment":       bytes.NewReader(stream),
		"byte by byte":         iotest.OneByteReader(bytes.NewReader(stream)),
		"in halves":            iotest.HalfReader(bytes.NewReader(stream)),
		"with data at the end": iotest.DataErrReader(bytes.NewReader(stream)),
	}
	for name, r := range readers {
		d := NewDecoder(r)
		for _, c := range wireCases {
			got, err := d.Next()
			if err != nil || !samePacket(got, c.want) {
				t.Errorf("%s, %s: got %+v, %v; want %+v", name, c.name, got, err, c.want)
			}
		}
		if _, err := d.Next(); err != io.EOF {
			t.Errorf("%s: got %v at the end, want io.EOF", name, err)
		}
	}
}

func TestDecoderTellsACutMessageFromAnEnd(t *testing.T) {
	whole := unhex(t, wireCases[0].hex)
	for n := 1; n < len(whole); n++ {
		if _, err := NewDecoder(bytes.NewReader(whole[:n])).Next(); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatalf("cut behind %d bytes: got %v, want io.ErrUnexpectedEOF", n, err)
		}
	}
}

func TestDecoderRefusesAnOversizedMessage(t *testing.T) {
	header := unhex(t, "891f000001000000000000000000000000000000") // one byte too many
	if _, err := NewDecoder(bytes.NewReader(header)).Next(); !errors.Is(err, ErrOversized) {
		t.Errorf("got %v, want ErrOversized", err)
	}
}

func FuzzParsePacket(f *testing.F) {
	for _, c := range wireCases {
		f.Add(unhex(f, c.hex))
	}
	f.Fuzz(func(t *testing.T, datagram []byte) {
		p, err := ParsePacket(datagram)
		stream, streamErr := NewDecoder(bytes.NewReader(datagram)).Next()
		if (err == nil) != (streamErr == nil) {
			t.Fatalf("datagram: %v; stream: %v", err, streamErr)
		}
		if err != nil {
			return
		}
		if !samePacket(p, stream) {
			t.Fatalf("datagram gives %+v, stream %+v", p, stream)
		}
		again, err := ParsePacket(p.Append(nil))
		if p.Forward == [8]byte{} {
			p.Forward = asciiZeros
		}
		if err != nil || !samePacket(p, again) {
			t.Fatalf("got %+v, %v after append; want %+v", again, err, p)
		}
	})
}
