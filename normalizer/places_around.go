package normalizer

import (
	"strings"
	"unicode/utf8"

	"bantin/internal/gazetteer"
)

// findUnitWord looks for the unit word right before the name.
func (r *placeReading) findUnitWord(before []token, m *mention) {
	word, n := r.unitWordAt(before, m.start, " ")
	if n == 0 {
		return
	}
	rest := before[:len(before)-n]
	wordStart := before[len(rest)].start
	if r.namesRoute(rest, wordStart, m.end) {
		m.elsewhere = true
		return
	}
	m.word, m.wordStart = word, wordStart
	if len(rest) == 0 {
		return
	}
	// "các huyện, thành phố Na Rì, Bắc Kạn": any kind of the first word's level.
	if mixed, n := r.unitWordAt(rest, m.wordStart, ", "); n > 0 {
		m.word, m.plural = unitWord{level: mixed.level}, true
		return
	}
	last := rest[len(rest)-1]
	switch r.text[last.start:last.end] {
	case "tác": // hợp tác xã, a cooperative
		m.word, m.wordStart = unitWord{}, m.start
		m.elsewhere = true
	case "các", "Các", "những", "Những", "hai", "Hai", "ba", "Ba", "bốn", "năm", "sáu":
		m.plural = true
	}
}

// unitWordAt returns the unit word at the end of the tokens and of how many
// tokens it is; 0 when there is none. Between it and the offset stands what the
// caller says, or behind an abbreviation a full stop.
func (r *placeReading) unitWordAt(before []token, start int, between string) (word unitWord, tokens int) {
	n := len(before)
	if n == 0 {
		return unitWord{}, 0
	}
	last := before[n-1]
	gap := r.text[last.end:start]
	const longest = 3 // "huyện vùng cao"
	for k := min(longest, n); k > 1 && gap == between; k-- {
		if word, ok := r.rules.unit[r.text[before[n-k].start:last.end]]; ok {
			return word, k
		}
	}
	word, ok := r.rules.unit[r.text[last.start:last.end]]
	dot := (gap == ". " || gap == ".") && word.abbreviated
	if !ok || !dot && (gap != between || word.dotted) {
		return unitWord{}, 0
	}
	return word, 1
}

// behindUnitWord reports whether the word of a district or commune stands before a name.
func (r *placeReading) behindUnitWord(before []token, start int) bool {
	word, _ := r.unitWordAt(before, start, " ")
	return word.level > gazetteer.Province
}

// lookAround judges a name of n tokens from the i-th that has no unit word by
// what stands around it.
func (r *placeReading) lookAround(tokens []token, i, n int, m *mention) {
	before := tokens[:i]
	person := r.isPerson(before, m.start)
	rest := r.text[m.end:]
	m.elsewhere = m.elsewhere || person || r.isElsewhere(before, m.start) || strings.HasPrefix(rest, " FC") ||
		isJoined(rest) && r.isOnRoute(before)
	m.ambiguous = r.rules.needsUnit[r.text[m.start:m.end]]
	m.crowded = r.isCrowded(tokens, i, n)
	if i > 0 {
		m.located = r.rules.located[r.text[before[i-1].start:before[i-1].end]]
	}
	if person {
		if r.people == nil {
			r.people = map[string]bool{}
		}
		r.people[r.text[m.start:m.end]] = true
	}
}

// isElsewhere reports whether the words before a name make it a street's, a
// company's, a person's.
func (r *placeReading) isElsewhere(before []token, start int) bool {
	n := len(before)
	if n == 0 {
		return false
	}
	switch r.text[before[n-1].end:start] {
	case " ":
	case " - ", "-", " – ", "–":
		return r.isOnRoute(before)
	default:
		return false
	}
	if last := before[n-1]; r.rules.surnames[r.text[last.start:last.end]] && r.capitalRun(before, start) == 1 {
		return true
	}
	if what := r.leadAt(before); what != noLead {
		return what != harmless
	}
	return r.isInstitutions(before)
}

// leadAt returns what the longest known words at the end of the tokens say of
// the name behind them.
func (r *placeReading) leadAt(before []token) lead {
	const longest = 4 // "khu, cụm công nghiệp" has four syllables
	n := len(before)
	for k := min(longest, n); k > 0; k-- {
		if what := r.rules.before[r.text[before[n-k].start:before[n-1].end]]; what != noLead {
			return what
		}
	}
	return noLead
}

// isOnRoute reports whether a road's or railway's word stands before the names
// that dashes join: "cao tốc Hà Nội - Hải Phòng".
func (r *placeReading) isOnRoute(before []token) bool {
	const longest = 12 // syllables of a route's name: three of four syllables
	for n := len(before); n > max(0, len(before)-longest); n-- {
		if r.leadAt(before[:n]) == route {
			return true
		}
		if last := before[n-1]; !last.capital && !isNumber(r.text[last.start:last.end]) || last.fresh {
			return false
		}
	}
	return false
}

// isInstitutions reports whether a name ends the longer one of a school or
// company: "Đại học Sư phạm Hà Nội". Of the words between, the first syllable
// has a capital.
func (r *placeReading) isInstitutions(before []token) bool {
	const longest = 7 // "Đại học Kinh tế Kỹ thuật Công nghiệp Hà Nội", without its head
	small := 0        // syllables without a capital, one after the other
	for n := len(before); n > max(1, len(before)-longest); n-- {
		last := before[n-1]
		switch r.leadAt(before[:n]) {
		case heading:
			return true
		case harmless, another, route:
			return false
		case noLead:
		}
		if small++; last.capital {
			small = 0
		}
		if small > 1 || r.rules.located[r.text[last.start:last.end]] || r.text[before[n-2].end:last.start] != " " {
			return false
		}
	}
	return false
}

// namesRoute reports whether a city with its unit word names an end of a road
// or railway: "cao tốc TP. Hồ Chí Minh - Long Thành".
func (r *placeReading) namesRoute(before []token, start, end int) bool {
	if len(before) == 0 {
		return false
	}
	switch r.text[before[len(before)-1].end:start] {
	case " - ", " – ":
		return r.isOnRoute(before)
	case " ":
		return isJoined(r.text[end:]) && r.isOnRoute(before)
	}
	return false
}

// isJoined reports whether a dash joins a name to the next.
func isJoined(rest string) bool {
	return strings.HasPrefix(rest, " - ") || strings.HasPrefix(rest, " – ")
}

// isPerson reports whether the capitalised syllables before a name begin with a
// surname: "Nguyễn Thị Hà Giang".
func (r *placeReading) isPerson(before []token, start int) bool {
	const longest = 4 // syllables of a surname and middle names
	n := r.capitalRun(before, start)
	if n == 0 || n > longest {
		return false
	}
	if last := len(r.mentions) - 1; last >= r.firstHere && r.mentions[last].end == before[len(before)-1].end {
		return false // "Hoàng Mai Hà Nội"
	}
	first := before[len(before)-n]
	name := r.text[first.start:first.end]
	if n > 1 && (first.fresh || r.rules.before[name] == another) { // "Chị Nguyễn Hà Giang", "HLV Lê Long An"
		if second := before[len(before)-n+1]; !r.rules.families[name] {
			first, name = second, r.text[second.start:second.end]
		}
	}
	// "Hồ Núi Cốc" at the start of a sentence is a lake.
	return r.rules.families[name] && (name != "Hồ" || !first.fresh)
}

// capitalRun counts the capitalised syllables right before a name.
func (r *placeReading) capitalRun(before []token, start int) int {
	const enough = 5 // more than a name has
	n := 0
	for n < min(enough, len(before)) {
		t := before[len(before)-1-n]
		if !t.capital || r.text[t.end:start] != " " {
			break
		}
		start = t.start
		n++
	}
	return n
}

// isCrowded reports whether the name of n tokens from the i-th has a
// capitalised neighbour that does not just begin the sentence.
func (r *placeReading) isCrowded(tokens []token, i, n int) bool {
	if i > 0 && tokens[i-1].capital && !tokens[i-1].fresh && r.text[tokens[i-1].end:tokens[i].start] == " " {
		return true
	}
	end := i + n
	return end < len(tokens) && tokens[end].capital && r.text[tokens[end-1].end:tokens[end].start] == " "
}

// inherit takes the unit word of a list over from the mention before.
func (r *placeReading) inherit(m *mention, after []token) {
	if len(r.mentions) == r.firstHere {
		return
	}
	before := &r.mentions[len(r.mentions)-1]
	numbers := isNumber(r.text[before.start:before.end]) && isNumber(r.text[m.start:m.end]) && before.word.level != 0
	if !before.plural && (!numbers || r.counts(m, after)) {
		return
	}
	between, _ := cutFormer(r.text[before.end:m.start])
	switch between {
	case ", ", " và ", ", và ", "; ":
	default:
		return
	}
	if len(r.candidates(m, before.word)) == 0 {
		return
	}
	m.word, m.plural, m.inherited = before.word, before.plural, true
	if m.former { // "các huyện Na Rì, Ba Bể (cũ)"
		for k := len(r.mentions) - 1; k >= r.firstHere && r.mentions[k].plural; k-- {
			r.mentions[k].former = true
			if !r.mentions[k].inherited {
				break
			}
		}
	}
}

// counts reports whether a number stands before what it counts ("phường 1, 2
// nhà dân"), not in a list of numbered wards.
func (r *placeReading) counts(m *mention, after []token) bool {
	if len(after) == 0 || r.text[m.end:after[0].start] != " " {
		return false
	}
	switch r.text[after[0].start:after[0].end] {
	case "và", "thuộc", "của", "ở":
		return false
	}
	for k := 1; k <= min(2, len(after)); k++ {
		if _, ok := r.rules.unit[r.text[after[0].start:after[k-1].end]]; ok {
			return false
		}
	}
	return true
}

func isNumber(name string) bool {
	return name[0] >= '0' && name[0] <= '9' && !strings.Contains(name, " ")
}

// beginsSyllable reports whether a text goes on with a letter or digit.
func beginsSyllable(text string) bool {
	first, _ := utf8.DecodeRuneInString(text)
	return text != "" && isSyllable(first)
}
