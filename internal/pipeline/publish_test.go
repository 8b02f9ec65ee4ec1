package pipeline_test

import (
	"slices"
	"testing"
	"time"

	"bantin/internal/article"
	"bantin/internal/pipeline"
	"bantin/internal/schedule"
	"bantin/publisher"
)

func TestChangedRulesDecideAgainAndNeverEmptyAChannel(t *testing.T) {
	o := newOrigin(t)
	o.serve("/rss", document(feedType, `"1"`, rss(item(1), item(2), item(3))))
	s := newSetup(t, feedSource("bao", o.URL+"/rss"))
	refresh(t, s.pipeline(t))

	published := func() []string {
		t.Helper()
		active, err := s.store.ActiveKeys(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return titles(t, s, active["tat-ca"])
	}
	setRules := func(phrase string) {
		t.Helper()
		s.options.Channels = []publisher.Channel{{ID: "tat-ca", Title: "Tất cả", Limit: 50, Any: []string{phrase}}}
	}

	setRules("tin số 2")
	s.pipeline(t)
	if got, want := published(), []string{"Tin số 2"}; !slices.Equal(got, want) {
		t.Errorf("after narrower rules: got %q, want %q", got, want)
	}
	setRules("tin số 9")
	p := s.pipeline(t)
	if got, want := published(), []string{"Tin số 2"}; !slices.Equal(got, want) {
		t.Errorf("after rules that take nothing: got %q, want the last output %q", got, want)
	}
	o.serve("/rss", document(feedType, `"2"`, rss(item(9), item(1))))
	refresh(t, p)
	if got, want := published(), []string{"Tin số 9"}; !slices.Equal(got, want) {
		t.Errorf("after the first article under the new rules: got %q, want %q", got, want)
	}
}

// An article that comes while other rules are configured must be found when the
// first ones are back: a typo that is mended, a channel that was away, a daemon
// with yesterday's file.
func TestRulesThatComeBackFindWhatCameMeanwhile(t *testing.T) {
	o := newOrigin(t)
	o.serve("/rss", document(feedType, `"1"`, rss(item(1))))
	s := newSetup(t, feedSource("bao", o.URL+"/rss"))
	first := s.options.Channels
	refresh(t, s.pipeline(t))

	s.options.Channels = []publisher.Channel{{ID: "tat-ca", Title: "Tất cả", Limit: 50, Any: []string{"không có ở đâu"}}}
	mistaken := s.pipeline(t)
	o.serve("/rss", document(feedType, `"2"`, rss(item(2), item(1))))
	refresh(t, mistaken)

	s.options.Channels = first
	s.pipeline(t)
	if got, want := titles(t, s, first[0].Key()), []string{"Tin số 2", "Tin số 1"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAChannelNeverSwitchesToNothing(t *testing.T) {
	o := newOrigin(t)
	o.serve("/rss", document(feedType, `"1"`, rss(item(1), item(2), item(9))))
	s := newSetup(t, feedSource("bao", o.URL+"/rss"))
	refresh(t, s.pipeline(t))
	if _, err := s.store.Bury(t.Context(), article.NewID("bao", "g9"), "asked", s.now()); err != nil {
		t.Fatal(err)
	}
	s.options.Channels = []publisher.Channel{{ID: "tat-ca", Title: "Tất cả", Limit: 50, Any: []string{"tin số 9"}}}
	p := s.pipeline(t)
	o.serve("/rss", document(feedType, `"2"`, rss(item(1), item(9))))
	refresh(t, p) // brings the tombstone again, which fits the new rules
	active, err := s.store.ActiveKeys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := titles(t, s, active["tat-ca"]); len(got) != 2 {
		t.Errorf("got %q published, want the two from before", got)
	}
}

func TestDigestIssuesHoldEachArticleOnce(t *testing.T) {
	o := newOrigin(t)
	o.serve("/rss", document(feedType, `"1"`, rss(item(1), item(2))))
	s := newSetup(t, feedSource("bao", o.URL+"/rss"))
	s.options.Channels = append(s.options.Channels, publisher.Channel{ID: "hai", Title: "Hai", Limit: 50})
	s.options.Digests = []pipeline.Digest{{ID: "sang", Title: "Sáng", Channels: []string{"tat-ca", "hai"}, Schedule: schedule.Every(24 * time.Hour)}}
	p := s.pipeline(t)
	refresh(t, p)

	count := func() (string, []int) {
		t.Helper()
		issue, err := p.MakeIssue(t.Context(), "sang")
		if err != nil {
			t.Fatal(err)
		}
		var sizes []int
		for _, section := range issue.Sections {
			sizes = append(sizes, len(section.Articles))
		}
		return issue.Date, sizes
	}
	want := func(date string, sizes ...int) {
		t.Helper()
		if gotDate, gotSizes := count(); gotDate != date || !slices.Equal(gotSizes, sizes) {
			t.Errorf("got issue %s with %v, want %s with %v", gotDate, gotSizes, date, sizes)
		}
	}
	want("2026-11-16", 2, 0)
	want("2026-11-16", 2, 0) // the same day again
	o.serve("/rss", document(feedType, `"2"`, rss(item(3), item(1), item(2))))
	refresh(t, p)
	want("2026-11-16", 3, 0)
	s.advance(24 * time.Hour)
	o.serve("/rss", document(feedType, `"3"`, rss(item(4), item(5), item(3))))
	refresh(t, p)
	want("2026-11-17", 2, 0)

	site, err := p.Site(t.Context(), pipeline.IssuesShown)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/d/sang/", "/d/sang/2026-11-16/", "/d/sang/2026-11-17/"} {
		if !has(site, path) {
			t.Errorf("%s is not published", path)
		}
	}
	old, err := p.IssueSite(t.Context(), "sang", "2026-11-16")
	if err != nil || old == nil || !has(old, "/d/sang/2026-11-16/") {
		t.Errorf("an old issue cannot be rendered alone: %v", err)
	}
	if none, err := p.IssueSite(t.Context(), "sang", "2020-01-01"); err != nil || none != nil {
		t.Errorf("an issue that was never made: got %v, %v; want nothing", none, err)
	}
}

func TestTheSameStoreGivesTheSameBytes(t *testing.T) {
	o := newOrigin(t)
	items := make([]string, 40)
	for i := range items {
		items[i] = item(i + 1)
	}
	o.serve("/rss", document(feedType, `"1"`, rss(items...)))
	s := newSetup(t, feedSource("bao", o.URL+"/rss"))
	p := s.pipeline(t)
	refresh(t, p)
	export := func(p *pipeline.Pipeline, dir string) publisher.ExportResult {
		t.Helper()
		site, err := p.Site(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		result, err := publisher.Export(dir, site)
		if err != nil {
			t.Fatal(err)
		}
		return result
	}
	dir := t.TempDir()
	if first := export(p, dir); first.Written == 0 {
		t.Fatalf("got %+v, want files", first)
	}
	s.advance(48 * time.Hour)
	refresh(t, p)
	if again := export(s.pipeline(t), dir); again.Written != 0 || again.Removed != 0 {
		t.Errorf("two days later, with the same store: got %+v, want nothing written", again)
	}
}

func has(site *publisher.Site, path string) bool {
	_, ok := site.File(path)
	return ok
}
