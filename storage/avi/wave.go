package avi

import "math/bits"

// wave is a format of PCM.
type wave struct {
	prefix         string // of its chunks
	channels, bits int
	rate           int64 // samples a second, of each channel
}

// known tells whether it can be turned into A-law.
func (w wave) known() bool {
	return (w.bits == 8 || w.bits == 16) && (w.channels == 1 || w.channels == 2) && w.rate >= 1000 && w.rate <= 192_000
}

// frame is how many bytes the samples of one moment have.
func (w wave) frame() int64 { return int64(w.channels * w.bits / 8) }

// A resampler turns PCM into A-law at SampleRate: each sample there is the mean of those that fall into its
// time, of all channels. Pieces may end anywhere.
type resampler struct {
	wave
	in, out int64 // samples taken and made
	sum, n  int64 // of the sample that is being made
	rest    []byte
}

// turn appends what becomes of a piece.
func (r *resampler) turn(dst, pcm []byte) []byte {
	size := int(r.frame())
	if len(r.rest) > 0 {
		pcm = append(r.rest, pcm...)
	}
	for ; len(pcm) >= size; pcm = pcm[size:] {
		for c := range r.channels {
			if r.bits == 8 { // unsigned
				r.sum += (int64(pcm[c]) - 128) << 8
			} else {
				r.sum += int64(int16(le.Uint16(pcm[2*c:])))
			}
			r.n++
		}
		r.in++
		end := r.in * SampleRate / r.rate
		if r.out >= end {
			continue
		}
		for mean := alawOf(r.sum / r.n); r.out < end; r.out++ {
			dst = append(dst, mean)
		}
		r.sum, r.n = 0, 0
	}
	r.rest = append([]byte(nil), pcm...)
	return dst
}

// alawOf is the code of a sample of 16 bits. G.711, table 1a, with the even bits inverted.
func alawOf(sample int64) byte {
	inverted := byte(0xD5) // the sign of what is not negative
	if sample < 0 {
		inverted, sample = 0x55, -sample-1
	}
	m := uint(sample) >> 3 // 12 bits
	segment := max(bits.Len(m)-5, 0)
	return (byte(segment)<<4 | byte(m>>max(1, segment))&15) ^ inverted
}
