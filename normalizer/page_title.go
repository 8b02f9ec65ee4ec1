package normalizer

import (
	"maps"
	"regexp"
	"strings"

	"golang.org/x/net/html"

	"bantin/internal/vietnamese"
)

// title is the title of the article. own is set when the page itself shows one,
// and not only the link to it or the name of the browser's window.
func (p *page) title() (title string, own bool) {
	shown := p.ruled("title", p.rules.title)
	if shown == "" {
		if shown = p.titleOf(p.placed(p.family.title)); p.isGeneric(shown) {
			shown = "" // the name of the site or of a box stands where the title should
		}
	}
	if shown != "" {
		p.titled = true
		return shown, true
	}
	if shown = p.namedLine(); shown != "" {
		return shown, true
	}
	headline, sure := p.headline()
	if sure {
		return headline, true
	}
	placed := p.titleInPlace()
	structured := firstOf(p.withoutSite(p.head.linked.headline), p.withoutSite(p.head.meta["og:title"]))
	switch {
	case headline != "" && !p.isGeneric(headline) && (placed == headline || placed == "" || p.isAboveText(headline)):
		return headline, true
	case structured != "" && p.head.meta["og:type"] != "website" && !p.isGeneric(structured) && (placed == "" || !p.isInstitution(structured)) && (placed == "" || p.isShown(structured)):
		return structured, true
	case p.link.Title != "":
		return p.link.Title, false
	case placed != "":
		return placed, true
	}
	return firstOf(structured, p.withoutSite(p.head.title), headline), false
}

// titleOf is the text of the first element that has one, without what stands in it
// besides the title: date, byline, number of readers, tools.
func (p *page) titleOf(nodes []*html.Node) string {
	for _, n := range nodes {
		if text := p.titleText(n); text != "" {
			p.taken = append(p.taken, n)
			return text
		}
	}
	return ""
}

func (p *page) titleText(n *html.Node) string {
	whole := vietnamese.Clean(textOf(n, p.skip))
	if whole == "" || p.isNamed(whole) {
		return whole
	}
	for _, inner := range headings().find(n) {
		if inner == n {
			continue
		}
		if text := p.titleText(inner); len(strings.Fields(text)) >= minTitleWords {
			return text
		}
	}
	besides := maps.Clone(p.skip)
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		if child.Type == html.ElementNode && p.isBeside(vietnamese.Clean(textOf(child, p.skip))) {
			besides[child] = true
		}
	}
	return firstOf(vietnamese.Clean(textOf(n, besides)), whole)
}

func headings() selector { return tableSelector("h1, h2, h3, h4") }

// isBeside reports whether a text is one that stands beside a title: a date, in
// brackets or not, a number of readers, tools.
func (p *page) isBeside(text string) bool {
	return p.isDateLine(strings.Trim(text, "()[] ")) || p.n.cleaner.chrome.isBeside(text)
}

// namedLine is the line above the text that is exactly what the page tells
// machines is its title, or what the link to it is called.
func (p *page) namedLine() string {
	lines := p.shownLines()
	names := map[string]bool{}
	for _, name := range []string{p.head.linked.headline, p.head.meta["og:title"], p.head.title, p.link.Title} {
		names[vietnamese.Fold(p.withoutSite(name))] = true
		for _, mark := range titleMarks() { // whatever stands behind it
			if at := strings.LastIndex(name, mark); at > 0 {
				names[vietnamese.Fold(name[:at])] = true
			}
		}
	}
	for i := range lines[:p.titlesEnd()] {
		one := &lines[i]
		if len(one.text) > maxChromeBytes || p.inFurniture(one.from) || isLink(one) {
			continue
		}
		if text := p.mainText(one); names[vietnamese.Fold(text)] && !p.isGeneric(text) && !p.isInstitution(text) && !p.isSection(text, one.from) {
			return text
		}
	}
	return ""
}

// titlesEnd is the index behind the last line that can be a title.
func (p *page) titlesEnd() int {
	if first := p.firstParagraph(); first >= 0 {
		return first
	}
	return len(p.shownLines())
}

// mainText is the text of a line without the date and the tools beside it.
func (p *page) mainText(one *shownLine) string {
	if len(one.parts) == 0 {
		return one.text
	}
	parts := one.parts
	for len(parts) > 0 && p.isBeside(parts[len(parts)-1]) {
		parts = parts[:len(parts)-1]
	}
	for len(parts) > 0 && p.isBeside(parts[0]) {
		parts = parts[1:]
	}
	if len(parts) == len(one.parts) || len(parts) == 0 {
		return one.text
	}
	return vietnamese.Clean(strings.Join(parts, " "))
}

// isAboveText reports whether a text is a line that stands where titles do.
func (p *page) isAboveText(text string) bool {
	lines, first := p.shownLines(), p.firstParagraph()
	for i := first - 1; i >= max(0, first-maxDistance); i-- {
		if lines[i].text == text {
			return true
		}
	}
	return false
}

// isShown reports whether the page shows a title, or a line with which it begins.
func (p *page) isShown(title string) bool {
	folded := vietnamese.Fold(title)
	for _, one := range p.shownLines() {
		if len(one.text) <= 2*len(title) && len(strings.Fields(one.text)) >= minTitleWords && strings.HasPrefix(folded, vietnamese.Fold(one.text)) {
			return true
		}
	}
	return false
}

// headline is the general title: of several, the longest that the page also
// gives to machines, because the others are the names of the site and its boxes.
// It is sure when there is such a one; else it is the first of them.
func (p *page) headline() (headline string, sure bool) {
	first, best := "", ""
	for _, n := range p.general.title.find(p.root) {
		text := p.titleText(n)
		if text == "" || p.inFurniture(n) || p.isSite(text) || isOfPart(n) {
			continue
		}
		if first == "" || p.isInstitution(first) {
			first = text // a site's name stands in the first heading of many
		}
		if len(text) > len(best) && p.isNamed(text) && !p.isGeneric(text) && !p.isInstitution(text) && !p.isSection(text, n) {
			best = text
		}
	}
	return firstOf(best, first), best != ""
}

// isInstitution reports whether a text could be the full name of a paper, a station
// or an office: it begins like one, and does not stand where titles do.
func (p *page) isInstitution(text string) bool {
	return len(strings.Fields(text)) <= maxPortalWords && officeName.MatchString(vietnamese.Fold(text)) && !p.isAboveText(text)
}

// isSite reports whether a text is the name of the site or of who publishes it.
func (p *page) isSite(text string) bool {
	folded := vietnamese.Fold(text)
	for _, name := range []string{p.head.linked.publisher, p.source.Name} {
		if name != "" && folded == vietnamese.Fold(name) {
			return true
		}
	}
	return folded == vietnamese.Fold(p.head.meta["og:site_name"])
}

// windowSite is the folded name of the site at the end of what the browser's window
// is called, where the title that the page tells machines has it not.
func (p *page) windowSite() string {
	for _, mark := range titleMarks() {
		at := strings.LastIndex(p.head.title, mark)
		if at <= 0 {
			continue
		}
		site := p.head.title[at+len(mark):]
		if words := len(strings.Fields(site)); words <= maxSectionWords && at > len(site) {
			return vietnamese.Fold(site)
		}
	}
	return ""
}

// titleMarks part a title from the name of the site behind it.
func titleMarks() []string { return []string{" | ", " - ", " – ", " :: ", " » ", " • ", " · "} }

// siteWords are in the names of papers and portals.
var siteWords = regexp.MustCompile(`^(?:Báo \p{Lu}|Cổng |Trang thông tin|Đài |Tạp chí )|(?i:báo điện tử)|\.vn$|\.com$`)

// withoutSite takes the name of the site off the end of a title.
func (p *page) withoutSite(title string) string {
	for _, mark := range titleMarks() {
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
