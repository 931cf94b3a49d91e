package archive

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// bucket is the far side: a prefix in a bucket of storage that speaks S3. It is the one file that knows
// the library. Keys are those behind the prefix.
type bucket struct {
	core   *minio.Core
	name   string
	prefix string // "" or ends with a slash
	place  string
}

// object is what the archive says of one.
type object struct {
	Key   string
	Bytes int64
	ETag  string
	At    time.Time
	Meta  map[string]string // ours, by lower-case name
}

// part is one of an upload.
type part struct {
	Number int // from 1
	Bytes  int64
	ETag   string
}

// Place is how an archive is called whose address is s3: its objects are known by it.
func Place(s3 string) (string, error) {
	u, name, prefix, err := address(s3)
	if err != nil {
		return "", err
	}
	return place(u, name, prefix), nil
}

func place(u *url.URL, name, prefix string) string {
	return u.Scheme + "://" + u.Host + "/" + name + "/" + prefix
}

// address takes https://host/bucket/prefix apart; the prefix is "" or ends with a slash.
func address(s3 string) (u *url.URL, name, prefix string, err error) {
	u, err = url.Parse(s3)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, "", "", errors.New("the address of the archive is none: want https://host/bucket/prefix")
	}
	name, prefix, _ = strings.Cut(strings.Trim(u.Path, "/"), "/")
	if name == "" {
		return nil, "", "", errors.New("the address of the archive names no bucket: want https://host/bucket/prefix")
	}
	if prefix != "" {
		prefix += "/"
	}
	return u, name, prefix, nil
}

func openBucket(o Options) (*bucket, error) {
	u, name, prefix, err := address(o.S3)
	if err != nil {
		return nil, err
	}
	transport, err := transport(o)
	if err != nil {
		return nil, err
	}
	lookup := map[string]minio.BucketLookupType{"path": minio.BucketLookupPath, "host": minio.BucketLookupDNS}[o.Style]
	core, err := minio.NewCore(u.Host, &minio.Options{
		Creds:  credentials.NewStaticV4(o.AccessKey, o.Secret, ""),
		Secure: u.Scheme == "https", Transport: transport, Region: o.Region, BucketLookup: lookup,
		MaxRetries: 1, // when to try again is ours to decide, and to tell
	})
	if err != nil {
		return nil, fmt.Errorf("set up the archive: %w", err)
	}
	return &bucket{core: core, name: name, prefix: prefix, place: place(u, name, prefix)}, nil
}

// transport is that of net/http with bounds: few connections, and none that stands still.
func transport(o Options) (*http.Transport, error) {
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	if o.CA != nil && !roots.AppendCertsFromPEM(o.CA) {
		return nil, errors.New("the file of archive.ca_file holds no certificate in PEM form")
	}
	dialer := net.Dialer{Timeout: 15 * time.Second}
	return &http.Transport{
		Proxy:           http.ProxyFromEnvironment,
		TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dialer.DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			return &lively{conn, o.Stall}, nil
		},
		TLSHandshakeTimeout: 15 * time.Second, ResponseHeaderTimeout: o.Stall, IdleConnTimeout: 30 * time.Second,
		MaxConnsPerHost: 4, MaxIdleConnsPerHost: 4, DisableCompression: true,
	}, nil
}

// A lively connection ends when nothing has come or gone for so long. What is sent counts for reading too, since the
// transport waits for an answer all the while it sends.
type lively struct {
	net.Conn
	stall time.Duration
}

func (c *lively) Read(b []byte) (int, error) {
	if err := c.SetReadDeadline(time.Now().Add(c.stall)); err != nil {
		return 0, err
	}
	return c.Conn.Read(b)
}

func (c *lively) Write(b []byte) (int, error) {
	if err := c.SetDeadline(time.Now().Add(c.stall)); err != nil {
		return 0, err
	}
	return c.Conn.Write(b)
}

// put sends an object by one request. The archive holds it against both checksums.
func (b *bucket) put(ctx context.Context, key string, data io.Reader, s sums, meta map[string]string) (etag string, err error) {
	told, err := b.core.PutObject(ctx, b.name, b.prefix+key, data, s.bytes, s.md5Base64(), hex.EncodeToString(s.sha256[:]), putOptions(meta))
	return cleanETag(told.ETag), err
}

func putOptions(meta map[string]string) minio.PutObjectOptions {
	return minio.PutObjectOptions{UserMetadata: meta, ContentType: "video/x-msvideo"}
}

// begin begins a multipart upload.
func (b *bucket) begin(ctx context.Context, key string, meta map[string]string) (upload string, err error) {
	return b.core.NewMultipartUpload(ctx, b.name, b.prefix+key, putOptions(meta))
}

// putPart sends a part of an upload, held against both checksums.
func (b *bucket) putPart(ctx context.Context, key, upload string, number int, data io.Reader, s sums) (part, error) {
	told, err := b.core.PutObjectPart(ctx, b.name, b.prefix+key, upload, number, data, s.bytes,
		minio.PutObjectPartOptions{Md5Base64: s.md5Base64(), Sha256Hex: hex.EncodeToString(s.sha256[:])})
	return part{Number: number, Bytes: s.bytes, ETag: cleanETag(told.ETag)}, err
}

// parts lists what an upload has.
func (b *bucket) parts(ctx context.Context, key, upload string) (list []part, err error) {
	for marker := 0; ; {
		page, err := b.core.ListObjectParts(ctx, b.name, b.prefix+key, upload, marker, 1000)
		if err != nil {
			return nil, err
		}
		for _, p := range page.ObjectParts {
			list = append(list, part{Number: p.PartNumber, Bytes: p.Size, ETag: cleanETag(p.ETag)})
		}
		if !page.IsTruncated || page.NextPartNumberMarker <= marker {
			return list, nil
		}
		marker = page.NextPartNumberMarker
	}
}

// complete makes an object of an upload.
func (b *bucket) complete(ctx context.Context, key, upload string, parts []part) (etag string, err error) {
	list := make([]minio.CompletePart, 0, len(parts))
	for _, p := range parts {
		list = append(list, minio.CompletePart{PartNumber: p.Number, ETag: p.ETag})
	}
	told, err := b.core.CompleteMultipartUpload(ctx, b.name, b.prefix+key, upload, list, minio.PutObjectOptions{})
	return cleanETag(told.ETag), err
}

// abort gives an upload up.
func (b *bucket) abort(ctx context.Context, key, upload string) error {
	err := b.core.AbortMultipartUpload(ctx, b.name, b.prefix+key, upload)
	if isCode(err, "NoSuchUpload") {
		return nil
	}
	return err
}

// uploads lists the uploads that are not complete, as key and upload.
func (b *bucket) uploads(ctx context.Context) (list [][2]string, err error) {
	for key, upload := "", ""; ; {
		page, err := b.core.ListMultipartUploads(ctx, b.name, b.prefix, key, upload, "", 1000)
		if err != nil {
			return nil, err
		}
		for _, u := range page.Uploads {
			list = append(list, [2]string{strings.TrimPrefix(u.Key, b.prefix), u.UploadID})
		}
		if !page.IsTruncated || page.NextKeyMarker == key && page.NextUploadIDMarker == upload {
			return list, nil
		}
		key, upload = page.NextKeyMarker, page.NextUploadIDMarker
	}
}

// look asks for an object. errNoObject when there is none.
func (b *bucket) look(ctx context.Context, key string) (object, error) {
	told, err := b.core.StatObject(ctx, b.name, b.prefix+key, minio.StatObjectOptions{})
	if isCode(err, "NoSuchKey") {
		return object{}, errNoObject
	}
	if isCode(err, "AccessDenied") { // an answer to HEAD has no body that says why: another question does
		if _, asked := b.core.ListObjectsV2(b.name, b.prefix, "", "", "/", 1); asked != nil {
			err = asked
		}
	}
	if err != nil {
		return object{}, err
	}
	meta := make(map[string]string)
	for name, values := range told.Metadata {
		if name, ours := strings.CutPrefix(strings.ToLower(name), "x-amz-meta-"); ours && len(values) > 0 {
			meta[name] = values[0]
		}
	}
	return object{Key: key, Bytes: told.Size, ETag: cleanETag(told.ETag), At: told.LastModified, Meta: meta}, nil
}

// list lists the objects whose keys begin with a text, by key.
func (b *bucket) list(ctx context.Context, prefix string) iter.Seq2[object, error] {
	return func(yield func(object, error) bool) {
		ctx, cancel := context.WithCancel(ctx) // the library goes on to list otherwise
		defer cancel()
		for o := range b.core.Client.ListObjectsIter(ctx, b.name, minio.ListObjectsOptions{Prefix: b.prefix + prefix, Recursive: true}) {
			if o.Err != nil {
				yield(object{}, o.Err)
				return
			}
			if !yield(object{Key: strings.TrimPrefix(o.Key, b.prefix), Bytes: o.Size, ETag: cleanETag(o.ETag), At: o.LastModified}, nil) {
				return
			}
		}
	}
}

// read reads an object from a byte on.
func (b *bucket) read(ctx context.Context, key string, from int64) (io.ReadCloser, error) {
	var o minio.GetObjectOptions
	if from > 0 {
		if err := o.SetRange(from, 0); err != nil {
			return nil, err
		}
	}
	body, _, _, err := b.core.GetObject(ctx, b.name, b.prefix+key, o)
	if isCode(err, "NoSuchKey") {
		return nil, errNoObject
	}
	return body, err
}

// remove takes an object away: one of ours that is not what was sent.
func (b *bucket) remove(ctx context.Context, key string) error {
	return b.core.RemoveObject(ctx, b.name, b.prefix+key, minio.RemoveObjectOptions{})
}

// errNoObject says that the archive has no object of a key.
var errNoObject = errors.New("the archive does not have it")

func isCode(err error, code string) bool {
	var told minio.ErrorResponse
	return errors.As(err, &told) && told.Code == code
}

// isCut tells a connection that ended too early; the library has words of its own for that.
func isCut(err error) bool {
	return err != nil && strings.Contains(err.Error(), "Connection closed by foreign host") ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

// refusal is what the archive answered, when it answered: its code, and the HTTP status.
func refusal(err error) (code string, status int, ok bool) {
	var told minio.ErrorResponse
	if !errors.As(err, &told) {
		return "", 0, false
	}
	return told.Code, told.StatusCode, true
}

func cleanETag(text string) string { return strings.Trim(text, `"`) }

func (s sums) md5Base64() string { return base64.StdEncoding.EncodeToString(s.md5[:]) }
