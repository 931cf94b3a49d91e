package accesspoint

import (
	"context"
	"io"

	"v720dvr/cloud/card"
)

// Fetch has the file of a minute at path, as card.Fetch has it: each try is a conversation of its own.
func Fetch(ctx context.Context, o Options, m card.Minute, path string, progress func(done, size int64)) (card.File, error) {
	o = o.withDefaults()
	return card.Fetch(ctx, path, o.Patience/10, func(ctx context.Context, w io.Writer) (card.File, error) {
		c, err := Dial(ctx, o)
		if err != nil {
			return card.File{}, err
		}
		defer c.Close()
		return c.Get(ctx, m, w, progress)
	})
}
