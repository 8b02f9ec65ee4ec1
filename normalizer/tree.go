package normalizer

import (
	"bytes"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// The tree is built here from the tokens of x/net/html and not by its parser.
// Obeying HTML5, that parser repeats open formatting elements in every paragraph
// that follows (HTML §13.2.4.3): 7 KB of "<b a1><b a2>…<p>x<p>x" become 69 MB of
// nodes, and beyond 512 open elements it gives the document up. This builder
// makes at most one node for each tag, and what lies too deep keeps its text.
const (
	// maxHTMLDepth is ten times what the deepest portal pages nest, and little
	// enough that walking a tree recursively costs no stack.
	maxHTMLDepth = 256
	// maxElements is more than twice what the heaviest news page holds; with all
	// that is made of them, so many short paragraphs take 30 MB. Later elements are
	// flattened to their text.
	maxElements = 50_000
	// maxHTML is how many bytes are read, without ballast: twice the longest body
	// that is kept. What is made of them takes ten times as much.
	maxHTML = 2 << 20
	// maxNodes ends the reading of a document made only to fill the memory.
	maxNodes = 2 * maxElements
)

// A treeBuilder turns tokens into nodes.
type treeBuilder struct {
	open     []openTag // the root first
	sunk     int       // elements that are open below maxHTMLDepth, without a node
	elements int
	nodes    int
}

type openTag struct {
	node *html.Node
	// ended is set when the end tag came while a block inside was still open,
	// as in <b><p>…</b>…</p>. A comment marks the place, and the element ends
	// with that block.
	ended bool
}

// ballast is what makes long pages long and is not read: pictures that stand in
// their own address (RFC 2397), scripts and styles.
var ballast = regexp.MustCompile(`(?is);base64,[a-z0-9+/=]+|<script\b.*?</script>|<style\b.*?</style>`)

// withoutBallast leaves the scripts that describe the article (schema.org) alone.
func withoutBallast(found []byte) []byte {
	tag, _, _ := bytes.Cut(found, []byte(">"))
	if bytes.Contains(tag, []byte("ld+json")) {
		return found
	}
	return nil
}

// shortHTML is as much of HTML as is read; whole tells whether that is all of it.
func shortHTML(text []byte) (short string, whole bool) {
	if len(text) > maxHTML {
		text = ballast.ReplaceAllFunc(text, withoutBallast)
	}
	if len(text) > maxHTML {
		return string(wholeRunes(text[:maxHTML])), false
	}
	return string(text), true
}

// parseTree reads a document or a fragment. It never fails; complete is false
// when the document was too big to be read to its end.
func parseTree(text string) (root *html.Node, complete bool) {
	b := treeBuilder{open: make([]openTag, 1, 32)}
	root = &html.Node{Type: html.DocumentNode}
	b.open[0].node = root
	z := html.NewTokenizer(strings.NewReader(text))
	for b.nodes < maxNodes {
		kind := z.Next()
		if kind == html.ErrorToken {
			return root, true
		}
		b.add(z, kind)
	}
	return root, false
}

func (b *treeBuilder) add(z *html.Tokenizer, kind html.TokenType) {
	switch kind {
	case html.TextToken:
		b.text(z.Token().Data)
	case html.StartTagToken, html.SelfClosingTagToken:
		token := z.Token()
		if isVoid(token.DataAtom) || !isRaw(token.DataAtom) {
			z.NextIsNotRawText() // an iframe that nobody closes must not eat the rest
		}
		b.start(token)
	case html.EndTagToken:
		b.end(z.Token())
	case html.ErrorToken, html.CommentToken, html.DoctypeToken:
	}
}

func (b *treeBuilder) top() *html.Node { return b.open[len(b.open)-1].node }

func (b *treeBuilder) text(data string) {
	if data == "" {
		return
	}
	b.nodes++
	b.top().AppendChild(&html.Node{Type: html.TextNode, Data: data})
}

func (b *treeBuilder) start(token html.Token) {
	if token.Data == "amp-img" { // AMP's picture; what stands in it is for browsers without scripts
		token.Data, token.DataAtom = "img", atom.Img
	}
	b.impliedEnds(token.DataAtom)
	flat := len(b.open) >= maxHTMLDepth || b.elements >= maxElements
	switch {
	case isVoid(token.DataAtom):
		b.append(token)
	case flat && !isRaw(token.DataAtom):
		b.sunk++
		b.seam(token.DataAtom)
	default:
		b.open = append(b.open, openTag{node: b.append(token)})
	}
}

func (b *treeBuilder) append(token html.Token) *html.Node {
	b.elements++
	b.nodes++
	n := &html.Node{Type: html.ElementNode, Data: token.Data, DataAtom: token.DataAtom, Attr: token.Attr}
	b.top().AppendChild(n)
	return n
}

// seam parts the texts of two blocks that get no nodes of their own.
func (b *treeBuilder) seam(tag atom.Atom) {
	last := b.top().LastChild
	if isInline(tag) || last == nil || last.DataAtom == atom.Br {
		return
	}
	b.append(html.Token{Data: "br", DataAtom: atom.Br})
}

func (b *treeBuilder) end(token html.Token) {
	tag := token.DataAtom
	switch {
	case tag == atom.Br: // </br> is a line break in every browser (HTML §13.2.6.4.7)
		b.append(html.Token{Data: "br", DataAtom: atom.Br})
	case isVoid(tag):
	case b.sunk > 0 && !isRaw(tag):
		b.sunk--
		b.seam(tag)
	default:
		b.endElement(token)
	}
}

func (b *treeBuilder) endElement(token html.Token) {
	blocks := false // a block is open inside the element that ends
	for i := len(b.open) - 1; i > 0; i-- {
		n := b.open[i].node
		if n.Data == token.Data && !b.open[i].ended {
			if blocks && isInline(token.DataAtom) {
				b.open[i].ended = true
				b.nodes++
				b.top().AppendChild(&html.Node{Type: html.CommentNode, Data: token.Data})
				return
			}
			b.truncate(i)
			return
		}
		if isTablePart(n.DataAtom) && !isTablePart(token.DataAtom) {
			return // what is inside a cell ends nothing outside it
		}
		blocks = blocks || !isInline(n.DataAtom)
	}
}

// truncate closes the open elements from i on, and those around them whose end
// tags came early.
func (b *treeBuilder) truncate(i int) {
	for i > 1 && b.open[i-1].ended {
		i--
	}
	b.open = b.open[:i]
}

// impliedEnds closes what a start tag closes without an end tag (HTML §13.1.2.4).
func (b *treeBuilder) impliedEnds(tag atom.Atom) {
	switch tag.String() {
	case "a":
		b.closeWithin(isInline, atom.A)
	case "li":
		b.closeWithin(notIn(atom.Ul, atom.Ol, atom.Table, atom.Td, atom.Th), atom.Li)
	case "dt", "dd":
		b.closeWithin(notIn(atom.Dl, atom.Table, atom.Td, atom.Th), atom.Dt, atom.Dd)
	case "td", "th":
		b.closeWithin(notIn(atom.Tr, atom.Table), atom.Td, atom.Th)
	case "tr":
		b.closeWithin(notIn(atom.Table), atom.Tr)
	case "tbody", "thead", "tfoot":
		b.closeWithin(notIn(atom.Table), atom.Tbody, atom.Thead, atom.Tfoot)
	case "option":
		b.closeWithin(isInline, atom.Option)
	default:
		if !isInline(tag) && !isVoid(tag) || tag == atom.Hr {
			b.closeWithin(isInline, atom.P)
		}
	}
}

// closeWithin closes the nearest open element of one of the kinds, looking no
// further than through elements that pass lets by.
func (b *treeBuilder) closeWithin(pass func(atom.Atom) bool, kinds ...atom.Atom) {
	for i := len(b.open) - 1; i > 0; i-- {
		tag := b.open[i].node.DataAtom
		if slices.Contains(kinds, tag) {
			b.truncate(i)
			return
		}
		if !pass(tag) {
			return
		}
	}
}

func notIn(tags ...atom.Atom) func(atom.Atom) bool {
	return func(tag atom.Atom) bool { return !slices.Contains(tags, tag) }
}

// isVoid reports whether an element has no content (HTML §13.1.2). An iframe is
// none by the standard, but what stands in it is for browsers without frames.
func isVoid(tag atom.Atom) bool {
	switch tag.String() {
	case "area", "base", "br", "col", "embed", "hr", "iframe", "img",
		"input", "link", "meta", "param", "source", "track", "wbr":
		return true
	}
	return false
}

// isRaw reports whether the text of an element is not markup (HTML §13.1.2).
func isRaw(tag atom.Atom) bool {
	switch tag.String() {
	case "script", "style", "textarea", "title", "noscript":
		return true
	}
	return false
}

func isTablePart(tag atom.Atom) bool {
	switch tag.String() {
	case "table", "thead", "tbody", "tfoot", "tr", "td", "th", "caption":
		return true
	}
	return false
}

// isInline reports whether an element stands within a line. Names that HTML does
// not know (Word's o:p and st1:place among them) do.
func isInline(tag atom.Atom) bool {
	switch tag.String() {
	case "", "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite",
		"code", "data", "del", "dfn", "em", "font", "i", "ins", "kbd",
		"label", "mark", "nobr", "q", "s", "samp", "small", "span",
		"strike", "strong", "sub", "sup", "time", "tt", "u", "var":
		return true
	}
	return false
}
