package storage_test

import (
	"syscall"
	"time"
)

// busy is how long the processor has worked for this process, 0 where nobody tells.
func busy() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
