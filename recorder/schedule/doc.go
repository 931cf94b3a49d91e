// Package schedule tells which mode a camera records in at a moment, by which window, and when
// that changes. It is pure: it reads no clock and starts nothing.
//
// A Window is open from each moment of its start to the next of its stop, both cron lines. A Plan
// is one camera's windows, each with a mode, and the mode that holds while none is open. What is
// in force does not hang on what was in force before: Active looks back for the last start
// without a stop since, so that a window that is open when the process starts is known to be open.
//
// # Who decides
//
//   - Of several open windows the last one in the list decides: the general ones come first, the
//     exceptions behind them.
//   - Within a window, a start that comes at the same minute as a stop wins: the window stays
//     open, or opens.
//
// # Where clocks are changed
//
// A start takes effect when clocks first read it or more, a stop when they never again will read
// less. So:
//
//   - What lies in a gap (clocks go from 02:00 to 03:00) takes effect at its end, in its order: a
//     window from 02:10 to 02:50 is not opened that night.
//   - In an hour that comes twice a window opens in the first and closes in the second: it is open
//     whenever clocks read a time in it, and never closed in between. A window that opens and
//     closes several times in that hour stays open from the first start in it to the last stop.
//
// # What it does not do
//
// It knows neither cameras nor what the modes mean. A wall clock that is wrong gives a wrong
// answer, and the right one as soon as it is set.
package schedule
