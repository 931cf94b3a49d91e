package storage

import (
	"context"
	"crypto/ed25519"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"

	"v720dvr/camera"
	"v720dvr/storage/chain"
)

// A chainPlace is where a segment stands in its chain; the zero value: it has no seal of this box.
type chainPlace struct {
	run            chain.Run
	number         uint32
	previous, head chain.Hash
}

func (p chainPlace) append() []byte {
	if p.number == 0 {
		return nil
	}
	b := append([]byte(nil), p.run[:]...)
	b = binary.LittleEndian.AppendUint32(b, p.number)
	b = append(b, p.previous[:]...)
	return append(b, p.head[:]...)
}

func parsePlace(b []byte) (p chainPlace) {
	if len(b) != len(p.run)+4+len(p.previous)+len(p.head) {
		return p
	}
	copy(p.run[:], b)
	p.number = binary.LittleEndian.Uint32(b[16:])
	copy(p.previous[:], b[20:])
	copy(p.head[:], b[52:])
	return p
}

// findPlaces reads where segments that are about to be deleted stand. One whose seal does not hold has no place: what
// becomes of it stays a question for Verify.
func (s *Store) findPlaces(ctx context.Context, batch []Deletion) error {
	keys, err := s.chainKeys(ctx)
	if err != nil || len(keys) == 0 {
		return err
	}
	for i := range batch {
		d := &batch[i]
		if d.place, err = s.linkOf(*d, keys); err != nil {
			s.log.Debug("the seal of a segment that is deleted could not be read", "file", d.Path, "err", err)
		}
	}
	return nil
}

// findMorePlaces is findPlaces for deletions that go on, where the disk refused to tell when they were decided.
func (s *Store) findMorePlaces(ctx context.Context, pending []Deletion) error {
	var unknown []Deletion
	for _, d := range pending {
		if d.place.number == 0 {
			unknown = append(unknown, d)
		}
	}
	if err := s.findPlaces(ctx, unknown); err != nil {
		return err
	}
	return s.inState(ctx, func(tx *sql.Tx) error {
		for _, d := range unknown {
			for i := range pending {
				if p := &pending[i]; p.Path == d.Path && p.Volume == d.Volume && p.place.number == 0 {
					p.place = d.place
				}
			}
			if d.place.number == 0 {
				continue
			}
			if _, err := tx.ExecContext(ctx, `UPDATE deletions SET link = ? WHERE volume = ? AND path = ? AND done IS NULL`, d.place.append(), d.Volume, d.Path); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Store) linkOf(d Deletion, keys chain.Keys) (p chainPlace, err error) {
	name, err := s.within(d.Path)
	if err != nil {
		return p, err
	}
	info, err := s.disk.Stat(name)
	if err != nil || !info.Mode().IsRegular() || info.Size() != d.Bytes {
		return p, err
	}
	f, err := s.disk.Open(name)
	if err != nil {
		return p, err
	}
	defer f.Close()
	sealed, err := chain.Read(f, info.Size(), keys)
	if err != nil || camera.ID(sealed.Link.Camera) != d.Camera {
		return p, err
	}
	return chainPlace{sealed.Link.Run, sealed.Link.Number, sealed.Link.Previous, sealed.Hash}, nil
}

// bury signs a tombstone for a segment that is deleted, and joins it with those of its neighbours.
func (s *Store) bury(ctx context.Context, tx *sql.Tx, key ed25519.PrivateKey, d Deletion) error {
	p := d.place
	if p.number == 0 || key == nil {
		return nil
	}
	stone := chain.Gone{Stretch: chain.Stretch{First: p.number, Last: p.number, Previous: p.previous, Head: p.head}, Run: p.run,
		Start: d.Start, End: d.End, At: s.now(), Bytes: d.Bytes, Rules: []chain.RuleCount{{Rule: string(d.Rule), Segments: 1}}, Camera: string(d.Camera)}
	keys, err := signersIn(ctx, tx)
	if err != nil {
		return err
	}
	before, err := stoneAt(ctx, tx, keys, d.Camera, p.run, `first <= ? ORDER BY first DESC`, p.number)
	if err != nil {
		return err
	}
	if before != nil && before.Last >= p.number {
		return nil // it had been brought back
	}
	behind, err := stoneAt(ctx, tx, keys, d.Camera, p.run, `first = ?`, p.number+1)
	if err != nil {
		return err
	}
	if before != nil {
		if joined, ok := before.Join(stone); ok {
			stone = joined
		}
	}
	if behind != nil {
		if joined, ok := stone.Join(*behind); ok {
			stone = joined
			if _, err := tx.ExecContext(ctx, `DELETE FROM tombstones WHERE camera = ? AND run = ? AND first = ?`, d.Camera, p.run[:], behind.First); err != nil {
				return err
			}
		}
	}
	_, err = tx.ExecContext(ctx, `INSERT OR REPLACE INTO tombstones (camera, run, first, last, statement) VALUES (?, ?, ?, ?, ?)`,
		d.Camera, p.run[:], stone.First, stone.Last, stone.Sign(key))
	return err
}

// stoneAt reads a tombstone; nil: there is none that one of the keys signed.
func stoneAt(ctx context.Context, tx *sql.Tx, keys chain.Keys, id camera.ID, run chain.Run, where string, number uint32) (*chain.Gone, error) {
	var statement []byte
	err := tx.QueryRowContext(ctx, `SELECT statement FROM tombstones WHERE camera = ? AND run = ? AND `+where+` LIMIT 1`, id, run[:], number).Scan(&statement)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if g, err := chain.OpenGone(statement, keys); err == nil {
		return &g, nil
	}
	return nil, nil
}

func signersIn(ctx context.Context, tx *sql.Tx) (keys chain.Keys, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT key FROM signers`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var key []byte
		if err := rows.Scan(&key); err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, rows.Err()
}

// tombstones lists those of a chain, in order of their links. A statement that none of the keys signed is left out: its links
// are missing then.
func (v *View) tombstones(ctx context.Context, keys chain.Keys, id string, run chain.Run) (list []chain.Gone, err error) {
	rows, err := v.state.read.QueryContext(ctx, `SELECT statement FROM tombstones WHERE camera = ? AND run = ? ORDER BY first`, id, run[:])
	if err != nil {
		return nil, fmt.Errorf("list tombstones: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var statement []byte
		if err := rows.Scan(&statement); err != nil {
			return nil, fmt.Errorf("list tombstones: %w", err)
		}
		if g, err := chain.OpenGone(statement, keys); err == nil && g.Camera == id && g.Run == run {
			list = append(list, g)
		}
	}
	return list, rows.Err()
}

// foldChains takes the oldest chains of each camera away that are ended and deleted from end to end: one statement goes on
// to say so. So what state.sqlite holds grows with the segments that there are.
func (s *Store) foldChains(ctx context.Context) error {
	key, err := s.signer(ctx)
	if err != nil {
		return err
	}
	keys, err := s.chainKeys(ctx)
	if err != nil {
		return err
	}
	ids, err := listColumn[camera.ID](ctx, s.state, `SELECT DISTINCT camera FROM chains`)
	if err != nil {
		return err
	}
	for _, id := range ids {
		for folded := true; folded; {
			err := s.inState(ctx, func(tx *sql.Tx) (err error) {
				folded, err = s.foldOldest(ctx, tx, key, keys, id)
				return err
			})
			if err != nil {
				return fmt.Errorf("fold the chains of camera %s: %w", id, err)
			}
		}
	}
	return nil
}

func (s *Store) foldOldest(ctx context.Context, tx *sql.Tx, key ed25519.PrivateKey, keys chain.Keys, id camera.ID) (folded bool, err error) {
	var run, head []byte
	var links uint32
	var row, others int64
	err = tx.QueryRowContext(ctx, `SELECT id, run, links, head, (SELECT count(*) FROM chains WHERE camera = ?1) FROM chains WHERE camera = ?1 ORDER BY id LIMIT 1`, id).
		Scan(&row, &run, &links, &head, &others)
	if errors.Is(err, sql.ErrNoRows) || err == nil && (others == 1 || string(run) == string(s.run[:])) {
		return false, nil // the one that the next run names, or that goes on
	}
	if err != nil {
		return false, err
	}
	end := chain.End{Run: chain.Run(run), Number: links, Head: chain.Hash(head), At: s.now(), Camera: string(id)}
	stone, err := stoneAt(ctx, tx, keys, id, end.Run, `first = ?`, 1)
	if err != nil || stone == nil || stone.Last != links || stone.Head != end.Head {
		return false, err
	}
	for _, statement := range []string{`DELETE FROM tombstones WHERE camera = ? AND run = ?`, `DELETE FROM chains WHERE camera = ? AND run = ?`} {
		if _, err := tx.ExecContext(ctx, statement, id, run); err != nil {
			return false, err
		}
	}
	_, err = tx.ExecContext(ctx, `INSERT OR REPLACE INTO pasts (camera, statement) VALUES (?, ?)`, id, end.SignPast(key))
	return err == nil, err
}

// pasts tells of each camera up to which chain all is deleted.
func (v *View) pasts(ctx context.Context, keys chain.Keys) (map[string]chain.End, error) {
	rows, err := v.state.read.QueryContext(ctx, `SELECT camera, statement FROM pasts`)
	if err != nil {
		return nil, fmt.Errorf("list what is deleted from end to end: %w", err)
	}
	defer rows.Close()
	list := make(map[string]chain.End)
	for rows.Next() {
		var id string
		var statement []byte
		if err := rows.Scan(&id, &statement); err != nil {
			return nil, fmt.Errorf("list what is deleted from end to end: %w", err)
		}
		if end, err := chain.OpenPast(statement, keys); err == nil && end.Camera == id {
			list[id] = end
		}
	}
	return list, rows.Err()
}
