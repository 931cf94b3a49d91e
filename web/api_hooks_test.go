package web

import (
	"net/http"
	"strings"
	"testing"
)

func TestHooksAreTestedByAdminsAndEachTestIsWrittenDown(t *testing.T) {
	s := open(t)
	admin := s.admin()
	var told struct{ Hooks []HookState }
	admin.want(http.StatusOK, "GET", "/api/v1/hooks", nil).into(t, &told)
	if len(told.Hooks) != 1 || told.Hooks[0].Name != "phone" || told.Hooks[0].Where != "ntfy.sh" || told.Hooks[0].Waiting != 2 || told.Hooks[0].Cameras == nil {
		t.Errorf("the hooks are %+v", told.Hooks)
	}
	if got := told.Hooks[0].Oldest.Format("15:04 -0700"); got != "14:05 +0100" {
		t.Errorf("the first that waits is of %s, want the recorder's zone", got)
	}
	if !told.Hooks[0].Called.IsZero() {
		t.Errorf("it was called at %v, want never", told.Hooks[0].Called)
	}
	var trial HookTrial
	admin.want(http.StatusOK, "POST", "/api/v1/hooks/phone/test", fields{"on": "camera_lost"}).into(t, &trial)
	if !trial.OK || trial.On != "camera_lost" || trial.Sent != "a test" || trial.Answer != "200 OK" {
		t.Errorf("the test answers %+v", trial)
	}
	admin.want(http.StatusNotFound, "POST", "/api/v1/hooks/nobody/test", fields{})
	admin.want(http.StatusUnprocessableEntity, "POST", "/api/v1/hooks/phone/test", fields{"on": "a full moon"})
	var audit struct {
		Entries []struct{ What, About, Detail string }
	}
	admin.want(http.StatusOK, "GET", "/api/v1/audit?limit=50", nil).into(t, &audit)
	tests := 0
	for _, e := range audit.Entries {
		if e.What == "hook.test" && strings.Contains(e.About+" "+e.Detail, "phone") && strings.Contains(e.About+" "+e.Detail, "camera_lost") {
			tests++
		}
	}
	if tests != 1 {
		t.Errorf("the audit log tells %d tests: %+v", tests, audit.Entries)
	}
}

// The network of the cameras often has no way out: what a hook can be stands on the box itself.
func TestGuideOfHooksIsPartOfThePage(t *testing.T) {
	guide, ok := packed(t).files["docs/hooks.md"]
	if !ok || guide.kind != "text/plain; charset=utf-8" || !strings.HasPrefix(string(guide.plain), "# Hooks\n") {
		t.Errorf("it is %q %.40q", guide.kind, guide.plain)
	}
}
