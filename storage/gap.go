package storage

// Reasons of a gap. They stand in files: they never change.
const (
	// GapSilent: the camera was connected, or came back without having rebooted, and sent no
	// pictures: its Wi-Fi.
	GapSilent = "silent"
	// GapOffline: the camera was gone: it had no connection, or rebooted.
	GapOffline = "offline"
	// GapRestarted: v720dvr did not run.
	GapRestarted = "restarted"
	// GapDisk: the disk did not take what came.
	GapDisk = "disk"
	// GapOff: recording was switched off.
	GapOff = "off"
	// GapSchedule: a window of the schedule says off.
	GapSchedule = "schedule"
	// GapPaused: somebody wanted privacy.
	GapPaused = "paused"
	// GapClock: the wall clock was set forward, and nothing was missed.
	GapClock = "clock"
	// GapIdle: where only what moves is recorded, there was nothing to record.
	GapIdle = "idle"
	// GapDeleted: retention deleted what was recorded. It is computed, and written to no file.
	GapDeleted = "deleted"
	// GapErased: a person deleted what was recorded. It is computed, as GapDeleted is.
	GapErased = "erased"
)
