package pipeline_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"bantin/internal/article"
	"bantin/internal/pipeline"
)

const page8 = "text/html; charset=utf-8"

// madeUpFeed is a feed of n items whose guids and links are others at each poll,
// also where a text links to its own article.
func madeUpFeed(n, poll int, path string) string {
	var items []string
	for i := n; i > 0; i-- {
		link := fmt.Sprintf("https://bao.example%s%d.html?loai=1&amp;t=%d", path, i, poll)
		items = append(items, fmt.Sprintf(`<item><title>Xã sửa đường thứ %d</title><link>%s</link><guid>%s</guid><pubDate>Mon, 16 Nov 2026 08:%02d:00 +0700</pubDate>`+
			`<description><![CDATA[<a href="%s"><b>Xem</b></a> Bà con góp công góp đá cho kịp vụ mới.]]></description></item>`, i, link, link, i%60, link))
	}
	return rss(items...)
}

func TestAFeedThatMakesUpItsLinksIsKnown(t *testing.T) {
	o := newOrigin(t)
	s := newSetup(t, feedSource("bao", o.URL+"/rss"))
	p := s.pipeline(t)
	o.serve("/rss", document(feedType, "", madeUpFeed(5, 1, "/tin-")))
	refresh(t, p)
	first := state(t, s, "bao")
	before, err := s.store.Revision(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for poll := 2; poll < 6; poll++ {
		s.advance(time.Hour)
		o.serve("/rss", document(feedType, "", madeUpFeed(5, poll, "/tin-")))
		if got := refresh(t, p)["bao"]; got.Err != nil || got.Counts != (article.Counts{Unchanged: 5}) {
			t.Errorf("poll %d: got %+v, want five known articles", poll, got)
		}
	}
	if after, err := s.store.Revision(t.Context()); err != nil || after != before {
		t.Errorf("the outputs were made again: revision %d, then %d, %v", before, after, err)
	}
	if got := state(t, s, "bao").Habits.LastNew; !got.Equal(first.Habits.LastNew) {
		t.Errorf("the source has news at %v, want none since %v", got, first.Habits.LastNew)
	}

	// A site that was rebuilt keeps its articles, with the links that lead to them now.
	o.serve("/rss", document(feedType, "", madeUpFeed(5, 6, "/moi/tin-")))
	if got := refresh(t, p)["bao"]; got.Counts != (article.Counts{Updated: 5}) {
		t.Errorf("after the site was rebuilt: got %+v, want five updated articles", got)
	}
	found, err := s.store.ArticlesByURL(t.Context(), "https://bao.example/moi/tin-3.html?loai=1&t=6")
	if err != nil || len(found) != 1 || found[0].Title != "Xã sửa đường thứ 3" {
		t.Errorf("by the new link: got %v, %v; want its article", found, err)
	}
	if got := len(titles(t, s, s.options.Channels[0].Key())); got != 5 {
		t.Errorf("got %d articles in the channel, want 5", got)
	}
}

// A portal shows all its articles with one page, many under one title. The query
// alone tells them apart.
func TestArticlesOfAPortalAreNotUnited(t *testing.T) {
	o := newOrigin(t)
	s := newSetup(t, pageSource("cong", o.URL+"/thong-bao"))
	p := s.pipeline(t)
	const title = "Thông báo lịch tiếp công dân"
	texts := map[string]string{"1": "tháng một", "2": "tháng hai", "3": "tháng hai", "4": "tháng ba"} // 3 was put in twice
	o.serve("/chi-tiet.aspx", func(w http.ResponseWriter, r *http.Request) {
		body := strings.ReplaceAll(page(title), "vụ mới", "vụ mới của "+texts[r.URL.Query().Get("nid")])
		document(page8, "", body)(w, r)
	})
	show := func(ids ...string) {
		var b strings.Builder
		b.WriteString(`<!doctype html><body><ul class="news-list">`)
		for _, id := range ids {
			fmt.Fprintf(&b, `<li><h3><a href="/chi-tiet.aspx?nid=%s">%s</a></h3></li>`, id, title)
		}
		o.serve("/thong-bao", document(page8, "", b.String()+"</ul></body>"))
	}
	for turn, test := range []struct {
		ids  []string
		want int // new
	}{
		{[]string{"1"}, 1},
		{[]string{"2", "1"}, 1},
		{[]string{"3", "2", "1"}, 0}, // the same as 2: read in vain
		{[]string{"4", "3", "2", "1"}, 1},
	} {
		show(test.ids...)
		if got := refresh(t, p)["cong"]; got.Err != nil || got.Counts.New != test.want {
			t.Errorf("turn %d: got %+v, want %d new", turn, got, test.want)
		}
		s.advance(time.Hour)
	}
}

// pollOf is a listing or a summary feed whose links are others at each poll.
func (o *origin) pollOf(kind string, poll int, pages ...int) {
	list := listing(pages...)
	if kind == "feed" {
		var items []string
		for _, n := range pages {
			items = append(items, fmt.Sprintf(`<item><title>Xã sửa đường thứ %d</title><link>%s</link><guid>%d-%d</guid><description>Bà con góp công.</description></item>`,
				n, o.URL+pagePath(n), n, poll))
		}
		list = rss(items...)
	}
	list = strings.ReplaceAll(list, ".html", fmt.Sprintf(".html?t=%d", poll))
	contentType := map[string]string{"feed": feedType, "listing": page8}[kind]
	o.serve("/tin-tuc", document(contentType, "", list))
}

func TestPagesWhoseLinksChangeAreReadOnceADay(t *testing.T) {
	for _, kind := range []string{"listing", "feed"} {
		t.Run(kind, func(t *testing.T) {
			o := newOrigin(t)
			for n := 1; n <= 6; n++ {
				o.serve(pagePath(n), goodPage(n))
			}
			src := pageSource("bao", o.URL+"/tin-tuc")
			if kind == "feed" {
				src = feedSource("bao", o.URL+"/tin-tuc")
				src.FullText = article.FullTextAlways
			}
			s := newSetup(t, src)
			p := s.pipeline(t)
			poll, warned := 0, 0
			turn := func(pages ...int) article.Counts {
				t.Helper()
				poll++
				o.pollOf(kind, poll, pages...)
				got := refresh(t, p)["bao"]
				if got.Err != nil {
					t.Fatal(got.Err)
				}
				if strings.Contains(strings.Join(got.Warnings, "\n"), "change each time") {
					warned++
				}
				s.advance(time.Hour)
				return got.Counts
			}
			check := func(when string, want int) {
				t.Helper()
				if got := o.pages(6); got != want {
					t.Errorf("%s: %d pages were asked for, want %d", when, got, want)
				}
			}
			turn(4, 3, 2, 1)
			check("when they are new", 4)
			turn(4, 3, 2, 1)
			check("when their links are new", 8)
			for range 4 {
				turn(4, 3, 2, 1)
			}
			check("on the same day", 8)
			if warned != 4 {
				t.Errorf("warned %d times, want 4", warned)
			}
			if got := turn(5, 4, 3, 2, 1); got.New != 1 {
				t.Errorf("a new page among them: got %+v, want its article", got)
			}
			check("with a new page", 9)
			s.advance(24 * time.Hour)
			turn(5, 4, 3, 2, 1)
			check("on the next day", 14)
			if got := len(titles(t, s, s.options.Channels[0].Key())); got != 5 {
				t.Errorf("got %d articles, want 5", got)
			}
		})
	}
}

// deluge is n items with nothing that was there before.
func deluge(n, poll int) []string {
	var items []string
	for i := range n {
		items = append(items, fmt.Sprintf(`<item><title>Tin %d của lượt %d</title><link>https://bao.example/%d/%d</link><guid>%d-%d</guid><description>Câu chuyện.</description></item>`,
			i, poll, poll, i, poll, i))
	}
	return items
}

func TestAFloodComesInByAThousandADay(t *testing.T) {
	o := newOrigin(t)
	src := feedSource("bao", o.URL+"/rss")
	s := newSetup(t, src)
	var fresh, want []int
	turn := func(poll int) {
		t.Helper()
		o.serve("/rss", document(feedType, fmt.Sprintf("\"%d\"", poll), rss(deluge(600, poll)...)))
		got := refresh(t, s.pipeline(t))["bao"] // a restart forgets nothing
		if got.Err != nil {
			t.Fatal(got.Err)
		}
		fresh = append(fresh, got.Counts.New)
		s.advance(time.Hour)
	}
	check := func(when, quiet string, numbers ...int) {
		t.Helper()
		want = append(want, numbers...)
		if fmt.Sprint(fresh) != fmt.Sprint(want) {
			t.Errorf("%s: got %v new articles, want %v", when, fresh, want)
		}
		if got := pipeline.Quiet(src, state(t, s, "bao"), s.now()); got != quiet {
			t.Errorf("%s: got quiet %q, want %q", when, got, quiet)
		}
	}
	turn(0)
	turn(1)
	check("what a source has, and what it writes", "", 600, 600)
	turn(2)
	check("the flood", "flooding", 400)
	turn(3)
	check("later on that day", "flooding", 0)
	left := state(t, s, "bao")
	if left.Validators != (article.Validators{}) || left.BodyHash != "" || left.Habits.Items != nil {
		t.Errorf("a document of which articles are left was remembered: %+v", left)
	}
	if text := strings.Join(left.Warnings, "\n"); !strings.Contains(text, "more than 1000 new articles") || !strings.Contains(text, "left for later: 600") {
		t.Errorf("got the warnings %q", text)
	}

	s.advance(24 * time.Hour) // what is still in the document comes in
	turn(3)
	check("the next day", "flooding", 600)
	turn(3)
	check("and no more", "flooding", 0)
	if got := state(t, s, "bao").Validators.ETag; got != `"3"` {
		t.Errorf("got the ETag %s, want that of the document of which nothing is left", got)
	}
	s.advance(24 * time.Hour)
	check("a day without a flood", "")
}

// What is known changes all the same.
func TestAFloodHoldsUpNoUpdates(t *testing.T) {
	o := newOrigin(t)
	s := newSetup(t, feedSource("bao", o.URL+"/rss"))
	p := s.pipeline(t)
	for poll := range 3 {
		o.serve("/rss", document(feedType, "", rss(deluge(1000, poll)...)))
		refresh(t, p)
		s.advance(time.Hour)
	}
	changed := strings.Replace(deluge(1, 0)[0], "Câu chuyện", "Câu chuyện khác", 1)
	o.serve("/rss", document(feedType, "", rss(append(deluge(900, 2), changed)...)))
	if got := refresh(t, p)["bao"]; got.Counts.New != 0 || got.Counts.Updated != 1 {
		t.Errorf("got %+v, want one updated article and no new one", got)
	}
	// Nor does an article come in because it stands in the document twice.
	twice := deluge(300, 3)
	for _, one := range deluge(300, 3) {
		twice = append(twice, strings.Replace(one, "<guid>", "<guid>x", 1))
	}
	o.serve("/rss", document(feedType, "", rss(twice...)))
	if got := refresh(t, p)["bao"]; got.Counts.New != 0 {
		t.Errorf("got %+v, want no new article", got)
	}
}

func TestAListingOfEndlessPagesIsReadByAThousandADay(t *testing.T) {
	o := newOrigin(t)
	src := pageSource("cong", o.URL+"/tin-tuc")
	s := newSetup(t, src)
	s.options.PagesPerRefresh = 200
	p := s.pipeline(t)
	o.serve("/tin-tuc", func(w http.ResponseWriter, r *http.Request) {
		asked, _ := o.requests("/tin-tuc")
		var b strings.Builder
		for i := range 200 {
			fmt.Fprintf(&b, `<li><h3><a href="/bai?nid=%d">Bà con trong xã sửa con đường thứ %d</a></h3></li>`, asked*200+i, i)
		}
		document(page8, "", "<!doctype html><body><ul>"+b.String()+"</ul></body>")(w, r)
	})
	o.serve("/bai", func(w http.ResponseWriter, r *http.Request) {
		document(page8, "", page("Bà con sửa con đường thứ "+r.URL.Query().Get("nid")))(w, r)
	})
	for range 8 {
		if got := refresh(t, p)["cong"]; got.Err != nil {
			t.Fatal(got.Err)
		}
		s.advance(time.Hour)
	}
	if got, _ := o.requests("/bai"); got != 1200 {
		t.Errorf("%d pages were asked for, want the 200 of the first document and 1,000 more", got)
	}
	if got := pipeline.Quiet(src, state(t, s, "cong"), s.now()); got != pipeline.QuietFlooding {
		t.Errorf("got quiet %q, want flooding", got)
	}
}
