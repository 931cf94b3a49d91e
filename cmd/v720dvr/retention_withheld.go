package main

import (
	"fmt"

	"v720dvr/storage"
)

// tellWithheld notes what a sweep has left alone since it is more than half of all, and logs when that begins and ends.
func (s *sweeper) tellWithheld(goes storage.Tally) {
	text := ""
	if goes.Segments > 0 {
		text = withheldInWords(goes)
	}
	var before string
	s.change(func(h *recordingsHealth) { before, h.Withheld = h.Withheld, text })
	switch {
	case before == "" && text != "":
		s.log.Warn("the rules would delete more than half of all footage at once, so they delete nothing", "segments", goes.Segments, "bytes", goes.Bytes,
			"from", goes.From, "to", goes.To, "do", "v720dvr retention apply, if that is meant; else set the rules, or the clock, right, or keep it again")
	case before != "" && text == "":
		s.log.Info("the rules delete again")
	}
}

func withheldInWords(goes storage.Tally) string {
	return fmt.Sprintf("the rules of retention would delete %s at once, from %s to %s: more than half of all footage. Nothing of it goes before that is said again, on the page under Storage or by v720dvr retention apply. Was a rule mistyped, is the clock wrong, or has a keep ended?",
		amount(goes.Bytes), goes.From.Local().Format(momentLayout), goes.To.Local().Format(momentLayout))
}
