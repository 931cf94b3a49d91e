package compat

import (
	"fmt"
	"strconv"
)

const (
	boundary = "jpgboundary"
	mjpeg    = `multipart/x-mixed-replace; boundary="` + boundary + `"`
)

// video serves pictures as parts of an answer without end. A slow reader gets fewer of them.
func (r *reading) video() error {
	defer r.watch(Want{Pictures: true})()
	for {
		f, _, err := r.next()
		if err != nil {
			return err
		}
		if !r.begun {
			r.begin(mjpeg)
		}
		head := fmt.Appendf(nil, "--"+boundary+"\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n", len(f.JPEG))
		if err := r.write(head, f.JPEG, []byte("\r\n")); err != nil {
			return err
		}
	}
}

// snapshot serves the newest picture.
func (r *reading) snapshot() error {
	defer r.watch(Want{Pictures: true})()
	f, _, err := r.next()
	if err != nil {
		return err
	}
	r.begin("image/jpeg")
	r.w.Header().Set("Content-Length", strconv.Itoa(len(f.JPEG)))
	return r.write(f.JPEG)
}
