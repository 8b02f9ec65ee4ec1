package normalizer

import (
	"fmt"
	"maps"
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

// Listing reads the links to articles off a listing page, in document order: those
// that src.Items selects, else those that the structure of the page gives away.
// The errors are those of Page; nothing selected is ErrNoArticle.
func (n *Normalizer) Listing(src article.Source, doc Document) ([]Link, error) {
	l, err := n.openListing(doc)
	if err != nil {
		return nil, fmt.Errorf("read listing %s: %w", doc.URL, err)
	}
	var chosen []candidate
	if src.Items != "" {
		chosen, err = l.selected(src.Items)
	} else {
		chosen, err = l.structured()
	}
	if err != nil {
		return nil, fmt.Errorf("read listing %s: %w", doc.URL, err)
	}
	return linksOf(chosen), nil
}

// A listing is a listing page while it is read.
type listing struct {
	chrome   chrome
	root     *html.Node
	at, base *url.URL
	skip     map[*html.Node]bool
	found    []candidate
	byURL    map[string]int // index in found
}

// A candidate is an address with the best title of the links to it.
type candidate struct {
	link   Link
	key    string // equal for two spellings of one address
	shape  string // of the address
	places map[string]bool
	rank   int // how sure the title is one; 0 when it is too short for that
	nodes  []*html.Node
}

func linksOf(chosen []candidate) []Link {
	links := make([]Link, len(chosen))
	for i, c := range chosen {
		links[i] = c.link
	}
	return links
}

func (n *Normalizer) openListing(doc Document) (*listing, error) {
	text, _ := decodeText(doc.Body, doc.ContentType)
	if err := notAPage(text); err != nil {
		return nil, err
	}
	root, _ := pageTree(text)
	h := readHead(root)
	at, base := pageBase(doc.URL, h.base)
	if at.Host == "" { // a file: the page itself may know where it is from
		at, base = pageBase(firstOf(h.canonical, h.meta["og:url"]), h.base)
	}
	return &listing{chrome: n.cleaner.chrome, root: root, at: at, base: base}, nil
}

// part is an empty listing of the links below an element.
func (l *listing) part(root *html.Node) *listing {
	part := *l
	part.root, part.skip, part.found, part.byURL = root, furniture(root), nil, map[string]int{}
	return &part
}

// structured are the links to articles as the structure of the page tells them.
func (l *listing) structured() ([]candidate, error) {
	whole := l.part(l.root)
	whole.visit(l.root, "")
	chosen := whole.articles()
	if len(chosen) == 0 {
		return nil, fmt.Errorf("%w: no links to articles", ErrNoArticle)
	}
	return chosen, nil
}

// selected are the links that a selector selects, and those in the other
// elements that it selects: of several links in one element, those that look like
// links to articles, and the first where none does. The operator's word counts
// for more than ours, so a title may be short. But a link to another site stays
// out: its article would stand under the name of this source.
func (l *listing) selected(items string) ([]candidate, error) {
	s, err := parseSelector(items)
	if err != nil {
		return nil, fmt.Errorf("selector %q: %w", items, err)
	}
	whole := l.part(l.root)
	whole.skip = nil
	for _, n := range s.find(l.root) {
		if n.DataAtom == atom.A {
			whole.add(n, "")
			continue
		}
		inside := whole.part(n)
		inside.visit(n, "")
		chosen := inside.articles()
		if len(chosen) == 0 {
			chosen = inside.found[:min(1, len(inside.found))]
		}
		for _, c := range chosen {
			whole.put(c)
		}
	}
	if len(whole.found) == 0 {
		return nil, fmt.Errorf("%w: the selector %q selects no link to another page of the site", ErrNoArticle, items)
	}
	return whole.found[:min(maxLinks, len(whole.found))], nil
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

// add puts a link to those found.
func (l *listing) add(n *html.Node, place string) {
	u, key := l.target(n)
	if u == nil {
		return
	}
	title, rank := l.titleOf(n)
	if strings.HasPrefix(title, "#") {
		return // a topic, under which articles are listed
	}
	c := candidate{link: Link{URL: u.String(), Title: title}, key: key, shape: shapeOf(u), rank: rank}
	if rank > 0 {
		c.places, c.nodes = map[string]bool{place: true}, []*html.Node{n}
	}
	l.put(c)
}

// target is where a link leads, nil where that is no other page of the site.
func (l *listing) target(n *html.Node) (u *url.URL, key string) {
	link := resolve(l.base, attr(n, "href"))
	u, err := url.Parse(link)
	if link == "" || err != nil || !sameSite(u, l.at) || strings.HasPrefix(attr(n, "href"), "#") {
		return nil, ""
	}
	u.Fragment = ""
	if key = article.CanonicalURL(u.String()); key == article.CanonicalURL(l.at.String()) {
		return nil, ""
	}
	return u, key
}

// put adds a candidate to those found, or what it tells to the one with the same
// address.
func (l *listing) put(c candidate) {
	i, known := l.byURL[c.key]
	if !known {
		l.byURL[c.key] = len(l.found)
		l.found = append(l.found, c)
		return
	}
	old := &l.found[i]
	if c.rank > old.rank || old.link.Title == "" {
		old.link.Title, old.rank = c.link.Title, c.rank
	}
	old.nodes = append(old.nodes, c.nodes...)
	if old.places == nil {
		old.places = map[string]bool{}
	}
	maps.Copy(old.places, c.places)
}

// titleOf is the title that a link gives to its article: the heading in it, else
// its words, else its title attribute, else its picture's. Words that are too few
// for a title come with rank 0.
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
	if is, _ := l.chrome.isChrome(whole); is {
		return "", 0
	}
	return cutText(whole, maxTitle), 0
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
func (l *listing) articles() []candidate {
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
	var chosen []candidate
	for _, c := range l.found {
		if c.rank > 0 && (c.shape == main || c.standsIn(places)) && len(chosen) < maxLinks {
			chosen = append(chosen, c)
		}
	}
	return chosen
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
