package normalizer

import (
	"slices"
	"strings"
	"unicode/utf8"

	"bantin/internal/gazetteer"
	"bantin/internal/vietnamese"
)

// An arrangement takes out of a body what is not its text: the portal's lines,
// the end mark, bylines, the lead; and puts captions under their pictures.
type arrangement struct {
	chrome  chrome
	places  *gazetteer.Gazetteer
	blocks  []block
	authors []string // the last one first
	origin  string
	lead    string
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
		text := one.text()
		folded := vietnamese.Fold(text)
		switch {
		case folded == title:
			for j := range a.blocks[:i+1] {
				a.blocks[j].lines = nil
			}
		case text == shown.date:
			one.lines = nil
		case a.hasTextAfterBlock(i) && slices.ContainsFunc(shown.leads, func(lead string) bool {
			return lead != "" && folded == vietnamese.Fold(lead)
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
	first.lines = first.lines[:ref.line]
	for i := ref.block + 1; i < len(a.blocks); i++ {
		one := &a.blocks[i]
		if one.kind == textBlock || one.kind == figureBlock {
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
			is, over := a.chrome.isChrome(l.text)
			if is {
				related = over
				continue
			}
			if a.isReadMore(l) {
				continue
			}
			l.kept = true
		}
		if related && dateShape.ReplaceAllString(strings.Trim(l.outsideLinks(), "()"), "") == "" {
			continue
		}
		related = false
		kept = append(kept, l)
	}
	one.lines = kept
	return related
}

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

// dissolveTables makes a figure of a table with one picture and the line under
// it, the way that Vietnamese editors have set captions since Word, and
// paragraphs of a table of one row or one column: it was there for the layout.
func (a *arrangement) dissolveTables() bool {
	changed := false
	for start := 0; start < len(a.blocks); start++ {
		if a.blocks[start].kind != startBlock || a.blocks[start].tag != "table" {
			continue
		}
		t := a.measureTable(start)
		switch {
		case t.figures == 1 && t.rows <= 2 && t.words <= maxCaptionWords:
			a.frame(start, t.end)
			changed = true
		case t.rows < 2 || t.columns < 2:
			a.dissolve(start, t.end)
			changed = true
		}
		start = t.end
	}
	if changed {
		a.blocks = compact(a.blocks)
	}
	return changed
}

// A tableSize is what tells a table of data from one for the layout. The words
// are those of its texts and captions.
type tableSize struct{ end, rows, columns, figures, words int }

// measureTable measures the table that starts at start.
func (a *arrangement) measureTable(start int) tableSize {
	var t tableSize
	cells := 0
	for t.end = start; ; t.end++ {
		one := &a.blocks[t.end]
		switch {
		case one.kind == startBlock && one.tag == "tr":
			t.rows++
			cells = 0
		case one.kind == startBlock && (one.tag == "td" || one.tag == "th"):
			cells++
			t.columns = max(t.columns, cells)
		case one.kind == figureBlock:
			t.figures++
			t.words += len(strings.Fields(one.image.Caption))
		case one.kind == textBlock:
			t.words += len(strings.Fields(one.text()))
		case one.kind == endBlock && one.tag == "table":
			return t
		}
	}
}

// frame leaves of a table its figure, with all its texts as caption.
func (a *arrangement) frame(start, end int) {
	figure := block{kind: figureBlock}
	var texts []string
	for i := start; i <= end; i++ {
		one := &a.blocks[i]
		switch one.kind {
		case figureBlock:
			figure.image.URL, figure.alt = one.image.URL, one.alt
			texts = append(texts, one.image.Caption)
		case textBlock:
			texts = append(texts, one.text())
		case startBlock, endBlock:
		}
		*one = block{kind: textBlock}
	}
	figure.image.Caption = vietnamese.Clean(strings.Join(texts, " "))
	a.blocks[start] = figure
}

// dissolve marks the edges of a table and its cells as nothing.
func (a *arrangement) dissolve(start, end int) {
	for i := start; i <= end; i++ {
		switch a.blocks[i].kind {
		case startBlock, endBlock:
			a.blocks[i] = block{kind: textBlock}
		case textBlock:
			a.blocks[i].tag = "p"
		case figureBlock:
		}
	}
}

// joinBare joins the texts that follow each other in a list item or a cell: they
// have no paragraphs of their own, only lines.
func (a *arrangement) joinBare() {
	var around []string
	kept := a.blocks[:0]
	for _, one := range a.blocks {
		switch one.kind {
		case startBlock:
			around = append(around, one.tag)
		case endBlock:
			around = around[:len(around)-1]
		case textBlock:
			if len(around) == 0 || around[len(around)-1] == "blockquote" {
				break
			}
			one.tag = ""
			if last := len(kept) - 1; kept[last].kind == textBlock {
				kept[last].lines = append(kept[last].lines, one.lines...)
				continue
			}
		case figureBlock:
		}
		kept = append(kept, one)
	}
	a.blocks = kept
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
			setOff:    last.isAll("em") || last.isAll("strong"),
			afterText: len(refs) > 2 && endsSentence(before.text) && !a.isProvince(last.text),
		})
		if found.ok {
			a.take(found)
			a.drop(refs[0])
			return true
		}
	}
	if !last.stripEndMark() {
		return false
	}
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

// takeCaptions puts the line below a picture under it as its caption, where it
// looks like one.
func (a *arrangement) takeCaptions() bool {
	changed := false
	for i := 0; i+1 < len(a.blocks); i++ {
		if a.blocks[i].kind != figureBlock || a.blocks[i+1].kind != textBlock {
			continue
		}
		image, text := &a.blocks[i].image, &a.blocks[i+1]
		for len(text.lines) > 0 && a.isCaptionLine(i+1, image.Caption) {
			image.Caption = vietnamese.Clean(image.Caption + " " + text.lines[0].text)
			text.lines = text.lines[1:]
			changed = true
		}
	}
	a.blocks = compact(a.blocks)
	return changed
}

// maxPlainCaptionWords is for captions that nothing but their shortness and the
// missing full stop tells from a paragraph. The reference article's has 14.
const maxPlainCaptionWords = 30

// maxCaptionBytes spares paragraphs the count of their words: few words have
// more than ten bytes.
const maxCaptionBytes = 12 * maxCaptionWords

// isCaptionLine reports whether the first line of the text block at i is the
// caption of the picture before it, or the credit after the caption.
func (a *arrangement) isCaptionLine(i int, caption string) bool {
	first := &a.blocks[i].lines[0]
	if len(first.text) > maxCaptionBytes {
		return false
	}
	words := len(strings.Fields(first.text))
	if isCredit(first.text) {
		return len(strings.Fields(caption))+words <= maxCaptionWords
	}
	if caption != "" || a.blocks[i].tag != "p" || !a.hasOtherText(i) {
		return false
	}
	if first.centred || first.isAll("em") {
		return words <= maxCaptionWords
	}
	return words <= maxPlainCaptionWords && !endsClause(first.text) && a.hasTextAfter(i) && !a.isHeading(i)
}

// hasOtherText reports whether there is a line besides the first of block i.
func (a *arrangement) hasOtherText(i int) bool {
	if len(a.blocks[i].lines) > 1 {
		return true
	}
	for j := range a.blocks {
		if j != i && a.blocks[j].kind == textBlock && len(a.blocks[j].lines) > 0 {
			return true
		}
	}
	return false
}

func (a *arrangement) hasTextAfter(i int) bool {
	if len(a.blocks[i].lines) > 1 {
		return true
	}
	for _, one := range a.blocks[i+1:] {
		if one.kind == textBlock && len(one.lines) > 0 {
			return true
		}
	}
	return false
}

// minLeadRunes keeps a heading in bold from being taken for a lead; the shortest
// leads of the press have about twice as many.
const minLeadRunes = 60

// takeLead takes the lead out of the body: the first paragraph, where the page
// calls it so or sets all of it in bold, as the press does.
func (a *arrangement) takeLead(first bool) bool {
	for i := range a.blocks {
		one := &a.blocks[i]
		if one.kind == figureBlock {
			first = false
			continue
		}
		isLead := one.lead || one.isBoldLead() || first && a.isFirstLead(i)
		if one.kind != textBlock || !a.hasTextAfterBlock(i) || !isLead {
			return false
		}
		a.lead, one.lines = one.text(), nil
		a.blocks = compact(a.blocks)
		return true
	}
	return false
}

// isFirstLead reports whether the paragraph at i, right below the title, is long
// enough for a lead and opens a text of more than a few lines.
func (a *arrangement) isFirstLead(i int) bool {
	text := a.blocks[i].text()
	paragraphs := 0
	for j := range a.blocks {
		for k := range a.blocks[j].lines {
			if isParagraph(a.blocks[j].lines[k].text) {
				paragraphs++
			}
		}
	}
	return isParagraph(text) && len(strings.Fields(text)) <= maxLeadWords && paragraphs > 3
}

func (a *arrangement) hasTextAfterBlock(i int) bool {
	for _, one := range a.blocks[i+1:] {
		if one.kind == textBlock && len(one.lines) > 0 {
			return true
		}
	}
	return false
}

func (b *block) isBoldLead() bool {
	return b.tag == "p" && len(b.lines) == 1 && b.lines[0].isAll("strong") &&
		utf8.RuneCountInString(b.lines[0].text) >= minLeadRunes
}

// maxHeadingWords is above the longest subheadings.
const maxHeadingWords = 20

// settleEmphasis makes a short paragraph in bold the heading that it stands for,
// and takes emphasis off paragraphs that have nothing else: what is all
// emphasised is not emphasised.
func (a *arrangement) settleEmphasis() {
	depth := 0
	for i := range a.blocks {
		one := &a.blocks[i]
		switch {
		case one.kind == startBlock:
			depth++
		case one.kind == endBlock:
			depth--
		case one.kind != textBlock || depth > 0:
		case one.tag != "p":
			one.unwrap("strong")
		default:
			if a.isHeading(i) {
				one.tag = "h3"
			}
			one.unwrap("strong")
			one.unwrap("em")
		}
	}
}

// isHeading reports whether the paragraph at i is a short one in bold over others.
func (a *arrangement) isHeading(i int) bool {
	lines := a.blocks[i].lines
	return len(lines) == 1 && lines[0].isAll("strong") && !endsClause(lines[0].text) &&
		len(strings.Fields(lines[0].text)) <= maxHeadingWords && a.hasTextAfterBlock(i)
}

// unwrap takes an element off a block where it is around all of every line.
func (b *block) unwrap(tag string) {
	for i := range b.lines {
		if !b.lines[i].isAll(tag) {
			return
		}
	}
	for i := range b.lines {
		var kept []piece
		for _, p := range b.lines[i].pieces {
			if p.kind == textPiece || p.tag != tag {
				kept = append(kept, p)
			}
		}
		b.lines[i] = newLine(kept)
	}
}
