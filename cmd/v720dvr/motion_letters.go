package main

import (
	"image"
	"image/color"
	"image/draw"
	"strings"
	"unicode"
)

// letters are drawn on a grid of 3×5: five rows of three bits each, in octal digits, the left one highest.
// There is room for one in a cell of 8×8 pixels.
var letters = map[rune]string{
	'0': "75557", '1': "26227", '2': "71747", '3': "71317", '4': "55711", '5': "74717", '6': "74757", '7': "71122", '8': "75757", '9': "75717",
	'A': "25755", 'B': "65656", 'C': "34443", 'D': "65556", 'E': "74647", 'F': "74644", 'G': "34553", 'H': "55755", 'I': "72227", 'J': "11152",
	'K': "55655", 'L': "44447", 'M': "57755", 'N': "65555", 'O': "25552", 'P': "65644", 'Q': "25563", 'R': "65655", 'S': "34216", 'T': "72222",
	'U': "55557", 'V': "55552", 'W': "55775", 'X': "55255", 'Y': "55222", 'Z': "71247",
	'.': "00002", ',': "00024", ':': "02020", ';': "02024", '-': "00700", '+': "02720", '=': "07070", '/': "11244", '%': "51245", '(': "12221",
	')': "42224", '×': "05250", '<': "12421", '>': "42124", '?': "71202", '!': "22202", '\'': "22000", '"': "55000", '#': "57575", '_': "00007",
	'*': "52725", '°': "25200", '[': "32223", ']': "62226", '|': "22222",
}

const (
	letterWide = 4 // with the space behind it
	letterHigh = 5
)

// drawText draws a line of text, each dot of it scale × scale pixels large, with its upper left corner at
// a place. Small letters are drawn as capitals, and what there is no letter for as a question mark.
func drawText(dst draw.Image, at image.Point, text string, scale int, ink color.Color) {
	source := image.NewUniform(ink)
	for _, r := range text {
		rows, ok := letters[unicode.ToUpper(r)]
		if !ok && r != ' ' {
			rows = letters['?']
		}
		for y, row := range rows {
			for x := range 3 {
				if (row-'0')>>(2-x)&1 == 1 {
					dot := image.Rect(0, 0, scale, scale).Add(at).Add(image.Pt(x*scale, y*scale))
					draw.Draw(dst, dot, source, image.Point{}, draw.Over)
				}
			}
		}
		at.X += letterWide * scale
	}
}

// wrapped breaks a text into lines of at most so many letters, between words where it can.
func wrapped(text string, most int) (lines []string) {
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len([]rune(line))+1+len([]rune(word)) > most {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}
