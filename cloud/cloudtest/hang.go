package cloudtest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// hangLasts is how long a camera hangs whose control channel is not up yet.
const hangLasts = 5 * time.Second

// hang tells whether the camera hangs in this step, which it enters now.
func (c *Camera) hang(step Step) bool {
	c.mu.Lock()
	hangs := c.hangs[step]
	if hangs {
		delete(c.hangs, step)
		c.state.Hung++
	}
	c.mu.Unlock()
	if hangs {
		c.log.Warn("camera hangs", "camera", c.id(), "step", step)
	}
	return hangs
}

// halfRequest is all that comes of a boot that hangs.
func (c *Camera) halfRequest(ctx context.Context) error {
	dialCtx, cancel := context.WithTimeout(ctx, httpPatience)
	defer cancel()
	conn, err := c.dial(dialCtx, c.o.HTTP)
	if err != nil {
		return err
	}
	defer conn.Close()
	defer closeWhenDone(ctx, conn)()
	request := httpRequest("ApiServer/getA9ConfCheck?devicesCode="+c.id(), c.o.Firmware.version(), rand.New(rand.NewPCG(uint64(c.o.Seed), 0)))
	return c.half(ctx, conn, request)
}

// half sends half a message, waits, and says that the camera hung.
func (c *Camera) half(ctx context.Context, conn *line, message []byte) error {
	if _, err := conn.Write(message[:len(message)/2]); err != nil {
		return fmt.Errorf("send half a message: %w", err)
	}
	if err := rest(ctx, hangLasts); err != nil {
		return err
	}
	return fmt.Errorf("hung for %v", hangLasts)
}
