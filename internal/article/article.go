package article

import "time"

// An Article is one normalized document: what a careful editor would have typed
// after reading an item of a feed or a page of a portal.
type Article struct {
	ID       string // see NewID; never changes
	SourceID string
	GUID     string // the source's own identifier, whole; may be empty
	URL      string // absolute link to the original; may be empty

	Title  string // plain text, NFC
	Lead   string // plain text; the summary that opens the article
	HTML   string // the cleaned body, without title, lead, byline and end mark
	Text   string // HTML as plain text, one paragraph a line
	Author string
	Origin string // who wrote it first, where that is not the source (TTXVN)

	Published time.Time // the source's; zero when it gave none
	Precision Precision // how much of Published the source gave
	Updated   time.Time // the source's; zero when it gave none
	FirstSeen time.Time // ours: the fetch that brought it
	FetchedAt time.Time // ours: the fetch that last changed it

	Images     []Image
	Categories []string // the source's own words
	Places     []PlaceRef
	Topics     []TopicRef
	Language   string // BCP 47

	ContentHash string   // of all that the source said; see normalizer
	Warnings    []string // what was repaired or doubtful

	// Channels are the keys of the channels that took the article, under the
	// rules that each key names. Unselected says why, when none took it.
	Channels   []string
	Unselected string

	// TakenDown makes the document a tombstone: it keeps its id, source and URL,
	// has no content, and never comes back. Zero for all others.
	TakenDown       time.Time
	TakenDownReason string
}

// SortTime orders articles in every output: Published, else FirstSeen. A date
// later than the fetch that brought it is kept in the article but does not
// order it, so that nothing stands first for ever.
func (a *Article) SortTime() time.Time {
	if a.Published.IsZero() || a.Published.After(a.FirstSeen) {
		return a.FirstSeen
	}
	return a.Published
}

// Precision says how much of a time its source gave. Empty means no time.
type Precision string

// The precisions, coarse to fine.
const (
	Day    Precision = "day"
	Hour   Precision = "hour"
	Minute Precision = "minute"
)

// An Image is a picture of an article.
type Image struct {
	URL     string
	Caption string // plain text
}

// A PlaceRef is a place that an article names, as it was on the article's date.
type PlaceRef struct {
	Name     string // as written
	Kind     string // tỉnh, thành phố, huyện, xã … on the article's date
	Code     string // of the General Statistics Office, valid between From and Until
	From     string // first day of the unit, YYYY-MM-DD; empty when unknown
	Until    string // last day of the unit; empty while it exists
	Province string // today's province, by id ("thai-nguyen")
	// ProvinceThen is the id of the province on the article's date where that
	// is another one ("bac-kan"), else empty.
	ProvinceThen string
	Evidence     string // the words and the rule that decided
}

// A TopicRef is an entry of the taxonomy that an article belongs to.
type TopicRef struct {
	ID       string
	Primary  bool
	Evidence string
}
