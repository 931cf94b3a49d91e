package cloud

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"v720dvr/camera"
	"v720dvr/cloud/v720"
)

// everyMinute is how often what went wrong with packages is told: one line a camera, none where all
// was well.
const everyMinute = time.Minute

// minutes sums up trouble. It belongs to the ticker's goroutine.
type minutes struct {
	server *Server
	next   time.Time
	told   map[*link]v720.Counters // what was counted at the last line
	drops  int64
	others int64
}

func newMinutes(s *Server) *minutes {
	return &minutes{server: s, told: make(map[*link]v720.Counters)}
}

// tick tells what happened since the minute before.
func (m *minutes) tick(now time.Time, links []*link) {
	if m.next.IsZero() {
		m.next = now.Add(everyMinute)
	}
	if now.Before(m.next) {
		return
	}
	m.next = now.Add(everyMinute)
	sums := make(map[camera.ID]v720.Counters)
	gone := m.server.ended.take()
	for _, l := range append(gone, links...) {
		counted := l.counters()
		sums[l.camera] = sums[l.camera].Plus(counted.Minus(m.told[l]))
		m.told[l] = counted
	}
	for _, l := range gone {
		delete(m.told, l)
	}
	for id, c := range sums {
		m.camera(id, c)
	}
	m.socket()
	m.strangers()
}

// camera tells of one. Pictures that were lost are a warning; what was repaired is not.
func (m *minutes) camera(id camera.ID, c v720.Counters) {
	level := slog.LevelDebug
	switch {
	case c.Lost+c.LostSounds+c.Restarts+c.Stray+c.Orphans+c.Unknown+c.BadSize > 0:
		level = slog.LevelWarn
	case c.Late+c.Duplicates+c.TooLate == 0:
		return
	}
	m.log(level, "camera's minute on a bad link", append([]any{"camera", id, "pictures", c.Pictures}, found(
		"repaired", c.Repaired, "lost", c.Lost, "sounds_lost", c.LostSounds, "packages_missing", c.Missing, "packages_late", c.Late,
		"packages_twice", c.Duplicates, "packages_too_late", c.TooLate, "sequences_begun_anew", c.Restarts, "ids_out_of_place", c.Stray,
		"without_head", c.Orphans, "of_unknown_kind", c.Unknown, "of_unknown_size", c.BadSize)...)...)
}

// socket tells of datagrams that this machine had no room for.
func (m *minutes) socket() {
	drops := m.server.Drops()
	if drops > m.drops {
		m.log(slog.LevelWarn, "this machine was too busy to take packages from its socket; cameras that can send them again do, "+
			"a larger net.core.rmem_max (see the start of this log) or fewer cameras helps", "packages", drops-m.drops)
	}
	m.drops = drops
}

// strangers tells of what belonged to no camera, or to nobody's protocol.
func (m *minutes) strangers() {
	malformed, strangers := m.server.Malformed(), m.server.Strangers()
	if malformed+strangers > m.others {
		m.log(slog.LevelInfo, "messages that are no camera's, or no camera would send; at log.level debug each is told",
			"malformed", malformed, "strangers", strangers)
	}
	m.others = malformed + strangers
}

func (m *minutes) log(level slog.Level, message string, facts ...any) {
	m.server.log.Log(context.Background(), level, message, facts...)
}

// found keeps the pairs of name and count whose count is not zero.
func found(pairs ...any) (facts []any) {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != int64(0) {
			facts = append(facts, pairs[i], pairs[i+1])
		}
	}
	return facts
}

// ended keeps the links that have ended, until their last minute is told: at most maxEnded, of which
// nobody needs more.
type ended struct {
	mu    sync.Mutex
	links []*link
}

const maxEnded = 1024

func (e *ended) add(l *link) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.links) < maxEnded {
		e.links = append(e.links, l)
	}
}

func (e *ended) take() []*link {
	e.mu.Lock()
	defer e.mu.Unlock()
	taken := e.links
	e.links = nil
	return taken
}
