// Package storage owns the data folder: two small databases and the recordings. Nobody else
// opens a file in it.
//
// A Store is a holder: Open, use, Close; it starts no goroutine. One process at a time holds
// it; others may look beside it with OpenReadOnly, and Approve cameras. docs/data-folder.md draws the folder and
// the tables, docs/storage.md every byte of a segment.
//
// # A segment's life
//
// Create makes ….avi.part in the camera's folder of the day and fsyncs that folder. WriteFrame,
// WriteAudio and WriteEvent hand over to the file at once; Store.Sync, called every tick by the
// recorder, makes safe what was handed over. Commit finishes the file: frame table and totals,
// fsync, rename to ….avi, fsync of the folder, and only then the row in the index, in one
// transaction. An I/O error gives the segment up: its .part stays as it is, and the next one is
// begun, since an fsync after a failed fsync may lie.
//
// # A segment's end
//
// Sweep deletes what the Rules do not keep, MakeRoom when the disk gets full, and neither what a Keep holds. Deleting goes the other
// way round than writing: the intent in state.sqlite, the row, the file, the day's folder; then the intent
// is the log. NoteEvent writes what a day's folder tells people; it goes with the day.
//
// Thin writes old segments again with fewer pictures: beside, and then in the place of what was there.
//
// # What is missing
//
// A segment tells what is missing before it and inside it; NoteGaps keeps what no segment tells yet,
// StillAlive when the recorder ran, and Resume puts both together after a start. Coverage answers for any
// span: every moment of it is recorded, or in one gap with a reason.
//
// # Invariants
//
// Check tests them, and every test that opens a store ends with it.
//
//   - I1: a row's file is there, under the row's path, with the row's size. Only rows of the volume
//     that is mounted are judged.
//   - I2: a segment that bears the name .avi has a row, wherever below the recordings it lies. Files of
//     others, and copies, are left alone and counted as foreign.
//   - I3: a .avi.thin is being written by Thin, a .avi.restore by Restore within the last week. A .part is open, or was given up after an error of this run; an open segment has its .part.
//   - I4: what a row says about a segment (camera, name, run, number, times, size, counts), and the
//     index about its gaps, before it and inside, and its events, is what the file says about itself.
//     The footage is the database.
//   - I5: a folder in which Create put a segment belongs to one camera.
//   - I6: both databases are sound by SQLite's own check.
//   - I7: a code that IssueCamera gave was written down durably before it was returned; no code is
//     given twice, nor one that a camera brought from elsewhere. (Held by the key of the table.)
//   - I8: a segment whose deletion is written down has no row. Its file may still be there when the
//     disk does not let go of it; then it is not I2's.
//
// # After a crash
//
// Each segment has an intent in the index from before its file is made until its row is written. So
// Open knows what an earlier run left, and ends it: it finishes .part files in place and writes rows
// that are missing, and it goes on with deletions. Rescan, a runner, finds the rest. index.sqlite can
// be deleted: Rescan and Reindex build it again from the files. Check and Repair are for doubts.
package storage
