package schedule

import (
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

const (
	// MinInterval is the shortest interval. It is the finest step that five
	// fields can say, so both ways to write a schedule have the same floor; and a
	// server that is asked more often has every reason to shut us out.
	MinInterval = time.Minute
	// MaxInterval is the longest interval, a year. More is a slip of the pen.
	MaxInterval = 366 * 24 * time.Hour

	// maxSpec bounds what is read and quoted. All minutes as a list take 170 bytes.
	maxSpec = 512
)

// A Schedule says when something is due.
type Schedule interface {
	// Next is the first time after t, or zero when there is none within five
	// years. What Parse accepts fires at least every four years, save that the
	// 29th of February is missing in 2100 and three of four centuries after.
	Next(t time.Time) time.Time
}

// Every is the schedule that is due again d after the last time. A d that is
// not positive counts as MinInterval, because a schedule that stands still would
// make its caller spin.
func Every(d time.Duration) Schedule {
	if d <= 0 {
		d = MinInterval
	}
	return interval(d)
}

type interval time.Duration

func (d interval) Next(t time.Time) time.Time { return t.Add(time.Duration(d)) }

// Parse reads a spec. The schedule computes and answers in loc; nil is UTC.
// The error is an *Error.
func Parse(spec string, loc *time.Location) (Schedule, error) {
	if loc == nil {
		loc = time.UTC
	}
	spec = strings.TrimSpace(spec)
	if word, length, _ := strings.Cut(spec, " "); word == "@every" {
		return parseEvery(length)
	}
	if err := check(spec); err != nil {
		return nil, err
	}
	parsed, err := cron.ParseStandard(spec)
	if err != nil {
		return nil, &Error{Message: err.Error()}
	}
	schedule := clock{spec: parsed, loc: loc}
	// 2000 is a leap year, so the five years from here hold every date there is.
	if schedule.Next(time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return nil, &Error{
			Field: "day of month", Message: "never fires: no month of the spec has such a day",
			Hint: "February has 28 or 29 days; April, June, September and November have 30",
		}
	}
	return schedule, nil
}

func parseEvery(text string) (Schedule, error) {
	d, err := time.ParseDuration(strings.TrimSpace(text))
	switch {
	case err != nil:
		return nil, &Error{Field: "@every", Message: "not a duration", Hint: `write hours and minutes, such as "@every 90m" or "@every 1h30m"`}
	case d < MinInterval:
		return nil, &Error{
			Field: "@every", Message: d.String() + " is less than a minute",
			Hint: "the shortest interval is 1m; a server that is asked more often would shut us out",
		}
	case d > MaxInterval:
		return nil, &Error{Field: "@every", Message: d.String() + " is more than a year", Hint: "the longest interval is 8784h"}
	}
	return Every(d), nil
}

// clock is a cron schedule in a time zone.
type clock struct {
	spec cron.Schedule // in the zone of the time that it is given
	loc  *time.Location
}

func (c clock) Next(t time.Time) time.Time {
	next := c.spec.Next(t.In(c.loc))
	if end, ok := repeatUntil(next); ok {
		next = c.spec.Next(end.Add(-time.Second)) // cron begins at the second after
	}
	return next
}

// repeatUntil reports whether the clock showed this time of day before, because
// it was put back, and until when it repeats itself.
func repeatUntil(t time.Time) (time.Time, bool) {
	changed, _ := t.ZoneBounds()
	if changed.IsZero() {
		return time.Time{}, false
	}
	_, before := changed.Add(-time.Second).Zone()
	_, now := t.Zone()
	end := changed.Add(time.Duration(before-now) * time.Second)
	return end, t.Before(end)
}
