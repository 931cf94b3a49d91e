// Package tidy holds the code itself to its rules. It has tests only: which room may import
// which, that each room says what it is for, that config.toml stands at the defaults, that links
// and citations lead somewhere, and that nothing is left lying about.
//
// A rule stands here when a machine can tell; what it cannot tell is in CONTRIBUTING.md.
package tidy
