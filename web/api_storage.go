package web

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"v720dvr/camera"
	"v720dvr/storage"
)

// Storage is what the disk holds, and what the rules make of it when as much is recorded as lately.
type Storage struct {
	At       time.Time        `json:"at" doc:"When this was looked up: a minute ago at most"`
	Size     int64            `json:"size_bytes" doc:"Of the disk; 0 where the system does not tell"`
	Free     int64            `json:"free_bytes"`
	MinFree  int64            `json:"min_free_bytes" doc:"What stays free; 0 without a limit"`
	Bytes    int64            `json:"bytes" doc:"Of all recordings, those that are being written among them"`
	Segments int              `json:"segments"`
	Kept     int64            `json:"kept_bytes" doc:"What keeps in force hold"`
	Choked   []string         `json:"choked" nullable:"false" doc:"Rules that keeps are in the way of"`
	Known    bool             `json:"known" doc:"Enough was recorded to look ahead; else days, full and ahead say nothing"`
	Days     float64          `json:"days,omitempty" doc:"How far back the camera with the least will reach; missing: no rule ends it"`
	Room     int64            `json:"room_bytes,omitempty" doc:"What max_size and min_free leave for recordings; missing: they have no limit"`
	By       string           `json:"by,omitempty" doc:"Which of them that is: max_size, min_free"`
	Full     time.Time        `json:"full,omitzero" doc:"When the room is used up, then the oldest goes; missing: it never is, or nobody knows"`
	Cameras  []StoredCamera   `json:"cameras" nullable:"false"`
	Past     []StoredDay      `json:"past" nullable:"false" doc:"The last 30 days and the one that is not over, the oldest first"`
	Ahead    []StorageLevel   `json:"ahead" nullable:"false" doc:"14 days, the first is now"`
	Before   map[string]int64 `json:"before" doc:"Bytes of each camera from before the first of past"`
}

// StoredCamera is what is there of a camera.
type StoredCamera struct {
	Camera camera.ID `json:"camera"`
	Name   string    `json:"name"`
	Bytes  int64     `json:"bytes" doc:"The segment that is being written among them"`
	Kept   int64     `json:"kept_bytes"`
	Oldest time.Time `json:"oldest" doc:"Start of its first segment"`
	Days   float64   `json:"days,omitempty" doc:"How far back it will reach; missing: no rule ends it, or nothing comes of it"`
	By     string    `json:"by,omitempty" doc:"The rule that takes it then: max_age, camera.max_size, max_size, min_free"`
	Low    int64     `json:"day_low_bytes" doc:"What a day brings: 10th percentile of the last 14 days"`
	Mid    int64     `json:"day_bytes" doc:"50th percentile; 0: too little is known, or nothing comes"`
	High   int64     `json:"day_high_bytes" doc:"90th percentile"`
}

// StoredDay is a day of recordings that are there now.
type StoredDay struct {
	From  time.Time        `json:"from" doc:"Midnight by the recorder's clock"`
	To    time.Time        `json:"to"`
	Bytes map[string]int64 `json:"bytes" doc:"By camera; one that is not there has none"`
}

// StorageLevel is how much there will be.
type StorageLevel struct {
	At   time.Time `json:"at"`
	Low  int64     `json:"low_bytes" doc:"On slow days"`
	Mid  int64     `json:"bytes"`
	High int64     `json:"high_bytes" doc:"On busy days"`
}

// StoredSpan sums footage up.
type StoredSpan struct {
	Segments int       `json:"segments"`
	Bytes    int64     `json:"bytes"`
	From     time.Time `json:"from,omitzero" doc:"Start of the first; missing: there is none"`
	To       time.Time `json:"to,omitzero" doc:"End of the last; others may lie between"`
}

// Going is footage that a rule takes next.
type Going struct {
	Camera camera.ID `json:"camera"`
	Name   string    `json:"name"`
	StoredSpan
	Rule string    `json:"rule" enum:"max_age,event_age,camera.max_size,max_size,min_free" doc:"max_age: too old; event_age: it shows an event, and is too old for that too; camera.max_size, max_size: over the camera's or the box's size; min_free: the disk is to stay so free"`
	When time.Time `json:"when" doc:"When the first of it goes; past: at the next look"`
	Last time.Time `json:"last" doc:"When the last of it goes"`
}

// Deleted is a segment that a rule has taken, or that a person has.
type Deleted struct {
	Camera camera.ID `json:"camera"`
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	Bytes  int64     `json:"bytes"`
	Rule   string    `json:"rule" doc:"The rule that took it"`
	At     time.Time `json:"at" doc:"When it was gone"`
}

// Preview is what some rules would come to. Nothing is changed.
type Preview struct {
	Goes    StoredSpan      `json:"goes" doc:"What would be deleted at once"`
	Most    bool            `json:"most" doc:"That is more than half of all: setting it wants twice=true"`
	All     StoredSpan      `json:"all" doc:"All that is committed now"`
	Short   int64           `json:"short_bytes" doc:"What min_free would still lack"`
	Choked  []string        `json:"choked" nullable:"false" doc:"Rules that keeps would be in the way of"`
	Known   bool            `json:"known" doc:"Enough was recorded to look ahead"`
	Days    float64         `json:"days,omitempty" doc:"As in GET /storage, by these rules"`
	Full    time.Time       `json:"full,omitzero"`
	Room    int64           `json:"room_bytes,omitempty"`
	Cameras []PreviewCamera `json:"cameras" nullable:"false"`
	Thins   []PreviewThin   `json:"thins" nullable:"false" doc:"What retention.thin would write again with fewer pictures, about"`
}

// PreviewThin is what a step of retention.thin would come to for a camera now.
type PreviewThin struct {
	Camera camera.ID  `json:"camera"`
	Name   string     `json:"name"`
	Rule   string     `json:"rule" example:"thin after 7d to 2 fps"`
	FPS    float64    `json:"fps" doc:"Pictures a second that stay outside of events"`
	Due    StoredSpan `json:"due" doc:"What is old enough and has more pictures"`
	Frees  int64      `json:"frees_bytes" doc:"About"`
}

// PreviewCamera is what rules would come to for a camera.
type PreviewCamera struct {
	Camera camera.ID  `json:"camera"`
	Name   string     `json:"name"`
	Days   float64    `json:"days,omitempty"`
	By     string     `json:"by,omitempty"`
	Goes   StoredSpan `json:"goes"`
	Stays  StoredSpan `json:"stays"`
}

// Swept is what a sweep deleted, and what is thinned behind it.
type Swept struct {
	Segments int            `json:"segments"`
	Bytes    int64          `json:"bytes"`
	ByRule   map[string]int `json:"by_rule" doc:"Segments"`
	Thinning bool           `json:"thinning,omitempty" doc:"What retention.thin asks for is written again from now on: that may take hours"`
	Thinned  int            `json:"thinned,omitempty" doc:"Segments that were thinned; of a command that waited for it alone"`
	Freed    int64          `json:"freed_bytes,omitempty" doc:"Bytes that they are smaller"`
}

// RuleChanges are settings by camera ("" for the whole box) and key; nil takes one back.
type RuleChanges map[camera.ID]map[string]json.RawMessage

type storageAnswer struct{ Body Storage }

type nextRequest struct {
	Limit int `query:"limit" minimum:"1" maximum:"500" default:"50"`
}

type nextAnswer struct {
	Body struct {
		Next []Going `json:"next" nullable:"false" doc:"In the order in which it goes, 30 days ahead at most"`
	}
}

type deletionsRequest struct {
	Limit int `query:"limit" minimum:"1" maximum:"5000" default:"200"`
}

type deletionsAnswer struct {
	Body struct {
		Deletions []Deleted `json:"deletions" nullable:"false" doc:"The newest first; the last 50,000 are known one by one"`
	}
}

type previewRequest struct {
	Body struct {
		Settings map[string]json.RawMessage            `json:"settings,omitempty" doc:"As PATCH /settings takes them: retention.… alone; null takes one back"`
		Cameras  map[string]map[string]json.RawMessage `json:"cameras,omitempty" doc:"By camera, as PATCH /cameras/{camera}/settings takes them"`
	}
}

type previewAnswer struct{ Body Preview }

type sweepRequest struct {
	TwiceQuery
}

// TwiceQuery says that more than half may go.
type TwiceQuery struct {
	Twice bool `query:"twice" doc:"Said again: more than half of all footage may be deleted at once"`
}

type sweepAnswer struct{ Body Swept }

func (s *Server) storageAPI(api huma.API) {
	add(s, api, "GET", "/api/v1/storage", "storage", "What the disk holds, by camera and day, and for how long it lasts", s.storage)
	add(s, api, "GET", "/api/v1/storage/next", "storage-next", "What retention deletes next, and why", s.storageNext)
	add(s, api, "GET", "/api/v1/storage/deletions", "storage-deletions", "What was deleted, the newest first", s.storageDeletions)
	add(s, api, "GET", "/api/v1/storage/files", "storage-files", "Files among the recordings that are none, and why each is left alone", s.storageFiles)
	add(s, api, "POST", "/api/v1/storage/preview", "storage-preview", "What other rules would delete at once and keep; nothing is changed", s.storagePreview)
	add(s, api, "POST", "/api/v1/storage/sweep", "storage-sweep", "Delete now what the rules in force do not keep, and begin to thin what they ask for", s.storageSweep)
}

func (s *Server) storage(ctx context.Context, _ *struct{}) (*storageAnswer, error) {
	told, err := s.o.Box.Storage(ctx)
	if err != nil {
		return nil, err
	}
	sees := Asks(ctx).Cameras
	answer := told
	answer.At, answer.Full = s.local(told.At), s.local(told.Full)
	answer.Cameras = []StoredCamera{}
	for _, c := range told.Cameras {
		if sees.Has(c.Camera) {
			c.Oldest = s.local(c.Oldest)
			answer.Cameras = append(answer.Cameras, c)
		}
	}
	answer.Before = seen(sees, told.Before)
	answer.Past = make([]StoredDay, 0, len(told.Past))
	for _, d := range told.Past {
		answer.Past = append(answer.Past, StoredDay{From: s.local(d.From), To: s.local(d.To), Bytes: seen(sees, d.Bytes)})
	}
	answer.Ahead = make([]StorageLevel, 0, len(told.Ahead))
	for _, l := range told.Ahead {
		l.At = s.local(l.At)
		answer.Ahead = append(answer.Ahead, l)
	}
	answer.Choked = listed(told.Choked)
	if !Asks(ctx).May(ScopeAdmin) {
		answer.Choked = []string{} // they name cameras
	}
	return &storageAnswer{Body: answer}, nil
}

// seen leaves out cameras that may not be seen.
func seen(sees storage.CameraSet, of map[string]int64) map[string]int64 {
	shown := make(map[string]int64, len(of))
	for id, bytes := range of {
		if sees.Has(camera.ID(id)) {
			shown[id] = bytes
		}
	}
	return shown
}

func (s *Server) storageNext(ctx context.Context, in *nextRequest) (*nextAnswer, error) {
	list, err := s.o.Box.Upcoming(ctx, mostUpcoming)
	if err != nil {
		return nil, err
	}
	answer := new(nextAnswer)
	answer.Body.Next = []Going{}
	for _, g := range list {
		if len(answer.Body.Next) == in.Limit {
			break
		}
		if !Asks(ctx).Cameras.Has(g.Camera) {
			continue
		}
		for _, t := range []*time.Time{&g.From, &g.To, &g.When, &g.Last} {
			*t = s.local(*t)
		}
		answer.Body.Next = append(answer.Body.Next, g)
	}
	return answer, nil
}

// mostUpcoming rows are looked for, of all cameras: who sees some may have to pass by the others'.
const mostUpcoming = 500

func (s *Server) storageDeletions(ctx context.Context, in *deletionsRequest) (*deletionsAnswer, error) {
	sees := Asks(ctx).Cameras
	limit := in.Limit
	if !sees.All {
		limit = mostDeletions
	}
	list, err := s.o.Store.Deletions(ctx, limit)
	if err != nil {
		return nil, err
	}
	answer := new(deletionsAnswer)
	answer.Body.Deletions = []Deleted{}
	for _, d := range list {
		if len(answer.Body.Deletions) == in.Limit {
			break
		}
		if d.Done.IsZero() || !sees.Has(d.Camera) {
			continue
		}
		answer.Body.Deletions = append(answer.Body.Deletions, Deleted{
			Camera: d.Camera, From: s.local(d.Start), To: s.local(d.End), Bytes: d.Bytes, Rule: string(d.Rule), At: s.local(d.Done),
		})
	}
	return answer, nil
}

// mostDeletions are looked through for who sees some cameras alone.
const mostDeletions = 10_000

func (s *Server) storagePreview(ctx context.Context, in *previewRequest) (*previewAnswer, error) {
	changes := make(RuleChanges)
	if len(in.Body.Settings) > 0 {
		changes[""] = in.Body.Settings
	}
	for id, settings := range in.Body.Cameras {
		if _, err := s.camera(ctx, id); err != nil {
			return nil, err
		}
		changes[camera.ID(id)] = settings
	}
	for id, settings := range changes {
		for key, value := range settings {
			if !isRule(key) {
				return nil, huma.Error422UnprocessableEntity("a preview is of rules", &huma.ErrorDetail{Message: "is no key of retention", Location: "body." + whereOf(id, key)})
			}
			if string(value) == "null" {
				settings[key] = nil
			}
		}
	}
	told, err := s.o.Box.Preview(ctx, changes)
	if err != nil {
		return nil, err
	}
	told.Full = s.local(told.Full)
	for _, span := range append([]*StoredSpan{&told.Goes, &told.All}, spansOf(told.Cameras)...) {
		span.From, span.To = s.local(span.From), s.local(span.To)
	}
	for i := range told.Thins {
		due := &told.Thins[i].Due
		due.From, due.To = s.local(due.From), s.local(due.To)
	}
	told.Choked, told.Thins = listed(told.Choked), listed(told.Thins)
	return &previewAnswer{Body: told}, nil
}

func spansOf(cameras []PreviewCamera) (list []*StoredSpan) {
	for i := range cameras {
		list = append(list, &cameras[i].Goes, &cameras[i].Stays)
	}
	return list
}

// isRule tells whether a setting says what is deleted.
func isRule(key string) bool { return strings.HasPrefix(key, "retention.") }

func whereOf(id camera.ID, key string) string {
	if id == "" {
		return "settings." + key
	}
	return fmt.Sprintf("cameras.%s.%s", id, key)
}

func (s *Server) storageSweep(ctx context.Context, in *sweepRequest) (*sweepAnswer, error) {
	if !in.Twice {
		if err := s.once(ctx, nil); err != nil {
			return nil, err
		}
	}
	swept, err := s.o.Box.Sweep(ctx)
	if err != nil {
		return nil, err
	}
	about(ctx, "", fmt.Sprintf("%d segments, %d bytes", swept.Segments, swept.Bytes))
	return &sweepAnswer{Body: swept}, nil
}

// once refuses rules that would delete more than half of all footage at once: that wants to be said twice.
func (s *Server) once(ctx context.Context, changes RuleChanges) error {
	told, err := s.o.Box.Preview(ctx, changes)
	if err != nil {
		return err
	}
	if told.Most {
		return &RefusedError{Text: fmt.Sprintf("%d of %d bytes would be deleted at once, from %s to %s: more than half. Say it twice (twice=true) if that is meant",
			told.Goes.Bytes, told.All.Bytes, s.local(told.Goes.From).Format(time.RFC3339), s.local(told.Goes.To).Format(time.RFC3339))}
	}
	return nil
}
