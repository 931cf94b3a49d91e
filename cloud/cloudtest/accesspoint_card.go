package cloudtest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// dates lists the days of the card as JSON, the newest first.
func (c *conversation) dates() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	days := map[string]bool{}
	for name := range c.o.Card {
		days[name[:8]] = true
	}
	list := slices.Sorted(maps.Keys(days))
	slices.Reverse(list)
	return `["` + strings.Join(list, `", "`) + `"]`
}

// day answers 402: a 403, and the catalogue as XML in two packages, a NUL behind it.
func (c *conversation) day(date string) error {
	c.mu.Lock()
	hours := map[string]uint64{}
	for name := range c.o.Card {
		var hour, minute int
		if day, rest, _ := strings.Cut(name, "/"); day == date {
			fmt.Sscanf(rest, "%d/%d", &hour, &minute)
			hours[fmt.Sprintf("%02d", hour)] |= 1 << minute
		}
	}
	c.mu.Unlock()
	if len(hours) == 0 {
		return c.answer(403, `, "sdDevStatus": -3`)
	}
	if err := c.answer(403, ""); err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<?xml version="1.0" encoding="gb2312"?><video><catalogue date="%s" hNumb="%d">`, date, len(hours))
	for _, hour := range slices.Sorted(maps.Keys(hours)) {
		fmt.Fprintf(&b, `<option hours="%s" minBin="%d"/>`, hour, hours[hour])
	}
	b.WriteString("</catalogue></video>\x00")
	text := b.String()
	if err := c.send(message(8, []byte(text[:len(text)/2]))); err != nil {
		return err
	}
	return c.send(message(8, []byte(text[len(text)/2:])))
}
