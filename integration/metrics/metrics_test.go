package metrics_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"go.yaml.in/yaml/v3"

	"v720dvr/integration/metrics"
)

// sources gives what it holds.
type source struct {
	figures metrics.Figures
	err     error
}

func (s *source) Figures(context.Context) (metrics.Figures, error) { return s.figures, s.err }

// all has something of everything.
func all() metrics.Figures {
	return metrics.Figures{
		Version: "1", Viewers: 2,
		Cameras: []metrics.Camera{
			{ID: "0800c00128F8", Name: "front \"door\"\n", Online: true, Recording: true, Frames: 1000, Bytes: 30e6, Lost: 3, Packages: 40000, Late: 12, Last: time.Now().Add(-time.Second), FPS: 12.5, Motion: 0.25},
			{ID: "0800c00128F9", Name: "yard"},
		},
		Disk:          metrics.Disk{Size: 1e12, Free: 5e11, MinFree: 5e10, Budget: 1 << 26, Oldest: time.Unix(1.7e9, 0)},
		Deleted:       []metrics.Deleted{{Rule: "max_age", Segments: 7, Bytes: 7e8}},
		HomeAssistant: &metrics.HomeAssistant{Connected: true, Sent: 99, Commands: 3},
		RTSP:          &metrics.RTSP{Readers: 10, Pictures: 500, Sounds: 400, Dropped: 6},
		Hooks:         []metrics.Hook{{Name: "phone", Waiting: 1, Done: 5, Failed: 2}},
		Requests: []metrics.Request{
			{Route: "GET /api/v1/system", Code: 200, Count: 4, Took: time.Second, Buckets: map[time.Duration]uint64{100 * time.Millisecond: 3, time.Second: 4}},
			{Route: "GET /api/v1/system", Code: 204, Count: 1, Took: time.Second / 2, Buckets: map[time.Duration]uint64{100 * time.Millisecond: 0, time.Second: 1}},
			{Route: "GET /api/v1/system", Code: 503, Count: 1, Took: 20 * time.Second, Buckets: map[time.Duration]uint64{100 * time.Millisecond: 0, time.Second: 0}},
			{Code: 404, Count: 2, Buckets: map[time.Duration]uint64{100 * time.Millisecond: 2, time.Second: 2}},
			{Route: "GET /api/v1/live", Count: 1, Buckets: map[time.Duration]uint64{100 * time.Millisecond: 1, time.Second: 1}},
		},
		Syncs: metrics.Durations{Count: 3, Sum: 30 * time.Millisecond, Buckets: map[time.Duration]uint64{10 * time.Millisecond: 2, time.Second: 3}},
	}
}

func scrape(t *testing.T, s *source) (code int, text string) {
	t.Helper()
	got := httptest.NewRecorder()
	metrics.Handler(s, nil).ServeHTTP(got, httptest.NewRequest("GET", "/metrics", nil))
	body, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	return got.Code, string(body)
}

func TestScrapeIsAsPrometheusWantsIt(t *testing.T) {
	code, text := scrape(t, &source{figures: all()})
	if code != 200 {
		t.Fatalf("got %d:\n%s", code, text)
	}
	problems, err := promlint.New(strings.NewReader(text)).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
	for _, want := range []string{
		`v720dvr_camera_frames_total{camera="0800c00128F8"} 1000`,
		`v720dvr_camera_info{camera="0800c00128F8",firmware="",model="",name="front \"door\"\n"} 1`,
		`v720dvr_homeassistant_connected 1`, `v720dvr_homeassistant_messages_total 99`,
		`v720dvr_rtsp_readers 10`, `v720dvr_rtsp_pictures_total 500`, `v720dvr_rtsp_sounds_total 400`, `v720dvr_rtsp_dropped_total 6`,
		`v720dvr_sync_duration_seconds_bucket{le="0.01"} 2`, `v720dvr_sync_duration_seconds_count 3`,
		`v720dvr_http_requests_total{code="200",method="GET",route="/api/v1/system"} 4`, `v720dvr_http_requests_total{code="204",method="GET",route="/api/v1/system"} 1`,
		`v720dvr_http_request_duration_seconds_bucket{class="2xx",method="GET",route="/api/v1/system",le="0.1"} 3`,
		`v720dvr_http_request_duration_seconds_bucket{class="2xx",method="GET",route="/api/v1/system",le="1"} 5`,
		`v720dvr_http_request_duration_seconds_bucket{class="2xx",method="GET",route="/api/v1/system",le="+Inf"} 5`,
		`v720dvr_http_request_duration_seconds_sum{class="2xx",method="GET",route="/api/v1/system"} 1.5`,
		`v720dvr_http_request_duration_seconds_bucket{class="5xx",method="GET",route="/api/v1/system",le="1"} 0`,
		`v720dvr_http_request_duration_seconds_bucket{class="5xx",method="GET",route="/api/v1/system",le="+Inf"} 1`,
		`v720dvr_http_request_duration_seconds_count{class="4xx",method="",route=""} 2`,
		`v720dvr_http_request_duration_seconds_count{class="none",method="GET",route="/api/v1/live"} 1`,
		`v720dvr_camera_motion_ratio{camera="0800c00128F8"} 0.25`,
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("%s is missing in\n%s", want, text)
		}
	}
}

func TestCameraThatIsRemovedHasNoMetricsAnyMore(t *testing.T) {
	s := &source{figures: all()}
	if _, text := scrape(t, s); !strings.Contains(text, "0800c00128F9") {
		t.Error("a camera that is there is missing")
	}
	s.figures.Cameras, s.figures.HomeAssistant, s.figures.RTSP = s.figures.Cameras[:1], nil, nil
	if _, text := scrape(t, s); strings.Contains(text, "0800c00128F9") {
		t.Error("a camera that is gone has metrics")
	} else if strings.Contains(text, "homeassistant") {
		t.Error("Home Assistant has metrics where it is not told anything")
	} else if strings.Contains(text, "rtsp") {
		t.Error("RTSP has metrics where it is off")
	}
}

func TestScrapeFailsWhereFiguresCannotBeHad(t *testing.T) {
	if code, text := scrape(t, &source{err: errors.New("the disk is gone")}); code != 500 || strings.Contains(text, "v720dvr_viewers ") {
		t.Errorf("got %d:\n%s", code, text)
	}
}

// expressions are the PromQL of dashboard and alerts, by where they stand.
func expressions(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	text, err := os.ReadFile("../../contrib/prometheus/v720dvr-alerts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var rules struct {
		Groups []struct {
			Name  string `yaml:"name"`
			Rules []struct {
				Alert       string            `yaml:"alert"`
				Expr        string            `yaml:"expr"`
				For         string            `yaml:"for"`
				Labels      map[string]string `yaml:"labels"`
				Annotations map[string]string `yaml:"annotations"`
			} `yaml:"rules"`
		} `yaml:"groups"`
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&rules); err != nil {
		t.Fatal(err)
	}
	for _, g := range rules.Groups {
		for _, r := range g.Rules {
			if _, err := time.ParseDuration(r.For); r.For != "" && err != nil || r.Alert == "" || r.Annotations["summary"] == "" || r.Labels["severity"] == "" {
				t.Errorf("alert %+v is not whole", r)
			}
			found["alert "+r.Alert] = r.Expr
		}
	}
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if text, err = os.ReadFile("../../contrib/grafana/v720dvr.json"); err == nil {
		err = json.Unmarshal(text, &dashboard)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range dashboard.Panels {
		for i, target := range p.Targets {
			found[p.Title+" "+string(rune('A'+i))] = target.Expr
		}
	}
	if len(found) < 25 {
		t.Fatalf("got %d expressions", len(found))
	}
	return found
}

var (
	name    = regexp.MustCompile(`[a-zA-Z_][a-zA-Z0-9_:]*`)
	aside   = regexp.MustCompile(`\{[^}]*\}|\[[^\]]*\]|"[^"]*"|\b(?:by|on|group_left) \([^)]*\)`)
	between = map[string]bool{"and": true, "or": true, "sum": true, "count": true, "rate": true, "increase": true, "histogram_quantile": true, "up": true}
)

func TestDashboardAndAlertsNameOnlyWhatAScrapeHas(t *testing.T) {
	_, text := scrape(t, &source{figures: all()})
	for where, expr := range expressions(t) {
		if open := strings.Count(expr, "(") - strings.Count(expr, ")"); open != 0 || expr == "" {
			t.Errorf("%s: %d brackets too many in %q", where, open, expr)
		}
		named := 0
		for _, word := range name.FindAllString(aside.ReplaceAllString(expr, " "), -1) {
			if between[word] {
				named++
				continue
			}
			named++
			if !strings.Contains(text, "\n"+word+"{") && !strings.Contains(text, "\n"+word+" ") {
				t.Errorf("%s: no scrape has %s", where, word)
			}
		}
		if named == 0 {
			t.Errorf("%s: %q names nothing", where, expr)
		}
	}
}

// What docs/metrics.md says is there is, and all that is there it says.
func TestDocumentNamesEveryMetric(t *testing.T) {
	doc, err := os.ReadFile("../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text := scrape(t, &source{figures: all()})
	have := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^# TYPE (v720dvr_\w+)`).FindAllStringSubmatch(text, -1) {
		have[m[1]] = true
		if !bytes.Contains(doc, []byte("`"+strings.TrimPrefix(m[1], "v720dvr_")+"`")) {
			t.Errorf("docs/metrics.md does not tell of %s", m[1])
		}
	}
	for _, m := range regexp.MustCompile("(?m)^\\| `(\\w+)`").FindAllSubmatch(doc, -1) {
		if !have["v720dvr_"+string(m[1])] {
			t.Errorf("docs/metrics.md tells of %s, which no scrape has", m[1])
		}
	}
}
