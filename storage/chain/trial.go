package chain

import (
	"fmt"
	"time"
)

// Findings of a Trial.
const (
	Altered  = "altered"  // a file is not what was sealed
	Unsealed = "unsealed" // a file without a seal, of a time when files had one
	Forged   = "forged"   // a seal or note that no key of the box signed
	Missing  = "missing"  // links of which neither file nor tombstone is there
	Broken   = "broken"   // links or notes that do not fit together
	Unread   = "unread"   // a file that could not be read
	Copied   = "copied"   // a second file of a link, whose seal holds: a notice, and no finding
)

// Finding is something that does not hold.
type Finding struct {
	What        string
	Camera      string
	Path        string // of the file; "" for what is no file's
	Run         Run    // of the chain; zero where none is known
	First, Last uint32 // links; 0: none is known
	Text        string // what is wrong
}

// Strict has every file without a seal found, also such as are no segments: they are what somebody asks about.
func (t *Trial) Strict() { t.strict = true }

// Notes are what is known of a chain beside its files.
type Notes struct {
	Begin  []byte // signed
	Known  End    // how far it was known to go; not signed, so it can only add what must be there
	End    []byte // signed; nil: the run goes on, or was killed
	Apart  bool   // its segments are on a volume that is not there
	Camera string
	Run    Run
}

// Counts of a Trial.
type Counts struct {
	Files    int   // examined
	Sealed   int   // whose seal holds, with what it is of
	Early    int   // without a seal, from before the chain
	Thinned  int   // of Sealed
	Finished int   // of Sealed: finished behind a crash
	Imported int   // of Sealed
	Bytes    int64 // read and held against their seals
	Foreign  int   // files that are no segments
	Exports  int   // exports whose seal holds; they are none of Files
	Copies   int   // of Files: segments that are there in another file, too
	Gone     int64 // segments of which tombstones tell
	Chains   int
}

// mostFindings bounds what a Trial holds; More counts those beyond.
const mostFindings = 10_000

// A Trial holds files and notes against each other. What it holds grows with runs and with holes, not with files. It is for
// one goroutine.
type Trial struct {
	Counts   Counts
	Findings []Finding
	More     int
	Notices  []Finding // of what is no harm: at most as many

	keys    Keys
	whole   bool
	only    string // camera; "" for all
	strict  bool
	chains  map[chainKey]*onTrial
	order   []chainKey
	first   map[string]time.Time // of a camera: when its first chain began
	pins    map[pin]Hash
	anchors []End
	early   []early
}

type chainKey struct {
	camera string
	run    Run
}

type pin struct {
	chainKey
	number uint32
}

// early is a file without a seal: whether it may be so is known at the end.
type early struct {
	camera, path string
	start        time.Time
}

// mostEarly bounds files without a seal that are held while nothing is known of their camera's first chain. What comes
// beyond counts as of an early version.
const mostEarly = 10_000

// onTrial is what is known of one chain.
type onTrial struct {
	chainKey
	links   stretches
	begin   *Begin
	beginAs Hash
	end     *End
	known   End
	apart   bool // its files are on another volume: those that are here are looked at, and no others missed
}

// NewTrial begins one. whole has every byte of each file read; only, a camera, has all others passed over.
func NewTrial(keys Keys, whole bool, only string) *Trial {
	return &Trial{keys: keys, whole: whole, only: only, chains: make(map[chainKey]*onTrial), first: make(map[string]time.Time), pins: make(map[pin]Hash)}
}

func (t *Trial) find(f Finding) {
	if len(t.Findings) == mostFindings {
		t.More++
		return
	}
	t.Findings = append(t.Findings, f)
}

func (t *Trial) chain(camera string, run Run) *onTrial {
	key := chainKey{camera, run}
	c := t.chains[key]
	if c == nil {
		c = &onTrial{chainKey: key}
		t.chains[key] = c
		t.order = append(t.order, key)
	}
	return c
}

// Anchor has a link looked for that somebody wrote down elsewhere: it must be that one, or have been deleted lawfully. It
// comes before files are taken.
func (t *Trial) Anchor(e End) {
	if t.only == "" || t.only == e.Camera {
		t.anchors = append(t.anchors, e)
		t.pin(e)
	}
}

// pin has a link held against a hash when its file comes.
func (t *Trial) pin(e End) {
	if e.Number == 0 {
		return
	}
	at := pin{chainKey{e.Camera, e.Run}, e.Number}
	if have, ok := t.pins[at]; ok && have != e.Head {
		t.find(Finding{What: Broken, Camera: e.Camera, Run: e.Run, First: e.Number, Last: e.Number, Text: "two notes say that it is another one"})
	}
	t.pins[at] = e.Head
}

// goes notes how far a chain is known to go.
func (t *Trial) goes(c *onTrial, e End) {
	if e.Number > c.known.Number {
		c.known = e
	}
	t.pin(e)
}

// Know takes the notes of a chain, before its files.
func (t *Trial) Know(n Notes) {
	if t.only != "" && t.only != n.Camera {
		return
	}
	c := t.chain(n.Camera, n.Run)
	c.apart = n.Apart
	t.began(c, n.Begin)
	t.goes(c, End{Run: n.Run, Number: n.Known.Number, Head: n.Known.Head, Camera: n.Camera})
	if n.End == nil {
		return
	}
	end, err := OpenEnd(n.End, t.keys)
	if err == nil && (end.Run != n.Run || end.Camera != n.Camera) {
		err = fmt.Errorf("%w: it is of another run", ErrMalformed)
	}
	if err != nil {
		t.find(Finding{What: Forged, Camera: n.Camera, Run: n.Run, Text: fmt.Sprintf("the note of its run's end: %v", err)})
		return
	}
	c.end = &end
	t.goes(c, end)
}

func (t *Trial) began(c *onTrial, signed []byte) {
	note, hash, err := OpenBegin(signed, t.keys)
	if err == nil && (note.Run != c.run || note.Camera != c.camera) {
		err = fmt.Errorf("%w: it is of another run", ErrMalformed)
	}
	if err != nil {
		t.find(Finding{What: Forged, Camera: c.camera, Run: c.run, Text: fmt.Sprintf("the note of its run's begin: %v", err)})
		return
	}
	t.takeBegin(c, note, hash)
}

func (t *Trial) takeBegin(c *onTrial, note Begin, hash Hash) {
	if c.begin != nil {
		if c.beginAs != hash {
			t.find(Finding{What: Broken, Camera: c.camera, Run: c.run, Text: "two notes tell of its begin"})
		}
		return
	}
	c.begin, c.beginAs = &note, hash
	if first, ok := t.first[c.camera]; !ok || note.At.Before(first) {
		t.first[c.camera] = note.At
	}
	t.pin(note.Before)
}
