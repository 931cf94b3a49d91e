package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"time"

	"github.com/spf13/cobra"

	"v720dvr/internal/config"
	"v720dvr/storage"
	"v720dvr/web"
)

// importLimit is how long one file may take.
const importLimit = 30 * time.Minute

func newImportCommand() *cobra.Command {
	var flags configFlags
	var name, start string
	var cut, asJSON bool
	cmd := &cobra.Command{
		Use:   "import FILE --camera NAME",
		Short: "Take an AVI file over as footage of a camera",
		Long: "Take an AVI file with MJPEG pictures over as footage of a camera: its pictures byte for byte, its\n" +
			"sound when that is A-law at 8 kHz or PCM. Its time is what --start says, what its name does (as\n" +
			"sdcard get names files, and cameras do: 20261122/14/05.avi), or what it tells itself when it is one of\n" +
			"v720dvr's. What is recorded already stays: a file that overlaps is refused, and with --cut its rest\n" +
			"is taken. The rules of retention count for it as for everything. The file stays where it is.",
		Args: oneArg("an AVI file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			loaded, err := flags.load()
			if err != nil {
				return err
			}
			if name == "" {
				return usageError{errors.New("whose footage is it? --camera NAME")}
			}
			found, err := findCamera(cmd.Context(), loaded.Config, name)
			if err != nil {
				return err
			}
			at := startByName(args[0], time.Local)
			if start != "" {
				if at, err = momentArgument(start, time.Now()); err != nil {
					return usageError{err}
				}
			}
			r, err := importFile(cmd.Context(), loaded.Config, found, args[0], at, cut, cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(r)
			}
			return printImported(cmd.OutOrStdout(), args[0], r)
		},
	}
	flags.add(cmd)
	cmd.Flags().StringVar(&name, "camera", "", "`name` or id of the camera whose footage it is")
	cmd.Flags().StringVar(&start, "start", "", "`time` of the file's beginning: \"2026-11-22 14:05\", or with a zone")
	cmd.Flags().BoolVar(&cut, "cut", false, "take what lies beside what is recorded already")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// fileTime finds the minute in the name of a file: 2026-11-22T14-05.avi, 20261122/14/05.avi.
var fileTime = regexp.MustCompile(`(\d{4})-?(\d{2})-?(\d{2})[T/](\d{2})[-/](\d{2})\.[aA][vV][iI]$`)

// startByName is the time that a file's name tells; zero for none.
func startByName(path string, zone *time.Location) time.Time {
	if absolute, err := filepath.Abs(path); err == nil {
		path = absolute
	}
	m := fileTime.FindStringSubmatch(filepath.ToSlash(path))
	if m == nil {
		return time.Time{}
	}
	at, err := time.ParseInLocation("20060102 1504", m[1]+m[2]+m[3]+" "+m[4]+m[5], zone)
	if err != nil {
		return time.Time{}
	}
	return at
}

// importFile has the running v720dvr import a file, or does it itself when none runs.
func importFile(ctx context.Context, c config.Config, of config.CameraSettings, path string, start time.Time, cut bool, stderr io.Writer) (r web.ImportResult, err error) {
	if path, err = filepath.Abs(path); err != nil {
		return r, err
	}
	body := map[string]any{"path": path, "cut": cut}
	if !start.IsZero() {
		body["start"] = start.Format(time.RFC3339Nano)
	}
	err = askWithin(ctx, importLimit, c.Storage.Dir, http.MethodPost, cameraPath(of.ID, "import"), body, &r)
	if !errors.Is(err, errNotRunning) {
		return r, err
	}
	o := storeOptions(c, stderr)
	o.AsIs = false
	store, err := storage.Open(ctx, o)
	if err != nil {
		return r, err
	}
	r, err = web.Import(ctx, store, storage.ImportSpec{Camera: of.ID, Name: of.Name, Start: start, Cut: cut}, path)
	return r, errors.Join(err, store.Close())
}

func printImported(w io.Writer, path string, r web.ImportResult) error {
	text := fmt.Sprintf("%s: %s from %s to %s", filepath.Base(path), plural(r.Pictures, "picture", "pictures"), r.Start.Format("2006-01-02 15:04:05"), r.End.Format("15:04:05"))
	if r.Segments > 1 {
		text += fmt.Sprintf(", in %d segments", r.Segments)
	}
	if r.Left > 0 {
		text += fmt.Sprintf("; %d were recorded already", r.Left)
	}
	if r.Refused > 0 {
		text += fmt.Sprintf("; %d could not be read", r.Refused)
	}
	if !r.Sound {
		text += "; without sound"
	}
	_, err := fmt.Fprintln(w, text)
	return err
}
