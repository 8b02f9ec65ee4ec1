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
	HistoryNS string   `xml:"xmlns:fh,attr,omitempty"`
	Channel   rssChannel
}

type rssChannel struct {
	XMLName       xml.Name  `xml:"channel"`
	Title         xmlText   `xml:"title"`
	Link          string    `xml:"link"`
	Description   xmlText   `xml:"description"`
	Language      string    `xml:"language"`
	Copyright     xmlText   `xml:"copyright"`
	LastBuildDate string    `xml:"lastBuildDate,omitempty"`
	Generator     string    `xml:"generator"`
	Docs          string    `xml:"docs"`
	Links         []rssLink `xml:"atom:link"`
	Archive       *struct{} `xml:"fh:archive"`
	Items         []rssItem `xml:"item"`
}

type rssLink struct {
	Href string `xml:"href,attr"`
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr,omitempty"`
}

type rssItem struct {
	Title       xmlText       `xml:"title"`
	Link        string        `xml:"link,omitempty"`
	Description string        `xml:"description"` // before the content, as old readers want it
	Content     string        `xml:"content:encoded,omitempty"`
	Creator     *xmlText      `xml:"dc:creator"`
	Categories  []rssCategory `xml:"category"`
	GUID        feeds.RssGuid `xml:"guid"`
	PubDate     string        `xml:"pubDate,omitempty"`
	Source      *rssSource    `xml:"source"`
	Media       *media        `xml:"media:content"`
	Language    string        `xml:"dc:language,omitempty"`
}

// rssCategory has a domain where it is of a scheme of ours.
type rssCategory struct {
	Domain string `xml:"domain,attr,omitempty"`
	xmlText
}

type rssSource struct {
	URL string `xml:"url,attr"`
	xmlText
}

// media is the lead image (Media RSS). It is not an enclosure of RSS, which must
// tell the number of its bytes; we have never fetched it.
type media struct {
	URL         string   `xml:"url,attr"`
	Type        string   `xml:"type,attr,omitempty"`
	Medium      string   `xml:"medium,attr"`
	Description *xmlText `xml:"media:description"`
}

func newMedia(i *image) *media {
	if i == nil {
		return nil
	}
	return &media{URL: i.URL, Type: i.Type, Medium: "image", Description: optionalText(i.Caption)}
}

// mediaNS is the namespace of Media RSS, with the slash that validators want.
const mediaNS = "http://search.yahoo.com/mrss/"

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
		MediaNS:   mediaNS,
		Channel: rssChannel{
			Title:       newXMLText(f.Title),
			Link:        f.PageURL,
			Description: newXMLText(f.Description),
			Language:    f.Language,
			Copyright:   newXMLText(rights),
			// The newest entry's and not now: the document has not changed since.
			LastBuildDate: format(f.Updated, time.RFC1123Z),
			Generator:     f.generator(),
			Docs:          "https://www.rssboard.org/rss-specification",
		},
	}
	d.HistoryNS, d.Channel.Archive = f.historyMark()
	for _, l := range f.links(rssName, "application/rss+xml") {
		d.Channel.Links = append(d.Channel.Links, rssLink{Href: l.Href, Rel: l.Rel, Type: l.Type})
	}
	for _, e := range f.Entries {
		d.Channel.Items = append(d.Channel.Items, newRSSItem(e))
	}
	return d
}

func newRSSItem(e *entry) rssItem {
	item := rssItem{
		Title:       newXMLText(e.Title),
		Link:        e.Link,
		Description: e.summaryHTML(),
		Creator:     optionalText(e.Author),
		GUID:        feeds.RssGuid{Id: e.ID, IsPermaLink: "false"},
		PubDate:     format(e.Published, time.RFC1123Z),
		Language:    e.Language,
		Media:       newMedia(e.Image),
	}
	for _, c := range e.Categories {
		item.Categories = append(item.Categories, rssCategory{Domain: c.Scheme, xmlText: newXMLText(c.Name)})
	}
	if e.Body != "" {
		item.Content = e.fullHTML()
	}
	if e.Source.URL != "" {
		item.Source = &rssSource{URL: e.Source.URL, xmlText: newXMLText(e.Source.Name)}
	}
	return item
}
