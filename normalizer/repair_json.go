package normalizer

import "bytes"

// jsonInside is the object of a JSON Feed that stands in other text, behind a
// warning of the server or in a function call (JSONP); nil when there is none.
func jsonInside(text []byte) []byte {
	version := bytes.Index(text[:min(len(text), maxProlog)], []byte("jsonfeed.org/version/"))
	if version < 0 {
		return nil
	}
	open := bytes.LastIndexByte(text[:version], '{')
	if open < 0 {
		return nil
	}
	return text[open:]
}

// tidyJSON mends what programs that write JSON by hand get wrong (RFC 8259 §7):
// control characters in strings become blanks, a backslash that escapes nothing
// goes, and so do comments and a comma before another and before a closing bracket.
func tidyJSON(text []byte) []byte {
	out := make([]byte, 0, len(text))
	comma := -1 // where out has a comma with nothing but white space behind it
	for i := 0; i < len(text); {
		c := text[i]
		switch c {
		case '"':
			end := jsonStringEnd(text, i)
			out = appendString(out, text[i:end])
			i, comma = end, -1
			continue
		case ',', ']', '}':
			if comma >= 0 {
				out[comma] = ' '
			}
			comma = -1
			if c == ',' {
				comma = len(out)
			}
		case '/':
			if size := jsonComment(text[i:]); size > 0 {
				i += size
				continue
			}
			comma = -1
		case ' ', '\t', '\r', '\n':
		default:
			comma = -1
		}
		out = append(out, c)
		i++
	}
	return out
}

// jsonComment is the length of a comment at the start of text, as JavaScript has
// them; 0 for none.
func jsonComment(text []byte) int {
	switch {
	case bytes.HasPrefix(text, []byte("//")):
		return reach(text, "\n")
	case bytes.HasPrefix(text, []byte("/*")):
		return reach(text, "*/")
	}
	return 0
}

// jsonStringEnd is behind the quote that ends the string at start.
func jsonStringEnd(text []byte, start int) int {
	for i := start + 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}

func appendString(out, text []byte) []byte {
	for i, c := range text {
		switch {
		case c < ' ':
			c = ' '
		case c == '\\' && !startsEscape(text[i:]) && !endsEscape(text[:i]):
			continue
		}
		out = append(out, c)
	}
	return out
}

// startsEscape reports whether a backslash and what follows are an escape.
func startsEscape(text []byte) bool {
	if len(text) < 2 {
		return false
	}
	if text[1] != 'u' {
		return bytes.IndexByte([]byte(`"\/bfnrt`), text[1]) >= 0
	}
	return len(text) >= 6 && isHex(text[2]) && isHex(text[3]) && isHex(text[4]) && isHex(text[5])
}

// endsEscape reports whether the backslash behind text is the second of two.
func endsEscape(text []byte) bool {
	backslashes := len(text) - len(bytes.TrimRight(text, `\`))
	return backslashes%2 == 1
}
