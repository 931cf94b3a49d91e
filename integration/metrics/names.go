package metrics

import "github.com/prometheus/client_golang/prometheus"

// A description is a metric: its name, what it means, and its labels.
type description struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
}

// descriptions are all of them, in the order of this file.
var descriptions []*description

// prefix of all names. Units are seconds, bytes and ratios; what only grows ends in _total
// (prometheus.io/docs/practices/naming).
const prefix = "v720dvr_"

func counter(name, help string, labels ...string) *description {
	return described(prometheus.CounterValue, name, help, labels)
}

func gauge(name, help string, labels ...string) *description {
	return described(prometheus.GaugeValue, name, help, labels)
}

func described(kind prometheus.ValueType, name, help string, labels []string) *description {
	d := &description{prometheus.NewDesc(prefix+name, help, labels, nil), kind}
	descriptions = append(descriptions, d)
	return d
}

const ofCamera = "camera"

var (
	buildInfo = gauge("build_info", "Always 1; which v720dvr it is.", "version", "goversion")
	problems  = gauge("problems", "What somebody must act on.")
	viewers   = gauge("viewers", "Who look at cameras live, hooks among them.")

	diskReady   = gauge("disk_ready", "Whether the disk of the recordings takes them.")
	diskSize    = gauge("disk_size_bytes", "Size of the disk of the recordings.")
	diskFree    = gauge("disk_free_bytes", "What is free on it.")
	diskMinFree = gauge("disk_min_free_bytes", "What retention keeps free; 0 without a limit.")
	waiting     = gauge("queue_bytes", "Pictures and sound that wait for the disk.")
	budget      = gauge("queue_limit_bytes", "How much may wait for the disk; beyond it the oldest are dropped.")
	keptBytes   = gauge("kept_bytes", "Recordings that keeps hold.")
	oldest      = gauge("oldest_recording_timestamp_seconds", "Start of the first recording that is kept.")
	syncs       = gauge("sync_duration_seconds", "How long it took to make what was written safe.")

	malformed        = counter("doors_malformed_total", "What came to the cameras' ports and did not parse.")
	strangers        = counter("doors_strangers_total", "What came to the cameras' ports and belongs to no registered camera.")
	refused          = counter("doors_refused_total", "What came to the cameras' ports beyond a limit.")
	droppedDatagrams = counter("datagrams_dropped_total", "Datagrams that the system dropped before they were read.")

	deletedSegments = counter("retention_deleted_segments_total", "Segments that were deleted, by the rule that took them.", "rule")
	deletedBytes    = counter("retention_deleted_bytes_total", "Bytes of segments that were deleted, by the rule that took them.", "rule")

	homeConnected = gauge("homeassistant_connected", "Whether there is a connection to the broker of Home Assistant.")
	homeSent      = counter("homeassistant_messages_total", "Messages that the broker of Home Assistant took.")
	homeDropped   = counter("homeassistant_pictures_dropped_total", "Pictures that were not sent there, since newer ones came.")
	homeCommands  = counter("homeassistant_commands_total", "What Home Assistant asked for and was tried.")
	homeRefused   = counter("homeassistant_commands_refused_total", "What came as a command of Home Assistant and was none, or too much at once.")

	rtspReaders   = gauge("rtsp_readers", "Who read cameras over RTSP.")
	rtspPictures  = counter("rtsp_pictures_total", "Pictures that were sent over RTSP, each once, whatever the number of readers.")
	rtspSounds    = counter("rtsp_sounds_total", "Pieces of sound that were sent over RTSP, likewise.")
	rtspDropped   = counter("rtsp_dropped_total", "Pictures and pieces of sound that were not sent over RTSP since the box was too busy.")
	rtspRefused   = counter("rtsp_pictures_refused_total", "Pictures that RTP has no place for, or that are broken.")
	rtspSlow      = counter("rtsp_readers_slow_total", "Readers that were ended because they did not take what came.")
	rtspDenied    = counter("rtsp_denied_total", "Answers over RTSP to who may not, or was one too many.")
	rtspStrangers = counter("rtsp_strangers_total", "Connections for RTSP that did not speak it, or were too many.")

	hookWaiting = gauge("hook_calls_waiting", "Calls of a hook that are still to be made.", "hook")
	hookDone    = counter("hook_calls_total", "Calls of a hook that succeeded.", "hook")
	hookFailed  = counter("hook_failed_tries_total", "Tries of a hook that failed.", "hook")
	hookLost    = counter("hook_lost_calls_total", "Calls of a hook that were given up.", "hook")

	requests       = counter("http_requests_total", "Answers, by route and code.", "method", "route", "code")
	requestSeconds = gauge("http_request_duration_seconds", "How long answers took; those that go on (streams, files), until they began.", "method", "route", "class")

	cameraInfo   = gauge("camera_info", "Always 1; what a camera is called.", ofCamera, "name", "model", "firmware")
	online       = gauge("camera_online", "Whether a camera is connected.", ofCamera)
	recording    = gauge("camera_recording", "Whether a camera is recorded now.", ofCamera)
	frames       = counter("camera_frames_total", "Pictures that came whole.", ofCamera)
	frameBytes   = counter("camera_frame_bytes_total", "Bytes of the pictures that came.", ofCamera)
	repaired     = counter("camera_frames_repaired_total", "Pictures that came whole with packages that were sent again.", ofCamera)
	lost         = counter("camera_frames_lost_total", "Pictures that never came whole.", ofCamera)
	recorded     = counter("camera_frames_recorded_total", "Pictures handed to a file.", ofCamera)
	dropped      = counter("camera_frames_dropped_total", "Pictures that came and were not recorded since too much waited for the disk.", ofCamera)
	droppedSound = counter("camera_sounds_dropped_total", "Pieces of sound that were not recorded, likewise.", ofCamera)
	segments     = counter("camera_segments_total", "Segments that were committed.", ofCamera)
	connections  = counter("camera_connections_total", "Times that a camera connected.", ofCamera)
	packages     = counter("camera_packages_total", "Packages of media, in this session.", ofCamera)
	missing      = counter("camera_packages_missing_total", "Packages that were given up, in this session.", ofCamera)
	duplicate    = counter("camera_packages_duplicate_total", "Packages that came although they had come, in this session.", ofCamera)
	late         = counter("camera_packages_late_total", "Packages that filled a hole, in this session.", ofCamera)
	tooLate      = counter("camera_packages_too_late_total", "Packages that came when they had been given up, in this session.", ofCamera)
	sounds       = counter("camera_sound_packages_total", "Packages of sound, in this session.", ofCamera)
	queue        = gauge("camera_queue_items", "What waits in a camera's queue, most of it for the disk.", ofCamera)
	frameAge     = gauge("camera_frame_age_seconds", "How long ago a camera's last picture was captured.", ofCamera)
	frameRate    = gauge("camera_frame_rate_hertz", "Pictures a second, over the last 10 s.", ofCamera)
	motion       = gauge("camera_motion_ratio", "Part of a camera's last picture that moved, 0 to 1.", ofCamera)
)
