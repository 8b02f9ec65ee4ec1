package normalizer

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Page builders and the templates of live reports and photo stories put an article
// into several elements side by side: the place that is called its body holds the
// first of them only. So what follows that place is looked at too, and is of the
// article where it is made of paragraphs like it.

const (
	// widenLevels is how far above the body its continuation may begin: the
	// deepest page builders put five elements around a text.
	widenLevels = 6
	// widenShare: what would be joined is at least a third of what is there, or the
	// body is whole and the rest is a notice below it.
	widenShare = 3
	// fewParagraphs is how many paragraphs a body has at most that only begins an
	// article.
	fewParagraphs = 3
)

// widen is the element that holds the whole article, of which root is the densest
// part or the part that is named.
func (p *page) widen(root *html.Node) *html.Node {
	if root == nil || p.isEnded(root) {
		return root
	}
	short := p.paragraphsIn(root) <= fewParagraphs
	if !short && !p.dense {
		return root
	}
	at := root
	for range widenLevels {
		parent := at.Parent
		if parent == nil || parent.Type != html.ElementNode || parent.DataAtom == atom.Html {
			return root
		}
		if run := p.runAround(at, short); len(run) > 1 {
			return together(run)
		}
		if parent.DataAtom == atom.Body {
			return root
		}
		at = parent
	}
	return root
}

// runAround are the elements beside n that continue its text, with n, in the order
// of the page; n alone where they say too little. Beside a text that is long enough
// for an article only elements of its own kind are taken for its continuation: what
// else stands there has been left out on purpose.
func (p *page) runAround(n *html.Node, short bool) []*html.Node {
	from, to, more := n, n, 0
	if p.dense {
		for at := n.PrevSibling; at != nil; at = at.PrevSibling {
			kind := p.kindOf(at)
			if kind == stopsText {
				break
			}
			if kind == continuesText && (short || isSameKind(at, n)) {
				from, more = at, more+textSize(at)
			}
		}
	}
	for at := n.NextSibling; at != nil; at = at.NextSibling {
		kind := p.kindOf(at)
		if kind == stopsText {
			break
		}
		if kind == continuesText && (short || isSameKind(at, n)) {
			to, more = at, more+textSize(at)
			if p.isEnded(at) {
				break
			}
		}
	}
	if more*widenShare < textSize(n) {
		return []*html.Node{n}
	}
	var run []*html.Node
	for at := from; ; at = at.NextSibling {
		run = append(run, at)
		if at == to {
			return run
		}
	}
}

// isSameKind reports whether two elements have the same tag and the same first class.
func isSameKind(a, b *html.Node) bool {
	first := func(n *html.Node) string {
		class, _, _ := strings.Cut(strings.TrimSpace(attr(n, "class")), " ")
		return class
	}
	return a.Data == b.Data && first(a) == first(b)
}

// A continuation is what an element beside a text is to it.
type continuation int

const (
	nothingOfText continuation = iota // empty, a picture, a short line, the portal's own
	continuesText
	stopsText
)

// kindOf looks at an element beside a text. It continues the text with paragraphs;
// a form, a list of links or of dates, or a line under which portals list other
// articles ends the article.
func (p *page) kindOf(n *html.Node) continuation {
	if n.Type != html.ElementNode || p.skip[n] || isRaw(n.DataAtom) || isHidden(n) {
		return nothingOfText
	}
	if len(titlesAndForms().find(n)) > 0 {
		return stopsText
	}
	r := reader{base: p.base, skip: p.skip}
	r.read(n)
	r.endText()
	paragraphs, links, dates := 0, 0, 0
	for i := range r.blocks {
		for j := range r.blocks[i].lines {
			one := &shownLine{line: r.blocks[i].lines[j]}
			is, over := p.n.cleaner.chrome.isChromeLine(&one.line)
			switch {
			case is && over:
				return stopsText
			case is:
			case isLink(one):
				links++
			case p.isDateLine(one.text):
				dates++
			case len(one.text) >= minParagraphBytes && endsClause(one.text):
				paragraphs++
			}
		}
	}
	switch {
	case links > paragraphs || dates > 1:
		return stopsText
	case paragraphs > 0 && links == 0 && dates == 0:
		return continuesText
	}
	return nothingOfText
}

// titlesAndForms do not stand in the continuation of a text.
func titlesAndForms() selector {
	return tableSelector("h1, input:not([type=hidden]), textarea, select")
}

// paragraphsIn counts the paragraphs under n.
func (p *page) paragraphsIn(n *html.Node) int {
	r := reader{base: p.base, skip: p.skip}
	r.children(n)
	r.endText()
	count := 0
	for i := range r.blocks {
		for j := range r.blocks[i].lines {
			if text := r.blocks[i].lines[j].text; len(text) >= minParagraphBytes && endsClause(text) {
				count++
			}
		}
	}
	return count
}

// isEnded reports whether a text ends the way a whole article does: with the end
// mark, a byline or the source.
func (p *page) isEnded(n *html.Node) bool {
	r := reader{base: p.base, skip: p.skip}
	r.children(n)
	r.endText()
	last, before := (*line)(nil), (*line)(nil)
	for i := range r.blocks {
		for j := range r.blocks[i].lines {
			one := &r.blocks[i].lines[j]
			if isCredit(one.text) || p.isChromeLine(one) {
				continue
			}
			last, before = one, last
		}
	}
	if last == nil || before == nil {
		return false
	}
	return hasEndMark(last.text) || readByline(last.text, bylineEvidence{
		placed: last.right || last.author || hasEndMark(before.text), setOff: last.isAll("strong") || last.isAll("em"), afterText: endsSentence(before.text),
	}).ok
}
