package pipeline

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"bantin/internal/article"
	"bantin/internal/store"
)

const (
	// maxNew is how many new articles of one source come in within intakeDay, after
	// its first document, and how many pages are read to find them. A document has
	// 1,000 items at most, so one that is new as a whole still comes in at once. Who
	// fills the longest document that is read with new articles every day invents them.
	maxNew    = 1000
	intakeDay = 24 * time.Hour
)

// intakeAt is the count at now: a new one where its day is over. A source is
// flooding until a day has passed in which all came in.
func intakeAt(now time.Time, counted article.Intake) article.Intake {
	if age := now.Sub(counted.Since); age >= 0 && age < intakeDay {
		return counted
	}
	next := article.Intake{Since: now}
	if counted.New+len(counted.Repeats) >= maxNew {
		next.Flooding = counted.Flooding
	}
	return next
}

// room is how many new articles of a source may come in at its last fetch.
func room(state article.SourceState) int {
	return max(0, maxNew-intakeAt(state.LastFetch, state.Habits.Intake).New)
}

// pageRoom is how many pages may be read for them.
func (p *Pipeline) pageRoom(state article.SourceState) int {
	vain := len(intakeAt(state.LastFetch, state.Habits.Intake).Repeats)
	return min(p.PagesPerRefresh, max(0, room(state)-vain))
}

// changes is what the store would change for these articles. Where a feed's items
// cannot be told apart by their bytes, or its guids change, it is less than they are.
func (p *Pipeline) changes(ctx context.Context, src Source, articles []article.Article) ([]store.Change, error) {
	if len(articles) == 0 {
		return nil, nil
	}
	changes, err := p.Store.Preview(ctx, article.Refresh{State: article.SourceState{SourceID: src.ID}, Articles: articles})
	if err != nil {
		return nil, fmt.Errorf("look up known articles: %w", err)
	}
	return changes, nil
}

// admit leaves to a later refresh the new articles for which there is no room. They
// are those at the top of the document, which will stay in it longest.
func admit(state *article.SourceState, r *reading, changes []store.Change) {
	isNew := make(map[int]bool) // by index, for all that change something
	var fresh []int             // in document order
	for _, change := range changes {
		isNew[change.Index] = change.New
		if change.New {
			fresh = append(fresh, change.Index)
		}
	}
	intake := intakeAt(state.LastFetch, state.Habits.Intake)
	intake.Repeats = slices.Clone(intake.Repeats)
	for i := range r.articles {
		if link, read := r.links[r.articles[i].ID]; read && !isNew[i] {
			intake.Repeats = append(intake.Repeats, link)
		}
	}
	excess := max(0, len(fresh)-room(*state))
	if excess > 0 {
		left := make(map[int]bool)
		for i := range r.articles {
			if _, changes := isNew[i]; !changes { // it may be the same as one that is left
				left[i] = true
			}
		}
		for _, i := range fresh[:excess] {
			left[i] = true
		}
		r.drop(left)
		r.held += excess
	}
	if !state.LastGood.IsZero() { // the first document is what a source has, and not what it writes
		intake.New += len(fresh) - excess
	}
	if r.held > 0 && intake.Flooding.IsZero() {
		intake.Flooding = state.LastFetch
	}
	state.Habits.Intake = intake
	r.tellLeft()
}

// tellLeft says what of the document is left for later, and that it must be seen again.
func (r *reading) tellLeft() {
	if r.held > 0 {
		r.warnings = append(r.warnings, fmt.Sprintf("more than %d new articles or changed links within a day; left for later: %d", maxNew, r.held))
	}
	if r.repeated > 0 {
		r.warnings = append(r.warnings, fmt.Sprintf("links to known articles change each time, so their pages are read again, once a day: %d", r.repeated))
	}
	if r.held+r.repeated > 0 {
		r.whole, r.items = false, nil
	}
}

// repeats are pages that were read in vain today, and how often each.
type repeats map[uint64]int

func repeatsOf(state article.SourceState) repeats {
	r := make(repeats)
	for _, link := range intakeAt(state.LastFetch, state.Habits.Intake).Repeats {
		r[link]++
	}
	return r
}

// take reports whether a link is like that of a page that was read in vain. Each
// page stands for one link: of three with one title, one may be new.
func (r repeats) take(link uint64) bool {
	if r[link] == 0 {
		return false
	}
	r[link]--
	return true
}

// likeLink is equal for links that changed and still have the same title; of items
// of a feed also the same date.
func likeLink(title string, published time.Time) uint64 {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", title, published.UnixMilli()))
	return binary.BigEndian.Uint64(sum[:8])
}

// addPage adds the article of a page that was read because of a link like this one.
func (r *reading) addPage(a article.Article, link uint64) {
	r.articles = append(r.articles, a)
	r.noteLink(a.ID, link)
}

func (r *reading) noteLink(id string, link uint64) {
	if r.links == nil {
		r.links = make(map[string]uint64)
	}
	r.links[id] = link
}
