// Package web is the door for people and their programs: the API, and who may use it.
//
// A Server is a runner: New checks, Listen binds, Run(ctx) serves until ctx ends. The cameras' ports are
// the cloud's; this room never shares a listener with them.
//
// # Who may
//
// Who asks is found in identify.go: a session's cookie, a token, the unix socket in the data folder, or
// nobody. What they may is decided in access.go and nowhere else: a table says of each route what it needs,
// and a route that has no line there cannot be registered. What touches a list of cameras asks
// Principal.Cameras. docs/security.md tells what this holds against, and what not.
//
// # What it promises
//
//   - A request costs a bounded part of memory, whatever is in it: header, body, connections of an
//     address and all that is remembered of strangers have bounds. Passwords are hashed two at a time.
//   - A panic costs the request in which it happens, and a line of log.
//   - Strangers that guess passwords lock nobody out who has been here before.
//   - What somebody changed stands in the audit log.
//   - A stream ends within 5 s when who asked for it may not have it any more. Who looks at cameras slowly
//     gets fewer pictures, and holds up nobody.
//   - docs/api/openapi.json is what the code does: a test compares.
//
// # What it does not do
//
// It knows neither the recorder nor the configuration: what it needs of them it asks a Box for, which
// package main implements, and what cameras see now a live.Hub. It opens no file but a certificate.
package web
