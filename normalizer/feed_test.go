package normalizer_test

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/mmcdole/gofeed"
	"golang.org/x/text/unicode/norm"

	"bantin/internal/article"
	"bantin/normalizer"
)

var update = flag.Bool("update", false, "write the golden files anew")

func sampleSource() article.Source {
	return article.Source{ID: "mau", Name: "Báo Mẫu", FeedURL: "https://mau.example.vn/rss/home.rss"}
}

func sampleDocument(body []byte) normalizer.Document {
	return normalizer.Document{Body: body, ContentType: "text/xml", URL: "https://mau.example.vn/rss/home.rss"}
}

// goldenFeed is what a golden file holds.
type goldenFeed struct {
	Error    string          `json:"error,omitempty"`
	Warnings []string        `json:"warnings,omitempty"`
	Articles []goldenArticle `json:"articles"`
}

type goldenArticle struct {
	ID         string        `json:"id"`
	GUID       string        `json:"guid,omitempty"`
	URL        string        `json:"url,omitempty"`
	Title      string        `json:"title,omitempty"`
	Lead       string        `json:"lead,omitempty"`
	HTML       string        `json:"html,omitempty"`
	Text       string        `json:"text,omitempty"`
	Author     string        `json:"author,omitempty"`
	Origin     string        `json:"origin,omitempty"`
	Published  string        `json:"published,omitempty"`
	Precision  string        `json:"precision,omitempty"`
	Updated    string        `json:"updated,omitempty"`
	Images     []goldenImage `json:"images,omitempty"`
	Categories []string      `json:"categories,omitempty"`
	Language   string        `json:"language"`
	Warnings   []string      `json:"warnings,omitempty"`
}

type goldenImage struct {
	URL     string `json:"url"`
	Caption string `json:"caption,omitempty"`
}

func toGolden(result normalizer.Result, err error) goldenFeed {
	golden := goldenFeed{Warnings: result.Warnings, Articles: []goldenArticle{}}
	if err != nil {
		golden.Error = err.Error()
	}
	for i := range result.Articles {
		a := &result.Articles[i]
		g := goldenArticle{
			ID: a.ID, GUID: a.GUID, URL: a.URL, Title: a.Title, Lead: a.Lead, HTML: a.HTML, Text: a.Text,
			Author: a.Author, Origin: a.Origin, Published: goldenTime(a.Published), Precision: string(a.Precision),
			Updated: goldenTime(a.Updated), Categories: a.Categories, Language: a.Language, Warnings: a.Warnings,
		}
		for _, image := range a.Images {
			g.Images = append(g.Images, goldenImage(image))
		}
		golden.Articles = append(golden.Articles, g)
	}
	return golden
}

func goldenTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}

// feedFiles are the fixtures; there must be some.
func feedFiles(tb testing.TB) []string {
	tb.Helper()
	all, err := filepath.Glob("testdata/feeds/*")
	if err != nil {
		tb.Fatal(err)
	}
	var files []string
	for _, name := range all {
		if !strings.HasSuffix(name, ".golden.json") && !strings.HasSuffix(name, ".md") {
			files = append(files, name)
		}
	}
	if len(files) < 20 {
		tb.Fatalf("got %d feeds, want at least 20", len(files))
	}
	return files
}

func TestFeeds(t *testing.T) {
	n := newNormalizer(t)
	expected := map[string]bool{}
	for _, name := range feedFiles(t) {
		golden := name + ".golden.json"
		expected[golden] = true
		t.Run(filepath.Base(name), func(t *testing.T) {
			body, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			got := toGolden(n.Feed(sampleSource(), sampleDocument(body)))
			if *update {
				writeGolden(t, golden, got)
				return
			}
			if diff := cmp.Diff(readGolden(t, golden), got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
	orphans, err := filepath.Glob("testdata/feeds/*.golden.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, golden := range orphans {
		if !expected[golden] {
			t.Errorf("%s belongs to no feed", golden)
		}
	}
}

func writeGolden(tb testing.TB, name string, golden goldenFeed) {
	tb.Helper()
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(golden); err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(out.String()), 0o600); err != nil {
		tb.Fatal(err)
	}
}

func readGolden(tb testing.TB, name string) goldenFeed {
	tb.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		tb.Fatalf("read the golden file (write it with -update): %v", err)
	}
	var golden goldenFeed
	if err := json.Unmarshal(text, &golden); err != nil {
		tb.Fatal(err)
	}
	return golden
}

// TestEveryFeedSaysWhatItProves keeps the fixtures readable.
func TestEveryFeedSaysWhatItProves(t *testing.T) {
	readme, err := os.ReadFile("testdata/feeds/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range feedFiles(t) {
		body, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		first, _, _ := strings.Cut(string(body), "\n")
		if !strings.Contains(first, "proves:") && !strings.Contains(string(readme), "`"+filepath.Base(name)+"`") {
			t.Errorf("neither the first line of %s nor the README says what it proves", name)
		}
	}
}

func TestNotAFeed(t *testing.T) {
	n := newNormalizer(t)
	const d1n = `<html><body><script>document.cookie="D1N=0123456789abcdef0123456789abcdef"+"; path=/";window.location.reload(true);</script></body></html>`
	for name, test := range map[string]struct {
		body string
		want error
	}{
		"nothing":          {"", normalizer.ErrEmpty},
		"white space":      {" \n\t", normalizer.ErrEmpty},
		"only a mark":      {"\ufeff", normalizer.ErrEmpty},
		"cookie script":    {d1n, normalizer.ErrChallenged},
		"bare script":      {`<script>document.cookie="a=b";location.href="/rss"</script>`, normalizer.ErrChallenged},
		"Cloudflare":       {`<!DOCTYPE html><html lang="en-US"><head><title>Just a moment...</title></head><body><script>window._cf_chl_opt={}</script></body></html>`, normalizer.ErrChallenged},
		"refusal":          {`<html><head><title>Thông báo từ chối truy cập</title></head><body>Mã lỗi 1</body></html>`, normalizer.ErrChallenged},
		"HTML page":        {"<!DOCTYPE html>\n<html><body><h1>Danh sách RSS</h1><p>Chọn chuyên mục: &lt;rss&gt;</p></body></html>", normalizer.ErrNotAFeed},
		"page about feeds": {"<!DOCTYPE html><html><body><p>Thêm dòng &lt;rss version=\"2.0\"&gt; vào đầu, rồi từng <code>&lt;item&gt;</code>.</p></body></html>", normalizer.ErrNotAFeed},
		"page with an rss": {"<!DOCTYPE html><html><body><rss class=\"icon\"></rss><p>Danh sách kênh</p></body></html>", normalizer.ErrNotAFeed},
		"JSON in a page":   {`<!DOCTYPE html><html><script>var a = {"items":[{"id":"1","title":"Tin"}]}</script></html>`, normalizer.ErrNotAFeed},
		"long page":        {"<html><body>" + strings.Repeat("<p>Bài viết về cookie và location.</p>", 3000) + "</body></html>", normalizer.ErrNotAFeed},
		"sitemap":          {`<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>https://mau.example.vn/</loc></url></urlset>`, normalizer.ErrNotAFeed},
		"other JSON":       {`{"status":"error"}`, normalizer.ErrNotAFeed},
		"broken JSON":      {`{"status":`, normalizer.ErrUnparsable},
		"garbage":          {"\x00\x01\x02 không phải XML", normalizer.ErrUnparsable},
		"words":            {"Trang đang bảo trì", normalizer.ErrUnparsable},
		"cut off at once":  {`<?xml version="1.0"?><rss version="2.0"><channel><title>Báo`, normalizer.ErrUnparsable},
		"cut in item one":  {`<rss version="2.0"><channel><item><title>Báo`, normalizer.ErrUnparsable},
		"JSON in item one": {`{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1","title":"Báo`, normalizer.ErrUnparsable},
	} {
		t.Run(name, func(t *testing.T) {
			result, err := n.Feed(sampleSource(), sampleDocument([]byte(test.body)))
			if !errors.Is(err, test.want) {
				t.Errorf("got error %v, want %v", err, test.want)
			}
			if len(result.Articles) != 0 {
				t.Errorf("got %d articles, want none", len(result.Articles))
			}
		})
	}
}

// sampleItem is one item with text in every field.
func sampleItem(i int, body string) string {
	return fmt.Sprintf(`<item><title>Tin số %d</title><link>https://mau.example.vn/tin-%d.html</link><guid>tin-%d</guid>`+
		`<pubDate>Tue, 14 Nov 2023 17:42:44 +0700</pubDate><description><![CDATA[%s]]></description></item>`, i, i, i, body)
}

func sampleFeed(items ...string) []byte {
	return []byte(`<rss version="2.0"><channel><title>Báo Mẫu</title>` + strings.Join(items, "\n") + `</channel></rss>`)
}

func TestNestingBombIsRefused(t *testing.T) {
	n := newNormalizer(t)
	const elements = 2_000_000
	deep := strings.Repeat("<x:a>", elements)
	for name, body := range map[string][]byte{
		"in an item":      sampleFeed(`<item><title>a</title>` + deep + `</item>`),
		"in the channel":  []byte(`<rss><channel>` + deep + `</channel></rss>`),
		"never closed":    []byte(`<feed>` + deep),
		"behind an item":  sampleFeed(sampleItem(1, "Bài"), deep),
		"behind a PI":     []byte(`<rss><channel><?xml version="1.0" encoding="utf-16"?>` + deep + `</channel></rss>`),
		"behind a quote":  []byte(`<rss><channel><a b="'>">` + deep + `</channel></rss>`),
		"many namespaces": []byte(`<rss` + manyNamespaces(100) + `><channel>` + strings.Repeat("<a/>", 100_000) + `</channel></rss>`),
		"many in one":     []byte(`<rss><channel><x:a>` + strings.Repeat("chữ<b/>", 400_000) + `</x:a></channel></rss>`),
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := n.Feed(sampleSource(), sampleDocument(body))
			runtime.ReadMemStats(&after)
			if !errors.Is(err, normalizer.ErrUnparsable) {
				t.Errorf("got error %v, want ErrUnparsable", err)
			}
			// gofeed would allocate an element for each of the millions: that nothing grows
			// shows that they are refused before it sees them, however busy the machine is.
			if grew := after.TotalAlloc - before.TotalAlloc; grew > 4<<20 {
				t.Errorf("allocated %d bytes for a document of %d", grew, len(body))
			}
		})
	}
}

func manyNamespaces(count int) string {
	var out strings.Builder
	for i := range count {
		fmt.Fprintf(&out, ` xmlns:n%d="urn:n%d"`, i, i)
	}
	return out.String()
}

// TestHostileFeedsAreQuick sends what makes a careless search start again and
// again. Whether anything is found matters less than that it ends.
func TestHostileFeedsAreQuick(t *testing.T) {
	n := newNormalizer(t)
	const size = 1 << 20
	fill := func(part string) string { return strings.Repeat(part, size/len(part)) }
	for name, body := range map[string]string{
		"comments":            `<rss><channel><item><x:a>` + fill("a<!---->") + `</x:a></item></channel></rss>`,
		"sections":            `<rss><channel><item><x:a>` + fill("<![CDATA[a]]>") + `</x:a></item></channel></rss>`,
		"open comments":       fill("<!--"),
		"open sections":       `<rss><channel><item>` + fill("<![CDATA["),
		"open directives":     fill("<!D "),
		"open instructions":   fill("<?a "),
		"open tags":           `<rss><channel><item>` + fill("<a "),
		"open quotes":         `<rss><channel><item>` + fill(`<a b="`),
		"open titles":         `<rss><channel><item>` + fill("<title>") + `</item></channel></rss>`,
		"open items":          `<rss><channel>` + fill("<item>"),
		"items that end late": `<rss><channel>` + fill("<item>") + `</channel></rss>`,
		"end tags":            `<rss><channel>` + fill("</b>") + `</channel></rss>`,
		"brackets":            `<rss><channel><item><title>` + fill("< ") + `</title></item></channel></rss>`,
		"brackets in a title": `<rss><channel><item><title><![CDATA[` + fill("<b ") + `]]></title></item></channel></rss>`,
		"references":          `<rss><channel><item><title>` + fill("&#8;&#") + `</title></item></channel></rss>`,
		"attributes":          `<rss><channel><item><enclosure ` + fill(`a="b" `) + `/></item></channel></rss>`,
		"bare attributes":     `<rss ` + fill(`a=b `) + `><channel><item></item></channel></rss>`,
		"escaped":             fill("&lt;rss "),
		"declarations":        fill("<?xml "),
		"pages":               fill("<html>"),
		"JSON strings":        `{"items":[{"a":"` + fill(`\`),
		"JSON commas":         `{"items":[` + fill(","),
		"JSON quotes":         `{"items":[` + fill(`"\x",`),
		"JSON in braces":      fill("{") + "jsonfeed.org/version/",
		"encoded twice":       `<rss><channel><item><title>` + fill("áº") + `</title></item></channel></rss>`,
		"surrogates":          fill("\xed\xa0\xbd"),
		"surrogate pairs":     `<rss><channel><item><title>` + fill("&#55357;") + `</title></item></channel></rss>`,
		"zero bytes":          fill("<\x00"),
		"bases":               `<feed>` + fill(`<entry xml:base="a/b">`) + `</feed>`,
		"long names":          fill("<a"),
		"JSON":                `{"items":[` + fill("["),
		"JSON members":        `{"items":[],` + fill(`"a":{},`) + `"b":1}`,
		"high bytes":          fill("\xc3"),
		"marks":               fill("\ufeff"),
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			if _, err := n.Feed(sampleSource(), sampleDocument([]byte(body))); err != nil {
				t.Log(cutLine(err.Error()))
			}
			// Each takes a tenth of a second at most, a search that starts again at every
			// byte takes minutes; between them is room for the race detector.
			if took := time.Since(start); took > time.Minute {
				t.Errorf("took %v for %d bytes", took, len(body))
			} else {
				t.Log(took)
			}
		})
	}
}

func cutLine(s string) string { return s[:min(len(s), 100)] }

// TestOneBadItem: whatever is wrong inside an item, the others come out.
func TestOneBadItem(t *testing.T) {
	n := newNormalizer(t)
	for name, bad := range map[string]string{
		"bad name":          `<item><title>Hỏng</title><1a>x</1a></item>`,
		"bad attribute":     `<item><title>Hỏng</title><link a"b>x</link></item>`,
		"open element":      `<item><title>Hỏng</title><b>x</item>`,
		"stray end":         `<item><title>Hỏng</title></p></item>`,
		"open title":        `<item><title>Hỏng<link>https://mau.example.vn/h</link></item>`,
		"stray section end": `<item><title>Hỏng ]]> x</title></item>`,
		"open comment":      `<item><title>Hỏng</title><!-- x </item>`,
		"open section":      `<item><title><![CDATA[Hỏng</title></item>`,
		"section twice":     `<item><title><![CDATA[<![CDATA[Hỏng]]>]]></title></item>`,
		"open quote":        `<item><title>Hỏng</title><enclosure url="x></item>`,
		"declaration":       `<item><title>Hỏng</title><?xml version="1.0" encoding="utf-16"?></item>`,
		"surrogate":         `<item><title>Hỏng &#xD800;</title></item>`,
		"huge reference":    `<item><title>Hỏng &#99999999999;</title></item>`,
		"other case":        `<item><Title>Hỏng</title></item>`,
		"nothing":           `<item>`,
	} {
		t.Run(name, func(t *testing.T) {
			result, err := n.Feed(sampleSource(), sampleDocument(sampleFeed(sampleItem(1, "Một"), bad, sampleItem(2, "Hai"))))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for i := range result.Articles {
				if a := &result.Articles[i]; !strings.Contains(a.Title, "Hỏng") {
					got = append(got, a.Title)
				}
			}
			if diff := cmp.Diff([]string{"Tin số 1", "Tin số 2"}, got); diff != "" {
				t.Errorf("titles, -want +got:\n%s", diff)
			}
		})
	}
}

// TestDamagedFeeds: damage that leaves the words readable costs no item.
func TestDamagedFeeds(t *testing.T) {
	n := newNormalizer(t)
	sound := string(sampleFeed(sampleItem(1, "<p>Một</p>"), sampleItem(2, "<p>Hai</p>"), sampleItem(3, "<p>Ba</p>")))
	replace := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(sound) }
	for name, body := range map[string]string{
		"script behind the end":    sound + "<script>x</script> & <",
		"twice":                    sound + sound,
		"two declarations":         `<?xml version="1.0"?><?xml version="1.0" encoding="UTF-8"?>` + sound,
		"blanks first":             "\n\n  <?xml version=\"1.0\"?>" + sound,
		"declaration without ?":    `<?xml version="1.0" encoding="utf-8">` + sound,
		"DOCTYPE":                  `<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://mau.example.vn/rss-0.91.dtd">` + sound,
		"HTTP headers":             "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n" + sound,
		"chunk sizes":              "1a2f\r\n" + sound + "\r\n0\r\n",
		"pre element":              "<pre>" + sound + "</pre>",
		"root not closed":          strings.TrimSuffix(sound, "</rss>"),
		"no channel":               replace("<channel>", "", "</channel>", ""),
		"capitals":                 replace("<item", "<ITEM", "</item", "</ITEM", "<title", "<TITLE", "</title", "</TITLE"),
		"items end in capitals":    replace("</item>", "</Item>"),
		"titles end in capitals":   replace("</title>", "</Title>"),
		"end tags twice":           replace("</item>", "</item></item>"),
		"links not closed":         replace("</link>", ""),
		"blanks in tags":           replace("</item>", "</item >", "<item>", "<item >"),
		"undeclared prefix":        replace("<description>", "<content:encoded>", "</description>", "</content:encoded>"),
		"foreign namespace":        replace("<rss ", `<rss xmlns="http://mau.example.vn/" `),
		"attribute twice":          replace("<rss ", `<rss a="1" a="2" `),
		"attribute without =":      replace("<rss ", `<rss a `),
		"open quote in the root":   replace(`version="2.0"`, `version="2.0`),
		"bracket before figures":   replace("Tin số", "Tin <10 độ số"),
		"bracket before letters":   replace("Tin số", "Tin <b số"),
		"ampersands":               replace("Tin số", "A&B &foo; &amp &#; &#x; &#xZZ; số"),
		"NUL in a title":           replace("Tin", "T\x00in"),
		"control in a tag":         replace("<item>", "<it\x02em>"),
		"mark in the middle":       replace("<item>", "\ufeff<item>"),
		"odd comment":              replace("<item>", "<item><!-- a -- b --->"),
		"section in a section":     replace("<![CDATA[", "<![CDATA[<![CDATA[", "]]>", "]]>]]>"),
		"descriptions not closed":  replace("</description>", ""),
		"open declaration":         "<?xml version=\"1.0\" encoding=\"utf-8\"\n" + sound,
		"in a page":                "<html><head></head><body><pre>" + sound + "</pre></body></html>",
		"escaped":                  strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(`<?xml version="1.0"?>` + sound),
		"surrogates":               replace("Tin số", "&#55357;&#56832; số &#xDE00;"),
		"bad byte in a tag":        replace("<guid>", "<guid \xfe>"),
		"encoded twice":            encodedTwice(sound),
		"utf-32":                   "\x00\x00\xfe\xff" + inUTF32(sound),
		"utf-7":                    `<?xml version="1.0" encoding="utf-7"?>` + sound,
		"chunk size in the middle": replace("<item>", "\r\n3e8\r\n<item>"),
		"curly quotes":             replace(`"2.0"`, "”2.0”"),
		"carriage returns only":    replace("\n", "\r"),
		"HTML without CDATA":       replace("<![CDATA[", "<br>", "]]>", "<img src=a.jpg>"),
	} {
		t.Run(name, func(t *testing.T) {
			result, err := n.Feed(sampleSource(), sampleDocument([]byte(body)))
			if err != nil {
				t.Fatal(err)
			}
			if len(result.Articles) != 3 {
				t.Fatalf("got %d articles, want 3", len(result.Articles))
			}
			for i, want := range []string{"Một", "Hai", "Ba"} {
				a := &result.Articles[i]
				link := fmt.Sprintf("https://mau.example.vn/tin-%d.html", i+1)
				if a.Text != want || a.URL != link || !strings.Contains(a.Title, "số") || a.Published.IsZero() {
					t.Errorf("got %q at %q, titled %q, published %v", a.Text, a.URL, a.Title, a.Published)
				}
			}
		})
	}
}

// TestIllegalCharacters puts them at every place of a word of the machine.
func TestIllegalCharacters(t *testing.T) {
	n := newNormalizer(t)
	for _, illegal := range []string{"\x00", "\x08", "\x1f", "&#8;", "&#x1F;", "\ufffe", "\uffff"} {
		for i := range 17 {
			before, behind := strings.Repeat("ă~ ", i)+strings.Repeat("a", i), strings.Repeat("ễ", i)+"\n b"
			result, err := n.Feed(sampleSource(), sampleDocument(sampleFeed("<item><title>x"+before+illegal+behind+"</title></item>")))
			if err != nil {
				t.Fatal(err)
			}
			want := strings.Join(strings.Fields("x"+before+behind), " ")
			if got := result.Articles[0].Title; got != want || len(result.Warnings) != 1 {
				t.Errorf("%q behind %d: got title %q with warnings %q, want %q", illegal, i, got, result.Warnings, want)
			}
		}
	}
}

func TestLongFeedKeepsTheFirst(t *testing.T) {
	n := newNormalizer(t)
	items := make([]string, 100_000)
	for i := range items {
		items[i] = sampleItem(i, "Bài")
	}
	result, err := n.Feed(sampleSource(), sampleDocument(sampleFeed(items...)))
	if err != nil {
		t.Fatal(err)
	}
	if got := len(result.Articles); got != 1000 {
		t.Fatalf("got %d articles, want 1000", got)
	}
	if got := result.Articles[999].GUID; got != "tin-999" {
		t.Errorf("got %q as the last guid, want tin-999", got)
	}
	want := []string{"the feed has 100000 items; the first 1000 were read, 99000 were left"}
	if diff := cmp.Diff(want, result.Warnings); diff != "" {
		t.Errorf("warnings, -want +got:\n%s", diff)
	}
}

func TestCaps(t *testing.T) {
	n := newNormalizer(t)
	long := strings.Repeat("từ ", 400_000)
	item := `<item><title>` + long + `</title><guid>` + long + `a</guid>` +
		strings.Repeat("<category>Một</category>", 10) + categories(10_000) + enclosures(10_000) +
		`<description><![CDATA[<p>` + strings.Repeat("Câu văn dài. ", 200_000) + `</p>]]></description></item>`
	other := `<item><title>` + long + `</title><guid>` + long + `b</guid></item>`
	result, err := n.Feed(sampleSource(), sampleDocument(sampleFeed(item, other)))
	if err != nil {
		t.Fatal(err)
	}
	if len(result.Articles) != 2 || result.Articles[0].ID == result.Articles[1].ID {
		t.Fatalf("two guids that differ at the end gave %d articles", len(result.Articles))
	}
	a := result.Articles[0]
	if got := utf8.RuneCountInString(a.Title); got > 301 || !strings.HasSuffix(a.Title, "từ…") {
		t.Errorf("the title has %d characters and ends in %q", got, a.Title[len(a.Title)-10:])
	}
	if got := len(a.Categories); got != 100 {
		t.Errorf("got %d categories, want 100", got)
	}
	if got := len(a.Images); got != 50 {
		t.Errorf("got %d pictures, want 50", got)
	}
	if got := len(a.HTML); got > 1<<20+1024 {
		t.Errorf("the body has %d bytes", got)
	}
	if len(a.Warnings) < 3 {
		t.Errorf("got warnings %q, want one for each cut", a.Warnings)
	}
}

// TestItemWithoutBase: where neither the feed nor the item has an address, a
// relative picture keeps its caption.
func TestItemWithoutBase(t *testing.T) {
	item := `<item><title>Tin</title><guid>1</guid><description><![CDATA[<p><img src="/anh/1.jpg"></p><p align="center">Chú thích của ảnh</p>` +
		`<p>Sáng nay, xã khởi công đường mới.</p><p>Đường dài hai cây số.</p>]]></description></item>`
	result, err := newNormalizer(t).Feed(article.Source{ID: "mau"}, normalizer.Document{Body: sampleFeed(item)})
	if err != nil || len(result.Articles) != 1 {
		t.Fatalf("got %d articles and error %v", len(result.Articles), err)
	}
	a := result.Articles[0]
	if diff := cmp.Diff([]article.Image{{URL: "/anh/1.jpg", Caption: "Chú thích của ảnh"}}, a.Images); diff != "" {
		t.Errorf("images, -want +got:\n%s", diff)
	}
	if want := "Sáng nay, xã khởi công đường mới.\nĐường dài hai cây số."; a.Text != want {
		t.Errorf("got text %q, want %q", a.Text, want)
	}
}

// upTo is the text before a mark.
func upTo(text, mark string) string {
	before, _, _ := strings.Cut(text, mark)
	return before
}

// inUTF32 is text in UTF-32, big end first.
func inUTF32(text string) string {
	var out strings.Builder
	for _, r := range text {
		out.Write(binary.BigEndian.AppendUint32(nil, uint32(r)))
	}
	return out.String()
}

func TestTruncated(t *testing.T) {
	n := newNormalizer(t)
	whole := string(sampleFeed(sampleItem(1, "Một"), sampleItem(2, "Hai"), sampleItem(3, "Ba")))
	const object = `{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1","title":"Một"},{"id":"2","title":"Hai"}]}`
	manyItems := make([]string, 1001)
	for i := range manyItems {
		manyItems[i] = sampleItem(i, "Bài")
	}
	for name, test := range map[string]struct {
		body string
		want bool
	}{
		"whole":             {whole, false},
		"cut in an item":    {upTo(whole, "Ba"), true},
		"cut after an item": {upTo(whole, "</channel>"), true},
		"cut in an end tag": {whole[:strings.LastIndex(whole, "</item>")+3], true},
		"cut before an end": {whole[:strings.LastIndex(whole, "</item>")], true},
		"faulty and whole":  {strings.Replace(whole, "Tin số 2", "Tin <b số ]]> 2", 1), false},
		"open section":      {strings.Replace(whole, "Hai]]>", "Hai", 1), false},
		"faulty and cut":    {strings.Replace(upTo(whole, "Ba"), "<title>Tin số 1</title>", "<title>Tin số 1</b>", 1), true},
		"too many items":    {string(sampleFeed(manyItems...)), false},
		"JSON":              {object, false},
		"JSON cut":          {upTo(object, "Hai"), true},
		"JSON cut late":     {strings.TrimSuffix(object, "}"), true},
	} {
		t.Run(name, func(t *testing.T) {
			result, err := n.Feed(sampleSource(), sampleDocument([]byte(test.body)))
			if err != nil || len(result.Articles) == 0 {
				t.Fatalf("got %d articles and error %v", len(result.Articles), err)
			}
			if result.Truncated != test.want {
				t.Errorf("truncated %t, want %t; warnings %q", result.Truncated, test.want, result.Warnings)
			}
		})
	}
}

// TestHugeOuterTags: what stands around the items is copied for each that is
// salvaged, so that a huge tag is refused before.
func TestHugeOuterTags(t *testing.T) {
	n := newNormalizer(t)
	const limit = 64 << 10
	faulty := strings.Repeat(`<item><title>Tin</b></title></item>`, 3)
	for name, page := range map[string]string{
		"root":               `<rss a="LONG"><channel>` + faulty + `</channel></rss>`,
		"channel":            `<rss><channel a="LONG">` + faulty + `</channel></rss>`,
		"feed":               `<feed a="LONG">` + strings.ReplaceAll(faulty, "item", "entry") + `</feed>`,
		"longer when mended": `<rss a='LONG'><channel>` + strings.ReplaceAll(faulty, "</b>", "&</b>") + `</channel></rss>`,
	} {
		t.Run(name, func(t *testing.T) {
			fill := "x"
			if name == "longer when mended" {
				fill = `"`
			}
			_, err := n.Feed(sampleSource(), sampleDocument([]byte(strings.Replace(page, "LONG", strings.Repeat(fill, limit-len(page)), 1))))
			if wantFine := name != "longer when mended"; wantFine != (err == nil) {
				t.Errorf("just below the limit: error %v", err)
			}
			_, err = n.Feed(sampleSource(), sampleDocument([]byte(strings.Replace(page, "LONG", strings.Repeat(fill, limit+1), 1))))
			if !errors.Is(err, normalizer.ErrUnparsable) || !strings.Contains(err.Error(), "65536 bytes") {
				t.Errorf("above the limit: error %v, want ErrUnparsable with the limit", err)
			}
		})
	}
}

func categories(count int) string {
	var out strings.Builder
	for i := range count {
		fmt.Fprintf(&out, "<category>Mục %d</category>", i)
	}
	return out.String()
}

func enclosures(count int) string {
	var out strings.Builder
	for i := range count {
		fmt.Fprintf(&out, `<enclosure url="https://anh.example.vn/%d.jpg" type="image/jpeg"/>`, i)
	}
	return out.String()
}

func TestContentHash(t *testing.T) {
	n := newNormalizer(t)
	hash := func(item string) string {
		result, err := n.Feed(sampleSource(), sampleDocument(sampleFeed(item)))
		if err != nil || len(result.Articles) != 1 {
			t.Fatalf("got %d articles and error %v", len(result.Articles), err)
		}
		return result.Articles[0].ContentHash
	}
	plain := `<item><guid>1</guid><title>Tin</title><category>a</category><category>b</category><pubDate>14/11/2023</pubDate></item>`
	if hash(plain) != hash(strings.Replace(plain, "<guid>1", "<guid>2", 1)) {
		t.Error("the guid changes the hash")
	}
	for _, change := range [][2]string{
		{"Tin", "Tin mới"},
		{"14/11/2023", "14/11/2023 00:00"},
		{"14/11/2023", "15/11/2023"},
		{"<category>a</category><category>b</category>", "<category>ab</category>"},
		{"<category>a</category><category>b</category>", "<category>b</category><category>a</category>"},
		{"<guid>1</guid>", "<guid>1</guid><author>Tin</author>"},
		{"<guid>1</guid>", "<guid>1</guid><link>https://mau.example.vn/1</link>"},
		{"<guid>1</guid>", "<guid>1</guid><description>Bài</description>"},
		{"<guid>1</guid>", `<guid>1</guid><enclosure url="https://mau.example.vn/1.jpg"/>`},
	} {
		changed := strings.Replace(plain, change[0], change[1], 1)
		if hash(plain) == hash(changed) {
			t.Errorf("%q in place of %q does not change the hash", change[1], change[0])
		}
	}
}

func FuzzFeed(f *testing.F) {
	for _, name := range feedFiles(f) {
		body, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body, "text/xml")
	}
	n := newNormalizer(f)
	f.Fuzz(func(t *testing.T, body []byte, contentType string) {
		document := sampleDocument(body)
		document.ContentType = contentType
		result, err := n.Feed(sampleSource(), document)
		if err != nil && len(result.Articles) > 0 {
			t.Errorf("got %d articles beside error %v", len(result.Articles), err)
		}
		seen := map[string]bool{}
		for i := range result.Articles {
			a := &result.Articles[i]
			if seen[a.ID] {
				t.Errorf("the id of %q came twice", a.Title)
			}
			seen[a.ID] = true
			for _, text := range append([]string{a.GUID, a.URL, a.Title, a.Lead, a.HTML, a.Text, a.Author, a.Language}, a.Categories...) {
				if !utf8.ValidString(text) {
					t.Errorf("not UTF-8: %q", text)
				}
			}
			for _, text := range append([]string{a.Title, a.Lead, a.HTML, a.Text, a.Author}, a.Categories...) {
				if !norm.NFC.IsNormalString(text) {
					t.Errorf("not NFC: %q", text)
				}
			}
		}
	})
}

// benchmarkFeed has the size of a usual feed with full texts: 30 items of 2.7 KB.
func benchmarkFeed() []byte { return benchmarkFeedOf(30, "Tue, 14 Nov 2023 17:42:44 +0700") }

func benchmarkFeedOf(count int, built string) []byte {
	const sentence = "Huyện đã hoàn thành 12 km đường bê tông, cứng hóa kênh mương và nâng cấp lưới điện cho các xã vùng cao. "
	paragraph := "<p>" + strings.Repeat(sentence, 3) + "</p>\n"
	body := `<p><a href="/bai.html"><img src="/anh/duong.jpg" alt="Đường mới"></a></p>` + strings.Repeat(paragraph, 6)
	items := make([]string, count)
	for i := range items {
		items[i] = sampleItem(i, body)
	}
	head := "<lastBuildDate>" + built + "</lastBuildDate><ttl>60</ttl>"
	return sampleFeed(append([]string{head}, items...)...)
}

func BenchmarkFeed(b *testing.B) {
	n := newNormalizer(b)
	document := sampleDocument(benchmarkFeed())
	b.SetBytes(int64(len(document.Body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := n.Feed(sampleSource(), document); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFeedUnchangedItems reads a feed of 120 KB in which only the date of
// the build is new.
func BenchmarkFeedUnchangedItems(b *testing.B) { benchmarkSeen(b, 45, 0) }

// BenchmarkFeedThreeNew reads the feed of BenchmarkFeed with three new items.
func BenchmarkFeedThreeNew(b *testing.B) { benchmarkSeen(b, 30, 3) }

func benchmarkSeen(b *testing.B, items, fresh int) {
	b.Helper()
	n := newNormalizer(b)
	document := sampleDocument(benchmarkFeedOf(items, "Tue, 14 Nov 2023 17:42:44 +0700"))
	result, err := n.Feed(sampleSource(), document)
	if err != nil || len(result.Items) != items {
		b.Fatalf("got %d items and error %v", len(result.Items), err)
	}
	document.Body = benchmarkFeedOf(items, "Tue, 14 Nov 2023 18:42:44 +0700")
	document.Seen = result.Items[fresh:]
	b.SetBytes(int64(len(document.Body)))
	b.ReportAllocs()
	for b.Loop() {
		result, err := n.Feed(sampleSource(), document)
		if err != nil || result.Skipped != items-fresh || len(result.Articles) != fresh {
			b.Fatalf("skipped %d items, read %d, error %v", result.Skipped, len(result.Articles), err)
		}
	}
}

// BenchmarkGofeed is what BenchmarkFeed is measured by.
func BenchmarkGofeed(b *testing.B) {
	body := string(benchmarkFeed())
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := gofeed.NewParser().ParseString(body); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSurvey(b *testing.B) {
	for name, body := range map[string][]byte{
		"cdata": benchmarkFeed(),
		"tags":  sampleFeed(strings.Repeat(`<item><title>Tin</title><link>https://mau.example.vn/tin.html</link></item>`, 900)),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if err := normalizer.Survey(body); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
