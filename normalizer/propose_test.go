package normalizer_test

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bantin/internal/article"
	"bantin/normalizer"
)

func urlsOf(links []normalizer.Link) []string {
	urls := make([]string, 0, len(links))
	for _, link := range links {
		urls = append(urls, link.URL)
	}
	slices.Sort(urls)
	return urls
}

// TestListingSelector: the selector gives the links that the structure gives, on
// each of the listings.
func TestListingSelector(t *testing.T) {
	want := map[string]string{
		"cards.html": "section a", "publishingportal.html": "a.title", "table.html": `a[href$=".html"]`,
		"blocks.html": ".entry-name > a, .headline > a",
	}
	n := newNormalizer(t)
	for _, name := range fixtures(t, "listings", len(want)) {
		t.Run(filepath.Base(name), func(t *testing.T) {
			doc := pageOf(t, name)
			doc.URL = "https://tinh.example.vn/Pages/tin-tuc.aspx"
			items, links, err := n.ListingSelector(doc)
			if err != nil {
				t.Fatal(err)
			}
			if items != want[filepath.Base(name)] {
				t.Errorf("got the selector %s, want %s", items, want[filepath.Base(name)])
			}
			if err := normalizer.CheckSelector(items); err != nil {
				t.Errorf("%s: %v", items, err)
			}
			src := portal()
			src.Items = items
			selected, err := n.Listing(src, doc)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(urlsOf(selected), urlsOf(links)); diff != "" {
				t.Errorf("by the selector (-) and by the structure (+):\n%s", diff)
			}
		})
	}
}

// TestNoSelector: where none gives the same links, none is given.
func TestNoSelector(t *testing.T) {
	var page strings.Builder
	for _, title := range []string{"Một bài viết hay", "Hai bài viết hay", "Ba bài viết hay"} {
		path := strings.ReplaceAll(strings.ToLower(title), " ", "-")
		page.WriteString(`<p><a href="/tin/` + path + `">` + title + `</a></p><p><a href="/muc">Mục</a></p>`)
	}
	items, links, err := newNormalizer(t).ListingSelector(normalizer.Document{Body: []byte(page.String()), URL: "https://tinh.example.vn/"})
	if err != nil || items != "" || len(links) != 3 {
		t.Errorf("got %q with %d links, %v", items, len(links), err)
	}
	if _, _, err := newNormalizer(t).ListingSelector(normalizer.Document{Body: []byte("<p>Không có gì.</p>")}); !errors.Is(err, normalizer.ErrNoArticle) {
		t.Errorf("a page without links: %v", err)
	}
}

// TestItemsWithOtherLinks: a selected element gives the link with the title, and
// one that is all links gives all of them.
func TestItemsWithOtherLinks(t *testing.T) {
	const page = `<div class="danh-sach">
<div class="tin"><a href="/muc/tin-tuc-xa-hoi-moi">Tin tức xã hội mới</a><a href="/bai-1001.html"><img src="/1.jpg" alt=""></a><h3><a href="/bai-1001.html">Bản mới có đường bê tông</a></h3></div>
<div class="tin"><a href="/bai-1002.html"><img src="/2.jpg" alt=""></a><h3><a href="/bai-1002.html">Lễ hội</a></h3><a href="/bai-1002.html">Xem thêm</a></div>
<div class="tin"><h3><a href="https://khac.example/bai-9.html">Bài của một trang khác</a></h3></div>
<div class="tin"><h3><a href="/bai-1001.html#y-kien">Bản mới có đường bê tông, lần nữa</a></h3></div>
<aside class="tin related"><h3><a href="/bai-1003.html">Tin nằm trong khung bên cạnh</a></h3></aside></div>`
	n := newNormalizer(t)
	listing := func(items string) []normalizer.Link {
		t.Helper()
		src := article.Source{ID: "tinh", PageURL: "https://tinh.example.vn/", Items: items}
		links, err := n.Listing(src, normalizer.Document{Body: []byte(page), URL: src.PageURL})
		if err != nil {
			t.Fatal(err)
		}
		return links
	}
	one := normalizer.Link{URL: "https://tinh.example.vn/bai-1001.html", Title: "Bản mới có đường bê tông"}
	two := normalizer.Link{URL: "https://tinh.example.vn/bai-1002.html", Title: "Lễ hội"}
	three := normalizer.Link{URL: "https://tinh.example.vn/bai-1003.html", Title: "Tin nằm trong khung bên cạnh"}
	for _, items := range []string{".tin", ".tin h3 a"} {
		if diff := cmp.Diff(listing(items), []normalizer.Link{one, two, three}); diff != "" {
			t.Errorf("%s (-got +want):\n%s", items, diff)
		}
	}
	_, err := n.Listing(article.Source{Items: ".bai a"}, normalizer.Document{Body: []byte(page), URL: "https://tinh.example.vn/"})
	if !errors.Is(err, normalizer.ErrNoArticle) || !strings.Contains(err.Error(), `the selector ".bai a" selects no link`) {
		t.Errorf("a selector that selects nothing: got %v", err)
	}
}
