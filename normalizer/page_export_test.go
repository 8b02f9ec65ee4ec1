package normalizer

import (
	"slices"
	"strings"
)

// FamilyOf is the place in the table of the family of portals that a page belongs
// to, -1 for none.
func (n *Normalizer) FamilyOf(doc Document) int {
	p, err := n.openPage(Link{}, doc)
	if err != nil {
		return -1
	}
	return slices.IndexFunc(n.cleaner.families, func(one family) bool { return len(one.mark.find(p.root)) > 0 })
}

// OddSelectors are the selectors in the table of families that are misspelt, by
// the place of the family.
func OddSelectors() []int {
	var odd []int
	for i, one := range append(families(), anywhere()) {
		for _, s := range []selector{
			one.mark, one.title, one.lead, one.date, one.author, one.source, one.picture, one.body, one.remove,
		} {
			for _, steps := range s {
				for _, st := range steps {
					if !st.isPlain() {
						odd = append(odd, i)
					}
				}
			}
		}
	}
	return odd
}

// isPlain reports whether a step has something to select by, and no character
// in it that belongs to a part of CSS that selector does not have.
func (st step) isPlain() bool {
	names := append([]string{st.tag, st.id}, st.classes...)
	for _, one := range st.attrs {
		names = append(names, one.Key, one.Val)
		if one.Key == "" || one.Val == "" {
			return false
		}
	}
	all := strings.Join(names, "")
	return all != "" && !strings.ContainsAny(all, " >+~:*()[]'\"|^$=")
}
