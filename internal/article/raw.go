package article

import "time"

// A Raw is what a source sent, kept so that better rules can read it again
// without asking the source.
type Raw struct {
	SourceID  string
	FetchedAt time.Time // one for all of a refresh
	// ArticleID is the article whose page it is; empty for a feed.
	ArticleID string
	Link      string // that led to the page; empty for a feed
	LinkTitle string // as it stood on the listing
	// URL and ContentType are those of the answer.
	URL         string
	ContentType string
	// Body is in zstd (RFC 8878); of a feed the items that were read, and what
	// stands around them.
	Body []byte
}
