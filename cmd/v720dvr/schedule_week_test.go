package main

import (
	"context"
	"net"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"v720dvr/recorder/schedule"
	"v720dvr/web"
)

func planFor(t *testing.T, lines ...string) (plan schedule.Plan) {
	t.Helper()
	for i := 0; i < len(lines); i += 3 {
		window, err := schedule.NewWindow(lines[i], lines[i+1])
		if err != nil {
			t.Fatal(err)
		}
		plan.Rules = append(plan.Rules, schedule.Rule{Window: window, Mode: lines[i+2]})
	}
	plan.Otherwise = "motion"
	return plan
}

// Spans cover a week without a gap, however long its days are, and are what the plan says of each minute in it.
func TestSpansOfAWeekAreWhatTheScheduleSays(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name  string
		plan  schedule.Plan
		spans int
	}{
		{"no rule", planFor(t), 1},
		{"nights", planFor(t, "0 22 * * *", "0 6 * * *", "continuous"), 15},
		{"in the hour that comes twice, or never", planFor(t, "0 22 * * *", "0 6 * * *", "continuous", "30 2 * * *", "0 3 * * *", "off"), -1},
		{"a rule that decides over one that closes", planFor(t, "0 8 * * *", "0 9 * * *", "off", "0 7 * * *", "0 18 * * *", "continuous"), 15},
	} {
		for _, from := range []time.Time{time.Date(2026, 3, 26, 0, 0, 0, 0, berlin), time.Date(2026, 10, 22, 0, 0, 0, 0, berlin), time.Date(2026, 11, 23, 0, 0, 0, 0, berlin)} {
			var w weeks
			to := from.AddDate(0, 0, 7)
			spans, more := w.of(test.plan, from, to)
			if len(spans) != test.spans && test.spans > 0 || more || !spans[0].From.Equal(from) || !spans[len(spans)-1].Until.Equal(to) {
				t.Errorf("%s from %v: %d spans, want %d: %+v", test.name, from, len(spans), test.spans, spans)
			}
			for i, s := range spans {
				if i > 0 && (!s.From.Equal(spans[i-1].Until) || s.Mode == spans[i-1].Mode && s.Rule == spans[i-1].Rule) {
					t.Errorf("%s: %+v behind %+v", test.name, s, spans[i-1])
				}
				for at := s.From; at.Before(s.Until); at = at.Add(time.Minute) {
					if d := test.plan.Active(at, berlin); d.Mode != s.Mode || d.Rule != s.Rule {
						t.Fatalf("%s: at %v the plan says %+v, the week %+v", test.name, at, d, s)
					}
				}
			}
			if again, _ := w.of(test.plan, from, to); len(w) != 1 || len(again) != len(spans) {
				t.Errorf("%s: the same plan was looked at twice", test.name)
			}
		}
	}
	if spans, more := (&weeks{}).of(planFor(t, "*/2 * * * *", "1-59/2 * * * *", "off"), time.Date(2026, 11, 23, 0, 0, 0, 0, berlin), time.Date(2026, 11, 30, 0, 0, 0, 0, berlin)); !more || len(spans) != mostSpans {
		t.Errorf("what changes each minute has %d spans, more %v", len(spans), more)
	}
}

func TestScheduleOfThePageStandsAboveTheFileAndSurvivesARestart(t *testing.T) {
	t.Parallel()
	const id = "0800c0F00001"
	dir := t.TempDir()
	write(t, filepath.Join(dir, "config.toml"), "[[schedule]]\nstart = \"0 0 * * mon\"\nstop = \"0 0 * * sun\"\nmode = \"motion\"\n[[schedule]]\nstart = \"0 0 * * sun\"\nstop = \"0 0 * * mon\"\nmode = \"motion\"\n")
	p := command(t, dir, "run", "--simulate", "1").start()
	b := p.visit(t)
	p.await("camera streaming.* addr=127")
	b.logIn(p)
	inForce := func(mode, why, origin string, rules int) {
		t.Helper()
		var now web.Schedule
		b.send(http.StatusOK, "GET", "/cameras/"+id+"/schedule", nil, &now)
		var week web.Week
		b.send(http.StatusOK, "GET", "/schedule", nil, &week)
		if now.Mode != mode || !strings.Contains(now.Why, why) || week.Origin != origin || len(week.Rules) != rules || len(week.Cameras) != 1 || week.Cameras[0].Mode != mode || len(week.Cameras[0].Spans) == 0 {
			t.Errorf("in force is %+v, the week %+v; want %s by %s, %d rules of %s", now, week, mode, why, rules, origin)
		}
	}
	inForce("motion", "config.toml:", "file", 2)
	always := func(mode string) map[string]any {
		return map[string]any{"schedule": []any{
			map[string]any{"cameras": []string{id}, "start": "0 0 * * 1", "stop": "0 0 * * 0", "mode": mode}, map[string]any{"start": "0 0 * * 0", "stop": "0 0 * * 1", "mode": mode},
		}}
	}
	var tried web.Week
	b.send(http.StatusOK, "POST", "/schedule/preview", map[string]any{"settings": always("off")}, &tried)
	if len(tried.Rules) != 2 || tried.Rules[0].Cameras[0] != id || tried.Rules[0].For[0] != id || tried.Cameras[0].Mode != "off" || tried.Cameras[0].Spans[0].Mode != "off" {
		t.Errorf("tried: got %+v", tried)
	}
	inForce("motion", "config.toml:", "file", 2)
	b.send(http.StatusOK, "PATCH", "/settings", always("off"), nil)
	inForce("off", "(set)", "set", 2)
	var problem struct {
		Errors []struct{ Message, Location string }
	}
	covered := map[string]any{"schedule": []any{map[string]any{"start": "0 22 * * *", "stop": "0 6 * * *", "mode": "off"}, map[string]any{"start": "0 21 * * *", "stop": "0 7 * * *", "mode": "motion"}}}
	b.send(http.StatusUnprocessableEntity, "PATCH", "/settings", covered, &problem)
	if len(problem.Errors) != 1 || problem.Errors[0].Location != "body.schedule[0]" || !strings.Contains(problem.Errors[0].Message, "number 2") {
		t.Errorf("a contradiction: got %+v", problem)
	}
	p.finish()

	if code, out, stderr := command(t, dir, "config", "print", "--origin").run(); code != exitDone || !regexp.MustCompile(`(?m)^start = "0 0 \* \* 1" # set$`).MatchString(out) {
		t.Errorf("config print: exit code %d\n%s%s", code, out, stderr)
	}
	p = command(t, dir, "run", "--simulate", "1").start()
	p.await("camera streaming.* addr=127")
	b = &browser{t: t, base: "http://v720dvr", http: http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", filepath.Join(dir, "data", socketName))
	}}}}
	inForce("off", "(set)", "set", 2)
	b.send(http.StatusOK, "PATCH", "/settings", map[string]any{"schedule": []any{}}, nil)
	inForce("continuous", "recording.mode (default)", "set", 0)
	b.send(http.StatusOK, "PATCH", "/settings", map[string]any{"schedule": nil}, nil)
	inForce("motion", "config.toml:", "file", 2)
	b.http.CloseIdleConnections()
	p.finish()
}
