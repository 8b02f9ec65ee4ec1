package storetest

import (
	"sync"
	"time"
)

func hostCases() []testCase {
	return []testCase{
		{name: "turns at one host are a gap apart", run: turnsAreApart},
		{name: "a turn after latest is told and not taken", run: lateTurnIsNotTaken},
		{name: "without a gap only a hold delays", run: noGap},
		{name: "a hold is never shortened, and other hosts do not know of it", run: holdsStay},
		{name: "no turn is given twice", needsAtomic: true, run: turnsAreGivenOnce},
	}
}

func (s *suite) turn(host string, now, latest time.Time, gap time.Duration) time.Time {
	s.Helper()
	turn, err := s.store.Turn(s.Context(), host, now, latest, gap)
	s.must("Turn", err)
	return turn
}

func (s *suite) wantTurn(what string, got, want time.Time) {
	s.Helper()
	if !got.Equal(want) {
		s.Errorf("%s: got a turn at %v, want %v", what, got, want)
	}
}

func turnsAreApart(s *suite) {
	now := kept(at(6))
	for i := range 3 {
		want := now.Add(time.Duration(i) * time.Second)
		s.wantTurn("in a row", s.turn("bao.example", now, now.Add(time.Hour), time.Second), want)
	}
	s.wantTurn("another host", s.turn("khac.example", now, now, time.Second), now)
	s.store = s.open() // another process
	s.wantTurn("of another process", s.turn("bao.example", now, now.Add(time.Hour), time.Second), now.Add(3*time.Second))
	later := now.Add(time.Minute)
	s.wantTurn("a minute later", s.turn("bao.example", later, later, time.Second), later)
}

func lateTurnIsNotTaken(s *suite) {
	now := kept(at(6))
	s.turn("bao.example", now, now, time.Minute)
	for range 2 {
		s.wantTurn("too late", s.turn("bao.example", now, now.Add(time.Second), time.Minute), now.Add(time.Minute))
	}
	s.wantTurn("then", s.turn("bao.example", now.Add(time.Minute), now.Add(time.Minute), time.Minute), now.Add(time.Minute))
}

func noGap(s *suite) {
	now := kept(at(6))
	for range 2 {
		s.wantTurn("free", s.turn("bao.example", now, now, 0), now)
	}
	s.must("Hold", s.store.Hold(s.Context(), "bao.example", now.Add(time.Minute)))
	s.wantTurn("held", s.turn("bao.example", now, now, 0), now.Add(time.Minute))
}

func holdsStay(s *suite) {
	now := kept(at(6))
	s.must("Hold", s.store.Hold(s.Context(), "bao.example", now.Add(time.Hour)))
	s.must("Hold", s.store.Hold(s.Context(), "bao.example", now.Add(time.Minute)))
	s.store = s.open()
	s.wantTurn("held", s.turn("bao.example", now, now, time.Second), now.Add(time.Hour))
	s.wantTurn("another host", s.turn("khac.example", now, now, time.Second), now)
}

func turnsAreGivenOnce(s *suite) {
	const callers = 16
	now := kept(at(6))
	turns := make([]time.Time, callers)
	errs := make([]error, callers)
	var group sync.WaitGroup
	for i := range callers {
		group.Go(func() {
			turns[i], errs[i] = s.store.Turn(s.Context(), "bao.example", now, now.Add(time.Hour), time.Second)
		})
	}
	group.Wait()
	seen := make(map[time.Time]bool)
	for i := range callers {
		s.must("Turn", errs[i])
		if seen[turns[i]] {
			s.Errorf("the turn at %v was given twice", turns[i])
		}
		seen[turns[i]] = true
	}
}
