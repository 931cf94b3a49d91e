package hooks

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"v720dvr/camera"
)

// Trial is what came of a call that was made to see whether it works.
type Trial struct {
	Hook   string
	On     string
	Sent   string // without secrets
	Answer string
	Took   time.Duration
	Err    error // why it failed; nil when it did not
}

// Try calls a hook at once, with something that did not happen: it says so. on is one of All, "" the first that the
// hook is told. Neither filters nor the queue have a part in it.
func (r *Runner) Try(ctx context.Context, name, on string, id camera.ID) (Trial, error) {
	hooks := r.List()
	i := slices.IndexFunc(hooks, func(h Hook) bool { return h.Name == name })
	if i < 0 {
		return Trial{}, fmt.Errorf("there is no hook %q; there are: %s", name, strings.Join(namesOf(hooks), ", "))
	}
	h := hooks[i]
	if on == "" && len(h.On) > 0 {
		on = h.On[0]
	}
	if !slices.Contains(All(), on) {
		return Trial{}, fmt.Errorf("nothing is called %q; there are: %s", on, strings.Join(All(), ", "))
	}
	begun := time.Now()
	t := Trial{Hook: h.Name, On: on}
	t.Sent, t.Answer, t.Err = r.call(ctx, &h, example(on, id, begun))
	t.Took = time.Since(begun)
	return t, nil
}

func namesOf(hooks []Hook) (names []string) {
	for _, h := range hooks {
		names = append(names, h.Name)
	}
	return names
}

// example is something that did not happen.
func example(on string, id camera.ID, now time.Time) Occurrence {
	now = micro(now)
	o := Occurrence{Version: 1, ID: fmt.Sprintf("test-%d", now.UnixMicro()), On: on, At: now, Camera: id, Test: true, Detail: "a test: nothing happened"}
	switch on {
	case EventStart:
		o.Kind, o.Start, o.End = camera.Motion, now, now
	case EventUpdate, EventEnd:
		o.Kind, o.Start, o.End, o.Seconds = camera.Motion, now.Add(-12*time.Second), now, 12
	case Segment:
		o.Start, o.End, o.Seconds = now.Add(-5*time.Minute), now, 300
	case Disk:
		o.Camera, o.Trouble = "", "slow"
	}
	return o
}
