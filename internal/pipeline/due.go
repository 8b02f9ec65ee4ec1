package pipeline

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strconv"
	"time"

	"bantin/internal/article"
)

const (
	// maxAsked is the longest that the wish of a document or of a cache header is
	// obeyed: an absurd one must not silence a source. Retry-After is obeyed for as
	// long as the fetcher lets it, a week.
	maxAsked = 24 * time.Hour
	// maxBackoff is the longest between two looks at a source that fails: it is
	// never given up, and recovers within a day.
	maxBackoff = 24 * time.Hour
	// goneInterval is between two looks at a source that is gone (410).
	goneInterval = 7 * 24 * time.Hour
	// maxJitter spreads sources with one schedule without making a source late
	// by more than a reader would notice.
	maxJitter = 5 * time.Minute
	// idleShare: a source that was quiet for a while is asked eight times in as
	// long again. A paper that sleeps eight hours is asked hourly in the morning,
	// one that has been quiet for eight days daily.
	idleShare = 8
)

// nextFetch is when src is due again after the attempt at now: by its schedule
// or its rhythm, later where it fails, not before what the server (asked) or the
// document asks for, not in the hours and on the days that the document names,
// and with a jitter that only delays.
func (p *Pipeline) nextFetch(src Source, state *article.SourceState, now time.Time, asked time.Duration) time.Time {
	next, interval := p.regular(src, state, now)
	if state.Failures > 0 {
		next = later(next, now.Add(backoff(state, interval)))
	}
	next = later(next, now.Add(asked))
	next = later(next, now.Add(min(state.Habits.MinInterval, maxAsked)))
	next = next.Add(jitter(src.ID, next, min(interval/10, maxJitter)))
	return afterSkipped(next, state.Habits)
}

// regular is the next time of a source that is well, and the interval to the one after.
func (p *Pipeline) regular(src Source, state *article.SourceState, now time.Time) (next time.Time, interval time.Duration) {
	if src.Schedule != nil {
		next = src.Schedule.Next(now)
		return next, src.Schedule.Next(next).Sub(next)
	}
	interval = state.Habits.Gap
	if last := state.Habits.LastNew; !last.IsZero() {
		interval = max(interval, now.Sub(last)/idleShare)
	}
	interval = min(max(interval, p.MinInterval), p.MaxInterval)
	return now.Add(interval), interval
}

// backoff doubles with each failure in a row.
func backoff(state *article.SourceState, interval time.Duration) time.Duration {
	if state.Failure == failureGone {
		return goneInterval
	}
	for range state.Failures - 1 {
		interval *= 2
		if interval >= maxBackoff {
			break
		}
	}
	return min(interval, maxBackoff)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// afterSkipped moves t out of the hours and days in which the document asks not
// to be read (RSS 2.0, skipHours and skipDays, in UTC). A document that names
// them all names none.
func afterSkipped(t time.Time, habits article.Habits) time.Time {
	const week = 7 * 24
	free := t
	for range week {
		utc := free.UTC()
		if !slices.Contains(habits.SkipHours, utc.Hour()) && !slices.Contains(habits.SkipDays, utc.Weekday()) {
			return free
		}
		free = utc.Truncate(time.Hour).Add(time.Hour + t.Sub(t.Truncate(time.Hour))) // at the same minute
	}
	return t
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
