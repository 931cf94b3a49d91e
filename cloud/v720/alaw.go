package v720

import "encoding/binary"

// alawOf maps the upper 12 bits of a 16-bit sample, as unsigned, to its A-law byte: A-law keeps
// no more than those (ITU-T G.711, table 1a).
var alawOf = func() (table [4096]byte) {
	for i := range table {
		table[i] = encodeALawSample(int16(uint16(i) << 4))
	}
	return table
}()

// encodeALawSample follows ITU-T G.711, table 1a: sign, a segment of three bits, a step of four
// bits, even bits inverted.
func encodeALawSample(sample int16) byte {
	const even = 0x55
	sign := byte(0x80)
	magnitude := int(sample) >> 4
	if sample < 0 {
		sign, magnitude = 0, int(^sample)>>4
	}
	if magnitude < 16 {
		return (sign | byte(magnitude)) ^ even
	}
	segment := 1
	for magnitude > 31 {
		magnitude >>= 1
		segment++
	}
	return (sign | byte(segment<<4) | byte(magnitude&15)) ^ even
}

// EncodeALaw appends PCM samples (16 bits, signed, little endian) as A-law, one byte a sample.
// An odd last byte is ignored.
func EncodeALaw(dst, pcm []byte) []byte {
	for ; len(pcm) >= 2; pcm = pcm[2:] {
		dst = append(dst, alawOf[binary.LittleEndian.Uint16(pcm)>>4])
	}
	return dst
}
