package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"v720dvr/storage"
	"v720dvr/storage/storagetest"
)

func TestEachAnswerIsInEveryStepThatIsLongEnough(t *testing.T) {
	s := &Server{}
	for _, took := range []time.Duration{0, 5 * time.Millisecond, 6 * time.Millisecond, time.Second, time.Hour} {
		s.tally.add("GET /healthz", 200, took)
	}
	s.tally.add("GET /made/up", 404, 0)
	s.tally.add("BREW /coffee", 404, 0)
	got := s.Requests()
	if len(got) != 2 || got[0].Route != "" || got[0].Count != 2 {
		t.Fatalf("got %+v, want the route, and what is none as one", got)
	}
	r := got[1]
	for most, want := range map[time.Duration]uint64{5 * time.Millisecond: 2, 10 * time.Millisecond: 3, 500 * time.Millisecond: 3, time.Second: 4, 10 * time.Second: 4} {
		if r.Buckets[most] != want {
			t.Errorf("%v: got %d, want %d", most, r.Buckets[most], want)
		}
	}
	if r.Count != 5 || r.Took != time.Hour+time.Second+11*time.Millisecond || len(r.Buckets) != len(requestSteps) {
		t.Errorf("got %+v", r)
	}
}

func TestStreamTookAsLongAsUntilItBegan(t *testing.T) {
	asked := time.Now()
	a := &answer{status: 200, begun: asked.Add(20 * time.Millisecond)}
	ended := asked.Add(time.Hour)
	if got := a.took(asked, ended, true); got != 20*time.Millisecond {
		t.Errorf("a stream took %v", got)
	}
	if got := a.took(asked, ended, false); got != time.Hour {
		t.Errorf("an answer took %v", got)
	}
	if got := new(answer).took(asked, ended, true); got != time.Hour {
		t.Errorf("a stream that never began took %v", got)
	}
}

// nowhere is an answer that goes nowhere, and takes no memory.
type nowhere struct{ header http.Header }

func (n nowhere) Header() http.Header         { return n.header }
func (n nowhere) Write(b []byte) (int, error) { return len(b), nil }
func (n nowhere) WriteHeader(int)             {}

// What stands around each request takes one piece of memory for it, the answer, and none for what is written: a stream
// of pictures may write a hundred times a second.
func TestCountingTakesNoMemoryForWhatIsWritten(t *testing.T) {
	s, h := counting(t, 1)
	r := httptest.NewRequest("GET", "/healthz", http.NoBody)
	r.Pattern = "GET /healthz"
	w := nowhere{http.Header{}}
	once := testing.AllocsPerRun(200, func() { h(w, r) })
	_, h = counting(t, 500)
	often := testing.AllocsPerRun(200, func() { h(w, r) })
	t.Logf("%v for a request of one write, %v for one of 500", once, often)
	if once > 2 || often > 10 { // whatever else runs takes some too
		t.Errorf("%v pieces of memory for a request of one write, %v for one of 500", once, often)
	}
	if n := testing.AllocsPerRun(1000, func() { s.tally.add("GET /healthz", 200, time.Millisecond) }); n != 0 {
		t.Errorf("%v pieces of memory to count an answer", n)
	}
}

// counting is the middleware around a handler that writes so many times.
func counting(t testing.TB, writes int) (*Server, http.HandlerFunc) {
	t.Helper()
	store := storagetest.Open(t, storage.Options{})
	s, err := New(Options{Store: store, Box: newHall(store, nil)})
	if err != nil {
		t.Fatal(err)
	}
	piece := make([]byte, 16<<10)
	return s, s.contained(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for range writes {
			if _, err := w.Write(piece); err != nil {
				t.Error(err)
			}
		}
	})).ServeHTTP
}

// What the middleware costs a request: nanoseconds, and the memory above.
func BenchmarkCounting(b *testing.B) {
	for _, writes := range []int{1, 100} {
		b.Run(fmt.Sprintf("%d writes", writes), func(b *testing.B) {
			_, h := counting(b, writes)
			r := httptest.NewRequest("GET", "/healthz", http.NoBody)
			r.Pattern = "GET /healthz"
			w := nowhere{http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				h(w, r)
			}
		})
	}
}
