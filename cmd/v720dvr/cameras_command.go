package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"v720dvr/cloud"
	"v720dvr/internal/config"
	"v720dvr/web"
)

// commanded is what the API answers to a command.
type commanded struct {
	Results []web.CommandResult `json:"results"`
	State   web.CameraState     `json:"state"`
}

// newCamerasCommandCommands are the commands that tell cameras what to do.
func newCamerasCommandCommands() []*cobra.Command {
	list := []*cobra.Command{newCamerasStateCommand(), newCamerasSetCommand(), newCamerasSendCommand(), newCamerasSayCommand()}
	for _, a := range cloud.Actions() {
		list = append(list, newCamerasDoCommand(a))
	}
	return list
}

// tell asks the running v720dvr to tell a camera something.
func tell(cmd *cobra.Command, flags configFlags, name string, body map[string]any) (found config.CameraSettings, told commanded, err error) {
	loaded, err := flags.load()
	if err != nil {
		return found, told, err
	}
	if found, err = findCamera(cmd.Context(), loaded.Config, name); err != nil {
		return found, told, err
	}
	err = ask(cmd.Context(), loaded.Config.Storage.Dir, http.MethodPost, cameraPath(found.ID, "command"), body, &told)
	if errors.Is(err, errNotRunning) {
		err = fmt.Errorf("%w: nobody can reach the cameras", err)
	}
	if refused := (*apiError)(nil); errors.As(err, &refused) && refused.status == http.StatusUnprocessableEntity {
		err = usageError{err}
	}
	return found, told, err
}

func newCamerasSetCommand() *cobra.Command {
	var flags configFlags
	var asJSON bool
	var means strings.Builder
	for _, s := range cloud.Settings() {
		fmt.Fprintf(&means, "  %-13s %s\n", s.Name, s.Means)
	}
	cmd := &cobra.Command{
		Use:   "set NAME SETTING=VALUE...",
		Short: "Set what a camera does itself: v720dvr cameras set door ir=on flip=on led=off",
		Long: "Set what a camera does itself. It goes over its control connection or over MQTT, whichever works,\n" +
			"and the camera's own new state is the answer. Not every model obeys each:\n\n" + means.String(),
		Args: argsBetween(2, 17, "a camera's name or id, and settings with their values: ir=on"),
		RunE: func(cmd *cobra.Command, args []string) error {
			set := make(map[string]string)
			for _, arg := range args[1:] {
				name, value, ok := strings.Cut(arg, "=")
				if !ok {
					return usageError{fmt.Errorf("%q has no value: write %s=on", arg, arg)}
				}
				if _, err := cloud.Setting(name, value); err != nil {
					return usageError{err}
				}
				set[name] = value
			}
			found, told, err := tell(cmd, flags, args[0], map[string]any{"set": set})
			if err != nil {
				return err
			}
			return printTold(cmd.OutOrStdout(), found.Name, told, asJSON)
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func newCamerasDoCommand(a cloud.ActionName) *cobra.Command {
	var flags configFlags
	var asJSON, sure bool
	var passwordFile string
	use, wants := a.Name+" NAME", "a camera's name or id"
	parameters := slices.DeleteFunc(slices.Clone(a.Parameters), func(p string) bool { return p == "password" })
	for _, p := range parameters {
		use += " " + strings.ToUpper(p)
		wants += ", and its " + p
	}
	hasPassword := len(parameters) < len(a.Parameters)
	cmd := &cobra.Command{
		Use:   use,
		Short: "Of a camera: " + a.Means,
		Args:  argsBetween(1+len(parameters), 1+len(parameters), wants),
		RunE: func(cmd *cobra.Command, args []string) error {
			given := args[1:]
			if hasPassword {
				password, err := passwordFrom(passwordFile, cmd.InOrStdin())
				if err != nil {
					return usageError{err}
				}
				given = append(slices.Clone(given), password)
			}
			if _, err := cloud.Action(a.Name, given...); err != nil {
				return usageError{err}
			}
			if a.Danger != "" && !sure {
				if err := askPerson(cmd, fmt.Sprintf("%s of camera %s: %s.", a.Name, args[0], a.Danger), hasPassword && passwordFile == ""); err != nil {
					return err
				}
			}
			found, told, err := tell(cmd, flags, args[0], map[string]any{"do": a.Name, "parameters": given, "sure": a.Danger != ""})
			if err != nil {
				return err
			}
			return printTold(cmd.OutOrStdout(), found.Name, told, asJSON)
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	if a.Danger != "" {
		cmd.Long = cmd.Short + ". Asks first: " + a.Danger + "."
		cmd.Flags().BoolVar(&sure, "yes", false, "do not ask")
	}
	if hasPassword {
		cmd.Flags().StringVar(&passwordFile, "password-file", "", "`file` whose first line is the password; without it it is read from standard input")
	}
	return cmd
}

// passwordFrom reads the first line of a file, or of standard input: an argument could be read by everybody on
// the machine.
func passwordFrom(file string, in io.Reader) (string, error) {
	if file != "" {
		f, err := os.Open(file)
		if err != nil {
			return "", fmt.Errorf("read the password: %w", err)
		}
		defer f.Close()
		in = f
	}
	line, err := bufio.NewReader(io.LimitReader(in, 1024)).ReadString('\n')
	if err != nil && err != io.EOF {
		return "", fmt.Errorf("read the password: %w", err)
	}
	return strings.TrimRight(line, "\r\n"), nil
}

// askPerson asks before something dangerous; taken says that standard input has given something else already.
func askPerson(cmd *cobra.Command, about string, taken bool) error {
	if taken {
		return usageError{errors.New(about + " Say --yes when that is meant")}
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "%s Go on? [y/N] ", about)
	line, _ := bufio.NewReader(cmd.InOrStdin()).ReadString('\n') // nothing is no
	if answer := strings.ToLower(strings.TrimSpace(line)); answer != "y" && answer != "yes" {
		return errors.New("nothing was done; --yes does not ask")
	}
	return nil
}

// printTold says what came of commands.
func printTold(w io.Writer, name string, told commanded, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(w).Encode(told)
	}
	for _, r := range told.Results {
		says := "the camera took it; nothing that it tells of itself shows whether it does it"
		if r.Shown {
			says = "done"
		}
		if r.Networks != nil {
			says = strings.Join(r.Networks, ", ")
		}
		if _, err := fmt.Fprintf(w, "Camera %s, %s: %s (%s, %.1f s).\n", name, r.Command, says, r.Channel, r.Seconds); err != nil {
			return err
		}
	}
	return nil
}

func newCamerasSendCommand() *cobra.Command {
	var flags configFlags
	var mqtt, forward string
	var listen time.Duration
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "send NAME --mqtt JSON | --forward JSON",
		Short: "Send a camera any message, and show what comes back: for explorers",
		Long: "Send a camera any message, over MQTT or inside a 301 (docs/protocol.md, section 7), and show all that it\n" +
			"says for some seconds. The same numbers mean different things in the two.\n\n" +
			"  v720dvr cameras send door --mqtt '{\"code\":202,\"IrLed\":1}'\n  v720dvr cameras send door --forward '{\"code\":223}' --listen 10s",
		Args: argsBetween(1, 1, "a camera's name or id"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if (mqtt == "") == (forward == "") {
				return usageError{errors.New("give --mqtt or --forward, and not both")}
			}
			channel, text := "mqtt", mqtt
			if forward != "" {
				channel, text = "forward", forward
			}
			var message map[string]any
			if err := json.Unmarshal([]byte(text), &message); err != nil {
				return usageError{fmt.Errorf("%.80q is no JSON object: %w", text, err)}
			}
			if listen < 0 || listen > 20*time.Second {
				return usageError{fmt.Errorf("--listen %v: want up to 20s", listen)}
			}
			_, told, err := tell(cmd, flags, args[0], map[string]any{channel: text, "seconds": listen.Seconds()})
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(told.Results[0])
			}
			for _, m := range told.Results[0].Replies {
				fmt.Fprintf(cmd.OutOrStdout(), "%s %s %s\n", m.At.Local().Format("15:04:05.000"), strings.TrimSpace(m.Channel+" "+m.Topic), m.Text)
			}
			if len(told.Results[0].Replies) == 0 {
				fmt.Fprintf(cmd.OutOrStdout(), "The camera said nothing for %v.\n", listen)
			}
			return nil
		},
	}
	flags.add(cmd)
	cmd.Flags().StringVar(&mqtt, "mqtt", "", "`JSON` for its MQTT topic")
	cmd.Flags().StringVar(&forward, "forward", "", "`JSON` for the content of a 301")
	cmd.Flags().DurationVar(&listen, "listen", 5*time.Second, "`time` for which what comes back is shown, up to 20s")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func newCamerasStateCommand() *cobra.Command {
	var flags configFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "state NAME",
		Short: "Show what a camera says of itself",
		Args:  argsBetween(1, 1, "a camera's name or id"),
		RunE: func(cmd *cobra.Command, args []string) error {
			loaded, err := flags.load()
			if err != nil {
				return err
			}
			found, err := findCamera(cmd.Context(), loaded.Config, args[0])
			if err != nil {
				return err
			}
			state, err := askState(cmd.Context(), loaded.Config, found)
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(state)
			}
			return printState(cmd.OutOrStdout(), state, time.Now())
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func askState(ctx context.Context, c config.Config, found config.CameraSettings) (state web.CameraState, err error) {
	return state, ask(ctx, c.Storage.Dir, http.MethodGet, cameraPath(found.ID, "state"), nil, &state)
}

func printState(w io.Writer, s web.CameraState, now time.Time) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(t, "%s\t%s\n", name, value)
		}
	}
	reach := "not since " + s.Since.Local().Format(momentLayout)
	if s.Control || s.MQTT {
		var ways []string
		if s.Control {
			ways = append(ways, "control connection")
		}
		if s.MQTT {
			ways = append(ways, "MQTT")
		}
		reach = strings.Join(ways, " and ") + ", since " + s.Since.Local().Format(momentLayout)
	}
	row("reachable", reach)
	row("connections", fmt.Sprint(s.Connections))
	row("pictures", fmt.Sprintf("%d whole, %d lost, %.1f a second now", s.Pictures, s.Lost, s.FPS))
	row("told", ago(now, s.At))
	if s.Battery != nil {
		low := ""
		if s.LowBattery {
			low = ", low"
		}
		row("battery", fmt.Sprintf("%d %%%s", *s.Battery, low))
	}
	row("Wi-Fi", s.WiFi)
	row("firmware", s.Firmware)
	if s.Card != nil {
		card := fmt.Sprintf("%d GB", s.Card.CapacityGB)
		if s.Card.FreeMB != nil {
			card += fmt.Sprintf(", %d MB free", *s.Card.FreeMB)
		}
		row("SD card", card)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Settings)) {
		row(name, s.Settings[name])
	}
	return t.Flush()
}
