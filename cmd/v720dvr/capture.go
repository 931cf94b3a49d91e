package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"v720dvr/cloud"
	"v720dvr/cloud/capture"
	"v720dvr/internal/config"
	"v720dvr/web"
)

// Capture begins to take down what is said with a camera, or with all.
func (b *box) Capture(ctx context.Context, q web.CaptureQuery) (func(context.Context, io.Writer) error, error) {
	o := capture.Options{MaxBytes: q.Bytes}
	if q.Camera != "" {
		addr, err := b.addressOf(ctx, q)
		if err != nil {
			return nil, err
		}
		o.Addrs = []netip.Addr{addr}
	}
	write, err := b.cloud.BeginCapture(o)
	if errors.Is(err, cloud.ErrCapturing) {
		return nil, &web.RefusedError{Text: "a capture goes on already; v720dvr capture stop ends it"}
	}
	return write, err
}

func (b *box) addressOf(ctx context.Context, q web.CaptureQuery) (netip.Addr, error) {
	known, err := b.Cameras(ctx)
	if err != nil {
		return netip.Addr{}, err
	}
	for _, c := range known {
		if c.ID != q.Camera {
			continue
		}
		addr, err := netip.ParseAddr(c.Address)
		if err != nil {
			return addr, &web.RefusedError{Text: "it has never been here, so its address is not known; capture all of them"}
		}
		return addr, nil
	}
	return netip.Addr{}, web.ErrNoCamera
}

// EndCapture ends the capture that goes on.
func (b *box) EndCapture(context.Context) error {
	if !b.cloud.EndCapture() {
		return &web.RefusedError{Text: "no capture goes on"}
	}
	return nil
}

func newCaptureCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "capture",
		Short: "Take down what cameras and v720dvr say to each other, for Wireshark and bug reports",
		Args:  noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newCaptureStartCommand(), newCaptureStopCommand())
	return cmd
}

func newCaptureStartCommand() *cobra.Command {
	var flags configFlags
	var out string
	var length time.Duration
	var size config.Size
	cmd := &cobra.Command{
		Use:   "start [CAMERA]",
		Short: "Write a pcapng file until Ctrl-C, capture stop, or its time is over",
		Long: "Write a pcapng file of what cameras and the running v720dvr say to each other, of one camera or of\n" +
			"all, and nothing else, until Ctrl-C, `v720dvr capture stop`, or its time or size is reached. The\n" +
			"file holds pictures, sound, the names of Wi-Fi networks, and what the cameras prove themselves\n" +
			"with: look at it before you give it away.",
		Args: argsBetween(0, 1, "at most one camera"),
		RunE: func(cmd *cobra.Command, args []string) error {
			loaded, err := flags.load()
			if err != nil {
				return err
			}
			q := web.CaptureQuery{Seconds: int((length + time.Second - 1) / time.Second), Bytes: size.Bytes}
			if length <= 0 || length > 24*time.Hour || size.Percent != 0 || size.Bytes < 4096 || size.Bytes > 1<<30 {
				return usageError{errors.New("--for takes up to 24h, --size 4KB to 1GB")}
			}
			if len(args) == 1 {
				settings, err := findCamera(cmd.Context(), loaded.Config, args[0])
				if err != nil {
					return err
				}
				q.Camera = settings.ID
			}
			if out == "" {
				out = "v720dvr-" + time.Now().Format("2006-01-02T15-04-05") + ".pcapng"
			}
			f, err := os.OpenFile(out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
			if err != nil {
				return err
			}
			ctx, stop := untilSignal(cmd.Context())
			defer stop()
			fmt.Fprintf(cmd.ErrOrStderr(), "Writing %s, for %v at most; Ctrl-C ends it.\n", out, length)
			n, err := download(ctx, http.MethodPost, loaded.Config.Storage.Dir, "/api/v1/capture", q, func(int64) io.Writer { return f })
			err = errors.Join(err, f.Close())
			if n == 0 {
				os.Remove(out)
			}
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s  %d bytes. It holds pictures, sound and names of Wi-Fi networks: look at it before you give it away.\n", out, n)
			return err
		},
	}
	flags.add(cmd)
	size.UnmarshalText([]byte("64MB"))
	cmd.Flags().StringVar(&out, "out", "", "write `file`; v720dvr-TIME.pcapng without it")
	cmd.Flags().DurationVar(&length, "for", 10*time.Minute, "how long, 24h at most")
	cmd.Flags().TextVar(&size, "size", size, "how large the file may become, 1GB at most")
	return cmd
}

func newCaptureStopCommand() *cobra.Command {
	var flags configFlags
	cmd := &cobra.Command{
		Use:   "stop",
		Short: "End the capture that goes on",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			loaded, err := flags.load()
			if err != nil {
				return err
			}
			if err := ask(cmd.Context(), loaded.Config.Storage.Dir, http.MethodDelete, "/api/v1/capture", nil, nil); err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), "The capture has ended.")
			return err
		},
	}
	flags.add(cmd)
	return cmd
}

// download writes what the running v720dvr answers to what begin gives, until it or ctx ends. What came
// before ctx ended is no error. begin is told how large it is going to be, or -1.
func download(ctx context.Context, method, dir, path string, body any, begin func(size int64) io.Writer) (n int64, err error) {
	socket := filepath.Join(dir, socketName)
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", socket)
	}}
	defer transport.CloseIdleConnections()
	sent, err := json.Marshal(body)
	if err != nil {
		return 0, err
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://v720dvr"+path, bytes.NewReader(sent))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	got, err := transport.RoundTrip(req)
	if err != nil {
		if op := (*net.OpError)(nil); errors.As(err, &op) && op.Op == "dial" {
			return 0, fmt.Errorf("%w (%s)", errNotRunning, socket)
		}
		return 0, err
	}
	defer got.Body.Close()
	if got.StatusCode/100 != 2 {
		return 0, refusalOf(got)
	}
	n, err = io.Copy(begin(got.ContentLength), got.Body)
	if ctx.Err() != nil {
		err = nil
	}
	return n, err
}
