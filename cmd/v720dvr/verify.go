package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"v720dvr/camera"
	"v720dvr/internal/config"
	"v720dvr/storage"
	"v720dvr/storage/chain"
)

func newVerifyCommand() *cobra.Command {
	var v verification
	cmd := &cobra.Command{
		Use:   "verify [CAMERA [FROM [TO]]]",
		Short: "Show that recordings are what was recorded: none changed, none taken away, none put in",
		Long: "Hold recordings against the seals that v720dvr signed when it recorded them, byte by byte, and the chain of\n" +
			"seals against itself and against what was deleted by rule or by a person. It reads all of the footage; --quick\n" +
			"reads seals alone, and finds what is missing but not what was changed. It works beside a running v720dvr and\n" +
			"without one. The exit code is 1 when something does not hold.\n\n" +
			"  --public-key       prints the key that others verify with, for openssl too\n" +
			"  --anchor           prints how far each camera's chain goes: kept elsewhere, it shows later that nobody,\n" +
			"                     not even who has this box and its key, has changed what was there now (--against FILE)\n" +
			"  --files            takes files and folders in place of a camera, with --key FILE and nothing else: copies,\n" +
			"                     an export, a disk of another box\n\n" +
			"docs/integrity.md says what is proved, and what is not.",
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, stop := untilSignal(cmd.Context())
			defer stop()
			v.stdout, v.stderr = cmd.OutOrStdout(), cmd.ErrOrStderr()
			return v.run(ctx, args, time.Now())
		},
	}
	v.flags.add(cmd)
	cmd.Flags().BoolVar(&v.quick, "quick", false, "look at seals alone, not at what they are of")
	cmd.Flags().BoolVar(&v.json, "json", false, "print JSON")
	cmd.Flags().BoolVar(&v.publicKey, "public-key", false, "print the box's public key, and nothing else")
	cmd.Flags().BoolVar(&v.anchor, "anchor", false, "print the ends of all chains, after a quick look at them")
	cmd.Flags().StringVar(&v.against, "against", "", "look for what an earlier --anchor printed into this `file`")
	cmd.Flags().BoolVar(&v.files, "files", false, "look at the files and folders that are named")
	cmd.Flags().StringArrayVar(&v.keys, "key", nil, "believe the public key in this `file`, and no other; may be given more than once")
	return cmd
}

// verification is `verify` under way.
type verification struct {
	flags                                 configFlags
	quick, json, publicKey, anchor, files bool
	against                               string
	keys                                  []string
	stdout, stderr                        io.Writer
}

func (v *verification) run(ctx context.Context, args []string, now time.Time) error {
	keys, err := readPublicKeys(v.keys)
	if err != nil {
		return err
	}
	if v.files {
		return v.runFiles(ctx, args, keys)
	}
	if len(args) > 3 {
		return usageError{fmt.Errorf("verify takes a camera's name or id, and one or two times, got %q", args)}
	}
	loaded, err := v.flags.load()
	if err != nil {
		return err
	}
	spec := storage.VerifySpec{Quick: v.quick || v.anchor, Keys: keys}
	if err := v.spanOf(ctx, loaded.Config, args, now, &spec); err != nil {
		return err
	}
	if v.against != "" {
		if spec.Anchors, err = readAnchors(v.against); err != nil {
			return err
		}
	}
	reading, err := storage.OpenToRead(ctx, storeOptions(loaded.Config, v.stderr))
	if err != nil {
		return err
	}
	defer reading.Close()
	if v.publicKey {
		return printPublicKey(ctx, v.stdout, reading)
	}
	verdict, err := reading.Verify(ctx, spec)
	if ctx.Err() != nil {
		return errors.New("interrupted: nothing is shown by half a look")
	}
	if err != nil {
		return err
	}
	return v.tell(verdict, now.Location())
}

// spanOf reads the arguments.
func (v *verification) spanOf(ctx context.Context, c config.Config, args []string, now time.Time, spec *storage.VerifySpec) error {
	if len(args) == 0 {
		return nil
	}
	found, err := findCamera(ctx, c, args[0])
	if err != nil {
		return err
	}
	spec.Camera = found.ID
	if len(args) == 1 {
		return nil
	}
	if v.anchor || v.against != "" {
		return usageError{errors.New("an anchor is of whole chains: leave the times away")}
	}
	if spec.From, err = momentArgument(args[1], now); err != nil {
		return usageError{err}
	}
	if spec.To = now; len(args) == 3 {
		if spec.To, err = momentArgument(args[2], now); err != nil {
			return usageError{err}
		}
	}
	if !spec.From.Before(spec.To) {
		return usageError{fmt.Errorf("from %s to %s is no time", spec.From.Format(momentLayout), spec.To.Format(momentLayout))}
	}
	return nil
}

var errDoesNotHold = errors.New("the recordings are not what was recorded, or cannot be shown to be")

// tell prints a verdict; errDoesNotHold where something was found.
func (v *verification) tell(verdict storage.Verdict, zone *time.Location) error {
	var err error
	switch {
	case v.json:
		err = json.NewEncoder(v.stdout).Encode(shownVerdictOf(verdict))
	case v.anchor && verdict.Holds():
		err = printAnchors(v.stdout, verdict.Heads)
	default:
		err = printVerdict(v.stdout, verdict, v.quick || v.anchor)
	}
	if err == nil && !verdict.Holds() {
		err = errDoesNotHold
	}
	return err
}

// shownVerdict is what `verify` answers.
type shownVerdict struct {
	Holds    bool           `json:"holds"`
	Files    int            `json:"files"`
	Sealed   int            `json:"sealed"`
	Thinned  int            `json:"thinned"`
	Finished int            `json:"finished_later"`
	Imported int            `json:"imported"`
	Early    int            `json:"without_seal"`
	Copies   int            `json:"copies"`
	Exports  int            `json:"exports"`
	Foreign  int            `json:"foreign"`
	Deleted  int64          `json:"deleted_lawfully"`
	Bytes    int64          `json:"bytes"`
	Chains   int            `json:"chains"`
	Findings []shownFinding `json:"findings"`
	More     int            `json:"more_findings,omitempty"`
	Notices  []shownFinding `json:"notices"`
	Heads    []shownHead    `json:"heads"`
}

type shownFinding struct {
	What   string    `json:"what"`
	Camera camera.ID `json:"camera,omitempty"`
	Path   string    `json:"path,omitempty"`
	Run    string    `json:"run,omitempty"`
	First  uint32    `json:"first_link,omitempty"`
	Last   uint32    `json:"last_link,omitempty"`
	Text   string    `json:"text"`
}

type shownHead struct {
	Camera camera.ID `json:"camera"`
	Run    string    `json:"run"`
	Links  uint32    `json:"links"`
	Hash   string    `json:"hash"`
}

func shownVerdictOf(v storage.Verdict) shownVerdict {
	shown := shownVerdict{Holds: v.Holds(), Files: v.Files, Sealed: v.Sealed, Thinned: v.Thinned, Finished: v.Finished, Imported: v.Imported, Early: v.Early,
		Copies: v.Copies, Exports: v.Exports, Foreign: v.Foreign, Deleted: v.Gone, Bytes: v.Bytes, Chains: v.Chains, More: v.More,
		Findings: shownFindings(v.Findings), Notices: shownFindings(v.Notices), Heads: []shownHead{}}
	for _, h := range v.Heads {
		shown.Heads = append(shown.Heads, shownHead{camera.ID(h.Camera), hex.EncodeToString(h.Run[:]), h.Number, hex.EncodeToString(h.Head[:])})
	}
	return shown
}

func shownFindings(list []chain.Finding) []shownFinding {
	shown := []shownFinding{}
	for _, f := range list {
		run := ""
		if f.Run != (chain.Run{}) {
			run = hex.EncodeToString(f.Run[:])
		}
		shown = append(shown, shownFinding{f.What, camera.ID(f.Camera), f.Path, run, f.First, f.Last, f.Text})
	}
	return shown
}

func printVerdict(w io.Writer, v storage.Verdict, quick bool) error {
	for _, f := range v.Findings {
		fmt.Fprintf(w, "%s: %s%s\n", f.What, whereFound(f), f.Text)
	}
	if v.More > 0 {
		fmt.Fprintf(w, "… and %d more\n", v.More)
	}
	for _, f := range v.Notices {
		fmt.Fprintf(w, "%s: %s%s; that is no harm\n", f.What, whereFound(f), f.Text)
	}
	how := "byte for byte what was sealed"
	if quick {
		how = "in the place that was sealed (what is inside was not looked at)"
	}
	fmt.Fprintf(w, "%s looked at, %d of them %s", plural(v.Files, "segment", "segments"), v.Sealed, how)
	for _, part := range []struct {
		n    int64
		text string
	}{
		{int64(v.Exports), "%d exports, each byte for byte what was exported"}, {int64(v.Thinned), "%d thinned since"}, {int64(v.Finished), "%d finished and sealed only behind a crash or a failing disk"},
		{int64(v.Imported), "%d imported: sealed as they came"}, {v.Gone, "%d more deleted by rule or by a person, signed"},
		{int64(v.Early), "%d without a seal, from before there were seals"}, {int64(v.Foreign), "%d other files left alone"},
	} {
		if part.n > 0 {
			fmt.Fprintf(w, "; "+part.text, part.n)
		}
	}
	found := "nothing was changed, taken away or put in"
	if !v.Holds() {
		found = plural(len(v.Findings)+v.More, "thing does not hold", "things do not hold")
	}
	_, err := fmt.Fprintf(w, ".\n%s: %s.\n", plural(v.Chains, "chain", "chains"), found)
	return err
}

func whereFound(f chain.Finding) string {
	switch {
	case f.Path != "":
		return f.Path + ": "
	case f.First == 0:
		return fmt.Sprintf("camera %s: ", f.Camera)
	case f.First == f.Last:
		return fmt.Sprintf("camera %s, link %d of run %x: ", f.Camera, f.First, f.Run[:4])
	}
	return fmt.Sprintf("camera %s, links %d to %d of run %x: ", f.Camera, f.First, f.Last, f.Run[:4])
}
