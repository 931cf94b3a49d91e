// Package avi writes and reads a segment: one AVI file of one camera.
//
// A segment is a plain RIFF AVI below 1 GiB that every player opens, the finished one as well as
// the one still being written: MJPEG pictures as the camera sent them, A-law sound beside them,
// an index at the end. What the recorder knows beyond that (true capture times, what was lost or
// repaired, gaps, what moved, events) stands in JUNK chunks, which players skip. docs/storage.md draws
// every byte.
//
// # What it promises
//
//   - A picture's bytes come out as they went in. In any player it stands on the tick nearest to
//     its capture time, TickRate ticks a second; docs/decisions/0001-avi-tick.md has the measurement.
//   - Sound is held in step with the capture times it came with: holes become silence, what is too
//     much is dropped, both are counted. See WriteAudio.
//   - When a call returns, what was handed over has been given to the file: a kill of the process
//     costs nothing but the journal of the last second, and Open finds those pictures without it.
//   - A Reader takes broken, cut and foreign files, reads what is readable and never panics. What it
//     holds in memory is bounded: see Open.
//
// # What it does not do
//
// It opens, syncs and renames no file, starts no goroutine and asks no clock: the store does the
// first, the recorder the rest. A Writer is for one goroutine at a time, a Reader for any number.
package avi
