package avi

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func sameGaps(a, b []Gap) bool {
	return slices.EqualFunc(a, b, func(a, b Gap) bool {
		return a.From.Equal(b.From) && a.To.Equal(b.To) && a.Reason == b.Reason
	})
}

// gapsUpTo makes n gaps of a minute, one behind the other, the last of which ends at end.
func gapsUpTo(end time.Time, n, reason int) (gaps []Gap) {
	for i := range n {
		to := end.Add(time.Duration(i-n+1) * time.Minute)
		gaps = append(gaps, Gap{From: to.Add(-time.Minute), To: to, Reason: strings.Repeat(string(rune('a'+i%26)), reason)})
	}
	return gaps
}

// gapSegment is a segment of so many pictures, one a second, with gaps.
func gapSegment(t testing.TB, m Meta, inside []Gap, pictureCount int) (*memory, *Writer) {
	t.Helper()
	file := &memory{}
	w, err := NewWriter(file, m)
	if err != nil {
		t.Fatal(err)
	}
	for i := range pictureCount {
		if err := w.WriteFrame(Frame{At: at(time.Duration(i) * time.Second), JPEG: numbered(pictures(t, 16, 16, 1)[0], i)}); err != nil {
			t.Fatal(err)
		}
	}
	for _, g := range inside {
		if err := w.WriteGap(g); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.WriteEvent("motion", at(0), nil); err != nil {
		t.Fatal(err)
	}
	return file, w
}

// The summary has 4 KB, and the longest of everything fits.
func TestSummaryHoldsAsManyGapsAsItPromises(t *testing.T) {
	long := strings.Repeat("ä", 200)
	m := Meta{
		Camera: long, Name: long, Software: long, Start: start.In(time.FixedZone(long, -12*3600-30*60)),
		Run: [16]byte{15: 1}, Number: 1<<32 - 1, Previous: [32]byte{31: 1}, Gaps: gapsUpTo(start, MaxGaps, MaxReason),
	}
	file, w := gapSegment(t, m, nil, 1)
	if _, err := w.Close(at(time.Second)); err != nil {
		t.Fatal(err)
	}
	if at := string(file.b[totalsAt+chunkHeader : totalsAt+chunkHeader+12]); at != "v720dvr\x00totl" {
		t.Fatalf("the totals' place holds %q: the summary is too long", at)
	}
	got, err := ReadSummary(file, int64(len(file.b)))
	if err != nil || !sameGaps(got.Gaps, m.Gaps) || got.Number != m.Number || got.Previous != m.Previous || len(got.Software) != 100 {
		t.Errorf("got %+v, %v, want everything", got, err)
	}
	if r := file.open(t); !reflect.DeepEqual(r.Summary(), got) || !sameGaps(r.Gaps(), m.Gaps) {
		t.Errorf("got %+v, its front says %+v", r.Summary(), got)
	}
}

func TestGapsBeforeASegmentAreMadeToFit(t *testing.T) {
	many := gapsUpTo(start, MaxGaps+2, 1)
	many[1].From = many[1].From.Add(-time.Hour) // the longest of the three that are joined
	many[0].To = many[1].From
	many[0].From = many[0].To.Add(-time.Minute)
	for name, c := range map[string]struct{ gaps, want []Gap }{
		"none":             {nil, nil},
		"three":            {gapsUpTo(start, 3, 5), gapsUpTo(start, 3, 5)},
		"too many":         {many, append([]Gap{{many[0].From, many[2].To, many[1].Reason}}, many[3:]...)},
		"one that goes on": {[]Gap{{From: at(-ms(5)), Reason: "silent"}}, []Gap{{at(-ms(5)), start, "silent"}}},
		"beyond the start": {[]Gap{{at(-ms(5)), at(ms(7)), "silent"}}, []Gap{{at(-ms(5)), start, "silent"}}},
		"behind the start": {[]Gap{{at(0), at(ms(7)), "silent"}}, nil},
		"of no length":     {[]Gap{{at(-ms(5)), at(-ms(5)), "silent"}, {at(-ms(5)), at(0).Add(time.Nanosecond), "off"}}, []Gap{{at(-ms(5)), start, "off"}}},
		"of a long reason": {[]Gap{{at(-ms(5)), start, strings.Repeat("ä", 33)}}, []Gap{{at(-ms(5)), start, strings.Repeat("ä", 32)}}},
	} {
		m := testMeta()
		m.Gaps = c.gaps
		before := slices.Clone(c.gaps)
		file, w := gapSegment(t, m, nil, 2)
		if _, err := w.Close(at(2 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if got, err := ReadSummary(file, int64(len(file.b))); err != nil || !sameGaps(got.Gaps, c.want) || got.Inside != nil {
			t.Errorf("%s: got %+v, %v, want %+v", name, got.Gaps, err, c.want)
		}
		if !reflect.DeepEqual(c.gaps, before) {
			t.Errorf("%s: the caller's gaps were changed to %+v", name, c.gaps)
		}
	}
}

// Whoever reads a segment, by its front, by its frame table, by its journals, finished or repaired
// after a kill, is told the same gaps.
func TestGapsAreToldByEveryWayOfReading(t *testing.T) {
	for _, n := range []int{0, 1, 10, 11, 300} { // the front holds 10 of the longest reason
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			m := testMeta()
			m.Gaps = gapsUpTo(start, 3, 7)
			var inside []Gap
			for i := range n {
				inside = append(inside, Gap{at(time.Duration(2*i) * time.Second), at(time.Duration(2*i+1) * time.Second), strings.Repeat("x", MaxReason)})
			}
			file, w := gapSegment(t, m, inside, 2*n+2)
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
			open := &memory{b: bytes.Clone(file.b)}
			sums, err := w.Close(at(time.Duration(2*n+2) * time.Second))
			if err != nil {
				t.Fatal(err)
			}
			finished, found := finish(t, open)
			repaired := repairAll(t, open.open(t))
			front, err := ReadSummary(file, int64(len(file.b)))
			if (n > 10) != errors.Is(err, ErrNoSummary) || n <= 10 && err != nil {
				t.Errorf("front: %v, want it to tell of up to 10", err)
			}
			ways := map[string]Summary{
				"Close": sums, "frame table": file.open(t).Summary(), "journals": open.open(t).Summary(),
				"Finish": found.Summary, "finished": finished.open(t).Summary(), "Repair": repaired[0].Summary(),
			}
			if n <= 10 {
				ways["front"] = front
			}
			for name, s := range ways {
				if !sameGaps(s.Gaps, m.Gaps) || !sameGaps(s.Inside, inside) {
					t.Errorf("%s: got gaps %+v and inside %+v, want %+v and %+v", name, s.Gaps, s.Inside, m.Gaps, inside)
				}
			}
			if events, err := ReadEvents(file, int64(len(file.b))); err != nil || len(events) != 1 {
				t.Errorf("got events %+v, %v, want the one", events, err)
			}
			if len(repaired) != 1 || len(file.open(t).Inside()) != n {
				t.Errorf("got %d files, %d gaps inside", len(repaired), len(file.open(t).Inside()))
			}
		})
	}
}

// A segment that Repair must split keeps each gap in the file in which it lies.
func TestRepairPutsGapsWhereTheyLie(t *testing.T) {
	b := gapSegmentOfTwoSizes(t)
	made := repairAll(t, b.open(t))
	if len(made) != 2 {
		t.Fatalf("%d files, want two", len(made))
	}
	for i, want := range [][]Gap{{{at(0), at(ms(900)), "first"}}, {{at(ms(2100)), at(ms(2900)), "second"}}} {
		if got := made[i].Inside(); !sameGaps(got, want) {
			t.Errorf("file %d: got %+v inside, want %+v", i, got, want)
		}
	}
	if len(made[0].Gaps()) != 1 || len(made[1].Gaps()) != 0 {
		t.Errorf("got gaps %+v and %+v, want one before the first", made[0].Gaps(), made[1].Gaps())
	}
}

// gapSegmentOfTwoSizes is what no Writer writes: from the third picture on they are larger.
func gapSegmentOfTwoSizes(t testing.TB) *memory {
	t.Helper()
	m := testMeta()
	m.Gaps = gapsUpTo(start, 1, 3)
	file, w := gapSegment(t, m, []Gap{{at(0), at(ms(900)), "first"}, {at(ms(2100)), at(ms(2900)), "second"}}, 4)
	large := pictures(t, 32, 16, 1)[0]
	height := bytes.Index(large, []byte{0xFF, 0xC0}) + 5
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	for _, f := range file.open(t).Frames()[2:] {
		frame := file.b[f.Offset:][:f.Size]
		copy(frame[bytes.Index(frame, []byte{0xFF, 0xC0})+5:], large[height:height+4])
	}
	return file
}

func TestWriteGapRefusesWhatIsNone(t *testing.T) {
	_, w := gapSegment(t, testMeta(), nil, 1)
	for name, c := range map[string]struct {
		Gap
		want error
	}{
		"reversed":           {Gap{at(ms(20)), at(ms(10)), "silent"}, nil},
		"of no length":       {Gap{at(ms(20)), at(ms(20)), "silent"}, nil},
		"before the segment": {Gap{at(-ms(20)), at(0), "silent"}, nil},
		"open":               {Gap{From: at(ms(20)), Reason: "silent"}, nil},
		"beyond the longest": {Gap{at(0), at(MaxLength + time.Second), "silent"}, ErrFull},
	} {
		if err := w.WriteGap(c.Gap); err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want an error (%v)", name, err, c.want)
		}
	}
	for range MaxInside {
		if err := w.WriteGap(Gap{at(-ms(5)), at(ms(10)), "silent"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.WriteGap(Gap{at(0), at(ms(10)), "silent"}); !errors.Is(err, ErrFull) {
		t.Errorf("one too many: got %v, want %v", err, ErrFull)
	}
	sums, err := w.Close(at(time.Second))
	if err != nil || len(sums.Inside) != MaxInside || !sums.Inside[0].From.Equal(start) {
		t.Errorf("got %d, %v, want %d, cut at the start", len(sums.Inside), err, MaxInside)
	}
	if err := w.WriteGap(Gap{at(0), at(ms(10)), "silent"}); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: got %v, want %v", err, ErrClosed)
	}
}

// Files of early versions: one gap record in the summary, totals without the number of gaps inside
// and, earlier still, no word of it but in the journal. None knows its number.
func TestGapOfAnEarlyVersionIsRead(t *testing.T) {
	m := testMeta()
	m.Gaps = []Gap{{at(-time.Hour), at(0), "silent"}}
	for _, finished := range []bool{true, false} {
		file, w := gapSegment(t, m, nil, 3)
		end := w.Flush
		if finished {
			end = func() error { _, err := w.Close(at(3 * time.Second)); return err }
		}
		if err := end(); err != nil {
			t.Fatal(err)
		}
		for _, inJournalOnly := range []bool{false, true} {
			early := asEarlyVersion(t, file, m, inJournalOnly)
			s := early.open(t).Summary()
			if !sameGaps(s.Gaps, m.Gaps) || s.Inside != nil || s.Number != 0 || s.Frames != 3 || s.Camera != m.Camera {
				t.Errorf("finished %v, in the journal only %v: got %+v", finished, inJournalOnly, s)
			}
			front, err := ReadSummary(early, int64(len(early.b)))
			if told := finished && !inJournalOnly; told != (err == nil) || told && !reflect.DeepEqual(front, s) {
				t.Errorf("its front: got %+v, %v, want %+v", front, err, s)
			}
			found, err := Finish(early, int64(len(early.b)))
			if err != nil || !sameGaps(found.Summary.Gaps, m.Gaps) || found.Already != finished {
				t.Errorf("finished %v, in the journal only %v: Finish says %+v, %v", finished, inJournalOnly, found, err)
			}
			if got := early.open(t).Summary(); !sameGaps(got.Gaps, m.Gaps) || !got.End.Equal(found.Summary.End) {
				t.Errorf("after Finish: got %+v", got)
			}
		}
	}
}

// asEarlyVersion is the file without the records that came later.
func asEarlyVersion(t testing.TB, file *memory, m Meta, inJournalOnly bool) *memory {
	t.Helper()
	early := &memory{b: bytes.Clone(file.b)}
	keep := func(kind string, edit func(kind uint16, body []byte) []byte) {
		at := bytes.Index(early.b, []byte("v720dvr\x00"+kind))
		_, old, ok := parseBlock(early.b[at:])
		if !ok {
			t.Fatalf("no block %q", kind)
		}
		var kept []byte
		for kind, body := range records(old) {
			if body = edit(kind, body); body != nil {
				kept = appendRecord(kept, kind, body)
			}
		}
		copy(early.b[at:], appendBlock(nil, kind, kept))
	}
	keep(kindSummary, func(kind uint16, body []byte) []byte {
		if kind == recordNumber || kind == recordGap && inJournalOnly {
			return nil
		}
		return body
	})
	keep(kindTotals, func(kind uint16, body []byte) []byte {
		if kind == recordGap {
			return nil
		}
		return body[:totalsSize+4]
	})
	return early
}
