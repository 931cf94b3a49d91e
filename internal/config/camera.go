package config

import (
	"reflect"

	"v720dvr/camera"
)

// Camera is one [[camera]]: its name, and what is different for it alone. A nil field means
// that the camera has no setting of its own there.
type Camera struct {
	ID        camera.ID       `toml:"id" is:"camera" eg:"0800c00128F8"`
	Name      string          `toml:"name" is:"name" eg:"front door"` // Load sets it to the id when the file has none
	Motor     *bool           `toml:"motor" eg:"true"`                // it turns: cameras do not tell
	Speaker   *bool           `toml:"speaker" eg:"true"`              // it can be talked to: likewise
	Recording CameraRecording `toml:"recording"`
	Motion    CameraMotion    `toml:"motion"`
	Retention CameraRetention `toml:"retention"`
	Archive   CameraArchive   `toml:"archive"`
}

// CameraRecording holds what a camera changes of Recording.
type CameraRecording struct {
	Mode     *string   `toml:"mode"`
	Segment  *Duration `toml:"segment"`
	Preroll  *Duration `toml:"preroll"`
	Postroll *Duration `toml:"postroll"`
	Audio    *bool     `toml:"audio"`
}

// CameraMotion holds what a camera changes of Motion.
type CameraMotion struct {
	Enabled     *bool     `toml:"enabled"`
	Sensitivity *int      `toml:"sensitivity"`
	MinSize     *Percent  `toml:"min_size"`
	Hold        *Duration `toml:"hold"`
	Sound       *int      `toml:"sound"`
	Zones       *[]Zone   `toml:"zones"`
}

// CameraRetention holds what a camera changes of Retention. Cron and MinFree are missing: when
// the sweep runs and how much of the disk stays free cannot differ between cameras.
type CameraRetention struct {
	MaxAge   *Age    `toml:"max_age"`
	MaxSize  *Size   `toml:"max_size"`
	EventAge *Age    `toml:"event_age"`
	Thin     *[]Thin `toml:"thin"`
}

// CameraArchive holds what a camera changes of Archive.
type CameraArchive struct {
	What *string `toml:"what"`
}

// CameraSettings is the Config as one camera sees it.
type CameraSettings struct {
	ID        camera.ID
	Name      string // its folder; the id when it has no name
	Motor     bool   // somebody said that it turns
	Speaker   bool   // likewise, that it can be talked to
	Recording Recording
	Motion    Motion
	Retention Retention
	Archive   Archive
	Schedules []int // those of Config.Schedules that are for it: the last that is open decides its mode
}

// Camera resolves the settings of a camera: its own where it has some, those of the whole box
// elsewhere. A camera that the Config does not know has none of its own. What is returned shares
// slices with c: neither is to be changed.
func (c Config) Camera(id camera.ID) CameraSettings {
	for _, own := range c.Cameras {
		if own.ID == id {
			return c.settings(own)
		}
	}
	return c.settings(Camera{ID: id, Name: string(id)})
}

func (c Config) settings(own Camera) CameraSettings {
	s := CameraSettings{ID: own.ID, Name: own.Name, Recording: c.Recording, Motion: c.Motion, Retention: c.Retention, Archive: c.Archive}
	s.Motor, s.Speaker = own.Motor != nil && *own.Motor, own.Speaker != nil && *own.Speaker
	for i, schedule := range c.Schedules {
		if schedule.isFor(own.ID, own.Name) {
			s.Schedules = append(s.Schedules, i)
		}
	}
	overlay(&s.Recording, own.Recording)
	overlay(&s.Motion, own.Motion)
	overlay(&s.Retention, own.Retention)
	overlay(&s.Archive, own.Archive)
	return s
}

// overlay writes the fields of own that are not nil over the fields of the same name.
func overlay(base, own any) {
	to, from := reflect.ValueOf(base).Elem(), reflect.ValueOf(own)
	for i := range from.NumField() {
		if field := from.Field(i); !field.IsNil() {
			to.FieldByName(from.Type().Field(i).Name).Set(field.Elem())
		}
	}
}
