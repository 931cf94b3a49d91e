package web

import (
	"errors"
	"io"
	"testing"
)

func TestFileOfTheSDCardComesWholeOrVisiblyCutOff(t *testing.T) {
	s := open(t)
	admin := s.admin()
	path := "/api/v1/cameras/" + string(door) + "/sdcard"
	var days struct{ Days []string }
	admin.want(200, "GET", path, nil).into(t, &days)
	var minutes struct{ Minutes []string }
	admin.want(200, "GET", path+"/2026-11-22", nil).into(t, &minutes)
	if len(days.Days) != 1 || len(minutes.Minutes) != 2 {
		t.Errorf("got %v, %v", days, minutes)
	}
	whole := admin.want(200, "GET", path+"/2026-11-22T14:05/file", nil)
	if string(whole.body) != "RIFF" || whole.Header.Get("Content-Length") != "4" {
		t.Errorf("got %q, %v", whole.body, whole.Header)
	}
	cut, err := admin.http.Get(s.base + path + "/2026-11-22T14:06/file")
	if err == nil { // nothing of it may have gone out yet
		defer cut.Body.Close()
		_, err = io.ReadAll(cut.Body)
	}
	if !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		t.Errorf("a file that broke off: %v", err)
	}
	admin.want(404, "GET", path+"/2026-11-22T14:07/file", nil)
	admin.want(422, "GET", path+"/yesterday", nil)
	admin.want(204, "DELETE", path+"/2026-11-22T14:05", nil)
}
