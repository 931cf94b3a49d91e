package web

import (
	"context"
	"mime"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"v720dvr/camera"
)

// called is what a camera is called now.
func (s *Server) called(ctx context.Context, id camera.ID) string {
	if c, err := s.camera(ctx, string(id)); err == nil && c.Name != "" {
		return c.Name
	}
	return string(id)
}

// saved is the header by which browsers give what is served a name of its own.
func saved(how, name string) string {
	return mime.FormatMediaType(how, map[string]string{"filename": name})
}

// mediaName is the name of a file of a camera: hall_2026-11-22_14-05-10.3+0100.jpg.
func (s *Server) mediaName(camera string, at time.Time, suffix string) string {
	return plainName(camera) + "_" + s.local(at).Format("2006-01-02_15-04-05.0-0700") + suffix
}

// plainName leaves of a camera's name what every file system takes.
func plainName(name string) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError, unicode.IsControl(r):
			return -1
		case unicode.IsSpace(r), strings.ContainsRune(`/\:*?"<>|`, r):
			return '_'
		}
		return r
	}, name)
	for len(name) > 100 {
		_, size := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-size]
	}
	if name = strings.TrimLeft(name, "."); name == "" {
		return "camera"
	}
	return name
}
