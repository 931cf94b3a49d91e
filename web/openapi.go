package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// document is the OpenAPI document as docs/api/openapi.json has it.
func document(api huma.API) ([]byte, error) {
	raw, err := json.Marshal(api.OpenAPI())
	if err != nil {
		return nil, fmt.Errorf("write the API's document: %w", err)
	}
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, raw, "", "  "); err != nil {
		return nil, fmt.Errorf("write the API's document: %w", err)
	}
	pretty.WriteByte('\n')
	return pretty.Bytes(), nil
}

func (s *Server) serveDocument(w http.ResponseWriter, r *http.Request) {
	sum := sha256.Sum256(s.openapi)
	w.Header().Set("Content-Type", "application/openapi+json")
	w.Header().Set("Cache-Control", "no-cache") // to be asked about each time, by its ETag
	w.Header().Set("ETag", `"`+base64.RawURLEncoding.EncodeToString(sum[:12])+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(s.openapi))
}
