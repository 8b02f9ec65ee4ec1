package normalizer

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"bantin/internal/vietnamese"
)

// A page that a script builds in the browser shows its servers' readers only the
// beginning of its article, or nothing. The whole text is there all the same: as
// articleBody of its JSON-LD, or in the data from which the script builds the page.
// It is taken where what the page shows is clearly less, and proves that the data
// are of this article.

const (
	// minTold is in bytes less than the shortest articles, and more than the labels
	// and settings among a script's data.
	minTold = 300
	// toldShare: where the page shows less than two thirds of what it tells, the
	// rest waits for a click.
	toldShare = 1.5
	// maxToldTexts is above the articles that the data of one page hold, maxTold above
	// the longest of them in bytes, and maxToldLines above the lines with which one
	// is compared.
	maxToldTexts, maxTold, maxToldLines = 30, 100_000, 300
)

// toldBody is the body in a page's data, where it is of the article with this title
// and says clearly more than shown.
func (p *page) toldBody(title string, shown body, around known) (body, bool) {
	var best body
	found := false
	for _, text := range p.toldTexts(title) {
		one := p.readTold(text, around)
		if float64(len(one.Text)) < toldShare*float64(sharedText(shown.Text, one.Text)) || !p.isToldHere(one.Text, title) {
			continue
		}
		if !found || len(one.Text) > len(best.Text) || len(one.Text) == len(best.Text) && len(one.Images) > len(best.Images) {
			best, found = one, true
		}
	}
	return best, found
}

// toldTexts are the texts in a page's data that can be the body of its article.
func (p *page) toldTexts(title string) []string {
	var texts []string
	if body := p.head.linked.rawBody; len(body) >= minTold && len(body) <= maxTold && isLike(p.head.linked.headline, title) {
		texts = append(texts, body)
	}
	for _, data := range p.head.data {
		var value any
		if json.Unmarshal([]byte(data), &value) == nil {
			texts = longTexts(value, texts)
		}
	}
	return texts
}

// longTexts adds the long strings with paragraphs in a JSON value.
func longTexts(value any, texts []string) []string {
	switch value := value.(type) {
	case string:
		if len(value) >= minTold && len(value) <= maxTold && len(texts) < maxToldTexts && strings.Contains(value, "<p") {
			texts = append(texts, value)
		}
	case []any:
		for _, one := range value {
			texts = longTexts(one, texts)
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(value)) { // in an order, or each reading would be another one
			texts = longTexts(value[key], texts)
		}
	}
	return texts
}

func (p *page) readTold(text string, around known) body {
	around.titleAt, around.dense, around.leads = nil, false, nil
	r := &reader{base: p.base, paper: p.paper, learned: p.learned, counted: true, known: around}
	if isPlain(text) {
		r.plain = true
		root := &html.Node{Type: html.DocumentNode}
		root.AppendChild(&html.Node{Type: html.TextNode, Data: html.UnescapeString(text)})
		return p.n.cleaner.read(r, root)
	}
	root, _ := parseTree(text)
	return p.n.cleaner.read(r, root)
}

// sharedText is how many bytes of the lines of a text another has too.
func sharedText(text, other string) int {
	other = vietnamese.Fold(other)
	size, lines := 0, 0
	for line := range strings.Lines(text) {
		if lines++; lines > maxToldLines {
			break
		}
		if line = strings.TrimSpace(line); strings.Contains(other, vietnamese.Fold(line)) {
			size += len(line)
		}
	}
	return size
}

// isToldHere reports whether a text has the paragraph that the page shows below its
// title, or the page shows none at all.
func (p *page) isToldHere(text, title string) bool {
	lines, at := p.linesAround(title)
	folded := vietnamese.Fold(text)
	shows := false
	for i := at + 1; i < min(len(lines), at+maxToldLines) && (at < 0 || i <= at+maxDistance); i++ {
		if !isParagraph(lines[i].text) {
			continue
		}
		shows = true
		if strings.Contains(folded, vietnamese.Fold(p.paper.without(lines[i].text))) {
			return true
		}
	}
	return !shows
}

// isData reports whether a script element holds data and no program.
func isData(n *html.Node) bool {
	return n.DataAtom == atom.Script && strings.EqualFold(attr(n, "type"), "application/json")
}
