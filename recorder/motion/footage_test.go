package motion

import (
	"bytes"
	"cmp"
	"compress/flate"
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"
)

var derive = flag.Bool("derive", false, "make testdata/footage again from the clips in V720DVR_FOOTAGE")

// clip is real footage as the detector sees it, with the truth by eye. testdata/README.md tells
// where it is from and how it is written.
type clip struct {
	name          string
	width, height int
	luma          [][]byte
	truth         []byte          // of each frame: m moves, n nuisance, a ambiguous, i idle; w warm-up
	interval      time.Duration   // between frames; 0 is 100 ms
	times         []time.Duration // of each frame; nil: one an interval
}

// time is when frame i was taken.
func (c *clip) time(i int) time.Time {
	if c.times != nil {
		return began.Add(c.times[i])
	}
	return began.Add(time.Duration(i) * cmp.Or(c.interval, 100*time.Millisecond))
}

func (c *clip) at(i int) Luma {
	return Luma{Width: c.width, Height: c.height, Rows: c.height, Pix: c.luma[i]}
}

var readFootage = sync.OnceValues(func() ([]clip, error) {
	var clips []clip
	names, err := filepath.Glob("testdata/footage/*.luma")
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		c, err := readClip(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		c.name = strings.TrimSuffix(filepath.Base(name), ".luma")
		clips = append(clips, c)
	}
	return clips, err
})

func footage(t testing.TB) []clip {
	t.Helper()
	clips, err := readFootage()
	if err != nil || len(clips) == 0 {
		t.Fatalf("%d clips: %v", len(clips), err)
	}
	return clips
}

// A clip is deflated: u16 frames, width, height, little endian; a byte of truth for each frame; the
// frames' luma, each less the one before.
func readClip(data []byte) (clip, error) {
	b, err := io.ReadAll(flate.NewReader(bytes.NewReader(data)))
	if err != nil {
		return clip{}, err
	}
	n, c := int(binary.LittleEndian.Uint16(b)), clip{width: int(binary.LittleEndian.Uint16(b[2:])), height: int(binary.LittleEndian.Uint16(b[4:]))}
	c.truth, b = b[6:6+n], b[6+n:]
	before := make([]byte, c.width*c.height)
	for luma := range slices.Chunk(b, c.width*c.height) {
		for i := range luma {
			luma[i] += before[i]
		}
		before = luma
		c.luma = append(c.luma, luma)
	}
	if len(c.luma) != n {
		return clip{}, fmt.Errorf("%d frames of %d", len(c.luma), n)
	}
	return c, nil
}

func (c *clip) write() []byte {
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, 9)
	var head []byte
	for _, v := range []int{len(c.luma), c.width, c.height} {
		head = binary.LittleEndian.AppendUint16(head, uint16(v))
	}
	w.Write(append(head, c.truth...))
	before := make([]byte, c.width*c.height)
	for _, luma := range c.luma {
		less := make([]byte, len(luma))
		for i := range luma {
			less[i] = luma[i] - before[i]
		}
		w.Write(less)
		before = luma
	}
	w.Close()
	return b.Bytes()
}

// clipsOf decodes the AVI files of a folder that its groundtruth.json has a truth for.
func clipsOf(t *testing.T, dir string) []clip {
	var truths map[string]json.RawMessage
	if err := json.Unmarshal(load(t, filepath.Join(dir, "groundtruth.json")), &truths); err != nil {
		t.Fatal(err)
	}
	var clips []clip
	for name, raw := range truths {
		var truth struct {
			Unscored                    bool
			Motion, Ambiguous, Nuisance [][2]float64
		}
		if strings.HasPrefix(name, "_") || json.Unmarshal(raw, &truth) != nil || truth.Unscored {
			continue
		}
		c := clip{name: name}
		avi, err := os.ReadFile(filepath.Join(dir, name+".avi"))
		if err != nil {
			t.Log(err)
			continue
		}
		var d Decoder
		for _, picture := range picturesOf(avi) {
			luma, err := d.Decode(picture)
			if err != nil {
				t.Fatalf("%s, picture %d: %v", name, len(c.luma), err)
			}
			seconds, mark := (float64(len(c.luma))+0.01)/10, byte('i')
			for _, spans := range []struct {
				mark  byte
				spans [][2]float64
			}{{'n', truth.Nuisance}, {'a', truth.Ambiguous}, {'m', truth.Motion}} {
				for _, span := range spans.spans {
					if seconds >= span[0] && seconds < span[1] {
						mark = spans.mark
					}
				}
			}
			c.width, c.height = luma.Width, luma.Height
			c.luma, c.truth = append(c.luma, bytes.Clone(luma.Pix)), append(c.truth, mark)
		}
		clips = append(clips, c)
	}
	slices.SortFunc(clips, func(a, b clip) int { return strings.Compare(a.name, b.name) })
	return clips
}

// picturesOf finds the pictures of an AVI file behind its movi list.
func picturesOf(avi []byte) (pictures [][]byte) {
	at := bytes.Index(avi, []byte("movi"))
	for at += 4; at > 3 && at+8 <= len(avi); {
		size := int(binary.LittleEndian.Uint32(avi[at+4:]))
		if end := min(at+8+size, len(avi)); string(avi[at:at+4]) == "00dc" && size > 0 {
			pictures = append(pictures, avi[at+8:end])
		}
		at += 8 + size + size&1
	}
	return pictures
}

// warmed puts 100 of a clip's own idle frames before it, where it begins with some.
func (c clip) warmed() clip {
	idle := 0
	for idle < len(c.truth) && c.truth[idle] == 'i' {
		idle++
	}
	if idle == 0 {
		return c
	}
	for i := range 100 {
		c.luma = slices.Insert(slices.Clip(c.luma), i, c.luma[i+i%idle])
	}
	c.truth = append(bytes.Repeat([]byte{'w'}, 100), c.truth...)
	return c
}

// tally is a line of the table.
type tally struct {
	stretches, found                 int // of motion in truth; of these with a flagged frame
	events, right                    int
	moving, movingAll, idle, idleAll int // frames
	nuisance, nuisanceAll            int
	calm, alarmed                    int // clips without motion; of these with an event
}

func (a *tally) add(b tally) {
	a.stretches, a.found, a.events, a.right = a.stretches+b.stretches, a.found+b.found, a.events+b.events, a.right+b.right
	a.moving, a.movingAll, a.idle, a.idleAll = a.moving+b.moving, a.movingAll+b.movingAll, a.idle+b.idle, a.idleAll+b.idleAll
	a.nuisance, a.nuisanceAll, a.calm, a.alarmed = a.nuisance+b.nuisance, a.nuisanceAll+b.nuisanceAll, a.calm+b.calm, a.alarmed+b.alarmed
}

func (a tally) print(w io.Writer, name string) {
	fmt.Fprintf(w, "%s\t%d/%d\t%d/%d\t%d/%d\t%d/%d\t%d/%d\t%d/%d\n", name, a.found, a.stretches, a.right, a.events,
		a.moving, a.movingAll, a.idle, a.idleAll, a.nuisance, a.nuisanceAll, a.alarmed, a.calm)
}

// judged runs a detector over a clip. An event is right when it holds a flagged frame inside motion or
// ambiguous time.
func (c clip) judged(s Settings) tally {
	var a tally
	d := NewDetector(s)
	open, good, stretch := false, false, false
	for i := range c.luma {
		r := d.Step(c.at(i), c.time(i))
		truth := c.truth[i]
		for _, of := range []struct {
			mark     byte
			hit, all *int
		}{{'m', &a.moving, &a.movingAll}, {'i', &a.idle, &a.idleAll}, {'n', &a.nuisance, &a.nuisanceAll}} {
			if truth == of.mark {
				*of.all++
				if r.Motion {
					*of.hit++
				}
			}
		}
		if truth != 'm' {
			stretch = false
		} else if !stretch || i == 0 || c.truth[i-1] != 'm' {
			if i == 0 || c.truth[i-1] != 'm' {
				a.stretches++
			}
			if r.Motion {
				a.found++
				stretch = true
			}
		}
		if r.Active && !open {
			a.events++
			good = false
		}
		if open = r.Active; open && r.Motion && !good && (truth == 'm' || truth == 'a') {
			good = true
			a.right++
		}
	}
	if a.movingAll == 0 {
		a.calm = 1
		a.alarmed = min(1, a.events)
	}
	return a
}

func table(clips []clip, s Settings) (string, tally) {
	var text strings.Builder
	var all tally
	w := tabwriter.NewWriter(&text, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "\tstretches found\tevents right\tmoving flagged\tidle flagged\tnuisance flagged\tcalm clips with an event")
	for _, c := range clips {
		one := c.warmed().judged(s)
		one.print(w, c.name)
		all.add(one)
	}
	all.print(w, "all")
	w.Flush()
	return text.String(), all
}

// TestDetectorOnFootage prints what a change of the detector costs: go test -v -run Footage. With
// V720DVR_FOOTAGE it also goes through the clips of that folder, which has a groundtruth.json.
func TestDetectorOnFootage(t *testing.T) {
	if dir := os.Getenv("V720DVR_FOOTAGE"); dir != "" {
		clips := clipsOf(t, dir)
		text, _ := table(clips, Settings{})
		t.Logf("%s\n%s", dir, text)
		for _, c := range clips {
			if *derive {
				if err := os.WriteFile(filepath.Join("testdata/footage", c.name+".luma"), c.write(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	text, all := table(footage(t), Settings{})
	t.Logf("\n%s", text)
	if all.found != all.stretches || all.right != all.events || all.alarmed != 0 {
		t.Errorf("stretches found %d of %d, events right %d of %d, calm clips with an event %d", all.found, all.stretches, all.right, all.events, all.alarmed)
	}
	if all.moving*100 < all.movingAll*95 || all.idle*100 > all.idleAll*2 || all.nuisance*100 > all.nuisanceAll*2 {
		t.Errorf("moving %d of %d (want 95 %%), idle %d of %d (want 2 %% at most), nuisance %d of %d (the same)",
			all.moving, all.movingAll, all.idle, all.idleAll, all.nuisance, all.nuisanceAll)
	}
}

// What one sees at 5 one sees at other settings and at other rates too: nothing here hangs on one
// number.
func TestDetectorOnFootageOtherwise(t *testing.T) {
	for sensitivity := 3; sensitivity <= 7; sensitivity++ {
		_, all := table(footage(t), Settings{Sensitivity: sensitivity})
		t.Logf("sensitivity %d: moving %d/%d, idle %d/%d, nuisance %d/%d, events right %d/%d", sensitivity, all.moving, all.movingAll, all.idle, all.idleAll,
			all.nuisance, all.nuisanceAll, all.right, all.events)
		if all.found != all.stretches || all.moving*100 < all.movingAll*90 {
			t.Errorf("sensitivity %d: moving %d of %d", sensitivity, all.moving, all.movingAll)
		}
	}
	for _, every := range []int{2, 3} { // every other picture, every third
		moving, all := 0, 0
		for _, c := range footage(t) {
			c = c.warmed()
			d := NewDetector(Settings{})
			for i := 0; i < len(c.luma); i += every {
				r := d.Step(c.at(i), began.Add(time.Duration(i)*100*time.Millisecond))
				if c.truth[i] == 'm' {
					all++
					if r.Motion {
						moving++
					}
				} else if r.Motion && (c.truth[i] == 'i' || c.truth[i] == 'n') && c.truth[min(i+every, len(c.truth)-1)] != 'a' {
					t.Errorf("one of %d frames: %s, frame %d has motion", every, c.name, i)
				}
			}
		}
		t.Logf("one of %d frames: moving %d/%d", every, moving, all)
		if moving*100 < all*90 {
			t.Errorf("one of %d frames: moving %d of %d", every, moving, all)
		}
	}
}
