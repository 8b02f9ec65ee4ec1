package normalizer

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"io"
	"slices"
	"strconv"
	"strings"

	"bantin/internal/article"
)

// rulesVersion stands for all that this package knows. Raise it when a change
// makes other articles of the same bytes: every item is then read again at the
// next change of its feed.
const rulesVersion = 2

const (
	// keyBits are the lowest bits of a fingerprint. They come from the id of the
	// article, so that two items with one id are told without reading both. The
	// other 48 come from the bytes; that a changed item has those of one of a
	// hundred others happens once in 2.8 million million changes.
	keyBits = 16
	keyMask = 1<<keyBits - 1
)

// A cut is a feed divided into its items and what stands around them, so that
// only items whose bytes are new go to gofeed. Reading some items of a cut gives
// the articles that reading all of them gives; where that is in doubt, there is
// no cut.
type cut struct {
	root   string
	before []byte   // what stands before the first item, from the root element on
	after  []byte   // what stands behind the last, to the end of the root element
	around feed     // what these two say
	items  [][]byte // in document order
	marks  []uint64 // of the items: their fingerprints without the keys
}

// cutFeed divides a sound feed whose items stand side by side. ok is false in
// doubt.
func cutFeed(x *xmlFeed, src article.Source, doc Document) (c *cut, ok bool) {
	shape := &x.shape
	if !shape.isSound() || x.unended || len(shape.spans) == 0 || !sideBySide(x.text, shape.spans) {
		return nil, false
	}
	first, last := shape.spans[0], shape.spans[len(shape.spans)-1]
	c = &cut{root: x.root, before: x.text[:first.start], after: x.text[last.end:shape.end]}
	around, err := c.decode(nil)
	if err != nil || len(around.items) > 0 || isNukeViet(around.generator) {
		return nil, false // the dates of NukeViet are judged all together
	}
	c.around = around
	c.mark(x, context(x, &around, src, doc))
	return c, true
}

// isSound reports whether gofeed is shown the root element as it is.
func (o *outline) isSound() bool {
	return o.refused == nil && o.whole && !o.odd && o.items == o.kept
}

// sideBySide reports whether nothing but white space stands between the items.
// They then have the same parents, and a document without some of them is sound.
func sideBySide(text []byte, spans []span) bool {
	for i, s := range spans[1:] {
		if len(bytes.Trim(text[spans[i].end:s.start], " \t\r\n")) > 0 {
			return false
		}
	}
	return true
}

// context is the hash of all on which the reading of an item depends beside its
// bytes: our rules, the source, what links resolve against, the tags around it
// with their namespaces, and the fields of the feed that mapping looks at. The
// title and the dates of the feed are not among them, so they may change.
func context(x *xmlFeed, around *feed, src article.Source, doc Document) []byte {
	f := fingerprint{hash: sha256.New()}
	f.number(rulesVersion)
	f.text(src.ID, src.Province, string(src.Dates), doc.URL, x.root, around.link, around.language, around.generator)
	for _, tag := range x.shape.parents {
		f.text(string(x.text[tag.start:tag.end]))
	}
	return f.hash.Sum(nil)
}

// mark takes the items out of the text and fingerprints them. SHA-256 is fast in
// hardware, and no source can make an item of its own look like another on purpose.
func (c *cut) mark(x *xmlFeed, context []byte) {
	c.items = make([][]byte, 0, len(x.shape.spans))
	c.marks = make([]uint64, 0, len(x.shape.spans))
	hash := sha256.New()
	var sum [sha256.Size]byte
	for _, s := range x.shape.spans {
		item := x.text[s.start:s.end]
		hash.Reset()
		hash.Write(context)
		hash.Write(item)
		c.items = append(c.items, item)
		c.marks = append(c.marks, binary.BigEndian.Uint64(hash.Sum(sum[:0]))&^keyMask)
	}
}

// decode decodes the feed as if it had these items only.
func (c *cut) decode(items [][]byte) (feed, error) {
	parts := make([]io.Reader, 0, len(items)+2)
	parts = append(parts, bytes.NewReader(c.before))
	for _, item := range items {
		parts = append(parts, bytes.NewReader(item))
	}
	parts = append(parts, bytes.NewReader(c.after))
	return parseXML(c.root, io.MultiReader(parts...))
}

// divide tells the items that were seen, by their fingerprints, from the new
// ones. Items with the same bytes are one.
func (c *cut) divide(seen []uint64) (known []uint64, items [][]byte, marks []uint64) {
	whole := make(map[uint64]uint64, len(seen))
	for _, item := range seen {
		whole[item&^keyMask] = item
	}
	met := make(map[uint64]bool, len(c.marks))
	for i, mark := range c.marks {
		if met[mark] {
			continue
		}
		met[mark] = true
		if item, ok := whole[mark]; ok {
			known = append(known, item)
			continue
		}
		items, marks = append(items, c.items[i]), append(marks, mark)
	}
	return known, items, marks
}

// readNew reads the items that were not seen. ok is false when none was seen, or
// when a new one could touch another or has a date that the others must settle:
// the document is then read whole.
func (n *Normalizer) readNew(c *cut, src article.Source, doc Document) (result Result, ok bool) {
	known, items, marks := c.divide(doc.Seen)
	if len(known) == 0 {
		return Result{}, false
	}
	result = Result{Items: known, Skipped: len(known), Hints: c.around.wishes.hints()}
	if len(items) == 0 {
		return result, true
	}
	decoded, err := c.decode(items)
	if err != nil {
		return Result{}, false
	}
	m := newMapping(n, src, doc, decoded)
	result.Articles, result.Removed = m.articles(), m.removed
	result.Warnings = m.warnings
	added := m.fingerprints(marks)
	if m.doubtful || len(added) == 0 || shareKeys(known, added) {
		return Result{}, false
	}
	result.Items = append(result.Items, added...)
	result.Kept = slices.Concat(append(append([][]byte{c.before}, items...), c.after)...)
	return result, true
}

// fingerprints adds the keys of the items to their marks. There are none where
// two items that differ have one id, or one guid: which of them is the article,
// and under which id, depends on both.
func (m *mapping) fingerprints(marks []uint64) []uint64 {
	if len(marks) != len(m.ids) || len(m.twice) > 0 {
		return nil
	}
	prints := make([]uint64, 0, len(marks))
	owners := make(map[string]uint64, len(marks))
	for i, mark := range marks {
		owner, known := owners[m.ids[i]]
		switch {
		case !known:
			owners[m.ids[i]] = mark
			prints = append(prints, mark|key(m.ids[i]))
		case owner != mark:
			return nil
		}
	}
	return prints
}

// key is the part of an article's id that a fingerprint carries.
func key(id string) uint64 {
	const digits = keyBits / 4
	n, err := strconv.ParseUint(id[max(0, len(id)-digits):], 16, keyBits)
	if err != nil { // no id of ours: it shares its key with all such
		return 0
	}
	return n
}

// shareKeys reports whether a new item may have the id of one that was seen. It
// is wrong once in 65,536 pairs, which costs one whole reading.
func shareKeys(known, added []uint64) bool {
	keys := make(map[uint64]bool, len(known))
	for _, item := range known {
		keys[item&keyMask] = true
	}
	for _, item := range added {
		if keys[item&keyMask] {
			return true
		}
	}
	return false
}

func isNukeViet(generator string) bool {
	return strings.Contains(generator, "NukeViet")
}
