package normalizer_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"bantin/internal/article"
	"bantin/normalizer"
)

func portal() article.Source {
	return article.Source{ID: "tinh", Name: "Cổng Mẫu", PageURL: "https://tinh.example.vn/tin-tuc"}
}

// pageAt is the comment of a fixture whose address tells its family.
var pageAt = regexp.MustCompile(`<!-- at (\S+) -->`)

// pageOf is the document of a fixture, at the address of its kind of portal.
func pageOf(tb testing.TB, name string) normalizer.Document {
	tb.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		tb.Fatal(err)
	}
	doc := normalizer.Document{Body: text, ContentType: "text/html; charset=utf-8", URL: "https://tinh.example.vn/chi-tiet?1207"}
	if at := pageAt.FindSubmatch(text); at != nil {
		doc.URL = string(at[1])
	}
	return doc
}

// articleOf is the article of a page.
func articleOf(n *normalizer.Normalizer, src article.Source, link normalizer.Link, doc normalizer.Document) (article.Article, error) {
	result, err := n.Page(src, link, doc)
	return result.Article, err
}

// fixtures are the HTML files in a folder of testdata. It fails on too few of
// them, on one that does not say what it proves, and on golden files of none.
func fixtures(tb testing.TB, folder string, atLeast int) []string {
	tb.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", folder, "*.html"))
	if err != nil || len(files) < atLeast {
		tb.Fatalf("got %d fixtures in %s, want at least %d (%v)", len(files), folder, atLeast, err)
	}
	known := map[string]bool{}
	for _, name := range files {
		known[name+".golden.json"] = true
		text, err := os.ReadFile(name)
		if err != nil {
			tb.Fatal(err)
		}
		if !strings.HasPrefix(string(text), "<!-- ") {
			tb.Errorf("the first line of %s does not say what it proves", name)
		}
	}
	goldens, err := filepath.Glob(filepath.Join("testdata", folder, "*.json"))
	if err != nil {
		tb.Fatal(err)
	}
	for _, golden := range goldens {
		if !known[golden] {
			tb.Errorf("%s belongs to no fixture", golden)
		}
	}
	return files
}

// compareGolden compares got with the golden file beside a fixture, or writes it.
func compareGolden(t *testing.T, fixture string, got any) {
	t.Helper()
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(got); err != nil {
		t.Fatal(err)
	}
	golden := fixture + ".golden.json"
	if *update {
		if err := os.WriteFile(golden, []byte(out.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatalf("read the golden file (write it with -update): %v", err)
	}
	if diff := cmp.Diff(out.String(), string(want)); diff != "" {
		t.Errorf("%s (-got +want):\n%s", golden, diff)
	}
}

// packOf is the family of a fixture: its name up to a second hyphen and number.
func packOf(name string) string {
	name = strings.TrimSuffix(filepath.Base(name), ".html")
	switch name {
	case "reference":
		return "publishingportal"
	case "no-family":
		return ""
	}
	return sampleNumber.ReplaceAllString(name, "")
}

var sampleNumber = regexp.MustCompile(`-\d+$`)

// TestPages reads the sample pages. Each pack has one at least, by which it is
// recognised.
func TestPages(t *testing.T) {
	n := newNormalizer(t)
	sampled := map[string]bool{}
	for _, name := range fixtures(t, "pages", 9) {
		t.Run(filepath.Base(name), func(t *testing.T) {
			doc := pageOf(t, name)
			a, err := articleOf(n, portal(), linkOf(name), doc)
			if err != nil {
				t.Fatal(err)
			}
			compareGolden(t, name, toGolden(normalizer.Result{Articles: []article.Article{a}}, nil).Articles[0])
			if got, want := n.PackOf(doc), packOf(name); got != want {
				t.Errorf("the page is of the family %q, want %q", got, want)
			}
			sampled[packOf(name)] = true
			checkSafe(t, a.HTML)
			if a.ID != normalizer.PageID(portal(), linkOf(name)) {
				t.Errorf("id %s is not the one that the link gives", a.ID)
			}
			if a.ContentHash == "" || a.SourceID != "tinh" {
				t.Errorf("content hash %q, source %q", a.ContentHash, a.SourceID)
			}
			if again := n.ReadBody(a.HTML, nil); again.HTML != a.HTML {
				t.Errorf("cleaning again changed the body\n got %s\nwant %s", again.HTML, a.HTML)
			}
		})
	}
	packs, err := normalizer.PackNames()
	if err != nil || len(packs) < 15 {
		t.Fatalf("got the packs %q, want 15 at least (%v)", packs, err)
	}
	for _, pack := range packs {
		if !sampled[pack] {
			t.Errorf("the pack %s has no sample in testdata/pages", pack)
		}
	}
}

// linkOf is the link under which a fixture was listed.
func linkOf(name string) normalizer.Link {
	link := normalizer.Link{URL: "https://tinh.example.vn/chi-tiet?1207"}
	if strings.HasSuffix(name, "no-family.html") {
		link.Title = "Mở lớp dạy nghề đan lát cho phụ nữ xã Mẫu"
	}
	return link
}

// TestReferencePage asserts what is right for the project's reference article.
func TestReferencePage(t *testing.T) {
	doc := pageOf(t, "testdata/pages/reference.html")
	// The same page from a portal whose names we do not know must be read as well.
	renamed := doc
	renamed.Body = []byte(strings.NewReplacer("HtmlContent", "x", "news-content", "y", "news-intro", "z",
		"news-title", "v", "article-time", "w", "news-other", "u", "article-toolbar", "s").Replace(string(doc.Body)))
	link := normalizer.Link{URL: "https://tinh.example.vn/Pages/bai-viet.aspx?ItemID=1", Title: "Bắc Kạn quan tâm đầu tư hạ tầng công nghiệp"}
	for name, one := range map[string]normalizer.Document{"as it is": doc, "unknown names": renamed} {
		t.Run(name, func(t *testing.T) {
			got, err := articleOf(newNormalizer(t), portal(), link, one)
			if err != nil {
				t.Fatal(err)
			}
			checkReference(t, got)
		})
	}
}

// TestReferenceTitles reads the page of the family with other titles: one that the
// family does not know, below a title element that all pages have.
func TestReferenceTitles(t *testing.T) {
	n := newNormalizer(t)
	doc := pageOf(t, "testdata/pages/reference.html")
	for _, element := range []string{`div class="title"`, `span class="tieude"`, `div class="ArticleTitle"`, "div", "p", "b", `font size="4"`, "h2"} {
		for _, title := range []string{"Chi tiết tin", "Cổng thông tin điện tử tỉnh Mẫu", "Trang chủ", ""} {
			name, _, _ := strings.Cut(element, " ")
			page := strings.Replace(string(doc.Body), `<div class="news-title">`, "<"+element+">", 1)
			page = strings.Replace(page, "công nghiệp</div>", "công nghiệp</"+name+">", 1)
			page = strings.Replace(page, "Bài viết - Cổng thông tin điện tử tỉnh", title, 1)
			got, err := articleOf(n, portal(), normalizer.Link{}, normalizer.Document{Body: []byte(page)})
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(page, "news-title") || got.Title != reference().Title {
				t.Errorf("%s, %q: title %q", element, title, got.Title)
			}
			checkReference(t, got)
		}
	}
}

// TestPageWithoutAddress reads the page as a file, of which only the bytes are
// known: everything of the reference article is there, the picture by its path.
func TestPageWithoutAddress(t *testing.T) {
	n := newNormalizer(t)
	doc := pageOf(t, "testdata/pages/reference.html")
	doc.URL, doc.ContentType = "", ""
	const path = "/SiteCollectionImages/2022-2/cum-cong-nghiep.jpg"
	for name, c := range map[string]struct{ head, wantURL, wantImage string }{
		"nothing":       {"", "", path},
		"canonical":     {`<link rel="canonical" href="https://tinh.example.vn/tin/1">`, "https://tinh.example.vn/tin/1", "https://tinh.example.vn" + path},
		"og:url":        {`<meta property="og:url" content="https://tinh.example.vn/tin/1">`, "https://tinh.example.vn/tin/1", "https://tinh.example.vn" + path},
		"base":          {`<base href="https://anh.example.vn/">`, "", "https://anh.example.vn" + path},
		"the site only": {`<link rel="canonical" href="https://tinh.example.vn/">`, "", "https://tinh.example.vn" + path},
	} {
		t.Run(name, func(t *testing.T) {
			one := doc
			one.Body = []byte(strings.Replace(string(doc.Body), "<head>", "<head>"+c.head, 1))
			got, err := articleOf(n, article.Source{ID: "preview"}, normalizer.Link{}, one)
			if err != nil {
				t.Fatal(err)
			}
			checkReference(t, got)
			checkReferenceTags(t, got)
			if got.URL != c.wantURL || got.Images[0].URL != c.wantImage {
				t.Errorf("at %q with the picture %q, want %q and %q", got.URL, got.Images[0].URL, c.wantURL, c.wantImage)
			}
			figure := `<figure><img src="` + c.wantImage + `" alt=""/><figcaption>` + got.Images[0].Caption + `</figcaption></figure><p>`
			if !strings.HasPrefix(got.HTML, figure) {
				t.Errorf("body %s does not begin with %s", cut(got.HTML), figure)
			}
			if again := n.ReadBody(got.HTML, nil); again.HTML != got.HTML {
				t.Errorf("cleaning again changed the body\n got %s\nwant %s", again.HTML, got.HTML)
			}
		})
	}
}

// TestPageCaps: a page is cut like an item of a feed, and says so.
func TestPageCaps(t *testing.T) {
	sentence := "Câu văn dài của một trang được làm ra để lấp đầy bộ nhớ. "
	page := `<h1>Trang rất dài của cổng Mẫu</h1><div>` + strings.Repeat(`<p>`+strings.Repeat(sentence, 20)+`</p><p><img src="a0.jpg"></p>`, 1100) + `</div>`
	for i := range 100 {
		page = strings.Replace(page, "a0.jpg", fmt.Sprintf("b%d.jpg", i), 1)
	}
	link := normalizer.Link{URL: "https://tinh.example.vn/tin/1"}
	a, err := articleOf(newNormalizer(t), portal(), link, normalizer.Document{Body: []byte(page), URL: link.URL})
	if err != nil {
		t.Fatal(err)
	}
	if len(a.HTML) > 1<<20+1024 || len(a.HTML) < 1<<19 {
		t.Errorf("the body has %d bytes of %d, want about a million", len(a.HTML), len(page))
	}
	if len(a.Images) != 50 {
		t.Errorf("got %d pictures, want 50", len(a.Images))
	}
	if len(a.Warnings) != 2 {
		t.Errorf("got warnings %q, want one for each cut", a.Warnings)
	}
}

func checkReference(t *testing.T, got article.Article) {
	t.Helper()
	want := reference()
	if got.Title != want.Title {
		t.Errorf("title %q, want %q", got.Title, want.Title)
	}
	if got.Lead != want.Lead {
		t.Errorf("lead %q, want %q", got.Lead, want.Lead)
	}
	if diff := cmp.Diff(got.Text, want.Text); diff != "" {
		t.Errorf("text (-got +want):\n%s", diff)
	}
	if paragraphs := strings.Count(got.HTML, "<p>"); paragraphs != 5 {
		t.Errorf("%d paragraphs, want 5:\n%s", paragraphs, got.HTML)
	}
	if !got.Published.Equal(want.Published) || got.Precision != article.Day {
		t.Errorf("published %v (%s), want %v (day)", got.Published, got.Precision, want.Published)
	}
	if _, offset := got.Published.Zone(); offset != 7*60*60 {
		t.Errorf("the date is %d s from UTC, want Vietnam's", offset)
	}
	if len(got.Images) != 1 || got.Images[0].Caption != want.Images[0].Caption {
		t.Fatalf("images %+v, want one with the caption %q", got.Images, want.Images[0].Caption)
	}
	if got.Author != "Hương Lan" {
		t.Errorf("author %q, want Hương Lan", got.Author)
	}
	for _, typo := range []string{"nguồn lực xã hội đề đầu tư", "Đồng thời hực hiện"} {
		if !strings.Contains(got.HTML, typo) || !strings.Contains(got.Text, typo) {
			t.Errorf("the source's own %q is gone", typo)
		}
	}
	all := strings.Join([]string{got.Title, got.Lead, got.HTML, got.Text, got.Author, got.Origin, got.Images[0].Caption}, "\n")
	for _, chrome := range []string{"PublishingPortal", "Tăng cỡ chữ", "Giảm cỡ chữ", "./.", "Các tin khác", "Bản quyền", "Khởi công nhà máy"} {
		if strings.Contains(all, chrome) {
			t.Errorf("%q is in the article:\n%s", chrome, all)
		}
	}
}

// TestPacks: what is wrong in a pack is an error that says where.
func TestPacks(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"sound":            {"name: x\nmark: .a\nbody: .b\n", ""},
		"unknown key":      {"name: x\nmark: .a\nbodies: .b\n", "bodies"},
		"another name":     {"name: y\nmark: .a\n", "not that of the file"},
		"no mark":          {"name: x\nbody: .b\n", "which pages"},
		"a bad selector":   {"name: x\nmark: .a\nlead: .b >\n", "lead: character 5"},
		"a bad address":    {"name: x\naddress: \"[\"\n", "address: "},
		"a bad remove":     {"name: x\nmark: .a\nremove: [.b, \"c d+e\"]\n", "remove: character"},
		"remove is a list": {"name: x\nmark: .a\nremove: .b\n", "remove"},
	} {
		t.Run(name, func(t *testing.T) {
			err := normalizer.ReadPack("x", c.text)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestPageErrors(t *testing.T) {
	n := newNormalizer(t)
	link := normalizer.Link{URL: "https://tinh.example.vn/tin/1", Title: "Một bài viết nào đó"}
	lossy := "<h1>H?i ngh? t?ng k?t</h1><p>" + strings.Repeat("Sáng nay, t?nh dã t? ch?c h?i ngh? t?ng k?t công tác nam. ", 4) + "</p>"
	for name, c := range map[string]struct {
		body string
		want error
	}{
		"empty":     {" \n", normalizer.ErrEmpty},
		"challenge": {`<html><body><script>document.cookie="D1N=0123";window.location.reload(true);</script></body></html>`, normalizer.ErrChallenged},
		"menu only": {`<html><title>Cổng</title><body><ul><li><a href="/">Trang chủ</a></li></ul></body></html>`, normalizer.ErrNoArticle},
		"lossy":     {lossy, normalizer.ErrNoArticle},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := articleOf(n, portal(), link, normalizer.Document{Body: []byte(c.body), URL: link.URL})
			if !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestPageID(t *testing.T) {
	at := func(link string) string { return normalizer.PageID(portal(), normalizer.Link{URL: link}) }
	if a, b := at("http://tinh.example.vn/a?ItemID=1&utm_source=x"), at("https://www.tinh.example.vn/a?ItemID=1#b"); a != b {
		t.Errorf("two spellings of one address are %s and %s", a, b)
	}
	if a, b := at("https://tinh.example.vn/a?ItemID=1"), at("https://tinh.example.vn/a?ItemID=2"); a == b {
		t.Error("two articles of one page have one id")
	}
}

func TestListings(t *testing.T) {
	n := newNormalizer(t)
	for _, name := range fixtures(t, "listings", 3) {
		t.Run(filepath.Base(name), func(t *testing.T) {
			doc := pageOf(t, name)
			doc.URL = "https://tinh.example.vn/Pages/tin-tuc.aspx"
			links, err := n.Listing(portal(), doc)
			if err != nil {
				t.Fatal(err)
			}
			compareGolden(t, name, links)
		})
	}
	_, err := n.Listing(portal(), normalizer.Document{Body: []byte("<p>Không có gì.</p>"), URL: "https://tinh.example.vn/"})
	if !errors.Is(err, normalizer.ErrNoArticle) {
		t.Errorf("a listing without links: got %v, want ErrNoArticle", err)
	}
}

func TestBodies(t *testing.T) {
	n, base := newNormalizer(t), baseURL(t)
	for _, name := range fixtures(t, "bodies", 3) {
		t.Run(filepath.Base(name), func(t *testing.T) {
			got := n.ReadBody(string(pageOf(t, name).Body), base)
			compareGolden(t, name, got)
			checkBody(t, n, base, got)
		})
	}
}

func FuzzPage(f *testing.F) {
	for _, folder := range []string{"pages", "listings"} {
		for _, name := range fixtures(f, folder, 1) {
			f.Add(pageOf(f, name).Body)
		}
	}
	n := newNormalizer(f)
	f.Fuzz(func(t *testing.T, in []byte) {
		doc := normalizer.Document{Body: in, URL: "https://tinh.example.vn/tin/1"}
		started := time.Now()
		a, err := articleOf(n, portal(), normalizer.Link{URL: doc.URL}, doc)
		if err == nil {
			checkSafe(t, a.HTML)
			for _, text := range []string{a.Title, a.Lead, a.HTML, a.Text, a.Author, a.Origin, a.URL} {
				if !utf8.ValidString(text) {
					t.Errorf("not UTF-8: %q", text)
				}
			}
		}
		links, _ := n.Listing(portal(), doc)
		for _, link := range links {
			if u, err := url.Parse(link.URL); err != nil || u.Hostname() != "tinh.example.vn" && u.Hostname() != "www.tinh.example.vn" {
				t.Errorf("link %q is not of the site", link.URL)
			}
		}
		if took := time.Since(started); took > time.Minute { // no input of a fuzzer takes a second, unless something does not end
			t.Errorf("took %v", took)
		}
	})
}

func BenchmarkPage(b *testing.B) {
	doc := pageOf(b, "testdata/pages/reference.html")
	// The 100 KB of a heavy portal are menus, styles and scripts around one article.
	padding := strings.Repeat(`<div class="box"><h4><a href="/muc/tin-1.html">Tin của một chuyên mục khác</a></h4></div>`, 850)
	doc.Body = []byte(strings.Replace(string(doc.Body), `<div id="footer">`, padding+`<div id="footer">`, 1))
	n, link := newNormalizer(b), normalizer.Link{URL: doc.URL}
	b.SetBytes(int64(len(doc.Body)))
	for b.Loop() {
		if _, err := articleOf(n, portal(), link, doc); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPacks is what the packs add to the start of a command.
func BenchmarkPacks(b *testing.B) {
	for b.Loop() {
		if _, err := normalizer.PackNames(); err != nil {
			b.Fatal(err)
		}
	}
}
