// Package cloud plays the vendor's cloud on the owner's network: cameras arrive, frames leave.
//
// One whole conversation, in order; docs/protocol.md has the bytes:
//
//	camera                                            cloud
//	  | DNS  v720.naxclow.com --------------------------> dns.go         our address, where the router cannot say it
//	  | HTTP POST getA9ConfCheck ------------------------> bootstrap.go   where to go: host, tcpPort, uid, pwd
//	  | TCP  100 uid, token -----------------------------> control.go     101: registered. The newest of a uid wins
//	  | TCP  heartbeat every 5 s ------------------------> control.go     answered; none for 20 s: gone
//	  | MQTT CONNECT, SUBSCRIBE, Status, Info -----------> broker.go      its state; video works without
//	  | <------------------------------------ TCP 11 NAT  session.go     open a media channel
//	  | UDP  20 -----------------------------------------> media.go       21: where we see you
//	  | TCP  12 -----------------------------------------> session.go
//	  | UDP  51 who I am --------------------------------> session.go     50, and once more 51
//	  | <--------- TCP 53, 301/298, 301/4, 301/3 live --- session.go
//	  | UDP  packages of pictures and sound -------------> media.go → v720.Assembler → camera.Sink
//	  | <--------------------------- UDP 605 confirms --- media.go
//	  | <------------------------------- TCP 301/0 stop  session.go     always, before leaving
//
// What it promises: a camera that is registered is asked to stream, and asked again when its
// stream does not start or stops; one camera has one session, and its newest connection is it, unless a
// stranger uses its name (approval.go); a stream outlives its connection until the next one begins (trail.go);
// the media socket waits for nobody; nothing that a camera sends ends anybody else's session.
//
// What it does not do: it keeps no frame, writes no file and knows no recorder. What is to be
// remembered for ever goes to a Registry, all else to a camera.Sink.
//
// The session is a pure state machine (session.go); the files named after listeners do its
// input and output, and server.go starts and stops them.
package cloud
