package publisher

import (
	"encoding/xml"
	"time"

	"github.com/gorilla/feeds"
)

// atomDocument is an Atom 1.0 feed (RFC 4287).
type atomDocument struct {
	XMLName   xml.Name         `xml:"feed"`
	NS        string           `xml:"xmlns,attr"`
	Language  string           `xml:"xml:lang,attr"`
	ID        string           `xml:"id"`
	Title     string           `xml:"title"`
	Subtitle  string           `xml:"subtitle,omitempty"`
	Updated   string           `xml:"updated"`
	Author    feeds.AtomPerson `xml:"author"`
	Links     []feeds.AtomLink `xml:"link"`
	Generator atomGenerator    `xml:"generator"`
	Entries   []atomEntry      `xml:"entry"`
}

type atomGenerator struct {
	Version string `xml:"version,attr,omitempty"`
	Name    string `xml:",chardata"`
}

type atomEntry struct {
	Language   string             `xml:"xml:lang,attr,omitempty"`
	ID         string             `xml:"id"`
	Title      string             `xml:"title"`
	Updated    string             `xml:"updated"`
	Published  string             `xml:"published,omitempty"`
	Author     *feeds.AtomPerson  `xml:"author"`
	Links      []feeds.AtomLink   `xml:"link"`
	Categories []atomCategory     `xml:"category"`
	Summary    *feeds.AtomSummary `xml:"summary"`
	Content    *feeds.AtomContent `xml:"content"`
	Source     atomSource         `xml:"source"`
}

type atomCategory struct {
	Term string `xml:"term,attr"`
}

// atomSource says which feed an entry was copied from (RFC 4287 §4.2.11).
type atomSource struct {
	ID      string           `xml:"id"`
	Title   string           `xml:"title"`
	Updated string           `xml:"updated"`
	Author  feeds.AtomPerson `xml:"author"` // of entries that name none (§4.2.1)
	Links   []feeds.AtomLink `xml:"link"`
}

// FeedXml implements feeds.XmlFeed.
func (d *atomDocument) FeedXml() any { //nolint:revive // the name is the interface's
	return d
}

func newAtom(f *feed) *atomDocument {
	updated := f.Updated
	if updated.IsZero() {
		// §4.1.1 wants a date also where there is no entry to take it from; this
		// one is no claim, only the day from which all our ids count.
		updated = tagEpoch()
	}
	d := &atomDocument{
		NS:       "http://www.w3.org/2005/Atom",
		Language: f.Language,
		ID:       f.TagID,
		Title:    f.Title,
		Subtitle: f.Description,
		Updated:  updated.Format(time.RFC3339),
		Author:   feeds.AtomPerson{Name: f.Site, Uri: f.SiteURL},
		Links: []feeds.AtomLink{
			{Rel: "self", Type: "application/atom+xml", Href: f.url("atom.xml")},
			{Rel: "alternate", Type: "text/html", Href: f.PageURL},
		},
		Generator: atomGenerator{Version: f.Version, Name: "Bantin"},
	}
	for _, e := range f.Entries {
		d.Entries = append(d.Entries, newAtomEntry(f, e))
	}
	return d
}

func newAtomEntry(f *feed, e *entry) atomEntry {
	x := atomEntry{
		Language:  e.Language,
		ID:        e.ID,
		Title:     e.Title,
		Updated:   e.Updated().Format(time.RFC3339),
		Published: format(e.Published, time.RFC3339),
		Links:     atomLinks(f, e),
		Source:    newAtomSource(f, e),
	}
	if e.Author != "" {
		x.Author = &feeds.AtomPerson{Name: e.Author}
	}
	for _, c := range e.Categories {
		x.Categories = append(x.Categories, atomCategory{Term: c})
	}
	if e.Body == "" {
		x.Summary = &feeds.AtomSummary{Type: "html", Content: e.summaryHTML()}
		return x
	}
	x.Content = &feeds.AtomContent{Type: "html", Content: e.fullHTML()}
	if e.Summary != "" {
		x.Summary = &feeds.AtomSummary{Type: "text", Content: e.Summary}
	}
	return x
}

// atomLinks are where an entry is found. One without content must have an
// alternate link (§4.1.2): our own page, where the original has no address.
func atomLinks(f *feed, e *entry) []feeds.AtomLink {
	link := e.Link
	if link == "" {
		link = f.anchorURL(e)
	}
	links := []feeds.AtomLink{{Rel: "alternate", Href: link}}
	if e.Image != nil && e.Image.Type != "" {
		links = append(links, feeds.AtomLink{Rel: "enclosure", Type: e.Image.Type, Href: e.Image.URL})
	}
	return links
}

func newAtomSource(f *feed, e *entry) atomSource {
	s := atomSource{
		ID:      f.tag("source", e.Source.ID),
		Title:   e.Source.Name,
		Updated: e.Updated().Format(time.RFC3339),
		Author:  feeds.AtomPerson{Name: e.Source.Name},
	}
	if e.Source.URL == "" {
		return s
	}
	s.ID = e.Source.URL
	rel := "alternate"
	if e.Source.IsFeed {
		rel = "self"
	}
	s.Links = []feeds.AtomLink{{Rel: rel, Href: e.Source.URL}}
	return s
}
