package web

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/api/openapi.json")

func TestDocumentIsTheOneThatIsCheckedIn(t *testing.T) {
	file := filepath.Join("..", "docs", "api", "openapi.json")
	s := open(t)
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, s.openapi, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(kept, s.openapi) {
		t.Error("docs/api/openapi.json is not what the code does: go test ./web -run Document -update, and look at what changed")
	}
	got := s.admin().want(200, "GET", "/api/v1/openapi.json", nil)
	if !bytes.Equal(got.body, s.openapi) || got.Header.Get("ETag") == "" {
		t.Errorf("served is another document of %d bytes, ETag %q", len(got.body), got.Header.Get("ETag"))
	}
}

func TestDocumentHasEveryRouteOfTheAPI(t *testing.T) {
	s := open(t)
	var document struct {
		OpenAPI string `json:"openapi"`
		Paths   map[string]map[string]struct {
			OperationID string                `json:"operationId"`
			Security    []map[string][]string `json:"security"`
		} `json:"paths"`
	}
	if err := json.Unmarshal(s.openapi, &document); err != nil {
		t.Fatal(err)
	}
	if document.OpenAPI != "3.1.0" {
		t.Errorf("got OpenAPI %s", document.OpenAPI)
	}
	for pattern, need := range routes {
		method, path, _ := strings.Cut(pattern, " ")
		operation, ok := document.Paths[path][strings.ToLower(method)]
		if of := strings.HasPrefix(path, "/api/") && path != "/api/v1/openapi.json"; ok != of {
			t.Errorf("%s: in the document: %v", pattern, ok)
		}
		if ok && (len(operation.Security) == 0) != need.open {
			t.Errorf("%s: the document says of its security %v", pattern, operation.Security)
		}
	}
}
