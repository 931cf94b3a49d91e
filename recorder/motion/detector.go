package motion

import "time"

// Kind is what a frame shows. The texts are those of events: they never change.
type Kind string

// The kinds of a frame. Light is a change of the whole picture: a switch, a cloud, exposure, the camera going
// over to infrared. Where something moves while the light changes, the kind is Movement.
const (
	Nothing  Kind = ""
	Movement Kind = "motion"
	Light    Kind = "light"
)

// Result is the judgement on one frame.
type Result struct {
	Kind Kind
	// Motion tells that something moves in this frame, before Settings.Hold.
	Motion bool
	// Stands tells that something that has moved stands still, of late.
	Stands bool
	// Active tells that a movement goes on: begun by two frames with motion within half a
	// second, so that a drop of rain is none, and ended Settings.Hold after the last, or after the
	// last in which what had moved still stood there.
	Active bool
	// Began is the time of the first of these two frames, while the movement goes on.
	Began time.Time
	// Light tells that the light of the whole picture changes, whatever Kind is.
	Light bool
	// Unseen tells that nobody looked at the frame: it could not be read.
	Unseen bool
	// Score is the part of the picture that moves: 65535 is all of it.
	Score uint16
	// Largest is how many cells belong together in the largest region, those that are too small to count among
	// them: there is motion when it is Needed, of which Settings.MinSize decides.
	Largest, Needed int
	// Zones has a bit for each of Settings.Zones in which something moves; excluded ones have none.
	Zones uint64
	// Cells are the cells of the regions, a bit each, row by row, lowest bit first, Width×Height
	// bits. They and Regions are the detector's own and stand until the next step; nil when Unseen.
	Cells   []uint64
	Regions []Region
}

// Region is a connected part of the picture that moves, as a box of cells: X and Y of its upper
// left one, Width and Height, and how many cells in it changed.
type Region struct {
	X, Y, Width, Height, Cells int
}

// Detector finds what moves in the pictures of one camera. It is a state machine: what it answers
// depends on the frames it was handed, their times and the settings, and on nothing else.
// Hand it whole frames alone, in capture order; lost ones are left out.
type Detector struct {
	scene scene
	judge *Judge
}

// NewDetector makes a detector that learns its scene from the first frames on: it is careful for
// the first 3 s, and as good as ever then.
func NewDetector(s Settings) *Detector {
	return &Detector{judge: NewJudge(s)}
}

// Set changes the settings from the next frame on. What was learned of the scene stays.
func (d *Detector) Set(s Settings) { d.judge.Set(s) }

// Step takes the next frame: its luma and capture time. A picture of another size than the one
// before begins a new scene. It allocates nothing while size and settings stay. Luma of
// a picture that could not be read to its end is not for Step.
func (d *Detector) Step(l Luma, at time.Time) Result {
	d.scene.step(l, at)
	return d.judge.Step(&d.scene.change, at)
}

// Change is what Step found in its last frame, before settings: what the track keeps. It stands
// until the next step.
func (d *Detector) Change() *Change { return &d.scene.change }
