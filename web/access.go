package web

import (
	"net/http"
	"slices"

	"v720dvr/camera"
	"v720dvr/storage"
)

// Scope is what a route needs, and what a token may have.
type Scope string

// The scopes. The texts stand in state.sqlite: they never change.
const (
	ScopeRead    Scope = "read"    // cameras and their state, what was recorded
	ScopeLive    Scope = "live"    // what cameras see and hear now
	ScopeControl Scope = "control" // pause, approve, trigger, keep
	ScopeAdmin   Scope = "admin"   // everything: settings, users, tokens, the audit log
)

// Scopes lists them all.
func Scopes() []Scope { return []Scope{ScopeRead, ScopeLive, ScopeControl, ScopeAdmin} }

// route says what a route needs. The zero value: somebody who is known.
type route struct {
	open    bool  // nobody needs to be known
	scope   Scope // "" with open, or for everybody who is known
	session bool  // only somebody logged in: no token
	person  bool  // no token, but also whoever comes where nobody logs in
	camera  bool  // the path names a {camera}, which who asks must be allowed to see
	// everywhere: it acts on all cameras, so who may see only some may not.
	everywhere bool
	// stream: the answer goes on. Its context ends when who asks may not have it any more. It has no
	// deadline: who serves it sets one for each write, or a reader that stands still keeps it for ever.
	stream bool
	audit  string // what the audit log calls it when it was done; "" for what changes nothing
}

// routes is the one place that says who may what. What each one answers is in the file that serves
// it; a pattern that is served and not here stops New.
var routes = map[string]route{
	// The page: it has no data of anybody.
	"GET /{$}":                        {open: true},
	"GET /live":                       {open: true},
	"GET /live/{camera}":              {open: true},
	"GET /timeline":                   {open: true},
	"GET /timeline/{camera}":          {open: true},
	"GET /events":                     {open: true},
	"GET /events/{event}":             {open: true},
	"GET /storage":                    {open: true},
	"GET /setup":                      {open: true},
	"GET /setup/{camera}":             {open: true},
	"GET /setup/{camera}/{part}":      {open: true},
	"GET /more":                       {open: true},
	"GET /more/{part}":                {open: true},
	"GET /more/{part}/{about}":        {open: true},
	"GET /mini/{camera}":              {open: true},
	"GET /assets/{version}/{file...}": {open: true},

	// Programs that look after programs: they are told yes or no.
	"GET /metrics": {scope: ScopeRead, everywhere: true},
	"GET /healthz": {open: true},
	"GET /readyz":  {open: true},

	"GET /api/v1/openapi.json": {},

	"POST /api/v1/session":         {open: true, audit: "session.begin"},
	"GET /api/v1/session":          {},
	"DELETE /api/v1/session":       {session: true, audit: "session.end"},
	"PUT /api/v1/session/password": {session: true, audit: "user.password"},

	"GET /api/v1/preferences": {person: true},
	"PUT /api/v1/preferences": {person: true},

	"GET /api/v1/users":                    {scope: ScopeAdmin, everywhere: true},
	"POST /api/v1/users":                   {scope: ScopeAdmin, everywhere: true, audit: "user.add"},
	"PATCH /api/v1/users/{user}":           {scope: ScopeAdmin, everywhere: true, audit: "user.change"},
	"DELETE /api/v1/users/{user}":          {scope: ScopeAdmin, everywhere: true, audit: "user.remove"},
	"PUT /api/v1/users/{user}/password":    {scope: ScopeAdmin, everywhere: true, audit: "user.password"},
	"DELETE /api/v1/users/{user}/sessions": {scope: ScopeAdmin, everywhere: true, audit: "user.sessions.end"},

	"GET /api/v1/tokens":            {scope: ScopeAdmin, everywhere: true},
	"POST /api/v1/tokens":           {scope: ScopeAdmin, everywhere: true, audit: "token.create"},
	"DELETE /api/v1/tokens/{token}": {scope: ScopeAdmin, everywhere: true, audit: "token.revoke"},

	"GET /api/v1/audit": {scope: ScopeAdmin, everywhere: true},

	"GET /api/v1/arrivals": {scope: ScopeRead},
	// What reveals more than how cameras do, admins see: api_doctor.go.
	"GET /api/v1/doctor":  {scope: ScopeRead},
	"POST /api/v1/demo":   {scope: ScopeAdmin, everywhere: true, audit: "demo.start"},
	"DELETE /api/v1/demo": {scope: ScopeAdmin, everywhere: true, audit: "demo.stop"},

	"GET /api/v1/cameras":                   {scope: ScopeRead},
	"GET /api/v1/cameras/{camera}":          {scope: ScopeRead, camera: true},
	"GET /api/v1/cameras/{camera}/coverage": {scope: ScopeRead, camera: true},
	"GET /api/v1/cameras/{camera}/schedule": {scope: ScopeRead, camera: true},
	"GET /api/v1/cameras/{camera}/state":    {scope: ScopeRead, camera: true},
	// What is dangerous, and raw messages, need more: api_command.go asks.
	"POST /api/v1/cameras/{camera}/say":     {scope: ScopeControl, camera: true, audit: "camera.say"},
	"POST /api/v1/cameras/{camera}/command": {scope: ScopeControl, camera: true, audit: "camera.command"},
	// It keeps the camera busy, which may stop its stream for that; what is deleted nobody can bring back.
	"GET /api/v1/cameras/{camera}/sdcard":               {scope: ScopeControl, camera: true},
	"GET /api/v1/cameras/{camera}/sdcard/{day}":         {scope: ScopeControl, camera: true},
	"GET /api/v1/cameras/{camera}/sdcard/{minute}/file": {scope: ScopeControl, camera: true, stream: true},
	"DELETE /api/v1/cameras/{camera}/sdcard/{minute}":   {scope: ScopeAdmin, camera: true, audit: "camera.sdcard.delete"},

	// Of the command line alone: api_import.go asks. A file may take minutes.
	"POST /api/v1/cameras/{camera}/import": {scope: ScopeAdmin, camera: true, stream: true, audit: "footage.import"},

	"POST /api/v1/cameras/{camera}/approve":   {scope: ScopeControl, camera: true, audit: "camera.approve"},
	"POST /api/v1/cameras/{camera}/pause":     {scope: ScopeControl, camera: true, audit: "camera.pause"},
	"POST /api/v1/cameras/{camera}/resume":    {scope: ScopeControl, camera: true, audit: "camera.resume"},
	"POST /api/v1/cameras/{camera}/trigger":   {scope: ScopeControl, camera: true, audit: "camera.trigger"},
	"GET /api/v1/cameras/{camera}/settings":   {scope: ScopeAdmin, camera: true},
	"PATCH /api/v1/cameras/{camera}/settings": {scope: ScopeAdmin, camera: true, audit: "camera.settings"},

	// State and events go over it too, to who may read them.
	"GET /api/v1/live":                        {scope: ScopeLive, stream: true},
	"GET /api/v1/cameras/{camera}/latest.jpg": {scope: ScopeLive, camera: true},
	"GET /api/v1/cameras/{camera}/live.mjpeg": {scope: ScopeLive, camera: true, stream: true},
	"GET /api/v1/cameras/{camera}/live.wav":   {scope: ScopeLive, camera: true, stream: true},

	"GET /api/v1/segments": {scope: ScopeRead},
	// Which camera's it is only its file tells: media_files.go asks whether that may be seen.
	"GET /api/v1/segments/{segment}/file":      {scope: ScopeRead, stream: true},
	"GET /api/v1/cameras/{camera}/open.avi":    {scope: ScopeRead, camera: true, stream: true},
	"GET /api/v1/cameras/{camera}/footage.avi": {scope: ScopeRead, camera: true, stream: true},
	"GET /api/v1/cameras/{camera}/footage":     {scope: ScopeRead, camera: true, stream: true},
	"GET /api/v1/exports":                      {scope: ScopeRead},
	"GET /api/v1/cameras/{camera}/frames":      {scope: ScopeRead, camera: true, stream: true},
	"GET /api/v1/cameras/{camera}/index":       {scope: ScopeRead, camera: true},
	"GET /api/v1/cameras/{camera}/frame.jpg":   {scope: ScopeRead, camera: true},

	// It takes what nobody can bring back: pausing and keeping are control's, this is not.
	"GET /api/v1/cameras/{camera}/footage/erasure": {scope: ScopeAdmin, camera: true},
	"DELETE /api/v1/cameras/{camera}/footage":      {scope: ScopeAdmin, camera: true, stream: true, audit: auditErase},

	"GET /api/v1/cameras/{camera}/tiles/{level}/{number}": {scope: ScopeRead, camera: true},
	"GET /api/v1/cameras/{camera}/spans":                  {scope: ScopeRead, camera: true},
	"GET /api/v1/cameras/{camera}/thumb.jpg":              {scope: ScopeRead, camera: true},
	"GET /api/v1/cameras/{camera}/sheets/{number}":        {scope: ScopeRead, camera: true},

	"GET /api/v1/events":      {scope: ScopeRead},
	"GET /api/v1/events/days": {scope: ScopeRead},
	// Whose it is only the event tells: api_events.go asks whether its camera may be seen.
	"GET /api/v1/events/{event}": {scope: ScopeRead},
	"POST /api/v1/events/seen":   {scope: ScopeRead, person: true},
	// It changes nothing. It may take long, and then ends with the right to it.
	"POST /api/v1/cameras/{camera}/motion/replay":  {scope: ScopeRead, camera: true, stream: true},
	"GET /api/v1/cameras/{camera}/motion/busy":     {scope: ScopeRead, camera: true, stream: true},
	"GET /api/v1/cameras/{camera}/motion/why.png":  {scope: ScopeRead, camera: true},
	"GET /api/v1/cameras/{camera}/motion/why.json": {scope: ScopeRead, camera: true},
	// Whose they are only the event tells: api_motion.go asks whether its camera may be seen.
	"GET /api/v1/events/{event}/why.png":  {scope: ScopeRead},
	"GET /api/v1/events/{event}/why.json": {scope: ScopeRead},

	"GET /api/v1/schedule":          {scope: ScopeRead},
	"POST /api/v1/schedule/preview": {scope: ScopeAdmin, everywhere: true}, // it changes nothing

	"GET /api/v1/keeps": {scope: ScopeRead},
	// Which camera's it is only body and keep tell: api_keeps.go asks whether that may be seen.
	"POST /api/v1/keeps":          {scope: ScopeControl, audit: "keep.add"},
	"PATCH /api/v1/keeps/{keep}":  {scope: ScopeControl, audit: "keep.change"},
	"DELETE /api/v1/keeps/{keep}": {scope: ScopeControl, audit: "keep.end"},

	"GET /api/v1/health":            {scope: ScopeRead},
	"GET /api/v1/storage":           {scope: ScopeRead},
	"GET /api/v1/storage/next":      {scope: ScopeRead},
	"GET /api/v1/storage/deletions": {scope: ScopeRead},
	// Whose a file is that is none of ours, nobody knows.
	"GET /api/v1/storage/files": {scope: ScopeAdmin, everywhere: true},
	// It asks and changes nothing.
	"POST /api/v1/storage/preview": {scope: ScopeAdmin, everywhere: true},
	"POST /api/v1/storage/sweep":   {scope: ScopeAdmin, everywhere: true, stream: true, audit: "storage.sweep"},

	"GET /api/v1/hooks":              {scope: ScopeAdmin, everywhere: true},
	"POST /api/v1/hooks/{hook}/test": {scope: ScopeAdmin, everywhere: true, stream: true, audit: "hook.test"},

	// It is the whole box's, and says where footage is copied to. What was copied is asked of another box, and brought back onto a disk.
	"GET /api/v1/archive":                   {scope: ScopeAdmin, everywhere: true},
	"POST /api/v1/archive/retry":            {scope: ScopeAdmin, everywhere: true, audit: "archive.retry"},
	"GET /api/v1/cameras/{camera}/archived": {scope: ScopeAdmin, camera: true, stream: true},
	"POST /api/v1/cameras/{camera}/restore": {scope: ScopeAdmin, camera: true, audit: "archive.restore"},

	"GET /api/v1/settings":   {scope: ScopeAdmin, everywhere: true},
	"PATCH /api/v1/settings": {scope: ScopeAdmin, everywhere: true, audit: "settings"},

	"GET /api/v1/system":      {scope: ScopeRead},
	"GET /api/v1/system/zone": {scope: ScopeRead},
	// It holds pictures, sound and the names of networks, whoever's camera they are of.
	"POST /api/v1/capture":   {scope: ScopeAdmin, everywhere: true, stream: true, audit: "capture"},
	"DELETE /api/v1/capture": {scope: ScopeAdmin, everywhere: true, audit: "capture.end"},

	"GET /api/v1/system/names": {scope: ScopeAdmin, everywhere: true},
}

// Principal is who asks.
type Principal struct {
	Who     string        // for the audit log: "user anna", "token garage", "command line"
	User    *storage.User // nil for a token without an owner, the command line, and where nobody logs in
	Scopes  []Scope
	Cameras storage.CameraSet
	session *[32]byte // the hash of its session; nil without one
	token   *[32]byte // the hash of its token; nil without one
	// password is the hash of the one that was given elsewhere than on the page; "" else.
	password string
}

// May tells whether a scope is among those of the principal.
func (p *Principal) May(scope Scope) bool { return scope == "" || slices.Contains(p.Scopes, scope) }

// decide says whether who asks may use a route: 200, or the status of the refusal. asks is nil when
// nobody is known. A camera that is not for who asks is one that is not there.
func decide(r route, asks *Principal, id camera.ID) int {
	switch {
	case r.open:
		return http.StatusOK
	case asks == nil:
		return http.StatusUnauthorized
	case !asks.May(r.scope), r.session && asks.session == nil, r.person && asks.token != nil, r.everywhere && !asks.Cameras.All:
		return http.StatusForbidden
	case r.camera && !asks.Cameras.Has(id):
		return http.StatusNotFound
	}
	return http.StatusOK
}

// ofUser is what a user may.
func ofUser(u storage.User) (scopes []Scope, cameras storage.CameraSet) {
	switch u.Role {
	case storage.RoleAdmin:
		return Scopes(), storage.AllCameras
	case storage.RoleViewer:
		return []Scope{ScopeRead, ScopeLive}, u.Cameras
	}
	return nil, storage.CameraSet{}
}

// CamerasOf are the cameras that a user may see.
func CamerasOf(u storage.User) storage.CameraSet {
	_, sees := ofUser(u)
	return sees
}

// ofToken is what a token may: what it was made for, and no more than its owner may now.
func ofToken(t storage.Token) (scopes []Scope, cameras storage.CameraSet) {
	for _, scope := range Scopes() {
		if slices.Contains(t.Scopes, string(scope)) || slices.Contains(t.Scopes, string(ScopeAdmin)) {
			scopes = append(scopes, scope)
		}
	}
	cameras = t.Cameras
	if t.Owner != nil {
		may, sees := ofUser(*t.Owner)
		scopes = slices.DeleteFunc(scopes, func(s Scope) bool { return !slices.Contains(may, s) })
		cameras = cameras.And(sees)
	}
	return scopes, cameras
}

// CommandLine is who asks through the unix socket in the data folder: whoever may open it may read
// and change all files there anyway.
func CommandLine() Principal {
	return Principal{Who: "command line", Scopes: Scopes(), Cameras: storage.AllCameras}
}

// anyone is everybody where nobody needs to log in, on a loopback address.
func anyone() Principal {
	return Principal{Who: "anyone", Scopes: Scopes(), Cameras: storage.AllCameras}
}
