package storage

// A gate is a mutex that may be held while the disk works. Who waits at it waits at a channel, so
// that in a synctest bubble, where a stalled disk is a timer, time passes for him.
type gate chan struct{}

func newGate() gate { return make(gate, 1) }

func (g gate) Lock()   { g <- struct{}{} }
func (g gate) Unlock() { <-g }

func (g gate) TryLock() bool {
	select {
	case g <- struct{}{}:
		return true
	default:
		return false
	}
}
