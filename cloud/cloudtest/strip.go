package cloudtest

import (
	"encoding/binary"
	"math/bits"
)

// A picture is put together from strips that were encoded once: rows of MCUs (16×8 pixels:
// two luma blocks, Cb, Cr), as bits. Only a DC coefficient depends on what stands before it,
// so that where two pieces meet three differences are written anew and the rest is copied.

// strip is a row of encoded MCUs.
type strip struct {
	bits []uint64 // first bit on top, one word more than needed
	mcus []mcu
	end  uint32 // bit
}

// mcu tells where an MCU stands in a strip's bits and what its DCs are.
type mcu struct {
	at                      uint32 // DC of the first luma block
	yAC, cb, cbAC, cr, crAC uint16 // bits behind at: behind that DC, of Cb, behind its DC, …
	dc                      [4]int16
}

// dcs are the predictions for the DC of Y, Cb and Cr.
type dcs [3]int16

// blocks of an MCU: quantized coefficients in zigzag order of Y left, Y right, Cb, Cr.
type blocks [4][64]int16

// encodeStrip encodes a row of MCUs as if it began a scan.
func encodeStrip(row []blocks) *strip {
	var w bitWriter
	var last dcs
	s := &strip{mcus: make([]mcu, len(row))}
	for i := range row {
		b, m := &row[i], &s.mcus[i]
		m.at = w.len()
		w.dc(dcLuma, b[0][0]-last[0])
		m.yAC = uint16(w.len() - m.at)
		w.ac(acLuma, &b[0])
		w.dc(dcLuma, b[1][0]-b[0][0])
		w.ac(acLuma, &b[1])
		m.cb = uint16(w.len() - m.at)
		w.dc(dcChroma, b[2][0]-last[1])
		m.cbAC = uint16(w.len() - m.at)
		w.ac(acChroma, &b[2])
		m.cr = uint16(w.len() - m.at)
		w.dc(dcChroma, b[3][0]-last[2])
		m.crAC = uint16(w.len() - m.at)
		w.ac(acChroma, &b[3])
		m.dc = [4]int16{b[0][0], b[1][0], b[2][0], b[3][0]}
		last = dcs{b[1][0], b[2][0], b[3][0]}
	}
	s.end = w.len()
	s.bits = append(w.words, w.acc, 0)
	return s
}

// join writes MCUs [from, to) of s behind what stands in w.
func (w *bitWriter) join(s *strip, from, to int, last *dcs) {
	if from >= to {
		return
	}
	m := &s.mcus[from]
	w.dc(dcLuma, m.dc[0]-last[0])
	w.copy(s.bits, m.at+uint32(m.yAC), m.at+uint32(m.cb))
	w.dc(dcChroma, m.dc[2]-last[1])
	w.copy(s.bits, m.at+uint32(m.cbAC), m.at+uint32(m.cr))
	w.dc(dcChroma, m.dc[3]-last[2])
	end := s.end
	if to < len(s.mcus) {
		end = s.mcus[to].at
	}
	w.copy(s.bits, m.at+uint32(m.crAC), end)
	m = &s.mcus[to-1]
	*last = dcs{m.dc[1], m.dc[2], m.dc[3]}
}

// flat writes an MCU of two even cells without colour.
func (w *bitWriter) flat(left, right int16, last *dcs) {
	w.dc(dcLuma, left-last[0])
	w.put(uint64(acLuma.code[0]), uint(acLuma.length[0])) // end of block
	w.dc(dcLuma, right-left)
	w.put(uint64(acLuma.code[0]), uint(acLuma.length[0]))
	for i := 1; i <= 2; i++ {
		w.dc(dcChroma, -last[i])
		w.put(uint64(acChroma.code[0]), uint(acChroma.length[0]))
	}
	*last = dcs{right, 0, 0}
}

// bitWriter writes bits, the first of them on top.
type bitWriter struct {
	words []uint64
	acc   uint64 // not full yet
	used  uint   // bits of acc, 0 to 63
}

func (w *bitWriter) reset() { w.words, w.acc, w.used = w.words[:0], 0, 0 }

func (w *bitWriter) len() uint32 { return uint32(len(w.words)*64) + uint32(w.used) }

// put writes the low n bits of v, n up to 64; the others are zero.
func (w *bitWriter) put(v uint64, n uint) {
	if w.used+n < 64 {
		w.acc |= v << (64 - w.used - n)
		w.used += n
		return
	}
	over := w.used + n - 64
	w.words = append(w.words, w.acc|v>>over)
	w.acc = v << (64 - over) // none of it when over is 0
	w.used = over
}

// copy writes the bits [from, to) of src, which has a word behind the last of them.
func (w *bitWriter) copy(src []uint64, from, to uint32) {
	for from < to {
		n := min(64, to-from)
		i, shift := from>>6, from&63
		v := src[i]<<shift | src[i+1]>>(64-shift)
		w.put(v>>(64-n), uint(n))
		from += n
	}
}

// number writes the bits that T.81 F.1.2 puts behind a size: negative values one less.
func (w *bitWriter) number(v int16, size uint) {
	if v < 0 {
		v--
	}
	w.put(uint64(uint16(v))&(1<<size-1), size)
}

func sizeOf(v int16) uint {
	if v < 0 {
		v = -v
	}
	return uint(bits.Len16(uint16(v)))
}

func (w *bitWriter) dc(t *huffmanTable, diff int16) {
	size := sizeOf(diff)
	w.put(uint64(t.code[size]), uint(t.length[size]))
	w.number(diff, size)
}

func (w *bitWriter) ac(t *huffmanTable, block *[64]int16) {
	run := uint(0)
	for _, v := range block[1:] {
		if v == 0 {
			run++
			continue
		}
		for ; run >= 16; run -= 16 {
			w.put(uint64(t.code[0xF0]), uint(t.length[0xF0]))
		}
		size := sizeOf(v)
		symbol := run<<4 | size
		w.put(uint64(t.code[symbol]), uint(t.length[symbol]))
		w.number(v, size)
		run = 0
	}
	if run > 0 {
		w.put(uint64(t.code[0]), uint(t.length[0]))
	}
}

// appendScan pads with ones and appends the scan to dst, a zero behind each FF (T.81 F.1.2.3).
func (w *bitWriter) appendScan(dst []byte) []byte {
	for _, word := range w.words {
		// A byte of FF becomes zero in the complement: the usual test for a zero byte.
		if inverse := ^word; (inverse-0x0101010101010101)&^inverse&0x8080808080808080 == 0 {
			dst = binary.BigEndian.AppendUint64(dst, word)
			continue
		}
		for shift := 56; shift >= 0; shift -= 8 {
			dst = appendStuffed(dst, byte(word>>shift))
		}
	}
	word := w.acc | ^uint64(0)>>w.used
	for left := int(w.used); left > 0; left -= 8 {
		dst = appendStuffed(dst, byte(word>>56))
		word = word<<8 | 0xFF
	}
	return dst
}

func appendStuffed(dst []byte, b byte) []byte {
	if b == 0xFF {
		return append(dst, b, 0)
	}
	return append(dst, b)
}
