package store

import (
	"slices"
	"strings"
	"time"

	"bantin/internal/article"
)

// Stored is what a store must know of an article to decide about a new form of it.
type Stored struct {
	ID          string
	Twin        string // empty when another article holds its twin
	ContentHash string
	FirstSeen   time.Time
	Channels    []string
	Buried      bool

	// Of those that have the Likeness of an article in the refresh whose id is not
	// stored; else they may be empty.
	Likeness int64
	URL      string
}

// A Change is one article that Commit must write.
type Change struct {
	Index    int             // of the article in the refresh
	Article  article.Article // as it shall be stored
	Twin     string          // to be remembered with it; empty when another article holds it
	Likeness int64           // to be remembered with it; zero when it has none
	New      bool            // else it replaces the one with its id
	Left     []string        // keys of the channels that had it and have it no more
}

// Plan says what a refresh changes. It needs all stored articles that have the id
// or the Twin of one in the refresh, or the Likeness of one whose id is not stored,
// and in takenDown the canonical URLs of its new articles that tombstones have, of
// whatever source. Changes of known articles come before new ones, because a new
// article may take over the twin that a known one gives up.
func Plan(refresh article.Refresh, stored []Stored, takenDown []string) []Change {
	p := plan{
		decided:   refresh.Decided,
		again:     refresh.Again,
		takenDown: takenDown,
		byID:      make(map[string]*Stored, len(stored)),
		byTwin:    make(map[string]string, len(stored)),
		done:      make(map[string]bool, len(refresh.Articles)),

		byLikeness: make(map[int64]string),
	}
	for i := range stored {
		known := &stored[i]
		p.byID[known.ID] = known
		if known.Twin != "" {
			p.byTwin[known.Twin] = known.ID
		}
		if known.Likeness != 0 && p.isFirstOfItsLike(known) {
			p.byLikeness[known.Likeness] = known.ID
		}
	}
	// Known ids first: an article that is here under its own id is not the one
	// that another guid stands for, even where that one has its former title.
	var others []int
	for i := range refresh.Articles {
		fetched := &refresh.Articles[i]
		if known, ok := p.byID[fetched.ID]; ok {
			p.revise(i, known, fetched)
		} else {
			others = append(others, i)
		}
	}
	for _, i := range others {
		p.place(i, &refresh.Articles[i])
	}
	return p.changes
}

type plan struct {
	decided   []string
	again     bool
	takenDown []string
	byID      map[string]*Stored
	byTwin    map[string]string // the id of the article that holds the twin
	done      map[string]bool   // ids that an article of this refresh has decided
	changes   []Change

	byLikeness map[int64]string // the id of the first article that had it
}

// isFirstOfItsLike reports whether the article came before the one that is known
// for its likeness. Two may have grown alike, and a store may return them in any order.
func (p *plan) isFirstOfItsLike(known *Stored) bool {
	other, ok := p.byID[p.byLikeness[known.Likeness]]
	if !ok || known.FirstSeen.Equal(other.FirstSeen) {
		return !ok || known.ID < other.ID
	}
	return known.FirstSeen.Before(other.FirstSeen)
}

// place handles an article whose id is not stored.
func (p *plan) place(index int, fetched *article.Article) {
	twin := fetched.Twin()
	if holder := p.byTwin[twin]; holder != "" {
		if known, ok := p.byID[holder]; ok {
			p.revise(index, known, fetched)
		}
		return // else the holder came earlier in this refresh
	}
	likeness := fetched.Likeness()
	if holder := p.byLikeness[likeness]; holder != "" {
		// A link that is new in its query only is what the source makes up at each
		// poll; to follow it would change the outputs as often.
		if known, ok := p.byID[holder]; ok && withoutQuery(known.URL) != withoutQuery(fetched.URL) {
			p.revise(index, known, fetched)
		}
		return
	}
	if p.again || p.done[fetched.ID] || p.isTakenDown(fetched.URL) {
		return
	}
	p.done[fetched.ID] = true
	if twin != "" {
		p.byTwin[twin] = fetched.ID
	}
	if likeness != 0 {
		p.byLikeness[likeness] = fetched.ID
	}
	p.changes = append(p.changes, Change{Index: index, Article: *fetched, Twin: twin, Likeness: likeness, New: true})
}

func withoutQuery(link string) string {
	address, _, _ := strings.Cut(article.CanonicalURL(link), "?")
	return address
}

// isTakenDown reports whether what the URL leads to was taken down. Another guid,
// title or source does not make it another article.
func (p *plan) isTakenDown(url string) bool {
	return len(p.takenDown) > 0 && url != "" && slices.Contains(p.takenDown, article.CanonicalURL(url))
}

// revise gives a stored article its new content. What is ours stays: the id,
// FirstSeen, and the membership of channels that were not asked.
func (p *plan) revise(index int, known *Stored, fetched *article.Article) {
	if p.done[known.ID] {
		return
	}
	p.done[known.ID] = true
	if known.Buried || known.ContentHash == fetched.ContentHash && !p.again {
		return
	}
	revised := *fetched
	revised.ID = known.ID
	revised.FirstSeen = known.FirstSeen
	revised.Channels = p.channels(known, fetched)
	if len(revised.Channels) > 0 {
		revised.Unselected = ""
	}
	p.changes = append(p.changes, Change{
		Index: index, Article: revised,
		Twin:     p.moveTwin(known, fetched.Twin()),
		Likeness: p.moveLikeness(known, fetched.Likeness()),
		Left:     slices.DeleteFunc(slices.Clone(known.Channels), func(key string) bool { return slices.Contains(revised.Channels, key) }),
	})
}

func (p *plan) channels(known *Stored, fetched *article.Article) []string {
	var keys []string
	for _, key := range known.Channels {
		if !slices.Contains(p.decided, key) {
			keys = append(keys, key)
		}
	}
	for _, key := range fetched.Channels {
		if !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	return keys
}

// moveTwin gives a known article the twin of its new form. A twin belongs to the
// first article that had it, so that a changing guid always leads to the same one.
func (p *plan) moveTwin(known *Stored, twin string) string {
	if holder, taken := p.byTwin[twin]; taken && holder != known.ID {
		twin = ""
	}
	if known.Twin != twin {
		delete(p.byTwin, known.Twin)
	}
	if twin != "" {
		p.byTwin[twin] = known.ID
	}
	return twin
}

// moveLikeness gives a known article the likeness of its new form. Unlike a twin it
// may be that of several; the first one is known for it.
func (p *plan) moveLikeness(known *Stored, likeness int64) int64 {
	if known.Likeness != likeness && p.byLikeness[known.Likeness] == known.ID {
		delete(p.byLikeness, known.Likeness)
	}
	if likeness != 0 && p.byLikeness[likeness] == "" {
		p.byLikeness[likeness] = known.ID
	}
	return likeness
}

// Tombstone is what remains of an article that was taken down: enough that it is
// recognised and never comes back, and nothing that it said.
func Tombstone(known *article.Article, reason string, now time.Time) article.Article {
	return article.Article{
		ID:              known.ID,
		SourceID:        known.SourceID,
		URL:             known.URL,
		FirstSeen:       known.FirstSeen,
		TakenDown:       now,
		TakenDownReason: reason,
	}
}

// InOrder returns the articles in the order of ids.
func InOrder(ids []string, articles []article.Article) []article.Article {
	byID := make(map[string]article.Article, len(articles))
	for _, a := range articles {
		byID[a.ID] = a
	}
	ordered := make([]article.Article, 0, len(articles))
	for _, id := range ids {
		if a, ok := byID[id]; ok {
			ordered = append(ordered, a)
		}
	}
	return ordered
}
