// Package chain holds recordings together: signed statements on segments, each of which names the one before of its
// camera and run, and what finds out whether they still hold.
//
// It is pure: statements are bytes, files are io.ReaderAt, and nobody is asked for the time. It promises that a
// statement that Verify lets pass was signed by one of the keys that were given, and that Examine finds any changed
// byte of a sealed file. It does not know where statements are kept; docs/integrity.md says what they prove, and what
// they cannot.
package chain
