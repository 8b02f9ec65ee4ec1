package storetest

import (
	"sync"
	"time"

	"bantin/internal/store"
)

func pingCases() []testCase {
	return []testCase{
		{name: "a ping comes back whole", run: pingRoundTrip},
		{name: "a ping is swapped only as it was read", run: pingSwaps},
		{name: "of several that swap one ping one wins", needsAtomic: true, run: pingIsSwappedOnce},
	}
}

func fullPing() store.Ping {
	return store.Ping{Hub: "https://hub.example/", Topic: "https://bantin.example/c/tat-ca/rss.xml", Hash: `"1a"`, Due: at(6), Attempts: 3}
}

func (s *suite) swapPing(known, next store.Ping) bool {
	s.Helper()
	swapped, err := s.store.SwapPing(s.Context(), known, next)
	s.must("SwapPing", err)
	return swapped
}

func (s *suite) checkPings(want ...store.Ping) {
	s.Helper()
	for i := range want {
		want[i].Due = kept(want[i].Due)
	}
	got, err := s.store.Pings(s.Context())
	s.must("Pings", err)
	if d := diff(want, got); d != "" {
		s.Errorf("Pings (-want +got):\n%s", d)
	}
}

func pingRoundTrip(s *suite) {
	s.checkPings()
	if empty := emptyFields(fullPing()); empty != nil {
		s.Fatalf("the fixture lacks %v", empty)
	}
	other := fullPing()
	other.Hub, other.Due, other.Attempts = "https://a.example/", time.Time{}, 0
	s.swapPing(store.Ping{}, fullPing())
	s.swapPing(store.Ping{}, other)
	s.reopen()
	s.checkPings(other, fullPing())
}

func pingSwaps(s *suite) {
	first := fullPing()
	first.Due = kept(first.Due)
	if !s.swapPing(store.Ping{}, first) {
		s.Error("a first ping was not put")
	}
	if s.swapPing(store.Ping{}, first) {
		s.Error("a first ping was put twice")
	}
	for name, known := range map[string]store.Ping{
		"hash":     {Hub: first.Hub, Topic: first.Topic, Hash: "khác", Due: first.Due, Attempts: first.Attempts},
		"due":      {Hub: first.Hub, Topic: first.Topic, Hash: first.Hash, Due: at(1), Attempts: first.Attempts},
		"attempts": {Hub: first.Hub, Topic: first.Topic, Hash: first.Hash, Due: first.Due, Attempts: 9},
	} {
		if s.swapPing(known, first) {
			s.Errorf("a ping with another %s was swapped", name)
		}
	}
	told := first
	told.Due, told.Attempts = time.Time{}, 0
	if !s.swapPing(first, told) {
		s.Error("a ping as it was read was not swapped")
	}
	s.checkPings(told)
	next := first
	next.Hash = "sau"
	if !s.swapPing(told, next) {
		s.Error("a ping that is not due was not swapped")
	}
	s.checkPings(next)
}

func pingIsSwappedOnce(s *suite) {
	first := fullPing()
	first.Due = kept(first.Due)
	s.swapPing(store.Ping{}, first)
	const callers = 8
	swapped := make([]bool, callers)
	errs := make([]error, callers)
	var group sync.WaitGroup
	for i := range callers {
		group.Go(func() {
			next := first
			next.Attempts = 100 + i
			swapped[i], errs[i] = s.store.SwapPing(s.Context(), first, next)
		})
	}
	group.Wait()
	winners := 0
	for i := range callers {
		s.must("SwapPing", errs[i])
		if swapped[i] {
			winners++
		}
	}
	if winners != 1 {
		s.Errorf("%d callers swapped the ping, want 1", winners)
	}
}
