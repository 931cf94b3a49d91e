package main

import (
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/lmittmann/tint"

	"v720dvr/internal/config"
)

// newLogger writes to w as [log] says. The level can be changed while it runs.
func newLogger(w io.Writer, c config.Log) (*slog.Logger, *slog.LevelVar) {
	level := new(slog.LevelVar)
	level.Set(slogLevel(c.Level))
	options := &slog.HandlerOptions{Level: level}
	var handler slog.Handler
	switch {
	case c.Format == "json":
		handler = slog.NewJSONHandler(w, options)
	case c.Format == "auto" && isTerminal(w):
		handler = tint.NewTextHandler(w, &tint.Options{Level: level, TimeFormat: time.DateTime})
	default:
		handler = slog.NewTextHandler(w, options)
	}
	return slog.New(handler), level
}

// slogLevel takes a level that the configuration has checked.
func slogLevel(name string) (level slog.Level) {
	if level.UnmarshalText([]byte(name)) != nil {
		return slog.LevelInfo
	}
	return level
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
