package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"v720dvr/camera"
	"v720dvr/cloud/accesspoint"
	"v720dvr/web"
)

func newWiFiCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "wifi",
		Short: "Bring a new camera into your Wi-Fi, without the vendor's app",
		Args:  noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newWiFiJoinCommand())
	return cmd
}

// accessPointFlags are those of the commands that speak with a camera on its own Wi-Fi.
type accessPointFlags struct{ address string }

func (f *accessPointFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.address, "address", accesspoint.Address, "`address` of the camera on its own Wi-Fi")
}

func (f *accessPointFlags) options() accesspoint.Options {
	return accesspoint.Options{Address: f.address}
}

// inCamera does something with the camera on whose Wi-Fi this machine is.
func (f *accessPointFlags) inCamera(ctx context.Context, do func(*accesspoint.Camera) error) error {
	c, err := accesspoint.Dial(ctx, f.options())
	if err != nil {
		return err
	}
	return errors.Join(do(c), c.Close())
}

func newWiFiJoinCommand() *cobra.Command {
	var flags configFlags
	var at accessPointFlags
	var ssid, passwordFile string
	var wait time.Duration
	cmd := &cobra.Command{
		Use:   "join --ssid NAME",
		Short: "Tell a new camera your Wi-Fi, and wait until it comes",
		Long: "Tell a new camera the name and the password of your Wi-Fi. First join the Wi-Fi that the camera\n" +
			"opens, Nax_ and its id, with this machine; it has no password. The camera boots and is gone; join\n" +
			"your own Wi-Fi again. When v720dvr runs on this machine, the command waits until the camera has\n" +
			"come to it. The password is asked for, or read from a file: it is never an argument, those can\n" +
			"be seen by everybody on the machine. Cameras know 2.4 GHz alone.",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if ssid == "" {
				return usageError{errors.New("v720dvr wifi join needs --ssid, the name of your Wi-Fi")}
			}
			loaded, err := flags.load()
			if err != nil {
				return err
			}
			password, err := wifiPassword(cmd, ssid, passwordFile)
			if err != nil {
				return err
			}
			if err := accesspoint.CheckNetwork(ssid, password); err != nil {
				return usageError{err}
			}
			dir := loaded.Config.Storage.Dir
			before, running := registered(cmd.Context(), dir)
			out := cmd.OutOrStdout()
			if err := at.inCamera(cmd.Context(), func(c *accesspoint.Camera) error {
				joined, err := c.Join(cmd.Context(), ssid, password)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintln(out, joinedText(joined, ssid))
				return err
			}); err != nil {
				return err
			}
			if running != nil || wait == 0 {
				_, err := fmt.Fprintf(out, "Whether it comes, v720dvr cameras list tells on the machine that v720dvr runs on.\n")
				return err
			}
			fmt.Fprintf(out, "Waiting %v for it; join %q with this machine again.\n", wait, ssid)
			came, err := awaitCamera(cmd.Context(), dir, before, wait)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(out, "Camera %s has come, from %s: %s.\n", named(came), came.Address, came.State)
			return err
		},
	}
	flags.add(cmd)
	at.add(cmd)
	cmd.Flags().StringVar(&ssid, "ssid", "", "`name` of your Wi-Fi")
	cmd.Flags().StringVar(&passwordFile, "password-file", "", "read the password from the first line of a `file`; - is standard input")
	cmd.Flags().DurationVar(&wait, "wait", 3*time.Minute, "how long to wait for the camera at the v720dvr that runs here; 0 does not wait")
	return cmd
}

func joinedText(j accesspoint.Joined, ssid string) string {
	switch {
	case j.Answered:
		return fmt.Sprintf("The camera says that it joins %q, and boots.", ssid)
	case j.Rebooted:
		return fmt.Sprintf("The camera was told to join %q and did not answer, as some do; it boots.", ssid)
	}
	return fmt.Sprintf("The camera was told to join %q and went at once, as some do.", ssid)
}

// wifiPassword reads the password from a file, or asks for it.
func wifiPassword(cmd *cobra.Command, ssid, file string) (string, error) {
	in := cmd.InOrStdin()
	switch file {
	case "-":
	case "":
		fmt.Fprintf(cmd.ErrOrStderr(), "Password of the Wi-Fi %q: ", ssid)
		if terminal, ok := in.(*os.File); ok {
			show := hideTyping(terminal)
			defer func() {
				show()
				fmt.Fprintln(cmd.ErrOrStderr())
			}()
		}
	default:
		f, err := os.Open(file)
		if err != nil {
			return "", fmt.Errorf("read the password: %w", err)
		}
		defer f.Close()
		in = f
	}
	line, err := bufio.NewReader(io.LimitReader(in, 4096)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the password: %w", err)
	}
	return strings.TrimRight(line, "\r\n"), nil
}

// registered tells when each camera that is connected now registered.
func registered(ctx context.Context, dir string) (map[camera.ID]time.Time, error) {
	known, err := askCameras(ctx, dir)
	since := make(map[camera.ID]time.Time, len(known))
	for _, c := range known {
		if c.Online {
			since[c.ID] = c.Since
		}
	}
	return since, err
}

// comeAgain is how often the running v720dvr is asked for a camera that is awaited.
const comeAgain = time.Second

// awaitCamera waits until a camera registers that was not there before, or was and comes anew.
func awaitCamera(ctx context.Context, dir string, before map[camera.ID]time.Time, wait time.Duration) (web.Camera, error) {
	limited, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	again := time.NewTicker(comeAgain)
	defer again.Stop()
	for {
		known, err := askCameras(limited, dir)
		if err == nil {
			for _, c := range known {
				if was, is := before[c.ID]; c.Online && (!is || c.Since.After(was)) {
					return c, nil
				}
			}
		}
		select {
		case <-limited.Done():
			if ctx.Err() != nil {
				return web.Camera{}, ctx.Err()
			}
			return web.Camera{}, fmt.Errorf("no camera has come within %v. Look whether\n"+
				"  its own Wi-Fi is there again: then the password was wrong, or the Wi-Fi is one of 5 GHz alone\n"+
				"  the router lists it: then its names do not lead here; README.md, \"Point the cameras to the box\"\n"+
				"  `nslookup v720.naxclow.com` on another machine in that Wi-Fi tells the address of this one\n"+
				"  a firewall here lets TCP 80, 6123, 1883 and UDP 6123 in", wait)
		case <-again.C:
		}
	}
}

// named is a camera's name with its id.
func named(c web.Camera) string {
	if name := cmp.Or(c.Name, string(c.ID)); name != string(c.ID) {
		return fmt.Sprintf("%s (%s)", c.ID, name)
	}
	return string(c.ID)
}
