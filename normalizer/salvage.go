package normalizer

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

const (
	// maxSalvage is the longest item that is salvaged; the longest real one, with
	// its whole text, has some hundred KB.
	maxSalvage = 1 << 20
	// maxFields is how many fields of one item are salvaged; real ones have
	// about ten, and some a few dozen categories.
	maxFields = 500
)

// salvage reads a feed that is not well-formed: tidied if that is enough, else
// each item in a document of its own, so that a fault in one costs no other.
// lost counts the items that even so could not be read.
func salvage(root string, text []byte) (decoded feed, lost int, err error) {
	tidied := tidy(text)
	shape := survey(tidied)
	if shape.refused == nil && !shape.odd && shape.whole && shape.items == shape.kept {
		whole, err := parseShape(root, tidied, &shape)
		if err == nil && len(whole.items) >= shape.items {
			return whole, 0, nil
		}
	}
	s := salvager{root: root}
	head, pieces := s.split(text)
	if len(s.open) > maxOuterTag { // a tag that the survey could not see the end of
		return feed{}, 0, fmt.Errorf("%w: "+outerTagTooLong, ErrUnparsable, maxOuterTag)
	}
	decoded, _ = s.parse(relaxFields(head, maxFields))
	decoded.items = nil
	for _, piece := range pieces {
		found, ok := s.item(piece)
		if !ok {
			lost++
			continue
		}
		decoded.items = append(decoded.items, found)
	}
	return decoded, lost, nil
}

type salvager struct {
	root string
	open []byte // the start tags around an item
	end  string // the end tags
}

// itemName is what items are called under the root.
func (s *salvager) itemName() string {
	if s.root == "feed" {
		return "entry"
	}
	return "item"
}

// split divides the text into what stands before the first item, without the
// tags around it, and the items. It looks for tags wherever they stand, because
// a CDATA section that lost its end hides them.
func (s *salvager) split(text []byte) (head []byte, items [][]byte) {
	start, end := []byte("<"+s.itemName()), []byte("</"+s.itemName()+">")
	first := nextTag(text, start, 0)
	if first < 0 {
		first = len(text)
	}
	head = s.wrap(text[:first])
	for at := first; at < len(text) && len(items) < maxItems; {
		next := nextTag(text, start, at+1)
		piece := text[at:max(next, at)]
		if next < 0 {
			piece, next = text[at:], len(text)
		}
		switch closing := bytes.Index(piece, end); {
		case closing >= 0:
			items = append(items, piece[:closing+len(end)])
		case next < len(text): // the next item begins where this one should end
			items = append(items, slices.Concat(piece, end))
		case s.outerEnd(piece) >= 0: // or the feed ends
			items = append(items, slices.Concat(piece[:s.outerEnd(piece)], end))
		}
		at = next
	}
	return head, items
}

// outerEnd is where what is around the items ends, or -1.
func (s *salvager) outerEnd(text []byte) int {
	outer := s.end[:strings.IndexByte(s.end, '>')+1]
	return bytes.LastIndex(text, []byte(outer))
}

// nextTag finds a start tag by its beginning, such as "<item".
func nextTag(text, beginning []byte, from int) int {
	for from < len(text) {
		at := bytes.Index(text[from:], beginning)
		if at < 0 {
			return -1
		}
		from += at
		behind := from + len(beginning)
		if behind < len(text) && bytes.IndexByte([]byte("> \t\r\n"), text[behind]) >= 0 {
			return from
		}
		from = behind
	}
	return -1
}

// wrap takes the tags around the items off the head and keeps them, mended, for
// each of the new documents.
func (s *salvager) wrap(head []byte) []byte {
	closing := looseTagEnd(head)
	if closing < 0 {
		return nil
	}
	tag := mendTag(head[:closing+1])
	s.open = tag
	s.end = "</" + string(tag[1:nameEnd(tag, 1)]) + ">"
	head = head[closing+1:]
	if s.root == "feed" {
		return head
	}
	if channel := nextTag(head, []byte("<channel"), 0); channel >= 0 {
		if closing := tagEnd(head, channel+1); closing >= 0 {
			head = head[closing+1:]
		}
	}
	s.open = slices.Concat(s.open, []byte("<channel>"))
	s.end = "</channel>" + s.end
	return head
}

// parse parses a document of the given content.
func (s *salvager) parse(content []byte) (feed, error) {
	text := slices.Concat(s.open, content, []byte(s.end))
	shape := survey(text)
	switch {
	case shape.refused != nil:
		return feed{}, shape.refused
	case shape.odd || !shape.whole:
		return feed{}, ErrUnparsable
	}
	return parseXML(s.root, bytes.NewReader(text[:shape.end]))
}

// item reads one item, first as it is and then with its fields set right.
func (s *salvager) item(piece []byte) (item, bool) {
	if decoded, err := s.parse(piece); err == nil && len(decoded.items) == 1 {
		return decoded.items[0], true
	}
	if len(piece) > maxSalvage {
		return item{}, false
	}
	open, closing := tagEnd(piece, 1), bytes.LastIndex(piece, []byte("</"))
	if open < 0 || closing < open {
		return item{}, false
	}
	fields := relaxFields(piece[open+1:closing], maxFields)
	name := s.itemName()
	decoded, err := s.parse(slices.Concat([]byte("<"+name+">"), fields, []byte("</"+name+">")))
	if err != nil || len(decoded.items) != 1 {
		return item{}, false
	}
	return decoded.items[0], true
}

// relaxFields rewrites the elements side by side in text so that no fault inside
// one reaches another: their tags mended, and content that holds markup made a
// CDATA section.
func relaxFields(text []byte, limit int) []byte {
	var out []byte
	for ; limit > 0; limit-- {
		open := bytes.IndexByte(text, '<')
		if open < 0 || open+1 >= len(text) {
			break
		}
		text = text[open:]
		if !isNameStart(text[1]) {
			text = text[1:]
			continue
		}
		closing := looseTagEnd(text)
		if closing < 0 {
			break
		}
		tag, name := text[:closing+1], text[1:nameEnd(text, 1)]
		text = text[closing+1:]
		out = append(out, mendTag(tag)...)
		if closesItself(tag) {
			continue
		}
		content, rest := fieldContent(text, name)
		text = rest
		out = append(out, relaxContent(name, content, limit)...)
		out = append(append(append(out, "</"...), name...), '>')
	}
	return out
}

// looseTagEnd is the index of the > that closes the tag at the start of text, or
// -1. Where a quote was left open, it is the first.
func looseTagEnd(text []byte) int {
	end := tagEnd(text, 1)
	if end < 0 || bytes.IndexByte(text[1:end], '<') >= 0 {
		return bytes.IndexByte(text, '>')
	}
	return end
}

// fieldContent is what stands up to the end tag of the field; up to the next tag
// where the end tag is missing.
func fieldContent(text, name []byte) (content, rest []byte) {
	if end := bytes.Index(text, slices.Concat([]byte("</"), name)); end >= 0 {
		rest = text[end:]
		return text[:end], rest[reach(rest, ">"):]
	}
	if start := len(text) - len(bytes.TrimLeft(text, " \t\r\n")); bytes.HasPrefix(text[start:], []byte("<![CDATA[")) {
		end := reach(text, "]]>")
		return text[:end], text[end:]
	}
	end := bytes.IndexByte(text, '<')
	if end < 0 {
		end = len(text)
	}
	return text[:end], text[end:]
}

// relaxContent makes content that holds markup a CDATA section. The person
// constructs of Atom (RFC 4287 §3.2), a picture's url and the hours and days of
// RSS 2.0 are elements in truth.
func relaxContent(name, content []byte, limit int) []byte {
	if !bytes.ContainsRune(content, '<') && !bytes.Contains(content, []byte("]]>")) {
		return content
	}
	switch string(name) {
	case "author", "contributor", "media:group", "skipHours", "skipDays":
		if bytes.Contains(content, []byte("</")) && !bytes.Contains(content, []byte("<![CDATA[")) {
			return relaxFields(content, limit-1)
		}
	}
	content = bytes.ReplaceAll(content, []byte("<![CDATA["), nil)
	content = bytes.ReplaceAll(content, []byte("]]>"), nil)
	return slices.Concat([]byte("<![CDATA["), content, []byte("]]>"))
}

// mendTag rewrites a start tag with its attributes in quotes, as HTML would read
// them.
func mendTag(tag []byte) []byte {
	out := append([]byte("<"), tag[1:nameEnd(tag, 1)]...)
	tokens := html.NewTokenizer(bytes.NewReader(tag))
	tokens.Next()
	tokens.TagName()
	for more := true; more; {
		var name, value []byte
		name, value, more = tokens.TagAttr()
		if isAttributeName(name) {
			out = append(append(append(out, ' '), name...), `="`...)
			out = append(append(out, html.EscapeString(string(value))...), '"')
		}
	}
	if closesItself(tag) {
		out = append(out, '/')
	}
	return append(out, '>')
}

// isAttributeName reports whether encoding/xml would read a name. Those of feeds
// are ASCII.
func isAttributeName(name []byte) bool {
	for _, c := range name {
		if !isASCIILetter(c) && !isDigit(c) && c != ':' && c != '_' && c != '-' && c != '.' {
			return false
		}
	}
	return len(name) > 0 && !isDigit(name[0]) && name[0] != '-' && name[0] != '.'
}

// closesItself tells <a/> from <a href=http://mau.example.vn/>, where the slash
// belongs to the link.
func closesItself(tag []byte) bool {
	rest, slash := bytes.CutSuffix(tag, []byte("/>"))
	if !slash {
		return false
	}
	last := rest[len(rest)-1]
	return !bytes.ContainsRune(rest, '=') || bytes.IndexByte([]byte(" \t\r\n\"'"), last) >= 0
}
