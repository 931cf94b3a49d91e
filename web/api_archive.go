package web

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"v720dvr/camera"
)

// Archiver copies footage away and brings it back. Without archive.s3 it answers errors.ErrUnsupported to all but Archive.
type Archiver interface {
	// Archive tells how that goes.
	Archive(ctx context.Context) (Archive, error)
	// RetryArchive has everything tried at once that rests after a failure.
	RetryArchive(ctx context.Context) error
	// Archived lists what the archive has of a camera's time; it is asked itself, which may take seconds.
	Archived(ctx context.Context, id camera.ID, from, to time.Time) ([]ArchivedSegment, error)
	// RestoreArchived begins to bring it back; a *RefusedError while something else is brought. who is as in the audit log.
	RestoreArchived(ctx context.Context, id camera.ID, from, to time.Time, keep bool, who string) error
}

// Archive is how copying goes.
type Archive struct {
	On       bool           `json:"on" doc:"There is an archive (archive.s3)"`
	Place    string         `json:"place,omitempty" doc:"Its address, bucket and prefix"`
	Known    bool           `json:"known" doc:"It was found out what waits"`
	Waiting  ArchiveWaiting `json:"waiting"`
	Archived ArchiveWhole   `json:"archived"`
	Copying  string         `json:"copying,omitempty" doc:"The object that is sent now"`
	Done     int64          `json:"copying_done_bytes,omitempty"`
	Of       int64          `json:"copying_bytes,omitempty"`
	Rate     float64        `json:"bytes_per_second" doc:"In the last minute, there and back"`
	Copied   int            `json:"copied" doc:"Segments, since the start"`
	Failed   int            `json:"failed" doc:"Tries that failed, since the start"`
	Lost     int            `json:"lost" doc:"Segments that were deleted before they were copied though that was to be waited for, since the start: the disk was full"`
	Problem  string         `json:"problem,omitempty" doc:"Why nothing can be copied at the moment, and what to do"`
	Since    time.Time      `json:"problem_since,omitzero"`
	Next     time.Time      `json:"next_try,omitzero"`
	Last     string         `json:"last_error,omitempty" doc:"What went wrong last, also when it goes again"`
	LastAt   time.Time      `json:"last_error_at,omitzero"`
	Restore  *ArchiveReturn `json:"restore,omitempty" doc:"What is brought back, or was last; missing: nothing, since the start"`
}

// ArchiveWaiting is what is to be copied still.
type ArchiveWaiting struct {
	Segments int       `json:"segments"`
	Bytes    int64     `json:"bytes"`
	Resting  int       `json:"resting" doc:"Of these, after a failure of their own"`
	Oldest   time.Time `json:"oldest,omitzero"`
	Newest   time.Time `json:"newest,omitzero"`
}

// ArchiveWhole is what stands in the archive.
type ArchiveWhole struct {
	Segments int       `json:"segments"`
	Bytes    int64     `json:"bytes"`
	Oldest   time.Time `json:"oldest,omitzero"`
	Newest   time.Time `json:"newest,omitzero"`
	Last     time.Time `json:"last,omitzero" doc:"When the last one came"`
}

// ArchiveReturn is how bringing back goes.
type ArchiveReturn struct {
	Camera   camera.ID `json:"camera"`
	From     time.Time `json:"from"`
	To       time.Time `json:"to"`
	Busy     bool      `json:"busy"`
	Segments int       `json:"segments" doc:"To be brought back"`
	Bytes    int64     `json:"bytes" doc:"Of these"`
	Here     int       `json:"here" doc:"Segments that were here already"`
	Done     int       `json:"done" doc:"Segments"`
	Got      int64     `json:"got_bytes"`
	Ended    time.Time `json:"ended,omitzero"`
	Error    string    `json:"error,omitempty" doc:"Why it ended before all was here"`
}

// ArchivedSegment is a copy of a segment.
type ArchivedSegment struct {
	Key     string    `json:"key" doc:"Of the object, behind the archive's place"`
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	Bytes   int64     `json:"bytes"`
	SHA256  string    `json:"sha256"`
	Here    bool      `json:"here" doc:"It is on the recorder's disk too, with no fewer pictures"`
	Thinned bool      `json:"thinned,omitempty" doc:"It is on the recorder's disk with fewer pictures"`
}

type archiveAnswer struct{ Body Archive }

type archivedRequest struct {
	CameraPath
	From time.Time `query:"from" required:"true"`
	To   time.Time `query:"to" required:"true"`
}

type archivedAnswer struct {
	Body struct {
		Segments []ArchivedSegment `json:"segments" nullable:"false" doc:"By their begin"`
	}
}

type restoreRequest struct {
	CameraPath
	Body struct {
		From time.Time `json:"from"`
		To   time.Time `json:"to"`
		Keep bool      `json:"keep,omitempty" doc:"Until it is unlocked; else it is kept for 30 days"`
	}
}

func (s *Server) archiveAPI(api huma.API) {
	add(s, api, "GET", "/api/v1/archive", "archive", "How copying footage away goes", s.archive)
	add(s, api, "POST", "/api/v1/archive/retry", "archive-retry", "Try at once what rests after a failure", func(ctx context.Context, _ *struct{}) (*struct{}, error) {
		return nil, s.o.Box.RetryArchive(ctx)
	})
	add(s, api, "GET", "/api/v1/cameras/{camera}/archived", "archived", "What the archive has of a span", s.archived)
	add(s, api, "POST", "/api/v1/cameras/{camera}/restore", "archive-restore", "Begin to bring back what the archive has of a span; GET /archive tells how that goes", s.restoreArchived)
}

func (s *Server) archive(ctx context.Context, _ *struct{}) (*archiveAnswer, error) {
	told, err := s.o.Box.Archive(ctx)
	if err != nil {
		return nil, err
	}
	for _, at := range []*time.Time{&told.Waiting.Oldest, &told.Waiting.Newest, &told.Archived.Oldest, &told.Archived.Newest, &told.Archived.Last, &told.Since, &told.Next, &told.LastAt} {
		*at = s.local(*at)
	}
	if r := told.Restore; r != nil {
		r.From, r.To, r.Ended = s.local(r.From), s.local(r.To), s.local(r.Ended)
	}
	return &archiveAnswer{told}, nil
}

func (s *Server) archived(ctx context.Context, in *archivedRequest) (*archivedAnswer, error) {
	id, err := archiveSpan(in.Camera, in.From, in.To)
	if err != nil {
		return nil, err
	}
	list, err := s.o.Box.Archived(ctx, id, in.From, in.To)
	if err != nil {
		return nil, err
	}
	answer := new(archivedAnswer)
	answer.Body.Segments = []ArchivedSegment{}
	for _, one := range list {
		one.From, one.To = s.local(one.From), s.local(one.To)
		answer.Body.Segments = append(answer.Body.Segments, one)
	}
	return answer, nil
}

func (s *Server) restoreArchived(ctx context.Context, in *restoreRequest) (*struct{}, error) {
	id, err := archiveSpan(in.Camera, in.Body.From, in.Body.To)
	if err != nil {
		return nil, err
	}
	about(ctx, string(id), in.Body.From.In(s.o.Box.Location()).Format(time.RFC3339)+" to "+in.Body.To.In(s.o.Box.Location()).Format(time.RFC3339))
	return nil, s.o.Box.RestoreArchived(ctx, id, in.Body.From, in.Body.To, in.Body.Keep, Asks(ctx).Who)
}

// archiveSpan reads a span of a camera that nobody here may know any more: another box has copied it.
func archiveSpan(text string, from, to time.Time) (camera.ID, error) {
	id, err := camera.ParseID(text)
	if err != nil {
		return "", ErrNoCamera
	}
	if !from.Before(to) {
		return "", huma.Error422UnprocessableEntity("the span ends before it begins")
	}
	return id, nil
}
