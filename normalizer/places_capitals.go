package normalizer

import (
	"strings"
	"unicode"
)

// inCapitals reports whether a title has no small letter and more than one
// syllable.
func inCapitals(title string) bool {
	return !strings.ContainsFunc(title, unicode.IsLower) && strings.Contains(title, " ")
}

// lowerTails returns a title in capitals with all but the first letter of each
// syllable in small letters: "HUYỆN NA RÌ" as "Huyện Na Rì". What has no vowel is
// an abbreviation (TP, HCM) and stays. So does a syllable that would get another
// length: the offsets of the result are those of the title.
func lowerTails(title string, tokens []token) string {
	var b strings.Builder
	b.Grow(len(title))
	end := 0
	for _, t := range tokens {
		b.WriteString(title[end:t.start])
		syllable := title[t.start:t.end]
		lowered := capitalised(strings.ToLower(syllable))
		if len(lowered) == len(syllable) && strings.ContainsFunc(lowered, isVowel) {
			syllable = lowered
		}
		b.WriteString(syllable)
		end = t.end
	}
	b.WriteString(title[end:])
	return b.String()
}

// isVowel reports whether a letter is a Vietnamese vowel. Of the letters beyond
// ASCII all are but đ.
func isVowel(r rune) bool {
	return r > unicode.MaxASCII && r != 'đ' && r != 'Đ' || strings.ContainsRune("aeiouyAEIOUY", r)
}
