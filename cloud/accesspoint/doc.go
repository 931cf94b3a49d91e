// Package accesspoint speaks with a camera on the camera's own Wi-Fi: joins it to another one, reads
// and clears its SD card. docs/protocol.md, section 8.
//
//	us                                                camera, 192.168.169.1:6123
//	  | 115, empty ------------------------------------> the same comes back
//	  | 501 target, token, unixTimer ------------------> 501 status 200. The time stamps what it records
//	  | 502 {204 s, p}, 502 {299} ---------------------> it goes to another Wi-Fi, with an answer or without one
//	  | 502 {400} -------------------------------------> 401 the days on its card
//	  | 502 {402 date} --------------------------------> 403, and the hours and minutes of a day as XML
//	  | 502 {404 date, hours, minute} -----------------> 405 name and size of the file of that minute
//	  | 502 {406} -------------------------------------> 407, the file's bytes in packages of cmd 7, 411
//	  | 502 {412 date, hours, minute} -----------------> 413 it is gone
//
// What it promises: pictures and sound between answers confuse nothing; a file is there byte for byte or
// not at all, also when the connection broke on the way (Fetch); every wait ends.
//
// What it does not do: it finds no Wi-Fi and joins none. The protocol knows no offset, so a file that
// was cut off comes again from its first byte; what is on the disk already is compared, not written.
package accesspoint
