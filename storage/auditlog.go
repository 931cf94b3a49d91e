package storage

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"
)

// AuditEntry is something that somebody did through page, API or command line. The time is UTC.
type AuditEntry struct {
	ID      int64 // they grow
	At      time.Time
	Who     string // "user anna", "token garage", "command line"; "" for nobody that is known
	Address string // where from; "" at the machine itself
	What    string // "camera.pause"
	About   string // whom or what it was done to: a camera's id, a user's name
	Detail  string
}

// How much of the audit log is kept. Nobody who is not known can push out of it what others did.
const (
	mostAudit        = 10_000
	mostAuditRefused = 1000 // of what strangers tried: entries without Who
	mostAuditText    = 500  // bytes of each of an entry's texts
)

// Audit writes an entry down, and lets the oldest go.
func (a *Accounts) Audit(ctx context.Context, e AuditEntry) error {
	err := a.change(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `INSERT INTO audit (at, who, address, what, about, detail) VALUES (?, ?, ?, ?, ?, ?)`, e.At.UnixMicro(),
			cut(e.Who, mostAuditText), cut(e.Address, mostAuditText), cut(e.What, mostAuditText), cut(e.About, mostAuditText), cut(e.Detail, mostAuditText)); err != nil {
			return err
		}
		kind, most := `who = ''`, mostAuditRefused
		if e.Who != "" {
			kind, most = `who <> ''`, mostAudit
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM audit WHERE `+kind+` AND id <=
			(SELECT id FROM audit WHERE `+kind+` ORDER BY id DESC LIMIT 1 OFFSET ?)`, most)
		return err
	})
	if err != nil {
		return fmt.Errorf("write audit log: %w", err)
	}
	return nil
}

// AuditLog lists entries, newest first, at most so many, and before an entry unless that is 0.
func (a *Accounts) AuditLog(ctx context.Context, before int64, limit int) ([]AuditEntry, error) {
	rows, err := a.state.read.QueryContext(ctx, `SELECT id, at, who, address, what, about, detail FROM audit
		WHERE ?1 = 0 OR id < ?1 ORDER BY id DESC LIMIT ?2`, before, limit)
	if err != nil {
		return nil, fmt.Errorf("list audit log: %w", err)
	}
	defer rows.Close()
	var list []AuditEntry
	for rows.Next() {
		var e AuditEntry
		var at int64
		if err := rows.Scan(&e.ID, &at, &e.Who, &e.Address, &e.What, &e.About, &e.Detail); err != nil {
			return nil, fmt.Errorf("list audit log: %w", err)
		}
		e.At = time.UnixMicro(at).UTC()
		list = append(list, e)
	}
	return list, rows.Err()
}

// validText makes a text one that JSON takes.
func validText(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }
