package storetest

import (
	"fmt"
	"slices"
	"strconv"
	"sync"

	"bantin/internal/article"
)

func concurrentCases() []testCase {
	return []testCase{
		{name: "every article of many refreshes at once is stored", run: manyRefreshes},
		{name: "the same refresh at once is one", run: sameRefreshAtOnce},
		{name: "a story under many guids at once is one article", run: twinsAtOnce},
		{name: "no change of one article is lost", needsAtomic: true, run: changesOfOneArticle},
	}
}

// Two well-known readers lose 3 to 5 % of the items of a first refresh: under
// concurrency a batch fails, and the validators are stored nevertheless.
func manyRefreshes(s *suite) {
	const sources, items = 32, 30 // 32 is the default of fetch.concurrency
	var want []string
	total := s.commitAtOnce(sources, func(i int) article.Refresh {
		source := fmt.Sprintf("nguon-%d", i)
		refresh := article.Refresh{Decided: []string{"tat-ca@1"}}
		refresh.State = article.SourceState{SourceID: source, BodyHash: "hash of " + source}
		for j := range items {
			a := inChannels(item(source, fmt.Sprintf("%d-%d", i, j)), "tat-ca@1")
			refresh.Articles = append(refresh.Articles, a)
			want = append(want, a.ID)
		}
		return refresh
	})
	s.checkCounts(total, article.Counts{New: sources * items})
	slices.Sort(want)
	if got := s.all(); !slices.Equal(got, want) {
		s.Errorf("stored: %d articles, want %d", len(got), len(want))
	}
	if got := s.page("tat-ca@1", 2*sources*items); len(got) != len(want) {
		s.Errorf("channel: %d articles, want %d", len(got), len(want))
	}
	states, err := s.store.States(s.Context())
	s.must("States", err)
	counts, err := s.store.ArticleCounts(s.Context())
	s.must("ArticleCounts", err)
	for i := range sources {
		source := fmt.Sprintf("nguon-%d", i)
		if got := states[source].BodyHash; got != "hash of "+source {
			s.Errorf("body hash of %s: %q", source, got)
		}
		if counts[source] != items {
			s.Errorf("articles of %s: got %d, want %d", source, counts[source], items)
		}
	}
}

func sameRefreshAtOnce(s *suite) {
	var articles []article.Article
	for i := range 30 {
		articles = append(articles, inChannels(item("bao-lang", strconv.Itoa(i)), "tat-ca@1"))
	}
	total := s.commitAtOnce(8, func(int) article.Refresh {
		return article.Refresh{Articles: articles, State: article.SourceState{SourceID: "bao-lang"}}
	})
	s.checkCounts(total, article.Counts{New: 30, Unchanged: 7 * 30})
	s.checkAll(articles...)
}

func twinsAtOnce(s *suite) {
	total := s.commitAtOnce(8, func(i int) article.Refresh {
		a := item("bao-lang", "một tin")
		a.GUID = fmt.Sprintf("guid-%d", i)
		a.ID = article.NewID("bao-lang", a.GUID)
		return article.Refresh{Articles: []article.Article{a}, State: article.SourceState{SourceID: "bao-lang"}}
	})
	s.checkCounts(total, article.Counts{New: 1, Unchanged: 7})
	if got := s.all(); len(got) != 1 {
		s.Errorf("stored: %v, want one article", got)
	}
}

// commitAtOnce commits n refreshes at the same time and returns the sum of their counts.
func (s *suite) commitAtOnce(n int, refresh func(i int) article.Refresh) article.Counts {
	s.Helper()
	var group sync.WaitGroup
	var mu sync.Mutex
	var total article.Counts
	for i := range n {
		one := refresh(i)
		group.Go(func() {
			counts, err := s.store.Commit(s.Context(), one)
			if err != nil {
				s.Errorf("Commit %d: %v", i, err)
			}
			mu.Lock()
			defer mu.Unlock()
			total.New += counts.New
			total.Updated += counts.Updated
			total.Unchanged += counts.Unchanged
		})
	}
	group.Wait()
	return total
}

// The rules of many channels change while the article itself changes.
func changesOfOneArticle(s *suite) {
	a := inChannels(item("bao-lang", "1"), "tat-ca@1")
	s.commit([]string{"tat-ca@1"}, a)
	want := []string{"tat-ca@1"}
	var group sync.WaitGroup
	for i := range 8 {
		key := fmt.Sprintf("moi-%d@2", i)
		want = append(want, key)
		group.Go(func() {
			if err := s.store.Enroll(s.Context(), key, []string{a.ID}); err != nil {
				s.Errorf("Enroll in %s: %v", key, err)
			}
		})
		group.Go(func() {
			refresh := article.Refresh{Articles: []article.Article{changed(a, 8+i)}, Decided: []string{"tat-ca@1"}}
			refresh.Articles[0].Channels = []string{"tat-ca@1"}
			refresh.State.SourceID = "bao-lang"
			if _, err := s.store.Commit(s.Context(), refresh); err != nil {
				s.Errorf("Commit %d: %v", i, err)
			}
		})
	}
	group.Wait()
	got := s.get(a.ID).Channels
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		s.Errorf("Channels: got %v, want %v", got, want)
	}
	for _, key := range want {
		if page := s.page(key, 10); !slices.Equal(page, []string{a.ID}) {
			s.Errorf("channel %s: got %v, want the article", key, page)
		}
	}
}
