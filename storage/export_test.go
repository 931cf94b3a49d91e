package storage

// EncodeLine is for the round trip of lines.
func EncodeLine(l EventLine) ([]byte, error) { return l.encode() }

// ForgetRows empties the memory of rows.
func (s *Store) ForgetRows() {
	s.rows.mu.Lock()
	defer s.rows.mu.Unlock()
	s.rows.by, s.rows.rows = nil, 0
	s.rows.order.Init()
}
