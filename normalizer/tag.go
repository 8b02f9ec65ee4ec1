package normalizer

import (
	_ "embed" // the rules' data
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"bantin/internal/article"
)

// ErrTagRules says that the embedded data of the tagger are wrong. A test keeps
// that from happening.
var ErrTagRules = errors.New("tagging rules")

// A tagger finds the places and topics of articles. It never changes.
type tagger struct {
	places placeTagger
	topics topicTagger
}

func newTagger(options Options) (*tagger, error) {
	places, placesErr := newPlaceTagger(options.Gazetteer)
	topics, topicsErr := newTopicTagger(options.Topics)
	if err := errors.Join(placesErr, topicsErr); err != nil {
		return nil, err
	}
	return &tagger{places: places, topics: topics}, nil
}

// tag fills the places and topics of an article from what a reader sees first
// and reads: title, lead, captions, text. It runs for every item, so each text
// is cut into syllables once and nothing is folded or copied. Of the categories it
// leaves the source's words.
func (n *Normalizer) tag(a *article.Article, src article.Source) {
	places := n.tagger.places.begin(a.Published, src.Province)
	topics := n.tagger.topics.begin()
	longest := max(len(a.Title), len(a.Lead), len(a.Text))
	lead, text := leadAndText(a)
	buffer := make([]token, 0, longest/5+1) // a syllable and its space have about six bytes
	read := func(z zone, text string) {
		buffer = appendTokens(buffer[:0], text)
		if z == inTitle {
			places.readTitle(text, buffer)
		} else {
			places.read(text, buffer)
		}
		topics.read(z, text, buffer)
	}
	read(inTitle, a.Title)
	read(inLead, lead)
	for i := range a.Images {
		read(inText, a.Images[i].Caption)
	}
	read(inText, text)
	topics.readCategories(a.Categories, a.URL)
	a.Categories = ownWords(a.Categories)
	a.Places = places.result()
	a.Topics = topics.result()
}

// maxLead in bytes is above the longest leads: some 100 words of Vietnamese.
const maxLead = 700

// leadAndText is what a reader takes for the lead, and the rest. Many feeds have
// the lead where a body would be.
func leadAndText(a *article.Article) (lead, text string) {
	first, rest, _ := strings.Cut(a.Text, "\n")
	if a.Lead == "" && len(first) <= maxLead {
		return first, rest
	}
	return a.Lead, a.Text
}

// A zone is a part of an article that weighs the same for its topics.
type zone uint8

const (
	inText zone = iota
	inLead
	inTitle
	zones // how many there are
)

// String names the zone in the evidence of a tag.
func (z zone) String() string {
	switch z {
	case inTitle:
		return "title"
	case inLead:
		return "lead"
	case inText, zones:
	}
	return "text"
}

// A token is a syllable of a text: a run of letters, marks and digits.
type token struct {
	start, end int
	capital    bool // begins with a capital letter
	fresh      bool // more than spaces, commas and hyphens stand before it
}

func appendTokens(tokens []token, text string) []token {
	start, capital, fresh := -1, false, true
	for i := 0; i < len(text); {
		r, size := rune(text[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(text[i:])
		}
		switch {
		case isSyllable(r):
			if start < 0 {
				start, capital = i, isCapital(r)
			}
		case start >= 0:
			tokens = append(tokens, token{start, i, capital, fresh})
			start, fresh = -1, !joins(r)
		default:
			fresh = fresh || !joins(r)
		}
		i += size
	}
	if start >= 0 {
		tokens = append(tokens, token{start, len(text), capital, fresh})
	}
	return tokens
}

// joins reports whether a character may stand within a phrase ("khu, cụm công nghiệp").
func joins(r rune) bool { return r == ' ' || r == ',' || r == '-' }

func isSyllable(r rune) bool {
	switch {
	case r < utf8.RuneSelf:
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
	case r >= 0xc0 && r < 0x250 || r >= 0x1ea0 && r <= 0x1ef9: // Latin letters and two signs
		return r != '×' && r != '÷'
	}
	return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r)
}

func isCapital(r rune) bool {
	switch {
	case r < utf8.RuneSelf:
		return r >= 'A' && r <= 'Z'
	case r >= 0x1ea0 && r <= 0x1ef9: // capitals are even
		return r&1 == 0
	}
	return unicode.IsUpper(r)
}

// capitalised returns words with a capital at the start.
func capitalised(words string) string {
	first, size := utf8.DecodeRuneInString(words)
	return string(unicode.ToUpper(first)) + words[size:]
}

// eachRow calls f with the columns of every line but the heading of a
// tab-separated text.
func eachRow(text string, f func(columns []string)) {
	_, rest, _ := strings.Cut(text, "\n")
	for line := range strings.Lines(rest) {
		f(strings.Split(strings.TrimSuffix(line, "\n"), "\t"))
	}
}

// badRow is the error of a row of the embedded data.
func badRow(file string, columns []string, why string) error {
	return fmt.Errorf("%w: %s: %q: %s", ErrTagRules, file, columns, why)
}
