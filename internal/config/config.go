package config

import "time"

// Config is every setting of v720dvr, checked by Validate. The zero value is not usable; start
// from Default.
//
// The tags: toml names the key; one lists the texts that are allowed; range the smallest and
// the largest value; is names a check of checks.go, with a question mark when "" is allowed
// too; eg is an example for error messages where the default is none; fixed:"start" is a key that is
// read once, when v720dvr starts, and that page and API cannot set; set:"whole" is a list of tables that they
// can set, as one value that stands in the place of all that the file has of it.
type Config struct {
	Cloud         Cloud         `toml:"cloud"`
	Web           Web           `toml:"web"`
	RTSP          RTSP          `toml:"rtsp"`
	Compat        Compat        `toml:"compat"`
	Metrics       Metrics       `toml:"metrics"`
	HomeAssistant HomeAssistant `toml:"homeassistant"`
	Hooks         []Hook        `toml:"hook"`
	Archive       Archive       `toml:"archive"`
	Storage       Storage       `toml:"storage"`
	Recording     Recording     `toml:"recording"`
	Schedules     []Schedule    `toml:"schedule" set:"whole"`
	Motion        Motion        `toml:"motion"`
	Retention     Retention     `toml:"retention"`
	Log           Log           `toml:"log"`
	Cameras       []Camera      `toml:"camera"`
}

// Cloud is where cameras find the emulated cloud. Addresses are "host:port" or ":port".
type Cloud struct {
	HTTP        string `toml:"http" is:"listen" fixed:"start"`                                               // bootstrap, TCP
	Control     string `toml:"control" is:"listen" fixed:"start"`                                            // TCP, and UDP media on the same number
	MQTT        string `toml:"mqtt" is:"listen?" fixed:"start"`                                              // our own broker; "" with Broker
	Broker      string `toml:"broker" is:"broker?" eg:"mqtt://user:password@192.168.1.5:1883" fixed:"start"` // mqtt://user:password@host:1883, a broker that is there already
	DNS         string `toml:"dns" is:"listen?" eg:":53" fixed:"start"`                                      // "" does not answer
	DNSForward  string `toml:"dns_forward" is:"resolver?" eg:"192.168.1.1" fixed:"start"`                    // who is asked for other names; "" is the system's
	MQTTClients string `toml:"mqtt_clients" is:"networks?" fixed:"start"`                                    // whose MQTT clients may read and command; "" is nobody
	DNSNetworks string `toml:"dns_networks" is:"networks?" eg:"192.168.1.0/24 10.8.0.0/16" fixed:"start"`    // that may ask; "" is the box's own private ones
	Advertise   string `toml:"advertise" is:"ipv4?" eg:"192.168.1.5" fixed:"start"`                          // address told to cameras; "" is the one they came in by
	NewCameras  string `toml:"new_cameras" one:"accept approve"`                                             // approve waits for a person
	MaxCameras  int    `toml:"max_cameras" range:"1 1024" fixed:"start"`
}

// Web is the page and the API.
type Web struct {
	Listen string `toml:"listen" is:"listen?" fixed:"start"`
	Auth   string `toml:"auth" one:"password none" fixed:"start"` // none only on a loopback address
	TLS    TLS    `toml:"tls"`
}

// TLS names two PEM files, or has a certificate made; the zero value is plain HTTP.
type TLS struct {
	Cert string `toml:"cert" eg:"/etc/v720dvr/cert.pem" fixed:"start"`
	Key  string `toml:"key" eg:"/etc/v720dvr/key.pem" fixed:"start"`
	Made bool   `toml:"made" fixed:"start"` // signed by itself
}

// RTSP serves live streams to other programs; "" does not.
type RTSP struct {
	Listen string `toml:"listen" is:"listen?" eg:":8554" fixed:"start"`
}

// Compat serves the URLs of the Python server; "" does not.
type Compat struct {
	Listen string `toml:"listen" is:"listen?" eg:":8080" fixed:"start"`
}

// Metrics are for programs that measure; "" does not listen. /metrics of the page's address is there in any case.
type Metrics struct {
	Listen string `toml:"listen" is:"listen?" eg:"127.0.0.1:9720" fixed:"start"` // /metrics without a password
	Pprof  string `toml:"pprof" is:"listen?" eg:"127.0.0.1:6060" fixed:"start"`  // only on a loopback address
}

// HomeAssistant announces the cameras over MQTT; Broker "" does not.
type HomeAssistant struct {
	Broker          string `toml:"broker" is:"broker?" eg:"mqtt://user:password@192.168.1.5:1883" fixed:"start"`
	CAFile          string `toml:"ca_file" eg:"/etc/v720dvr/ca.pem" fixed:"start"` // who signed the certificate of an mqtts:// broker; "" is whom the system trusts
	DiscoveryPrefix string `toml:"discovery_prefix" is:"topic" fixed:"start"`
}

// Hook runs a command or calls a URL when one of the things in On happens. Exactly one of
// Command and URL is set. It is of the file alone: who may change settings over the network may not
// run programs by that. docs/hooks.md.
type Hook struct {
	Name       string   `toml:"name" eg:"doorbell"` // "" is made of what it calls
	On         []string `toml:"on" eg:"[\"event_start\"]"`
	Command    []string `toml:"command" eg:"[\"/usr/local/bin/notify\", \"{name}\"]"`
	Shell      bool     `toml:"shell"` // Command is one text, for /bin/sh -c
	URL        string   `toml:"url" is:"web?" eg:"http://192.168.1.5:8123/api/webhook/door"`
	Format     string   `toml:"format" eg:"ntfy"` // "" is json
	SecretFile string   `toml:"secret_file" eg:"/etc/v720dvr/hook.secret"`
	SecretEnv  string   `toml:"secret_env" eg:"HOOK_SECRET"` // the name of an environment variable
	CAFile     string   `toml:"ca_file" eg:"/etc/v720dvr/ca.pem"`
	Timeout    Age      `toml:"timeout" eg:"10s"` // "" is 30 s
	Picture    bool     `toml:"picture"`
	Cameras    []string `toml:"cameras" eg:"[\"front door\"]"`
	Kinds      []string `toml:"kinds" eg:"[\"motion\", \"sound\"]"`
	MinLength  Age      `toml:"min_length" eg:"3s"`
	Start      string   `toml:"start" is:"cron?" eg:"0 22 * * *"`
	Stop       string   `toml:"stop" is:"cron?" eg:"0 6 * * *"`
	Cooldown   Age      `toml:"cooldown" eg:"5m"`
	Page       string   `toml:"page" is:"web?" eg:"https://192.168.1.2:7720"`
	Title      string   `toml:"title" eg:"{name}"`
	Message    string   `toml:"message" eg:"{text}"`
	Priority   int      `toml:"priority" range:"0 5"`
	Tags       []string `toml:"tags" eg:"[\"warning\"]"`
}

// Archive copies footage away; S3 is https://host:9000/bucket/prefix, "" does not. The secret of AccessKey stands in SecretFile or in the
// environment variable that SecretEnv names, and never in the configuration.
type Archive struct {
	S3          string `toml:"s3" is:"bucket?" eg:"https://s3.example.com/bucket/cameras" fixed:"start"`
	Region      string `toml:"region" eg:"eu-central-1" fixed:"start"`
	AccessKey   string `toml:"access_key" eg:"AKIAIOSFODNN7EXAMPLE" fixed:"start"`
	SecretFile  string `toml:"secret_file" eg:"/etc/v720dvr/archive.secret" fixed:"start"`
	SecretEnv   string `toml:"secret_env" eg:"AWS_SECRET_ACCESS_KEY" fixed:"start"`
	CAFile      string `toml:"ca_file" eg:"/etc/v720dvr/ca.pem" fixed:"start"`
	Style       string `toml:"style" one:"auto path host" fixed:"start"` // where the bucket's name stands in addresses
	What        string `toml:"what" one:"events all off"`
	Bandwidth   Rate   `toml:"bandwidth" eg:"2MB/s"`
	DeleteWaits bool   `toml:"delete_waits"` // ages and sizes delete nothing that is to be copied still
}

// Storage is where everything is kept.
type Storage struct {
	Dir        string   `toml:"dir" is:"text" fixed:"start"`
	Recordings string   `toml:"recordings" eg:"/mnt/disk/recordings" fixed:"start"` // another disk; "" is recordings below Dir
	Sync       Duration `toml:"sync" range:"100ms 10s" fixed:"start"`
}

// The recording modes.
const (
	ModeContinuous = "continuous"
	ModeMotion     = "motion"
	ModeOff        = "off"
)

// Recording says what is written to disk. Segment divides an hour evenly, so that segments
// begin on the clock.
type Recording struct {
	Mode     string   `toml:"mode" one:"continuous motion off"`
	Segment  Duration `toml:"segment" range:"5s 1h"`
	Preroll  Duration `toml:"preroll" range:"0s 1m"`
	Postroll Duration `toml:"postroll" range:"0s 10m"`
	Audio    bool     `toml:"audio"`
}

// Schedule sets the mode of some cameras between two moments, each a cron line of five fields.
// Cameras are names or ids; none means all.
type Schedule struct {
	Cameras []string `toml:"cameras" eg:"[\"front door\"]"`
	Start   string   `toml:"start" is:"cron" eg:"0 22 * * *"`
	Stop    string   `toml:"stop" is:"cron" eg:"0 6 * * *"`
	Mode    string   `toml:"mode" one:"continuous motion off"`
}

// Motion is how movement is found. Sensitivity goes from 1 to 10, MinSize is a part of the
// picture, Hold is how long a movement lasts on after its last frame. Sound goes from 1, a shout in a quiet
// room, to 10; 0 does not listen.
type Motion struct {
	Enabled     bool     `toml:"enabled"`
	Sensitivity int      `toml:"sensitivity" range:"1 10"`
	MinSize     Percent  `toml:"min_size"`
	Hold        Duration `toml:"hold" range:"0s 1m"`
	Sound       int      `toml:"sound" range:"0 10"`
	Zones       []Zone   `toml:"zones" eg:"[{name = \"street\", kind = \"exclude\", points = [[0, 0], [1, 0], [1, 0.3]]}]"`
}

// Zone is a polygon of the picture; Points go from [0, 0] at the top left to [1, 1] at the
// bottom right. Sensitivity 0 is that of the camera.
type Zone struct {
	Name        string  `toml:"name" is:"text" eg:"street"`
	Kind        string  `toml:"kind" one:"include exclude"`
	Points      []Point `toml:"points" eg:"[[0, 0], [1, 0], [1, 0.3]]"`
	Sensitivity int     `toml:"sensitivity" range:"0 10"`
}

// Retention says what is deleted, and when. Cron is a line of five fields.
type Retention struct {
	Cron     string `toml:"cron" is:"cron"`
	MaxAge   Age    `toml:"max_age" eg:"30d"`
	MaxSize  Size   `toml:"max_size" eg:"64GB"`
	MinFree  Size   `toml:"min_free"`
	EventAge Age    `toml:"event_age" eg:"90d"`
	Thin     []Thin `toml:"thin" eg:"[{after = \"7d\", fps = 2}]"`
}

// Thin keeps FPS pictures a second, at most, of footage older than After; with Silent no sound.
type Thin struct {
	After  Duration `toml:"after" range:"1m 36500d" eg:"7d"`
	FPS    float64  `toml:"fps" range:"0.001 30" eg:"2"`
	Silent bool     `toml:"silent"`
}

// Log is what is written to standard error. Format auto has colours on a terminal and is plain
// text elsewhere.
type Log struct {
	Level  string `toml:"level" one:"debug info warn error"`
	Format string `toml:"format" one:"auto text json" fixed:"start"`
}

// Default is the Config without file, environment and flags.
func Default() Config {
	return Config{
		Cloud: Cloud{
			HTTP: ":80", Control: ":6123", MQTT: ":1883", MQTTClients: "127.0.0.0/8 ::1",
			NewCameras: "accept", MaxCameras: 64,
		},
		Web:           Web{Listen: ":7720", Auth: "password"},
		HomeAssistant: HomeAssistant{DiscoveryPrefix: "homeassistant"},
		Archive:       Archive{Style: "auto", What: "events"},
		Storage:       Storage{Dir: "data", Sync: Duration(time.Second)},
		Recording: Recording{
			Mode: ModeContinuous, Segment: Duration(5 * time.Minute),
			Preroll: Duration(10 * time.Second), Postroll: Duration(10 * time.Second), Audio: true,
		},
		Motion:    Motion{Enabled: true, Sensitivity: 5, MinSize: 0.2, Hold: Duration(2 * time.Second), Sound: 5},
		Retention: Retention{Cron: "*/10 * * * *", MinFree: Size{Percent: 5}},
		Log:       Log{Level: "info", Format: "auto"},
	}
}
