package normalizer

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

const (
	// maxAlternatives is how many selectors parted by commas a person still reads.
	maxAlternatives = 4
	// maxProposals bounds the selectors that are tried on a page. A page of 200
	// links with six layouts makes some 500.
	maxProposals = 1000
	// maxAbove is how far above a link the name of its list is looked for.
	maxAbove = 8
)

// ListingSelector reads the links to articles off a listing page by its structure,
// as Listing does, and looks for a selector that gives the same links. It is empty
// where none of those that a person would write does. The errors are those of
// Listing.
func (n *Normalizer) ListingSelector(doc Document) (items string, links []Link, err error) {
	l, err := n.openListing(doc)
	if err != nil {
		return "", nil, fmt.Errorf("read listing %s: %w", doc.URL, err)
	}
	chosen, err := l.structured()
	if err != nil {
		return "", nil, fmt.Errorf("read listing %s: %w", doc.URL, err)
	}
	p := proposer{l: l, wanted: map[string]bool{}, covers: map[string]map[string]bool{}}
	for _, c := range chosen {
		p.wanted[c.key] = true
		for _, anchor := range c.nodes {
			p.propose(anchor, c.key)
		}
	}
	items = p.choose()
	if items != "" && !p.isExact(items) {
		items = ""
	}
	return items, linksOf(chosen), nil
}

// A proposer looks for a selector of wanted links.
type proposer struct {
	l      *listing
	wanted map[string]bool            // by key
	covers map[string]map[string]bool // the wanted links that a selector selects, by selector
}

// propose collects the selectors that a person could write for a link: its own
// names, below the names of what is around it.
func (p *proposer) propose(n *html.Node, key string) {
	inner := append(ownForms(n), linkForms(n)...)
	above := n.Parent
	if above != nil && above.DataAtom != atom.Body {
		for _, name := range namesOf(above) {
			inner = append(inner, name+" > a")
		}
	}
	for _, form := range inner {
		p.cover(form, key)
	}
	for range maxAbove {
		if above == nil || above.Type != html.ElementNode {
			return
		}
		for _, name := range namesOf(above) {
			for _, form := range inner {
				if !strings.HasPrefix(form, name+" > ") {
					p.cover(name+" "+form, key)
				}
			}
		}
		above = above.Parent
	}
}

func (p *proposer) cover(text, key string) {
	if p.covers[text] == nil {
		p.covers[text] = map[string]bool{}
	}
	p.covers[text][key] = true
}

// ownForms select a link by itself.
func ownForms(n *html.Node) []string {
	forms := []string{"a"}
	for _, class := range classesOf(n) {
		forms = append(forms, "a."+class)
	}
	return forms
}

// linkForms select a link by what the addresses of a site's articles share: the
// ending, and the parameters that hold an id.
func linkForms(n *html.Node) []string {
	u, err := url.Parse(trimLink(attr(n, "href")))
	if err != nil {
		return nil
	}
	var forms []string
	if extension := path.Ext(u.Path); u.RawQuery == "" && plainName.MatchString(strings.TrimPrefix(extension, ".")) {
		forms = append(forms, fmt.Sprintf("a[href$=%q]", extension))
	}
	for param := range strings.SplitSeq(u.RawQuery, "&") {
		name, value, _ := strings.Cut(param, "=")
		if plainName.MatchString(name) && number.MatchString(value) {
			forms = append(forms, fmt.Sprintf("a[href*=%q]", name+"="))
		}
	}
	return forms
}

// plainName is a class, an id or a parameter that needs no escapes in a selector.
var plainName = regexp.MustCompile(`^[A-Za-z][\w-]{0,39}$`)

// passing are classes that an element has for its state or for its place in a row.
var passing = regexp.MustCompile(`(?i)^(?:active|current|selected|first|last|odd|even|open|show|visible|clearfix|row|col)$|^(?:col|is|js)-|\d{3}`)

// namesOf are the ways to name an element in a selector.
func namesOf(n *html.Node) []string {
	var names []string
	if plainName.MatchString(n.Data) && n.DataAtom != atom.Body && n.DataAtom != atom.Html {
		names = append(names, n.Data)
	}
	for _, class := range classesOf(n) {
		names = append(names, "."+class)
	}
	if id := attr(n, "id"); plainName.MatchString(id) && !passing.MatchString(id) {
		names = append(names, "#"+id)
	}
	return names
}

// classesOf are the classes by which an element will be known tomorrow too.
func classesOf(n *html.Node) []string {
	const enough = 3
	var classes []string
	for class := range strings.FieldsSeq(attr(n, "class")) {
		if plainName.MatchString(class) && !passing.MatchString(class) && len(classes) < enough {
			classes = append(classes, class)
		}
	}
	return classes
}

// choose takes the selectors that select nothing but wanted links, the one with
// the most first, until all are selected.
func (p *proposer) choose() string {
	pure := p.pure()
	missing := maps.Clone(p.wanted)
	var chosen []string
	for len(missing) > 0 && len(chosen) < maxAlternatives {
		best, most := "", 0
		for _, text := range pure {
			count := 0
			for key := range p.covers[text] {
				if missing[key] {
					count++
				}
			}
			if count > most {
				best, most = text, count
			}
		}
		if best == "" {
			return ""
		}
		chosen = append(chosen, best)
		for key := range p.covers[best] {
			delete(missing, key)
		}
	}
	if len(missing) > 0 {
		return ""
	}
	return strings.Join(chosen, ", ")
}

// pure are the proposals that select no other link, the best first.
func (p *proposer) pure() []string {
	texts := slices.SortedFunc(maps.Keys(p.covers), func(a, b string) int {
		return cmp.Or(
			cmp.Compare(len(p.covers[b]), len(p.covers[a])), cmp.Compare(oddity(a), oddity(b)),
			cmp.Compare(strings.Count(a, " "), strings.Count(b, " ")), cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
	})
	anchors := tableSelector("a[href]").find(p.l.root)
	var pure []string
	for _, text := range texts[:min(maxProposals, len(texts))] {
		s := tableSelector(text)
		selectsOther := func(n *html.Node) bool {
			u, key := p.l.target(n)
			return u != nil && !p.wanted[key] && s.matches(n)
		}
		if s != nil && !slices.ContainsFunc(anchors, selectsOther) {
			pure = append(pure, text)
		}
	}
	return pure
}

// oddity is how little a selector says of what it selects: class names with
// digits, addresses, and tags alone are what a new design changes first.
func oddity(text string) int {
	odd := 0
	if strings.ContainsAny(text, "0123456789") && !strings.Contains(text, " h") {
		odd++
	}
	if strings.Contains(text, "[") {
		odd += 2
	}
	if !strings.ContainsAny(text, ".#") {
		odd++
	}
	if strings.HasSuffix(text, " a") && !strings.HasSuffix(text, "> a") { // every link, also those of tomorrow
		odd++
	}
	return odd
}

// isExact reports whether a listing by the selector has the wanted links.
func (p *proposer) isExact(items string) bool {
	chosen, err := p.l.selected(items)
	if err != nil || len(chosen) != len(p.wanted) {
		return false
	}
	return !slices.ContainsFunc(chosen, func(c candidate) bool { return !p.wanted[c.key] })
}
