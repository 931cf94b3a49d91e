package web

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"v720dvr/storage"
	"v720dvr/storage/avi"
)

type importRequest struct {
	CameraPath
	Body struct {
		Path  string    `json:"path" minLength:"1" maxLength:"4096" doc:"The file, absolute, on the recorder's machine"`
		Start time.Time `json:"start,omitzero" doc:"When it begins; missing: it is one of v720dvr's, and tells"`
		Cut   bool      `json:"cut,omitempty" doc:"Take what lies beside what is recorded; else a file that overlaps is refused"`
	}
}

// ImportResult is what became of a file.
type ImportResult struct {
	Start    time.Time `json:"start"`
	End      time.Time `json:"end"`
	Segments int       `json:"segments"`
	Pictures int       `json:"pictures" doc:"Taken over"`
	Left     int       `json:"left" doc:"Pictures of time that is recorded already"`
	Refused  int       `json:"refused" doc:"Pictures and sound that could not be read, or are none"`
	Sound    bool      `json:"sound" doc:"It has sound that could be taken over"`
}

type importAnswer struct{ Body ImportResult }

func (s *Server) importAPI(api huma.API) {
	add(s, api, "POST", "/api/v1/cameras/{camera}/import", "import-footage", "Take an AVI file over as footage of a camera; for the command line on the recorder's machine", s.importFootage)
}

func (s *Server) importFootage(ctx context.Context, in *importRequest) (*importAnswer, error) {
	// Over the network nobody is to find out which files there are, be it an admin.
	if asks := Asks(ctx); asks.User != nil || asks.Who != CommandLine().Who {
		return nil, &RefusedError{Text: "files are imported by v720dvr import on the recorder's machine"}
	}
	c, err := s.camera(ctx, in.Camera)
	if err != nil {
		return nil, err
	}
	result, err := Import(ctx, s.o.Store, storage.ImportSpec{Camera: c.ID, Name: c.Name, Start: in.Body.Start, Cut: in.Body.Cut}, in.Body.Path)
	about(ctx, in.Camera, fmt.Sprintf("%s: %d pictures", filepath.Base(in.Body.Path), result.Pictures))
	if overlap := (*storage.OverlapError)(nil); errors.As(err, &overlap) {
		return nil, &RefusedError{Text: err.Error() + "; cut takes the rest"}
	}
	if err != nil {
		return nil, huma.Error422UnprocessableEntity(err.Error())
	}
	result.Start, result.End = s.local(result.Start), s.local(result.End)
	return &importAnswer{result}, nil
}

// Import takes a file over. Its errors are for who asked.
func Import(ctx context.Context, store *storage.Store, spec storage.ImportSpec, path string) (r ImportResult, err error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrPermission) {
		return r, fmt.Errorf("%w: the user that v720dvr runs as must be allowed to read it", err)
	}
	if err != nil {
		return r, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return r, err
	}
	if !info.Mode().IsRegular() {
		return r, fmt.Errorf("%s is no file", path)
	}
	spec.Source = filepath.Base(path)
	done, err := store.Import(ctx, spec, f, info.Size())
	if errors.Is(err, avi.ErrNotAVI) {
		err = fmt.Errorf("%w: only AVI files with MJPEG pictures can be imported", err)
	}
	return ImportResult{
		Start: done.Start, End: done.End, Segments: len(done.Segments), Pictures: done.Pictures, Left: done.Left, Refused: done.Refused, Sound: done.Sound,
	}, err
}
