package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strconv"
	"time"

	"v720dvr/storage"
)

// notifier tells systemd how a service of Type=notify is: sd_notify(3), sd_watchdog_enabled(3).
type notifier struct {
	socket string        // where to; "" where nobody asked
	beat   time.Duration // how long systemd waits for a sign of life before it starts v720dvr again; 0: for ever
}

// statusPause is how often the line in `systemctl status` is written anew when nobody waits for signs of life.
const statusPause = 30 * time.Second

// newNotifier reads what systemd asks for out of the environment, and takes it from there: no command of a
// hook is to speak for v720dvr.
func newNotifier() (n notifier) {
	n.socket = os.Getenv("NOTIFY_SOCKET")
	pid := os.Getenv("WATCHDOG_PID")
	if usec, err := strconv.ParseInt(os.Getenv("WATCHDOG_USEC"), 10, 64); err == nil && usec > 0 && (pid == "" || pid == strconv.Itoa(os.Getpid())) {
		n.beat = time.Duration(usec) * time.Microsecond
	}
	for _, name := range []string{"NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC"} {
		os.Unsetenv(name)
	}
	return n
}

// run says that v720dvr is ready, gives signs of life until ctx ends, and then says that it is stopping. Each sign
// stands behind a call of look, which asks the rooms and tells how they are in a line: where one of them hangs, the
// signs end, and systemd starts v720dvr again. What look asks must not wait for a disk, which no restart mends.
func (n notifier) run(ctx context.Context, look func() string, log *slog.Logger) error {
	if n.socket == "" {
		<-ctx.Done()
		return nil
	}
	var told error
	tell := func(state string) {
		err := n.tell(state)
		if err != nil && told == nil {
			log.Warn("systemd cannot be told how v720dvr is, and may take it for dead", "err", err)
		}
		told = err
	}
	tell("READY=1\nSTATUS=" + look())
	pause := time.NewTicker(cmp.Or(n.beat/2, statusPause))
	defer pause.Stop()
	for {
		select {
		case <-pause.C:
			tell("WATCHDOG=1\nSTATUS=" + look())
		case <-ctx.Done():
			tell("STOPPING=1\nSTATUS=Finishing the open files.")
			return nil
		}
	}
}

// tell sends one message. A name that begins with @ is one of Linux's abstract sockets, for net as for systemd.
func (n notifier) tell(state string) error {
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: n.socket, Net: "unixgram"})
	if err != nil {
		return fmt.Errorf("reach systemd: %w", err)
	}
	_, err = conn.Write([]byte(state))
	return errors.Join(err, conn.Close())
}

// pulse asks the rooms for what they hold in memory, and says how they are in a line. It comes back as long as none
// of them hangs.
func (b *box) pulse() string {
	online, streams := 0, 0
	for _, c := range b.cloud.Cameras() {
		online++
		if c.Streams {
			streams++
		}
	}
	b.recorder.Stats()
	text := fmt.Sprintf("%s connected, %d streaming.", plural(online, "camera", "cameras"), streams)
	if disk := b.recorder.Disk(); disk.Trouble != storage.NoTrouble {
		text += " " + disk.String()
	}
	return text
}
