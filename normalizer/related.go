package normalizer

import (
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"bantin/internal/vietnamese"
)

// Papers put links to other articles between the paragraphs of one, mostly without
// a word that says so. What they all have is that the whole line is the title of
// the other article, and that the address behind it is made of that title.

const (
	// minSlugWords is less than the words of any title that a CMS puts into an
	// address; fewer are those of a section or a tag.
	minSlugWords = 4
	// minShortSlug is for addresses that hold only how a title begins.
	minShortSlug = 2
	// slugShare in tenths: a CMS leaves out a few words of a title, or cuts it.
	slugShare = 8
	// maxTitleLink in bytes is several times the longest title, or its address.
	maxTitleLink = 2000
	// linksOfList in lines of their own are a list of other articles where the
	// addresses say nothing.
	linksOfList = 3
)

// articleNumber is the number of an article in its address.
var articleNumber = regexp.MustCompile(`\d{3,}`)

// isTitleLink reports whether an address is made of the words of a text.
func isTitleLink(link, text string) bool {
	if len(link) > maxTitleLink || len(text) > maxTitleLink { // no title, and long to compare
		return false
	}
	words := slugWords(link)
	if len(words) < minShortSlug {
		return false
	}
	slug := vietnamese.Slug(text)
	if len(words) < minSlugWords { // a CMS that keeps the first words only, and a number
		return strings.HasPrefix(slug+"-", strings.Join(words, "-")+"-") && articleNumber.MatchString(link)
	}
	known := strings.Split(slug, "-")
	shared := 0
	for _, word := range words {
		if slices.Contains(known, word) {
			shared++
		}
	}
	return shared*10 >= len(words)*slugShare
}

// slugWords are the words in the last part of an address that holds some, without
// numbers: the ids of articles.
func slugWords(link string) []string {
	u, err := url.Parse(link)
	if err != nil || isFile(link) {
		return nil
	}
	var longest []string
	for part := range strings.SplitSeq(u.Path, "/") {
		part = strings.TrimSuffix(part, path.Ext(part))
		var words []string
		for word := range strings.FieldsFuncSeq(strings.ToLower(part), func(c rune) bool { return c == '-' || c == '_' || c == '.' }) {
			if !strings.ContainsAny(word, "0123456789") {
				words = append(words, word)
			}
		}
		if len(words) >= len(longest) {
			longest = words
		}
	}
	return longest
}

// isFile reports whether an address is of a file and not of a page.
func isFile(link string) bool {
	u, err := url.Parse(link)
	if err != nil {
		return false
	}
	switch strings.ToLower(path.Ext(u.Path)) {
	case ".pdf", ".doc", ".docx", ".xls", ".xlsx", ".ppt", ".pptx", ".zip", ".rar", ".mp3", ".mp4",
		".jpg", ".jpeg", ".png", ".gif", ".webp":
		return true
	}
	return false
}

// isTitles reports whether a line is nothing but titles of other articles, each a
// link to it.
func (l line) isTitles() bool {
	if dateShape.ReplaceAllString(strings.Trim(l.outsideLinks(), "()"), "") != "" {
		return false
	}
	link, text, titles := "", "", 0
	for _, p := range l.pieces {
		switch {
		case p.tag == "a" && p.kind == openPiece:
			link, text = p.text, ""
		case p.kind == textPiece:
			text += p.text
		case p.tag == "a":
			if !isTitleLink(link, text) {
				return false
			}
			titles++
		}
	}
	return titles > 0
}

// documentName is how the names of documents begin, which an article may well list.
var documentName = regexp.MustCompile(`^(?i:quyết định|nghị quyết|nghị định|thông tư|thông báo|công văn|công điện|kế hoạch|chỉ thị|tờ trình|báo cáo|hướng dẫn|phụ lục|biểu mẫu|mẫu|luật|văn bản|danh sách|quy chế|đề án) `)

// isLinkToPage reports whether a whole line is one link, to a page that is no
// document.
func (l line) isLinkToPage() bool {
	if l.outsideLinks() != "" || len(strings.Fields(l.text)) < minTitleWords || documentName.MatchString(l.text) {
		return false
	}
	return slices.ContainsFunc(l.pieces, func(p piece) bool {
		return p.tag == "a" && p.kind == openPiece && isWeb(p.text) && !isFile(p.text)
	})
}

// dropTitles drops the lines that are titles of other articles, and lists of links.
func (a *arrangement) dropTitles() {
	drop := map[*line]bool{}
	var run []*line
	end := func() {
		for _, one := range run {
			drop[one] = len(run) >= linksOfList
		}
		run = nil
	}
	eachLine(a.blocks, func(block *block, i int) {
		switch one := &block.lines[i]; {
		case one.isTitles():
			end()
			drop[one] = true
		case one.isLinkToPage():
			run = append(run, one)
		default:
			end()
		}
	})
	end()
	if len(drop) == 0 {
		return
	}
	for i := range a.blocks {
		one := &a.blocks[i]
		var kept []line
		for j := range one.lines {
			if drop[&one.lines[j]] {
				a.remove(one.lines[j].text, reasonRelated)
				continue
			}
			kept = append(kept, one.lines[j])
		}
		one.lines = kept
	}
}

const (
	// maxTeaser is in bytes what a card shows of another article besides its title:
	// one sentence or two, a date, a section.
	maxTeaser = 350
	// maxCardLinks is more links than any page of an article shows.
	maxCardLinks = 3000
	// maxBeforeTitle is what stands above the title on a card: date and section.
	maxBeforeTitle = 60
)

// skipCards takes the cards of other articles for the portal's: the title as a link
// that stands alone, and the few words below it.
func (p *page) skipCards() {
	links := tableSelector("a[href]").find(p.root)
	for _, link := range links[:min(len(links), maxCardLinks)] {
		if p.inFurniture(link) {
			continue
		}
		text := vietnamese.Clean(textOf(link, nil))
		to := resolve(p.base, attr(link, "href"))
		if len(strings.Fields(text)) < minTitleWords || to == p.url.String() || !isTitleLink(to, text) || p.isNamed(text) {
			continue
		}
		if card := cardOf(link, len(text)); card != nil {
			p.skip[card] = true
		}
	}
}

// cardOf is the element of the card with a link to another article; nil where the
// link stands in a sentence.
func cardOf(link *html.Node, size int) *html.Node {
	top := link
	for top.Parent != nil && isInline(top.Parent.DataAtom) {
		top = top.Parent
	}
	if lineSize(top, size+maxTeaser) > size+maxBeforeTitle {
		return nil
	}
	at := top
	for {
		parent := at.Parent
		if parent == nil || parent.Type != html.ElementNode || parent.DataAtom == atom.Body ||
			shownSize(parent, size+maxTeaser) > size+maxTeaser || len(titlesAndForms().find(parent)) > 0 || sizeBefore(parent, at) > maxBeforeTitle {
			return at
		}
		at = parent
	}
}

// lineSize is how much text stands in the line of an inline element; above most it
// stops counting.
func lineSize(n *html.Node, most int) int {
	size := shownSize(n, most)
	for at := n.PrevSibling; at != nil && isInLine(at) && size <= most; at = at.PrevSibling {
		size += 1 + shownSize(at, most) // an element without text counts too, or many of them would take long
	}
	for at := n.NextSibling; at != nil && isInLine(at) && size <= most; at = at.NextSibling {
		size += 1 + shownSize(at, most)
	}
	return size
}

func isInLine(n *html.Node) bool { return n.Type == html.TextNode || isInline(n.DataAtom) }

// maxRuled is how many nodes are looked at for the size of a text: many times what
// a card has, so that a page made to be measured at each of its links costs nothing.
const maxRuled = 200

// shownSize is how much text stands under n, links and all. Above most it stops
// counting, and what has too many nodes has more than most.
func shownSize(n *html.Node, most int) int {
	nodes, size := 0, 0
	var visit func(*html.Node)
	visit = func(n *html.Node) {
		if nodes++; nodes > maxRuled {
			size = most + 1
		}
		if isRaw(n.DataAtom) {
			return
		}
		size += ownTextSize(n)
		for child := n.FirstChild; child != nil && size <= most; child = child.NextSibling {
			visit(child)
		}
	}
	visit(n)
	return size
}

// sizeBefore is how much text stands in n before one of its children.
func sizeBefore(n, end *html.Node) int {
	size := 0
	for child := n.FirstChild; child != nil && child != end && size <= maxBeforeTitle; child = child.NextSibling {
		size += 1 + shownSize(child, maxBeforeTitle)
	}
	return size
}
