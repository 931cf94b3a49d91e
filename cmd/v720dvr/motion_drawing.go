package main

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math"

	"v720dvr/recorder/motion"
)

// The colours of a drawing.
var (
	inkGrid    = color.NRGBA{255, 255, 255, 28}
	inkCounts  = color.NRGBA{255, 40, 40, 90}  // a cell of something that moves
	inkChanged = color.NRGBA{255, 210, 0, 70}  // one that changed, and does not count
	inkStands  = color.NRGBA{220, 60, 255, 60} // a tile in which something that moved stands
	inkBox     = color.NRGBA{255, 40, 40, 255}
	inkInclude = color.NRGBA{60, 230, 90, 255}
	inkExclude = color.NRGBA{60, 140, 255, 255}
	inkText    = color.NRGBA{235, 235, 235, 255}
	inkPanel   = color.NRGBA{24, 24, 24, 255}
)

// drawn is a picture with all that decided about it.
type drawn struct {
	picture  image.Image
	change   *motion.Change
	result   motion.Result
	settings motion.Settings
	text     []string // below the picture
}

// draw makes it twice as large, so that there is room for a number in each cell, with the text below.
func (d *drawn) draw() *image.NRGBA {
	const scale = 2
	bounds := d.picture.Bounds()
	width, height := bounds.Dx()*scale, bounds.Dy()*scale
	var lines []string
	for _, text := range d.text {
		lines = append(lines, wrapped(text, max(1, (width-2*letterSpace)/(letterWide*textScale)))...)
	}
	canvas := image.NewNRGBA(image.Rect(0, 0, width, height+2*letterSpace+len(lines)*lineHigh))
	draw.Draw(canvas, canvas.Bounds(), image.NewUniform(inkPanel), image.Point{}, draw.Src)
	for y := range height {
		for x := range width {
			canvas.Set(x, y, d.picture.At(bounds.Min.X+x/scale, bounds.Min.Y+y/scale))
		}
	}
	frame := canvas.SubImage(image.Rect(0, 0, width, height)).(*image.NRGBA)
	d.drawCells(frame, 8*scale)
	d.drawZones(frame)
	for _, r := range d.result.Regions {
		outline(frame, image.Rect(r.X, r.Y, r.X+r.Width, r.Y+r.Height), 8*scale, inkBox)
	}
	for i, line := range lines {
		drawText(canvas, image.Pt(letterSpace, height+letterSpace+i*lineHigh), line, textScale, inkText)
	}
	return canvas
}

const (
	textScale   = 3
	lineHigh    = (letterHigh + 3) * textScale
	letterSpace = 10
)

// drawCells draws the grid and what changed in it, with the level of each cell: 1 to 9, and + for 10.
func (d *drawn) drawCells(frame *image.NRGBA, cell int) {
	c := d.change
	for i, level := range c.Levels {
		box := image.Rect(0, 0, cell, cell).Add(image.Pt(i%c.Width*cell, i/c.Width*cell))
		if level > 0 {
			ink, digit := inkChanged, "+"
			if len(d.result.Cells) > i>>6 && d.result.Cells[i>>6]>>(i&63)&1 == 1 {
				ink = inkCounts
			}
			if level < 10 {
				digit = fmt.Sprint(level)
			}
			draw.Draw(frame, box, image.NewUniform(ink), image.Point{}, draw.Over)
			drawText(frame, box.Min.Add(image.Pt(cell/4, cell/5)), digit, max(1, cell/8), inkText)
		}
		line := image.NewUniform(inkGrid)
		draw.Draw(frame, image.Rect(box.Min.X, box.Min.Y, box.Max.X, box.Min.Y+1), line, image.Point{}, draw.Over)
		draw.Draw(frame, image.Rect(box.Min.X, box.Min.Y, box.Min.X+1, box.Max.Y), line, image.Point{}, draw.Over)
	}
	for _, tile := range c.StandingTiles() {
		box := image.Rect(tile.X*cell, tile.Y*cell, (tile.X+tile.Width)*cell, (tile.Y+tile.Height)*cell)
		draw.Draw(frame, box, image.NewUniform(inkStands), image.Point{}, draw.Over)
	}
}

// outline draws the border of a box of cells, two pixels wide.
func outline(frame *image.NRGBA, cells image.Rectangle, cell int, ink color.Color) {
	box := image.Rect(cells.Min.X*cell, cells.Min.Y*cell, cells.Max.X*cell, cells.Max.Y*cell)
	for _, side := range []image.Rectangle{
		{box.Min, image.Pt(box.Max.X, box.Min.Y+2)}, {image.Pt(box.Min.X, box.Max.Y-2), box.Max},
		{box.Min, image.Pt(box.Min.X+2, box.Max.Y)}, {image.Pt(box.Max.X-2, box.Min.Y), box.Max},
	} {
		draw.Draw(frame, side, image.NewUniform(ink), image.Point{}, draw.Over)
	}
}

// drawZones draws their borders and what they are called.
func (d *drawn) drawZones(frame *image.NRGBA) {
	size := frame.Bounds().Size()
	for i, zone := range d.settings.Zones {
		ink := inkInclude
		if zone.Kind == motion.Exclude {
			ink = inkExclude
		}
		for k, a := range zone.Points {
			line(frame, placeOf(a, size), placeOf(zone.Points[(k+1)%len(zone.Points)], size), ink)
		}
		if len(zone.Points) > 0 {
			at := placeOf(zone.Points[0], size)
			at.X, at.Y = min(at.X, size.X-100)+4, min(at.Y, size.Y-20)+4
			drawText(frame, at, zoneLabel(d.settings, i), 2, ink)
		}
	}
}

func placeOf(p motion.Point, size image.Point) image.Point {
	return image.Pt(int(p.X*float64(size.X-1)), int(p.Y*float64(size.Y-1)))
}

// line draws one, two pixels wide.
func line(frame *image.NRGBA, a, b image.Point, ink color.Color) {
	steps := max(math.Abs(float64(b.X-a.X)), math.Abs(float64(b.Y-a.Y)), 1)
	for n := 0.0; n <= steps; n++ {
		x, y := a.X+int(float64(b.X-a.X)*n/steps), a.Y+int(float64(b.Y-a.Y)*n/steps)
		for _, beside := range []image.Point{{0, 0}, {1, 0}, {0, 1}, {1, 1}} {
			if p := image.Pt(x, y).Add(beside); p.In(frame.Bounds()) {
				frame.Set(p.X, p.Y, ink)
			}
		}
	}
}
