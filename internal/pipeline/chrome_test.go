package pipeline_test

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"
	"testing"
	"time"

	"bantin/internal/store"
)

const (
	portalLine = "Mời bà con gọi số 0209 000 000 để gửi tin về bản"
	official   = "Theo quy định của pháp luật."
)

// portalPage is the page of an article of a portal that puts its line under each;
// a sentence of officials stands in every other one.
func portalPage(n int) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<html><body><h1>Bản tin sản xuất vùng cao số %d</h1><time>16/11/2026 08:30</time><div class="detail-content">`, n)
	for i := range 9 {
		fmt.Fprintf(&b, "<p>Tổ hợp tác số %d của bản thứ %d đã gieo xong mạ sớm, phủ ni lông chống rét và cử người trông nước ban đêm cho đến khi cấy.</p>", n, i)
	}
	if n%2 == 0 {
		b.WriteString("<p>" + official + "</p>")
	}
	b.WriteString("<p>" + portalLine + "</p></div></body></html>")
	return b.String()
}

// serveArticles puts the articles on the listing.
func (o *origin) serveArticles(numbers ...int) {
	o.serve("/tin-tuc", document("text/html; charset=utf-8", fmt.Sprintf("%q", fmt.Sprint(numbers)), listing(numbers...)))
	for _, n := range numbers {
		o.serve(pagePath(n), document("text/html; charset=utf-8", "", portalPage(n)))
	}
}

// texts are the texts of all articles by title.
func texts(t *testing.T, s *setup, key string) map[string]string {
	t.Helper()
	articles, err := s.store.Select(t.Context(), store.Query{Key: key, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[string]string)
	for _, a := range articles {
		found[a.Title] = a.Text
	}
	return found
}

func TestThePortalsLinesAreLearnt(t *testing.T) {
	o := newOrigin(t)
	var numbers []int
	for n := 20; n >= 1; n-- {
		numbers = append(numbers, n)
	}
	o.serveArticles(numbers...)
	s := newSetup(t, pageSource("cong", o.URL+"/tin-tuc"))
	if got := refresh(t, s.pipeline(t))["cong"]; got.Err != nil || got.Counts.New != 20 {
		t.Fatalf("got %+v, want 20 articles", got)
	}
	key := s.options.Channels[0].Key()
	title := func(n int) string { return fmt.Sprintf("Bản tin sản xuất vùng cao số %d", n) }
	found := texts(t, s, key)
	for n := 1; n <= 20; n++ { // the oldest is read first
		if has, want := strings.Contains(found[title(n)], portalLine), n <= 5; has != want {
			t.Errorf("the portal's line in article %d: %v, want %v", n, has, want)
		}
		if has, want := strings.Contains(found[title(n)], official), n%2 == 0; has != want {
			t.Errorf("the sentence in article %d: %v, want %v", n, has, want)
		}
	}
	habits := state(t, s, "cong").Habits.Pages
	if habits.Read != 20 || len(habits.Texts) != 16 || len(habits.Lines) > 300 {
		t.Errorf("%d pages, %d texts, %d lines", habits.Read, len(habits.Texts), len(habits.Lines))
	}
	most := 0
	for _, line := range habits.Lines {
		most = max(most, line.Articles)
		if bits.OnesCount16(line.Recent) > line.Articles {
			t.Errorf("a line stood in more of the last articles than in all: %+v", line)
		}
	}
	if most != 20 {
		t.Errorf("the portal's line was counted %d times, want 20", most)
	}

	// Another process goes on where this one ended, and the same pages are not
	// counted again.
	s.advance(2 * time.Hour)
	o.serveArticles(append([]int{21}, numbers...)...)
	if got := refresh(t, s.pipeline(t))["cong"]; got.Counts.New != 1 {
		t.Fatalf("got %+v, want the new article", got)
	}
	if text := texts(t, s, key)[title(21)]; strings.Contains(text, portalLine) || text == "" {
		t.Errorf("the new article: %q", text)
	}
	if got := state(t, s, "cong").Habits.Pages.Read; got != 21 {
		t.Errorf("%d pages were counted, want 21", got)
	}
}

// TestAFragmentIsDoubtful: when a portal changes so that its body is not found any
// more, the articles say so.
func TestAFragmentIsDoubtful(t *testing.T) {
	o := newOrigin(t)
	o.serveArticles(6, 5, 4, 3, 2, 1)
	page := strings.Replace(portalPage(6), `<div class="detail-content">`, "<div>", 1)
	page = strings.Replace(page, "<p>"+official, `</div><div class="detail-content"><p>`+official, 1)
	o.serve(pagePath(6), document("text/html; charset=utf-8", "", page))
	s := newSetup(t, pageSource("cong", o.URL+"/tin-tuc"))
	if got := refresh(t, s.pipeline(t))["cong"]; got.Err != nil || got.Counts.New != 6 {
		t.Fatalf("got %+v, want 6 articles", got)
	}
	articles, err := s.store.Select(t.Context(), store.Query{Key: s.options.Channels[0].Key(), Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range articles {
		doubtful := slices.ContainsFunc(a.Warnings, func(w string) bool { return strings.HasPrefix(w, "fragment") })
		if want := strings.HasSuffix(a.Title, " 6"); doubtful != want {
			t.Errorf("%s: warnings %q", a.Title, a.Warnings)
		}
	}
}
