package normalizer

import (
	"regexp"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// furnitureName is what portals call the parts around an article, as a word of a
// class or id.
var furnitureName = regexp.MustCompile(`(?:^|[\s_-])(?:nav|navbar|menu|menus|breadcrumbs?|footer|sidebar|aside|banner|` +
	`related|relate|relates|lien-?quan|tin-?lien-?quan|tin-?khac|other-?news|news-?other|newer|older|cung-?chuyen-?muc|` +
	`share|sharing|social|comments?|binh-?luan|rating|rate|vote|tags?|tu-?khoa|keywords?|tool|tools|toolbar|` +
	`print|pagination|paging|pager|ads?|advert|advertisement|quang-?cao|newsletter|subscribe|most-?read|xem-?nhieu|doc-?nhieu|` +
	`copyright|ban-?quyen|search|login|popup|modal|survey|tham-?do|khao-?sat|poll|quiz|podcasts?|` +
	`author-?box|box-?author|author-?bio|author-?bot|about-?author|bio)(?:$|[\s_-])`)

// isFurniture reports whether an element is named as a part of the portal.
func isFurniture(n *html.Node) bool {
	switch n.DataAtom.String() {
	case "nav", "footer", "aside":
		return true
	case "html", "body", "form", "main", "article":
		return false
	}
	var names strings.Builder
	if strings.Contains(n.Data, "-") { // an element of the portal's own, such as portal-footer
		names.WriteString(" " + n.Data)
	}
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
	return names.Len() > 0 && furnitureName.MatchString(names.String()) && !isBylineRow(names.String())
}

// bylineRow is how an element is called that holds the byline or the date, and the
// tools beside them.
var bylineRow = regexp.MustCompile(`^(?:.*[_-])?(?:(?:author|date|time)[_-](?:.*[_-])?(?:share|sharing|social|tools?|print)|` +
	`(?:share|sharing|social|tools?|print)[_-](?:.*[_-])?(?:author|date|time))(?:[_-].*)?$`)

// isBylineRow reports whether all that sounds like furniture in the names of an
// element is called after a byline or a date too.
func isBylineRow(names string) bool {
	for name := range strings.FieldsSeq(names) {
		if furnitureName.MatchString(name) && !bylineRow.MatchString(name) {
			return false
		}
	}
	return true
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
	if s.skip[n] || isRaw(n.DataAtom) || n.DataAtom == atom.Head || n.DataAtom == atom.Select || isHidden(n) {
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
		if n.Type == html.ElementNode && isFurniture(n) && !isInSentence(n) && !isLightbox(n) {
			sizes[n] = size
		}
		return size
	}
	all := measure(root)
	skip := forms(root)
	for n, size := range sizes {
		if size*2 < all {
			skip[n] = true
		}
	}
	return skip
}

// maxFormText is in bytes the text around the fields of a form: a title, a sentence
// of invitation, a few labels.
const maxFormText = 300

// maxInputs is more fields than the forms around an article have.
const maxInputs = 200

// forms are the elements that hold a form or a player and little text: comments,
// newsletters, questions to the readers, podcasts. The form of ASP.NET, which is around every page, holds
// much.
func forms(root *html.Node) map[*html.Node]bool {
	skip := map[*html.Node]bool{}
	fields := tableSelector("input, textarea, audio").find(root)
	for _, field := range fields[:min(len(fields), maxInputs)] {
		if field.DataAtom == atom.Audio {
			if box := field.Parent; box.DataAtom != atom.Body && shownSize(box, maxFormText) <= maxFormText && len(headingsOfPage().find(box)) == 0 {
				skip[box] = true
			}
			continue
		}
		switch strings.ToLower(attr(field, "type")) {
		case "hidden", "checkbox", "submit", "button", "image":
			continue
		}
		var box *html.Node
		for n := field.Parent; n != nil && n.Type == html.ElementNode && n.DataAtom != atom.Body; n = n.Parent {
			if skip[n] || shownSize(n, maxFormText) > maxFormText || len(headingsOfPage().find(n)) > 0 {
				break
			}
			box = n
		}
		if box != nil {
			skip[box] = true
		}
	}
	return skip
}

func headingsOfPage() selector { return tableSelector("h1, article, main") }

// isInSentence reports whether an element is a few words of a paragraph: the link
// of a keyword in it is called tag too, and its words are the article's.
func isInSentence(n *html.Node) bool {
	if !isInline(n.DataAtom) || n.Parent == nil {
		return false
	}
	size, nodes := 0, 0
	for child := n.Parent.FirstChild; child != nil && nodes < maxRuled; child = child.NextSibling {
		size += ownTextSize(child)
		nodes++
	}
	return size >= minParagraphBytes
}

// isLightbox reports whether an element is the link around a picture that opens it
// large, which is called after the window that it opens.
func isLightbox(n *html.Node) bool {
	return n.DataAtom == atom.A && hasImage(n) && lightboxName.MatchString(strings.ToLower(attr(n, "class")))
}

var lightboxName = regexp.MustCompile(`modal|popup|lightbox|fancybox`)

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
