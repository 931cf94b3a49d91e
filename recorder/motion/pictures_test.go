package motion

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// realPicture is what a real camera sent, with fill bytes before its markers.
const realPicture = "../../cloud/v720/testdata/frame_with_pad_byte.bin"

// busyPicture is one of leaves, 640×480, 4:2:2, 23 KB: as much as the cameras send.
const busyPicture = "testdata/pictures/422_busy.jpg"

func load(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.FromSlash(path))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// goldens are what libjpeg made of pictures at scale 1/8 in grey: path → "width height sha256".
func goldens(t testing.TB) map[string]string {
	t.Helper()
	all := map[string]string{}
	for line := range strings.Lines(string(load(t, "testdata/pictures/golden.txt"))) {
		name, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		all[name] = rest
	}
	return all
}

func fingerprint(width, height int, luma []byte) string {
	sum := sha256.Sum256(luma)
	return fmt.Sprintf("%d %d %s", width, height, hex.EncodeToString(sum[:]))
}

// djpeg runs libjpeg's own program; without it the test is skipped, or fails where all must run.
func djpeg(t testing.TB, picture []byte) (width, height int, luma []byte) {
	t.Helper()
	path, err := exec.LookPath("djpeg")
	if err != nil {
		if os.Getenv("V720DVR_TEST_ALL") == "1" {
			t.Fatal("djpeg is not there (Debian: libjpeg-turbo-progs)")
		}
		t.Skip("SKIPPED: djpeg is not there (Debian: libjpeg-turbo-progs); the golden hashes were compared")
	}
	cmd := exec.Command(path, "-scale", "1/8", "-grayscale", "-pnm")
	cmd.Stdin = bytes.NewReader(picture)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("djpeg: %v", err)
	}
	rest := bytes.NewBuffer(out)
	if _, err := fmt.Fscanf(rest, "P5\n%d %d\n255\n", &width, &height); err != nil {
		t.Fatalf("djpeg: %v in %.20q", err, out)
	}
	return width, height, rest.Bytes()
}

// madePicture is a random one of image/jpeg: 4:2:0, or grey.
func madePicture(t testing.TB, random *rand.Rand) []byte {
	t.Helper()
	bounds := image.Rect(0, 0, 1+random.IntN(200), 1+random.IntN(200))
	var made image.Image
	contrast := 1 + random.IntN(256)
	if random.IntN(3) == 0 {
		grey := image.NewGray(bounds)
		for i := range grey.Pix {
			grey.Pix[i] = byte(random.IntN(contrast))
		}
		made = grey
	} else {
		colours := image.NewRGBA(bounds)
		for y := range bounds.Dy() {
			for x := range bounds.Dx() {
				colours.Set(x, y, color.RGBA{byte(x), byte(y * 3), byte(random.IntN(contrast)), 255})
			}
		}
		made = colours
	}
	var buffer bytes.Buffer
	if err := jpeg.Encode(&buffer, made, &jpeg.Options{Quality: 1 + random.IntN(100)}); err != nil {
		t.Fatal(err)
	}
	return buffer.Bytes()
}
