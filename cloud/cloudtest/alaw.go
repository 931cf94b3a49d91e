package cloudtest

import "math/bits"

// A-law, ITU-T G.711: sign, 3 bits of exponent, 4 of mantissa, even bits inverted. Linear
// values are 16 bits wide here, the 13 of the recommendation shifted up by 3.

const alawInvert = 0x55

// alawDecode gives the linear value of each code.
var alawDecode = func() (table [256]int16) {
	for code := range table {
		c := code ^ alawInvert
		exponent, mantissa := c>>4&7, c&15
		value := mantissa<<4 + 8
		if exponent > 0 {
			value = (value + 0x100) << (exponent - 1)
		}
		if c&0x80 == 0 { // the sign bit is set for positive values
			value = -value
		}
		table[code] = int16(value)
	}
	return table
}()

// alawEncode gives the code whose interval holds the linear value.
func alawEncode(linear int16) byte {
	value, sign := int(linear), 0x80
	if value < 0 {
		value, sign = -value-1, 0
	}
	code := value >> 4 // exponent 0: the mantissa alone
	if exponent := bits.Len(uint(value >> 8)); exponent > 0 {
		code = exponent<<4 | value>>(exponent+3)&15
	}
	return byte((code | sign) ^ alawInvert)
}
