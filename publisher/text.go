package publisher

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"bantin/internal/vietnamese"

	"golang.org/x/net/idna"
)

// How much of a field is shown, in characters. A real headline has up to 150
// and a real lead up to 600; the limits only stop what is neither.
const (
	maxTitle    = 300
	maxLead     = 1000
	maxCaption  = 500
	maxName     = 200
	maxCategory = 100
	// maxCategories is twice what the busiest feed gives to an item.
	maxCategories = 50
	// maxURL is what every HTTP implementation should handle (RFC 9110 §4.1).
	maxURL = 8000
	// excerptWords stand in for a missing lead: about as many as a lead has.
	excerptWords = 60
	// titleWords stand in for a missing title.
	titleWords = 12
)

// line returns s as one clean line of at most limit characters.
func line(s string, limit int) string {
	// What lies further back cannot be shown: a letter with its marks has up to 8
	// bytes, and half may be white space. So megabytes cost no more than a line.
	const bytesPerCharacter = 16
	head := cutBytes(s, limit*bytesPerCharacter)
	clean := []rune(vietnamese.Clean(head))
	if len(head) == len(s) && len(clean) <= limit {
		return string(clean)
	}
	cut := string(clean[:min(len(clean), limit-1)])
	// Half a word is worse than a short line, unless it is all one word.
	if space := strings.LastIndexByte(cut, ' '); space > len(cut)/2 {
		cut = cut[:space]
	}
	return trimEnd(cut) + "…"
}

// excerpt is the beginning of a text in about so many words: up to the last
// sentence that fits, if that is half of it, else up to a word.
func excerpt(text string, words int) string {
	// No 60 words take more; a body of megabytes is not read for them.
	const longestWord = 64
	text = vietnamese.Clean(cutBytes(text, words*longestWord))
	fields := strings.Fields(text)
	if len(fields) <= words {
		return line(text, maxLead)
	}
	for i := words - 1; i >= words/2; i-- {
		if endsSentence(fields[i]) {
			return line(strings.Join(fields[:i+1], " "), maxLead)
		}
	}
	return line(trimEnd(strings.Join(fields[:words], " "))+"…", maxLead)
}

// endsSentence reports whether a sentence ends with the word. A full stop after
// up to three letters that begin with a capital is one of an abbreviation or an
// initial (TP. Q. ThS. PGS. Nguyễn Văn A.).
func endsSentence(word string) bool {
	word = strings.TrimRight(word, `"”’)»`)
	if strings.HasSuffix(word, "?") || strings.HasSuffix(word, "!") || strings.HasSuffix(word, "…") {
		return true
	}
	stem, stopped := strings.CutSuffix(word, ".")
	first, _ := utf8.DecodeRuneInString(stem)
	return stopped && (!unicode.IsUpper(first) || utf8.RuneCountInString(stem) > 3)
}

func trimEnd(s string) string {
	return strings.TrimRight(s, " ,;:-–—(“\"")
}

// cutBytes returns at most n bytes of s and no half character.
func cutBytes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// webURL returns link as a URI that is safe to publish, or nothing: absolute,
// http or https (never javascript: or data:), without the user's credentials,
// its host and path in ASCII (RFC 3986 §2), as validators and old readers want it.
func webURL(link string) string {
	if len(link) > maxURL {
		return ""
	}
	u, err := url.Parse(strings.TrimSpace(link))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return ""
	}
	host, err := asciiHost(u.Hostname())
	if err != nil {
		return ""
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]" // an IPv6 address
	}
	if u.Port() != "" {
		host += ":" + u.Port()
	}
	u.Host, u.User = host, nil
	return escapeURL(u.String())
}

// asciiHost returns a host's name in lower case, in punycode where it is not ASCII.
func asciiHost(host string) (string, error) {
	for i := range len(host) {
		if host[i] >= utf8.RuneSelf {
			return idna.Lookup.ToASCII(host)
		}
	}
	return strings.ToLower(host), nil
}

// escapeURL writes as %XX what may not stand in a URI and what url.URL leaves as
// it was in queries and fragments.
func escapeURL(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || strings.IndexByte("\"<>\\^`{|}", c) >= 0 {
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}
