package normalizer

import (
	"fmt"
	"slices"
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
func OddSelectors() []string {
	var odd []string
	for i, one := range append(layouts(), anyLayout()) {
		for _, text := range []string{
			one.mark, one.title, one.lead, one.date, one.author, one.source, one.picture, one.body, one.remove,
		} {
			if err := CheckSelector(text); text != "" && err != nil {
				odd = append(odd, fmt.Sprintf("%d: %v", i, err))
			}
		}
	}
	return odd
}
