package web

import (
	"container/list"
	"context"
	"net/http"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
)

const (
	thumbCacheBytes = 32 << 20 // without a word in Options: a day of two cameras
	thumbMakers     = 2        // at once: making one takes a core for 50 ms
	thumbWaiting    = 64       // for a maker; beyond, come again later
)

// thumbs keeps what was made of pictures last, and has each made once, however many want it.
type thumbs struct {
	most   int64 // bytes
	makers chan struct{}

	mu      sync.Mutex
	bytes   int64
	order   list.List // of *madeThumb; what was asked for last is first
	by      map[string]*list.Element
	making  map[string]chan struct{} // closed when it is made, or cannot be
	waiting int
}

type madeThumb struct {
	key  string
	jpeg []byte
}

func newThumbs(most int64) *thumbs {
	if most <= 0 {
		most = thumbCacheBytes
	}
	return &thumbs{most: most, makers: make(chan struct{}, thumbMakers), by: make(map[string]*list.Element), making: make(map[string]chan struct{})}
}

// get returns what is kept under a key, or has it made: in the request that wants it first. The others wait; when
// that one is given up, the next of them makes it.
func (t *thumbs) get(ctx context.Context, named sheetKey, produce func(context.Context) ([]byte, error)) ([]byte, error) {
	key := named.etag()
	for {
		jpeg, made, mine, err := t.begin(key)
		switch {
		case jpeg != nil || err != nil:
			return jpeg, err
		case mine:
			return t.produce(ctx, key, produce)
		}
		select {
		case <-made:
			t.leave()
		case <-ctx.Done():
			t.leave()
			return nil, ctx.Err()
		}
	}
}

// begin returns what is kept, or whether to make it or to wait.
func (t *thumbs) begin(key string) (jpeg []byte, made chan struct{}, mine bool, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if e, ok := t.by[key]; ok {
		t.order.MoveToFront(e)
		return e.Value.(*madeThumb).jpeg, nil, false, nil
	}
	if t.waiting == thumbWaiting {
		return nil, nil, false, huma.ErrorWithHeaders(huma.Error503ServiceUnavailable("too many small pictures are wanted at once"), http.Header{"Retry-After": {"2"}})
	}
	t.waiting++
	made, going := t.making[key]
	if !going {
		made = make(chan struct{})
		t.making[key] = made
	}
	return nil, made, !going, nil
}

func (t *thumbs) leave() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.waiting--
}

func (t *thumbs) produce(ctx context.Context, key string, produce func(context.Context) ([]byte, error)) (jpeg []byte, err error) {
	defer func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.waiting--
		close(t.making[key])
		delete(t.making, key)
		if err == nil && jpeg != nil {
			t.keep(key, jpeg)
		}
	}()
	select {
	case t.makers <- struct{}{}:
		defer func() { <-t.makers }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return produce(ctx)
}

// keep keeps what was made; mu is held.
func (t *thumbs) keep(key string, jpeg []byte) {
	t.by[key] = t.order.PushFront(&madeThumb{key, jpeg})
	for t.bytes += int64(len(jpeg)); t.bytes > t.most; {
		oldest := t.order.Remove(t.order.Back()).(*madeThumb)
		delete(t.by, oldest.key)
		t.bytes -= int64(len(oldest.jpeg))
	}
}

// noneMatch tells whether who asks has what bears this ETag (RFC 9110, section 13.1.2).
func noneMatch(r *http.Request, etag string) bool {
	for _, had := range strings.Split(r.Header.Get("If-None-Match"), ",") {
		if had = strings.TrimSpace(had); strings.TrimPrefix(had, "W/") == etag {
			return true
		}
	}
	return false
}
