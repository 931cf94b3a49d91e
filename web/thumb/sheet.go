package thumb

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
)

// A sheet is SheetAcross × SheetDown cells of CellWidth × CellHeight pixels.
const (
	SheetAcross = 10
	SheetDown   = 6
	CellWidth   = 160
	CellHeight  = 120
)

// MostSheet bounds a sheet's JPEG, in bytes: with more of them it is made coarser.
const MostSheet = 256 << 10

// Sheet is a picture of many small ones, row by row. Cells that nothing was put into are black.
type Sheet struct{ image *image.YCbCr }

// NewSheet makes an empty one: 1.7 MB.
func NewSheet() *Sheet {
	s := &Sheet{image.NewYCbCr(image.Rect(0, 0, SheetAcross*CellWidth, SheetDown*CellHeight), image.YCbCrSubsampleRatio420)}
	for i := range s.image.Cb {
		s.image.Cb[i], s.image.Cr[i] = 128, 128
	}
	return s
}

// Put draws a picture into a cell, as large as it fits, in its middle.
func (s *Sheet) Put(cell int, p *image.YCbCr) {
	width, height := p.Rect.Dx(), p.Rect.Dy()
	if width*CellHeight > height*CellWidth {
		width, height = CellWidth, max(2, height*CellWidth/width)
	} else {
		width, height = max(2, width*CellHeight/height), CellHeight
	}
	left := cell%SheetAcross*CellWidth + (CellWidth-width)/2&^1
	top := cell/SheetAcross*CellHeight + (CellHeight-height)/2&^1
	s.luma(p, left, top, width, height)
	s.chroma(p, left, top, width, height)
}

// luma scales by taking the mean of the pixels that fall into one.
func (s *Sheet) luma(p *image.YCbCr, left, top, width, height int) {
	from := p.Rect
	for y := range height {
		row := s.image.Y[(top+y)*s.image.YStride+left:][:width]
		if from.Dx() == width && from.Dy() == height {
			copy(row, p.Y[y*p.YStride:])
			continue
		}
		y0, y1 := y*from.Dy()/height, max((y+1)*from.Dy()/height, y*from.Dy()/height+1)
		for x := range row {
			x0, x1 := x*from.Dx()/width, max((x+1)*from.Dx()/width, x*from.Dx()/width+1)
			sum := 0
			for j := y0; j < y1; j++ {
				for _, v := range p.Y[j*p.YStride:][x0:x1] {
					sum += int(v)
				}
			}
			row[x] = uint8(sum / ((y1 - y0) * (x1 - x0)))
		}
	}
}

// chroma takes, for two pixels by two, the mean of what belongs to the upper and the lower left one.
func (s *Sheet) chroma(p *image.YCbCr, left, top, width, height int) {
	from := p.Rect
	columns := make([]int, (width+1)/2)
	for x := range columns {
		columns[x] = p.COffset(2*x*from.Dx()/width, 0)
	}
	for y := range (height + 1) / 2 {
		upper := p.COffset(0, 2*y*from.Dy()/height)
		lower := p.COffset(0, min(2*y+1, height-1)*from.Dy()/height)
		at := (top/2+y)*s.image.CStride + left/2
		cb, cr := s.image.Cb[at:][:len(columns)], s.image.Cr[at:][:len(columns)]
		for x, column := range columns {
			cb[x] = uint8((uint(p.Cb[upper+column]) + uint(p.Cb[lower+column]) + 1) / 2)
			cr[x] = uint8((uint(p.Cr[upper+column]) + uint(p.Cr[lower+column]) + 1) / 2)
		}
	}
}

// JPEG is the sheet, of MostSheet bytes at most.
func (s *Sheet) JPEG() ([]byte, error) {
	var b bytes.Buffer
	b.Grow(MostSheet)
	for quality := 70; ; quality -= 20 {
		b.Reset()
		if err := jpeg.Encode(&b, s.image, &jpeg.Options{Quality: max(quality, 1)}); err != nil {
			return nil, fmt.Errorf("make a sheet: %w", err)
		}
		if b.Len() <= MostSheet || quality < 1 {
			return bytes.Clone(b.Bytes()), nil
		}
	}
}

// JPEG is a picture as a JPEG.
func JPEG(p *image.YCbCr) ([]byte, error) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, p, &jpeg.Options{Quality: 75}); err != nil {
		return nil, fmt.Errorf("make a small picture: %w", err)
	}
	return b.Bytes(), nil
}
