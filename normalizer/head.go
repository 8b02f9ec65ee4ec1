package normalizer

import (
	"encoding/json"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"bantin/internal/vietnamese"
)

// A head is what a page says of itself to machines: its meta elements, and the
// article among its JSON-LD.
type head struct {
	meta      map[string]string // by name, property or itemprop, in lower case; the first wins
	linked    linkedArticle     // the first of those below, until the title tells which is this page's
	all       []linkedArticle
	data      []string // of scripts: what they build the page from
	title     string   // of the title element
	canonical string
	base      string
	language  string
}

// A linkedArticle is what is used of a schema.org Article.
type linkedArticle struct {
	headline, description, published, modified, author, section string

	rawBody   string // with its line breaks
	body      string // only to compare with: many cut it, or write it without paragraphs
	image     string
	publisher string
}

// maxLinked is more articles than a page tells machines of; some list those that
// are related.
const maxLinked = 20

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
		if isData(n) && n.FirstChild != nil && len(n.FirstChild.Data) >= minTold {
			h.data = append(h.data, n.FirstChild.Data)
		}
	}
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		h.read(child)
	}
}

func (h *head) readMeta(n *html.Node) {
	content := vietnamese.Clean(html.UnescapeString(attr(n, "content"))) // many CMS escape it twice
	if content == "" || attr(n, "itemprop") != "" && (isOfPart(n) || isOfPerson(n)) {
		return
	}
	for _, key := range []string{"property", "name", "itemprop"} {
		name := strings.ToLower(attr(n, key))
		if _, known := h.meta[name]; name != "" && !known {
			h.meta[name] = content
		}
	}
}

// readLinked takes the articles of a JSON-LD block. Blocks that are not JSON are
// many, and tell nothing; but the line breaks that many write into a text, which
// JSON forbids (RFC 8259 §7), are only white space too many.
func (h *head) readLinked(text string) {
	text = strings.Map(func(c rune) rune {
		if c < ' ' {
			return ' '
		}
		return c
	}, text)
	text = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(text), "//<![CDATA["), "//]]>")
	var value any
	if json.Unmarshal([]byte(text), &value) != nil {
		return
	}
	for _, found := range findArticles(value, nil) {
		raw, _ := found["articleBody"].(string)
		h.all = append(h.all, linkedArticle{
			rawBody:     raw,
			headline:    linkedText(found["headline"]),
			description: linkedText(found["description"]),
			published:   firstOf(linkedText(found["datePublished"]), linkedText(found["dateCreated"])),
			modified:    linkedText(found["dateModified"]),
			author:      linkedPerson(found["author"]),
			section:     linkedText(found["articleSection"]),
			body:        linkedText(found["articleBody"]),
			image:       linkedURL(found["image"]),
			publisher:   linkedName(found["publisher"]),
		})
	}
	if len(h.all) > 0 {
		h.linked = h.all[0]
	}
}

// findArticles adds the objects whose type is a kind of Article, in lists, in
// @graph and in the main entity of a page.
func findArticles(value any, found []map[string]any) []map[string]any {
	switch value := value.(type) {
	case []any:
		for _, one := range value {
			found = findArticles(one, found)
		}
	case map[string]any:
		if isArticleType(value["@type"]) && len(found) < maxLinked {
			return append(found, value)
		}
		return findArticles(value["mainEntity"], findArticles(value["@graph"], found))
	}
	return found
}

// isArticleType reports whether a type, or one of several, is a kind of Article.
func isArticleType(value any) bool {
	switch value := value.(type) {
	case []any:
		return slices.ContainsFunc(value, isArticleType)
	case string:
		return strings.HasSuffix(value, "Article") || value == "Report" || value == "BlogPosting"
	}
	return false
}

// chooseLinked takes the article among the JSON-LD that is this page's: the one
// with its title. What another article's object says, left there by a template,
// is not said of this one.
func (p *page) chooseLinked(title string) {
	if len(p.head.all) == 0 || title == "" {
		return
	}
	for _, one := range p.head.all {
		if one.headline == "" || isLike(one.headline, title) {
			p.head.linked = one
			return
		}
	}
	p.head.linked = linkedArticle{publisher: p.head.linked.publisher}
}

// isLike reports whether two titles share at least a third of the words of the
// shorter: one may be cut, or be written for a search engine.
func isLike(a, b string) bool {
	words, others := strings.Fields(vietnamese.Fold(cutText(a, maxTitle))), strings.Fields(vietnamese.Fold(cutText(b, maxTitle)))
	if len(words) > len(others) {
		words, others = others, words
	}
	shared := 0
	for _, word := range words {
		if slices.Contains(others, word) {
			shared++
		}
	}
	return shared*3 >= len(words)
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
	case string:
		return linkedText(value)
	}
	return ""
}

// linkedName is the name of an object, or of what stands in the place of one.
func linkedName(value any) string {
	if object, ok := value.(map[string]any); ok {
		return linkedText(object["name"])
	}
	return linkedText(value)
}

// linkedURL is the address of a picture: itself, an ImageObject, or the first of
// several.
func linkedURL(value any) string {
	switch value := value.(type) {
	case []any:
		if len(value) > 0 {
			return linkedURL(value[0])
		}
	case map[string]any:
		return linkedText(value["url"])
	}
	return linkedText(value)
}
