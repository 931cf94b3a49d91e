package hooks_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"v720dvr/camera"
	"v720dvr/integration/hooks"
	"v720dvr/recorder/live"
	"v720dvr/storage"
	"v720dvr/storage/storagetest"
)

// receiver is a webhook's other side, over connections in memory. It can be away.
type receiver struct {
	mu    sync.Mutex
	away  bool
	conns chan net.Conn
	ids   []string // in the order in which they were taken
	seen  map[string]int
	types map[string]string
	bad   []string // signatures that are none
	calls []time.Time
	// answers are given to the first calls, which are not taken then.
	answers []func(http.ResponseWriter)
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{conns: make(chan net.Conn), seen: map[string]int{}, types: map[string]string{}}
	server := &http.Server{Handler: r}
	go server.Serve(r)
	t.Cleanup(func() { server.Close() })
	return r
}

func (r *receiver) Accept() (net.Conn, error) {
	c, ok := <-r.conns
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}

func (r *receiver) Close() error   { close(r.conns); return nil }
func (r *receiver) Addr() net.Addr { return &net.TCPAddr{} }

func (r *receiver) dial(context.Context, string, string) (net.Conn, error) {
	r.mu.Lock()
	away := r.away
	r.mu.Unlock()
	if away {
		return nil, &net.OpError{Op: "dial", Err: net.ErrClosed}
	}
	ours, theirs := net.Pipe()
	r.conns <- theirs
	return ours, nil
}

func (r *receiver) goes(away bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.away = away
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	var told struct {
		Type string
		Data struct{ ID string }
	}
	err := json.Unmarshal(body, &told)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, time.Now())
	if len(r.answers) > 0 {
		r.answers[0](w)
		r.answers = r.answers[1:]
		return
	}
	id := req.Header.Get("Webhook-Id")
	if want := hooks.Sign("secret", id, req.Header.Get("Webhook-Timestamp"), body); err != nil || id != told.Data.ID || req.Header.Get("Webhook-Signature") != want {
		r.bad = append(r.bad, string(body))
	}
	r.ids = append(r.ids, id)
	r.seen[id]++
	r.types[id] = told.Type
}

func (r *receiver) ends() (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, on := range r.types {
		if on == hooks.EventEnd {
			n++
		}
	}
	return n
}

const door = camera.ID("0800c00128F8")

// life runs hooks over a store until its end is called.
func life(t *testing.T, store *storage.Store, hub *live.Hub, r *receiver, hook ...hooks.Hook) (end func()) {
	t.Helper()
	runner, err := hooks.New(hooks.Options{Queue: store, Live: hub, Dial: r.dial, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	runner.Apply(hook)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- runner.Run(ctx) }()
	synctest.Wait()
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func post() hooks.Hook {
	return hooks.Hook{Name: "post", On: []string{hooks.EventStart, hooks.EventEnd}, URL: "http://receiver/", Secret: func() (string, error) { return "secret", nil }}
}

// happen has motion begin and end, ten seconds later.
func happen(hub *live.Hub, id int64) {
	start := time.Now()
	hub.Moment(live.Moment{Camera: door, ID: id, Phase: live.PhaseStart, Kind: camera.Motion, Start: start, End: start})
	time.Sleep(10 * time.Second) // in a bubble: no time passes outside
	hub.Moment(live.Moment{Camera: door, ID: id, Phase: live.PhaseEnd, Kind: camera.Motion, Start: start, End: time.Now()})
	time.Sleep(10 * time.Second)
}

func TestReceiverThatIsAwayForTenMinutesMissesNoEndAndGetsNoneTwice(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		r := newReceiver(t)
		hub := live.NewHub()
		store := storagetest.Open(t, storage.Options{Dir: dir})
		end := life(t, store, hub, r, post())
		happen(hub, 1)
		if got := r.ends(); got != 1 {
			t.Fatalf("got %d ends while it was there, want 1", got)
		}
		r.goes(true)
		const events = 30 // in ten minutes
		for i := range events {
			if i == events/2 { // everything is started anew in the midst of it
				end()
				store.Close()
				store = storagetest.Open(t, storage.Options{Dir: dir})
				end = life(t, store, hub, r, post())
			}
			happen(hub, int64(2+i))
		}
		if got := r.ends(); got != 1 {
			t.Errorf("got %d ends while it was away, want the first alone", got)
		}
		r.goes(false)
		time.Sleep(20 * time.Minute)
		if got := r.ends(); got != 1+events {
			t.Errorf("got %d ends, want %d", got, 1+events)
		}
		for id, n := range r.seen {
			if n != 1 {
				t.Errorf("%s was taken %d times", id, n)
			}
		}
		if len(r.bad) > 0 {
			t.Errorf("not signed, or not what the header says: %q", r.bad)
		}
		records, err := store.Hooks(t.Context())
		if err != nil || len(records) != 1 || records[0].Waiting != 0 || records[0].Lost != 0 || !records[0].OK || records[0].Failed == 0 {
			t.Errorf("got %+v, %v, want a queue that is empty, nothing lost, and tries that failed", records, err)
		}
		end()
		store.Close()
	})
}

func TestCooldownHoldsBackOtherEventsButNotTheEndOfWhatWasTold(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		r := newReceiver(t)
		hub := live.NewHub()
		store := storagetest.Open(t, storage.Options{Dir: dir})
		hook := post()
		hook.Cooldown = time.Minute
		end := life(t, store, hub, r, hook)
		for i := range 6 { // two minutes: told are the first, and those that begin a minute behind it
			happen(hub, int64(1+i))
		}
		if got := r.ends(); got != 2 || len(r.seen) != 4 {
			t.Errorf("got %d ends of %d calls, want 2 of 4: %v", got, len(r.seen), r.ids)
		}
		end()
		store.Close()
	})
}

func TestEventShorterThanWantedIsNotTold(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		r := newReceiver(t)
		hub := live.NewHub()
		store := storagetest.Open(t, storage.Options{Dir: dir})
		hook := post()
		hook.MinLength = 11 * time.Second
		end := life(t, store, hub, r, hook)
		happen(hub, 1)
		if len(r.seen) != 0 {
			t.Errorf("got %v, want nothing", r.ids)
		}
		end()
		store.Close()
	})
}

// tried calls a hook with something that did not happen.
func tried(t *testing.T, h hooks.Hook, on string) hooks.Trial {
	t.Helper()
	runner, err := hooks.New(hooks.Options{
		Queue: storagetest.Open(t, storage.Options{}),
		Name:  func(camera.ID) string { return "door; touch pwned $(id)" },
	})
	if err != nil {
		t.Fatal(err)
	}
	h.Name = "tried"
	runner.Apply([]hooks.Hook{h})
	trial, err := runner.Try(t.Context(), "tried", on, door)
	if err != nil {
		t.Fatal(err)
	}
	return trial
}

func TestNameOfACameraIsNeverACommand(t *testing.T) {
	if got := tried(t, hooks.Hook{On: []string{hooks.EventEnd}, Command: []string{"echo", "{name}", "{camera}"}}, ""); got.Err != nil || got.Answer != "door; touch pwned $(id) "+string(door) {
		t.Errorf("got %+v", got)
	}
	if got := tried(t, hooks.Hook{On: []string{hooks.EventEnd}, Shell: true, Command: []string{`echo "$V720DVR_NAME" | cat`}}, ""); got.Err != nil || got.Answer != "door; touch pwned $(id)" {
		t.Errorf("got %+v", got)
	}
}

func TestCommandIsKilledWithItsChildrenAtItsLimit(t *testing.T) {
	begun := time.Now()
	got := tried(t, hooks.Hook{On: []string{hooks.Disk}, Shell: true, Command: []string{"echo begun; sleep 60 & sleep 60"}, Timeout: time.Second}, "")
	if took := time.Since(begun); got.Err == nil || got.Answer != "begun" || took > 20*time.Second {
		t.Errorf("got %+v after %v, want an error after a second", got, took)
	}
}
