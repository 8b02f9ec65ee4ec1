package storetest

import (
	"slices"
	"strings"
	"time"

	"bantin/internal/article"
)

func commitCases() []testCase {
	return []testCase{
		{name: "every field of an article comes back", run: articleRoundTrip},
		{name: "an article without times comes back without times", run: emptyArticleRoundTrip},
		{name: "a long article comes back whole", run: longArticle},
		{name: "the same refresh twice changes nothing", run: commitIsIdempotent},
		{name: "a known id keeps its id and FirstSeen", run: contentIsReplaced},
		{name: "the same ContentHash changes nothing", run: sameHashChangesNothing},
		{name: "a twin adopts the known id", run: twinAdopts},
		{name: "twins of one refresh are one article", run: twinsOfOneRefresh},
		{name: "one link and title with two dates are two articles", run: datesAreNoTwins},
		{name: "an article here under its own id is no twin", run: formerTitleIsNoTwin},
		{name: "two that grow equal stay two", run: twinsByRevisionStayTwo},
		{name: "articles without a link and a date have no twin", run: noLinkNoTwin},
		{name: "another hour of the same day is a twin", run: sameDayIsTwin},
		{name: "title and date make a twin where there is no link", run: noLinkButDate},
		{name: "the same guid of two sources is two articles", run: guidsBelongToSources},
		{name: "a tombstone does not come back by its id", run: tombstoneStaysByID},
		{name: "a tombstone does not come back by its twin", run: tombstoneStaysByTwin},
		{name: "a tombstone does not come back by its link", run: tombstoneStaysByLink},
		{name: "a tombstone without a link keeps out nothing else", run: tombstoneWithoutLink},
		{name: "a known article with the link of a tombstone stays", run: knownBesideTombstone},
		{name: "membership follows the channels that were asked", run: decidedChannels},
		{name: "the reason ends when a channel takes the article", run: unselected},
		{name: "the state comes with the articles", run: stateWithArticles},
	}
}

func (s *suite) checkCounts(got, want article.Counts) {
	s.Helper()
	if got != want {
		s.Errorf("counts: got %+v, want %+v", got, want)
	}
}

func (s *suite) checkStored(want article.Article) {
	s.Helper()
	if d := diff(keptArticle(want), s.get(want.ID)); d != "" {
		s.Errorf("article (-want +got):\n%s", d)
	}
}

func (s *suite) checkAll(articles ...article.Article) {
	s.Helper()
	want := ids(articles)
	slices.Sort(want)
	if got := s.all(); !slices.Equal(got, want) {
		s.Errorf("all articles: got %v, want %v", got, want)
	}
}

func articleRoundTrip(s *suite) {
	full := fullArticle()
	empty := emptyFields(full)
	// A tombstone and an article that no channel took have cases of their own.
	if want := []string{".Unselected", ".TakenDown", ".TakenDownReason"}; !slices.Equal(empty, want) {
		s.Fatalf("the fixture lacks %v, want only %v", empty, want)
	}
	s.checkCounts(s.commit(full.Channels, full), article.Counts{New: 1})
	s.checkStored(full)
}

func emptyArticleRoundTrip(s *suite) {
	bare := article.Article{ID: "a", SourceID: "bao-lang", Unselected: "không kênh nào nhận"}
	s.checkCounts(s.commit(nil, bare), article.Counts{New: 1})
	s.checkStored(bare)
}

func longArticle(s *suite) {
	long := item("bao-lang", "1")
	long.HTML = "<p>" + strings.Repeat("Nước lên đến đâu, ghe lên đến đó. ", 40_000) + "</p>" // about 1.6 MB
	long.Text = long.HTML[3 : len(long.HTML)-4]
	long.GUID = strings.Repeat("g", 100_000)
	s.commit(nil, long)
	s.checkStored(long)
}

func commitIsIdempotent(s *suite) {
	full, other := fullArticle(), item("bao-lang", "2")
	s.commit(full.Channels, full, other)
	full.FetchedAt, full.FirstSeen = at(20), at(20)
	s.checkCounts(s.commit(full.Channels, full, other), article.Counts{Unchanged: 2})
	s.checkStored(fullArticle())
	s.checkAll(full, other)
}

func contentIsReplaced(s *suite) {
	first := fullArticle()
	s.commit(first.Channels, first)
	second := changed(first, 9)
	second.Title = "Chợ nổi đóng cửa sớm"
	second.URL = "https://bao.example/tin-1-moi.html"
	second.Published = at(3)
	second.Images, second.Places, second.Author, second.Lead = nil, nil, "", ""
	s.checkCounts(s.commit(first.Channels, second), article.Counts{Updated: 1})
	second.FirstSeen = first.FirstSeen
	s.checkStored(second)
	s.checkAll(first)
	if got, want := s.page("tat-ca@1", 10), []string{first.ID}; !slices.Equal(got, want) {
		s.Errorf("channel after the change: got %v, want %v", got, want)
	}
}

func sameHashChangesNothing(s *suite) {
	first := inChannels(item("bao-lang", "1"), "tat-ca@1")
	s.commit([]string{"tat-ca@1"}, first)
	again := inChannels(first, "kinh-te@2")
	again.Title, again.FetchedAt, again.Unselected = "Nhan đề khác", at(12), "lý do"
	s.checkCounts(s.commit([]string{"tat-ca@1", "kinh-te@2"}, again), article.Counts{Unchanged: 1})
	s.checkStored(first)
	if got := s.page("kinh-te@2", 10); got != nil {
		s.Errorf("channel of the second commit: got %v, want none", got)
	}
}

// A source that makes new guids at every poll must not flood its channels.
func twinAdopts(s *suite) {
	first := item("bao-lang", "guid-1")
	s.commit(nil, first)
	same := first
	same.ID, same.GUID = article.NewID("bao-lang", "guid-2"), "guid-2"
	same.URL = "http://www.bao.example/guid-1.html?utm_source=rss#top"
	s.checkCounts(s.commit(nil, same), article.Counts{Unchanged: 1})
	s.checkStored(first)

	newer := changed(same, 9)
	newer.ID, newer.GUID = article.NewID("bao-lang", "guid-3"), "guid-3"
	s.checkCounts(s.commit(nil, newer), article.Counts{Updated: 1})
	s.checkAll(first)
	newer.ID, newer.FirstSeen = first.ID, first.FirstSeen
	s.checkStored(newer)
}

func twinsOfOneRefresh(s *suite) {
	first := item("bao-lang", "guid-1")
	second := changed(first, 9)
	second.ID, second.GUID = article.NewID("bao-lang", "guid-2"), "guid-2"
	third := changed(first, 10)
	s.checkCounts(s.commit(nil, first, second, third), article.Counts{New: 1, Unchanged: 2})
	s.checkAll(first)
	s.checkStored(first)
	s.checkCounts(s.commit(nil, first, second, third), article.Counts{Unchanged: 3})
	s.checkStored(first)
}

// A page that is written anew each week keeps its link and title.
func datesAreNoTwins(s *suite) {
	first := item("bao-lang", "tuần 46")
	first.URL, first.Title = "https://bao.example/lich-cong-tac.html", "Lịch công tác tuần"
	second, third := first, first
	second.ID, second.GUID = article.NewID("bao-lang", "tuần 47"), "tuần 47"
	second.Published = first.Published.AddDate(0, 0, 7)
	third.ID, third.GUID = article.NewID("bao-lang", "tuần 48"), "tuần 48"
	third.Published = time.Time{}
	s.checkCounts(s.commit(nil, first, second), article.Counts{New: 2})
	s.checkCounts(s.commit(nil, third), article.Counts{New: 1})
	s.checkAll(first, second, third)

	// The same moment as another clock tells it, and to the second.
	again := second
	again.ID, again.GUID = article.NewID("bao-lang", "tuần 47 nữa"), "tuần 47 nữa"
	again.Published = second.Published.UTC().Truncate(time.Second)
	s.checkCounts(s.commit(nil, again), article.Counts{Unchanged: 1})
	s.checkAll(first, second, third)
}

// The page of a live report gets a new title, and a new item takes the old one.
func formerTitleIsNoTwin(s *suite) {
	known := item("bao-lang", "guid-1")
	s.commit(nil, known)
	renamed := changed(known, 9)
	renamed.Title = "Thông xe cầu mới"
	newcomer := changed(known, 10)
	newcomer.ID, newcomer.GUID = article.NewID("bao-lang", "guid-2"), "guid-2"
	s.checkCounts(s.commit(nil, newcomer, renamed), article.Counts{New: 1, Updated: 1})
	s.checkAll(known, newcomer)
	s.checkStored(newcomer)
	renamed.FirstSeen = known.FirstSeen
	s.checkStored(renamed)
	s.checkCounts(s.commit(nil, newcomer, renamed), article.Counts{Unchanged: 2})
}

func twinsByRevisionStayTwo(s *suite) {
	first, second := item("bao-lang", "guid-1"), item("bao-lang", "guid-2")
	s.commit(nil, first, second)
	second.URL, second.Title, second.ContentHash = first.URL, first.Title, "như bài kia"
	s.checkCounts(s.commit(nil, second), article.Counts{Updated: 1})
	s.checkAll(first, second)
	// A third guid leads to the article that had the link and title first.
	third := changed(first, 9)
	third.ID, third.GUID = article.NewID("bao-lang", "guid-3"), "guid-3"
	s.checkCounts(s.commit(nil, third), article.Counts{Updated: 1})
	s.checkAll(first, second)
	if got := s.get(first.ID).GUID; got != "guid-3" {
		s.Errorf("guid of the first: got %q, want that of the third", got)
	}
}

func noLinkNoTwin(s *suite) {
	first, second := item("bao-lang", "1"), item("bao-lang", "2")
	first.URL, second.URL = "", ""
	second.Title = first.Title
	first.Published, second.Published = time.Time{}, time.Time{}
	s.checkCounts(s.commit(nil, first, second), article.Counts{New: 2})
	s.checkAll(first, second)
}

func noLinkButDate(s *suite) {
	first, again := item("bao-lang", "1"), item("bao-lang", "1-again")
	first.URL, again.URL = "", ""
	again.Title, again.Published = first.Title, first.Published
	s.checkCounts(s.commit(nil, first), article.Counts{New: 1})
	s.commit(nil, again)
	s.checkAll(first)
}

func sameDayIsTwin(s *suite) {
	first, again := item("bao-lang", "1"), item("bao-lang", "1-again")
	again.URL, again.Title = first.URL, first.Title
	again.Published = first.Published.Add(time.Hour) // a source that writes the hour of the poll
	s.checkCounts(s.commit(nil, first), article.Counts{New: 1})
	s.commit(nil, again)
	s.checkAll(first)
}

func guidsBelongToSources(s *suite) {
	first, second := item("bao-lang", "news_1"), item("bao-huyen", "news_1")
	second.Text = "Bản của báo huyện."
	s.checkCounts(s.commit(nil, first), article.Counts{New: 1})
	s.checkCounts(s.commit(nil, second), article.Counts{New: 1})
	s.checkStored(first)
	s.checkStored(second)
}

func tombstoneStaysByID(s *suite) {
	a := item("bao-lang", "1")
	s.commit(nil, a)
	s.bury(a.ID)
	before := s.get(a.ID)
	back := inChannels(changed(a, 10), "tat-ca@1")
	s.checkCounts(s.commit([]string{"tat-ca@1"}, back), article.Counts{Unchanged: 1})
	// A hash that is empty is the one a tombstone has.
	back.ContentHash = ""
	s.checkCounts(s.commit([]string{"tat-ca@1"}, back), article.Counts{Unchanged: 1})
	if d := diff(before, s.get(a.ID)); d != "" {
		s.Errorf("tombstone (-before +after):\n%s", d)
	}
	if got := s.page("tat-ca@1", 10); got != nil {
		s.Errorf("channel: got %v, want none", got)
	}
}

func tombstoneStaysByTwin(s *suite) {
	a := item("bao-lang", "guid-1")
	s.commit(nil, a)
	s.bury(a.ID)
	back := inChannels(changed(a, 10), "tat-ca@1")
	back.ID, back.GUID = article.NewID("bao-lang", "guid-2"), "guid-2"
	s.checkCounts(s.commit([]string{"tat-ca@1"}, back), article.Counts{Unchanged: 1})
	if got := s.all(); got != nil {
		s.Errorf("articles: got %v, want none", got)
	}
	if got := s.page("tat-ca@1", 10); got != nil {
		s.Errorf("channel: got %v, want none", got)
	}
}

// Who had an article taken down must not find it under another name.
func tombstoneStaysByLink(s *suite) {
	a := item("bao-lang", "1")
	s.commit(nil, a)
	s.bury(a.ID)

	sameSource := inChannels(changed(item("bao-lang", "2"), 10), "tat-ca@1")
	sameSource.URL = "http://www.bao.example/1.html?utm_source=zalo#tin"
	other := inChannels(item("bao-lang", "3"), "tat-ca@1")
	s.checkCounts(s.commit([]string{"tat-ca@1"}, sameSource, other), article.Counts{New: 1, Unchanged: 1})
	otherSource := inChannels(item("bao-huyen", "4"), "tat-ca@1")
	otherSource.URL = a.URL
	s.checkCounts(s.commit([]string{"tat-ca@1"}, otherSource), article.Counts{Unchanged: 1})
	otherPage := inChannels(item("bao-huyen", "5"), "tat-ca@1")
	otherPage.URL = a.URL + "?trang=2"
	s.checkCounts(s.commit([]string{"tat-ca@1"}, otherPage), article.Counts{New: 1})

	s.checkAll(other, otherPage)
	if got, want := len(s.page("tat-ca@1", 10)), 2; got != want {
		s.Errorf("channel: got %d articles, want %d", got, want)
	}
	counts, err := s.store.ArticleCounts(s.Context())
	s.must("ArticleCounts", err)
	if d := diff(map[string]int{"bao-lang": 1, "bao-huyen": 1}, counts); d != "" {
		s.Errorf("ArticleCounts (-want +got):\n%s", d)
	}
}

func tombstoneWithoutLink(s *suite) {
	a := item("bao-lang", "1")
	a.URL = ""
	s.commit(nil, a)
	s.bury(a.ID)
	b, c := item("bao-lang", "2"), item("bao-huyen", "3")
	b.URL = ""
	s.checkCounts(s.commit(nil, b), article.Counts{New: 1})
	s.checkCounts(s.commit(nil, c), article.Counts{New: 1})
	s.checkAll(b, c)
}

// Two sources had the article, and one of them had its own taken down.
func knownBesideTombstone(s *suite) {
	a, b := item("bao-lang", "1"), item("bao-huyen", "1")
	s.commit(nil, a)
	s.commit(nil, b)
	s.bury(a.ID)
	newer := changed(b, 9)
	s.checkCounts(s.commit(nil, newer), article.Counts{Updated: 1})
	newer.FirstSeen = b.FirstSeen
	s.checkStored(newer)
	s.checkAll(b)
}

func decidedChannels(s *suite) {
	a := inChannels(item("bao-lang", "1"), "tat-ca@1", "kinh-te@1", "cu@1")
	s.commit([]string{"tat-ca@1", "kinh-te@1", "cu@1"}, a)
	b := inChannels(changed(a, 9), "tat-ca@1", "van-hoa@1")
	b.Published = at(2) // its place in every channel moves
	s.checkCounts(s.commit([]string{"tat-ca@1", "kinh-te@1", "van-hoa@1"}, b), article.Counts{Updated: 1})

	got := s.get(a.ID).Channels
	slices.Sort(got)
	if want := []string{"cu@1", "tat-ca@1", "van-hoa@1"}; !slices.Equal(got, want) {
		s.Errorf("Channels: got %v, want %v", got, want)
	}
	for key, want := range map[string][]string{
		"tat-ca@1":  {a.ID},
		"van-hoa@1": {a.ID},
		"cu@1":      {a.ID}, // it was not asked
		"kinh-te@1": nil,    // it was, and did not take the article again
	} {
		if got := s.page(key, 10); !slices.Equal(got, want) {
			s.Errorf("channel %s: got %v, want %v", key, got, want)
		}
	}
}

func unselected(s *suite) {
	a := item("bao-lang", "1")
	a.Unselected = "không có từ khoá nào"
	s.commit([]string{"kinh-te@1"}, a)
	s.checkStored(a)
	b := inChannels(changed(a, 9), "kinh-te@1")
	b.Unselected = ""
	s.commit([]string{"kinh-te@1"}, b)
	if got := s.get(a.ID); got.Unselected != "" {
		s.Errorf("Unselected of one that a channel took: %q", got.Unselected)
	}
	c := changed(a, 10)
	s.commit([]string{"kinh-te@1"}, c)
	if got := s.get(a.ID); got.Unselected != a.Unselected || len(got.Channels) != 0 {
		s.Errorf("after the channel gave it up: Unselected %q, Channels %v", got.Unselected, got.Channels)
	}
}

func stateWithArticles(s *suite) {
	counts, err := s.store.Commit(s.Context(), article.Refresh{
		State:    fullState(),
		Articles: []article.Article{item("bao-lang", "1"), item("bao-lang", "2")},
	})
	s.must("Commit", err)
	s.checkCounts(counts, article.Counts{New: 2})
	if d := diff(keptState(fullState()), s.state()); d != "" {
		s.Errorf("state (-want +got):\n%s", d)
	}
	// An answer of 304 brings no articles and loses none.
	next := fullState()
	next.LastGood = at(9)
	s.commitState(next)
	s.checkAll(item("bao-lang", "1"), item("bao-lang", "2"))
}
