package normalizer

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"bantin/internal/article"
	"bantin/internal/vietnamese"
)

// A block is one element of a body in its canonical form: a text with its lines,
// a figure, or the start or end of a list, quotation or table around others. A
// body is a flat list of them, so every later step is a loop over lines.
type block struct {
	kind  blockKind
	tag   string // text: p, h2 … h6, empty in a list item or a cell; start and end: ul, ol, li, blockquote, table, tr, td, th
	lines []line
	image article.Image // figure
	from  *html.Node    // figure: its img
	alt   string        // figure
	spans string        // start of a cell: its colspan and rowspan, as attributes
	lead  bool          // text: the page says that it is the lead
}

type blockKind int

const (
	textBlock blockKind = iota
	figureBlock
	startBlock
	endBlock
)

// A line is what stands between two line breaks.
type line struct {
	pieces []piece
	text   string // the texts of the pieces
	// What the layout says, which the canonical form no longer shows.
	right   bool       // set at the right margin, where a byline stands
	centred bool       // set in the middle, where a caption stands
	author  bool       // the page says that it is the byline
	kept    bool       // it was looked at, and is not a portal's
	from    *html.Node // where its text begins
}

// A piece is a text or one tag of a line.
type piece struct {
	kind pieceKind
	tag  string // open and close: strong, em, u, s, sub, sup, code, a
	text string // text: the text; open of an a: the link, empty where it leads nowhere without a base
}

type pieceKind int

const (
	textPiece pieceKind = iota
	openPiece
	closePiece
)

// Lists in lists are kept to this depth; no article goes deeper, and what does
// becomes text of the innermost.
const maxNesting = 6

// A reader walks a tree and writes down its blocks.
type reader struct {
	base   *url.URL
	skip   map[*html.Node]bool // elements that are not of the body
	plain  bool                // the text has no markup: its line ends are paragraph ends
	known  known
	above  []*html.Node // pictures that stand outside, above the body
	blocks []block

	current block      // the text that is being written
	pieces  []piece    // the line that is being written
	inline  []piece    // inline elements that are open, outermost first
	hasText bool       // the line holds more than white space
	node    *html.Node // the text that is being read
	from    *html.Node // where the line begins
	breaks  int        // line breaks since the last text
	around  []string
	waiting []block // figures that stand within a paragraph: they follow it
	place   placement
	blind   bool // pictures are read already
}

// A known is what the page of a body shows elsewhere, so that its repetition in
// the body is not of the body.
type known struct {
	title   string
	date    string   // the line with the date
	leads   []string // any of them may open the body
	hasLead bool     // no other paragraph is the lead

	dense     bool       // nothing but its density showed the body: it may hold more than the article
	titleAt   *html.Node // where the title begins in the body; nil when it does not stand there
	leadFirst bool       // the first paragraph is the lead, because it stands right below the title
}

// A placement is what the elements around a line say of it.
type placement struct {
	right, centred, caption, author, lead, pre bool
}

// hasBase reports whether it is known what relative links are relative to.
func (r *reader) hasBase() bool { return r.base != nil && r.base.Host != "" }

func (r *reader) children(n *html.Node) {
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		r.read(child)
	}
}

func (r *reader) read(n *html.Node) {
	if n.Type == html.TextNode {
		r.node = n
		r.text(n.Data)
		return
	}
	if n.Type == html.CommentNode { // of the tree builder; those of documents are dropped
		r.endInline(n.Data)
		return
	}
	if n.Type != html.ElementNode || r.skip[n] || isHidden(n) {
		return
	}
	before := r.place
	r.place = r.place.within(n)
	r.element(n)
	r.place = before
}

func (r *reader) element(n *html.Node) {
	switch n.DataAtom.String() {
	case "script", "style", "noscript", "template", "svg", "math", "object",
		"select", "button", "textarea", "input", "audio", "canvas", "map",
		"head", "title", "meta", "link", "base", "dialog":
	case "br":
		r.lineBreak()
	case "hr":
		r.endText()
	case "img":
		r.img(n)
	case "iframe", "embed", "video":
		r.video(n)
	case "h1", "h2", "h3", "h4", "h5", "h6":
		r.heading(n)
	case "ul", "ol":
		r.list(n)
	case "blockquote":
		r.container(n, "blockquote")
	case "table":
		r.table(n)
	case "figure":
		r.figure(n)
	case "pre":
		r.place.pre = true
		r.paragraph(n)
	default:
		r.flow(n)
	}
}

// flow reads an element whose own tag is not kept, or is an inline one.
func (r *reader) flow(n *html.Node) {
	switch {
	case r.place.caption && isCaption(n):
		r.captionBox(n)
	case !isInline(n.DataAtom):
		r.paragraph(n)
	default:
		r.inlineElement(n)
	}
}

func (r *reader) paragraph(n *html.Node) {
	r.endText()
	r.children(n)
	r.endText()
}

func (r *reader) heading(n *html.Node) {
	r.endText()
	if len(r.around) == 0 {
		// The title is the only first heading, and it is not of the body.
		r.current.tag = max(n.Data, "h2")
	}
	r.children(n)
	r.endText()
}

// inlineElement keeps emphasis and links, and looks through the rest.
func (r *reader) inlineElement(n *html.Node) {
	opened := len(r.inline)
	if n.DataAtom == atom.A {
		link := resolveLink(r.base, attr(n, "href"))
		if link != "" || !r.hasBase() && isRelative(attr(n, "href")) {
			r.open(piece{kind: openPiece, tag: "a", text: link})
		}
	}
	for _, tag := range emphasis(n) {
		r.open(piece{kind: openPiece, tag: tag})
	}
	r.children(n)
	for len(r.inline) > opened {
		last := r.inline[len(r.inline)-1]
		r.inline = r.inline[:len(r.inline)-1]
		if r.breaks == 0 {
			r.pieces = append(r.pieces, piece{kind: closePiece, tag: last.tag})
		}
	}
}

// open opens an inline element, unless it is open already: a link in a link or
// emphasis in the same emphasis says nothing more.
func (r *reader) open(p piece) {
	for _, one := range r.inline {
		if one.tag == p.tag {
			return
		}
	}
	r.inline = append(r.inline, p)
	if r.breaks == 0 {
		r.pieces = append(r.pieces, p)
	}
}

// endInline ends an element whose end tag came while a block in it was open.
func (r *reader) endInline(name string) {
	tags := emphasis(&html.Node{Data: name, DataAtom: atom.Lookup([]byte(name))})
	for i, one := range slices.Backward(r.inline) {
		if one.tag != name && !slices.Contains(tags, one.tag) {
			continue
		}
		if r.breaks == 0 {
			r.closeInline()
		}
		r.inline = slices.Delete(slices.Clone(r.inline), i, i+1)
		if r.breaks == 0 {
			r.pieces = append(r.pieces, r.inline...)
		}
		return
	}
}

// emphasis names the inline elements that an element stands for.
func emphasis(n *html.Node) []string {
	switch n.DataAtom.String() {
	case "b", "strong":
		return []string{"strong"}
	case "i", "em":
		return []string{"em"}
	case "u":
		return []string{"u"}
	case "s", "strike", "del":
		return []string{"s"}
	case "sub", "sup", "code":
		return []string{n.Data}
	}
	style := attr(n, "style")
	if !strings.Contains(style, "font-") {
		return nil
	}
	style = squeeze(style)
	var tags []string
	if strings.Contains(style, "font-weight:bold") || strings.Contains(style, "font-weight:700") {
		tags = append(tags, "strong")
	}
	if strings.Contains(style, "font-style:italic") {
		tags = append(tags, "em")
	}
	return tags
}

// squeeze is s in lower case without spaces, as styles are compared.
func squeeze(s string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsSpace(c) {
			return -1
		}
		return unicode.ToLower(c)
	}, s)
}

func (r *reader) text(s string) {
	if r.plain || r.place.pre {
		for i, one := range strings.Split(s, "\n") {
			if i > 0 && r.plain {
				r.endText()
			} else if i > 0 {
				r.lineBreak()
			}
			r.words(one)
		}
		return
	}
	r.words(s)
}

// words writes text of the current line. White space alone starts no line.
func (r *reader) words(s string) {
	s = vietnamese.Legal(s)
	blank := isBlank(s)
	if blank && (!r.hasText || r.breaks > 0) {
		return
	}
	if r.breaks > 0 {
		r.startLine()
	}
	if !r.hasText && !blank {
		r.hasText, r.from = true, r.node
	}
	r.pieces = append(r.pieces, piece{kind: textPiece, text: s})
}

// startLine ends the line before a break: one break begins a line, more of them
// a paragraph, which is what they are typed for.
func (r *reader) startLine() {
	breaks := r.breaks
	r.endLine()
	if breaks > 1 {
		r.endParagraph()
	}
	r.pieces = append(r.pieces, r.inline...)
}

func (r *reader) lineBreak() {
	if !r.hasText && len(r.current.lines) == 0 {
		return
	}
	if r.breaks == 0 {
		r.closeInline()
	}
	r.breaks++
}

// closeInline closes the open inline elements within the line, where a line
// ends inside them.
func (r *reader) closeInline() {
	for _, one := range slices.Backward(r.inline) {
		r.pieces = append(r.pieces, piece{kind: closePiece, tag: one.tag})
	}
}

func (r *reader) endLine() {
	if r.breaks == 0 {
		r.closeInline()
	}
	r.breaks = 0
	if r.hasText {
		if one := newLine(r.pieces); one.text != "" {
			one.right, one.centred, one.author = r.place.right, r.place.centred, r.place.author
			one.from = r.from
			r.current.lines = append(r.current.lines, one)
		}
	}
	r.pieces, r.hasText = nil, false
}

// endParagraph puts the text that was written among the blocks, and the figures
// that stood in it after it.
func (r *reader) endParagraph() {
	if len(r.current.lines) > 0 {
		if r.current.tag == "" {
			r.current.tag = "p"
		}
		r.current.lead = r.place.lead
		r.blocks = append(r.blocks, r.current)
	}
	r.blocks = append(r.blocks, r.waiting...)
	r.current, r.waiting = block{}, nil
}

// endText ends the current line and paragraph at the edge of a block element.
func (r *reader) endText() {
	if r.hasText || r.breaks > 0 {
		r.endLine()
	} else {
		r.pieces = nil
	}
	r.endParagraph()
	r.pieces = append(r.pieces, r.inline...)
}

func (r *reader) list(n *html.Node) {
	if len(r.around) >= maxNesting || r.inCell() {
		r.paragraph(n)
		return
	}
	r.endText()
	r.enter(n.Data, "")
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		if child.Type == html.TextNode && isBlank(child.Data) {
			continue
		}
		r.enter("li", "")
		r.item(child, child.DataAtom == atom.Li)
		r.leave()
	}
	r.leave()
}

// item reads a list item or a cell, or what stands in the place of one.
func (r *reader) item(n *html.Node, proper bool) {
	if !proper {
		r.read(n)
		return
	}
	if r.skip[n] || isHidden(n) {
		return
	}
	before := r.place
	r.place = before.within(n)
	r.children(n)
	r.place = before
}

// container reads an element that may stand around paragraphs, but not within
// another of its kind or in a cell.
func (r *reader) container(n *html.Node, tag string) {
	if len(r.around) > 0 {
		r.paragraph(n)
		return
	}
	r.endText()
	r.enter(tag, "")
	r.children(n)
	r.leave()
}

func (r *reader) enter(tag, spans string) {
	r.endText()
	r.blocks = append(r.blocks, block{kind: startBlock, tag: tag, spans: spans})
	r.around = append(r.around, tag)
}

func (r *reader) leave() {
	r.endText()
	last := len(r.around) - 1
	r.blocks = append(r.blocks, block{kind: endBlock, tag: r.around[last]})
	r.around = r.around[:last]
}

func (r *reader) inCell() bool {
	return len(r.around) > 0 && r.around[0] == "table"
}

// table reads a table, unless it only lays out what is in it. The small ones of
// the latter kind are found later, by what is left of them.
func (r *reader) table(n *html.Node) {
	if len(r.around) > 0 || isLayout(n) {
		r.paragraph(n)
		return
	}
	r.endText()
	r.enter("table", "")
	r.rows(n)
	r.leave()
}

func (r *reader) rows(n *html.Node) {
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		switch child.DataAtom.String() {
		case "tr":
			r.enter("tr", "")
			r.cells(child)
			r.leave()
		case "thead", "tbody", "tfoot":
			r.rows(child)
		default:
			if child.Type == html.TextNode && isBlank(child.Data) {
				continue
			}
			r.enter("tr", "")
			r.cell(child)
			r.leave()
		}
	}
}

func (r *reader) cells(row *html.Node) {
	for child := row.FirstChild; child != nil; child = child.NextSibling {
		if child.Type == html.TextNode && isBlank(child.Data) {
			continue
		}
		r.cell(child)
	}
}

func (r *reader) cell(n *html.Node) {
	tag := "td"
	if n.DataAtom == atom.Th {
		tag = "th"
	}
	r.enter(tag, spans(n))
	r.item(n, isTablePart(n.DataAtom))
	r.leave()
}

// spans are the attributes of a cell that hold a table together.
func spans(n *html.Node) string {
	var b strings.Builder
	for _, name := range []string{"colspan", "rowspan"} {
		// Above 100 nothing is laid out; a hostile number would stop a browser.
		if count, err := strconv.Atoi(attr(n, name)); err == nil && count > 1 && count <= 100 {
			b.WriteString(" " + name + `="` + strconv.Itoa(count) + `"`)
		}
	}
	return b.String()
}

const (
	// maxCellBytes is more than a cell of a printed table holds, and less than an
	// article that was put into a table.
	maxCellBytes = 1500
	// maxTableNodes is a table of a thousand rows. A larger one is not looked
	// through: it lays out a page, or was made to be looked through at each level
	// of its nesting.
	maxTableNodes = 20_000
)

// isLayout reports whether a table holds other tables, or a whole article.
func isLayout(table *html.Node) bool {
	nodes, layout := 0, false
	var size func(*html.Node) int
	size = func(n *html.Node) int {
		if nodes++; nodes > maxTableNodes || n.DataAtom == atom.Table && n != table {
			layout = true
		}
		if n.Type == html.TextNode {
			return len(strings.TrimSpace(n.Data))
		}
		total := 0
		for child := n.FirstChild; child != nil && !layout; child = child.NextSibling {
			total += size(child)
		}
		if (n.DataAtom == atom.Td || n.DataAtom == atom.Th) && total > maxCellBytes {
			layout = true
		}
		return total
	}
	size(table)
	return layout
}

// isHidden reports whether an element is not shown.
func isHidden(n *html.Node) bool {
	for i := range n.Attr {
		switch n.Attr[i].Key {
		case "hidden":
			return true
		case "style":
			style := n.Attr[i].Val
			if strings.Contains(style, "none") && strings.Contains(squeeze(style), "display:none") {
				return true
			}
		}
	}
	return false
}

// within is the placement inside an element.
func (p placement) within(n *html.Node) placement {
	for i := range n.Attr {
		switch n.Attr[i].Key {
		case "align":
			p = p.aligned(strings.ToLower(n.Attr[i].Val))
		case "style":
			if style := n.Attr[i].Val; strings.Contains(style, "text-align") {
				_, align, _ := strings.Cut(squeeze(style), "text-align:")
				align, _, _ = strings.Cut(align, ";")
				p = p.aligned(align)
			}
		case "class", "itemprop":
			p = p.classed(strings.ToLower(n.Attr[i].Val))
		}
	}
	switch n.DataAtom.String() {
	case "center":
		p = p.aligned("center")
	case "figcaption":
		p.caption = true
	}
	return p
}

func (p placement) aligned(align string) placement {
	switch align {
	case "right", "center", "left", "justify":
		p.right, p.centred = align == "right", align == "center"
	}
	return p
}

// classed reads the words that the portals of NOTES call these parts by.
func (p placement) classed(classes string) placement {
	for class := range strings.FieldsSeq(classes) {
		switch class {
		case "text-right", "align-right", "rteright", "text-end":
			p = p.aligned("right")
		case "text-center", "align-center", "rtecenter":
			p = p.aligned("center")
		case "author", "tac-gia", "tacgia", "byline", "news-author", "article-author", "pauthor":
			p.author = true
		case "sapo", "detail-sapo", "article__sapo", "hometext", "news-intro", "articlesummary":
			p.lead = true
		}
		p.caption = p.caption || isCaptionClass(class)
	}
	return p
}

func isCaptionClass(class string) bool {
	return strings.Contains(class, "caption") || strings.Contains(class, "chuthich") ||
		strings.Contains(class, "chu-thich") || strings.Contains(class, "chu_thich")
}

// isCaption reports whether an element itself is called a caption.
func isCaption(n *html.Node) bool {
	return n.DataAtom == atom.Figcaption || isCaptionClass(strings.ToLower(attr(n, "class")))
}

func isBlank(s string) bool { return strings.TrimSpace(s) == "" }

// newLine makes a line of the pieces that were written: texts cleaned, empty
// elements dropped, an element that ends and begins again joined.
func newLine(pieces []piece) line {
	pieces = joinPieces(append([]piece(nil), pieces...))
	var text strings.Builder
	space := true // at the start of the line white space is dropped
	for i := range pieces {
		if pieces[i].kind != textPiece {
			continue
		}
		pieces[i].text, space = cleanText(pieces[i].text, space)
		text.WriteString(pieces[i].text)
	}
	one := line{pieces: pieces, text: text.String()}
	one.trimRight()
	one.pieces = joinPieces(one.pieces)
	return one
}

// cleanText is Clean for a part of a line: white space at its edges stays as
// one space, except after a space.
func cleanText(s string, afterSpace bool) (cleaned string, endsInSpace bool) {
	cleaned = vietnamese.Clean(strings.TrimSpace(s))
	first, _ := utf8.DecodeRuneInString(s)
	last, _ := utf8.DecodeLastRuneInString(s)
	if !afterSpace && unicode.IsSpace(first) {
		cleaned = " " + cleaned
	}
	if strings.HasSuffix(cleaned, " ") || cleaned == "" {
		return cleaned, afterSpace || cleaned != ""
	}
	if unicode.IsSpace(last) {
		return cleaned + " ", true
	}
	return cleaned, false
}

// trimRight takes the white space off the end of a line.
func (l *line) trimRight() {
	l.cut(len(l.text) - len(strings.TrimRight(l.text, " ")))
}

// cut takes n bytes off the end of the text of a line.
func (l *line) cut(n int) {
	l.text = l.text[:len(l.text)-n]
	for i := len(l.pieces) - 1; i >= 0 && n > 0; i-- {
		if l.pieces[i].kind != textPiece {
			continue
		}
		part := min(n, len(l.pieces[i].text))
		l.pieces[i].text = l.pieces[i].text[:len(l.pieces[i].text)-part]
		n -= part
	}
}

// joinPieces drops empty elements, joins an element with its continuation, and
// then texts with the texts that follow.
func joinPieces(pieces []piece) []piece {
	kept := pieces[:0]
	for _, p := range pieces {
		last := len(kept) - 1
		switch {
		case p.kind == textPiece && p.text == "":
		case last >= 0 && p.endsWhere(kept[last]):
			kept = kept[:last]
		default:
			kept = append(kept, p)
		}
	}
	return joinTexts(kept)
}

// endsWhere reports whether p right after other leaves nothing of both: an
// element without content, or one that ends where the next of its kind begins.
func (p piece) endsWhere(other piece) bool {
	if p.kind == textPiece || p.tag != other.tag {
		return false
	}
	return p.kind == closePiece && other.kind == openPiece || p.kind == openPiece && other.kind == closePiece && p.tag != "a"
}

func joinTexts(pieces []piece) []piece {
	kept := pieces[:0]
	for i := 0; i < len(pieces); i++ {
		p := pieces[i]
		if p.kind == textPiece && i+1 < len(pieces) && pieces[i+1].kind == textPiece {
			var all strings.Builder
			for ; i < len(pieces) && pieces[i].kind == textPiece; i++ {
				all.WriteString(pieces[i].text)
			}
			i--
			p.text = all.String()
		}
		kept = append(kept, p)
	}
	return kept
}
