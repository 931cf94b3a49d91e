package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"v720dvr/storage/avi"
)

func newRecoverCommand() *cobra.Command {
	var out string
	var force, asJSON bool
	cmd := &cobra.Command{
		Use:   "recover FILE",
		Short: "Make a whole file of a broken AVI with MJPEG pictures",
		Long: "Make a whole file of an AVI with MJPEG pictures that is cut off, has no index or says wrong\n" +
			"lengths: one of v720dvr's, or anybody's. The broken file is left as it is; beside it stands\n" +
			"FILE.repaired.avi (and FILE.repaired_2.avi, … where one AVI cannot hold it all). What v720dvr itself\n" +
			"left open at a crash it puts in order at its next start: this is for files that you found elsewhere.",
		Args: oneArg("an AVI file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if out == "" {
				out = besideFile(args[0])
			}
			r, err := recoverFile(cmd.Context(), args[0], out, force)
			if err != nil {
				return fmt.Errorf("recover %s: %w", args[0], err)
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(r)
			}
			_, err = fmt.Fprint(cmd.OutOrStdout(), r.sentences())
			return err
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "write `file` instead")
	cmd.Flags().BoolVar(&force, "force", false, "replace files that are there")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// recovered is what was found in a file, and what was made of it.
type recovered struct {
	Files     []string  `json:"files"` // written; none when the file was whole
	Ours      bool      `json:"ours"`
	Whole     bool      `json:"whole"`
	Camera    string    `json:"camera,omitempty"`
	Start     time.Time `json:"start,omitzero"`
	Pictures  int       `json:"pictures"`
	Lost      int       `json:"lost"` // pictures of which only the place is known
	Length    float64   `json:"length_seconds"`
	Cut       int64     `json:"cut_bytes"`  // behind the last whole chunk
	HoleBytes int64     `json:"hole_bytes"` // in the middle, where nothing could be read
	Refused   int       `json:"refused"`    // pictures that are none
}

// besideFile is where the repaired file of one is written.
func besideFile(path string) string {
	for _, suffix := range []string{".avi.part", ".unreadable", ".avi"} {
		if base, ok := strings.CutSuffix(path, suffix); ok {
			return base + ".repaired.avi"
		}
	}
	return path + ".repaired.avi"
}

func recoverFile(ctx context.Context, path, out string, force bool) (recovered, error) {
	in, err := os.Open(path)
	if err != nil {
		return recovered{}, err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return recovered{}, err
	}
	r, err := avi.Open(in, info.Size())
	if err != nil {
		return recovered{}, err
	}
	s := r.Summary()
	done := recovered{
		Ours: r.Ours(), Camera: s.Camera, Start: s.Start, Lost: s.Lost, Pictures: s.Frames, Length: s.End.Sub(s.Start).Seconds(),
	}
	if r.Ours() {
		err := done.finish(in, info.Size(), out, force)
		if !errors.Is(err, avi.ErrNotOurs) {
			return done, err
		}
	}
	// Who wrote the file last did so when it ended.
	begin := info.ModTime().Add(-s.End.Sub(s.Start))
	return done, done.repair(ctx, r, out, begin, force)
}

// finish finishes a copy of a segment.
func (d *recovered) finish(in *os.File, size int64, out string, force bool) error {
	return d.write(out, force, func(f *os.File) error {
		if _, err := io.Copy(f, io.NewSectionReader(in, 0, size)); err != nil {
			return err
		}
		found, err := avi.Finish(f, size)
		if err != nil {
			return err
		}
		if found.Already {
			d.Whole = true
			return errNothingToDo
		}
		d.Pictures, d.Lost, d.Length = found.Summary.Frames, found.Summary.Lost, found.Summary.End.Sub(found.Summary.Start).Seconds()
		d.Cut, d.HoleBytes = found.Cut, found.HoleBytes
		return nil
	})
}

// repair writes what can be read of any file, into as many as it takes.
func (d *recovered) repair(ctx context.Context, r *avi.Reader, out string, begin time.Time, force bool) error {
	d.Pictures = 0
	for from, n := 0, 1; from < len(r.Frames()); n++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		name := out
		if n > 1 {
			extension := filepath.Ext(out)
			name = fmt.Sprintf("%s_%d%s", strings.TrimSuffix(out, extension), n, extension)
		}
		var made avi.Repaired
		err := d.write(name, force, func(f *os.File) (err error) {
			made, err = avi.Repair(r, f, from, begin)
			return err
		})
		d.Refused += made.Refused
		if errors.Is(err, avi.ErrEmpty) {
			break // no picture is left
		}
		if err != nil {
			return err
		}
		d.Pictures += made.Summary.Frames
		from = made.Next
	}
	if d.Pictures == 0 {
		return errors.New("there is no picture in it")
	}
	return nil
}

// errNothingToDo gives up a file that is not needed.
var errNothingToDo = errors.New("the file is whole")

// write fills a file under another name and gives it its own when it is whole and durable.
func (d *recovered) write(path string, force bool, fill func(*os.File) error) error {
	if _, err := os.Lstat(path); err == nil && !force {
		return fmt.Errorf("%s is there already: --force replaces it, --out names another", path)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".recover-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // gone when it has its name
	err = fill(f)
	if err == nil {
		err = errors.Join(f.Chmod(0o644), f.Sync())
	}
	err = errors.Join(err, f.Close())
	if errors.Is(err, errNothingToDo) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	d.Files = append(d.Files, path)
	return nil
}

// sentences say it for people.
func (d *recovered) sentences() string {
	whose := "a file of another maker"
	if d.Ours {
		whose = fmt.Sprintf("a segment of camera %s from %s", d.Camera, d.Start.Format("2006-01-02 15:04:05"))
	}
	if d.Whole {
		return fmt.Sprintf("It is %s, and whole: %s in %.1f s. Nothing was written.\n", whose, plural(d.Pictures, "picture", "pictures"), d.Length)
	}
	text := fmt.Sprintf("It is %s: %s in %.1f s.\n", whose, plural(d.Pictures, "whole picture", "whole pictures"), d.Length)
	if d.Cut > 0 {
		text += fmt.Sprintf("Behind the last whole one %s could not be used.\n", plural(int(d.Cut), "byte", "bytes"))
	}
	if d.HoleBytes > 0 {
		text += fmt.Sprintf("In the middle %s could not be read.\n", plural(int(d.HoleBytes), "byte", "bytes"))
	}
	if d.Lost > 0 {
		text += fmt.Sprintf("%s known by place alone.\n", plural(d.Lost, "lost picture is", "lost pictures are"))
	}
	if d.Refused > 0 {
		text += fmt.Sprintf("%s left out, since a player could not show it.\n", plural(d.Refused, "picture was", "pictures were"))
	}
	return text + "Written: " + strings.Join(d.Files, ", ") + "\n"
}
