package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"v720dvr/camera"
	"v720dvr/cloud"
	"v720dvr/internal/config"
	"v720dvr/storage"
)

// waitsForPerson tells whether new cameras wait for a person. What a camera's own table in
// config.toml names, a person has written there; who gives a camera a name has not said yes to it.
func waitsForPerson(loaded config.Loaded, id camera.ID) bool {
	return loaded.Config.Cloud.NewCameras == "approve" && !loaded.InFile(id)
}

// approvalState is the state of a camera that waits, for people.
func approvalState(id camera.ID) string {
	return "waits for approval: v720dvr cameras approve " + string(id)
}

// approvalDeadline bounds the look into state.sqlite, while a camera waits for its answer.
const approvalDeadline = 5 * time.Second

// approved tells the cloud whether a camera may stream.
func (b *box) approved(id camera.ID) bool {
	if id == demoID { // it is ours while we play it; else somebody only says so
		return b.demo.played()
	}
	loaded := *b.config.Load()
	if loaded.InFile(id) || !waitsForPerson(loaded, id) && b.accepted.take(id) {
		return true
	}
	ctx, cancel := context.WithTimeout(context.Background(), approvalDeadline)
	defer cancel()
	approved, err := b.store.Approved(ctx, id)
	if err != nil {
		b.log.Error("cannot look up whether a camera is approved; it waits", "camera", id, "err", err)
	}
	return approved
}

// maxAccepted bounds the cameras that come in while no person is asked: of each the recorder keeps a deck as long
// as it runs. It is what state.sqlite remembers of such cameras too, and sixteen times cloud.max_cameras' default.
const maxAccepted = 1024

// accepted are the cameras that came in without a person: those of earlier runs, and the new ones that there was
// room for. The others wait, as with cloud.new_cameras = "approve": anybody on the network can make up ids. The zero
// value is empty.
type accepted struct {
	mu  sync.Mutex
	ids map[camera.ID]bool
}

// know notes a camera of an earlier run, which has its place whatever the bound.
func (a *accepted) know(id camera.ID) { a.enter(id, math.MaxInt) }

// take gives a camera a place; false when none is left.
func (a *accepted) take(id camera.ID) bool { return a.enter(id, maxAccepted) }

func (a *accepted) enter(id camera.ID, most int) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ids == nil {
		a.ids = make(map[camera.ID]bool)
	}
	if !a.ids[id] && len(a.ids) >= most {
		return false
	}
	a.ids[id] = true
	return true
}

// sighted passes on what the cloud saw of a camera. One that registers while all are accepted
// stays approved when that changes.
func (b *box) sighted(seen cloud.Sighting) {
	b.tellNew(seen)
	b.sightings.note(seen, b.config.Load().Config.Cloud.NewCameras == "accept")
}

func newCamerasApproveCommand() *cobra.Command {
	var flags configFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "approve ID",
		Short: "Say yes to a camera that waits (cloud.new_cameras = \"approve\")",
		Long:  "Say yes to a camera that waits (cloud.new_cameras = \"approve\"). The running v720dvr asks it to\nstream at once; without one it is remembered. A [[camera]] table in config.toml says yes too.",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError{fmt.Errorf("%s takes one camera's id, got %q; v720dvr cameras list shows them", cmd.CommandPath(), args)}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := camera.ParseID(args[0])
			if err != nil {
				return usageError{err}
			}
			loaded, err := flags.load()
			if err != nil {
				return err
			}
			running, err := approve(cmd.Context(), loaded, id)
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(struct {
					ID       camera.ID `json:"id"`
					Approved bool      `json:"approved"`
					Running  bool      `json:"running"`
				}{id, true, running})
			}
			next := "v720dvr is not running now."
			if running {
				next = "The running v720dvr asks it to stream."
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "Camera %s is approved. %s\n", id, next)
			return err
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// approve has the v720dvr that runs approve of a camera that has shown itself; without one it writes
// that down.
func approve(ctx context.Context, loaded config.Loaded, id camera.ID) (running bool, err error) {
	cameras, _, err := listCameras(ctx, loaded)
	if err != nil {
		return false, err
	}
	if !slices.ContainsFunc(cameras, func(c cameraHealth) bool { return c.ID == id }) {
		return false, unknownCamera(id, cameras)
	}
	dir := loaded.Config.Storage.Dir
	err = ask(ctx, dir, http.MethodPost, cameraPath(id, "approve"), nil, nil)
	if errors.Is(err, errNotRunning) {
		return false, storage.Approve(ctx, dir, id, time.Now())
	}
	return true, err
}

// unknownCamera says that no camera has this id; the case of an id counts, and people forget it.
func unknownCamera(id camera.ID, cameras []cameraHealth) error {
	for _, c := range cameras {
		if strings.EqualFold(string(c.ID), string(id)) {
			return fmt.Errorf("camera %s has never shown itself; %s has, and the case counts", id, c.ID)
		}
	}
	return fmt.Errorf("camera %s has never shown itself; v720dvr cameras list shows those that have", id)
}
