package pipeline

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"

	"bantin/fetcher"
	"bantin/internal/store"
)

const (
	// firstRetry and longestRetry bound the back-off of a ping: a hub that is
	// restarted misses little, and one that is gone is asked four times a day.
	firstRetry   = time.Minute
	longestRetry = 6 * time.Hour
	// recheck is how often a hub's pings are looked through when nothing happens,
	// for those that another process left when it died.
	recheck = 10 * time.Minute
)

// A Poster sends a form. *fetcher.Fetcher is one.
type Poster interface {
	Post(ctx context.Context, address string, form url.Values) error
}

// A teller tells one hub which topics have changed (WebSub §2, "publish"). Each
// hub has its own, which pings one topic at a time: a hub that hangs delays no
// other and no output, and no hub is flooded.
//
// What the hub knows, and what it has still to be told, is in the store. A ping
// is put off before it is sent, by the time after which it is tried again, and
// struck out when it arrived. So a crash sends it once more and loses none, and
// of two processes on one store only one sends it.
// A hub that does not answer is left alone for all topics: that stands in a ping
// of the hub's own, without a topic.
type teller struct {
	pipeline *Pipeline
	hub      string
	news     chan map[string]string // topics with their hashes; the newest only
	topics   map[string]string
	rest     store.Ping // of the hub's own: it is left alone until Due
}

func (p *Pipeline) newTellers() []*teller {
	var tellers []*teller
	if p.Poster == nil {
		return nil
	}
	for _, hub := range p.Options.Site.Hubs {
		tellers = append(tellers, &teller{pipeline: p, hub: hub, news: make(chan map[string]string, 1)})
	}
	return tellers
}

// tell replaces what the teller has not yet taken up. Only one goroutine calls it.
func (t *teller) tell(topics map[string]string) {
	select {
	case <-t.news:
	default:
	}
	t.news <- topics
}

// run works until ctx ends.
func (t *teller) run(ctx context.Context) {
	clock := time.NewTimer(recheck)
	defer clock.Stop()
	for {
		select {
		case t.topics = <-t.news:
		case <-clock.C:
		case <-ctx.Done():
			return
		}
		next, err := t.round(ctx)
		if err != nil && ctx.Err() == nil {
			t.pipeline.Logger.ErrorContext(ctx, "tell a hub; it is tried again", "hub", t.name(), "error", err)
			next = t.pipeline.Now().Add(firstRetry)
		}
		clock.Reset(min(max(next.Sub(t.pipeline.Now()), time.Second), recheck))
	}
}

// name is the hub without its query, where some hubs carry a key.
func (t *teller) name() string {
	u, err := url.Parse(t.hub)
	if err != nil {
		return "?"
	}
	return u.Host
}

// round tells the hub all that is due and returns when it is to be told more.
func (t *teller) round(ctx context.Context) (time.Time, error) {
	pings, err := t.pings(ctx)
	if err != nil {
		return time.Time{}, err
	}
	now := t.pipeline.Now()
	next := now.Add(recheck)
	for _, ping := range pings {
		if t.rest.Due.After(now) {
			return t.rest.Due, nil
		}
		if ping.Due.After(now) {
			next = earlier(next, ping.Due)
			continue
		}
		retry, err := t.ping(ctx, ping)
		if err != nil {
			return time.Time{}, err
		}
		if !retry.IsZero() {
			next = earlier(next, retry)
		}
	}
	return next, nil
}

// pings are those that the hub has still to be told, after the topics that have
// changed were added to them, the longest due first.
func (t *teller) pings(ctx context.Context) ([]store.Ping, error) {
	stored, err := t.pipeline.Store.Pings(ctx)
	if err != nil {
		return nil, err
	}
	known := make(map[string]store.Ping)
	for _, ping := range stored {
		if ping.Hub == t.hub {
			known[ping.Topic] = ping
		}
	}
	t.rest = known[restTopic]
	var pending []store.Ping
	for _, topic := range slices.Sorted(maps.Keys(t.topics)) {
		ping, err := t.changed(ctx, known[topic], topic)
		if err != nil {
			return nil, err
		}
		if !ping.Due.IsZero() {
			pending = append(pending, ping)
		}
	}
	slices.SortStableFunc(pending, func(a, b store.Ping) int {
		return a.Due.Compare(b.Due)
	})
	return pending, nil
}

// changed is the ping of a topic, which is made due where the topic's bytes are
// not those that the hub knows. One that failed before keeps its time: news do
// not make a hub well.
func (t *teller) changed(ctx context.Context, known store.Ping, topic string) (store.Ping, error) {
	if known.Hash == t.topics[topic] {
		return known, nil
	}
	next := known
	next.Hub, next.Topic, next.Hash = t.hub, topic, t.topics[topic]
	if known.Due.IsZero() {
		next.Due = t.pipeline.Now()
	}
	swapped, err := t.pipeline.Store.SwapPing(ctx, known, next)
	if err != nil || !swapped { // another process was first; the next round sees it
		return store.Ping{}, err
	}
	return next, nil
}

// ping tells the hub of one topic and returns when it is to be tried again; zero
// when the hub knows. The error is the store's.
func (t *teller) ping(ctx context.Context, due store.Ping) (retry time.Time, err error) {
	now := t.pipeline.Now()
	taken := due
	taken.Attempts++
	taken.Due = now.Add(backOff(taken.Attempts))
	if swapped, err := t.pipeline.Store.SwapPing(ctx, due, taken); err != nil || !swapped {
		return time.Time{}, err // another process sends it
	}
	fault := t.pipeline.Poster.Post(ctx, t.hub, url.Values{
		"hub.mode":  {"publish"},
		"hub.url":   {due.Topic},
		"hub.topic": {due.Topic}, // what some hubs call it
	})
	told := taken
	if fault == nil {
		told.Due, told.Attempts = time.Time{}, 0
		_, err = t.pipeline.Store.SwapPing(ctx, taken, told)
		return time.Time{}, errors.Join(err, t.setRest(ctx, time.Time{}, 0))
	}
	if ctx.Err() != nil {
		return taken.Due, nil //nolint:nilerr // we are going, and the hub is not to blame
	}
	told.Due = later(told.Due, now.Add(retryAfter(fault)))
	t.pipeline.Logger.WarnContext(ctx, "a hub was not told", "hub", t.name(), "topic", due.Topic, "attempts", told.Attempts, "again_at", told.Due, "error", fault)
	if !isAboutTopic(fault) {
		attempts := t.rest.Attempts + 1
		told.Due = later(now.Add(backOff(attempts)), now.Add(retryAfter(fault)))
		err = t.setRest(ctx, told.Due, attempts)
	}
	_, swapErr := t.pipeline.Store.SwapPing(ctx, taken, told)
	return told.Due, errors.Join(err, swapErr)
}

// restTopic is the topic of a hub's own ping.
const restTopic = ""

// setRest writes down until when the hub is left alone, after how many attempts.
func (t *teller) setRest(ctx context.Context, until time.Time, attempts int) error {
	next := store.Ping{Hub: t.hub, Topic: restTopic, Hash: "rest", Due: until, Attempts: attempts}
	if t.rest.Attempts == attempts {
		return nil
	}
	_, err := t.pipeline.Store.SwapPing(ctx, t.rest, next) // another process may know better; the next round reads it
	t.rest = next
	return err
}

// backOff is the time after the n-th attempt in vain.
func backOff(attempts int) time.Duration {
	wait := firstRetry
	for range attempts - 1 {
		if wait *= 2; wait > longestRetry {
			return longestRetry
		}
	}
	return wait
}

// isAboutTopic reports whether a hub that is well refused a topic.
func isAboutTopic(fault error) bool {
	failure, ok := errors.AsType[*fetcher.Error](fault)
	return ok && failure.Status >= 400 && failure.Status < 500 && failure.Status != http.StatusTooManyRequests
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
