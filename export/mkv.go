package export

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"math"
	"time"

	"v720dvr/storage"
	"v720dvr/storage/avi"
)

// The elements of Matroska that are written, by their ids. RFC 9559, sections 5.1.1 to 5.1.5.
const (
	idEBML, idSegment, idSeekHead, idSeek, idSeekID, idSeekAt = 0x1A45DFA3, 0x18538067, 0x114D9B74, 0x4DBB, 0x53AB, 0x53AC
	idInfo, idScale, idDuration, idDate, idTitle, idApp, idBy = 0x1549A966, 0x2AD7B1, 0x4489, 0x4461, 0x7BA9, 0x4D80, 0x5741
	idTracks, idTrack, idNumber, idUID, idKind, idLacing      = 0x1654AE6B, 0xAE, 0xD7, 0x73C5, 0x83, 0x9C
	idCodec, idPrivate, idVideo, idWidth, idHeight            = 0x86, 0x63A2, 0xE0, 0xB0, 0xBA
	idAudio, idRate, idChannels, idBits                       = 0xE1, 0xB5, 0x9F, 0x6264
	idCues, idCue, idCueTime, idCueOf, idCueTrack, idCueAt    = 0x1C53BB6B, 0xBB, 0xB3, 0xB7, 0xF7, 0xF1
	idCluster, idTime, idBlock                                = 0x1F43B675, 0xE7, 0xA3
)

// How much a cluster holds: what is sought is read from its begin.
const (
	clusterTime  = 1000 // ms
	clusterBytes = 1 << 20
)

// mkv writes a film as Matroska: measured first, so that cues stand in front and the length is known, and then
// written with the same calls. It holds a cluster, and 16 bytes of each.
type mkv struct {
	*film
	w       io.Writer // nil while it is measured
	cluster []byte    // without the bytes of pictures and sound while it is measured
	held    int       // bytes of the cluster
	begin   int64     // ms, of the cluster; −1 for none
	last    int64     // ms, of the last picture
	at      int64     // bytes before the cluster, from the first one
	sound   bool
	end     int64 // ms
	shown   int   // pictures
	cues    []cue
}

type cue struct{ ms, at int64 }

func (e *Export) asMKV(ctx context.Context, f *film) error {
	m := &mkv{film: f, begin: -1, last: -1}
	if err := m.pass(ctx); err != nil {
		return err
	}
	head := m.head()
	e.Bytes = int64(len(head)) + m.at
	if f.every > 0 {
		e.Pictures = m.shown
	}
	e.write = func(ctx context.Context, w io.Writer) error {
		if _, err := w.Write(head); err != nil {
			return err
		}
		return (&mkv{film: f, begin: -1, last: -1, w: w}).pass(ctx)
	}
	return nil
}

func (m *mkv) pass(ctx context.Context) error {
	err := m.show(ctx, true, true, m.w != nil, m.piece)
	if err != nil {
		return err
	}
	if m.every == 0 {
		m.end = max(m.end, m.Length.Milliseconds())
	}
	return m.flush()
}

func (m *mkv) piece(p storage.Piece) error {
	ms := (p.At.Microseconds() + 500) / 1000
	track := byte(2)
	if !p.Sound {
		if p.Width != m.Width || p.Height != m.Height {
			return &storage.SpanError{Fits: p.Time, Cause: avi.ErrSizeChanged}
		}
		ms, track = max(ms, m.last+1), 1 // two of one millisecond would be one to players
		m.last = ms
		m.shown++
		if m.end = max(m.end, ms); m.every > 0 {
			m.end = ms + 1000/int64(m.shownRate())
		}
	} else {
		m.sound = true
		m.end = max(m.end, ms+int64(p.Size)*1000/avi.SampleRate)
	}
	if m.begin >= 0 && (ms-m.begin > 30_000 || m.begin-ms > 30_000 || !p.Sound && (ms-m.begin >= clusterTime || m.held >= clusterBytes)) {
		if err := m.flush(); err != nil {
			return err
		}
	}
	if m.begin < 0 {
		m.begin = ms
		if !p.Sound {
			m.cues = append(m.cues, cue{ms, m.at})
		}
		m.cluster = uintElement(m.cluster[:0], idTime, uint64(ms))
		m.held = len(m.cluster)
	}
	before := len(m.cluster)
	m.cluster = binary.BigEndian.AppendUint32(idOf(m.cluster, idBlock), uint32(p.Size+4)|1<<28) // a size of four bytes
	m.cluster = append(m.cluster, 0x80|track, byte((ms-m.begin)>>8), byte(ms-m.begin), 0x80)    // a key frame
	m.held += len(m.cluster) - before + p.Size
	if m.w != nil {
		m.cluster = append(m.cluster, p.Bytes...)
	}
	return nil
}

// flush writes the cluster.
func (m *mkv) flush() error {
	if m.begin < 0 {
		return nil
	}
	head := sizeOf(idOf(nil, idCluster), uint64(m.held))
	m.begin, m.at = -1, m.at+int64(len(head)+m.held)
	if m.w == nil {
		return nil
	}
	if _, err := m.w.Write(head); err != nil {
		return err
	}
	_, err := m.w.Write(m.cluster)
	return err
}

// head is all before the first cluster.
func (m *mkv) head() []byte {
	var ebml []byte
	for _, e := range [][2]uint64{{0x4286, 1}, {0x42F7, 1}, {0x42F2, 4}, {0x42F3, 8}, {0x4287, 4}, {0x4285, 2}} {
		ebml = uintElement(ebml, e[0], e[1])
	}
	ebml = element(ebml, 0x4282, []byte("matroska"))
	info, tracks := m.info(), m.tracks()
	cues := func(from int64) []byte {
		var b []byte
		for _, c := range m.cues {
			at := uintElement(uintElement(nil, idCueTrack, 1), idCueAt, uint64(from+c.at))
			b = element(b, idCue, element(uintElement(nil, idCueTime, uint64(c.ms)), idCueOf, at))
		}
		return element(nil, idCues, b)
	}
	parts := [][]byte{info, tracks, cues(0)} // their lengths do not depend on what they say
	seek := func(from int64) []byte {
		var b []byte
		for i, id := range []uint64{idInfo, idTracks, idCues} {
			b = element(b, idSeek, uintElement(element(nil, idSeekID, idOf(nil, id)), idSeekAt, uint64(from)))
			from += int64(len(parts[i]))
		}
		return element(nil, idSeekHead, b)
	}
	seekLength := int64(len(seek(0)))
	front := seekLength + int64(len(info)+len(tracks)+len(parts[2]))
	head := element(nil, idEBML, ebml)
	head = sizeOf(idOf(head, idSegment), uint64(front+m.at))
	return append(head, bytes.Join([][]byte{seek(seekLength), info, tracks, cues(front)}, nil)...)
}

func (m *mkv) info() []byte {
	b := uintElement(nil, idScale, uint64(time.Millisecond))
	b = element(b, idDuration, binary.BigEndian.AppendUint64(nil, math.Float64bits(float64(m.end))))
	since := m.Start.Sub(time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)) // RFC 9559, 5.1.2.11
	b = element(b, idDate, binary.BigEndian.AppendUint64(nil, uint64(since)))
	b = element(b, idTitle, []byte(m.Name+", "+m.Start.Format("2006-01-02 15:04:05 -0700")))
	b = element(element(b, idApp, []byte("v720dvr")), idBy, []byte("v720dvr"))
	return element(nil, idInfo, b)
}

func (m *mkv) tracks() []byte {
	track := func(number, kind uint64, codec string, rest ...[]byte) []byte {
		b := uintElement(uintElement(uintElement(uintElement(nil, idNumber, number), idUID, number), idKind, kind), idLacing, 0)
		b = element(b, idCodec, []byte(codec))
		return element(nil, idTrack, append(b, bytes.Join(rest, nil)...))
	}
	b := track(1, 1, "V_MJPEG", element(nil, idVideo, uintElement(uintElement(nil, idWidth, uint64(m.Width)), idHeight, uint64(m.Height))))
	if m.sound {
		// WAVEFORMATEX of A-law, as in our AVI (docs/storage.md).
		format := []byte{6, 0, 1, 0, 0x40, 0x1F, 0, 0, 0x40, 0x1F, 0, 0, 1, 0, 8, 0, 0, 0}
		rate := element(nil, idRate, binary.BigEndian.AppendUint64(nil, math.Float64bits(avi.SampleRate)))
		b = append(b, track(2, 2, "A_MS/ACM", element(nil, idPrivate, format),
			element(nil, idAudio, uintElement(uintElement(rate, idChannels, 1), idBits, 8)))...)
	}
	return element(nil, idTracks, b)
}

// idOf appends an id, which has its own length in it. RFC 8794, section 5.
func idOf(b []byte, id uint64) []byte {
	for shift := 24; shift >= 0; shift -= 8 {
		if id>>shift > 0 {
			b = append(b, byte(id>>shift))
		}
	}
	return b
}

// sizeOf appends a size in eight bytes: all alike, so that lengths are known before values. RFC 8794, section 6.
func sizeOf(b []byte, n uint64) []byte { return binary.BigEndian.AppendUint64(b, n|1<<56) }

func element(b []byte, id uint64, body []byte) []byte {
	return append(sizeOf(idOf(b, id), uint64(len(body))), body...)
}

func uintElement(b []byte, id, v uint64) []byte {
	return element(b, id, binary.BigEndian.AppendUint64(nil, v))
}
