package cloudtest

import (
	"fmt"
	"hash/fnv"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"
)

// Camera is a simulated V720 camera: it boots, registers, opens media when it is asked, sends
// pictures and sound, and begins again when something breaks. docs/protocol.md, sections 1 to 7.
type Camera struct {
	o   Options
	log *slog.Logger

	epoch time.Time // when Run began: picture and sample 0

	mu       sync.Mutex
	state    State
	settings settings
	broker   *broker               // while it is connected
	informs  int                   // Infos published beside the broker's own loop
	at       Host                  // where it lives: Options.Host until Move
	life     *life                 // nil without power
	lines    map[*line]struct{}    // open streams
	controls map[*control]struct{} // those of them that are served
	hangs    map[Step]bool         // steps that are still to hang

	memory memory

	woken  chan struct{} // one place: 242 came
	button chan struct{} // one place: PowerOn was called
}

// NewCamera checks the options; nothing runs yet.
func NewCamera(o Options) (*Camera, error) {
	o, err := o.checked()
	if err != nil {
		return nil, fmt.Errorf("new camera: %w", err)
	}
	c := &Camera{o: o, log: o.Log, memory: memory{files: o.Files}, state: State{ID: o.ID, Step: Off}, settings: factory(o), at: o.Host,
		woken: make(chan struct{}, 1), button: make(chan struct{}, 1),
		lines: map[*line]struct{}{}, controls: map[*control]struct{}{}, hangs: map[Step]bool{}}
	for _, step := range o.Hangs {
		c.hangs[step] = true
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	return c, nil
}

func (c *Camera) id() string { return c.State().ID }

func (c *Camera) host() Host {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// lots is a source of chance for one of the camera's goroutines.
func (c *Camera) lots(user string) *rand.Rand {
	h := fnv.New64a()
	fmt.Fprint(h, user, c.o.ID)
	return rand.New(rand.NewPCG(uint64(c.o.Seed), h.Sum64()))
}
