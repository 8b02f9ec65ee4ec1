package publisher

import (
	"slices"
	"time"
)

const (
	// oneArrival is how far apart articles come in at least that do not belong
	// together: one refresh brings several.
	oneArrival = time.Minute
	// fewArrivals are too few to speak of a rhythm.
	fewArrivals = 4
	// rhythmShare: a document that is kept for a quarter of the time in which
	// something new comes is the newest one most of the time.
	rhythmShare = 4
)

// rhythm is how long the documents of a channel may be kept: a share of the usual
// time between two arrivals of its newest entries, within bounds. It knows no
// clock, so it changes only when the entries do.
func rhythm(entries []*entry) time.Duration {
	times := make([]time.Time, 0, len(entries))
	for _, e := range entries {
		times = append(times, e.FirstSeen)
	}
	slices.SortFunc(times, time.Time.Compare)
	var gaps []time.Duration
	for i := 1; i < len(times); i++ {
		if gap := times[i].Sub(times[i-1]); gap >= oneArrival {
			gaps = append(gaps, gap)
		}
	}
	if len(gaps) < fewArrivals-1 {
		return shortest
	}
	slices.Sort(gaps)
	return min(max((gaps[len(gaps)/2]/rhythmShare).Truncate(time.Minute), shortest), longest)
}
