package web

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"v720dvr/camera"
	"v720dvr/storage"
)

// User is somebody who may log in.
type User struct {
	Name       string       `json:"name"`
	Role       storage.Role `json:"role" enum:"admin,viewer" doc:"admin: everything; viewer: see and hear some cameras"`
	AllCameras bool         `json:"all_cameras"`
	Cameras    []camera.ID  `json:"cameras" nullable:"false" doc:"Those that a viewer may see, unless all may be seen"`
	Created    time.Time    `json:"created"`
	Changed    time.Time    `json:"password_changed"`
}

func (s *Server) userOf(u storage.User) User {
	sees := CamerasOf(u)
	return User{
		Name: u.Name, Role: u.Role, AllCameras: sees.All, Cameras: listed(sees.IDs),
		Created: s.local(u.Created), Changed: s.local(u.Changed),
	}
}

type usersAnswer struct {
	Body struct {
		Users []User `json:"users" nullable:"false"`
	}
}

type userAnswer struct{ Body User }

type newUserRequest struct {
	Body struct {
		Name       string       `json:"name" minLength:"1" maxLength:"64"`
		Password   string       `json:"password,omitempty" minLength:"8" maxLength:"256" doc:"Without one it is drawn, and stands in the answer"`
		Role       storage.Role `json:"role" enum:"admin,viewer"`
		AllCameras bool         `json:"all_cameras,omitempty"`
		Cameras    []string     `json:"cameras,omitempty" maxItems:"1024"`
	}
}

type newUserAnswer struct {
	Body struct {
		User     User   `json:"user"`
		Password string `json:"password,omitempty" doc:"When it was drawn; it is not shown again"`
	}
}

type changeUserRequest struct {
	User string `path:"user"`
	Body struct {
		Role       *storage.Role `json:"role,omitempty" enum:"admin,viewer"`
		AllCameras *bool         `json:"all_cameras,omitempty"`
		Cameras    *[]string     `json:"cameras,omitempty" maxItems:"1024"`
	}
}

type userPath struct {
	User string `path:"user"`
}

type passwordRequest struct {
	User string `path:"user"`
	Body struct {
		Password string `json:"password,omitempty" minLength:"8" maxLength:"256" doc:"Without one it is drawn, and stands in the answer"`
	}
}

type passwordAnswer struct {
	Body struct {
		Password string `json:"password,omitempty" doc:"When it was drawn; it is not shown again"`
	}
}

func (s *Server) usersAPI(api huma.API) {
	add(s, api, "GET", "/api/v1/users", "list-users", "List the users", func(ctx context.Context, _ *struct{}) (*usersAnswer, error) {
		list, err := s.accounts.Users(ctx)
		if err != nil {
			return nil, err
		}
		answer := new(usersAnswer)
		answer.Body.Users = []User{}
		for _, u := range list {
			answer.Body.Users = append(answer.Body.Users, s.userOf(u))
		}
		return answer, nil
	})
	add(s, api, "POST", "/api/v1/users", "add-user", "Add a user", s.addUser, created)
	add(s, api, "PATCH", "/api/v1/users/{user}", "change-user", "Change role or cameras of a user", s.changeUser)
	add(s, api, "DELETE", "/api/v1/users/{user}", "remove-user", "Remove a user, with all sessions and tokens of it", func(ctx context.Context, in *userPath) (*struct{}, error) {
		about(ctx, in.User, "")
		err := s.accounts.RemoveUser(ctx, in.User)
		s.streams.kick()
		return nil, err
	})
	add(s, api, "PUT", "/api/v1/users/{user}/password", "set-password", "Give a user another password; all sessions of it end", s.setUserPassword)
	add(s, api, "DELETE", "/api/v1/users/{user}/sessions", "end-sessions", "Log a user out everywhere", func(ctx context.Context, in *userPath) (*struct{}, error) {
		about(ctx, in.User, "")
		if _, _, err := s.accounts.User(ctx, in.User); err != nil {
			return nil, err
		}
		_, err := s.accounts.EndSessions(ctx, in.User)
		s.streams.kick()
		return nil, err
	})
}

func (s *Server) addUser(ctx context.Context, in *newUserRequest) (*newUserAnswer, error) {
	about(ctx, in.Body.Name, string(in.Body.Role))
	cameras, err := cameraSet(in.Body.AllCameras, in.Body.Cameras)
	if err != nil {
		return nil, err
	}
	password, drawn := drawnPassword(in.Body.Password)
	hash, err := s.passwords.hash(ctx, password)
	if err != nil {
		return nil, err
	}
	u, err := s.accounts.AddUser(ctx, storage.User{Name: in.Body.Name, Role: in.Body.Role, Cameras: cameras}, hash, s.o.Now())
	if err != nil {
		return nil, err
	}
	answer := new(newUserAnswer)
	answer.Body.User, answer.Body.Password = s.userOf(u), drawn
	return answer, nil
}

func (s *Server) changeUser(ctx context.Context, in *changeUserRequest) (*userAnswer, error) {
	u, _, err := s.accounts.User(ctx, in.User)
	if err != nil {
		return nil, err
	}
	all, some := u.Cameras.All, []string(nil)
	for _, id := range u.Cameras.IDs {
		some = append(some, string(id))
	}
	if in.Body.Cameras != nil {
		all, some = false, *in.Body.Cameras
	}
	if in.Body.AllCameras != nil {
		all = *in.Body.AllCameras
	}
	if in.Body.Role != nil {
		u.Role = *in.Body.Role
	}
	if u.Cameras, err = cameraSet(all, some); err != nil {
		return nil, err
	}
	about(ctx, u.Name, string(u.Role)+" "+u.Cameras.String())
	changed, err := s.accounts.ChangeUser(ctx, u)
	if err != nil {
		return nil, err
	}
	s.streams.kick()
	return &userAnswer{Body: s.userOf(changed)}, nil
}

func (s *Server) setUserPassword(ctx context.Context, in *passwordRequest) (*passwordAnswer, error) {
	about(ctx, in.User, "")
	password, drawn := drawnPassword(in.Body.Password)
	if err := s.setPassword(ctx, in.User, password); err != nil {
		return nil, err
	}
	answer := new(passwordAnswer)
	answer.Body.Password = drawn
	return answer, nil
}

// drawnPassword draws a password where none is given.
func drawnPassword(given string) (password, drawn string) {
	if given != "" {
		return given, ""
	}
	drawn = NewPassword()
	return drawn, drawn
}

// cameraSet reads which cameras somebody is to see.
func cameraSet(all bool, some []string) (storage.CameraSet, error) {
	if all {
		return storage.AllCameras, nil
	}
	ids := make([]camera.ID, 0, len(some))
	for _, text := range some {
		id, err := camera.ParseID(text)
		if err != nil {
			return storage.CameraSet{}, huma.Error422UnprocessableEntity(err.Error())
		}
		ids = append(ids, id)
	}
	return storage.SomeCameras(ids...), nil
}
