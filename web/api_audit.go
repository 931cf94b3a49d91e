package web

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// AuditEntry is something that somebody did.
type AuditEntry struct {
	ID      int64     `json:"id"`
	At      time.Time `json:"at"`
	Who     string    `json:"who" doc:"'user anna', 'token garage', 'command line'; '' for nobody that is known"`
	Address string    `json:"address" doc:"Where from; '' at the machine itself"`
	What    string    `json:"what" example:"camera.pause"`
	About   string    `json:"about" doc:"Whom or what it was done to"`
	Detail  string    `json:"detail"`
}

type auditRequest struct {
	Before int64 `query:"before" minimum:"0" doc:"Entries before this one: the id of the last of the page before"`
	Limit  int   `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

type auditAnswer struct {
	Body struct {
		Entries []AuditEntry `json:"entries" nullable:"false" doc:"The newest first; none: that is all"`
	}
}

func (s *Server) auditAPI(api huma.API) {
	add(s, api, "GET", "/api/v1/audit", "audit-log", "Who did what", func(ctx context.Context, in *auditRequest) (*auditAnswer, error) {
		list, err := s.accounts.AuditLog(ctx, in.Before, in.Limit)
		if err != nil {
			return nil, err
		}
		answer := new(auditAnswer)
		answer.Body.Entries = []AuditEntry{}
		for _, e := range list {
			answer.Body.Entries = append(answer.Body.Entries, AuditEntry{
				ID: e.ID, At: s.local(e.At), Who: e.Who, Address: e.Address, What: e.What, About: e.About, Detail: e.Detail,
			})
		}
		return answer, nil
	})
}
