package normalizer

import (
	"bytes"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"bantin/internal/article"
	"bantin/internal/vietnamese"
)

// PageID is the id of the article behind a link of a listing page. It is known
// before the page is fetched, so that a page that the store has is not fetched
// again: it derives from the link and from nothing on the page.
func PageID(src article.Source, link Link) string {
	return article.NewID(src.ID, article.CanonicalURL(link.URL))
}

// Page reads the article of one page: by the operator's rules for its source, then
// by the pack of its family, then by the general places and by position. The
// errors are ErrEmpty, ErrChallenged and ErrNoArticle, wrapped with what was seen.
func (n *Normalizer) Page(src article.Source, link Link, doc Document) (PageResult, error) {
	p, err := n.openPage(src, link, doc)
	if err != nil {
		return PageResult{}, fmt.Errorf("read page %s: %w", link.URL, err)
	}
	a := article.Article{
		ID:       PageID(src, link),
		SourceID: src.ID,
		URL:      p.address(),
		Language: feedLanguage(p.head.language),
	}
	title, own := p.title()
	a.Title = cutText(title, maxTitle)
	p.chooseLinked(title)
	lead := p.lead(title)
	a.Published, a.Precision = p.published(title)
	b := p.body(title, lead)
	if b.Text == "" && len(b.Images) == 0 {
		if !own {
			return PageResult{}, fmt.Errorf("read page %s: %w: neither title nor text", link.URL, ErrNoArticle)
		}
		p.warn("the page has a title and no text")
	}
	if reason := lostLetters(a.Title, b.Lead, b.Text); reason != "" {
		return PageResult{}, fmt.Errorf("read page %s: %w: it is %s", link.URL, ErrNoArticle, reason)
	}
	n.setBody(&a, b)
	a.Images = p.images(&a)
	a.Lead = firstOf(lead, b.Lead, p.leadNear(title, b), p.description(title))
	a.Author, a.Origin = p.author(title, b.Author), firstOf(b.Origin, p.origin())
	a.Updated = p.updated(a.Published)
	a.Categories = p.categories(title)
	result := p.result(&a, b, doc)
	a.Warnings = slices.Concat(p.warnings, a.Warnings, p.dates.doubts(&a))
	n.tag(&a, src)
	a.ContentHash = contentHash(&a)
	result.Article = a
	return result, nil
}

// A page is an article page while it is read.
type page struct {
	n                  *Normalizer
	source             article.Source
	rules              rules // of the operator
	link               Link
	url                *url.URL // of the page; relative links resolve against base
	base               *url.URL
	root               *html.Node
	head               head
	family             family
	general            family
	learned            map[uint64]bool     // see Document.Chrome
	skip               map[*html.Node]bool // what is not of the article
	known              map[*html.Node]bool // of these, what is a field or is among the removals
	unwanted           map[*html.Node]bool // of these, what the rules remove
	removals           []Removal
	taken              []*html.Node // the elements of title, lead and date
	article            *html.Node   // that holds the article; see bodyRoot
	dense              bool         // nothing but its density showed it
	titled             bool         // rule or family told which element is the title
	blocks             []block      // all that the page shows; see shownLines
	lines              []shownLine  // the lines of the blocks
	bodyBegin, bodyEnd int          // see bodyLines
	dateLine           string       // the one of them with the date
	sections           map[string]*html.Node
	dates              dateRules
	paper              paper
	bare               bool // the page has no markup
	warnings           []string
}

func (n *Normalizer) openPage(src article.Source, link Link, doc Document) (*page, error) {
	text, warnings := decodeText(doc.Body, doc.ContentType)
	if err := notAPage(text); err != nil {
		return nil, err
	}
	own, err := parseRules(src.Article)
	if err != nil {
		return nil, err
	}
	p := &page{
		n: n, source: src, rules: own, link: link, general: n.cleaner.packs.general, warnings: warnings,
		learned: hashSet(doc.Chrome), known: map[*html.Node]bool{},
	}
	var complete bool
	if p.root, complete = pageTree(text); !complete {
		p.warnings = append(p.warnings, warnTooBig)
	}
	setOffStamps(p.root)
	p.bare = isPlain(string(text))
	p.head = readHead(p.root)
	p.skip = furniture(p.root)
	p.url, p.base = pageBase(firstOf(doc.URL, link.URL), p.head.base)
	if p.base.Host == "" { // a file: the page itself may know where it is from
		p.base, _ = pageBase(firstOf(p.head.canonical, p.head.meta["og:url"]), "")
	}
	p.dates = dateRules{zone: n.zone, order: src.Dates, fetched: doc.Fetched, address: addressPeriod(p.address(), n.zone)}
	p.paper = newPaper(p.base, n.cleaner.places, src.Name, p.head.linked.publisher, p.head.meta["og:site_name"], p.windowSite())
	p.skipCards()
	p.family = n.cleaner.packs.recognise(p)
	p.applyRules()
	return p, nil
}

func (p *page) warn(warning string) { p.warnings = append(p.warnings, warning) }

// pageTree is the tree of a page. One without a tag is the text of an article, a
// paragraph a line.
func pageTree(page []byte) (root *html.Node, complete bool) {
	text, whole := shortHTML(page)
	if !isPlain(text) {
		root, complete = parseTree(text)
		return root, complete && whole
	}
	root = &html.Node{Type: html.DocumentNode}
	for line := range strings.Lines(text) {
		paragraph := &html.Node{Type: html.ElementNode, Data: "p", DataAtom: atom.P}
		paragraph.AppendChild(&html.Node{Type: html.TextNode, Data: html.UnescapeString(line)})
		root.AppendChild(paragraph)
	}
	return root, whole
}

// notAPage says what stands where a page was asked.
func notAPage(text []byte) error {
	if len(bytes.TrimSpace(text)) == 0 {
		return ErrEmpty
	}
	if reason := refusal(text); reason != "" {
		return fmt.Errorf("%w: %s", ErrChallenged, reason)
	}
	return nil
}

// pageBase is the address of a page, and the one against which its links
// resolve: the href of its base element where it has one (HTML §4.2.3).
func pageBase(address, base string) (at, against *url.URL) {
	at, err := url.Parse(address)
	if err != nil {
		at = &url.URL{}
	}
	if other, err := url.Parse(resolve(at, base)); err == nil && other.Host != "" {
		return at, other
	}
	return at, at
}

// address is the link that the page calls its own, where that can be: on the
// same site, not the front page, and not without the query that tells the
// articles of many portals apart.
func (p *page) address() string {
	for _, raw := range []string{p.head.canonical, p.head.meta["og:url"]} {
		own, err := url.Parse(resolve(p.base, raw))
		if raw == "" || err != nil || p.url.Host != "" && !sameSite(own, p.url) || strings.Trim(own.Path, "/") == "" {
			continue
		}
		if p.url.RawQuery != "" && own.RawQuery == "" && strings.EqualFold(own.Path, p.url.Path) {
			continue
		}
		return own.String()
	}
	return p.url.String()
}

// sameSite reports whether two addresses are of one host, with or without www.
func sameSite(a, b *url.URL) bool {
	trim := func(u *url.URL) string { return strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.") }
	return trim(a) == trim(b)
}

// take is the text of the first element that a selector finds. The element is
// no longer of the body.
func (p *page) take(s selector) string {
	return p.takeOne(p.placed(s))
}

// placed are the elements in a place of the family.
func (p *page) placed(s selector) []*html.Node {
	if p.family.sure {
		return s.find(p.root)
	}
	return p.outside(s)
}

// outside are the elements that a selector finds in what is not the portal's own.
func (p *page) outside(s selector) []*html.Node {
	var nodes []*html.Node
	for _, n := range s.find(p.root) {
		if !p.inFurniture(n) && !isOfPart(n) {
			nodes = append(nodes, n)
		}
	}
	return nodes
}

// partType is what a page calls the parts of an article that have a text, a date and
// an author of their own (schema.org).
var partType = regexp.MustCompile(`(?:ImageObject|VideoObject|AudioObject|Comment)$`)

// isOfPart reports whether an element stands in a figure, or in another part whose
// description and date are not those of the article.
func isOfPart(n *html.Node) bool {
	for n = n.Parent; n != nil; n = n.Parent {
		if n.DataAtom == atom.Figure || n.DataAtom == atom.Figcaption || partType.MatchString(attr(n, "itemtype")) {
			return true
		}
	}
	return false
}

// isOfPerson reports whether an element stands in the description of a person.
func isOfPerson(n *html.Node) bool {
	for n = n.Parent; n != nil; n = n.Parent {
		if strings.HasSuffix(attr(n, "itemtype"), "/Person") {
			return true
		}
	}
	return false
}

// takeOutside is take for the general places, whose names are too common to be
// trusted in what is the portal's own.
func (p *page) takeOutside(s selector) string {
	return p.takeOne(p.outside(s))
}

func (p *page) takeOne(nodes []*html.Node) string {
	for _, n := range nodes {
		if text := vietnamese.Clean(textOf(n, p.skip)); text != "" {
			p.taken = append(p.taken, n)
			return text
		}
	}
	return ""
}

func (p *page) inFurniture(n *html.Node) bool {
	for ; n != nil; n = n.Parent {
		if p.skip[n] {
			return true
		}
	}
	return false
}

// lead is the lead that the page shows in a place of its own.
func (p *page) lead(title string) string {
	lead := p.ruled("lead", p.rules.lead)
	if lead == "" {
		lead = p.take(p.family.lead)
	}
	if lead == "" {
		lead = p.takeOne(p.nearTitle(slices.DeleteFunc(p.outside(p.general.lead), isOfPerson), title))
	}
	lead = p.paper.without(lead)
	if vietnamese.Fold(lead) == vietnamese.Fold(title) || len(strings.Fields(lead)) > maxLeadWords {
		return ""
	}
	return lead
}

// nearTitle are the elements that begin between the title and the body. Below it
// stand the leads of other articles, which are called the same.
func (p *page) nearTitle(nodes []*html.Node, title string) []*html.Node {
	lines, at := p.linesAround(title)
	begin, end := p.bodyLines()
	if at < 0 || begin == end || at >= end {
		return nodes
	}
	return slices.DeleteFunc(nodes, func(n *html.Node) bool {
		return !slices.ContainsFunc(lines[at:min(end, max(at, begin)+knownLines)], func(one shownLine) bool { return isWithin(one.from, n) })
	})
}

// maxLeadWords is twice the longest leads; what has more is the article.
const maxLeadWords = 200

// description is what the page tells machines that it is about, if that says
// more than the title: the systems of papers and portals write the lead there. One
// that was cut says less than the text, and on WordPress it is written by and for
// search engines.
func (p *page) description(title string) string {
	if p.isWordPress() {
		return ""
	}
	for _, text := range []string{p.head.linked.description, p.head.meta["og:description"], p.head.meta["description"]} {
		cut := strings.HasSuffix(text, "...") || strings.HasSuffix(text, "…") || strings.HasSuffix(text, "[…]")
		if len(text) >= minParagraphBytes && len(text) <= maxTextOf && !cut && vietnamese.Fold(text) != vietnamese.Fold(title) {
			return p.paper.without(text)
		}
	}
	return ""
}

// isWordPress reports whether WordPress made the page: its files are in folders of
// these names whatever the theme is.
func (p *page) isWordPress() bool {
	return p.family.name == "wordpress" || len(tableSelector("[src*=/wp-content/], [href*=/wp-content/], [data-lazy-src*=/wp-content/]").find(p.root)) > 0
}

// body reads the element that holds the article. What the page shows elsewhere
// too, title and lead, is not of the body.
func (p *page) body(title, lead string) body {
	shown := known{title: title, date: p.dateLine, leads: []string{lead}, hasLead: lead != ""}
	if lead == "" {
		shown.leads = append(p.paragraphsBelow(title), p.head.linked.description, p.head.meta["og:description"], p.head.meta["description"])
	}
	root := p.bodyRoot()
	if root == nil {
		told, _ := p.toldBody(title, body{}, shown)
		return told
	}
	p.exclude(root)
	r := &reader{base: p.base, skip: p.skip, above: p.picturesAbove(root), learned: p.learned, captions: p.captions(root), counted: true, paper: p.paper}
	shown.dense = p.dense
	if p.dense || !p.titled {
		p.place(title, &shown)
	}
	if len(r.above) == 0 {
		r.blocks = p.picturesBelow(title, root)
	}
	r.known = shown
	b := p.n.cleaner.read(r, root)
	if told, more := p.toldBody(title, b, shown); more {
		p.warn("the page shows only the beginning of its article; the rest is from its data")
		return told
	}
	return b
}

// picturesAbove are the pictures of the article that do not stand in its body, or
// in a part of it that is not read.
func (p *page) picturesAbove(root *html.Node) []*html.Node {
	var above []*html.Node
	for _, n := range p.placed(p.family.picture) {
		if !isWithin(n, root) || p.inFurniture(n) {
			above = append(above, n)
		}
	}
	return above
}

// captions are the elements under root that the family calls so.
func (p *page) captions(root *html.Node) map[*html.Node]bool {
	return nodeSet(p.family.caption.find(root))
}

// ownImage is what a site shows of itself where an article has no picture.
var ownImage = regexp.MustCompile(`(?i)(?:logo|no[-_]?(?:image|img|photo|thumb)|default|banner|favicon|avatar|placeholder|share[-_]?(?:fb|facebook|img|image)|/icons?[/_-])`)

// images are the pictures of an article. Of one that shows none it is the picture
// that the page gives to those who link to it.
func (p *page) images(a *article.Article) []article.Image {
	if len(a.Images) > 0 {
		return firstImages(a, a.Images)
	}
	for _, raw := range []string{p.head.meta["og:image"], p.head.linked.image} {
		if link := resolve(p.base, raw); isWeb(link) && !ownImage.MatchString(link) {
			return []article.Image{{URL: link}}
		}
	}
	return nil
}

func isWithin(n, root *html.Node) bool {
	for ; n != nil; n = n.Parent {
		if n == root {
			return true
		}
	}
	return false
}

// bodyRoot is the element that holds the article, nil where there is none.
func (p *page) bodyRoot() *html.Node {
	if p.article != nil {
		return p.article
	}
	root := p.fullest(p.placed(p.family.body))
	if root == nil {
		root = p.fullest(p.outside(p.general.body))
	}
	if root == nil {
		root, p.dense = densest(p.root, p.skip), true
	}
	p.article = p.widen(root)
	return p.article
}

// fullest is the element with the most text and pictures.
func (p *page) fullest(nodes []*html.Node) *html.Node {
	var best *html.Node
	most := 0
	for _, n := range nodes {
		if size := textSize(n) + len(images(n, p.skip)); size > most {
			best, most = n, size
		}
	}
	return best
}

// exclude leaves out of the body what stands in it and is a field of its own,
// and what the family says is not of it.
func (p *page) exclude(root *html.Node) {
	removed := slices.DeleteFunc(p.family.remove.find(root), isInSentence)
	p.takeOut(removed, reasonPack+p.family.name)
	half := textSize(root) / 2
	for _, n := range p.taken {
		if n != root && textSize(n) < half {
			p.skip[n], p.known[n] = true, true
		}
	}
}
