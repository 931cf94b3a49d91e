package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"v720dvr/camera"
	"v720dvr/internal/config"
	"v720dvr/storage"
	"v720dvr/web"
)

// toSet is what the configuration takes of settings that are kept.
func toSet(kept []storage.Setting) []config.Setting {
	set := make([]config.Setting, 0, len(kept))
	for _, k := range kept {
		set = append(set, config.Setting{Camera: k.Camera, Key: k.Key, Value: k.Value})
	}
	return set
}

// recall brings back what was set through page and API before this start.
func (b *box) recall(ctx context.Context) error {
	if b.watcher == nil {
		return nil
	}
	kept, err := b.store.Settings(ctx)
	if err != nil {
		return err
	}
	loaded := b.adjust(b.watcher.Set(toSet(kept)))
	b.config.Store(&loaded)
	b.tellLeftOut(loaded)
	if b.level != nil {
		b.level.Set(slogLevel(loaded.Config.Log.Level))
	}
	return nil
}

// leftOutText says for people which setting is not in force, why, and what to do.
func leftOutText(left config.LeftOut) string {
	of := ""
	if left.Camera != "" {
		of = fmt.Sprintf(" of camera %s", left.Camera)
	}
	return fmt.Sprintf("what was set for %s%s cannot be used and is left out: %s. Set it anew, or take it back", left.Key, of, whyOf(left.Why))
}

// whyOf is a mistake in words; one of a setting says no place, that is clear.
func whyOf(p *config.Problem) string {
	if p.Where.Kind() == config.FromSet {
		return p.Text
	}
	return p.Error()
}

// tellLeftOut logs settings that are not in force, when they are others than before.
func (b *box) tellLeftOut(loaded config.Loaded) {
	var texts []string
	for _, left := range loaded.LeftOut {
		texts = append(texts, leftOutText(left))
	}
	all := strings.Join(texts, "\n")
	if all == b.leftOut {
		return
	}
	b.leftOut = all
	for _, text := range texts {
		b.log.Error("a setting of the page is not in force", "err", text)
	}
}

// Settings lists the keys that can be set, with what is in force.
func (b *box) Settings(ctx context.Context, id camera.ID) ([]web.Setting, error) {
	kept, err := b.store.Settings(ctx)
	if err != nil {
		return nil, err
	}
	var list []web.Setting
	for _, v := range b.config.Load().Values(id) {
		s := web.Setting{Key: v.Key, Value: v.Value, Default: v.Default, Origin: v.Origin.Kind(), Own: v.Own}
		s.Fixed = s.Origin == config.FromEnvironment || s.Origin == config.FromFlag
		of := id
		if !v.Own {
			of = "" // a camera that has no value of its own has the whole box's
		}
		if i := slices.IndexFunc(kept, func(k storage.Setting) bool { return k.Camera == of && k.Key == v.Key }); i >= 0 && s.Origin == config.FromSet {
			s.Who, s.At = kept[i].Who, kept[i].At
		}
		if id != "" {
			s.Fixed = false // its own stands above all that is said for the whole box
		}
		list = append(list, s)
	}
	return list, nil
}

// ChangeSettings checks changes, keeps them and has them take effect, all or none.
func (b *box) ChangeSettings(ctx context.Context, id camera.ID, changes map[string]json.RawMessage, who string) error {
	if b.watcher == nil {
		return errors.ErrUnsupported
	}
	b.setting.Lock()
	defer b.setting.Unlock()
	kept, err := b.store.Settings(ctx)
	if err != nil {
		return err
	}
	keys := slices.Sorted(maps.Keys(changes))
	wanted := changed(toSet(kept), web.RuleChanges{id: changes})
	var rows []storage.Setting
	for _, key := range keys {
		rows = append(rows, storage.Setting{Camera: id, Key: key, Value: changes[key], Who: who, At: time.Now()})
	}
	if err := b.check(id, keys, wanted); err != nil {
		return err
	}
	if err := b.store.Accounts().ChangeSettings(ctx, rows...); err != nil {
		return err
	}
	b.watcher.Set(wanted)
	b.reload()
	return nil
}

// check refuses settings of which one more would be left out than is now.
func (b *box) check(id camera.ID, keys []string, wanted []config.Setting) error {
	tried, err := b.watcher.Try(wanted)
	if err != nil {
		return err
	}
	before := b.config.Load().LeftOut
	var wrong []error
	for _, left := range tried.LeftOut {
		mine := left.Camera == id && slices.Contains(keys, left.Key)
		switch {
		case mine:
			for _, p := range left.All {
				wrong = append(wrong, &web.SettingError{Key: left.Place(p), Text: whyOf(p)})
			}
		case !slices.ContainsFunc(before, func(l config.LeftOut) bool { return l.Camera == left.Camera && l.Key == left.Key }):
			wrong = append(wrong, &web.SettingError{Key: keys[0], Text: "what else is set cannot be beside it: " + leftOutText(left)})
		}
	}
	return errors.Join(wrong...)
}
