package publisher

import (
	"bytes"
	"strings"

	"bantin/internal/opml"
)

// subscriptions lists the channels for feed readers.
func subscriptions(title string, channels []*feed) ([]byte, error) {
	list := opml.Document{Title: opmlText(title)}
	for _, f := range channels {
		list.Outlines = append(list.Outlines, opml.Outline{
			Type: opml.RSS, Title: opmlText(f.Title), FeedURL: f.url("rss.xml"), PageURL: f.PageURL,
			Language: f.Language, Version: "RSS2", // the spec's name for RSS 2.0
		})
	}
	var b bytes.Buffer
	err := opml.Write(&b, list)
	return b.Bytes(), err
}

// opmlText is plain text in OPML, where text may hold markup (OPML 2.0, "text
// attribute"). A "&" between spaces is none, and most readers decode nothing.
func opmlText(s string) string {
	return strings.ReplaceAll(reference.ReplaceAllString(s, "&amp;$1"), "<", "&lt;")
}
