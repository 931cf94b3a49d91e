package archive

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io/fs"
	"net"
	"os"
	"syscall"
	"time"

	"v720dvr/storage"
)

// A fault is why something was not copied, in words that say what to do.
type fault struct {
	text string
	here bool // it is this segment's own: others may go
	err  error
}

func (f *fault) Error() string { return f.text }
func (f *fault) Unwrap() error { return f.err }

// refusals are the answers of S3 that somebody can do something about (Amazon S3 API Reference, "Error responses").
var refusals = map[string]string{
	"AccessDenied":                 "the archive does not let us in: may this key list, read and write the bucket?",
	"InvalidAccessKeyId":           "the archive does not know the key of archive.access_key",
	"SignatureDoesNotMatch":        "the archive refuses the secret: is that of archive.secret_file the one of archive.access_key, and archive.region right?",
	"NoSuchBucket":                 "the archive has no such bucket: make it, or mend archive.s3",
	"RequestTimeTooSkewed":         "the clocks of this box and of the archive are too far apart: set this box's clock (timedatectl), it is off by more than 15 minutes",
	"AuthorizationHeaderMalformed": "the archive is in another region: set archive.region",
	"SlowDown":                     "the archive asks us to slow down",
	"QuotaExceeded":                "the archive is full: its quota is used up",
	"XMinioStorageFull":            "the archive's disk is full",
	"InvalidObjectState":           "the object lies in cold storage (Glacier): have the archive bring it back first",
}

// explain says of an error what it is about. Errors of no answer, and most answers, are the archive's; what is said of
// the file is the segment's.
func explain(err error) *fault {
	var known *fault
	if errors.As(err, &known) {
		return known
	}
	var (
		unknown  x509.UnknownAuthorityError
		hostname x509.HostnameError
		invalid  x509.CertificateInvalidError
		record   tls.RecordHeaderError
		network  net.Error
		dns      *net.DNSError
		path     *fs.PathError
	)
	code, status, answered := refusal(err)
	switch {
	case answered && refusals[code] != "":
		return &fault{text: refusals[code] + " (" + code + ")", err: err}
	case answered && status >= 500:
		return &fault{text: "the archive has trouble of its own (" + code + "); it is tried again", err: err}
	case answered:
		return &fault{text: "the archive refuses: " + err.Error() + " (" + code + ")", err: err}
	case errors.As(err, &unknown):
		return &fault{text: "the archive's certificate is signed by nobody who is trusted: name the file of its authority in archive.ca_file", err: err}
	case errors.As(err, &hostname), errors.As(err, &invalid):
		return &fault{text: "the archive's certificate is not good: " + err.Error(), err: err}
	case errors.As(err, &record):
		return &fault{text: "the archive does not speak TLS there: is archive.s3 to begin with http:// ?", err: err}
	case errors.Is(err, storage.ErrNoFootage), errors.Is(err, storage.ErrUnknown):
		return &fault{text: "the segment is gone, or is not the file that was recorded", here: true, err: err}
	case errors.As(err, &path):
		return &fault{text: "the segment cannot be read: " + err.Error(), here: true, err: err}
	case errors.As(err, &dns):
		return &fault{text: "nobody knows where the archive is: " + dns.Error(), err: err}
	case errors.Is(err, syscall.ECONNREFUSED):
		return &fault{text: "nobody answers at the archive's address: is it running?", err: err}
	case errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return &fault{text: "the archive does not answer", err: err}
	case isCut(err):
		return &fault{text: "the connection to the archive was cut", err: err}
	}
	return &fault{text: err.Error(), err: err}
}

// backoff is how long is rested after so many failures on end, 1 being the first.
func backoff(failures int, most time.Duration) time.Duration {
	if failures > 20 {
		return most
	}
	return min(time.Second<<failures, most)
}

// isOver tells the end that was asked for.
func isOver(ctx context.Context) bool { return ctx.Err() != nil }
