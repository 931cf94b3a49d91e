package avi

// The records of journal and frame table. Numbers stand in files: they never change, and a
// retired one is not given again. Every record stands alone (no deltas), so that one lost
// journal costs nothing but itself.
const (
	recordFrame = 1 // a picture, or the place of a lost one
	recordSound = 2 // a chunk of sound
	recordTicks = 3 // empty ticks that no picture followed at once
	recordEvent = 4
	recordGap   = 5
)

const (
	frameRepaired = 1 << 0
	frameLost     = 1 << 1
	soundSilence  = 1 << 0
)

// frameRecord: docs/storage.md, record 1.
type frameRecord struct {
	at      int64 // capture time, µs since the segment's start; negative is legal
	tick    uint32
	offset  uint32 // of the picture's first byte in the file; 0 when lost
	size    uint32 // 0 when lost
	sum     uint32 // CRC32C of the picture
	flags   uint16
	score   uint16
	missing uint32
	cells   []byte
}

const frameRecordSize = 34 // without cells

func (f *frameRecord) append(dst []byte) []byte {
	dst, mark := beginRecord(dst, recordFrame)
	dst = le.AppendUint64(dst, uint64(f.at))
	dst = le.AppendUint32(dst, f.tick)
	dst = le.AppendUint32(dst, f.offset)
	dst = le.AppendUint32(dst, f.size)
	dst = le.AppendUint32(dst, f.sum)
	dst = le.AppendUint16(dst, f.flags)
	dst = le.AppendUint16(dst, f.score)
	dst = le.AppendUint32(dst, f.missing)
	dst = le.AppendUint16(dst, uint16(len(f.cells)))
	return endRecord(append(dst, f.cells...), mark)
}

func (f *frameRecord) parse(b []byte) bool {
	if len(b) < frameRecordSize {
		return false
	}
	cells := b[frameRecordSize:]
	n := int(le.Uint16(b[32:]))
	if n > len(cells) {
		return false
	}
	*f = frameRecord{
		at:      int64(le.Uint64(b)),
		tick:    le.Uint32(b[8:]),
		offset:  le.Uint32(b[12:]),
		size:    le.Uint32(b[16:]),
		sum:     le.Uint32(b[20:]),
		flags:   le.Uint16(b[24:]),
		score:   le.Uint16(b[26:]),
		missing: le.Uint32(b[28:]),
	}
	if n > 0 {
		f.cells = cells[:n:n]
	}
	return true
}

// soundRecord: docs/storage.md, record 2.
type soundRecord struct {
	at      int64  // capture time of the first sample, µs since the segment's start
	first   uint32 // its number in the sound stream
	offset  uint32 // of its byte in the file
	size    uint32 // bytes, which are samples
	sum     uint32 // CRC32C
	flags   uint16
	dropped uint32 // samples dropped just before this chunk
}

const soundRecordSize = 32

func (s *soundRecord) append(dst []byte) []byte {
	dst, mark := beginRecord(dst, recordSound)
	dst = le.AppendUint64(dst, uint64(s.at))
	dst = le.AppendUint32(dst, s.first)
	dst = le.AppendUint32(dst, s.offset)
	dst = le.AppendUint32(dst, s.size)
	dst = le.AppendUint32(dst, s.sum)
	dst = le.AppendUint16(dst, s.flags)
	dst = le.AppendUint16(dst, 0)
	dst = le.AppendUint32(dst, s.dropped)
	return endRecord(dst, mark)
}

func (s *soundRecord) parse(b []byte) bool {
	if len(b) < soundRecordSize {
		return false
	}
	*s = soundRecord{
		at:      int64(le.Uint64(b)),
		first:   le.Uint32(b[8:]),
		offset:  le.Uint32(b[12:]),
		size:    le.Uint32(b[16:]),
		sum:     le.Uint32(b[20:]),
		flags:   le.Uint16(b[24:]),
		dropped: le.Uint32(b[28:]),
	}
	return true
}

// ticksRecord: docs/storage.md, record 3. Empty ticks in front of a picture have no record:
// the distance between two frame records tells them.
type ticksRecord struct {
	first  uint32
	count  uint32
	offset uint32 // of the first one's chunk header
}

const ticksRecordSize = 12

func (t *ticksRecord) append(dst []byte) []byte {
	dst, mark := beginRecord(dst, recordTicks)
	dst = le.AppendUint32(dst, t.first)
	dst = le.AppendUint32(dst, t.count)
	dst = le.AppendUint32(dst, t.offset)
	return endRecord(dst, mark)
}

func (t *ticksRecord) parse(b []byte) bool {
	if len(b) < ticksRecordSize {
		return false
	}
	*t = ticksRecord{first: le.Uint32(b), count: le.Uint32(b[4:]), offset: le.Uint32(b[8:])}
	return true
}

// eventRecord: docs/storage.md, record 4.
type eventRecord struct {
	at   int64 // µs since the segment's start
	kind string
	body []byte
}

const eventRecordSize = 10 // without kind and body

func (e *eventRecord) append(dst []byte) []byte {
	dst, mark := beginRecord(dst, recordEvent)
	dst = le.AppendUint64(dst, uint64(e.at))
	dst = le.AppendUint16(dst, uint16(len(e.kind)))
	dst = append(dst, e.kind...)
	return endRecord(append(dst, e.body...), mark)
}

func (e *eventRecord) parse(b []byte) bool {
	if len(b) < eventRecordSize {
		return false
	}
	n := int(le.Uint16(b[8:]))
	if n > len(b)-eventRecordSize {
		return false
	}
	e.at = int64(le.Uint64(b))
	e.kind = string(b[eventRecordSize : eventRecordSize+n])
	e.body = b[eventRecordSize+n:]
	return true
}
