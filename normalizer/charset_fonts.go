package normalizer

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Before Unicode, Vietnamese was typed in fonts that drew its letters in place of
// those of Latin-1. Text of that kind is valid in every way, and is read as
// "Th«ng b¸o" or "Thoâng baùo" by whoever lacks the font. It is recognised and
// left out, not converted: in TCVN3 the capitals are those of another font, which
// the text does not name.
const (
	fontTCVN3 = "TCVN3 (ABC)"
	fontVNI   = "VNI"
)

// minFontMarks is how many such letters a text must have: two words.
const minFontMarks = 2

// maxShortText is how long a title is at most, in bytes, in which any letter may
// be missing.
const maxShortText = 400

// fontEncoding names the fonts for which text was typed; empty for none. It
// compares what stands where no language has it with all that is not ASCII: in
// TCVN3 that is half, in VNI most of it, elsewhere nothing or nearly so.
func fontEncoding(text string) string {
	// Nearly all Vietnamese text ends here: its own letters do not begin with C2,
	// and ø, ñ, ö are none of them.
	if len(text) > maxShortText && strings.IndexByte(text, 0xc2) < 0 &&
		!strings.Contains(text, "ø") && !strings.Contains(text, "ñ") && !strings.Contains(text, "ö") {
		return ""
	}
	marks := countFontMarks(text)
	switch {
	case marks.tcvn >= minFontMarks && marks.tcvn*4 >= marks.high:
		return fontTCVN3
	case marks.vni >= minFontMarks && marks.vni*3 >= marks.high:
		return fontVNI
	}
	return ""
}

// fontMarks counts what is not ASCII in a text, and of that what only fonts have.
type fontMarks struct {
	high, tcvn, vni int
}

func countFontMarks(text string) fontMarks {
	var marks fontMarks
	before := ' '
	for i, r := range text {
		if r >= utf8.RuneSelf && r != '\u00a0' && r != softHyphen {
			marks.high++
			next, _ := utf8.DecodeRuneInString(text[i+utf8.RuneLen(r):])
			if isTCVN3Mark(before, r, next) {
				marks.tcvn++
			}
			if isVNIMark(before, r) {
				marks.vni++
			}
		}
		before = r
	}
	return marks
}

// softHyphen is the ư of TCVN3, which may be gone from the text.
const softHyphen = '\u00ad'

// isTCVN3Mark reports whether a sign stands in a word, where TCVN3 (TCVN
// 5712:1993, third table) has a letter in its place: a vowel behind others, đ, ơ
// or á before them. Of the signs that other texts have at the ends of words only
// those inside count. A capital behind a small letter is a vowel too.
func isTCVN3Mark(before, sign, next rune) bool {
	behind, ahead := isLatin(before), isLatin(next)
	switch sign {
	case '¨', 'ª', '«', '¬', 'µ', '¶', '·', '¸', '¹':
		return behind || ahead && (sign == '¬' || sign == '¸')
	case '®', '§':
		return !behind && ahead
	case '©', '»', '¼', '½', '¾':
		return behind && ahead
	}
	return 'a' <= before && before <= 'z' && 'À' <= sign && sign <= 'Þ' && sign != '×'
}

// isLatin reports whether a letter could be a letter of these fonts.
func isLatin(r rune) bool {
	return r == softHyphen || r <= unicode.MaxLatin1 && unicode.IsLetter(r)
}

// isVNIMark reports whether a letter stands behind a vowel that VNI puts there to
// mark the vowel: aù is á and aâ is â. What Vietnamese has in such places, as oà
// and uê, does not count.
func isVNIMark(before, mark rune) bool {
	marks := ""
	switch unicode.ToLower(before) {
	case 'a':
		marks = "ùøûõïâáàåãäêéèúüë"
	case 'e':
		marks = "ùøûõïâáàåãä"
	case 'o':
		marks = "øûõïâåä"
	case 'u', 'y', 'ô', 'ö':
		marks = "ùøûõï"
	}
	return strings.ContainsRune(marks, unicode.ToLower(mark))
}
