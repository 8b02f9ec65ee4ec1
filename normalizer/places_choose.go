package normalizer

import (
	"slices"

	"bantin/internal/article"
	"bantin/internal/gazetteer"
)

// result decides about all mentions, the certain ones first, and returns the
// places in the order in which the article names them, each once.
func (r *placeReading) result() []article.PlaceRef {
	r.guessDay()
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

// guessDay takes an article without a date that names a district as one from the
// time of the districts.
func (r *placeReading) guessDay() {
	if !r.dayGuessed {
		return
	}
	for i := range r.mentions {
		m := &r.mentions[i]
		if m.word.level == gazetteer.District && m.word.kind != "thành phố" && !m.former && len(r.candidates(m, m.word)) > 0 {
			r.day = lastDayOfDistricts
			return
		}
	}
}

func placeRef(m *mention) article.PlaceRef {
	u := m.chosen
	ref := article.PlaceRef{
		Name: m.name(), Kind: u.Kind, Code: u.Code, From: u.From, Until: u.Until, Province: u.Today,
		Evidence: m.written[m.wordStart:m.end] + ": " + m.evidence,
	}
	if u.Level != gazetteer.Province && m.word.kind != "" {
		ref.Kind = m.word.kind // what it was when the article was written
	}
	if u.Province != u.Today {
		ref.ProvinceThen = u.Province
	}
	return ref
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
			found := r.candidates(m, m.word)
			if len(found) == 1 && found[0].Level == gazetteer.Province {
				r.choose(m, found[0], "unit word")
			}
			continue
		}
		found := r.ofLevel(m, gazetteer.Province)
		switch {
		case len(found) != 1 || m.elsewhere || r.isAnother(m):
		case !m.ambiguous:
			r.choose(m, found[0], "name of a province")
		case found[0].Province == r.source && !isUncle(m.name()):
			r.choose(m, found[0], "name of the source's province")
		}
	}
}

// isUncle: Hồ Chí Minh without unit word is the man, whatever the source.
func isUncle(name string) bool { return name == "Hồ Chí Minh" || name == "HCM" }

// isAnother reports whether a name without unit word is a person's or a team's
// because of what the article says elsewhere.
func (r *placeReading) isAnother(m *mention) bool {
	return !m.located && (r.sport || r.people[m.text[m.start:m.end]])
}

func (r *placeReading) chooseDistricts() {
	for i := range r.mentions {
		m := &r.mentions[i]
		if m.chosen != nil || m.word.level != gazetteer.District {
			continue
		}
		found := r.candidates(m, m.word)
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
	between, _ := cutFormer(m.text[m.end:next.wordStart])
	switch between {
	case ", ", " (", " - ", " – ", "-", ",", " của ", " thuộc ", ", thuộc ", " ở ":
	case " ": // "Phường 2 TP Đà Lạt"
		if next.word.level == 0 {
			return false
		}
	default:
		return false
	}
	if next.chosen != nil {
		return r.holds(next.chosen, u)
	}
	return slices.ContainsFunc(next.units, func(parent gazetteer.Unit) bool {
		fits := parent.Level == next.word.level || next.word.level == 0 && standsAlone(parent)
		return fits && r.holds(&parent, u)
	})
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
		if m.elsewhere || m.crowded || r.isAnother(m) || len(r.ofLevel(m, gazetteer.Province)) > 0 {
			continue
		}
		found := r.ofLevel(m, gazetteer.District)
		u, why := r.decide(i, found)
		switch {
		case u != nil && r.isNamed(u) && (!m.ambiguous || r.parentFollows(i, u)):
			r.choose(m, u, why)
		case len(found) == 1 && r.rules.cities[m.text[m.start:m.end]]:
			r.choose(m, found[0], "name of a well-known city")
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
		found := r.candidates(m, m.word)
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
