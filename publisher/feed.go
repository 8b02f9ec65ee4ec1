package publisher

import (
	"bytes"
	"fmt"
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
	Entries     []*entry
	tag         func(kind, id string) string
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
