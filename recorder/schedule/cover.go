package schedule

// most bounds how many windows Covers looks at.
const most = 20_000

// Covers tells whether w is open whenever other is, changes of the clocks aside. For lines that
// name every day, or days of the week alone, the answer is exact; for others it is too, unless
// other opens more than 20 000 times in 40 years: then it is no.
func (w Window) Covers(other Window) bool {
	end := epoch + reading(2*max(w.period(), other.period())*minutesADay)
	r, covered := epoch, epoch // w is open until then
	for range most {
		opens, ok := other.starts().between(r, end)
		if !ok {
			return true
		}
		closes, _ := other.stops().next(opens)
		if opens >= covered {
			start, ok := w.starts().last(opens)
			if !ok {
				return false
			}
			if _, stopped := w.stops().between(start, opens); stopped {
				return false
			}
			covered, _ = w.stops().next(opens)
		}
		if closes > covered {
			return false
		}
		r = closes
	}
	return false
}

// period is in how many days the window repeats itself.
func (w *Window) period() int { return max(w.start.period(), w.stop.period()) }

func (c *Cron) period() int {
	allDays, allWeekdays := c.days == fields[2].all, c.weekdays == fields[4].all
	switch {
	case c.months != fields[3].all:
		return horizon
	case allDays && (allWeekdays || c.either), allWeekdays && c.either:
		return 1
	case allDays:
		return 7
	}
	return horizon
}
