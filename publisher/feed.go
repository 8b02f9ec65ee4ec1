package publisher

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"github.com/gorilla/feeds"
)

// A feed is what the three feed formats of a channel have in common.
type feed struct {
	Channel
	Description string
	Site        string // title of the site
	Language    string
	Version     string // of the generator
	TagID       string // a tag: URI
	PageURL     string // of the channel's page
	SiteURL     string
	Updated     time.Time // the newest entry's; zero when there is none
	Modified    time.Time // when something last came, changed or left; zero when nothing has
	Entries     []*entry

	// The other documents of the channel, as paths without the name; empty where
	// there is none.
	Current, Prev, Next string
	Part                string   // the name of a part of the archive; empty for the current feed
	Closed              bool     // see ArchiveContent
	Hubs                []string // URLs

	tag     func(kind, id string) string
	address func(path string) string // the public one
}

// front is the feed with the entries that the front page shows and no more.
func (f *feed) front() *feed {
	const headlines = 3 // enough to tell what a channel is about
	short := *f
	short.Entries = slices.Clone(f.Entries[:min(headlines, len(f.Entries))])
	short.tag, short.address = nil, nil // they would keep all entries of the rendering
	return &short
}

// url is the address of one of the channel's documents.
func (f *feed) url(name string) string {
	return f.PageURL + name
}

// anchorURL is an entry's place on our page, for formats that need an address
// where the original has none.
func (f *feed) anchorURL(e *entry) string {
	return f.PageURL + "#" + e.Anchor
}

func (f *feed) generator() string {
	if f.Version == "" {
		return "Bantin"
	}
	return "Bantin " + f.Version
}

// encodeXML writes a feed through gorilla/feeds.
func encodeXML(document feeds.XmlFeed) ([]byte, error) {
	var b bytes.Buffer
	if err := feeds.WriteXML(document, &b); err != nil {
		return nil, fmt.Errorf("write XML: %w", err)
	}
	return b.Bytes(), nil
}

// format writes a time, and nothing for the zero time.
func format(t time.Time, layout string) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(layout)
}
