package schedule

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// Cron is a line of five fields, crontab(5)'s: minute, hour, day of the month, month, day of the
// week. Names (JAN, MON), lists, ranges and steps are allowed; macros and zones are not. Of a day
// of the month and one of the week, either is enough when both are restricted. The zero Cron has
// no moments.
type Cron struct {
	line     string
	minutes  hours  // of a day that it names
	days     uint64 // of the month, bits 1 to 31
	months   uint64 // bits 1 to 12
	weekdays uint64 // bits 0 (Sunday) to 6
	either   bool   // days and weekdays are both restricted: one of them is enough
}

// fields name what a cron line consists of, and what is right there.
var fields = [5]struct {
	name, right string
	all         uint64 // every bit that the field can have
}{
	{"minute", "minutes are 0 to 59", 1<<60 - 1},
	{"hour", "hours are 0 to 23", 1<<24 - 1},
	{"day of the month", "days of the month are 1 to 31", 1<<32 - 2},
	{"month", "months are 1 to 12, or jan to dec", 1<<13 - 2},
	{"day of the week", "days of the week are 0 (Sunday) to 6, or sun to sat", 1<<7 - 1},
}

// star is the bit by which the library marks a field that is "*".
const star = 1 << 63

var parser = cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)

// Parse reads a line. One that no day ever meets, such as the 31st of February, is an error too.
func Parse(line string) (Cron, error) {
	parts := strings.Fields(line)
	if len(parts) != len(fields) {
		return Cron{}, fmt.Errorf("%q is no cron line: %d instead of 5 fields (minute, hour, day, month, day of the week)", line, len(parts))
	}
	if strings.ContainsRune(line, '=') {
		return Cron{}, fmt.Errorf("%q is no cron line: a zone cannot be set in it, times are those of this box", line)
	}
	var bits [len(fields)]uint64
	for i, field := range fields {
		alone := slices.Repeat([]string{"*"}, len(fields))
		alone[i] = parts[i]
		spec, err := read(strings.Join(alone, " "))
		if err == nil {
			bits[i] = [...]uint64{spec.Minute, spec.Hour, spec.Dom, spec.Month, spec.Dow}[i]
		}
		// The library takes "," for no minute at all, and of "*-5" the star alone.
		if err != nil || bits[i]&^star == 0 || strings.Contains(parts[i], "*-") || strings.Contains(parts[i], "?-") {
			return Cron{}, fmt.Errorf(`%q is no cron line: its %s %q cannot be read; %s, joined as in "1,5", "1-5", "*/2" or "*"`,
				line, field.name, parts[i], field.right)
		}
	}
	c := Cron{
		line: line, days: bits[2] &^ star, months: bits[3] &^ star, weekdays: bits[4] &^ star,
		either: bits[2]&star == 0 && bits[4]&star == 0,
	}
	for hour := range c.minutes {
		if bits[1]&(1<<hour) != 0 {
			c.minutes[hour] = bits[0] &^ star
		}
	}
	if _, ok := c.moments().next(epoch); !ok {
		return Cron{}, fmt.Errorf("%q is a cron line that no day ever meets: no such month has such a day", line)
	}
	return c, nil
}

// read hands a line to the library. What it makes of it is used, and not its Next: that leaves out
// what lies in a gap, loses minutes where clocks go forward by half an hour, and gives up after five years.
func read(line string) (spec *cron.SpecSchedule, err error) {
	defer func() {
		// It indexes past the end of a zone without fields.
		if broken := recover(); broken != nil {
			err = fmt.Errorf("read cron line: %v", broken)
		}
	}()
	parsed, err := parser.Parse(line)
	if err != nil {
		return nil, err
	}
	spec, ok := parsed.(*cron.SpecSchedule)
	if !ok {
		return nil, fmt.Errorf("read cron line: got a %T", parsed)
	}
	return spec, nil
}

// String is the line.
func (c Cron) String() string { return c.line }

// on tells whether the line names a day.
func (c *Cron) on(d *date) bool {
	day, weekday := c.days&(1<<d.day) != 0, c.weekdays&(1<<d.weekday) != 0
	return c.months&(1<<d.month) != 0 && (day && weekday || c.either && (day || weekday))
}

func (c *Cron) moments() moments {
	return func(d *date) *hours {
		if !c.on(d) {
			return nil
		}
		return &c.minutes
	}
}

// everyHour tells whether the line names at least a minute of each hour.
func (c *Cron) everyHour() bool {
	return !slices.Contains(c.minutes[:], 0)
}

// Next returns the first moment after t at which the line is due by the clocks of t's zone. What
// they skip when they are put forward is due when they are; what they read twice is due the first
// time, unless the line names every hour: then it goes on through both. It is the zero time when
// there is none within 40 years.
func (c Cron) Next(t time.Time) time.Time {
	if c.everyHour() {
		return c.nextHourly(t)
	}
	highest, _ := readings(t)
	next, ok := c.moments().next(highest)
	if !ok {
		return time.Time{}
	}
	return firstReached(next, t.Location())
}

// nextHourly is Next by what clocks show at t, whether they showed it before or not.
func (c Cron) nextHourly(t time.Time) time.Time {
	next, ok := c.moments().next(readingOf(t))
	if !ok {
		return time.Time{}
	}
	at := reached(next, t)
	if end := periodEnd(t); !end.IsZero() && at.After(end) {
		if again, ok := c.moments().next(readingOf(end) - 1); ok {
			return reached(again, end)
		}
	}
	return at
}
