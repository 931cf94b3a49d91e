package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"v720dvr/camera"
	"v720dvr/cloud"
	"v720dvr/storage"
	"v720dvr/web"
)

// Commands lists what cameras can be told.
func (b *box) Commands() (all []web.CommandName) {
	for _, s := range cloud.Settings() {
		all = append(all, web.CommandName{Name: s.Name, Setting: true, Means: s.Means})
	}
	for _, a := range cloud.Actions() {
		all = append(all, web.CommandName{Name: a.Name, Means: a.Means, Parameters: a.Parameters, Danger: a.Danger})
	}
	return all
}

// CameraState tells what a camera said of itself.
func (b *box) CameraState(_ context.Context, id camera.ID) (web.CameraState, error) {
	c := b.cloud.Condition(id)
	s := web.CameraState{
		Settings: cloud.Values(c.Values), Reported: c.Values, At: c.Reported,
		LowBattery: c.Low, WiFi: c.Texts["wifiName"], Firmware: c.Texts["version"], Networks: c.Networks,
		Control: c.Control, MQTT: c.Broker, Since: c.Since, Absent: c.Absent,
		Connections: c.Connections, Pictures: c.Pictures, Lost: c.Lost, FPS: c.FPS,
	}
	if percent, ok := c.Battery(); ok {
		s.Battery = &percent
	}
	if size := c.Values["sdCapacity"]; size > 0 {
		s.Card = &web.CameraCard{CapacityGB: size}
		if free, ok := c.Values["SD_freeDisk"]; ok && free >= 0 {
			s.Card.FreeMB = &free
		}
	}
	return s, nil
}

// Command has a camera do something.
func (b *box) Command(ctx context.Context, id camera.ID, c web.Command) (web.CommandResult, error) {
	if c.Raw != nil {
		return b.rawCommand(ctx, id, c)
	}
	var command cloud.Command
	var err error
	if c.Set != "" {
		command, err = cloud.Setting(c.Set, c.Value)
	} else {
		command, err = cloud.Action(c.Do, c.Parameters...)
	}
	if err != nil {
		return web.CommandResult{}, &web.CommandError{Status: http.StatusUnprocessableEntity, Text: err.Error()}
	}
	a, err := b.cloud.Do(ctx, id, command)
	if err != nil {
		return web.CommandResult{}, commandError(command.Name, err)
	}
	return web.CommandResult{
		Command: command.Name, Channel: string(a.Channel), Seconds: a.Took.Seconds(), Shown: a.Shown, Networks: a.Networks, Replies: messages(a.Replies),
	}, nil
}

// commandError tells who asked what went wrong.
func commandError(name string, err error) error {
	var late *cloud.TimeoutError
	var unmoved *cloud.UnmovedError
	switch {
	case errors.As(err, &late):
		return &web.CommandError{Status: http.StatusGatewayTimeout, Text: name + ": " + err.Error(), Sent: true}
	case errors.As(err, &unmoved):
		return &web.CommandError{Status: http.StatusConflict, Text: name + ": " + err.Error(), Sent: true}
	case errors.Is(err, cloud.ErrUnreachable):
		return &web.CommandError{Status: http.StatusConflict, Text: name + ": " + err.Error()}
	}
	return err
}

// Say plays sound at a camera that has a speaker.
func (b *box) Say(ctx context.Context, id camera.ID, voice string, more bool, alaw []byte) error {
	err := b.cloud.Say(ctx, id, voice, more, alaw)
	if errors.Is(err, cloud.ErrTalking) || errors.Is(err, cloud.ErrUnreachable) {
		return commandError("say", err)
	}
	return err
}

// mostReplies bounds what a raw command gathers.
const mostReplies = 200

// rawCommand sends a message as it is and gathers what comes for a while.
func (b *box) rawCommand(ctx context.Context, id camera.ID, c web.Command) (web.CommandResult, error) {
	by := cloud.ByControl
	if c.MQTT {
		by = cloud.ByMQTT
	}
	began := time.Now()
	heard, stop, err := b.cloud.SendRaw(ctx, id, by, c.Raw)
	if errors.Is(err, cloud.ErrUnreachable) {
		return web.CommandResult{}, commandError("raw", err)
	}
	if err != nil {
		return web.CommandResult{}, &web.CommandError{Status: http.StatusUnprocessableEntity, Text: err.Error()}
	}
	defer stop()
	var all []cloud.Heard
	over := time.NewTimer(c.Listen)
	defer over.Stop()
	for {
		select {
		case h := <-heard:
			if len(all) < mostReplies {
				all = append(all, h)
			}
			continue
		case <-over.C:
		case <-ctx.Done():
			return web.CommandResult{}, ctx.Err()
		}
		return web.CommandResult{Command: "raw", Channel: string(by), Seconds: time.Since(began).Seconds(), Replies: messages(all)}, nil
	}
}

func messages(heard []cloud.Heard) (list []web.Message) {
	for _, h := range heard {
		if len(h.Payload) > 0 {
			list = append(list, web.Message{At: h.At, Channel: string(h.Channel), Topic: h.Topic, Text: string(h.Payload)})
		}
	}
	return slices.Clip(list)
}

// keepConditions writes down how cameras are, every conditionPause and at the end.
func keepConditions(store *storage.Store, c *cloud.Server, log *slog.Logger) func(context.Context) error {
	write := func(ctx context.Context) {
		if err := store.KeepConditions(ctx, c.ChangedConditions()); err != nil {
			log.Warn("how cameras are cannot be kept; after a restart they tell it again", "err", err)
		}
	}
	return func(ctx context.Context) error {
		pause := time.NewTicker(conditionPause)
		defer pause.Stop()
		for {
			select {
			case <-pause.C:
				write(ctx)
			case <-ctx.Done():
				last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastSightings)
				defer cancel()
				write(last)
				return nil
			}
		}
	}
}

const conditionPause = 10 * time.Second

// conditions reads how cameras were.
func conditions(ctx context.Context, store *storage.Store, log *slog.Logger) map[camera.ID]camera.Condition {
	kept, err := store.Conditions(ctx)
	if err != nil {
		log.Warn("how cameras were is not known; they tell it again", "err", fmt.Sprint(err))
	}
	return kept
}
