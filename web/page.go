package web

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"v720dvr/docs"
)

// The page: ES modules as they are written, no build step. Everything is under /assets/{version}/, and
// version is the hash of it all: a browser keeps a file for ever, relative imports stay in one version, and
// a new one is another folder. The shell names the folder, and is asked about each time.

//go:embed assets
var assets embed.FS

// assetsHere stands in the shell where the folder of this version is put.
const assetsHere = "{{assets}}"

// pagePaths are the URLs of the page: each has the shell, and core/router.js knows which view it is. There is no
// data of anybody in it: who is not logged in gets the form to log in.
var pagePaths = []string{
	"/{$}", "/live", "/live/{camera}", "/timeline", "/timeline/{camera}", "/events", "/events/{event}", "/storage",
	"/setup", "/setup/{camera}", "/setup/{camera}/{part}", "/more", "/more/{part}", "/more/{part}/{about}", "/mini/{camera}",
}

// asset is a file of the page as it is sent.
type asset struct {
	kind         string // media type
	etag         string
	plain, small []byte // small: gzip; nil where that is not smaller
}

// page is all that the page is made of.
type page struct {
	version string
	shell   asset
	files   map[string]asset // by path below assets
}

// thePage is packed once, however many servers there are.
var thePage = sync.OnceValues(packPage)

// kinds are the media types of what the page loads; a file of another kind is not sent.
var kinds = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8", ".webmanifest": "application/manifest+json",
}

func packPage() (*page, error) {
	p := &page{files: make(map[string]asset)}
	all := sha256.New()
	var shell []byte
	add := func(name, kind string, content []byte) (err error) {
		fmt.Fprintf(all, "%s %d\n", name, len(content))
		all.Write(content)
		if name == "index.html" {
			shell = content
			return nil
		}
		p.files[name], err = pack(kind, content)
		return err
	}
	err := fs.WalkDir(assets, "assets", func(name string, entry fs.DirEntry, err error) error {
		kind := kinds[path.Ext(name)]
		if err != nil || entry.IsDir() || kind == "" {
			return err
		}
		content, err := assets.ReadFile(name)
		if err != nil {
			return err
		}
		return add(strings.TrimPrefix(name, "assets/"), kind, content)
	})
	if err == nil {
		err = add("docs/hooks.md", kinds[".txt"], docs.Hooks)
	}
	if err != nil {
		return nil, fmt.Errorf("pack the page: %w", err)
	}
	p.version = base64.RawURLEncoding.EncodeToString(all.Sum(nil)[:9])
	p.shell, err = pack(kinds[".html"], bytes.ReplaceAll(shell, []byte(assetsHere), []byte("/assets/"+p.version)))
	return p, err
}

func pack(kind string, content []byte) (asset, error) {
	sum := sha256.Sum256(content)
	a := asset{kind: kind, etag: base64.RawURLEncoding.EncodeToString(sum[:12]), plain: content}
	var small bytes.Buffer
	z, err := gzip.NewWriterLevel(&small, gzip.BestCompression)
	if err != nil {
		return a, err
	}
	_, err = z.Write(content)
	if err = cmp.Or(err, z.Close()); err == nil && small.Len() < len(content) {
		a.small = small.Bytes()
	}
	return a, err
}

// servePage registers the page.
func (s *Server) servePage() error {
	p, err := thePage()
	if err != nil {
		return err
	}
	for _, at := range pagePaths {
		s.handle("GET "+at, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cache-Control", "no-cache") // to be asked about each time, by its ETag
			p.shell.serve(w, r)
		}))
	}
	s.handle("GET /assets/{version}/{file...}", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, ok := p.files[r.PathValue("file")]
		if !ok || r.PathValue("version") != p.version {
			problem(w, http.StatusNotFound, "there is no such file in this version of the page: load it again")
			return
		}
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		a.serve(w, r)
	}))
	return nil
}

// serve sends a file, small where the browser takes that.
func (a asset) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", a.kind)
	h.Set("Vary", "Accept-Encoding")
	content, etag := a.plain, a.etag
	if a.small != nil && takesGzip(r) {
		h.Set("Content-Encoding", "gzip")
		content, etag = a.small, etag+"-gzip"
		r.Header.Del("Range") // bytes of gzip are of no use in parts
	}
	h.Set("ETag", `"`+etag+`"`)
	if r.Header.Get("If-None-Match") == "" && r.Header.Get("Range") == "" {
		h.Set("Content-Length", fmt.Sprint(len(content)))
		if r.Method != http.MethodHead {
			_, _ = io.Copy(w, bytes.NewReader(content)) // who asked may be gone
		}
		return
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}

// takesGzip reads Accept-Encoding (RFC 9110, 12.5.3): gzip or x-gzip named, and not with q=0.
func takesGzip(r *http.Request) bool {
	return slices.ContainsFunc(strings.Split(strings.Join(r.Header.Values("Accept-Encoding"), ","), ","), func(part string) bool {
		name, weight, _ := strings.Cut(part, ";")
		name = strings.ToLower(strings.TrimSpace(name))
		weight = strings.ReplaceAll(weight, " ", "")
		return (name == "gzip" || name == "x-gzip") && weight != "q=0" && strings.TrimRight(weight, "0") != "q=0."
	})
}
