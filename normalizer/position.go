package normalizer

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

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
				belowPicture: j == 0 && isAfterFigure(p.blocks[:i]),
			})
		}
	}
	return p.lines
}

// isAfterFigure reports whether blocks end with a figure, or with the edges of the
// cells that part it from its caption.
func isAfterFigure(blocks []block) bool {
	for i := len(blocks) - 1; i >= 0; i-- {
		switch one := &blocks[i]; {
		case one.kind == figureBlock:
			return true
		case one.kind == textBlock || one.tag == "table":
			return false
		}
	}
	return false
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
	if at < 0 {
		at = slices.IndexFunc(lines, func(one shownLine) bool {
			return len(one.parts) > 1 && strings.HasPrefix(one.text, title) && p.mainText(&one) == title
		})
	}
	for i := 0; at < 0 && i+1 < len(lines); i++ { // a title in two lines
		if len(lines[i].text) < len(title) && strings.HasPrefix(title, lines[i].text) && title == lines[i].text+" "+lines[i+1].text {
			at = i + 1
		}
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
		case one.belowPicture || p.isGeneric(one.text) || isPerson(one.text):
			spare = firstOf(spare, one.text)
		case one.heading || dated || p.isNamed(one.text):
			return p.mainText(one)
		default:
			nearest, topmost = firstOf(nearest, p.mainText(one)), p.mainText(one)
		}
	}
	return firstOf(nearest, spare)
}

// maxPersonWords is the length of the longest names of one person.
const maxPersonWords = 4

// isPerson reports whether a line could be the name of a person and nothing else,
// as bylines are.
func isPerson(text string) bool {
	return len(strings.Fields(text)) <= maxPersonWords && isName(text)
}

// couldBeTitle reports whether a line has the form of a title and is nothing
// else that is known.
func (p *page) couldBeTitle(one *shownLine) bool {
	if utf8.RuneCountInString(one.text) > maxTitle || len(strings.Fields(one.text)) < minTitleWords ||
		strings.ContainsAny(one.text[len(one.text)-1:], ".:;,") || isLink(one) || creditInside.MatchString(one.text) || numbered.MatchString(one.text) || isToolbar(one) {
		return false
	}
	is, _ := p.n.cleaner.chrome.isChromeLine(&one.line)
	return !is && !p.isSection(one.text, one.from) && !p.inFurniture(one.from) &&
		!readByline(one.text, bylineEvidence{}).ok
}

// numbered is how a heading inside a text begins.
var numbered = regexp.MustCompile(`^(?:[IVX]{1,4}|\d{1,2})[.)] `)

const (
	// minTools and maxToolWords: three or more texts of a few words each, in
	// elements of their own, are buttons.
	minTools, maxToolWords = 3, 3
)

// isToolbar reports whether a line is made of buttons.
func isToolbar(one *shownLine) bool {
	for _, part := range one.parts {
		if len(strings.Fields(part)) > maxToolWords {
			return false
		}
	}
	return len(one.parts) >= minTools
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
	return words < minTitleWords || words <= maxSectionWords && p.isLinkedElsewhere(text, n)
}

// isLinkedElsewhere reports whether a text, at n, is also that of a link.
func (p *page) isLinkedElsewhere(text string, n *html.Node) bool {
	if p.sections == nil {
		p.sections = map[string]*html.Node{}
		for _, link := range tableSelector("a").find(p.root) {
			p.sections[vietnamese.Fold(vietnamese.Clean(textOf(link, nil)))] = link
		}
	}
	link := p.sections[vietnamese.Fold(text)]
	return link != nil && !isWithin(n, link) && !isWithin(link, n)
}

// leadNear is the paragraph that stands below the title and not in the body.
func (p *page) leadNear(title string, b body) string {
	lines, at := p.linesAround(title)
	for i := at + 1; at >= 0 && i <= at+maxDistance && i < len(lines); i++ {
		text := p.paper.without(lines[i].text)
		if utf8.RuneCountInString(text) < minLeadRunes || p.isDateLine(text) || p.isChromeLine(&lines[i].line) {
			continue
		}
		first, _, _ := strings.Cut(b.Text, "\n")
		if text == first || text == b.Lead || p.isOfBody(&lines[i], b, text) || isCaptionOf(b, text) {
			return ""
		}
		return text
	}
	return p.leadAbove(at, b)
}

// isOfBody reports whether a text of the page is one of the body, by its place or as a
// whole line: a lead may well repeat a sentence of it.
func (p *page) isOfBody(one *shownLine, b body, text string) bool {
	return isWithin(one.from, p.bodyRoot()) && strings.Contains(b.Text, text) || strings.Contains("\n"+b.Text+"\n", "\n"+text+"\n")
}

// paragraphsBelow are the paragraphs between the title and the body.
func (p *page) paragraphsBelow(title string) []string {
	lines, at := p.linesAround(title)
	begin, _ := p.bodyLines()
	var texts []string
	for i := at + 1; at >= 0 && i < begin && i <= at+maxDistance; i++ {
		if isParagraph(lines[i].text) && !isLink(&lines[i]) && !p.inFurniture(lines[i].from) {
			texts = append(texts, lines[i].text)
		}
	}
	return texts
}

// leadAbove is the paragraph that stands right above the body, where much stands
// between it and the title.
func (p *page) leadAbove(title int, b body) string {
	lines := p.shownLines()
	begin, _ := p.bodyLines()
	if title < 0 || begin == 0 {
		return ""
	}
	for i := begin - 1; i > title && i >= begin-maxDistance; i-- {
		text := p.paper.without(lines[i].text)
		if !isParagraph(text) || isLink(&lines[i]) || p.inFurniture(lines[i].from) || p.isDateLine(text) || p.isChromeLine(&lines[i].line) {
			continue
		}
		if p.isOfBody(&lines[i], b, text) || text == b.Lead || isCaptionOf(b, text) || len(strings.Fields(text)) > maxLeadWords {
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
// showed it, whether it begins with the lead.
func (p *page) place(title string, shown *known) {
	lines, at := p.linesAround(title)
	begin, end := p.bodyLines()
	switch {
	case begin <= at && at < end:
		shown.titleAt, shown.leadFirst = lines[at].from, p.isFirstSetOff(lines[at+1:end])
		return
	case at < 0 || at >= begin || !p.dense:
		return
	}
	shown.leadFirst = p.isFirstSetOff(lines[begin:end])
	for _, one := range lines[at+1 : begin] {
		if isParagraph(one.text) {
			shown.leadFirst = false
		}
	}
}

// picturesBelow are the pictures between the title and the body.
func (p *page) picturesBelow(title string, root *html.Node) []block {
	lines, at := p.linesAround(title)
	begin, end := p.bodyLines()
	if at < 0 || at >= begin || begin == end {
		return nil
	}
	return p.picturesBetween(lines[at].block, lines[begin].block, root)
}

// isFirstSetOff reports whether the first paragraph of some lines looks otherwise
// than the next one, or stands above the picture and its caption, as a
// lead does. Where nothing can look otherwise, because the
// page has no markup, the place alone makes it the lead.
func (p *page) isFirstSetOff(lines []shownLine) bool {
	if p.bare {
		return true
	}
	var first *shownLine
	at := 0
	for i := range lines {
		if !isParagraph(lines[i].text) {
			continue
		}
		if first == nil {
			first, at = &lines[i], i
			continue
		}
		a, b := blockOf(first.from), blockOf(lines[i].from)
		return p.arePart(lines[at+1:i]) || p.hasFigure(first.block, lines[i].block) || a.Parent != b.Parent || a.Data != b.Data || looks(a) != looks(b) ||
			first.isAll("strong") != lines[i].isAll("strong") || first.isAll("em") != lines[i].isAll("em")
	}
	return false
}

// arePart reports whether lines between two paragraphs part them: a portal's line,
// or one or two that can be a caption and its credit.
func (p *page) arePart(lines []shownLine) bool {
	captions := len(lines) == 1 || len(lines) == 2
	for i := range lines {
		if p.isChromeLine(&lines[i].line) {
			return true
		}
		captions = captions && !endsClause(lines[i].text)
	}
	return captions
}

// hasFigure reports whether a picture stands between two blocks.
func (p *page) hasFigure(from, to int) bool {
	return slices.ContainsFunc(p.blocks[from:to], func(one block) bool { return one.kind == figureBlock })
}

// blockOf is the block in which a text stands.
func blockOf(n *html.Node) *html.Node {
	for n.Parent != nil && (n.Type != html.ElementNode || isInline(n.DataAtom)) {
		n = n.Parent
	}
	return n
}

// looks are the attributes that say how an element is shown.
func looks(n *html.Node) string {
	return attr(n, "class") + "|" + attr(n, "style") + "|" + attr(n, "align")
}

// picturesBetween are the pictures between two blocks and outside the body, each
// with the line below it where that can be its caption.
func (p *page) picturesBetween(from, to int, root *html.Node) []block {
	var pictures []block
	for i := from + 1; i < to; i++ {
		one := p.blocks[i]
		if one.kind != figureBlock || isWithin(one.from, root) || p.inFurniture(one.from) || isToolPicture(one.image.URL) {
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
