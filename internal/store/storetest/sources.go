package storetest

import (
	"slices"
	"time"

	"bantin/internal/article"
)

func sourceCases() []testCase {
	return []testCase{
		{name: "an unknown source becomes due at its time", run: newSourceIsDue},
		{name: "a known source keeps its state and its time", run: knownSourceKeepsState},
		{name: "any other source keeps its state but is never due", run: droppedSourceIsNotDue},
		{name: "a source that was never set is never due", run: unsetSourceIsNotDue},
		{name: "the longest due come first, up to the limit", run: longestDueFirst},
		{name: "states of some, of all, of unknown ones", run: statesByID},
		{name: "every field of a state comes back", run: stateRoundTrip},
		{name: "a state without times comes back without times", run: emptyStateRoundTrip},
		{name: "validators come back byte for byte", run: validatorsAreBytes},
		{name: "a state replaces the one before", run: stateIsReplaced},
		{name: "articles are counted by source, without tombstones", run: articlesAreCounted},
	}
}

func (s *suite) setSources(firstDue map[string]time.Time) {
	s.Helper()
	s.must("SetSources", s.store.SetSources(s.Context(), firstDue))
}

// due returns the ids of the sources that are due.
func (s *suite) due(now time.Time, limit int) []string {
	s.Helper()
	states, err := s.store.Due(s.Context(), now, limit)
	s.must("Due", err)
	var due []string
	for i := range states {
		due = append(due, states[i].SourceID)
	}
	return due
}

// state returns the state of bao-lang, the source of the full fixtures.
func (s *suite) state() article.SourceState {
	s.Helper()
	states, err := s.store.States(s.Context(), "bao-lang")
	s.must("States", err)
	state, ok := states["bao-lang"]
	if !ok || len(states) != 1 {
		s.Fatalf("States: got %v, want that of bao-lang", states)
	}
	return state
}

func newSourceIsDue(s *suite) {
	s.setSources(map[string]time.Time{"bao-lang": at(6)})
	if got := s.due(kept(at(6)).Add(-time.Millisecond), 10); got != nil {
		s.Errorf("due before its time: %v", got)
	}
	states, err := s.store.Due(s.Context(), at(6), 10)
	s.must("Due", err)
	want := []article.SourceState{{SourceID: "bao-lang", NextFetchAt: kept(at(6))}}
	if d := diff(want, states); d != "" {
		s.Errorf("Due (-want +got):\n%s", d)
	}
	if d := diff(want[0], s.state()); d != "" {
		s.Errorf("States (-want +got):\n%s", d)
	}
}

func knownSourceKeepsState(s *suite) {
	s.setSources(map[string]time.Time{"bao-lang": at(1)})
	s.commitState(fullState())
	s.setSources(map[string]time.Time{"bao-lang": at(2), "cong-xa": at(3)})
	if d := diff(keptState(fullState()), s.state()); d != "" {
		s.Errorf("state (-want +got):\n%s", d)
	}
	if got, want := s.due(at(7), 10), []string{"cong-xa"}; !slices.Equal(got, want) {
		s.Errorf("due before the time of the state: got %v, want %v", got, want)
	}
}

func droppedSourceIsNotDue(s *suite) {
	s.setSources(map[string]time.Time{"bao-lang": at(1), "cong-xa": at(1)})
	s.commitState(fullState())
	s.setSources(map[string]time.Time{"cong-xa": at(1)})
	if got, want := s.due(at(20), 10), []string{"cong-xa"}; !slices.Equal(got, want) {
		s.Errorf("due after one was dropped: got %v, want %v", got, want)
	}
	if d := diff(keptState(fullState()), s.state()); d != "" {
		s.Errorf("state of the dropped one (-want +got):\n%s", d)
	}
	// A refresh that was under way when the configuration changed ends later.
	s.commitState(fullState())
	if got, want := s.due(at(20), 10), []string{"cong-xa"}; !slices.Equal(got, want) {
		s.Errorf("due after a late commit: got %v, want %v", got, want)
	}
	s.setSources(map[string]time.Time{"bao-lang": at(1)})
	if got, want := s.due(at(20), 10), []string{"bao-lang"}; !slices.Equal(got, want) {
		s.Errorf("due after it came back: got %v, want %v", got, want)
	}
	s.setSources(nil)
	if got := s.due(at(20), 10); got != nil {
		s.Errorf("due without sources: %v", got)
	}
}

func unsetSourceIsNotDue(s *suite) {
	s.commitState(fullState())
	if got := s.due(at(20), 10); got != nil {
		s.Errorf("due: %v", got)
	}
	s.setSources(map[string]time.Time{"bao-lang": at(1)})
	if d := diff(keptState(fullState()), s.state()); d != "" {
		s.Errorf("state after it was set (-want +got):\n%s", d)
	}
}

func longestDueFirst(s *suite) {
	s.setSources(map[string]time.Time{"c": at(1), "a": at(2), "d": at(2), "b": at(2), "e": at(9)})
	if got, want := s.due(at(8), 10), []string{"c", "a", "b", "d"}; !slices.Equal(got, want) {
		s.Errorf("due: got %v, want %v", got, want)
	}
	if got, want := s.due(at(8), 2), []string{"c", "a"}; !slices.Equal(got, want) {
		s.Errorf("the first two: got %v, want %v", got, want)
	}
}

func statesByID(s *suite) {
	s.setSources(map[string]time.Time{"a": at(1), "b": at(2), "c": at(3)})
	a := article.SourceState{SourceID: "a", NextFetchAt: kept(at(1))}
	b := article.SourceState{SourceID: "b", NextFetchAt: kept(at(2))}
	c := article.SourceState{SourceID: "c", NextFetchAt: kept(at(3))}
	for _, test := range []struct {
		ids  []string
		want map[string]article.SourceState
	}{
		{nil, map[string]article.SourceState{"a": a, "b": b, "c": c}},
		{[]string{"c", "a", "c"}, map[string]article.SourceState{"a": a, "c": c}},
		{[]string{"b", "không-có"}, map[string]article.SourceState{"b": b}},
		{[]string{"không-có"}, nil},
	} {
		got, err := s.store.States(s.Context(), test.ids...)
		s.must("States", err)
		if d := diff(test.want, got); d != "" {
			s.Errorf("States(%q) (-want +got):\n%s", test.ids, d)
		}
	}
}

func stateRoundTrip(s *suite) {
	if empty := emptyFields(fullState()); empty != nil {
		s.Fatalf("the fixture lacks %v", empty)
	}
	s.commitState(fullState())
	if d := diff(keptState(fullState()), s.state()); d != "" {
		s.Errorf("state (-want +got):\n%s", d)
	}
}

func emptyStateRoundTrip(s *suite) {
	want := article.SourceState{SourceID: "bao-lang"}
	s.commitState(want)
	if d := diff(want, s.state()); d != "" {
		s.Errorf("state (-want +got):\n%s", d)
	}
}

// A server may put any byte but controls into a header, and expects it back
// (RFC 9110 §5.5, §8.8.3).
func validatorsAreBytes(s *suite) {
	for _, etag := range []string{`"v1"`, `W/"v1"`, "abc", "\"B\xe1o\"", `"<&>"`, " \t"} {
		want := article.Validators{ETag: etag, LastModified: "Sun, 22 Nov 2026 06:30:15 GMT" + etag}
		s.commitState(article.SourceState{SourceID: "bao-lang", Validators: want})
		if got := s.state().Validators; got != want {
			s.Errorf("validators: got %q, want %q", got, want)
		}
	}
}

func stateIsReplaced(s *suite) {
	s.setSources(map[string]time.Time{"bao-lang": at(1)})
	s.commitState(fullState())
	want := article.SourceState{SourceID: "bao-lang", NextFetchAt: kept(at(9))}
	s.commitState(want)
	if d := diff(want, s.state()); d != "" {
		s.Errorf("state (-want +got):\n%s", d)
	}
	if got := s.due(at(8), 10); got != nil {
		s.Errorf("due before the new time: %v", got)
	}
	if got := s.due(at(9), 10); len(got) != 1 {
		s.Errorf("due at the new time: %v", got)
	}
}

func articlesAreCounted(s *suite) {
	s.setSources(map[string]time.Time{"cong-xa": at(1)})
	a := item("bao-lang", "1")
	s.commit(nil, a, item("bao-lang", "2"), item("bao-lang", "3"))
	s.commit(nil, item("bao-huyen", "1"))
	s.commit(nil, changed(a, 8))
	s.commit(nil, changed(a, 8))
	s.bury(item("bao-lang", "2").ID)
	s.bury(item("bao-lang", "2").ID)
	got, err := s.store.ArticleCounts(s.Context())
	s.must("ArticleCounts", err)
	for id, want := range map[string]int{"bao-lang": 2, "bao-huyen": 1, "cong-xa": 0} {
		if got[id] != want {
			s.Errorf("articles of %s: got %d, want %d", id, got[id], want)
		}
	}
}
