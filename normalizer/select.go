package normalizer

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// A selector is as much of CSS as the table of portals needs: alternatives
// parted by commas, descendants by spaces, and in each step a tag, an #id,
// .classes and [attribute=value] pairs. IDs are compared to their end, because
// ASP.NET puts the names of all containers before them: #HtmlContent matches
// id="ctl00_m_g_5_HtmlContent".
type selector [][]step

type step struct {
	tag, id string
	classes []string
	attrs   []html.Attribute
}

// parseSelector reads a selector. It is for our own tables, whose spelling the
// tests check; what it cannot read becomes a tag name that matches nothing.
func parseSelector(text string) selector {
	var s selector
	for alternative := range strings.SplitSeq(text, ",") {
		var steps []step
		for compound := range strings.FieldsSeq(alternative) {
			steps = append(steps, parseStep(compound))
		}
		if len(steps) > 0 {
			s = append(s, steps)
		}
	}
	return s
}

func parseStep(text string) step {
	var st step
	for text != "" {
		end := strings.IndexAny(text[1:], "#.[") + 1
		if text[0] == '[' {
			end = strings.IndexByte(text, ']') + 1
		}
		if end == 0 {
			end = len(text)
		}
		part := text[:end]
		text = text[end:]
		switch part[0] {
		case '#':
			st.id = part[1:]
		case '.':
			st.classes = append(st.classes, part[1:])
		case '[':
			name, value, _ := strings.Cut(strings.Trim(part, "[]"), "=")
			st.attrs = append(st.attrs, html.Attribute{Key: name, Val: value})
		default:
			st.tag = part
		}
	}
	return st
}

// matches reports whether the selector selects n.
func (s selector) matches(n *html.Node) bool {
	for _, steps := range s {
		last := len(steps) - 1
		if steps[last].matches(n) && matchesAbove(steps[:last], n.Parent) {
			return true
		}
	}
	return false
}

func matchesAbove(steps []step, n *html.Node) bool {
	for _, one := range slices.Backward(steps) {
		for n != nil && !one.matches(n) {
			n = n.Parent
		}
		if n == nil {
			return false
		}
		n = n.Parent
	}
	return true
}

func (st step) matches(n *html.Node) bool {
	if n.Type != html.ElementNode || st.tag != "" && st.tag != n.Data {
		return false
	}
	if st.id != "" && !isID(attr(n, "id"), st.id) {
		return false
	}
	for _, class := range st.classes {
		if !hasClass(n, class) {
			return false
		}
	}
	for _, want := range st.attrs {
		if attr(n, want.Key) != want.Val {
			return false
		}
	}
	return true
}

// isID reports whether id is want, or want behind ASP.NET's container names.
func isID(id, want string) bool {
	before, ok := strings.CutSuffix(id, want)
	return ok && (before == "" || strings.HasSuffix(before, "_"))
}

// find returns the elements under root that the selector selects, in document
// order, none inside another.
func (s selector) find(root *html.Node) []*html.Node {
	if len(s) == 0 {
		return nil
	}
	var found []*html.Node
	var visit func(*html.Node)
	visit = func(n *html.Node) {
		if n.Type == html.ElementNode && s.matches(n) {
			found = append(found, n)
			return
		}
		for child := n.FirstChild; child != nil; child = child.NextSibling {
			visit(child)
		}
	}
	visit(root)
	return found
}

// attr is the value of an attribute, empty when absent.
func attr(n *html.Node, name string) string {
	for i := range n.Attr {
		if n.Attr[i].Key == name {
			return n.Attr[i].Val
		}
	}
	return ""
}

func hasClass(n *html.Node, class string) bool {
	names := attr(n, "class")
	if !strings.Contains(names, class) { // most elements stop here
		return false
	}
	for name := range strings.FieldsSeq(names) {
		if name == class {
			return true
		}
	}
	return false
}
