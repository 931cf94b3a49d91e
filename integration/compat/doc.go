// Package compat serves the web addresses of the Python server for these cameras, so that who changes over keeps
// what is set up elsewhere: go2rtc, Home Assistant's generic camera, scripts. docs/compat.md is what people read of it.
//
//	/dev/list                the cameras that are connected
//	/dev/ID/live, /video     Motion JPEG, as parts of an answer without end
//	/dev/ID/audio            A-law as a WAV file without end
//	/dev/ID/snapshot         one picture
//	/dev/ID/go2rtc-stream    both, as Matroska
//
// What each answers is read from github.com/intx82/a9-v720 (src/v720_http.py) and, for go2rtc-stream,
// github.com/dbuezas/ha-addons (a9-cam). It differs where those would harm: who reads says who he is, as on the page, unless
// nobody need to; nothing is commanded; and a reader that takes nothing is ended.
//
// Nothing is made for a reader but the lines between pictures. What waits for one is the newest picture, or with Matroska 64 of
// them (recorder/live); there are mostReaders of them, mostOfOneAddress of an address.
package compat
