package main

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"v720dvr/internal/config"
	"v720dvr/storage"
	"v720dvr/web"
)

const (
	pastDays  = 30 // that are told of what there is
	aheadDays = 14 // that are looked ahead
	// nextWithin is how far ahead it is told what goes.
	nextWithin = 30 * 24 * time.Hour
)

// Storage tells what there is, and looks ahead.
func (b *box) Storage(ctx context.Context) (web.Storage, error) {
	loaded := b.config.Load()
	inventory, rules, err := b.stocks.inventory(ctx, &loaded.Config)
	if err != nil {
		return web.Storage{}, err
	}
	of := toldOf{inventory, loaded, b.zone.now()}
	b.stocks.telling.Lock()
	defer b.stocks.telling.Unlock()
	if b.stocks.toldOf != of {
		b.stocks.told, b.stocks.toldOf = storageOf(inventory, rules, of.config.Config, of.zone, b.started), of
	}
	return b.stocks.told, nil
}

// toldOf is what an answer follows from: the same of it, the same answer. Of a million segments it takes a tenth of a second.
type toldOf struct {
	inventory *storage.Inventory
	config    *config.Loaded
	zone      *time.Location
}

// storageOf puts an inventory into the API's words.
func storageOf(v *storage.Inventory, rules storage.Rules, c config.Config, zone *time.Location, started time.Time) web.Storage {
	o := v.Outlook(rules, zone, started, aheadDays)
	told := web.Storage{
		At: v.At, Size: v.Space.Size, Free: v.Space.Free, MinFree: rules.MinFree, Bytes: v.Bytes(), Segments: v.Segments(), Kept: v.Held(),
		Choked: chokes(v.Try(rules).Choked), Known: o.Known, Days: finite(o.Days), Room: o.Room, By: string(o.By), Full: o.Full,
		Before: make(map[string]int64),
	}
	for _, of := range o.Cameras {
		told.Cameras = append(told.Cameras, web.StoredCamera{
			Camera: of.Camera, Name: c.Camera(of.Camera).Name, Bytes: of.Bytes, Kept: of.Held, Oldest: of.Oldest,
			Days: finite(of.Days), By: string(of.By), Low: int64(of.Flow.Low), Mid: int64(of.Flow.Mid), High: int64(of.Flow.High),
		})
		told.Before[string(of.Camera)] = of.Bytes
	}
	for _, day := range v.Days(zone, pastDays) {
		bytes := make(map[string]int64, len(day.Of))
		for id, n := range day.Of {
			bytes[string(id)] = n
			told.Before[string(id)] -= n
		}
		told.Past = append(told.Past, web.StoredDay{From: day.From, To: day.To, Bytes: bytes})
	}
	for i := range told.Cameras { // what is being written is of today
		of := &told.Cameras[i]
		told.Before[string(of.Camera)] -= v.Open(of.Camera)
		told.Past[len(told.Past)-1].Bytes[string(of.Camera)] += v.Open(of.Camera)
	}
	if o.Known {
		for _, l := range o.Ahead {
			told.Ahead = append(told.Ahead, web.StorageLevel(l))
		}
	}
	return told
}

func chokes(list []storage.Choke) (texts []string) {
	for _, c := range list {
		texts = append(texts, chokedInWords(c))
	}
	return texts
}

// Watched says where it is noticed at once what people do to their files.
func (b *box) Watched() storage.WatchState { return b.rescan.Watching() }

// Upcoming lists what goes next.
func (b *box) Upcoming(ctx context.Context, limit int) ([]web.Going, error) {
	inventory, rules, err := b.stocks.inventory(ctx, nil)
	if err != nil {
		return nil, err
	}
	return goingOf(inventory, rules, b.config.Load().Config, b.zone.now(), b.started, limit), nil
}

func goingOf(v *storage.Inventory, rules storage.Rules, c config.Config, zone *time.Location, started time.Time, limit int) (list []web.Going) {
	for _, u := range v.Upcoming(rules, zone, started, nextWithin, limit) {
		list = append(list, web.Going{Camera: u.Camera, Name: c.Camera(u.Camera).Name, StoredSpan: spanOf(u.Tally), Rule: string(u.Rule), When: u.When, Last: u.Last})
	}
	return list
}

func spanOf(t storage.Tally) web.StoredSpan {
	return web.StoredSpan{Segments: t.Segments, Bytes: t.Bytes, From: t.From, To: t.To}
}

// Preview tells what other settings would come to. Nothing is changed.
func (b *box) Preview(ctx context.Context, changes web.RuleChanges) (web.Preview, error) {
	tried, err := b.tryRules(ctx, changes)
	if err != nil {
		return web.Preview{}, err
	}
	c := tried.Config
	inventory, rules, err := b.stocks.inventory(ctx, &c)
	if err != nil {
		return web.Preview{}, err
	}
	told := previewOf(inventory, rules, c, b.zone.now(), b.started)
	told.Thins, err = thinsOf(ctx, b.store, c)
	return told, err
}

// previewOf puts what rules would come to into the API's words.
func previewOf(v *storage.Inventory, rules storage.Rules, c config.Config, zone *time.Location, started time.Time) web.Preview {
	trial, o := v.Try(rules), v.Outlook(rules, zone, started, 0)
	told := web.Preview{
		Goes: spanOf(trial.Goes), Most: trial.Most(), All: spanOf(trial.All), Short: trial.Short, Choked: chokes(trial.Choked),
		Known: o.Known, Days: finite(o.Days), Full: o.Full, Room: o.Room, Cameras: []web.PreviewCamera{},
	}
	for i, of := range trial.Cameras {
		told.Cameras = append(told.Cameras, web.PreviewCamera{
			Camera: of.Camera, Name: c.Camera(of.Camera).Name, Days: finite(o.Cameras[i].Days), By: string(o.Cameras[i].By),
			Goes: spanOf(of.Goes), Stays: spanOf(of.Stays),
		})
	}
	return told
}

// tryRules is the configuration as changes would make it; without any, the one in force. A mistake is a *web.SettingError.
func (b *box) tryRules(ctx context.Context, changes web.RuleChanges) (config.Loaded, error) {
	if len(changes) == 0 {
		return *b.config.Load(), nil
	}
	if b.watcher == nil {
		return config.Loaded{}, errors.ErrUnsupported
	}
	kept, err := b.store.Settings(ctx)
	if err != nil {
		return config.Loaded{}, err
	}
	wanted := changed(toSet(kept), changes)
	for id, of := range changes {
		if err := b.check(id, slices.Sorted(maps.Keys(of)), wanted); err != nil {
			return config.Loaded{}, err
		}
	}
	tried, err := b.watcher.Try(wanted)
	if err != nil {
		return config.Loaded{}, err
	}
	return b.adjust(tried), nil
}

// changed are settings with changes made to them; a nil value takes one away.
func changed(set []config.Setting, changes web.RuleChanges) []config.Setting {
	set = slices.DeleteFunc(slices.Clone(set), func(s config.Setting) bool { _, is := changes[s.Camera][s.Key]; return is })
	for _, id := range slices.Sorted(maps.Keys(changes)) {
		for _, key := range slices.Sorted(maps.Keys(changes[id])) {
			if value := changes[id][key]; value != nil {
				set = append(set, config.Setting{Camera: id, Key: key, Value: json.RawMessage(value)})
			}
		}
	}
	return set
}

// Sweep deletes now what the rules in force do not keep, and has thinning begin.
func (b *box) Sweep(ctx context.Context) (web.Swept, error) {
	swept, err := b.sweeper.sweepNow(ctx)
	b.stocks.forget()
	if err != nil {
		return web.Swept{}, err
	}
	told := sweptOf(swept)
	told.Thinning = b.thinner.thinNow()
	return told, nil
}
