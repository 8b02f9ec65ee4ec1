package normalizer

import (
	"strings"

	"bantin/internal/article"
)

// Fill completes an article of a feed, which carries a summary, with its page. The
// identity, the link and the title stay those of the feed, and so does whatever
// the page does not say; the date is that of the page where the feed's is coarser.
func (n *Normalizer) Fill(src article.Source, a, page *article.Article) {
	if page.Text == "" {
		return // a page without a body completes nothing
	}
	if a.Lead == "" {
		a.Lead = firstOf(page.Lead, a.Text)
	}
	a.HTML, a.Text = page.HTML, page.Text
	a.Author, a.Origin = firstOf(a.Author, page.Author), firstOf(page.Origin, a.Origin)
	// A picture that the page only gives to those who link to it is not better than
	// the feed's.
	if len(page.Images) > 0 && (len(a.Images) == 0 || strings.Contains(page.HTML, "<img ")) {
		a.Images = page.Images
	}
	if len(a.Categories) == 0 {
		a.Categories = page.Categories
	}
	if isFiner(page.Precision, a.Precision) {
		a.Published, a.Precision = page.Published, page.Precision
	}
	if a.Updated.IsZero() {
		a.Updated = page.Updated
	}
	a.Warnings = append(a.Warnings, page.Warnings...)
	n.tag(a, src)
	a.ContentHash = contentHash(a)
}

// isFiner reports whether a gives more of a time than b. None at all is empty.
func isFiner(a, b article.Precision) bool {
	order := func(p article.Precision) int {
		switch p {
		case article.Minute:
			return 3
		case article.Hour:
			return 2
		case article.Day:
			return 1
		}
		return 0
	}
	return order(a) > order(b)
}
