package card

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"time"
)

// fetchTries is how often a file is begun anew without a byte more than before.
const fetchTries = 5

// Fetch has what get writes at path, byte for byte and durable, or no file there. get writes the file
// of a minute from its first byte on, as Card.Get does, and returns an error when not all of it came.
//
// What came before a connection broke stands in path.part; the next try, pause later, or the next call,
// has all sent again, compares that far and writes on. A file that is other than before is written anew
// from where it is. Errors of the connection are tried again, fetchTries times without a byte more than
// ever before; what a camera says of its card is not.
func Fetch(ctx context.Context, path string, pause time.Duration, get func(context.Context, io.Writer) (File, error)) (File, error) {
	part, err := openPart(path + ".part")
	if err != nil {
		return File{}, fmt.Errorf("fetch %s: %w", filepath.Base(path), err)
	}
	defer part.close()
	most := part.have
	for left := fetchTries; ; {
		file, err := part.fetch(ctx, get)
		if err == nil {
			return file, part.finish(path)
		}
		// Of a file with holes there may be less than before: what counts is more than ever.
		if left--; part.have > most {
			left, most = fetchTries, part.have
		}
		// What the camera says of its card stays as it is; a connection comes back.
		if !isBroken(err) || left == 0 || ctx.Err() != nil {
			return file, err
		}
		select {
		case <-ctx.Done():
			return file, err
		case <-time.After(pause): // a camera that just lost somebody takes a moment to see it
		}
	}
}

// ErrBroken is wrapped by an error of a connection: what failed may work the next time.
var ErrBroken = errors.New("the connection is broken")

// isBroken tells errors of a connection: to a camera that has not seen yet that it lost us, too.
func isBroken(err error) bool {
	for _, broken := range []error{ErrCut, ErrBroken, ErrNoAnswer, io.EOF, io.ErrUnexpectedEOF} {
		if errors.Is(err, broken) {
			return true
		}
	}
	op := (*net.OpError)(nil)
	return errors.As(err, &op)
}

func (p *partFile) fetch(ctx context.Context, get func(context.Context, io.Writer) (File, error)) (File, error) {
	if err := p.rewind(); err != nil {
		return File{}, err
	}
	out := bufio.NewWriterSize(p, compareSize)
	file, err := get(ctx, out)
	return file, errors.Join(err, out.Flush())
}

const compareSize = 64 << 10

// partFile is a file that is begun. What is written to it again is compared.
type partFile struct {
	f    *os.File
	at   int64 // of what is written now
	have int64 // bytes that are there
	buf  []byte
}

func openPart(path string) (*partFile, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, err
	}
	return &partFile{f: f, have: info.Size(), buf: make([]byte, compareSize)}, nil
}

func (p *partFile) close() { p.f.Close() }

func (p *partFile) rewind() error {
	p.at = 0
	info, err := p.f.Stat()
	if err == nil {
		p.have = info.Size()
	}
	return err
}

// Write compares what is there already and writes the rest. From the first byte that is another one on
// nothing of what was there is kept.
func (p *partFile) Write(b []byte) (n int, err error) {
	for n < len(b) && p.at < p.have {
		old := p.buf[:min(int64(len(b)-n), p.have-p.at, compareSize)]
		if _, err := p.f.ReadAt(old, p.at); err != nil {
			return n, err
		}
		if bytes.Equal(old, b[n:n+len(old)]) {
			n += len(old)
			p.at += int64(len(old))
			continue
		}
		if err := p.f.Truncate(p.at); err != nil {
			return n, err
		}
		p.have = p.at
	}
	if n == len(b) {
		return n, nil
	}
	wrote, err := p.f.WriteAt(b[n:], p.at)
	p.at += int64(wrote)
	p.have = max(p.have, p.at)
	return n + wrote, err
}

// finish gives the file its name when it is durable.
func (p *partFile) finish(path string) error {
	if err := errors.Join(p.f.Truncate(p.at), p.f.Sync(), p.f.Close()); err != nil {
		return err
	}
	if err := os.Rename(p.f.Name(), path); err != nil {
		return err
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer folder.Close()
	if err := folder.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, fs.ErrInvalid) { // some file systems cannot
		return err
	}
	return nil
}
