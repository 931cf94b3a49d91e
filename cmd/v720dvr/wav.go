package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"v720dvr/camera"
	"v720dvr/cloud/v720"
)

// mostWAV bounds a file to be said, in bytes: a minute of stereo at 48 kHz fits.
const mostWAV = 16 << 20

// readWAV reads a RIFF WAVE file (PCM of 8 or 16 bits, or A-law, any rate, one or two channels) as A-law at 8000
// samples a second.
func readWAV(r io.Reader) ([]byte, error) {
	file, err := io.ReadAll(io.LimitReader(r, mostWAV+1))
	if err != nil {
		return nil, err
	}
	if len(file) > mostWAV {
		return nil, fmt.Errorf("more than %d MB", mostWAV>>20)
	}
	if len(file) < 12 || string(file[:4]) != "RIFF" || string(file[8:12]) != "WAVE" {
		return nil, errors.New("no WAV file; ffmpeg -i FILE -ar 8000 -ac 1 out.wav makes one")
	}
	var format []byte
	for at := 12; at+8 <= len(file); {
		name, size := string(file[at:at+4]), int(binary.LittleEndian.Uint32(file[at+4:]))
		body := file[at+8:]
		body = body[:min(size, len(body))] // a recorder that was killed has not filled in its size
		switch name {
		case "fmt ":
			format = body
		case "data":
			return wavSamples(format, body)
		}
		if size < 0 || size > len(file) {
			break
		}
		at += 8 + size + size&1
	}
	return nil, errors.New("a WAV file without sound in it")
}

func wavSamples(format, data []byte) ([]byte, error) {
	if len(format) < 16 {
		return nil, errors.New("a WAV file without a format")
	}
	tag, channels := binary.LittleEndian.Uint16(format), int(binary.LittleEndian.Uint16(format[2:]))
	rate, bits := int(binary.LittleEndian.Uint32(format[4:])), int(binary.LittleEndian.Uint16(format[14:]))
	if tag == 0xFFFE && len(format) >= 26 { // extensible: the tag stands in its GUID
		tag = binary.LittleEndian.Uint16(format[24:])
	}
	if channels < 1 || channels > 2 || rate < 4000 || rate > 192000 || !(tag == 1 && (bits == 8 || bits == 16) || tag == 6 && bits == 8) {
		return nil, fmt.Errorf("sound of format %d, %d bits, %d channels, %d Hz; ffmpeg -i FILE -ar 8000 -ac 1 out.wav makes what can be read", tag, bits, channels, rate)
	}
	if tag == 6 && channels == 1 && rate == camera.SampleRate {
		return data, nil
	}
	if tag == 6 {
		return nil, errors.New("A-law that is not 8000 Hz with one channel; ffmpeg -i FILE -ar 8000 -ac 1 out.wav makes what can be read")
	}
	step := channels * bits / 8
	mono := make([]float64, len(data)/step)
	for i := range mono {
		for c := range channels {
			if bits == 8 {
				mono[i] += float64(int(data[i*step+c])-128) * 256 / float64(channels)
			} else {
				mono[i] += float64(int16(binary.LittleEndian.Uint16(data[i*step+2*c:]))) / float64(channels)
			}
		}
	}
	pcm := make([]byte, 0, len(mono)*2)
	for _, v := range resample(mono, rate, camera.SampleRate) {
		pcm = binary.LittleEndian.AppendUint16(pcm, uint16(int16(math.Round(min(max(v, math.MinInt16), math.MaxInt16)))))
	}
	return v720.EncodeALaw(nil, pcm), nil
}

// resample changes the rate by a windowed sinc that lets pass what the lower of both rates can hold.
func resample(in []float64, from, to int) []float64 {
	if from == to {
		return in
	}
	const lobes = 8
	cut := min(1, float64(to)/float64(from)) // of the input's own band
	reach := lobes / cut
	out := make([]float64, int(int64(len(in))*int64(to)/int64(from)))
	for i := range out {
		at := float64(i) * float64(from) / float64(to)
		sum, weight := 0.0, 0.0
		for j := max(int(math.Ceil(at-reach)), 0); j <= min(int(at+reach), len(in)-1); j++ {
			x := float64(j) - at
			w := 0.5 + 0.5*math.Cos(math.Pi*x/reach) // Hann
			if y := math.Pi * x * cut; y != 0 {
				w *= math.Sin(y) / y
			}
			sum += w * in[j]
			weight += w
		}
		if weight != 0 {
			out[i] = sum / weight
		}
	}
	return out
}
