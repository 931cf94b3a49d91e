// Package archive copies footage away, to storage that speaks S3, and brings it back.
//
// An Archive is a runner: New checks and connects to nothing, Run(ctx) copies until ctx ends. What
// comes next is a pure function of what the store has that the archive has not (plan.go): footage that
// shows something before the rest, the newest before the older.
//
// # What is promised
//
// A segment counts as archived when the archive has said that the object is there with as many bytes
// as were hashed, under a checksum that is ours. Before that nothing is written down, and an object
// comes into being all at once: small ones by one request, large ones by a multipart upload that is
// completed at its end. What a kill or a fault leaves is an upload that nobody sees; it is gone on with,
// part by part, or given up at the next start. A segment that changes here when it was archived
// (thinned, say) stays archived as it was.
//
// # Bounds
//
// One segment at a time, over four connections at most; a buffer of 64 KB, and the checksums of its
// parts (at most 64 of 16 MiB). The queue holds the next 1024; the others are counted. Nothing of a segment is held in
// memory. A server that takes or gives nothing for a minute is given up on; then it is tried again after 2 s, 4 s … 5 min.
//
// It does not delete anything that is archived: that is the bucket's own lifecycle rules' to do.
package archive
