// Package card speaks with a camera about its SD card, over whatever line there is: the camera's own
// Wi-Fi (cloud/accesspoint), or its control connection (cloud). docs/protocol.md, section 8.
//
//	us                               camera
//	  | 400 ---------------------------> 401 the days on its card
//	  | 402 date ----------------------> 403, and the hours and minutes of a day as XML (cmd 8)
//	  | 404 date, hours, minute -------> 405 name and size of the file of that minute
//	  | 406 ---------------------------> 407, the file's bytes in packages of cmd 7, 411
//	  | 408 ---------------------------> it stops
//	  | 412 date, hours, minute -------> 413 it is gone
//
// What it promises: pictures and sound between answers confuse nothing; a file is there byte for byte or
// not at all, also when the connection broke on the way (Fetch); every wait ends.
//
// What it does not do: it opens no connection and keeps none. The protocol knows no offset, so a file
// that was cut off comes again from its first byte; what is on the disk already is compared, not written.
package card
