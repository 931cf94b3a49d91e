// Package accesspoint speaks with a camera on the camera's own Wi-Fi: joins it to another one, leads
// to its SD card. docs/protocol.md, section 8.
//
//	us                                                camera, 192.168.169.1:6123
//	  | 115, empty ------------------------------------> the same comes back
//	  | 501 target, token, unixTimer ------------------> 501 status 200. The time stamps what it records
//	  | 502 {204 s, p}, 502 {299} ---------------------> it goes to another Wi-Fi, with an answer or without one
//	  | 502 {400} … 502 {412} ------------------------> its SD card: cloud/card
//
// What it promises: pictures and sound between answers confuse nothing; every wait ends.
//
// What it does not do: it finds no Wi-Fi and joins none.
package accesspoint
