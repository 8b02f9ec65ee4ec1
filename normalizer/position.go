package normalizer

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"bantin/internal/article"
	"bantin/internal/vietnamese"
)

// Many portals name nothing: neither a class nor the title element says which
// line is the title, and the title element is "Chi tiết tin" on every page. What
// they all keep is the order of print: date and tools, title, lead, picture with
// its caption, text, byline. This file goes by that order.

// maxDistance is in lines, of date or lead from the title: tools and the titles
// of web parts stand between them.
const maxDistance = 8

// menuLinks in lines of their own make a menu; a single one may be the section.
const menuLinks = 3

// A shownLine is a line of a page, wherever it stands.
type shownLine struct {
	line

	block        int // its index in page.blocks
	heading      bool
	belowPicture bool
}

// shownLines are all lines that the page shows, top to bottom.
func (p *page) shownLines() []shownLine {
	if p.lines != nil {
		return p.lines
	}
	all := reader{base: p.base}
	all.children(p.root)
	all.endText()
	p.blocks = all.blocks
	for i := range p.blocks {
		one := &p.blocks[i]
		for j := range one.lines {
			p.lines = append(p.lines, shownLine{
				line: one.lines[j], block: i, heading: one.tag > "h" && one.tag < "h7",
				belowPicture: j == 0 && i > 0 && p.blocks[i-1].kind == figureBlock,
			})
		}
	}
	return p.lines
}

// linesAround are all lines that the page shows, and where the title is among
// them; -1 when it is not.
func (p *page) linesAround(title string) (lines []shownLine, at int) {
	lines = p.shownLines()
	at = slices.IndexFunc(lines, func(one shownLine) bool { return one.text == title })
	if at < 0 {
		folded := vietnamese.Fold(title)
		at = slices.IndexFunc(lines, func(one shownLine) bool {
			return len(one.text) < 2*len(title) && vietnamese.Fold(one.text) == folded
		})
	}
	return lines, at
}

// maxTitleRunes is above the longest title seen; see maxTitle.
const maxTitleRunes = 200

// isParagraph reports whether a line is one of running text.
func isParagraph(text string) bool {
	if len(text) < minLeadRunes {
		return false
	}
	size := utf8.RuneCountInString(text)
	return size > maxTitleRunes || size >= minLeadRunes && endsSentence(text)
}

// bodyLines is the range of the lines in the body; empty where there is none.
func (p *page) bodyLines() (begin, end int) {
	lines, root := p.shownLines(), p.bodyRoot()
	if root == nil {
		return 0, 0
	}
	if p.bodyEnd == 0 {
		p.bodyBegin = max(0, slices.IndexFunc(lines, func(one shownLine) bool { return isWithin(one.from, root) }))
		p.bodyEnd = p.bodyBegin
		for p.bodyEnd < len(lines) && isWithin(lines[p.bodyEnd].from, root) {
			p.bodyEnd++
		}
	}
	return p.bodyBegin, p.bodyEnd
}

// firstParagraph is the index of the line with which the article's text begins,
// its lead where that stands above the body; -1 where there is none.
func (p *page) firstParagraph() int {
	lines := p.shownLines()
	begin, end := p.bodyLines()
	first := slices.IndexFunc(lines[begin:end], func(one shownLine) bool { return isParagraph(one.text) })
	if first < 0 {
		return -1
	}
	first += begin
	for i := first - 1; i >= max(0, first-maxDistance); i-- {
		if p.isDateLine(lines[i].text) {
			break
		}
		if isParagraph(lines[i].text) && !isLink(&lines[i]) && !p.inFurniture(lines[i].from) {
			first = i
		}
	}
	return first
}

// titleInPlace is the line that stands where titles do: the first one between
// the date and the text, else the nearest above the date, or above the text of a
// page without one. A heading among them, or what the page also tells machines,
// is more likely than another line; less likely are the name of an office, and
// what stands right under a picture and may be its caption.
func (p *page) titleInPlace() string {
	lines := p.shownLines()
	first := p.firstParagraph()
	nearest, topmost, spare := "", "", ""
	dated := false
	for i := first - 1; i >= max(0, first-maxDistance); i-- {
		one := &lines[i]
		switch {
		case p.isDateLine(one.text):
			if topmost != "" {
				return topmost
			}
			dated = true
		case !p.couldBeTitle(one):
		case one.belowPicture || p.isGeneric(one.text):
			spare = firstOf(spare, one.text)
		case one.heading || dated || p.isNamed(one.text):
			return one.text
		default:
			nearest, topmost = firstOf(nearest, one.text), one.text
		}
	}
	return firstOf(nearest, spare)
}

// couldBeTitle reports whether a line has the form of a title and is nothing
// else that is known.
func (p *page) couldBeTitle(one *shownLine) bool {
	if utf8.RuneCountInString(one.text) > maxTitle || len(strings.Fields(one.text)) < minTitleWords ||
		strings.ContainsAny(one.text[len(one.text)-1:], ".:;,") || isLink(one) {
		return false
	}
	is, _ := p.n.cleaner.chrome.isChrome(one.text)
	return !is && !p.isSection(one.text, one.from) && !p.inFurniture(one.from) &&
		!readByline(one.text, bylineEvidence{}).ok
}

// isLink reports whether a whole line is a link, to wherever.
func isLink(one *shownLine) bool {
	for n := one.from; n != nil; n = n.Parent {
		if n.DataAtom == atom.A {
			return vietnamese.Clean(textOf(n, nil)) == one.text
		}
	}
	return one.outsideLinks() == ""
}

// isNamed reports whether the page also tells machines that this is its title, or
// the link to it does.
func (p *page) isNamed(text string) bool {
	known := []string{p.head.linked.headline, p.head.meta["og:title"], p.head.title, p.link.Title}
	return strings.Contains(vietnamese.Fold(strings.Join(known, "\n")), vietnamese.Fold(text))
}

// How the names begin of portals, and of offices, papers and the pages that show
// their articles.
var (
	portalName = regexp.MustCompile(`^(?:cổng (?:thông tin|ttđt|tin tức|điện tử)|trang (?:thông tin|tin điện tử))`)
	officeName = regexp.MustCompile(`^(?:báo|đài|tạp chí|sở|bộ|ban|ubnd|ủy ban|tỉnh|thành phố|huyện|xã|phường|trang chủ|tin tức|tin bài|bài viết|chi tiết|xem tin|nội dung)(?: |$)`)
)

const (
	// maxPortalWords and maxSectionWords are above the names of portals, and of
	// offices and sections; a longer line says what one of them did.
	maxPortalWords, maxSectionWords = 14, 6
)

// isGeneric reports whether a text is likely the name of a site, or of all pages
// of its kind, where a title was looked for.
func (p *page) isGeneric(text string) bool {
	if is, _ := p.n.cleaner.chrome.isChrome(text); is || p.isSite(text) {
		return true
	}
	words, folded := len(strings.Fields(text)), vietnamese.Fold(text)
	return words <= maxPortalWords && portalName.MatchString(folded) || words <= maxSectionWords && officeName.MatchString(folded)
}

// isSection reports whether a text, at n, is a short one to which the menu links.
func (p *page) isSection(text string, n *html.Node) bool {
	words := len(strings.Fields(text))
	if words > maxSectionWords {
		return false
	}
	if p.sections == nil {
		p.sections = map[string]*html.Node{}
		for _, link := range tableSelector("a").find(p.root) {
			p.sections[vietnamese.Fold(vietnamese.Clean(textOf(link, nil)))] = link
		}
	}
	link := p.sections[vietnamese.Fold(text)]
	return words < minTitleWords || link != nil && !isWithin(n, link) && !isWithin(link, n)
}

// maxDateLead is in bytes what may stand before the date in its line: weekday,
// label, place.
const maxDateLead = 30

// isDateLine reports whether a line is there for its date, and not a sentence or
// a title that mentions one.
func (p *page) isDateLine(text string) bool {
	if _, precision := p.date(text); precision == "" {
		return false
	}
	at := dateShape.FindStringIndex(text)
	return at == nil || at[0] <= maxDateLead && !isParagraph(text)
}

// dateNear is the date in a line of its own that is nearest to the title, before
// or after it; above the text where the title is not shown.
func (p *page) dateNear(title string) (time.Time, article.Precision) {
	lines, at := p.linesAround(title)
	below := p.dateFrom(at, 1)
	if at < 0 {
		at = p.firstParagraph()
		below = -1
	}
	above := p.dateFrom(at, -1)
	nearest := above
	if below >= 0 && (above < 0 || below-at <= at-above) {
		nearest = below
	}
	if nearest < 0 {
		return time.Time{}, ""
	}
	p.dateLine = lines[nearest].text
	return p.date(p.dateLine)
}

// dateFrom is the index of the first line with a date from a line on, step by
// step, -1 where there is none. Behind a menu there is none: what stands there is
// the date of today, or those of other articles.
func (p *page) dateFrom(at, step int) int {
	lines, links := p.shownLines(), 0
	for distance := 1; at >= 0 && distance <= maxDistance; distance++ {
		i := at + step*distance
		if i < 0 || i >= len(lines) {
			break
		}
		if p.isDateLine(lines[i].text) {
			return i
		}
		if is, _ := p.n.cleaner.chrome.isChrome(lines[i].text); is || !isLink(&lines[i]) {
			continue
		}
		if links++; links == menuLinks {
			break
		}
	}
	return -1
}

// leadNear is the paragraph that stands below the title and not in the body.
func (p *page) leadNear(title string, b body) string {
	lines, at := p.linesAround(title)
	for i := at + 1; at >= 0 && i <= at+maxDistance && i < len(lines); i++ {
		text := lines[i].text
		if utf8.RuneCountInString(text) < minLeadRunes {
			continue
		}
		first, _, _ := strings.Cut(b.Text, "\n")
		if text == first || text == b.Lead || strings.Contains(b.Text, text) || isCaptionOf(b, text) {
			return ""
		}
		return text
	}
	return ""
}

func isCaptionOf(b body, text string) bool {
	for _, image := range b.Images {
		if strings.Contains(image.Caption, text) {
			return true
		}
	}
	return false
}

// place finds out by position what else is known of a body: where the title
// stands in it, and whether the lead below; and where nothing but its density
// showed it, whether it begins with the lead, and the pictures between title and
// body.
func (p *page) place(root *html.Node, title string, shown *known) (above []block) {
	lines, at := p.linesAround(title)
	begin, end := p.bodyLines()
	switch {
	case begin <= at && at < end:
		shown.titleAt, shown.leadFirst = lines[at].from, true
		return nil
	case at < 0 || at >= begin || !p.dense:
		return nil
	}
	shown.leadFirst = true
	for _, one := range lines[at+1 : begin] {
		if isParagraph(one.text) {
			shown.leadFirst = false
		}
	}
	return p.picturesBetween(lines[at].block, lines[begin].block, root)
}

// picturesBetween are the pictures between two blocks and outside the body, each
// with the line below it where that can be its caption.
func (p *page) picturesBetween(from, to int, root *html.Node) []block {
	var pictures []block
	for i := from + 1; i < to; i++ {
		one := p.blocks[i]
		if one.kind != figureBlock || isWithin(one.from, root) || p.inFurniture(one.from) {
			continue
		}
		pictures = append(pictures, one)
		for i++; i < to && p.blocks[i].kind != figureBlock; i++ {
			if text := p.blocks[i]; text.kind == textBlock {
				if !isParagraph(text.text()) {
					text.tag = "p"
					pictures = append(pictures, text)
				}
				break
			}
		}
		i-- // it may be the next picture
	}
	return pictures
}

// authorBelow is the byline that stands below the body and not in it.
func (p *page) authorBelow() string {
	lines := p.shownLines()
	begin, end := p.bodyLines()
	if !p.dense || begin == end || end == len(lines) {
		return ""
	}
	below := &lines[end]
	found := readByline(below.text, bylineEvidence{placed: below.right || below.author || hasEndMark(lines[end-1].text)})
	if !found.ok || p.isGeneric(below.text) || isLink(below) {
		return ""
	}
	return found.author
}
