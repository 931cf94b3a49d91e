package compat

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image/jpeg"
	"math"
	"time"

	"v720dvr/camera"
)

// The elements of Matroska that are written, by their ids. RFC 9559, section 5.1.
const (
	idEBML, idSegment, idInfo, idScale, idApp, idBy = 0x1A45DFA3, 0x18538067, 0x1549A966, 0x2AD7B1, 0x4D80, 0x5741
	idTracks, idTrack, idNumber, idUID, idKind      = 0x1654AE6B, 0xAE, 0xD7, 0x73C5, 0x83
	idLacing, idCodec, idPrivate                    = 0x9C, 0x86, 0x63A2
	idVideo, idWidth, idHeight                      = 0xE0, 0xB0, 0xBA
	idAudio, idRate, idChannels, idBits             = 0xE1, 0xB5, 0x9F, 0x6264
	idCluster, idTime, idBlock                      = 0x1F43B675, 0xE7, 0xA3
)

// Their tracks.
const pictures, sound = 1, 2

// unknownSize is that of a segment which ends when it ends. RFC 8794, section 6.2.
const unknownSize = 1<<56 - 1

// steppedBack ends a stream: behind it times would go backwards. A reader asks anew.
const steppedBack = time.Second

var errClock = errors.New("the clock was set back")

// matroska serves pictures and sound, each at its own millisecond: the camera's own bytes. (The Python server has ffmpeg
// make Opus of the sound; who wants that has go2rtc do it.)
func (r *reading) matroska() error {
	defer r.watch(Want{Pictures: true, Every: true, Sound: true})()
	var first, last time.Time
	for {
		f, a, err := r.next()
		if err != nil {
			return err
		}
		track, at, body := byte(pictures), f.At, f.JPEG
		if body == nil {
			track, at, body = sound, a.At, a.ALaw
		}
		if first.IsZero() {
			if track != pictures {
				continue // the stream begins with a picture, which tells its size
			}
			config, err := jpeg.DecodeConfig(bytes.NewReader(body))
			if err != nil {
				continue // a damaged one
			}
			first, last = at, at
			r.begin("video/x-matroska")
			if err := r.write(matroskaHead(config.Width, config.Height)); err != nil {
				return err
			}
		}
		if at.Before(first) {
			continue
		}
		if last.Sub(at) > steppedBack {
			return errClock
		}
		if at.After(last) {
			last = at
		}
		if err := r.write(cluster(track, at.Sub(first), len(body)), body); err != nil {
			return err
		}
	}
}

// matroskaHead is all before the first cluster.
func matroskaHead(width, height int) []byte {
	var ebml []byte
	for _, e := range [][2]uint64{{0x4286, 1}, {0x42F7, 1}, {0x42F2, 4}, {0x42F3, 8}, {0x4287, 4}, {0x4285, 2}} {
		ebml = number(ebml, e[0], e[1])
	}
	ebml = element(ebml, 0x4282, []byte("matroska"))
	info := number(nil, idScale, uint64(time.Millisecond))
	info = element(element(info, idApp, []byte("v720dvr")), idBy, []byte("v720dvr"))
	track := func(n, kind uint64, codec string, rest ...[]byte) []byte {
		b := number(number(number(number(nil, idNumber, n), idUID, n), idKind, kind), idLacing, 0)
		return element(nil, idTrack, append(element(b, idCodec, []byte(codec)), bytes.Join(rest, nil)...))
	}
	rate := element(nil, idRate, binary.BigEndian.AppendUint64(nil, math.Float64bits(camera.SampleRate)))
	tracks := bytes.Join([][]byte{
		track(pictures, 1, "V_MJPEG", element(nil, idVideo, number(number(nil, idWidth, uint64(width)), idHeight, uint64(height)))),
		track(sound, 2, "A_MS/ACM", element(nil, idPrivate, alawFormat), element(nil, idAudio, number(number(rate, idChannels, 1), idBits, 8))),
	}, nil)
	b := element(nil, idEBML, ebml)
	b = size(id(b, idSegment), unknownSize)
	return element(element(b, idInfo, info), idTracks, tracks)
}

// cluster is all of a cluster with one block but the block's bytes: who reads live waits for none that is not full.
func cluster(track byte, at time.Duration, bytes int) []byte {
	const keyframe = 0x80
	block := size(id(nil, idBlock), uint64(4+bytes))
	block = append(block, 0x80|track, 0, 0, keyframe)
	begin := number(nil, idTime, uint64(at/time.Millisecond))
	b := size(id(nil, idCluster), uint64(len(begin)+len(block)+bytes))
	return append(append(b, begin...), block...)
}

// id appends an id, which has its own length in it. RFC 8794, section 5.
func id(b []byte, n uint64) []byte {
	for shift := 24; shift >= 0; shift -= 8 {
		if n>>shift > 0 {
			b = append(b, byte(n>>shift))
		}
	}
	return b
}

// size appends a size in eight bytes. RFC 8794, section 6.
func size(b []byte, n uint64) []byte { return binary.BigEndian.AppendUint64(b, n|1<<56) }

func element(b []byte, of uint64, body []byte) []byte {
	return append(size(id(b, of), uint64(len(body))), body...)
}

func number(b []byte, of, v uint64) []byte {
	return element(b, of, binary.BigEndian.AppendUint64(nil, v))
}
