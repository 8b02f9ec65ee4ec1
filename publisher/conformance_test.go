package publisher_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/text/language"

	"bantin/internal/vietnamese"
)

// The rules of the feed formats, as strict as the strictest validators: what
// these call an error, a warning or bad style is a failure here.

// checkDocument reports what is against the rules in a document of a site.
func checkDocument(t *testing.T, name, document string) {
	t.Helper()
	for _, fault := range faults(name, document) {
		t.Errorf("%s: %s", name, fault)
	}
}

// faults is what is against the rules in a document, by what its name says that
// it is.
func faults(name, document string) []string {
	r := &rules{}
	switch {
	case strings.HasSuffix(name, ".json"):
		r.characters(document)
		r.jsonFeed(document)
	case strings.HasSuffix(name, ".xml"):
		r.characters(document)
		if root := r.parse(document); root != nil {
			r.root(root)
		}
	}
	return r.faults
}

// rules collects what is against them in a document.
type rules struct {
	faults []string
}

func (r *rules) fail(format string, args ...any) {
	r.faults = append(r.faults, fmt.Sprintf(format, args...))
}

func (r *rules) root(root *element) {
	switch root.Name {
	case "rss":
		r.rss(root)
	case "atom:feed":
		r.atom(root)
	case "opml":
	default:
		r.fail("root %s", root.Name)
	}
}

// characters looks for those that XML forbids, that show nothing, and for the
// one that stands for a lost one: readers take it for a wrong encoding.
func (r *rules) characters(document string) {
	if !utf8.ValidString(document) {
		r.fail("invalid UTF-8")
	}
	for _, c := range document {
		if c == utf8.RuneError || vietnamese.Legal(string(c)) == "" {
			r.fail("character %U", c)
			return
		}
	}
}

// An element is one of an XML document. Name has the usual prefix of its namespace.
type element struct {
	Name     string
	Attrs    map[string]string
	Children []*element
	Text     string
	Raw      string // of the text, as it stands in the document
}

func prefixed(name xml.Name) string {
	prefix, known := map[string]string{
		"": "", "http://www.w3.org/2005/Atom": "atom:", "http://purl.org/rss/1.0/modules/content/": "content:",
		"http://purl.org/dc/elements/1.1/": "dc:", "http://search.yahoo.com/mrss/": "media:",
		"http://www.w3.org/XML/1998/namespace": "xml:", "http://purl.org/syndication/history/1.0": "fh:",
	}[name.Space]
	if !known {
		prefix = "{" + name.Space + "}"
	}
	return prefix + name.Local
}

// parse reads a document as strictly as the standard asks.
func (r *rules) parse(document string) *element {
	d := xml.NewDecoder(strings.NewReader(document))
	d.Strict = true
	root := &element{}
	open := []*element{root}
	for {
		before := d.InputOffset()
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return root.Children[0] // an empty document is an error before
		}
		if err != nil {
			r.fail("%v", err)
			return nil
		}
		top := open[len(open)-1]
		switch token := token.(type) {
		case xml.StartElement:
			e := &element{Name: prefixed(token.Name), Attrs: map[string]string{}}
			for _, a := range token.Attr {
				if a.Name.Space != "xmlns" && a.Name.Local != "xmlns" {
					e.Attrs[prefixed(a.Name)] = a.Value
				}
			}
			top.Children = append(top.Children, e)
			open = append(open, e)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			top.Text += string(token)
			top.Raw += document[before:d.InputOffset()]
		}
	}
}

func (e *element) all(name string) []*element {
	var found []*element
	for _, c := range e.Children {
		if c.Name == name {
			found = append(found, c)
		}
	}
	return found
}

// text is that of the one child of the name; empty when there is none.
func (e *element) text(name string) string { return e.one(name).Text }

// one is the first child of the name; an empty element when there is none.
func (e *element) one(name string) *element {
	if found := e.all(name); len(found) > 0 {
		return found[0]
	}
	return &element{Name: name}
}

// A plan is how often each child may be there: exactly once "1", at most once
// "?", any number of times "*", or at least once "+".
type plan map[string]string

func (r *rules) children(e *element, p plan) {
	for _, c := range e.Children {
		if p[c.Name] == "" {
			r.fail("%s in %s", c.Name, e.Name)
		}
	}
	for name, often := range p {
		n := len(e.all(name))
		if n > 1 && (often == "1" || often == "?") || n == 0 && (often == "1" || often == "+") {
			r.fail("%d of %s in %s", n, name, e.Name)
		}
	}
}

func (r *rules) attrs(e *element, p plan) {
	for name := range e.Attrs {
		if p[name] == "" {
			r.fail("attribute %s of %s", name, e.Name)
		}
	}
	for name, often := range p {
		if often == "1" && e.Attrs[name] == "" {
			r.fail("no attribute %s of %s", name, e.Name)
		}
	}
}

// metadataFirst: nothing follows the first entry.
func (r *rules) metadataFirst(e *element, entry string) {
	seen := false
	for _, c := range e.Children {
		if seen && c.Name != entry {
			r.fail("%s after the first %s", c.Name, entry)
		}
		seen = seen || c.Name == entry
	}
}

func (r *rules) rss(root *element) {
	if root.Attrs["version"] != "2.0" {
		r.fail("version %q", root.Attrs["version"])
	}
	if len(root.Children) != 1 || root.Children[0].Name != "channel" {
		r.fail("no channel, or more")
		return
	}
	channel := root.Children[0]
	r.children(channel, plan{
		"title": "1", "link": "1", "description": "1", "language": "1", "copyright": "1", "lastBuildDate": "?",
		"generator": "1", "docs": "1", "atom:link": "+", "item": "*", "fh:archive": "?", "ttl": "?",
	})
	r.metadataFirst(channel, "item")
	for _, name := range []string{"title", "description", "copyright"} {
		r.plainText(channel.one(name))
	}
	r.link(channel.text("link"))
	r.language(channel.text("language"))
	if date := channel.text("lastBuildDate"); date != "" || len(channel.all("item")) > 0 {
		r.rfc822(date)
	}
	r.self(channel.all("atom:link"), "application/rss+xml")
	ids := map[string]bool{}
	for _, item := range channel.all("item") {
		r.item(item)
		r.unique(ids, item.text("guid"))
	}
}

func (r *rules) item(item *element) {
	r.children(item, plan{
		"title": "1", "link": "?", "description": "1", "content:encoded": "?", "dc:creator": "?", "category": "*", "guid": "1",
		"pubDate": "?", "source": "?", "media:content": "?", "dc:language": "?",
	})
	r.plainText(item.one("title"))
	r.html(item.text("description"))
	for _, content := range item.all("content:encoded") {
		r.html(content.Text)
		if slices.Index(item.Children, content) < slices.Index(item.Children, item.one("description")) {
			r.fail("content before description")
		}
	}
	for _, link := range item.all("link") {
		r.link(link.Text)
	}
	for _, creator := range item.all("dc:creator") {
		r.plainText(creator)
	}
	names := map[string]bool{}
	for _, category := range item.all("category") {
		r.attrs(category, plan{"domain": "?"})
		r.plainText(category)
		r.unique(names, category.Attrs["domain"]+" "+category.Text)
	}
	guid := item.one("guid")
	if guid.Attrs["isPermaLink"] != "false" {
		r.fail("guid is a permalink")
	}
	r.tag(guid.Text)
	for _, date := range item.all("pubDate") {
		r.rfc822(date.Text)
	}
	for _, source := range item.all("source") {
		r.attrs(source, plan{"url": "1"})
		r.link(source.Attrs["url"])
		r.plainText(source)
	}
	for _, media := range item.all("media:content") {
		r.media(media)
	}
	for _, l := range item.all("dc:language") {
		r.language(l.Text)
	}
}

func (r *rules) media(media *element) {
	r.attrs(media, plan{"url": "1", "medium": "1", "type": "?"})
	r.children(media, plan{"media:description": "?"})
	r.link(media.Attrs["url"])
	if media.Attrs["medium"] != "image" {
		r.fail("medium %q", media.Attrs["medium"])
	}
	if kind, given := media.Attrs["type"]; given && !strings.HasPrefix(kind, "image/") {
		r.fail("image of type %q", kind)
	}
	for _, description := range media.all("media:description") {
		r.plainText(description)
	}
}

func (r *rules) atom(root *element) {
	r.children(root, plan{
		"atom:id": "1", "atom:title": "1", "atom:subtitle": "?", "atom:updated": "1", "atom:rights": "1", "atom:author": "1",
		"atom:link": "+", "atom:generator": "1", "atom:entry": "*", "fh:archive": "?",
	})
	r.metadataFirst(root, "atom:entry")
	r.attrs(root, plan{"xml:lang": "1"})
	r.language(root.Attrs["xml:lang"])
	r.tag(root.text("atom:id"))
	r.rfc3339(root.text("atom:updated"))
	for _, name := range []string{"atom:title", "atom:subtitle", "atom:rights"} {
		for _, e := range root.all(name) {
			r.plainText(e)
		}
	}
	r.person(root.one("atom:author"))
	r.self(root.all("atom:link"), "application/atom+xml")
	if !slices.ContainsFunc(root.all("atom:link"), func(l *element) bool { return l.Attrs["rel"] == "alternate" }) {
		r.fail("no link to the page")
	}
	ids, stamps, newest := map[string]bool{}, map[string]bool{}, ""
	for _, entry := range root.all("atom:entry") {
		r.entry(entry)
		r.unique(ids, entry.text("atom:id"))
		r.unique(stamps, entry.text("atom:updated"))
		newest = max(newest, entry.text("atom:updated"))
	}
	if newest != "" && root.text("atom:updated") != newest {
		r.fail("updated %s, the newest entry %s", root.text("atom:updated"), newest)
	}
}

func (r *rules) entry(entry *element) {
	r.children(entry, plan{
		"atom:id": "1", "atom:title": "1", "atom:updated": "1", "atom:published": "?", "atom:author": "?", "atom:link": "+",
		"atom:category": "*", "atom:summary": "?", "atom:content": "?", "atom:rights": "1", "media:content": "?", "atom:source": "1",
	})
	r.attrs(entry, plan{"xml:lang": "?"})
	if l, given := entry.Attrs["xml:lang"]; given {
		r.language(l)
	}
	r.tag(entry.text("atom:id"))
	r.plainText(entry.one("atom:title"))
	r.plainText(entry.one("atom:rights"))
	r.rfc3339(entry.text("atom:updated"))
	if published := entry.text("atom:published"); published != "" {
		r.rfc3339(published)
	}
	for _, author := range entry.all("atom:author") {
		r.person(author)
	}
	r.entryLinks(entry)
	terms := map[string]bool{}
	for _, category := range entry.all("atom:category") {
		r.attrs(category, plan{"term": "1", "scheme": "?", "label": "?"})
		r.unique(terms, category.Attrs["scheme"]+" "+category.Attrs["term"])
		if scheme, given := category.Attrs["scheme"]; given {
			r.tag(scheme)
			r.noMarkup(category.Attrs["label"])
		}
	}
	if len(entry.all("atom:summary"))+len(entry.all("atom:content")) == 0 {
		r.fail("an entry without text")
	}
	for _, name := range []string{"atom:summary", "atom:content"} {
		for _, construct := range entry.all(name) {
			r.construct(construct)
		}
	}
	for _, media := range entry.all("media:content") {
		r.media(media)
	}
	source := entry.one("atom:source")
	r.children(source, plan{"atom:id": "1", "atom:title": "1", "atom:updated": "1", "atom:author": "1", "atom:link": "?"})
	r.tag(source.text("atom:id"))
	r.plainText(source.one("atom:title"))
	r.rfc3339(source.text("atom:updated"))
	r.person(source.one("atom:author"))
}

func (r *rules) entryLinks(entry *element) {
	kinds := map[string]bool{}
	for _, link := range entry.all("atom:link") {
		r.attrs(link, plan{"href": "1", "rel": "1", "type": "?"})
		r.link(link.Attrs["href"])
		r.unique(kinds, link.Attrs["rel"])
		if link.Attrs["rel"] == "enclosure" && !strings.HasPrefix(link.Attrs["type"], "image/") {
			r.fail("enclosure of type %q", link.Attrs["type"])
		}
	}
	if !kinds["alternate"] {
		r.fail("an entry without alternate link")
	}
}

func (r *rules) construct(e *element) {
	if e.Attrs["type"] == "html" {
		r.html(e.Text)
		return
	}
	r.plainText(e)
}

func (r *rules) person(e *element) {
	r.children(e, plan{"atom:name": "1", "atom:uri": "?"})
	r.plainText(e.one("atom:name"))
	for _, uri := range e.all("atom:uri") {
		r.link(uri.Text)
	}
}

// self: a feed names its own address, once, and no relation is there twice with one type.
func (r *rules) self(links []*element, kind string) {
	seen, selves := map[string]bool{}, 0
	for _, link := range links {
		r.attrs(link, plan{"href": "1", "rel": "1", "type": "?"})
		r.link(link.Attrs["href"])
		if link.Attrs["rel"] != "hub" { // there may be several
			r.unique(seen, link.Attrs["rel"]+" "+link.Attrs["type"])
		}
		if link.Attrs["rel"] == "self" {
			selves++
			if link.Attrs["type"] != kind {
				r.fail("self of type %q", link.Attrs["type"])
			}
		}
	}
	if selves != 1 {
		r.fail("%d links to itself", selves)
	}
}

func (r *rules) unique(seen map[string]bool, value string) {
	if value == "" || seen[value] {
		r.fail("%q is empty or there twice", value)
	}
	seen[value] = true
}

var (
	tagURI  = regexp.MustCompile(`^tag:[a-z0-9.-]+,\d{4}:([A-Za-z0-9;/?:@&=+$._!~*'(),-]|%[0-9A-F]{2})+$`)
	uri     = regexp.MustCompile(`^https?://(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d+)?(/([A-Za-z0-9;/?:@&=+$._!~*'(),#-]|%[0-9A-Fa-f]{2})*)?([?#]([A-Za-z0-9;/?:@&=+$._!~*'(),#-]|%[0-9A-Fa-f]{2})*)?$`)
	opening = regexp.MustCompile(`<[A-Za-z/!?]`)
)

// tag: an id is a tag: URI (RFC 4151).
func (r *rules) tag(s string) {
	if !tagURI.MatchString(s) {
		r.fail("%q is not a tag: URI", s)
	}
}

// link: an address is absolute, and a URI (RFC 3986).
func (r *rules) link(s string) {
	if !uri.MatchString(s) {
		r.fail("%q is not an absolute http or https URI", s)
	}
	if u, err := url.Parse(s); err != nil || u.User != nil {
		r.fail("%q names a user", s)
	}
}

func (r *rules) language(s string) {
	if tag, err := language.Parse(s); err != nil || tag.String() != s || tag == language.Und {
		r.fail("%q is not a language", s)
	}
}

// rfc822: the weekday is right, too, which time.Parse does not look at.
func (r *rules) rfc822(s string) {
	date, err := time.Parse(time.RFC1123Z, s)
	if err != nil || date.Format(time.RFC1123Z) != s {
		r.fail("%q is not an RFC 822 date", s)
	}
	r.plausible(date)
}

func (r *rules) rfc3339(s string) {
	date, err := time.Parse(time.RFC3339, s)
	if err != nil {
		r.fail("%q is not an RFC 3339 date", s)
	}
	r.plausible(date)
}

// plausible: no feed is older than the web.
func (r *rules) plausible(date time.Time) {
	if date.Year() < 1990 || date.Year() > 9999 {
		r.fail("year %d", date.Year())
	}
}

// plainText: there is some, on one line, that no reader takes for markup; "&" and
// "<" are written in hexadecimal (RSS Advisory Board, Best Practices Profile).
func (r *rules) plainText(e *element) {
	if strings.TrimSpace(e.Text) != e.Text || e.Text == "" || strings.Contains(e.Text, "\n") {
		r.fail("%s %q is not a line", e.Name, e.Text)
	}
	for _, reference := range []string{"&amp;", "&lt;", "&gt;"} {
		if strings.Contains(e.Raw, reference) {
			r.fail("%s is written %q", e.Name, e.Raw)
		}
	}
	r.noMarkup(e.Text)
}

func (r *rules) noMarkup(s string) {
	if opening.MatchString(s) {
		r.fail("%q looks like markup", s)
	}
}

// html: only harmless elements and attributes, absolute addresses, and a
// document that a parser has nothing to repair in.
func (r *rules) html(fragment string) {
	body := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
	nodes, err := html.ParseFragment(strings.NewReader(fragment), body)
	if err != nil {
		r.fail("%v", err)
		return
	}
	var again strings.Builder
	for _, n := range nodes {
		if err := html.Render(&again, n); err != nil {
			r.fail("%v", err)
		}
		r.node(n)
		for d := range n.Descendants() {
			r.node(d)
		}
	}
	// Void elements may have a slash or not.
	if strings.ReplaceAll(again.String(), "/>", ">") != strings.ReplaceAll(fragment, "/>", ">") {
		r.fail("a parser repairs\n%s\nas\n%s", fragment, again.String())
	}
	if fragment == "" {
		r.fail("no text")
	}
}

func (r *rules) node(n *html.Node) {
	if n.Type == html.TextNode {
		return
	}
	elements := strings.Fields("p br hr div section h1 h2 h3 h4 h5 h6 blockquote pre b strong i em u s small mark sub sup cite q code " +
		"abbr del ins ul ol li dl dt dd figure figcaption table caption thead tbody tfoot tr th td a img")
	if n.Type != html.ElementNode || n.Namespace != "" || !slices.Contains(elements, n.Data) {
		r.fail("%s in the text", n.Data)
	}
	seen := map[string]bool{}
	for _, a := range n.Attr {
		r.unique(seen, a.Key)
		switch n.Data + " " + a.Key {
		case "a href":
			if !strings.HasPrefix(a.Val, "mailto:") {
				r.link(a.Val)
			}
		case "img src":
			r.link(a.Val)
		case "img alt", "img width", "img height", "th colspan", "th rowspan", "td colspan", "td rowspan", "ol start":
		default:
			r.fail("attribute %s of %s", a.Key, n.Data)
		}
	}
	if n.Data == "img" && (!seen["src"] || !seen["alt"]) {
		r.fail("an image with nothing but %v", seen)
	}
}

// A shape is the schema of a JSON object: what each of its members is. The
// names of those that must be there end in "!".
type shape map[string]func(any)

func (r *rules) object(value any, s shape) {
	object, ok := value.(map[string]any)
	if !ok {
		r.fail("%v is not an object", value)
		return
	}
	for name, member := range object {
		check := s[name]
		if check == nil {
			check = s[name+"!"]
		}
		if check == nil {
			r.fail("member %s", name)
			continue
		}
		check(member)
	}
	for name := range s {
		if required, is := strings.CutSuffix(name, "!"); is && object[required] == nil {
			r.fail("no member %s in %v", required, object)
		}
	}
}

func (r *rules) list(each func(any)) func(any) {
	return func(value any) {
		values, ok := value.([]any)
		if !ok {
			r.fail("%v is not a list", value)
		}
		for _, v := range values {
			each(v)
		}
	}
}

func (r *rules) string(check func(string)) func(any) {
	return func(value any) {
		s, ok := value.(string)
		if !ok || s == "" {
			r.fail("%v is not a text", value)
			return
		}
		check(s)
	}
}

// jsonFeed checks JSON Feed 1.1 (jsonfeed.org/version/1.1).
func (r *rules) jsonFeed(document string) {
	var feed any
	if err := json.Unmarshal([]byte(document), &feed); err != nil {
		r.fail("%v", err)
		return
	}
	ids := map[string]bool{}
	text := r.string(r.noMarkup)
	link, language, date := r.string(r.link), r.string(r.language), r.string(r.rfc3339)
	author := func(value any) { r.object(value, shape{"name!": text, "url": link}) }
	hub := func(value any) { r.object(value, shape{"type!": text, "url!": link}) }
	item := func(value any) {
		tags := map[string]bool{}
		r.object(value, shape{
			"id!": r.string(func(s string) { r.tag(s); r.unique(ids, s) }), "url": link, "title!": text,
			"content_html!": r.string(r.html), "summary": text, "image": link, "date_published": date, "date_modified": date,
			"authors!": r.list(author), "tags": r.list(r.string(func(s string) { r.noMarkup(s); r.unique(tags, s) })),
			"language": language,
			"_source!": func(value any) {
				r.object(value, shape{"id!": text, "name!": text, "url": link, "origin": text, "rights!": text})
			},
		})
	}
	r.object(feed, shape{
		"version!": r.string(func(s string) {
			if s != "https://jsonfeed.org/version/1.1" {
				r.fail("version %q", s)
			}
		}),
		"title!": text, "home_page_url!": link, "feed_url!": link, "description": text, "language!": language,
		"authors!": r.list(author), "next_url": link, "hubs": r.list(hub), "items!": r.list(item),
	})
}

// TestRulesFindFaults proves the rules: each change of a sound feed is found.
func TestRulesFindFaults(t *testing.T) {
	site := renderSite(t, sampleContent())
	for path, changes := range map[string][][2]string{
		"/c/tat-ca/rss.xml": {
			{"<item>", "<item><ttl>1</ttl>"},
			{"<copyright>", "<copyright>a</copyright><copyright>"},
			{"Sat, 21 Nov", "Sun, 21 Nov"},
			{"21 Nov 2026", "21 Nov 1970"},
			{"<link>https://bao-mau.example", "<link>//bao-mau.example"},
			{"<link>https://", "<link>https://user@"},
			{"x=1&amp;y=2</link>", "x[]=1</link>"},
			{"</channel>", "<title>a</title></channel>"},
			{"&#x26; kho", "&amp; kho"},
			{"&#x3C; giai", "&#x3C;giai"},
			{"<guid isPermaLink=\"false\">", "<guid>"},
			{"11111111111111111111111111111111", "00112233445566778899aabbccddeeff"},
			{"<language>vi", "<language>tiếng Việt"},
			{"&lt;/strong&gt;", ""},
			{"&lt;strong&gt;", "&lt;strong onclick=&#34;a&#34;&gt;"},
			{"&lt;h2&gt;", "&lt;script&gt;&lt;/script&gt;&lt;h2&gt;"},
			{"href=&#34;https://htx.example/suoi-bac", "href=&#34;/suoi-bac"},
			{"src=&#34;https:", "src=&#34;javascript:"},
			{"medium=\"image\"", "medium=\"\""},
			{"type=\"image/jpeg\"", "type=\"text/html\""},
			{"rel=\"self\"", "rel=\"up\""},
			{"</rss>", ""},
			{"Kinh tế", "Kinh\u202e tế"},
			{"Kinh tế", "Kinh t\uFFFD"},
		},
		"/c/tat-ca/atom.xml": {
			{"<updated>2026-11-21T09:45:00.999+07:00", "<updated>2026-11-21T09:45:01+07:00"},
			{"2026-11-20T00:00:00.933+07:00", "2026-11-21T09:45:00.999+07:00"},
			{"+07:00", ""},
			{"<id>tag:bantin.example,2026:article/", "<id>urn:x:"},
			{"scheme=\"tag:", "scheme=\"topics:"},
			{"term=\"cong-nghiep\"", "term=\"\""},
			{"label=\"Công nghiệp\"", "label=\"&lt;b>\""},
			{"<name>Lê Mẫu</name>", ""},
			{" rel=\"alternate\"", " rel=\"related\""},
			{"<rights>", "<rights></rights><rights>"},
			{"<source>", "<source><title>a</title>"},
			{"xml:lang=\"vi\"", "xml:lang=\"\""},
			{"http://www.w3.org/2005/Atom", "http://purl.org/atom/ns#"},
		},
		"/c/tat-ca/feed.json": {
			{"version/1.1", "version/1"},
			{"\"tags\": [", "\"tags\": [\"Kinh tế\","},
			{"\"authors\": [\n    {", "\"author\": [\n    {"},
			{"\"name\": \"Lê Mẫu\"", "\"url\": \"https://x.example/\""},
			{"\"date_published\": \"2026-11-21T08:30:00", "\"date_published\": \"2026-11-21 08:30:00"},
			{"\"items\": [", "\"items\": [{\"id\": 1},"},
			{"\"content_html\": \"<figure>", "\"content_html\": \"<figure><svg>"},
			{"\"language\": \"vi\"", "\"language\": 1"},
			{"\"_source\"", "\"source\""},
		},
	} {
		document := text(t, site, path)
		checkDocument(t, path, document)
		for _, change := range changes {
			changed := strings.Replace(document, change[0], change[1], 1)
			if changed == document {
				t.Errorf("%s: no %s", path, change[0])
			} else if len(faults(path, changed)) == 0 {
				t.Errorf("%s: %s in place of %s is no fault", path, change[1], change[0])
			}
		}
	}
}
