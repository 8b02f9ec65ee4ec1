package normalizer

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

// declarationBytes is how far into a document its encoding may be declared: the
// length of the prescan of the HTML standard (§13.2.3.2).
const declarationBytes = 1024

// maxText is how long a document may be as UTF-8: as long as it may be when it
// comes. Some bytes of legacy encodings take three in it. Of a longer one the
// beginning is read, like one that was cut off on its way.
const maxText = 10 << 20

var (
	xmlEncoding = regexp.MustCompile(`^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([^"']+)["']`)
	metaCharset = regexp.MustCompile(`(?i)<meta[^>]+charset\s*=\s*["']?([\w.:-]+)`)
)

// decodeText returns the body as valid UTF-8. A byte order mark is believed
// first (RFC 7303 §3); then the bytes themselves, because text that is valid
// UTF-8 by chance does not occur; then the HTTP header, the declaration in the
// document, and what the bytes look like. Text that is UTF-8 already is
// returned as it is, without a copy.
func decodeText(body []byte, contentType string) (text []byte, warnings []string) {
	if encoded, rest := byteOrderMark(body); encoded != nil {
		return decodeWith(encoded, rest), nil
	} else if len(rest) < len(body) {
		body = rest
	}
	if wide := wideEncoding(body); wide != nil {
		return decodeWith(wide, body), []string{"the text is UTF-16 without a byte order mark"}
	}
	declared := declaredCharset(body, contentType)
	if utf8.Valid(body) {
		if declared == "" || isUTF8Name(declared) || isPlainASCII(body) {
			return body, nil
		}
		return body, []string{fmt.Sprintf("declared as %q, is UTF-8", declared)}
	}
	if broken, looks := mostlyUTF8(body); looks {
		return replaceBroken(body, broken),
			[]string{fmt.Sprintf("bytes that are not UTF-8 were replaced: %d", broken)}
	}
	return decodeLegacy(body, declared)
}

// byteOrderMark returns the encoding of a mark and what stands behind it. The
// encoding is nil for UTF-8, whose mark is only cut off, and without a mark.
func byteOrderMark(body []byte) (encoding.Encoding, []byte) {
	switch {
	case bytes.HasPrefix(body, []byte("\xef\xbb\xbf")):
		return nil, body[3:]
	case bytes.HasPrefix(body, []byte("\xff\xfe\x00\x00")):
		return utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM), body[4:]
	case bytes.HasPrefix(body, []byte("\xff\xfe")):
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), body[2:]
	case bytes.HasPrefix(body, []byte("\xfe\xff")):
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), body[2:]
	}
	return nil, body
}

// wideEncoding recognises UTF-16 by the zero byte beside the first bracket or
// brace (XML 1.0 appendix F.1).
func wideEncoding(body []byte) encoding.Encoding {
	if len(body) < 4 {
		return nil
	}
	open := func(c byte) bool { return c == '<' || c == '{' }
	switch {
	case open(body[0]) && body[1] == 0 && body[2] != 0 && body[3] == 0:
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case body[0] == 0 && open(body[1]) && body[2] == 0 && body[3] != 0:
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	}
	return nil
}

// declaredCharset is the charset of the header, else of the document.
func declaredCharset(body []byte, contentType string) string {
	if strings.Contains(contentType, "=") {
		if _, params, err := mime.ParseMediaType(contentType); err == nil && params["charset"] != "" {
			return params["charset"]
		}
	}
	head := body[:min(len(body), declarationBytes)]
	if match := xmlEncoding.FindSubmatch(head); match != nil {
		return string(match[1])
	}
	if match := metaCharset.FindSubmatch(head); match != nil {
		return string(match[1])
	}
	return ""
}

func isUTF8Name(name string) bool {
	return strings.EqualFold(name, "utf-8") || strings.EqualFold(name, "utf8")
}

// isPlainASCII reports whether the body reads the same in all encodings that
// hold ASCII, so that no declaration can be false.
func isPlainASCII(body []byte) bool {
	for _, c := range body {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// mostlyUTF8 counts the bytes that break UTF-8. Text in a legacy encoding has
// hardly any run of bytes that is a UTF-8 sequence; damaged UTF-8 has hardly any
// that is not.
func mostlyUTF8(body []byte) (broken int, looks bool) {
	sequences := 0
	for len(body) > 0 {
		if body[0] < utf8.RuneSelf {
			body = body[1:]
			continue
		}
		r, size := utf8.DecodeRune(body)
		if r == utf8.RuneError && size == 1 {
			broken++
		} else {
			sequences++
		}
		body = body[size:]
	}
	// Five to one: a truncated end or a paste in another encoding is less.
	return broken, sequences > 5*broken
}

// replaceBroken puts U+FFFD, of three bytes, in the place of bytes that break UTF-8.
func replaceBroken(body []byte, broken int) []byte {
	if len(body)+2*broken > maxText {
		body = body[:min(len(body), maxText/3)]
	}
	return bytes.ToValidUTF8(body, []byte("\uFFFD"))
}

// decodeLegacy decodes text that is not UTF-8, whatever it says of itself.
func decodeLegacy(body []byte, declared string) ([]byte, []string) {
	encoded, err := htmlindex.Get(strings.TrimSpace(declared))
	if err == nil && isBelievable(encoded) {
		return decodeWith(encoded, body), nil
	}
	guess := guessLegacy(body)
	text := decodeWith(guess, body)
	name, err := htmlindex.Name(guess)
	switch {
	case err != nil || guess == encoded:
		return text, nil
	case declared == "":
		return text, []string{"no encoding declared, read as " + name}
	}
	return text, []string{fmt.Sprintf("declared as %q, read as %s", declared, name)}
}

// isBelievable reports whether bytes that are not UTF-8 may be what was
// declared: not UTF-8, not UTF-16, which the zero bytes would have shown, and
// not windows-1252, which servers name by default (the HTML standard reads
// ISO 8859-1 as it). The replacement encoding would throw all text away.
func isBelievable(encoded encoding.Encoding) bool {
	name, err := htmlindex.Name(encoded)
	switch name {
	case "utf-8", "utf-16le", "utf-16be", "windows-1252", "replacement":
		return false
	}
	return err == nil
}

// guessLegacy tells windows-1258, Vietnamese, from windows-1252, with which it
// shares most letters, by its five combining tones: they stand behind vowels,
// where 1252 has Ì Ò Þ ì ò, which no language writes behind a vowel often.
func guessLegacy(body []byte) encoding.Encoding {
	tones, high := 0, 0
	for i, c := range body {
		if c < utf8.RuneSelf {
			continue
		}
		high++
		if i > 0 && isTone1258(c) && isVowel1258(body[i-1]) {
			tones++
		}
	}
	// Vietnamese has a tone on a sixth of its high bytes or more; one in twenty
	// is far from both.
	if tones > 0 && tones*20 >= high {
		return charmap.Windows1258
	}
	return charmap.Windows1252
}

func isTone1258(c byte) bool {
	return c == 0xcc || c == 0xd2 || c == 0xde || c == 0xec || c == 0xf2
}

func isVowel1258(c byte) bool {
	return strings.IndexByte("aeiouyAEIOUY\xe2\xc2\xe3\xc3\xea\xca\xf4\xd4\xf5\xd5\xfd\xdd", c) >= 0
}

// decodeWith decodes to NFC, because windows-1258 has the tones as characters of
// their own. What cannot be decoded becomes U+FFFD.
func decodeWith(encoded encoding.Encoding, body []byte) []byte {
	var text bytes.Buffer
	text.Grow(min(2*len(body), maxText) + bytes.MinRead) // few take more
	decoded := transform.NewReader(bytes.NewReader(body), encoded.NewDecoder())
	if _, err := text.ReadFrom(io.LimitReader(decoded, maxText)); err != nil {
		return norm.NFC.Bytes(replaceBroken(body, len(body)))
	}
	return norm.NFC.Bytes(wholeRunes(text.Bytes()))
}

// wholeRunes cuts off a last character that is not whole.
func wholeRunes(text []byte) []byte {
	for i := 1; i < utf8.UTFMax && i <= len(text); i++ {
		if last := text[len(text)-i:]; utf8.RuneStart(last[0]) {
			if !utf8.FullRune(last) {
				return text[:len(text)-i]
			}
			break
		}
	}
	return text
}
