package cloud

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"v720dvr/camera"
	"v720dvr/cloud/card"
	"v720dvr/cloud/cloudtest"
)

// cardOf has a file of a minute, and two small ones.
func cardOf(size int) (map[string]cloudtest.CardFile, []byte) {
	data := make([]byte, size)
	rand.NewChaCha8([32]byte{7}).Read(data)
	file := func(n int) cloudtest.CardFile {
		return cloudtest.CardFile{Size: int64(n), Data: bytes.NewReader(data[:n])}
	}
	return map[string]cloudtest.CardFile{"20261121/23/59": file(1), "20261122/14/05": file(size), "20261122/14/06": file(4096)}, data
}

var fifth = card.Minute{Date: "20261122", Hour: 14, Minute: 5}

func TestTheCardIsListedGotAndDeletedThroughTheCloud(t *testing.T) {
	for name, o := range map[string]cloudtest.Options{
		"over the media channel":           {},
		"newer firmware":                   {Firmware: cloudtest.New},
		"it stops its stream for the card": {CardStopsLive: true},
		"over TCP":                         {CardOverTCP: true},
		"over TCP, and it stops":           {CardOverTCP: true, CardStopsLive: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := newTown(t, Options{})
				files, data := cardOf(3_000_001)
				o.ID, o.Card, o.Files = string(doorID), 32, files
				c, leave := n.settle(o)
				time.Sleep(4 * time.Second)
				before := n.frames(doorID)
				talk, err := n.Card(t.Context(), doorID, func(c *card.Card) error {
					dates, err := c.Dates(t.Context())
					if err != nil || !slices.Equal(dates, []card.Date{"20261121", "20261122"}) {
						t.Errorf("dates %v, %v", dates, err)
					}
					day, err := c.Day(t.Context(), "20261122")
					if err != nil || !slices.Equal(day, []card.Minute{fifth, {Date: "20261122", Hour: 14, Minute: 6}}) {
						t.Errorf("minutes %v, %v", day, err)
					}
					var got bytes.Buffer
					file, err := c.Get(t.Context(), fifth, &got, nil)
					if err != nil || file.Size != int64(len(data)) || !bytes.Equal(got.Bytes(), data) {
						t.Errorf("got %d bytes, %+v, %v; want the %d on the card", got.Len(), file, err, len(data))
					}
					if err := c.Delete(t.Context(), fifth); err != nil {
						t.Error(err)
					}
					_, err = c.Stat(t.Context(), fifth)
					return err
				})
				if !errors.Is(err, card.NoSuchFile) {
					t.Errorf("what was deleted: %v", err)
				}
				if talk.Paused && !o.CardStopsLive {
					t.Errorf("a stream that went on: %+v", talk)
				}
				time.Sleep(10 * time.Second)
				if pictures := n.frames(doorID) - before; pictures < 80 {
					t.Errorf("%d pictures in 10 s and the talk (%+v): the stream does not go on", pictures, talk)
				}
				if s := c.State(); s.Refused != 0 {
					t.Errorf("the camera refused %d", s.Refused)
				}
				leave()
				n.stop()
			})
		})
	}
}

func TestAFileOfTheCardIsCutOffAndSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newTown(t, Options{})
		files, data := cardOf(3_000_001)
		short := files["20261122/14/05"]
		short.Short = 1500
		files["20261122/14/05"] = short
		c, leave := n.settle(cloudtest.Options{ID: string(doorID), Files: files, CardStopsLive: true})
		time.Sleep(4 * time.Second)
		get := func(ctx context.Context, w io.Writer) error {
			_, err := n.Card(ctx, doorID, func(c *card.Card) error {
				_, err := c.Get(ctx, fifth, w, nil)
				return err
			})
			return err
		}
		if err := get(t.Context(), io.Discard); !errors.Is(err, card.ErrCut) {
			t.Errorf("a file that is shorter than told: %v", err)
		}
		// Who asked goes in the midst of it, and the next one gets nothing of that.
		ctx, cancel := context.WithCancel(t.Context())
		if err := get(ctx, stopAt{100_000, cancel, new(int)}); !errors.Is(err, context.Canceled) {
			t.Errorf("stopped: %v", err)
		}
		_, err := n.Card(t.Context(), doorID, func(c *card.Card) error {
			var got bytes.Buffer
			m := card.Minute{Date: "20261122", Hour: 14, Minute: 6}
			if _, err := c.Get(t.Context(), m, &got, nil); err != nil || !bytes.Equal(got.Bytes(), data[:4096]) {
				t.Errorf("the next file: %d bytes, %v", got.Len(), err)
			}
			if _, err := n.Card(t.Context(), doorID, nil); !errors.Is(err, ErrCardBusy) {
				t.Errorf("a second one: %v", err)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		// The camera goes in the midst of it.
		if err := get(t.Context(), stopAt{100_000, c.CutControl, new(int)}); !errors.Is(err, card.ErrBroken) {
			t.Errorf("the camera has gone: %v", err)
		}
		if _, err := n.Card(t.Context(), camera.ID("0800c00999F8"), nil); !errors.Is(err, ErrUnreachable) {
			t.Errorf("a camera that is not there: %v", err)
		}
		leave()
		n.stop()
	})
}

// A link that loses, doubles and delays, with pictures and sound between the packages of the file and between the answers,
// and a control connection that breaks in the midst of it.
func TestAFileOfTheCardComesByteForByteOverASlowLinkThatLoses(t *testing.T) {
	bad := cloudtest.Conditions{
		Latency: 60 * time.Millisecond, Jitter: 40 * time.Millisecond, Loss: 0.1, Burst: 3, Late: 0.05, LateBy: 150 * time.Millisecond, Doubled: 0.02,
	}
	for name, o := range map[string]cloudtest.Options{
		"a camera that sends again by timer":   {Resend: cloudtest.ByTimer},
		"a camera that sends again at confirm": {Resend: cloudtest.AtConfirm},
		"newer firmware":                       {Firmware: cloudtest.New},
		"it stops its stream for the card":     {CardStopsLive: true},
		"over TCP":                             {CardOverTCP: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				network := cloudtest.NewNetwork(*seed)
				network.SetDefault(bad)
				n := newTownOn(t, network, Options{})
				files, data := cardOf(1_000_001)
				o.ID, o.Card, o.Files, o.Seed = string(doorID), 32, files, *seed
				c, leave := n.settle(o)
				time.Sleep(10 * time.Second)
				path := filepath.Join(t.TempDir(), "05.avi")
				cut := stopAt{400_000, c.CutControl, new(int)}
				talks, pictures := 0, int64(0)
				begun := time.Now()
				_, err := card.Fetch(t.Context(), path, 20*time.Second, func(ctx context.Context, w io.Writer) (file card.File, err error) {
					talk, err := n.Card(ctx, doorID, func(c *card.Card) (err error) {
						file, err = c.Get(ctx, fifth, io.MultiWriter(w, cut), nil)
						return err
					})
					talks, pictures = talks+1, pictures+talk.Pictures
					return file, err
				})
				took := time.Since(begun)
				t.Logf("%v, %d talks, %d pictures meanwhile; %v", took, talks, pictures, err)
				if got, readErr := os.ReadFile(path); err != nil || readErr != nil || !bytes.Equal(got, data) {
					t.Errorf("%d bytes, %v, %v; want the %d on the card", len(got), err, readErr, len(data))
				}
				if talks < 2 || pictures == 0 && !o.CardStopsLive {
					t.Errorf("%d talks with %d pictures meanwhile: want that the link broke, and media between", talks, pictures)
				}
				leave()
				n.stop()
			})
		})
	}
}

// What a camera sends once and never again cannot come whole over such a link: it says so, and there is no file.
func TestAFileOfWhichPackagesAreLostForGoodIsNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := cloudtest.NewNetwork(*seed)
		network.SetDefault(badLink)
		n := newTownOn(t, network, Options{})
		files, _ := cardOf(300_001)
		_, leave := n.settle(cloudtest.Options{ID: string(doorID), Card: 32, Files: files, Resend: cloudtest.Never})
		time.Sleep(10 * time.Second)
		path := filepath.Join(t.TempDir(), "05.avi")
		_, err := card.Fetch(t.Context(), path, time.Second, func(ctx context.Context, w io.Writer) (file card.File, err error) {
			_, err = n.Card(ctx, doorID, func(c *card.Card) (err error) {
				file, err = c.Get(ctx, fifth, w, nil)
				return err
			})
			return file, err
		})
		if _, found := os.Stat(path); !errors.Is(err, card.ErrCut) || !os.IsNotExist(found) {
			t.Errorf("got %v and a file (%v), want that it was cut off and none", err, found)
		}
		leave()
		n.stop()
	})
}

// stopAt calls stop when so many bytes have come.
type stopAt struct {
	size int
	stop func()
	had  *int
}

func (s stopAt) Write(b []byte) (int, error) {
	if *s.had += len(b); *s.had-len(b) < s.size && *s.had >= s.size {
		s.stop()
	}
	return len(b), nil
}
