package normalizer

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"bantin/internal/article"
	"bantin/internal/vietnamese"
)

// A block is one element of a body in its canonical form: a text with its lines,
// a figure, or the start or end of a list, quotation or table around others. A
// body is a flat list of them, so every later step is a loop over lines.
type block struct {
	kind   blockKind
	tag    string // text: p, h2 … h6, empty in a list item or a cell; start and end: ul, ol, li, blockquote, table, tr, td, th
	lines  []line
	image  article.Image // figure
	from   *html.Node    // figure: its img
	alt    string        // figure
	credit string        // figure: who made the picture, where a line of its own says so
	spans  string        // start of a cell: its colspan and rowspan, as attributes
	lead   bool          // text: the page says that it is the lead
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
	source  bool       // the page says that it is the source
	kept    bool       // it was looked at, and is not a portal's
	parts   []string   // of a short line: its texts, as the elements part them; nil for one
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
	paper  paper
	above  []*html.Node // pictures that stand outside, above the body
	blocks []block
	// What the page's family and host say beside its names.
	captions map[*html.Node]bool // elements that are captions, whatever they are called
	learned  map[uint64]bool     // lines of the host; see Document.Chrome
	counted  bool                // the lines of the body are asked for

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
	right, centred, caption, author, source, lead, pre bool
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
	r.place.caption = r.place.caption || r.captions[n]
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
	case r.place.caption && (isCaption(n) || r.captions[n]) || r.isPictureBox(n):
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

// withoutEscapedSpaces is a text with spaces in the place of those that were escaped
// twice, as many forms in which editors type do.
func withoutEscapedSpaces(s string) string {
	return strings.ReplaceAll(s, "&nbsp;", " ")
}

// words writes text of the current line. White space alone starts no line.
func (r *reader) words(s string) {
	s = withoutEscapedSpaces(vietnamese.Legal(s))
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
			one.right, one.centred, one.author, one.source = r.place.right, r.place.centred, r.place.author, r.place.source
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

// isHiddenClass reports whether a class is one by which Bootstrap and WordPress hide
// an element from all who look at a page, on screens of every width.
func isHiddenClass(classes string) bool {
	for class := range strings.FieldsSeq(classes) {
		switch class {
		case "d-none":
			return !strings.Contains(classes, "-block") && !strings.Contains(classes, "-flex") && !strings.Contains(classes, "-inline")
		case "sr-only", "visually-hidden", "screen-reader-text":
			return true
		}
	}
	return false
}

// offScreen is how those who break into a portal hide what they put there.
var offScreen = regexp.MustCompile(`(?:left|top|text-indent):-\d{3,}`)

// isHidden reports whether an element is not shown.
func isHidden(n *html.Node) bool {
	for i := range n.Attr {
		switch n.Attr[i].Key {
		case "hidden":
			return true
		case "class":
			if class := n.Attr[i].Val; strings.Contains(class, "-") && isHiddenClass(class) || n.DataAtom == atom.I && strings.Contains(class, "icon") {
				return true // the words in an icon are those of its font
			}
		case "style":
			style := n.Attr[i].Val
			if strings.Contains(style, "none") && strings.Contains(squeeze(style), "display:none") {
				return true
			}
			if strings.Contains(style, "-") && offScreen.MatchString(squeeze(style)) {
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
			if n.DataAtom != atom.Table && n.DataAtom != atom.Img { // there it says where the element stands
				p = p.aligned(strings.ToLower(n.Attr[i].Val))
			}
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
		case "source", "nguon", "news-source", "article-source", "article__source", "detail-source":
			p.source = true
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
