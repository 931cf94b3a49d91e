package config

import (
	"strings"
)

// nearest finds the known name that was probably meant: the one with the fewest letters to
// change, in all or in its last part ("segment" in the wrong table). "" when nothing is near.
// sep parts the names: "." in keys, "_" in variables. Capitals are no difference.
func nearest(wrong string, known []string, sep string) string {
	wrong = strings.ToLower(wrong)
	best, bestCost := "", 0
	wrongLast := wrong[strings.LastIndex(wrong, sep)+1:]
	for _, name := range known {
		last := name[strings.LastIndex(name, sep)+1:]
		// The wrong table costs two letters; a tie goes to the nearer name as a whole.
		whole := distance(wrong, strings.ToLower(name))
		cost := min(whole, distance(wrongLast, strings.ToLower(last))+2)*1000 + whole
		if best == "" || cost < bestCost {
			best, bestCost = name, cost
		}
	}
	if bestCost/1000 > max(3, len(wrong)/3) {
		return ""
	}
	return best
}

// distance counts the letters to insert, delete, change or swap with their neighbour to make b
// of a (optimal string alignment). Names are cut at 64 bytes, so that a file of nonsense costs
// no time.
func distance(a, b string) int {
	a, b = a[:min(len(a), 64)], b[:min(len(b), 64)]
	before, row := []int(nil), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		next := make([]int, len(b)+1)
		next[0] = i + 1
		for j := range len(b) {
			change := row[j]
			if a[i] != b[j] {
				change++
			}
			next[j+1] = min(row[j+1]+1, next[j]+1, change)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}

// quoteList writes texts as a person would: "a", "b" or "c".
func quoteList(texts []string) string {
	quoted := make([]string, len(texts))
	for i, text := range texts {
		quoted[i] = `"` + text + `"`
	}
	last := len(quoted) - 1
	if last < 1 {
		return strings.Join(quoted, "")
	}
	return strings.Join(quoted[:last], ", ") + " or " + quoted[last]
}
