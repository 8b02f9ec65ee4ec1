package pipeline_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bantin/internal/article"
	"bantin/internal/pipeline"
)

// keeping is a setup that keeps what it reads of a feed with whole texts, of one
// with summaries, whose pages are read, and of a listing.
func keeping(t *testing.T) (*setup, *origin) {
	t.Helper()
	o := newOrigin(t)
	o.serve("/rss", document(feedType, "", rss(item(1), item(2),
		`<item><title>Tin có ngày kiểu Mỹ</title><link>https://bao.example/my</link><guid>my</guid><pubDate>10/02/2026 09:25</pubDate></item>`)))
	o.serveListing(3, goodPage)
	o.serve("/feed", document(feedType, "", summaryFeed(o, 1, summaries(3))))
	s := newSetup(t, feedSource("chu", o.URL+"/rss"), summarySource(o), pageSource("cong", o.URL+"/tin-tuc"))
	s.options.RawRetention = 90 * 24 * time.Hour
	return s, o
}

func renormalize(t *testing.T, p *pipeline.Pipeline, since time.Time, dry bool) (read int, changed map[string][]string) {
	t.Helper()
	changed = make(map[string][]string)
	read, err := p.Renormalize(t.Context(), nil, since, dry, func(r pipeline.Revision) { changed[r.Article.Title] = r.Changed })
	if err != nil {
		t.Fatal(err)
	}
	return read, changed
}

// The rules under which articles were stored make the same of what was kept.
func TestTheSameRulesChangeNothing(t *testing.T) {
	s, _ := keeping(t)
	p := s.pipeline(t)
	refresh(t, p)
	before := all(t, s)
	s.advance(time.Hour)
	read, changed := renormalize(t, p, time.Time{}, false)
	if read != 9 || len(changed) > 0 {
		t.Errorf("%d articles were read again, changed %v; want 9 and none", read, changed)
	}
	if diff := cmp.Diff(before, all(t, s)); diff != "" {
		t.Errorf("stored (-before +after):\n%s", diff)
	}
}

func TestBetterRulesChangeWhatIsStored(t *testing.T) {
	s, o := keeping(t)
	refresh(t, s.pipeline(t))
	before := all(t, s)
	requests := o.pages(3)

	s.options.Sources[0].Dates = article.MonthFirst
	p := s.pipeline(t)
	s.advance(time.Hour)
	want := map[string][]string{"Tin có ngày kiểu Mỹ": {"date"}}
	read, changed := renormalize(t, p, time.Time{}, true)
	if diff := cmp.Diff(want, changed); read != 9 || diff != "" {
		t.Errorf("dry run: %d articles read; changes (-want +got):\n%s", read, diff)
	}
	if diff := cmp.Diff(before, all(t, s)); diff != "" {
		t.Errorf("stored after a dry run (-before +after):\n%s", diff)
	}

	if _, changed = renormalize(t, p, time.Time{}, false); cmp.Diff(want, changed) != "" {
		t.Errorf("changes (-want +got):\n%s", cmp.Diff(want, changed))
	}
	after := all(t, s)
	if len(after) != len(before) {
		t.Fatalf("%d articles became %d", len(before), len(after))
	}
	for i := range after {
		if after[i].ID != before[i].ID || !after[i].FirstSeen.Equal(before[i].FirstSeen) || after[i].Text != before[i].Text {
			t.Errorf("%s: its id, its first time or its text changed", after[i].Title)
		}
	}
	american := storedOf(t, s, "chu", "my")
	if want := time.Date(2026, time.October, 2, 2, 25, 0, 0, time.UTC); !american.Published.Equal(want) {
		t.Errorf("published %v, want %v", american.Published, want)
	}
	if got := o.pages(3); got != requests {
		t.Errorf("%d pages were asked for again", got-requests)
	}
	if _, changed = renormalize(t, p, time.Time{}, false); len(changed) > 0 {
		t.Errorf("a second time: %v", changed)
	}
}

func storedOf(t *testing.T, s *setup, source, guid string) article.Article {
	t.Helper()
	stored, err := s.store.Articles(t.Context(), []string{article.NewID(source, guid)})
	if err != nil || len(stored) != 1 {
		t.Fatalf("%d articles, %v", len(stored), err)
	}
	return stored[0]
}

// A feed that says another thing of an article does not cost it the text that was
// read from its page before, and an article of which the page is no longer kept
// stays as it is.
func TestTextsOutliveTheirPages(t *testing.T) {
	s, o := keeping(t)
	for n := 1; n <= 3; n++ {
		long := strings.Replace(page("Xã sửa đường"), "</article>", strings.Repeat("<p>Đến trưa, đoạn đường trước cửa trường học đã đi lại được.</p>", 20)+"</article>", 1)
		o.serve(pagePath(n), document("text/html; charset=utf-8", "", long))
	}
	p := s.pipeline(t)
	refresh(t, p)
	s.advance(24 * time.Hour)
	corrected := summaries(3)
	corrected[0].title += " (đính chính)"
	o.serve("/feed", document(feedType, "", summaryFeed(o, 2, corrected)))
	o.serve(pagePath(3), document("text/html", "", "")) // it does not come again
	refresh(t, p)
	before := all(t, s)
	for _, since := range []time.Time{{}, s.now().Add(-time.Hour)} {
		if _, changed := renormalize(t, p, since, false); len(changed) > 0 {
			t.Errorf("since %v: changed %v", since, changed)
		}
	}
	if diff := cmp.Diff(before, all(t, s)); diff != "" {
		t.Errorf("stored (-before +after):\n%s", diff)
	}
}

// Nothing is kept without retention, and what changes nothing is not kept twice.
func TestWhatIsKept(t *testing.T) {
	s, o := keeping(t)
	kept := func() (count int) {
		for _, src := range s.options.Sources {
			err := s.store.ScanRaw(t.Context(), src.ID, time.Time{}, func(raw article.Raw) error {
				count++
				if raw.FetchedAt.IsZero() || raw.URL == "" || len(raw.Body) == 0 {
					return fmt.Errorf("an incomplete document: %+v", raw)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		return count
	}
	s.options.RawRetention = 0
	refresh(t, s.pipeline(t))
	if got := kept(); got != 0 {
		t.Errorf("%d documents are kept without retention", got)
	}
	s.options.RawRetention = time.Hour
	p := s.pipeline(t)
	o.serve("/rss", document(feedType, "", rss(item(1), item(2), item(3))))
	s.advance(time.Hour)
	refresh(t, p)
	s.advance(time.Hour)
	o.serve("/rss", document(feedType, "", rss(item(2), item(3), item(1))))
	refresh(t, p)
	if got := kept(); got != 1 { // the feed with a new item; the listing and the summaries are as they were
		t.Errorf("%d documents are kept, want 1", got)
	}
}
