package avi

import "time"

// maxHeld bounds the sound that waits for the first picture, in samples: 10 s. Older sound is
// dropped and counted.
const maxHeld = 10 * SampleRate

// Streams that run more than maxApart apart in the file make players buffer or seek, so the one
// that lags is filled up, to keepBack behind the other: what comes late still finds its place.
// Cameras hand over sound and pictures in capture order, so little does. Both in µs.
const (
	maxApart = 2_000_000
	keepBack = 1_000_000
)

var silentSecond = func() (s [SampleRate]byte) {
	for i := range s {
		s[i] = silence
	}
	return s
}()

type heldSound struct {
	at   time.Time
	alaw []byte
}

// WriteAudio writes sound; at is the capture time of its first sample, and decides where in the
// stream it goes. A hole before it becomes silence and sound that is already past its place is
// dropped, both counted: at once when off by more than 50 ms, and when off by more than 25 ms for
// 2 s, by the least of these. The first sound of a segment is exact. Before the first picture up
// to 10 s are held in memory. It returns ErrFull with nothing written, or the write's error.
func (w *Writer) WriteAudio(at time.Time, alaw []byte) error {
	if w.err != nil || len(alaw) == 0 {
		return w.err
	}
	if w.size == 0 {
		w.hold(at, alaw)
		return nil
	}
	micros, ok := w.micros(at)
	if !ok {
		return ErrFull
	}
	want := nearestSample(micros)
	missing := max(want-w.pacer.next, 0)
	ticks := max(int64(w.grid.before(micros))-int64(w.grid.next), 0)
	if !w.fits(missing + int64(len(alaw)) + (missing/SampleRate+2)*chunkCost + ticks*tickCost + chunkCost) {
		return ErrFull
	}
	insert, drop := w.pacer.place(want, len(alaw))
	w.insertSilence(insert)
	w.droppedNow += uint32(drop)
	w.sums.Dropped += drop
	if alaw = alaw[drop:]; len(alaw) == 0 {
		return w.commit()
	}
	w.soundChunk(micros+drop*1_000_000/SampleRate, alaw, 0)
	end := micros + w.soundMicros(int64(len(alaw)))
	if end > w.grid.micros(w.grid.next)+maxApart {
		w.markedTicks(w.grid.before(end - keepBack))
	}
	if err := w.finish(end); err != nil {
		return err
	}
	return w.revealSound()
}

// hold keeps sound until there is a file.
func (w *Writer) hold(at time.Time, alaw []byte) {
	w.held = append(w.held, heldSound{at, append([]byte(nil), alaw...)})
	samples := 0
	for _, h := range w.held {
		samples += len(h.alaw)
	}
	for ; samples > maxHeld; w.held = w.held[1:] {
		samples -= len(w.held[0].alaw)
		w.droppedNow += uint32(len(w.held[0].alaw))
		w.sums.Dropped += int64(len(w.held[0].alaw))
	}
}

func (w *Writer) writeHeld() error {
	held := w.held
	w.held = nil
	for _, h := range held {
		if err := w.WriteAudio(h.at, h.alaw); err != nil {
			return err
		}
	}
	return nil
}

// revealSound turns the place kept in the header into a stream when the first sound has come.
func (w *Writer) revealSound() error {
	if w.sums.HasAudio {
		return nil
	}
	w.sums.HasAudio = true
	return w.patch(false)
}

// fillSound keeps the sound from lagging behind the pictures, once there is any.
func (w *Writer) fillSound(at int64) error {
	if !w.sums.HasAudio || at < w.soundMicros(w.pacer.next)+maxApart {
		return nil
	}
	missing := (at-keepBack)*SampleRate/1_000_000 - w.pacer.next
	if !w.fits(missing + (missing/SampleRate+1)*chunkCost) {
		return nil // the next picture or Close finds the segment full
	}
	w.insertSilence(missing)
	return w.finish(at)
}

// insertSilence puts silence into the file, in chunks of at most 1 s.
func (w *Writer) insertSilence(samples int64) {
	for samples > 0 && w.err == nil {
		n := min(samples, SampleRate)
		w.soundChunk(w.soundMicros(w.pacer.next), silentSecond[:n], soundSilence)
		samples -= n
		w.spill()
	}
}

// nearestSample is the place in the stream that belongs to a time since the segment's start, in µs.
func nearestSample(micros int64) int64 {
	return (micros*SampleRate + 500_000) / 1_000_000
}

// SoundEnd is the time that the next sample would stand at; ok is false before the first.
func (w *Writer) SoundEnd() (end time.Time, ok bool) {
	if !w.sums.HasAudio {
		return time.Time{}, false
	}
	return w.meta.Start.Add(time.Duration(w.soundMicros(w.pacer.next)) * time.Microsecond), true
}

func (w *Writer) soundMicros(samples int64) int64 { return samples * 1_000_000 / SampleRate }
