package normalizer

import (
	"errors"
	"fmt"
	"time"

	"bantin/internal/article"
	"bantin/internal/gazetteer"
)

// The outcomes that a caller tells apart. Test with errors.Is; the wrapped text
// says what was seen.
var (
	// ErrNotAFeed: a page, a sitemap or another document where a feed was asked.
	ErrNotAFeed = errors.New("not a feed")
	// ErrChallenged: a bot wall or a refusal in place of the document.
	ErrChallenged = errors.New("challenged")
	// ErrUnparsable: a feed that no repair makes readable, or one made to harm.
	ErrUnparsable = errors.New("unparsable")
	// ErrEmpty: no byte but white space.
	ErrEmpty = errors.New("empty document")
	// ErrNoArticle: a page in which no article was found.
	ErrNoArticle = errors.New("no article")
)

// A Document is a body as it was fetched.
type Document struct {
	Body        []byte // decompressed; it is read only
	ContentType string // of the HTTP header; may be empty
	URL         string // the final URL, against which relative links resolve
	// Fetched is when, for dates such as "15 giờ trước" and to know what lies in
	// the future; where it is zero these stay unknown.
	Fetched time.Time
	// Seen are the Items of the last reading of this feed, when the caller has
	// their articles: items with the same bytes are not read again.
	Seen []uint64
	// Chrome are the lines of pages that the caller knows as the portal's own: it
	// counted the Lines of many articles of the host.
	Chrome []uint64
	// Siblings are the other article pages of the host; zero where too few are known.
	Siblings Siblings
}

// Siblings are what is usual of the article pages of a host: the medians of
// PageResult.KeptShare and PageResult.TextBytes.
type Siblings struct {
	KeptShare float64
	TextBytes int
}

// A PageResult is what an article page gave.
type PageResult struct {
	Article article.Article
	Removed []Removal // what the page shows and the article has not
	// Lines are the short lines at the edges of the body, as hashes of their folded
	// form: what most articles of a host share is not of them.
	Lines     []uint64
	KeptShare float64 // of the text of the page: what of it is in the article
	TextBytes int     // the text of the page, without that of its links
}

// A Removal is a text that a document shows and its article has not, and why.
type Removal struct{ Text, Reason string }

// A Result is what a feed gave: its articles in document order, and what had to
// be repaired, left out or doubted to get them.
type Result struct {
	Articles []article.Article // of the items that were read
	Warnings []string
	// Truncated: the document ended early: items may be missing. It is then not
	// to be remembered as read, or a 304 would keep them away.
	Truncated bool
	// Items are the fingerprints of all items of the document, those that were
	// not read among them. They are none where each reading must be whole: the
	// feed is broken, in JSON, of NukeViet, or two of its items claim one id.
	Items   []uint64
	Skipped int // items that were not read because they were Seen
	// Kept is a document in UTF-8 with the items that were read and what stands
	// around them. Reading it gives the same articles; a caller can keep it for
	// better rules to come. It may share memory with the document's body, and is
	// nil where it would be longer than 512 KB.
	Kept []byte
	// Removed is what was taken out of the items that were read, by article id.
	Removed map[string][]Removal
	Hints   Hints
}

// A Link leads from a listing page to an article.
type Link struct {
	URL   string // absolute
	Title string // the text of the link, clean
}

// Options are what a Normalizer needs.
type Options struct {
	Gazetteer *gazetteer.Gazetteer
	Topics    []article.Topic // added to the taxonomy; a known id adds to that topic
}

// A Normalizer turns documents into articles. It is safe for concurrent use.
type Normalizer struct {
	zone    *time.Location // of dates that name none
	cleaner *cleaner       // of HTML; see body.go
	tagger  *tagger        // of places and topics; see tag.go
}

// New makes a Normalizer.
func New(options Options) (*Normalizer, error) {
	if options.Gazetteer == nil {
		return nil, errors.New("normalizer: no gazetteer")
	}
	tagger, err := newTagger(options)
	if err != nil {
		return nil, fmt.Errorf("read the tagging rules: %w", err)
	}
	cleaner, err := newCleaner(options.Gazetteer)
	if err != nil {
		return nil, err
	}
	return &Normalizer{zone: vietnamTime(), cleaner: cleaner, tagger: tagger}, nil
}

// vietnamTime is Asia/Ho_Chi_Minh, which has had one offset since 1975 (tz
// database). A fixed zone needs no zone files on the machine.
func vietnamTime() *time.Location {
	const sevenHours = 7 * 60 * 60
	return time.FixedZone("+07", sevenHours)
}
