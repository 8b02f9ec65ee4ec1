package normalizer

import (
	"fmt"
	"net/url"
	"path"
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"bantin/internal/article"
	"bantin/internal/vietnamese"
)

const (
	// maxLinks is more than any listing page shows; a page with more is a map of
	// the site.
	maxLinks = 200
	// minTitleWords tells titles from the names of sections, which have up to
	// three words in Vietnamese.
	minTitleWords = 4
	// sharedPlaces is how many links of the main kind stand in the same place of
	// the layout before another link there is taken for an article too.
	sharedPlaces = 3
)

// Listing reads the links to articles off a listing page, in document order. The
// errors are those of Page.
func (n *Normalizer) Listing(_ article.Source, doc Document) ([]Link, error) {
	text, _ := decodeText(doc.Body, doc.ContentType)
	if err := notAPage(text); err != nil {
		return nil, fmt.Errorf("read listing %s: %w", doc.URL, err)
	}
	root, _ := parseTree(string(text))
	at, base := pageBase(doc.URL, readHead(root).base)
	l := listing{chrome: n.cleaner.chrome, at: at, base: base, skip: furniture(root), byURL: map[string]int{}}
	l.visit(root, "")
	links := l.articles()
	if len(links) == 0 {
		return nil, fmt.Errorf("read listing %s: %w: no links to articles", doc.URL, ErrNoArticle)
	}
	return links, nil
}

// A listing is a listing page while it is read.
type listing struct {
	chrome   chrome
	at, base *url.URL
	skip     map[*html.Node]bool
	found    []candidate
	byURL    map[string]int // index in found
}

// A candidate is an address with the best title of the links to it.
type candidate struct {
	link   Link
	shape  string // of the address
	places map[string]bool
	rank   int // how sure the title is one; 0 when there is none
}

// visit collects the links under n. place is where n stands in the layout: the
// names of the elements around it.
func (l *listing) visit(n *html.Node, place string) {
	if l.skip[n] || n.Type == html.ElementNode && isHidden(n) {
		return
	}
	if n.DataAtom == atom.A {
		l.add(n, place)
		return
	}
	if n.Type == html.ElementNode && !isInline(n.DataAtom) {
		class, _, _ := strings.Cut(strings.TrimSpace(attr(n, "class")), " ")
		place = lastPlaces(place + "/" + n.Data + "." + class)
	}
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		l.visit(child, place)
	}
}

// placeDepth is how many elements around a link describe its place: the item,
// what is in it and the list around it.
const placeDepth = 4

func lastPlaces(place string) string {
	for strings.Count(place, "/") > placeDepth {
		_, rest, _ := strings.Cut(place[1:], "/")
		place = "/" + rest
	}
	return place
}

func (l *listing) add(n *html.Node, place string) {
	link := resolve(l.base, attr(n, "href"))
	u, err := url.Parse(link)
	if link == "" || err != nil || !sameSite(u, l.at) || strings.HasPrefix(attr(n, "href"), "#") {
		return
	}
	u.Fragment = ""
	link = u.String()
	key := article.CanonicalURL(link)
	if key == article.CanonicalURL(l.at.String()) {
		return
	}
	title, rank := l.titleOf(n)
	i, known := l.byURL[key]
	if !known {
		i = len(l.found)
		l.byURL[key] = i
		l.found = append(l.found, candidate{link: Link{URL: link}, shape: shapeOf(u), places: map[string]bool{}})
	}
	c := &l.found[i]
	if rank > 0 {
		c.places[place] = true
	}
	if rank > c.rank {
		c.link.Title, c.rank = title, rank
	}
}

// titleOf is the title that a link gives to its article: the heading in it, else
// its words, else its title attribute, else its picture's.
func (l *listing) titleOf(n *html.Node) (title string, rank int) {
	whole := vietnamese.Clean(textOf(n, l.skip))
	named := vietnamese.Clean(attr(n, "title"))
	if strings.HasSuffix(whole, "...") || strings.HasSuffix(whole, "…") {
		// Many portals cut the title where it is shown, and give it whole here.
		if cut := strings.TrimRight(whole, ".… "); strings.HasPrefix(named, cut) {
			whole = named
		}
	}
	heading := ""
	if h := headingIn(n); h != nil {
		heading = vietnamese.Clean(textOf(h, l.skip))
	} else if isUnderHeading(n) {
		heading = whole
	}
	alt := ""
	if pictures := images(n, l.skip); len(pictures) > 0 {
		alt = vietnamese.Clean(attr(pictures[0], "alt"))
	}
	texts := []string{heading, whole, named, alt} // the surest first
	for i, text := range texts {
		if is, _ := l.chrome.isChrome(text); !is && len(strings.Fields(text)) >= minTitleWords {
			return cutText(text, maxTitle), len(texts) - i
		}
	}
	return "", 0
}

func isHeading(n *html.Node) bool {
	switch n.DataAtom.String() {
	case "h1", "h2", "h3", "h4", "h5", "h6":
		return true
	}
	return false
}

// headingIn is the heading in a link that is around a whole teaser, or what is
// called its title.
func headingIn(n *html.Node) *html.Node {
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		if isHeading(child) || strings.Contains(attr(child, "class"), "title") {
			return child
		}
		if found := headingIn(child); found != nil {
			return found
		}
	}
	return nil
}

func isUnderHeading(n *html.Node) bool {
	for up := n.Parent; up != nil && up.Type == html.ElementNode; up = up.Parent {
		if isHeading(up) {
			return true
		}
		if !isInline(up.DataAtom) {
			return false
		}
	}
	return false
}

// articles are the links of the kind that has most of the page's titles, and
// those that stand among them.
func (l *listing) articles() []Link {
	words := map[string]int{}
	main := ""
	for _, c := range l.found {
		if c.rank == 0 {
			continue
		}
		words[c.shape] += len(strings.Fields(c.link.Title))
		if words[c.shape] > words[main] {
			main = c.shape
		}
	}
	places := map[string]int{}
	for _, c := range l.found {
		if c.rank > 0 && c.shape == main {
			for place := range c.places {
				places[place]++
			}
		}
	}
	var links []Link
	for _, c := range l.found {
		if c.rank > 0 && (c.shape == main || c.standsIn(places)) && len(links) < maxLinks {
			links = append(links, c.link)
		}
	}
	return links
}

func (c candidate) standsIn(places map[string]int) bool {
	for place := range c.places {
		if places[place] >= sharedPlaces {
			return true
		}
	}
	return false
}

// number is an id in an address: digits, or the hexadecimal ids of some CMS.
var number = regexp.MustCompile(`\d+|\b[0-9a-f]{8,}\b`)

// shapeOf is what the addresses of one site's articles have in common: how deep
// they are, whether their last part is a slug or a page, holds an id, and what
// it ends with, and the parameters that hold an id.
func shapeOf(u *url.URL) string {
	last := path.Base(u.Path)
	extension := path.Ext(last)
	if strings.IndexFunc(extension, unicode.IsDigit) >= 0 || len(extension) > len(".html") {
		extension = ""
	}
	name := strings.TrimSuffix(last, extension)
	marks := []string{extension}
	if strings.Count(name, "-") >= minTitleWords-1 {
		marks = append(marks, "slug")
	} else if extension == ".aspx" || extension == ".jsp" || extension == ".php" {
		marks = append(marks, strings.ToLower(name)) // the page that shows all articles
	}
	if number.MatchString(name) {
		marks = append(marks, "id")
	}
	for param := range strings.SplitSeq(u.RawQuery, "&") {
		key, value, _ := strings.Cut(param, "=")
		if number.MatchString(value) {
			marks = append(marks, strings.ToLower(key))
		} else if number.MatchString(key) && value == "" { // Liferay: ?<id>
			marks = append(marks, "?")
		}
	}
	return strings.Join(marks, " ")
}
