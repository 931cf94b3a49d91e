package recorder

import "golang.org/x/sys/unix"

// machineMemory is the machine's main memory in bytes; 0 when the system does not tell.
func machineMemory() int64 {
	var info unix.Sysinfo_t
	if unix.Sysinfo(&info) != nil {
		return 0
	}
	return int64(info.Totalram) * int64(info.Unit)
}
