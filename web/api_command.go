package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"v720dvr/camera"
)

// CameraState is what a camera said of itself, and how it can be reached.
type CameraState struct {
	Settings    map[string]string `json:"settings" doc:"Those that it told, by the names that a command sets: ir, flip, led …" example:"{\"ir\":\"on\"}"`
	Reported    map[string]int64  `json:"reported" doc:"All numbers that it told, by the vendor's names"`
	At          time.Time         `json:"reported_at,omitzero" doc:"When it told any of this last"`
	Battery     *int64            `json:"battery,omitempty" doc:"Percent; missing when it does not tell. A camera without a battery says 100"`
	LowBattery  bool              `json:"low_battery"`
	WiFi        string            `json:"wifi,omitempty" doc:"Name of its Wi-Fi"`
	Firmware    string            `json:"firmware,omitempty"`
	Networks    []string          `json:"networks" nullable:"false" doc:"Wi-Fi networks that its last scan found"`
	Card        *CameraCard       `json:"card,omitempty" doc:"Its SD card; missing without one, as far as it tells"`
	Control     bool              `json:"control" doc:"Its control connection is up"`
	MQTT        bool              `json:"mqtt" doc:"It takes commands over MQTT"`
	Since       time.Time         `json:"since,omitzero" doc:"Since when it can be reached, or cannot"`
	Absent      bool              `json:"absent" doc:"It could not be reached for 20 s"`
	Connections int64             `json:"connections" doc:"Control connections it has made, over restarts of v720dvr too"`
	Pictures    int64             `json:"pictures" doc:"Likewise, that came whole"`
	Lost        int64             `json:"lost" doc:"Likewise, that did not"`
	FPS         float64           `json:"fps" doc:"Pictures a second, over the last 10 s"`
	Commands    []CommandName     `json:"commands" nullable:"false" doc:"What cameras can be told; not every model obeys each"`
}

// CameraCard is an SD card as a camera tells of it.
type CameraCard struct {
	CapacityGB int64  `json:"capacity_gb"`
	FreeMB     *int64 `json:"free_mb,omitempty" doc:"Missing when the camera does not know"`
}

// CommandName is something that cameras can be told.
type CommandName struct {
	Name       string   `json:"name"`
	Setting    bool     `json:"setting" doc:"It sets a value: {\"set\":{name: value}}; else {\"do\": name}"`
	Means      string   `json:"means"`
	Parameters []string `json:"parameters,omitempty"`
	Danger     string   `json:"danger,omitempty" doc:"What to think of first; such a command needs admin, and sure"`
}

// Command is one thing to tell a camera: exactly one of Set, Do and Raw.
type Command struct {
	Set, Value string // a setting
	Do         string // an action
	Parameters []string
	Raw        json.RawMessage // as it is
	MQTT       bool            // with Raw: on its topic; else in a 301
	Listen     time.Duration   // with Raw: how long what comes back is gathered
}

// CommandResult is what came of it.
type CommandResult struct {
	Command  string    `json:"command"`
	Channel  string    `json:"channel" enum:"control,mqtt" doc:"That it went by"`
	Seconds  float64   `json:"seconds" doc:"To the answer"`
	Shown    bool      `json:"shown" doc:"The camera's new state shows that it obeyed; else it took the command, and tells nothing that shows it"`
	Networks []string  `json:"networks,omitempty" doc:"Of a scan"`
	Replies  []Message `json:"replies" nullable:"false" doc:"What the camera said"`
}

// Message is one of a camera.
type Message struct {
	At      time.Time `json:"at"`
	Channel string    `json:"channel" enum:"control,mqtt"`
	Topic   string    `json:"topic,omitempty"`
	Text    string    `json:"text" doc:"JSON, as the camera wrote it"`
}

// CommandError is a command that did not do what it was to.
type CommandError struct {
	Status int // 422: there is no such command; 409: it cannot go, or the camera stays as it is; 504: the camera said nothing
	Text   string
	Sent   bool // it went out all the same
}

func (e *CommandError) Error() string { return e.Text }

// mostSets bounds the settings of one request, longestCommand what all of them together may take: the
// answer goes within 30 s.
const (
	mostSets       = 16
	longestCommand = 27 * time.Second
)

type stateAnswer struct{ Body CameraState }

type commandRequest struct {
	CameraPath
	Body struct {
		Set        map[string]string `json:"set,omitempty" maxProperties:"16" doc:"Settings with their values: {\"ir\":\"on\",\"motion-alert\":\"3\"}"`
		Do         string            `json:"do,omitempty" maxLength:"40" doc:"Or something to do: reboot, wifi-scan …"`
		Parameters []string          `json:"parameters,omitempty" maxItems:"4" doc:"Of do"`
		MQTT       string            `json:"mqtt,omitempty" maxLength:"4096" doc:"Or any JSON object for its MQTT topic, as it is. Needs admin" example:"{\"code\":202,\"IrLed\":1}"`
		Forward    string            `json:"forward,omitempty" maxLength:"4096" doc:"Or any for the content of a 301. Needs admin"`
		Seconds    float64           `json:"seconds,omitempty" minimum:"0" maximum:"20" default:"5" doc:"With mqtt and forward: for how long what comes back is gathered"`
		Sure       bool              `json:"sure,omitempty" doc:"Of what is dangerous: somebody was asked"`
	}
}

type sayRequest struct {
	CameraPath
	Body struct {
		ALaw  []byte `json:"alaw" minLength:"1" maxLength:"106668" doc:"A-law at 8000 samples a second, in Base64: 10 s at most. The answer comes a moment before its end, so that the next piece joins"`
		Voice string `json:"voice,omitempty" maxLength:"64" doc:"Whose pieces join: any text, drawn by lot for each sound. While it talks others get 409. Without it this piece is a sound of its own"`
		More  bool   `json:"more,omitempty" doc:"Another piece of this voice follows: until it comes, 2 s at most, others get 409 too"`
	}
}

type commandAnswer struct {
	Body struct {
		Results []CommandResult `json:"results" nullable:"false"`
		State   CameraState     `json:"state" doc:"Behind them"`
	}
}

func (s *Server) commandAPI(api huma.API) {
	add(s, api, "GET", "/api/v1/cameras/{camera}/state", "camera-state", "What a camera says of itself", func(ctx context.Context, in *CameraPath) (*stateAnswer, error) {
		c, err := s.camera(ctx, in.Camera)
		if err != nil {
			return nil, err
		}
		state, err := s.cameraState(ctx, c.ID)
		return &stateAnswer{state}, err
	})
	add(s, api, "POST", "/api/v1/cameras/{camera}/command", "command-camera", "Tell a camera what to do", s.commandCamera)
	add(s, api, "POST", "/api/v1/cameras/{camera}/say", "say-camera", "Play sound at a camera that has a speaker", func(ctx context.Context, in *sayRequest) (*struct{}, error) {
		c, err := s.camera(ctx, in.Camera)
		if err != nil {
			return nil, err
		}
		about(ctx, in.Camera, fmt.Sprintf("%.1f s", float64(len(in.Body.ALaw))/camera.SampleRate))
		return nil, s.o.Box.Say(ctx, c.ID, in.Body.Voice, in.Body.More, in.Body.ALaw)
	})
}

func (s *Server) cameraState(ctx context.Context, id camera.ID) (CameraState, error) {
	state, err := s.o.Box.CameraState(ctx, id)
	if err != nil {
		return CameraState{}, err
	}
	state.At, state.Since = s.local(state.At), s.local(state.Since)
	state.Networks, state.Commands = listed(state.Networks), listed(s.o.Box.Commands())
	if state.Settings == nil {
		state.Settings = map[string]string{}
	}
	if state.Reported == nil {
		state.Reported = map[string]int64{}
	}
	return state, nil
}

// wanted reads what a request asks for; an error is an answer.
func wanted(ctx context.Context, in *commandRequest, known []CommandName) (list []Command, text string, err error) {
	b := in.Body
	kinds := 0
	for _, there := range []bool{len(b.Set) > 0, b.Do != "", b.MQTT != "", b.Forward != ""} {
		if there {
			kinds++
		}
	}
	if kinds != 1 {
		return nil, "", huma.Error422UnprocessableEntity("want exactly one of set, do, mqtt and forward")
	}
	if b.MQTT != "" || b.Forward != "" {
		if !Asks(ctx).May(ScopeAdmin) {
			return nil, "", huma.Error403Forbidden("raw messages need the scope admin")
		}
		c := Command{MQTT: b.MQTT != "", Raw: json.RawMessage(b.MQTT + b.Forward), Listen: time.Duration(b.Seconds * float64(time.Second))}
		var code struct{ Code int } // all that the audit log needs: a message may have a password in it
		if err := json.Unmarshal(c.Raw, &code); err != nil {
			return nil, "", huma.Error422UnprocessableEntity("a raw message is a JSON object with a code")
		}
		return []Command{c}, "raw " + fmt.Sprint(code.Code), nil
	}
	var texts []string
	for _, name := range slices.Sorted(maps.Keys(b.Set)) {
		list = append(list, Command{Set: name, Value: b.Set[name]})
		texts = append(texts, name+"="+b.Set[name])
	}
	if b.Do != "" {
		list, texts = []Command{{Do: b.Do, Parameters: b.Parameters}}, []string{b.Do} // parameters may be passwords
		i := slices.IndexFunc(known, func(c CommandName) bool { return c.Name == b.Do && !c.Setting })
		if i >= 0 && known[i].Danger != "" {
			if !Asks(ctx).May(ScopeAdmin) {
				return nil, "", huma.Error403Forbidden(b.Do + " needs the scope admin: " + known[i].Danger)
			}
			if !b.Sure {
				return nil, "", huma.Error422UnprocessableEntity(b.Do+" wants sure: "+known[i].Danger, &huma.ErrorDetail{Location: "body.sure", Message: "say true when that is meant"})
			}
		}
	}
	return list, strings.Join(texts, " "), nil
}

func (s *Server) commandCamera(ctx context.Context, in *commandRequest) (*commandAnswer, error) {
	c, err := s.camera(ctx, in.Camera)
	if err != nil {
		return nil, err
	}
	list, text, err := wanted(ctx, in, s.o.Box.Commands())
	if err != nil {
		return nil, err
	}
	about(ctx, in.Camera, text)
	limited, cancel := context.WithTimeout(ctx, longestCommand)
	defer cancel()
	answer := new(commandAnswer)
	answer.Body.Results = []CommandResult{}
	for _, command := range list {
		result, err := s.o.Box.Command(limited, c.ID, command)
		if err != nil && limited.Err() != nil && ctx.Err() == nil {
			err = &CommandError{http.StatusGatewayTimeout, fmt.Sprintf("that took longer than %v; whether the camera obeyed is not known", longestCommand), true}
		}
		if err != nil {
			return nil, s.commandFailed(ctx, err, len(answer.Body.Results), in.Camera, text)
		}
		result.Replies = listed(result.Replies)
		for i := range result.Replies {
			result.Replies[i].At = s.local(result.Replies[i].At)
		}
		answer.Body.Results = append(answer.Body.Results, result)
	}
	answer.Body.State, err = s.cameraState(ctx, c.ID)
	return answer, err
}

// commandFailed puts what went out into the audit log all the same: whoever reads it wants to know who sent it.
func (s *Server) commandFailed(ctx context.Context, err error, done int, id, text string) error {
	var failed *CommandError
	// Who hung up may have done so behind it.
	hungUp := errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
	if done > 0 || hungUp || errors.As(err, &failed) && failed.Sent {
		about(ctx, id, text+" (failed)")
		s.audit(ctx, "camera.command")
	}
	if done > 0 {
		return fmt.Errorf("%d before it done: %w", done, err)
	}
	return err
}
