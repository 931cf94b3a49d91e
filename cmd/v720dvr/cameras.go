package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"v720dvr/internal/config"
	"v720dvr/storage"
)

func newCamerasCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "cameras",
		Short: "What is known of the cameras",
		Args:  noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newCamerasListCommand(), newCamerasApproveCommand(), newCamerasPauseCommand(), newCamerasResumeCommand(), newCamerasRecordCommand())
	cmd.AddCommand(newCamerasCommandCommands()...)
	return cmd
}

func newCamerasListCommand() *cobra.Command {
	var flags configFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the cameras, with what they are doing now when v720dvr runs",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			loaded, err := flags.load()
			if err != nil {
				return err
			}
			cameras, recordings, err := listCameras(cmd.Context(), loaded)
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			if asJSON {
				return json.NewEncoder(out).Encode(cameras)
			}
			if err := printCameras(out, cameras, time.Now()); err != nil {
				return err
			}
			if disk := recordings.sentence(time.Now()); disk != "" {
				fmt.Fprintf(out, "\n%s\n", disk)
			}
			return nil
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// findCamera finds a camera by what people call it or by its id; the case of a name does not count.
func findCamera(ctx context.Context, c config.Config, text string) (config.CameraSettings, error) {
	cameras, _, err := scheduledCameras(ctx, c)
	if err != nil {
		return config.CameraSettings{}, err
	}
	if i := slices.IndexFunc(cameras, func(s config.CameraSettings) bool { return s.Called(text) }); i >= 0 {
		return cameras[i], nil
	}
	told, err := askCameras(ctx, c.Storage.Dir) // it knows those that have just come
	if err != nil && !errors.Is(err, errNotRunning) {
		return config.CameraSettings{}, err
	}
	for _, known := range told {
		if settings := c.Camera(known.ID); settings.Called(text) || strings.EqualFold(known.Name, text) {
			return settings, nil
		}
	}
	return config.CameraSettings{}, fmt.Errorf("there is no camera %q; v720dvr cameras list shows all", text)
}

// listCameras joins what the store remembers with what a running v720dvr says.
func listCameras(ctx context.Context, loaded config.Loaded) ([]cameraHealth, recordingsHealth, error) {
	c := loaded.Config
	view, err := storage.OpenReadOnly(ctx, c.Storage.Dir)
	if err != nil {
		return nil, recordingsHealth{}, err
	}
	defer view.Close()
	known, err := view.Cameras(ctx)
	if err != nil {
		return nil, recordingsHealth{}, err
	}
	h, err := askHealth(ctx, c.Storage.Dir)
	running := err == nil
	if err != nil && !errors.Is(err, errNotRunning) {
		return nil, recordingsHealth{}, err
	}
	cameras := h.Cameras
	if cameras == nil {
		cameras = []cameraHealth{}
	}
	for _, k := range known {
		i := slices.IndexFunc(cameras, func(c cameraHealth) bool { return c.ID == k.ID })
		if i < 0 {
			i = len(cameras)
			state := "offline"
			if !running {
				state = "v720dvr is not running"
			}
			cameras = append(cameras, cameraHealth{ID: k.ID, Name: c.Camera(k.ID).Name, Model: k.ID.Model(), State: state})
		}
		cameras[i].remembered(k)
		if !cameras[i].Online && !k.Approved && waitsForPerson(loaded, k.ID) {
			cameras[i].State = approvalState(k.ID)
		}
	}
	return cameras, h.Recordings, nil
}

// remembered fills in what the camera's present state does not tell.
func (c *cameraHealth) remembered(k storage.CameraRecord) {
	if c.Firmware == "" {
		c.Firmware = k.Firmware
	}
	if c.Addr == "" && k.Addr.IsValid() {
		c.Addr = k.Addr.String()
	}
	if k.LastSeen.After(c.LastSeen) {
		c.LastSeen = k.LastSeen
	}
}

func printCameras(w io.Writer, cameras []cameraHealth, now time.Time) error {
	if len(cameras) == 0 {
		_, err := fmt.Fprintln(w, "No camera has shown itself yet. README.md, \"First camera\", tells how one finds v720dvr.")
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "ID\tNAME\tSTATE\tFPS\tLOST\tLAST SEEN\tADDRESS\tFIRMWARE")
	for _, c := range cameras {
		fps := ""
		if c.Online {
			fps = fmt.Sprintf("%.1f", c.FPS)
		}
		state := c.State
		if c.Problem != "" {
			state += "; not recorded: " + c.Problem
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%d\t%s\t%s\t%s\n", c.ID, c.Name, state, fps, c.Lost, ago(now, c.LastSeen), c.Addr, c.Firmware)
	}
	return t.Flush()
}

// ago says for people how long ago something was.
func ago(now, then time.Time) string {
	switch d := now.Sub(then); {
	case then.IsZero():
		return "never"
	case d < 2*time.Second:
		return "now"
	case d < 24*time.Hour:
		return d.Truncate(time.Second).String() + " ago"
	default:
		return then.Local().Format("2006-01-02 15:04")
	}
}
