package normalizer

import (
	"slices"

	"bantin/internal/gazetteer"
)

// candidates are the units that a name with a unit word may mean: those of the
// article's day, else former ones, of the kind.
func (r *placeReading) candidates(m *mention, word unitWord) []*gazetteer.Unit {
	if word.kind == "thành phố" {
		return r.citiesOf(m)
	}
	found := r.ofLevel(m, word.level)
	if word.level == gazetteer.Province || word.kind == "" {
		return found // a province may have become a city
	}
	risen := r.day < kindsKnownSince || r.dayGuessed
	return slices.DeleteFunc(slices.Clone(found), func(u *gazetteer.Unit) bool {
		if u.Kind == word.kind {
			return false
		}
		// "Huyện Kỳ Anh" is not the town of that name beside it.
		beside := slices.ContainsFunc(found, func(other *gazetteer.Unit) bool {
			return other.Kind == word.kind && other.Province == u.Province
		})
		return !risen || beside || kindRank(u.Kind) <= kindRank(word.kind)
	})
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

// citiesOf are the units of a name that are cities, of either level.
func (r *placeReading) citiesOf(m *mention) []*gazetteer.Unit {
	for _, level := range []gazetteer.Level{gazetteer.Province, gazetteer.District} {
		found := slices.DeleteFunc(r.ofLevel(m, level), func(u *gazetteer.Unit) bool { return u.Kind != "thành phố" })
		if len(found) > 0 {
			return found
		}
	}
	return nil
}

// ofLevel are the units of a level that a mention may mean: those of the
// article's day, else former ones; former ones only where the article says so.
func (r *placeReading) ofLevel(m *mention, level gazetteer.Level) []*gazetteer.Unit {
	var now, former []*gazetteer.Unit
	for i := range m.units {
		u := &m.units[i]
		switch {
		case u.Level != level || m.within != nil && !slices.Contains(m.within, u.Province):
		case u.On(r.day):
			now = append(now, u)
		case u.Until != "" && u.Until < r.day:
			former = append(former, u)
		}
	}
	// Before the merger a former commune is one that the gazetteer does not know,
	// though another may have its name now.
	if len(now) > 0 && (!m.former || r.day < mergerDay && level != gazetteer.Commune) {
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
