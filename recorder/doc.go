// Package recorder turns what cameras give into segments.
//
// A Recorder is a runner: New checks, Run works until its context ends. It is the camera.Sink
// that the cloud is handed: Frame, Audio and Event never wait. Each camera has a deck: a bounded
// queue and one goroutine that writes the camera's segments, so that a slow disk or a broken
// camera holds up nobody else.
//
// # What it promises
//
//   - Every picture that came into a queue is in one segment, once, in the order it came, or is
//     counted: dropped (the queue was full, the disk had failed) or lost (it never came whole).
//     A picture that a full queue dropped stands in the ledger of its segment as lost.
//   - Segments begin on the clock: at the first picture at or after a multiple of the segment's
//     length in local time, counted from midnight. One ends where the next begins, sound included,
//     to the sample. The next is open before the last is committed.
//   - A camera without pictures for 10 s ends its segment; the next one says what is missing.
//   - When Run's context ends, every deck writes what its queue holds and commits, all within 4 s.
//   - After an error of the disk a deck begins a new segment, after 1 s, then 2 s … 30 s.
//
// # What it does not do
//
// It opens no file (storage does) and knows no network. What becomes of time that is wrong
// beyond a cut is docs/time.md's.
package recorder
