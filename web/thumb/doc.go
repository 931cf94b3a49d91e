// Package thumb makes small pictures of cameras' pictures: at a quarter of their width and height, which is
// what the four lowest coefficients of each block of a JPEG give without the rest of them.
//
// It is pure. It takes what the cameras send (docs/protocol.md, section 5) and what else is a baseline JPEG of
// grey or of luma and chroma; what is damaged or ends early gives the rows before that, and an error. Memory
// is bounded by the picture: its bytes and a quarter again, and three bytes for each sixteen pixels of at most 16 million.
package thumb
