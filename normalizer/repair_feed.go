package normalizer

import (
	"bytes"
	"regexp"
	"slices"
	"strings"

	"bantin/internal/vietnamese"
)

// lowerNames writes the names of elements and attributes in lower case where a
// program wrote the root or the items in capitals: XML tells <ITEM> from <item>.
// ok is false where none did.
func lowerNames(text []byte) (lowered []byte, ok bool) {
	if !hasCapitals(text) {
		return text, false
	}
	out := bytes.Clone(text)
	for i := 0; ; {
		open := bytes.IndexByte(out[i:], '<')
		if open < 0 {
			return out, true
		}
		i += open
		size, whole := markup(out[i:])
		if whole && (isNameStart(out[i+1]) || out[i+1] == '/') {
			lowerTag(out[i : i+size])
		}
		i += max(size, 1)
	}
}

// hasCapitals reports whether the root at the start of text, or its items, are
// written in capitals. That of RSS 1.0 is rdf:RDF.
func hasCapitals(text []byte) bool {
	name := string(text[1:nameEnd(text, 1)])
	_, local, prefixed := strings.Cut(name, ":")
	if !prefixed {
		local = name
	}
	if local != strings.ToLower(local) && local != "RDF" {
		return true
	}
	start := text[:min(len(text), maxProlog)] // the first item is not far
	return !hasItems(start) && capitalItem.Match(start)
}

var capitalItem = regexp.MustCompile(`<(?i:item|entry)[\s>]`)

// lowerTag writes the names in a tag in lower case, and leaves the values.
func lowerTag(tag []byte) {
	const bare = ' ' // ends a value without quotes
	quote := byte(0)
	for i, c := range tag {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '=' && tag[i+1] != '"' && tag[i+1] != '\'':
			quote = bare
		case 'A' <= c && c <= 'Z':
			tag[i] |= 0x20
		}
	}
}

// maxFeeds is how many documents in one are read. Two have been seen: the pages
// of a cache run together.
const maxFeeds = 10

// joinFeeds moves the items of the feeds that follow the first one, document
// behind document, to the end of its items. ok is false where there are none.
func joinFeeds(x *xmlFeed) (text []byte, ok bool) {
	if !x.shape.isSound() || x.shape.kept == 0 {
		return nil, false
	}
	rest := x.text[x.shape.end:]
	for range maxFeeds - 1 {
		root, found := findRoot(rest)
		if !found || root.name != x.root {
			break
		}
		rest = rest[root.at:]
		next := survey(rest)
		if !next.isSound() {
			break
		}
		if !ok {
			text, ok = slices.Clone(x.text[:x.shape.cut]), true
		}
		for _, s := range next.spans {
			text = append(text, rest[s.start:s.end]...)
		}
		rest = rest[next.end:]
	}
	return append(text, x.shape.closers...), ok
}

// finishItem gives the last item of a feed that was cut off its end tag, when that
// is all that it lacks: it has every field that the items before it have. ok is
// false otherwise; half an item could have another guid tomorrow.
func finishItem(x *xmlFeed) (text []byte, ok bool) {
	shape := &x.shape
	if shape.whole || shape.long || shape.odd || shape.refused != nil || shape.kept == 0 || shape.items > shape.kept {
		return nil, false
	}
	last := bytes.TrimSpace(x.text[shape.cut:])
	if len(last) < 2 || !isItemName(last[1:nameEnd(last, 1)]) || last[len(last)-1] != '>' {
		return nil, false
	}
	for _, field := range commonFields(x) {
		if !bytes.Contains(last, []byte(field)) {
			return nil, false
		}
	}
	end := slices.Concat([]byte("</"), last[1:nameEnd(last, 1)], []byte(">"), shape.closers)
	text = slices.Concat(x.text[:shape.cut], last, end)
	finished := survey(text)
	return text, finished.isSound() && finished.items == shape.items+1
}

var (
	section  = regexp.MustCompile(`(?s)<!\[CDATA\[.*?\]\]>`)
	startTag = regexp.MustCompile(`<[A-Za-z_][^\s/>]*`)
)

// commonFields are the beginnings of the start tags that each of the last items
// has. Ten show what is usual.
func commonFields(x *xmlFeed) []string {
	const enough = 10
	spans := x.shape.spans
	spans = spans[max(0, len(spans)-enough):]
	counts := map[string]int{}
	for _, s := range spans {
		tags := startTag.FindAllString(string(section.ReplaceAll(x.text[s.start:s.end], nil)), -1)
		slices.Sort(tags)
		for _, tag := range slices.Compact(tags) {
			counts[tag]++
		}
	}
	var fields []string
	for tag, count := range counts {
		if count == len(spans) {
			fields = append(fields, tag)
		}
	}
	return fields
}

// withoutLeftovers takes what programs left of their own work out of a field: the
// marks of CDATA sections that were escaped or closed twice, and the part of a
// letter at the end of a text that was cut by bytes.
func withoutLeftovers(field string) string {
	field = strings.TrimSpace(field)
	if strings.Contains(field, "]]>") || strings.Contains(field, "<![CDATA[") {
		field = strings.TrimSpace(strings.NewReplacer("<![CDATA[", "", "]]>", "").Replace(field))
	}
	return strings.TrimRight(strings.TrimRight(field, "\uFFFD"), " ")
}

// beginsWith reports whether a text begins with a lead, as a CMS makes one by
// cutting the text ("… cũng bắt…").
func beginsWith(text, lead string) bool {
	lead = strings.TrimRight(vietnamese.Fold(lead), ".… ")
	const room = 2 // white space and entities of the text are folded away
	return strings.HasPrefix(vietnamese.Fold(text[:min(len(text), room*len(lead))]), lead)
}
