package storetest

import (
	"slices"
	"testing"

	"bantin/internal/article"
	"bantin/internal/store"
)

// A Place is where the data of one store lives. Each call opens the same data, so
// that a test can close a store and open it again, or open it twice at once. The
// caller closes what it opened.
type Place func(tb testing.TB) store.Store

// Limits are what a stand-in for a database server does less well than the server
// itself. The zero value has none.
type Limits struct {
	// NotAtomic says why concurrent changes of one document may be lost there.
	// The subtests that need them are skipped with these words.
	NotAtomic string
}

// Run runs the suite. Each call of newPlace makes an empty place of its own.
func Run(t *testing.T, newPlace func(tb testing.TB) Place, limits Limits) {
	t.Helper()
	groups := []struct {
		name  string
		cases []testCase
	}{
		{"sources", sourceCases()},
		{"hosts", hostCases()},
		{"commit", commitCases()},
		{"likeness", likenessCases()},
		{"articles", articleCases()},
		{"raw", rawCases()},
		{"channels", channelCases()},
		{"decided", decidedCases()},
		{"archive", archiveCases()},
		{"issues", issueCases()},
		{"pings", pingCases()},
		{"revision", revisionCases()},
		{"life", lifeCases()},
		{"concurrent", concurrentCases()},
	}
	for _, group := range groups {
		t.Run(group.name, func(t *testing.T) {
			for _, one := range group.cases {
				t.Run(one.name, func(t *testing.T) {
					if one.needsAtomic && limits.NotAtomic != "" {
						t.Skip(limits.NotAtomic)
					}
					s := &suite{TB: t, place: newPlace(t)}
					s.store = s.open()
					one.run(s)
				})
			}
		})
	}
}

type testCase struct {
	name        string
	needsAtomic bool
	run         func(s *suite)
}

// A suite is one subtest with a store. Its methods end the subtest when the store
// fails, so that a case reads as what it says.
type suite struct {
	testing.TB
	place Place
	store store.Store
}

// open opens the place once more, until the end of the subtest.
func (s *suite) open() store.Store {
	s.Helper()
	opened := s.place(s)
	s.Cleanup(func() {
		if err := opened.Close(); err != nil {
			s.Errorf("Close: %v", err)
		}
	})
	return opened
}

// reopen closes the store and opens it again.
func (s *suite) reopen() {
	s.Helper()
	s.must("Close", s.store.Close())
	s.store = s.open()
}

func (s *suite) must(call string, err error) {
	s.Helper()
	if err != nil {
		s.Fatalf("%s: %v", call, err)
	}
}

// commit commits articles of one source that every channel in decided was asked about.
func (s *suite) commit(decided []string, articles ...article.Article) article.Counts {
	s.Helper()
	refresh := article.Refresh{Articles: articles, Decided: decided}
	refresh.State.SourceID = articles[0].SourceID
	counts, err := s.store.Commit(s.Context(), refresh)
	s.must("Commit", err)
	return counts
}

// commitState commits a refresh that brought no article.
func (s *suite) commitState(state article.SourceState) {
	s.Helper()
	_, err := s.store.Commit(s.Context(), article.Refresh{State: state})
	s.must("Commit", err)
}

// get returns the stored article with the id.
func (s *suite) get(id string) article.Article {
	s.Helper()
	found, err := s.store.Articles(s.Context(), []string{id})
	s.must("Articles", err)
	if len(found) != 1 {
		s.Fatalf("Articles(%q): got %d articles, want 1", id, len(found))
	}
	return found[0]
}

// all returns the ids of all articles.
func (s *suite) all() []string {
	s.Helper()
	found, err := s.store.Scan(s.Context(), "", 10_000) // more than any case stores
	s.must("Scan", err)
	return ids(found)
}

// page returns the ids of the first articles of a channel.
func (s *suite) page(key string, limit int) []string {
	s.Helper()
	query := store.Query{Key: key, Limit: limit}
	found, err := s.store.Select(s.Context(), query)
	s.must("Select", err)
	members, err := s.store.Members(s.Context(), query)
	s.must("Members", err)
	if !slices.Equal(members, ids(found)) {
		s.Errorf("Members(%+v): got %v, want %v", query, members, ids(found))
	}
	return members
}

func (s *suite) bury(id string) bool {
	s.Helper()
	known, err := s.store.Bury(s.Context(), id, "theo yêu cầu của nguồn", at(9))
	s.must("Bury", err)
	return known
}

func (s *suite) revision() int64 {
	s.Helper()
	number, err := s.store.Revision(s.Context())
	s.must("Revision", err)
	return number
}

func ids(articles []article.Article) []string {
	var list []string
	for i := range articles {
		list = append(list, articles[i].ID)
	}
	return list
}
