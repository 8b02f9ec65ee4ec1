package pipeline

import (
	"crypto/sha256"
	"encoding/binary"
	"strconv"
	"time"
)

const (
	// maxAge is the longest that a document's max-age is obeyed: an absurd one
	// must not silence a source.
	maxAge = 24 * time.Hour
	// maxJitter spreads sources with one schedule without making a source late
	// by more than a reader would notice.
	maxJitter = 5 * time.Minute
)

// nextFetch is when src is due again after the attempt at now: the next time of
// its schedule, or later where the server asked to wait, and then a jitter that
// only delays.
func (p *Pipeline) nextFetch(src Source, now time.Time, wait time.Duration) time.Time {
	next := src.Schedule.Next(now)
	if asked := now.Add(wait); asked.After(next) {
		next = asked
	}
	gap := src.Schedule.Next(next).Sub(next)
	return next.Add(jitter(src.ID, next, min(gap/10, maxJitter)))
}

// jitter is at least 0 and less than limit. It is a hash of the source and the
// time, so that sources with one schedule are apart and a restart changes nothing.
func jitter(id string, t time.Time, limit time.Duration) time.Duration {
	if limit <= 0 {
		return 0
	}
	sum := sha256.Sum256([]byte(id + strconv.FormatInt(t.Unix(), 10)))
	share := float64(binary.BigEndian.Uint32(sum[:])) / (1 << 32)
	return time.Duration(share * float64(limit))
}
