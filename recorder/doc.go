// Package recorder turns what cameras give into segments.
//
// A Recorder is a runner: New checks, Run works until its context ends. It is the camera.Sink
// that the cloud is handed: Frame, Audio and Event never wait. Each camera has a deck, which decides
// what is recorded, and the deck a spool, which cuts and writes the camera's segments. Each has a
// goroutine and a queue, a commit has one too, and so have the sync and the sign of life: a disk that
// stands still holds up no decision, no camera on another disk and no socket.
//
// A picture's way: the deck takes it by the wall clock (wall.go), asks which mode is in force (mode.go) and
// a pure planner whether it belongs into a segment, into the file of an event, or is held (trigger.go,
// preroll.go). Why nothing is recorded is kept by the deck (rest.go), as a list of reasons by the spool
// (absence.go), and handed to the next segment, or to the store while there is none (missing.go).
//
// # What it promises
//
//   - Every picture that is to be recorded is in one segment, once, in the order it came, or is
//     counted: dropped (more waited for the disk than may) or lost (it never came whole). A picture
//     that was dropped stands in the ledger of the segment behind it as lost.
//   - What waits in all queues together stays inside Options.Waiting; the oldest is dropped first.
//   - Segments begin on the clock: at the first picture at or after a multiple of the segment's
//     length in local time, counted from midnight. One ends where the next begins, sound included,
//     to the sample. The next is open before the last is committed.
//   - An event stands in the journal of its segment, and in events.jsonl of its day with the first picture
//     behind it.
//   - In motion mode a file is an event: from the first picture at or after its pre-roll to the first at or after
//     its post-roll, without a hole, whatever the mode was before. docs/time.md tells it all.
//   - A camera without pictures for 10 s ends its segment; the next one says what is missing, each reason
//     a gap of its own. 2 s without a picture are a gap inside.
//   - A wall clock that is set ends the segments; nothing is overwritten, and both files say so.
//   - When Run's context ends, every spool writes what its queue holds and commits, all within 4 s.
//   - After an error of the disk a spool begins a new segment, after 1 s, then 2 s … 30 s, with the
//     picture that was refused. Each trouble of the disk has a name, a line of log where it begins and
//     one where it ends, and costs what docs/storage.md says.
//
// # What it does not do
//
// It opens no file (storage does), knows no network, and judges no picture: who sees motion triggers.
package recorder
