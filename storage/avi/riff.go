package avi

// The front of a segment has a fixed shape, so that it can be patched in place:
//
//	0            RIFF AVI header, LIST hdrl: patched at each Flush
//	infoAt       LIST INFO, then JUNK with the summary block: written once
//	totalsAt     JUNK with the totals block, LIST movi header: patched at each Flush
//	moviAt       first chunk of movi
//
// The totals begin a page (and sector) of their own behind their chunk header, so that a power
// cut while they are written again cannot touch the summary. docs/storage.md, section "Front".
const (
	infoAt   = 390
	totalsAt = 4096 - chunkHeader
	moviAt   = 5120
)

const (
	chunkHeader = 8
	listHeader  = 12
)

// Chunks of movi: stream 0 is the picture, 1 the sound.
const (
	chunkPicture = "00dc"
	chunkSound   = "01wb"
	chunkJunk    = "JUNK"
)

// Flags of avih and idx1 (AVI RIFF File Reference, AVIMAINHEADER and AVIOLDINDEX).
const (
	avihHasIndex    = 0x010
	avihInterleaved = 0x100
	avihTrustType   = 0x800
	indexKeyframe   = 0x10
)

// Formats of sound.
const (
	formatPCM  = 1 // WAVE_FORMAT_PCM
	formatALaw = 6 // WAVE_FORMAT_ALAW
)

// header is what the front's first infoAt bytes tell.
type header struct {
	width, height int
	rate          uint32 // ticks a second
	ticks         uint32
	samples       uint32
	size          uint32 // of the file
	picture       uint32 // largest chunk of each kind
	sound         uint32
	hasSound      bool
	finished      bool
}

func (h *header) append(dst []byte) []byte {
	dst = appendList(dst, "RIFF", h.size-chunkHeader, "AVI ")
	dst = appendList(dst, "LIST", infoAt-listHeader-chunkHeader, "hdrl")
	dst = h.appendMain(dst)
	dst = h.appendVideo(dst)
	return h.appendSound(dst)
}

func (h *header) appendMain(dst []byte) []byte {
	flags, streams := uint32(avihInterleaved|avihTrustType), uint32(1)
	if h.finished {
		flags |= avihHasIndex
	}
	if h.hasSound {
		streams = 2
	}
	var perSecond uint32
	if h.ticks > 0 {
		perSecond = uint32(uint64(h.size) * uint64(h.rate) / uint64(h.ticks))
	}
	dst = appendChunk(dst, "avih", 56)
	for _, field := range [14]uint32{
		1_000_000 / h.rate, perSecond, 0, flags, // µs a tick, bytes a second, padding, flags
		h.ticks, 0, streams, max(h.picture, h.sound), // total frames, initial frames, streams, buffer
		uint32(h.width), uint32(h.height),
	} {
		dst = le.AppendUint32(dst, field)
	}
	return dst
}

func (h *header) appendVideo(dst []byte) []byte {
	dst = appendList(dst, "LIST", 4+8+56+8+40+8+68, "strl")
	dst = appendChunk(dst, "strh", 56)
	dst = append(dst, "vidsMJPG"...)
	dst = appendStream(dst, h.rate, h.ticks, h.picture, 0)
	dst = le.AppendUint32(dst, 0) // left, top of the picture's place
	dst = le.AppendUint16(dst, uint16(h.width))
	dst = le.AppendUint16(dst, uint16(h.height))

	dst = appendChunk(dst, "strf", 40) // BITMAPINFOHEADER
	dst = le.AppendUint32(dst, 40)
	dst = le.AppendUint32(dst, uint32(h.width))
	dst = le.AppendUint32(dst, uint32(h.height))
	dst = le.AppendUint16(dst, 1)  // planes
	dst = le.AppendUint16(dst, 24) // bits a pixel
	dst = append(dst, "MJPG"...)
	dst = le.AppendUint32(dst, uint32(h.width*h.height*3))
	dst = append(dst, make([]byte, 16)...) // resolution and palette
	return h.appendShape(dst)
}

// appendShape says that pixels are square (OpenDML AVI File Format Extensions, VIDEO_PROPHEADER).
// The cameras write the picture's size where JFIF has the shape of a pixel, and players that
// believe it show 4:3 as 16:9. docs/protocol.md, section 5.
func (h *header) appendShape(dst []byte) []byte {
	width, height := uint32(h.width), uint32(h.height)
	a, b := width, height
	for b != 0 {
		a, b = b, a%b
	}
	dst = appendChunk(dst, "vprp", 68)
	for _, field := range [17]uint32{
		0, 0, h.rate, width, height, // format, standard, refresh rate, total size
		width/a<<16 | height/a&0xFFFF, width, height, 1, // aspect of the frame, its size, fields a frame
		height, width, height, width, // of the field: compressed and valid size; no offsets
	} {
		dst = le.AppendUint32(dst, field)
	}
	return dst
}

// appendSound describes the sound, or keeps its place as JUNK while there is none: a stream
// without a chunk would be shown by players as a silent track.
func (h *header) appendSound(dst []byte) []byte {
	const size = 4 + 8 + 56 + 8 + 18
	if !h.hasSound {
		return append(appendChunk(dst, chunkJunk, size), make([]byte, size)...)
	}
	dst = appendList(dst, "LIST", size, "strl")
	dst = appendChunk(dst, "strh", 56)
	dst = append(dst, "auds\x00\x00\x00\x00"...)
	dst = appendStream(dst, SampleRate, h.samples, h.sound, 1)
	dst = le.AppendUint64(dst, 0)

	dst = appendChunk(dst, "strf", 18) // WAVEFORMATEX
	dst = le.AppendUint16(dst, formatALaw)
	dst = le.AppendUint16(dst, 1)
	dst = le.AppendUint32(dst, SampleRate)
	dst = le.AppendUint32(dst, SampleRate) // bytes a second
	dst = le.AppendUint16(dst, 1)          // bytes a sample of all channels
	dst = le.AppendUint16(dst, 8)          // bits a sample
	return le.AppendUint16(dst, 0)
}

// appendStream is the middle of strh, the same for both streams.
func appendStream(dst []byte, rate, length, buffer, sample uint32) []byte {
	for _, field := range [10]uint32{
		0, 0, 0, 1, rate, 0, // flags, priority and language, initial frames, scale, rate, start
		length, buffer, 0xFFFFFFFF, sample, // length, buffer, quality (default), bytes a sample
	} {
		dst = le.AppendUint32(dst, field)
	}
	return dst
}

func appendChunk(dst []byte, id string, size uint32) []byte {
	return le.AppendUint32(append(dst, id...), size)
}

// appendList appends the header of a RIFF or LIST; size counts from the four letters of form on.
func appendList(dst []byte, id string, size uint32, form string) []byte {
	return append(appendChunk(dst, id, size), form...)
}

// padding is 1 behind an odd chunk: chunks begin at even offsets.
func padding(size int) int { return size & 1 }
