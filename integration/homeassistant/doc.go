// Package homeassistant has cameras and box appear in Home Assistant, over the MQTT broker that it uses.
// docs/homeassistant.md is what people read of it.
//
//	Box ──look──▶ states ──▶ Outbox ──▶ broker ──▶ Home Assistant
//	Hub ─moment─▶                      ◀── commands ──┘
//
// What is announced (things.go, announce.go) and what is told (states.go) are pure; one file knows the library
// (broker.go).
//
// # What it promises
//
//   - The recorder never waits for the broker: of each topic the newest message alone waits, and when there is no
//     connection none does. A connection begins with all that there is.
//   - When this process dies, however it does, the broker says so: everything is unavailable until it is back.
//   - A camera's entities hang on its id. Another name for it changes no entity's id.
//   - What Home Assistant asks for is answered by the new state, or by the old one when it was refused; a
//     message that the broker kept is no command.
//   - A camera that is gone takes its entities and what the broker kept of it along, also when it went while there was
//     no connection.
//
// # Bounds
//
//   - messages that wait: one a topic, some 25 a camera, and mostPictureBytes of pictures;
//   - commands that wait: mostCommands for each of commandWorkers; commandLimit each;
//   - pictures of events that wait to be read: one a camera;
//   - a message of the broker: mostMessage bytes; it is told so.
package homeassistant
