// Package config turns config.toml, the environment and the command line's flags into one
// Config, and tells where each value came from.
//
// Default is the Config without a file. Load reads everything once and returns all that is
// wrong with it in one error: file, line, key, what is wrong and what would be right. A Watcher
// loads again when the file changes; what is wrong then leaves the old Config standing.
//
// A key is named by its place in the file, "recording.segment"; in the environment the same
// key is V720DVR_RECORDING_SEGMENT. Flags stand before the environment, the environment before what was
// set through page and API, that before the file, the file before the defaults. Lists of tables ([[camera]], [[hook]], [[schedule]])
// have no environment form; of them [[schedule]] can be set, as one list in the place of the file's.
//
// The structs in config.go and camera.go are the one list of keys: their tags name the key and
// the rule that its value obeys, and everything else here (defaults, positions, the environment,
// printing, comparing) walks those structs.
//
// The package never writes config.toml, and only cmd/v720dvr imports it: each room has Options
// of its own.
package config
