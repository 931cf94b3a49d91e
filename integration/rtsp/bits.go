package rtsp

// bitReader reads a scan without fill bytes, bit by bit. T.81, section F.2.2.5.
type bitReader struct {
	data  []byte
	at    int
	bits  uint64 // the next ones are the upper ones of the count that is held
	held  int
	short int // bits that were not there: zeros were given for them
}

func (r *bitReader) fill() {
	for r.held <= 48 {
		b := byte(0)
		switch {
		case r.at == len(r.data) || r.data[r.at] == 0xFF && (r.at+1 == len(r.data) || r.data[r.at+1] != 0): // end, or a marker
			r.short += 8
		case r.data[r.at] == 0xFF:
			b = 0xFF
			r.at += 2
		default:
			b = r.data[r.at]
			r.at++
		}
		r.bits = r.bits<<8 | uint64(b)
		r.held += 8
	}
}

// read takes so many bits, 16 at most.
func (r *bitReader) read(n int) uint32 {
	if r.held < n {
		r.fill()
	}
	r.held -= n
	return uint32(r.bits>>r.held) & (1<<n - 1)
}

// symbol reads one; false when no code is like this.
func (r *bitReader) symbol(d *decoding) (byte, bool) {
	if r.held < 16 {
		r.fill()
	}
	next := uint32(r.bits>>(r.held-16)) & 0xFFFF
	if q := d.quick[next>>8]; q.length != 0 {
		r.held -= int(q.length)
		return q.symbol, true
	}
	for length := 9; length <= 16; length++ {
		code := int32(next >> (16 - length))
		if code >= d.first[length] && code < d.end[length] {
			r.held -= length
			return d.table[d.symbols[length]+code-d.first[length]], true
		}
	}
	return 0, false
}

// over tells that more was read than there is.
func (r *bitReader) over() bool { return r.short > r.held }

// restart goes behind the next restart marker; false when none stands there.
func (r *bitReader) restart() bool {
	if r.over() || r.at+1 >= len(r.data) || r.data[r.at] != 0xFF || r.data[r.at+1]&0xF8 != 0xD0 || r.held-r.short >= 8 {
		return false
	}
	r.at += 2
	r.bits, r.held, r.short = 0, 0, 0
	return true
}

// bitWriter writes a scan.
type bitWriter struct {
	out  []byte
	bits uint64
	held int
}

// write adds so many bits, 16 at most.
func (w *bitWriter) write(bits uint32, n int) {
	w.bits = w.bits<<n | uint64(bits)
	for w.held += n; w.held >= 8; {
		w.held -= 8
		b := byte(w.bits >> w.held)
		w.out = append(w.out, b)
		if b == 0xFF {
			w.out = append(w.out, 0)
		}
	}
}

// align fills the last byte with ones. T.81, section F.1.2.3.
func (w *bitWriter) align() {
	if w.held > 0 {
		n := 8 - w.held
		w.write(1<<n-1, n)
	}
}
