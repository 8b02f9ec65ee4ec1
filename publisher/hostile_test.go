package publisher_test

import (
	"encoding/json"
	"html/template"
	"math/rand/v2"
	"net/url"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/mmcdole/gofeed"
	"golang.org/x/net/html"

	"bantin/internal/article"
	"bantin/publisher"
)

// hostileMarkup are ways to get a script to run, each of which calls alert.
func hostileMarkup() []string {
	return []string{
		`<script>alert(1)</script>`,
		`<SCRIPT SRC=//x.example/a.js>alert(1)</SCRIPT>`,
		`<scr<script>ipt>alert(1)</scr</script>ipt>`,
		`<img src=x onerror=alert(1)>`,
		`<img src="javascript:alert(1)">`,
		`<img src="https://x.example/a.png" onload="alert(1)" alt="x">`,
		`<svg onload=alert(1)><script>alert(1)</script></svg>`,
		`<svg><style><img src=x onerror=alert(1)></style></svg>`,
		`<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>`,
		`<a href="javascript:alert(1)">x</a>`,
		"<a href=\"java\tscript:alert(1)\">x</a>",
		"<a href=\"\x01javascript:alert(1)\">x</a>",
		`<a href="&#106;avascript:alert(1)">x</a>`,
		`<a href="JaVaScRiPt&colon;alert(1)">x</a>`,
		`<a href="data:text/html,<script>alert(1)</script>">x</a>`,
		`<a href="vbscript:alert(1)">x</a>`,
		`<a href="https://x.example/" onclick=alert(1) style="position:fixed">x</a>`,
		`<iframe src="https://x.example/" srcdoc="<script>alert(1)</script>"></iframe>`,
		`<object data="https://x.example/a.swf"></object><embed src="https://x.example/">`,
		`<form action="https://x.example/"><input autofocus onfocus=alert(1)><button>x</button></form>`,
		`<base href="https://x.example/"><link rel=stylesheet href="https://x.example/a.css">`,
		`<meta http-equiv=refresh content="0;url=https://x.example/">`,
		`<style>body{display:none}</style><p style="background:url(javascript:alert(1))">x</p>`,
		`<details open ontoggle=alert(1)>x</details><video><source onerror=alert(1)></video>`,
		`<noscript><p title="</noscript><img src=x onerror=alert(1)>">`,
		`<template><img src=x onerror=alert(1)></template><!--><img src=x onerror=alert(1)>-->`,
		`</p></article></main></body></html><script>alert(1)</script>`,
		`"><script>alert(1)</script>`, `'><img src=x onerror=alert(1)>`, `{{.}}<% %>${alert(1)}`,
		`]]><script>alert(1)</script>`, `<![CDATA[<script>alert(1)</script>]]>`,
		`<xmp><p title="</xmp><img src=x onerror=alert(1)>">`,
		`<plaintext><b>`, `<textarea><b>`, `<title><b>`, `<table><td><b>`,
	}
}

// hostileURLs must not come out as links.
func hostileURLs() []string {
	return []string{
		"javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "java\nscript:alert(1)", "\x00javascript:alert(1)",
		"data:text/html,<script>alert(1)</script>", "vbscript:alert(1)", "file:///etc/passwd", "ftp://x.example/", "//x.example/",
		"/tin/1", "tin-1.html", "", "http://", "http:///x", "https://[::1", "mailto:a@x.example", "blob:https://x.example/1",
		"java&#x0A;script:alert(1)", "&#106;avascript:alert(1)", "java\tscript:alert(1)", "data:image/svg+xml,<svg onload=alert(1)>",
		"https:x.example", "https://x.example:port/", "http://x\x00.example/", "https://[fe80::1%25eth0]/", "https://x.example%00/",
		"https://user:secret@", "https://'onclick='alert(1)'/", "https://x.example\\@y.example/", "feed:https://x.example/",
	}
}

// TestNothingRuns puts hostile markup and addresses in every field of an
// article and of what stands around it, and looks at each HTML output, and at
// the HTML in each feed, with a parser of its own.
func TestNothingRuns(t *testing.T) {
	for i, hostile := range append(hostileMarkup(), hostileURLs()...) {
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			site := renderHostile(t, hostile)
			for _, path := range site.Paths() {
				switch {
				case strings.HasSuffix(path, "/"):
					checkPage(t, path, text(t, site, path))
				case strings.HasSuffix(path, "opml.xml"), strings.HasSuffix(path, "style.css"):
				default:
					checkFeed(t, path, text(t, site, path))
				}
			}
			for _, path := range xmlPaths(site) {
				if err := wellFormed(text(t, site, path)); err != nil {
					t.Errorf("%s: %v", path, err)
				}
			}
		})
	}
}

// renderHostile renders a site that has s in every field of an article and of
// what stands around it.
func renderHostile(t *testing.T, s string) *publisher.Site {
	t.Helper()
	options := sampleOptions()
	options.Title = s
	options.Version = s
	options.TopicLabels["x"] = s
	options.Sources["x"] = article.Source{ID: "x", Name: s, FeedURL: s, Republish: article.Full}
	channel := publisher.Channel{ID: "mot", Title: s}
	articles := []article.Article{hostileArticle(s)}
	site, err := publisher.Render(options, publisher.Content{
		Channels: []publisher.ChannelContent{{Channel: channel, Articles: articles}},
		Digests: []publisher.DigestContent{{ID: "sang", Title: s, Issues: []publisher.IssueContent{{
			Date: "2026-11-22", Sections: []publisher.SectionContent{{Channel: channel, Articles: articles}},
		}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return site
}

func hostileArticle(s string) article.Article {
	return article.Article{
		ID: s, SourceID: "x", GUID: s, URL: s, Title: s, Lead: s, HTML: "<p>a</p>" + s + "<p>b</p>", Text: s, Author: s, Origin: s,
		FirstSeen: at(20, 8, 0), FetchedAt: at(20, 8, 0),
		Images:     []article.Image{{URL: s, Caption: s}, {URL: "https://x.example/a.jpg?" + url.QueryEscape(s), Caption: s}},
		Categories: []string{s}, Language: s,
		Places: []article.PlaceRef{{Name: s, Province: s, ProvinceThen: "y"}}, Topics: []article.TopicRef{{ID: "x"}, {ID: s}},
	}
}

// checkPage looks for what our own templates never write.
func checkPage(t *testing.T, path, page string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	for _, n := range checkTree(t, path, root) {
		switch n.Data {
		case "meta", "link", "style", "title", "head", "base":
			if n.Parent != nil && n.Parent.Data != "head" && n.Data != "head" {
				t.Errorf("%s: %s outside the head", path, n.Data)
			}
		case "main", "footer", "h1":
			if n.Parent.Data != "body" && n.Data != "h1" {
				t.Errorf("%s: %s is inside of %s: a body broke out of its place", path, n.Data, n.Parent.Data)
			}
		}
	}
	if got := strings.Count(page, "<footer>"); got != 1 {
		t.Errorf("%s: %d footers", path, got)
	}
}

// checkFeed looks at the HTML that a reader would show.
func checkFeed(t *testing.T, path, document string) {
	t.Helper()
	f, err := gofeed.NewParser().ParseString(document)
	if err != nil {
		t.Errorf("%s: %v", path, err)
		return
	}
	if len(f.Items) != 1 {
		t.Fatalf("%s: %d items", path, len(f.Items))
	}
	item := f.Items[0]
	fragments := []string{item.Content}
	if !strings.HasSuffix(path, ".json") { // there it is plain text
		fragments = append(fragments, item.Description)
	}
	if strings.HasSuffix(path, "atom.xml") {
		fragments = fragments[:1] // beside content, summary is plain text
	}
	for _, fragment := range fragments {
		root, err := html.Parse(strings.NewReader(fragment))
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		checkTree(t, path, root)
	}
	for _, link := range append(item.Links, item.Link) {
		checkURL(t, path, link)
	}
	for _, enclosure := range item.Enclosures {
		checkURL(t, path, enclosure.URL)
	}
}

// checkTree reports everything in a document that could run or lead astray, and
// returns its elements.
func checkTree(t *testing.T, path string, root *html.Node) []*html.Node {
	t.Helper()
	forbidden := []string{
		"script", "iframe", "object", "embed", "form", "input", "button", "style", "svg", "math", "video", "audio", "source", "base",
		"textarea", "template", "noscript", "plaintext", "xmp", "frame", "applet",
	}
	var elements []*html.Node
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		elements = append(elements, n)
		if slices.Contains(forbidden, n.Data) {
			t.Errorf("%s: element %s", path, n.Data)
		}
		for _, attr := range n.Attr {
			key := strings.ToLower(attr.Key)
			if strings.HasPrefix(key, "on") || key == "style" || key == "srcdoc" || key == "http-equiv" {
				t.Errorf("%s: attribute %s of %s", path, key, n.Data)
			}
			if key == "href" || key == "src" {
				checkURL(t, path, attr.Val)
			}
		}
	}
	return elements
}

func checkURL(t *testing.T, path, link string) {
	t.Helper()
	u, err := url.Parse(link)
	if err != nil {
		t.Errorf("%s: link %q: %v", path, link, err)
		return
	}
	if !slices.Contains([]string{"", "http", "https", "mailto"}, strings.ToLower(u.Scheme)) {
		t.Errorf("%s: link %q", path, link)
	}
	for _, r := range link {
		if r <= ' ' || r > '~' {
			t.Errorf("%s: link %q is not ASCII", path, link)
			return
		}
	}
}

func TestHostileLinksDoNotComeOut(t *testing.T) {
	for _, hostile := range hostileURLs() {
		a := fullArticle()
		a.URL = hostile
		a.Images = []article.Image{{URL: hostile}}
		a.HTML = `<p>` + a.Lead + `<a href="` + hostile + `">x</a><img src="` + hostile + `"></p>`
		site := renderOne(t, a)
		f, err := gofeed.NewParser().ParseString(text(t, site, "/c/mot/rss.xml"))
		if err != nil {
			t.Fatal(err)
		}
		item := f.Items[0]
		if item.Link != "" || item.Extensions["media"] != nil {
			t.Errorf("%q: link %q, media %v", hostile, item.Link, item.Extensions["media"])
		}
		if !strings.Contains(item.Description, a.Lead) {
			t.Errorf("%q: the article is lost", hostile)
		}
	}
}

// TestLinksAreURIs: what comes out is ASCII and leads to the same place.
func TestLinksAreURIs(t *testing.T) {
	for written, want := range map[string]string{
		"https://x.example/a?b=1&c=2#d":                 "https://x.example/a?b=1&c=2#d",
		" https://x.example/a ":                         "https://x.example/a",
		"HTTPS://X.Example/A":                           "https://x.example/A",
		"https://x.example/tin tức?q=tin tức":           "https://x.example/tin%20t%E1%BB%A9c?q=tin%20t%E1%BB%A9c",
		"https://x.example/%2F?q=%20":                   "https://x.example/%2F?q=%20",
		"https://báo.example/":                          "https://xn--bo-mia.example/",
		"https://user:secret@x.example/":                "https://x.example/",
		"http://x.example:8080/":                        "http://x.example:8080/",
		"http://[2001:db8::1]:81/":                      "http://[2001:db8::1]:81/",
		"http://[2001:db8::1]/":                         "http://[2001:db8::1]/",
		"https://x.example/?a=\"<>'`{|}":                "https://x.example/?a=%22%3C%3E'%60%7B%7C%7D",
		"https://x.example/" + strings.Repeat("a", 8e3): "",
	} {
		a := headlineArticle()
		a.URL = written
		links := elements(t, text(t, renderOne(t, a), "/c/mot/rss.xml"), "link")
		got := ""
		if len(links) == 3 { // the channel's, atom:link, the item's
			got = links[2]
		}
		if got != want {
			t.Errorf("link %.60q, want %q; written %.60q", got, want, written)
		}
	}
}

// TestPlainTextIsNoMarkup: a reader that takes plain text for HTML neither runs
// nor swallows it, and the words stay.
func TestPlainTextIsNoMarkup(t *testing.T) {
	for written, want := range map[string]string{
		"<Thơ> Mùa gặt":            "< Thơ> Mùa gặt",
		"a <b>b</b> <!-- c --> <?": "a < b>b< /b> < !-- c --> < ?",
		"2 < 3, x<3, <3, < a":      "2 < 3, x<3, <3, < a",
		"AT&T, Q&A1, &lt;b&gt;":    "AT&T, Q&A1, &lt;b&gt;",
	} {
		a := fullArticle()
		a.Title = written
		site := renderOne(t, a)
		for _, name := range []string{"rss.xml", "atom.xml", "feed.json"} {
			f, err := gofeed.NewParser().ParseString(text(t, site, "/c/mot/"+name))
			if err != nil {
				t.Fatal(err)
			}
			// gofeed decodes the references of HTML once more.
			if got := f.Items[0].Title; html.UnescapeString(got) != html.UnescapeString(want) {
				t.Errorf("%s: title %q, want %q", name, got, want)
			}
		}
		if page := text(t, site, "/c/mot/"); !strings.Contains(page, template.HTMLEscapeString(written)) {
			t.Errorf("the page does not say %q", written)
		}
	}
}

// TestLinksInBodies: addresses in a body are URIs, too, and keep secrets.
func TestLinksInBodies(t *testing.T) {
	a := fullArticle()
	a.HTML = `<p><a href="https://user:secret@x.example/ă?a[]=1&amp;b=50%#c">x</a> <a href="MAILTO:a@x.example">y</a>` +
		`<a href="javascript:a">z</a><img src="HTTPS://X.example/ả.jpg" src="a" alt="" alt="b"><img src="//x.example/a.png" alt="c"></p>`
	content := elements(t, text(t, renderOne(t, a), "/c/mot/rss.xml"), "encoded")[0]
	want := `<p><a href="https://x.example/%C4%83?a%5B%5D=1&amp;b=50%25#c">x</a> <a href="mailto:a@x.example">y</a>` +
		`z<img src="https://x.example/%E1%BA%A3.jpg" alt=""/></p>`
	if !strings.Contains(content, want) {
		t.Errorf("content %s, want %s", content, want)
	}
}

// TestImageTypes: the extension tells the type, or nobody does.
func TestImageTypes(t *testing.T) {
	for link, want := range map[string]string{
		"https://x.example/a.jpeg":       "image/jpeg",
		"https://x.example/a.PNG?x=.gif": "image/png",
		"https://x.example/a.webp#b":     "image/webp",
		"https://x.example/a.gif":        "image/gif",
		"https://x.example/a.avif":       "image/avif",
		"https://x.example/a.svg":        "",
		"https://x.example/a.jpg.php":    "",
		"https://x.example/a?f=a.jpg":    "",
	} {
		a := fullArticle()
		a.Images = []article.Image{{URL: link}}
		f, err := gofeed.NewParser().ParseString(text(t, renderOne(t, a), "/c/mot/atom.xml"))
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if enclosures := f.Items[0].Enclosures; len(enclosures) > 0 {
			got = enclosures[0].Type
		}
		if got != want {
			t.Errorf("%s: type %q, want %q", link, got, want)
		}
		media := f.Items[0].Extensions["media"]["content"]
		if want == "" && (len(media) != 1 || media[0].Attrs["url"] != link || media[0].Attrs["medium"] != "image") {
			t.Errorf("%s: media:content %v", link, media)
		}
	}
}

// TestClockSetBack: with a clock that went back, or was never set, the outputs
// are sound, and the same in whatever order the articles are given.
func TestClockSetBack(t *testing.T) {
	var articles []article.Article
	for i, seen := range []time.Time{at(21, 9, 0), at(21, 8, 0), at(1, 0, 0), time.Unix(0, 0), {}, time.Date(20_000, 1, 1, 0, 0, 0, 0, time.UTC)} {
		for j, published := range []time.Time{{}, at(21, 8, 30), at(21, 23, 0)} {
			a := fullArticle()
			a.ID = article.NewID("bao-mau", strconv.Itoa(10*i+j))
			a.FirstSeen, a.FetchedAt = seen, seen.Add(-time.Hour)
			a.Published, a.Updated = published, published.Add(-24*time.Hour)
			articles = append(articles, a)
		}
	}
	content := func() publisher.Content {
		return publisher.Content{Channels: []publisher.ChannelContent{{
			Channel: publisher.Channel{ID: "mot", Title: "Một", Limit: 10}, Articles: slices.Clone(articles),
		}}}
	}
	first := renderSite(t, content())
	for _, path := range first.Paths() {
		checkDocument(t, path, text(t, first, path))
	}
	if got := len(elements(t, text(t, first, "/c/mot/rss.xml"), "guid")); got != 10 {
		t.Errorf("%d entries, want 10", got)
	}
	for range 5 {
		rand.Shuffle(len(articles), func(i, j int) { articles[i], articles[j] = articles[j], articles[i] })
		again := renderSite(t, content())
		for _, path := range first.Paths() {
			if text(t, again, path) != text(t, first, path) {
				t.Fatalf("%s follows the order in which the articles are given", path)
			}
		}
	}
}

// TestHugeChannel: a channel shows as many articles as it should, and costs what
// these cost.
func TestHugeChannel(t *testing.T) {
	const count, limit = 100_000, 50
	articles := make([]article.Article, count)
	for i := range articles {
		articles[i] = fullArticle()
		articles[i].ID = article.NewID("bao-mau", strconv.Itoa(i))
		articles[i].Published = at(20, 0, 0).Add(-time.Duration(i*7919%count) * time.Second)
	}
	channel := publisher.Channel{ID: "mot", Title: "Một", Limit: limit}
	render := func(articles []article.Article) (*publisher.Site, uint64) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		site := renderSite(t, publisher.Content{Channels: []publisher.ChannelContent{{Channel: channel, Articles: articles}}})
		runtime.ReadMemStats(&after)
		return site, after.TotalAlloc - before.TotalAlloc
	}
	all, cost := render(articles)
	slices.SortFunc(articles, func(a, b article.Article) int { return b.Published.Compare(a.Published) })
	few, fewCost := render(articles[:limit])
	for _, path := range few.Paths() {
		if text(t, all, path) != text(t, few, path) {
			t.Errorf("%s differs from that of the newest %d", path, limit)
		}
	}
	// One pointer for each article, and the growth of the slice.
	if extra := cost - min(cost, fewCost); extra > count*64 {
		t.Errorf("%d bytes for what is not shown", extra)
	}
}

// oddTexts hold characters that some format or some eye stumbles over, by name.
func oddTexts() map[string]string {
	return map[string]string{
		"controls":        "a\x00b\x01c\x08d\x0be\x0cf\x1fg\x7fh\u0085i",
		"noncharacters":   "a\ufffeb\uffffc\U0001fffed\ufdd0e",
		"invalid UTF-8":   "a\xffb\xc3(c\xed\xa0\x80d",
		"bidi overrides":  "a\u202ebc\u202c\u2066d\u2069",
		"invisible":       "a\u200bb\u00adc\ufeffd\u2060",
		"CDATA":           "a]]>b<![CDATA[c]]]]><![CDATA[>",
		"references":      "a&#8;b&#x0;c&#xFFFE;d&lt;&amp;&nbsp;&unknown;&#xD800;",
		"markup":          "<!DOCTYPE a [<!ENTITY b \"c\">]>&b;<?php ?><!-- -- -->",
		"separators":      "a\u2028b\u2029c\r\nd\te",
		"combining marks": "a" + strings.Repeat("\u0301", 500),
		"emoji":           "Lễ hội 🎉 bản 🏔️",
	}
}

// TestAnyCharacter: no text makes an output ill-formed, and what shows nothing
// but changes what is seen does not come out.
func TestAnyCharacter(t *testing.T) {
	for name, s := range oddTexts() {
		t.Run(name, func(t *testing.T) {
			a := hostileArticle(s)
			a.SourceID = "bao-mau"
			a.URL = "https://bao-mau.example/?q=" + s
			site := renderOne(t, a)
			for _, path := range site.Paths() {
				checkCharacters(t, path, text(t, site, path))
			}
			for _, path := range xmlPaths(site) {
				if err := wellFormed(text(t, site, path)); err != nil {
					t.Errorf("%s: %v", path, err)
				}
			}
			var anything any
			if err := json.Unmarshal([]byte(text(t, site, "/c/mot/feed.json")), &anything); err != nil {
				t.Error(err)
			}
		})
	}
}

func checkCharacters(t *testing.T, path, document string) {
	t.Helper()
	if !utf8.ValidString(document) {
		t.Errorf("%s: invalid UTF-8", path)
	}
	for _, r := range document {
		switch {
		case r < ' ' && r != '\n' && r != '\t', r >= 0x7f && r < 0xa0, r == 0xfffe, r == 0xffff, r >= 0xfdd0 && r <= 0xfdef,
			r >= 0x202a && r <= 0x202e, r >= 0x2060 && r <= 0x2069, r == 0x200b, r == 0xfeff, r == 0xad:
			t.Errorf("%s: character %U", path, r)
			return
		}
	}
}

// TestHugeFields: one article with megabytes in each field does not make a
// document of megabytes, except for the body that its source lets us show.
func TestHugeFields(t *testing.T) {
	huge := strings.Repeat("tin tức hằng ngày ", 60_000) // 1.3 MB
	a := hostileArticle(huge)
	a.ID, a.SourceID, a.HTML = "1", "cong-mau", huge
	a.Categories = slices.Repeat([]string{huge, "b" + huge, "c"}, 3000)
	a.Topics = slices.Repeat([]article.TopicRef{{ID: huge}}, 1000)
	site := renderOne(t, a)
	for _, path := range site.Paths() {
		if size := len(text(t, site, path)); size > 40_000 {
			t.Errorf("%s has %d bytes", path, size)
		}
	}
	title := elements(t, text(t, site, "/c/mot/rss.xml"), "title")[1]
	if count := utf8.RuneCountInString(title); count > 300 || !strings.HasSuffix(title, "hằng ngày…") && !strings.HasSuffix(title, "tin…") && !strings.HasSuffix(title, "tức…") && !strings.HasSuffix(title, "hằng…") {
		t.Errorf("title of %d characters ends %q", count, title[len(title)-20:])
	}
}

// TestDeepBody keeps the text of a body that is too deep to be parsed.
func TestDeepBody(t *testing.T) {
	a := fullArticle()
	a.HTML = strings.Repeat("<div>", 5000) + "sâu" + strings.Repeat("</div>", 5000)
	content := elements(t, text(t, renderOne(t, a), "/c/mot/rss.xml"), "encoded")
	if len(content) != 1 || !strings.Contains(content[0], "<p>Nhà máy rộng 2,5 ha") {
		t.Errorf("content %q", content)
	}
}

// TestBodyKeepsItsStructure: what a normalized body may hold comes out as it is.
func TestBodyKeepsItsStructure(t *testing.T) {
	structure := `<h2>a</h2><p>b <strong>c</strong> <em>d</em> <a href="https://x.example/?a=1&amp;b=2">e</a><br/>f</p>` +
		`<ul><li>g</li></ul><ol start="3"><li>h</li></ol><blockquote><p>i</p></blockquote>` +
		`<figure><img src="https://x.example/a.jpg" alt="j: &#34;k&#34;" width="20" height="10"/><figcaption>l</figcaption></figure>` +
		`<table><caption>m</caption><thead><tr><th colspan="2">n</th></tr></thead><tbody><tr><td rowspan="2">o</td></tr></tbody></table>` +
		`<p>H<sub>2</sub>O, m<sup>2</sup></p><pre>p  q</pre><hr/>`
	a := fullArticle()
	a.HTML = structure
	content := elements(t, text(t, renderOne(t, a), "/c/mot/rss.xml"), "encoded")[0]
	_, content, _ = strings.Cut(content, a.Lead+"</p>")
	content, _, _ = strings.Cut(content, "<p>Nguồn:")
	if diff := cmp.Diff(structure, content); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
}

// links are the addresses that a page leads to or loads.
func links(t *testing.T, page string) []string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for n := range root.Descendants() {
		for _, attr := range n.Attr {
			if attr.Key == "href" || attr.Key == "src" {
				found = append(found, attr.Val)
			}
		}
	}
	return found
}

// TestPagesAreAccessible checks what a screen reader goes by.
func TestPagesAreAccessible(t *testing.T) {
	site := renderSite(t, sampleContent())
	for _, path := range site.Paths() {
		if !strings.HasSuffix(path, "/") {
			continue
		}
		root, err := html.Parse(strings.NewReader(text(t, site, path)))
		if err != nil {
			t.Fatal(err)
		}
		level, ids := 0, map[string]bool{}
		for n := range root.Descendants() {
			if n.Type != html.ElementNode {
				continue
			}
			attrs := map[string]string{}
			for _, attr := range n.Attr {
				attrs[attr.Key] = attr.Val
			}
			if id := attrs["id"]; id != "" {
				if ids[id] {
					t.Errorf("%s: id %s is there twice", path, id)
				}
				ids[id] = true
			}
			switch n.Data {
			case "html":
				if attrs["lang"] != "vi" {
					t.Errorf("%s: language %q", path, attrs["lang"])
				}
			case "img":
				if _, has := attrs["alt"]; !has || attrs["loading"] != "lazy" || attrs["referrerpolicy"] != "no-referrer" {
					t.Errorf("%s: image %v", path, attrs)
				}
			case "h1", "h2", "h3", "h4", "h5", "h6":
				next := int(n.Data[1] - '0')
				if next > level+1 {
					t.Errorf("%s: h%d follows h%d", path, next, level)
				}
				level = next
			}
		}
		if level == 0 {
			t.Errorf("%s has no heading", path)
		}
	}
}
