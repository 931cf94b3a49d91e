// Package capture writes what cameras and cloud say to each other as a pcapng file, which Wireshark
// opens, and reads such files, of whoever made them, to play the camera of one again (replay.go).
//
// What is written was heard in the sockets, not on the network: IP, TCP and UDP headers are made up around
// it, with the right addresses, ports, checksums and sequence numbers. What the network lost, sent twice or
// cut otherwise is not in it. It is held in memory until it is written, 8 MB at most; beyond that it
// is dropped and counted, and never waited for.
//
// The format: https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-04.html
package capture
