package v720

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"
)

var start = time.Date(2026, 11, 22, 14, 5, 0, 0, time.UTC)

// collected is a Media that keeps all it is given.
type collected struct {
	pictures []Picture
	sounds   []Sound
}

func (c *collected) Picture(p Picture) { c.pictures = append(c.pictures, p) }
func (c *collected) Sound(s Sound)     { c.sounds = append(c.sounds, s) }

func (c *collected) whole() (jpegs [][]byte) {
	for _, p := range c.pictures {
		if p.JPEG != nil {
			jpegs = append(jpegs, p.JPEG)
		}
	}
	return jpegs
}

// picture makes bytes that begin and end as a picture does and hold every value in between, FF
// D9 excepted, as in entropy-coded data.
func picture(size int, seed uint64) []byte {
	r := rand.New(rand.NewPCG(seed, 1))
	p := make([]byte, size)
	for i := range p {
		p[i] = byte(r.Uint32())
	}
	for i := 1; i < size; i++ {
		if p[i-1] == 0xFF && (p[i] == 0xD9 || p[i] == 0xD8) {
			p[i] = 0
		}
	}
	copy(p, soi)
	copy(p[size-2:], eoi)
	return p
}

// withTrailer is what a camera puts behind a picture. docs/protocol.md, section 5.
func withTrailer(jpeg []byte) []byte {
	return binary.LittleEndian.AppendUint32(append(bytes.Clone(jpeg), 0), uint32(len(jpeg)))
}

// cut cuts a picture's bytes into packages of 1004 bytes with ids from id on.
func cut(id uint32, data []byte) (packets []Packet) {
	const size = 1004
	if len(data) <= size {
		return []Packet{{Cmd: CmdJPEG, Flag: FlagFinish, ID: id, Payload: data}}
	}
	for i := 0; i < len(data); i += size {
		flag := FlagBody
		if i == 0 {
			flag = FlagHead
		}
		if i+size >= len(data) {
			flag = FlagEnd
		}
		packets = append(packets, Packet{Cmd: CmdJPEG, Flag: flag, ID: id + uint32(len(packets)), Payload: data[i:min(i+size, len(data))]})
	}
	return packets
}

// session is n pictures, and a package of sound behind each, from id on.
func session(id uint32, n int, size func(i int) int) (packets []Packet, jpegs [][]byte) {
	for i := range n {
		jpeg := picture(size(i), uint64(i))
		jpegs = append(jpegs, jpeg)
		packets = append(packets, cut(id+uint32(len(packets)), withTrailer(jpeg))...)
		packets = append(packets, Packet{Cmd: CmdALaw, Flag: FlagFinish, ID: id + uint32(len(packets)), Payload: bytes.Repeat([]byte{byte(i)}, 800)})
	}
	return packets, jpegs
}

func sameJPEGs(t *testing.T, got, want [][]byte) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("got %d pictures, want %d", len(got), len(want))
	}
	for i := range got {
		if !bytes.Equal(got[i], want[i]) {
			t.Fatalf("picture %d: got %d bytes, want %d, not the same", i, len(got[i]), len(want[i]))
		}
	}
}

func TestAssemblerGivesEveryPictureByteForByte(t *testing.T) {
	for _, id := range []uint32{0, 2802, 1<<32 - 100} { // the last wraps around
		packets, jpegs := session(id, 20, func(i int) int { return 400 + 1300*i })
		var out collected
		a := NewAssembler(&out)
		for i, p := range packets {
			a.Push(p, start.Add(time.Duration(i)*time.Millisecond))
		}
		a.Flush()
		sameJPEGs(t, out.whole(), jpegs)
		if len(out.sounds) != 20 || len(out.pictures) != 20 {
			t.Errorf("got %d sounds, %d pictures, want 20 each", len(out.sounds), len(out.pictures))
		}
		if c := a.Counters(); c.BadSize+c.Missing+c.Lost+c.Duplicates+c.Orphans != 0 {
			t.Errorf("counted trouble where there is none: %+v", c)
		}
	}
}

func TestAssemblerPutsPackagesInOrder(t *testing.T) {
	packets, jpegs := session(1<<32-40, 30, func(int) int { return 9000 })
	r := rand.New(rand.NewPCG(7, 7))
	for i := range packets {
		j := max(0, i-r.IntN(20))
		packets[i], packets[j] = packets[j], packets[i]
	}
	var out collected
	a := NewAssembler(&out)
	for i, p := range packets {
		a.Push(p, start.Add(time.Duration(i)*time.Millisecond))
		if i%5 == 0 {
			a.Push(p, start.Add(time.Duration(i)*time.Millisecond)) // and some twice
		}
	}
	a.Flush()
	sameJPEGs(t, out.whole(), jpegs)
	for i, s := range out.sounds {
		if s.ALaw[0] != byte(i) {
			t.Fatalf("sound %d is package %d", i, s.ALaw[0])
		}
	}
	if c := a.Counters(); c.Duplicates == 0 || c.Repaired == 0 || c.Missing != 0 {
		t.Errorf("got %+v, want duplicates and repaired pictures and nothing missing", c)
	}
}

func TestAssemblerDropsFrameWhenFragmentNeverComes(t *testing.T) {
	packets, jpegs := session(500, 3, func(int) int { return 9000 })
	for lost, p := range packets {
		var out collected
		a := NewAssembler(&out)
		now := start
		for i, p := range packets {
			if i != lost {
				a.Push(p, now)
			}
			now = now.Add(10 * time.Millisecond)
		}
		a.Flush()
		want := jpegs
		if p.Cmd == CmdJPEG {
			of := lost / 10 // nine packages a picture and one of sound
			want = append(append([][]byte{}, jpegs[:of]...), jpegs[of+1:]...)
		}
		if lost == len(packets)-2 || lost == len(packets)-1 {
			continue // the last package of all: nothing came behind it to show a hole
		}
		sameJPEGs(t, out.whole(), want)
		for _, got := range out.pictures {
			if got.JPEG == nil && got.Missing != 1 {
				t.Errorf("package %d lost: picture says %d missing, want 1", lost, got.Missing)
			}
		}
		if len(out.pictures) != 3 {
			t.Errorf("package %d lost: got %d pictures and places of pictures, want 3", lost, len(out.pictures))
		}
	}
}

// A stream begins with a head: one that is never seen was lost.
func TestAssemblerBeginsInTheMiddleOfAPicture(t *testing.T) {
	packets, jpegs := session(500, 3, func(int) int { return 9000 })
	var out collected
	a := NewAssembler(&out)
	for _, p := range packets[4:] {
		a.Push(p, start)
	}
	a.Tick(start.Add(unproven))
	a.Flush()
	sameJPEGs(t, out.whole(), jpegs[1:])
	if len(out.pictures) != 3 || out.pictures[0].Missing != 1 {
		t.Errorf("got %d pictures and places, the first with %d missing; want 3, 1", len(out.pictures), out.pictures[0].Missing)
	}
}

func TestAssemblerFollowsACameraThatBeginsAnewSequence(t *testing.T) {
	first, jpegs := session(500, 2, func(int) int { return 3000 })
	second, more := session(3_000_000_000, 2, func(int) int { return 3000 })
	var out collected
	a := NewAssembler(&out)
	for _, p := range append(first, second...) {
		a.Push(p, start)
	}
	for _, p := range second[:maxStray-1] { // not confirmed, so sent again
		a.Push(p, start.Add(200*time.Millisecond))
	}
	a.Flush()
	sameJPEGs(t, out.whole(), append(jpegs, more...))
	if c := a.Counters(); c.Restarts != 1 || c.Stray != maxStray || c.Lost != 0 {
		t.Errorf("got %+v, want 1 restart, %d strays, nothing lost", c, maxStray)
	}
}

// A camera that begins anew not far behind where it was: these are no duplicates.
func TestAssemblerFollowsACameraThatBeginsAgainAtZero(t *testing.T) {
	first, jpegs := session(1500, 2, func(int) int { return 3000 })
	second, more := session(0, 200, func(int) int { return 3000 })
	var out collected
	a := NewAssembler(&out)
	for _, p := range first {
		a.Push(p, start)
	}
	for i, p := range second {
		a.Push(p, start.Add(settle+time.Duration(i)*time.Millisecond))
	}
	a.Flush()
	got := out.whole()
	sameJPEGs(t, got[:2], jpegs)
	if lost := len(more) - len(got[2:]); lost < 0 || lost > maxBehind/4+1 { // four packages a picture and its sound
		t.Errorf("%d pictures of the new sequence, want all %d but those of its first %d packages", len(got[2:]), len(more), maxBehind)
	}
	sameJPEGs(t, got[len(got)-10:], more[len(more)-10:])
}

// A camera whose confirms are lost sends its window again and again: no new sequence.
func TestAssemblerGivesNothingTwice(t *testing.T) {
	packets, jpegs := session(500, 40, func(int) int { return 3000 })
	var out collected
	a := NewAssembler(&out)
	now := start
	for range 20 {
		for _, p := range packets[max(0, len(packets)-111):] {
			a.Push(p, now)
			a.AppendConfirm(nil, now)
			now = now.Add(time.Millisecond)
		}
		now = now.Add(100 * time.Millisecond)
	}
	a.Flush()
	if c := a.Counters(); c.Restarts != 0 || c.Duplicates != 19*111 {
		t.Errorf("got %+v, want 19 times 111 packages twice and nothing else", c)
	}
	got := out.whole()
	sameJPEGs(t, got[len(got)-27:], jpegs[len(jpegs)-27:])
	if len(got) != 27 {
		t.Errorf("%d pictures, want 27", len(got))
	}
}

func TestAssemblerSplitsPlainModeAtSOIAndEOI(t *testing.T) {
	var stream []byte
	var jpegs [][]byte
	for i := range 5 {
		jpeg := picture(5000+i, uint64(i))
		jpegs = append(jpegs, jpeg)
		stream = append(stream, withTrailer(jpeg)...)
	}
	for _, size := range []int{1, 7, 1004} {
		var out collected
		a := NewAssembler(&out)
		for i := 0; i < len(stream); i += size {
			a.Push(Packet{Cmd: CmdJPEG, Flag: FlagPlain, ID: uint32(i / size), Payload: stream[i:min(i+size, len(stream))]}, start)
		}
		a.Flush()
		sameJPEGs(t, out.whole(), jpegs)
		if got := a.AppendConfirm(nil, start.Add(time.Hour)); len(got) != 0 {
			t.Errorf("packages of %d bytes: plain mode was confirmed: %x", size, got)
		}
	}
}

func TestAssemblerBoundsAPicture(t *testing.T) {
	var out collected
	a := NewAssembler(&out)
	id := uint32(0)
	for n := 0; n < 2*MaxPicture; n += 1004 {
		flag := FlagBody
		if id == 0 {
			flag = FlagHead
		}
		a.Push(Packet{Cmd: CmdJPEG, Flag: flag, ID: id, Payload: make([]byte, 1004)}, start)
		a.AppendConfirm(nil, start)
		id++
	}
	if n := cap(a.picture.data); n > 2*MaxPicture {
		t.Errorf("%d bytes are held, want at most %d", n, 2*MaxPicture)
	}
	jpeg := picture(3000, 1)
	for _, p := range cut(id, withTrailer(jpeg)) {
		a.Push(p, start)
	}
	a.Flush()
	sameJPEGs(t, out.whole(), [][]byte{jpeg})
}

func TestTrimPictureOfRealCameras(t *testing.T) {
	// END packages of real pictures: 20 packages of 1004 bytes came before them.
	for name, want := range map[string]int{"end_package_920.bin": 0x5203, "end_package_992.bin": 0x524B} {
		end, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		data := append(picture(20*1004+2, 1)[:20*1004], end...)
		jpeg, sized := trimPicture(data)
		if len(jpeg) != want || !sized {
			t.Errorf("%s: got %d bytes, size known %t; want %d, true", name, len(jpeg), sized, want)
		}
	}
	padded, err := os.ReadFile("testdata/frame_with_pad_byte.bin")
	if err != nil {
		t.Fatal(err)
	}
	if jpeg, _ := trimPicture(padded); !bytes.Equal(jpeg, padded[:len(padded)-1]) {
		t.Errorf("real picture with a pad byte: got %d of %d bytes, want all but one", len(jpeg), len(padded))
	}
}

func TestTrimPictureTellsTheEndFromTheTrailer(t *testing.T) {
	size := func(l uint32) []byte { return binary.LittleEndian.AppendUint32(nil, l) }
	for _, c := range []struct {
		name  string
		data  func(jpeg []byte) []byte
		size  int
		sized bool
	}{
		{"length behind a zero", withTrailer, 3000, true},
		{"length that reads FF D9", withTrailer, 0xD9FF, true},
		{"length plus one, as in one log", func(j []byte) []byte { return append(append(j, 0), size(uint32(len(j)+1))...) }, 3000, true},
		{"length without the zero", func(j []byte) []byte { return append(j, size(uint32(len(j)))...) }, 3000, true},
		{"no trailer", func(j []byte) []byte { return j }, 3000, false},
		{"padding and a length of nothing", func(j []byte) []byte { return append(append(j, make([]byte, 20)...), size(7)...) }, 3000, false},
	} {
		jpeg := picture(c.size, 3)
		got, sized := trimPicture(c.data(bytes.Clone(jpeg)))
		if !bytes.Equal(got, jpeg) || sized != c.sized {
			t.Errorf("%s: got %d bytes, size known %t; want %d, %t", c.name, len(got), sized, len(jpeg), c.sized)
		}
	}
	for name, data := range map[string][]byte{
		"nothing": nil, "SOI alone": soi, "no SOI": picture(3000, 1)[1:], "no EOI": picture(3000, 1)[:2990], "three bytes": {0xFF, 0xD8, 0xD9},
	} {
		if got, _ := trimPicture(data); got != nil {
			t.Errorf("%s: got %d bytes, want none", name, len(got))
		}
	}
}

func TestAssemblerCutsSoundOnlyWhereATrailerStands(t *testing.T) {
	for name, c := range map[string]struct {
		payload []byte
		want    int
	}{
		"as usual":                 {make([]byte, 800), 800},
		"with a trailer":           {append(make([]byte, 801), 0x20, 0x03, 0, 0), 800},
		"five samples more":        {append(make([]byte, 800), 1, 2, 3, 4, 5), 805},
		"another size":             {make([]byte, 640), 640},
		"nothing makes no package": {nil, 0},
	} {
		var out collected
		a := NewAssembler(&out)
		a.Push(Packet{Cmd: CmdALaw, Flag: FlagFinish, Payload: c.payload}, start)
		a.Flush()
		got := 0
		for _, s := range out.sounds {
			got += len(s.ALaw)
		}
		if got != c.want {
			t.Errorf("%s: got %d samples, want %d", name, got, c.want)
		}
	}
}

func TestAssemblerConfirmsWhenAFrameIsWholeAndByTimer(t *testing.T) {
	packets, _ := session(100, 1, func(int) int { return 5000 })
	a := NewAssembler(&collected{})
	now := start
	step := func(p *Packet, after time.Duration) string {
		now = now.Add(after)
		if p != nil {
			a.Push(*p, now)
		}
		a.Tick(now)
		wire := a.AppendConfirm(nil, now)
		if len(wire) == 0 {
			return ""
		}
		confirm, err := ParsePacket(wire)
		if err != nil || confirm.Cmd != CmdConfirm {
			t.Fatalf("confirm is %x, %v", wire, err)
		}
		ids := ""
		for p := confirm.Payload; len(p) >= 4; p = p[4:] {
			ids += fmt.Sprint(binary.LittleEndian.Uint32(p), " ")
		}
		return ids
	}
	for i, c := range []struct {
		p     *Packet
		after time.Duration
		want  string
	}{
		{&packets[0], 0, ""},
		{&packets[1], 10 * time.Millisecond, ""},
		{nil, 90 * time.Millisecond, "100 101 "}, // by timer
		{nil, 100 * time.Millisecond, ""},        // nothing new: not again so soon
		{nil, 100 * time.Millisecond, "100 101 "},
		{&packets[2], 40 * time.Millisecond, ""},
		{&packets[3], 10 * time.Millisecond, "100 101 102 103 "}, // cumulative
		{&packets[4], 5 * time.Millisecond, "100 101 102 103 104 "},
		{nil, time.Second, ""},
		{&packets[5], 0, "100 101 102 103 104 105 "},        // sound, at once, and the picture once more
		{&packets[2], time.Second, ""},                      // came again: confirmed again, by timer
		{nil, 100 * time.Millisecond, "105 102 "},           //
		{nil, 200 * time.Millisecond, "105 102 "},           //
		{&packets[5], 1 * time.Millisecond, "105 102 105 "}, //
		{nil, time.Hour, ""},
	} {
		if got := step(c.p, c.after); got != c.want {
			t.Errorf("step %d: confirmed %q, want %q", i, got, c.want)
		}
	}
}

// Looked at as rarely as it may be, a package is confirmed within 100 ms all the same.
func TestAssemblerConfirmsWithin100ms(t *testing.T) {
	packets, _ := session(100, 1, func(int) int { return 5000 })
	for phase := time.Duration(0); phase < TickEvery; phase += time.Millisecond {
		a := NewAssembler(&collected{})
		came := start.Add(phase)
		a.Push(packets[0], came)
		for now := start.Add(TickEvery); len(a.AppendConfirm(nil, now)) == 0; now = now.Add(TickEvery) {
			if late := now.Add(TickEvery).Sub(came); late > 100*time.Millisecond {
				t.Fatalf("a package %v behind a look was not confirmed by the one %v later", phase, late-TickEvery)
			}
		}
	}
}

func TestAssemblerNeverConfirmsPCM(t *testing.T) {
	a := NewAssembler(&collected{})
	a.Push(Packet{Cmd: CmdPCM, Flag: FlagFinish, Payload: make([]byte, 960)}, start)
	if got := a.AppendConfirm(nil, start.Add(time.Second)); len(got) != 0 {
		t.Errorf("confirmed %x", got)
	}
}

// An assembler script is a byte string: per package one byte for the id's step and one for what
// it is, and then its size. Whatever comes, only whole pictures may leave.
func FuzzAssembler(f *testing.F) {
	f.Add([]byte{1, 0, 1, 1, 1, 2, 1, 4, 1, 3})
	f.Add([]byte{1, 0, 2, 1, 0xFF, 1, 1, 2, 5, 0, 1, 2})
	f.Add(bytes.Repeat([]byte{1, 6}, 40))
	f.Add([]byte{1, 0, 1, 2, 127, 0xF0, 1, 0xF2, 1, 0xF4, 1, 0xF4, 1, 0xF4, 126, 0, 128, 0, 1, 1, 1, 2})
	f.Fuzz(func(t *testing.T, script []byte) {
		var out collected
		a := NewAssembler(&out)
		id := uint32(1<<32 - 8)
		now, mixed := start, false
		for ; len(script) >= 2; script = script[2:] {
			switch step := int8(script[0]); step {
			case -128: // another sequence
				id += 1 << 20
			case 127: // a long outage
				id += window + 100
			case 126:
				a.Flush()
			default:
				id += uint32(step)
			}
			now = now.Add(time.Duration(script[1]>>4) * 20 * time.Millisecond)
			p := Packet{Cmd: CmdJPEG, ID: id, Payload: []byte{byte(id)}}
			switch script[1] & 7 {
			case 0:
				p.Flag, p.Payload = FlagHead, []byte{0xFF, 0xD8, byte(id)}
			case 1:
				p.Flag = FlagBody
			case 2:
				p.Flag, p.Payload = FlagEnd, []byte{byte(id), 0xFF, 0xD9}
			case 3:
				p.Flag, p.Payload = FlagFinish, []byte{0xFF, 0xD8, byte(id), 0xFF, 0xD9}
			case 4:
				p = Packet{Cmd: CmdALaw, Flag: FlagFinish, ID: id, Payload: make([]byte, 80)}
			case 5:
				p = Packet{Cmd: CmdPCM, Flag: FlagFinish, ID: id, Payload: make([]byte, 97)}
			case 6:
				p.Flag, p.Payload = FlagPlain, []byte{0xFF, 0xD8, 1, 0xFF, 0xD9, 0xFF}
			case 7:
				p = Packet{Cmd: CmdAVI, ID: id}
			}
			mixed = mixed || script[1]&7 > 3
			a.Push(p, now)
			a.Tick(now)
			if wire := a.AppendConfirm(nil, now); len(wire) > HeaderSize+4*MaxConfirm {
				t.Fatalf("confirm of %d bytes", len(wire))
			}
		}
		a.Flush()
		var last time.Time
		for _, p := range out.pictures {
			if p.At.Before(last) {
				t.Fatalf("picture at %v behind one at %v", p.At, last)
			}
			last = p.At
			if p.JPEG == nil {
				continue
			}
			if !bytes.HasPrefix(p.JPEG, soi) || !bytes.HasSuffix(p.JPEG, eoi) || p.Missing != 0 {
				t.Fatalf("a picture left that is none: %x, %d missing", p.JPEG, p.Missing)
			}
			// In order and without a hole: payload bytes of a picture in packages count up, but for
			// packages of another kind that stood between.
			for i := 3; i < len(p.JPEG)-2; i++ {
				step := p.JPEG[i] - p.JPEG[i-1]
				if step != 1 && (!mixed || step == 0 || step > 128) {
					t.Fatalf("picture %x was put together wrongly", p.JPEG)
				}
			}
		}
	})
}

func BenchmarkAssembler(b *testing.B) {
	packets, jpegs := session(0, 100, func(int) int { return 18000 })
	a := NewAssembler(discard{})
	buf := make([]byte, 0, 2048)
	id, now := uint32(0), start
	b.SetBytes(int64(len(jpegs[0])))
	b.ReportAllocs()
	for b.Loop() { // one picture with its sound a turn
		for range len(packets) / len(jpegs) {
			p := packets[int(id)%len(packets)]
			p.ID = id
			now = now.Add(5 * time.Millisecond)
			a.Push(p, now)
			buf = a.AppendConfirm(buf[:0], now)
			id++
		}
	}
	b.StopTimer()
	if c := a.Counters(); c.Lost != 0 || c.Pictures == 0 {
		b.Fatalf("measured something else: %+v", c)
	}
}

type discard struct{}

func (discard) Picture(Picture) {}
func (discard) Sound(Sound)     {}
