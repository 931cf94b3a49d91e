package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"v720dvr/recorder/schedule"
)

// maxHooks bounds how many queues are looked after.
const maxHooks = 32

// happenings are what hook.on may say.
var happenings = []string{"event_start", "event_update", "event_end", "segment", "camera_lost", "camera_found", "camera_new", "disk"}

// placeholders are what may stand in braces. docs/hooks.md.
var placeholders = []string{"on", "id", "time", "camera", "name", "event", "start", "end", "seconds", "zones", "detail", "file", "picture", "page", "trouble", "text"}

var placeholder = regexp.MustCompile(`\{([a-z_]+)\}`)

func checkHooks(c Config, found *findings) {
	if len(c.Hooks) > maxHooks {
		found.add([]string{element("hook", maxHooks)}, "is one more than the %d that can be", maxHooks)
		return
	}
	for i, hook := range c.Hooks {
		key := element("hook", i)
		checkHook(key, hook, found)
		checkScheduleCameras(c, key+".cameras", Schedule{Cameras: hook.Cameras}, found)
		for _, other := range c.Hooks[:i] {
			if hook.Name != "" && hook.Name == other.Name {
				found.add([]string{key + ".name"}, "%q is the name of another hook too; give each one of its own", hook.Name)
			}
		}
	}
}

func checkHook(key string, hook Hook, found *findings) {
	wrong := func(name, format string, args ...any) { found.add([]string{key + "." + name}, format, args...) }
	if len(hook.On) == 0 {
		wrong("on", "no event calls this hook; %s", advice("hook.on"))
	}
	for _, on := range hook.On {
		if !slices.Contains(happenings, on) {
			wrong("on", "%q is not known; write some of %s", on, quoteList(happenings))
		}
	}
	if (len(hook.Command) == 0) == (hook.URL == "") {
		found.add([]string{key}, "a hook has either a command or a url")
	}
	if len(hook.Command) > 0 && strings.TrimSpace(hook.Command[0]) == "" {
		wrong("command", "names no program; %s", advice("hook.command"))
	}
	if hook.Shell && len(hook.Command) != 1 {
		wrong("shell", "a shell takes one text; write for example command = [\"logger motion at \\\"$V720DVR_NAME\\\"\"]")
	}
	if hook.Shell && placeholder.MatchString(strings.Join(hook.Command, " ")) {
		wrong("command", "in a shell's text a camera's name would be part of the command; write \\\"$V720DVR_NAME\\\" for {name}")
	}
	if !slices.Contains([]string{"", "json", "ntfy"}, hook.Format) {
		wrong("format", "%q is not known; write %s", hook.Format, quoteList([]string{"json", "ntfy"}))
	}
	if hook.SecretFile != "" && hook.SecretEnv != "" {
		wrong("secret_env", "the secret is in secret_file already; write one of them")
	}
	if hook.URL == "" && (hook.SecretFile != "" || hook.SecretEnv != "" || hook.CAFile != "" || hook.Format != "") {
		found.add([]string{key}, "format, secret_file, secret_env and ca_file are of a hook with a url")
	}
	if t := time.Duration(hook.Timeout); t != 0 && (t < time.Second || t > 10*time.Minute) {
		wrong("timeout", "%s is out of range; %s (1s to 10m)", hook.Timeout, advice("hook.timeout"))
	}
	if (hook.Start == "") != (hook.Stop == "") {
		wrong("start", "start and stop belong together; write both, or neither")
	} else if hook.Start != "" {
		if _, err := schedule.NewWindow(hook.Start, hook.Stop); err != nil {
			wrong("stop", "%v", err)
		}
	}
	for _, text := range append([]string{hook.Title, hook.Message}, hook.Command...) {
		for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
			if !slices.Contains(placeholders, m[1]) {
				found.add([]string{key}, "{%s} is no placeholder; there are %s", m[1], fmt.Sprint(placeholders))
			}
		}
	}
}
