package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"v720dvr/internal/config"
)

// shutdownLimit is how long after the first signal everything is done: the streams stopped, the
// segments committed. docs/architecture.md.
const shutdownLimit = 5 * time.Second

// runFlags are the flags of `v720dvr run`.
type runFlags struct {
	configFlags
	simulate int
	footage  string
}

func newRunCommand() *cobra.Command {
	var flags runFlags
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Serve the cameras and record them",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := flags.check(); err != nil {
				return usageError{err}
			}
			loaded, err := flags.loadFile()
			if err != nil {
				return err
			}
			n := newNotifier()
			ctx, stop := untilSignal(cmd.Context())
			defer stop()
			return run(ctx, flags, loaded, n, cmd.ErrOrStderr())
		},
	}
	flags.add(cmd)
	cmd.Flags().IntVar(&flags.simulate, "simulate", 0, "play `N` cameras that are not there, over real sockets")
	cmd.Flags().StringVar(&flags.footage, "footage", "", "what the simulated cameras see and hear: an MJPEG AVI `file`")
	return cmd
}

func (f *runFlags) check() error {
	if f.simulate < 0 || f.simulate > maxSimulated {
		return fmt.Errorf("--simulate takes 0 to %d cameras, not %d", maxSimulated, f.simulate)
	}
	if f.footage != "" && f.simulate == 0 {
		return errors.New("--footage is what simulated cameras send: give --simulate too")
	}
	return nil
}

// sameSignal is how soon behind the first a signal is the same one, sent twice: timeout(1) and some
// terminals tell the process and its group.
const sameSignal = 300 * time.Millisecond

// untilSignal ends its context at the first SIGINT or SIGTERM, and the process at the second.
func untilSignal(parent context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case <-signals:
			cancel()
		case <-ctx.Done():
			return
		}
		first := time.Now()
		for range signals {
			if time.Since(first) > sameSignal {
				break
			}
		}
		fmt.Fprintln(os.Stderr, "v720dvr: ended at once by a second signal; open segments stay as .part files")
		os.Exit(exitFailed)
	}()
	return ctx, func() {
		signal.Stop(signals)
		cancel()
	}
}

// run opens everything, runs it until ctx ends, and leaves no .part behind.
func run(ctx context.Context, flags runFlags, loaded config.Loaded, n notifier, stderr io.Writer) error {
	log, level := newLogger(stderr, loaded.Config.Log)
	c := loaded.Config
	for _, key := range config.Unused(loaded) {
		log.Warn("a key of the configuration has no effect in this version", "key", key)
	}
	watcher := config.NewWatcher(flags.options(), loaded, log)
	o := boxOptions{
		log: log, level: level, watcher: watcher,
		announce: announceTo(stderr), socket: filepath.Join(c.Storage.Dir, socketName), watch: true,
	}
	if flags.simulate > 0 {
		o.adjust = forSimulation
	}
	b, err := openBox(ctx, loaded, o)
	if err != nil {
		return err
	}
	simulated, err := simulate(flags, b.cloud.Addrs(), log)
	if err != nil {
		return errors.Join(err, b.close())
	}
	log.Info("ready for cameras", b.summary()...)
	if pages := b.pages(); len(pages) > 0 {
		log.Info("page and API", "at", strings.Join(pages, " "))
	}
	return limited(ctx, log, func() error {
		return together(ctx, outlived(simulated, b.run), watcher.Run,
			func(ctx context.Context) error { return follow(ctx, watcher, b) },
			func(ctx context.Context) error { return n.run(ctx, b.pulse, log) })
	})
}

// follow applies each new configuration.
func follow(ctx context.Context, watcher *config.Watcher, b *box) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-watcher.Changes():
			b.reload()
		}
	}
}

// limited returns what work returns, or an error when ctx has ended and work takes longer than
// it may: then the process ends, and what hangs with it.
func limited(ctx context.Context, log *slog.Logger, work func() error) error {
	done := make(chan error, 1)
	go func() { done <- work() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	log.Info("stopping", "limit", shutdownLimit)
	limit := time.NewTimer(shutdownLimit)
	defer limit.Stop()
	select {
	case err := <-done:
		if err == nil {
			log.Info("stopped")
		}
		return err
	case <-limit.C:
		return fmt.Errorf("not everything was committed within %v; what was written stays in .part files", shutdownLimit)
	}
}
