package avi

import (
	"time"
	"unicode/utf8"
)

// Meta tells whose segment it is and when it begins.
type Meta struct {
	Camera string // device code; at most 64 bytes are kept
	Name   string // what people call the camera; at most 200 bytes are kept
	// Start is the wall time of tick 0, cut to a microsecond. Its zone is kept as abbreviation
	// and offset.
	Start time.Time
	Run   [16]byte // the run of the recorder that wrote it
	// Number is the how-manieth segment of the run it is, counted from 1 in the order in which they
	// were begun, whatever the clock said; 0 when the file does not tell, as early versions do not.
	Number   uint32
	Previous [32]byte // hash of the camera's segment before; zero when there is none
	Software string   // what wrote it; at most 100 bytes are kept
	// Gaps are what is missing right before the segment, in order, each beginning where the one
	// before ends; nil for nothing. The last ends at Start at the latest: a zero or later To is
	// taken for it. MaxGaps are kept, beyond which the oldest are joined.
	Gaps []Gap
}

// Summary is a segment in numbers.
type Summary struct {
	Meta
	Width, Height int
	End           time.Time // the segment's end, cut to a microsecond; later than its last picture
	Frames        int       // pictures in the file, repaired ones among them
	Repaired      int
	Lost          int   // pictures that are not in the file
	Missing       int   // packages that never came
	Samples       int64 // of sound in the file, inserted silence among them
	Silence       int64 // samples of inserted silence
	Dropped       int64 // samples that were not written
	Bytes         int64 // size of the file
	Events        int
	HasAudio      bool
	Inside        []Gap // stretches without a picture inside the segment, as WriteGap told them
	// Thinned tells how often pictures were taken out, the first time first; at most MaxThinnings. nil: never.
	Thinned []Thinning
}

// Records of the summary and totals blocks; one numbering with those of the journal.
const (
	recordCamera   = 16
	recordName     = 17
	recordStart    = 18
	recordRun      = 19
	recordPrevious = 20
	recordSoftware = 21
	recordTotals   = 22
	recordNumber   = 23
)

func (m *Meta) appendRecords(dst []byte) []byte {
	dst = appendRecord(dst, recordCamera, []byte(m.Camera))
	dst = appendRecord(dst, recordName, []byte(m.Name))
	dst, mark := beginRecord(dst, recordStart)
	zone, offset := m.Start.Zone()
	dst = le.AppendUint64(dst, uint64(m.Start.UnixMicro()))
	dst = le.AppendUint32(dst, uint32(int32(offset)))
	dst = endRecord(append(dst, cutText(zone, 40)...), mark)
	dst = appendRecord(dst, recordRun, m.Run[:])
	dst = appendRecord(dst, recordPrevious, m.Previous[:])
	dst = appendRecord(dst, recordSoftware, []byte(m.Software))
	dst, mark = beginRecord(dst, recordNumber)
	dst = endRecord(le.AppendUint32(dst, m.Number), mark)
	if len(m.Gaps) == 0 {
		return appendRecord(dst, recordGap, nil)
	}
	for _, g := range m.Gaps {
		gap := gapOf(g)
		dst = gap.append(dst)
	}
	return dst
}

// parseRecords tells whether the records speak of gaps, be it to say that there is none: early
// versions wrote them into the journal alone.
func (m *Meta) parseRecords(b []byte) (gapTold bool) {
	var gap gapRecord
	m.Gaps = nil
	for kind, body := range records(b) {
		switch kind {
		case recordCamera:
			m.Camera = string(body)
		case recordName:
			m.Name = string(body)
		case recordStart:
			if len(body) >= 12 {
				zone := time.FixedZone(string(body[12:]), int(int32(le.Uint32(body[8:]))))
				m.Start = time.UnixMicro(int64(le.Uint64(body))).In(zone)
			}
		case recordRun:
			copy(m.Run[:], body)
		case recordPrevious:
			copy(m.Previous[:], body)
		case recordSoftware:
			m.Software = string(body)
		case recordNumber:
			if len(body) >= 4 {
				m.Number = le.Uint32(body)
			}
		case recordGap:
			gapTold = true
			if gap.parse(body) && len(m.Gaps) < MaxGaps {
				m.Gaps = append(m.Gaps, gap.in(m.Start.Location())) // the start stands before
			}
		}
	}
	return gapTold
}

// kept is m as the file can hold it.
func (m Meta) kept() Meta {
	m.Camera = cutText(m.Camera, 64)
	m.Name = cutText(m.Name, 200)
	m.Software = cutText(m.Software, 100)
	m.Start = m.Start.Truncate(time.Microsecond)
	m.Gaps = gapsBefore(m.Gaps, m.Start)
	return m
}

const totalsSize = 80 // without the numbers of events and of gaps inside

// appendRecords appends the totals and as many of the gaps inside as fit into room bytes: the
// totals say how many there are.
func (s *Summary) appendRecords(dst []byte, room int) []byte {
	room += len(dst)
	dst, mark := beginRecord(dst, recordTotals)
	for _, field := range [9]int64{
		s.End.UnixMicro(), int64(s.Frames), int64(s.Repaired), int64(s.Lost), int64(s.Missing),
		s.Samples, s.Silence, s.Dropped, s.Bytes,
	} {
		dst = le.AppendUint64(dst, uint64(field))
	}
	dst = le.AppendUint32(dst, uint32(s.Width))
	dst = le.AppendUint32(dst, uint32(s.Height))
	dst = le.AppendUint32(dst, uint32(s.Events))
	dst = endRecord(le.AppendUint32(dst, uint32(len(s.Inside))), mark)
	for i := range s.Thinned {
		dst = s.Thinned[i].append(dst)
	}
	for _, g := range s.Inside {
		gap := gapOf(g)
		if len(dst)+recordHeader+gapRecordSize+len(gap.reason) > room {
			break
		}
		dst = gap.append(dst)
	}
	return dst
}

// totalsTold is what the totals block was found to tell.
type totalsTold struct {
	found  bool
	events bool // their number, which early versions leave out
	inside bool // every gap inside: there may be more than fit
}

func (s *Summary) parseRecords(b []byte) (told totalsTold) {
	var gap gapRecord
	inside := 0 // early versions knew none
	var thinned Thinning
	s.Inside, s.Thinned = nil, nil
	for kind, body := range records(b) {
		if kind == recordGap && gap.parse(body) && len(s.Inside) < MaxInside {
			s.Inside = append(s.Inside, gap.in(s.Start.Location()))
		}
		if kind == recordThinned && thinned.parse(body, s.Start.Location()) && len(s.Thinned) < MaxThinnings {
			s.Thinned = append(s.Thinned, thinned)
		}
		if kind != recordTotals || len(body) < totalsSize {
			continue
		}
		field := func(i int) int64 { return int64(le.Uint64(body[8*i:])) }
		s.End = time.UnixMicro(field(0)).In(s.Start.Location())
		s.Frames, s.Repaired = int(field(1)), int(field(2))
		s.Lost, s.Missing = int(field(3)), int(field(4))
		s.Samples, s.Silence, s.Dropped, s.Bytes = field(5), field(6), field(7), field(8)
		s.Width, s.Height = int(le.Uint32(body[72:])), int(le.Uint32(body[76:]))
		s.HasAudio = s.Samples > 0
		if told.found = true; len(body) >= totalsSize+4 {
			s.Events, told.events = int(le.Uint32(body[totalsSize:])), true
		}
		if len(body) >= totalsSize+8 {
			inside = int(le.Uint32(body[totalsSize+4:]))
		}
	}
	told.inside = inside == len(s.Inside)
	return told
}

// cutText shortens text to at most n bytes without breaking a character.
func cutText(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}
