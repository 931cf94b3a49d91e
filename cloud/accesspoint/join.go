package accesspoint

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"v720dvr/cloud/card"
	"v720dvr/cloud/v720"
)

// CheckNetwork says what a camera would not take, before it is sent and the camera is gone: it tells
// nobody that it could not join. docs/protocol.md, section 8.
func CheckNetwork(ssid, password string) error {
	switch n := utf8.RuneCountInString(password); {
	case ssid == "" || len(ssid) > 32:
		return fmt.Errorf("a Wi-Fi's name has 1 to 32 bytes, this one %d", len(ssid))
	case strings.ContainsFunc(ssid+password, func(r rune) bool { return r < ' ' || r == 0x7f || r == utf8.RuneError }):
		return errors.New("name or password of the Wi-Fi has a character that cannot be typed: is there a line end in it?")
	case n == 0:
		return errors.New("a camera joins no Wi-Fi without a password")
	case n < 8:
		return fmt.Errorf("the password has %d characters: a Wi-Fi's has 8 at least", n)
	case n > 36:
		return fmt.Errorf("the password has %d characters: a camera takes 36 at most; give the cameras a guest network with a shorter one", n)
	}
	return nil
}

// Joined tells what the camera said about a join.
type Joined struct {
	Answered bool // to the join; else it went without a word, as some do
	Rebooted bool // the reboot was sent
}

// joinPatience is how long an answer to a join is waited for. Some cameras drop the access point at
// once.
const joinPatience = 3 * time.Second

// Join tells the camera the name and the password of a Wi-Fi and boots it. It is an error of
// CheckNetwork, or of the connection before all was sent; whether the camera could join, only its
// coming to the cloud tells. The connection is of no use after it.
func (c *Camera) Join(ctx context.Context, ssid, password string) (j Joined, err error) {
	if err := CheckNetwork(ssid, password); err != nil {
		return j, err
	}
	if err := c.command(fmt.Appendf(nil, `{"code":204,"s":%s,"p":%s}`, plain(ssid), plain(password))); err != nil {
		return j, fmt.Errorf("tell the camera the Wi-Fi: %w", err)
	}
	err = c.Await(ctx, min(joinPatience, c.o.Patience), func(p v720.Packet) (bool, error) {
		m, ok := card.ReadAnswer(p)
		j.Answered = ok && m.Code == 204
		return j.Answered, nil
	})
	if ctx.Err() != nil {
		return j, ctx.Err()
	}
	if err != nil && !errors.Is(err, card.ErrNoAnswer) {
		return j, nil // it hung up: it is on its way
	}
	j.Rebooted = c.command(v720.ForwardReboot().Content()) == nil
	return j, nil
}

// Reboot boots the camera. There may be no answer.
func (c *Camera) Reboot() error {
	if err := c.command(v720.ForwardReboot().Content()); err != nil {
		return fmt.Errorf("reboot the camera: %w", err)
	}
	return nil
}

// plain is text as JSON without the escapes that are for web pages: a camera's parser is a small one.
func plain(text string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(text); err != nil { // a string always has a JSON form
		panic(err)
	}
	return bytes.TrimSpace(b.Bytes())
}
