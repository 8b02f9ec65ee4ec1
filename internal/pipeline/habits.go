package pipeline

import (
	"context"
	"slices"
	"time"

	"bantin/fetcher"
	"bantin/internal/article"
)

const (
	// A move must be told for two weeks, and more than by a passing
	// misconfiguration seen twice, before the new address is used in its own right.
	moveAfter   = 14 * 24 * time.Hour
	moveAnswers = 3
	// emptyAfter and frozenAfter are when a source that answers well, and says
	// nothing, is reported: some empty their feeds over night, and a district
	// paper may rest for a week.
	emptyAfter  = 3 * 24 * time.Hour
	frozenAfter = 7 * 24 * time.Hour
)

// The quiet kinds of failure: the source answers well.
const (
	QuietEmpty    = "empty"    // no items for long
	QuietFrozen   = "frozen"   // nothing new for longer than expected
	QuietFlooding = "flooding" // more that is new than comes in within a day
	QuietMoved    = "moved"    // read from another address than the configured one
)

// Quiet returns the quiet failure of a source that answers well, or "".
func Quiet(src Source, state article.SourceState, now time.Time) string {
	expect := src.Expect
	if expect == 0 {
		expect = max(frozenAfter, 10*state.Habits.Gap)
	}
	switch empty, last := state.Habits.EmptySince, state.Habits.LastNew; {
	case !empty.IsZero() && now.Sub(empty) >= emptyAfter:
		return QuietEmpty
	case !last.IsZero() && now.Sub(last) >= expect:
		return QuietFrozen
	case !intakeAt(now, state.Habits.Intake).Flooding.IsZero():
		return QuietFlooding
	case slices.Contains(state.FormerURLs, src.URL()) && state.URL != src.URL():
		return QuietMoved
	}
	return ""
}

// adopt gives a state the address from which its source is read: the configured
// one, or the one that it moved to. What another document was recognised by says
// nothing of this one.
func (p *Pipeline) adopt(src Source, state article.SourceState) article.SourceState {
	state.SourceID = src.ID
	if isSame(state.URL, src.URL()) {
		state.URL = src.URL() // as it is spelt now
		return state
	}
	if slices.Contains(state.FormerURLs, src.URL()) {
		return state
	}
	state.URL, state.FormerURLs, state.Move = src.URL(), nil, article.Move{}
	state.Validators, state.BodyHash = article.Validators{}, ""
	old := state.Habits // what they say of articles, wherever these are told of
	state.Habits = article.Habits{Said: old.Said, ReadAgain: old.ReadAgain, LastNew: old.LastNew}
	state.Tried = nil
	return state
}

// isSame reports whether two URLs lead to the same request.
func isSame(a, b string) bool { return a == b || article.Address(a) == article.Address(b) }

// learn notes what a document that was read says about its source.
func (p *Pipeline) learn(src Source, state *article.SourceState, r *reading, result fetcher.Result) {
	if r.whole {
		state.Validators, state.BodyHash = result.Validators, result.BodyHash
	} else { // something is still to be read: the next refresh must see the document again
		state.Validators, state.BodyHash = article.Validators{}, ""
	}
	state.Warnings, state.Tried = r.warnings, r.tried
	h := &state.Habits
	h.Items, h.Said, h.ReadAgain, h.Pages = r.items, r.said, r.again, r.pages.habits
	h.MinInterval, h.SkipHours, h.SkipDays = r.hints.MinInterval, r.hints.SkipHours, r.hints.SkipDays
	if r.hints.Gap > 0 {
		h.Gap = r.hints.Gap
	}
	switch {
	case len(r.articles)+r.skipped > 0 || src.PageURL != "":
		h.EmptySince = time.Time{}
	case h.EmptySince.IsZero():
		h.EmptySince = state.LastFetch
	}
}

// address is where a source is asked at now: at the configured address, or at the
// one that it moved to. One that has failed for as long as a move takes to be
// believed is asked in turns with the configured one.
func (p *Pipeline) address(src Source, state article.SourceState, now time.Time) string {
	state = p.adopt(src, state)
	if state.Failures%2 == 1 && now.Sub(state.FailingSince) >= moveAfter {
		return src.URL()
	}
	return state.URL
}

// follows counts the answers that name a new address for good, and uses it after
// two weeks of the same answer. It is asked only about documents that were read
// well, so a move to a page changes nothing; nor does one to another source's.
func (p *Pipeline) follows(ctx context.Context, src Source, state *article.SourceState, got *response) {
	to := got.result.MovedTo
	if got.asked == src.URL() && got.asked != state.URL { // what it moved to has failed for long
		if to == state.URL {
			return // and is there again
		}
		state.URL, state.FormerURLs, state.Move = got.asked, nil, article.Move{}
	}
	if to == "" {
		state.Move = article.Move{}
		return
	}
	if state.Move.To != to {
		state.Move = article.Move{To: to, Since: state.LastFetch}
	}
	state.Move.Answers++
	if state.Move.Answers < moveAnswers || state.LastFetch.Sub(state.Move.Since) < moveAfter {
		return
	}
	if p.isTaken(ctx, src, to) {
		state.Move.Answers = 0 // it is looked at again after some more
		return
	}
	state.FormerURLs = append(state.FormerURLs, state.URL)
	if !slices.Contains(state.FormerURLs, src.URL()) {
		state.FormerURLs = append(state.FormerURLs, src.URL())
	}
	state.URL, state.Move = to, article.Move{}
}

// isTaken reports whether an address is that of another source: as configured, or
// because it moved there. Of two that are about to move to one address at once, the
// first in the configuration does, whichever process asks.
func (p *Pipeline) isTaken(ctx context.Context, src Source, address string) bool {
	if leader, known := p.byURL[article.Address(address)]; known {
		return leader != p.leaderOf(src)
	}
	states, err := p.Store.States(ctx)
	if err != nil {
		return true // for now
	}
	before := true
	for _, other := range p.Sources {
		if p.leaderOf(other) == p.leaderOf(src) { // itself, or fetched with it
			before = false
			continue
		}
		state := p.adopt(other, states[other.ID])
		if isSame(state.URL, address) || before && isSame(state.Move.To, address) {
			return true
		}
	}
	return false
}
