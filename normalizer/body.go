package normalizer

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"

	"bantin/internal/article"
	"bantin/internal/gazetteer"
	"bantin/internal/vietnamese"
)

// A body is what an article says, in one canonical form: a list of paragraphs,
// headings, lists, quotations, tables and figures. Cleaning it again changes
// nothing.
type body struct {
	HTML     string // without lead, byline and end mark
	Text     string // one paragraph a line; captions are with the images
	Lead     string // the paragraph that the layout sets off at the beginning; empty when none
	Author   string // from the byline; empty when none
	Origin   string // who wrote it first, from the byline or source line
	Images   []article.Image
	Warnings []string
	Removed  []Removal
	Lines    []uint64 // of the text that is short enough to be a portal's; see edgeLines
}

// A cleaner holds what the cleaning of HTML needs, made once.
type cleaner struct {
	policy *bluemonday.Policy
	chrome chrome
	packs  *packSet
	places *gazetteer.Gazetteer
}

func newCleaner(places *gazetteer.Gazetteer) (*cleaner, error) {
	packs, err := loadPacks()
	if err != nil {
		return nil, fmt.Errorf("read the rule packs: %w", err)
	}
	return &cleaner{policy: newPolicy(), chrome: newChrome(), packs: packs, places: places}, nil
}

// webLink is the form of the addresses that may stand in an article.
var webLink = regexp.MustCompile(`^(?:https?://|mailto:)[^\s\x00-\x1f]+$`)

// relativePath is the form of a relative link that leads nowhere else: a colon
// could end a scheme, and a backslash or a second stroke begin a host.
var relativePath = regexp.MustCompile(`^/?[^/\s\x00-\x1f:\\#][^\s\x00-\x1f:\\]*$`)

// spanCount is a colspan or rowspan that a browser can lay out.
var spanCount = regexp.MustCompile(`^[1-9][0-9]?$|^100$`)

// newPolicy is the list of what may leave this package, and the last word on it:
// whatever the steps before get wrong, nothing else comes out. It matches links
// by their form and does not rewrite them, because portals tell articles apart
// by queries that do not survive it.
func newPolicy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "h2", "h3", "h4", "h5", "h6", "br",
		"ul", "ol", "li", "blockquote", "table", "tr", "td", "th", "figure", "figcaption",
		"strong", "em", "u", "s", "sub", "sup", "code")
	p.AllowAttrs("href").Matching(webLink).OnElements("a")
	p.AllowAttrs("src").Matching(webLink).OnElements("img")
	p.AllowAttrs("src").Matching(relativePath).OnElements("img") // see pictureLink
	p.AllowAttrs("alt").OnElements("img")
	p.AllowAttrs("colspan", "rowspan").Matching(spanCount).OnElements("td", "th")
	return p
}

// readBody reads the HTML, or the plain text, of an article without its page. A
// relative link resolves against base, and goes where base is nil.
func (n *Normalizer) readBody(fragment string, base *url.URL) body {
	return n.readBodyBeside(fragment, base, known{})
}

// readBodyBeside reads a body beside which other things are shown.
func (n *Normalizer) readBodyBeside(fragment string, base *url.URL, shown known) body {
	r := &reader{base: base, plain: isPlain(fragment), known: shown, paper: newPaper(base, n.cleaner.places)}
	root, complete := fragmentTree(fragment)
	b := n.cleaner.read(r, root)
	if !complete {
		b.Warnings = append(b.Warnings, warnTooBig)
	}
	return b
}

// fragmentTree is the tree of what may be HTML or text.
func fragmentTree(fragment string) (root *html.Node, complete bool) {
	whole := true
	if len(fragment) > maxHTML {
		fragment, whole = shortHTML([]byte(fragment))
	}
	if !isPlain(fragment) {
		root, complete = parseTree(fragment)
		return root, complete && whole
	}
	root = &html.Node{Type: html.DocumentNode}
	root.AppendChild(&html.Node{Type: html.TextNode, Data: html.UnescapeString(fragment)})
	return root, whole
}

const warnTooBig = "the body is too big; it was cut"

// isPlain reports whether text holds no tag at all.
func isPlain(text string) bool {
	for i := strings.IndexByte(text, '<'); i >= 0; {
		rest := text[i+1:]
		if rest != "" && (isASCIILetter(rest[0]) || rest[0] == '/' || rest[0] == '!' || rest[0] == '?') {
			return false
		}
		next := strings.IndexByte(rest, '<')
		if next < 0 {
			return true
		}
		i += 1 + next
	}
	return true
}

func isASCIILetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// read turns what is under root into a body.
func (c *cleaner) read(r *reader, root *html.Node) body {
	for _, n := range r.above {
		r.read(n)
		r.endText()
	}
	r.children(root)
	r.endText()
	a := arrangement{chrome: c.chrome, places: c.places, paper: r.paper, blocks: r.blocks}
	a.dropKnown(r.known)
	if r.counted {
		a.dropTitles()
	}
	learned := a.dropLearned(r.learned)
	a.settle()
	a.cutFirstDateline()
	if !r.known.hasLead && a.lead == "" && a.takeLead(r.known.leadFirst) {
		a.settle() // what stood around the lead are neighbours now
		a.cutFirstDateline()
	}
	a.settleEmphasis()
	b := body{Lead: a.lead, Author: joinNames(a.authors), Origin: a.origin, Warnings: a.warnings, Removed: a.removed}
	if r.counted {
		b.Lines = edgeLines(a.blocks, learned)
	}
	b.Images = imagesOf(a.blocks)
	b.Text = renderText(a.blocks)
	b.HTML = c.sanitize(renderHTML(a.blocks))
	return b
}

// sanitize lets the policy have the last word. Nothing that it changes makes a
// canonical body longer, so one allocation is enough.
func (c *cleaner) sanitize(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	if err := c.policy.SanitizeReaderToWriter(strings.NewReader(text), &b); err != nil {
		return "" // a strings.Builder and a strings.Reader do not fail
	}
	return b.String()
}

// maxAuthors is above the largest teams that sign an article.
const maxAuthors = 10

// joinNames puts the names in the order of the page, of which they come last first.
func joinNames(names []string) string {
	names = slices.Clone(names[:min(len(names), maxAuthors)])
	slices.Reverse(names)
	return strings.Join(names, ", ")
}

// imagesOf are the pictures of a body, each once.
func imagesOf(blocks []block) []article.Image {
	var images []article.Image
	seen := map[string]int{}
	for i := range blocks {
		if blocks[i].kind != figureBlock {
			continue
		}
		image := blocks[i].image
		at, twice := seen[image.URL]
		switch {
		case !twice:
			seen[image.URL] = len(images)
			images = append(images, image)
		case images[at].Caption == "":
			images[at].Caption = image.Caption
		}
	}
	return images
}

// sizeOf is about the size of the text of a body and its tags.
func sizeOf(blocks []block) int {
	size := 0
	for i := range blocks {
		size += 32 // <p></p>, or a row with a cell
		for j := range blocks[i].lines {
			size += len(blocks[i].lines[j].text)
		}
	}
	return size
}

// renderText writes the lines of a body; the cells of a row stand in one line,
// parted by tabs.
func renderText(blocks []block) string {
	var b strings.Builder
	b.Grow(sizeOf(blocks))
	cells := 0 // of the row that is being written
	inRow := false
	for i := range blocks {
		switch one := &blocks[i]; {
		case one.kind == startBlock && one.tag == "tr":
			inRow, cells = true, 0
		case one.kind == endBlock && one.tag == "tr":
			inRow = false
			b.WriteByte('\n')
		case one.kind == startBlock && (one.tag == "td" || one.tag == "th"):
			if cells > 0 {
				b.WriteByte('\t')
			}
			cells++
		case one.kind == textBlock:
			for j := range one.lines {
				if inRow && j > 0 {
					b.WriteByte(' ')
				}
				b.WriteString(vietnamese.Clean(one.lines[j].text)) // NFC across elements
				if !inRow {
					b.WriteByte('\n')
				}
			}
		}
	}
	return strings.Clone(strings.TrimSpace(b.String())) // a third of what was set aside is for tags
}

// renderHTML writes a body in its canonical form.
func renderHTML(blocks []block) string {
	var b strings.Builder
	b.Grow(sizeOf(blocks))
	for i := range blocks {
		switch one := &blocks[i]; one.kind {
		case startBlock:
			b.WriteString("<" + one.tag + one.spans + ">")
		case endBlock:
			b.WriteString("</" + one.tag + ">")
		case figureBlock:
			writeFigure(&b, one)
		case textBlock:
			writeText(&b, one)
		}
	}
	return b.String()
}

// writeText writes a text block.
func writeText(b *strings.Builder, one *block) {
	if one.tag != "" {
		b.WriteString("<" + one.tag + ">")
	}
	for i := range one.lines {
		if i > 0 {
			b.WriteString("<br/>")
		}
		leads := false
		for _, p := range one.lines[i].pieces {
			if p.tag == "a" && p.kind == openPiece {
				leads = p.text != ""
			}
			if p.tag != "a" || leads {
				writePiece(b, p)
			}
		}
	}
	if one.tag != "" {
		b.WriteString("</" + one.tag + ">")
	}
}

func writePiece(b *strings.Builder, p piece) {
	switch {
	case p.kind == textPiece:
		b.WriteString(html.EscapeString(p.text))
	case p.kind == closePiece:
		b.WriteString("</" + p.tag + ">")
	case p.tag == "a":
		b.WriteString(`<a href="` + html.EscapeString(p.text) + `">`)
	default:
		b.WriteString("<" + p.tag + ">")
	}
}

func writeFigure(b *strings.Builder, one *block) {
	b.WriteString(`<figure><img src="` + html.EscapeString(one.image.URL) +
		`" alt="` + html.EscapeString(one.alt) + `"/>`)
	switch caption, credit := html.EscapeString(one.image.Caption), html.EscapeString(one.credit); {
	case caption != "" && credit != "":
		b.WriteString("<figcaption>" + caption + "<br/>" + credit + "</figcaption>")
	case caption+credit != "":
		b.WriteString("<figcaption>" + caption + credit + "</figcaption>")
	}
	b.WriteString("</figure>")
}
