package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"v720dvr/internal/config"
	"v720dvr/storage"
)

// A certificate says what is known of a camera's footage of a span: how much was recorded, why the rest was not, and whether
// what was recorded is what is there. Its text is what is signed.
type certificate struct {
	Coverage  shownCoverage `json:"coverage"`
	Reasons   []reasonTotal `json:"gaps_by_reason"`
	Integrity shownVerdict  `json:"integrity"`
	Quick     bool          `json:"quick"` // what is inside of segments was not looked at
	Issued    time.Time     `json:"issued"`
	Software  string        `json:"software"`
	Text      string        `json:"text"`
	Signature string        `json:"signature"`  // Ed25519 over Text, base64
	PublicKey string        `json:"public_key"` // base64
	verdict   storage.Verdict
}

// reasonTotal sums up the gaps of one reason.
type reasonTotal struct {
	Reason  string  `json:"reason"`
	Means   string  `json:"means"`
	Gaps    int     `json:"gaps"`
	Seconds float64 `json:"seconds"`
}

// certify makes a certificate, signed.
func certify(ctx context.Context, c config.Config, shown shownCoverage, quick bool, now time.Time, stderr io.Writer) (*certificate, error) {
	reading, err := storage.OpenToRead(ctx, storeOptions(c, stderr))
	if err != nil {
		return nil, err
	}
	defer reading.Close()
	made := &certificate{Coverage: shown, Reasons: totalReasons(shown.Gaps), Quick: quick, Issued: now.Truncate(time.Second), Software: software()}
	if made.verdict, err = reading.Verify(ctx, storage.VerifySpec{Camera: shown.ID, From: shown.From, To: shown.To, Quick: quick}); err != nil {
		return nil, err
	}
	made.Integrity = shownVerdictOf(made.verdict)
	made.Text = made.text()
	signature, key, err := reading.Sign([]byte(made.Text))
	if err != nil {
		return nil, err
	}
	made.Signature, made.PublicKey = base64.StdEncoding.EncodeToString(signature), base64.StdEncoding.EncodeToString(key)
	return made, nil
}

func totalReasons(gaps []shownGap) (list []reasonTotal) {
	at := make(map[string]int)
	for _, g := range gaps {
		i, ok := at[g.Reason]
		if !ok {
			i = len(list)
			at[g.Reason] = i
			list = append(list, reasonTotal{Reason: g.Reason, Means: g.Means})
		}
		list[i].Gaps++
		list[i].Seconds += g.Seconds
	}
	return list
}

// certificateHead is the first line of a certificate's text.
const certificateHead = "v720dvr coverage certificate"

// text is the certificate for people, as it is signed: lines of UTF-8, each ended by a line feed.
func (c *certificate) text() string {
	s := c.Coverage
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n\n", certificateHead, strings.Repeat("=", len(certificateHead)))
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	line := func(name, format string, args ...any) { fmt.Fprintf(t, "%s\t%s\n", name, fmt.Sprintf(format, args...)) }
	line("Camera", "%s (%s)", s.Name, s.ID)
	line("From", "%s", s.From.Format(secondLayout))
	line("To", "%s", s.To.Format(secondLayout))
	line("Recorded", "%s: %v of %v", percent(s.Share), inSeconds(s.Seconds), inSeconds(s.To.Sub(s.From).Seconds()))
	line("Pictures", "%d, of which %d were repaired on their way", s.Frames, s.Repaired)
	line("Lost", "%d pictures; %d packages that never came", s.Lost, s.Missing)
	line("Files", "%s", c.integrity())
	line("Issued", "%s by %s", c.Issued.Format(secondLayout), c.Software)
	_ = t.Flush() // a Builder takes all
	for _, f := range c.Integrity.Findings {
		fmt.Fprintf(&b, "\n! %s: %s %s", f.What, f.Path, f.Text)
	}
	if len(s.Gaps) == 0 {
		fmt.Fprintf(&b, "\nNo gaps.\n")
		return b.String()
	}
	fmt.Fprintf(&b, "\n%s:\n\n", plural(len(s.Gaps), "gap", "gaps"))
	t = tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, r := range c.Reasons {
		fmt.Fprintf(t, "%s\t%v\t%s\t%s\n", plural(r.Gaps, "time", "times"), inSeconds(r.Seconds), r.Reason, r.Means)
	}
	_ = t.Flush()
	fmt.Fprintln(&b)
	t = tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, g := range s.Gaps {
		fmt.Fprintf(t, "%s\tto %s\t%v\t%s\n", g.From.Format(secondLayout), g.To.Format(secondLayout), tenths(g.Seconds), g.Reason)
	}
	_ = t.Flush()
	return b.String()
}

// integrity tells how the files stand to their seals, in one line.
func (c *certificate) integrity() string {
	v := c.Integrity
	how := "byte for byte what was sealed when they were recorded"
	if c.Quick {
		how = "in the place where they were sealed; their bytes were not looked at"
	}
	text := fmt.Sprintf("%d of %s %s", v.Sealed, plural(v.Files, "segment", "segments"), how)
	for _, part := range []struct {
		n    int
		what string
	}{{v.Thinned, "thinned since, and signed"}, {v.Finished, "sealed later, behind a crash or a failing disk"}, {v.Imported, "imported"}, {v.Early, "from before there were seals"}} {
		if part.n > 0 {
			text += fmt.Sprintf("; %d %s", part.n, part.what)
		}
	}
	if v.Holds {
		return text + ". Nothing between them was taken away or put in but what was deleted lawfully"
	}
	return text + fmt.Sprintf(". DOES NOT HOLD: %s, below", plural(len(v.Findings)+v.More, "finding", "findings"))
}

func inSeconds(n float64) time.Duration {
	return time.Duration(n * float64(time.Second)).Round(time.Second)
}

func tenths(n float64) time.Duration {
	return time.Duration(n * float64(time.Second)).Round(100 * time.Millisecond)
}

// The lines around a signature behind a text.
const (
	signatureBegin = "-----BEGIN V720DVR SIGNATURE-----"
	signatureEnd   = "-----END V720DVR SIGNATURE-----"
)

// print prints the text with its signature.
func (c *certificate) print(w io.Writer) error {
	_, err := fmt.Fprintf(w, "%s%s\n%s\n%s\n", c.Text, signatureBegin, c.Signature, signatureEnd)
	return err
}

func (c *certificate) printJSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(c)
}
