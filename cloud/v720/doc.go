// Package v720 is the wire of V720 / A9 cameras: the 20-byte packages that TCP and UDP carry
// alike, the JSON inside them, and the way pictures and sound are cut into packages and put
// together again.
//
// Everything here is pure: bytes and times come in, values go out. No socket, no clock, no
// goroutine. What a section of docs/protocol.md says is cited at the line that obeys it.
//
//   - Packet, ParsePacket: one package. Decoder: packages out of a TCP stream.
//   - Control, ParseControl: the JSON of a package with Cmd 0, and the messages we send.
//   - MQTTCommand, ForwardCommand: what cameras can be told to do. ParseReport: what they say of themselves.
//   - Assembler: packages of one media session in, pictures and sound out, confirms back.
//   - Clock: the capture time of a picture, held against the camera's own count of samples; timing
//     decides what it is told when packages are missing, or a camera threw things away.
//   - EncodeALaw: the sound of cameras that send PCM.
//
// Cameras are read leniently: what was not understood is an error for the caller to count, and
// never a reason to end a session, with one exception: a TCP stream whose framing is lost.
package v720
