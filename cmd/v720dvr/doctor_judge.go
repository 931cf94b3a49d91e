package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"v720dvr/web"
)

// judge finds what is wrong, the worst first. It is pure: facts go in, findings come out.
func judge(box boxFacts, cameras []cameraFacts) []web.Finding {
	all := slices.Concat(
		judgePorts(box, cameras), judgeAnnounced(box, cameras), judgeReach(box, cameras), judgeNames(box, cameras), judgeBroker(box),
		judgeSpace(box.Disk), judgeSpeed(box.Disk, camerasHere(cameras)), judgeFolder(box.Folder), judgeClock(box.Clock, box.At),
		judgeBuffer(box), judgeLimits(box),
	)
	for _, problem := range box.Problems {
		if d := box.Disk; d.Problem != "" && d.Free < nearlyFull(d) && strings.HasSuffix(problem, d.Problem) {
			continue // it stands with the disk
		}
		all = append(all, fault("the recorder", problem, "see `v720dvr healthcheck` and the log"))
	}
	for _, c := range cameras {
		all = append(all, judgeCamera(c, box)...)
	}
	slices.SortStableFunc(all, func(a, b web.Finding) int {
		return cmp.Compare(slices.Index(web.Severities(), a.Severity), slices.Index(web.Severities(), b.Severity))
	})
	return all
}

// faults counts those that do not work.
func faults(findings []web.Finding) (n int) {
	for _, f := range findings {
		if f.Severity == web.SeverityFault {
			n++
		}
	}
	return n
}

func finding(severity web.Severity, about, found string, do ...string) web.Finding {
	f := web.Finding{Severity: severity, About: about, Found: found}
	if len(do) > 0 {
		f.Do = do[0]
	}
	return f
}

func well(about, found string) web.Finding { return finding(web.SeverityOK, about, found) }
func note(about, found string, do ...string) web.Finding {
	return finding(web.SeverityNote, about, found, do...)
}
func warning(about, found, do string) web.Finding {
	return finding(web.SeverityWarning, about, found, do)
}
func fault(about, found, do string) web.Finding { return finding(web.SeverityFault, about, found, do) }

// cameIn tells whether any camera has come in since the start, so that names and ports must be right.
func cameIn(cameras []cameraFacts) bool {
	return slices.ContainsFunc(cameras, func(c cameraFacts) bool { return c.Online || !c.seen(web.StepConnect).IsZero() })
}

// streams tells whether any camera's media has come since the start.
func streams(cameras []cameraFacts) bool {
	return slices.ContainsFunc(cameras, func(c cameraFacts) bool { return !c.seen(web.StepStream).IsZero() })
}

// camerasHere counts the cameras that the disk must keep up with: those that are there, and one at least.
func camerasHere(cameras []cameraFacts) int {
	n := 0
	for _, c := range cameras {
		if c.Online {
			n++
		}
	}
	return max(n, 1)
}

// bytesASecond is what a camera sends at the most of what was seen: docs/protocol.md, section 5.
const bytesASecond = 300_000

// judgeBuffer: packages that come while the machine is busy wait in the socket's buffer.
func judgeBuffer(box boxFacts) []web.Finding {
	const about = "socket buffer"
	b := box.Buffer
	if b == nil {
		return nil
	}
	if b.Granted >= b.Wanted {
		if box.Dropped > 0 {
			return []web.Finding{warning(about, fmt.Sprintf("the system has dropped %d packages of cameras since the start: this machine was too busy to take them in", box.Dropped),
				"give v720dvr more of the processor, or fewer cameras: `top` shows what else runs")}
		}
		return []web.Finding{well(about, amount(int64(b.Granted))+" for the cameras' packages")}
	}
	do := fmt.Sprintf("`sudo sysctl -w net.core.rmem_max=%d` and start v720dvr again; the same line without -w in /etc/sysctl.d/v720dvr.conf for good", b.Wanted)
	found := fmt.Sprintf("the system grants %s for the cameras' packages, %s are wanted: some may be lost while this machine is busy", amount(int64(b.Granted)), amount(int64(b.Wanted)))
	if box.Dropped > 0 {
		return []web.Finding{warning(about, fmt.Sprintf("%s; %d have been since the start", found, box.Dropped), do)}
	}
	return []web.Finding{note(about, found, do)}
}

// Least of what the system is to allow.
const (
	leastMemory    = 64 << 20 // bytes that are left
	filesAlways    = 64
	filesOfACamera = 8 // connections at its doors, the file, its journal, who looks
)

func judgeLimits(box boxFacts) (found []web.Finding) {
	l := box.Limits
	if need := uint64(filesAlways + filesOfACamera*box.Config.MaxCameras); l.Files > 0 && l.Files < need {
		found = append(found, warning("open files", fmt.Sprintf("%d files and connections may be open at once, %d are needed for cloud.max_cameras = %d", l.Files, need, box.Config.MaxCameras),
			"`LimitNOFILE=65536` in the systemd unit, `ulimit -n 65536` in a shell, `--ulimit nofile=65536` for Docker"))
	} else if l.Files > 0 {
		found = append(found, well("open files", fmt.Sprintf("%d may be open at once", l.Files)))
	}
	switch {
	case l.Memory > 0 && l.Memory < leastMemory:
		found = append(found, warning("memory", fmt.Sprintf("%s are left", amount(l.Memory)), "end what else runs here, or give this machine or container more memory"))
	case l.MaxMemory > 0 && l.Budget > 0 && l.MaxMemory < l.Budget+2*leastMemory:
		found = append(found, warning("memory", fmt.Sprintf("this container may have %s; when the disk is slow, up to %s of pictures wait in memory", amount(l.MaxMemory), amount(l.Budget)),
			fmt.Sprintf("allow it %s: `docker update --memory %dm NAME`", amount(l.Budget+2*leastMemory), (l.Budget+2*leastMemory)>>20)))
	case l.Memory > 0:
		found = append(found, well("memory", amount(l.Memory)+" are left"))
	}
	return found
}
