package publisher

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

// ArchiveContent is a part of a channel's archive (RFC 5005 §4).
type ArchiveContent struct {
	ChannelContent // the channel with the articles of the part, all of which are shown

	Part       string // its name, such as 2026-10, 2026-10-2 or 2026-10-open
	Prev, Next string // the names of its neighbours; empty where there is none
	// Closed parts change no more but for takedowns and corrections.
	Closed bool
}

// ArchiveHome is where the parts of the channel's archive stand, each in a
// directory of its name.
func (c *Channel) ArchiveHome() string { return c.path() + "archive/" }

func (c *Channel) archivePath(part string) string { return c.ArchiveHome() + part + "/" }

// The names of a channel's documents, in a channel's directory or in that of a
// part of its archive.
const (
	pageName = ""
	rssName  = "rss.xml"
	atomName = "atom.xml"
	jsonName = "feed.json"
)

// DocumentNames are the names of a channel's documents. The empty one is the page.
func DocumentNames() []string { return []string{pageName, rssName, atomName, jsonName} }

// RenderArchive makes one document of a part of an archive. It is as pure as
// Render, keeps nothing, and does not touch what Render keeps.
func (p *Publisher) RenderArchive(content ArchiveContent, name string) (*File, error) {
	if !slices.Contains(DocumentNames(), name) {
		return nil, fmt.Errorf("an archive has no document %q", name)
	}
	r := &renderer{Publisher: p, entries: map[string]madeEntry{}}
	f := r.newArchiveFeed(content)
	kind, document, err := r.document(f, name)
	if err != nil {
		return nil, fmt.Errorf("render archive %s of %s: %w", content.Part, content.ID, err)
	}
	file, err := r.press.file(kind, document, f.Modified)
	if err == nil && content.Closed {
		file.MaxAge = forever
	}
	return file, err
}

// newArchiveFeed is the feed of a part. It is the channel's own feed in all that
// names it, as the documents of an archive are one feed (RFC 5005 §1.2).
func (r *renderer) newArchiveFeed(content ArchiveContent) *feed {
	channel := content.ChannelContent
	channel.Path = channel.archivePath(content.Part)
	channel.Limit = 0
	channel.Archive = ""
	f := r.newFeed(channel)
	f.Hubs = nil // they are told of the current feed
	f.Part = content.Part
	f.Closed = content.Closed
	f.Current = content.path()
	if content.Prev != "" {
		f.Prev = content.archivePath(content.Prev)
	}
	if content.Next != "" {
		f.Next = content.archivePath(content.Next)
	}
	return f
}

// A link leads from one document of a channel to another.
type link struct{ Rel, Type, Href string }

// links are those of a feed's document besides the page's: the document itself,
// its neighbours in the archive (RFC 5005 §4) and the hubs (WebSub §4).
func (f *feed) links(name, mediaType string) []link {
	links := []link{{"self", mediaType, f.url(name)}}
	for _, other := range []link{
		{"current", mediaType, f.Current},
		{"prev-archive", mediaType, f.Prev},
		{"next-archive", mediaType, f.Next},
	} {
		if other.Href != "" {
			other.Href = f.address(other.Href + name)
			links = append(links, other)
		}
	}
	for _, hub := range f.Hubs {
		links = append(links, link{Rel: "hub", Href: hub})
	}
	return links
}

// historyNS is the namespace of fh:archive (RFC 5005 §4).
const historyNS = "http://purl.org/syndication/history/1.0"

// historyMark is the element that says that a document is an archive and will
// not change, and its namespace; both empty for any other document. The part
// that still grows is none: a reader may keep the addresses of archives as read.
func (f *feed) historyMark() (namespace string, mark *struct{}) {
	if !f.Closed {
		return "", nil
	}
	return historyNS, &struct{}{}
}

// forever is what a closed part may be kept for: a year, the longest that
// RFC 2616 §14.21 let a server say and all that caches understand.
const forever = 365 * 24 * time.Hour

// cacheControl says how long a file may be kept. What is for ever need not be
// asked for again even when a person reloads (RFC 8246 §2).
func (f *File) cacheControl() string {
	value := fmt.Sprintf("public, max-age=%d", int(f.MaxAge/time.Second))
	if f.MaxAge >= forever {
		value += ", immutable"
	}
	return value
}

// ServeHTTP serves the file alone, at whatever path it is asked for, as Handler
// serves those of a site.
func (f *File) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	alone := &Site{files: map[string]*File{r.URL.Path: f}}
	alone.prepare()
	Handler(func() *Site { return alone }).ServeHTTP(w, r)
}

// partName are the pieces of a part's name: year, month, and which part.
var partName = regexp.MustCompile(`^(\d{4})-(\d{2})(?:-(\w+))?$`)

// partTitle is a part's name for people.
func partTitle(name string) string {
	pieces := partName.FindStringSubmatch(name)
	if pieces == nil {
		return name
	}
	title := "tháng " + strings.TrimPrefix(pieces[2], "0") + "/" + pieces[1]
	if part := pieces[3]; part != "" && part != "open" {
		title += ", phần " + part
	}
	return title
}
