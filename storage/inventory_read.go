package storage

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"slices"

	"v720dvr/camera"
)

// mostRenewed bounds how many changes are read one by one. The index remembers 20,000.
const mostRenewed = 10_000

// readInventory reads the rows in one transaction: those that changed since old was read, or all.
func (s *Store) readInventory(ctx context.Context, v, old *Inventory) error {
	conn, err := s.index.read.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	tx, err := conn.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	defer tx.Rollback()
	var first int64
	if err := tx.QueryRowContext(ctx, `SELECT min(number), max(number) FROM changes`).Scan(&first, &v.number); err != nil {
		return err
	}
	shelves := shelving{at: make(map[camera.ID]int32), most: make(map[camera.ID]int)}
	if old != nil && old.volume == v.volume && old.number >= first-1 && old.number <= v.number && v.number-old.number <= mostRenewed {
		return v.renew(ctx, tx, old, &shelves)
	}
	if err := shelves.makeRoom(ctx, tx, v); err != nil {
		return err
	}
	return eachRow(ctx, conn, `SELECT start, id, "end", bytes, camera FROM segments WHERE volume = ? ORDER BY start, id`, []any{s.volume.ID}, func(row []driver.Value) error {
		one, id, err := itemOf(row)
		if err == nil {
			v.add(shelves.put(v, one, id))
		}
		return err
	})
}

// itemOf reads start, id, end, bytes and camera.
func itemOf(row []driver.Value) (one item, of camera.ID, err error) {
	number := func(i int) int64 {
		n, ok := row[i].(int64)
		if !ok {
			err = fmt.Errorf("%T is no number", row[i])
		}
		return n
	}
	one = item{place: place{number(0), number(1)}, end: number(2), bytes: number(3)}
	name, ok := row[4].(string)
	if !ok {
		err = fmt.Errorf("%T is no text", row[4])
	}
	return one, camera.ID(name), err
}

// shelving finds the shelf of a camera.
type shelving struct {
	at   map[camera.ID]int32
	most map[camera.ID]int // segments of each that are expected
}

// makeRoom has what is about to be read fit at once: lists that grow are copied, and take three times the memory.
func (s *shelving) makeRoom(ctx context.Context, tx *sql.Tx, v *Inventory) error {
	rows, err := tx.QueryContext(ctx, `SELECT camera, segments FROM totals WHERE volume = ?`, v.volume)
	if err != nil {
		return err
	}
	defer rows.Close()
	s.most = make(map[camera.ID]int)
	all := 0
	for rows.Next() {
		var id camera.ID
		var n int
		if err := rows.Scan(&id, &n); err != nil {
			return err
		}
		s.most[id] = n
		all += n
	}
	v.rows = make([]item, 0, all)
	return rows.Err()
}

func (s *shelving) put(v *Inventory, one item, of camera.ID) item {
	at, known := s.at[of]
	if !known {
		at = int32(len(v.cameras))
		s.at[of] = at
		v.cameras = append(v.cameras, shelf{id: of, rows: make([]int32, 0, s.most[of])})
	}
	one.shelf = at
	return one
}

// renew puts together what is left of an old inventory and what has come since.
func (v *Inventory) renew(ctx context.Context, tx *sql.Tx, old *Inventory, shelves *shelving) error {
	touched, came, err := renewed(ctx, tx, old.number, v.volume)
	if err != nil {
		return err
	}
	v.rows = make([]item, 0, len(old.rows)+len(came))
	for i := range old.cameras {
		shelves.most[old.cameras[i].id] = len(old.cameras[i].rows) + len(came)
	}
	next := 0
	for _, one := range old.rows {
		for ; next < len(came) && came[next].compare(one.place) < 0; next++ {
			v.add(shelves.put(v, came[next].item, came[next].of))
		}
		if !touched[one.place] {
			v.add(shelves.put(v, one, old.cameras[one.shelf].id))
		}
	}
	for ; next < len(came); next++ {
		v.add(shelves.put(v, came[next].item, came[next].of))
	}
	return nil
}

type comer struct {
	item
	of camera.ID
}

// renewed reads which places were touched behind a change, and what stands there now, in order.
func renewed(ctx context.Context, tx *sql.Tx, since int64, volume string) (touched map[place]bool, came []comer, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT DISTINCT start, segment FROM changes WHERE number > ?`, since)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	touched = make(map[place]bool)
	var ids []int64
	for rows.Next() {
		var p place
		if err := rows.Scan(&p.start, &p.id); err != nil {
			return nil, nil, err
		}
		touched[p] = true
		ids = append(ids, p.id)
	}
	if err := rows.Err(); err != nil || len(ids) == 0 {
		return touched, nil, err
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, nil, err
	}
	there, err := tx.QueryContext(ctx, `SELECT start, id, "end", bytes, camera FROM segments WHERE +volume = ? AND id IN (SELECT value FROM json_each(?))`, volume, string(list))
	if err != nil {
		return nil, nil, err
	}
	defer there.Close()
	for there.Next() {
		var c comer
		if err := there.Scan(&c.start, &c.id, &c.end, &c.bytes, &c.of); err != nil {
			return nil, nil, err
		}
		came = append(came, c)
	}
	slices.SortFunc(came, func(a, b comer) int { return a.compare(b.place) })
	return touched, came, there.Err()
}
