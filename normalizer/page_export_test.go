package normalizer

import "bantin/internal/article"

// PackNames are the families that are known.
func PackNames() ([]string, error) {
	set, err := loadPacks()
	if err != nil {
		return nil, err
	}
	var names []string
	for _, one := range set.families {
		names = append(names, one.name)
	}
	return names, nil
}

// PackOf is the name of the family that a page belongs to, empty for none.
func (n *Normalizer) PackOf(doc Document) string {
	p, err := n.openPage(article.Source{}, Link{}, doc)
	if err != nil {
		return ""
	}
	return p.family.name
}

// ReadPack parses a pack as the embedded ones are.
func ReadPack(name, text string) error {
	_, err := readPack(name, []byte(text))
	return err
}
