package cloud

import (
	"encoding/binary"
	"errors"
)

// What of DNS messages (RFC 1035, 4.1) is needed to answer for two zones and to pass the rest on: a
// question is read, an answer of somebody else only walked through. What it carries goes on as it came.
const (
	dnsHeaderSize = 12
	maxName       = 255 // bytes on the wire. RFC 1035, 2.3.4
	maxLabel      = 63

	typeA, typeSOA, typeOPT          = 1, 6, 41
	typeIXFR, typeANY                = 251, 255 // with AXFR, MAILB and MAILA between them
	classIN                          = 1
	rcodeOK, rcodeFormat             = 0, 1
	rcodeServer, rcodeNoName         = 2, 3
	rcodeNotImplemented              = 4
	rcodeRefused                     = 5
	flagResponse, flagAuthority      = 1 << 15, 1 << 10
	flagTruncated                    = 1 << 9
	flagRecursion, flagRecursionHere = 1 << 8, 1 << 7
	flagAuthentic, flagChecked       = 1 << 5, 1 << 4 // AD, CD. RFC 4035, 3.2
	flagDNSSEC                       = 1 << 15        // DO, in an OPT record. RFC 3225
)

// A question is what a DNS query asks, of which it has one.
type question struct {
	id, flags uint16
	name      []byte // labels with their lengths, to the zero; in the case that it was asked in
	kind      uint16 // QTYPE
	class     uint16
	edns      bool // it has an OPT record (RFC 6891), so its answer has one
	size      int  // the largest datagram that who asks takes
	dnssec    bool
}

var (
	errNoQuestion  = errors.New("no DNS question")             // it gets no answer: it may be one
	errBadQuestion = errors.New("malformed DNS question")      // FORMERR
	errNotAsked    = errors.New("a DNS message of other kind") // NOTIMP
	errBadAnswer   = errors.New("malformed DNS answer")
)

// parseQuestion reads a query. Its name is part of b. With errBadQuestion and errNotAsked what was read
// of the header is returned, for an answer.
func parseQuestion(b []byte) (question, error) {
	if len(b) < dnsHeaderSize {
		return question{}, errNoQuestion
	}
	q := question{id: binary.BigEndian.Uint16(b), flags: binary.BigEndian.Uint16(b[2:]), size: plainDatagram}
	if q.flags&flagResponse != 0 {
		return q, errNoQuestion
	}
	if q.flags>>11&15 != 0 {
		return q, errNotAsked // NOTIFY, UPDATE and the like
	}
	count := func(i int) uint16 { return binary.BigEndian.Uint16(b[4+2*i:]) }
	if count(0) != 1 || count(1) != 0 || count(2) != 0 {
		return q, errBadQuestion
	}
	end := dnsHeaderSize
	for {
		if end >= len(b) || b[end] > maxLabel { // a pointer has nothing to point to yet
			return q, errBadQuestion
		}
		if b[end] == 0 {
			break
		}
		end += 1 + int(b[end])
	}
	end++
	if end-dnsHeaderSize > maxName || len(b) < end+4 {
		return q, errBadQuestion
	}
	name, kind, class := b[dnsHeaderSize:end], binary.BigEndian.Uint16(b[end:]), binary.BigEndian.Uint16(b[end+2:])
	at := end + 4
	for range count(3) {
		r, err := recordAt(b, at)
		if err != nil || r.kind == typeOPT && (q.edns || b[at] != 0) {
			return q, errBadQuestion
		}
		if r.kind == typeOPT {
			q.edns, q.size = true, min(max(int(r.class), plainDatagram), largestDatagram)
			q.dnssec = r.ttl&flagDNSSEC != 0
		}
		at = r.end
	}
	q.name, q.kind, q.class = name, kind, class
	return q, nil
}

// record is where a resource record stands in a message.
type record struct {
	kind, class uint16
	ttl         uint32
	ttlAt, end  int // in the message
}

// recordAt reads the record at an offset.
func recordAt(b []byte, at int) (record, error) {
	for {
		if at >= len(b) {
			return record{}, errBadAnswer
		}
		if b[at] >= 0xc0 {
			at += 2 // a pointer ends a name. RFC 1035, 4.1.4
			break
		}
		if b[at] > maxLabel {
			return record{}, errBadAnswer
		}
		length := int(b[at])
		at += 1 + length
		if length == 0 {
			break
		}
	}
	if len(b) < at+10 {
		return record{}, errBadAnswer
	}
	r := record{
		kind: binary.BigEndian.Uint16(b[at:]), class: binary.BigEndian.Uint16(b[at+2:]),
		ttl: binary.BigEndian.Uint32(b[at+4:]), ttlAt: at + 4, end: at + 10 + int(binary.BigEndian.Uint16(b[at+8:])),
	}
	if r.end > len(b) {
		return record{}, errBadAnswer
	}
	return r, nil
}

// eachRecord walks through the records of an answer whose question ends at an offset.
func eachRecord(b []byte, at int, see func(record)) error {
	records := 0
	for i := range 3 {
		records += int(binary.BigEndian.Uint16(b[6+2*i:]))
	}
	for range records {
		r, err := recordAt(b, at)
		if err != nil {
			return err
		}
		if at = r.end; see != nil {
			see(r)
		}
	}
	return nil
}

// questionEnd is where the question of a message ends that asks for q.
func (q question) questionEnd() int { return dnsHeaderSize + len(q.name) + 4 }

// appendHeader begins an answer to q: header and, where it could be read, question. counts are those of
// answers, authorities and additional records.
func (q question) appendHeader(dst []byte, rcode uint16, flags uint16, counts [3]uint16) []byte {
	flags |= flagResponse | flagRecursionHere | q.flags&(0x7800|flagRecursion|flagChecked) | rcode
	dst = binary.BigEndian.AppendUint16(dst, q.id)
	dst = binary.BigEndian.AppendUint16(dst, flags)
	questions := uint16(1)
	if q.name == nil {
		questions = 0
	}
	dst = binary.BigEndian.AppendUint16(dst, questions)
	for _, n := range counts {
		dst = binary.BigEndian.AppendUint16(dst, n)
	}
	if q.name == nil {
		return dst
	}
	return q.appendAsked(dst)
}

func (q question) appendAsked(dst []byte) []byte {
	dst = append(dst, q.name...)
	dst = binary.BigEndian.AppendUint16(dst, q.kind)
	return binary.BigEndian.AppendUint16(dst, q.class)
}

// appendOPT says how large a datagram we take. RFC 6891, 6.1.2.
func (q question) appendOPT(dst []byte) []byte {
	dst = append(dst, 0)
	dst = binary.BigEndian.AppendUint16(dst, typeOPT)
	dst = binary.BigEndian.AppendUint16(dst, largestDatagram)
	flags := uint32(0)
	if q.dnssec {
		flags = flagDNSSEC
	}
	dst = binary.BigEndian.AppendUint32(dst, flags)
	return binary.BigEndian.AppendUint16(dst, 0)
}

// extra counts the additional records that every answer to q has.
func (q question) extra() uint16 {
	if q.edns {
		return 1
	}
	return 0
}

// appendEmpty answers without any record: an error, or with flagTruncated come again over TCP.
func (q question) appendEmpty(dst []byte, rcode, flags uint16) []byte {
	dst = q.appendHeader(dst, rcode, flags, [3]uint16{0, 0, q.extra()})
	if q.edns {
		dst = q.appendOPT(dst)
	}
	return dst
}

// lower folds the case of a name, in which DNS has ASCII alone (RFC 4343). A label's length is less
// than any letter.
func lower(name []byte) string {
	var folded [maxName]byte
	n := copy(folded[:], name)
	for i, c := range folded[:n] {
		if 'A' <= c && c <= 'Z' {
			folded[i] = c + 'a' - 'A'
		}
	}
	return string(folded[:n])
}

// nameText is a name as people write it.
func nameText(name []byte) string {
	var text []byte
	for at := 0; at < len(name) && name[at] != 0; {
		end := min(at+1+int(name[at]), len(name))
		if at > 0 {
			text = append(text, '.')
		}
		for _, c := range name[at+1 : end] {
			if c <= ' ' || c > '~' { // it is printed to terminals
				c = '?'
			}
			text = append(text, c)
		}
		at = end
	}
	return string(text)
}
