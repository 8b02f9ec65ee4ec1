package normalizer

import (
	"regexp"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// furnitureName is what portals call the parts around an article, as a word of a
// class or id.
var furnitureName = regexp.MustCompile(`(?:^|[\s_-])(?:nav|navbar|menu|menus|breadcrumbs?|footer|sidebar|banner|` +
	`related|relate|relates|lien-?quan|tin-?lien-?quan|tin-?khac|other-?news|news-?other|newer|older|cung-?chuyen-?muc|` +
	`share|sharing|social|comments?|binh-?luan|rating|rate|vote|tags?|tu-?khoa|keywords?|tool|tools|toolbar|` +
	`print|pagination|paging|pager|ads?|advert|advertisement|quang-?cao|newsletter|subscribe|most-?read|xem-?nhieu|doc-?nhieu|` +
	`copyright|ban-?quyen|search|login|popup|modal|survey|tham-?do)(?:$|[\s_-])`)

// isFurniture reports whether an element is named as a part of the portal.
func isFurniture(n *html.Node) bool {
	switch n.DataAtom.String() {
	case "nav", "footer", "aside":
		return true
	case "html", "body", "form", "main", "article":
		return false
	}
	var names strings.Builder
	for i := range n.Attr {
		switch n.Attr[i].Key {
		case "class", "id":
			names.WriteString(" " + strings.ToLower(n.Attr[i].Val))
		case "role":
			if n.Attr[i].Val == "navigation" || n.Attr[i].Val == "complementary" {
				return true
			}
		}
	}
	return names.Len() > 0 && furnitureName.MatchString(names.String())
}

// A weight is how much text an element holds, and how much of it in links.
type weight struct{ text, links int }

func (w weight) plus(other weight) weight {
	return weight{text: w.text + other.text, links: w.links + other.links}
}

// A scale weighs the elements of a page to find the one that holds its article.
type scale struct {
	skip   map[*html.Node]bool
	scores map[*html.Node]float64
	total  map[*html.Node]weight
}

// minParagraphBytes is two short sentences; menus and captions have less.
const minParagraphBytes = 80

// densest is the element with the most text in paragraphs and the least in
// links, nil where the page has no paragraph.
func densest(root *html.Node, skip map[*html.Node]bool) *html.Node {
	s := scale{skip: skip, scores: map[*html.Node]float64{}, total: map[*html.Node]weight{}}
	s.weigh(root, false)
	var best *html.Node
	most := 0.0
	var visit func(*html.Node)
	visit = func(n *html.Node) { // in document order, so that equal scores give the same answer
		if score, ok := s.scores[n]; ok {
			w := s.total[n]
			score *= 1 - float64(w.links)/float64(max(w.text, 1))
			if score > most {
				best, most = n, score
			}
		}
		for child := n.FirstChild; child != nil; child = child.NextSibling {
			visit(child)
		}
	}
	visit(root)
	return best
}

// weigh adds up the text under n and gives each paragraph's to its parent, and
// half of it to the parent's parent, because paragraphs are wrapped in ways that
// differ within one article.
func (s *scale) weigh(n *html.Node, inLink bool) weight {
	if n.Type == html.TextNode {
		size := len(strings.TrimSpace(n.Data))
		if inLink {
			return weight{text: size, links: size}
		}
		return weight{text: size}
	}
	if s.skip[n] || isRaw(n.DataAtom) || n.DataAtom == atom.Head || n.DataAtom == atom.Select {
		return weight{}
	}
	var all, own weight // own: what stands in no block inside
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		w := s.weigh(child, inLink || n.DataAtom == atom.A)
		all = all.plus(w)
		if child.Type == html.TextNode || isInline(child.DataAtom) {
			own = own.plus(w)
		}
	}
	if isInline(n.DataAtom) && n.Type == html.ElementNode {
		return all
	}
	s.total[n] = all
	if size := own.text - 2*own.links; size >= minParagraphBytes {
		s.credit(n, float64(size))
	}
	return all
}

func (s *scale) credit(n *html.Node, size float64) {
	at := n
	if n.DataAtom == atom.P || n.DataAtom == atom.Li || n.DataAtom == atom.Pre {
		at = n.Parent
	}
	s.scores[at] += size
	if at.Parent != nil {
		s.scores[at.Parent] += size / 2
	}
}

// furniture are the elements under root that belong to the portal. One that
// holds most of the text is misnamed, and kept.
func furniture(root *html.Node) map[*html.Node]bool {
	sizes := map[*html.Node]int{} // of the elements named so
	var measure func(*html.Node) int
	measure = func(n *html.Node) int {
		size := ownTextSize(n)
		for child := n.FirstChild; child != nil && !isOutOfText(n); child = child.NextSibling {
			size += measure(child)
		}
		if n.Type == html.ElementNode && isFurniture(n) {
			sizes[n] = size
		}
		return size
	}
	all := measure(root)
	skip := map[*html.Node]bool{}
	for n, size := range sizes {
		if size*2 < all {
			skip[n] = true
		}
	}
	return skip
}

// isOutOfText reports whether what is under n is no text of the page, or links.
func isOutOfText(n *html.Node) bool {
	return isRaw(n.DataAtom) || n.DataAtom == atom.A || n.DataAtom == atom.Head
}

func ownTextSize(n *html.Node) int {
	if n.Type == html.TextNode {
		return len(strings.TrimSpace(n.Data))
	}
	return 0
}

// textSize is how much text stands in no link under n.
func textSize(n *html.Node) int {
	if isOutOfText(n) {
		return 0
	}
	size := ownTextSize(n)
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		size += textSize(child)
	}
	return size
}
