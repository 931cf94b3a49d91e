package cloudtest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"
)

// A playback sends a file of the card over the media channel, in the sequence of pictures and sound.
// docs/protocol.md, sections 5 and 8.
type playback struct {
	file     CardFile
	at       int64
	sequence uint16
	look     time.Time // when there may be room again
	ended    func()    // the last package went out
}

const (
	filePiece   = 1000 // bytes of a package, behind sequence and two bytes more
	fileReserve = 40   // packages of the window that are a picture's
	lookAgain   = 5 * time.Millisecond
)

// card obeys 400 to 413.
func (s *session) card(o order) {
	m, err := readInstruction(o.command)
	if err != nil || s.live == nil {
		s.c.refuse("card command without a stream", "content", string(o.command), "cause", err)
		return
	}
	target := s.offer.CliTarget
	answer := func(code int, more string) error {
		if more == "" {
			s.say(forwardEcho(target, code))
		} else {
			s.say(forwardAnswer(target, code, more[2:]))
		}
		return nil
	}
	known, err := s.c.memory.obey(m, cardTalk{
		answer: answer,
		xml:    func(text []byte) error { s.put(message(8, text)); return nil },
		stop:   func() { s.live.file = nil },
		play: func(f CardFile) error {
			if s.c.o.CardStopsLive {
				s.live.pictures, s.live.sounds = false, false
			}
			if s.c.o.CardOverTCP {
				return s.playTCP(f, func() { answer(411, "") })
			}
			s.live.file = &playback{file: f, ended: func() { answer(411, "") }}
			return nil
		},
	})
	if !known || err != nil {
		s.c.refuse("card command", "content", string(o.command), "cause", err)
		return
	}
	s.c.note(func(st *State) { st.Commands++ })
}

// put sends a whole message by TCP, as say does.
func (s *session) put(m []byte) {
	select {
	case s.channel.outbox <- m:
	case <-s.channel.gone:
	case <-s.hungUp:
	}
}

func (s *session) playTCP(f CardFile, ended func()) error {
	for at := int64(0); at < f.Size-f.Short; at += cardPackage {
		data := make([]byte, min(cardPackage, f.Size-f.Short-at))
		if _, err := f.Data.ReadAt(data, at); err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read the card: %w", err)
		}
		s.put(message(cmdFile, data))
	}
	ended()
	return nil
}

// takeFile cuts as much of the file as there is room for.
func (st *streamer) takeFile(now time.Time) {
	p := st.file
	if p == nil || now.Before(p.look) {
		return
	}
	end := p.file.Size - p.file.Short
	for ; p.at < end && st.room() > fileReserve; p.sequence++ {
		data := make([]byte, 4+min(filePiece, end-p.at))
		binary.LittleEndian.PutUint16(data, p.sequence)
		n, err := p.file.Data.ReadAt(data[4:], p.at)
		if err != nil && !errors.Is(err, io.EOF) {
			st.file = nil
			st.c.refuse("read of the card", "cause", err)
			return
		}
		p.at += int64(n)
		st.cut(cmdFile, data[:4+n], Sent{})
	}
	if p.at >= end && len(st.queue) == 0 {
		st.file = nil
		p.ended()
		return
	}
	p.look = now.Add(lookAgain)
}
