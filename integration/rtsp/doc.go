// Package rtsp gives what cameras see and hear now to other programs: VLC, ffmpeg, go2rtc, Frigate. At
// rtsp://box:8554/<name or id of a camera> stand its pictures as Motion JPEG (RFC 2435) and its sound as A-law
// (PCMA/8000, RFC 3551), over TCP or UDP.
//
//	Cameras.Watch ──▶ Feed ──▶ channel ──▶ fit, clock ──▶ gortsplib ──▶ a queue and a goroutine for each reader
//
// It sees the rest of v720dvr through Cameras and Options.Authenticate alone. docs/rtsp.md is for people.
//
// # What it promises
//
//   - Pictures are the camera's own: nothing is decoded but how they are coded (fitter). One that RFC 2435 has no
//     place for is left out, counted, and told of once with the reason.
//   - RTP timestamps are capture times, and sender reports tell them: pictures and sound are in step, as far as the
//     recorder knows.
//   - Nobody waits for a reader. One that is behind by a whole queue is ended, and the others do not notice.
//   - A camera that nobody reads costs nothing.
//
// # How it begins and ends
//
// Who asks for a camera that is not known, or that is not for him, gets 404. Of a camera that gave nothing for
// freshFor the answer waits waitFirst for a picture, and is 503 then. A reader stays while pictures or sound come; after
// goneAfter without any it is ended, to ask again as Frigate and go2rtc do. It is ended too, within lookAgain, when who
// reads may not any more.
//
// gortsplib's protocol parser runs on goroutines of its own, out of reach of recover: so door.go lets nothing through to
// its tunnels over HTTP, handler.go answers no method that sends us anything, and a test throws noise at it.
package rtsp
