package gazetteer

import (
	_ "embed" // the data files
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// ErrData says that the embedded data contradict themselves. A test of this
// package keeps that from happening.
var ErrData = errors.New("gazetteer data")

//go:embed data/provinces.tsv
var provincesText string

//go:embed data/districts.tsv
var districtsText string

//go:embed data/communes_until_2025-06-30.tsv
var formerCommunesText string

//go:embed data/communes_since_2025-07-01.tsv
var communesText string

//go:embed data/dissolved_provinces.tsv
var dissolvedText string

//go:embed data/aliases.tsv
var aliasesText string

// The day of the merger ended the districts and all communes (Resolution 202/2025/QH15).
const (
	lastDayBefore = "2025-06-30"
	firstDaySince = "2025-07-01"
)

// A Level is the depth of a unit in the administration.
type Level uint8

// The levels, from the top. There are no districts since 1 July 2025.
const (
	Province Level = 1 + iota
	District
	Commune
)

// A Unit is an administrative unit during a period in which its name, kind,
// code and territory stayed the same.
type Unit struct {
	Level Level
	ID    string // of a province ("bac-kan"); empty for the other levels
	Name  string // without the kind
	Kind  string // tỉnh, thành phố, quận, huyện, thị xã, phường, xã, thị trấn, đặc khu
	Code  string // of the General Statistics Office; means something between From and Until only
	From  string // first day, YYYY-MM-DD; empty when unknown
	Until string // last day; empty while it exists
	// Parent is the code of the district that a former commune belongs to.
	Parent   string
	Province string // id of the province at that time; of a province its own
	Today    string // id of the province that holds the territory today
}

// On reports whether the unit exists on a day, YYYY-MM-DD.
func (u *Unit) On(day string) bool {
	return u.From <= day && (u.Until == "" || day <= u.Until)
}

// A Gazetteer answers from the embedded data. It never changes, so it may be
// used by any number of goroutines.
type Gazetteer struct {
	units     []Unit          // those of one name stand together
	spans     map[string]span // by name and by every other spelling of it
	longest   map[string]int  // syllables of the longest name that begins with one
	provinces map[string]Unit // the latest period of each
	dissolved map[string][]string
}

// A span is the place of the units of one name.
type span struct{ from, to int32 }

// New reads the embedded data.
func New() (*Gazetteer, error) {
	const about = 15_000 // a few hundred more than there are
	r := reader{
		units:     make([]Unit, 0, about),
		provinces: map[string]Unit{},
		districts: map[string]string{},
		dissolved: map[string][]string{},
	}
	r.readProvinces()
	r.readDistricts()
	r.readFormerCommunes()
	r.readCommunes()
	r.readDissolved()
	g := &Gazetteer{provinces: r.provinces, dissolved: r.dissolved}
	if err := errors.Join(append(r.errs, g.arrange(r.units))...); err != nil {
		return nil, err
	}
	g.addSpellings()
	return g, nil
}

// Province returns the latest period of a province, today's or former.
func (g *Gazetteer) Province(id string) (Unit, bool) {
	u, ok := g.provinces[id]
	return u, ok
}

// ProvinceIDs returns the ids of all provinces, former ones included, sorted.
func (g *Gazetteer) ProvinceIDs() []string {
	ids := make([]string, 0, len(g.provinces))
	for id := range g.provinces {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// Lookup returns the units of all times that bear a name: accents and case
// count, either placement of a tone mark will do, as will the other spellings
// of data/aliases.tsv. The result is shared and must not be changed.
func (g *Gazetteer) Lookup(name string) []Unit {
	s := g.spans[name]
	return g.units[s.from:s.to:s.to]
}

// Units yields every unit of all times, one that has aliases as often as it has names.
func (g *Gazetteer) Units() iter.Seq[Unit] { return slices.Values(g.units) }

// Dissolved yields the names of the provinces that were dissolved before the
// time of the data (Hà Bắc, Hà Tây), each with the ids of the provinces of June
// 2025 that it lay in. They are no units: their codes and borders are not known.
func (g *Gazetteer) Dissolved() iter.Seq2[string, []string] { return maps.All(g.dissolved) }

// Longest returns how many syllables the longest name has that begins with a
// syllable; 0 when none does. A syllable is a run of letters, marks and digits.
func (g *Gazetteer) Longest(syllable string) int { return g.longest[syllable] }

// A reader collects the units of the files. It goes on after a bad line, so
// that all are reported together.
type reader struct {
	units     []Unit
	provinces map[string]Unit
	districts map[string]string // province of a district, by the district's code
	dissolved map[string][]string
	errs      []error
}

// eachLine calls f with the columns of every line but the heading.
func eachLine(text string, f func(column [7]string)) {
	_, rest, _ := strings.Cut(text, "\n")
	for line := range strings.Lines(rest) {
		var column [7]string
		line = strings.TrimSuffix(line, "\n")
		for i := range column {
			column[i], line, _ = strings.Cut(line, "\t")
		}
		f(column)
	}
}

// add keeps a unit whose province is known.
func (r *reader) add(u Unit) {
	province, ok := r.provinces[u.Province]
	if !ok {
		r.errs = append(r.errs, fmt.Errorf("%w: %s %s (%s): no province %q", ErrData, u.Kind, u.Name, u.Code, u.Province))
		return
	}
	u.Today = province.Today
	r.units = append(r.units, u)
}

func (r *reader) readProvinces() {
	eachLine(provincesText, func(c [7]string) {
		u := Unit{
			Level: Province, ID: c[0], Name: c[1], Kind: c[2], Code: c[3],
			From: c[4], Until: c[5], Province: c[0], Today: c[6],
		}
		if known, ok := r.provinces[u.ID]; !ok || known.From < u.From {
			r.provinces[u.ID] = u
		}
		r.units = append(r.units, u)
	})
}

func (r *reader) readDistricts() {
	eachLine(districtsText, func(c [7]string) {
		r.districts[c[0]] = c[3]
		r.add(Unit{Level: District, Name: c[1], Kind: c[2], Code: c[0], From: c[4], Until: c[5], Province: c[3]})
	})
}

func (r *reader) readFormerCommunes() {
	eachLine(formerCommunesText, func(c [7]string) {
		r.add(Unit{
			Level: Commune, Name: c[1], Kind: c[2], Code: c[0], Until: lastDayBefore,
			Parent: c[3], Province: r.districts[c[3]],
		})
	})
}

func (r *reader) readCommunes() {
	eachLine(communesText, func(c [7]string) {
		r.add(Unit{Level: Commune, Name: c[1], Kind: c[2], Code: c[0], From: firstDaySince, Province: c[3]})
	})
}

func (r *reader) readDissolved() {
	eachLine(dissolvedText, func(c [7]string) {
		heirs := strings.Fields(c[1])
		for _, heir := range heirs {
			if _, ok := r.provinces[heir]; !ok {
				r.errs = append(r.errs, fmt.Errorf("%w: dissolved %s: no province %q", ErrData, c[0], heir))
			}
		}
		r.dissolved[c[0]] = heirs
	})
}

// arrange puts the units of one name together, in the order of the files. A
// unit that has aliases stands under each of them too.
func (g *Gazetteer) arrange(units []Unit) error {
	aliases := map[string][]string{}
	eachLine(aliasesText, func(c [7]string) { aliases[c[1]] = append(aliases[c[1]], c[0]) })
	counts := make(map[string]int32, len(units))
	for i := range units {
		counts[units[i].Name]++
	}
	total := int32(len(units)) //nolint:gosec // thousands
	for name, others := range aliases {
		if counts[name] == 0 {
			return fmt.Errorf("%w: aliases %q of no unit %q", ErrData, others, name)
		}
	}
	for i := range units {
		for _, alias := range aliases[units[i].Name] {
			counts[alias]++
			total++
		}
	}
	g.spans = make(map[string]span, len(counts)+len(counts)/8) // every eighth has two placements of its tones
	g.units = make([]Unit, total)
	next := int32(0)
	put := func(name string, u Unit) {
		s, ok := g.spans[name]
		if !ok {
			s = span{next, next}
			next += counts[name]
		}
		g.units[s.to] = u
		s.to++
		g.spans[name] = s
	}
	for i := range units {
		put(units[i].Name, units[i])
		for _, alias := range aliases[units[i].Name] {
			put(alias, units[i])
		}
	}
	return nil
}

// addSpellings makes the units known under the other placement of tone marks too.
func (g *Gazetteer) addSpellings() {
	others := map[string]span{}
	tones := lastVowelTones()
	for name, s := range g.spans {
		if !strings.ContainsAny(name, "òóỏõọùúủũụ") {
			continue
		}
		if other := tones.Replace(name); other != name {
			others[other] = s
		}
	}
	maps.Copy(g.spans, others)
	g.longest = make(map[string]int, len(g.spans)/3) // about three names share a first syllable
	for name := range g.spans {
		first, n := syllables(name)
		g.longest[first] = max(g.longest[first], n)
	}
}

// lastVowelTones respells names with the tone on the last vowel of oa, oe and
// uy: Hòa as Hoà, Thủy as Thuỷ. Both are in use. The pairs below stand in open
// syllables only, where alone the two spellings differ.
func lastVowelTones() *strings.Replacer {
	return strings.NewReplacer(
		"òa", "oà", "óa", "oá", "ỏa", "oả", "õa", "oã", "ọa", "oạ",
		"òe", "oè", "óe", "oé", "ỏe", "oẻ", "õe", "oẽ", "ọe", "oẹ",
		"ùy", "uỳ", "úy", "uý", "ủy", "uỷ", "ũy", "uỹ", "ụy", "uỵ",
	)
}

// syllables returns the first syllable of a name and their number.
func syllables(name string) (first string, n int) {
	for rest := name; ; n++ {
		rest = strings.TrimLeftFunc(rest, isGap)
		if rest == "" {
			return first, n
		}
		end := strings.IndexFunc(rest, isGap)
		if end < 0 {
			end = len(rest)
		}
		if n == 0 {
			first = rest[:end]
		}
		rest = rest[end:]
	}
}

func isGap(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
}
