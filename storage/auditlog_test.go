package storage

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestAuditLogIsBoundedAndStrangersPushNothingOutOfIt(t *testing.T) {
	s := openInside(t, t.TempDir())
	a := s.Accounts()
	at := time.UnixMicro(1e15).UTC()
	must(t, a.Audit(t.Context(), AuditEntry{At: at, Who: "user anna", Address: "::1", What: "camera.pause", About: "0800c0000001", Detail: strings.Repeat("\xffé", 999)}))
	tx, err := s.state.write.Begin()
	must(t, err)
	_, err = tx.Exec(`WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < ?)
		INSERT INTO audit (at, who, address, what, about, detail) SELECT i, '', '', 'session.refused', i, '' FROM n`, mostAuditRefused+99)
	must(t, err)
	must(t, tx.Commit())
	must(t, a.Audit(t.Context(), AuditEntry{At: at, What: "session.refused", About: "last"}))
	list, err := a.AuditLog(t.Context(), 0, 1<<20)
	must(t, err)
	if len(list) != mostAuditRefused+1 || list[0].About != "last" || list[len(list)-1].Who != "user anna" || !list[len(list)-1].At.Equal(at) {
		t.Errorf("got %d entries from %+v to %+v, want %d and the one of a user", len(list), list[0], list[len(list)-1], mostAuditRefused+1)
	}
	if detail := list[len(list)-1].Detail; len(detail) > 3*mostAuditText || !strings.HasPrefix(detail, "\uFFFDé") {
		t.Errorf("got a detail of %d bytes, %q", len(detail), detail)
	}
	page, err := a.AuditLog(t.Context(), list[1].ID, 2)
	if err != nil || len(page) != 2 || page[0] != list[2] || page[1] != list[3] {
		t.Errorf("the page behind the second: got %+v, %v", page, err)
	}
}

func TestAuditLogOfUsersIsBounded(t *testing.T) {
	s := openInside(t, t.TempDir())
	_, err := s.state.write.Exec(`WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < ?)
		INSERT INTO audit (at, who, address, what, about, detail) SELECT i, 'user anna', '', 'x', i, '' FROM n`, mostAudit+9)
	must(t, err)
	must(t, s.Accounts().Audit(t.Context(), AuditEntry{Who: "user anna", About: "last", At: time.Now()}))
	var n int
	must(t, s.state.read.QueryRow(`SELECT count(*) FROM audit`).Scan(&n))
	list, err := s.Accounts().AuditLog(t.Context(), 0, 1)
	if n != mostAudit || err != nil || list[0].About != "last" {
		t.Errorf("got %s entries, the newest %+v, %v", fmt.Sprint(n), list, err)
	}
}

func TestUsersTokensAndSettingsAreBounded(t *testing.T) {
	s := openInside(t, t.TempDir())
	a := s.Accounts()
	for _, fill := range []struct {
		sql  string
		rows int
	}{
		{`INSERT INTO users (name, password, role, cameras, created, changed) SELECT i, '', 'admin', '', 0, 0 FROM n`, maxUsers},
		{`INSERT INTO tokens (name, hash, scopes, cameras, created) SELECT i, zeroblob(i), 'read', '', 0 FROM n`, maxTokens},
		{`INSERT INTO settings (camera, key, value, who, at) SELECT i, 'name', '1', '', 0 FROM n`, maxSettings},
	} {
		_, err := s.state.write.Exec(`WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < ?) `+fill.sql, fill.rows)
		must(t, err)
	}
	_, user := a.AddUser(t.Context(), User{Name: "more", Role: RoleAdmin}, "hash", time.Now())
	_, token := a.AddToken(t.Context(), Token{Name: "more", Scopes: []string{"read"}, Created: time.Now()}, [32]byte{1})
	setting := a.ChangeSettings(t.Context(), Setting{Key: "more", Value: []byte("1")})
	for what, err := range map[string]error{"user": user, "token": token, "setting": setting} {
		if !errors.Is(err, ErrTooMany) {
			t.Errorf("one %s more: got %v", what, err)
		}
	}
}
