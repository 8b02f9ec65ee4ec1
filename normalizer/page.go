package normalizer

import (
	"bytes"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"

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

// Page reads the article of one page. The errors are ErrEmpty, ErrChallenged and
// ErrNoArticle, wrapped with what was seen.
func (n *Normalizer) Page(src article.Source, link Link, doc Document) (article.Article, error) {
	p, err := n.openPage(link, doc)
	if err != nil {
		return article.Article{}, fmt.Errorf("read page %s: %w", link.URL, err)
	}
	a := article.Article{
		ID:       PageID(src, link),
		SourceID: src.ID,
		URL:      p.address(),
		Language: feedLanguage(p.head.language),
		Warnings: p.warnings,
	}
	title, own := p.title()
	a.Title = cutText(title, maxTitle)
	lead := p.lead(title)
	a.Published, a.Precision = p.published(title)
	b := p.body(title, lead)
	if b.Text == "" && len(b.Images) == 0 {
		if !own {
			return article.Article{}, fmt.Errorf("read page %s: %w: neither title nor text", link.URL, ErrNoArticle)
		}
		a.Warnings = append(a.Warnings, "the page has a title and no text")
	}
	if isLossy(a.Title + " " + b.Text) {
		return article.Article{}, fmt.Errorf("read page %s: %w: letters were lost to question marks", link.URL, ErrNoArticle)
	}
	n.setBody(&a, b)
	a.Images = firstImages(&a, a.Images)
	a.Lead = firstOf(lead, b.Lead, p.leadNear(title, b), p.description(title))
	a.Author, a.Origin = p.author(b.Author), firstOf(b.Origin, p.origin())
	a.Updated, _ = p.date(firstOf(p.head.linked.modified, p.head.meta["article:modified_time"]))
	if section := firstOf(p.head.linked.section, p.head.meta["article:section"]); section != "" {
		a.Categories = []string{cutText(section, maxTitle)}
	}
	n.tag(&a, src)
	a.ContentHash = contentHash(&a)
	return a, nil
}

// A page is an article page while it is read.
type page struct {
	n                  *Normalizer
	link               Link
	url                *url.URL // of the page; relative links resolve against base
	base               *url.URL
	root               *html.Node
	head               head
	family             family
	general            family
	skip               map[*html.Node]bool // the portal's own
	taken              []*html.Node        // the elements of title, lead and date
	article            *html.Node          // that holds the article; see bodyRoot
	dense              bool                // nothing but its density showed it
	titled             bool                // the family told which element is the title
	blocks             []block             // all that the page shows; see shownLines
	lines              []shownLine         // the lines of the blocks
	bodyBegin, bodyEnd int                 // see bodyLines
	dateLine           string              // the one of them with the date
	sections           map[string]*html.Node
	warnings           []string
}

func (n *Normalizer) openPage(link Link, doc Document) (*page, error) {
	text, warnings := decodeText(doc.Body, doc.ContentType)
	if err := notAPage(text); err != nil {
		return nil, err
	}
	p := &page{n: n, link: link, general: anywhere(), warnings: warnings}
	var complete bool
	if p.root, complete = pageTree(text); !complete {
		p.warnings = append(p.warnings, warnTooBig)
	}
	p.head = readHead(p.root)
	p.skip = furniture(p.root)
	p.url, p.base = pageBase(firstOf(doc.URL, link.URL), p.head.base)
	if p.base.Host == "" { // a file: the page itself may know where it is from
		p.base, _ = pageBase(firstOf(p.head.canonical, p.head.meta["og:url"]), "")
	}
	for _, one := range n.cleaner.families {
		if len(one.mark.find(p.root)) > 0 {
			p.family = one
			break
		}
	}
	return p, nil
}

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
	return p.takeOne(s.find(p.root))
}

// takeOutside is take for the general places, whose names are too common to be
// trusted in what is the portal's own.
func (p *page) takeOutside(s selector) string {
	var nodes []*html.Node
	for _, n := range s.find(p.root) {
		if !p.inFurniture(n) {
			nodes = append(nodes, n)
		}
	}
	return p.takeOne(nodes)
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

// title is the title of the article. own is set when the page itself shows one,
// and not only the link to it or the name of the browser's window.
func (p *page) title() (title string, own bool) {
	if shown := p.take(p.family.title); shown != "" {
		p.titled = true
		return shown, true
	}
	headline, sure := p.headline()
	if sure {
		return headline, true
	}
	placed := p.titleInPlace()
	structured := firstOf(p.head.linked.headline, p.withoutSite(p.head.meta["og:title"]))
	switch {
	case headline != "" && (placed == headline || placed == "" && !p.isGeneric(headline)):
		return headline, true
	case structured != "" && p.head.meta["og:type"] != "website" && !p.isGeneric(structured):
		return structured, true
	case p.link.Title != "":
		return p.link.Title, false
	case placed != "":
		return placed, true
	}
	return firstOf(structured, p.withoutSite(p.head.title), headline), false
}

// headline is the general title: of several, the longest that the page also
// gives to machines, because the others are the names of the site and its boxes.
// It is sure when there is such a one; else it is the first of them.
func (p *page) headline() (headline string, sure bool) {
	first, best := "", ""
	for _, n := range p.general.title.find(p.root) {
		text := vietnamese.Clean(textOf(n, p.skip))
		if text == "" || p.inFurniture(n) || p.isSite(text) {
			continue
		}
		first = firstOf(first, text)
		if len(text) > len(best) && p.isNamed(text) && !p.isGeneric(text) && !p.isSection(text, n) {
			best = text
		}
	}
	return firstOf(best, first), best != ""
}

func (p *page) isSite(text string) bool {
	return vietnamese.Fold(text) == vietnamese.Fold(p.head.meta["og:site_name"])
}

// siteWords are in the names of papers and portals.
var siteWords = regexp.MustCompile(`^(?:Báo \p{Lu}|Cổng |Trang thông tin|Đài |Tạp chí )|(?i:báo điện tử)|\.vn$|\.com$`)

// withoutSite takes the name of the site off the end of a title.
func (p *page) withoutSite(title string) string {
	for _, mark := range []string{" | ", " - ", " – ", " :: ", " » "} {
		at := strings.LastIndex(title, mark)
		if at <= 0 {
			continue
		}
		if site := title[at+len(mark):]; p.isSite(site) || siteWords.MatchString(site) {
			return title[:at]
		}
	}
	return title
}

// lead is the lead that the page shows in a place of its own.
func (p *page) lead(title string) string {
	lead := p.take(p.family.lead)
	if lead == "" {
		lead = p.takeOutside(p.general.lead)
	}
	if vietnamese.Fold(lead) == vietnamese.Fold(title) || len(strings.Fields(lead)) > maxLeadWords {
		return ""
	}
	return lead
}

// maxLeadWords is twice the longest leads; what has more is the article.
const maxLeadWords = 200

// description is what the page tells machines that it is about, if that says
// more than the title. One that was cut says less than the text.
func (p *page) description(title string) string {
	for _, text := range []string{p.head.linked.description, p.head.meta["og:description"], p.head.meta["description"]} {
		cut := strings.HasSuffix(text, "...") || strings.HasSuffix(text, "…")
		if len(text) >= minParagraphBytes && len(text) <= maxTextOf && !cut && vietnamese.Fold(text) != vietnamese.Fold(title) {
			return text
		}
	}
	return ""
}

// body reads the element that holds the article. What the page shows elsewhere
// too, title and lead, is not of the body.
func (p *page) body(title, lead string) body {
	root := p.bodyRoot()
	if root == nil {
		return body{}
	}
	p.exclude(root)
	shown := known{title: title, date: p.dateLine, leads: []string{lead}, hasLead: lead != ""}
	if lead == "" {
		shown.leads = []string{p.head.linked.description, p.head.meta["og:description"], p.head.meta["description"]}
	}
	r := &reader{base: p.base, skip: p.skip, above: p.picturesAbove(root)}
	if p.dense || !p.titled {
		shown.dense = p.dense
		r.blocks = p.place(root, title, &shown)
	}
	r.known = shown
	return p.n.cleaner.read(r, root)
}

// picturesAbove are the pictures of the article that do not stand in its body.
func (p *page) picturesAbove(root *html.Node) []*html.Node {
	var above []*html.Node
	for _, n := range p.family.picture.find(p.root) {
		if !isWithin(n, root) {
			above = append(above, n)
		}
	}
	return above
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
	var outside []*html.Node
	for _, n := range p.general.body.find(p.root) {
		if !p.inFurniture(n) {
			outside = append(outside, n)
		}
	}
	root := p.fullest(p.family.body.find(p.root))
	if root == nil {
		root = p.fullest(outside)
	}
	if root == nil {
		root, p.dense = densest(p.root, p.skip), true
	}
	p.article = root
	return root
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
	for _, n := range p.family.remove.find(root) {
		p.skip[n] = true
	}
	half := textSize(root) / 2
	for _, n := range p.taken {
		if n != root && textSize(n) < half {
			p.skip[n] = true
		}
	}
}

// author is who the page names as author, else the byline in the body.
func (p *page) author(inBody string) string {
	shown := p.take(p.family.author)
	if name := authorName(shown); name != "" {
		return name
	}
	if inBody = firstOf(inBody, p.authorBelow()); inBody != "" {
		return inBody
	}
	shown = p.takeOutside(p.general.author)
	for _, one := range []string{shown, p.labelled(authorLine), p.head.linked.author, p.head.meta["article:author"], p.head.meta["author"]} {
		if name := authorName(one); name != "" && !p.isSite(name) && !isOutlet(name) {
			return name
		}
	}
	return ""
}

// authorName is the name in an element that is called the author's.
func authorName(text string) string {
	if m := bylineLabel.FindStringSubmatch(text); m != nil {
		text = m[1]
	}
	if len(text) > maxBylineBytes || !isName(text) {
		return ""
	}
	return text
}

// The lines in which a page names author and source outside the body.
var (
	authorLine = regexp.MustCompile(`^Tác giả\s*:\s*\S`)
	sourceLine = regexp.MustCompile(`^Nguồn(?: tin)?\s*:\s*\S`)
)

// labelled is the first short line of the page with a label.
func (p *page) labelled(label *regexp.Regexp) string {
	for _, one := range p.shownLines() {
		if len(one.text) <= maxBylineBytes && label.MatchString(one.text) {
			return one.text
		}
	}
	return ""
}

func (p *page) origin() string {
	text := firstOf(p.take(p.family.source), p.takeOutside(p.general.source), p.labelled(sourceLine))
	if m := sourceLabel.FindStringSubmatch(text); m != nil {
		text = m[1]
	}
	if len(text) > maxBylineBytes || p.isSite(text) {
		return ""
	}
	return text
}

// published is the date of the article: what the page tells machines, else what
// it shows in the place for it, else the date nearest to the title. Where the
// page names none it has none.
func (p *page) published(title string) (time.Time, article.Precision) {
	for _, raw := range []string{
		p.head.linked.published, p.head.meta["article:published_time"], p.head.meta["datepublished"],
		p.head.meta["pubdate"], p.head.meta["publishdate"],
	} {
		if t, precision := p.date(raw); precision != "" {
			return t, precision
		}
	}
	if t, precision := p.dateIn(p.family.date); precision != "" {
		return t, precision
	}
	if t, precision := p.dateNear(title); precision != "" {
		return t, precision
	}
	return p.dateIn(p.general.date)
}

// dateIn is the first date in the elements that a selector finds.
func (p *page) dateIn(s selector) (time.Time, article.Precision) {
	for _, n := range s.find(p.root) {
		for _, raw := range []string{attr(n, "datetime"), attr(n, "content"), vietnamese.Clean(textOf(n, nil))} {
			if t, precision := p.date(raw); precision != "" {
				p.taken = append(p.taken, n)
				return t, precision
			}
		}
	}
	return time.Time{}, ""
}

// dateLabel is what stands before a date.
var dateLabel = regexp.MustCompile(`^(?i)(?:ngày đăng|đăng lúc|đăng ngày|ngày xuất bản|xuất bản|cập nhật|cập nhật lúc|ngày cập nhật|thời gian|ngày)\s*:?\s*`)

// dateShape is a date inside other words, with the clock before or after it.
var dateShape = regexp.MustCompile(`(?:\d{1,2}:\d{2}(?::\d{2})?\s*[,|-]?\s*(?:ngày\s*)?)?\d{1,2}\s?[/.-]\s?\d{1,2}\s?[/.-]\s?\d{4}` +
	`(?:\s*[,|-]?\s*\d{1,2}[:h]\d{2}(?::\d{2})?(?:\s*(?:AM|PM|SA|CH))?)?(?:\s*\(?GMT\s?\+\s?7\)?)?`)

// date reads a date out of a short text that holds one.
func (p *page) date(text string) (time.Time, article.Precision) {
	if text == "" || len(text) > maxDateLine {
		return time.Time{}, ""
	}
	text = strings.ReplaceAll(dateLabel.ReplaceAllString(text, ""), "|", " ")
	if t, precision, ok := parseDate(text, p.n.zone); ok {
		return t, precision
	}
	if t, precision, ok := parseDate(dateShape.FindString(text), p.n.zone); ok {
		return t, precision
	}
	return time.Time{}, ""
}

// maxDateLine is the longest line that is still a date and not a sentence with
// one: weekday, clock, date, zone, place and number of readers.
const maxDateLine = 120
