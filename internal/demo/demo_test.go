package demo_test

import (
	"bytes"
	"image"
	_ "image/jpeg"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/mmcdole/gofeed"
	"golang.org/x/text/unicode/norm"

	"bantin/internal/demo"
)

// feeds lists the feeds with the number of their articles.
func feeds() map[string]int {
	return map[string]int{
		"/bao-song-cau/rss/home.rss":       8,
		"/bao-song-cam/rss/tin-moi.rss":    7,
		"/bao-ham-luong/rss/trang-chu.rss": 7,
		"/bao-thu-bon/rss/home.rss":        7,
		"/trang-mau-son/vi/news/rss/":      6,
		"/bao-bien-ho/feed/atom.xml":       6,
		"/bao-thac-ba/feed.json":           6,
		"/bao-ngan-hong/rss/home.rss":      6,
	}
}

func serve(t *testing.T) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(demo.Handler())
	t.Cleanup(server.Close)
	return server
}

// answer is a response with its body read.
type answer struct {
	status int
	header http.Header
	body   string
}

func get(t *testing.T, address string, header ...string) answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, string(body)}
}

// linksOf finds the links of a feed or page: quoted attributes, and addresses of
// the origin in running text.
func linksOf(origin, text string) []string {
	attribute := regexp.MustCompile(`(?:href|src|action|domain)=["']([^"'<>]+)["']`)
	address := regexp.MustCompile(regexp.QuoteMeta(origin) + `[^\s"'<>\]\\]*`)
	var links []string
	for _, match := range attribute.FindAllStringSubmatch(text, -1) {
		links = append(links, match[1])
	}
	return append(links, address.FindAllString(text, -1)...)
}

func TestEveryLinkAnswers(t *testing.T) {
	server := serve(t)
	seen := map[string]bool{server.URL + "/": true}
	queue := []string{server.URL + "/"}
	pictures := 0
	for len(queue) > 0 {
		page := queue[0]
		queue = queue[1:]
		got := get(t, page)
		if got.status != http.StatusOK {
			t.Errorf("GET %s: status %d", page, got.status)
			continue
		}
		if got.header.Get("Content-Type") == "image/jpeg" {
			pictures++
			checkPicture(t, page, got.body)
			continue
		}
		base, err := url.Parse(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, link := range linksOf(server.URL, got.body) {
			target, err := base.Parse(strings.ReplaceAll(link, "&amp;", "&"))
			if err != nil {
				t.Errorf("%s: link %q: %v", page, link, err)
				continue
			}
			target.Fragment = ""
			if target.Host == base.Host && !seen[target.String()] {
				seen[target.String()] = true
				queue = append(queue, target.String())
			}
		}
	}
	// 8 feeds, 3 listing pages, 67 articles, their pictures, logos and front pages.
	if len(seen) < 150 || pictures < 60 {
		t.Errorf("found %d links and %d pictures, want at least 150 and 60", len(seen), pictures)
	}
}

func checkPicture(t *testing.T, address, body string) {
	t.Helper()
	config, format, err := image.DecodeConfig(strings.NewReader(body))
	if err != nil || format != "jpeg" || config.Width < 320 {
		t.Errorf("%s: format %q, width %d, error %v; want a JPEG of some size", address, format, config.Width, err)
	}
	if len(body) > 60_000 {
		t.Errorf("%s: %d bytes, want a small picture", address, len(body))
	}
}

// TestFeedsParse shows that each feed is whole but for its habit: with the text
// before the first tag cut off, gofeed reads all articles.
func TestFeedsParse(t *testing.T) {
	server := serve(t)
	for path, want := range feeds() {
		body := get(t, server.URL+path).body
		if !strings.HasSuffix(path, ".json") {
			body = body[strings.IndexByte(body, '<'):]
		}
		feed, err := gofeed.NewParser().ParseString(body)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		articles := 0
		for _, item := range feed.Items {
			if strings.TrimSpace(item.Title) != "" && strings.TrimSpace(item.Link) != "" {
				articles++
			}
		}
		if articles != want {
			t.Errorf("%s: %d articles, want %d", path, articles, want)
		}
	}
}

func TestHabits(t *testing.T) {
	server := serve(t)
	tests := []struct {
		path        string
		contentType string
		has         []string
		lacks       []string
	}{
		{
			"/bao-song-cau/rss/home.rss", "text/html; charset=utf-8",
			[]string{"hiển thị bên dưới.\n<rss", "<link>\nhttp://", "<guid>\nhttp://", "<img width=130 height=100 src=", "</a></br>", "<title/>", "/test-folder/", "Sat, 21 Nov 2026 17:42:00 +0700"},
			[]string{"<?xml", "<language>"},
		},
		{
			"/bao-song-cam/rss/tin-moi.rss", "application/rss+xml; charset=utf-8",
			[]string{"<pubDate>11/9/2026 9:25:00 AM</pubDate>", "<pubDate>11/10/2026 12:20:00 PM</pubDate>", "Thu, 12 Nov 2026 06:05:00 GMT+7", "<content:encoded>"},
			[]string{"<guid"},
		},
		{
			"/bao-ham-luong/rss/trang-chu.rss", "text/xml; charset=utf-8",
			[]string{"<pubDate>07/11/2026 (GMT+7)</pubDate>", "<image>\nhttp://", ".jpg?w=220"},
			[]string{"<guid", "<?xml"},
		},
		{
			"/bao-thu-bon/rss/home.rss", "application/xml",
			[]string{"th&agrave;nh phố", "Sat, 21 Nov 26 14:15:00 +0700", "(Báo Thu Bồn) - ", "?w=1200&h=0&", "<dc:creator>", "domain=\"http://"},
			[]string{"&amp;agrave;"},
		},
		{
			"/trang-mau-son/vi/news/rss/", "text/xml",
			[]string{"NukeViet", "<![CDATA[news_7]]>", "Fri, 20 Nov 2026 00:11:00 GMT", `width="100" align="left"`, "&amp;quot;Một cửa&amp;quot;"},
			nil,
		},
		{
			"/bao-bien-ho/feed/atom.xml", "application/atom+xml; charset=utf-8",
			[]string{"<figcaption>", "Tin, ảnh: ", "./.</p>", "article__sapo"},
			nil,
		},
		{"/bao-thac-ba/feed.json", "application/feed+json", []string{"jsonfeed.org/version/1.1", "content_html"}, nil},
		{"/bao-ngan-hong/rss/home.rss", "text/plain; charset=utf-8", []string{"Sat, 21 Nov 2026 08:07:00 +07<", norm.NFD.String("Bưởi")[1:]}, []string{"ưởi"}},
		{
			"/cong-ba-be/Pages/tin-tuc.aspx", "text/html; charset=utf-8",
			[]string{"Bắc Kạn quan tâm\u00a0đầu tư hạ tầng công nghiệp", `?page=2">2</a>`, "(21/02/2022)"},
			[]string{"Huyện Chợ Đồn mở rộng"},
		},
		{"/cong-ba-be/Pages/tin-tuc.aspx?page=2", "text/html; charset=utf-8", []string{"Huyện Chợ Đồn mở rộng", "Xuân Nhâm Dần"}, []string{"(21/02/2022)"}},
		{"/cong-vi-hoang/tin-tuc-su-kien", "text/html; charset=utf-8", []string{"UIArticleInMenu", "16/11/2026 08:30"}, nil},
	}
	for _, test := range tests {
		got := get(t, server.URL+test.path)
		if contentType := got.header.Get("Content-Type"); contentType != test.contentType {
			t.Errorf("%s: Content-Type %q, want %q", test.path, contentType, test.contentType)
		}
		for _, want := range test.has {
			if !strings.Contains(got.body, want) {
				t.Errorf("%s: lacks %q", test.path, want)
			}
		}
		for _, unwanted := range test.lacks {
			if strings.Contains(got.body, unwanted) {
				t.Errorf("%s: has %q", test.path, unwanted)
			}
		}
	}
}

// TestReferenceArticle holds the page against the layout of the portal: date
// before title, web-part titles, caption, end mark, byline.
func TestReferenceArticle(t *testing.T) {
	server := serve(t)
	body := get(t, server.URL+"/cong-ba-be/Pages/bac-kan-quan-tam-dau-tu-ha-tang-cong-nghiep-220221000000.aspx").body
	inOrder := []string{
		"PublishingPortal - Block_BanTin_Toolbar", ">21/02/2022<", "Tăng cỡ chữ", "Giảm cỡ chữ",
		"Bắc Kạn quan tâm\u00a0đầu tư hạ tầng công nghiệp</div>", `class="news-intro">Nhằm phát triển đồng bộ`,
		"&nbsp;PublishingPortal - Block_BanTin_ViewData", `id="HtmlContent"`, "<em>Hạ tầng Cụm Công nghiệp Huyền Tụng",
		">Những năm qua", ">Nhằm tạo bước đột phá", "huy động mọi nguồn lực xã hội đề đầu tư", ">Cụ thể,", "73,5 ha", ">Để triển khai",
		">Cùng với đó", "Đồng thời hực hiện", "quy định của pháp luật.../.<", "<strong>Hương Lan</strong>", "Tin liên quan",
	}
	rest := body
	for _, want := range inOrder {
		_, after, found := strings.Cut(rest, want)
		if !found {
			t.Fatalf("lacks %q after what stands before it", want)
		}
		rest = after
	}
}

func TestTextForm(t *testing.T) {
	server := serve(t)
	for path := range feeds() {
		body := get(t, server.URL+path).body
		wantNFC := path != "/bao-ngan-hong/rss/home.rss"
		if got := norm.NFC.IsNormalString(body); got != wantNFC {
			t.Errorf("%s: NFC %v, want %v", path, got, wantNFC)
		}
	}
	for _, path := range []string{"/", "/cong-ba-be/", "/cong-vi-hoang/"} {
		if !norm.NFC.IsNormalString(get(t, server.URL+path).body) {
			t.Errorf("%s is not NFC", path)
		}
	}
}

// TestFullTexts holds the sources that carry whole articles to a length that
// says something: 120 words.
func TestFullTexts(t *testing.T) {
	server := serve(t)
	for _, path := range []string{"/bao-song-cam/rss/tin-moi.rss", "/bao-bien-ho/feed/atom.xml", "/bao-thac-ba/feed.json"} {
		feed, err := gofeed.NewParser().ParseString(get(t, server.URL+path).body)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		for _, item := range feed.Items {
			if words := len(strings.Fields(item.Content)); words < 120 {
				t.Errorf("%s: %q has %d words", path, item.Title, words)
			}
		}
	}
}

func TestConditionalRequests(t *testing.T) {
	server := serve(t)
	tests := []struct {
		path, field, prefix, condition string
	}{
		{"/bao-song-cau/rss/home.rss", "ETag", `"`, "If-None-Match"},
		{"/bao-song-cam/rss/tin-moi.rss", "ETag", `W/"`, "If-None-Match"},
		{"/trang-mau-son/vi/news/rss/", "Last-Modified", "Sat, 21 Nov 2026 09:00:00 GMT", "If-Modified-Since"},
		{"/cong-ba-be/Pages/tin-tuc.aspx", "ETag", `W/"`, "If-None-Match"},
		{"/cong-vi-hoang/tin-tuc-su-kien", "Last-Modified", "Fri, 20 Nov 2026 22:30:00 GMT", "If-Modified-Since"},
	}
	for _, test := range tests {
		validator := get(t, server.URL+test.path).header.Get(test.field)
		if !strings.HasPrefix(validator, test.prefix) {
			t.Errorf("%s: %s is %q, want it to begin with %q", test.path, test.field, validator, test.prefix)
		}
		got := get(t, server.URL+test.path, test.condition, validator)
		if got.status != http.StatusNotModified || got.body != "" {
			t.Errorf("%s: status %d and %d bytes to %s, want 304 and none", test.path, got.status, len(got.body), test.condition)
		}
	}
	if tag := get(t, server.URL+"/trang-mau-son/vi/news/rss/").header.Get("ETag"); tag != "" {
		t.Errorf("trang-mau-son sends the ETag %q, want none", tag)
	}
}

func TestSameRequestSameBytes(t *testing.T) {
	server := serve(t)
	for path := range feeds() {
		first, second := get(t, server.URL+path), get(t, server.URL+path)
		if first.body != second.body {
			t.Errorf("%s differs between two requests", path)
		}
	}
}

func TestBrokenSources(t *testing.T) {
	server := serve(t)
	tests := []struct {
		path   string
		status int
		proves func(body string) bool
	}{
		{"/trang-thu-thach/rss/home.rss", 200, func(b string) bool { return len(b) < 200 && strings.Contains(b, `document.cookie="D1N=`) }},
		{"/hong/loi-500.rss", 500, func(b string) bool { return b != "" }},
		{"/hong/rong.rss", 200, func(b string) bool { return b == "" }},
		{"/hong/rac.rss", 200, func(b string) bool { return bytes.ContainsRune([]byte(b), 0) }},
		{"/hong/trang-web.rss", 200, func(b string) bool { return strings.HasPrefix(b, "<!DOCTYPE html>") }},
		{"/hong/cut.rss", 200, func(b string) bool { return strings.Contains(b, "</item>") && !strings.Contains(b, "</channel>") }},
		{"/hong/bom.rss", 200, func(b string) bool { return len(b) > 9_000_000 && len(b) < 10_000_000 }},
		{"/khong-co", 404, func(b string) bool { return b != "" }},
	}
	for _, test := range tests {
		got := get(t, server.URL+test.path)
		if got.status != test.status || !test.proves(got.body) {
			t.Errorf("%s: status %d with %d bytes is not the fault it stands for", test.path, got.status, len(got.body))
		}
	}
}

func TestOnlyReads(t *testing.T) {
	recorder := httptest.NewRecorder()
	demo.Handler().ServeHTTP(recorder, httptest.NewRequest(http.MethodPost, "/", nil))
	if recorder.Code != http.StatusMethodNotAllowed || recorder.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: status %d, Allow %q", recorder.Code, recorder.Header().Get("Allow"))
	}
	recorder = httptest.NewRecorder()
	demo.Handler().ServeHTTP(recorder, httptest.NewRequest(http.MethodHead, "/", nil))
	if recorder.Code != http.StatusOK || recorder.Body.Len() != 0 {
		t.Errorf("HEAD: status %d with %d bytes", recorder.Code, recorder.Body.Len())
	}
}
