package pipeline

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"time"

	"bantin/internal/store"
)

// An archive is cut into months by when articles were first seen, and months
// into parts. What always holds: the part that a name means ends and begins at
// two places in the order of arrivals, which are written down when the part is
// closed and never move. So whatever comes, changes or is taken down, parts that
// a reader keeps since last year and parts of today fit together, and none of the
// articles in between is missed.
const (
	// partSize is the number of articles of a part when it is closed: a document
	// of about 1.5 MB.
	partSize = 500
	// maxArrivals is far above what a channel takes in a month.
	maxArrivals = 1 << 20
	// openPart is the name, behind that of its month, of the last part while the
	// month is open. It is another one than that of the closed part which it
	// becomes: who keeps the names of parts read must not take one for the other.
	openPart = "open"
)

// partName is a month, and behind it the number of a part that is not the first.
var partName = regexp.MustCompile(`^(\d{4}-(?:0[1-9]|1[0-2]))(?:-(open|[2-9]|[1-9]\d{1,4}))?$`)

// A month is one of the calendar in the site's time zone, such as 2026-10.
type month string

const monthLayout = "2006-01"

// earliestMonth begins the archive of a store in which a clock that was not set
// put articles into the seventies. No Bantin ran before.
const earliestMonth month = "2026-01"

func monthOf(t time.Time, loc *time.Location) month { return month(t.In(loc).Format(monthLayout)) }

func (m month) begin(loc *time.Location) time.Time {
	t, err := time.ParseInLocation(monthLayout, string(m), loc)
	if err != nil {
		return time.Time{} // partName lets no such month through
	}
	return t
}

func (m month) add(months int) month {
	return month(m.begin(time.UTC).AddDate(0, months, 0).Format(monthLayout))
}

// part is the name of a part of the month, counted from 1.
func (m month) part(number int) string {
	if number == 1 {
		return string(m)
	}
	return fmt.Sprintf("%s-%d", m, number)
}

func (m month) open() string { return string(m) + "-" + openPart }

// A span is how far the archives of a store reach.
type span struct {
	first, last month
	settled     time.Time // no article comes any more that was seen before
	loc         *time.Location
}

// span asks the store. It is empty, without months, while there is no article.
// The clock only keeps an article from the future, of a clock that was wrong,
// from opening a month that has not come.
func (p *Pipeline) span(ctx context.Context) (span, error) {
	first, last, err := p.Store.Span(ctx)
	if err != nil || first.IsZero() {
		return span{}, err
	}
	if now := p.Now(); last.After(now) {
		last = now
	}
	loc := p.Options.Site.Location
	if loc == nil {
		loc = time.UTC
	}
	return span{
		first:   max(monthOf(first, loc), earliestMonth),
		last:    max(monthOf(last, loc), earliestMonth),
		settled: last.Add(-commitLag),
		loc:     loc,
	}, nil
}

// newestPart is the name of the part to which the current feeds lead; empty
// without an article.
func (s span) newestPart() string {
	if s.last == "" {
		return ""
	}
	return s.last.open()
}

// A cutMonth is a month of a channel's archive with its parts.
type cutMonth struct {
	month

	begin store.Arrival
	ends  []store.Arrival // of the closed parts
	final bool            // all parts are closed
	tail  []store.Arrival // what came after the last end, in the open month
}

// end is the mark of a month's last part: before it are all arrivals until then.
func end(of time.Time) store.Arrival { return store.Arrival{Seen: of} }

func isFinal(ends []store.Arrival) bool { return len(ends) > 0 && ends[len(ends)-1].ID == "" }

// cutMonth reads a month and closes the parts of it that can be.
func (p *Pipeline) cutMonth(ctx context.Context, key string, m month, s span) (cutMonth, error) {
	c := cutMonth{month: m}
	var err error
	if c.begin, err = p.beginOf(ctx, key, m, s); err != nil {
		return c, err
	}
	if c.ends, err = p.Store.Cuts(ctx, key, string(m)); err != nil {
		return c, err
	}
	if c.final = isFinal(c.ends); c.final {
		return c, nil
	}
	until := m.add(1).begin(s.loc)
	query := store.Query{Key: key, SeenBefore: until, Limit: maxArrivals}
	if m == s.last {
		query.SeenBefore = time.Time{} // with what a wrong clock put into the future
	}
	if c.tail, err = p.arrivals(ctx, query, c.last()); err != nil {
		return c, err
	}
	for !c.final {
		next, ready := c.nextEnd(until, s)
		if !ready {
			break
		}
		stored, err := p.Store.Cut(ctx, key, string(m), len(c.ends)+1, next)
		if err != nil {
			return c, err
		}
		c.ends = append(c.ends, stored) // another process may have been first, with another one
		c.final = isFinal(c.ends)
		c.tail = from(c.tail, stored)
	}
	return c, nil
}

// beginOf is where a month's first part begins: where the month before ended,
// also when the site's time zone was another one then.
func (p *Pipeline) beginOf(ctx context.Context, key string, m month, s span) (store.Arrival, error) {
	if m == s.first {
		return store.Arrival{}, nil
	}
	before, err := p.Store.Cuts(ctx, key, string(m.add(-1)))
	if err != nil || !isFinal(before) {
		return end(m.begin(s.loc)), err
	}
	return before[len(before)-1], nil
}

// arrivals are those of a query that do not come before begin.
func (p *Pipeline) arrivals(ctx context.Context, query store.Query, begin store.Arrival) ([]store.Arrival, error) {
	query.SeenSince = begin.Seen
	found, err := p.Store.Arrivals(ctx, query)
	return from(found, begin), err
}

// from are the arrivals, which are in their order, that do not come before begin.
func from(arrivals []store.Arrival, begin store.Arrival) []store.Arrival {
	for i, a := range arrivals {
		if a.Compare(begin) >= 0 {
			return arrivals[i:]
		}
	}
	return nil
}

// last is where the last closed part ends.
func (c *cutMonth) last() store.Arrival {
	if len(c.ends) == 0 {
		return c.begin
	}
	return c.ends[len(c.ends)-1]
}

// nextEnd is where the next part can be closed for good, if it can: when it is
// full, or the month over, and no article comes any more that belongs into it.
func (c *cutMonth) nextEnd(until time.Time, s span) (store.Arrival, bool) {
	if len(c.tail) > partSize && !c.tail[partSize].Seen.After(s.settled) {
		return c.tail[partSize], true
	}
	return end(until), c.month != s.last && !until.After(s.settled)
}

// parts is the number of parts, the open ones included.
func (c *cutMonth) parts() int {
	if c.final {
		return len(c.ends)
	}
	return len(c.ends) + max(1, (len(c.tail)+partSize-1)/partSize)
}

// number is the number of the part with that name, 0 when there is none.
func (c *cutMonth) number(suffix string) int {
	switch suffix {
	case "":
		return 1
	case openPart:
		return c.parts()
	}
	number, err := strconv.Atoi(suffix)
	if err != nil || number > c.parts() {
		return 0
	}
	return number
}

// isClosed reports whether a part has its end.
func (c *cutMonth) isClosed(number int) bool { return number <= len(c.ends) }

// articles are the ids of a part.
func (p *Pipeline) partArticles(ctx context.Context, key string, c *cutMonth, number int) ([]string, error) {
	var found []store.Arrival
	if c.isClosed(number) {
		begin, until := c.begin, c.ends[number-1]
		if number > 1 {
			begin = c.ends[number-2]
		}
		var err error
		// The bound of a query is a time alone.
		found, err = p.arrivals(ctx, store.Query{Key: key, SeenBefore: until.Seen.Add(time.Millisecond), Limit: maxArrivals}, begin)
		if err != nil {
			return nil, err
		}
		found = found[:len(found)-len(from(found, until))]
	} else {
		begin := (number - len(c.ends) - 1) * partSize
		found = c.tail[begin:min(begin+partSize, len(c.tail))]
	}
	ids := make([]string, 0, len(found))
	for _, a := range found {
		ids = append(ids, a.ID)
	}
	return ids, nil
}
