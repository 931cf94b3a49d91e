// Package motion finds what moves in a camera's pictures and what is loud in its sound, makes events of
// it, and can judge again what it has seen. docs/motion.md tells it for people.
//
// A picture becomes 80×60 cells of brightness (Decoder), what has changed in them becomes a level a
// cell (Detector.Change), settings make motion of it (Judge), and motion becomes events (Teller). The levels
// are what the journal keeps (Change.AppendTrack), so that weeks can be judged again with another sensitivity
// or other zones without a picture being decoded. Eye is all of it for one camera:
//
//	        ┌──────────────────────── Eye ────────────────────────┐
//	JPEG ───▶ Decoder ─Luma─▶ Detector ─Change─▶ Judge ─Result─▶ Teller ───▶ News
//	        │                              │       ▲              │
//	        └──────────────────────────────┼───────┼──────────────┘
//	                              AppendTrack     DecodeTrack
//	                                       └journal┘
//	A-law ──▶ Ear ───▶ News
//
// The ear stands beside the eye and not in a room of its own, since what it tells is the same: events with
// a start, an end and a peak, over what is usual there, which the recorder keeps and tells of in one way.
//
// # What it promises
//
//   - Luma is byte for byte what libjpeg gives at scale 1/8 in grey. A picture that is cut or damaged
//     gives an error and the rows before it; nothing that a camera sends makes it panic.
//   - A Judge handed the track says what a Detector with the same settings said of the pictures.
//   - Light is no motion: what exposure, clouds, switches and lamps do to the picture, or to a part of it, is
//     taken out, and what moves meanwhile is found. A change of the whole picture is told as Light; so is
//     a scene that became another one, as when the camera goes over to infrared.
//   - What stops is no motion after 0.8 s, and neither is the hole that something leaves. The movement
//     that it belongs to goes on for another 10 s while it stands there, and ends Settings.Hold after that.
//   - A scene is known after 3 s; until then only what stands out plainly is told.
//   - After a gap of more than a second nothing is taken for moving that only differs from before.
//   - A record of a track is bounded by the runs in it, near 200 bytes; of most frames there is none.
//   - Once warm it allocates nothing: neither Eye.See nor Ear.Hear, nor any part of them.
//
// # What it does not do
//
// It opens no file, starts no goroutine and asks no clock. It does not know what a thing is, and
// does not follow one. Headlights that are as small as the car, heavy rain and a television are motion until
// they are learned, within a quarter of a minute. Shadows with hard edges move like what throws them.
//
// Every type here is for one goroutine at a time, one of each for every camera.
package motion
