package article

import (
	"net/url"
	"time"
)

// A Source is a configured feed or listing page.
type Source struct {
	ID        string
	Name      string
	FeedURL   string // exactly one of FeedURL and PageURL is set
	PageURL   string
	Province  string // id of the province it writes about; may be empty
	Republish Republish
	Items     string   // CSS selector of the article links of a listing page; empty: found by structure
	FullText  FullText // when the page behind an item of a feed is read
	// Article says where the parts of an article stand on the source's pages.
	Article PageRules
	// Dates is the order in which the source writes the figures of a date; empty
	// when nobody said: day first, unless a date shows by itself that it is not.
	Dates DateOrder
	// InsecureTLS is the operator's exception: nobody checks the certificate of
	// the source's host.
	InsecureTLS bool
}

// PageRules are CSS selectors of the parts of an article page. What is empty is
// found by what is known of portals.
type PageRules struct {
	Title, Lead, Body, Date, Author string

	Remove []string // what is not of the article
}

// FullText is when the article page behind an item of a feed is read.
type FullText string

// The policies.
const (
	FullTextAuto   FullText = "auto"   // where the feed carries only a summary
	FullTextAlways FullText = "always" // for every item
	FullTextNever  FullText = "never"
)

// DateOrder is the order of day, month and year in a date of figures.
type DateOrder string

// The orders: Vietnam's, and the American one that some systems write.
const (
	DayFirst   DateOrder = "dmy"
	MonthFirst DateOrder = "mdy"
)

// URL is the address that is polled.
func (s *Source) URL() string {
	if s.FeedURL != "" {
		return s.FeedURL
	}
	return s.PageURL
}

// InsecureHost is the name of the host whose certificate is not checked; empty
// without the exception.
func (s *Source) InsecureHost() string {
	u, err := url.Parse(s.URL())
	if err != nil || !s.InsecureTLS {
		return ""
	}
	return u.Hostname()
}

// Republish is how much of a source's articles may be shown.
type Republish string

// The policies, from all to least.
const (
	Full     Republish = "full"     // the body
	Summary  Republish = "summary"  // the lead
	Headline Republish = "headline" // the title and nothing else
)

// Validators are what a server gave to recognise a document by (RFC 9110 §8.8).
// They are sent back byte for byte.
type Validators struct {
	ETag         string
	LastModified string
}

// SourceState is what the store remembers of a source between two refreshes.
type SourceState struct {
	SourceID   string
	URL        string // that Validators and BodyHash belong to
	Validators Validators
	BodyHash   string // SHA-256 of the last body whose articles are durable

	LastFetch   time.Time // the last attempt
	LastGood    time.Time // the last attempt that ended well, 304 included
	NextFetchAt time.Time

	Failure      string    // kind of the current failure; empty when well
	FailureText  string    // what happened, for people
	FailingSince time.Time // the first of the failures in a row
	Failures     int       // how many in a row
	Warnings     []string  // of the last good document

	// Tried are pages that are left alone until the next day. Of a listing: the ids
	// of pages that were read although no article has their id: they have none, are
	// gone, or are another page's twin. Of a feed: the ids of articles that carry a
	// summary, or an older text, because their pages did not come; those that have
	// waited longest come first.
	Tried []string

	Habits     Habits
	Move       Move
	FormerURLs []string // that the source was read from before it moved, the oldest first
}

// Habits are what a source's documents taught about it.
type Habits struct {
	Items       []uint64       // fingerprints of the items of the last body whose articles are durable
	Gap         time.Duration  // the usual time between its publications; 0 when unknown
	MinInterval time.Duration  // what the document asks of its readers (ttl, sy:updatePeriod)
	SkipHours   []int          // 0 to 23, UTC (RSS 2.0)
	SkipDays    []time.Weekday // UTC (RSS 2.0)
	LastNew     time.Time      // the last refresh that brought something new
	LastWhole   time.Time      // the last answer to a request without validators
	EmptySince  time.Time      // since when the document has no items; zero while it has
	// Said is what the feed said of items when the pages behind them were read, the
	// last first: half of each is a hash of the article's id, half of the words.
	Said      []uint64
	ReadAgain int // pages behind known articles that were asked for again on the day of LastGood
	Intake    Intake
	Pages     PageHabits
}

// An Intake counts what comes from a source within a day, so that none floods the
// outputs and none is asked for the same pages for ever.
type Intake struct {
	Since    time.Time // when the day that is counted began
	New      int       // new articles since then
	Flooding time.Time // since when the source brings more than come in; zero when it does not
	// Repeats stand for the pages that were read in vain, because their articles
	// were known under other links. Each is a hash of the title of the link.
	Repeats []uint64
}

// PageHabits are what the article pages of a source have in common.
type PageHabits struct {
	Read  int         // how many were read, each article's once
	Lines []PageLine  // short lines of their bodies; which are kept says internal/pipeline
	Texts []PageTexts // how much of the last ones was kept, the newest last
}

// A PageLine is a short line of article bodies.
type PageLine struct {
	Hash     uint64 // of the folded line; see normalizer.PageResult
	Articles int    // in how many it stood
	Recent   uint16 // in which of the last 16 it stood, the newest in the lowest bit
}

// PageTexts is what an article kept of its page.
type PageTexts struct {
	Share float64 // of the page's text, 0 to 1
	Bytes int     // the page's text
}

// A Move is an address to which the source's server redirects for good (301, 308).
type Move struct {
	To      string // empty when there is none
	Since   time.Time
	Answers int // how many in a row
}

// A Refresh is the outcome of refreshing one source, as it is written to the store.
type Refresh struct {
	State    SourceState
	Articles []Article
	// Decided are the keys of all channels that were asked about the articles.
	// Membership of a channel that was not asked stays as it is.
	Decided []string
	// Raw is what the articles were read from.
	Raw []Raw
	// Again says that the articles were read again from what was kept: they take
	// the place of stored ones also with the same ContentHash, none of them is
	// new, and State holds nothing but the source's id.
	Again bool
	// Release is given back with the state; the zero value is none.
	Release Lease
}

// A Lease is the time-limited claim of one refresh on one of the places that a host
// has for requests. Token is of this refresh alone, so that one whose lease ended
// cannot give back the place of another that has it since.
type Lease struct {
	Host  string
	Token string
}

// Counts says what a Refresh changed.
type Counts struct {
	New       int
	Updated   int
	Unchanged int // put again with the same content, or buried
}

// An Issue is one dated digest: the ids of its articles by channel, in order.
type Issue struct {
	DigestID string
	Date     string // YYYY-MM-DD in the site's time zone
	MadeAt   time.Time
	Sections []Section
}

// A Section is one channel of an Issue.
type Section struct {
	ChannelID string
	Articles  []string // ids
}
