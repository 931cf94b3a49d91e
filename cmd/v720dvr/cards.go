package main

import (
	"context"
	"errors"
	"io"
	"net/http"

	"v720dvr/camera"
	"v720dvr/cloud"
	"v720dvr/cloud/card"
	"v720dvr/web"
)

// onCard speaks with a camera about its SD card, through the cloud.
func (b *box) onCard(ctx context.Context, id camera.ID, use func(*card.Card) error) error {
	_, err := b.cloud.Card(ctx, id, use)
	return cardError(err)
}

// cardError tells who asked what went wrong.
func cardError(err error) error {
	status := 0
	state := card.StateError(0)
	switch {
	case err == nil || errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, card.NoSuchFile):
		status = http.StatusNotFound
	case errors.As(err, &state):
		status = http.StatusConflict
	case errors.Is(err, cloud.ErrUnreachable), errors.Is(err, cloud.ErrCardBusy):
		status = http.StatusServiceUnavailable
	case errors.Is(err, card.ErrNoAnswer), errors.Is(err, card.ErrBroken), errors.Is(err, card.ErrCut):
		status = http.StatusGatewayTimeout
	default:
		return err
	}
	return &web.CommandError{Status: status, Text: err.Error()}
}

// CardDays lists the days on a camera's card.
func (b *box) CardDays(ctx context.Context, id camera.ID) (days []string, err error) {
	err = b.onCard(ctx, id, func(c *card.Card) error {
		dates, err := c.Dates(ctx)
		for _, d := range dates {
			days = append(days, d.String())
		}
		return err
	})
	return days, err
}

// CardMinutes lists the files of a day on a camera's card.
func (b *box) CardMinutes(ctx context.Context, id camera.ID, day string) (minutes []string, err error) {
	date, err := card.ParseDate(day)
	if err != nil {
		return nil, malformed(err)
	}
	err = b.onCard(ctx, id, func(c *card.Card) error {
		list, err := c.Day(ctx, date)
		for _, m := range list {
			minutes = append(minutes, m.String())
		}
		return err
	})
	return minutes, err
}

// SendCardFile has a camera send a file of its card.
func (b *box) SendCardFile(ctx context.Context, id camera.ID, minute string, begin func(size int64) io.Writer) error {
	m, err := card.ParseMinute(minute)
	if err != nil {
		return malformed(err)
	}
	return b.onCard(ctx, id, func(c *card.Card) error {
		file, err := c.Stat(ctx, m)
		if err != nil {
			return err
		}
		return c.Send(ctx, m, file, begin(file.Size), nil)
	})
}

// DeleteCardFile deletes a file of a camera's card.
func (b *box) DeleteCardFile(ctx context.Context, id camera.ID, minute string) error {
	m, err := card.ParseMinute(minute)
	if err != nil {
		return malformed(err)
	}
	return b.onCard(ctx, id, func(c *card.Card) error { return c.Delete(ctx, m) })
}

func malformed(err error) error {
	return &web.CommandError{Status: http.StatusUnprocessableEntity, Text: err.Error()}
}
