package publisher

import (
	"net/url"
	"regexp"
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
	clean := []rune(marked(vietnamese.Clean(head)))
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

// marked returns s with a question mark for each character that was lost when
// the source wrote or sent it. U+FFFD says the same, but validators and some
// readers take it for a fault of ours.
func marked(s string) string {
	return strings.ReplaceAll(s, "\uFFFD", "?")
}

// tagOpening is what HTML reads as the beginning of a tag or of a comment
// (HTML §13.2.5.6: a letter, "/", "!" or "?" after "<").
var tagOpening = regexp.MustCompile(`<([A-Za-z/!?])`)

// plain returns s for places that hold plain text and that some readers show as
// HTML all the same. There the words of "<Thơ> Mùa gặt" would be lost and those
// of "<img onerror=…>" would run, so the bracket is set apart.
func plain(s string) string {
	if !strings.Contains(s, "<") {
		return s
	}
	return tagOpening.ReplaceAllString(s, "< $1")
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
	u, err := url.Parse(escapePercents(strings.TrimSpace(link)))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return ""
	}
	host, err := asciiHost(u.Hostname())
	if err != nil || !hostName.MatchString(host) {
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

// hostName is a name or an address (RFC 3986 §3.2.2) without what may stand
// there and never does in a real one: "%" (also of the zones of IPv6), "'" or ";".
var hostName = regexp.MustCompile(`^[A-Za-z0-9._:-]+$`)

// asciiHost returns a host's name in lower case, in punycode where it is not ASCII.
func asciiHost(host string) (string, error) {
	for i := range len(host) {
		if host[i] >= utf8.RuneSelf {
			return idna.Lookup.ToASCII(host)
		}
	}
	return strings.ToLower(host), nil
}

// escapePercents writes as %25 a percent sign that begins no escape (RFC 3986
// §2.1): browsers forgive it, as in "/giam-50%-hoc-phi".
func escapePercents(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	var b strings.Builder
	for i := range len(s) {
		b.WriteByte(s[i])
		if s[i] == '%' && !startsHex(s[i+1:]) {
			b.WriteString("25")
		}
	}
	return b.String()
}

func startsHex(s string) bool {
	return len(s) >= 2 && isHex(s[0]) && isHex(s[1])
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f'
}

// escapeURL writes as %XX what may not stand in a URI and what url.URL leaves as
// it was in queries and fragments. Brackets may stand around an IPv6 address only.
func escapeURL(s string) string {
	const hex = "0123456789ABCDEF"
	_, rest, _ := strings.Cut(s, "://")
	path := len(s)
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		path += i - len(rest)
	}
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if c <= ' ' || c >= 0x7f || strings.IndexByte("\"<>\\^`{|}", c) >= 0 || i >= path && (c == '[' || c == ']') {
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}
