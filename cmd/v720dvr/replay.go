package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"v720dvr/cloud/capture"
)

func newReplayCommand() *cobra.Command {
	var flags configFlags
	var to capture.Target
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "replay FILE.pcapng",
		Short: "Play a captured camera against a server, and tell what it answers otherwise",
		Long: "Play the camera of a pcapng file against a server: bootstrap, control connection and MQTT, as fast as\n" +
			"the answers come. It tells which answers did not come that the captured server gave, and what this\n" +
			"one says otherwise. The server is the v720dvr of this machine unless others are named. Pictures\n" +
			"and sound, which came over UDP, are not played. A camera of that id is replaced meanwhile.",
		Args: oneArg("a pcapng file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			loaded, err := flags.load()
			if err != nil {
				return err
			}
			c := loaded.Config.Cloud
			for given, configured := range map[*string]string{&to.HTTP: c.HTTP, &to.Control: c.Control, &to.MQTT: c.MQTT} {
				if *given == "" {
					*given = reachedAt(configured)
				}
			}
			f, err := os.Open(args[0])
			if err != nil {
				return err
			}
			defer f.Close()
			conversations, datagrams, err := capture.Read(f)
			if err != nil {
				return fmt.Errorf("read %s: %w", args[0], err)
			}
			played := capture.Replay(cmd.Context(), conversations, to)
			if len(played) == 0 {
				return fmt.Errorf("%s has no conversation of a camera: %d TCP connections, and %d datagrams", args[0], len(conversations), datagrams)
			}
			if asJSON {
				err = json.NewEncoder(cmd.OutOrStdout()).Encode(played)
			} else {
				err = printPlayed(cmd.OutOrStdout(), played, datagrams)
			}
			if n := len(slices.DeleteFunc(played, func(p capture.Played) bool { return len(p.Missing) == 0 })); err == nil && n > 0 {
				return fmt.Errorf("%s did not go as captured", plural(n, "conversation", "conversations"))
			}
			return err
		},
	}
	flags.add(cmd)
	cmd.Flags().StringVar(&to.HTTP, "http", "", "`address` of the bootstrap; cloud.http of this machine")
	cmd.Flags().StringVar(&to.Control, "control", "", "`address` of the control connection; cloud.control of this machine")
	cmd.Flags().StringVar(&to.MQTT, "mqtt", "", "`address` of the broker; cloud.mqtt of this machine")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// reachedAt is where what listens at an address is reached from here.
func reachedAt(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err == nil && (host == "" || host == "0.0.0.0" || host == "::") {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return listen
}

func printPlayed(w io.Writer, played []capture.Played, datagrams int) error {
	for _, p := range played {
		fmt.Fprintf(w, "%s, %s to %s: %s of the camera, %s as captured\n", p.Kind, p.Camera, p.Server, plural(p.Messages, "message", "messages"), plural(p.Answers, "answer", "answers"))
		for _, text := range p.Missing {
			fmt.Fprintf(w, "  missing: %s\n", text)
		}
		for _, text := range p.Other {
			fmt.Fprintf(w, "  otherwise: %s\n", text)
		}
	}
	if datagrams > 0 {
		_, err := fmt.Fprintf(w, "%s not played.\n", plural(datagrams, "datagram was", "datagrams were"))
		return err
	}
	return nil
}
