// Package export makes files of footage for people who have no v720dvr: a span of a camera as AVI, Matroska, WAV,
// ZIP or MP4, and as a timelapse. Nothing is coded anew but for MP4, which an ffmpeg makes that is there.
//
// It promises that an Export knows its length before its first byte (MP4 has none), and that a file holds just
// the pictures of from ≤ t < to, with their own bytes and their own times. Where a camera leaves the Huffman tables
// out that all pictures share, they are put in, but not in AVI, whose players know them.
//
// It knows nothing of files' names and of who asks.
package export
