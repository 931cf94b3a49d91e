package archive

import (
	"context"
	"io"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// chunkBytes is how much is taken of the bandwidth at once.
const chunkBytes = 64 << 10

// pace holds all copies, there and back, to one bandwidth. Another one takes effect with the next chunk.
type pace struct {
	limiter *rate.Limiter
	want    func() int64 // bytes a second; 0 is no limit
	moved   atomic.Int64 // bytes, since the start
}

func newPace(want func() int64) *pace {
	p := &pace{want: want}
	p.limiter = rate.NewLimiter(p.limit(), chunkBytes)
	p.limiter.AllowN(time.Now(), chunkBytes) // a start is no burst
	return p
}

func (p *pace) limit() rate.Limit {
	if want := p.want(); want > 0 {
		return rate.Limit(want)
	}
	return rate.Inf
}

// take waits until n bytes may go, chunkBytes at most.
func (p *pace) take(ctx context.Context, n int) error {
	limit := p.limit()
	if p.limiter.Limit() != limit {
		p.limiter.SetLimit(limit)
	}
	if err := p.limiter.WaitN(ctx, n); err != nil {
		return err
	}
	p.moved.Add(int64(n))
	return nil
}

// reader paces what is read of a stretch of a file. Who sends it can begin anew.
func (p *pace) reader(ctx context.Context, of io.Reader) io.Reader { return &paced{ctx, p, of} }

type paced struct {
	ctx  context.Context
	pace *pace
	of   io.Reader
}

func (r *paced) Read(b []byte) (int, error) {
	b = b[:min(len(b), chunkBytes)]
	n, err := r.of.Read(b)
	if n > 0 {
		if failed := r.pace.take(r.ctx, n); failed != nil {
			return 0, failed
		}
	}
	return n, err
}
