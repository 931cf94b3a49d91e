package config

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// LoadOptions says where to look. The zero value reads nothing: the defaults.
type LoadOptions struct {
	File     string   // "" reads no file
	Explicit bool     // the user named File: it must exist
	Env      []string // "NAME=value", as os.Environ gives it
	Flags    []Flag
	// Set are the settings of page and API. One that cannot be is left out: Loaded.LeftOut.
	Set []Setting
}

// Flag is a value from the command line.
type Flag struct {
	Name  string // as typed, without dashes: "data"
	Key   string // the key it sets: "storage.dir"
	Value any    // a string in the form of the environment, or the key's own type
}

// Loaded is a Config with its history.
type Loaded struct {
	Config Config
	File   string // the file that was read; "" when there was none
	// Origins has an entry for each key that is set somewhere, list elements with their index:
	// "camera[0].name". What is missing stands at its default.
	Origins map[string]Origin
	LeftOut []LeftOut // settings that are not in force
	text    []byte    // of the file
	sum     sum
}

// Origin tells where the value of a key comes from.
func (l Loaded) Origin(key string) Origin { return l.Origins[key] }

// sum tells one content of the file from another; the zero value is no file.
type sum [sha256.Size]byte

// maxFile bounds the file: 64 cameras with zones of their own need less than 100 KB.
const maxFile = 1 << 20

// Load reads file, environment and flags. The error joins a *Problem for each thing that is
// wrong, in the order of the file's lines; the Loaded is then useless.
func Load(options LoadOptions) (Loaded, error) {
	data, err := read(options)
	if err != nil {
		return Loaded{}, err
	}
	return load(options, data)
}

// read returns nil when there is no file and none was asked for.
func read(options LoadOptions) ([]byte, error) {
	if options.File == "" {
		return nil, nil
	}
	where := Origin{Source: options.File}
	file, err := os.Open(options.File)
	if errors.Is(err, fs.ErrNotExist) {
		if !options.Explicit {
			return nil, nil
		}
		return nil, &Problem{Where: where, Text: "there is no such file; name one that exists, or leave --config away to run with the defaults"}
	}
	if err != nil {
		return nil, fmt.Errorf("open configuration: %w", err)
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	if len(data) > maxFile {
		return nil, &Problem{Where: where, Text: "is larger than 1 MiB; this is no configuration of v720dvr"}
	}
	return data, nil
}
