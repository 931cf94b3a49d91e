package storage

import (
	"context"
	"database/sql"
	"strconv"
	"time"

	"v720dvr/storage/avi"
)

// insertGaps writes a segment's gaps, within the transaction that writes its row.
func insertGaps(ctx context.Context, tx *sql.Tx, segment int64, r SegmentRecord) error {
	for i, g := range append(r.Gaps[:len(r.Gaps):len(r.Gaps)], r.Inside...) {
		if _, err := tx.ExecContext(ctx, `INSERT INTO gaps (segment, number, inside, camera, "from", "to", reason) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			segment, i, i >= len(r.Gaps), r.Camera, g.From.UnixMicro(), g.To.UnixMicro(), g.Reason); err != nil {
			return err
		}
	}
	return nil
}

// attachGaps gives segments their gaps, in one query for all of them, in the transaction in which
// they were listed.
func attachGaps(ctx context.Context, tx *sql.Tx, list []SegmentRecord) error {
	place := make(map[int64]int, len(list)) // of a segment in the list
	ids := []byte{'['}
	for i := range list {
		place[list[i].ID] = i
		ids = append(strconv.AppendInt(ids, list[i].ID, 10), ',')
	}
	ids[len(ids)-1] = ']'
	rows, err := tx.QueryContext(ctx, `SELECT segment, inside, "from", "to", reason FROM gaps
		WHERE segment IN (SELECT value FROM json_each(?)) ORDER BY segment, number`, string(ids))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var segment, from, to int64
		var inside bool
		var reason string
		if err := rows.Scan(&segment, &inside, &from, &to, &reason); err != nil {
			return err
		}
		gap := avi.Gap{From: time.UnixMicro(from).UTC(), To: time.UnixMicro(to).UTC(), Reason: reason}
		if r := &list[place[segment]]; inside {
			r.Inside = append(r.Inside, gap)
		} else {
			r.Gaps = append(r.Gaps, gap)
		}
	}
	return rows.Err()
}
