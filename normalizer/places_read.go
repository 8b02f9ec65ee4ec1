package normalizer

import (
	"slices"
	"strings"
	"time"

	"bantin/internal/gazetteer"
)

// A placeReading is the reading of one article.
type placeReading struct {
	rules *placeTagger
	day   string // of the article, YYYY-MM-DD
	// dayGuessed: the article has no date.
	dayGuessed bool
	source     string // id of the source's province; may be empty

	mentions  []mention
	written   string // the part that is read
	text      string // the same, as it is compared
	firstHere int    // index of its first mention
	// sport: the article is about football, where bare provinces are teams.
	sport bool
	// people bear the names of places: "Nguyễn Hà Giang".
	people map[string]bool
	// What the article names for certain: provinces by their id then and by
	// today's, districts by code.
	provinces, provincesToday, districts []string
}

// unknownDay is far ahead, so that in an article without a date the units of
// today come before former ones.
const unknownDay = "9999-12-31"

// A mention is a name in the text that may be a place's.
type mention struct {
	written    string // the part of the article
	text       string // the same, as it is compared
	start, end int    // the name in it
	wordStart  int    // the unit word, else the name
	word       unitWord
	plural     bool // the unit word is for a list: "các huyện Na Rì, Chợ Đồn"
	inherited  bool // the unit word stands before the list
	units      []gazetteer.Unit
	// former: said to be of the past: "huyện Na Rì (cũ)".
	former bool
	// within are the provinces of June 2025 that one dissolved before went into,
	// where that one stands behind the name: "huyện Tân Uyên (Sông Bé)".
	within []string
	// elsewhere: what stands around a name without unit word makes it another thing's.
	elsewhere bool
	// ambiguous: the name is also a common word, a hero's or a street's.
	ambiguous bool
	// crowded: more capitalised syllables around it, so it may be part of a longer name.
	crowded bool
	// located: behind a word for where or whereto.
	located bool

	chosen   *gazetteer.Unit
	evidence string
}

func (m *mention) name() string { return m.written[m.start:m.end] }

func (p *placeTagger) begin(published time.Time, source string) placeReading {
	day := unknownDay
	if !published.IsZero() {
		day = published.In(vietnamTime()).Format(time.DateOnly)
	}
	return placeReading{
		rules: p, day: day, dayGuessed: published.IsZero(), source: source,
		mentions: make([]mention, 0, 8), // most articles name fewer
	}
}

// readTitle reads a title. Where all of it is in capitals, names are too.
func (r *placeReading) readTitle(title string, tokens []token) {
	if !inCapitals(title) {
		r.read(title, tokens)
		return
	}
	lowered := lowerTails(title, tokens)
	r.readAs(lowered, title, appendTokens(nil, lowered))
}

// read collects the mentions of one part of the article.
func (r *placeReading) read(text string, tokens []token) {
	// Ð is a letter of Iceland that looks like the Vietnamese Đ and is as long.
	r.readAs(strings.ReplaceAll(text, "Ð", "Đ"), text, tokens)
}

// readAs reads a text that was written in another way of the same length.
func (r *placeReading) readAs(text, written string, tokens []token) {
	r.text, r.written, r.firstHere = text, written, len(r.mentions)
	const most = 10_000 // mentions: a list of all communes of today has a third
	for i := 0; i < len(tokens) && len(r.mentions) < most; {
		i += r.readAt(tokens, i)
	}
}

// readAt reads the longest name that begins with a token, and returns how many
// tokens to go on.
func (r *placeReading) readAt(tokens []token, i int) int {
	t := tokens[i]
	number := r.text[t.start] >= '0' && r.text[t.start] <= '9'
	if !t.capital && !number {
		return 1
	}
	first := r.text[t.start:t.end]
	longest := min(max(r.rules.gazetteer.Longest(first), r.rules.longest[first]), len(tokens)-i)
	if number && longest > 1 && !tokens[i+1].capital {
		longest = 1 // "1 huyện" and "Quận 1", but "phường 1 Bảo Lộc"
	}
	for n := longest; n > 0; n-- {
		name := r.text[t.start:tokens[i+n-1].end]
		switch r.rules.phrases[name] {
		case otherThing:
			if n > 1 || !r.behindUnitWord(tokens[:i], t.start) {
				return n
			}
		case sport:
			r.sport = true
			return n
		case notPhrase:
		}
		if units := r.rules.gazetteer.Lookup(name); len(units) > 0 && r.addMention(tokens, i, n, units) {
			return n
		}
	}
	return 1
}

// addMention adds the name of n tokens from the i-th with what stands around
// it. It reports whether the name can be a place's at all: a commune's without
// unit word cannot, so that "Dân An Giang" is no Dân An.
func (r *placeReading) addMention(tokens []token, i, n int, units []gazetteer.Unit) bool {
	m := mention{
		written: r.written, text: r.text, start: tokens[i].start, end: tokens[i+n-1].end, wordStart: tokens[i].start,
		units: units,
	}
	rest := r.text[m.end:]
	if isChinese(rest) {
		return false
	}
	_, m.former = cutFormer(rest)
	r.findUnitWord(tokens[:i], &m)
	if m.word.level == 0 {
		r.inherit(&m, tokens[i+n:])
	} else {
		m.within = r.dissolvedParent(rest)
	}
	if m.word.level == 0 {
		if !slices.ContainsFunc(units, standsAlone) {
			return false
		}
		r.lookAround(tokens, i, n, &m)
	}
	r.mentions = append(r.mentions, m)
	return true
}

// standsAlone reports whether a unit may be named without unit word: all but
// communes and the districts that bear a number.
func standsAlone(u gazetteer.Unit) bool {
	return u.Level != gazetteer.Commune && u.Name[0] > '9'
}

// isChinese: Hà Nam and Thái Nguyên are also how Vietnamese spells places in China.
func isChinese(rest string) bool {
	for _, between := range []string{" (", ", ", " của ", " - ", " – ", " ở ", " "} {
		if after, ok := strings.CutPrefix(rest, between); ok && strings.HasPrefix(after, "Trung Quốc") {
			return true
		}
	}
	return false
}

// cutFormer cuts words from the text behind a name that say that the unit is
// of the past.
func cutFormer(rest string) (string, bool) {
	for _, words := range []string{
		" (cũ)", " cũ", " (trước đây)", " trước đây", " (trước sáp nhập)", " trước sáp nhập", " (trước khi sáp nhập)",
		" trước khi sáp nhập", " trước sắp xếp", " trước khi sắp xếp",
	} {
		if after, ok := strings.CutPrefix(rest, words); ok && !beginsSyllable(after) {
			return after, true
		}
	}
	return rest, strings.HasPrefix(rest, " (nay ") || strings.HasPrefix(rest, ", nay là ") || strings.HasPrefix(rest, ", nay thuộc ")
}

// dissolvedParent returns the heirs of a dissolved province that stands behind a name.
func (r *placeReading) dissolvedParent(rest string) []string {
	rest, _ = cutFormer(rest)
	for _, between := range []string{", ", " (", " - ", " – ", " thuộc "} {
		after, ok := strings.CutPrefix(rest, between)
		if !ok {
			continue
		}
		after = strings.TrimPrefix(after, "tỉnh ")
		for _, d := range r.rules.dissolved {
			if behind, ok := strings.CutPrefix(after, d.name); ok && !beginsSyllable(behind) {
				return d.heirs
			}
		}
	}
	return nil
}
