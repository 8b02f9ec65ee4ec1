package normalizer

import (
	_ "embed" // the rules' data
	"errors"
	"strings"

	"bantin/internal/gazetteer"
	"bantin/internal/vietnamese"
)

//go:embed data/places.tsv
var placesText string

// The first day of the communes of today and of the merged provinces
// (Resolution 202/2025/QH15); districts ended the day before.
const (
	mergerDay          = "2025-07-01"
	lastDayOfDistricts = "2025-06-30"
)

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
	// phrases are names that are no place's, most of them longer ones that hold
	// a place's ("Thái Bình Dương").
	phrases map[string]phrase
	longest map[string]int // syllables of the longest of them, by the first
	// needsUnit are names that are common words, or streets and heroes.
	needsUnit map[string]bool
	// cities are names that mean a city of a province, wherever they stand.
	cities map[string]bool
	// before are words after which a name without unit word is none of a place,
	// and longer ones in which these words are harmless.
	before   map[string]lead
	surnames map[string]bool // and middle names
	families map[string]bool // the surnames of these
	// located are words behind which a name is a place even where others of its kind are teams.
	located map[string]bool
	unit    map[string]unitWord
	// dissolved are the provinces of before 1997 and 2008, with their heirs.
	dissolved []dissolved
}

// A phrase says what a name means that is no place's.
type phrase uint8

const (
	notPhrase phrase = iota
	otherThing
	// A sport is a word of football news, or a club: where one stands, the bare
	// name of a province is a team.
	sport
)

// A lead says what words mean for the name behind them.
type lead uint8

const (
	noLead   lead = iota
	harmless      // "môi trường", though "trường" makes a school's name
	another       // of another thing
	heading       // of another thing, even with more of its name between: "Đại học Sư phạm Hà Nội"
	route         // of another thing, with all the names that dashes join
)

// A dissolved province no longer existed in 2025.
type dissolved struct {
	name  string
	heirs []string // ids of the provinces of June 2025 that it lay in
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
		phrases:   map[string]phrase{}, longest: map[string]int{}, needsUnit: map[string]bool{}, cities: map[string]bool{},
		before: map[string]lead{}, surnames: map[string]bool{}, families: map[string]bool{}, located: map[string]bool{},
		unit: unitWords(),
	}
	for name, heirs := range g.Dissolved() {
		p.dissolved = append(p.dissolved, dissolved{name, heirs})
		p.addPhrase(name, otherThing)
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
		p.addPhrase(words, otherThing)
	case "sport":
		p.addPhrase(words, sport)
	case "needs-unit":
		p.needsUnit[words] = true
		p.needsUnit[tones.Replace(words)] = true
	case "city":
		p.cities[words] = true
		p.cities[tones.Replace(words)] = true
	case "not-after":
		p.addLead(words, another)
	case "not-far-after":
		p.addLead(words, heading)
	case "route":
		p.addLead(words, route)
	case "may-follow":
		p.addLead(words, harmless)
	case "located":
		for _, spelling := range spellings(words) {
			p.located[spelling] = true
		}
	case "surname":
		p.surnames[words], p.families[words] = true, true
	case "middle-name":
		p.surnames[words] = true
	default:
		return false
	}
	return true
}

func (p *placeTagger) addPhrase(words string, what phrase) {
	tokens := appendTokens(nil, words)
	first := words[:tokens[0].end]
	p.phrases[words] = what
	p.longest[first] = max(p.longest[first], len(tokens))
}

func (p *placeTagger) addLead(words string, what lead) {
	for _, spelling := range spellings(words) {
		p.before[spelling] = what
	}
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
		for _, more := range []string{"đảo", "nghèo", "biên giới", "vùng cao", "miền núi", "ven biển", "vùng biên", "ngoại thành"} {
			words := u.kind + " " + more
			units[words] = unitWord{level: u.level, kind: u.kind}
			units[capitalised(words)] = units[words]
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
