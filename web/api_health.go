package web

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"v720dvr/camera"
	"v720dvr/storage"
)

// FiguresQuery asks for a history.
type FiguresQuery struct {
	From, To time.Time
	Step     time.Duration // storage.FigureMinute or storage.FigureTen
	Cameras  storage.CameraSet
}

// CameraHistory is how a camera was, step by step. All lists are as long as at.
type CameraHistory struct {
	Camera   camera.ID `json:"camera"`
	At       []int64   `json:"at" doc:"Begins of the steps, seconds since 1970; one without figures is missing"`
	Frames   []int64   `json:"frames" doc:"Pictures that came"`
	Lost     []int64   `json:"lost" doc:"Pictures that never came whole"`
	Repaired []int64   `json:"repaired" doc:"Pictures that came whole with packages sent again"`
	Dropped  []int64   `json:"dropped" doc:"Pictures that came and were not recorded"`
	Sounds   []int64   `json:"sounds" doc:"Packages of sound"`
	Opened   []int64   `json:"opened" doc:"Times that it connected"`
	Age      []int64   `json:"age_ms" doc:"The oldest that its last picture was while it was connected"`
	Online   []float64 `json:"online" doc:"Part of the time that it was connected, 0 to 1"`
}

// BoxHistory is how the recorder was, step by step. All lists are as long as at.
type BoxHistory struct {
	At         []int64   `json:"at" doc:"Begins of the steps, seconds since 1970"`
	SyncMedian []float64 `json:"sync_ms" doc:"What making written pictures safe took, the median"`
	Sync       []float64 `json:"sync_max_ms" doc:"The longest"`
	Free       []int64   `json:"free_bytes" doc:"Of the disk of the recordings, the least"`
	Memory     []int64   `json:"memory_bytes" doc:"That the process held, the most"`
	Waiting    []int64   `json:"waiting_bytes" doc:"That waited for the disk, the most"`
	Dropped    []int64   `json:"dropped" doc:"Datagrams that the system dropped"`
	CPU        []float64 `json:"cpu" doc:"Cores that were busy for it"`
}

type healthRequest struct {
	Camera []string  `query:"camera" maxItems:"1024" doc:"Of these cameras alone: ids, with commas; those that may be seen without"`
	From   time.Time `query:"from" required:"true" doc:"RFC 3339; write %2B for the + of the offset"`
	To     time.Time `query:"to" required:"true"`
	Res    string    `query:"res" enum:"1m,10m" doc:"Steps of a minute, of the last 24 hours, or of ten, of the last 30 days; without: what there is for the span"`
}

type healthAnswer struct {
	Body struct {
		Step    int             `json:"step_seconds"`
		Cameras []CameraHistory `json:"cameras" nullable:"false"`
		Box     BoxHistory      `json:"box"`
	}
}

func (s *Server) healthAPI(api huma.API) {
	add(s, api, "GET", "/api/v1/health", "health", "How cameras and recorder were over hours and days", s.health)
}

func (s *Server) health(ctx context.Context, in *healthRequest) (*healthAnswer, error) {
	if !in.To.After(in.From) || in.To.Sub(in.From) > longestHealth {
		return nil, huma.Error422UnprocessableEntity("a span ends behind its begin, within 32 days")
	}
	wanted, err := cameraSet(len(in.Camera) == 0, in.Camera)
	if err != nil {
		return nil, err
	}
	q := FiguresQuery{From: in.From, To: in.To, Step: storage.FigureMinute}
	var ok bool
	if q.Cameras, ok = visible(ctx, wanted); !ok {
		return nil, errHidden
	}
	if in.Res == "10m" || in.Res == "" && s.o.Now().Sub(in.From) > 24*time.Hour+storage.FigureTen {
		q.Step = storage.FigureTen
	}
	cameras, box, err := s.o.Box.Figures(ctx, q)
	if err != nil {
		return nil, err
	}
	answer := new(healthAnswer)
	answer.Body.Step, answer.Body.Cameras, answer.Body.Box = int(q.Step.Seconds()), cameraHistories(cameras), boxHistory(box)
	return answer, nil
}

const longestHealth = 32 * 24 * time.Hour

func cameraHistories(list []storage.CameraFigures) []CameraHistory {
	all := []CameraHistory{}
	at := make(map[camera.ID]int)
	for _, c := range list {
		i, known := at[c.Camera]
		if !known {
			i = len(all)
			at[c.Camera] = i
			all = append(all, CameraHistory{Camera: c.Camera})
		}
		h := &all[i]
		h.At, h.Frames, h.Lost, h.Repaired = append(h.At, c.At.Unix()), append(h.Frames, c.Frames), append(h.Lost, c.Lost), append(h.Repaired, c.Repaired)
		h.Dropped, h.Sounds, h.Opened = append(h.Dropped, c.Dropped), append(h.Sounds, c.Sounds), append(h.Opened, c.Opened)
		h.Age, h.Online = append(h.Age, c.Age.Milliseconds()), append(h.Online, c.Online)
	}
	return all
}

func boxHistory(list []storage.BoxFigures) BoxHistory {
	h := BoxHistory{
		At: []int64{}, SyncMedian: []float64{}, Sync: []float64{}, Free: []int64{}, Memory: []int64{}, Waiting: []int64{}, Dropped: []int64{}, CPU: []float64{},
	}
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	for _, b := range list {
		h.At, h.SyncMedian, h.Sync = append(h.At, b.At.Unix()), append(h.SyncMedian, ms(b.SyncMedian)), append(h.Sync, ms(b.Sync))
		h.Free, h.Memory, h.Waiting = append(h.Free, b.Free), append(h.Memory, b.Memory), append(h.Waiting, b.Waiting)
		h.Dropped, h.CPU = append(h.Dropped, b.Dropped), append(h.CPU, b.CPU)
	}
	return h
}
