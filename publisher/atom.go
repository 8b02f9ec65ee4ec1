package publisher

import (
	"encoding/xml"
	"regexp"
	"slices"
	"time"

	"github.com/gorilla/feeds"
)

// atomDocument is an Atom 1.0 feed (RFC 4287).
type atomDocument struct {
	XMLName   xml.Name         `xml:"feed"`
	NS        string           `xml:"xmlns,attr"`
	MediaNS   string           `xml:"xmlns:media,attr"`
	HistoryNS string           `xml:"xmlns:fh,attr,omitempty"`
	Language  string           `xml:"xml:lang,attr"`
	ID        string           `xml:"id"`
	Title     xmlText          `xml:"title"`
	Subtitle  xmlText          `xml:"subtitle"`
	Updated   string           `xml:"updated"`
	Rights    xmlText          `xml:"rights"`
	Author    atomPerson       `xml:"author"`
	Links     []feeds.AtomLink `xml:"link"`
	Generator atomGenerator    `xml:"generator"`
	Archive   *struct{}        `xml:"fh:archive"`
	Entries   []atomEntry      `xml:"entry"`
}

type atomGenerator struct {
	Version string `xml:"version,attr,omitempty"`
	Name    string `xml:",chardata"`
}

type atomPerson struct {
	Name xmlText `xml:"name"`
	URI  string  `xml:"uri,omitempty"`
}

type atomEntry struct {
	Language   string           `xml:"xml:lang,attr,omitempty"`
	ID         string           `xml:"id"`
	Title      xmlText          `xml:"title"`
	Updated    string           `xml:"updated"`
	Published  string           `xml:"published,omitempty"`
	Author     *atomPerson      `xml:"author"`
	Links      []feeds.AtomLink `xml:"link"`
	Categories []atomCategory   `xml:"category"`
	Summary    *atomText        `xml:"summary"`
	Content    *atomText        `xml:"content"`
	Rights     xmlText          `xml:"rights"`
	Media      *media           `xml:"media:content"`
	Source     atomSource       `xml:"source"`
}

// atomText is a text construct (§3.1) or the content of an entry (§4.1.3), in
// HTML or in plain text.
type atomText struct {
	Type string `xml:"type,attr"`
	HTML string `xml:",chardata"`
	xmlText
}

// atomCategory is a category (§4.2.2). A word of the source is its own term.
type atomCategory struct {
	Term   string `xml:"term,attr"`
	Scheme string `xml:"scheme,attr,omitempty"`
	Label  string `xml:"label,attr,omitempty"`
}

// reference is what HTML may read as the beginning of a character reference.
var reference = regexp.MustCompile(`&([#A-Za-z0-9])`)

func newAtomCategory(c category) atomCategory {
	if c.Scheme == "" {
		return atomCategory{Term: c.Term}
	}
	// Like xmlText, but encoding/xml does not let us choose how "&" is written in
	// an attribute.
	return atomCategory{Term: c.Term, Scheme: c.Scheme, Label: reference.ReplaceAllString(plain(c.Name), "& $1")}
}

// atomSource says which feed an entry was copied from (RFC 4287 §4.2.11).
type atomSource struct {
	ID      string           `xml:"id"`
	Title   xmlText          `xml:"title"`
	Updated string           `xml:"updated"`
	Author  atomPerson       `xml:"author"` // of entries that name none (§4.2.1)
	Links   []feeds.AtomLink `xml:"link"`
}

// FeedXml implements feeds.XmlFeed.
func (d *atomDocument) FeedXml() any { //nolint:revive // the name is the interface's
	return d
}

func newAtom(f *feed) *atomDocument {
	// §4.1.1 wants a date also where there is no entry to take it from; this one
	// is no claim, only the day from which all our ids count.
	updated := tagEpoch()
	stamps := atomStamps(f.Entries)
	if len(stamps) > 0 {
		updated = slices.MaxFunc(stamps, time.Time.Compare)
	}
	d := &atomDocument{
		NS:        "http://www.w3.org/2005/Atom",
		MediaNS:   mediaNS,
		Language:  f.Language,
		ID:        f.TagID,
		Title:     newXMLText(f.Title),
		Subtitle:  newXMLText(f.Description),
		Updated:   updated.Format(atomTime),
		Rights:    newXMLText(rights),
		Author:    atomPerson{Name: newXMLText(f.Site), URI: f.SiteURL},
		Generator: atomGenerator{Version: f.Version, Name: "Bantin"},
	}
	d.HistoryNS, d.Archive = f.historyMark()
	page := link{"alternate", "text/html", f.PageURL}
	for _, l := range slices.Insert(f.links(atomName, "application/atom+xml"), 1, page) {
		d.Links = append(d.Links, feeds.AtomLink{Rel: l.Rel, Type: l.Type, Href: l.Href})
	}
	for i, e := range f.Entries {
		d.Entries = append(d.Entries, newAtomEntry(f, e, stamps[i].Format(atomTime)))
	}
	return d
}

// atomTime is RFC 3339 to the millisecond. Some readers take more digits for a
// number of milliseconds.
const atomTime = "2006-01-02T15:04:05.000Z07:00"

// atomStamps are the times of the entries' last changes, no two of them alike:
// readers that sort by them keep our order, and validators take two alike for a
// fault of the generator. Sources tell whole seconds at best, so the thousandths
// are free. They come from the id: an entry keeps its own whatever stands beside
// it, but for the rare two that want the same.
func atomStamps(entries []*entry) []time.Time {
	stamps := make([]time.Time, 0, len(entries))
	next := map[time.Time]time.Time{} // after a taken one
	for _, e := range entries {
		wanted := e.Updated().Add(e.Tie)
		stamp := wanted
		for after, taken := next[stamp]; taken; after, taken = next[stamp] {
			stamp = after
		}
		stamps = append(stamps, stamp)
		next[stamp] = stamp.Add(-time.Millisecond)
		next[wanted] = next[stamp]
	}
	return stamps
}

func newAtomEntry(f *feed, e *entry, updated string) atomEntry {
	x := atomEntry{
		Language:  e.Language,
		ID:        e.ID,
		Title:     newXMLText(e.Title),
		Updated:   updated,
		Published: format(e.Published, time.RFC3339),
		Links:     atomLinks(f, e),
		Rights:    newXMLText(e.rights()),
		Source:    newAtomSource(f, e, updated),
	}
	if e.Author != "" {
		x.Author = &atomPerson{Name: newXMLText(e.Author)}
	}
	if e.Image != nil && e.Image.Type == "" {
		x.Media = newMedia(e.Image) // an enclosure would have to tell its type
	}
	for _, c := range e.Categories {
		x.Categories = append(x.Categories, newAtomCategory(c))
	}
	if e.Body == "" {
		x.Summary = &atomText{Type: "html", HTML: e.summaryHTML()}
		return x
	}
	x.Content = &atomText{Type: "html", HTML: e.fullHTML()}
	if e.Summary != "" {
		x.Summary = &atomText{Type: "text", xmlText: newXMLText(e.Summary)}
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

// newAtomSource names the source. Most sources have no atom:id that could be
// repeated here, and their addresses change: the id is one of ours.
func newAtomSource(f *feed, e *entry, updated string) atomSource {
	s := atomSource{
		ID:      f.tag("source", e.Source.ID),
		Title:   newXMLText(e.Source.Name),
		Updated: updated,
		Author:  atomPerson{Name: newXMLText(e.Source.Name)},
	}
	if e.Source.URL == "" {
		return s
	}
	rel := "alternate"
	if e.Source.IsFeed {
		rel = "self"
	}
	s.Links = []feeds.AtomLink{{Rel: rel, Href: e.Source.URL}}
	return s
}
