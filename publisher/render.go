package publisher

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"bantin/internal/article"
)

// Render makes every output. It is pure: the same input gives the same bytes.
// It fails only on a site URL, an id or a date that cannot be part of a path.
func Render(options Options, content Content) (*Site, error) {
	base, err := options.validate()
	if err != nil {
		return nil, err
	}
	if err := content.validate(); err != nil {
		return nil, err
	}
	r, err := newRenderer(options, base)
	if err != nil {
		return nil, err
	}
	if err := r.renderSite(content); err != nil {
		return nil, err
	}
	return r.site, nil
}

// A renderer lives for one Render.
type renderer struct {
	options Options
	base    *url.URL // ends with "/"
	host    string   // authority of the tag: URIs
	cleaner *cleaner
	pages   *pages
	press   *press
	site    *Site
	// entries are those made so far, by article id: an article stands in several
	// channels and issues and is cleaned once.
	entries map[string]*entry
}

func newRenderer(options Options, base *url.URL) (*renderer, error) {
	pages, err := parsePages()
	if err != nil {
		return nil, err
	}
	press, err := newPress()
	if err != nil {
		return nil, err
	}
	return &renderer{
		options: options,
		base:    base,
		host:    tagHost(base.Hostname()),
		cleaner: newCleaner(),
		pages:   pages,
		press:   press,
		site:    &Site{files: map[string]*File{}},
		entries: map[string]*entry{},
	}, nil
}

func (r *renderer) renderSite(content Content) error {
	channels := make([]*feed, 0, len(content.Channels))
	for _, c := range content.Channels {
		channels = append(channels, r.newFeed(c))
	}
	for _, f := range channels {
		if err := r.renderChannel(f); err != nil {
			return fmt.Errorf("render channel %s: %w", f.ID, err)
		}
	}
	for _, d := range content.Digests {
		if err := r.renderDigest(d); err != nil {
			return fmt.Errorf("render digest %s: %w", d.ID, err)
		}
	}
	return r.renderFront(channels, content.Digests)
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
		PageURL:     r.url(channelPath(c.ID)),
		tag:         r.tag,
	}
	for _, a := range articles {
		e := r.entry(a)
		f.Entries = append(f.Entries, e)
		f.Updated = later(f.Updated, e.Updated())
	}
	return f
}

func (r *renderer) entry(a *article.Article) *entry {
	e, made := r.entries[a.ID]
	if !made {
		e = r.newEntry(a)
		r.entries[a.ID] = e
	}
	return e
}

func (r *renderer) renderChannel(f *feed) error {
	rss, err := encodeXML(newRSS(f))
	if err != nil {
		return err
	}
	atom, err := encodeXML(newAtom(f))
	if err != nil {
		return err
	}
	json, err := encodeJSON(f)
	if err != nil {
		return err
	}
	page, err := r.pages.channel(r.newChannelPage(f))
	if err != nil {
		return err
	}
	at, modified := channelPath(f.ID), lastModified(f.Entries)
	return cmp.Or(
		r.put(at+"rss.xml", "application/rss+xml; charset=utf-8", rss, modified),
		r.put(at+"atom.xml", "application/atom+xml; charset=utf-8", atom, modified),
		r.put(at+"feed.json", "application/feed+json", json, modified), // always UTF-8 (RFC 8259 §8.1)
		r.put(at, htmlType, page, modified),
	)
}

// renderDigest makes a page for each issue and shows the newest one also where
// the digest itself is found, with the way to the older ones.
func (r *renderer) renderDigest(d DigestContent) error {
	home, title := digestPath(d.ID), line(d.Title, maxTitle)
	issues := newestFirst(d.Issues)
	for _, issue := range issues {
		path := home + issue.Date + "/"
		if err := r.putIssue(path, r.newIssuePage(path, title, issue)); err != nil {
			return err
		}
	}
	var newest IssueContent // of a digest without any it is an empty one
	if len(issues) > 0 {
		newest, issues = issues[0], issues[1:]
	}
	view := r.newIssuePage(home, title, newest)
	view.IsNewest = true
	for _, issue := range issues {
		view.Older = append(view.Older, issueDate(issue.Date))
	}
	return r.putIssue(home, view)
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
func (r *renderer) renderFront(channels []*feed, digests []DigestContent) error {
	opml, err := subscriptions(r.options.Title, channels)
	if err != nil {
		return err
	}
	index, err := r.pages.index(r.newIndexPage(channels, digests))
	if err != nil {
		return err
	}
	missing, err := r.pages.missing(r.newMissingPage())
	if err != nil {
		return err
	}
	if r.site.notFound, err = r.press.file(htmlType, missing, time.Time{}); err != nil {
		return err
	}
	return cmp.Or(
		r.put("/", htmlType, index, r.frontModified(channels, digests)),
		r.put("/opml.xml", "text/x-opml; charset=utf-8", opml, time.Time{}),
		r.put("/style.css", "text/css; charset=utf-8", stylesheet, time.Time{}),
	)
}

// frontModified is when the newest article or issue on the front page came.
func (r *renderer) frontModified(channels []*feed, digests []DigestContent) time.Time {
	var newest time.Time
	for _, f := range channels {
		newest = later(newest, lastModified(f.Entries))
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
	r.site.files[path] = f
	return nil
}

func channelPath(id string) string { return "/c/" + id + "/" }

func digestPath(id string) string { return "/d/" + id + "/" }

// url is the public address of one of our paths.
func (r *renderer) url(path string) string {
	return escapeURL(r.base.String()) + strings.TrimPrefix(path, "/")
}

// tagYear is part of every id (RFC 4151 §2.1): the year at whose beginning the
// ids count as given out. It must never change, or every subscriber sees every
// article again.
const tagYear = 2026

func tagEpoch() time.Time { return time.Date(tagYear, time.January, 1, 0, 0, 0, 0, time.UTC) }

// tag is the id of a thing of ours: a URI that stays the same when paths change.
func (r *renderer) tag(kind, id string) string {
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
