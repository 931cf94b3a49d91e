//go:build !linux

package cloud

import "errors"

var errNotTold = errors.New("this system does not tell")

func (s udpSocket) enlarge(size int) error { return s.SetReadBuffer(size) }
func (s udpSocket) buffer() (int, error)   { return 0, errNotTold }
func (s udpSocket) drops() (int64, error)  { return 0, errNotTold }
