package normalizer

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"bantin/internal/article"
)

// maxInterval is the longest pause that a document is granted. A source that
// asks for more has most often mistyped it, and its news would be a day old.
const maxInterval = 24 * time.Hour

// Hints are what a document itself asks of its readers, and how often it is
// written. All of them are claims of a stranger: Newest may lie in the future.
type Hints struct {
	// MinInterval is the longer of <ttl> and sy:updatePeriod, at most 24 hours;
	// zero when neither is given.
	MinInterval time.Duration
	SkipHours   []int          // 0 to 23 in UTC, ascending
	SkipDays    []time.Weekday // in UTC, ascending

	// Newest is the newest Published of all items, zero when none is dated. Gap
	// is the median time between two publications that follow each other; zero
	// when fewer than three are dated, or most came at one instant. Both come
	// from a whole reading only and are zero where items were skipped.
	Newest time.Time
	Gap    time.Duration
}

// wishes are what a feed says of when to come back, in its own words.
type wishes struct {
	ttl                 string // RSS 2.0
	period, frequency   string // RSS 1.0, module Syndication
	skipHours, skipDays []string
}

func (w *wishes) hints() Hints {
	return Hints{
		MinInterval: min(max(w.timeToLive(), w.updateInterval()), maxInterval),
		SkipHours:   skippedHours(w.skipHours),
		SkipDays:    skippedDays(w.skipDays),
	}
}

// timeToLive is the <ttl> of RSS 2.0, in minutes.
func (w *wishes) timeToLive() time.Duration {
	return time.Duration(min(wholeNumber(w.ttl), int(maxInterval/time.Minute))) * time.Minute
}

// updateInterval is how long a period is, divided by how often the feed is
// updated in it. A period that is not named is a day, a frequency once.
func (w *wishes) updateInterval() time.Duration {
	const day = 24 * time.Hour
	frequency := wholeNumber(w.frequency)
	var period time.Duration
	switch strings.ToLower(strings.TrimSpace(w.period)) {
	case "hourly":
		period = time.Hour
	case "daily":
		period = day
	case "weekly":
		period = 7 * day
	case "monthly":
		period = 30 * day
	case "yearly":
		period = 365 * day
	case "":
		if frequency > 0 {
			period = day
		}
	}
	return period / time.Duration(max(frequency, 1))
}

// wholeNumber is a number above zero; zero when it is none. One that no integer
// holds is the largest.
func wholeNumber(raw string) int {
	n, err := strconv.Atoi(strings.TrimSpace(raw))
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0
	}
	return max(n, 0)
}

// skippedHours reads the hours of RSS 2.0, from 0 to 23. In RSS 0.91 they went
// from 1 to 24, which is midnight too. Whoever names them all wants no reader,
// which no feed wants: it says nothing.
func skippedHours(raw []string) []int {
	var hours []int
	for _, text := range raw {
		hour, err := strconv.Atoi(strings.TrimSpace(text))
		if err == nil && 0 <= hour && hour <= 24 {
			hours = append(hours, hour%24)
		}
	}
	slices.Sort(hours)
	if hours = slices.Compact(hours); len(hours) == 24 {
		return nil
	}
	return hours
}

// skippedDays reads the English names of RSS 2.0. All of them say nothing.
func skippedDays(raw []string) []time.Weekday {
	var days []time.Weekday
	for day := time.Sunday; day <= time.Saturday; day++ {
		named := func(text string) bool { return strings.EqualFold(strings.TrimSpace(text), day.String()) }
		if slices.ContainsFunc(raw, named) {
			days = append(days, day)
		}
	}
	if len(days) == 7 {
		return nil
	}
	return days
}

// measure finds the rhythm of all articles of a document.
func (h *Hints) measure(articles []article.Article) {
	var dates []time.Time
	for i := range articles {
		if published := articles[i].Published; !published.IsZero() {
			dates = append(dates, published)
		}
	}
	if len(dates) == 0 {
		return
	}
	slices.SortFunc(dates, time.Time.Compare)
	h.Newest = dates[len(dates)-1]
	if len(dates) < 3 {
		return
	}
	gaps := make([]time.Duration, 0, len(dates)-1)
	for i, date := range dates[1:] {
		gaps = append(gaps, date.Sub(dates[i]))
	}
	slices.Sort(gaps)
	lower, upper := gaps[(len(gaps)-1)/2], gaps[len(gaps)/2]
	h.Gap = lower + (upper-lower)/2
}
