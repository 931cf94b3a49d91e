// Package hooks tells other programs what happens: it runs commands, calls webhooks and sends
// notifications. docs/hooks.md is what people read of it.
//
// It promises that the end of an event is told at least once, under the same id however often it is tried,
// also when the other side is away for days, the process is killed in the midst of it or the power goes: what
// is to be told is written to state.sqlite before it is tried, and what could not even be written is found in
// the index, into which the end came in the same transaction as its segment. Everything else that happens is
// told as well as it can be.
//
// A slow or dead receiver holds up no other, and never the recorder: each hook has a queue of its own, which
// is bounded on disk. The room decides nothing about recording.
package hooks
