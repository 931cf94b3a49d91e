package recorder

// A ring begins with leastRing items, and is let go when it is empty and was above mostIdleRing.
const (
	leastRing    = 16
	mostIdleRing = 256
)

// A ring holds items in order, without making anything while as many come as go. Its zero value is
// empty. Who shares it guards it.
type ring struct {
	items   []item // as many as a power of two, or none
	head, n int
}

// first is the oldest item; the ring must have one.
func (r *ring) first() *item { return &r.items[r.head] }

// at is the item that is number i, counted from the oldest.
func (r *ring) at(i int) *item { return &r.items[(r.head+i)&(len(r.items)-1)] }

func (r *ring) add(i item) {
	if r.n == len(r.items) {
		items := make([]item, max(2*len(r.items), leastRing))
		n := copy(items, r.items[r.head:])
		copy(items[n:], r.items[:r.head])
		r.items, r.head = items, 0
	}
	r.items[(r.head+r.n)&(len(r.items)-1)] = i
	r.n++
}

// take takes the oldest out; the ring must have one.
func (r *ring) take() item {
	i := r.items[r.head]
	r.items[r.head] = item{} // lets the picture go
	r.head = (r.head + 1) & (len(r.items) - 1)
	if r.n--; r.n == 0 && len(r.items) > mostIdleRing {
		*r = ring{}
	}
	return i
}
