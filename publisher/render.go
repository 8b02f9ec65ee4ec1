package publisher

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"bantin/internal/article"
)

// Render makes every output. It is pure: the same input gives the same bytes.
// It fails only on a site URL, an id or a date that cannot be part of a path.
func Render(options Options, content Content) (*Site, error) {
	p, err := New(options)
	if err != nil {
		return nil, err
	}
	return p.Render(content)
}

// A Publisher renders a site again and again, and what has not changed only
// once. It is not safe for concurrent use.
type Publisher struct {
	options Options
	base    *url.URL // ends with "/"
	host    string   // authority of the tag: URIs
	cleaner *cleaner
	pages   *pages
	press   *press
	parts   map[string]*part // of the last site, by name
}

// A part of a site is what is made of one channel or one issue of a digest.
type part struct {
	version string
	files   map[string]*File
	feed    *feed     // of a channel: what the front page shows of it
	newest  time.Time // content
}

// New returns a Publisher. It fails only on a site URL that is none.
func New(options Options) (*Publisher, error) {
	base, err := options.validate()
	if err != nil {
		return nil, err
	}
	pages, err := parsePages()
	if err != nil {
		return nil, err
	}
	press, err := newPress()
	if err != nil {
		return nil, err
	}
	return &Publisher{
		options: options,
		base:    base,
		host:    tagHost(base.Hostname()),
		cleaner: newCleaner(),
		pages:   pages,
		press:   press,
		parts:   map[string]*part{},
	}, nil
}

// HoldsChannel reports whether the channel was rendered last from articles of
// that version. Then Render needs none of them.
func (p *Publisher) HoldsChannel(c Channel, version string) bool {
	return p.holds(c.path(), version)
}

// HoldsIssue reports the same of an issue of a digest.
func (p *Publisher) HoldsIssue(digestID, date, version string) bool {
	return p.holds(IssuePath(digestID, date), version)
}

func (p *Publisher) holds(name, version string) bool {
	held, ok := p.parts[name]
	return ok && version != "" && held.version == version
}

// Render makes every output, as the function Render does. A channel or an issue
// with the version that it had last time keeps its documents.
func (p *Publisher) Render(content Content) (*Site, error) {
	if err := content.validate(); err != nil {
		return nil, err
	}
	r := &renderer{Publisher: p, entries: map[string]madeEntry{}, made: map[string]*part{}}
	site, err := r.renderSite(content)
	if err == nil {
		p.parts = r.made
	}
	return site, err
}

// A renderer lives for one Render.
type renderer struct {
	*Publisher
	// entries are those made so far, by article id: an article stands in several
	// channels and issues and is cleaned once.
	entries map[string]madeEntry
	made    map[string]*part
	current *part // being made
}

// part makes a part of the site, unless it is there in that version.
func (r *renderer) part(name, version string, render func() error) (*part, error) {
	if r.holds(name, version) {
		r.made[name] = r.parts[name]
		return r.parts[name], nil
	}
	r.current = &part{version: version, files: map[string]*File{}}
	r.made[name] = r.current
	if err := render(); err != nil {
		return nil, fmt.Errorf("render %s: %w", shown(name), err)
	}
	return r.current, nil
}

func (r *renderer) renderSite(content Content) (*Site, error) {
	channels := make([]*part, 0, len(content.Channels))
	for _, c := range content.Channels {
		made, err := r.part(c.path(), c.Version, func() error { return r.renderChannel(r.newFeed(c)) })
		if err != nil {
			return nil, err
		}
		channels = append(channels, made)
	}
	for _, d := range content.Digests {
		if err := r.renderDigest(d); err != nil {
			return nil, err
		}
	}
	site := &Site{files: map[string]*File{}}
	if _, err := r.part("/", "", func() error { return r.renderFront(site, channels, content.Digests) }); err != nil {
		return nil, err
	}
	for _, made := range r.made {
		maps.Copy(site.files, made.files)
	}
	site.prepare()
	return site, nil
}

// newFeed orders a channel's articles, newest first and by id where two are of
// one time, and makes entries of as many as the channel shows.
func (r *renderer) newFeed(c ChannelContent) *feed {
	articles := make([]*article.Article, 0, len(c.Articles))
	for i := range c.Articles {
		if c.Articles[i].TakenDown.IsZero() {
			articles = append(articles, &c.Articles[i])
		}
	}
	slices.SortFunc(articles, func(a, b *article.Article) int {
		return cmp.Or(b.SortTime().Compare(a.SortTime()), cmp.Compare(a.ID, b.ID))
	})
	if c.Limit > 0 && len(articles) > c.Limit {
		articles = articles[:c.Limit]
	}

	c.Title = cmp.Or(line(c.Title, maxTitle), c.ID)
	f := &feed{
		Channel:     c.Channel,
		Description: "Kênh " + c.Title + " của " + r.options.Title,
		Site:        r.options.Title,
		Language:    r.options.Language,
		Version:     r.options.Version,
		TagID:       r.tag("channel", c.ID),
		SiteURL:     r.url("/"),
		PageURL:     r.url(c.path()),
		Hubs:        r.hubsOf(&c.Channel),
		tag:         r.tag,
		address:     r.url,
	}
	if c.Archive != "" {
		f.Prev = c.archivePath(c.Archive)
	}
	for _, a := range articles {
		e := r.entry(a)
		f.Entries = append(f.Entries, e)
		f.Updated = later(f.Updated, e.Updated())
	}
	// Readers that ask by date alone must learn of what is gone, too.
	f.Modified = later(lastModified(f.Entries), r.local(c.Left))
	return f
}

func (r *renderer) entry(a *article.Article) *entry {
	known, made := r.entries[a.ID]
	if !made || !reflect.DeepEqual(known.of, a) { // two channels may have been read before and after a change
		known = madeEntry{of: a, entry: r.newEntry(a)}
		r.entries[a.ID] = known
	}
	return known.entry
}

// A madeEntry is an entry and the article of which it was made.
type madeEntry struct {
	of    *article.Article
	entry *entry
}

func (r *renderer) renderChannel(f *feed) error {
	r.current.newest = f.Modified
	r.current.feed = f.front()
	for _, name := range DocumentNames() {
		kind, document, err := r.document(f, name)
		if err == nil {
			err = r.put(f.path()+name, kind, document, f.Modified)
		}
		if err != nil {
			return err
		}
		r.current.files[f.path()+name].MaxAge = rhythm(f.Entries)
		r.announce(f, name)
	}
	return nil
}

// document makes the document of a feed with one of the DocumentNames.
func (r *renderer) document(f *feed, name string) (contentType string, content []byte, err error) {
	switch name {
	case rssName:
		content, err = encodeXML(newRSS(f))
		return "application/rss+xml; charset=utf-8", content, err
	case atomName:
		content, err = encodeXML(newAtom(f))
		return "application/atom+xml; charset=utf-8", content, err
	case jsonName:
		content, err = encodeJSON(f)
		return "application/feed+json", content, err // always UTF-8 (RFC 8259 §8.1)
	}
	content, err = r.pages.channel(r.newChannelPage(f))
	return htmlType, content, err
}

// renderDigest makes a page for each issue and shows the newest one also where
// the digest itself is found, with the way to the older ones.
func (r *renderer) renderDigest(d DigestContent) error {
	home, title := digestPath(d.ID), line(d.Title, maxTitle)
	issues := newestFirst(d.Issues)
	for _, issue := range issues {
		path := IssuePath(d.ID, issue.Date)
		_, err := r.part(path, issue.Version, func() error {
			return r.putIssue(path, r.newIssuePage(path, title, issue))
		})
		if err != nil {
			return err
		}
	}
	var newest IssueContent // of a digest without any it is an empty one
	if len(issues) > 0 {
		newest, issues = issues[0], issues[1:]
	}
	version := newest.Version
	for _, issue := range issues {
		if version != "" {
			version += " " + issue.Date
		}
	}
	_, err := r.part(home, version, func() error {
		view := r.newIssuePage(home, title, newest)
		view.IsNewest = true
		for _, issue := range issues {
			view.Older = append(view.Older, issueDate(issue.Date))
		}
		return r.putIssue(home, view)
	})
	return err
}

func (r *renderer) putIssue(path string, view issuePage) error {
	page, err := r.pages.issue(view)
	if err != nil {
		return err
	}
	return r.put(path, htmlType, page, view.modified)
}

func newestFirst(issues []IssueContent) []IssueContent {
	return slices.SortedFunc(slices.Values(issues), func(a, b IssueContent) int {
		return cmp.Compare(b.Date, a.Date)
	})
}

// renderFront makes what belongs to no channel and no digest.
func (r *renderer) renderFront(site *Site, channels []*part, digests []DigestContent) error {
	var listed, facets []*feed
	for _, c := range channels {
		switch {
		case c.feed.Listing == Listed:
			listed = append(listed, c.feed)
		case c.feed.Listing == Facet && len(c.feed.Entries) > 0:
			facets = append(facets, c.feed)
		}
	}
	opml, err := subscriptions(r.options.Title, listed)
	if err != nil {
		return err
	}
	index, err := r.pages.index(r.newIndexPage(listed, facets, digests))
	if err != nil {
		return err
	}
	missing, err := r.pages.missing(r.newMissingPage())
	if err != nil {
		return err
	}
	if site.notFound, err = r.press.file(htmlType, missing, time.Time{}); err != nil {
		return err
	}
	return cmp.Or(
		r.put("/", htmlType, index, r.frontModified(channels, digests)),
		r.put("/opml.xml", "text/x-opml; charset=utf-8", opml, time.Time{}),
		r.put("/style.css", "text/css; charset=utf-8", stylesheet, time.Time{}),
	)
}

// frontModified is when the newest article or issue on the front page came.
func (r *renderer) frontModified(channels []*part, digests []DigestContent) time.Time {
	var newest time.Time
	for _, c := range channels {
		if c.feed.Listing != Unlisted {
			newest = later(newest, c.newest)
		}
	}
	for _, d := range digests {
		for _, issue := range d.Issues {
			newest = later(newest, r.local(issue.MadeAt))
		}
	}
	return newest
}

const htmlType = "text/html; charset=utf-8"

func (r *renderer) put(path, contentType string, content []byte, modified time.Time) error {
	f, err := r.press.file(contentType, content, modified)
	if err != nil {
		return err
	}
	r.current.files[path] = f
	return nil
}

func digestPath(id string) string { return "/d/" + id + "/" }

// IssuePath is where an issue of a digest stands.
func IssuePath(digestID, date string) string { return digestPath(digestID) + date + "/" }

// url is the public address of one of our paths.
func (r *renderer) url(path string) string {
	return escapeURL(r.base.String()) + strings.TrimPrefix(path, "/")
}

// tagYear is part of every id (RFC 4151 §2.1): the year at whose beginning the
// ids count as given out. It must never change, or every subscriber sees every
// article again.
const tagYear = 2026

func tagEpoch() time.Time { return time.Date(tagYear, time.January, 1, 0, 0, 0, 0, time.UTC) }

// plainID is what all ids of ours look like. Another could be too long for a URI,
// or have two spellings.
var plainID = regexp.MustCompile(`^[A-Za-z0-9._/-]{1,200}$`)

// tag is the id of a thing of ours: a URI that stays the same when paths change.
func (r *renderer) tag(kind, id string) string {
	if !plainID.MatchString(id) {
		id = article.NewID(kind, id)
	}
	return fmt.Sprintf("tag:%s,%d:%s/%s", r.host, tagYear, kind, url.PathEscape(id))
}

// tagHost is the host as a tagging authority, which is a DNS name in lower case
// (RFC 4151 §2.1). An IPv6 address is none.
func tagHost(host string) string {
	ascii, err := asciiHost(host)
	if err != nil || strings.ContainsAny(ascii, ":%") {
		return "localhost"
	}
	return strings.TrimSuffix(ascii, ".")
}

// lastModified is when the newest content of the entries came to us; zero when
// there are none.
func lastModified(entries []*entry) time.Time {
	var newest time.Time
	for _, e := range entries {
		newest = later(newest, e.Modified)
	}
	return newest
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
