package storetest

import (
	"context"
	"errors"
	"slices"
	"time"

	"bantin/internal/article"
	"bantin/internal/store"
)

func lifeCases() []testCase {
	return []testCase{
		{name: "a store that is opened again has everything", run: reopenKeepsAll},
		{name: "two processes share a store", run: sharedStore},
		{name: "a closed store is unavailable", run: closedStore},
		{name: "closing twice is closing once", run: closeTwice},
		{name: "a call whose context has ended changes nothing", run: endedContext},
	}
}

func reopenKeepsAll(s *suite) {
	full, buried := fullArticle(), item("bao-lang", "2")
	s.setSources(map[string]time.Time{"bao-lang": at(1), "cong-xa": at(2)})
	_, err := s.store.Commit(s.Context(), article.Refresh{
		State:    fullState(),
		Articles: []article.Article{full, buried},
		Decided:  full.Channels,
	})
	s.must("Commit", err)
	s.bury(buried.ID)
	s.activate("kinh-te", "kinh-te@2")
	s.putIssue(fullIssue())

	s.reopen()
	s.checkStored(full)
	s.checkAll(full)
	s.checkActive(map[string]string{"kinh-te": "kinh-te@2"})
	s.checkIssues("sang", 10, fullIssue())
	if d := diff(keptState(fullState()), s.state()); d != "" {
		s.Errorf("state (-want +got):\n%s", d)
	}
	if got, want := s.due(at(20), 10), []string{"cong-xa", "bao-lang"}; !slices.Equal(got, want) {
		s.Errorf("due: got %v, want %v", got, want)
	}
	if got, want := s.page("kinh-te@2", 10), []string{full.ID}; !slices.Equal(got, want) {
		s.Errorf("channel: got %v, want %v", got, want)
	}
	s.checkCounts(s.commit(full.Channels, full, buried), article.Counts{Unchanged: 2})
}

// A command beside the daemon: each sees what the other has written.
func sharedStore(s *suite) {
	daemon, command := s.store, s.open()
	for i, one := range []store.Store{daemon, command, daemon} {
		s.store = one
		a := item("bao-lang", string(rune('a'+i)))
		s.checkCounts(s.commit(nil, a), article.Counts{New: 1})
	}
	s.store = command
	s.checkCounts(s.commit(nil, item("bao-lang", "a")), article.Counts{Unchanged: 1})
	s.checkAll(item("bao-lang", "a"), item("bao-lang", "b"), item("bao-lang", "c"))
}

func closedStore(s *suite) {
	a := item("bao-lang", "1")
	s.commit(nil, a)
	s.must("Close", s.store.Close())
	for name, err := range everyCall(s.Context(), s.store, a) {
		if !errors.Is(err, store.ErrUnavailable) {
			s.Errorf("%s of a closed store: got %v, want ErrUnavailable", name, err)
		}
	}
}

func closeTwice(s *suite) {
	s.must("Close", s.store.Close())
	s.must("Close again", s.store.Close())
}

func endedContext(s *suite) {
	a := item("bao-lang", "1")
	s.commit([]string{"kinh-te@1"}, inChannels(a, "kinh-te@1"))
	before := s.revision()
	ctx, cancel := context.WithCancel(s.Context())
	cancel()
	for name, err := range everyCall(ctx, s.store, changed(a, 9)) {
		if !errors.Is(err, context.Canceled) {
			s.Errorf("%s with an ended context: got %v, want context.Canceled", name, err)
		}
	}
	if after := s.revision(); after != before {
		s.Errorf("the revision went from %d to %d", before, after)
	}
	s.checkStored(inChannels(a, "kinh-te@1"))
	s.checkActive(nil)
	s.checkDecided()
	s.checkIssues("sang", 10)
}

// everyCall makes every call of the contract but Close and returns their errors.
func everyCall(ctx context.Context, s store.Store, a article.Article) map[string]error {
	errs := make(map[string]error)
	errs["SetSources"] = s.SetSources(ctx, map[string]time.Time{"bao-lang": at(1)}, at(1))
	_, errs["Due"] = s.Due(ctx, at(20), 10)
	_, errs["Postpone"] = s.Postpone(ctx, "bao-lang", at(1), at(1))
	_, errs["States"] = s.States(ctx)
	_, errs["ArticleCounts"] = s.ArticleCounts(ctx)
	lease := article.Lease{Host: "bao.example", Token: "a"}
	_, errs["Turn"] = s.Turn(ctx, store.Claim{Lease: lease, Now: at(6), Latest: at(6), Places: 1, For: time.Minute})
	errs["Release"] = s.Release(ctx, lease)
	errs["Hold"] = s.Hold(ctx, "bao.example", at(6))
	_, errs["Commit"] = s.Commit(ctx, article.Refresh{State: fullState(), Articles: []article.Article{a}})
	_, errs["Commit of a state"] = s.Commit(ctx, article.Refresh{State: fullState()})
	_, errs["Preview"] = s.Preview(ctx, article.Refresh{State: fullState(), Articles: []article.Article{a}})
	_, errs["Known"] = s.Known(ctx, []string{a.ID})
	_, errs["Revisions"] = s.Revisions(ctx, []string{a.ID})
	_, errs["Articles"] = s.Articles(ctx, []string{a.ID})
	_, errs["ArticlesByURL"] = s.ArticlesByURL(ctx, a.URL)
	errs["ScanRaw"] = s.ScanRaw(ctx, a.SourceID, time.Time{}, func(article.Raw) error { return nil })
	_, errs["DropRaw"] = s.DropRaw(ctx, at(1))
	_, errs["Scan"] = s.Scan(ctx, "", 10)
	_, errs["Bury"] = s.Bury(ctx, a.ID, "lý do", at(9))
	_, errs["Select"] = s.Select(ctx, store.Query{Key: "kinh-te@1", Limit: 10})
	_, errs["Select seen since"] = s.Select(ctx, store.Query{Key: "kinh-te@1", SeenSince: at(1), Limit: 10})
	_, errs["Members"] = s.Members(ctx, store.Query{Key: "kinh-te@1", Limit: 10})
	_, errs["Arrivals"] = s.Arrivals(ctx, store.Query{Key: "kinh-te@1", Limit: 10})
	_, _, errs["Span"] = s.Span(ctx)
	_, errs["Cuts"] = s.Cuts(ctx, "kinh-te@1", "2026-11")
	_, errs["Cut"] = s.Cut(ctx, "kinh-te@1", "2026-11", 1, store.Arrival{Seen: at(9)})
	errs["Enroll"] = s.Enroll(ctx, "kinh-te@2", []string{a.ID})
	_, errs["Decided"] = s.Decided(ctx)
	errs["SetDecided"] = s.SetDecided(ctx, []string{"kinh-te@2"})
	errs["Activate"] = s.Activate(ctx, "kinh-te", "kinh-te@2")
	_, errs["ActiveKeys"] = s.ActiveKeys(ctx)
	_, errs["LastLeft"] = s.LastLeft(ctx)
	errs["PutIssue"] = s.PutIssue(ctx, fullIssue())
	_, _, errs["Issue"] = s.Issue(ctx, "sang", "2026-11-22")
	_, errs["Issues"] = s.Issues(ctx, "sang", 10)
	_, errs["Pings"] = s.Pings(ctx)
	_, errs["SwapPing"] = s.SwapPing(ctx, store.Ping{}, fullPing())
	_, errs["SwapPing of a known one"] = s.SwapPing(ctx, fullPing(), fullPing())
	_, errs["Revision"] = s.Revision(ctx)
	return errs
}
