package main

import (
	"context"
	"fmt"
	"slices"

	"v720dvr/camera"
	"v720dvr/integration/hooks"
	"v720dvr/storage"
	"v720dvr/web"
)

// Hooks lists the hooks of the configuration, and how they do.
func (b *box) Hooks(ctx context.Context) (list []web.HookState, err error) {
	records, err := b.store.Hooks(ctx)
	if err != nil {
		return nil, err
	}
	for _, h := range b.hooks.List() {
		s := web.HookState{Name: h.Name, On: h.On, Form: formOf(h), Where: h.Where(), Cameras: h.Cameras, Signed: h.Secret != nil}
		if i := slices.IndexFunc(records, func(r storage.HookRecord) bool { return r.Name == h.Name }); i >= 0 {
			r := records[i]
			s.Waiting, s.Oldest, s.Done, s.Failed, s.Lost, s.Called, s.OK, s.Answer = r.Waiting, r.Oldest, r.Done, r.Failed, r.Lost, r.Called, r.OK, r.Answer
		}
		list = append(list, s)
	}
	return list, nil
}

func formOf(h hooks.Hook) string {
	switch {
	case len(h.Command) > 0:
		return "command"
	case h.Format == "":
		return hooks.JSON
	}
	return h.Format
}

// TestHook calls a hook with something that did not happen.
func (b *box) TestHook(ctx context.Context, name, on string, id camera.ID) (web.HookTrial, error) {
	list := b.hooks.List()
	if !slices.ContainsFunc(list, func(h hooks.Hook) bool { return h.Name == name }) {
		return web.HookTrial{}, fmt.Errorf("%w as %q", web.ErrNoHook, name)
	}
	if id == "" { // one that may have a picture
		if cameras, err := b.Cameras(ctx); err == nil && len(cameras) > 0 {
			id = cameras[0].ID
		}
	}
	t, err := b.hooks.Try(ctx, name, on, id)
	if err != nil {
		return web.HookTrial{}, malformed(err)
	}
	trial := web.HookTrial{On: t.On, Sent: t.Sent, OK: t.Err == nil, Answer: t.Answer, Took: t.Took.Seconds()}
	if t.Err != nil {
		trial.Error = t.Err.Error()
	}
	return trial, nil
}
