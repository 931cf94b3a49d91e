package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"image"
	"image/jpeg"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"v720dvr/recorder/motion"
)

// choose opens a file of this machine in the player, as a person does.
func (b *tab) choose(path string) {
	b.t.Helper()
	value[bool](b, clicks(".tl-bar button", "More")+`, true`)
	b.wait(dialogOpen)
	b.do(chromedp.SetUploadFiles("dialog input[type=file]", []string{path}, chromedp.NodeReady))
}

// ffmpegFile has ffmpeg make six seconds at ten pictures a second, with a tone.
func ffmpegFile(t *testing.T, path string, how ...string) string {
	t.Helper()
	args := append([]string{"-v", "error", "-f", "lavfi", "-i", "testsrc=size=320x240:rate=10:duration=6", "-f", "lavfi", "-i", "sine=440:duration=6"}, how...)
	if out, err := exec.Command("ffmpeg", append(args, path)...).CombinedOutput(); err != nil {
		t.Fatalf("ffmpeg: %v: %s", err, out)
	}
	return path
}

// goesOn is an AVI without an index that goes on in a second RIFF chunk, as OpenDML has it: a second more of its last picture.
func goesOn(t *testing.T, film []byte) []byte {
	t.Helper()
	end := bytes.LastIndex(film, []byte("idx1"))
	last := bytes.LastIndex(film[:max(end, 0)], []byte("00dc"))
	if last < 0 {
		t.Fatal("ffmpeg's file has no index behind its pictures")
	}
	size := int(binary.LittleEndian.Uint32(film[last+4:]))
	picture := film[last : last+8+size+size&1]
	movi := append([]byte("movi"), bytes.Repeat(picture, 10)...)
	list := append(binary.LittleEndian.AppendUint32([]byte("LIST"), uint32(len(movi))), movi...)
	riff := append([]byte("AVIX"), list...)
	return append(append(bytes.Clone(film[:end]), binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(riff)))...), riff...)
}

func TestPagePlaysOtherPeoplesFiles(t *testing.T) {
	t.Parallel()
	needs(t, "ffmpeg")
	dir := t.TempDir()
	pcm := ffmpegFile(t, filepath.Join(dir, "pcm.avi"), "-c:v", "mjpeg", "-c:a", "pcm_s16le", "-ac", "2", "-ar", "44100")
	film, err := os.ReadFile(pcm)
	if err != nil {
		t.Fatal(err)
	}
	long := filepath.Join(dir, "opendml.avi")
	if err := os.WriteFile(long, goesOn(t, film), 0o644); err != nil {
		t.Fatal(err)
	}
	torn := filepath.Join(dir, "torn.avi")
	if err := os.WriteFile(torn, film[:len(film)*2/3], 0o644); err != nil {
		t.Fatal(err)
	}
	h264 := ffmpegFile(t, filepath.Join(dir, "h264.avi"), "-c:v", "libx264")
	mp4 := ffmpegFile(t, filepath.Join(dir, "film.mp4"), "-c:v", "mpeg4")

	yesterday, from := yesterdays(10 * time.Second)
	p := yesterday.start(t, dir)
	b := openTab(t, p, desk, "/live")
	openAt(b, from)
	b.choose(h264)
	b.wait(`document.querySelector('.toast')?.innerText.includes('Its pictures are H264; only Motion JPEG')`)
	b.choose(mp4)
	b.wait(`[...document.querySelectorAll('.toast')].some((e) => e.innerText.includes('This is no AVI file'))`)
	for _, file := range []struct {
		path  string
		least float64 // s
		most  float64
	}{{pcm, 5.9, 6.1}, {long, 6.9, 7.1}, {torn, 3, 5}} {
		name := filepath.Base(file.path)
		b.choose(file.path)
		b.wait(`document.querySelector('.tl-head b')?.innerText.includes('` + name + `') && ` + mainCanvas + `.dataset.us === '0'`)
		if length := value[float64](b, `Number(document.querySelector('.tl-slide').max)`); length < file.least || length > file.most {
			t.Errorf("%s is %.1f s long, want %.1f to %.1f", name, length, file.least, file.most)
		}
	}
	b.choose(pcm)
	b.wait(`document.querySelector('.tl-head b')?.innerText.includes('pcm.avi') && ` + mainCanvas + `.dataset.us === '0'`)
	b.tap(`.tl-bar button[aria-label="Sound on"]`)
	b.tap(".tl-play")
	b.wait(shownMicros + ` > 500e3 && ` + player + `.speaker.playing.size > 0`)
	b.shoot("file")
	b.keys("k")
	// One picture is kept as it stands in the file.
	value[bool](b, `URL.createObjectURL = (made) => { window.made = made; return 'about:blank'; }, document.addEventListener('click', (e) => { if (e.target.download) { window.named = e.target.download; e.preventDefault(); } }, true), true`)
	b.keys("s")
	b.wait(`window.named`)
	kept, err := base64.StdEncoding.DecodeString(value[string](b, `made.arrayBuffer().then((a) => btoa(String.fromCharCode(...new Uint8Array(a))))`))
	if err != nil || !bytes.HasPrefix(kept, []byte{0xFF, 0xD8}) || !bytes.Contains(film, kept) {
		t.Errorf("the picture that was kept is not in the file: %d bytes, %v", len(kept), err)
	}
	rate(b, "4")
	b.wait(shownMicros + ` > 5e6`)
	rate(b, "-8")
	b.wait(shownMicros + ` < 1e6`)
	p.finish()
}

func TestPagePutsInTheHuffmanTablesThatACameraLeavesOut(t *testing.T) {
	t.Parallel()
	var made bytes.Buffer
	if err := jpeg.Encode(&made, image.NewYCbCr(image.Rect(0, 0, 320, 240), image.YCbCrSubsampleRatio422), nil); err != nil {
		t.Fatal(err)
	}
	whole := made.Bytes()
	bare := withoutTables(whole)
	if len(bare) == len(whole) || bytes.Equal(motion.WithTables(bare), bare) {
		t.Fatal("the picture has no tables to leave out")
	}
	yesterday, from := yesterdays(10 * time.Second)
	p := yesterday.start(t, t.TempDir())
	b := openTab(t, p, desk, "/live")
	openAt(b, from)
	for _, picture := range [][]byte{bare, whole, bare[:40], nil} {
		mended := value[string](b, `import(new URL('player/tables.js', document.querySelector('script[type=module]').src)).then(({ withTables }) =>
			btoa(String.fromCharCode(...withTables(Uint8Array.from(atob('`+base64.StdEncoding.EncodeToString(picture)+`'), (c) => c.charCodeAt(0))))))`)
		got, err := base64.StdEncoding.DecodeString(mended)
		if want := motion.WithTables(picture); err != nil || !bytes.Equal(got, want) {
			t.Errorf("of %d bytes came %d, want %d", len(picture), len(got), len(want))
		}
	}
	p.finish()
}

// withoutTables is a picture without its DHT.
func withoutTables(picture []byte) []byte {
	out := bytes.Clone(picture[:2])
	for at := 2; at+4 <= len(picture); {
		end := at + 2 + int(binary.BigEndian.Uint16(picture[at+2:]))
		switch picture[at+1] {
		case 0xC4:
		case 0xDA:
			return append(out, picture[at:]...)
		default:
			out = append(out, picture[at:end]...)
		}
		at = end
	}
	return out
}
