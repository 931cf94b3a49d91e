package archive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
)

// isPart tells the request of a part.
func isPart(r *http.Request, number int) bool {
	return r.Method == "PUT" && r.URL.Query().Get("partNumber") == fmt.Sprint(number)
}

// refuse answers as S3 refuses.
func refuse(w http.ResponseWriter, status int, code string) bool {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	fmt.Fprintf(w, `<?xml version="1.0" encoding="UTF-8"?><Error><Code>%s</Code><Message>no</Message></Error>`, code)
	return true
}

// cut ends the connection of a request, behind some of its body.
func cut(w http.ResponseWriter, r *http.Request, behind int64) bool {
	_, _ = io.CopyN(io.Discard, r.Body, behind)
	panic(http.ErrAbortHandler)
}

func TestCopyThatIsBrokenOffGoesOnWithTheNextPart(t *testing.T) {
	r := newRig(t, nil)
	s := r.film(t, door, noon, 20_000) // four parts
	r.failing(func(w http.ResponseWriter, req *http.Request) bool { return isPart(req, 3) && cut(w, req, 1000) })
	if err := drain(t, r.Archive); err == nil {
		t.Fatal("a connection that was cut is no error")
	}
	if _, _, there := r.object(t, keyOf(door, s.Path, s.Start)); there {
		t.Error("a half object is there")
	}
	tries, err := r.store.ArchiveTries(t.Context(), r.bucket.place)
	if err != nil || len(tries) != 1 || tries[0].Upload == "" || tries[0].Tries != 1 || tries[0].Err == "" {
		t.Fatalf("got %+v, %v, want the upload and why it ended", tries, err)
	}
	if totals, err := r.store.ArchiveTotals(t.Context(), r.bucket.place); err != nil || totals.Segments != 0 {
		t.Errorf("got %+v, %v archived, want none", totals, err)
	}
	r.failing(nil)
	r.requests(func(string) bool { return false })
	again := r.again(t, nil) // another run
	if err := again.tidy(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := drain(t, again); err != nil {
		t.Fatal(err)
	}
	if n := r.requests(func(q string) bool { return strings.HasPrefix(q, "PUT") }); n != 2 {
		t.Errorf("got %d parts sent, want the last two", n)
	}
	r.holds(t, s)
	if tries, err := r.store.ArchiveTries(t.Context(), r.bucket.place); err != nil || len(tries) != 0 {
		t.Errorf("got %+v, %v, want no try left", tries, err)
	}
}

func TestUploadsThatNobodyGoesOnWithAreGivenUp(t *testing.T) {
	r := newRig(t, nil)
	s := r.film(t, door, noon, 20_000)
	r.failing(func(w http.ResponseWriter, req *http.Request) bool {
		return isPart(req, 2) && refuse(w, 503, "SlowDown")
	})
	if err := drain(t, r.Archive); err == nil {
		t.Fatal("a refusal is no error")
	}
	r.failing(nil)
	// A kill between the beginning of an upload and its row; one of somebody else's camera stays.
	for _, key := range []string{keyOf(door, s.Path, s.Start) + "x", "0800c0999999/2026-11-22/x.avi"} {
		if _, err := r.bucket.begin(t.Context(), key, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.tidy(t.Context()); err != nil {
		t.Fatal(err)
	}
	left, err := r.bucket.uploads(t.Context())
	if err != nil || len(left) != 2 {
		t.Fatalf("got %v, %v, want the one that goes on and the other's", left, err)
	}
	if err := drain(t, r.Archive); err != nil {
		t.Fatal(err)
	}
	r.holds(t, s)
}

func TestUploadThatTheArchiveHasForgottenIsBegunAnew(t *testing.T) {
	r := newRig(t, nil)
	s := r.film(t, door, noon, 20_000)
	r.failing(func(w http.ResponseWriter, req *http.Request) bool {
		return isPart(req, 4) && refuse(w, 500, "InternalError")
	})
	if err := drain(t, r.Archive); err == nil {
		t.Fatal("a refusal is no error")
	}
	r.failing(nil)
	left, err := r.bucket.uploads(t.Context())
	if err != nil || len(left) != 1 {
		t.Fatal(left, err)
	}
	if err := r.bucket.abort(t.Context(), left[0][0], left[0][1]); err != nil {
		t.Fatal(err)
	}
	if err := drain(t, r.Archive); err != nil {
		t.Fatal(err)
	}
	r.holds(t, s)
}

func TestEveryFaultIsToldInWordsThatSayWhatToDoAndHeals(t *testing.T) {
	all := func(fail func(w http.ResponseWriter, r *http.Request) bool) func(*rig) {
		return func(r *rig) { r.failing(fail) }
	}
	for name, c := range map[string]struct {
		change func(*Options)
		break_ func(*rig)
		says   string
		option []gofakes3.Option
	}{
		"slow down": {nil, all(func(w http.ResponseWriter, r *http.Request) bool {
			return r.Method == "PUT" && refuse(w, 503, "SlowDown")
		}), "slow down", nil},
		"its own fault": {nil, all(func(w http.ResponseWriter, r *http.Request) bool {
			return r.Method == "PUT" && refuse(w, 500, "InternalError")
		}), "trouble of its own", nil},
		"cut at once": {nil, all(func(w http.ResponseWriter, r *http.Request) bool { return cut(w, r, 0) }), "cut", nil},
		"stands still": {func(o *Options) { o.Stall = 200 * time.Millisecond }, all(func(w http.ResponseWriter, r *http.Request) bool {
			_, _ = io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
			return true
		}), "does not answer", nil},
		"wrong secret": {nil, all(func(w http.ResponseWriter, r *http.Request) bool {
			return r.Method == "PUT" && refuse(w, 403, "SignatureDoesNotMatch")
		}), "archive.secret_file", nil},
		"wrong key": {nil, all(func(w http.ResponseWriter, r *http.Request) bool {
			return r.Method == "PUT" && refuse(w, 403, "InvalidAccessKeyId")
		}), "archive.access_key", nil},
		"no bucket":   {func(o *Options) { o.S3 = strings.Replace(o.S3, "/bucket/", "/other-bucket/", 1) }, nil, "no such bucket", nil},
		"certificate": {func(o *Options) { o.CA = nil }, nil, "archive.ca_file", nil},
		"clock": {nil, nil, "set this box's clock", []gofakes3.Option{
			gofakes3.WithTimeSource(gofakes3.FixedTimeSource(time.Now().Add(-time.Hour))), gofakes3.WithTimeSkewLimit(15 * time.Minute),
		}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, c.change, c.option...)
			s := r.film(t, door, noon, 20_000)
			if c.break_ != nil {
				c.break_(r)
			}
			err := drain(t, r.Archive)
			if err == nil || !strings.Contains(explain(err).text, c.says) {
				t.Fatalf("got %v (%v), want %q", err, explain(err), c.says)
			}
			r.trouble(err, time.Second)
			if told := r.Status(); !strings.Contains(told.Problem, c.says) || told.Failed != 1 || told.Waiting.Segments != 1 {
				t.Errorf("got %+v", told)
			}
			if strings.Contains(r.log.String()+err.Error(), "a-secret-of-ours") {
				t.Error("the secret is told")
			}
			if c.break_ == nil {
				return
			}
			r.failing(nil)
			if err := drain(t, r.Archive); err != nil {
				t.Fatal(err)
			}
			r.holds(t, s)
		})
	}
}

func TestBytesThatChangeOnTheirWayAreRefusedAndSentAgain(t *testing.T) {
	r := newRig(t, nil)
	s := r.film(t, door, noon, 20_000)
	r.failing(func(w http.ResponseWriter, req *http.Request) bool {
		if isPart(req, 2) {
			body, err := io.ReadAll(req.Body)
			if err != nil {
				t.Error(err)
			}
			body[17] ^= 1
			req.Body = io.NopCloser(bytes.NewReader(body))
		}
		return false
	})
	if err := drain(t, r.Archive); err == nil {
		t.Fatal("a wrong byte is no error")
	}
	r.failing(nil)
	if err := drain(t, r.Archive); err != nil {
		t.Fatal(err)
	}
	r.holds(t, s)
}

func TestSegmentThatCannotBeReadRestsWhileOthersGo(t *testing.T) {
	r := newRig(t, nil)
	other := r.film(t, door, noon, 1000)
	r.film(t, door, noon.Add(time.Minute), 1000)
	if err := r.look(t.Context()); err != nil {
		t.Fatal(err)
	}
	u, _ := r.take()
	err := r.note(t.Context(), u, u.Try, &fault{text: "the segment cannot be read: rotten", here: true, err: errors.ErrUnsupported})
	if err != nil {
		t.Fatal(err)
	}
	if err := drain(t, r.Archive); err != nil {
		t.Fatal(err)
	}
	r.holds(t, other)
	if got := r.Status().Waiting; got.Segments != 1 || got.Resting != 1 {
		t.Errorf("got %+v, want one that rests", got)
	}
	if err := r.Retry(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := drain(t, r.Archive); err != nil || r.Status().Waiting.Segments != 0 {
		t.Errorf("got %v, %+v, want it to be tried again when somebody asks", err, r.Status())
	}
}

func TestArchiveThatIsNotServedIsTold(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	r := newRig(t, func(o *Options) { o.S3 = gone.URL + "/bucket" })
	r.film(t, door, noon, 1000)
	if err := drain(t, r.Archive); err == nil || !strings.Contains(explain(err).text, "is it running") {
		t.Errorf("got %v", err)
	}
}

// Not all storage that speaks S3 lists uploads, and not every key may.
func TestArchiveThatListsNoUploadsIsCopiedTo(t *testing.T) {
	for name, status := range map[string]int{"NotImplemented": 501, "AccessDenied": 403} {
		r := newRig(t, nil)
		s := r.film(t, door, noon, 1000)
		r.failing(func(w http.ResponseWriter, req *http.Request) bool {
			return req.Method == "GET" && req.URL.Query().Has("uploads") && refuse(w, status, name)
		})
		ctx, end := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- r.Run(ctx) }()
		for limit := time.After(20 * time.Second); r.Status().Copied == 0; {
			select {
			case <-limit:
				t.Fatalf("%s: not copied; log: %s", name, r.log)
			case <-time.After(5 * time.Millisecond):
			}
		}
		end()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		r.holds(t, s)
	}
}
