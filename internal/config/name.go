package config

import (
	"fmt"
	"strings"
	"unicode"
)

// checkName wants a name that is a folder on any system: recordings lie on disks that are also
// read by Windows and macOS.
// learn.microsoft.com/windows/win32/fileio/naming-a-file lists what Windows forbids.
func checkName(name string) error {
	const bytes = 64
	switch {
	case strings.TrimSpace(name) == "":
		return fmt.Errorf("is empty, and the name is the camera's folder")
	case len(name) > bytes:
		return fmt.Errorf("%q is no name of a folder: it has %d bytes, not at most %d", name, len(name), bytes)
	case strings.HasPrefix(name, "."):
		return fmt.Errorf("%q is no name of a folder: it begins with a dot", name)
	case strings.HasPrefix(name, " "), strings.HasSuffix(name, " "), strings.HasSuffix(name, "."):
		return fmt.Errorf("%q is no name of a folder: it begins with a space, or ends with a space or a dot", name)
	case strings.EqualFold(name, "volume.json"):
		return fmt.Errorf("%q is the name of a file of v720dvr", name)
	case isDevice(name):
		return fmt.Errorf("%q is no name of a folder on Windows", name)
	}
	for _, c := range name {
		if strings.ContainsRune(`<>:"/\|?*`, c) || !unicode.IsPrint(c) {
			return fmt.Errorf("%q is no name of a folder: it has %q in it", name, c)
		}
	}
	return nil
}

// isDevice tells the names that are devices on Windows, whatever follows the first dot.
func isDevice(name string) bool {
	stem, _, _ := strings.Cut(strings.ToUpper(name), ".")
	switch stem = strings.TrimRight(stem, " "); stem {
	case "CON", "PRN", "AUX", "NUL":
		return true
	}
	digit, ok := strings.CutPrefix(stem, "COM")
	if !ok {
		digit, ok = strings.CutPrefix(stem, "LPT")
	}
	return ok && strings.Contains("0123456789¹²³", digit) && digit != ""
}
