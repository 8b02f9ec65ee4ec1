package publisher

import "encoding/xml"

// opmlDocument lists the channels for feed readers (OPML 2.0, opml.org/spec2.opml).
type opmlDocument struct {
	XMLName  xml.Name      `xml:"opml"`
	Version  string        `xml:"version,attr"`
	Title    string        `xml:"head>title"`
	Outlines []opmlOutline `xml:"body>outline"`
}

type opmlOutline struct {
	Type     string `xml:"type,attr"`
	Text     string `xml:"text,attr"`
	Title    string `xml:"title,attr"`
	XMLURL   string `xml:"xmlUrl,attr"`
	HTMLURL  string `xml:"htmlUrl,attr"`
	Language string `xml:"language,attr"`
	Version  string `xml:"version,attr"`
}

// FeedXml implements feeds.XmlFeed.
func (d *opmlDocument) FeedXml() any { //nolint:revive // the name is the interface's
	return d
}

func newOPML(title string, channels []*feed) *opmlDocument {
	d := &opmlDocument{Version: "2.0", Title: title}
	for _, f := range channels {
		d.Outlines = append(d.Outlines, opmlOutline{
			Type: "rss", Text: f.Title, Title: f.Title,
			XMLURL: f.url("rss.xml"), HTMLURL: f.PageURL,
			Language: f.Language, Version: "RSS2", // the spec's name for RSS 2.0
		})
	}
	return d
}
