package publisher

import (
	"bytes"
	"cmp"
	"embed"
	"fmt"
	"html/template"
	"strings"
	"time"

	"bantin/internal/article"
)

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed templates/style.css
var stylesheet []byte

// pages are the HTML templates. They write all text escaped; the only HTML that
// goes in as such is a body from the cleaner.
type pages struct {
	templates *template.Template
}

func parsePages() (*pages, error) {
	templates, err := template.ParseFS(templateFiles, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("parse templates: %w", err)
	}
	return &pages{templates: templates}, nil
}

func (p *pages) index(view indexPage) ([]byte, error)     { return p.execute("index.html", view) }
func (p *pages) channel(view channelPage) ([]byte, error) { return p.execute("channel.html", view) }
func (p *pages) issue(view issuePage) ([]byte, error)     { return p.execute("issue.html", view) }
func (p *pages) missing(view missingPage) ([]byte, error) { return p.execute("missing.html", view) }

func (p *pages) execute(name string, view any) ([]byte, error) {
	var b bytes.Buffer
	if err := p.templates.ExecuteTemplate(&b, name, view); err != nil {
		return nil, fmt.Errorf("write page: %w", err)
	}
	return b.Bytes(), nil
}

// A pageHead is what all pages have in common. Links among our pages are
// relative: they work under any path, behind any proxy and from a directory.
type pageHead struct {
	Root      string // relative path to the root of the site
	Canonical string // public address of the page; empty where it has none
	Site      string
	Title     string
	Language  string
	Generator string
	Feeds     []feedLink // for autodiscovery
}

type feedLink struct {
	Name string // of the format
	Type string
	Of   string // title of the channel
	Href string
}

type indexPage struct {
	pageHead
	Channels []channelCard
	Facets   []facetLink
	Digests  []digestCard
}

// A facetLink leads to a channel that nobody configured.
type facetLink struct{ Title, Href string }

type channelCard struct {
	Title, Href string
	Newest      []*entry
	Feeds       []feedLink
}

type digestCard struct {
	Title, Href string
	Date        string // of the newest issue; empty when there is none
}

type channelPage struct {
	pageHead
	Entries []*entry
	IsPart  bool // of the archive
	// The page's neighbours in the archive and the channel's own page; empty where
	// there is none.
	Older, Newer, Current string
}

type issuePage struct {
	pageHead
	Date     issueDate
	IsNewest bool
	Sections []sectionView
	Older    []issueDate
	modified time.Time
}

type sectionView struct {
	Title   string
	Entries []*entry
}

type missingPage struct {
	pageHead
	Home string
}

// head is the head of the page at a path.
func (r *renderer) head(path, title string) pageHead {
	return pageHead{
		Root:      strings.Repeat("../", strings.Count(path, "/")-1),
		Canonical: r.url(path),
		Site:      r.options.Title,
		Title:     title,
		Language:  r.options.Language,
		Generator: strings.TrimSpace("Bantin " + r.options.Version),
	}
}

// feedLinks are the feeds of a channel as seen from a page with that root.
func feedLinks(f *feed, root string) []feedLink {
	at := root + cmp.Or(f.Current, f.path())[1:] // nobody subscribes to an archive
	return []feedLink{
		{Name: "RSS", Type: "application/rss+xml", Of: f.Title, Href: at + "rss.xml"},
		{Name: "Atom", Type: "application/atom+xml", Of: f.Title, Href: at + "atom.xml"},
		{Name: "JSON Feed", Type: "application/feed+json", Of: f.Title, Href: at + "feed.json"},
	}
}

func (r *renderer) newIndexPage(channels, facets []*feed, digests []DigestContent) indexPage {
	view := indexPage{pageHead: r.head("/", "")}
	for _, f := range channels {
		links := feedLinks(f, "")
		view.Feeds = append(view.Feeds, links...)
		view.Channels = append(view.Channels, channelCard{
			Title:  f.Title,
			Href:   f.path()[1:],
			Newest: f.Entries,
			Feeds:  links,
		})
	}
	for _, f := range facets {
		view.Facets = append(view.Facets, facetLink{Title: f.Title, Href: f.path()[1:]})
	}
	for _, d := range digests {
		card := digestCard{Title: line(d.Title, maxTitle), Href: digestPath(d.ID)[1:]}
		if issues := newestFirst(d.Issues); len(issues) > 0 {
			card.Date = issueDate(issues[0].Date).Text()
		}
		view.Digests = append(view.Digests, card)
	}
	return view
}

func (r *renderer) newChannelPage(f *feed) channelPage {
	title := f.Title
	if f.Part != "" {
		title += " – " + partTitle(f.Part)
	}
	view := channelPage{pageHead: r.head(f.path(), title), Entries: f.Entries, IsPart: f.Part != ""}
	view.Feeds = feedLinks(f, view.Root)
	relative := func(path string) string {
		if path == "" {
			return ""
		}
		return view.Root + path[1:]
	}
	view.Older, view.Newer, view.Current = relative(f.Prev), relative(f.Next), relative(f.Current)
	return view
}

func (r *renderer) newIssuePage(path, title string, issue IssueContent) issuePage {
	view := issuePage{
		pageHead: r.head(path, title),
		Date:     issueDate(issue.Date),
		modified: r.local(issue.MadeAt),
	}
	for _, s := range issue.Sections {
		for i := range s.Articles {
			view.modified = later(view.modified, r.local(s.Articles[i].TakenDown))
		}
		section := r.newSection(s)
		if len(section.Entries) > 0 {
			view.Sections = append(view.Sections, section)
			view.modified = later(view.modified, lastModified(section.Entries))
		}
	}
	return view
}

// newSection does not link to its channel: the page of an issue is kept when the
// channel is gone, and is the same whatever else is rendered with it.
func (r *renderer) newSection(s SectionContent) sectionView {
	section := sectionView{Title: line(s.Title, maxTitle)}
	for i := range s.Articles {
		if s.Articles[i].TakenDown.IsZero() {
			section.Entries = append(section.Entries, r.entry(&s.Articles[i]))
		}
	}
	return section
}

func (r *renderer) newMissingPage() missingPage {
	view := missingPage{pageHead: r.head("/", "Không tìm thấy trang"), Home: r.base.EscapedPath()}
	view.Root, view.Canonical = view.Home, "" // it stands at any path
	return view
}

// An issueDate is the date of an issue as in its path, YYYY-MM-DD.
type issueDate string

// Text is the date as it is written in Vietnamese.
func (d issueDate) Text() string {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return string(d)
	}
	weekdays := [...]string{"Chủ nhật", "Thứ hai", "Thứ ba", "Thứ tư", "Thứ năm", "Thứ sáu", "Thứ bảy"}
	return weekdays[t.Weekday()] + ", " + t.Format("02/01/2006")
}

// When is the time of an entry for people, to the precision of its source.
func (e *entry) When() string {
	if e.Published.IsZero() {
		return e.FirstSeen.Format("15:04 02/01/2006")
	}
	switch e.precision {
	case article.Day:
		return e.Published.Format("02/01/2006")
	case article.Hour:
		return e.Published.Format("15 giờ 02/01/2006")
	case article.Minute:
	}
	return e.Published.Format("15:04 02/01/2006")
}

// DateTime is the same for machines (the time element of HTML).
func (e *entry) DateTime() string {
	switch {
	case e.Published.IsZero():
		return e.FirstSeen.Format(time.RFC3339)
	case e.precision == article.Day:
		return e.Published.Format(time.DateOnly)
	}
	return e.Published.Format(time.RFC3339)
}
