package vietnamese

import (
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Syllables are the runs of letters, marks and digits of a text. In Vietnamese a
// blank stands between syllables, not between words, of which most have two.
func Syllables(s string) iter.Seq[string] {
	return strings.FieldsFuncSeq(s, func(r rune) bool { return !isWord(r) })
}

// Sentences are the sentences of a clean text, each with its mark at the end and
// without the blank behind it.
func Sentences(s string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for s != "" {
			end := sentenceEnd(s)
			if !yield(s[:end]) {
				return
			}
			s = strings.TrimLeft(s[end:], " \n")
		}
	}
}

// sentenceEnd is behind the end of the first sentence of a text: a mark, what
// closes behind it, and a blank before what can begin a sentence.
func sentenceEnd(s string) int {
	for i, r := range s {
		if r != '.' && r != '?' && r != '!' && r != '…' && r != '\n' {
			continue
		}
		if r == '\n' {
			return i
		}
		end := i + utf8.RuneLen(r)
		end += len(s[end:]) - len(strings.TrimLeft(s[end:], `"”’')]`))
		switch rest := s[end:]; {
		case rest == "" || rest[0] == '\n':
			return end
		case rest[0] != ' ' || r == '.' && isAbbreviation(s[:i]):
		case strings.HasSuffix(s[:end], "/.") || beginsSentence(strings.TrimLeft(rest, " ")):
			return end
		}
	}
	return len(s)
}

func beginsSentence(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsUpper(r) || unicode.IsDigit(r) || strings.ContainsRune(`"“‘'([-–*`, r)
}

// isAbbreviation reports whether the dot behind a text belongs to its last word:
// a title, a kind of place, an initial (Nguyễn Văn A.), the number of a list.
func isAbbreviation(before string) bool {
	word := before[strings.LastIndexAny(before, " \n(“\"")+1:]
	switch strings.ToLower(word) {
	case "tp", "tx", "tt", "q", "p", "h", "x", "gs", "pgs", "ts", "ths", "bs", "ks", "cn", "nsnd", "nsưt", "st", "đt", "tr", "v.v",
		"pgs.ts", "gs.ts", "gs.tskh", "tskh":
		return true
	}
	if word == before && strings.Trim(word, "0123456789.") == "" {
		return true
	}
	r, size := utf8.DecodeRuneInString(word)
	return size == len(word) && unicode.IsUpper(r)
}
