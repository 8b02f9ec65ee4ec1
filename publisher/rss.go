package publisher

import (
	"encoding/xml"
	"time"

	"github.com/gorilla/feeds"
)

// rssDocument is RSS 2.0 (rssboard.org/rss-specification) with the modules
// content, dc, atom and media. Text is written escaped and not as CDATA, which
// cannot hold every text.
type rssDocument struct {
	XMLName   xml.Name `xml:"rss"`
	Version   string   `xml:"version,attr"`
	ContentNS string   `xml:"xmlns:content,attr"`
	DCNS      string   `xml:"xmlns:dc,attr"`
	AtomNS    string   `xml:"xmlns:atom,attr"`
	MediaNS   string   `xml:"xmlns:media,attr"`
	Channel   rssChannel
}

type rssChannel struct {
	XMLName       xml.Name  `xml:"channel"`
	Title         string    `xml:"title"`
	Link          string    `xml:"link"`
	Description   string    `xml:"description"`
	Language      string    `xml:"language"`
	LastBuildDate string    `xml:"lastBuildDate,omitempty"`
	Generator     string    `xml:"generator"`
	Docs          string    `xml:"docs"`
	Self          rssSelf   `xml:"atom:link"`
	Items         []rssItem `xml:"item"`
}

type rssSelf struct {
	Href string `xml:"href,attr"`
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr"`
}

type rssItem struct {
	Title       string        `xml:"title"`
	Link        string        `xml:"link,omitempty"`
	Description string        `xml:"description"`
	Content     string        `xml:"content:encoded,omitempty"`
	Creator     string        `xml:"dc:creator,omitempty"`
	Categories  []string      `xml:"category"`
	GUID        feeds.RssGuid `xml:"guid"`
	PubDate     string        `xml:"pubDate,omitempty"`
	Source      *rssSource    `xml:"source"`
	Media       *rssMedia     `xml:"media:content"`
	Language    string        `xml:"dc:language,omitempty"`
}

type rssSource struct {
	URL  string `xml:"url,attr"`
	Name string `xml:",chardata"`
}

// rssMedia is the lead image. It is not an enclosure, which must tell the
// number of its bytes; we have never fetched it.
type rssMedia struct {
	URL    string `xml:"url,attr"`
	Type   string `xml:"type,attr"`
	Medium string `xml:"medium,attr"`
	Title  string `xml:"media:description,omitempty"`
}

// FeedXml implements feeds.XmlFeed.
func (d *rssDocument) FeedXml() any { //nolint:revive // the name is the interface's
	return d
}

func newRSS(f *feed) *rssDocument {
	d := &rssDocument{
		Version:   "2.0",
		ContentNS: "http://purl.org/rss/1.0/modules/content/",
		DCNS:      "http://purl.org/dc/elements/1.1/",
		AtomNS:    "http://www.w3.org/2005/Atom",
		MediaNS:   "http://search.yahoo.com/mrss/",
		Channel: rssChannel{
			Title:       f.Title,
			Link:        f.PageURL,
			Description: f.Description,
			Language:    f.Language,
			// The newest entry's and not now: the document has not changed since.
			LastBuildDate: format(f.Updated, time.RFC1123Z),
			Generator:     f.generator(),
			Docs:          "https://www.rssboard.org/rss-specification",
			Self:          rssSelf{Href: f.url("rss.xml"), Rel: "self", Type: "application/rss+xml"},
		},
	}
	for _, e := range f.Entries {
		d.Channel.Items = append(d.Channel.Items, newRSSItem(e))
	}
	return d
}

func newRSSItem(e *entry) rssItem {
	item := rssItem{
		Title:       e.Title,
		Link:        e.Link,
		Description: e.summaryHTML(),
		Creator:     e.Author,
		Categories:  e.Categories,
		GUID:        feeds.RssGuid{Id: e.ID, IsPermaLink: "false"},
		PubDate:     format(e.Published, time.RFC1123Z),
		Language:    e.Language,
	}
	if e.Body != "" {
		item.Content = e.fullHTML()
	}
	if e.Source.URL != "" {
		item.Source = &rssSource{URL: e.Source.URL, Name: e.Source.Name}
	}
	if e.Image != nil && e.Image.Type != "" {
		item.Media = &rssMedia{URL: e.Image.URL, Type: e.Image.Type, Medium: "image", Title: e.Image.Caption}
	}
	return item
}
