package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"v720dvr/camera"
	"v720dvr/internal/config"
	"v720dvr/storage"
	"v720dvr/web"
)

func newUserCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "user",
		Short: "Who may log in to page and API",
		Long:  "Who may log in to page and API. These work beside a running v720dvr and without one, and take\neffect at once: whoever may write the data folder may change who gets in.",
		Args:  noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newUserListCommand(), newUserAddCommand(), newUserPasswordCommand(), newUserRemoveCommand())
	return cmd
}

func newUserListCommand() *cobra.Command {
	var flags configFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the users",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return flags.inAccounts(cmd.Context(), func(a *storage.Accounts, _ config.Config) error {
				users, err := a.Users(cmd.Context())
				if err != nil {
					return err
				}
				if asJSON {
					return json.NewEncoder(cmd.OutOrStdout()).Encode(shownUsers(users))
				}
				return printUsers(cmd.OutOrStdout(), users)
			})
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// shownUser is a user as `user list --json` tells of it; the API says the same in the same words.
type shownUser struct {
	Name       string       `json:"name"`
	Role       storage.Role `json:"role"`
	AllCameras bool         `json:"all_cameras"`
	Cameras    []camera.ID  `json:"cameras"`
	Created    time.Time    `json:"created"`
	Changed    time.Time    `json:"password_changed"`
}

func shownUsers(users []storage.User) []shownUser {
	shown := make([]shownUser, 0, len(users))
	for _, u := range users {
		sees := web.CamerasOf(u)
		shown = append(shown, shownUser{u.Name, u.Role, sees.All, append([]camera.ID{}, sees.IDs...), u.Created.Local(), u.Changed.Local()})
	}
	return shown
}

func printUsers(w io.Writer, users []storage.User) error {
	if len(users) == 0 {
		_, err := fmt.Fprintln(w, "There is no user. The next start of v720dvr makes one, and tells its password.")
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "NAME\tROLE\tCAMERAS\tPASSWORD OF")
	for _, u := range users {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", u.Name, u.Role, camerasInWords(web.CamerasOf(u)), u.Changed.Local().Format("2006-01-02 15:04"))
	}
	return t.Flush()
}

func camerasInWords(c storage.CameraSet) string {
	switch {
	case c.All:
		return "all"
	case len(c.IDs) == 0:
		return "none"
	}
	return strings.ReplaceAll(c.String(), " ", ",")
}

func newUserAddCommand() *cobra.Command {
	var flags configFlags
	var role, cameras string
	var password passwordFlag
	cmd := &cobra.Command{
		Use:   "add NAME",
		Short: "Add a user",
		Args:  oneArg("a name"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return flags.inAccounts(cmd.Context(), func(a *storage.Accounts, c config.Config) error {
				u := storage.User{Name: args[0], Role: storage.Role(role)}
				var err error
				if u.Cameras, err = camerasFlag(c, cameras); err != nil {
					return usageError{err}
				}
				hash, told, err := password.read(cmd.InOrStdin())
				if err != nil {
					return err
				}
				added, err := a.AddUser(cmd.Context(), u, hash, time.Now())
				if err != nil {
					return asUsage(err)
				}
				if err := auditHere(cmd.Context(), a, "user.add", added.Name, role); err != nil {
					return err
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "User %s is added, as %s.%s\n", added.Name, added.Role, told)
				return err
			})
		},
	}
	flags.add(cmd)
	cmd.Flags().StringVar(&role, "role", string(storage.RoleViewer), "`role`: admin may everything, viewer may see and hear some cameras")
	cmd.Flags().StringVar(&cameras, "cameras", "", "the `cameras` that a viewer may see: all, or names and ids with commas")
	password.add(cmd)
	return cmd
}

func newUserPasswordCommand() *cobra.Command {
	var flags configFlags
	var password passwordFlag
	cmd := &cobra.Command{
		Use:   "password NAME",
		Short: "Give a user another password; who is logged in as that user is logged out",
		Args:  oneArg("a user's name"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return flags.inAccounts(cmd.Context(), func(a *storage.Accounts, _ config.Config) error {
				hash, told, err := password.read(cmd.InOrStdin())
				if err != nil {
					return err
				}
				if err := a.SetPassword(cmd.Context(), args[0], hash, time.Now()); err != nil {
					return asUsage(err)
				}
				if err := auditHere(cmd.Context(), a, "user.password", args[0], ""); err != nil {
					return err
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "User %s has another password, and is logged out everywhere.%s\n", args[0], told)
				return err
			})
		},
	}
	flags.add(cmd)
	password.add(cmd)
	return cmd
}

func newUserRemoveCommand() *cobra.Command {
	var flags configFlags
	cmd := &cobra.Command{
		Use:   "remove NAME",
		Short: "Remove a user, with the tokens that it made",
		Args:  oneArg("a user's name"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return flags.inAccounts(cmd.Context(), func(a *storage.Accounts, _ config.Config) error {
				if err := a.RemoveUser(cmd.Context(), args[0]); err != nil {
					return asUsage(err)
				}
				if err := auditHere(cmd.Context(), a, "user.remove", args[0], ""); err != nil {
					return err
				}
				_, err := fmt.Fprintf(cmd.OutOrStdout(), "User %s is removed.\n", args[0])
				return err
			})
		},
	}
	flags.add(cmd)
	return cmd
}

// inAccounts does something with the accounts of the configuration's data folder.
func (f *configFlags) inAccounts(ctx context.Context, do func(*storage.Accounts, config.Config) error) error {
	loaded, err := f.load()
	if err != nil {
		return err
	}
	a, err := storage.OpenAccounts(ctx, loaded.Config.Storage.Dir)
	if err != nil {
		return err
	}
	return errors.Join(do(a, loaded.Config), a.Close())
}

// asUsage marks what somebody typed wrongly.
func asUsage(err error) error {
	for _, wrong := range []error{storage.ErrMalformed, storage.ErrTaken, storage.ErrUnknown} {
		if errors.Is(err, wrong) {
			return usageError{err}
		}
	}
	return err
}

// auditHere writes down that something was done from here.
func auditHere(ctx context.Context, a *storage.Accounts, what, about, detail string) error {
	err := a.Audit(ctx, storage.AuditEntry{At: time.Now(), Who: web.CommandLine().Who, What: what, About: about, Detail: detail})
	if err != nil {
		return fmt.Errorf("it is done, but does not stand in the audit log: %w", err)
	}
	return nil
}

// passwordFlag says where a password comes from. It is never an argument: those can be seen by
// everybody on the machine.
type passwordFlag struct{ stdin bool }

func (p *passwordFlag) add(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&p.stdin, "password-stdin", false, "read the password from standard input, a line; without it one is drawn and shown")
}

// read gives the hash of the password, and what to tell of it.
func (p *passwordFlag) read(stdin io.Reader) (hash, told string, err error) {
	password := web.NewPassword()
	told = "\nThe password is " + password + "\nIt is not shown again."
	if p.stdin {
		line, err := bufio.NewReader(io.LimitReader(stdin, web.MostPassword+3)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", "", fmt.Errorf("read the password: %w", err)
		}
		password, told = strings.TrimRight(line, "\r\n"), ""
	}
	if hash, err = web.HashPassword(password); err != nil {
		return "", "", usageError{err}
	}
	return hash, told, nil
}

// camerasFlag reads names and ids of cameras.
func camerasFlag(c config.Config, text string) (storage.CameraSet, error) {
	if text == "all" {
		return storage.AllCameras, nil
	}
	var ids []camera.ID
	for word := range strings.SplitSeq(text, ",") {
		if word = strings.TrimSpace(word); word == "" {
			continue
		}
		id, err := cameraNamed(c, word)
		if err != nil {
			return storage.CameraSet{}, err
		}
		ids = append(ids, id)
	}
	return storage.SomeCameras(ids...), nil
}

// cameraNamed finds a camera by its name in the configuration, else takes the word for an id.
func cameraNamed(c config.Config, word string) (camera.ID, error) {
	for _, own := range c.Cameras {
		if strings.EqualFold(own.Name, word) {
			return own.ID, nil
		}
	}
	id, err := camera.ParseID(word)
	if err != nil {
		return "", fmt.Errorf("no [[camera]] has the name %q, and it is no id", word)
	}
	return id, nil
}
