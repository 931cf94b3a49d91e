package avi

import (
	"bytes"
	"slices"
	"testing"
	"time"
)

// closedSegment is a finished segment with stalls, lost frames and sound that begins late.
func closedSegment(t testing.TB) *memory {
	t.Helper()
	file := &memory{}
	w, err := NewWriter(file, testMeta())
	if err != nil {
		t.Fatal(err)
	}
	pics := pictures(t, 64, 48, 5)
	heard := ms(1700)
	for i, captured := range captureTimes(2, 10.3, ms(15), []stall{{3 * time.Second, 4 * time.Second}}, 9*time.Second) {
		for ; heard+ms(60) <= captured; heard += ms(60) {
			if err := w.WriteAudio(at(heard), tone(480)); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.WriteFrame(Frame{At: at(captured), JPEG: pics[i%5], Missing: i % 3}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Close(at(9 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestChunksStandWhereTheFormatSays(t *testing.T) {
	b := closedSegment(t).b
	for _, want := range []struct {
		at   int
		text string
	}{
		{0, "RIFF"}, {8, "AVI LIST"}, {20, "hdrlavih"}, {88, "LIST"}, {96, "strlstrh"}, {108, "vidsMJPG"}, {164, "strf"},
		{212, "vprp"}, {288, "LIST"}, {296, "strlstrh"}, {308, "auds"}, {364, "strf"},
		{infoAt, "LIST"}, {infoAt + 8, "INFOISFT"}, {totalsAt, "JUNK"}, {totalsAt + 8, "v720dvr\x00totl"},
		{moviAt - 12, "LIST"}, {moviAt - 4, "movi00dc"},
	} {
		if got := string(b[want.at : want.at+len(want.text)]); got != want.text {
			t.Errorf("at %d stands %q, want %q", want.at, got, want.text)
		}
	}
	if totalsAt+chunkHeader != 4096 {
		t.Error("the totals do not begin a page")
	}
	if got := int(le.Uint32(b[4:])); got != len(b)-8 {
		t.Errorf("RIFF says %d, want %d", got, len(b)-8)
	}
	var ids []string
	for id := range chunks(b[12:]) {
		ids = append(ids, id)
	}
	if got, want := ids, []string{"LIST", "LIST", "JUNK", "JUNK", "LIST", "idx1", "JUNK", "JUNK", "JUNK"}; !slices.Equal(got, want) {
		t.Errorf("chunks %v, want %v", got, want)
	}
}

// Every entry of idx1 names a chunk of movi, in order, and none is left out.
func TestIndexNamesEveryChunk(t *testing.T) {
	b := closedSegment(t).b
	movi := int(le.Uint32(b[moviAt-8:]))
	end := moviAt - 4 + movi
	index := b[end+chunkHeader:][:le.Uint32(b[end+4:])]
	pictures, samples := 0, 0
	for pos := moviAt; pos < end; {
		id, size := string(b[pos:pos+4]), int(le.Uint32(b[pos+4:]))
		if id != chunkJunk {
			if len(index) < indexEntry {
				t.Fatalf("no entry for %s at %d", id, pos)
			}
			flags := uint32(indexKeyframe)
			if size == 0 {
				flags = 0
			}
			entry := appendChunk(nil, id, flags)
			entry = le.AppendUint32(entry, uint32(pos-(moviAt-4)))
			entry = le.AppendUint32(entry, uint32(size))
			if !bytes.Equal(index[:indexEntry], entry) {
				t.Fatalf("entry % x for %s of %d bytes at %d, want % x", index[:indexEntry], id, size, pos, entry)
			}
			index = index[indexEntry:]
		}
		switch id {
		case chunkPicture:
			pictures++
		case chunkSound:
			samples += size
		}
		pos += chunkHeader + size + padding(size)
	}
	if len(index) > 0 {
		t.Errorf("%d bytes of index too many", len(index))
	}
	if ticks := int(le.Uint32(b[24+8+16:])); pictures != 9*TickRate || ticks != pictures || samples != 9*SampleRate {
		t.Errorf("%d ticks (header %d), %d samples, want 9 s of both", pictures, ticks, samples)
	}
}

func TestBlockWithAFlippedBitIsNotTrusted(t *testing.T) {
	good := appendBlock(nil, kindJournal, appendRecord(nil, 99, []byte("body")))
	if kind, _, ok := parseBlock(good); !ok || kind != kindJournal {
		t.Fatalf("a good block: %q %v", kind, ok)
	}
	for i := range good {
		bad := bytes.Clone(good)
		bad[i] ^= 0x10
		if _, _, ok := parseBlock(bad); ok {
			t.Errorf("byte %d flipped and nobody saw it", i)
		}
	}
	good[12] = blockVersion + 1
	if _, _, ok := parseBlock(good); ok {
		t.Error("a block of a later version is read")
	}
}

// What a later version adds, this one skips: other records, and more behind a known body.
func TestUnknownRecordsAndLongerBodiesAreSkipped(t *testing.T) {
	frame := frameRecord{at: 5, tick: 1, size: 2, offset: 3, cells: []byte{7}}
	known := frame.append(nil)
	table := appendRecord(nil, 4711, []byte("something new"))
	table = appendRecord(table, recordFrame, append(known[recordHeader:len(known):len(known)], "more"...))
	table = appendRecord(table, recordFrame, known[recordHeader:recordHeader+10]) // too short
	var got []frameRecord
	for kind, body := range records(append(table, 1, 0, 255)) {
		var f frameRecord
		if kind == recordFrame && f.parse(body) {
			got = append(got, f)
		}
	}
	if len(got) != 1 || got[0].tick != 1 || !bytes.Equal(got[0].cells, []byte{7}) {
		t.Errorf("got %+v, want the one frame", got)
	}
}
