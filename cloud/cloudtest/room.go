package cloudtest

import (
	"fmt"
	"sync"
)

// room is the scene's still part, encoded once and shared by all scenes of its size: some
// variants of each row that differ in sensor noise, and somebody who walks through.
type room struct {
	size    SceneOptions
	head    []byte
	columns int // MCUs
	layout  string
	stamp   overlay
	clock   overlay
	rows    [][noiseVariants]*strip
	walker  [2][]*strip // two phases of a step, by row
}

// overlay is what a picture writes over the room: rows from top on, columns from the left
// edge, all in MCUs.
type overlay struct{ top, rows, columns int }

func (o overlay) covers(row int) bool { return row >= o.top && row < o.top+o.rows }

const (
	mcuWidth, mcuHeight = 16, 8
	// noiseVariants of each row are shown in turn by lot: noise that never stands still, for
	// the memory of a few pictures.
	noiseVariants = 4
	mostGrain     = 256 // amplitude of the texture in 1/8 of a step of luma, each way
)

// rooms keeps what was drawn: a process has one or two sizes.
var rooms sync.Map // SceneOptions without its seed → func() (*room, error)

func roomOf(size SceneOptions) (*room, error) {
	size.Seed = 0
	draw, _ := rooms.LoadOrStore(size, sync.OnceValues(func() (*room, error) { return drawRoom(size) }))
	return draw.(func() (*room, error))()
}

// drawRoom looks for the amount of texture with which pictures have the wanted size.
func drawRoom(size SceneOptions) (*room, error) {
	cells := size.Width / 8
	r := &room{size: size, head: pictureHead(size.Width, size.Height), columns: size.Width / mcuWidth, layout: clockLayout(cells)}
	stampWide := stampColumns(size.Width) / 2
	r.stamp = overlay{0, (stampCells/2 + stampWide - 1) / stampWide, stampWide}
	clockWide := min(len(r.layout)*(glyphWidth+1), cells) / 2
	r.clock = overlay{2, clockRows + 2, clockWide} // with a dark row above and below
	rows := size.Height / mcuHeight
	measure := func(texture int) int {
		const every = 3         // rows: a sample is enough
		const flatBits = 2 * 12 // of an MCU of an overlay, about
		total, seen := 0, 0
		for y := 0; y < rows; y += every {
			row, covered := r.drawRow(y, texture, 0), 0
			for _, o := range []overlay{r.stamp, r.clock} {
				if o.covers(y) {
					covered = o.columns
				}
			}
			total += covered * flatBits
			if covered < r.columns {
				total += int(row.end - row.mcus[covered].at)
			}
			seen++
		}
		return len(r.head) + total*rows/seen/8 + len(pictureEnd)
	}
	low, high := 0, mostGrain
	least, most := measure(low), measure(high)
	want := size.Bytes
	if want == 0 {
		want = max(least*5/4, defaultBytes*size.Width*size.Height/(defaultWidth*defaultHeight))
	}
	if want < least || want > most {
		return nil, fmt.Errorf("scene of %d×%d: pictures of %d bytes, want %d to %d", size.Width, size.Height, want, least, most)
	}
	for high-low > 1 {
		if middle := (low + high) / 2; measure(middle) < want {
			low = middle
		} else {
			high = middle
		}
	}
	r.rows = make([][noiseVariants]*strip, rows)
	for y := range r.rows {
		for v := range r.rows[y] {
			r.rows[y][v] = r.drawRow(y, high, v)
		}
	}
	for phase := range r.walker {
		for y := range walkerRows(size) {
			r.walker[phase] = append(r.walker[phase], drawWalker(size, y, phase))
		}
	}
	return r, nil
}

// drawRow draws and encodes a row of MCUs: wall, window, door and floor, with a texture that
// stays and noise that does not.
func (r *room) drawRow(row, texture, variant int) *strip {
	mcus := make([]blocks, r.columns)
	still := noise(row + 1)
	moving := noise((row+1)*noiseVariants + variant + 1000)
	for i := range mcus {
		for half := range 2 {
			var pixels [64]float32
			for p := range pixels {
				x, y := i*mcuWidth+half*8+p%8, row*mcuHeight+p/8
				luma, _, _ := r.paint(x, y)
				pixels[p] = clamp(luma + still.next(texture)/8 + moving.next(texture)/24)
			}
			transform(&pixels, &lumaQuant, &mcus[i][half])
		}
		var cb, cr [64]float32
		for p := range cb {
			_, cb[p], cr[p] = r.paint(i*mcuWidth+p%8*2, row*mcuHeight+p/8)
		}
		transform(&cb, &chromaQuant, &mcus[i][2])
		transform(&cr, &chromaQuant, &mcus[i][3])
	}
	return encodeStrip(mcus)
}

// paint is the room without noise, in parts of its width and height.
func (r *room) paint(px, py int) (luma, cb, cr float32) {
	x, y := float32(px)/float32(r.size.Width), float32(py)/float32(r.size.Height)
	in := func(left, top, right, bottom float32) bool { return x >= left && x < right && y >= top && y < bottom }
	switch {
	case in(0.60, 0.26, 0.86, 0.54) && !in(0.725, 0.26, 0.735, 0.54): // window
		return 205 + 20*(0.54-y), 140, 118
	case in(0.58, 0.24, 0.88, 0.56): // its frame
		return 84, 122, 134
	case in(0.10, 0.34, 0.27, 0.80): // door
		return 78 + 16*x, 116, 142
	case y >= 0.80: // floor
		return 96 + 60*(y-0.8), 118, 138
	case y >= 0.78: // skirting
		return 64, 124, 132
	}
	return 150 + 34*x - 26*y, 124, 131 // wall
}

func clamp(v float32) float32 { return max(0, min(255, v)) }

// grain is a small generator of even noise (xorshift): the same row has the same each time.
type grain uint32

func noise(seed int) *grain {
	n := grain(seed)*2654435761 + 1
	return &n
}

// next is evenly drawn from -amplitude to amplitude.
func (n *grain) next(amplitude int) float32 {
	v := uint32(*n)
	v ^= v << 13
	v ^= v >> 17
	v ^= v << 5
	*n = grain(v)
	return (float32(v>>8)/(1<<23) - 1) * float32(amplitude)
}
