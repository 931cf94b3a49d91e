package main

import (
	"fmt"
	"strings"

	"v720dvr/storage"
)

// tellChoked notes which rules of size keeps are in the way of, and logs when that becomes another.
func (s *sweeper) tellChoked(choked []storage.Choke) {
	var texts, rules []string
	for _, c := range choked {
		texts = append(texts, chokedInWords(c))
		rules = append(rules, strings.TrimSpace(string(c.Rule)+" "+string(c.Camera)))
	}
	s.change(func(h *recordingsHealth) { h.Choked = strings.Join(texts, "; ") })
	now := strings.Join(rules, ", ")
	switch before := s.choked; {
	case now == before:
	case now == "":
		s.log.Info("keeps are in the way of no rule any more")
	default:
		s.log.Warn("everything else was deleted, and keeps alone are more than a rule allows", "rules", now, "means", texts)
	}
	s.choked = now
}

// chokedInWords says to people which rule keeps are in the way of.
func chokedInWords(c storage.Choke) string {
	rule := "retention." + string(c.Rule)
	if c.Camera != "" {
		rule = fmt.Sprintf("retention.max_size of camera %s", c.Camera)
	}
	return fmt.Sprintf("%s cannot be met: keeps hold %s, and everything else was deleted; v720dvr keep list shows them, v720dvr unlock ends one",
		rule, amount(c.Held))
}
