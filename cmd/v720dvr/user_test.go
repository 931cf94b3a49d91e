package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"v720dvr/storage"
	"v720dvr/storage/storagetest"
	"v720dvr/web"
)

// typed runs a command of users or tokens on a data folder, with a text on standard input.
func typed(t *testing.T, dir, stdin string, command func() *cobra.Command, args ...string) (out string, err error) {
	t.Helper()
	cmd := command()
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	var stdout bytes.Buffer
	cmd.SetOut(&stdout)
	cmd.SetErr(&stdout)
	cmd.SetIn(strings.NewReader(stdin))
	cmd.SetArgs(append(args, "--config", filepath.Join(dir, "config.toml"), "--data", filepath.Join(dir, "data")))
	err = cmd.ExecuteContext(t.Context())
	return stdout.String(), err
}

func TestUsersAndTokensAreManagedBesideARunningRecorder(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "config.toml"), []byte("[[camera]]\nid = \"0800c0000001\"\nname = \"front door\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := typed(t, dir, "", newUserCommand, "list"); err == nil || !strings.Contains(err.Error(), "open accounts") {
		t.Errorf("without a data folder: %v", err)
	}
	accounts := storagetest.Open(t, storage.Options{Dir: filepath.Join(dir, "data")}).Accounts() // it runs

	out, err := typed(t, dir, "", newUserCommand, "add", "boss", "--role", "admin")
	if err != nil || !strings.Contains(out, "The password is ") {
		t.Fatalf("got %q, %v", out, err)
	}
	if out, err := typed(t, dir, "a password of mine\r\n", newUserCommand, "add", "anna", "--cameras", "Front Door, 0800c0000002", "--password-stdin"); err != nil || strings.Contains(out, "assword") {
		t.Errorf("got %q, %v", out, err)
	}
	u, hash, err := accounts.User(t.Context(), "anna")
	if err != nil || u.Cameras.String() != "0800c0000001 0800c0000002" || u.Role != storage.RoleViewer || !strings.HasPrefix(hash, "$argon2id$") {
		t.Errorf("got %+v, %q, %v", u, hash, err)
	}
	for _, wrong := range [][]string{
		{"add", "anna"}, {"add", "a b"}, {"add"}, {"add", "bob", "--role", "root"}, {"add", "bob", "--cameras", "back door"},
		{"password", "nobody"}, {"remove", "nobody"}, {"add", "short", "--password-stdin"},
	} {
		if out, err := typed(t, dir, "short\n", newUserCommand, wrong...); !errors.As(err, new(usageError)) {
			t.Errorf("%v: got %q, %v, want wrong use", wrong, out, err)
		}
	}
	if _, err := typed(t, dir, "", newUserCommand, "remove", "boss"); !errors.Is(err, storage.ErrLastAdmin) {
		t.Errorf("the last admin: %v", err)
	}
	if out, err := typed(t, dir, "", newUserCommand, "password", "anna"); err != nil || !strings.Contains(out, "logged out everywhere") {
		t.Errorf("got %q, %v", out, err)
	}
	if _, again, err := accounts.User(t.Context(), "anna"); err != nil || again == hash {
		t.Errorf("the password is the same: %v", err)
	}
	out, err = typed(t, dir, "", newUserCommand, "list")
	if err != nil || !strings.Contains(out, "anna  viewer  0800c0000001,0800c0000002") || !strings.Contains(out, "boss  admin   all") {
		t.Errorf("got %q, %v", out, err)
	}

	out, err = typed(t, dir, "", newTokenCommand, "create", "garage", "--scopes", "read,live", "--cameras", "front door", "--days", "30", "--json")
	var made struct{ Token string }
	if err != nil || json.Unmarshal([]byte(out), &made) != nil || !strings.HasPrefix(made.Token, "v720_") {
		t.Fatalf("got %q, %v", out, err)
	}
	for _, wrong := range [][]string{{"create", "x", "--scopes", "everything"}, {"create", "garage"}, {"create", "x", "--days", "-1"}, {"revoke", "nobody"}} {
		if out, err := typed(t, dir, "", newTokenCommand, wrong...); !errors.As(err, new(usageError)) {
			t.Errorf("%v: got %q, %v, want wrong use", wrong, out, err)
		}
	}
	var tokens []shownToken
	out, err = typed(t, dir, "", newTokenCommand, "list", "--json")
	if err != nil || json.Unmarshal([]byte(out), &tokens) != nil || len(tokens) != 1 || tokens[0].AllCameras || tokens[0].Expires == nil || tokens[0].Used != nil {
		t.Errorf("got %q, %v", out, err)
	}
	if out, err = typed(t, dir, "", newTokenCommand, "list"); err != nil || !strings.Contains(out, "garage  live,read  0800c0000001") || strings.Contains(out, made.Token) {
		t.Errorf("got %q, %v", out, err)
	}
	if _, err := typed(t, dir, "", newTokenCommand, "revoke", "garage"); err != nil {
		t.Error(err)
	}
	log, err := accounts.AuditLog(t.Context(), 0, 10)
	if err != nil || len(log) != 5 || log[0].What != "token.revoke" || log[4].About != "boss" || log[4].Who != web.CommandLine().Who {
		t.Errorf("got %+v, %v", log, err)
	}
}
