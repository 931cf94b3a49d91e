package export

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"
)

// ErrNoFFmpeg is returned where MP4 is asked for and no ffmpeg is there.
var ErrNoFFmpeg = errors.New("mp4 is made by ffmpeg, and this machine has none: install it (apt install ffmpeg), or take mkv, which needs none and loses nothing")

// FindFFmpeg is where ffmpeg is; ErrNoFFmpeg without one.
func FindFFmpeg() (string, error) {
	path, err := exec.LookPath("ffmpeg")
	if err != nil {
		return "", ErrNoFFmpeg
	}
	return path, nil
}

// mostSaid is how much is kept of what ffmpeg says, in bytes: its end.
const mostSaid = 2 << 10

// Encode has ffmpeg make H.264 and AAC of an MKV that feed writes. It writes the file at path or, with "", a stream
// of fragments into w. ffmpeg is killed when ctx ends, and works with so many threads (0: as it likes).
func Encode(ctx context.Context, feed func(context.Context, io.Writer) error, path string, w io.Writer, threads int) error {
	tool, err := FindFFmpeg()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	args := []string{"-hide_banner", "-nostdin", "-loglevel", "error", "-f", "matroska", "-i", "pipe:0",
		"-map", "0:v:0", "-map", "0:a:0?", "-fps_mode", "passthrough", "-enc_time_base", "1:1000",
		"-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2", "-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-pix_fmt", "yuv420p", "-threads", fmt.Sprint(threads),
		// Sound that is missing becomes silence: MP4's sound has no holes.
		"-af", "aresample=async=1:first_pts=0", "-c:a", "aac", "-ar", "16000", "-b:a", "48k", "-f", "mp4"}
	if path == "" {
		args = append(args, "-movflags", "frag_keyframe+empty_moov+default_base_moof", "pipe:1")
	} else {
		args = append(args, "-movflags", "+faststart", "-y", "file:"+path)
	}
	cmd := exec.CommandContext(ctx, tool, args...)
	cmd.WaitDelay = 5 * time.Second
	var said tail
	cmd.Stdout, cmd.Stderr = w, &said
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", tool, err)
	}
	fed := make(chan error, 1)
	go func() {
		err := feed(ctx, in)
		if err != nil {
			cancel() // of what is half fed it would make a whole file
		}
		fed <- errors.Join(err, in.Close())
	}()
	err = cmd.Wait()
	cancel()
	if failed := <-fed; failed != nil && (err == nil || said.text() == "") {
		return failed
	}
	if err != nil {
		return fmt.Errorf("%s: %w: %s", tool, err, said.text())
	}
	return nil
}

// tail keeps the end of what is written.
type tail []byte

// Write implements io.Writer.
func (t *tail) Write(b []byte) (int, error) {
	*t = append(*t, b...)
	if len(*t) > mostSaid {
		*t = append((*t)[:0], (*t)[len(*t)-mostSaid:]...)
	}
	return len(b), nil
}

func (t *tail) text() string { return strings.TrimSpace(string(*t)) }
