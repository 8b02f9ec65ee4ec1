package normalizer

import (
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html/atom"

	"bantin/internal/vietnamese"
)

// author is who the page names as author, else the byline in the body.
func (p *page) author(title, inBody string) string {
	if name := p.ruled("author", p.rules.author); name != "" {
		return unlabelled(name)
	}
	if names := p.linkedAuthors(title); len(names) > 1 {
		return strings.Join(names, ", ")
	}
	shown := p.take(p.family.author)
	if name := authorName(shown); name != "" && p.isByline(name) {
		return name
	}
	if inBody = firstOf(inBody, p.authorBelow()); inBody != "" {
		return inBody
	}
	shown = p.takeOutside(p.general.author)
	for _, one := range []string{shown, p.authorNear(title), p.labelled(authorLine), p.head.linked.author, p.head.meta["article:author"], p.head.meta["author"]} {
		if name := authorName(one); name != "" && p.isByline(name) {
			return name
		}
	}
	return ""
}

// linkedAuthors are the names between title and body that lead to the pages of
// authors: where several wrote an article many pages show one, and the others on a
// click.
func (p *page) linkedAuthors(title string) []string {
	lines, at := p.linesAround(title)
	begin, _ := p.bodyLines()
	var names []string
	for i := at + 1; at >= 0 && i < begin && i <= at+maxDistance && len(names) < maxAuthors; i++ {
		for _, one := range lines[i].links() {
			if authorPath.MatchString(one.to) && isName(one.text) && p.isByline(one.text) && !p.inFurniture(lines[i].from) && !slices.Contains(names, one.text) {
				names = append(names, one.text)
			}
		}
	}
	return names
}

// A textLink is a link and its words.
type textLink struct{ to, text string }

// links are the links in a line.
func (l line) links() []textLink {
	var links []textLink
	inLink := false
	for _, piece := range l.pieces {
		switch {
		case piece.tag == "a" && piece.kind == openPiece:
			links, inLink = append(links, textLink{to: piece.text}), true
		case piece.tag == "a":
			inLink = false
		case piece.kind == textPiece && inLink:
			last := &links[len(links)-1]
			last.text = vietnamese.Clean(last.text + piece.text)
		}
	}
	return links
}

// bylineLines is how far from the title a byline stands.
const bylineLines = 4

var (
	// authorName and authorPath are how pages call the element, and the address, of
	// an author.
	authorNames = regexp.MustCompile(`(?i)author|tac-?_?gia|byline|but-?_?danh|reporter|writer`)
	authorPath  = regexp.MustCompile(`(?i)/(?:tac-gia|author|authors|phong-vien|but-danh|nha-bao)[/-]`)
	// bylineWord is what stands before a name in a byline without a colon.
	bylineWord = regexp.MustCompile(`^(?i:bởi|by|tác giả|viết bởi|đăng bởi)\s*:?\s+`)
	// readingTime is how long an article takes to read.
	readingTime = regexp.MustCompile(`^\d+ phút đọc$`)
)

// authorNear is the byline beside the title: a name in an element or a link that is
// called the author's, or in one line with the date.
func (p *page) authorNear(title string) string {
	lines, at := p.linesAround(title)
	if at < 0 {
		return ""
	}
	for i := max(0, at-1); i <= at+bylineLines && i < len(lines); i++ {
		one := &lines[i]
		if i > at && isParagraph(one.text) {
			break
		}
		if i == at && len(one.parts) == 0 || p.inFurniture(one.from) {
			continue
		}
		if name := p.nameIn(one); name != "" {
			return name
		}
		if i > at && p.isBesideDate(i) && isFullName(one.text) && !p.isLinkedElsewhere(one.text, one.from) && p.isByline(one.text) {
			return one.text
		}
	}
	return ""
}

// isBesideDate reports whether the line before or after a line is there for a date.
func (p *page) isBesideDate(i int) bool {
	lines := p.shownLines()
	_, before := p.lineDate(&lines[i-1])
	if i+1 == len(lines) {
		return before != ""
	}
	_, after := p.lineDate(&lines[i+1])
	return before != "" || after != ""
}

// isFullName reports whether a line is the name of a person with one of the surnames
// that nine in ten Vietnamese have. A section or a place hardly begins with one.
func isFullName(text string) bool {
	first, _, _ := strings.Cut(text, " ")
	switch vietnamese.Fold(first) {
	case "nguyễn", "trần", "lê", "phạm", "hoàng", "huỳnh", "phan", "vũ", "võ", "đặng", "bùi", "đỗ", "hồ", "ngô", "dương", "lý",
		"đào", "đoàn", "đinh", "trịnh", "lương", "mai", "tô", "trương", "lâm", "hà", "cao", "nông", "triệu", "lò", "vi", "ma", "giàng":
		return isPerson(text)
	}
	return false
}

// nameIn is the name of the author in a line beside the title.
func (p *page) nameIn(one *shownLine) string {
	parts := one.parts
	if len(parts) == 0 {
		parts = []string{one.text}
	}
	dated := false
	for _, part := range parts {
		_, precision := p.date(strings.Trim(part, " -–|•·,"))
		dated = dated || precision != "" || readingTime.MatchString(part)
	}
	if !dated && !isCalledAuthor(one) {
		return ""
	}
	for _, part := range parts {
		name := authorName(strings.Trim(bylineWord.ReplaceAllString(part, ""), " -–|•·,"))
		words := len(strings.Fields(name))
		if words < 2 || words > maxNameWords/2 || isPlaceWord(name) || p.isGeneric(name) || !p.isByline(name) ||
			!isCalledAuthor(one) && p.isLinkedElsewhere(name, one.from) {
			continue
		}
		return name
	}
	return ""
}

// authorLevels is how many elements stand around a name within that of the author.
const authorLevels = 3

// isCalledAuthor reports whether the elements or the links of a line say that it is
// of the author.
func isCalledAuthor(one *shownLine) bool {
	for _, piece := range one.pieces {
		if piece.kind == openPiece && authorPath.MatchString(piece.text) {
			return true
		}
	}
	n := one.from.Parent
	for range authorLevels {
		if n == nil || n.DataAtom == atom.Body {
			return false
		}
		if authorNames.MatchString(attr(n, "class") + " " + attr(n, "itemprop")) {
			return true
		}
		n = n.Parent
	}
	return false
}

// isByline reports whether a name could be a person's, and is not that of the
// paper or of an account of its software.
func (p *page) isByline(name string) bool {
	switch vietnamese.Fold(name) {
	case "super user", "quản trị viên", "quản trị hệ thống", "quản trị", "ban quản trị", "ban biên tập", "biên tập viên",
		"người quản trị", "site admin", "system account", "admin portal", "tài khoản hệ thống":
		return false
	}
	return !p.isSite(name) && vietnamese.Fold(name) != p.windowSite() && !isOutlet(name)
}

// unlabelled is a byline without "Tác giả:" and its like.
func unlabelled(text string) string {
	if m := bylineLabel.FindStringSubmatch(text); m != nil {
		return trimStop(m[1])
	}
	return text
}

// authorName is the name in an element that is called the author's.
func authorName(text string) string {
	text = withoutDigest(unlabelled(text))
	if m := following.FindStringSubmatch(text); m != nil {
		if !isFullName(m[2]) {
			return "" // a paper
		}
		text = m[2]
	}
	if len(text) > maxBylineBytes || !isName(text) {
		return ""
	}
	return text
}

// The lines in which a page names author and source outside the body.
var (
	authorLine = regexp.MustCompile(`^(?:Tác giả|Tác giả bài viết|Người viết)\s*:\s*\S`)
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

// origin is who the page says has published the article first.
func (p *page) origin() string {
	for _, text := range []string{p.take(p.family.source), p.takeOutside(p.general.source), p.labelled(sourceLine), p.followedBelow()} {
		if text = sourceName(text); text != "" && !p.isSite(text) {
			return text
		}
	}
	return ""
}

// sourceName is the name in an element that is called the source's, without the words
// before it; empty for what is too long for one.
func sourceName(text string) string {
	for _, label := range []*regexp.Regexp{sourceLabel, following} {
		if m := label.FindStringSubmatch(text); m != nil {
			text = trimStop(m[len(m)/2])
		}
	}
	if len(text) > maxBylineBytes || len(strings.Fields(text)) > maxNameWords {
		return ""
	}
	return text
}

// followedBelow is the line "Theo …" right below the body, or below its byline.
func (p *page) followedBelow() string {
	lines := p.shownLines()
	begin, end := p.bodyLines()
	for i := end; begin < end && i <= end+1 && i < len(lines); i++ {
		text := lines[i].text
		if m := following.FindStringSubmatch(text); m != nil && isShortTitle(m[2]) && !isLink(&lines[i]) && !isFullName(m[2]) {
			return text
		}
		if !isPerson(text) {
			return ""
		}
	}
	return ""
}

// authorBelow is the byline that stands right below the body and not in it. Below a
// body that is named so, much else stands too: there only what is called a byline is.
func (p *page) authorBelow() string {
	lines := p.shownLines()
	begin, end := p.bodyLines()
	if begin == end || end == len(lines) {
		return ""
	}
	below := &lines[end]
	marked := hasEndMark(lines[end-1].text) || end+1 < len(lines) && sourceLine.MatchString(lines[end+1].text)
	if !p.dense && !below.author && !isCalledAuthor(below) && !marked {
		return ""
	}
	found := readByline(below.text, bylineEvidence{
		placed: below.right || below.author || marked || isCalledAuthor(below), afterText: p.dense && isFullName(below.text) && endsSentence(lines[end-1].text),
	})
	if !found.ok || p.isGeneric(below.text) || isLink(below) {
		return ""
	}
	return found.author
}
