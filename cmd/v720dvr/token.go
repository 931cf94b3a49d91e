package main

import (
	"encoding/json"
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

func newTokenCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Which programs may use the API",
		Long:  "Which programs may use the API. These work beside a running v720dvr and without one, and take\neffect at once. docs/api.md tells how a program sends its token.",
		Args:  noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newTokenListCommand(), newTokenCreateCommand(), newTokenRevokeCommand())
	return cmd
}

func newTokenCreateCommand() *cobra.Command {
	var flags configFlags
	var scopes []string
	var cameras string
	var days int
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "create NAME",
		Short: "Create a token for a program, and show it once",
		Args:  oneArg("a name for the token"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := web.CheckScopes(scopes); err != nil {
				return usageError{err}
			}
			if days < 0 || days > 36500 {
				return usageError{fmt.Errorf("--days takes 1 to 36500 days, or 0 for a token that does not expire, not %d", days)}
			}
			return flags.inAccounts(cmd.Context(), func(a *storage.Accounts, c config.Config) error {
				set, err := camerasFlag(c, cameras)
				if err != nil {
					return usageError{err}
				}
				t := storage.Token{Name: args[0], Scopes: scopes, Cameras: set, Created: time.Now()}
				if days > 0 {
					t.Expires = t.Created.AddDate(0, 0, days)
				}
				token, hash := web.NewToken()
				if t, err = a.AddToken(cmd.Context(), t, hash); err != nil {
					return asUsage(err)
				}
				if err := auditHere(cmd.Context(), a, "token.create", t.Name, strings.Join(t.Scopes, " ")); err != nil {
					return err
				}
				if asJSON {
					return json.NewEncoder(cmd.OutOrStdout()).Encode(struct {
						Info  shownToken `json:"info"`
						Token string     `json:"token"`
					}{shownTokens([]storage.Token{t})[0], token})
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s\nThis is the token %s, for %s. It is not shown again.\n", token, t.Name, strings.Join(t.Scopes, " and "))
				return err
			})
		},
	}
	flags.add(cmd)
	cmd.Flags().StringSliceVar(&scopes, "scopes", []string{string(web.ScopeRead)}, "what it may, with commas: `read`, live, control, admin")
	cmd.Flags().StringVar(&cameras, "cameras", "all", "the `cameras` that it may see: all, or names and ids with commas")
	cmd.Flags().IntVar(&days, "days", 0, "`days` until it expires; 0: never")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func newTokenListCommand() *cobra.Command {
	var flags configFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the tokens",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return flags.inAccounts(cmd.Context(), func(a *storage.Accounts, _ config.Config) error {
				tokens, err := a.Tokens(cmd.Context())
				if err != nil {
					return err
				}
				if asJSON {
					return json.NewEncoder(cmd.OutOrStdout()).Encode(shownTokens(tokens))
				}
				return printTokens(cmd.OutOrStdout(), tokens, time.Now())
			})
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func newTokenRevokeCommand() *cobra.Command {
	var flags configFlags
	cmd := &cobra.Command{
		Use:   "revoke NAME",
		Short: "Revoke a token",
		Args:  oneArg("a token's name"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return flags.inAccounts(cmd.Context(), func(a *storage.Accounts, _ config.Config) error {
				if err := a.RevokeToken(cmd.Context(), args[0]); err != nil {
					return asUsage(err)
				}
				if err := auditHere(cmd.Context(), a, "token.revoke", args[0], ""); err != nil {
					return err
				}
				_, err := fmt.Fprintf(cmd.OutOrStdout(), "Token %s is revoked.\n", args[0])
				return err
			})
		},
	}
	flags.add(cmd)
	return cmd
}

// shownToken is a token as `token list --json` tells of it; the API says the same in the same words.
type shownToken struct {
	Name       string      `json:"name"`
	Scopes     []string    `json:"scopes"`
	AllCameras bool        `json:"all_cameras"`
	Cameras    []camera.ID `json:"cameras"`
	Owner      string      `json:"owner,omitempty"`
	Created    time.Time   `json:"created"`
	Used       *time.Time  `json:"used,omitempty"`
	Expires    *time.Time  `json:"expires,omitempty"`
}

func shownTokens(tokens []storage.Token) []shownToken {
	local := func(t time.Time) *time.Time {
		if t.IsZero() {
			return nil
		}
		t = t.Local()
		return &t
	}
	shown := make([]shownToken, 0, len(tokens))
	for _, t := range tokens {
		one := shownToken{
			Name: t.Name, Scopes: t.Scopes, AllCameras: t.Cameras.All, Cameras: append([]camera.ID{}, t.Cameras.IDs...),
			Created: t.Created.Local(), Used: local(t.Used), Expires: local(t.Expires),
		}
		if t.Owner != nil {
			one.Owner = t.Owner.Name
		}
		shown = append(shown, one)
	}
	return shown
}

func printTokens(w io.Writer, tokens []storage.Token, now time.Time) error {
	if len(tokens) == 0 {
		_, err := fmt.Fprintln(w, "There is no token. v720dvr token create makes one.")
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "NAME\tSCOPES\tCAMERAS\tOWNER\tLAST USED\tEXPIRES")
	for _, token := range tokens {
		owner, expires := "", "never"
		if token.Owner != nil {
			owner = token.Owner.Name
		}
		switch {
		case token.Expires.IsZero():
		case !token.Expires.After(now):
			expires = "has expired"
		default:
			expires = token.Expires.Local().Format("2006-01-02 15:04")
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", token.Name, strings.Join(token.Scopes, ","), camerasInWords(token.Cameras), owner, ago(now, token.Used), expires)
	}
	return t.Flush()
}
