package main

import (
	"fmt"
	"time"

	"v720dvr/web"
)

// nearlyFull is where a disk is so full that the rules must have failed, in bytes: below three quarters of what is to
// stay free, or below a fiftieth of a disk, 256 MB at the most.
func nearlyFull(d diskFact) int64 { return max(d.MinFree/4*3, min(d.Size/50, 256_000_000)) }

func judgeSpace(d diskFact) []web.Finding {
	const about = "disk space"
	switch {
	case d.Folder == "":
		return nil
	case d.Err != nil:
		return []web.Finding{fault(about, fmt.Sprintf("%s cannot be looked at: %v", d.Folder, d.Err), "mount the disk, or set storage.recordings to a folder that is there")}
	case d.Trouble != "" && d.Trouble != "slow":
		return []web.Finding{fault(about, fmt.Sprintf("the disk of %s is %s: nothing is recorded", d.Folder, d.Trouble), "`df -h "+d.Folder+"` and `dmesg | tail` tell more")}
	case d.Size == 0:
		return nil
	}
	has := fmt.Sprintf("%s has %s free of %s", d.Folder, amount(d.Free), amount(d.Size))
	if d.Free < nearlyFull(d) {
		do := "let older recordings go (`v720dvr retention plan --what-if max_size=…` shows which), or find what else fills this disk: `du -xhd1 " + d.Folder + "/..`"
		if d.MinFree == 0 {
			do = "set `min_free = \"5%\"` in [retention], so that the oldest recordings make room"
		}
		text := has + ", and is nearly full"
		if d.MinFree > 0 {
			text += fmt.Sprintf("; %s should stay free", amount(d.MinFree))
		}
		if d.Problem != "" {
			text += ": " + d.Problem
		}
		return []web.Finding{fault(about, text, do)}
	}
	if d.MinFree == 0 {
		return []web.Finding{warning(about, has+", and no rule keeps it from filling", "set `min_free = \"5%\"` in [retention]")}
	}
	return []web.Finding{well(about, has)}
}

// Bounds of a healthy disk.
const (
	slowDisk = 5_000_000 // bytes a second: a bad SD card
	slowSync = 2 * time.Second
)

// judgeSpeed holds a trial against what cameras send.
func judgeSpeed(d diskFact, cameras int) []web.Finding {
	const about = "disk speed"
	w := d.Written
	if w == nil {
		return nil
	}
	if w.Err != nil {
		return []web.Finding{fault(about, fmt.Sprintf("a trial file could not be written to %s: %v", d.Folder, w.Err), "`ls -ld "+d.Folder+"` shows whose it is; `dmesg | tail` tells of a disk that fails")}
	}
	need := int64(cameras) * bytesASecond
	speed := int64(1e12)
	if w.Took > 0 {
		speed = int64(float64(w.Bytes) / w.Took.Seconds())
	}
	found := fmt.Sprintf("%s were written and safe within %v, beside what is recorded", amount(w.Bytes), w.Took.Round(time.Millisecond))
	do := "another disk or a better SD card (A2, endurance); `iostat -x 1` shows what else writes"
	switch {
	case speed < need:
		return []web.Finding{fault(about, fmt.Sprintf("%s: that is too slow for %s, which may need %s a second", found, plural(cameras, "camera", "cameras"), amount(need)), do)}
	case speed < slowDisk || w.Took > slowSync || d.Trouble == "slow":
		return []web.Finding{warning(about, found+": that is slow", do)}
	}
	return []web.Finding{well(about, found)}
}

func judgeFolder(f folderFact) (found []web.Finding) {
	const about = "data folder"
	switch {
	case f.Dir == "":
		return nil
	case f.Write != nil && f.Missing:
		return []web.Finding{fault(about, fmt.Sprintf("%s is not there and cannot be made: %v", f.Dir, f.Write), fmt.Sprintf("`sudo install -d -o $USER %s`", f.Dir))}
	case f.Write != nil:
		return []web.Finding{fault(about, fmt.Sprintf("nothing can be written to %s: %v", f.Dir, f.Write), fmt.Sprintf("`sudo chown -R $USER %s`, or start v720dvr as the user whose it is", f.Dir))}
	case f.Missing:
		return []web.Finding{note(about, f.Dir+" is not there yet; the first `v720dvr run` makes it")}
	}
	for _, path := range f.Open {
		found = append(found, note(about, "every user of this machine can read "+path+", in which secrets of cameras and users are", "`chmod o-rwx "+path+"`, if this machine has users who should not"))
	}
	if len(found) == 0 {
		found = append(found, well(about, f.Dir+" can be written, and its secrets are read by nobody else"))
	}
	return found
}

// noRecorderBefore is a year in which there was no v720dvr: a clock that says so was never set.
const noRecorderBefore = 2025

func judgeClock(c clockFact, now time.Time) []web.Finding {
	const about = "clock"
	ntp := "`sudo timedatectl set-ntp true`, and `timedatectl` shows whether it works"
	stepped := ""
	if c.Stepped.Abs() > 2*time.Second {
		stepped = fmt.Sprintf("; it was set by %v since the start, or the machine slept", c.Stepped.Round(time.Second))
	}
	switch {
	case now.Year() < noRecorderBefore:
		return []web.Finding{fault(about, fmt.Sprintf("it says %s, so it was never set: recordings get wrong names and times", now.Format(time.DateTime)), ntp)}
	case c.Synced == nil && stepped == "":
		return []web.Finding{well(about, fmt.Sprintf("it says %s; whether something keeps it right cannot be known here", now.Format("2006-01-02 15:04:05 MST")))}
	case c.Synced == nil || *c.Synced && stepped != "":
		return []web.Finding{note(about, fmt.Sprintf("it says %s%s", now.Format("2006-01-02 15:04:05 MST"), stepped))}
	case !*c.Synced && stepped != "":
		return []web.Finding{warning(about, "nothing keeps it right (NTP)"+stepped, ntp)}
	case !*c.Synced:
		return []web.Finding{note(about, "nothing keeps it right (NTP), as far as the system tells", ntp)}
	}
	return []web.Finding{well(about, fmt.Sprintf("it says %s, and is kept right", now.Format("2006-01-02 15:04:05 MST")))}
}
