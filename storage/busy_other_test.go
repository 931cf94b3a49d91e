//go:build !linux

package storage_test

import "time"

func busy() time.Duration { return 0 }
