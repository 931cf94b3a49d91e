// Package live hands what cameras see and hear now to those who look: the latest picture of each camera,
// sound, what moves in the picture, and what is new of events.
//
//	Frame, Audio, Grid, Moment ──▶ Hub ──Ready──▶ Viewer.Next ──▶ a socket
//	                                      Viewer.Ack ◀── it was painted
//
// The Hub is pure: it starts nothing, waits for nobody and knows no clock. Who shows pictures asks a Viewer
// for the Next thing to send, and sends it as slowly as it likes.
//
// # What it promises
//
//   - Frame, Audio, Grid, Moment and Forget never block and allocate nothing for a picture, with viewers or
//     without. One lock is held for a moment, and never while anything is written.
//   - A viewer has at most MostUnacked pictures on its way; until it acknowledges one, it gets none. What it
//     gets then is the newest picture of the camera that has waited longest. So a slow viewer thins itself,
//     and no other notices. Who wants every picture gets them in order, as long as they are taken in time.
//   - A camera that a viewer does not watch costs nothing.
//   - Pictures are shared: the hub keeps one of each camera, whatever the number of viewers, and a viewer
//     none but the one that its owner is writing.
//   - What is dropped is told: sound by the holes in its numbers, moments by a count.
//
// # Bounds
//
//   - a picture for each camera that was seen (1 MiB at most, docs/architecture.md);
//   - a viewer: MostWatched cameras, mostSounds pieces of sound and mostSoundBytes in them, mostMoments
//     moments, with Every mostPictures pictures and mostPictureBytes in them; of each camera it watches a grid of near 200 bytes; some 75 KB when all are full.
package live
