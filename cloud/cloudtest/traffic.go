package cloudtest

import "sync/atomic"

// Traffic counts the datagrams of a network.
type Traffic struct {
	Sent    int64 // handed to the network
	Lost    int64 // on their way: by Loss, or since a link was down
	Doubled int64 // that were sent once and came twice
	Late    int64 // that came LateBy later; both copies of a doubled one may
	Dropped int64 // came to a socket whose buffer was full
	Unheard int64 // sent to a port that nobody has opened
}

type traffic struct{ sent, lost, doubled, late, dropped, unheard atomic.Int64 }

// Traffic tells what became of the datagrams until now.
func (n *Network) Traffic() Traffic {
	t := &n.traffic
	return Traffic{t.sent.Load(), t.lost.Load(), t.doubled.Load(), t.late.Load(), t.dropped.Load(), t.unheard.Load()}
}
