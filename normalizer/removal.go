package normalizer

import (
	"slices"
	"strings"

	"golang.org/x/net/html"

	"bantin/internal/article"
	"bantin/internal/vietnamese"
)

// The reasons for which a text is not of the article.
const (
	reasonRule      = "a remove rule of the source"
	reasonPack      = "remove of the pack " // and its name
	reasonPortal    = "a part of the portal: "
	reasonOutside   = "outside of the article"
	reasonChrome    = "a line of portals"
	reasonLearned   = "a line that most articles of this host have"
	reasonRelated   = "a link to another article"
	reasonAbove     = "above the title"
	reasonBelow     = "below the end mark"
	reasonEndMark   = "the end mark"
	reasonDateline  = "the name of the paper before the text"
	maxRemovalRunes = 300 // enough to find the place in the page

	// maxRemovalLines is twice the lines of the longest portal pages. Whoever looks
	// at what was removed looks no further.
	maxRemovalLines = 2000
)

// A fragment keeps less than a quarter of what its siblings keep of pages that
// are about as long. Short reports keep about as much as long ones, because most
// text outside of links is the article's.
const (
	fragmentShare = 4
	// pageFactor is how far the text of a page may be from its siblings'.
	pageFactor = 2
)

const warnFragment = "fragment: far less of the page's text was kept than of its siblings'"

// result says what the article did not keep of its page, and how much it did.
func (p *page) result(a *article.Article, b body, doc Document) PageResult {
	r := PageResult{Lines: b.Lines, TextBytes: textSize(p.root)}
	kept := len(a.Title) + len(a.Lead) + len(a.Text)
	for _, image := range a.Images {
		kept += len(image.Caption)
	}
	if r.TextBytes > 0 {
		r.KeptShare = min(1, float64(kept)/float64(r.TextBytes))
	}
	if usual := doc.Siblings; r.KeptShare*fragmentShare < usual.KeptShare &&
		r.TextBytes <= usual.TextBytes*pageFactor && r.TextBytes*pageFactor >= usual.TextBytes {
		p.warn(warnFragment)
	}
	if told := len(p.head.linked.body); len(a.Text) > 0 && kept*2 < told && told <= r.TextBytes {
		p.warn("the page tells machines of an article that is more than twice as long")
	}
	r.Removed = append(p.removed(a), b.Removed...)
	return r
}

// removed are the lines that the page shows outside of the body, and in the parts
// of it that were not read.
func (p *page) removed(a *article.Article) []Removal {
	fields := map[string]bool{}
	for _, field := range []string{a.Title, a.Lead, a.Author, a.Origin, p.dateLine} {
		fields[field] = true
	}
	for _, image := range a.Images {
		fields[image.Caption] = true
	}
	all := p.removals
	root := p.bodyRoot()
	lines := p.shownLines()
	for _, one := range lines[:min(len(lines), maxRemovalLines)] {
		by, known := p.skippedBy(one.from)
		switch {
		case known || fields[one.text]: // it is among the removals, or a field
		case by != nil:
			all = addRemoval(all, one.text, reasonPortal+nameOf(by))
		case root != nil && isWithin(one.from, root): // it is in the article, or the body noted it
		case p.isChromeLine(&one.line):
			all = addRemoval(all, one.text, reasonChrome)
		default:
			all = addRemoval(all, one.text, reasonOutside)
		}
	}
	return all
}

func (p *page) isChromeLine(one *line) bool {
	is, _ := p.n.cleaner.chrome.isChromeLine(one)
	return is
}

// skippedBy is the element for which a text was not read, nil where it was; known
// says that it is a field, or was noted when it was taken out.
func (p *page) skippedBy(n *html.Node) (by *html.Node, known bool) {
	for ; n != nil; n = n.Parent {
		if p.skip[n] {
			return n, p.known[n]
		}
	}
	return nil, false
}

// takeOut leaves elements out of the article and notes why. What stands around a
// field, such as the head of an article, is read already.
func (p *page) takeOut(nodes []*html.Node, reason string) {
	for _, n := range nodes {
		p.skip[n], p.known[n] = true, true
		text := vietnamese.Clean(textOf(n, nil))
		if text == "" || slices.ContainsFunc(p.taken, func(field *html.Node) bool { return isWithin(field, n) }) {
			continue
		}
		p.removals = append(p.removals, Removal{Text: cutText(text, maxRemovalRunes), Reason: reason})
	}
}

// nameOf is an element as a selector would name it.
func nameOf(n *html.Node) string {
	if class, _, _ := strings.Cut(strings.TrimSpace(attr(n, "class")), " "); class != "" {
		return n.Data + "." + class
	}
	if id := attr(n, "id"); id != "" {
		return n.Data + "#" + id
	}
	return n.Data
}

// addRemoval adds a text to the one before where the reason is the same.
func addRemoval(all []Removal, text, reason string) []Removal {
	text = vietnamese.Clean(text)
	if text == "" {
		return all
	}
	last := len(all) - 1
	if last < 0 || all[last].Reason != reason {
		return append(all, Removal{Text: cutText(text, maxRemovalRunes), Reason: reason})
	}
	if before := all[last].Text; len(before) < maxRemovalRunes {
		all[last].Text = cutText(before+" / "+text, maxRemovalRunes)
	}
	return all
}

// remove notes a text that is taken out of a body.
func (a *arrangement) remove(text, reason string) {
	a.removed = addRemoval(a.removed, text, reason)
}

// removeLines notes the lines of a block.
func (a *arrangement) removeLines(one *block, reason string) {
	for i := range one.lines {
		a.remove(one.lines[i].text, reason)
	}
}
