package normalizer

import (
	"bytes"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"bantin/internal/vietnamese"
)

// maxFeedLinks is more than the longest list of sections of a paper, which has 70.
const maxFeedLinks = 200

// A Site is what a page tells of the site that it belongs to.
type Site struct {
	Name  string // empty when the page names none
	Feeds []FeedLink
}

// A FeedLink leads from a page to what may be a feed.
type FeedLink struct {
	URL   string // absolute
	Title string // clean; may be empty
	// Declared tells that the page says by a link element that it is one.
	Declared bool
}

// ReadSite reads the name of a site and the links to its feeds off one of its
// pages: those that the page declares, then links that look like one, each in
// document order. The errors are ErrEmpty and ErrChallenged.
func ReadSite(doc Document) (Site, error) {
	text, _ := decodeText(doc.Body, doc.ContentType)
	if err := notAPage(text); err != nil {
		return Site{}, err
	}
	root, _ := pageTree(text)
	h := readHead(root)
	r := siteReader{seen: map[string]bool{}}
	r.at, r.base = pageBase(doc.URL, h.base)
	r.visit(root)
	name := firstOf(h.meta["og:site_name"], h.meta["application-name"], h.title)
	return Site{Name: cutText(name, maxTitle), Feeds: append(r.declared, r.seeming...)}, nil
}

// A siteReader collects the links to feeds.
type siteReader struct {
	at, base          *url.URL
	declared, seeming []FeedLink
	seen              map[string]bool
}

func (r *siteReader) visit(n *html.Node) {
	switch {
	case n.DataAtom == atom.Link && declaresFeed(n):
		r.declared = r.add(r.declared, n, FeedLink{Title: attr(n, "title"), Declared: true})
	case n.DataAtom == atom.A && r.seemsFeed(n):
		r.seeming = r.add(r.seeming, n, FeedLink{Title: linkName(n)})
	}
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		r.visit(child)
	}
}

func (r *siteReader) add(to []FeedLink, n *html.Node, link FeedLink) []FeedLink {
	link.URL = resolve(r.base, attr(n, "href"))
	if link.URL == "" || r.seen[link.URL] || len(to) >= maxFeedLinks {
		return to
	}
	r.seen[link.URL] = true
	link.Title = cutText(vietnamese.Clean(link.Title), maxTitle)
	return append(to, link)
}

func linkName(n *html.Node) string {
	return firstOf(vietnamese.Clean(textOf(n, nil)), vietnamese.Clean(attr(n, "title")))
}

// declaresFeed reports whether a link element names a feed (HTML §4.6.7.1, and
// rel=feed of older drafts). WordPress declares its API as application/json too.
func declaresFeed(n *html.Node) bool {
	rels := strings.Fields(strings.ToLower(attr(n, "rel")))
	kind, _, _ := strings.Cut(strings.ToLower(attr(n, "type")), ";")
	switch strings.TrimSpace(kind) {
	case "application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml", "application/xml", "text/xml":
		return slices.Contains(rels, "alternate") || slices.Contains(rels, "feed")
	}
	return slices.Contains(rels, "feed")
}

// feedAddress is what addresses of feeds hold: /rss, /rss/home.rss, /feed/,
// atom.xml, op=rss (NukeViet), RSSDetail.aspx, RssCategoryExport,
// listfeed.aspx (SharePoint).
var feedAddress = regexp.MustCompile(`(?i)(?:^|[/?&=._-])(?:rss|atom|feeds?)(?:$|[/?&=._-])|/rss\w*(?:\.aspx|\?|$)|/listfeed\.aspx`)

// seemsFeed reports whether a link of the site may lead to a feed, or to the page
// that lists its feeds.
func (r *siteReader) seemsFeed(n *html.Node) bool {
	u, err := url.Parse(resolve(r.base, attr(n, "href")))
	if err != nil || !isNear(u, r.at) {
		return false
	}
	return feedAddress.MatchString(u.Path+"?"+u.RawQuery) || strings.EqualFold(linkName(n), "rss") || strings.EqualFold(attr(n, "type"), "application/rss+xml")
}

// isNear reports whether a link stays in the house: on the host of the page, one
// above it or below it.
func isNear(u, at *url.URL) bool {
	a, b := strings.ToLower(u.Hostname()), strings.TrimPrefix(strings.ToLower(at.Hostname()), "www.")
	return a != "" && (a == b || strings.HasSuffix(a, "."+b) || strings.HasSuffix(b, "."+a))
}

// feedTitle is the first title element of a feed, its own where it has one.
var feedTitle = regexp.MustCompile(`(?is)<(?:\w+:)?title\b[^>]*>\s*(?:<!\[CDATA\[)?(.*?)(?:\]\]>)?\s*</(?:\w+:)?title>`)

// maxFeedHead is how far the title of a feed is looked for.
const maxFeedHead = 16 << 10

// FeedTitle is the title that a feed gives itself, empty when it gives none.
func FeedTitle(doc Document) string {
	text, _ := decodeText(doc.Body, doc.ContentType)
	if start := bytes.TrimSpace(text); len(start) > 0 && start[0] == '{' {
		var document struct {
			Title string `json:"title"`
		}
		if json.Unmarshal(start, &document) != nil {
			return ""
		}
		return cutText(vietnamese.Clean(document.Title), maxTitle)
	}
	head := text[:min(len(text), maxFeedHead)]
	for _, item := range []string{"<item", "<entry"} {
		if i := bytes.Index(head, []byte(item)); i >= 0 {
			head = head[:i]
		}
	}
	m := feedTitle.FindSubmatch(head)
	if m == nil {
		return ""
	}
	return cutText(vietnamese.Clean(html.UnescapeString(html.UnescapeString(string(m[1])))), maxTitle)
}
