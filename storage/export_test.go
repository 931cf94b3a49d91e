package storage

// EncodeLine is for the round trip of lines.
func EncodeLine(l EventLine) ([]byte, error) { return l.encode() }
