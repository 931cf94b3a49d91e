package main

import (
	"bytes"
	"encoding/json"
	"image/jpeg"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Who changes over from the Python server writes a token into the addresses, and all goes on.
func TestThePythonServersAddressesAreReadByFFmpegAndScripts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := command(t, dir, "run", "--simulate", "1")
	p.Env = append(p.Env, "V720DVR_COMPAT_LISTEN=127.0.0.1:0")
	p.start()
	at := regexp.MustCompile(`compat=(\S+)`).FindStringSubmatch(p.await("ready for cameras.* compat=127.0.0.1:"))[1]
	p.await("camera streaming.* addr=127")
	token, _, _ := strings.Cut(mustRun(t, dir, "token", "create", "go2rtc", "--scopes", "live"), "\n")
	url := "http://go2rtc:" + token + "@" + at + "/dev/"

	get := func(path string) []byte {
		t.Helper()
		answer, err := http.Get(url + path)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		var b bytes.Buffer
		if _, err := b.ReadFrom(answer.Body); err != nil || answer.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s, %v, %s", path, answer.Status, err, b.Bytes())
		}
		return b.Bytes()
	}
	var list []struct{ Host, UID string }
	if text := get("list"); json.Unmarshal(text, &list) != nil || len(list) != 1 || list[0].UID != "0800c0F00001" || list[0].Host != "127.0.0.1" {
		t.Errorf("the list is %s", text)
	}
	if text := get("0800c0F00001/snapshot"); len(text) == 0 {
		t.Error("a snapshot is empty")
	} else if _, err := jpeg.DecodeConfig(bytes.NewReader(text)); err != nil {
		t.Errorf("a snapshot is no JPEG: %v", err)
	}
	if answer, err := http.Get("http://" + at + "/dev/list"); err != nil || answer.StatusCode != http.StatusUnauthorized {
		t.Errorf("without a token: %v, %v", answer, err)
	}

	film := filepath.Join(dir, "film.mkv")
	output(t, tool(t, "ffmpeg", "-i", url+"0800c0F00001/go2rtc-stream", "-t", "2", "-c", "copy", film))
	streams := string(output(t, tool(t, "ffprobe", "-count_packets", "-show_entries", "stream=codec_name,nb_read_packets,sample_rate,width", "-of", "csv=p=0", film)))
	if !regexp.MustCompile(`mjpeg,640,(1[5-9]|2\d)\n`).MatchString(streams) || !strings.Contains(streams, "pcm_alaw,8000") {
		t.Errorf("of two seconds there is %q", streams)
	}
	output(t, tool(t, "ffmpeg", "-i", url+"0800c0F00001/video", "-frames:v", "5", "-f", "null", "-"))
	output(t, tool(t, "ffmpeg", "-i", url+"0800c0F00001/audio", "-t", "0.5", "-f", "null", "-"))
	p.finish()
}
