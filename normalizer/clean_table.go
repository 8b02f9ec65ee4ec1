package normalizer

import (
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

func (r *reader) inCell() bool {
	return len(r.around) > 0 && r.around[0] == "table"
}

// table reads a table, unless it only lays out what is in it. The small ones of
// the latter kind are found later, by what is left of them.
func (r *reader) table(n *html.Node) {
	if len(r.around) > 0 || isLayout(n) {
		r.paragraph(n)
		return
	}
	r.endText()
	r.enter("table", "")
	r.rows(n)
	r.leave()
}

func (r *reader) rows(n *html.Node) {
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		switch child.DataAtom.String() {
		case "tr":
			r.enter("tr", "")
			r.cells(child)
			r.leave()
		case "thead", "tbody", "tfoot":
			r.rows(child)
		default:
			if child.Type == html.TextNode && isBlank(child.Data) {
				continue
			}
			r.enter("tr", "")
			r.cell(child)
			r.leave()
		}
	}
}

func (r *reader) cells(row *html.Node) {
	for child := row.FirstChild; child != nil; child = child.NextSibling {
		if child.Type == html.TextNode && isBlank(child.Data) {
			continue
		}
		r.cell(child)
	}
}

func (r *reader) cell(n *html.Node) {
	tag := "td"
	if n.DataAtom == atom.Th {
		tag = "th"
	}
	r.enter(tag, spans(n))
	r.item(n, isTablePart(n.DataAtom))
	r.leave()
}

// spans are the attributes of a cell that hold a table together.
func spans(n *html.Node) string {
	var b strings.Builder
	for _, name := range []string{"colspan", "rowspan"} {
		// Above 100 nothing is laid out; a hostile number would stop a browser.
		if count, err := strconv.Atoi(attr(n, name)); err == nil && count > 1 && count <= 100 {
			b.WriteString(" " + name + `="` + strconv.Itoa(count) + `"`)
		}
	}
	return b.String()
}

const (
	// maxCellBytes is more than a cell of a printed table holds, and less than an
	// article that was put into a table.
	maxCellBytes = 1500
	// maxTableNodes is a table of a thousand rows. A larger one is not looked
	// through: it lays out a page, or was made to be looked through at each level
	// of its nesting.
	maxTableNodes = 20_000
)

// isLayout reports whether a table holds other tables, or a whole article.
func isLayout(table *html.Node) bool {
	nodes, layout := 0, false
	var size func(*html.Node) int
	size = func(n *html.Node) int {
		if nodes++; nodes > maxTableNodes || n.DataAtom == atom.Table && n != table {
			layout = true
		}
		if n.Type == html.TextNode {
			return len(strings.TrimSpace(n.Data))
		}
		total := 0
		for child := n.FirstChild; child != nil && !layout; child = child.NextSibling {
			total += size(child)
		}
		if (n.DataAtom == atom.Td || n.DataAtom == atom.Th) && total > maxCellBytes {
			layout = true
		}
		return total
	}
	size(table)
	return layout
}
