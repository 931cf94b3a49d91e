package storage

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// What each schema version of a database held that the next one must take over: statements for a
// database of just that version. A new migration needs a line here, or the test below says so.
var heldByVersion = map[string][]string{
	"state": {
		1: `INSERT INTO cameras (id, secret, issued, first_seen, last_seen) VALUES ('0800c0000001', '91edf41f', 1000000, 2000000, 3000000);
			INSERT INTO volumes VALUES ('v', '/mnt', 4000000)`,
		2: `INSERT INTO cameras (id, issued, approved) VALUES ('0800c0000001', 1000000, 2000000);
			INSERT INTO keys VALUES ('secret', x'000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f');
			INSERT INTO volumes VALUES ('v', '/mnt', 4000000)`,
		3: stateOfVersion3,
		4: stateOfVersion3 + `; INSERT INTO runs VALUES (6, x'000102030405060708090a0b0c0d0e0f', 1000000, 2000000, 0);
			INSERT INTO pending_gaps VALUES ('0800c0000001', x'000102030405060708090a0b0c0d0e0f', 0, 1500000, NULL, 'offline');
			INSERT INTO pauses VALUES ('0800c0000001', 2000000, NULL)`,
		5: stateOfVersion3 + `; INSERT INTO runs VALUES (6, x'000102030405060708090a0b0c0d0e0f', 1000000, 2000000, 0);
			INSERT INTO pending_gaps VALUES ('0800c0000001', x'000102030405060708090a0b0c0d0e0f', 0, 1500000, NULL, 'offline');
			INSERT INTO pauses VALUES ('0800c0000001', 2000000, NULL);
			INSERT INTO users VALUES (1, 'anna', 'hash', 'viewer', '0800c0000001', 1000000, 1000000);
			INSERT INTO tokens VALUES (2, 'garage', zeroblob(32), 'read', '*', 1, 1000000, NULL, NULL);
			INSERT INTO settings VALUES ('', 'recording.segment', '"1m"', 'user anna', 1000000)`,
		6:  stateOfVersion6,
		7:  stateOfVersion6 + `; INSERT INTO preferences VALUES (1, '{}')`,
		8:  stateOfVersion6 + `; INSERT INTO seen (user, at, camera, kind) VALUES (1, 1500000, '0800c0000001', 'motion')`,
		9:  stateOfVersion6 + `; UPDATE deletions SET who = 'user anna'`,
		10: stateOfVersion6 + `; INSERT INTO conditions VALUES ('0800c0000001', '{}')`,
		11: stateOfVersion6 + `; INSERT INTO hooks (name, since, segment) VALUES ('garage', 1000000, 7)`,
		12: stateOfVersion6 + `; INSERT INTO thinnings VALUES (1, 'v', 'door/x.avi', '0800c0000001', 1000000, 2000000, 'thin', 3, 4711, 100, 3000000)`,
		13: stateOfVersion6 + `; INSERT INTO archived VALUES ('s3://box', '0800c0000001', 1000000, 2000000, 'door/x.avi', 4711, x'00', '', 3000000)`,
		14: stateOfVersion6 + `; INSERT INTO thinnings VALUES (1, 'v', 'door/x.avi', '0800c0000001', 1000000, 2000000, 'thin', 3, 4711, 100, 3000000)`,
	},
	"index": {
		1: segmentOfVersion1,
		2: segmentOfVersion2,
		3: segmentOfVersion2 + `; INSERT INTO writing VALUES ('v', 'door/1970-01-01/1970-01-01T00-00-02+0000.avi')`,
		4: segmentOfVersion4,
		5: segmentOfVersion4 + `; INSERT INTO events (segment, camera, at, kind, detail) VALUES (7, '0800c0000001', 1600000, 'ended',
			'{"begin":"1970-01-01T00:00:01.5Z","seconds":0.1,"kinds":["streaming"]}')`,
		6: segmentOfVersion4 + `; INSERT INTO events (segment, camera, at, kind, detail, begin) VALUES (7, '0800c0000001', 1600000, 'ended',
			'{"begin":"1970-01-01T00:00:01.5Z","seconds":0.1,"kinds":["streaming","motion"]}', 1500000)`,
		7: segmentOfVersion4 + `; INSERT INTO events (segment, camera, at, kind, detail, begin) VALUES (7, '0800c0000001', 1600000, 'ended',
			'{"begin":"1970-01-01T00:00:01.5Z","seconds":0.1,"kinds":["streaming","motion"]}', 1500000)`,
		8: strings.Replace(segmentOfVersion4, `4711, 3)`, `4711, 3, 5, 2000, 2000)`, 1) + `; INSERT INTO events (segment, camera, at, kind, detail, begin) VALUES (7, '0800c0000001', 1600000, 'ended',
			'{"begin":"1970-01-01T00:00:01.5Z","seconds":0.1,"kinds":["streaming","motion"]}', 1500000)`,
		9: strings.Replace(segmentOfVersion4, `4711, 3)`, `4711, 3, 5, 2000, 2000)`, 1) + `; INSERT INTO events (segment, camera, at, kind, detail, begin) VALUES (7, '0800c0000001', 1600000, 'ended',
			'{"begin":"1970-01-01T00:00:01.5Z","seconds":0.1,"kinds":["streaming","motion"]}', 1500000)`,
	},
}

const stateOfVersion3 = `INSERT INTO cameras (id, issued, approved) VALUES ('0800c0000001', 1000000, 2000000);
	INSERT INTO keys VALUES ('secret', x'000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f');
	INSERT INTO deletions (id, volume, path, camera, start, "end", bytes, rule, decided, done) VALUES (5, 'v', 'door/x.avi', '0800c0000001', 1000000, 2000000, 4711, 'max_age', 3000000, 4000000);
	INSERT INTO volumes VALUES ('v', '/mnt', 4000000)`

const stateOfVersion6 = stateOfVersion3 + `; INSERT INTO runs VALUES (6, x'000102030405060708090a0b0c0d0e0f', 1000000, 2000000, 0);
	INSERT INTO pending_gaps VALUES ('0800c0000001', x'000102030405060708090a0b0c0d0e0f', 0, 1500000, NULL, 'offline');
	INSERT INTO pauses VALUES ('0800c0000001', 2000000, NULL);
	INSERT INTO users VALUES (1, 'anna', 'hash', 'viewer', '0800c0000001', 1000000, 1000000);
	INSERT INTO tokens VALUES (2, 'garage', zeroblob(32), 'read', '*', 1, 1000000, NULL, NULL);
	INSERT INTO settings VALUES ('', 'recording.segment', '"1m"', 'user anna', 1000000);
	INSERT INTO keeps VALUES (3, '0800c0000001', 1000000, 2000000, 'a fox', NULL, 'user anna', 1000000)`

const segmentOfVersion1 = `INSERT INTO folders VALUES ('door', '0800c0000001');
	INSERT INTO segments VALUES (7, '0800c0000001', 'door', 'v', 'door/1970-01-01/1970-01-01T00-00-01+0000.avi', zeroblob(16),
		1000000, 2000000, 640, 480, 10, 1, 2, 3, 1, 8000, 100, 200, 4711, 500000, 1000000, 'silent')`

const segmentOfVersion4 = `INSERT INTO folders VALUES ('door', '0800c0000001');
	INSERT INTO segments VALUES (7, '0800c0000001', 'door', 'v', 'door/1970-01-01/1970-01-01T00-00-01+0000.avi', zeroblob(16),
		1000000, 2000000, 640, 480, 10, 1, 2, 3, 1, 8000, 100, 200, 4711, 3);
	INSERT INTO gaps VALUES (7, 0, 0, '0800c0000001', 500000, 1000000, 'silent');
	INSERT INTO events (segment, camera, at, kind, detail) VALUES (7, '0800c0000001', 1500000, 'streaming', 'hello')`

const segmentOfVersion2 = segmentOfVersion1 + `; INSERT INTO events (segment, camera, at, kind, detail) VALUES (7, '0800c0000001', 1500000, 'streaming', 'hello')`

func TestEverySchemaVersionIsTakenOver(t *testing.T) {
	for kind, held := range heldByVersion {
		steps, err := migrationSteps(kind)
		must(t, err)
		for version := 1; version < len(steps); version++ {
			if version >= len(held) {
				t.Errorf("%s-%04d.sql: nobody says what version %d held", kind, version+1, version)
				continue
			}
			dir := t.TempDir()
			db, err := sql.Open("sqlite", dsn(filepath.Join(dir, kind+".sqlite"), "_txlock=immediate"))
			must(t, err)
			for i, step := range steps[:version] {
				must(t, migrateStep(t.Context(), db, step, i+1))
			}
			_, err = db.Exec(held[version])
			must(t, err)
			must(t, db.Close())

			s, err := Open(t.Context(), Options{Dir: dir})
			if err != nil {
				t.Errorf("%s of version %d: %v", kind, version, err)
				continue
			}
			if kind == "state" {
				holdsState(t, s, version)
			} else {
				holdsIndex(t, s, version)
			}
			must(t, s.Close())
		}
	}
}

func holdsState(t *testing.T, s *Store, version int) {
	t.Helper()
	list, err := s.Cameras(t.Context())
	if err != nil || len(list) != 1 || !list[0].Issued.Equal(time.UnixMicro(1e6)) || !list[0].Approved {
		t.Errorf("state of version %d: got %+v, %v, want its camera, approved", version, list, err)
	}
	// The secret sticks in the camera: HMAC-SHA256 of the key above and the id.
	want := "fe917e80"
	if version == 1 {
		want = "91edf41f"
	}
	if got, err := s.Secret(t.Context(), "0800c0000001"); err != nil || got != want {
		t.Errorf("state of version %d: got secret %s, %v, want %s", version, got, err, want)
	}
	var path string
	if err := s.state.read.QueryRow(`SELECT path FROM volumes WHERE id = 'v'`).Scan(&path); err != nil || path != "/mnt" {
		t.Errorf("state of version %d: got volume at %q, %v", version, path, err)
	}
	deletions, err := s.Deletions(t.Context(), 9)
	if err != nil || len(deletions) != min(max(version-2, 0), 1) {
		t.Errorf("state of version %d: got deletions %+v, %v", version, deletions, err)
	}
	runs, err := s.runs(t.Context())
	must(t, err)
	gaps, err := s.PendingGaps(t.Context(), "0800c0000001")
	must(t, err)
	_, paused := s.Paused("0800c0000001", time.UnixMicro(3e6))
	tokens, err := s.Accounts().Tokens(t.Context())
	must(t, err)
	settings, err := s.Settings(t.Context())
	must(t, err)
	if held := version >= 5; len(tokens) == 1 != held || held && tokens[0].Owner.Name != "anna" || len(settings) == 1 != held {
		t.Errorf("state of version %d: got tokens %+v, settings %+v", version, tokens, settings)
	}
	if held := version >= 4; len(runs) == 1 != held || len(gaps) == 1 != held || paused != held {
		t.Errorf("state of version %d: got runs %+v, noted gaps %+v, paused %v", version, runs, gaps, paused)
	}
}

func holdsIndex(t *testing.T, s *Store, version int) {
	t.Helper()
	rows, err := s.Segments(t.Context(), SegmentQuery{})
	if err != nil || len(rows) != 1 {
		t.Fatalf("index of version %d: got %+v, %v, want its row", version, rows, err)
	}
	r := rows[0]
	if r.ID != 7 || r.Name != "door" || r.Frames != 10 || r.Lost != 2 || r.Dropped != 200 || r.Bytes != 4711 || len(r.Gaps) != 1 || r.Gaps[0].Reason != GapSilent || !r.Gaps[0].From.Equal(time.UnixMicro(5e5)) || r.Inside != nil || !r.End.Equal(time.UnixMicro(2e6)) {
		t.Errorf("index of version %d: got %+v", version, r)
	}
	if owner, ok := s.folderOwner("door"); !ok || owner != "0800c0000001" {
		t.Errorf("index of version %d: folder of %q, %v", version, owner, ok)
	}
	events, err := s.Events(t.Context(), EventQuery{Segment: 7})
	if err != nil || len(events) != []int{0, 0, 1, 1, 1, 2, 2, 2, 2, 2}[version] {
		t.Errorf("index of version %d: got events %+v, %v", version, events, err)
	}
	if version >= 5 && (events[0].Ending == nil || events[0].Ending.Seconds != 0.1) {
		t.Errorf("index of version %d: got %+v, want one that ended after 0.1 s", version, events[0])
	}
	var bytes int64
	if err := s.index.read.QueryRow(`SELECT bytes FROM totals WHERE volume = 'v' AND camera = '0800c0000001' AND segments = 1`).Scan(&bytes); err != nil || bytes != 4711 {
		t.Errorf("index of version %d: got a total of %d bytes, %v", version, bytes, err)
	}
	if shown, err := s.shownEvents(t.Context(), time.UnixMicro(0)); err != nil || len(shown.of) > 0 != (version >= 6) {
		t.Errorf("index of version %d: got %+v, %v shown", version, shown, err)
	}
	must(t, s.intend(t.Context(), s.Path(r)+".part"))
}
