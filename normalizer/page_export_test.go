package normalizer

import "strings"

// FamilyOf is the name of the family of portals that a page belongs to, empty
// for none.
func (n *Normalizer) FamilyOf(doc Document) string {
	p, err := n.openPage(Link{}, doc)
	if err != nil {
		return ""
	}
	return p.family.name
}

// OddSelectors are the selectors in the table of families that are misspelt, by
// the name of the family.
func OddSelectors() []string {
	var odd []string
	for _, one := range append(families(), anywhere()) {
		for _, s := range []selector{
			one.mark, one.title, one.lead, one.date, one.author, one.source, one.picture, one.body, one.remove,
		} {
			for _, steps := range s {
				for _, st := range steps {
					if !st.isPlain() {
						odd = append(odd, one.name)
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
