package normalizer_test

import (
	"strings"
	"testing"

	"bantin/internal/article"
	"bantin/normalizer"
)

func TestCheckSelector(t *testing.T) {
	for _, good := range []string{
		"a", "*", "h3 a", "ul>li > a", ".tin", ".tin.moi", "#tin", "div#tin.moi a.ten", "a[href]", "[data-id]", "a[href=x]", `a[href="x y"]`, "a[href^='/tin/']",
		"a[href*=ItemID]", "a[href$='.html']", "[class~=tin]", "a[ href *= 'x' ]", "a:not(.x)", "a:not(.x):not([rel])", "a:not(.x, #y)", " .a , .b ",
		"DIV.Tin A", "a[href^=/tin-tuc/]", ".mục-tin", "li\n>\na",
	} {
		if err := normalizer.CheckSelector(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for bad, want := range map[string]string{
		"":                        "character 1: the selector ends where a tag, .class, #id or [attribute] must stand",
		"a, ":                     "character 4: the selector ends where a tag, .class, #id or [attribute] must stand",
		",a":                      "character 1: ',' stands where a tag, .class, #id or [attribute] must stand",
		"> a":                     "character 1: '>' stands where a tag, .class, #id or [attribute] must stand",
		"a >":                     "character 4: the selector ends where a tag, .class, #id or [attribute] must stand",
		"a > > b":                 "character 5: '>' stands where a tag, .class, #id or [attribute] must stand",
		".":                       "character 2: the selector ends where a name must stand",
		".mục #":                  "character 7: the selector ends where a name must stand",
		"a + b":                   "character 3: '+' is not known here; part steps by a space or >",
		"a ~ b":                   "character 3: '~' is not known here; part steps by a space or >",
		"li:nth-child(2)":         "character 3: of the pseudo-classes only :not() is known",
		"a::before":               "character 2: of the pseudo-classes only :not() is known",
		"a:not(.x":                "character 9: the selector ends where ) or a comma must stand",
		"a:not(.x .y)":            "character 10: '.' stands where ) or a comma must stand",
		"a[":                      "character 3: the selector ends where the name of an attribute must stand",
		"a[href":                  "character 7: the selector ends where ] must stand",
		"a[href=]":                "character 8: ']' stands where a value must stand",
		"a[href|=x]":              "character 7: '|' stands where ] must stand",
		"a[href='x]":              "character 8: the quotation mark is not closed",
		"a*":                      "character 2: '*' stands where a space, > or a comma must stand",
		`.md\:flex`:               `character 4: '\\' stands where a space, > or a comma must stand`,
		"//div/a":                 "character 1: '/' stands where a tag, .class, #id or [attribute] must stand",
		strings.Repeat("a ", 501): "the selector is longer than 1000 bytes",
	} {
		if err := normalizer.CheckSelector(bad); err == nil || err.Error() != want {
			t.Errorf("%.20s: got %v, want %s", bad, err, want)
		}
	}
}

const selectorPage = `<html><body>
<div id="ctl00_g_Tin" class="tin moi" data-loai="Tin tức">
 <ul><li class="dau"><h3><a id="a1" href="/1" rel="x">Một</a></h3></li>
 <li><h3><a id="a2" href="/tin/2.html" class="ten nong">Hai</a></h3></li>
 <li><div><div><a id="a3" href="/tin/3.html" class="ten">Ba</a></div></div></li></ul>
 <div class="hop"><div class="hop"><p><a id="a4" href="/4?ItemID=4">Bốn</a></p></div></div>
</div>
<div class="khac"><ul><li><a id="a5" href="/5.html">Năm</a></li></ul></div></body></html>`

func TestSelectors(t *testing.T) {
	n := newNormalizer(t)
	for selector, want := range map[string]string{
		"a":                                   "/1 /tin/2.html /tin/3.html /4?ItemID=4 /5.html",
		"#Tin a":                              "/1 /tin/2.html /tin/3.html /4?ItemID=4",
		"#in a":                               "",
		".tin.moi h3 a":                       "/1 /tin/2.html",
		".tin.cu a":                           "",
		"li > a":                              "/5.html",
		"li > h3 > a, li>a":                   "/1 /tin/2.html /5.html",
		"ul > a":                              "",
		".hop > p a":                          "/4?ItemID=4",
		".tin > .hop p > a":                   "/4?ItemID=4",
		".tin > .hop > p > a":                 "",
		"* > h3 > a":                          "/1 /tin/2.html",
		"body .hop .hop a":                    "/4?ItemID=4",
		".hop .hop .hop a":                    "",
		"a[rel]":                              "/1",
		"a[href='/1']":                        "/1",
		"a[href^='/tin/']":                    "/tin/2.html /tin/3.html",
		"a[href*='ItemID=']":                  "/4?ItemID=4",
		"a[href$='.html']":                    "/tin/2.html /tin/3.html /5.html",
		"a[href^='']":                         "",
		"a[class~=nong]":                      "/tin/2.html",
		"a[class=ten]":                        "/tin/3.html",
		"[data-loai='Tin tức'] .ten":          "/tin/2.html /tin/3.html",
		"A.ten:not(.nong)":                    "/tin/3.html",
		"li:not(.dau) a":                      "/tin/2.html /tin/3.html /5.html",
		"a:not([href*=tin], [href$=html])":    "/1 /4?ItemID=4",
		"li:not(.dau):not(:not(li)) > h3 > a": "/tin/2.html",
	} {
		t.Run(selector, func(t *testing.T) {
			src := article.Source{ID: "tinh", PageURL: "https://tinh.example.vn/", Items: selector}
			links, err := n.Listing(src, normalizer.Document{Body: []byte(selectorPage), URL: src.PageURL})
			var got []string
			for _, link := range links {
				got = append(got, strings.TrimPrefix(link.URL, "https://tinh.example.vn"))
			}
			if one := strings.Join(got, " "); one != want {
				t.Errorf("got %s (%v), want %s", one, err, want)
			}
			if (want == "") != (err != nil) {
				t.Errorf("error %v", err)
			}
		})
	}
}

// TestSelectorsAreFast: no page and no selector makes the matching explode.
func TestSelectorsAreFast(t *testing.T) {
	src := article.Source{ID: "tinh", PageURL: "https://tinh.example.vn/", Items: strings.Repeat("div ", 200) + "> p a"}
	body := strings.Repeat("<div>", 250) + strings.Repeat("<i><a href=/x>x</a></i>", 20_000)
	if _, err := newNormalizer(t).Listing(src, normalizer.Document{Body: []byte(body), URL: src.PageURL}); err == nil {
		t.Error("links were selected in no paragraph")
	}
}

func FuzzCheckSelector(f *testing.F) {
	for _, seed := range []string{"a", ".tin > h3 a:not(.x, #y)", `a[href^="/tin"], *`, "a:not(:not(b", "[x~='"} {
		f.Add(seed)
	}
	n := newNormalizer(f)
	f.Fuzz(func(t *testing.T, text string) {
		src := article.Source{ID: "tinh", PageURL: "https://tinh.example.vn/", Items: text}
		links, err := n.Listing(src, normalizer.Document{Body: []byte(selectorPage), URL: src.PageURL})
		if text != "" && normalizer.CheckSelector(text) != nil && err == nil {
			t.Errorf("%q is no selector, and selected %v", text, links)
		}
	})
}
