package pipeline_test

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"bantin/internal/article"
	"bantin/internal/pipeline"
)

// A summary is what a feed says of the page with its number.
type summary struct {
	page              int
	title, text, date string
}

// summaries are the pages 1 … n as a feed tells of them, the newest first.
func summaries(n int) []summary {
	var out []summary
	for page := n; page > 0; page-- {
		out = append(out, summary{
			page, fmt.Sprintf("Xã sửa đường thứ %d", page), "Bà con góp công cho kịp vụ mới.",
			fmt.Sprintf("Mon, 16 Nov 2026 08:%02d:00 +0700", page),
		})
	}
	return out
}

// summaryFeed is a feed with these items, built at some minute.
func summaryFeed(o *origin, built int, items []summary) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<lastBuildDate>Mon, 16 Nov 2026 09:%02d:00 +0700</lastBuildDate>`, built)
	for _, s := range items {
		fmt.Fprintf(&b, `<item><title>%s</title><link>%s</link><guid>g%d</guid><pubDate>%s</pubDate><description>%s</description></item>`,
			s.title, o.URL+pagePath(s.page), s.page, s.date, s.text)
	}
	return rss(b.String())
}

// summaryJSON is the same as JSON Feed, whose items are all read each time.
func summaryJSON(o *origin, built int, items []summary) string {
	var list []string
	for _, s := range items {
		at, err := time.Parse(time.RFC1123Z, s.date)
		if err != nil {
			panic(err)
		}
		list = append(list, fmt.Sprintf(`{"id":"g%d","url":%q,"title":%q,"content_text":%q,"date_published":%q}`,
			s.page, o.URL+pagePath(s.page), s.title, s.text, at.Format(time.RFC3339)))
	}
	return `{"version":"https://jsonfeed.org/version/1.1","title":"Báo thử","user_comment":"` + strconv.Itoa(built) + `","items":[` + strings.Join(list, ",") + `]}`
}

// summarySource is a source whose feed has summaries, and whose pages are read.
func summarySource(o *origin) pipeline.Source {
	src := feedSource("bao", o.URL+"/feed")
	src.FullText = article.FullTextAuto
	return src
}

// pages is how often the pages 1 … n were asked for.
func (o *origin) pages(n int) (asked int) {
	for page := 1; page <= n; page++ {
		count, _ := o.requests(pagePath(page))
		asked += count
	}
	return asked
}

func storedArticle(t *testing.T, s *setup, guid string) article.Article {
	t.Helper()
	stored, err := s.store.Articles(t.Context(), []string{article.NewID("bao", guid)})
	if err != nil || len(stored) != 1 {
		t.Fatalf("got %d articles, %v; want 1", len(stored), err)
	}
	return stored[0]
}

// A correction arrives in a feed whose items can be told apart by their bytes, and
// in one whose items are all read at each change.
func TestACorrectionOfASummaryIsTakenOver(t *testing.T) {
	feeds := map[string]func(*origin, int, []summary) string{"RSS": summaryFeed, "JSON": summaryJSON}
	tests := map[string]struct {
		change func(items []summary) []summary
		pages  int // that are asked for again
	}{
		"nothing but the date of the build": {func(items []summary) []summary { return items }, 0},
		"another order": {func(items []summary) []summary {
			slices.Reverse(items)
			return items
		}, 0},
		"an item left": {func(items []summary) []summary { return items[1:] }, 0},
		"the title": {func(items []summary) []summary {
			items[1].title += " (đính chính)"
			return items
		}, 1},
		"the summary": {func(items []summary) []summary {
			items[1].text = "Bà con góp công và góp đá."
			return items
		}, 1},
		"the date": {func(items []summary) []summary {
			items[1].date = "Mon, 16 Nov 2026 07:00:00 +0700"
			return items
		}, 1},
		"all titles": {func(items []summary) []summary {
			for i := range items {
				items[i].title += " (đính chính)"
			}
			return items
		}, 3},
	}
	for kind, feed := range feeds {
		for name, test := range tests {
			t.Run(kind+", "+name, func(t *testing.T) {
				o := newOrigin(t)
				o.serveListing(3, goodPage)
				items := summaries(3)
				o.serve("/feed", document(feedType, "", feed(o, 1, items)))
				s := newSetup(t, summarySource(o))
				p := s.pipeline(t)
				if got := refresh(t, p)["bao"]; got.Counts.New != 3 || o.pages(3) != 3 {
					t.Fatalf("got %+v after %d pages, want three articles from their pages", got, o.pages(3))
				}
				s.advance(time.Hour)
				items = test.change(items)
				for turn := range 3 {
					o.serve("/feed", document(feedType, "", feed(o, 2+turn, items)))
					if got := refresh(t, p)["bao"]; got.Err != nil {
						t.Fatal(got.Err)
					}
					s.advance(time.Hour)
				}
				if got := o.pages(3) - 3; got != test.pages {
					t.Errorf("%d pages were asked for again, want %d", got, test.pages)
				}
				for _, item := range items {
					got := storedArticle(t, s, "g"+strconv.Itoa(item.page))
					at, err := time.Parse(time.RFC1123Z, item.date)
					if err != nil {
						t.Fatal(err)
					}
					if got.Title != item.title || !got.Published.Equal(at) || !strings.Contains(got.Text, "góp đá") {
						t.Errorf("got %q of %v with the text %.40q…, want what the feed says now and the text of the page", got.Title, got.Published, got.Text)
					}
				}
			})
		}
	}
}

// The page of a corrected item has the new text; one that is undone has the old one.
func TestACorrectionIsUndone(t *testing.T) {
	o := newOrigin(t)
	o.serveListing(1, goodPage)
	s := newSetup(t, summarySource(o))
	p := s.pipeline(t)
	for turn, title := range []string{"Xã sửa đường", "Huyện sửa đường", "Xã sửa đường"} {
		items := summaries(1)
		items[0].title = title
		o.serve("/feed", document(feedType, "", summaryFeed(o, turn, items)))
		refresh(t, p)
		s.advance(time.Hour)
		if got := storedArticle(t, s, "g1").Title; got != title {
			t.Errorf("turn %d: got %q, want %q", turn+1, got, title)
		}
	}
}

// Feeds that say something new of every item at each poll must not cost the site
// more than the pages of one refresh in a day.
func TestPagesAreReadAgainAFewTimesADay(t *testing.T) {
	o := newOrigin(t)
	o.serveListing(10, goodPage)
	s := newSetup(t, summarySource(o))
	s.options.PagesPerRefresh = 4
	p := s.pipeline(t)
	for turn := range 3 { // 4, 4 and 2 pages
		o.serve("/feed", document(feedType, "", summaryFeed(o, turn, summaries(10))))
		refresh(t, p)
	}
	if got := o.pages(10); got != 10 {
		t.Fatalf("%d pages were asked for, want 10", got)
	}
	for day := 1; day <= 2; day++ {
		for turn := range 8 {
			items := summaries(10)
			for i := range items {
				items[i].text = fmt.Sprintf("Đã xem %d lần.", 100*day+turn)
			}
			o.serve("/feed", document(feedType, "", summaryFeed(o, turn, items)))
			refresh(t, p)
			s.advance(time.Hour)
		}
		if got, want := o.pages(10)-10, 4*day; got != want {
			t.Errorf("after day %d: %d pages were asked for again, want %d", day, got, want)
		}
		s.advance(16 * time.Hour)
	}
}

// A page that did not come is asked for again: when the feed has changed, and the
// next day where it has not.
func TestAPageThatDidNotComeIsAskedForAgain(t *testing.T) {
	broken := map[string]struct {
		handler http.HandlerFunc
		robots  bool // the handler is that of robots.txt
	}{
		"500":            {answer(http.StatusInternalServerError), false},
		"403":            {answer(http.StatusForbidden), false},
		"a challenge":    {badSources()["challenge"].handler, false},
		"no answer":      {badSources()["nothing"].handler, false},
		"robots.txt 500": {answer(http.StatusInternalServerError), true},
	}
	for name, test := range broken {
		for _, changes := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, the feed changes %t", name, changes), func(t *testing.T) {
				o := newOrigin(t)
				o.serveListing(1, goodPage)
				o.serve(pagePath(1), test.handler)
				if test.robots {
					o.serve("/robots.txt", test.handler)
					o.serve(pagePath(1), goodPage(1))
				}
				o.serve("/feed", document(feedType, `"1"`, summaryFeed(o, 1, summaries(1))))
				s := newSetup(t, summarySource(o))
				p := s.pipeline(t)
				refresh(t, p)
				if got := storedArticle(t, s, "g1"); strings.Contains(got.Text, "góp đá") || len(got.Warnings) == 0 {
					t.Fatalf("got %+v, want the summary and a warning", got)
				}
				o.serve(pagePath(1), goodPage(1))
				o.serve("/robots.txt", http.NotFound)
				if changes {
					o.serve("/feed", document(feedType, `"2"`, summaryFeed(o, 2, summaries(1))))
					s.advance(time.Hour)
				} else {
					refresh(t, p) // it is read once a day
					s.advance(24 * time.Hour)
				}
				if got := refresh(t, p)["bao"]; got.Counts.Updated != 1 {
					t.Errorf("when the page came: got %+v, want the article with its text", got)
				}
				if got := storedArticle(t, s, "g1"); !strings.Contains(got.Text, "góp đá") || len(got.Warnings) > 0 {
					t.Errorf("got %q with warnings %q, want the text of the page", got.Text, got.Warnings)
				}
				before := o.pages(1)
				for range 3 {
					s.advance(24 * time.Hour)
					if got := refresh(t, p)["bao"]; got.Err != nil || !got.Unchanged {
						t.Errorf("got %+v, want nothing new", got)
					}
				}
				if got := o.pages(1) - before; got != 0 {
					t.Errorf("the page was asked for %d times more, want none", got)
				}
			})
		}
	}
}

// What will never come is asked for once.
func TestAPageThatIsGoneIsNotAskedForAgain(t *testing.T) {
	o := newOrigin(t)
	o.serveListing(4, func(int) http.HandlerFunc { return http.NotFound })
	s := newSetup(t, summarySource(o))
	p := s.pipeline(t)
	for turn := range 4 {
		o.serve("/feed", document(feedType, "", summaryFeed(o, turn, summaries(4))))
		refresh(t, p)
		s.advance(24 * time.Hour)
	}
	if got := o.pages(4); got != 4 {
		t.Errorf("pages that are not there were asked for %d times, want each once", got)
	}
}

// The summaries come at once; the pages are tried a few at a time, all in turn.
func TestPagesThatStayAwayHideNoOthers(t *testing.T) {
	o := newOrigin(t)
	o.serveListing(9, func(int) http.HandlerFunc { return answer(http.StatusBadGateway) })
	o.serve("/feed", document(feedType, `"1"`, summaryFeed(o, 1, summaries(9))))
	s := newSetup(t, summarySource(o))
	p := s.pipeline(t)
	if got := refresh(t, p)["bao"]; got.Counts.New != 9 || o.pages(9) != 3 {
		t.Errorf("got %+v after %d pages, want all nine summaries after three", got, o.pages(9))
	}
	for page := 1; page <= 6; page++ { // those that were asked for are the others
		o.serve(pagePath(page), goodPage(page))
	}
	s.advance(24 * time.Hour)
	if got := refresh(t, p)["bao"]; got.Counts.Updated != 6 {
		t.Errorf("the next day: got %+v, want the six pages that came back", got)
	}
}

// A correction is not lost when its page does not come, and neither is the text.
func TestACorrectionWithoutItsPageKeepsTheText(t *testing.T) {
	for name, handler := range map[string]http.HandlerFunc{"gone": http.NotFound, "broken": answer(http.StatusBadGateway)} {
		t.Run(name, func(t *testing.T) {
			o := newOrigin(t)
			o.serve(pagePath(1), document("text/html; charset=utf-8", "", strings.ReplaceAll(page("Xã sửa đường"), "</article>", strings.Repeat("<p>Trưa nay, con đường đã thông, xe chở lúa đi lại dễ dàng hơn nhiều so với trước.</p>", 9)+"</article>")))
			items := summaries(1)
			o.serve("/feed", document(feedType, "", summaryFeed(o, 1, items)))
			s := newSetup(t, summarySource(o))
			p := s.pipeline(t)
			refresh(t, p)
			items[0].title, items[0].text = "Huyện sửa đường", "Đính chính: huyện sửa đường, không phải xã."
			o.serve(pagePath(1), handler)
			o.serve("/feed", document(feedType, "", summaryFeed(o, 2, items)))
			s.advance(time.Hour)
			refresh(t, p)
			got := storedArticle(t, s, "g1")
			if got.Title != items[0].title || got.Lead != items[0].text || !strings.Contains(got.Text, "đã thông") {
				t.Errorf("got %q, %q, %q; want the words of the feed and the text of the page", got.Title, got.Lead, got.Text)
			}
		})
	}
}

// Under another address the feed says the same of the same articles.
func TestANewAddressOfAFeedCostsNoPages(t *testing.T) {
	o := newOrigin(t)
	o.serveListing(3, goodPage)
	for _, path := range []string{"/feed", "/new"} {
		o.serve(path, document(feedType, "", summaryFeed(o, 1, summaries(3))))
	}
	src := summarySource(o)
	s := newSetup(t, src)
	refresh(t, s.pipeline(t))
	src.FeedURL = o.URL + "/new"
	s.options.Sources = []pipeline.Source{src}
	if got := refresh(t, s.pipeline(t))["bao"]; got.Err != nil || o.pages(3) != 3 {
		t.Errorf("got %+v after %d pages, want each page read once", got, o.pages(3))
	}
}
