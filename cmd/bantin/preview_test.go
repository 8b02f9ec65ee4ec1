package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

const oddPage = `<html><body><h1>Chuyên trang nông thôn vùng cao</h1><div class="t1">Bản Nà Mẫu giữ rừng đầu nguồn</div>
<div class="n">04/03/2024</div><div class="c"><p>Mỗi tổ tuần rừng có năm người, mang theo cơm nắm và dao phát, đi từ sáng sớm đến chiều tối mới về.</p>
<p>Nhờ vậy bốn năm nay rừng không mất cây nào, nước suối chảy đều quanh năm, đủ cho hai vụ lúa.</p></div>
<footer>Bản quyền thuộc về xã Mẫu</footer></body></html>`

// previewConfig is a configuration with a listing whose articles have rules.
func previewConfig(t *testing.T, origin string) {
	t.Helper()
	t.Chdir(t.TempDir())
	text := "site: {title: Bản tin, url: \"http://127.0.0.1:8080/\"}\nfetch: {allow_networks: [127.0.0.0/8]}\nsources:\n" +
		"  - {id: cong, name: Cổng, page: \"" + origin + "/tin-tuc\", article: {title: .t1, lead: .khong-co}}\n"
	if err := os.WriteFile("bantin.yaml", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestPreviewShowsWhatRulesGive: an article page of a configured source is read by
// its rules, also when it is a file and the source is named.
func TestPreviewShowsWhatRulesGive(t *testing.T) {
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(oddPage))
	}))
	t.Cleanup(origin.Close)
	previewConfig(t, origin.URL)
	if err := os.WriteFile("trang.html", []byte(oddPage), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string][]string{
		"by its host":      {"preview", origin.URL + "/tin-tuc/bai-1.html"},
		"by the named one": {"preview", "--source", "cong", "trang.html"},
		"by both":          {"preview", "--source", "cong", origin.URL + "/bai-2.html"},
	} {
		t.Run(name, func(t *testing.T) {
			text, err := call(t, args...)
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range []string{
				"\nBản Nà Mẫu giữ rừng đầu nguồn\n", "warning    rule lead selects nothing\n",
				"- a part of the portal: footer: \"Bản quyền thuộc về xã Mẫu\"", "- outside of the article: \"Chuyên trang nông thôn vùng cao\"",
			} {
				if !strings.Contains(text, want) {
					t.Errorf("%q is not shown:\n%s", want, text)
				}
			}
		})
	}
	text, err := call(t, "preview", "trang.html")
	if err != nil || strings.Contains(text, "warning    rule") {
		t.Errorf("without the source: %v\n%s", err, text)
	}
	if _, err := call(t, "preview", "--source", "la", "trang.html"); !errors.Is(err, errUsage) {
		t.Errorf("an unknown source: got %v, want a wrong command line", err)
	}
}

// TestPreviewWraps: no line is longer than the terminal, but for words that are.
func TestPreviewWraps(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("trang.html", []byte(oddPage), 0o600); err != nil {
		t.Fatal(err)
	}
	whole, err := call(t, "preview", "trang.html")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("COLUMNS", "44")
	var out strings.Builder
	if err := run(t.Context(), []string{"preview", "trang.html"}, os.Getenv, &out, &out); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(out.String()) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 44 {
			t.Errorf("%d characters: %q", n, line)
		}
	}
	bare := func(text string) []string { return strings.Fields(strings.ReplaceAll(text, "─", "")) }
	if !slices.Equal(bare(out.String()), bare(whole)) {
		t.Errorf("other words than without a width:\n%s\n%s", out.String(), whole)
	}
}

// TestPreviewOfAFeedTellsWhatWasRemoved: for each item.
func TestPreviewOfAFeedTellsWhatWasRemoved(t *testing.T) {
	t.Chdir(t.TempDir())
	const items = `<item><title>Tin một</title><link>https://bao.example/1</link><description><![CDATA[<p>Xã mở chợ phiên mỗi sáng thứ bảy.</p><p>Tăng cỡ chữ</p>]]></description></item>` +
		`<item><title>Tin hai</title><link>https://bao.example/2</link><description>Cầu mới đã thông xe.</description></item>`
	if err := os.WriteFile("rss.xml", []byte(rss(items)), 0o600); err != nil {
		t.Fatal(err)
	}
	text, err := call(t, "preview", "rss.xml")
	if err != nil {
		t.Fatal(err)
	}
	first, second, _ := strings.Cut(text, "Tin hai")
	if !strings.Contains(first, "removed:\n- a line of portals: \"Tăng cỡ chữ\"") || strings.Contains(second, "removed:") {
		t.Errorf("got\n%s", text)
	}
}

// TestPreviewDoubtsAFrontPage: a page that gives a line of text and links to many
// articles is read as a listing, also when it was saved to a file; where none of
// them answers its own few words are shown.
func TestPreviewDoubtsAFrontPage(t *testing.T) {
	var front strings.Builder
	for i := range 12 {
		fmt.Fprintf(&front, `<h3><a href="/ban-na-mau-giu-rung-dau-nguon-%d.html">Bản Nà Mẫu giữ rừng đầu nguồn, kỳ %d</a></h3>`, 100+i, i+1)
	}
	const head = `<html><head><title>Tin kinh tế vùng cao mới nhất</title><link rel="canonical" href="ORIGIN/kinh-te"></head><body><h1>Tin kinh tế vùng cao mới nhất</h1>` +
		`<p>Chuyên mục kể chuyện làm ăn của các bản vùng cao, từ chè, quế đến du lịch và nghề dệt thổ cẩm.</p>`
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if r.URL.Path == "/kinh-te" {
			_, _ = w.Write([]byte(strings.ReplaceAll(head, "ORIGIN", "http://"+r.Host) + front.String()))
			return
		}
		_, _ = w.Write([]byte(oddPage))
	}))
	t.Cleanup(origin.Close)
	previewConfig(t, origin.URL)
	if err := os.WriteFile("muc.html", []byte(strings.ReplaceAll(head, "ORIGIN", origin.URL)+front.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, target := range map[string]string{"fetched": origin.URL + "/kinh-te", "a file": "muc.html"} {
		t.Run(name, func(t *testing.T) {
			text, err := call(t, "preview", target)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(text, "a listing of 12 articles; the first 5 are read") || strings.Count(text, "Mỗi tổ tuần rừng có năm người") != previewPages {
				t.Errorf("got\n%s", text)
			}
		})
	}
	origin.Close()
	text, err := call(t, "preview", "muc.html")
	if err != nil || !strings.Contains(text, "Chuyên mục kể chuyện làm ăn") || !strings.Contains(text, "a listing of 12 articles") {
		t.Errorf("without an answer: %v\n%s", err, text)
	}
	text, err = call(t, "preview", "--json", "muc.html")
	if err != nil || strings.Count(text, `"title"`) != 1 {
		t.Errorf("without an answer, as JSON: %v\n%s", err, text)
	}
}
