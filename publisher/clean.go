package publisher

import (
	"html"
	"slices"
	"strings"

	"bantin/internal/vietnamese"

	"github.com/microcosm-cc/bluemonday"
	nethtml "golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// A cleaner is the second wall before a body reaches a reader. The normalizer
// has cleaned it already, but perhaps an older one, years ago; what runs in a
// subscriber's reader is not left to that.
type cleaner struct {
	policy *bluemonday.Policy
}

func newCleaner() *cleaner {
	p := bluemonday.NewPolicy()
	p.RequireParseableURLs(true)
	p.AllowRelativeURLs(false) // relative to us they would lead nowhere
	p.AllowURLSchemes("http", "https", "mailto")
	p.AllowElements(
		"p", "br", "hr", "div", "section", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre",
		"b", "strong", "i", "em", "u", "s", "small", "mark", "sub", "sup", "cite", "q", "code", "abbr", "del", "ins",
		"ul", "ol", "li", "dl", "dt", "dd", "figure", "figcaption",
		"table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td",
	)
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("src", "alt").OnElements("img")
	p.AllowAttrs("width", "height").Matching(bluemonday.Integer).OnElements("img")
	p.AllowAttrs("colspan", "rowspan").Matching(bluemonday.Integer).OnElements("th", "td")
	p.AllowAttrs("start").Matching(bluemonday.Integer).OnElements("ol")
	return &cleaner{policy: p}
}

// A body is the HTML of an article, safe and balanced: for feeds as the source
// structured it, for our pages fitted into them.
type body struct {
	feed, page string
}

// clean returns the body that a fragment of HTML makes; an empty one when the
// fragment is nested so deeply that it cannot be parsed.
func (c *cleaner) clean(fragment string) body {
	// An element left open must not swallow what follows it on the page, so the
	// fragment becomes a tree and is written from it.
	container := &nethtml.Node{Type: nethtml.ElementNode, Data: "body", DataAtom: atom.Body}
	nodes, err := nethtml.ParseFragment(strings.NewReader(c.policy.Sanitize(fragment)), container)
	if err != nil {
		return body{}
	}
	for _, n := range nodes {
		container.AppendChild(n)
	}
	walk(container, mend)
	feed := render(container)
	walk(container, fitPage)
	return body{feed: feed, page: render(container)}
}

// render writes what a node holds. Character references have become characters,
// so this is the place to drop those that XML 1.0 forbids.
func render(container *nethtml.Node) string {
	var b strings.Builder
	for n := range container.ChildNodes() {
		if err := nethtml.Render(&b, n); err != nil {
			return ""
		}
	}
	return strings.TrimSpace(marked(vietnamese.Legal(b.String())))
}

func walk(n *nethtml.Node, visit func(*nethtml.Node)) {
	visit(n)
	for child := range n.ChildNodes() {
		walk(child, visit)
	}
}

// mend makes an element as the standards want it, and what it holds.
func mend(n *nethtml.Node) {
	n.Attr = mendAttributes(n)
	for child := n.FirstChild; child != nil; {
		next := child.NextSibling
		if child.Data == "img" && webURL(attribute(child, "src")) == "" {
			n.RemoveChild(child) // it shows nothing
		}
		child = next
	}
}

// mendAttributes returns the attributes of an element. Of one that is there
// twice the first counts (HTML §13.2.5.33); an address is a URI; an image without
// a description gets an empty one, or screen readers would read its address.
func mendAttributes(n *nethtml.Node) []nethtml.Attribute {
	var mended []nethtml.Attribute
	for _, a := range n.Attr {
		if slices.ContainsFunc(mended, func(m nethtml.Attribute) bool { return m.Key == a.Key }) {
			continue
		}
		if a.Key == "src" || a.Key == "href" && !strings.HasPrefix(a.Val, "mailto:") {
			a.Val = webURL(a.Val)
		}
		if a.Key != "href" || a.Val != "" {
			mended = append(mended, a)
		}
	}
	if n.Data == "img" && !slices.ContainsFunc(mended, func(m nethtml.Attribute) bool { return m.Key == "alt" }) {
		mended = append(mended, nethtml.Attribute{Key: "alt"})
	}
	return mended
}

func attribute(n *nethtml.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// fitPage puts the headings of a body below the article's own, an h2, and has
// its images loaded when they come into view, without telling their server
// which page shows them.
func fitPage(n *nethtml.Node) {
	switch n.Data {
	case "h1", "h2", "h3", "h4", "h5", "h6":
		n.Data, n.DataAtom = "h3", atom.H3
	case "img":
		n.Attr = append(n.Attr,
			nethtml.Attribute{Key: "loading", Val: "lazy"},
			nethtml.Attribute{Key: "referrerpolicy", Val: "no-referrer"})
	}
}

// paragraphs is a plain text, one paragraph a line, as HTML.
func paragraphs(text string) string {
	var b strings.Builder
	for paragraph := range strings.Lines(text) {
		if paragraph = vietnamese.Clean(paragraph); paragraph != "" {
			b.WriteString("<p>" + html.EscapeString(paragraph) + "</p>")
		}
	}
	return b.String()
}
