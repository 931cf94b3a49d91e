package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
)

// ask is what a handler knows of the request that it serves.
type ask struct {
	asks    *Principal // nil for nobody, on routes that are open
	note    *note
	request *http.Request
}

type askKey struct{}

// note is what a handler adds to the audit log's entry.
type note struct {
	who, about, detail string
}

// asked is the ask of a handler's context.
func asked(ctx context.Context) *ask { return ctx.Value(askKey{}).(*ask) }

// Asks is who sent the request that a handler was given this context for; nil for nobody.
func Asks(ctx context.Context) *Principal {
	a, ok := ctx.Value(askKey{}).(*ask)
	if !ok {
		return nil
	}
	return a.asks
}

// atHand tells who asks through the unix socket in the data folder.
func atHand(ctx context.Context) bool {
	_, local := ctx.Value(localKey{}).(Principal)
	return local
}

// about says in the audit log whom or what a request was about.
func about(ctx context.Context, about, detail string) {
	n := asked(ctx).note
	n.about, n.detail = about, detail
}

// audit writes down that something was done.
func (s *Server) audit(ctx context.Context, what string) {
	a := asked(ctx)
	e := storage.AuditEntry{At: s.o.Now(), Who: a.note.who, What: what, About: a.note.about, Detail: a.note.detail}
	if a.asks != nil {
		e.Who = a.asks.Who
	}
	if addr := remote(a.request); addr.IsValid() {
		e.Address = addr.String()
	}
	// It was done, whether who asked is still there or not.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), auditTime)
	defer cancel()
	if err := s.accounts.Audit(ctx, e); err != nil {
		s.o.Log.Error("what was done is not in the audit log", "who", e.Who, "what", e.What, "about", e.About, "err", err)
	}
}

const auditTime = 5 * time.Second

// visible is what of the cameras asked for may be seen: all that may be where none is asked for.
// false when one is asked for that may not.
func visible(ctx context.Context, wanted storage.CameraSet) (storage.CameraSet, bool) {
	sees := Asks(ctx).Cameras
	if wanted.All {
		return sees, true
	}
	return wanted, !slices.ContainsFunc(wanted.IDs, func(id camera.ID) bool { return !sees.Has(id) })
}
