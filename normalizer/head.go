package normalizer

import (
	"encoding/json"
	"strings"

	"golang.org/x/net/html"

	"bantin/internal/vietnamese"
)

// A head is what a page says of itself to machines: its meta elements, and the
// article among its JSON-LD.
type head struct {
	meta      map[string]string // by name, property or itemprop, in lower case; the first wins
	linked    linkedArticle
	title     string // of the title element
	canonical string
	base      string
	language  string
}

// A linkedArticle is what is used of a schema.org Article.
type linkedArticle struct {
	headline, description, published, modified, author, section string
}

func readHead(root *html.Node) head {
	h := head{meta: map[string]string{}}
	h.read(root)
	return h
}

func (h *head) read(n *html.Node) {
	switch n.DataAtom.String() {
	case "html":
		h.language = attr(n, "lang")
	case "title":
		if n.FirstChild != nil && h.title == "" {
			h.title = vietnamese.Clean(n.FirstChild.Data)
		}
	case "base":
		h.base = firstOf(h.base, attr(n, "href"))
	case "link":
		if strings.EqualFold(attr(n, "rel"), "canonical") {
			h.canonical = firstOf(h.canonical, attr(n, "href"))
		}
	case "meta":
		h.readMeta(n)
	case "script":
		if strings.EqualFold(attr(n, "type"), "application/ld+json") && n.FirstChild != nil {
			h.readLinked(n.FirstChild.Data)
		}
	}
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		h.read(child)
	}
}

func (h *head) readMeta(n *html.Node) {
	content := vietnamese.Clean(html.UnescapeString(attr(n, "content"))) // many CMS escape it twice
	if content == "" {
		return
	}
	for _, key := range []string{"property", "name", "itemprop"} {
		name := strings.ToLower(attr(n, key))
		if _, known := h.meta[name]; name != "" && !known {
			h.meta[name] = content
		}
	}
}

// readLinked takes the first article of a JSON-LD block. Blocks that are not
// JSON are many, and tell nothing.
func (h *head) readLinked(text string) {
	var value any
	if h.linked.headline != "" || json.Unmarshal([]byte(text), &value) != nil {
		return
	}
	if found := findArticle(value); found != nil {
		h.linked = linkedArticle{
			headline:    linkedText(found["headline"]),
			description: linkedText(found["description"]),
			published:   linkedText(found["datePublished"]),
			modified:    linkedText(found["dateModified"]),
			author:      linkedPerson(found["author"]),
			section:     linkedText(found["articleSection"]),
		}
	}
}

// findArticle looks for an object whose type is a kind of Article, in lists and
// in @graph.
func findArticle(value any) map[string]any {
	switch value := value.(type) {
	case []any:
		for _, one := range value {
			if found := findArticle(one); found != nil {
				return found
			}
		}
	case map[string]any:
		kind := linkedText(value["@type"])
		if strings.HasSuffix(kind, "Article") || kind == "Report" || kind == "BlogPosting" {
			return value
		}
		return findArticle(value["@graph"])
	}
	return nil
}

// linkedText is a string, or the first string of a list.
func linkedText(value any) string {
	switch value := value.(type) {
	case string:
		return vietnamese.Clean(html.UnescapeString(value))
	case []any:
		if len(value) > 0 {
			return linkedText(value[0])
		}
	}
	return ""
}

// linkedPerson is the name of the persons who wrote an article. An organisation
// is its publisher, and no byline.
func linkedPerson(value any) string {
	switch value := value.(type) {
	case []any:
		var names []string
		for _, one := range value {
			if name := linkedPerson(one); name != "" && len(names) < maxAuthors {
				names = append(names, name)
			}
		}
		return strings.Join(names, ", ")
	case map[string]any:
		if linkedText(value["@type"]) == "Person" {
			return linkedText(value["name"])
		}
	}
	return ""
}
