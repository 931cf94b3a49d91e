package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"html"
	"io"
	"os"
	"strings"

	"v720dvr/storage/chain"
)

// mostCertificate bounds a certificate that is read: 100,000 gaps.
const mostCertificate = 16 << 20

var errNoCertificate = errors.New("no certificate")

// verifyCertificate holds the signature of a certificate, text or page, against the keys. errNoCertificate for any other file.
func verifyCertificate(name string, keys chain.Keys) (head string, err error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	whole, err := io.ReadAll(io.LimitReader(f, mostCertificate))
	if err != nil {
		return "", err
	}
	if _, in, ok := bytes.Cut(whole, []byte(`<pre id="signed">`)); ok {
		whole = []byte(html.UnescapeString(string(in)))
	}
	text, rest, ok := strings.Cut(string(whole), signatureBegin+"\n")
	if !ok || !strings.HasPrefix(text, certificateHead+"\n") {
		return "", errNoCertificate
	}
	encoded, _, ok := strings.Cut(rest, "\n"+signatureEnd)
	signature, err := base64.StdEncoding.DecodeString(encoded)
	if !ok || err != nil || len(signature) != ed25519.SignatureSize {
		return "", fmt.Errorf("%s: its signature is none", name)
	}
	for _, key := range keys {
		if ed25519.Verify(key, []byte(text), signature) {
			return text, nil
		}
	}
	return "", fmt.Errorf("%s: it is not what was signed, or is signed by another key", name)
}
