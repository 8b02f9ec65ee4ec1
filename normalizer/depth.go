package normalizer

import (
	"bytes"
	"fmt"
)

const (
	// maxDepth is how deep elements may nest. A feed has about ten levels, the
	// XHTML inside an entry some thirty more. gofeed recurses once a level and
	// overflows the stack at about two million.
	maxDepth = 100
	// maxItems is how many items of one document are read. The longest real feed
	// has some hundreds; a source shows its newest first.
	maxItems = 1000
	// maxMarks is how many tags and CDATA sections are read: 1,000 items of 250
	// XHTML elements each. gofeed copies the namespaces at every one.
	maxMarks = 500_000
	// maxChildren is how many elements and sections may stand in one that is no
	// item. gofeed copies all text before each of them; 2,000 times 10 MB is a
	// second.
	maxChildren = 2000
	// maxComments is how many comments are left for gofeed, which pays for them
	// as for elements. More are taken out.
	maxComments = 100
	// maxNamespaces is how many declarations may be in force at one place, since
	// gofeed copies all of them at every element. Real feeds have up to fifteen.
	maxNamespaces = 32
	// maxOuterTag is the longest start tag of what stands around the items, in
	// bytes. Real ones have some hundreds; salvage copies the root's for each item.
	maxOuterTag = 64 << 10
)

// An outline is what one scan over the bytes of a feed learns, before any
// parser sees them.
type outline struct {
	items   int    // whole items in the document
	kept    int    // whole items up to cut, at most maxItems
	cut     int    // end of the last item kept
	closers []byte // the end tags of what is open at cut
	end     int    // end of the root element; the length when that stays open
	whole   bool   // the root element was closed
	odd     bool   // something is there that gofeed rejects or misreads
	long    bool   // there are more tags than are read
	refused error  // why the document must not be parsed at all
	spans   []span // the items kept
	parents []span // the start tags around the first item
}

// A span is a part of the text, from its first byte to behind its last.
type span struct {
	start, end int
}

// survey scans the bytes from the root element on. It knows tags, attributes in
// quotes, comments, CDATA sections and processing instructions the way
// encoding/xml does, so that nothing is an element there that is none here. It
// allocates two numbers an item and looks at each byte once.
func survey(text []byte) outline {
	s := scanner{text: text}
	for s.more() {
		s.step()
	}
	return s.outline
}

type scanner struct {
	outline

	text     []byte
	i        int
	marks    int
	comments int
	done     bool

	stack  [maxDepth]openElement
	depth  int
	itemAt int // depth of the item that is open; 0 outside
}

type openElement struct {
	start, end int // of the name
	namespaces int // declared here and above
	children   int
}

func (s *scanner) name(level int) []byte {
	return s.text[s.stack[level].start:s.stack[level].end]
}

// more moves to the next markup. Behind the last item that is kept it only counts.
func (s *scanner) more() bool {
	if s.items < maxItems {
		s.marks++
	}
	if s.marks > maxMarks {
		s.long = true
		s.stop()
	}
	if s.done {
		return false
	}
	next := bytes.IndexByte(s.text[s.i:], '<')
	if next < 0 {
		s.stop()
		return false
	}
	s.i += next + 1
	return true
}

// stop ends the scan before the root is closed. What is whole can be cut off.
func (s *scanner) stop() {
	s.done, s.end = true, len(s.text)
}

// refuse ends the scan because of what would harm a parser. Nothing that is not
// kept can harm one.
func (s *scanner) refuse(format string, limit int) {
	s.stop()
	if s.items < maxItems {
		s.refused = fmt.Errorf("%w: "+format, ErrUnparsable, limit)
	}
}

func (s *scanner) step() {
	rest := s.text[s.i:]
	switch {
	case len(rest) == 0:
		s.stop()
	case rest[0] == '/':
		s.endTag()
	case isNameStart(rest[0]):
		s.startTag()
	case bytes.HasPrefix(rest, []byte("![CDATA[")):
		s.cdata()
	case bytes.HasPrefix(rest, []byte("!--")):
		s.comment()
	case rest[0] == '?': // it could switch the encoding of what follows
		s.odd = true
		s.skipPast("?>")
	default: // a bare < or a directive inside the document
		s.odd = true
	}
}

func (s *scanner) skipPast(terminator string) {
	end := bytes.Index(s.text[s.i:], []byte(terminator))
	if end < 0 {
		s.stop()
		s.i = len(s.text)
		return
	}
	s.i += end + len(terminator)
}

// comment steps over a comment. encoding/xml gives up on a -- inside of it.
func (s *scanner) comment() {
	s.i += len("!--")
	start := s.i
	s.skipPast("-->")
	s.comments++
	inside := bytes.Index(s.text[start:s.i], []byte("--"))
	if s.comments > maxComments || start+inside+len("-->") != s.i {
		s.odd = true
	}
}

func (s *scanner) cdata() {
	start := s.i
	s.skipPast("]]>")
	s.addChild()
	s.noteSwallowed(s.text[start:s.i])
}

// noteSwallowed looks for items inside of a section or a tag. One that was never
// closed runs to the end of the next and takes the items between them with it.
func (s *scanner) noteSwallowed(text []byte) {
	if bytes.Contains(text, []byte("</item>")) || bytes.Contains(text, []byte("</entry>")) {
		s.odd = true
	}
}

// addChild counts what stands in an element. The root, its channel and the items
// may hold any number.
func (s *scanner) addChild() {
	if s.depth == 0 {
		return
	}
	top := &s.stack[s.depth-1]
	top.children++
	if top.children <= maxChildren || s.depth == 1 || s.itemAt == s.depth ||
		s.depth == 2 && bytes.EqualFold(s.name(1), []byte("channel")) {
		return
	}
	s.refuse("more than %d elements inside one", maxChildren)
}

func (s *scanner) startTag() {
	start := s.i
	closing := tagEnd(s.text, start)
	if closing < 0 {
		s.stop()
		s.noteSwallowed(s.text[start:])
		return
	}
	s.i = closing + 1
	s.addChild()
	s.noteSwallowed(s.text[start:s.i])
	if closing-start > maxOuterTag && s.isOuter(s.text[start:nameEnd(s.text, start)]) {
		s.refuse(outerTagTooLong, maxOuterTag)
		return
	}
	if s.text[closing-1] == '/' {
		if s.depth == 0 {
			s.finish()
		}
		return
	}
	if s.depth == maxDepth {
		s.refuse("elements nested more than %d deep", maxDepth)
		return
	}
	namespaces := s.declared(s.text[start:closing])
	if namespaces > maxNamespaces {
		s.refuse("more than %d namespaces", maxNamespaces)
		return
	}
	s.stack[s.depth] = openElement{start: start, end: nameEnd(s.text, start), namespaces: namespaces}
	s.depth++
	s.enterItem()
}

const outerTagTooLong = "the start tag of the root or its channel is longer than %d bytes"

// isOuter reports whether an element of that name, here, is the root or its channel.
func (s *scanner) isOuter(name []byte) bool {
	return s.depth == 0 || s.depth == 1 && bytes.EqualFold(name, []byte("channel"))
}

// declared counts the namespaces in force inside a tag.
func (s *scanner) declared(tag []byte) int {
	above := 0
	if s.depth > 0 {
		above = s.stack[s.depth-1].namespaces
	}
	if len(tag) < len(`a xmlns=""`) {
		return above
	}
	return above + bytes.Count(tag, []byte("xmlns"))
}

// enterItem notes that an item begins: an <item> or <entry> in the root element
// or in its channel. One inside another means that an end tag is missing.
func (s *scanner) enterItem() {
	if s.depth > 3 && s.itemAt == 0 || !isItemName(s.name(s.depth-1)) {
		return
	}
	if s.itemAt != 0 {
		s.odd = true
		return
	}
	s.itemAt = s.depth
	if s.items == 0 {
		s.noteParents()
	}
}

func (s *scanner) noteParents() {
	for level := range s.depth - 1 {
		start := s.stack[level].start
		s.parents = append(s.parents, span{start - 1, tagEnd(s.text, start) + 1})
	}
}

func isItemName(name []byte) bool {
	if len(name) > len("entry") {
		name = bytes.TrimPrefix(name, []byte("atom:"))
	}
	return len(name) == 4 && bytes.EqualFold(name, []byte("item")) ||
		len(name) == 5 && bytes.EqualFold(name, []byte("entry"))
}

func (s *scanner) endTag() {
	start := s.i + 1
	closing := bytes.IndexByte(s.text[start:], '>')
	if closing < 0 {
		s.stop()
		return
	}
	s.i = start + closing + 1
	name := s.text[start:nameEnd(s.text[:start+closing], start)]
	level := s.depth - 1
	for level >= 0 && !bytes.Equal(s.name(level), name) {
		level--
		s.odd = true
	}
	if level >= 0 {
		s.closeTo(level)
	}
}

// closeTo closes all elements down to a level.
func (s *scanner) closeTo(level int) {
	s.depth = level
	if s.itemAt > level {
		start := s.stack[s.itemAt-1].start - 1
		s.itemAt = 0
		s.leaveItem(start)
	}
	if level == 0 {
		s.finish()
	}
}

func (s *scanner) leaveItem(start int) {
	s.items++
	if s.items > maxItems {
		return
	}
	s.spans = append(s.spans, span{start, s.i})
	s.kept, s.cut = s.items, s.i
	s.closers = s.closers[:0]
	for level := s.depth - 1; level >= 0; level-- {
		s.closers = append(append(append(s.closers, "</"...), s.name(level)...), '>')
	}
}

func (s *scanner) finish() {
	s.done, s.whole, s.end = true, true, s.i
}

// tagEnd is the index of the > that closes the tag, or -1. A > in quotes does
// not (XML 1.0 §3.1).
func tagEnd(text []byte, from int) int {
	quote := byte(0)
	for i := from; i < len(text); i++ {
		c := text[i]
		switch {
		case quote != 0:
			next := bytes.IndexByte(text[i:], quote)
			if next < 0 {
				return -1
			}
			i += next
			quote = 0
		case c == '>':
			return i
		case c == '"' || c == '\'':
			quote = c
		}
	}
	return -1
}

func nameEnd(text []byte, from int) int {
	for i := from; i < len(text); i++ {
		switch text[i] {
		case ' ', '\t', '\r', '\n', '/', '>':
			return i
		}
	}
	return len(text)
}

func isNameStart(c byte) bool {
	return isWordByte(c) || c == '_' || c == ':'
}
