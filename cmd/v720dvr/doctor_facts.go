package main

import (
	"net/netip"
	"time"

	"v720dvr/camera"
	"v720dvr/internal/config"
	"v720dvr/web"
)

// What `v720dvr doctor` judges by: facts of the box and of the cameras, as they were gathered at one moment. What could
// not be known is a nil pointer or a zero, and then nothing is said of it. Nothing in here asks anybody: doctor_gather.go does.

// boxFacts are the box's.
type boxFacts struct {
	At        time.Time
	Running   bool // a recorder runs on the data folder
	Container bool // this process runs in one
	Config    config.Cloud
	Ports     []portFact
	Own       []netip.Addr   // IPv4 addresses of this machine in its networks; loopback is none
	Announced netip.AddrPort // where cameras send media; its address is not valid without cloud.advertise
	Reach     *reachFact
	Firewalls []string // that are active, by the name of their command: ufw, firewalld
	Buffer    *bufferFact
	Dropped   int64 // datagrams by the system, since the start
	Clock     clockFact
	Disk      diskFact
	Folder    folderFact
	Names     *nameFact
	Asked     int   // addresses that asked our own DNS for a camera's name
	Broker    error // why the broker of cloud.broker does not let us read; nil when it does, or there is none
	Home      error // why Home Assistant is not told anything; nil when it is, or is not to be
	Limits    limitFact
	Problems  []string // that the recorder tells of itself
}

// portFact is an address that is bound for the cameras or the page.
type portFact struct {
	Key     string // of the configuration
	What    string // comes there, for people
	Usual   uint16 // the one that cameras come to whatever is configured; 0: they are told, or ask
	Network string // tcp, udp
	Address string
	Err     error  // why it cannot be bound; nil: it can, or it is
	Holder  string // who has it: "nginx (pid 812)"; "" when that cannot be known
}

// reachFact is a probe of the recorder's own media port through the address that cameras are told.
type reachFact struct {
	To   netip.AddrPort
	Took time.Duration
	Err  error
}

// bufferFact is the media socket's buffer, in bytes.
type bufferFact struct{ Granted, Wanted int }

// clockFact is the wall clock.
type clockFact struct {
	Stepped time.Duration // by how much it was set since the start
	Synced  *bool         // something keeps it right
}

// diskFact is the volume of the recordings, in bytes.
type diskFact struct {
	Folder  string
	Err     error // why it cannot be looked at
	Size    int64
	Free    int64
	MinFree int64 // what is to stay free; 0: no rule
	Trouble string
	Problem string // of retention
	Written *writeFact
}

// writeFact is a trial of the disk.
type writeFact struct {
	Bytes int64
	Took  time.Duration // until the last byte was safe
	Err   error
}

// folderFact is the data folder.
type folderFact struct {
	Dir     string
	Missing bool
	Write   error    // why nothing can be made in it
	Open    []string // files with secrets that others may read
}

// nameFact is what the system's resolver says of a name that cameras ask for.
type nameFact struct {
	Name      string
	Addresses []netip.Addr
	Err       error
}

// limitFact is what the system allows this process; zeros are not known.
type limitFact struct {
	Files     uint64 // that may be open
	Memory    int64  // bytes that are left to take, of the machine or of the container
	MaxMemory int64  // that the container may have in all
	Budget    int64  // bytes that may wait for the disk
}

// cameraFacts are one camera's, or of an address that has said no name.
type cameraFacts struct {
	web.Camera             // the zero value: it never registered
	Arrival    web.Arrival // its id and address are always there
	Broker     bool        // it is at the broker now
}

func (c cameraFacts) id() camera.ID { return c.Arrival.Camera }

// seen is when a step was seen last; zero: not since the start.
func (c cameraFacts) seen(step web.Step) time.Time {
	at, _ := c.step(step)
	return at
}

func (c cameraFacts) step(step web.Step) (at time.Time, line string) {
	for _, s := range c.Arrival.Steps {
		if s.Step == step {
			return s.At, s.Line
		}
	}
	return time.Time{}, ""
}

// called is what people call it.
func (c cameraFacts) called() string {
	switch {
	case c.Name != "":
		return c.Name
	case c.id() != "":
		return string(c.id())
	}
	return c.Arrival.Address
}
