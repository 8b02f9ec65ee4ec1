package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A site answers by path and query, and logs what it is asked.
type site struct {
	*httptest.Server

	config string // lets it be fetched from
	mu     sync.Mutex
	asked  []string
}

// newSite serves pages by path. A page that begins with "->" is a redirect, one
// that is a number a status.
func newSite(t *testing.T, pages map[string]string) *site {
	t.Helper()
	s := &site{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked = append(s.asked, r.URL.RequestURI())
		s.mu.Unlock()
		body, ok := pages[r.URL.RequestURI()]
		location, moved := strings.CutPrefix(body, "->")
		switch {
		case !ok:
			http.NotFound(w, r)
		case moved:
			http.Redirect(w, r, location, http.StatusMovedPermanently)
		case body == "429":
			w.WriteHeader(http.StatusTooManyRequests)
		default:
			_, _ = w.Write([]byte(body))
		}
	}))
	t.Cleanup(s.Close)
	s.config = filepath.Join(t.TempDir(), "bantin.yaml")
	text := "site: {title: Bản tin thử, url: https://bantin.example/}\nfetch: {allow_networks: [127.0.0.0/8], timeout: 2s}\n" +
		"sources: [{id: bao-mau, name: Báo Mẫu, feed: \"" + s.URL + "/da-co.rss\"}]\n"
	if err := os.WriteFile(s.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *site) discover(t *testing.T, args ...string) (string, error) {
	t.Helper()
	return call(t, append([]string{"-c", s.config, "discover"}, args...)...)
}

// checkManners: each address once, and no more than twelve beside the first,
// redirects and sample articles aside.
func (s *site) checkManners(t *testing.T, aside int) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	slices.Sort(s.asked)
	if twice := len(s.asked) - len(slices.Compact(slices.Clone(s.asked))); twice > aside {
		t.Errorf("%d addresses were asked twice: %q", twice, s.asked)
	}
	if len(s.asked) > 1+12+aside {
		t.Errorf("asked %d times: %q", len(s.asked), s.asked)
	}
}

const (
	oldItem = `<item><title>Tin rất cũ</title><link>https://bao.example/cu.html</link><pubDate>Mon, 16 Nov 2015 08:30:00 +0700</pubDate></item>`
	newItem = `<item><title>Tin không ghi ngày</title><link>https://bao.example/moi.html</link></item>`
)

func html(head, body string) string {
	return "<!DOCTYPE html><html><head><title>Trang chủ</title><meta property=\"og:site_name\" content=\"Báo Mẫu\">" + head +
		"</head><body>" + body + "</body></html>"
}

func TestDiscoverFeeds(t *testing.T) {
	declared := html(`<link rel="alternate" type="application/rss+xml" title="Bình luận" href="/comments.rss">
		<link rel="alternate" type="application/rss+xml" title="Tin cũ" href="/cu.rss">
		<link rel="alternate" type="application/rss+xml" title="Tin mới" href="/moi.rss">
		<link rel="alternate" type="application/json" href="/wp-json/">`, `<a href="/gioi-thieu.html">Giới thiệu</a>`)
	pages := map[string]string{
		"/": declared, "/comments.rss": rss(newItem), "/cu.rss": rss(oldItem, oldItem), "/moi.rss": rss(newItem),
		"/feed": rss(), "/rss.xml": "->/moi.rss", "/rss": html("", `<a href="/muc/kinh-te.rss">Kinh tế</a>`),
	}
	s := newSite(t, pages)
	out, err := s.discover(t, s.URL+"/")
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	got := pasted(t, out)
	if len(got) != 1 || got[0].FeedURL != s.URL+"/moi.rss" || got[0].ID != "bao-thu" {
		t.Errorf("the best feed: got %+v in\n%s", got, out)
	}
	for _, want := range []string{"/cu.rss ", "nothing new for long", "2015-11-16 08:30", "feed without items", "status 404", "declared by the page", "usual address, NukeViet"} {
		if !strings.Contains(out, want) {
			t.Errorf("the table lacks %q:\n%s", want, out)
		}
	}
	if strings.Contains(out, "wp-json") || strings.Contains(out, "/rss.xml ") {
		t.Errorf("an API, or a feed under its second address, is in the table:\n%s", out)
	}
	s.checkManners(t, 1)

	all, err := newSite(t, pages).discoverAll(t)
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, src := range pasted(t, all) {
		paths = append(paths, src.FeedURL[strings.LastIndexByte(src.FeedURL, '/'):])
	}
	if diff := cmp.Diff(paths, []string{"/moi.rss", "/cu.rss", "/comments.rss"}); diff != "" {
		t.Errorf("--all (-got +want):\n%s", diff)
	}
}

func (s *site) discoverAll(t *testing.T) (string, error) {
	t.Helper()
	return s.discover(t, "--all", s.URL+"/")
}

// TestDiscoverElsewhere: feeds that the page does not declare.
func TestDiscoverElsewhere(t *testing.T) {
	for name, test := range map[string]struct {
		pages map[string]string
		want  string
	}{
		"link": {map[string]string{
			"/": html("", `<a href="/tin/rss/tin-moi">Tin mới</a>`), "/tin/rss/tin-moi": rss(feedItem),
		}, "/tin/rss/tin-moi"},
		"list of feeds behind a link": {map[string]string{
			"/": html("", `<a href="/kenh.html">RSS</a>`), "/kenh.html": html("", `<a href="/muc/thoi-su.rss">Thời sự</a><a href="/muc/kinh-te.rss">Kinh tế</a>`),
			"/muc/thoi-su.rss": rss(feedItem), "/muc/kinh-te.rss": rss(feedItem, newItem),
		}, "/muc/thoi-su.rss"},
		"NukeViet": {map[string]string{
			"/": html("", ""), "/index.php?language=vi&nv=news&op=rss": rss(feedItem),
		}, "/index.php?language=vi&nv=news&op=rss"},
		"moved for good": {map[string]string{"/": html("", ""), "/rss": "->/rss/moi.xml", "/rss/moi.xml": rss(feedItem)}, "/rss/moi.xml"},
		"known already":  {map[string]string{"/": html(`<link rel=alternate type=application/rss+xml href=da-co.rss>`, ""), "/da-co.rss": rss(feedItem)}, "/da-co.rss"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, test.pages)
			out, err := s.discover(t, s.URL+"/")
			if err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			if got := pasted(t, out); len(got) != 1 || got[0].FeedURL != s.URL+test.want {
				t.Errorf("got %+v, want %s in\n%s", got, test.want, out)
			}
			if known := strings.Contains(out, "in the configuration already, as bao-mau"); known != (name == "known already") {
				t.Errorf("it says that the feed is known: %v\n%s", known, out)
			}
			s.checkManners(t, 0)
		})
	}
}

func TestDiscoverFeedItself(t *testing.T) {
	s := newSite(t, map[string]string{"/x": rss(feedItem)})
	out, err := s.discover(t, s.URL+"/x")
	if err != nil {
		t.Fatal(err)
	}
	if got := pasted(t, out); len(got) != 1 || got[0].FeedURL != s.URL+"/x" || got[0].Name != "Báo thử" || !strings.Contains(out, "is itself a feed") {
		t.Errorf("got %+v in\n%s", got, out)
	}
	if len(s.asked) != 1 {
		t.Errorf("asked %q, want the feed alone", s.asked)
	}
}

func TestDiscoverPage(t *testing.T) {
	pages := map[string]string{}
	var list strings.Builder
	for i := range 5 {
		path := fmt.Sprintf("/tin/bai-viet-so-%d-cua-cong-thong-tin-100%d.html", i, i)
		fmt.Fprintf(&list, `<div class="tin"><h3 class="ten"><a href="%s">Bài viết số %d của cổng thông tin</a></h3><a href="/muc/tin-tuc-va-su-kien">Tin tức và sự kiện</a></div>`, path, i)
		pages[path] = html("", fmt.Sprintf(`<h1>Bài viết số %d của cổng thông tin</h1><p>Ngày đăng: 1%d/11/2026</p><div class="noi-dung"><p>%s</p></div>`,
			i, i, strings.Repeat("Bà con trong xã đã thu hoạch xong vụ mùa. ", 5)))
	}
	pages["/tin-tuc"] = html("", `<div class="danh-sach">`+list.String()+`</div><ul class="menu"><li><a href="/gioi-thieu-chung-ve-tinh.html">Giới thiệu chung về tỉnh</a></li></ul>`)
	s := newSite(t, pages)
	out, err := s.discover(t, s.URL+"/tin-tuc")
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	got := pasted(t, out)
	if len(got) != 1 || got[0].PageURL != s.URL+"/tin-tuc" || got[0].Items != ".ten > a" || got[0].ID != "bao-mau-2" {
		t.Errorf("got %+v in\n%s", got, out)
	}
	for _, want := range []string{"5 links to articles, by the selector", "2026-11-10  Bài viết số 0 của cổng", "2026-11-12  Bài viết số 2"} {
		if !strings.Contains(out, want) {
			t.Errorf("the output lacks %q:\n%s", want, out)
		}
	}
	s.checkManners(t, 3)
}

func TestDiscoverNothing(t *testing.T) {
	for name, pages := range map[string]map[string]string{
		"a page with nothing":     {"/": html("", "<p>Trang đang được xây dựng.</p>")},
		"a bot wall":              {"/": `<html><body><script>document.cookie="D1N=0123";window.location.reload(true);</script></body></html>`},
		"no page":                 {},
		"articles that are empty": {"/": html("", `<a href="/a/bai-viet-thu-nhat-1.html">Bài viết thứ nhất</a><a href="/a/bai-viet-thu-hai-2.html">Bài viết thứ hai</a>`)},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, pages)
			out, err := s.discover(t, s.URL+"/")
			if exitCode(err) != 1 {
				t.Errorf("got exit code %d (%v), want 1: %s", exitCode(err), err, out)
			}
			if strings.Contains(out, "sources:") {
				t.Errorf("it printed a source:\n%s", out)
			}
		})
	}
	// Only the guard knows addresses; without a configuration none is an exception.
	t.Chdir(t.TempDir())
	s := newSite(t, map[string]string{"/": rss(feedItem)})
	if out, err := call(t, "discover", s.URL+"/"); exitCode(err) != 1 || len(s.asked) > 0 {
		t.Errorf("a private address: got %v after %q: %s", err, s.asked, out)
	}
	if _, err := call(t, "discover", "javascript://x/alert"); !errors.Is(err, errUsage) {
		t.Errorf("a script: got %v", err)
	}
}

// TestDiscoverStopsWhenTold: after a 429 nothing more is asked.
func TestDiscoverStopsWhenTold(t *testing.T) {
	s := newSite(t, map[string]string{"/": html("", ""), "/rss": "429", "/feed": rss(feedItem)})
	out, err := s.discover(t, s.URL+"/")
	if exitCode(err) != 1 {
		t.Errorf("got %v: %s", err, out)
	}
	if len(s.asked) > 3 || !strings.Contains(out, "does not want to be asked") {
		t.Errorf("asked %q after a 429: %s", s.asked, out)
	}
}

// TestDiscoverManyLinks: a list of feeds is not fetched from its first to its last.
func TestDiscoverManyLinks(t *testing.T) {
	var links strings.Builder
	pages := map[string]string{}
	for i := range 50 {
		path := fmt.Sprintf("/rss/muc-%d.rss", i)
		fmt.Fprintf(&links, `<a href="%s">Mục %d</a>`, path, i)
		pages[path] = rss(feedItem)
	}
	pages["/rss"] = html("", links.String())
	s := newSite(t, pages)
	out, err := s.discover(t, s.URL+"/rss")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out, "42 more links look like feeds") {
		t.Errorf("it does not tell what it left out:\n%s", out)
	}
	s.checkManners(t, 0)
}
