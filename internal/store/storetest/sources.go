package storetest

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"bantin/internal/article"
)

func sourceCases() []testCase {
	return []testCase{
		{name: "an unknown source becomes due at its time", run: newSourceIsDue},
		{name: "a known source keeps its state and its time", run: knownSourceKeepsState},
		{name: "a known source that missed its time becomes due at the new one", run: missedSourceIsDueLater},
		{name: "any other source keeps its state but is never due", run: droppedSourceIsNotDue},
		{name: "a source that others dropped is kept, and theirs too", run: keptSourceIsDue},
		{name: "a source that was never set is never due", run: unsetSourceIsNotDue},
		{name: "the longest due come first, up to the limit", run: longestDueFirst},
		{name: "states of some, of all, of unknown ones", run: statesByID},
		{name: "every field of a state comes back", run: stateRoundTrip},
		{name: "a state without times comes back without times", run: emptyStateRoundTrip},
		{name: "validators come back byte for byte", run: validatorsAreBytes},
		{name: "a source is postponed from the time that is known", run: postponeFromKnown},
		{name: "of several one postpones a source", needsAtomic: true, run: postponedOnce},
		{name: "a state replaces the one before", run: stateIsReplaced},
		{name: "articles are counted by source, without tombstones", run: articlesAreCounted},
	}
}

// setSources sets sources that have missed nothing.
func (s *suite) setSources(due map[string]time.Time) {
	s.Helper()
	s.must("SetSources", s.store.SetSources(s.Context(), due, time.Time{}))
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

func missedSourceIsDueLater(s *suite) {
	s.setSources(map[string]time.Time{"bao-lang": at(1), "som": at(2), "dung": at(3), "sau": at(9)})
	state := fullState()
	state.NextFetchAt = at(1)
	s.commitState(state)
	given := map[string]time.Time{"bao-lang": at(6), "som": at(7), "dung": at(6), "sau": at(6), "moi": at(4)}
	s.must("SetSources", s.store.SetSources(s.Context(), given, at(3)))
	state.NextFetchAt = at(6)
	if d := diff(keptState(state), s.state()); d != "" {
		s.Errorf("state (-want +got):\n%s", d)
	}
	states, err := s.store.States(s.Context())
	s.must("States", err)
	for id, want := range map[string]time.Time{"bao-lang": at(6), "som": at(7), "dung": at(3), "sau": at(9), "moi": at(4)} {
		if got := states[id].NextFetchAt; !got.Equal(kept(want)) {
			s.Errorf("%s is due at %v, want %v", id, got, kept(want))
		}
	}
	if got, want := s.due(at(8), 10), []string{"dung", "moi", "bao-lang", "som"}; !slices.Equal(got, want) {
		s.Errorf("due: got %v, want %v", got, want)
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

func keptSourceIsDue(s *suite) {
	s.setSources(map[string]time.Time{"bao-lang": at(1), "chung": at(2)})
	s.commitState(fullState())
	other := s.open() // another process, with another configuration
	s.must("SetSources", other.SetSources(s.Context(), map[string]time.Time{"cong-xa": at(3), "chung": at(3)}, time.Time{}))
	if got, want := s.due(at(20), 10), []string{"chung", "cong-xa"}; !slices.Equal(got, want) {
		s.Errorf("due when one was dropped: got %v, want %v", got, want)
	}
	for range 2 {
		given := map[string]time.Time{"bao-lang": at(9), "chung": at(9), "moi": at(9)}
		s.must("KeepSources", s.store.KeepSources(s.Context(), given))
		if got, want := s.due(at(20), 10), []string{"chung", "cong-xa", "bao-lang", "moi"}; !slices.Equal(got, want) {
			s.Errorf("due when it was kept: got %v, want %v", got, want)
		}
		if d := diff(keptState(fullState()), s.state()); d != "" {
			s.Errorf("state (-want +got):\n%s", d)
		}
	}
	s.must("KeepSources", s.store.KeepSources(s.Context(), nil))
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

func (s *suite) postpone(id string, from, to time.Time) bool {
	s.Helper()
	done, err := s.store.Postpone(s.Context(), id, from, to)
	s.must("Postpone", err)
	return done
}

func postponeFromKnown(s *suite) {
	s.setSources(map[string]time.Time{"bao-lang": at(1)})
	s.commitState(fullState()) // due at eight
	due := s.state().NextFetchAt
	s.store = s.open() // another process
	for _, test := range []struct {
		what     string
		id       string
		from, to time.Time
		want     bool
	}{
		{"from another time", "bao-lang", at(7), at(9), false},
		{"an unknown one", "khong-co", due, at(9), false},
		{"from its time", "bao-lang", due, at(9), true},
		{"from it once more", "bao-lang", due, at(10), false},
	} {
		if got := s.postpone(test.id, test.from, test.to); got != test.want {
			s.Errorf("%s: got %t, want %t", test.what, got, test.want)
		}
	}
	want := fullState()
	want.NextFetchAt = at(9)
	if d := diff(keptState(want), s.state()); d != "" {
		s.Errorf("state (-want +got):\n%s", d)
	}
	if got := s.due(kept(at(9)).Add(-time.Millisecond), 10); got != nil {
		s.Errorf("due before the new time: %v", got)
	}
	if got, want := s.due(at(9), 10), []string{"bao-lang"}; !slices.Equal(got, want) {
		s.Errorf("due at the new time: got %v, want %v", got, want)
	}
}

func postponedOnce(s *suite) {
	s.setSources(map[string]time.Time{"bao-lang": at(1)})
	due := s.state().NextFetchAt
	var done atomic.Int32
	var group sync.WaitGroup
	errs := make([]error, 16)
	for i := range errs {
		group.Go(func() {
			var ok bool
			if ok, errs[i] = s.store.Postpone(s.Context(), "bao-lang", due, at(2)); ok {
				done.Add(1)
			}
		})
	}
	group.Wait()
	for _, err := range errs {
		s.must("Postpone", err)
	}
	if got := done.Load(); got != 1 {
		s.Errorf("%d of %d postponed it, want one", got, len(errs))
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
