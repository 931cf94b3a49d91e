package cloudtest

import (
	"bytes"
	"encoding/binary"
	"testing"
	"testing/synctest"
	"time"
)

// pack is a media package as it came.
type pack struct {
	header
	payload []byte
	at      time.Time
}

// collect takes media packages for a while and confirms each when confirm is set.
func (c *cloud) collect(d time.Duration, confirm bool) (packs []pack) {
	c.t.Helper()
	end := time.Now().Add(d)
	for {
		h, payload, from := c.datagram(time.Until(end))
		if !from.IsValid() {
			return packs
		}
		if h.cmd == cmdJSON || h.cmd == cmdPong {
			continue
		}
		packs = append(packs, pack{h, payload, time.Now()})
		if confirm {
			c.confirm(from, h.id)
		}
	}
}

// picturesOf puts pictures together by the rules of docs/protocol.md, section 5, and checks
// what stands behind each.
func picturesOf(t *testing.T, packs []pack) (pictures [][]byte) {
	t.Helper()
	var open []byte
	var last uint32
	for _, p := range packs {
		if p.cmd != cmdJPEG {
			continue
		}
		if open != nil && p.id != last+1 {
			t.Fatalf("package %d follows %d in one picture", p.id, last)
		}
		last = p.id
		switch {
		case open == nil && p.flag != flagHead && p.flag != flagFinish, open != nil && p.flag != flagBody && p.flag != flagEnd:
			t.Fatalf("package %d has flag %d", p.id, p.flag)
		case p.flag != flagEnd && p.flag != flagFinish && len(p.payload) != payloadSize:
			t.Fatalf("package %d with flag %d has %d bytes, want %d", p.id, p.flag, len(p.payload), payloadSize)
		}
		open = append(open, p.payload...)
		if p.flag == flagEnd || p.flag == flagFinish {
			size := len(open) - 5
			if open[size] != 0 || int(binary.LittleEndian.Uint32(open[size+1:])) != size {
				t.Errorf("behind a picture of %d bytes stands % x", size, open[size:])
			}
			pictures = append(pictures, open[:size])
			open = nil
		}
	}
	if open != nil {
		t.Error("a picture was not ended")
	}
	return pictures
}

func TestMediaOnTheWireIsWhatTheSourceGave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for seed := range int64(4) { // some of them near the wrap-around
			c := newCloud(t)
			var sent ledger
			camera := c.start(Options{ID: capturedID, Sent: sent.note, Seed: seed, Source: newScene(t, SceneOptions{})})
			began := time.Now()
			p := c.register()
			c.play(p, 3)
			packs := c.collect(30050*time.Millisecond, true)

			pictures := picturesOf(t, packs)
			if len(pictures) < 300 || len(pictures) > 301 || len(pictures) != len(sent.jpeg) {
				t.Fatalf("seed %d: %d pictures in 30 s, camera says %d", seed, len(pictures), len(sent.jpeg))
			}
			for i, picture := range pictures {
				s := sent.jpeg[i]
				if !bytes.Equal(picture, s.JPEG) {
					t.Errorf("picture %d is not the one that the camera says", i)
				}
				if at := began.Add(time.Duration(s.Index) * 100 * time.Millisecond); !s.At.Equal(at) {
					t.Errorf("picture %d taken at %v, want %v", s.Index, s.At, at)
				}
				if i%100 == 0 {
					if n, ok := ReadStamp(decode(t, picture)); !ok || int64(n) != s.Index {
						t.Errorf("picture %d has stamp %d, %v", s.Index, n, ok)
					}
				}
			}
			var sound []byte
			for i, pk := range packs {
				if i > 0 && pk.id != packs[i-1].id+1 {
					t.Fatalf("package %d follows %d: want one sequence for pictures and sound", pk.id, packs[i-1].id)
				}
				if pk.deal != 0 || pk.forward != [8]byte{} {
					t.Errorf("header %+v", pk.header)
				}
				if pk.cmd == cmdG711 {
					if pk.flag != flagFinish || len(pk.payload) != 800 {
						t.Errorf("sound package with flag %d and %d bytes", pk.flag, len(pk.payload))
					}
					sound = append(sound, pk.payload...)
				}
			}
			want := make([]byte, len(sound))
			Tone(sent.sounds[0].Index, want)
			if len(sound) < 299*800 || len(sound) != 800*len(sent.sounds) || !bytes.Equal(sound, want) {
				t.Errorf("%d samples in 30 s are not the tone from %d on", len(sound), sent.sounds[0].Index)
			}
			synctest.Wait()
			s := camera.State()
			if s.Packages != len(packs) || s.Confirms != len(packs) || s.Resent != 0 || s.SkippedPictures != 0 || s.Late != 0 || s.Refused != 0 {
				t.Errorf("seed %d: %d packages; camera says %+v", seed, len(packs), s)
			}
			p.forward(`"code":0`)
			c.collect(time.Second, false)
			if more := c.collect(time.Second, false); len(more) != 0 || camera.State().Stops != 1 {
				t.Errorf("%d packages after 301/0", len(more))
			}
			p.forward(`"code":2`) // pictures alone
			for _, pk := range c.collect(time.Second, true) {
				if pk.cmd != cmdJPEG {
					t.Errorf("cmd %d after 301/2", pk.cmd)
				}
			}
			c.close()
		}
	})
}

func TestPicturesArePacedSoThatASocketBufferHoldsThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t)
		c.start(Options{ID: capturedID, Sound: NoSound, Source: newScene(t, SceneOptions{})})
		c.play(c.register(), 3)
		packs := c.collect(5*time.Second, true)
		at := map[time.Time]int{}
		for _, pk := range packs {
			at[pk.at]++
		}
		for when, n := range at {
			if n > batch {
				t.Errorf("%d packages at once, %v", n, when)
			}
		}
		if got := c.network.Traffic(); got.Dropped != 0 {
			t.Errorf("%+v", got)
		}
	})
}

// A camera with a full window skips whole pictures, and goes on when confirms come.
// docs/protocol.md, section 6.
func TestFullWindowSkipsWholePicturesUntilConfirmsCome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t)
		camera := c.start(Options{ID: capturedID})
		media := c.play(c.register(), 2)
		seen := map[uint32]bool{}
		unconfirmed := func() (ids []uint32) {
			for _, pk := range c.collect(10*time.Second, false) {
				if !seen[pk.id] {
					seen[pk.id] = true
					ids = append(ids, pk.id)
				}
			}
			return ids
		}
		ids := unconfirmed()
		s := camera.State()
		if len(ids) > windowSize || len(ids) < windowSize-3 || s.Unconfirmed != len(ids) {
			t.Errorf("%d packages unconfirmed, want nearly %d; %+v", len(ids), windowSize, s)
		}
		if want := 100 - s.Pictures; s.SkippedPictures < want-1 || s.SkippedPictures > want+1 || s.Resent < 1000 {
			t.Errorf("of 100 pictures %d were sent and %d skipped, %d packages sent again", s.Pictures, s.SkippedPictures, s.Resent)
		}
		c.confirm(media) // empty, and legal
		c.confirm(media, ids[:50]...)
		c.confirm(media, ids...)
		again := unconfirmed()
		if len(again) < windowSize-3 || again[0] != ids[len(ids)-1]+1 {
			t.Errorf("after the confirm %d packages from %d on, want them from %d", len(again), again[0], ids[len(ids)-1]+1)
		}
		if s := camera.State(); s.Confirms != 3 || s.Confirmed != len(ids) || s.Refused != 0 {
			t.Errorf("%+v", s)
		}
	})
}

func TestUnconfirmedPackageIsSentAgainAfter200ms(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t)
		camera := c.start(Options{ID: capturedID})
		media := c.play(c.register(), 1)
		var lost pack
		for lost.cmd != cmdG711 {
			h, payload, _ := c.datagram(time.Second)
			lost = pack{h, payload, time.Now()}
		}
		var again []pack
		for _, pk := range c.collect(650*time.Millisecond, false) {
			if pk.id != lost.id {
				c.confirm(media, pk.id)
				continue
			}
			again = append(again, pk)
		}
		if len(again) != 3 {
			t.Fatalf("package came %d more times in 650 ms, want 3", len(again))
		}
		for i, pk := range again {
			if after := pk.at.Sub(lost.at); after != time.Duration(i+1)*resendAfter || !bytes.Equal(pk.payload, lost.payload) || pk.header != lost.header {
				t.Errorf("came again after %v as %+v", after, pk.header)
			}
		}
		c.confirm(media, lost.id)
		for _, pk := range c.collect(time.Second, true) {
			if pk.id == lost.id {
				t.Errorf("package %d came again after it was confirmed", pk.id)
			}
		}
		if s := camera.State(); s.Resent < 3 {
			t.Errorf("%+v", s)
		}
	})
}

func TestPCMIsNeverConfirmedAndNeverStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t)
		var sent ledger
		camera := c.start(Options{ID: capturedID, Sound: PCM, Sent: sent.note})
		c.play(c.register(), 1)
		packs := c.collect(60*time.Second+30*time.Millisecond, false)
		if len(packs) < 999 || len(packs) > 1001 || len(packs) != len(sent.sounds) {
			t.Fatalf("%d packages in 60 s, camera says %d, want 1000", len(packs), len(sent.sounds))
		}
		for i, pk := range packs {
			if pk.cmd != cmdPCM || pk.flag != flagFinish || len(pk.payload) != 960 {
				t.Fatalf("package %d: cmd %d, flag %d, %d bytes", i, pk.cmd, pk.flag, len(pk.payload))
			}
			for j, code := range sent.sounds[i].ALaw {
				if got := int16(binary.LittleEndian.Uint16(pk.payload[2*j:])); got != alawDecode[code] {
					t.Fatalf("package %d, sample %d: %d, want %d", i, j, got, alawDecode[code])
				}
			}
			if i > 0 && sent.sounds[i].Index != sent.sounds[i-1].Index+480 {
				t.Fatalf("sound from %d follows %d", sent.sounds[i].Index, sent.sounds[i-1].Index)
			}
		}
		if s := camera.State(); s.Resent != 0 || s.Unconfirmed != 0 {
			t.Errorf("%+v", s)
		}
	})
}

func TestPlainModeHasFlag0AndNoWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t)
		var sent ledger
		camera := c.start(Options{ID: capturedID, Sent: sent.note})
		p := c.register()
		c.open(p)
		p.forward(`"code":3`)
		p.next()
		var stream []byte
		packs := c.collect(60*time.Second+50*time.Millisecond, false)
		for _, pk := range packs {
			if pk.flag != flagPlain {
				t.Fatalf("flag %d", pk.flag)
			}
			if pk.cmd == cmdJPEG {
				stream = append(stream, pk.payload...)
			}
		}
		if len(sent.jpeg) < 600 {
			t.Fatalf("%d pictures in 60 s", len(sent.jpeg))
		}
		for i, s := range sent.jpeg {
			at := bytes.Index(stream, []byte("\xff\xd8"))
			if at < 0 || !bytes.HasPrefix(stream[at:], s.JPEG) {
				t.Fatalf("picture %d is not in the stream", i)
			}
			stream = stream[at+len(s.JPEG):]
		}
		if s := camera.State(); s.Resent != 0 || s.SkippedPictures != 0 {
			t.Errorf("%+v", s)
		}
	})
}

func TestPictureInOnePackageIsFinish(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t)
		c.start(Options{ID: capturedID, Source: still(bytes.Repeat([]byte{7}, payloadSize-5))})
		c.play(c.register(), 2)
		for _, pk := range c.collect(time.Second, true) {
			if pk.flag != flagFinish {
				t.Errorf("flag %d", pk.flag)
			}
		}
	})
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t)
		c.start(Options{ID: capturedID, Source: still(bytes.Repeat([]byte{7}, payloadSize-4))})
		c.play(c.register(), 2)
		packs := c.collect(time.Second, true)
		if len(packs) == 0 || len(picturesOf(t, packs))*2 != len(packs) {
			t.Errorf("%d packages: want the last byte of the trailer in a package of its own", len(packs))
		}
	})
}

// still is a Source of one picture, whatever its bytes.
type still []byte

func (s still) Picture(int, time.Time) []byte { return s }
func (s still) Sound(int64, []byte)           {}
func (s still) HasSound() bool                { return false }

func TestPictureLargerThanTheWindowIsSkipped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t)
		camera := c.start(Options{ID: capturedID, Source: still(make([]byte, windowSize*payloadSize))})
		c.play(c.register(), 3)
		if packs := c.collect(3*time.Second, true); len(packs) != 0 {
			t.Errorf("%d packages", len(packs))
		}
		if s := camera.State(); s.SkippedPictures < 29 {
			t.Errorf("%+v", s)
		}
	})
}

func TestPingsByUDPAreAnsweredInKind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t)
		c.start(Options{ID: capturedID})
		media := c.open(c.register())
		for cmd, want := range map[uint16]uint16{cmdHeartbeat: cmdHeartbeat, cmdPing: cmdPong} {
			c.tell(media, cmd, nil)
			if h, payload, from := c.datagram(time.Second); !from.IsValid() || h.cmd != want || len(payload) != 0 {
				t.Errorf("cmd %d answered by %+v", cmd, h)
			}
		}
	})
}

// The sum of all that a simulated camera costs besides its source, package by package.
func BenchmarkStreamerPicture(b *testing.B) {
	c, err := NewCamera(Options{ID: capturedID, Host: Loopback{}, HTTP: "127.0.0.1:80"})
	if err != nil {
		b.Fatal(err)
	}
	sock, err := Loopback{}.ListenPacket("udp", ":0")
	if err != nil {
		b.Fatal(err)
	}
	defer sock.Close()
	c.epoch = time.Now()
	var inbox confirmed
	st := newStreamer(c, sock, addrPort(sock.LocalAddr()), &inbox, c.epoch)
	st.repairing, st.pictures, st.sounds = true, true, true
	now := st.due()
	ids := make([]byte, 0, 512)
	b.ReportAllocs()
	for b.Loop() {
		for next := now.Add(100 * time.Millisecond); now.Before(next); now = st.due() {
			st.tick(now)
		}
		ids = ids[:0]
		for id := range st.waiting {
			ids = binary.LittleEndian.AppendUint32(ids, id)
		}
		inbox.put(ids)
	}
}
