package card

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"v720dvr/cloud/v720"
)

// CmdXML is the package that has a day's list. docs/protocol.md, section 8.
const CmdXML = v720.Cmd(8)

// Line is a way to a camera. It is for one goroutine.
type Line interface {
	// Command sends a command of the forward table.
	Command(v720.ForwardCommand) error
	// Await hands over what the camera sends until take is done, and returns its error; payloads are take's
	// for the call alone. Without a done for patience, 0 the line's own, the error wraps ErrNoAnswer.
	Await(ctx context.Context, patience time.Duration, take func(v720.Packet) (done bool, err error)) error
}

// ErrNoAnswer says that patience is at its end.
var ErrNoAnswer = errors.New("the camera does not answer")

// Card is the SD card of a camera. It is for one goroutine.
type Card struct {
	Line Line
	// Trail is how long a file's last bytes may come behind the word that it has ended: they go another way.
	// Zero: they do not.
	Trail time.Duration
}

// Date is a day as the card has it, "20261122", by the camera's clock.
type Date string

// ParseDate reads "20261122" and "2026-11-22".
func ParseDate(text string) (Date, error) {
	d := strings.ReplaceAll(text, "-", "")
	if _, err := time.Parse("20060102", d); err != nil || len(d) != 8 {
		return "", fmt.Errorf("%q is no day: write 2026-11-22", text)
	}
	return Date(d), nil
}

// String is the day as people write it.
func (d Date) String() string { return string(d[:4] + "-" + d[4:6] + "-" + d[6:]) }

// Minute is one file of the card: it has a minute of video.
type Minute struct {
	Date         Date
	Hour, Minute int
}

// ParseMinute reads "2026-11-22T14:05".
func ParseMinute(text string) (Minute, error) {
	at, err := time.Parse("2006-01-02T15:04", text)
	if err != nil {
		return Minute{}, fmt.Errorf("%q is no minute: write 2026-11-22T14:05", text)
	}
	return Minute{Date(at.Format("20060102")), at.Hour(), at.Minute()}, nil
}

// String is the minute as ParseMinute reads it.
func (m Minute) String() string { return fmt.Sprintf("%vT%02d:%02d", m.Date, m.Hour, m.Minute) }

// Start is when it begins, by a camera whose clock is of this zone: it has the recorder's. A minute that
// a change of summer time has twice is the first of both.
func (m Minute) Start(zone *time.Location) time.Time {
	day, err := time.Parse("20060102", string(m.Date))
	if err != nil {
		return time.Time{}
	}
	return time.Date(day.Year(), day.Month(), day.Day(), m.Hour, m.Minute, 0, 0, zone)
}

// File is what a camera tells of a minute's file.
type File struct {
	Name string // on the card: "/sd/20261122/14/05.avi"
	Size int64  // bytes
}

// Bounds of what is believed of a card.
const (
	maxDates   = 4096
	maxCatalog = 1 << 20 // bytes of XML: a full day has 2 KB
	// MaxFile is the size of the largest file that is fetched: a minute has some 15 MB.
	MaxFile = 4 << 30
)

// Dates asks which days the card has, in order.
func (c *Card) Dates(ctx context.Context) ([]Date, error) {
	m, err := c.ask(ctx, v720.ForwardCardDates(), v720.AnswerCardDates)
	if err != nil {
		return nil, fmt.Errorf("ask for the days on the card: %w", err)
	}
	var raw []json.RawMessage
	if err := json.Unmarshal(m.fields["dates"], &raw); err != nil && len(m.fields["dates"]) > 0 {
		return nil, fmt.Errorf("ask for the days on the card: %.80q is no list of them", m.fields["dates"])
	}
	var dates []Date
	for _, r := range raw[:min(len(raw), maxDates)] {
		if d, err := ParseDate(strings.Trim(string(r), `" `)); err == nil {
			dates = append(dates, d)
		}
	}
	slices.Sort(dates)
	return slices.Compact(dates), nil
}

// Day asks which minutes of a day the card has, in order. The camera answers with a message and with
// XML, in one package or several, one before the other or behind it.
func (c *Card) Day(ctx context.Context, date Date) ([]Minute, error) {
	if err := c.Line.Command(v720.ForwardCardDay(string(date))); err != nil {
		return nil, fmt.Errorf("ask for the files of %v: %w", date, err)
	}
	var text []byte
	told := false
	err := c.Line.Await(ctx, 0, func(p v720.Packet) (bool, error) {
		if p.Cmd == CmdXML {
			if text = append(text, p.Payload...); len(text) > maxCatalog {
				return true, errors.New("the camera's list has no end")
			}
		} else if m, ok := ReadAnswer(p); ok && m.Code == v720.AnswerCardDay {
			told = true
			if err := m.cardState(); err != nil {
				return true, err
			}
		}
		return told && bytes.Contains(text, []byte("</video>")), nil
	})
	if err != nil {
		return nil, fmt.Errorf("ask for the files of %v: %w", date, err)
	}
	minutes, err := parseCatalog(text)
	if err != nil {
		return nil, fmt.Errorf("read the list of the files of %v: %w", date, err)
	}
	return slices.DeleteFunc(minutes, func(m Minute) bool { return m.Date != date }), nil
}

// parseCatalog reads the XML of a day. docs/protocol.md, section 8: bit i of minBin is minute i.
func parseCatalog(text []byte) (minutes []Minute, err error) {
	if end := bytes.Index(text, []byte("</video>")); end >= 0 {
		text = text[:end+len("</video>")] // a NUL behind it, or more
	}
	d := xml.NewDecoder(bytes.NewReader(text))
	d.Strict = false
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil } // it is digits
	var date Date
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		attr := func(name string) string {
			i := slices.IndexFunc(start.Attr, func(a xml.Attr) bool { return strings.EqualFold(a.Name.Local, name) })
			if i < 0 {
				return ""
			}
			return strings.TrimSpace(start.Attr[i].Value)
		}
		switch start.Name.Local {
		case "catalogue":
			if date, err = ParseDate(attr("date")); err != nil {
				return nil, err
			}
		case "option":
			hour, err := strconv.Atoi(attr("hours"))
			if err != nil || hour < 0 || hour > 23 || date == "" {
				return nil, fmt.Errorf("hour %q is none", attr("hours"))
			}
			bits, ok := new(big.Int).SetString(attr("minBin"), 0) // decimal, or with 0x
			if !ok || bits.Sign() < 0 {
				return nil, fmt.Errorf("minutes %.80q are none", attr("minBin"))
			}
			for i := range 60 {
				if bits.Bit(i) == 1 {
					minutes = append(minutes, Minute{date, hour, i})
				}
			}
		}
	}
	slices.SortFunc(minutes, Minute.compare)
	return slices.Compact(minutes), nil
}

func (m Minute) compare(other Minute) int { return strings.Compare(m.String(), other.String()) }

// Stat asks for name and size of a minute's file.
func (c *Card) Stat(ctx context.Context, m Minute) (File, error) {
	told, err := c.ask(ctx, v720.ForwardCardFile(string(m.Date), m.Hour, m.Minute), v720.AnswerCardFile)
	if err != nil {
		return File{}, fmt.Errorf("ask for the file of %v: %w", m, err)
	}
	size, ok := told.Number("fileSize")
	switch {
	case !ok || size <= 0:
		return File{}, fmt.Errorf("ask for the file of %v: %w", m, NoSuchFile)
	case size > MaxFile:
		return File{}, fmt.Errorf("ask for the file of %v: %d bytes are more than a minute has", m, size)
	}
	return File{Name: told.text("fileName"), Size: size}, nil
}

// Delete deletes a minute's file, and looks whether it is gone.
func (c *Card) Delete(ctx context.Context, m Minute) error {
	if _, err := c.ask(ctx, v720.ForwardCardDelete(string(m.Date), m.Hour, m.Minute), v720.AnswerCardDeleted); err != nil {
		return fmt.Errorf("delete the file of %v: %w", m, err)
	}
	left, err := c.Day(ctx, m.Date)
	if state := StateError(0); errors.As(err, &state) && state == NoSuchFile {
		return nil // it was the last of its day
	}
	if err != nil {
		return fmt.Errorf("delete the file of %v: it says yes; look whether it is gone: %w", m, err)
	}
	if slices.Contains(left, m) {
		return fmt.Errorf("delete the file of %v: the camera says yes and has it still; it may be recording it", m)
	}
	return nil
}
