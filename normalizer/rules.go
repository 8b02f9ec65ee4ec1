package normalizer

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"bantin/internal/article"
	"bantin/internal/vietnamese"
)

// rules are where the operator says that the parts of a source's articles stand.
// They count for more than packs and names; what they do not name, or what they
// name and the page has not, is looked for as on any other page.
type rules struct {
	title, lead, body, date, author, remove selector
}

func parseRules(text article.PageRules) (rules, error) {
	var r rules
	err := errors.Join(
		put(&r.title, "title", text.Title), put(&r.lead, "lead", text.Lead), put(&r.body, "body", text.Body),
		put(&r.date, "date", text.Date), put(&r.author, "author", text.Author),
		put(&r.remove, "remove", strings.Join(text.Remove, ", ")),
	)
	if err != nil {
		return rules{}, fmt.Errorf("the rules of the source: %w", err)
	}
	return r, nil
}

// applyRules takes out of the page what the rules remove, and finds the body that
// they name. What they remove need not be on every page, so it is not missed.
func (p *page) applyRules() {
	removed := p.rules.remove.find(p.root)
	p.takeOut(removed, reasonRule)
	p.unwanted = nodeSet(removed)
	if nodes := p.bySelector("body", p.rules.body); len(nodes) > 0 {
		p.article = together(nodes)
	}
}

// bySelector are the elements that a rule selects and no rule removes. That there
// are none is told.
func (p *page) bySelector(key string, s selector) []*html.Node {
	if len(s) == 0 {
		return nil
	}
	var nodes []*html.Node
	for _, n := range s.find(p.root) {
		if !p.isRemoved(n) {
			nodes = append(nodes, n)
		}
	}
	if len(nodes) == 0 {
		p.warn("rule " + key + " selects nothing")
	}
	return nodes
}

// isRemoved reports whether a rule takes an element away.
func (p *page) isRemoved(n *html.Node) bool {
	for ; n != nil && len(p.unwanted) > 0; n = n.Parent {
		if p.unwanted[n] {
			return true
		}
	}
	return false
}

// ruled is the text that a rule selects, of several elements all of it. What our
// own names would leave out is of it: the operator looked at the page.
func (p *page) ruled(key string, s selector) string {
	nodes := p.bySelector(key, s)
	var texts []string
	for _, n := range nodes {
		if text := vietnamese.Clean(textOf(n, p.unwanted)); text != "" && len(texts) < maxAuthors {
			texts = append(texts, text)
			p.taken = append(p.taken, n)
		}
	}
	switch {
	case len(nodes) > 0 && len(texts) == 0:
		p.warn("rule " + key + " selects no text")
		return ""
	case key == "author":
		return cutText(strings.Join(texts, ", "), maxTitle)
	case key == "title" && len(texts) > 0:
		return texts[0]
	}
	return strings.Join(texts, " ")
}

func nodeSet(nodes []*html.Node) map[*html.Node]bool {
	set := make(map[*html.Node]bool, len(nodes))
	for _, n := range nodes {
		set[n] = true
	}
	return set
}

// together puts elements, in the order of the page, into one that stands where
// the first of them stood.
func together(nodes []*html.Node) *html.Node {
	if len(nodes) == 1 {
		return nodes[0]
	}
	whole := &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div}
	nodes[0].Parent.InsertBefore(whole, nodes[0])
	for _, n := range nodes {
		n.Parent.RemoveChild(n)
		whole.AppendChild(n)
	}
	return whole
}
