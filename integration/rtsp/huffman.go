package rtsp

import (
	"bytes"
	"sync"
)

// annexK is a table of ITU T.81, Annex K.3.3: DC with class 0, AC with 1, of brightness with number 0 and of colour
// with 1. Sixteen counts of codes by length, and their symbols.
func annexK(class, number int) []byte { return annexKTables[class][number] }

var annexKTables = [2][2][]byte{
	{
		[]byte("\x00\x01\x05\x01\x01\x01\x01\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0A\x0B"),
		[]byte("\x00\x03\x01\x01\x01\x01\x01\x01\x01\x01\x01\x00\x00\x00\x00\x00\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0A\x0B"),
	},
	{
		withRest("\x00\x02\x01\x03\x03\x02\x04\x03\x05\x05\x04\x04\x00\x00\x01\x7D" +
			"\x01\x02\x03\x00\x04\x11\x05\x12\x21\x31\x41\x06\x13\x51\x61\x07\x22\x71\x14\x32\x81\x91\xA1\x08\x23\x42\xB1\xC1\x15\x52\xD1\xF0" +
			"\x24\x33\x62\x72\x82"),
		withRest("\x00\x02\x01\x02\x04\x04\x03\x04\x07\x05\x04\x04\x00\x01\x02\x77" +
			"\x00\x01\x02\x03\x11\x04\x05\x21\x31\x06\x12\x41\x51\x07\x61\x71\x13\x22\x32\x81\x08\x14\x42\x91\xA1\xB1\xC1\x09\x23\x33\x52\xF0" +
			"\x15\x62\x72\xD1\x0A\x16\x24\x34\xE1\x25\xF1"),
	},
}

// withRest adds the symbols that a table of AC has not named yet, by their value: all of its longest codes.
func withRest(table string) []byte {
	full := []byte(table)
	for run := range 16 {
		for size := 1; size <= 10; size++ {
			if symbol := byte(run<<4 | size); !bytes.Contains([]byte(table[16:]), []byte{symbol}) {
				full = append(full, symbol)
			}
		}
	}
	return full
}

// decoding reads the symbols of a Huffman table.
type decoding struct {
	table []byte // it was made of
	quick [256]struct{ symbol, length byte }
	// Of codes by length: the first and one beyond the last, and where their symbols begin. T.81, Annex F.2.2.3.
	first, end [17]int32
	symbols    [17]int32
}

// of makes the decoding of a table; of the same one it is there already.
func (d *decoding) of(table []byte) error {
	if bytes.Equal(d.table, table) {
		return nil
	}
	*d = decoding{}
	code, symbol := int32(0), int32(16)
	for length := 1; length <= 16; length++ {
		n := int32(table[length-1])
		d.first[length], d.end[length], d.symbols[length] = code, code+n, symbol
		if d.end[length] > 1<<length {
			return broken("a Huffman table has more codes than there are")
		}
		for range n {
			if length <= 8 {
				for i := range int32(1) << (8 - length) {
					d.quick[code<<(8-length)|i] = struct{ symbol, length byte }{table[symbol], byte(length)}
				}
			}
			code, symbol = code+1, symbol+1
		}
		code <<= 1
	}
	d.table = bytes.Clone(table)
	return nil
}

// coding writes the symbols of a Huffman table.
type coding [256]struct {
	code   uint16
	length byte // 0: there is no such symbol
}

// annexKCodings are made once: brightness and colour, DC and AC.
var annexKCodings = sync.OnceValue(func() *[2][2]coding {
	all := new([2][2]coding)
	for class := range 2 {
		for number := range 2 {
			table := annexK(class, number)
			code, symbol := uint16(0), 16
			for length := 1; length <= 16; length++ {
				for range table[length-1] {
					c := &all[class][number][table[symbol]]
					c.code, c.length = code, byte(length)
					code, symbol = code+1, symbol+1
				}
				code <<= 1
			}
		}
	}
	return all
})
