package storage

import (
	"context"
	"time"
)

// paced bounds how fast files are read and written, and ends with ctx. It is for one goroutine at a time.
type paced struct {
	File
	ctx   context.Context
	rate  int64 // bytes a second; 0 is no bound
	begun time.Time
	bytes int64 // moved so far
	out   File
}

// to is a file that is written at the same pace.
func (p *paced) to(out File) *paced {
	p.out = out
	return p
}

// ReadAt reads from the old file.
func (p *paced) ReadAt(b []byte, at int64) (int, error) {
	if err := p.wait(len(b)); err != nil {
		return 0, err
	}
	return p.File.ReadAt(b, at)
}

// WriteAt writes into the new one.
func (p *paced) WriteAt(b []byte, at int64) (int, error) {
	if err := p.wait(len(b)); err != nil {
		return 0, err
	}
	return p.out.WriteAt(b, at)
}

func (p *paced) wait(n int) error {
	if err := p.ctx.Err(); err != nil || p.rate <= 0 {
		return err
	}
	p.bytes += int64(n)
	ahead := time.Duration(float64(p.bytes)/float64(p.rate)*float64(time.Second)) - time.Since(p.begun)
	if ahead < 10*time.Millisecond {
		return nil
	}
	rest := time.NewTimer(ahead)
	defer rest.Stop()
	select {
	case <-rest.C:
		return nil
	case <-p.ctx.Done():
		return p.ctx.Err()
	}
}
