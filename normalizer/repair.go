package normalizer

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// dropIllegal takes out what XML 1.0 §2.2 forbids and encoding/xml gives the
// whole document up for: control characters, U+FFFE and U+FFFF, and numeric
// references to them and to surrogates. Two surrogates that belong together are
// the character that they mean. The text must be valid UTF-8. Text without any is
// returned as it is.
func dropIllegal(text []byte) ([]byte, []string) {
	found := nextIllegal(text, 0)
	if found.size == 0 {
		return text, nil
	}
	clean := make([]byte, 0, len(text))
	count, from := 0, 0
	for found.size > 0 {
		clean = append(clean, text[from:found.at]...)
		if found.means != 0 {
			clean = utf8.AppendRune(clean, found.means)
		}
		from = found.at + found.size
		count++
		found = nextIllegal(text, from)
	}
	clean = append(clean, text[from:]...)
	return clean, []string{fmt.Sprintf("characters that XML forbids were removed: %d", count)}
}

// An illegal is a forbidden character or reference in a text.
type illegal struct {
	at, size int
	means    rune // what it stands for; 0 for nothing
}

// nextIllegal finds the next forbidden character or reference; one without a size
// for none.
func nextIllegal(text []byte, from int) illegal {
	for i := from; i < len(text); i++ {
		i += plainRun(text[i:])
		if i == len(text) {
			break
		}
		c := text[i]
		switch {
		case c >= ' ' && c != '&' && c != 0xef:
		case c == '&':
			if size, means := illegalReference(text[i:]); size > 0 {
				return illegal{i, size, means}
			}
		case c == 0xef: // U+FFFE and U+FFFF are EF BF BE and EF BF BF
			if i+2 < len(text) && text[i+1] == 0xbf && text[i+2] >= 0xbe {
				return illegal{at: i, size: 3}
			}
		case c != '\t' && c != '\n' && c != '\r':
			return illegal{at: i, size: 1}
		}
	}
	return illegal{}
}

// plainRun is a number of bytes at the start of text, in steps of eight, that
// hold no control character, no & and no EF. It finds them in eight bytes at once
// as Bit Twiddling Hacks does (haszero, hasless) and may stop early, never late.
func plainRun(text []byte) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	i := 0
	for ; i+8 <= len(text); i += 8 {
		word := binary.LittleEndian.Uint64(text[i:])
		control := (word - ' '*ones) &^ word
		ampersand := word ^ '&'*ones
		ampersand = (ampersand - ones) &^ ampersand
		special := word ^ 0xef*ones
		special = (special - ones) &^ special
		if (control|ampersand|special)&highs != 0 {
			break
		}
	}
	return i
}

// illegalReference is the length of a reference such as &#8; or &#x1F; at the
// start of text, or 0. Programs that count in UTF-16 write a character beyond
// U+FFFF as two references to surrogates, &#55357;&#56832;, which mean that one.
func illegalReference(text []byte) (size int, means rune) {
	r, size := reference(text)
	if size == 0 || !isForbidden(r) {
		return 0, 0
	}
	if utf16.IsSurrogate(r) {
		low, more := reference(text[size:])
		if means := utf16.DecodeRune(r, low); means != utf8.RuneError {
			return size + more, means
		}
	}
	return size, 0
}

// reference reads a numeric reference at the start of text; size is 0 for none.
func reference(text []byte) (r rune, size int) {
	const longest = len("&#x0000FFFF;")
	if len(text) < len("&#0;") || text[0] != '&' || text[1] != '#' {
		return 0, 0
	}
	end := bytes.IndexByte(text[:min(len(text), longest)], ';')
	if end < 0 {
		return 0, 0
	}
	digits, base := text[2:end], 10
	if len(digits) > 0 && digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(string(digits), base, 32)
	if err != nil || n > unicode.MaxRune {
		return 0, 0
	}
	return rune(n), end + 1
}

func isForbidden(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xfffe || r == 0xffff || utf16.IsSurrogate(r)
}

// maxRun is how many bytes one text of a feed may have: twice the longest body that
// is kept. encoding/xml and gofeed hold a text four times while they read it.
const maxRun = 2 << 20

// shortenRuns cuts the texts, between two tags or in a CDATA section, that are
// longer than maxRun.
func shortenRuns(text []byte) ([]byte, []string) {
	if len(text) <= maxRun {
		return text, nil
	}
	s := shortening{text: text}
	for i := 0; i < len(text); {
		end := runEnd(text, i)
		s.run(i, end, cutRun)
		i = markupEnd(text, end)
	}
	return s.result()
}

// A shortening leaves the ends of long runs of a text out.
type shortening struct {
	text, short []byte
	from        int // where what is not in short begins
	count       int
}

// run looks at one run of the text. cut takes off what a cut would leave in pieces.
func (s *shortening) run(start, end int, cut func([]byte) []byte) {
	if end-start <= maxRun {
		return
	}
	kept := start + len(cut(s.text[start:start+maxRun]))
	s.short = append(s.short, s.text[s.from:kept]...)
	s.from = end
	s.count++
}

func (s *shortening) result() ([]byte, []string) {
	if s.count == 0 {
		return s.text, nil
	}
	return append(s.short, s.text[s.from:]...), []string{fmt.Sprintf("texts of more than %d bytes were cut: %d", maxRun, s.count)}
}

// shortenStrings does the same for the strings of JSON.
func shortenStrings(text []byte) ([]byte, []string) {
	if len(text) <= maxRun {
		return text, nil
	}
	s := shortening{text: text}
	for i := 0; i < len(text); {
		start := i + reach(text[i:], `"`)
		end := stringEnd(text, start)
		s.run(start, end, cutString)
		i = end + 1
	}
	return s.result()
}

// stringEnd is where the string of JSON ends whose first character is at i.
func stringEnd(text []byte, i int) int {
	for i < len(text) {
		next := bytes.IndexAny(text[i:], "\"\\")
		switch {
		case next < 0:
			return len(text)
		case text[i+next] == '"':
			return i + next
		}
		i += next + len(`\"`)
	}
	return len(text)
}

// cutString takes off what the cut has left of a character or an escape (RFC 8259 §7).
func cutString(run []byte) []byte {
	run = wholeRunes(run)
	escape := bytes.LastIndexByte(run, '\\')
	if escape < 0 || len(run)-escape >= len(`\u0000`) {
		return run
	}
	return bytes.TrimRight(run[:escape], `\`)
}

// runEnd is where the text that begins at i ends.
func runEnd(text []byte, i int) int {
	terminator := "<"
	if bytes.HasSuffix(text[:i], []byte("<![CDATA[")) {
		terminator = "]]>"
	}
	if end := bytes.Index(text[i:], []byte(terminator)); end >= 0 {
		return i + end
	}
	return len(text)
}

// markupEnd is where the markup that begins at i ends, and the next text begins.
func markupEnd(text []byte, i int) int {
	switch rest := text[i:]; {
	case bytes.HasPrefix(rest, []byte("<![CDATA[")):
		return i + len("<![CDATA[")
	case bytes.HasPrefix(rest, []byte("<!--")):
		return i + reach(rest, "-->")
	case len(rest) > 1 && isNameStart(rest[1]):
		if end := tagEnd(text, i+1); end >= 0 {
			return end + 1
		}
		return len(text)
	}
	return i + reach(text[i:], ">")
}

// cutRun takes off what the cut has left of a character or a reference.
func cutRun(run []byte) []byte {
	const longest = len("&CounterClockwiseContourIntegral;") // of HTML's names
	run = wholeRunes(run)
	if open := bytes.LastIndexByte(run, '&'); open >= 0 && len(run)-open < longest {
		run = run[:open]
	}
	return run
}

// maxProlog is how far the root element may stand from the start: room for a
// banner, a stack trace or an internal DTD subset.
const maxProlog = 64 << 10

// A rootElement is where a feed begins.
type rootElement struct {
	at   int
	name string // rss, rdf or feed
	junk bool   // text or other elements stand before it
}

// findRoot looks for the root element of a feed. Everything before it, the XML
// declaration and a DOCTYPE with its entities among it, is not shown to the
// parser: the text is UTF-8 by now whatever the declaration says, and an entity
// that is never declared is never expanded.
func findRoot(text []byte) (rootElement, bool) {
	var root rootElement
	page := false
	prolog := text[:min(len(text), maxProlog)]
	for i := 0; i < len(prolog); {
		open := bytes.IndexByte(prolog[i:], '<')
		if open < 0 {
			return root, false
		}
		if len(bytes.TrimSpace(prolog[i:i+open])) > 0 {
			root.junk = true
		}
		i += open
		rest := prolog[i:]
		switch name := rootName(rest); {
		case name == "rss" || name == "rdf" || name == "feed":
			root.at, root.name = i, name
			return root, !page || hasItems(text[i:])
		case name == "html" || name == "body" || name == "head":
			page, root.junk = true, true
			i++
		case bytes.HasPrefix(rest, []byte("<?")):
			size, open := declarationLength(rest)
			i += size
			root.junk = root.junk || open
		case bytes.HasPrefix(rest, []byte("<!--")):
			i += reach(rest, "-->")
		case bytes.HasPrefix(rest, []byte("<!")):
			i += directiveLength(rest)
		default:
			root.junk = true
			i++
		}
	}
	return root, false
}

// hasItems reports whether a feed inside of a page is one, and not a word about
// feeds.
func hasItems(text []byte) bool {
	return bytes.Contains(text, []byte("<item")) || bytes.Contains(text, []byte("<entry"))
}

// declarationLength is how long an XML declaration or a processing instruction
// before the root is. Some lack the second ?, and some have no end at all: they
// are open, and end before the next tag.
func declarationLength(text []byte) (size int, open bool) {
	end := bytes.IndexAny(text[1:], "<>")
	switch {
	case end < 0:
		return len(text), true
	case text[1+end] == '<':
		return 1 + end, true
	}
	return 1 + end + 1, false
}

// escapedFeed is a feed that was escaped as a whole, to be shown to people: in an
// element pre, or as it is. It is nil for anything else.
func escapedFeed(text []byte) []byte {
	start := leadingTags.FindIndex(text[:min(len(text), maxProlog)])
	text = text[start[1]:]
	if !escapedRoot.Match(text[:min(len(text), declarationBytes)]) {
		return nil
	}
	return unescapeMarkup(text)
}

var (
	leadingTags = regexp.MustCompile(`^(?:\s|<[^>]*>)*`)
	escapedRoot = regexp.MustCompile(`^&lt;(?:\?xml\s|rss\s|feed\s|rdf:RDF\s)`)
)

// unescapeMarkup undoes one escaping.
func unescapeMarkup(text []byte) []byte {
	return []byte(strings.NewReplacer("&lt;", "<", "&gt;", ">", "&quot;", `"`, "&#34;", `"`, "&#39;", "'", "&apos;", "'", "&amp;", "&").Replace(string(text)))
}

// rootName is the name of the element at the start of text, without a prefix, in
// lower case; empty when there is none or it is long.
func rootName(text []byte) string {
	const longest = len("<atom:feed ")
	if len(text) < 2 || !isNameStart(text[1]) {
		return ""
	}
	text = text[:min(len(text), longest)]
	name := text[1:nameEnd(text, 1)]
	if colon := bytes.IndexByte(name, ':'); colon >= 0 {
		name = name[colon+1:]
	}
	return string(bytes.ToLower(name))
}

// reach is how many bytes go to the end of the terminator; all where it is missing.
func reach(text []byte, terminator string) int {
	end := bytes.Index(text, []byte(terminator))
	if end < 0 {
		return len(text)
	}
	return end + len(terminator)
}

// directiveLength is the length of a <!DOCTYPE …> with its internal subset, in
// which brackets nest and quotes hide (XML 1.0 §2.8).
func directiveLength(text []byte) int {
	depth, quote := 0, byte(0)
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case bytes.HasPrefix(text[i:], []byte("<!--")):
			i += reach(text[i:], "-->") - 1
		case c == '<':
			depth++
		case c == '>':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(text)
}

// tidy rewrites what encoding/xml stumbles over between the tags: comments,
// processing instructions and directives go; a bare < and a stray ]]> are
// escaped. Text in tags and in CDATA sections stays. What follows a tag or a
// section that never ends is cut off.
func tidy(text []byte) []byte {
	out := make([]byte, 0, len(text)+len(text)/64)
	for len(text) > 0 {
		open := bytes.IndexByte(text, '<')
		if open < 0 {
			open = len(text)
		}
		if between := text[:open]; bytes.Contains(between, []byte("]]>")) {
			out = append(out, bytes.ReplaceAll(between, []byte("]]>"), []byte("]]&gt;"))...)
		} else {
			out = append(out, between...)
		}
		text = text[open:]
		if isBareBracket(text) {
			out = append(out, "&lt;"...)
			text = text[1:]
			continue
		}
		size, keep := markup(text)
		tag := text[:size]
		text = text[size:]
		if section, ok := bytes.CutPrefix(tag, []byte("<![CDATA[")); ok && keep && bytes.Contains(section, []byte("<![CDATA[")) {
			tag = slices.Concat([]byte("<![CDATA["), bytes.ReplaceAll(section, []byte("<![CDATA["), nil))
			text = bytes.TrimPrefix(text, []byte("]]>")) // one section inside another ends twice
		}
		if keep {
			out = append(out, tag...)
		}
	}
	return out
}

func isBareBracket(text []byte) bool {
	return len(text) > 1 && !isNameStart(text[1]) && text[1] != '/' && text[1] != '!' && text[1] != '?'
}

// markup is the length of the markup at the start of text and whether it means
// anything to a feed. Markup that does not end takes the rest and means nothing.
func markup(text []byte) (size int, keep bool) {
	switch {
	case len(text) < 2:
		return len(text), false
	case isNameStart(text[1]):
		size = tagEnd(text, 1) + 1
	case text[1] == '/':
		size = bytes.IndexByte(text, '>') + 1
	case bytes.HasPrefix(text, []byte("<![CDATA[")):
		end := bytes.Index(text, []byte("]]>"))
		if end < 0 {
			return len(text), false
		}
		size = end + len("]]>")
	case bytes.HasPrefix(text, []byte("<!--")):
		return reach(text, "-->"), false
	case text[1] == '?':
		return reach(text, "?>"), false
	default:
		return reach(text, ">"), false
	}
	if size == 0 {
		return len(text), false
	}
	return size, true
}

// baseAttribute is an xml:base (XML Base §3).
var baseAttribute = regexp.MustCompile(`(\sxml:base\s*=\s*)("[^"]*"|'[^']*')`)

// directoryBases cuts the last segment off every xml:base. gofeed appends a
// slash to a base that names a file, where RFC 3986 §5.2.3 says to resolve
// against its directory.
func directoryBases(text []byte) []byte {
	if !bytes.Contains(text, []byte("xml:base")) {
		return text
	}
	return baseAttribute.ReplaceAllFunc(text, func(attribute []byte) []byte {
		parts := baseAttribute.FindSubmatch(attribute)
		quote, value := parts[2][0], string(parts[2][1:len(parts[2])-1])
		base, err := url.Parse(strings.TrimSpace(html.UnescapeString(value)))
		if err != nil || base.Path == "" {
			return attribute
		}
		base = base.ResolveReference(&url.URL{Path: "."})
		value = html.EscapeString(base.String())
		return slices.Concat(parts[1], []byte{quote}, []byte(value), []byte{quote})
	})
}
