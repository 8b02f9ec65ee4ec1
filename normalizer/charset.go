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
		return readUTF8(body, declared)
	}
	if countBytes(body).looksUTF8() {
		return mendUTF8(body)
	}
	return decodeLegacy(body, declared)
}

// readUTF8 takes text that is UTF-8 for what it is.
func readUTF8(body []byte, declared string) (text []byte, warnings []string) {
	if declared != "" && !isUTF8Name(declared) && !isPlainASCII(body) {
		warnings = append(warnings, fmt.Sprintf("declared as %q, is UTF-8", declared))
	}
	if encodedTwice(body) {
		if mended, ok := undouble(body); ok {
			return mended, append(warnings, "the text was encoded as UTF-8 twice; it was mended")
		}
	}
	return body, warnings
}

// byteOrderMark returns the encoding of a mark and what stands behind it. The
// encoding is nil for UTF-8, whose mark is only cut off, and without a mark.
func byteOrderMark(body []byte) (encoding.Encoding, []byte) {
	switch {
	case bytes.HasPrefix(body, []byte("\xef\xbb\xbf")):
		return nil, body[3:]
	case bytes.HasPrefix(body, []byte("\xff\xfe\x00\x00")):
		return utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM), body[4:]
	case bytes.HasPrefix(body, []byte("\x00\x00\xfe\xff")):
		return utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM), body[4:]
	case bytes.HasPrefix(body, []byte("\xff\xfe")):
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), body[2:]
	case bytes.HasPrefix(body, []byte("\xfe\xff")):
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), body[2:]
	}
	return nil, body
}

// wideEncoding recognises UTF-16 by its zero bytes: markup is ASCII, every other
// byte of which is zero (XML 1.0 appendix F.1).
func wideEncoding(body []byte) encoding.Encoding {
	const enough = 256 // bytes; Vietnamese letters between tags have other bytes there
	head := body[:min(len(body), enough)]
	var zeros [2]int
	for i, c := range head {
		if c == 0 {
			zeros[i%2]++
		}
	}
	switch {
	case zeros[1] > len(head)/4 && zeros[0] == 0:
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case zeros[0] > len(head)/4 && zeros[1] == 0:
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

// replaceBroken puts U+FFFD, of three bytes, in the place of bytes that break UTF-8.
func replaceBroken(body []byte, broken int) []byte {
	if len(body)+2*broken > maxText {
		body = body[:min(len(body), maxText/3)]
	}
	return bytes.ToValidUTF8(body, []byte("\uFFFD"))
}

// decodeLegacy decodes text that is not UTF-8, whatever it says of itself.
func decodeLegacy(body []byte, declared string) ([]byte, []string) {
	latin := decodeWith(charmap.Windows1252, body)
	if font := fontEncoding(string(latin)); font != "" {
		return latin, []string{"the text is typed for fonts in " + font}
	}
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
