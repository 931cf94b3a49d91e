package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"sync"

	"crypto/ed25519"

	"v720dvr/camera"
	"v720dvr/storage/avi"
	"v720dvr/storage/chain"
)

// chains are those of this run, one of each camera.
type chains struct {
	mu     sync.Mutex
	key    ed25519.PrivateKey // nil: not asked for yet
	of     map[camera.ID]*chainHead
	failed bool // segments could not be sealed: told once
}

// A chainHead is how far the chain of a camera has come in this run. Links have the order in which segments were
// sealed, which is not that of time: what the disk failed is finished, and sealed, later.
type chainHead struct {
	// mu is held from before a segment is sealed until it has its name: the next link names this one.
	mu     sync.Mutex
	camera camera.ID
	begin  []byte // statement; nil: nothing was sealed yet
	links  uint32
	head   chain.Hash
	next   chain.Hash // of the link that is being committed
	saved  uint32     // links that state.sqlite knows
}

func (s *Store) chainOf(id camera.ID) *chainHead {
	s.chains.mu.Lock()
	defer s.chains.mu.Unlock()
	if s.chains.of == nil {
		s.chains.of = make(map[camera.ID]*chainHead)
	}
	h := s.chains.of[id]
	if h == nil {
		h = &chainHead{camera: id}
		s.chains.of[id] = h
	}
	return h
}

// seal writes a seal into the end of a finished file of so many bytes, as the next link; h.mu is held. ok is false when
// it stays without one, for want of a key: recording goes on. The error is that of the write.
func (s *Store) seal(ctx context.Context, h *chainHead, f io.WriterAt, content avi.Content, flags uint32) (ok bool, err error) {
	link, err := s.nextLink(ctx, h, content, flags)
	s.chains.mu.Lock()
	first := err != nil && !s.chains.failed
	s.chains.failed = err != nil
	s.chains.mu.Unlock()
	if err != nil {
		if first {
			s.log.Error("segments cannot be sealed: they are recorded without", "camera", h.camera, "err", err)
		}
		return false, nil
	}
	return true, avi.WriteSeal(f, content.Size+avi.SealSize, avi.Seal{Link: link, Begin: h.begin})
}

// nextLink signs the next link of a chain, beginning it when it is the first.
func (s *Store) nextLink(ctx context.Context, h *chainHead, content avi.Content, flags uint32) ([]byte, error) {
	key, err := s.signer(ctx)
	if err != nil {
		return nil, err
	}
	keys := chain.Keys{key.Public().(ed25519.PublicKey)}
	if h.begin == nil {
		begin := chain.Begin{Run: s.run, At: s.now(), Camera: string(h.camera)}
		if begin.Before, begin.Ended, err = s.lastChain(ctx, h.camera); err != nil {
			return nil, err
		}
		signed := begin.Sign(key)
		if _, h.head, err = chain.OpenBegin(signed, keys); err != nil {
			return nil, err
		}
		h.begin = signed
	}
	link := chain.Link{Previous: h.head, Run: s.run, Number: h.links + 1, Flags: flags, At: s.now(), Content: content, Camera: string(h.camera)}
	signed := link.Sign(key)
	_, h.next, err = chain.OpenLink(signed, keys)
	return signed, err
}

// lastChain is the end of what is known of a camera's chain before this run's.
func (s *Store) lastChain(ctx context.Context, id camera.ID) (end chain.End, ended bool, err error) {
	var run, head, signed []byte
	err = s.state.read.QueryRowContext(ctx, `SELECT run, links, head, "end" FROM chains WHERE camera = ? AND run <> ? ORDER BY id DESC LIMIT 1`, id, s.run[:]).
		Scan(&run, &end.Number, &head, &signed)
	if errors.Is(err, sql.ErrNoRows) {
		return chain.End{}, false, nil
	}
	copy(end.Run[:], run)
	copy(end.Head[:], head)
	return end, signed != nil, err
}

// sealed counts the link that was being committed: its segment has its name. h.mu is held. That state.sqlite knows it is
// asked for no sync: what a power cut takes of it the files tell (learn).
func (s *Store) sealed(ctx context.Context, h *chainHead) {
	h.links, h.head = h.links+1, h.next
	if err := s.saveChain(ctx, h); err != nil {
		s.log.Warn("how far a chain of segments has come could not be written down; the next segment's commit tries again", "camera", h.camera, "err", err)
	}
}

func (s *Store) saveChain(ctx context.Context, h *chainHead) error {
	err := relaxed(context.WithoutCancel(ctx), s.state.write, func(conn *sql.Conn) error {
		_, err := conn.ExecContext(ctx, `INSERT INTO chains (camera, run, volume, begin, links, head) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT (camera, run) DO UPDATE SET links = excluded.links, head = excluded.head`, h.camera, s.run[:], s.volume.ID, h.begin, h.links, h.head[:])
		return err
	})
	if err == nil {
		h.saved = h.links
	}
	return err
}

// endChains signs that the chains of this run end where they are.
func (s *Store) endChains(ctx context.Context) error {
	s.chains.mu.Lock()
	key := s.chains.key
	var heads []*chainHead
	for _, h := range s.chains.of {
		heads = append(heads, h)
	}
	s.chains.mu.Unlock()
	if key == nil || len(heads) == 0 {
		return nil
	}
	var ends []chain.End
	for _, h := range heads {
		h.mu.Lock() // not in the transaction: who holds it may wait for that
		if h.links > 0 && h.saved == h.links {
			ends = append(ends, chain.End{Run: s.run, Number: h.links, Head: h.head, At: s.now(), Camera: string(h.camera)})
		}
		h.mu.Unlock()
	}
	err := s.inState(ctx, func(tx *sql.Tx) error {
		for _, end := range ends {
			if _, err := tx.ExecContext(ctx, `UPDATE chains SET "end" = ? WHERE camera = ? AND run = ?`, end.Sign(key), end.Camera, end.Run[:]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("sign the end of the run: %w", err)
	}
	return nil
}

// learn takes from a file that gets its row how far its chain goes, where state.sqlite does not know: a power cut, or an
// older state put in its place.
func (s *Store) learn(ctx context.Context, name string) error {
	keys, err := s.chainKeys(ctx)
	if err != nil || len(keys) == 0 {
		return err
	}
	f, err := s.disk.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	sealed, err := chain.Read(f, info.Size(), keys)
	if err != nil || sealed.Raw.Begin == nil || sealed.Link.Run == s.run {
		return nil // Verify is who tells what is wrong with it
	}
	_, err = s.state.write.ExecContext(ctx, `INSERT INTO chains (camera, run, volume, begin, links, head) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (camera, run) DO UPDATE SET links = excluded.links, head = excluded.head WHERE links < excluded.links AND "end" IS NULL`,
		sealed.Link.Camera, sealed.Link.Run[:], s.volume.ID, sealed.Raw.Begin, sealed.Link.Number, sealed.Hash[:])
	return err
}
