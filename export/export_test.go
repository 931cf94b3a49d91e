package export_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"image/jpeg"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/export"
	"v720dvr/recorder/motion"
	"v720dvr/storage"
	"v720dvr/storage/avi"
	"v720dvr/storage/storagetest"
)

const door = camera.ID("0800c0000001")

var noon = time.Date(2026, 11, 22, 14, 5, 0, 43e6, time.FixedZone("CET", 3600))

// shot is a picture that was recorded, and when.
type shot struct {
	at   time.Time
	jpeg []byte
}

// numbered is a real camera's picture, which has no Huffman tables, with a number in a comment.
func numbered(t testing.TB, n int) []byte {
	t.Helper()
	picture, err := os.ReadFile(filepath.Join("..", "storage", "avi", "testdata", "real_camera_picture.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	b := append([]byte(nil), picture[:2]...)
	b = append(b, 0xFF, 0xFE, 0, 10)
	return append(binary.BigEndian.AppendUint64(b, uint64(n)), picture[2:]...)
}

// filmed has two segments of the door that join, a gap of ten seconds, and one that is being written: ten pictures a
// second, off their places by up to 30 ms.
func filmed(t testing.TB) (*storage.Store, []shot) {
	t.Helper()
	store := storagetest.Open(t, storage.Options{Location: noon.Location()})
	var shots []shot
	for i, start := range []time.Duration{0, 5 * time.Second, 20 * time.Second} {
		begin := noon.Add(start)
		spec := storage.SegmentSpec{Camera: door, Name: "hall", Start: begin}
		if i == 2 {
			spec.Gaps = []avi.Gap{{From: noon.Add(10 * time.Second), To: begin, Reason: storage.GapOffline}}
		}
		segment, err := store.Create(spec)
		if err != nil {
			t.Fatal(err)
		}
		for n := range 50 {
			at := begin.Add(time.Duration(n) * 100 * time.Millisecond)
			taken := at.Add(time.Duration(n*7%31) * time.Millisecond)
			picture := numbered(t, 100*i+n)
			if err := errors.Join(segment.WriteFrame(camera.Frame{At: taken, JPEG: picture}),
				segment.WriteAudio(camera.Audio{At: at, ALaw: bytes.Repeat([]byte{byte(1 + n)}, 800)})); err != nil {
				t.Fatal(err)
			}
			shots = append(shots, shot{taken, picture})
		}
		if i < 2 {
			if _, err := segment.Commit(t.Context(), begin.Add(5*time.Second)); err != nil {
				t.Fatal(err)
			}
		} else {
			t.Cleanup(func() { segment.Commit(t.Context(), begin.Add(5*time.Second)) })
		}
	}
	return store, shots
}

// made writes an export, and holds its length against what was said.
func made(t testing.TB, store export.Source, r export.Request) (*export.Export, []byte) {
	t.Helper()
	r.Camera = door
	e, err := export.Open(t.Context(), store, r)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	var file bytes.Buffer
	if err := e.WriteTo(t.Context(), &file); err != nil {
		t.Fatal(err)
	}
	if int64(file.Len()) != e.Bytes {
		t.Fatalf("%s: wrote %d bytes, said %d", r.Format, file.Len(), e.Bytes)
	}
	return e, file.Bytes()
}

func in(shots []shot, from, to time.Time) (list []shot) {
	for _, s := range shots {
		if !s.at.Before(from) && s.at.Before(to) {
			list = append(list, s)
		}
	}
	return list
}

// packet is what ffprobe tells of a picture or a piece of sound.
type packet struct {
	Kind string `json:"codec_type"`
	PTS  string `json:"pts_time"`
	Size string `json:"size"`
	Data string `json:"data_hash"`
}

func (p packet) at(t testing.TB) float64 {
	t.Helper()
	at, err := strconv.ParseFloat(p.PTS, 64)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// probed is what ffprobe sees in a file.
func probed(t testing.TB, file []byte, suffix string) (packets []packet, seconds float64) {
	t.Helper()
	tool := installed(t, "ffprobe")
	path := filepath.Join(t.TempDir(), "export"+suffix)
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	raw, err := exec.CommandContext(t.Context(), tool, "-v", "error", "-of", "json", "-show_packets", "-show_format", path).Output()
	if err != nil {
		t.Fatalf("%v: %s", err, raw)
	}
	var told struct {
		Packets []packet
		Format  struct{ Duration string }
	}
	if err := json.Unmarshal(raw, &told); err != nil {
		t.Fatal(err)
	}
	seconds, _ = strconv.ParseFloat(told.Format.Duration, 64)
	return told.Packets, seconds
}

func installed(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("V720DVR_TEST_ALL") != "" {
			t.Fatal(err)
		}
		t.Skip("SKIPPED: " + name + " is not installed, so no other program has looked at an export")
	}
	return path
}

// Cut in the middle of the first segment and of the one that is being written, over a border and a gap.
var cutFrom, cutTo = noon.Add(2345 * time.Millisecond), noon.Add(23456 * time.Millisecond)

func TestMatroskaHoldsThePicturesAskedForAtTheirMilliseconds(t *testing.T) {
	store, shots := filmed(t)
	want := in(shots, cutFrom, cutTo)
	e, file := made(t, store, export.Request{From: cutFrom, To: cutTo, Format: export.MKV})
	if e.Pictures != len(want) || !e.First.Equal(want[0].at.Truncate(time.Microsecond)) || !e.Last.Equal(want[len(want)-1].at.Truncate(time.Microsecond)) || e.Gaps != 1 {
		t.Errorf("it says %+v of %d pictures", e.Summary, len(want))
	}
	for _, s := range want { // byte for byte, with the tables that the camera leaves out
		if !bytes.Contains(file, motion.WithTables(s.jpeg)) {
			t.Fatalf("the picture of %v is not in it", s.at)
		}
	}
	packets, seconds := probed(t, file, ".mkv")
	pictures, samples := 0, 0
	for _, p := range packets {
		if p.Kind == "audio" {
			n, _ := strconv.Atoi(p.Size)
			samples += n
			continue
		}
		if pictures == len(want) {
			t.Fatal("more pictures than were asked for")
		}
		if at := want[pictures].at.Sub(want[0].at).Seconds(); math.Abs(p.at(t)-at) > 0.001 || p.Size != fmt.Sprint(len(motion.WithTables(want[pictures].jpeg))) {
			t.Errorf("picture %d of %s bytes is at %s, want %.4f", pictures, p.Size, p.PTS, at)
		}
		pictures++
	}
	if pictures != len(want) || time.Duration(samples)*time.Second/8000 != e.Sound {
		t.Errorf("ffprobe sees %d pictures, %d samples, want %d in %v", pictures, samples, len(want), e.Sound)
	}
	if length := cutTo.Sub(want[0].at).Seconds(); math.Abs(seconds-length) > 0.1 {
		t.Errorf("it lasts %.3f s, want %.3f", seconds, length)
	}
	ffmpeg := installed(t, "ffmpeg")
	path := filepath.Join(t.TempDir(), "export.mkv")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	if said, err := exec.CommandContext(t.Context(), ffmpeg, "-v", "error", "-xerror", "-i", path, "-f", "null", "-").CombinedOutput(); err != nil || len(said) > 0 {
		t.Errorf("ffmpeg: %v: %s", err, said)
	}
	// It seeks by its cues: what is asked for at 19 s begins behind the gap.
	raw, err := exec.CommandContext(t.Context(), installed(t, "ffprobe"), "-v", "error", "-read_intervals", "19%+#1", "-select_streams", "v", "-of", "csv=p=0", "-show_entries", "packet=pts_time", path).Output()
	if at, err2 := strconv.ParseFloat(string(bytes.Trim(bytes.TrimSpace(raw), ",")), 64); err != nil || err2 != nil || at < 17 || at > 19 {
		t.Errorf("sought to 19 s: got %q, %v", raw, err)
	}
}

func TestAVIHoldsThePicturesAskedFor(t *testing.T) {
	store, shots := filmed(t)
	want := in(shots, cutFrom, cutTo)
	e, file := made(t, store, export.Request{From: cutFrom, To: cutTo, Format: export.AVI})
	read, err := avi.Open(bytes.NewReader(file), int64(len(file)))
	if err != nil || len(read.Frames()) != len(want) || e.Pictures != len(want) || !e.Last.Equal(want[len(want)-1].at.Truncate(time.Microsecond)) {
		t.Fatalf("got %d pictures, %+v, %v", len(read.Frames()), e.Summary, err)
	}
	for i, s := range want {
		if got, err := read.ReadFrame(nil, i); err != nil || !bytes.Equal(got, s.jpeg) {
			t.Fatalf("picture %d: %v", i, err)
		}
	}
}

func TestWAVLastsAsLongAsTheSpanWithSilenceInItsGaps(t *testing.T) {
	store, shots := filmed(t)
	e, file := made(t, store, export.Request{From: cutFrom, To: cutTo, Format: export.WAV})
	first := in(shots, cutFrom, cutTo)[0].at
	pcm := file[44:]
	if got, want := float64(len(pcm))/16000, cutTo.Sub(first).Seconds(); math.Abs(got-want) > 0.05 {
		t.Errorf("it lasts %.3f s, want %.3f", got, want)
	}
	at := func(d time.Duration) int16 {
		n := int(noon.Add(d).Sub(first).Seconds()*8000) * 2
		return int16(binary.LittleEndian.Uint16(pcm[n:]))
	}
	if at(9*time.Second) == 0 || at(15*time.Second) != 0 || at(19900*time.Millisecond) != 0 || at(20100*time.Millisecond) == 0 || at(22*time.Second) == 0 {
		t.Error("sound and silence do not stand where they were recorded")
	}
	if e.Pictures != 0 || e.Sound < 11*time.Second || e.Sound > 12*time.Second {
		t.Errorf("it says %+v", e.Summary)
	}
	packets, seconds := probed(t, file, ".wav")
	if len(packets) == 0 || math.Abs(seconds-float64(len(pcm))/16000) > 0.001 {
		t.Errorf("ffprobe sees %d packets, %.3f s", len(packets), seconds)
	}
}

func TestZIPHasEachPictureUnderItsTime(t *testing.T) {
	store, shots := filmed(t)
	want := in(shots, cutFrom, cutTo)
	_, file := made(t, store, export.Request{From: cutFrom, To: cutTo, Format: export.ZIP})
	archive, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	content := func(f *zip.File) []byte {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		return b
	}
	if len(archive.File) != len(want)+2 {
		t.Fatalf("got %d files, want %d pictures and two", len(archive.File), len(want))
	}
	for i, s := range want {
		f := archive.File[i]
		b := content(f)
		if f.Method != zip.Store || f.Name != s.at.Truncate(time.Microsecond).Format("2006-01-02_15-04-05.000-0700")+".jpg" || !bytes.Equal(b, motion.WithTables(s.jpeg)) {
			t.Fatalf("file %d is %s of %d bytes, want the picture of %v", i, f.Name, len(b), s.at)
		}
		if i == 0 {
			if _, err := jpeg.Decode(bytes.NewReader(b)); err != nil {
				t.Errorf("image/jpeg: %v", err)
			}
		}
	}
	var told export.Manifest
	if err := json.Unmarshal(content(archive.File[len(want)+1]), &told); err != nil {
		t.Fatal(err)
	}
	if len(told.Pictures) != len(want) || !told.Pictures[3].At.Equal(want[3].at.Truncate(time.Microsecond)) || told.Pictures[3].File != archive.File[3].Name ||
		len(told.Gaps) != 1 || told.Gaps[0].Reason != storage.GapOffline || told.Sound == nil {
		t.Errorf("the manifest tells %+v", told)
	}
	_, wav := made(t, store, export.Request{From: cutFrom, To: cutTo, Format: export.WAV})
	if !bytes.Equal(content(archive.File[len(want)]), wav) {
		t.Error("its sound is not that of the WAV")
	}
}

func TestTimelapseShowsAPictureOfEachSoLong(t *testing.T) {
	store, shots := filmed(t)
	e, file := made(t, store, export.Request{From: noon, To: noon.Add(time.Minute), Format: export.MKV, Every: time.Second, FPS: 10})
	packets, seconds := probed(t, file, ".mkv")
	if len(packets) != 15 || e.Pictures != 15 || math.Abs(seconds-1.5) > 0.001 { // ten seconds, and five behind a gap
		t.Fatalf("got %d pictures in %.3f s, said %d", len(packets), seconds, e.Pictures)
	}
	for i, p := range packets {
		if math.Abs(p.at(t)-float64(i)/10) > 0.001 {
			t.Errorf("picture %d is at %s", i, p.PTS)
		}
	}
	if !bytes.Contains(file, motion.WithTables(shots[10].jpeg)) || bytes.Contains(file, motion.WithTables(shots[11].jpeg)) {
		t.Error("its pictures are not the first of each second")
	}
}

func TestExportOfNothingSaysWhatIsNear(t *testing.T) {
	store, _ := filmed(t)
	from, to := noon.Add(12*time.Second), noon.Add(15*time.Second)
	for _, format := range []export.Format{export.AVI, export.MKV, export.WAV, export.ZIP} {
		if _, err := export.Open(t.Context(), store, export.Request{Camera: door, From: from, To: to, Format: format}); !errors.Is(err, storage.ErrNoFootage) {
			t.Errorf("%s: got %v", format, err)
		}
	}
	before, after, err := store.Nearest(t.Context(), door, from, to)
	if err != nil || !before.Equal(noon.Add(10*time.Second)) || !after.Equal(noon.Add(20*time.Second)) {
		t.Errorf("got %v, %v, %v", before, after, err)
	}
}

// MP4 is coded anew, but every picture keeps its time, and sound that is missing is silence.
func TestMP4KeepsTheTimesOfThePictures(t *testing.T) {
	installed(t, "ffmpeg")
	store, shots := filmed(t)
	want := in(shots, cutFrom, cutTo)
	for _, toFile := range []bool{true, false} {
		e, err := export.Open(t.Context(), store, export.Request{Camera: door, From: cutFrom, To: cutTo, Format: export.MKV})
		if err != nil {
			t.Fatal(err)
		}
		var file bytes.Buffer
		path := ""
		if toFile {
			path = filepath.Join(t.TempDir(), "film.mp4")
		}
		if err := export.Encode(t.Context(), e.WriteTo, path, &file, 1); err != nil {
			t.Fatal(err)
		}
		e.Close()
		whole := file.Bytes()
		if toFile {
			if whole, err = os.ReadFile(path); err != nil {
				t.Fatal(err)
			}
		}
		packets, seconds := probed(t, whole, ".mp4")
		var times []float64
		for _, p := range packets {
			if p.Kind == "video" {
				times = append(times, p.at(t))
			}
		}
		slices.Sort(times) // they stand in the order in which they are decoded
		if len(times) != len(want) || math.Abs(seconds-cutTo.Sub(want[0].at).Seconds()) > 0.3 {
			t.Fatalf("to a file %v: got %d pictures in %.3f s, want %d", toFile, len(times), seconds, len(want))
		}
		for i, s := range want {
			if math.Abs(times[i]-times[0]-s.at.Sub(want[0].at).Seconds()) > 0.002 {
				t.Fatalf("picture %d is at %.4f, want %.4f", i, times[i]-times[0], s.at.Sub(want[0].at).Seconds())
			}
		}
	}
}

func TestEncodeEndsWithItsContextAndTellsWhatFailed(t *testing.T) {
	installed(t, "ffmpeg")
	broken := errors.New("a recording was deleted")
	if err := export.Encode(t.Context(), func(context.Context, io.Writer) error { return broken }, "", io.Discard, 1); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err := export.Encode(ctx, func(ctx context.Context, _ io.Writer) error {
		cancel()
		<-ctx.Done()
		return ctx.Err()
	}, "", io.Discard, 1)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if err := export.Encode(t.Context(), func(_ context.Context, w io.Writer) error {
		_, err := w.Write([]byte("no film"))
		return err
	}, "", io.Discard, 1); err == nil || !strings.Contains(err.Error(), "EBML") && !strings.Contains(err.Error(), "Invalid") {
		t.Errorf("got %v, want what ffmpeg says", err)
	}
}

func BenchmarkExport(b *testing.B) {
	store, _ := filmed(b)
	for _, format := range []export.Format{export.AVI, export.MKV, export.WAV, export.ZIP} {
		b.Run(string(format), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				e, err := export.Open(b.Context(), store, export.Request{Camera: door, From: noon, To: noon.Add(time.Minute), Format: format})
				if err != nil {
					b.Fatal(err)
				}
				b.SetBytes(e.Bytes)
				if err := e.WriteTo(b.Context(), io.Discard); err != nil {
					b.Fatal(err)
				}
				e.Close()
			}
		})
	}
}
