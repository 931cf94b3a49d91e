package web

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"os"
	"strings"
	"sync"
	"time"
)

// TLS says with which certificate page and API are served. The zero value is plain HTTP.
type TLS struct {
	Cert, Key string // PEM files of one's own; read again when they change
	// Made serves one that was made here, signed by itself, and is kept in state.sqlite.
	Made bool
}

func (t TLS) on() bool { return t.Made || t.Cert != "" }

// certificate is the one in force.
type certificate struct {
	o   TLS
	log *slog.Logger

	mu     sync.Mutex
	now    *tls.Certificate
	looked time.Time
	stamp  string // of the files
}

// lookAtFiles is how often it is looked whether the files have changed.
const lookAtFiles = time.Minute

// openCertificate reads or makes the certificate; nil without TLS.
func (s *Server) openCertificate(ctx context.Context) (*certificate, error) {
	switch o := s.o.TLS; {
	case !o.on():
		return nil, nil
	case o.Made && o.Cert != "":
		return nil, errors.New("a certificate of one's own and a made one cannot both be served")
	case o.Made:
		made, err := s.madeCertificate(ctx)
		if err != nil {
			return nil, err
		}
		return &certificate{o: o, log: s.o.Log, now: made}, nil
	default:
		c := &certificate{o: o, log: s.o.Log, looked: time.Now()}
		var err error
		c.now, c.stamp, err = o.read()
		return c, err
	}
}

func (c *certificate) config() *tls.Config {
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		NextProtos:     []string{"h2", "http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.current(time.Now()), nil },
	}
}

// current reads the files again when they have changed. What cannot be read, because it is half
// written or worse, leaves the one before in force.
func (c *certificate) current(now time.Time) *tls.Certificate {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.o.Made || now.Sub(c.looked) < lookAtFiles {
		return c.now
	}
	c.looked = now
	stamp, err := c.o.look()
	if err != nil || stamp == c.stamp {
		return c.now
	}
	read, stamp, err := c.o.read()
	if err != nil {
		c.log.Error("the new certificate cannot be used, the one before is", "err", err)
		c.stamp = stamp
		return c.now
	}
	c.now, c.stamp = read, stamp
	c.log.Info("certificate read again", "file", c.o.Cert, "until", read.Leaf.NotAfter)
	return c.now
}

// look tells one content of the files from another.
func (t TLS) look() (stamp string, err error) {
	for _, name := range []string{t.Cert, t.Key} {
		info, err := os.Stat(name)
		if err != nil {
			return "", err
		}
		stamp += fmt.Sprint(info.ModTime().UnixNano(), " ", info.Size(), " ")
	}
	return stamp, nil
}

func (t TLS) read() (*tls.Certificate, string, error) {
	stamp, err := t.look()
	if err != nil {
		return nil, stamp, err
	}
	c, err := tls.LoadX509KeyPair(t.Cert, t.Key)
	if err != nil {
		return nil, stamp, err
	}
	return &c, stamp, nil
}

// A made certificate lasts for as long as Apple's systems take one (support.apple.com/103769: 825 days).
const (
	madeLasts  = 820 * 24 * time.Hour
	renewAhead = 30 * 24 * time.Hour
)

// madeCertificate takes the certificate that was made here before, or makes one. The key stays.
func (s *Server) madeCertificate(ctx context.Context) (*tls.Certificate, error) {
	der, err := s.accounts.Key(ctx, "tls.key", func() ([]byte, error) {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return nil, err
		}
		return x509.MarshalPKCS8PrivateKey(key)
	})
	if err != nil {
		return nil, err
	}
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, fmt.Errorf("read the kept TLS key: %w", err)
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("read the kept TLS key: it is a %T", parsed)
	}
	now := s.o.Now()
	sign := func() ([]byte, error) { return selfSigned(key, now) }
	kept, err := s.accounts.Key(ctx, "tls.cert", sign)
	if err != nil {
		return nil, err
	}
	leaf, err := x509.ParseCertificate(kept)
	if err != nil || !key.PublicKey.Equal(leaf.PublicKey) || now.Add(renewAhead).After(leaf.NotAfter) || now.Before(leaf.NotBefore) {
		if kept, err = sign(); err != nil {
			return nil, err
		}
		if err := s.accounts.SetKey(ctx, "tls.cert", kept); err != nil {
			return nil, err
		}
		if leaf, err = x509.ParseCertificate(kept); err != nil {
			return nil, err
		}
	}
	return &tls.Certificate{Certificate: [][]byte{kept}, PrivateKey: key, Leaf: leaf}, nil
}

// selfSigned makes a certificate for the names and addresses that this machine has now.
func selfSigned(key *ecdsa.PrivateKey, now time.Time) ([]byte, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, err
	}
	names, addrs := ownNames()
	template := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: "v720dvr", Organization: []string{"v720dvr, made by itself"}},
		NotBefore:    now.Add(-24 * time.Hour), NotAfter: now.Add(madeLasts),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
		DNSNames:              names, IPAddresses: addrs,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("make a certificate: %w", err)
	}
	return der, nil
}

func ownNames() (names []string, addrs []net.IP) {
	names = []string{"localhost"}
	if host, err := os.Hostname(); err == nil && host != "" && host != "localhost" {
		names = append(names, host)
		if !strings.Contains(host, ".") {
			names = append(names, host+".local")
		}
	}
	addrs = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	found, err := net.InterfaceAddrs()
	if err != nil {
		return names, addrs
	}
	for _, a := range found {
		if n, ok := a.(*net.IPNet); ok && !n.IP.IsLoopback() && !n.IP.IsLinkLocalUnicast() {
			addrs = append(addrs, n.IP)
		}
	}
	return names, addrs
}
