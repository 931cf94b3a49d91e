// Package motion finds what moves in a camera's pictures, and can judge again what it has seen.
//
// A picture becomes 80×60 cells of brightness (Decoder), what has changed in them becomes a level a
// cell (Detector.Change), and settings make motion of it (Judge). The levels are what the
// journal keeps (Change.AppendTrack), so that weeks can be judged again with another sensitivity
// or other zones without a picture being decoded.
//
//	JPEG ──Decoder──▶ Luma ──Detector──▶ Change ──Judge──▶ Result
//	                                       │                 ▲
//	                                  AppendTrack ─journal─ DecodeTrack
//
// # What it promises
//
//   - Luma is byte for byte what libjpeg gives at scale 1/8 in grey. A picture that is cut or damaged
//     gives an error and the rows before it; nothing that a camera sends makes it panic.
//   - A Judge handed the track says what a Detector with the same settings said of the pictures.
//   - Light is no motion: what exposure, clouds and switches do to the picture as a whole or to a
//     part with a pattern of its own is taken out, and what moves meanwhile is found. A change of
//     the whole picture is told as Light; so is a scene that became another one, as when the
//     camera goes over to infrared.
//   - What stops, and the hole that something leaves, is background after 0.8 s.
//   - A scene is known after 3 s; until then only what stands out plainly is told.
//   - After a gap of more than a second nothing is taken for moving that only differs from before.
//   - Once warm it allocates nothing: neither Decode nor Step nor AppendTrack into a buffer
//     with room.
//
// # What it does not do
//
// It opens no file, starts no goroutine and asks no clock. It does not know what a thing is, and
// does not follow one. A lamp that lights up a wall without any pattern looks like a thing that
// appears, for 0.8 s. Shadows with hard edges move like what throws them.
//
// Decoder, Detector and Judge are each for one goroutine at a time, one for every camera.
package motion
