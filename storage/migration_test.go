package storage

import (
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"v720dvr/camera"
)

// What an earlier version left: one camera that it gave a code, one that brought its own, both
// told a secret and seen, and one that was only asked about.
const stateOfVersion1 = `
INSERT INTO cameras (id, secret, issued, first_seen, last_seen, firmware, address) VALUES
	('0800c0000001', '91edf41f', 1000000, 2000000, 3000000, '202212011602', '10.42.0.22'),
	('62aa00000001', '0badcafe', NULL,    2000000, 3000000, '', ''),
	('62aa00000002', 'deadbeef', NULL,    NULL,    NULL,    '', '');
INSERT INTO volumes VALUES ('v', '/mnt', 4000000);`

func TestStateOfTheFirstVersionIsTakenOver(t *testing.T) {
	dir := t.TempDir()
	steps, err := migrationSteps("state")
	must(t, err)
	db, err := sql.Open("sqlite", dsn(filepath.Join(dir, stateFile), "_txlock=immediate"))
	must(t, err)
	must(t, migrateStep(t.Context(), db, steps[0], 1))
	_, err = db.Exec(stateOfVersion1)
	must(t, err)
	must(t, db.Close())

	s := openInside(t, dir)
	for id, want := range map[string]string{"0800c0000001": "91edf41f", "62aa00000001": "0badcafe", "62aa00000002": "deadbeef"} {
		if got, err := s.Secret(t.Context(), camera.ID(id)); err != nil || got != want {
			t.Errorf("secret of %s: got %q, %v, want %q: the camera holds that one", id, got, err, want)
		}
	}
	for id, want := range map[string]bool{"0800c0000001": true, "62aa00000001": true, "62aa00000002": false, "62aa00000003": false} {
		if got, err := s.Approved(t.Context(), camera.ID(id)); err != nil || got != want {
			t.Errorf("approval of %s: got %v, %v, want %v: until then every camera was accepted", id, got, err, want)
		}
	}
	list, err := s.Cameras(t.Context())
	if err != nil || len(list) != 2 {
		t.Fatalf("got %+v, %v, want the two that were seen", list, err)
	}
	if c := list[0]; !c.Issued.Equal(time.UnixMicro(1e6)) || !c.FirstSeen.Equal(time.UnixMicro(2e6)) || c.Firmware != "202212011602" || c.Addr.String() != "10.42.0.22" {
		t.Errorf("got %+v", c)
	}
	if len(s.secretKey) != secretKeySize {
		t.Errorf("got a key of %d bytes, want %d", len(s.secretKey), secretKeySize)
	}
}
