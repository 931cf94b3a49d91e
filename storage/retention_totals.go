package storage

import (
	"context"
	"fmt"
)

// RuleTotal is what a rule of retention has deleted since the data folder was made.
type RuleTotal struct {
	Rule            Rule
	Segments, Bytes int64
}

// RuleTotals sums the log of deletions up by rule, the part of it that was summed up before too.
func (v *View) RuleTotals(ctx context.Context) ([]RuleTotal, error) {
	rows, err := v.state.read.QueryContext(ctx, `SELECT rule, sum(segments), sum(bytes) FROM (
			SELECT rule, count(*) AS segments, sum(bytes) AS bytes FROM deletions WHERE done IS NOT NULL GROUP BY rule
			UNION ALL SELECT rule, sum(segments), sum(bytes) FROM deletion_days GROUP BY rule)
		GROUP BY rule ORDER BY rule`)
	if err != nil {
		return nil, fmt.Errorf("sum up deletions: %w", err)
	}
	defer rows.Close()
	var list []RuleTotal
	for rows.Next() {
		var t RuleTotal
		if err := rows.Scan(&t.Rule, &t.Segments, &t.Bytes); err != nil {
			return nil, fmt.Errorf("sum up deletions: %w", err)
		}
		list = append(list, t)
	}
	return list, rows.Err()
}
