package normalizer

import (
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"bantin/internal/gazetteer"
	"bantin/internal/vietnamese"
)

// An arrangement takes out of a body what is not its text: the portal's lines,
// the end mark, bylines, the lead; and puts captions under their pictures.
type arrangement struct {
	chrome  chrome
	places  *gazetteer.Gazetteer
	paper   paper
	classes map[string]bool // of its paragraphs; see looksOtherwise
	blocks  []block
	authors []string // the last one first
	origin  string
	lead    string

	removed  []Removal
	warnings []string
}

// maxRounds ends the rounds of settle. Two or three are the rule; more come only
// from bodies made for it.
const maxRounds = 20

// settle repeats its steps until none finds more to do, because each can bring
// to the end or the edge what another looks for there. So cleaning a clean body
// changes nothing.
func (a *arrangement) settle() {
	for range maxRounds {
		changed := a.dropChrome()
		changed = a.dissolveTables() || changed
		a.joinBare()
		changed = a.dropEmpty() || changed
		changed = a.stripTail() || changed
		changed = a.takeCaptions() || changed
		if !changed {
			break
		}
	}
}

// knownLines is how far from its beginning a body repeats title and lead.
const knownLines = 4

// dropKnown drops title, date and lead where the body repeats them, and what
// stands before the title there.
func (a *arrangement) dropKnown(shown known) {
	if shown.titleAt != nil {
		a.dropAbove(shown)
	}
	if shown.dense {
		a.dropBelow()
	}
	title, texts := vietnamese.Fold(shown.title), 0
	for i := range a.blocks {
		one := &a.blocks[i]
		if one.kind != textBlock {
			continue
		}
		if texts++; texts > knownLines || title == "" {
			return
		}
		text := a.paper.without(one.text())
		folded := vietnamese.Fold(text)
		switch {
		case folded == title:
			for j := range a.blocks[:i] {
				a.removeLines(&a.blocks[j], reasonAbove)
				a.blocks[j].lines = nil
			}
			one.lines = nil
		case text == shown.date:
			one.lines = nil
		case a.hasTextAfterBlock(i) && slices.ContainsFunc(shown.leads, func(lead string) bool {
			return lead != "" && folded == vietnamese.Fold(a.paper.without(lead))
		}):
			a.lead, one.lines = text, nil
		}
	}
}

// dropAbove drops the line of the title and all above it, but no paragraph: tools
// and the portal's banner.
func (a *arrangement) dropAbove(shown known) {
	title := vietnamese.Fold(shown.title)
	for i := range a.blocks {
		one := &a.blocks[i]
		for j := range one.lines {
			if one.lines[j].from == shown.titleAt && vietnamese.Fold(one.lines[j].text) == title {
				a.dropBefore(i)
				for _, above := range one.lines[:j] {
					a.remove(above.text, reasonAbove)
				}
				one.lines = one.lines[j+1:]
				return
			}
			if isParagraph(one.lines[j].text) {
				return
			}
		}
	}
}

// dropBefore drops the texts before a block, and the pictures before them.
func (a *arrangement) dropBefore(end int) {
	texts := false
	for i := end - 1; i >= 0; i-- {
		one := &a.blocks[i]
		switch one.kind {
		case textBlock:
			texts = true
			a.removeLines(one, reasonAbove)
			one.lines = nil
		case figureBlock:
			if texts {
				*one = block{kind: textBlock}
			}
		case startBlock, endBlock:
		}
	}
}

// dropBelow drops what stands below the end mark of the article and is neither
// its byline nor a credit: the lists and the imprint of the portal. Where a
// paragraph stands there the mark is not the article's.
func (a *arrangement) dropBelow() {
	var below []lineRef
	marked := false
	for _, ref := range a.allLines() {
		switch text := a.at(ref).text; {
		case hasEndMark(text):
			below, marked = nil, true
		case isParagraph(text):
			marked = false
		case marked:
			below = append(below, ref)
		}
	}
	if !marked || len(below) == 0 {
		return
	}
	if readByline(a.at(below[0]).text, bylineEvidence{placed: true}).ok {
		below = below[1:]
	}
	for len(below) > 0 && (isCredit(a.at(below[0]).text) || a.isBelowPicture(below[0])) {
		below = below[1:]
	}
	if len(below) > 0 {
		a.cutFrom(below[0])
	}
}

func (a *arrangement) isBelowPicture(ref lineRef) bool {
	return ref.line == 0 && ref.block > 0 && a.blocks[ref.block-1].kind == figureBlock
}

// allLines are the places of all lines.
func (a *arrangement) allLines() []lineRef {
	var refs []lineRef
	for i := range a.blocks {
		for j := range a.blocks[i].lines {
			refs = append(refs, lineRef{block: i, line: j})
		}
	}
	return refs
}

// cutFrom drops a line and all texts and pictures below it.
func (a *arrangement) cutFrom(ref lineRef) {
	first := &a.blocks[ref.block]
	for _, below := range first.lines[ref.line:] {
		a.remove(below.text, reasonBelow)
	}
	first.lines = first.lines[:ref.line]
	for i := ref.block + 1; i < len(a.blocks); i++ {
		one := &a.blocks[i]
		if one.kind == textBlock || one.kind == figureBlock {
			a.removeLines(one, reasonBelow)
			*one = block{kind: textBlock}
		}
	}
}

// text is the text of a block in one line.
func (b *block) text() string {
	lines := make([]string, 0, len(b.lines))
	for i := range b.lines {
		lines = append(lines, b.lines[i].text)
	}
	return vietnamese.Clean(strings.Join(lines, " "))
}

// dropChrome drops the portal's lines, except in tables of data, where "Email"
// may well be the head of a column.
func (a *arrangement) dropChrome() bool {
	changed, related, inTable := false, false, false
	for i := range a.blocks {
		one := &a.blocks[i]
		switch {
		case one.tag == "table":
			inTable = one.kind == startBlock
		case one.kind == figureBlock:
			if is, _ := a.chrome.isChrome(one.image.Caption); is {
				a.remove(one.image.Caption, reasonChrome)
				one.image.Caption, changed = "", true
			}
		case one.kind == textBlock && !inTable:
			before := len(one.lines)
			related = a.dropChromeLines(one, related)
			changed = changed || len(one.lines) < before
		}
	}
	return changed
}

// dropChromeLines drops a block's lines that are the portal's. related is whether
// the lines before stand over links to other articles.
func (a *arrangement) dropChromeLines(one *block, related bool) bool {
	kept := one.lines[:0]
	for _, l := range one.lines {
		if !l.kept {
			is, over := a.chrome.isChromeLine(&l)
			if is && isSubhead(&l) {
				is = false
			}
			if is {
				related = over
				a.remove(l.text, reasonChrome)
				continue
			}
			if a.isReadMore(l) {
				a.remove(l.text, reasonRelated)
				continue
			}
			l.kept = true
		}
		if related && dateShape.ReplaceAllString(strings.Trim(l.outsideLinks(), "()"), "") == "" {
			a.remove(l.text, reasonRelated)
			continue
		}
		related = false
		kept = append(kept, l)
	}
	one.lines = kept
	return related
}

// isSubhead reports whether a line that could be a portal's is a heading among the
// paragraphs of an article: what a portal lists stands in an element of its own, as
// its comments do.
func isSubhead(l *line) bool {
	if l.from == nil || commentWords.MatchString(bareLine(l.text)) {
		return false
	}
	heading := blockOf(l.from)
	if heading.Data < "h2" || heading.Data > "h6" || heading.Parent == nil {
		return false
	}
	next := heading.NextSibling
	for next != nil && (next.Type != html.ElementNode || ownTextSize(next) == 0 && textSize(next) == 0) {
		next = next.NextSibling
	}
	if next == nil || next.DataAtom != atom.P || textSize(next) < minParagraphBytes {
		return false
	}
	paragraphs := 0
	for child := heading.Parent.FirstChild; child != nil && paragraphs < minSubheadParagraphs; child = child.NextSibling {
		if child.DataAtom == atom.P && textSize(child) >= minParagraphBytes {
			paragraphs++
		}
	}
	return paragraphs >= minSubheadParagraphs
}

// minSubheadParagraphs is above what stands in a box of a portal.
const minSubheadParagraphs = 3

// commentWords head what readers wrote.
var commentWords = regexp.MustCompile(`bình luận|ý kiến|phản hồi|nhận xét`)

// isReadMore reports whether a line is "Xem thêm:" and links, nothing else.
func (a *arrangement) isReadMore(l line) bool {
	outside := l.outsideLinks()
	if outside == "" || len(outside) == len(l.text) {
		return false
	}
	is, _ := a.chrome.isChrome(outside)
	return is
}

// outsideLinks is the text of a line that is in no link, without the marks that
// part one link from the next.
func (l line) outsideLinks() string {
	var b strings.Builder
	inLink := false
	for _, p := range l.pieces {
		switch {
		case p.tag == "a":
			inLink = p.kind == openPiece
		case p.kind == textPiece && !inLink:
			b.WriteString(p.text)
		}
	}
	return strings.Trim(b.String(), " |•·-–>»;,")
}

// compact drops texts without lines.
func compact(blocks []block) []block {
	kept := blocks[:0]
	for _, one := range blocks {
		if one.kind != textBlock || len(one.lines) > 0 {
			kept = append(kept, one)
		}
	}
	return kept
}

// dropEmpty drops texts without lines, and lists, rows and quotations without
// anything in them. An empty cell stays, to keep its row in order.
func (a *arrangement) dropEmpty() bool {
	before := len(a.blocks)
	type opened struct {
		at   int
		full bool
	}
	var open []opened
	kept := a.blocks[:0]
	for _, one := range a.blocks {
		switch one.kind {
		case startBlock:
			open = append(open, opened{at: len(kept)})
		case endBlock:
			last := open[len(open)-1]
			open = open[:len(open)-1]
			if !last.full && one.tag != "td" && one.tag != "th" {
				kept = kept[:last.at]
				continue
			}
			if last.full && len(open) > 0 {
				open[len(open)-1].full = true
			}
		case textBlock, figureBlock:
			if one.kind == textBlock && len(one.lines) == 0 {
				continue
			}
			if len(open) > 0 {
				open[len(open)-1].full = true
			}
		}
		kept = append(kept, one)
	}
	a.blocks = kept
	return len(kept) < before
}

// A lineRef is the place of a line in an arrangement.
type lineRef struct {
	block, line int
	inside      bool // in a list, quotation or table
}

// tail are the last lines of the body, the last first, without the credits of
// pictures and films that may stand below a byline.
func (a *arrangement) tail(count int) []lineRef {
	var refs []lineRef
	depth := 0
	for i := len(a.blocks) - 1; i >= 0; i-- {
		one := &a.blocks[i]
		switch one.kind {
		case endBlock:
			depth++
		case startBlock:
			depth--
		case textBlock:
			for j, l := range slices.Backward(one.lines) {
				if isCredit(l.text) {
					continue
				}
				refs = append(refs, lineRef{block: i, line: j, inside: depth > 0})
				if len(refs) == count {
					return refs
				}
			}
		case figureBlock:
		}
	}
	return refs
}

// stripTail takes the end mark and the bylines off the end of the body. The
// only line of a body stays, whatever it looks like.
func (a *arrangement) stripTail() bool {
	changed := false
	for {
		// The byline, the line before it, and one more: a body of fewer lines is
		// a summary, where a short last line proves nothing.
		refs := a.tail(3)
		if len(refs) == 0 || !a.stripLast(refs) {
			return changed
		}
		changed = true
	}
}

func (a *arrangement) stripLast(refs []lineRef) bool {
	last := a.at(refs[0])
	if len(refs) > 1 && !refs[0].inside {
		before := a.at(refs[1])
		found := readByline(last.text, bylineEvidence{
			placed:    last.right || last.author || hasEndMark(before.text),
			source:    last.source,
			setOff:    last.isAll("em") || last.isAll("strong"),
			afterText: len(refs) > 2 && endsSentence(before.text) && !a.isProvince(last.text),
		})
		if found.ok {
			a.take(found)
			a.drop(refs[0])
			return true
		}
	}
	marked := last.text
	if !last.stripEndMark() {
		return false
	}
	a.remove(strings.TrimPrefix(marked, strings.TrimSuffix(last.text, ".")), reasonEndMark)
	if last.text == "" {
		a.drop(refs[0])
	}
	return true
}

// isProvince reports whether a line is the name of a province, which could as
// well be a person's: a portal signs with it, or files the article under it.
func (a *arrangement) isProvince(text string) bool {
	if len(text) > maxBylineBytes {
		return false
	}
	_, is := a.places.Province(vietnamese.Slug(text))
	return is
}

func (a *arrangement) take(found byline) {
	if found.author != "" {
		a.authors = append(a.authors, found.author)
	}
	if found.origin != "" {
		a.origin = found.origin
	}
}

func (a *arrangement) at(ref lineRef) *line { return &a.blocks[ref.block].lines[ref.line] }

func (a *arrangement) drop(ref lineRef) {
	one := &a.blocks[ref.block]
	one.lines = append(one.lines[:ref.line:ref.line], one.lines[ref.line+1:]...)
	if last := len(a.blocks) - 1; ref.block == last && len(one.lines) == 0 {
		a.blocks = a.blocks[:last]
	}
}

// stripEndMark takes "./." and its kin off the end of a line, and leaves the
// sentence with its full stop. A line that is only a mark goes as a whole.
func (l *line) stripEndMark() bool {
	kept, ok := cutEndMark(l.text)
	if !ok {
		return false
	}
	l.cut(len(l.text) - len(kept))
	l.kept = false // without its mark it can be another line
	if kept != "" && !endsSentence(kept) {
		l.append(".")
	}
	l.pieces = joinPieces(l.pieces)
	return true
}

// append writes text at the end of a line, inside the elements that end there.
func (l *line) append(text string) {
	l.text += text
	for i := len(l.pieces) - 1; i >= 0; i-- {
		if l.pieces[i].kind == textPiece && l.pieces[i].text != "" {
			l.pieces[i].text += text
			return
		}
	}
}

// isAll reports whether all of a line's text is inside elements of the tag.
func (l line) isAll(tag string) bool {
	inside, found := false, false
	for _, p := range l.pieces {
		switch {
		case p.kind != textPiece && p.tag == tag:
			inside = p.kind == openPiece
		case p.kind == textPiece && strings.TrimSpace(p.text) != "":
			if !inside {
				return false
			}
			found = true
		}
	}
	return found
}
