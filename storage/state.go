package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"time"

	"v720dvr/camera"
)

// CameraRecord is what the store knows of a camera.
type CameraRecord struct {
	ID        camera.ID
	Issued    time.Time // when we gave it its code; zero when it brought one
	FirstSeen time.Time // zero when never seen
	LastSeen  time.Time
	Firmware  string     // as it named it last; "" when it never did
	Addr      netip.Addr // where it was seen last; the zero Addr when unknown
	Approved  bool       // a person said yes to it, or it registered while every camera was accepted
}

// Sighting is a camera showing itself. An empty Firmware or a zero Addr leaves what is known.
type Sighting struct {
	Camera   camera.ID
	At       time.Time
	Firmware string
	Addr     netip.Addr
	// Registered is set when the camera registered on its control connection. Any other sign of a
	// camera that is not known is not remembered: whoever can send a request can give one.
	Registered bool
	// Accepted, with Registered, is set where every camera is accepted: then this one is approved
	// for good.
	Accepted bool
}

// IssueCamera draws a device code for a camera that has none: 0800c0 and six hexadecimal digits.
// The code sticks in the camera for ever, so it is on disk before it is returned, and it is none
// that was ever given or seen, whatever its case. docs/protocol.md, section 2.
func (s *Store) IssueCamera(ctx context.Context) (camera.ID, error) {
	// 16.7 million codes and a few dozen cameras: a second draw is rare, a hundredth means that
	// the table is full of them.
	for range 100 {
		var digits [3]byte
		if _, err := io.ReadFull(s.entropy, digits[:]); err != nil {
			return "", fmt.Errorf("draw device code: %w", err)
		}
		id := fmt.Sprintf("0800c0%X", digits)
		result, err := s.state.write.ExecContext(ctx, `INSERT INTO cameras (id, issued)
			SELECT ?1, ?2 WHERE NOT EXISTS (SELECT 1 FROM cameras WHERE id = ?1 COLLATE NOCASE)`, id, s.now().UnixMicro())
		if err != nil {
			return "", fmt.Errorf("write device code %s: %w", id, err)
		}
		if n, err := result.RowsAffected(); err == nil && n == 1 {
			return camera.ID(id), nil
		}
	}
	return "", errors.New("draw device code: a hundred draws were all taken")
}

// maxStrangers bounds the rows of cameras that brought their own code and that no person approved.
// Anybody on the network can make up cameras; who has more than these real ones has several boxes.
const maxStrangers = 1024

// ErrTooManyStrangers is a camera that is not remembered since so many others are that nobody
// knows. What it does meanwhile is the cloud's affair.
var ErrTooManyStrangers = fmt.Errorf("%d cameras are remembered that nobody approved", maxStrangers)

// Seen notes that a camera showed itself. A camera that is not known is remembered when it has
// registered, up to maxStrangers of them: then the error is ErrTooManyStrangers, wrapped. The
// times only widen: a sighting told late, or after the clock was set back, takes nothing back.
func (s *Store) Seen(ctx context.Context, seen Sighting) error {
	addr := ""
	if seen.Addr.IsValid() {
		addr = seen.Addr.String()
	}
	result, err := s.state.write.ExecContext(ctx, `INSERT INTO cameras (id, first_seen, last_seen, firmware, address, accepted)
		SELECT ?1, ?2, ?2, ?3, ?4, iif(?5, ?2, NULL)
		WHERE EXISTS (SELECT 1 FROM cameras WHERE id = ?1)
			OR ?6 AND (SELECT count(*) FROM cameras WHERE issued IS NULL AND approved IS NULL) < ?7
		ON CONFLICT (id) DO UPDATE SET
			first_seen = min(coalesce(first_seen, ?2), ?2),
			last_seen  = max(coalesce(last_seen, ?2), ?2),
			firmware   = CASE ?3 WHEN '' THEN firmware ELSE ?3 END,
			address    = CASE ?4 WHEN '' THEN address ELSE ?4 END,
			accepted   = coalesce(accepted, excluded.accepted)`,
		seen.Camera, seen.At.UnixMicro(), seen.Firmware, addr, seen.Registered && seen.Accepted, seen.Registered, maxStrangers)
	if err != nil {
		return fmt.Errorf("write sighting of camera %s: %w", seen.Camera, err)
	}
	if n, err := result.RowsAffected(); err == nil && n == 0 && seen.Registered {
		return fmt.Errorf("write sighting of camera %s: %w", seen.Camera, ErrTooManyStrangers)
	}
	return nil
}

// Cameras lists the cameras that were issued a code, seen or approved, by id.
func (v *View) Cameras(ctx context.Context) ([]CameraRecord, error) {
	rows, err := v.state.read.QueryContext(ctx, `SELECT id, issued, first_seen, last_seen, firmware, address,
		accepted IS NOT NULL OR approved IS NOT NULL
		FROM cameras WHERE issued IS NOT NULL OR first_seen IS NOT NULL OR approved IS NOT NULL ORDER BY id`)
	if err != nil {
		return nil, fmt.Errorf("list cameras: %w", err)
	}
	defer rows.Close()
	var list []CameraRecord
	for rows.Next() {
		var r CameraRecord
		var issued, first, last sql.NullInt64
		var addr string
		if err := rows.Scan(&r.ID, &issued, &first, &last, &r.Firmware, &addr, &r.Approved); err != nil {
			return nil, fmt.Errorf("list cameras: %w", err)
		}
		r.Issued, r.FirstSeen, r.LastSeen = fromMicros(issued), fromMicros(first), fromMicros(last)
		r.Addr, _ = netip.ParseAddr(addr) // "" is the zero Addr
		list = append(list, r)
	}
	return list, rows.Err()
}

func fromMicros(n sql.NullInt64) time.Time {
	if !n.Valid {
		return time.Time{}
	}
	return time.UnixMicro(n.Int64).UTC()
}
