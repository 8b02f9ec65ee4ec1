package normalizer

import (
	_ "embed" // the rules' data
	"errors"
	"slices"
	"strings"
	"time"

	"bantin/internal/article"
	"bantin/internal/gazetteer"
	"bantin/internal/vietnamese"
)

//go:embed data/places.tsv
var placesText string

// The first day of the communes of today and of the merged provinces
// (Resolution 202/2025/QH15); districts ended the day before.
const mergerDay = "2025-07-01"

// Kinds rose over the years (a rural district became a town), and the gazetteer
// knows those of 2025. Before this day a lower kind than today's is believed.
const kindsKnownSince = "2025-01-01"

// A placeTagger finds the places that a text names. Names count with their
// accents and capitals, the longest first, and then:
//
//   - a unit word before the name ("huyện Na Rì") decides the level;
//   - a province counts without one, unless it stands where it names something
//     else (a street, a paper, a person) or is a common word;
//   - a district counts without one only where its province is named;
//   - a commune needs one, and its district or province named;
//   - of several units with one name, the one whose parent is named right after,
//     else the one whose province is named in the article, else the one of the
//     source's province; else none.
//
// Wrong is worse than missing.
type placeTagger struct {
	gazetteer *gazetteer.Gazetteer
	// notPlaces are longer names that hold a place's ("Thái Bình Dương").
	notPlaces map[string]bool
	longest   map[string]int // syllables of the longest of them, by the first
	// needsUnit are names that are common words, or streets and heroes.
	needsUnit map[string]bool
	// before are words after which a name without unit word is none of a place
	// (true), and longer ones in which these words are harmless (false).
	before   map[string]bool
	surnames map[string]bool
	unit     map[string]unitWord
}

// A unitWord says of what level and kind the name behind it is.
type unitWord struct {
	level gazetteer.Level
	kind  string // empty for any of the level
	// An abbreviation may have a full stop; one of a single letter must ("H. Na Rì").
	abbreviated, dotted bool
}

func newPlaceTagger(g *gazetteer.Gazetteer) (placeTagger, error) {
	p := placeTagger{
		gazetteer: g,
		notPlaces: map[string]bool{}, longest: map[string]int{}, needsUnit: map[string]bool{},
		before: map[string]bool{}, surnames: map[string]bool{}, unit: unitWords(),
	}
	var errs []error
	tones := vietnamese.LastVowelTones()
	eachRow(placesText, func(columns []string) {
		if len(columns) != 2 {
			errs = append(errs, badRow("places.tsv", columns, "not a rule and words"))
			return
		}
		for words := range strings.SplitSeq(columns[1], "; ") {
			if !p.addRule(columns[0], words, tones) {
				errs = append(errs, badRow("places.tsv", columns, "unknown rule"))
			}
		}
	})
	return p, errors.Join(errs...)
}

func (p *placeTagger) addRule(rule, words string, tones *strings.Replacer) bool {
	switch rule {
	case "not-a-place":
		tokens := appendTokens(nil, words)
		first := words[:tokens[0].end]
		p.notPlaces[words] = true
		p.longest[first] = max(p.longest[first], len(tokens))
	case "needs-unit":
		p.needsUnit[words] = true
		p.needsUnit[tones.Replace(words)] = true
	case "not-after", "may-follow":
		for _, spelling := range spellings(words) {
			p.before[spelling] = rule == "not-after"
		}
	case "surname":
		p.surnames[words] = true
	default:
		return false
	}
	return true
}

// unitWords are the words that say what a name behind them is.
func unitWords() map[string]unitWord {
	units := map[string]unitWord{}
	tones := vietnamese.LastVowelTones()
	for _, u := range []struct {
		level gazetteer.Level
		kind  string
		words string
	}{
		{gazetteer.Province, "tỉnh", "tỉnh; tỉnh ủy"},
		// A city may be a province too; see placeReading.cities.
		{gazetteer.District, "thành phố", "thành phố; thành ủy"},
		{gazetteer.District, "thị xã", "thị xã; thị ủy"},
		{gazetteer.District, "quận", "quận; quận ủy"},
		{gazetteer.District, "huyện", "huyện; huyện ủy"},
		{gazetteer.Commune, "phường", "phường"},
		{gazetteer.Commune, "xã", "xã"},
		{gazetteer.Commune, "thị trấn", "thị trấn"},
		{gazetteer.Commune, "đặc khu", "đặc khu"},
	} {
		for words := range strings.SplitSeq(u.words, "; ") {
			for _, spelling := range spellings(words) {
				units[spelling] = unitWord{level: u.level, kind: u.kind}
				units[tones.Replace(spelling)] = units[spelling]
			}
		}
	}
	for short, long := range map[string]string{
		"TP": "thành phố", "Tp": "thành phố", "tp": "thành phố", "TX": "thị xã", "Tx": "thị xã", "TT": "thị trấn",
	} {
		word := units[long]
		word.abbreviated = true
		units[short] = word
	}
	for short, long := range map[string]string{"Q": "quận", "H": "huyện", "P": "phường"} {
		word := units[long]
		word.abbreviated, word.dotted = true, true
		units[short] = word
	}
	return units
}

// spellings are the ways in which words stand in running text and in titles:
// as given, and unless they begin with a capital anyway, with the first, the
// first two, or all syllables capitalised, and in capitals.
func spellings(words string) []string {
	if isCapital([]rune(words)[0]) {
		return []string{words}
	}
	syllables := strings.Split(words, " ")
	all := []string{words, strings.ToUpper(words)}
	for i, syllable := range syllables {
		syllables[i] = capitalised(syllable)
		all = append(all, strings.Join(syllables, " "))
	}
	return all
}

// A placeReading is the reading of one article.
type placeReading struct {
	rules  *placeTagger
	day    string // of the article, YYYY-MM-DD; far ahead when unknown, so that today's units come first
	source string // id of the source's province; may be empty

	mentions  []mention
	text      string // the part that is read
	firstHere int    // index of its first mention
	// What the article names for certain: provinces by their id then and by
	// today's, districts by code.
	provinces, provincesToday, districts []string
}

// A mention is a name in the text that may be a place's.
type mention struct {
	text       string // the part of the article
	start, end int    // the name in it
	wordStart  int    // the unit word, else the name
	word       unitWord
	plural     bool // the unit word is for a list: "các huyện Na Rì, Chợ Đồn"
	inherited  bool // the unit word stands before the list
	units      []gazetteer.Unit
	// elsewhere: what stands around a name without unit word makes it another thing's.
	elsewhere bool
	// ambiguous: the name is also a common word, a hero's or a street's.
	ambiguous bool
	// crowded: more capitalised syllables around it, so it may be part of a longer name.
	crowded bool

	chosen   *gazetteer.Unit
	evidence string
}

func (m *mention) name() string { return m.text[m.start:m.end] }

func (p *placeTagger) begin(published time.Time, source string) placeReading {
	day := "9999-12-31"
	if !published.IsZero() {
		day = published.In(vietnamTime()).Format(time.DateOnly)
	}
	return placeReading{
		rules: p, day: day, source: source,
		mentions: make([]mention, 0, 8), // most articles name fewer
	}
}

// read collects the mentions of one part of the article.
func (r *placeReading) read(text string, tokens []token) {
	r.text, r.firstHere = text, len(r.mentions)
	for i := 0; i < len(tokens); {
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
	longest := max(r.rules.gazetteer.Longest(first), r.rules.longest[first])
	if number {
		longest = min(longest, 1) // Quận 1, and nothing longer
	}
	for n := min(longest, len(tokens)-i); n > 0; n-- {
		name := r.text[t.start:tokens[i+n-1].end]
		if r.rules.notPlaces[name] {
			return n
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
		text: r.text, start: tokens[i].start, end: tokens[i+n-1].end, wordStart: tokens[i].start,
		units: units,
	}
	if isChinese(r.text[m.end:]) {
		return false
	}
	r.findUnitWord(tokens[:i], &m)
	if m.word.level == 0 {
		m.elsewhere = m.elsewhere || r.isElsewhere(tokens[:i], m.start)
		m.ambiguous = r.rules.needsUnit[m.name()]
		m.crowded = r.isCrowded(tokens, i, n)
		r.inherit(&m)
	}
	if m.word.level == 0 && !slices.ContainsFunc(units, standsAlone) {
		return false
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
	return strings.HasPrefix(rest, " (Trung Quốc") || strings.HasPrefix(rest, ", Trung Quốc")
}

// findUnitWord looks for the unit word right before the name.
func (r *placeReading) findUnitWord(before []token, m *mention) {
	word, n := r.unitWordAt(before, m.start, " ")
	if n == 0 {
		return
	}
	rest := before[:len(before)-n]
	m.word, m.wordStart = word, before[len(rest)].start
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
	if n > 1 && gap == between && r.text[before[n-2].end:last.start] == " " {
		if word, ok := r.rules.unit[r.text[before[n-2].start:last.end]]; ok {
			return word, 2
		}
	}
	word, ok := r.rules.unit[r.text[last.start:last.end]]
	dot := (gap == ". " || gap == ".") && word.abbreviated
	if !ok || !dot && (gap != between || word.dotted) {
		return unitWord{}, 0
	}
	return word, 1
}

// isElsewhere reports whether the words before a name make it a street's, a
// company's, a person's.
func (r *placeReading) isElsewhere(before []token, start int) bool {
	n := len(before)
	if n == 0 || r.text[before[n-1].end:start] != " " {
		return false
	}
	if r.rules.surnames[r.text[before[n-1].start:before[n-1].end]] {
		return true
	}
	const longest = 4 // "khu, cụm công nghiệp" has four syllables
	for k := min(longest, n); k > 0; k-- {
		if elsewhere, ok := r.rules.before[r.text[before[n-k].start:before[n-1].end]]; ok {
			return elsewhere
		}
	}
	return false
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
func (r *placeReading) inherit(m *mention) {
	if len(r.mentions) == r.firstHere {
		return
	}
	before := &r.mentions[len(r.mentions)-1]
	if !before.plural {
		return
	}
	switch r.text[before.end:m.start] {
	case ", ", " và ", ", và ", "; ":
	default:
		return
	}
	if len(r.candidates(m.units, before.word)) > 0 {
		m.word, m.plural, m.inherited = before.word, true, true
	}
}

// result decides about all mentions, the certain ones first, and returns the
// places in the order in which the article names them, each once.
func (r *placeReading) result() []article.PlaceRef {
	r.chooseProvinces()
	// Districts of which there is one make their province known, by which others
	// of the same article are told apart.
	r.chooseDistricts()
	r.chooseDistricts()
	r.chooseBareDistricts()
	r.chooseCommunes()

	type key struct {
		level      gazetteer.Level
		code, from string
	}
	seen := map[key]bool{}
	var refs []article.PlaceRef
	for i := range r.mentions {
		m := &r.mentions[i]
		if m.chosen == nil || seen[key{m.chosen.Level, m.chosen.Code, m.chosen.From}] {
			continue
		}
		seen[key{m.chosen.Level, m.chosen.Code, m.chosen.From}] = true
		refs = append(refs, placeRef(m))
	}
	return refs
}

func placeRef(m *mention) article.PlaceRef {
	u := m.chosen
	ref := article.PlaceRef{
		Name: m.name(), Kind: u.Kind, Code: u.Code, From: u.From, Until: u.Until, Province: u.Today,
		Evidence: m.text[m.wordStart:m.end] + ": " + m.evidence,
	}
	if u.Level != gazetteer.Province && m.word.kind != "" {
		ref.Kind = m.word.kind // what it was when the article was written
	}
	if u.Province != u.Today {
		ref.ProvinceThen = u.Province
	}
	return ref
}

// candidates are the units that a name with a unit word may mean: those of the
// article's day, else former ones, of the kind if there are any.
func (r *placeReading) candidates(units []gazetteer.Unit, word unitWord) []*gazetteer.Unit {
	if word.kind == "thành phố" {
		return r.cities(units)
	}
	found := r.ofLevel(units, word.level)
	if word.level == gazetteer.Province || word.kind == "" {
		return found // a province may have become a city
	}
	exact := slices.DeleteFunc(slices.Clone(found), func(u *gazetteer.Unit) bool { return u.Kind != word.kind })
	if len(exact) > 0 || r.day >= kindsKnownSince {
		return exact
	}
	return slices.DeleteFunc(found, func(u *gazetteer.Unit) bool { return kindRank(u.Kind) <= kindRank(word.kind) })
}

// kindRank orders the kinds that a unit of one level can rise through.
func kindRank(kind string) int {
	switch kind {
	case "thị trấn", "thị xã":
		return 1
	case "phường", "quận", "thành phố":
		return 2
	}
	return 0
}

// cities are the units of a name that are cities, of either level.
func (r *placeReading) cities(units []gazetteer.Unit) []*gazetteer.Unit {
	for _, level := range []gazetteer.Level{gazetteer.Province, gazetteer.District} {
		found := slices.DeleteFunc(r.ofLevel(units, level), func(u *gazetteer.Unit) bool { return u.Kind != "thành phố" })
		if len(found) > 0 {
			return found
		}
	}
	return nil
}

// ofLevel are the units of a level on the article's day, else the former ones.
func (r *placeReading) ofLevel(units []gazetteer.Unit, level gazetteer.Level) []*gazetteer.Unit {
	var now, former []*gazetteer.Unit
	for i := range units {
		u := &units[i]
		switch {
		case u.Level != level:
		case u.On(r.day):
			now = append(now, u)
		case u.Until != "" && u.Until < r.day:
			former = append(former, u)
		}
	}
	if len(now) > 0 {
		return now
	}
	return latest(former)
}

// latest leaves of units those that ended last.
func latest(units []*gazetteer.Unit) []*gazetteer.Unit {
	last := ""
	for _, u := range units {
		last = max(last, u.Until)
	}
	return slices.DeleteFunc(units, func(u *gazetteer.Unit) bool { return u.Until != last })
}

func (r *placeReading) choose(m *mention, u *gazetteer.Unit, why string) {
	m.chosen, m.evidence = u, why
	if !slices.Contains(r.provinces, u.Province) {
		r.provinces = append(r.provinces, u.Province)
	}
	if !slices.Contains(r.provincesToday, u.Today) {
		r.provincesToday = append(r.provincesToday, u.Today)
	}
	if u.Level == gazetteer.District && !slices.Contains(r.districts, u.Code) {
		r.districts = append(r.districts, u.Code)
	}
}

func (r *placeReading) chooseProvinces() {
	for i := range r.mentions {
		m := &r.mentions[i]
		if m.word.level != 0 {
			found := r.candidates(m.units, m.word)
			if len(found) == 1 && found[0].Level == gazetteer.Province {
				r.choose(m, found[0], "unit word")
			}
			continue
		}
		found := r.ofLevel(m.units, gazetteer.Province)
		switch {
		case len(found) != 1 || m.elsewhere:
		case !m.ambiguous:
			r.choose(m, found[0], "name of a province")
		case found[0].Province == r.source && !isPerson(m.name()):
			r.choose(m, found[0], "name of the source's province")
		}
	}
}

// isPerson: Hồ Chí Minh without unit word is the man, whatever the source.
func isPerson(name string) bool { return name == "Hồ Chí Minh" || name == "HCM" }

func (r *placeReading) chooseDistricts() {
	for i := range r.mentions {
		m := &r.mentions[i]
		if m.chosen != nil || m.word.level != gazetteer.District {
			continue
		}
		found := r.candidates(m.units, m.word)
		if u, why := r.decide(i, found); u != nil {
			r.choose(m, u, why)
		} else if len(found) == 1 {
			r.choose(m, found[0], "unit word, the only one of the name")
		}
	}
}

// decide picks of several units the one whose parent stands right behind the
// name, else the only one whose province the article names, else the only one
// of the source's province.
func (r *placeReading) decide(i int, found []*gazetteer.Unit) (u *gazetteer.Unit, why string) {
	if u := only(found, func(u *gazetteer.Unit) bool { return r.parentFollows(i, u) }); u != nil {
		return u, "its parent stands behind it"
	}
	named := 0
	for _, u := range found {
		if r.isNamed(u) {
			named++
		}
	}
	if u := only(found, r.isNamed); u != nil {
		return u, "its province is named"
	}
	if u := only(found, func(u *gazetteer.Unit) bool {
		return r.source != "" && u.Province == r.source && (named == 0 || r.isNamed(u))
	}); u != nil {
		return u, "the source's province"
	}
	return nil, ""
}

// only returns the unit for which f holds, if it is one.
func only(units []*gazetteer.Unit, f func(*gazetteer.Unit) bool) *gazetteer.Unit {
	var one *gazetteer.Unit
	for _, u := range units {
		if !f(u) {
			continue
		}
		if one != nil {
			return nil
		}
		one = u
	}
	return one
}

// isNamed reports whether the article names the province of a unit, as it was
// on the article's day.
func (r *placeReading) isNamed(u *gazetteer.Unit) bool {
	if r.day >= mergerDay {
		return slices.Contains(r.provincesToday, u.Today)
	}
	return slices.Contains(r.provinces, u.Province)
}

// parentFollows reports whether the i-th mention is followed by the name of the
// district or province that holds the unit: "huyện Chợ Mới (Bắc Kạn)".
func (r *placeReading) parentFollows(i int, u *gazetteer.Unit) bool {
	m := &r.mentions[i]
	if i+1 == len(r.mentions) || r.mentions[i+1].text != m.text || r.mentions[i+1].wordStart < m.end {
		return false
	}
	next := &r.mentions[i+1]
	switch m.text[m.end:next.wordStart] {
	case ", ", " (", " - ", " – ", "-", ",", " của ", " thuộc ", ", thuộc ", " ở ", " cũ, ", " cũ (":
	default:
		return false
	}
	if next.chosen != nil {
		return r.holds(next.chosen, u)
	}
	return slices.ContainsFunc(next.units, func(parent gazetteer.Unit) bool { return r.holds(&parent, u) })
}

func (r *placeReading) holds(parent, u *gazetteer.Unit) bool {
	switch parent.Level {
	case gazetteer.Province:
		return parent.ID == u.Province || r.day >= mergerDay && parent.Today == u.Today
	case gazetteer.District:
		return u.Level == gazetteer.Commune && parent.Code == u.Parent
	case gazetteer.Commune:
	}
	return false
}

// chooseBareDistricts takes names without unit word for districts where the
// province is named in the article. There is no such reading since there are no
// districts.
func (r *placeReading) chooseBareDistricts() {
	if r.day >= mergerDay {
		return
	}
	for i := range r.mentions {
		m := &r.mentions[i]
		if m.chosen != nil || m.word.level != 0 {
			continue
		}
		found := r.ofLevel(m.units, gazetteer.District)
		u, why := r.decide(i, found)
		switch {
		case u == nil || len(r.ofLevel(m.units, gazetteer.Province)) > 0:
		case m.elsewhere || m.crowded || !r.isNamed(u):
		case m.ambiguous && !r.parentFollows(i, u):
		default:
			r.choose(m, u, why)
		}
	}
}

// chooseCommunes takes names with the unit word of a commune whose district or
// province the article names, or which lie in the source's province.
func (r *placeReading) chooseCommunes() {
	for i := range r.mentions {
		m := &r.mentions[i]
		if m.chosen != nil || m.word.level != gazetteer.Commune {
			continue
		}
		found := r.candidates(m.units, m.word)
		u := only(found, func(u *gazetteer.Unit) bool {
			return u.Parent != "" && slices.Contains(r.districts, u.Parent)
		})
		if after, why := r.decide(i, found); after != nil && (u == nil || why == "its parent stands behind it") {
			r.choose(m, after, why)
		} else if u != nil {
			r.choose(m, u, "its district is named")
		}
	}
}
