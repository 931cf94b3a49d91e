package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"v720dvr/camera"
)

// saidAtOnce is a piece of sound that is handed over: progress is told behind each.
const saidAtOnce = 2 * camera.SampleRate

func newCamerasSayCommand() *cobra.Command {
	var flags configFlags
	cmd := &cobra.Command{
		Use:   "say NAME FILE.wav",
		Short: "Play a sound at a camera that has a speaker",
		Long: "Play a sound at a camera that has a speaker. Cameras do not tell whether they have one, and nobody has\n" +
			"seen yet what one takes: it gets what its own microphone sends, A-law at 8 kHz.",
		Args: argsBetween(2, 2, "a camera's name or id, and a WAV file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			f, err := os.Open(args[1])
			if err != nil {
				return err
			}
			defer f.Close()
			sound, err := readWAV(f)
			if err != nil {
				return usageError{fmt.Errorf("%s: %w", args[1], err)}
			}
			loaded, err := flags.load()
			if err != nil {
				return err
			}
			found, err := findCamera(cmd.Context(), loaded.Config, args[0])
			if err != nil {
				return err
			}
			all := time.Duration(len(sound)) * time.Second / camera.SampleRate
			said, voice := 0, rand.Text()
			for piece := range slices.Chunk(sound, saidAtOnce) {
				err := ask(cmd.Context(), loaded.Config.Storage.Dir, http.MethodPost, cameraPath(found.ID, "say"), map[string]any{"alaw": piece, "voice": voice, "more": said+len(piece) < len(sound)}, nil)
				if errors.Is(err, errNotRunning) {
					return fmt.Errorf("%w: nobody can reach the cameras", err)
				}
				if err != nil {
					return err
				}
				said += len(piece)
				at := time.Duration(said) * time.Second / camera.SampleRate
				fmt.Fprintf(cmd.ErrOrStderr(), "%v of %v\n", at.Round(100*time.Millisecond), all.Round(100*time.Millisecond))
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "Camera %s was sent %v of sound.\n", found.Name, all.Round(100*time.Millisecond))
			return err
		},
	}
	flags.add(cmd)
	return cmd
}
