package storage

import (
	"context"
	"errors"
	"io"
	"time"
)

// salvageEvery is how often the .part files are tried again that an error of the disk ended. While the
// disk is full or failing a try fails at its first write.
const salvageEvery = time.Minute

// salvage finishes the .part files that an error of the disk has ended in this run. What it refuses
// still stays for the next time, or the next start.
func (s *Store) salvage(ctx context.Context) {
	for part := range s.busyParts().givenUp {
		if ctx.Err() != nil || s.onVolume() != nil {
			return
		}
		if err := s.finishPart(ctx, part); err != nil {
			s.log.Debug("a segment that the disk failed is not finished yet", "file", part, "err", err)
			continue
		}
		s.dropIntent(ctx, part)
	}
}

func (s *Store) wasGivenUp(part string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, yes := s.givenUp[part]
	return yes
}

func (s *Store) giveUpNoMore(part string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.givenUp, part)
}

// rewrite writes every byte of a file again that an fsync has failed. The system takes its pages
// for written since (fsync(2)), and would report success for bytes that were dropped.
func rewrite(f File, size int64) error {
	buffer := make([]byte, 1<<20)
	for at := int64(0); at < size; {
		n, err := f.ReadAt(buffer[:min(int64(len(buffer)), size-at)], at)
		if n == 0 && err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		if _, err := f.WriteAt(buffer[:n], at); err != nil {
			return err
		}
		at += int64(n)
	}
	return nil
}
