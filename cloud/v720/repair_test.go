package v720

import (
	"bytes"
	"testing"
	"time"
)

// stream feeds packages to an Assembler at a steady pace.
type stream struct {
	*Assembler
	out collected
	now time.Time
}

func newStream() *stream {
	s := &stream{now: start}
	s.Assembler = NewAssembler(&s.out)
	return s
}

// push pushes packages 5 ms apart, all but those that lost names.
func (s *stream) push(packets []Packet, lost ...int) {
	missing := make(map[int]bool)
	for _, i := range lost {
		missing[i] = true
	}
	for i, p := range packets {
		if !missing[i] {
			s.Push(p, s.now)
		}
		s.wait(5 * time.Millisecond)
	}
}

func (s *stream) wait(d time.Duration) {
	s.now = s.now.Add(d)
	s.Tick(s.now)
}

// elevens are pictures of 10 packages with a package of sound behind each, of as many samples as
// eleven packages take: 440.
func elevens(n int) ([]Packet, [][]byte) {
	packets, jpegs := session(1<<32-50, n, func(int) int { return 9500 })
	for i := range packets {
		if packets[i].Cmd == CmdALaw {
			packets[i].Payload = packets[i].Payload[:440]
		}
	}
	return packets, jpegs
}

func TestAssemblerWaitsForAPackageThatIsSentAgain(t *testing.T) {
	packets, jpegs := elevens(100) // 5.5 s
	s := newStream()
	s.push(packets[:60], 17)
	s.Push(packets[17], s.now) // sent again: it is a camera that does
	const lost = 70
	s.push(packets[60:60+700], lost-60) // 3.5 s go by
	if got := len(s.out.whole()); got != 6 {
		t.Errorf("%d pictures left before the seventh could be repaired, want 6", got)
	}
	s.Push(packets[lost], s.now)
	s.push(packets[760:])
	s.Flush()
	sameJPEGs(t, s.out.whole(), jpegs)
	for i, p := range s.out.pictures {
		if want := i == 1 || i == 6; p.Repaired != want {
			t.Errorf("picture %d: repaired %t, want %t", i, p.Repaired, want)
		}
		// Taken when its first package came, whenever the last one did.
		if want := start.Add(time.Duration(i) * 55 * time.Millisecond); p.At.Sub(want).Abs() > 6*time.Millisecond {
			t.Errorf("picture %d: captured at %v, want %v", i, p.At.Sub(start), want.Sub(start))
		}
	}
}

// While a link is down nothing can be sent again, and nothing is given up.
func TestAssemblerDoesNotGiveUpWhileNothingComes(t *testing.T) {
	packets, jpegs := elevens(12)
	s := newStream()
	s.push(packets[:60], 50)
	for range 90 { // 4.5 s
		s.wait(TickEvery)
	}
	s.Push(packets[50], s.now)
	s.push(packets[60:])
	s.Flush()
	sameJPEGs(t, s.out.whole(), jpegs)
}

func TestAssemblerGivesWhatItHoldsWhenAStreamEnds(t *testing.T) {
	packets, jpegs := elevens(6)
	s := newStream()
	s.push(packets, 40)
	if got := len(s.out.pictures); got != 3 {
		t.Fatalf("%d pictures before the stream ended, want 3", got)
	}
	s.wait(silence)
	sameJPEGs(t, s.out.whole(), append(jpegs[:3:3], jpegs[4:]...))
	if p := s.out.pictures[3]; p.JPEG != nil || p.Missing != 1 {
		t.Errorf("fourth picture: %d bytes, %d missing; want the place of a lost one with 1", len(p.JPEG), p.Missing)
	}
}

// A camera that sends nothing again must not hold up its pictures for ever.
func TestAssemblerLearnsThatACameraSendsNothingAgain(t *testing.T) {
	packets, jpegs := elevens(400) // 22 s
	s := newStream()
	lost := func(n int) (ids []int) {
		for i := 15; i < n; i += 110 { // in every tenth picture
			ids = append(ids, i)
		}
		return ids
	}
	s.push(packets[:3300], lost(3300)...)
	before := len(s.out.pictures)
	s.push(packets[3300:], lost(1100)...)
	if behind := 300 - before; behind > 6 {
		t.Errorf("after 16 s with 30 holes pictures are %d behind, want 6 at the most", behind)
	}
	s.Flush()
	if c := s.Counters(); c.Pictures != 360 || c.Lost != 40 || c.Missing != 40 {
		t.Errorf("got %+v, want 360 pictures whole and 40 lost, for want of 40 packages", c)
	}
	sameJPEGs(t, s.out.whole()[:1], jpegs[:1])
}

// A package that comes when it was given up shows that it can come: from there on there is patience.
func TestAssemblerLearnsThatACameraDoesSendAgain(t *testing.T) {
	packets, _ := elevens(200)
	s := newStream()
	s.push(packets[:1100], 100, 210, 320) // 5.5 s: all three are given up
	if p := s.repair.patience(); p != reorder {
		t.Fatalf("patience %v after three holes that nothing filled, want %v", p, reorder)
	}
	s.Push(packets[320], s.now)
	if p := s.repair.patience(); p != repairable {
		t.Errorf("patience %v after a package was sent again, want %v", p, repairable)
	}
	if c := s.Counters(); c.TooLate != 1 || c.Duplicates != 0 {
		t.Errorf("%d too late, %d twice; want 1, 0", c.TooLate, c.Duplicates)
	}
}

// PCM is never sent again: a hole that can hold nothing else is not waited for, and the count of
// samples goes on over it.
func TestAssemblerDoesNotWaitForPCM(t *testing.T) {
	packets, jpegs := elevens(60)
	for i := range packets {
		if packets[i].Cmd == CmdALaw {
			packets[i].Cmd, packets[i].Payload = CmdPCM, make([]byte, 2*440)
		}
	}
	s := newStream()
	s.push(packets[:220], 5)
	s.Push(packets[5], s.now) // it does send pictures again
	s.push(packets[220:440], 230-220)
	if got := len(s.out.pictures); got != 40 {
		t.Errorf("%d pictures of 40 after a lost package of PCM", got)
	}
	s.push(packets[440:])
	sameJPEGs(t, s.out.whole(), jpegs)
	if c := s.Counters(); c.LostSounds != 1 || c.Lost != 0 {
		t.Errorf("%d sounds, %d pictures lost; want 1, 0", c.LostSounds, c.Lost)
	}
	for i, sound := range s.out.sounds {
		if i >= 20 {
			i++
		}
		if want := start.Add(time.Duration(i) * 55 * time.Millisecond); sound.At.Sub(want).Abs() > 10*time.Millisecond {
			t.Errorf("sound %d at %v, want %v", i, sound.At.Sub(start), want.Sub(start))
		}
	}
}

// filed is what came, a file too.
type filed struct {
	collected
	file []byte
}

func (f *filed) File(data []byte) bool {
	f.file = append(f.file, data...)
	return true
}

// Between two packages of a file a piece of it may be missing as well as PCM: it is waited for, since it comes again.
func TestAssemblerWaitsForAPieceOfAFileBetweenPCM(t *testing.T) {
	var out filed
	s := &stream{Assembler: NewAssembler(&out), now: start}
	head := cut(100, withTrailer(picture(9500, 1)))
	s.push(head) // the smallest picture is known, and small holes are none
	var packets []Packet
	var want []byte
	for id := head[len(head)-1].ID + 1; len(want) < 400; id++ {
		p := Packet{Cmd: CmdPCM, Flag: FlagFinish, ID: id, Payload: make([]byte, 960)}
		if id%4 > 0 {
			want = append(want, byte(len(want)))
			p = Packet{Cmd: CmdAVI, Flag: FlagFinish, ID: id, Payload: []byte{0, 0, 0, 0, want[len(want)-1]}}
		}
		packets = append(packets, p)
	}
	const lost, again = 21, 21 + 200 // a second later
	if packets[lost].Cmd != CmdAVI {
		t.Fatal("that is no piece of the file")
	}
	s.push(packets[:again], lost)
	s.Push(packets[lost], s.now)
	s.push(packets[again:])
	if !bytes.Equal(out.file, want) || s.Counters().Missing > 0 {
		t.Errorf("got %d bytes of %d, other ones or not all; %+v", len(out.file), len(want), s.Counters())
	}
}

func TestAssemblerPutsALostFirstPackageBeforeTheOthers(t *testing.T) {
	packets, jpegs := elevens(12)
	for first := 1; first < 12; first++ {
		s := newStream()
		s.push(packets[first:40])
		for _, p := range packets[:first] { // 200 to 140 ms later
			s.Push(p, s.now)
		}
		s.push(packets[40:])
		s.Flush()
		sameJPEGs(t, s.out.whole(), jpegs)
		if len(s.out.sounds) != 12 {
			t.Errorf("%d packages lost at the start: %d sounds, want 12", first, len(s.out.sounds))
		}
	}
}

func TestAssemblerCountsBothPicturesOfAHoleBetweenThem(t *testing.T) {
	packets, jpegs := elevens(20)
	for i := range packets {
		if packets[i].Cmd == CmdALaw {
			packets[i].Cmd = CmdAVI // no sound: END and HEAD stand side by side but for this
		}
	}
	s := newStream()
	s.push(packets, 10*11+9, 10*11+10, 11*11) // the end of the tenth, what is between, the head of the next
	s.Flush()
	sameJPEGs(t, s.out.whole(), append(jpegs[:10:10], jpegs[12:]...))
	if c := s.Counters(); c.Lost != 2 || c.Missing != 3 {
		t.Errorf("%d pictures lost, %d packages missing; want 2, 3", c.Lost, c.Missing)
	}
	missing := 0
	for _, p := range s.out.pictures {
		missing += p.Missing
	}
	if missing != 3 {
		t.Errorf("the lost pictures say %d packages are missing, want 3", missing)
	}
}

// Somebody's package in the camera's name takes nothing away.
func TestAssemblerPassesOverIdsFarFromTheSequence(t *testing.T) {
	packets, jpegs := elevens(20)
	s := newStream()
	for i, p := range packets {
		s.push(packets[i : i+1])
		if i%7 == 0 {
			p.ID += 1 << 20
			s.Push(p, s.now)
			p.ID += 1 << 25
			s.Push(p, s.now)
		}
	}
	s.Flush()
	sameJPEGs(t, s.out.whole(), jpegs)
	if c := s.Counters(); c.Restarts != 0 || c.Lost != 0 || c.Stray == 0 {
		t.Errorf("got %+v, want strays and nothing else", c)
	}
}

func TestAssemblerBoundsWhatItHolds(t *testing.T) {
	s := newStream()
	payload := make([]byte, 2000)
	for id := range uint32(20_000) {
		if id%1000 == 500 {
			continue
		}
		s.Push(Packet{Cmd: CmdJPEG, Flag: FlagBody, ID: id, Payload: payload}, s.now) // no time goes by: nothing expires
	}
	if s.early.bytes > maxEarly || len(s.early.list) > window {
		t.Errorf("%d bytes in %d packages are held, want at most %d in %d", s.early.bytes, len(s.early.list), maxEarly, window)
	}
}
