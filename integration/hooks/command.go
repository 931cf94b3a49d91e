package hooks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"
)

// mostCommands run at once, of all hooks; the others wait.
const mostCommands = 4

// passedOn are the variables that a command gets of our own environment. Others may hold passwords.
var passedOn = []string{"PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "USER"}

// run runs a hook's command, and says what came of it.
func (r *Runner) run(ctx context.Context, h *Hook, o Occurrence, picture []byte) (sent, answer string, err error) {
	select {
	case r.commands <- struct{}{}:
		defer func() { <-r.commands }()
	case <-ctx.Done():
		return "", "", ctx.Err()
	}
	file, remove, err := pictureFile(picture)
	if err != nil {
		return "", "", fmt.Errorf("write picture for a command: %w", err)
	}
	defer remove()
	words := o.words(file)
	args := make([]string, 0, len(h.Command)+2)
	if h.Shell { // what happened stands in the environment alone, so that no camera's name is ever a command
		args = append(args, "/bin/sh", "-c", strings.Join(h.Command, " "))
	} else {
		for _, arg := range h.Command {
			args = append(args, fill(arg, words))
		}
	}
	ctx, cancel := context.WithTimeoutCause(ctx, h.limit(), fmt.Errorf("it was killed after its %v", h.limit()))
	defer cancel()
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env = environment(h, words)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second // for who inherited the output and left the group
	said := &tail{}
	cmd.Stdout, cmd.Stderr = said, said
	text, err := json.Marshal(stored{o.On, o.At, o})
	if err != nil {
		return "", "", err
	}
	cmd.Stdin = strings.NewReader(string(text))
	err = cmd.Run()
	if cmd.Process != nil { // what it left behind in its group ends with it
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	}
	if cause := context.Cause(ctx); err != nil && cause != nil {
		err = cause
	}
	if errors.Is(err, exec.ErrWaitDelay) {
		err = nil // it ended well; what it started holds its output open
	}
	answer = said.String()
	if err == nil && answer == "" {
		answer = "exit status 0"
	}
	return h.shown(words) + "\n" + string(text), answer, err
}

var placeholder = regexp.MustCompile(`\{[a-z]+\}`)

// shown is a command as people may see it over the network: which program, and what stands in the place of words. What
// else its arguments hold can be a password: that is in config.toml, for who may read it.
func (h *Hook) shown(words map[string]string) string {
	list := []string{h.Where()}
	if h.Shell {
		return strings.Join(append(list, "-c …"), " ")
	}
	for _, arg := range h.Command[1:] {
		var text strings.Builder
		end := 0 // of the last word
		for _, at := range placeholder.FindAllStringIndex(arg, -1) {
			word, ok := words[arg[at[0]+1:at[1]-1]]
			if !ok {
				continue
			}
			if at[0] > end {
				text.WriteString("…")
			}
			text.WriteString(word)
			end = at[1]
		}
		if end < len(arg) {
			text.WriteString("…")
		}
		list = append(list, text.String())
	}
	return strings.Join(list, " ")
}

// environment of a command: a little of ours, and V720DVR_ with each word.
func environment(h *Hook, words map[string]string) (env []string) {
	for _, name := range passedOn {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	env = append(env, "V720DVR_HOOK="+h.called())
	for name, word := range words {
		env = append(env, "V720DVR_"+strings.ToUpper(name)+"="+strings.ReplaceAll(word, "\x00", ""))
	}
	return env
}

// pictureFile writes a picture where a command finds it, until it ends.
func pictureFile(jpeg []byte) (path string, remove func(), err error) {
	if jpeg == nil {
		return "", func() {}, nil
	}
	dir, err := os.MkdirTemp("", "v720dvr-hook-")
	if err != nil {
		return "", nil, err
	}
	remove = func() { os.RemoveAll(dir) }
	path = filepath.Join(dir, "picture.jpg")
	if err := os.WriteFile(path, jpeg, 0o600); err != nil {
		remove()
		return "", nil, err
	}
	return path, remove, nil
}

// tail keeps the end of what a command says.
type tail struct {
	text []byte
	cut  bool
}

const mostTail = 2 << 10 // bytes

func (t *tail) Write(b []byte) (int, error) {
	t.text = append(t.text, b[max(0, len(b)-mostTail):]...)
	if over := len(t.text) - mostTail; over > 0 || len(b) > mostTail {
		t.text, t.cut = append(t.text[:0], t.text[max(over, 0):]...), true
	}
	return len(b), nil
}

func (t *tail) String() string {
	text := strings.TrimSpace(strings.ToValidUTF8(string(t.text), "\uFFFD"))
	if t.cut {
		text = "… " + text
	}
	return text
}
