//go:build !linux

package recorder

func machineMemory() int64 { return 0 }
