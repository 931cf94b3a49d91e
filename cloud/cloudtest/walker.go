package cloudtest

// The walker is a block of stripes, a tenth of the picture wide and a third high.
func walkerColumns(size SceneOptions) int { return max(2, size.Width/mcuWidth/10) }
func walkerRows(size SceneOptions) int    { return size.Height / mcuHeight / 3 }

func drawWalker(size SceneOptions, row, phase int) *strip {
	mcus := make([]blocks, walkerColumns(size))
	head := row < walkerRows(size)/4
	for i := range mcus {
		for half := range 2 {
			var pixels [64]float32
			for p := range pixels {
				switch {
				case head:
					pixels[p] = 170
				case (i+half+row/2+phase)%2 == 0: // checks as large as blocks: they cost few bytes
					pixels[p] = 46
				default:
					pixels[p] = 84
				}
			}
			transform(&pixels, &lumaQuant, &mcus[i][half])
		}
		var cb, cr [64]float32
		for p := range cb {
			cb[p], cr[p] = 150, 112
			if head {
				cb[p], cr[p] = 112, 150
			}
		}
		transform(&cb, &chromaQuant, &mcus[i][2])
		transform(&cr, &chromaQuant, &mcus[i][3])
	}
	return encodeStrip(mcus)
}
