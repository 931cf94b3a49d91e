package homeassistant

import "context"

// order hands a command to its worker: those for one camera are done in order.
func (r *Runner) order(topic string, payload []byte) {
	c, err := r.t.parseCommand(topic, payload)
	if err != nil {
		r.refuse("a command of Home Assistant is none", "err", err)
		return
	}
	worker := 0
	for _, b := range []byte(c.Camera) {
		worker += int(b)
	}
	select {
	case r.commands[worker%commandWorkers] <- c:
	default:
		r.refuse("too many commands of Home Assistant wait: one is not done", "camera", c.Camera, "command", c.What)
	}
}

func (r *Runner) refuse(why string, facts ...any) {
	r.refused.Add(1)
	r.refusals.Do(func() { r.o.Log.Warn(why, append(facts, "refused", r.refused.Load())...) })
}

// work does commands until ctx ends.
func (r *Runner) work(ctx context.Context, commands <-chan Command) {
	for {
		var c Command
		select {
		case <-ctx.Done():
			return
		case c = <-commands:
		}
		if !r.isKnown(c.Camera) {
			r.refuse("a command of Home Assistant is for a camera that is not here", "camera", c.Camera)
			continue
		}
		r.do(ctx, c)
		select {
		case r.done <- c.Camera:
		case <-ctx.Done():
			return
		}
	}
}

func (r *Runner) do(ctx context.Context, c Command) {
	ctx, cancel := context.WithTimeout(ctx, commandLimit)
	defer cancel()
	r.worked.Add(1)
	if err := r.o.Box.Do(ctx, c); err != nil {
		r.o.Log.Warn("a command of Home Assistant was not done", "camera", c.Camera, "command", c.What, "on", c.On, "err", err)
		return
	}
	r.o.Log.Info("a command of Home Assistant was done", "camera", c.Camera, "command", c.What, "on", c.On)
}
