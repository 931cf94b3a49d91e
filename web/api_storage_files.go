package web

import (
	"context"
)

// LeftFile is a file in the recordings that is none of their footage. It is never changed or deleted.
type LeftFile struct {
	Path  string `json:"path" doc:"Below the recordings, with slashes"`
	Bytes int64  `json:"bytes"`
	Why   string `json:"why" enum:"foreign,copy,incomplete,unreadable,other" doc:"foreign: a video of somebody else's; copy: a segment that is there a second time; incomplete: being copied, or brought back; unreadable: left by a crash, and nothing could be made of it; other: no video"`
}

type filesRequest struct {
	Limit int `query:"limit" minimum:"1" maximum:"10000" default:"200"`
}

type filesAnswer struct {
	Body struct {
		Files   []LeftFile `json:"files" nullable:"false" doc:"By path"`
		Count   int        `json:"count" doc:"How many there are; 10,000 are known at most"`
		Bytes   int64      `json:"bytes" doc:"Of all that are known"`
		More    bool       `json:"more" doc:"There are others, which are not known"`
		Watched int        `json:"watched_folders" doc:"Where the system tells at once what people do; 0: nowhere"`
		All     bool       `json:"watched_all" doc:"These are all folders; what is done in others is found within 6 h"`
	}
}

// storageFiles tells what is left alone in the recordings, as the last looks found it.
func (s *Server) storageFiles(_ context.Context, in *filesRequest) (*filesAnswer, error) {
	list, more := s.o.Store.Foreign()
	answer := new(filesAnswer)
	body := &answer.Body
	body.Files, body.Count, body.More = []LeftFile{}, len(list), more
	for _, f := range list {
		if body.Bytes += f.Bytes; len(body.Files) < in.Limit {
			body.Files = append(body.Files, LeftFile(f))
		}
	}
	watched := s.o.Box.Watched()
	body.Watched, body.All = watched.Folders, watched.All
	return answer, nil
}
