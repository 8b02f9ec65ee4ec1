package normalizer

import (
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"bantin/internal/vietnamese"
)

const (
	// maxSection in characters is above the longest names of sections: "Bảo vệ nền
	// tảng tư tưởng của Đảng trong tình hình mới".
	maxSection = 60
	// maxCrumbs is how deep a site goes; more links are a menu.
	maxCrumbs = 5
)

// categories are the sections that a page says it stands in, the widest first: in
// its data for machines, and on the path that it shows ("Trang chủ / Kinh tế").
func (p *page) categories(title string) []string {
	found := []string{firstOf(p.head.linked.section, p.head.meta["article:section"])}
	var sections []string
	known := []string{"", "trang chủ", "home", "trang nhất", vietnamese.Fold(title)}
	for _, section := range append(found, breadcrumb(p.root)...) {
		folded := vietnamese.Fold(section)
		if utf8.RuneCountInString(section) <= maxSection && !slices.Contains(known, folded) {
			known = append(known, folded)
			sections = append(sections, section)
		}
	}
	return sections
}

// breadcrumb returns the links of the first path of sections that a page shows.
func breadcrumb(n *html.Node) []string {
	if n.Type == html.ElementNode && isBreadcrumb(n) {
		return crumbs(n, nil)
	}
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		if found := breadcrumb(child); len(found) > 0 {
			return found
		}
	}
	return nil
}

func isBreadcrumb(n *html.Node) bool {
	if isHidden(n) || n.DataAtom == atom.Body {
		return false
	}
	name := strings.ToLower(attr(n, "class") + " " + attr(n, "id") + " " + attr(n, "itemtype"))
	return strings.Contains(name, "breadcrumb") && !strings.Contains(name, "hidden")
}

// crumbs are the texts of the links below n; none where they are too many.
func crumbs(n *html.Node, found []string) []string {
	if n.DataAtom == atom.A {
		found = append(found, vietnamese.Clean(nodeText(n)))
	}
	for child := n.FirstChild; child != nil && len(found) <= maxCrumbs; child = child.NextSibling {
		found = crumbs(child, found)
	}
	if len(found) > maxCrumbs {
		return nil
	}
	return found
}

// nodeText is the text below a node.
func nodeText(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var text strings.Builder
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		text.WriteString(nodeText(child))
	}
	return text.String()
}

// ownWords leaves out of an article's categories what is no word of the source but
// a name for machines: kinh-te, /thoi-su/xa-hoi. The tagger has read it by then.
func ownWords(categories []string) []string {
	var words []string
	for _, category := range categories {
		if !isSlug(category) {
			words = append(words, category)
		}
	}
	return words
}

// isSlug reports whether a category is written the way addresses are: small
// letters without accents, joined by hyphens or strokes. A single word may be one
// of the source ("video").
func isSlug(category string) bool {
	joined := false
	for i := range len(category) {
		switch c := category[i]; {
		case 'a' <= c && c <= 'z' || isDigit(c):
		case c == '-' || c == '_' || c == '/':
			joined = true
		default:
			return false
		}
	}
	return joined
}
