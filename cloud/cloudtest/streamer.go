package cloudtest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net/netip"
	"time"
)

const (
	payloadSize  = 1004 // of a media package, as seen
	samplesALaw  = 800  // of a sound package
	samplesPCM   = 480
	soundBacklog = time.Second // sound that this process had no time for is sent late, up to so much
	sampleRate   = 8000
)

// streamer cuts pictures and sound into packages and sends them. It belongs to one goroutine.
// docs/protocol.md, sections 5 and 6.
type streamer struct {
	c         *Camera
	sock      PacketConn
	to        netip.AddrPort
	inbox     *confirmed
	repairing bool // packages are kept and sent again; else plain mode
	pictures  bool
	sounds    bool

	id      uint32 // of the next package
	rates   []stretch
	picture int64 // number of the next picture
	sample  int64 // first sample of the next sound package
	samples int   // of a sound package

	waiting  map[uint32]*slot // to be confirmed: at most Options.Window
	queue    []*slot          // to be sent, in this order: room keeps it near the window
	spare    []*slot
	batchAt  time.Time
	resendAt time.Time // when the next look at waiting is due, zero when none is
	heardAt  time.Time // the last confirm that named a package

	file *playback // of the card; nil: none

	trailer []byte // the picture with what stands behind it, used again
	alaw    []byte
}

func newStreamer(c *Camera, sock PacketConn, to netip.AddrPort, inbox *confirmed, now time.Time) *streamer {
	st := &streamer{c: c, sock: sock, to: to, inbox: inbox, samples: samplesALaw, waiting: make(map[uint32]*slot, c.o.Window)}
	if c.o.Sound == PCM {
		st.samples = samplesPCM
	}
	st.alaw, st.rates = make([]byte, st.samples), c.o.stretches()
	lots := c.lots(fmt.Sprint("package ids", c.State().Starts))
	st.id = lots.Uint32()
	if lots.IntN(4) == 0 {
		st.id = -uint32(lots.IntN(500)) // wraps around soon
	}
	// The clock ran on since Run began: the next picture and the next sound from here.
	for st.picture = st.pictureBefore(now); st.pictureAt(st.picture).Before(now); st.picture++ {
	}
	step := int64(st.samples)
	for st.sample = st.sampleBefore(now) / step * step; st.sampleAt(st.sample).Before(now); st.sample += step {
	}
	return st
}

// What the camera's sound clock says, which runs fast by SoundDrift parts per million: it counts
// million + drift samples in soundSpan.
const (
	million   = 1_000_000
	soundSpan = million / sampleRate * time.Second

	driftLimit = million / 10
)

// sampleAt is exact for ever: nothing is added up.
func (st *streamer) sampleAt(n int64) time.Time {
	span := int64(million + st.c.o.SoundDrift)
	return st.c.epoch.Add(time.Duration(n/span)*soundSpan + time.Duration(n%span)*soundSpan/time.Duration(span))
}

// sampleBefore is the sample at this time, or one shortly before it.
func (st *streamer) sampleBefore(now time.Time) int64 {
	span, since := int64(million+st.c.o.SoundDrift), now.Sub(st.c.epoch)
	return int64(since/soundSpan)*span + int64(since%soundSpan)*span/int64(soundSpan)
}

// due is when tick has something to do next.
func (st *streamer) due() time.Time {
	next := st.pictureAt(st.picture)
	if end := st.sampleAt(st.sample + int64(st.samples)); st.sounds && (!st.pictures || end.Before(next)) {
		next = end
	}
	if len(st.queue) > 0 && st.batchAt.Before(next) {
		next = st.batchAt
	}
	if !st.resendAt.IsZero() && st.resendAt.Before(next) {
		next = st.resendAt
	}
	if st.file != nil && st.file.look.Before(next) {
		next = st.file.look
	}
	return next
}

func (st *streamer) tick(now time.Time) {
	st.free(now)
	st.requeue(now)
	st.takeSound(now)
	st.takePicture(now)
	st.takeFile(now)
	if !now.Before(st.batchAt) {
		st.sendBatch(now)
	}
}

// takePicture cuts the picture that is due. A picture for which there was no time is not taken
// later: a camera's sensor does not wait.
func (st *streamer) takePicture(now time.Time) {
	for !now.Before(st.pictureAt(st.picture + 1)) {
		st.picture++
		if st.pictures {
			st.c.note(func(s *State) { s.Late++ })
		}
	}
	at := st.pictureAt(st.picture)
	if now.Before(at) {
		return
	}
	n := st.picture
	st.picture++
	if !st.pictures {
		return
	}
	jpeg := st.c.lens().see(st.c.o.Source.Picture(int(n), at))
	// Behind the picture stand one zero byte and its length. docs/protocol.md, section 5.
	st.trailer = append(append(st.trailer[:0], jpeg...), 0)
	st.trailer = binary.LittleEndian.AppendUint32(st.trailer, uint32(len(jpeg)))
	sent := Sent{At: at, Index: n}
	if st.c.o.Sent != nil {
		sent.JPEG = bytes.Clone(jpeg)
	}
	if !st.cut(cmdJPEG, st.trailer, sent) {
		st.c.note(func(s *State) { s.SkippedPictures++ })
	}
}

// takeSound cuts the sound packages whose last sample is there.
func (st *streamer) takeSound(now time.Time) {
	step := int64(st.samples)
	for ; !now.Before(st.sampleAt(st.sample + step)); st.sample += step {
		if !st.sounds {
			continue
		}
		if now.Sub(st.sampleAt(st.sample+step)) > soundBacklog {
			st.c.note(func(s *State) { s.Late++ })
			continue
		}
		st.c.o.Source.Sound(st.sample, st.alaw)
		sent := Sent{At: st.sampleAt(st.sample), Index: st.sample}
		if st.c.o.Sent != nil {
			sent.ALaw = bytes.Clone(st.alaw)
		}
		cmd, payload := uint16(cmdG711), st.alaw
		if st.c.o.Sound == PCM {
			var pcm [2 * samplesPCM]byte
			for i, code := range st.alaw {
				binary.LittleEndian.PutUint16(pcm[2*i:], uint16(alawDecode[code]))
			}
			cmd, payload = cmdPCM, pcm[:]
		}
		if !st.cut(cmd, payload, sent) {
			st.c.note(func(s *State) { s.SkippedSounds++ })
		}
	}
}

// cut puts data into packages and these into the queue; false when the window is too full.
func (st *streamer) cut(cmd uint16, data []byte, sent Sent) bool {
	count := (len(data) + payloadSize - 1) / payloadSize
	if count > st.room() {
		return false
	}
	for i := range count {
		part := data[i*payloadSize : min(len(data), (i+1)*payloadSize)]
		flag := uint8(flagBody)
		switch {
		case !st.repairing:
			flag = flagPlain
		case count == 1:
			flag = flagFinish
		case i == 0:
			flag = flagHead
		case i == count-1:
			flag = flagEnd
		}
		s := st.slot()
		s.id, s.at, s.size, s.gone, s.queued = st.id, time.Time{}, headerSize+len(part), false, true
		s.kept = st.repairing && cmd != cmdPCM // only 1, 4 and 7 are confirmed
		s.last, s.sent = i == count-1, sent
		header{size: uint32(len(part)), cmd: cmd, flag: flag, id: s.id}.put(s.bytes[:])
		copy(s.bytes[headerSize:], part)
		if s.kept {
			st.waiting[s.id] = s
		}
		st.queue = append(st.queue, s)
		st.id++
	}
	return true
}
