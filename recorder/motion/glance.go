package motion

// glance is what Health measures of a picture. All of it is in levels, of cells.
type glance struct {
	mean   float64 // brightness
	lights float64 // the part of the picture that is brighter than lamp
	uneven float64 // how far its tiles are off the mean, in the mean: grain is averaged out
	edges  float64 // between neighbours
	fine   float64 // how much a cell is off the middle of its neighbours, to both sides: what blur takes first
	coarse float64 // between cells that are four apart: what blur takes last
	print  uint64  // of brightness and of the bits that were spent: two pictures of a living sensor never share it
}

// lamp is the brightness of a lamp in a picture that is dark.
const lamp = 48

// lookAt measures a picture. Every fourth row is enough for what is a mean.
func lookAt(l Luma) (k glance) {
	var sum, lights, edges, fine, coarse, n int
	const every = 4
	for y := every / 2; y < l.Height-1; y += every {
		row, below, above := l.Pix[y*l.Width:][:l.Width], l.Pix[(y+1)*l.Width:][:l.Width], l.Pix[(y-1)*l.Width:][:l.Width]
		for x := 1; x < l.Width-4; x++ {
			v := int(row[x])
			sum += v
			if v > lamp {
				lights++
			}
			edges += distance(v, int(row[x+1])) + distance(v, int(below[x]))
			fine += distance(2*v, int(row[x-1])+int(row[x+1])) + distance(2*v, int(above[x])+int(below[x]))
			coarse += distance(v, int(row[x+4]))
			n++
		}
	}
	if n == 0 {
		return glance{}
	}
	of := float64(n)
	k = glance{mean: float64(sum) / of, lights: float64(lights) / of, edges: float64(edges) / of / 2, fine: float64(fine) / of / 4, coarse: float64(coarse) / of}
	k.uneven = unevenness(l, k.mean)
	k.print = fingerprintOf(l)
	return k
}

func distance(a, b int) int {
	if a > b {
		return a - b
	}
	return b - a
}

// unevenness is how far the means of tiles are off that of the picture.
func unevenness(l Luma, mean float64) (off float64) {
	tiles := 0
	for top := 0; top+tileCells <= l.Height; top += tileCells {
		for left := 0; left+tileCells <= l.Width; left += tileCells {
			sum := 0
			for y := top; y < top+tileCells; y++ {
				for _, v := range l.Pix[y*l.Width+left:][:tileCells] {
					sum += int(v)
				}
			}
			d := float64(sum)/(tileCells*tileCells) - mean
			off += max(d, -d)
			tiles++
		}
	}
	return off / float64(max(1, tiles))
}

// fingerprintOf is FNV-1a, by words of eight cells.
func fingerprintOf(l Luma) uint64 {
	const prime = 1099511628211
	sum := uint64(14695981039346656037)
	pix := l.Pix
	for ; len(pix) >= 8; pix = pix[8:] {
		word := uint64(pix[0]) | uint64(pix[1])<<8 | uint64(pix[2])<<16 | uint64(pix[3])<<24 |
			uint64(pix[4])<<32 | uint64(pix[5])<<40 | uint64(pix[6])<<48 | uint64(pix[7])<<56
		sum = (sum ^ word) * prime
	}
	for _, v := range pix {
		sum = (sum ^ uint64(v)) * prime
	}
	for _, bits := range l.spent {
		sum = (sum ^ uint64(bits)) * prime
	}
	return sum
}
