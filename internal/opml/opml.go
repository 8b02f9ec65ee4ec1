package opml

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

// The types of outlines that a Document is made of.
const (
	RSS  = "rss"  // a feed of any format
	Link = "link" // a web page
)

// A Document is a list of subscriptions.
type Document struct {
	Title    string
	Outlines []Outline
}

// An Outline is one subscription.
type Outline struct {
	Type     string // RSS or Link
	Title    string
	FeedURL  string // of a feed
	PageURL  string // the site of a feed, or the page of a link
	Language string // may be empty
	Version  string // "RSS2" for RSS 2.0; may be empty

	Folder string // titles of the folders around it, parted by " / "; Write leaves it out
	Line   int    // in the file that Parse read
}

// The elements as they are written.
type (
	xmlDocument struct {
		XMLName  xml.Name     `xml:"opml"`
		Version  string       `xml:"version,attr"`
		Title    string       `xml:"head>title"`
		Outlines []xmlOutline `xml:"body>outline"`
	}
	xmlOutline struct {
		Type     string `xml:"type,attr"`
		Text     string `xml:"text,attr"`
		Title    string `xml:"title,attr"`
		URL      string `xml:"url,attr,omitempty"`
		XMLURL   string `xml:"xmlUrl,attr,omitempty"`
		HTMLURL  string `xml:"htmlUrl,attr,omitempty"`
		Language string `xml:"language,attr,omitempty"`
		Version  string `xml:"version,attr,omitempty"`
	}
)

// Write writes a document, the outlines without folders.
func Write(w io.Writer, document Document) error {
	out := xmlDocument{Version: "2.0", Title: document.Title}
	for _, o := range document.Outlines {
		written := xmlOutline{Type: o.Type, Text: o.Title, Title: o.Title, Language: o.Language, Version: o.Version}
		if o.Type == Link {
			written.URL = o.PageURL
		} else {
			written.XMLURL, written.HTMLURL = o.FeedURL, o.PageURL
		}
		out.Outlines = append(out.Outlines, written)
	}
	if _, err := io.WriteString(w, strings.TrimSuffix(xml.Header, "\n")); err != nil {
		return fmt.Errorf("write OPML: %w", err)
	}
	encoder := xml.NewEncoder(w)
	encoder.Indent("", "  ")
	if err := encoder.Encode(out); err != nil {
		return fmt.Errorf("write OPML: %w", err)
	}
	return nil
}
