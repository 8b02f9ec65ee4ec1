package publisher

import (
	"bytes"

	"bantin/internal/opml"
)

// subscriptions lists the channels for feed readers.
func subscriptions(title string, channels []*feed) ([]byte, error) {
	list := opml.Document{Title: title}
	for _, f := range channels {
		list.Outlines = append(list.Outlines, opml.Outline{
			Type: opml.RSS, Title: f.Title, FeedURL: f.url("rss.xml"), PageURL: f.PageURL,
			Language: f.Language, Version: "RSS2", // the spec's name for RSS 2.0
		})
	}
	var b bytes.Buffer
	err := opml.Write(&b, list)
	return b.Bytes(), err
}
