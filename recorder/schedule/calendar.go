package schedule

import (
	"math/bits"
	"time"
)

// A reading is what clocks show, whatever their zone: the minutes since 1970-01-01 00:00.
type reading int64

const (
	minutesADay = 24 * 60
	epoch       = reading(10957 * minutesADay) // 2000-01-01, where looking for any moment at all begins
	// horizon is how far moments are looked for, in days: 40 years, the longest that a 29th of
	// February waits for its day of the week (2100 is no leap year). It bounds every walk.
	horizon = 40*366 + 1
)

func (r reading) split() (day int64, minute int) {
	day = int64(r) / minutesADay
	if minute = int(int64(r) % minutesADay); minute < 0 {
		day, minute = day-1, minute+minutesADay
	}
	return day, minute
}

// hours holds the minutes of each hour of a day as bits 0 to 59.
type hours [24]uint64

// from finds the first minute of the day, from a minute on.
func (h *hours) from(minute int) (int, bool) {
	for hour := minute / 60; hour < len(h); hour++ {
		mask := h[hour]
		if hour == minute/60 {
			mask = mask >> (minute % 60) << (minute % 60)
		}
		if mask != 0 {
			return hour*60 + bits.TrailingZeros64(mask), true
		}
	}
	return 0, false
}

// upTo finds the last minute of the day, up to a minute.
func (h *hours) upTo(minute int) (int, bool) {
	for hour := minute / 60; hour >= 0; hour-- {
		mask := h[hour]
		if hour == minute/60 {
			mask &= 1<<(minute%60+1) - 1
		}
		if mask != 0 {
			return hour*60 + bits.Len64(mask) - 1, true
		}
	}
	return 0, false
}

// moments tells the minutes of a day; nil when it has none.
type moments func(*date) *hours

// next finds the first moment after r, within the horizon.
func (m moments) next(r reading) (reading, bool) { return m.between(r, r+horizon*minutesADay) }

// between finds the first moment after r and up to limit, or with it.
func (m moments) between(r, limit reading) (reading, bool) {
	day, minute := (r + 1).split()
	end, _ := limit.split()
	d := dateOf(day) // one for the whole walk: a loop's own variable would be a new one for each day
	for ; day <= end; d.forward() {
		if h := m(&d); h != nil {
			if found, ok := h.from(minute); ok {
				found := reading(day*minutesADay + int64(found))
				return found, found <= limit
			}
		}
		day, minute = day+1, 0
	}
	return 0, false
}

// last finds the last moment up to r and with it, within the horizon.
func (m moments) last(r reading) (reading, bool) {
	day, minute := r.split()
	d := dateOf(day)
	for range horizon {
		if h := m(&d); h != nil {
			if found, ok := h.upTo(minute); ok {
				return reading(day*minutesADay + int64(found)), true
			}
		}
		d.back()
		day, minute = day-1, minutesADay-1
	}
	return 0, false
}

// A date is a day of the Gregorian calendar. It is stepped by hand: walks look at thousands.
type date struct {
	year, month, day int
	weekday          int // 0 is Sunday
}

func dateOf(day int64) date {
	t := time.Unix(day*24*60*60, 0).UTC()
	year, month, dayOfMonth := t.Date()
	return date{year, int(month), dayOfMonth, int(t.Weekday())}
}

func (d *date) forward() {
	d.weekday = (d.weekday + 1) % 7
	if d.day++; d.day <= daysIn(d.year, d.month) {
		return
	}
	d.day = 1
	if d.month++; d.month > 12 {
		d.year, d.month = d.year+1, 1
	}
}

func (d *date) back() {
	d.weekday = (d.weekday + 6) % 7
	if d.day--; d.day > 0 {
		return
	}
	if d.month--; d.month < 1 {
		d.year, d.month = d.year-1, 12
	}
	d.day = daysIn(d.year, d.month)
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}
