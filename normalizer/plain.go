package normalizer

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// plainText takes the tags of HTML out of s and decodes its entities once. What
// only looks like a tag stays: "<Thơ>" and "x < y" are words of the source.
func plainText(s string) string {
	if strings.ContainsRune(s, '<') {
		s = withoutTags(s)
	}
	if strings.ContainsRune(s, '&') {
		s = html.UnescapeString(s)
	}
	return s
}

func withoutTags(s string) string {
	var out strings.Builder
	for {
		open := strings.IndexByte(s, '<')
		if open < 0 {
			break
		}
		out.WriteString(s[:open])
		s = s[open:]
		name := htmlElement(s)
		if name == 0 {
			out.WriteByte('<')
			s = s[1:]
			continue
		}
		closing := strings.IndexByte(s, '>')
		if closing < 0 {
			break
		}
		if dividesWords(name) {
			out.WriteByte(' ')
		}
		s = s[closing+1:]
	}
	out.WriteString(s)
	return out.String()
}

// htmlElement is the element whose tag stands at the start of s, or 0.
func htmlElement(s string) atom.Atom {
	name := strings.TrimPrefix(s[1:], "/")
	end := 0
	for end < len(name) && (isASCIILetter(name[end]) || isDigit(name[end])) {
		end++
	}
	if end < len(name) && strings.IndexByte(" \t\r\n/>", name[end]) < 0 {
		return 0
	}
	return atom.Lookup([]byte(strings.ToLower(name[:end])))
}

func dividesWords(name atom.Atom) bool {
	return name == atom.Br || name == atom.P || name == atom.Div || name == atom.Li ||
		name == atom.Tr || name == atom.Td || name == atom.Img || name == atom.Hr
}

// cutText shortens s to at most limit runes, at the end of a word, with an
// ellipsis. The result shares no memory with s.
func cutText(s string, limit int) string {
	if len(s) <= limit || utf8.RuneCountInString(s) <= limit {
		return s
	}
	runes, end := 0, 0
	for i, r := range s {
		if runes == limit {
			if end == 0 {
				end = i
			}
			break
		}
		if unicode.IsSpace(r) {
			end = i
		}
		runes++
	}
	return s[:end] + "…"
}
