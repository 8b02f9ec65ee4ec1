package storetest

import (
	"sync"
	"time"

	"bantin/internal/article"
	"bantin/internal/store"
)

func archiveCases() []testCase {
	return []testCase{
		{name: "arrivals come in the order in which they were seen, then by id", run: arrivalsInOrder},
		{name: "the span holds tombstones too", run: spanOfAll},
		{name: "a part keeps the end that it was given first", run: cutsStay},
		{name: "a part gets one end", run: cutsAreMadeOnce},
	}
}

func arrivalsInOrder(s *suite) {
	var stored []article.Article
	for i, hour := range []int{9, 8, 10, 11} {
		a := inChannels(item("bao-lang", string(rune('a'+i))), "tat-ca@1")
		a.FirstSeen = at(hour)
		a.Published = at(i) // in another order
		stored = append(stored, a)
	}
	twin := inChannels(item("bao-lang", "cùng lúc"), "tat-ca@1")
	twin.FirstSeen = at(10)
	s.commit([]string{"tat-ca@1"}, append(stored, twin)...)
	s.commit(nil, changed(item("bao-lang", "ở kênh khác"), 10))
	arrival := func(a article.Article) store.Arrival { return store.Arrival{Seen: kept(a.FirstSeen), ID: a.ID} }
	first, second := arrival(stored[2]), arrival(twin)
	if first.Compare(second) > 0 {
		first, second = second, first
	}
	all := []store.Arrival{arrival(stored[1]), arrival(stored[0]), first, second, arrival(stored[3])}
	for _, test := range []struct {
		since, before time.Time
		limit         int
		want          []store.Arrival
	}{
		{time.Time{}, time.Time{}, 10, all},
		{time.Time{}, time.Time{}, 3, all[:3]},
		{at(9), at(11), 10, all[1:4]}, // not at the end
		{at(9), time.Time{}, 2, all[1:3]},
		{at(12), time.Time{}, 10, nil},
	} {
		query := store.Query{Key: "tat-ca@1", SeenSince: test.since, SeenBefore: test.before, Limit: test.limit}
		got, err := s.store.Arrivals(s.Context(), query)
		s.must("Arrivals", err)
		if d := diff(test.want, got); d != "" {
			s.Errorf("Arrivals(%+v) (-want +got):\n%s", query, d)
		}
	}
	s.bury(twin.ID)
	got, err := s.store.Arrivals(s.Context(), store.Query{Key: "tat-ca@1", Limit: 10})
	s.must("Arrivals", err)
	if len(got) != len(all)-1 {
		s.Errorf("after a takedown: got %v, want one less", got)
	}
}

func (s *suite) checkSpan(wantFirst, wantLast time.Time) {
	s.Helper()
	first, last, err := s.store.Span(s.Context())
	s.must("Span", err)
	if d := diff([]time.Time{wantFirst, wantLast}, []time.Time{first, last}); d != "" {
		s.Errorf("Span (-want +got):\n%s", d)
	}
}

func spanOfAll(s *suite) {
	s.checkSpan(time.Time{}, time.Time{})
	early, late, middle := item("bao-lang", "1"), item("bao-lang", "2"), item("cong-xa", "3")
	early.FirstSeen, late.FirstSeen, middle.FirstSeen = at(3), at(9), at(5)
	s.commit(nil, late, early)
	s.commit(nil, middle)
	s.checkSpan(kept(at(3)), kept(at(9)))
	s.bury(early.ID)
	s.bury(late.ID)
	s.checkSpan(kept(at(3)), kept(at(9)))
}

func (s *suite) cut(part int, end store.Arrival) store.Arrival {
	s.Helper()
	stored, err := s.store.Cut(s.Context(), "tat-ca@1", "2026-11", part, end)
	s.must("Cut", err)
	return stored
}

func (s *suite) checkCuts(key, month string, want ...store.Arrival) {
	s.Helper()
	got, err := s.store.Cuts(s.Context(), key, month)
	s.must("Cuts", err)
	if d := diff(want, got); d != "" {
		s.Errorf("Cuts(%s, %s) (-want +got):\n%s", key, month, d)
	}
}

func cutsStay(s *suite) {
	end := func(hour int) store.Arrival { return store.Arrival{Seen: kept(at(hour)), ID: "bài"} }
	var want []store.Arrival
	for part := range 12 { // the tenth does not come before the second
		want = append(want, s.cut(part+1, end(part)))
	}
	if d := diff(end(3), want[3]); d != "" {
		s.Errorf("Cut (-want +got):\n%s", d)
	}
	if d := diff(end(3), s.cut(4, end(20))); d != "" {
		s.Errorf("Cut of a part that has an end (-want +got):\n%s", d)
	}
	s.checkCuts("tat-ca@1", "2026-11", want...)
	s.checkCuts("tat-ca@1", "2026-12")
	s.checkCuts("tat-ca@12", "2026-11")
	last := store.Arrival{Seen: kept(at(30))} // the end of a month
	if d := diff(last, s.cut(13, last)); d != "" {
		s.Errorf("Cut without an id (-want +got):\n%s", d)
	}
	s.reopen()
	s.checkCuts("tat-ca@1", "2026-11", append(want, last)...)
}

func cutsAreMadeOnce(s *suite) {
	const callers = 8
	ends := make([]store.Arrival, callers)
	errs := make([]error, callers)
	var group sync.WaitGroup
	for i := range callers {
		group.Go(func() {
			ends[i], errs[i] = s.store.Cut(s.Context(), "tat-ca@1", "2026-11", 1, store.Arrival{Seen: at(i), ID: "bài"})
		})
	}
	group.Wait()
	for i := range callers {
		s.must("Cut", errs[i])
		if ends[i] != ends[0] {
			s.Errorf("one caller got the end %v and another %v", ends[0], ends[i])
		}
	}
}
