// Package camera holds the values that every room shares: what a camera is called,
// what it saw and heard, and what happened to it.
//
// The values are plain and immutable once handed over: who makes a Frame gives its bytes
// away, and everybody behind a Sink may read them at the same time. The package imports the
// standard library alone and starts nothing.
package camera
