package robots

import (
	"strconv"
	"strings"
)

// matches compares a pattern with a URI, both made matchable, from their first
// octet; * stands for any number of octets, and a pattern without $ for all
// that begins with it (RFC 9309 §2.2.2, §2.2.3). Each piece between two stars is
// taken where it comes first: if any place will do for what follows, that one
// does, so the search never goes back.
func matches(pattern, uri string) bool {
	start, rest, more := strings.Cut(pattern, "*")
	uri, ok := strings.CutPrefix(uri, start)
	for ok && more {
		var piece string
		piece, rest, more = strings.Cut(rest, "*")
		_, uri, ok = strings.Cut(uri, piece)
	}
	return ok
}

// matchable is a path with its query as patterns are compared with it. It ends
// with a $ and has no other, so that the $ of a pattern needs no further thought.
func matchable(uri string) string {
	uri = strings.ReplaceAll(canonical(uri), "*", "%2A")
	return strings.ReplaceAll(uri, "$", "%24") + "$"
}

// matchablePattern is the path of a rule. Only its last octet can be a $ that
// means the end; the others are themselves.
func matchablePattern(path string) string {
	path, atEnd := strings.CutSuffix(path, "$")
	path = strings.ReplaceAll(canonical(path), "$", "%24")
	if atEnd {
		path += "$"
	}
	return path
}

const hexDigits = "0123456789ABCDEF"

// canonical gives octets that mean the same the same form (RFC 9309 §2.2.2):
// what may not stand in a URI is escaped, what need not be escaped is not, and
// hexadecimal digits are capital.
func canonical(raw string) string {
	var (
		b       strings.Builder
		inQuery bool
	)
	b.Grow(len(raw))
	for i := 0; i < len(raw); i++ {
		c, escaped := raw[i], false
		if c == '%' && i+2 < len(raw) {
			if octet, err := strconv.ParseUint(raw[i+1:i+3], 16, 8); err == nil {
				c, escaped = byte(octet), true
				i += 2
			}
		}
		switch {
		case isUnreserved(c), escaped && inQuery && isPlainInQuery(c), !escaped && isKept(c):
			b.WriteByte(c)
		default:
			b.WriteByte('%')
			b.WriteByte(hexDigits[c>>4])
			b.WriteByte(hexDigits[c&0xF])
		}
		inQuery = inQuery || c == '?' && !escaped
	}
	return b.String()
}

// isUnreserved holds for RFC 3986 §2.3.
func isUnreserved(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0
}

// isKept holds for the reserved octets (RFC 3986 §2.2), and for a % that begins
// no escape: "Disallow: /*%" means all URLs with an escape.
func isKept(c byte) bool { return strings.IndexByte(":/?#[]@!$&'()*+,;=%", c) >= 0 }

// isPlainInQuery holds for what delimits in a path and in a query is like any
// letter (RFC 3986 §3.4), so that escaping it changes nothing: RFC 9309 §2.2.2
// takes ?u=https://a.b and ?u=https%3A%2F%2Fa.b for one.
func isPlainInQuery(c byte) bool { return strings.IndexByte(":/?@", c) >= 0 }
