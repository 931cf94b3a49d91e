package hooks_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"v720dvr/integration/hooks"
	"v720dvr/recorder/live"
	"v720dvr/storage"
	"v720dvr/storage/storagetest"
)

// putOff answers the first call with a status and Retry-After.
func (r *receiver) putOff(status int, after string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answers = append(r.answers, func(w http.ResponseWriter) {
		w.Header().Set("Retry-After", after)
		w.WriteHeader(status)
	})
}

func TestReceiverIsCalledAgainWhenItsRetryAfterSays(t *testing.T) {
	for _, test := range []struct {
		name, after string
		wait        time.Duration
	}{
		{"seconds", "600", 10 * time.Minute},
		{"more than an hour is an hour", "86400", time.Hour},
		{"sooner than the first pause is the first pause", "0", 5 * time.Second},
		{"a date", "Sat, 01 Jan 2000 00:20:00 GMT", 20*time.Minute - 20*time.Second}, // a bubble begins with that year; the end is told at 10 s
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				r := newReceiver(t)
				r.putOff(http.StatusServiceUnavailable, test.after)
				hub := live.NewHub()
				store := storagetest.Open(t, storage.Options{Dir: dir})
				hook := post()
				hook.On = []string{hooks.EventEnd}
				end := life(t, store, hub, r, hook)
				happen(hub, 1)
				time.Sleep(2 * time.Hour)
				if len(r.ids) != 1 || len(r.calls) != 2 {
					t.Fatalf("called at %v and taken %v, want two calls of which the second is taken", r.calls, r.ids)
				}
				want := test.wait
				if strings.HasPrefix(test.after, "Sat") {
					at, err := http.ParseTime(test.after)
					if err != nil {
						t.Fatal(err)
					}
					want = at.Sub(r.calls[0])
				}
				if waited := r.calls[1].Sub(r.calls[0]); waited < want-time.Second || waited > want+time.Second {
					t.Errorf("called again after %v, want %v", waited, want)
				}
				end()
				store.Close()
			})
		})
	}
}

func TestRedirectIsNotFollowedAndTakesNoSecretAnywhere(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("it was followed, with %v", r.Header)
	}))
	defer elsewhere.Close()
	here := httptest.NewServer(http.RedirectHandler(elsewhere.URL+"/?token=hidden", http.StatusTemporaryRedirect))
	defer here.Close()
	for _, format := range []string{hooks.JSON, hooks.Ntfy} {
		got := tried(t, hooks.Hook{On: []string{hooks.EventEnd}, URL: here.URL + "/topic?token=hidden", Format: format, Secret: func() (string, error) { return "hidden", nil }}, "")
		if got.Err == nil || !strings.Contains(got.Err.Error(), "redirects are not followed") {
			t.Errorf("%s: got %v, want an error that says what to do", format, got.Err)
		}
		if all := fmt.Sprint(got); strings.Contains(all, "hidden") {
			t.Errorf("%s: it tells what is secret: %s", format, all)
		}
	}
}

func TestNotificationHasWhatNtfyReads(t *testing.T) {
	var got *http.Request
	var body string
	ntfy := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		got, body = r, string(text)
	}))
	defer ntfy.Close()
	trial := tried(t, hooks.Hook{
		On: []string{hooks.EventEnd}, URL: ntfy.URL + "/topic", Format: hooks.Ntfy, Page: "https://box:7720/", Title: "Tür {event}\r\nX-Evil: 1",
		Message: "at {name}", Priority: 4, Tags: []string{"door", "eyes"}, Secret: func() (string, error) { return "tk_hidden", nil },
	}, "")
	if trial.Err != nil || got == nil {
		t.Fatalf("got %+v", trial)
	}
	for name, want := range map[string]string{
		"Title": "=?utf-8?b?VMO8ciBtb3Rpb24gWC1FdmlsOiAx?=", "Priority": "4", "Tags": "door,eyes", "Authorization": "Bearer tk_hidden", "X-Evil": "",
	} {
		if value := got.Header.Get(name); value != want {
			t.Errorf("%s is %q, want %q", name, value, want)
		}
	}
	if click := got.Header.Get("Click"); !strings.HasPrefix(click, "https://box:7720/timeline/"+string(door)+"?t=") {
		t.Errorf("Click is %q, want the moment on the page", click)
	}
	if want := "at door; touch pwned $(id)"; got.Method != http.MethodPost || got.URL.Path != "/topic" || body != want {
		t.Errorf("got %s %s %q, want POST /topic %q", got.Method, got.URL.Path, body, want)
	}
	if strings.Contains(fmt.Sprint(trial), "hidden") {
		t.Errorf("it tells what is secret: %+v", trial)
	}
}

// More than may wait: the oldest that tell no end go, and are counted; what tells an end is told.
func TestOfTooManyThatWaitTheOldestThatTellNoEndGo(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		r := newReceiver(t)
		r.goes(true)
		store := storagetest.Open(t, storage.Options{Dir: dir})
		end := life(t, store, live.NewHub(), r, post())
		const over = 20
		add := func(from, to int, on string) (lost int) {
			var calls []storage.HookCall
			for i := from; i < to; i++ {
				key := fmt.Sprintf("%s-%d", on, i)
				body, err := json.Marshal(map[string]any{"type": on, "timestamp": time.Now(), "data": map[string]any{"version": 1, "id": key}})
				if err != nil {
					t.Fatal(err)
				}
				calls = append(calls, storage.HookCall{Key: key, Ends: on == hooks.EventEnd, At: time.Now(), Due: time.Now(), Body: body})
			}
			lost, err := store.AddCalls(t.Context(), "post", calls, 0)
			if err != nil {
				t.Fatal(err)
			}
			return lost
		}
		lost := add(0, over, hooks.EventEnd) + add(0, storage.MostCalls, hooks.EventStart)
		records, err := store.Hooks(t.Context())
		if err != nil || lost != over || len(records) != 1 || records[0].Waiting != storage.MostCalls || records[0].Lost != over {
			t.Fatalf("%d lost, %+v, %v, want %d lost and %d that wait", lost, records, err, over, storage.MostCalls)
		}
		end()
		r.goes(false)
		end = life(t, store, live.NewHub(), r, post())
		time.Sleep(time.Hour)
		if got := r.ends(); got != over {
			t.Errorf("got %d ends, want all %d", got, over)
		}
		for i := range over {
			if first := fmt.Sprintf("%s-%d", hooks.EventStart, i); slices.Contains(r.ids, first) {
				t.Errorf("%s was told, and is one of the oldest", first)
			}
		}
		if len(r.ids) != storage.MostCalls {
			t.Errorf("%d were told, want %d", len(r.ids), storage.MostCalls)
		}
		end()
		store.Close()
	})
}

func TestCommandIsShownWithoutWhatMayBeSecret(t *testing.T) {
	got := tried(t, hooks.Hook{On: []string{hooks.EventEnd}, Command: []string{"echo", "--token=hidden", "to:{name}!", "{camera}", "{hidden}"}}, "")
	program, _, _ := strings.Cut(got.Sent, "\n")
	if want := "echo … …door; touch pwned $(id)… " + string(door) + " …"; got.Err != nil || program != want || !strings.Contains(got.Sent, `"test":true`) {
		t.Errorf("got %v, %q, want %q and the JSON", got.Err, got.Sent, want)
	}
	got = tried(t, hooks.Hook{On: []string{hooks.EventEnd}, Shell: true, Command: []string{"true hidden"}}, "")
	if got.Err != nil || strings.Contains(got.Sent, "hidden") || !strings.HasPrefix(got.Sent, "sh -c …\n") {
		t.Errorf("got %v, %q", got.Err, got.Sent)
	}
}
