package archive

import (
	"context"
	"crypto/md5" // #nosec: S3 names parts by it (ETag); what is trusted is the SHA-256 beside it
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
)

// partBytes is the size of an upload's parts, but for the last: what is sent again at most after a fault. S3 wants 5 MiB at least and
// 10,000 parts at most; a segment is 1 GiB at most.
const partBytes = 16 << 20

// sums are the checksums of a stretch of bytes.
type sums struct {
	bytes  int64
	md5    [md5.Size]byte
	sha256 [sha256.Size]byte
}

// fingerprint is a whole file by its checksums, and each part of it by its own.
type fingerprint struct {
	sums
	parts []sums // one at least
}

// fingerprintOf reads a file once.
func fingerprintOf(ctx context.Context, file io.ReaderAt, size, partSize int64) (f fingerprint, err error) {
	f.bytes = size
	wholeMD5, wholeSHA := md5.New(), sha256.New()
	buffer := make([]byte, 64<<10)
	for from := int64(0); from < size || len(f.parts) == 0; from += partSize {
		if err := ctx.Err(); err != nil {
			return f, err
		}
		p := sums{bytes: min(partSize, size-from)}
		partMD5, partSHA := md5.New(), sha256.New()
		n, err := io.CopyBuffer(onlyWriter{io.MultiWriter(wholeMD5, wholeSHA, partMD5, partSHA)}, onlyReader{io.NewSectionReader(file, from, p.bytes)}, buffer)
		if err == nil && n != p.bytes {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return f, fmt.Errorf("read the segment: %w", err)
		}
		partMD5.Sum(p.md5[:0])
		partSHA.Sum(p.sha256[:0])
		f.parts = append(f.parts, p)
	}
	wholeMD5.Sum(f.md5[:0])
	wholeSHA.Sum(f.sha256[:0])
	return f, nil
}

// isTagged tells whether an object's tag says that it has these bytes: it is their MD5, or that of the parts' MD5s with their number.
func (f fingerprint) isTagged(etag string) bool {
	all := md5.New()
	for _, p := range f.parts {
		all.Write(p.md5[:])
	}
	return etag == hex.EncodeToString(f.md5[:]) || etag == fmt.Sprintf("%x-%d", all.Sum(nil), len(f.parts))
}

// onlyReader and onlyWriter keep io.CopyBuffer to its buffer.
type (
	onlyReader struct{ io.Reader }
	onlyWriter struct{ io.Writer }
)
