package storage

import (
	"context"
	"time"

	"v720dvr/camera"
)

// thinned are the times of a camera's thinned segments in [from, to), in order, cut to it.
func (v *View) thinned(ctx context.Context, id camera.ID, from, to time.Time) (list []Stretch, err error) {
	rows, err := v.index.read.QueryContext(ctx, `SELECT start, "end" FROM segments
		WHERE camera = ? AND start > ? AND start < ? AND "end" > ? AND thinned > 0 ORDER BY start, id`,
		id, from.Add(-longest).UnixMicro(), to.UnixMicro(), from.UnixMicro())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var start, end int64
		if err := rows.Scan(&start, &end); err != nil {
			return nil, err
		}
		list = append(list, Stretch{time.UnixMicro(max(start, from.UnixMicro())).UTC(), time.UnixMicro(min(end, to.UnixMicro())).UTC()})
	}
	return list, rows.Err()
}
