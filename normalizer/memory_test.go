package normalizer_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"bantin/normalizer"
)

// Pictures that stand in their own address, scripts and styles do not count against
// the length of a page, and what describes the article is not lost with them.
func TestBallastDoesNotCount(t *testing.T) {
	picture := `<img src="data:image/png;base64,` + strings.Repeat("iVBORw0KGgo+/", 300_000) + `==">`
	script := `<script>var x = "` + strings.Repeat("<p>a ", 500_000) + `"</script><STYLE>` + strings.Repeat("a{}", 500_000) + `</STYLE>`
	described := `<script type="application/ld+json">{"@type":"NewsArticle","headline":"Cầu mới","datePublished":"2026-11-16T08:30:00+07:00"}</script>`
	var paragraphs strings.Builder
	for i := range 20 {
		fmt.Fprintf(&paragraphs, "<p>Xã khởi công con đường thứ %d ra chợ, dài %d cây số, bà con góp công.</p>", i, 2*i)
	}
	text := paragraphs.String() + "<p>Câu cuối của bài là câu này.</p>"
	n := newNormalizer(t)

	body := n.ReadBody(picture+script+text, nil)
	if len(body.Warnings) > 0 || !strings.HasSuffix(body.Text, "Câu cuối của bài là câu này.") {
		t.Errorf("the body: got warnings %q and %d bytes of text", body.Warnings, len(body.Text))
	}
	page := "<html><head>" + script + described + "</head><body><h1>Cầu mới</h1>" + picture + text + "</body></html>"
	link := normalizer.Link{URL: "https://tinh.example.vn/tin/1"}
	result, err := n.Page(portal(), link, normalizer.Document{Body: []byte(page), URL: link.URL})
	if err != nil {
		t.Fatal(err)
	}
	a := result.Article
	if len(a.Warnings) > 0 || !strings.HasSuffix(a.Text, "Câu cuối của bài là câu này.") || a.Published.IsZero() {
		t.Errorf("the page: got warnings %q, %d bytes of text, published %s", a.Warnings, len(a.Text), a.Published)
	}
}

// What is longer than that is cut at a whole character, and says so.
func TestLongHTMLIsCut(t *testing.T) {
	n := newNormalizer(t)
	for name, in := range map[string]string{
		"HTML": strings.Repeat("<p>Đường mới ra chợ, dài ba cây số.</p>", 100_000),
		"text": strings.Repeat("Đường mới ra chợ, dài ba cây số.\n", 100_000),
	} {
		body := n.ReadBody(in, nil)
		if len(body.Warnings) != 1 || !utf8.ValidString(body.HTML) || len(body.Text) < 1<<20 || strings.ContainsRune(body.Text, utf8.RuneError) {
			t.Errorf("%s: got warnings %q and %d bytes of text", name, body.Warnings, len(body.Text))
		}
	}
}

// A text of a feed that is much longer than an article is cut before gofeed reads
// it. Nothing else of the feed is touched.
func TestLongTextsOfAFeedAreCut(t *testing.T) {
	long := strings.Repeat("Đường &amp; chợ. ", 250_000)
	for name, field := range map[string]string{
		"text":        "<description>" + long + "</description>",
		"section":     "<description><![CDATA[" + long + "]]></description>",
		"references":  "<description>" + strings.Repeat("&#272;", 500_000) + "</description>",
		"extension":   "<x:y>" + long + "</x:y>",
		"other texts": "<description><![CDATA[" + long + "]]></description><x:y>" + long + "</x:y>",
	} {
		t.Run(name, func(t *testing.T) {
			bad := "<item><title>Tin dài</title><guid>dai</guid>" + field + "</item>"
			result, err := newNormalizer(t).Feed(sampleSource(), sampleDocument(sampleFeed(sampleItem(1, "Một"), bad, sampleItem(2, "Hai"))))
			if err != nil {
				t.Fatal(err)
			}
			if len(result.Articles) != 3 || len(result.Warnings) != 1 || !strings.Contains(result.Warnings[0], "were cut: ") || result.Truncated {
				t.Errorf("got %d articles and warnings %q, want 3 and one", len(result.Articles), result.Warnings)
			}
			if len(result.Items) != 3 {
				t.Errorf("got %d fingerprints, want 3: the feed is sound", len(result.Items))
			}
		})
	}
	// A comment and an address are no texts, and stay whole.
	kept := "<!--" + long + "--><item><title>Tin</title><guid>1</guid><link>https://mau.example.vn/?" + strings.Repeat("a", 1000) + "</link></item>"
	result, err := newNormalizer(t).Feed(sampleSource(), sampleDocument(sampleFeed(sampleItem(1, "Một"), kept)))
	if err != nil || len(result.Articles) != 2 || len(result.Articles[1].URL) < 1000 {
		t.Errorf("got %d articles, %v", len(result.Articles), err)
	}
}

// So is one of a JSON Feed.
func TestLongStringsOfAFeedAreCut(t *testing.T) {
	for name, long := range map[string]string{
		"text":             strings.Repeat("Đường & chợ. ", 250_000),
		"escapes":          strings.Repeat(`\u0110`, 500_000),
		"quotes":           "a" + strings.Repeat(`\"`, 2_000_000),
		"back strokes":     "a" + strings.Repeat(`\\`, 2_000_000),
		"characters of 4":  "a" + strings.Repeat("😀", 800_000),
		"a stroke at last": strings.Repeat("a", 3_000_000) + `\\`,
	} {
		t.Run(name, func(t *testing.T) {
			feed := `{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1","title":"Một"},{"id":"2","title":"Hai","content_text":"` +
				long + `"},{"id":"3","title":"Ba"}]}`
			result, err := newNormalizer(t).Feed(sampleSource(), sampleDocument([]byte(feed)))
			if err != nil {
				t.Fatal(err)
			}
			if len(result.Articles) != 3 || len(result.Warnings) != 1 || !strings.Contains(result.Warnings[0], "were cut: 1") {
				t.Errorf("got %d articles and warnings %q, want 3 and one", len(result.Articles), result.Warnings)
			}
		})
	}
}

// Of text that gets longer than 10 MB as UTF-8 the beginning is read, whatever the
// encoding, and the document is one that was cut off: it is not remembered as read.
func TestTextThatGrowsIsCut(t *testing.T) {
	feed := func(filler string) []byte {
		var b strings.Builder
		for n := 1; n <= 2; n++ {
			fmt.Fprintf(&b, "<item><title>Tin %d</title><guid>%d</guid></item>", n, n)
		}
		return []byte("<rss><channel>" + b.String() + "<item><title>" + strings.Repeat(filler, 9_000_000/len(filler)) + "</title></item></channel></rss>")
	}
	for name, body := range map[string][]byte{
		"windows-1252": feed("\x80"),
		"broken UTF-8": feed("á\xff\xfe"),
	} {
		t.Run(name, func(t *testing.T) {
			text, _ := normalizer.DecodeText(body, "")
			if len(text) > 10<<20 || !utf8.Valid(text) {
				t.Errorf("got %d bytes of text, valid: %t", len(text), utf8.Valid(text))
			}
			result, err := newNormalizer(t).Feed(sampleSource(), sampleDocument(body))
			if err != nil {
				t.Fatal(err)
			}
			if len(result.Articles) != 2 || !result.Truncated {
				t.Errorf("got %d articles, truncated: %t; want the two whole ones", len(result.Articles), result.Truncated)
			}
		})
	}
}
