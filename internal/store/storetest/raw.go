package storetest

import (
	"errors"
	"strings"
	"time"

	"bantin/internal/article"
)

func rawCases() []testCase {
	return []testCase{
		{name: "what was read is kept", run: keepRaw},
		{name: "dropping old raw documents", run: dropRaw},
		{name: "reading ends with the first error", run: failingRaw},
		{name: "articles that were read again", run: readAgain},
		{name: "an article that is not stored is not read again", run: readAgainUnknown},
		{name: "a tombstone is not read again", run: readAgainBuried},
		{name: "revisions of articles", run: revisions},
	}
}

func rawOf(sourceID string, fetched time.Time, articleID string) article.Raw {
	return article.Raw{
		SourceID: sourceID, FetchedAt: fetched, ArticleID: articleID,
		Link: "https://bao-lang.example/tin?id=1&b=<>", LinkTitle: "Mở lớp \"xóa mù\" chữ",
		URL: "https://bao-lang.example/rss", ContentType: "text/xml; charset=utf-8",
		Body: []byte("\x00\xff" + strings.Repeat("<item>Chợ phiên ", 5_000)),
	}
}

func (s *suite) raws(sourceID string, since time.Time) []article.Raw {
	s.Helper()
	var raws []article.Raw
	s.must("ScanRaw", s.store.ScanRaw(s.Context(), sourceID, since, func(raw article.Raw) error {
		raws = append(raws, raw)
		return nil
	}))
	return raws
}

func (s *suite) commitRaw(raws ...article.Raw) {
	s.Helper()
	refresh := article.Refresh{State: article.SourceState{SourceID: raws[0].SourceID}, Raw: raws}
	_, err := s.store.Commit(s.Context(), refresh)
	s.must("Commit", err)
}

func keepRaw(s *suite) {
	first := []article.Raw{rawOf("bao-lang", kept(at(8)), ""), rawOf("bao-lang", kept(at(8)), "bài")}
	second := rawOf("bao-lang", kept(at(9)), "")
	other := rawOf("bao-khac", kept(at(8)), "")
	s.commitRaw(second) // they come back in their order whenever they were written
	s.commitRaw(first...)
	s.commitRaw(other)
	s.reopen()
	if d := diff(append(first, second), s.raws("bao-lang", time.Time{})); d != "" {
		s.Errorf("kept (-want +got):\n%s", d)
	}
	if d := diff([]article.Raw{second}, s.raws("bao-lang", at(9))); d != "" {
		s.Errorf("kept since nine (-want +got):\n%s", d)
	}
	if got := s.raws("bao-la", time.Time{}); len(got) > 0 {
		s.Errorf("of an unknown source: %v", got)
	}
}

func dropRaw(s *suite) {
	for hour := range 20 {
		s.commitRaw(rawOf("bao-lang", kept(at(hour)), ""))
	}
	dropped, err := s.store.DropRaw(s.Context(), at(15))
	s.must("DropRaw", err)
	if left := s.raws("bao-lang", time.Time{}); dropped != 15 || len(left) != 5 || !left[0].FetchedAt.Equal(kept(at(15))) {
		s.Errorf("dropped %d, %d left, want 15 and 5", dropped, len(left))
	}
}

func failingRaw(s *suite) {
	s.commitRaw(rawOf("bao-lang", kept(at(8)), "a"), rawOf("bao-lang", kept(at(8)), "b"))
	enough, calls := errors.New("enough"), 0
	err := s.store.ScanRaw(s.Context(), "bao-lang", time.Time{}, func(article.Raw) error {
		calls++
		return enough
	})
	if !errors.Is(err, enough) || calls != 1 {
		s.Errorf("got %v after %d calls, want the reader's error after one", err, calls)
	}
}

// again commits articles that were read again.
func (s *suite) again(decided []string, articles ...article.Article) article.Counts {
	s.Helper()
	counts, err := s.store.Commit(s.Context(), article.Refresh{
		State: article.SourceState{SourceID: articles[0].SourceID}, Articles: articles, Decided: decided, Again: true,
	})
	s.must("Commit again", err)
	return counts
}

func readAgain(s *suite) {
	known := inChannels(item("bao-lang", "1"), "kinh-te@1")
	refresh := article.Refresh{State: fullState(), Articles: []article.Article{known}, Decided: []string{"kinh-te@1", "y-te@1"}}
	refresh.State.SourceID = known.SourceID
	_, err := s.store.Commit(s.Context(), refresh)
	s.must("Commit", err)
	states, err := s.store.States(s.Context(), known.SourceID)
	s.must("States", err)
	revision := s.revision()

	better := inChannels(known, "y-te@1") // the same content, and other conclusions
	better.Topics = []article.TopicRef{{ID: "y-te", Primary: true, Evidence: "bệnh viện"}}
	better.FirstSeen, better.FetchedAt = at(12), at(12)
	s.checkCounts(s.again([]string{"kinh-te@1", "y-te@1"}, better), article.Counts{Updated: 1})
	better.FirstSeen = known.FirstSeen
	s.checkStored(better)
	if got := s.page("kinh-te@1", 10); len(got) > 0 {
		s.Errorf("the channel that no longer takes it: %v", got)
	}
	if got := s.page("y-te@1", 10); len(got) != 1 {
		s.Errorf("the channel that takes it now: %v", got)
	}
	if s.revision() == revision {
		s.Error("publishers are not told")
	}
	after, err := s.store.States(s.Context(), known.SourceID)
	s.must("States", err)
	if d := diff(states, after); d != "" {
		s.Errorf("the state of the source (-before +after):\n%s", d)
	}
}

func readAgainUnknown(s *suite) {
	s.checkCounts(s.again(nil, item("bao-lang", "1")), article.Counts{Unchanged: 1})
	s.checkAll()
}

func readAgainBuried(s *suite) {
	a := item("bao-lang", "1")
	s.commit(nil, a)
	s.commitRaw(rawOf(a.SourceID, kept(at(8)), a.ID), rawOf(a.SourceID, kept(at(8)), "khác"))
	s.bury(a.ID)
	if left := s.raws(a.SourceID, time.Time{}); len(left) != 1 || left[0].ArticleID != "khác" {
		s.Errorf("pages that are kept: %v, want the other one", left)
	}
	s.checkCounts(s.again(nil, a), article.Counts{Unchanged: 1})
	if got := s.get(a.ID); got.TakenDown.IsZero() || got.Text != "" {
		s.Errorf("the tombstone came back: %+v", got)
	}
}

func revisions(s *suite) {
	a, b := item("bao-lang", "1"), item("bao-lang", "2")
	last := int64(-1)
	check := func(what string, changed bool) {
		s.Helper()
		got, err := s.store.Revisions(s.Context(), []string{a.ID, b.ID, "khác"})
		s.must("Revisions", err)
		if len(got) != 2 || (got[a.ID] != last) != changed {
			s.Errorf("%s: revisions %v, and %d before", what, got, last)
		}
		last = got[a.ID]
	}
	s.commit(nil, a, b)
	check("new", true)
	s.commit(nil, a)
	check("put again", false)
	s.commit(nil, changed(b, 9))
	check("another one changed", false)
	s.commit(nil, changed(a, 9))
	check("changed", true)
	s.again(nil, changed(a, 9))
	check("read again", true)
	s.bury(a.ID)
	check("buried", true)
}
