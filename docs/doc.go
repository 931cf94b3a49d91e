// Package docs are the documents that the program itself shows: a camera network often has no way to the internet, and
// the page must explain itself there too.
package docs

import _ "embed"

// Hooks is hooks.md, in UTF-8: Markdown that reads well as it is.
//
//go:embed hooks.md
var Hooks []byte
