package vietnamese

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"
)

// Clean returns s as one line of text: valid UTF-8, NFC, without control,
// zero-width and bidi characters, all white space (U+00A0 too) folded to single
// spaces and trimmed.
func Clean(s string) string {
	if isClean(s) {
		return s
	}
	return strings.Join(strings.FieldsFunc(norm.NFC.String(Legal(s)), unicode.IsSpace), " ")
}

// isClean reports without an allocation that Clean would change nothing.
func isClean(s string) bool {
	space := true // a space at the start is one too many
	for _, r := range s {
		switch {
		case r == ' ':
			if space {
				return false
			}
			space = true
			continue
		case r > ' ' && r < 0x7f:
		case isPlain(r):
		default:
			return isCleanSlow(s)
		}
		space = false
	}
	return !space || s == ""
}

// isPlain reports whether a character is of those that nearly all Vietnamese
// text consists of beyond ASCII, which are NFC whatever stands beside them,
// visible and no space: Latin letters, dashes, quotation marks, the ellipsis.
func isPlain(r rune) bool {
	return r >= 0xc0 && r < 0x300 || r >= 0x1e00 && r <= 0x1eff || r >= 0x2010 && r <= 0x2027
}

func isCleanSlow(s string) bool {
	space := true
	for _, r := range s {
		if r == ' ' && space || r != ' ' && unicode.IsSpace(r) || isInvisible(r) || r == utf8.RuneError {
			return false
		}
		space = r == ' '
	}
	return (!space || s == "") && norm.NFC.IsNormalString(s)
}

// Legal returns s as valid UTF-8 without the characters that XML 1.0 forbids
// (§2.2) and without those that show nothing but change what is seen or
// compared: zero-width and bidi controls, soft hyphens, byte order marks. The C1
// controls, which nobody types, are the punctuation of windows-1252 that they
// stand for in HTML (§13.2.5.80).
func Legal(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	return strings.Map(func(r rune) rune {
		if 0x80 <= r && r < 0xa0 {
			r = charmap.Windows1252.DecodeByte(byte(r))
			if r == utf8.RuneError {
				return -1
			}
		}
		if isInvisible(r) {
			return -1
		}
		return r
	}, s)
}

func isInvisible(r rune) bool {
	switch {
	case r < ' ':
		return r != '\t' && r != '\n' && r != '\r'
	case r < 0x7f:
		return false
	case r < 0xa0: // DEL and the C1 controls
		return true
	case r == '\u00ad', // soft hyphen
		r >= '\u200b' && r <= '\u200f', // zero-width, LRM, RLM
		r >= '\u202a' && r <= '\u202e', // bidi embeddings and overrides
		r >= '\u2060' && r <= '\u206f', // word joiner, isolates, deprecated controls
		r == '\ufeff',
		r >= 0xfff9 && r <= 0xfffb,
		r&0xfffe == 0xfffe, // noncharacters of every plane
		r >= 0xfdd0 && r <= 0xfdef:
		return true
	}
	return false
}

// Fold returns the form in which texts are compared, accents kept: Clean, lower
// case, one placement of the tone mark (hoà = hòa), one đ, one kind of dash and
// of quotation mark. It is never shown.
func Fold(s string) string {
	s = Clean(s)
	folded := make([]byte, 0, len(s))
	for i, r := range s {
		switch {
		case r >= 'A' && r <= 'Z':
			folded = append(folded, s[i]|0x20)
		case r < utf8.RuneSelf && r != '`':
			folded = append(folded, s[i])
		default:
			rest := s[i+utf8.RuneLen(r):]
			r = foldRune(r)
			if toned, plain, ok := moveTone(folded, r); ok && !continues(rest) {
				folded = append(utf8.AppendRune(folded[:len(folded)-1], toned), plain)
				continue
			}
			folded = utf8.AppendRune(folded, r)
		}
	}
	return string(folded)
}

func foldRune(r rune) rune {
	switch r {
	case 'Ð', 'ð', 'Đ': // eth is what old converters made of đ
		return 'đ'
	case '‐', '‑', '‒', '–', '—', '―', '−':
		return '-'
	case '“', '”', '„', '«', '»':
		return '"'
	case '‘', '’', 'ʼ', '`', '´':
		return '\''
	case 'İ': // its lower case is two characters, the second of which composes with what follows
		return r
	}
	if r >= 0x1ea0 && r <= 0x1ef9 { // the Vietnamese letters with two marks: each capital is even, its lower case the next
		return r | 1
	}
	return unicode.ToLower(r)
}

// moveTone takes the tone of a vowel to the o or u before it, in the placement
// that most of the press uses for an open oa, oe or uy. Not after q, where u
// belongs to the consonant.
func moveTone(before []byte, vowel rune) (toned rune, plain byte, ok bool) {
	n := len(before)
	if n == 0 || n > 1 && before[n-2] == 'q' {
		return 0, 0, false
	}
	switch before[n-1] {
	case 'o':
		if tone := toneOf(vowel, "àáảãạ"); tone >= 0 {
			return []rune("òóỏõọ")[tone], 'a', true
		}
		if tone := toneOf(vowel, "èéẻẽẹ"); tone >= 0 {
			return []rune("òóỏõọ")[tone], 'e', true
		}
	case 'u':
		if tone := toneOf(vowel, "ỳýỷỹỵ"); tone >= 0 {
			return []rune("ùúủũụ")[tone], 'y', true
		}
	}
	return 0, 0, false
}

// toneOf is the index of a letter among its five toned forms, or -1.
func toneOf(letter rune, toned string) int {
	tone := 0
	for _, r := range toned {
		if r == letter {
			return tone
		}
		tone++
	}
	return -1
}

// continues reports whether a syllable goes on in the rest of a text, by a
// letter or by a further mark on the letter before.
func continues(rest string) bool {
	r, _ := utf8.DecodeRuneInString(rest)
	return unicode.IsLetter(r) || unicode.IsMark(r)
}

// LastVowelTones gives the other placement: it moves the tone of an oa, oe or uy
// from the first vowel to the last (hòa to hoà). The pairs below stand in open
// syllables only, where alone the two placements differ.
func LastVowelTones() *strings.Replacer {
	return strings.NewReplacer(
		"òa", "oà", "óa", "oá", "ỏa", "oả", "õa", "oã", "ọa", "oạ",
		"òe", "oè", "óe", "oé", "ỏe", "oẻ", "õe", "oẽ", "ọe", "oẹ",
		"ùy", "uỳ", "úy", "uý", "ủy", "uỷ", "ũy", "uỹ", "ụy", "uỵ",
	)
}

// Unaccent returns s without tone marks and diacritics, đ as d, case kept.
func Unaccent(s string) string {
	if isASCII(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == 'đ' || r == 'ð':
			return 'd'
		case r == 'Đ' || r == 'Ð':
			return 'D'
		case unicode.Is(unicode.Mn, r):
			return -1
		}
		return r
	}, norm.NFD.String(s))
}

// FoldUnaccented returns Fold without accents: the form in which text typed
// without them is found.
func FoldUnaccented(s string) string { return Unaccent(Fold(s)) }

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// Slug returns s the way Vietnamese sites spell it in a path: "Thái Nguyên" is
// "thai-nguyen".
func Slug(s string) string {
	words := strings.FieldsFunc(strings.ToLower(Unaccent(s)), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	return strings.Join(words, "-")
}

// HasPhrase reports whether text holds phrase as whole words. Both are in the
// form that Fold gives.
func HasPhrase(text, phrase string) bool {
	return phrase != "" && IndexPhrase(text, phrase) >= 0
}

// IndexPhrase is the index in text of the first whole-word occurrence of
// phrase, or -1.
func IndexPhrase(text, phrase string) int {
	if phrase == "" {
		return -1
	}
	for from := 0; ; {
		i := strings.Index(text[from:], phrase)
		if i < 0 {
			return -1
		}
		start, end := from+i, from+i+len(phrase)
		before, _ := utf8.DecodeLastRuneInString(text[:start])
		after, _ := utf8.DecodeRuneInString(text[end:])
		if !isWord(before) && !isWord(after) {
			return start
		}
		from = start + 1 // an occurrence may overlap one that is no whole word
	}
}

func isWord(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r))
}
