package normalizer

import (
	"bytes"
	"fmt"
	"iter"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// A byteCount counts the sequences beyond ASCII of a text that is not UTF-8.
type byteCount struct {
	sequences int // that are UTF-8, whole or cut off
	broken    int // bytes that are not
}

// looksUTF8 tells damaged UTF-8 from text in a legacy encoding, which has hardly
// any run of bytes that is a UTF-8 sequence. Damaged UTF-8 has hardly any byte
// that is not in one, unless another text was pasted into it.
func (c byteCount) looksUTF8() bool { return c.sequences > c.broken }

func countBytes(text []byte) byteCount {
	var count byteCount
	for len(text) > 0 {
		part := nextPart(text)
		switch {
		case part.broken:
			count.broken++
		case text[0] >= utf8.RuneSelf:
			count.sequences++
		}
		text = text[part.size:]
	}
	return count
}

// A textPart is a character at the start of a text, or what is left of one.
type textPart struct {
	size   int
	r      rune
	cut    bool // the beginning of a sequence
	broken bool // a byte that belongs to none
}

func nextPart(text []byte) textPart {
	if text[0] < utf8.RuneSelf {
		return textPart{size: 1, r: rune(text[0])}
	}
	r, size := utf8.DecodeRune(text)
	if r != utf8.RuneError || size > 1 {
		return textPart{size: size, r: r}
	}
	if r, ok := surrogatePair(text); ok {
		return textPart{size: 6, r: r}
	}
	if size := cutSequence(text); size > 1 {
		return textPart{size: size, r: utf8.RuneError, cut: true}
	}
	return textPart{size: 1, r: utf8.RuneError, broken: true}
}

// surrogatePair reads a character beyond U+FFFF in CESU-8 (Unicode Technical
// Report 26), as Java and old MySQL write it: two surrogates of three bytes.
func surrogatePair(text []byte) (rune, bool) {
	if len(text) < 6 || text[0] != 0xed || text[3] != 0xed {
		return 0, false
	}
	half := func(b []byte) rune { return 0xd000 | rune(b[1]&0x3f)<<6 | rune(b[2]&0x3f) }
	r := utf16.DecodeRune(half(text), half(text[3:]))
	return r, r != utf8.RuneError
}

// cutSequence is the length of the beginning of a UTF-8 sequence of three or four
// bytes: what is left of a letter of Vietnamese where bytes were counted in place
// of letters.
func cutSequence(text []byte) int {
	want := 0
	switch lead := text[0]; {
	case lead >= 0xe1 && lead <= 0xef:
		want = 3
	case lead >= 0xf1 && lead <= 0xf3:
		want = 4
	}
	size := 1
	for size < want-1 && size < len(text) && text[size]&0xc0 == 0x80 {
		size++
	}
	return size
}

// mendUTF8 reads damaged UTF-8, each text between two tags by itself: a feed is
// put together from texts of many hands.
func mendUTF8(body []byte) ([]byte, []string) {
	out := make([]byte, 0, len(body)+len(body)/64)
	replaced, legacy := 0, 0
	for chunk := range chunks(body) {
		if utf8.Valid(chunk) {
			out = append(out, chunk...)
			continue
		}
		if count := countBytes(chunk); count.sequences < count.broken && count.broken > 1 {
			out = append(out, decodeWith(guessLegacy(chunk), chunk)...)
			legacy++
			continue
		}
		var n int
		out, n = appendMended(out, chunk)
		replaced += n
	}
	var warnings []string
	if replaced > 0 {
		warnings = append(warnings, fmt.Sprintf("bytes that are not UTF-8 were replaced: %d", replaced))
	}
	if legacy > 0 {
		warnings = append(warnings, fmt.Sprintf("texts in another encoding than the rest were read: %d", legacy))
	}
	return out, warnings
}

// chunks are the parts of a text that begin with a tag.
func chunks(text []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for len(text) > 0 {
			end := 1 + bytes.IndexByte(text[1:], '<')
			if end == 0 {
				end = len(text)
			}
			if !yield(text[:end]) {
				return
			}
			text = text[end:]
		}
	}
}

// appendMended appends a text with U+FFFD for what is lost, and says how many
// bytes were not UTF-8. The punctuation of windows-1252, which Word pastes, is not
// lost.
func appendMended(out, text []byte) (mended []byte, replaced int) {
	for len(text) > 0 {
		part := nextPart(text)
		switch {
		case part.broken && 0x80 <= text[0] && text[0] <= 0xa0:
			out = utf8.AppendRune(out, charmap.Windows1252.DecodeByte(text[0]))
			replaced++
		case part.broken && isNoise(text[0]): // nothing of the source is lost with it
			replaced++
		case part.broken || part.cut:
			out = utf8.AppendRune(out, utf8.RuneError)
			replaced += part.size
		default:
			out = utf8.AppendRune(out, part.r)
			if part.size > utf8.UTFMax { // a pair of surrogates
				replaced += part.size
			}
		}
		text = text[part.size:]
	}
	return out, replaced
}

// isNoise reports whether a byte is of no letter: UTF-8 has no such byte (RFC 3629
// §1), and of the old encodings this text is none.
func isNoise(c byte) bool { return c == 0xc0 || c == 0xc1 || c >= 0xf5 }

// encodedTwice are the two beginnings of most Vietnamese letters, E1 BA and E1
// BB, after they were taken for windows-1252 and written in UTF-8: áº and á».
// Nothing else is.
func encodedTwice(text []byte) bool {
	return bytes.Contains(text, []byte("áº")) || bytes.Contains(text, []byte("á»"))
}

// undouble mends UTF-8 that was encoded twice (Báº¯c Káº¡n for Bắc Kạn): the whole
// text where most of its letters were, else those texts between two tags in which
// most were.
func undouble(text []byte) (mended []byte, ok bool) {
	if mended, ok = undoubleAll(text); ok {
		return mended, true
	}
	out := make([]byte, 0, len(text))
	for chunk := range chunks(text) {
		if encodedTwice(chunk) {
			if mended, most := undoubleAll(chunk); most {
				chunk, ok = mended, true
			}
		}
		out = append(out, chunk...)
	}
	return out, ok
}

// undoubleAll mends what was encoded twice, and says whether that is most of what
// is not ASCII.
func undoubleAll(text []byte) (mended []byte, most bool) {
	out := make([]byte, 0, len(text))
	twice, once := 0, 0
	for len(text) > 0 {
		if text[0] < utf8.RuneSelf {
			out, text = append(out, text[0]), text[1:]
			continue
		}
		r, size := doubled(text)
		if size > 0 {
			twice++
		} else {
			r, size = utf8.DecodeRune(text)
			once++
		}
		out, text = utf8.AppendRune(out, r), text[size:]
	}
	return out, twice > once
}

// doubled reads the character at the start of text that was encoded twice; size
// is 0 where none was.
func doubled(text []byte) (r rune, size int) {
	var sequence [utf8.UTFMax]byte
	for n := range sequence {
		r, width := utf8.DecodeRune(text[size:])
		b, ok := charmap.Windows1252.EncodeRune(r)
		if utf8.RuneSelf <= r && r < 0x100 { // the bytes that windows-1252 leaves open stay what they are
			b, ok = byte(r), true
		}
		if !ok || r < utf8.RuneSelf {
			return 0, 0
		}
		sequence[n] = b
		size += width
		if utf8.FullRune(sequence[:n+1]) {
			r, width := utf8.DecodeRune(sequence[:n+1])
			if width != n+1 || n == 0 {
				return 0, 0
			}
			return r, size
		}
	}
	return 0, 0
}
