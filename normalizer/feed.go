package normalizer

import (
	"bytes"
	"fmt"
	"io"
	"slices"

	"bantin/internal/article"
)

// A feed is what a document says, before anything is made of it.
type feed struct {
	link      string // of the site, against which links of RSS resolve
	language  string
	generator string
	wishes    wishes
	salvaged  bool // it is not well-formed
	items     []item
	truncated bool // see Result
}

// An item is what a feed says of one article, in the feed's own words.
type item struct {
	title, link, guid  string
	summary, content   string // HTML, or text that may hold entities
	published, updated string // raw: see date.go
	authors            []string
	categories         []string
	images             []string
	language           string
}

// An xmlFeed is the text of a feed from its root element on, and its outline.
type xmlFeed struct {
	root  string // rss, rdf or feed
	text  []byte
	shape outline
	// unended says that the text was cut off where a whole item ended, and that its
	// end is ours.
	unended bool
}

// Feed reads a feed in RSS, Atom or JSON Feed. The error is one of the
// sentinels; what could be read in spite of a fault is a Result with warnings.
func (n *Normalizer) Feed(src article.Source, doc Document) (Result, error) {
	text, warnings := decodeText(doc.Body, doc.ContentType)
	doc.Body = nil // of a large document no more is held than is needed
	result, err := n.readText(text, src, doc)
	result.Warnings = append(warnings, result.Warnings...)
	return result, err
}

// readText finds out what the text is and reads it.
func (n *Normalizer) readText(text []byte, src article.Source, doc Document) (Result, error) {
	if start := bytes.TrimSpace(text); len(start) > 0 && start[0] == '{' {
		return n.readJSON(start, src, doc)
	}
	x, warnings, err := findFeed(text)
	if err != nil {
		if object := jsonInside(text); object != nil {
			result, err := n.readJSON(object, src, doc)
			result.Warnings = append([]string{warnJunk}, result.Warnings...)
			return result, err
		}
		return Result{Warnings: warnings}, err
	}
	result, err := n.readXML(x, src, doc)
	result.Warnings = append(warnings, result.Warnings...)
	return result, err
}

func (n *Normalizer) readJSON(text []byte, src article.Source, doc Document) (Result, error) {
	decoded, warnings, err := decodeJSON(text)
	if err != nil {
		return Result{Warnings: warnings}, err
	}
	result := readAll(newMapping(n, src, doc, decoded), warnings)
	result.keep(text)
	return result, nil
}

// maxKept is how long a document may be that is worth keeping: several times the
// longest feed of a paper. A longer one is not held in memory for it.
const maxKept = 512 << 10

func (r *Result) keep(text []byte) {
	if len(text) <= maxKept {
		r.Kept = text
	}
}

const warnJunk = "text before the feed was cut off"

// readXML reads what is new of a feed that can be cut into its items, and
// anything else whole.
func (n *Normalizer) readXML(x *xmlFeed, src article.Source, doc Document) (Result, error) {
	pieces, divided := cutFeed(x, src, doc)
	var marks []uint64
	if divided {
		if result, ok := n.readNew(pieces, src, doc); ok {
			return result, nil
		}
		marks = pieces.marks // without the items, which hold the whole text
	}
	decoded, warnings, err := decodeXML(x)
	if err != nil {
		return Result{Warnings: warnings}, err
	}
	m := newMapping(n, src, doc, decoded)
	result := readAll(m, warnings)
	if divided && !decoded.salvaged {
		result.Items = m.fingerprints(marks)
	}
	result.keep(x.text)
	return result, nil
}

// readAll maps all that was decoded.
func readAll(m *mapping, warnings []string) Result {
	articles := m.articles()
	hints := m.feed.wishes.hints()
	hints.measure(articles)
	return Result{
		Articles: articles, Warnings: append(warnings, m.warnings...), Hints: hints, Truncated: m.feed.truncated, Removed: m.removed,
	}
}

// findFeed finds the root element and scans what follows.
func findFeed(text []byte) (*xmlFeed, []string, error) {
	text, warnings := dropIllegal(text)
	root, found := findRoot(text)
	if !found {
		if inside := escapedFeed(text); inside != nil {
			x, more, err := findFeed(inside)
			return x, append(append(warnings, "the feed was escaped as text"), more...), err
		}
		return nil, warnings, notAFeed(text)
	}
	if root.junk {
		warnings = append(warnings, warnJunk)
	}
	text, cut := shortenRuns(text[root.at:])
	warnings = append(warnings, cut...)
	x := &xmlFeed{root: root.name, text: directoryBases(text)}
	return x, append(warnings, x.mend()...), nil
}

// mend mends what shows in the text as a whole, and surveys it.
func (x *xmlFeed) mend() (warnings []string) {
	if lowered, ok := lowerNames(x.text); ok {
		x.text = lowered
		warnings = append(warnings, "the names of elements are in capitals; they were read in lower case")
	}
	x.shape = survey(x.text)
	if joined, ok := joinFeeds(x); ok {
		x.text, x.shape = joined, survey(joined)
		warnings = append(warnings, "several feeds follow each other; they were read as one")
	}
	if finished, ok := finishItem(x); ok {
		x.text, x.shape, x.unended = finished, survey(finished), true
		warnings = append(warnings, fmt.Sprintf("the feed is cut off; whole items read: %d", x.shape.kept))
	}
	return warnings
}

// decodeXML decodes the text from the root element on. A sound document is read
// as it is; one that was cut off is closed behind its last whole item; anything
// else is tidied, and then salvaged item by item.
func decodeXML(x *xmlFeed) (feed, []string, error) {
	shape := &x.shape
	if shape.refused != nil {
		return feed{}, nil, shape.refused
	}
	decoded, err := parseShape(x.root, x.text, shape)
	if err == nil && !shape.odd && len(decoded.items) >= shape.kept && (shape.whole || shape.kept > 0) {
		decoded.truncated = !shape.whole && !shape.long || x.unended
		return decoded, shape.warnings(), nil
	}
	salvaged, lost, refused := salvage(x.root, x.text)
	if refused != nil {
		return feed{}, nil, refused
	}
	if len(salvaged.items) < len(decoded.items) {
		salvaged, lost = decoded, 0
	}
	if len(salvaged.items) == 0 && (err != nil || !shape.whole) {
		return feed{}, nil, unparsable(shape, err)
	}
	salvaged.truncated = !shape.whole && !endsRoot(x.text)
	salvaged.salvaged = true
	return salvaged, salvageWarnings(len(salvaged.items), lost), nil
}

// endsRoot reports whether the end tag of the root element at the start of text
// stands anywhere: a fault can hide it from the scan.
func endsRoot(text []byte) bool {
	return bytes.Contains(text, slices.Concat([]byte("</"), text[1:nameEnd(text, 1)]))
}

// warnings says what of the document is not read.
func (o *outline) warnings() []string {
	var warnings []string
	switch {
	case o.long:
		warnings = append(warnings, fmt.Sprintf("the feed has more than %d tags; whole items read: %d", maxMarks, o.kept))
	case !o.whole:
		warnings = append(warnings, fmt.Sprintf("the feed is cut off; whole items read: %d", o.kept))
	}
	if o.items > o.kept {
		warnings = append(warnings, tooManyItems(o.items, o.kept))
	}
	return warnings
}

func tooManyItems(items, kept int) string {
	return fmt.Sprintf("the feed has %d items; the first %d were read, %d were left", items, kept, items-kept)
}

func salvageWarnings(items, lost int) []string {
	warnings := []string{"the feed is not well-formed; its items were read one by one"}
	if items+lost >= maxItems {
		warnings = append(warnings, fmt.Sprintf("no more than %d items were read", maxItems))
	}
	return append(warnings, lostItems(lost)...)
}

func lostItems(lost int) []string {
	if lost == 0 {
		return nil
	}
	return []string{fmt.Sprintf("items that could not be read: %d", lost)}
}

func unparsable(shape *outline, err error) error {
	if err == nil || !shape.whole {
		return fmt.Errorf("%w: cut off before the end of its first item", ErrUnparsable)
	}
	return fmt.Errorf("%w: %w", ErrUnparsable, err)
}

// parseShape parses what the scan found fit: the whole root element, or the
// items up to the cut with their parents closed.
func parseShape(root string, text []byte, shape *outline) (feed, error) {
	if shape.whole && shape.items == shape.kept {
		return parseXML(root, bytes.NewReader(text[:shape.end]))
	}
	return parseXML(root, io.MultiReader(bytes.NewReader(text[:shape.cut]), bytes.NewReader(shape.closers)))
}
