package storetest

import (
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"bantin/internal/article"
	"bantin/internal/store"
)

func hostCases() []testCase {
	return []testCase{
		{name: "a host has so many places and no more", run: placesAreFull},
		{name: "a host that is held too long is not full but held", run: heldIsNotFull},
		{name: "without a gap there are places all the same", run: placesWithoutGap},
		{name: "a lease ends by itself", run: leaseEnds},
		{name: "a turn renews the lease of its own", run: leaseIsRenewed},
		{name: "a commit gives the place back", run: commitReleases},
		{name: "a place that is another's by now is not given back", run: lateReleaseIsNone},
		{name: "a lease begins with its turn", run: leaseBeginsWithItsTurn},
		{name: "no place is given twice", needsAtomic: true, run: placesAreGivenOnce},
		{name: "turns at one host are a gap apart", run: turnsAreApart},
		{name: "a turn after latest is told and not taken", run: lateTurnIsNotTaken},
		{name: "without a gap only a hold delays", run: noGap},
		{name: "a hold is never shortened, and other hosts do not know of it", run: holdsStay},
		{name: "no turn is given twice", needsAtomic: true, run: turnsAreGivenOnce},
	}
}

func (s *suite) turn(host string, now, latest time.Time, gap time.Duration) time.Time {
	s.Helper()
	turn, err := s.store.Turn(s.Context(), store.Claim{Lease: article.Lease{Host: host}, Now: now, Latest: latest, Gap: gap})
	s.must("Turn", err)
	if want := !turn.At.After(latest); turn.Taken != want || turn.Full {
		s.Errorf("a turn at %v, latest at %v: got %+v", turn.At, latest, turn)
	}
	return turn.At
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
			turn, err := s.store.Turn(s.Context(), store.Claim{
				Lease: article.Lease{Host: "bao.example"}, Now: now, Latest: now.Add(time.Hour), Gap: time.Second,
			})
			turns[i], errs[i] = turn.At, err
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

// claimOf is a claim of one of two places, for a minute, that takes no turn later than
// now.
func claimOf(host, token string, now time.Time) store.Claim {
	return store.Claim{
		Lease: article.Lease{Host: host, Token: token},
		Now:   now, Latest: now, Gap: time.Second, Places: 2, For: time.Minute,
	}
}

func (s *suite) claim(claim store.Claim) store.Turn {
	s.Helper()
	turn, err := s.store.Turn(s.Context(), claim)
	s.must("Turn", err)
	return turn
}

func (s *suite) wantTaken(what string, claim store.Claim) {
	s.Helper()
	if d := diff(store.Turn{At: claim.Now, Taken: true}, s.claim(claim)); d != "" {
		s.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func (s *suite) wantFull(what string, claim store.Claim, until time.Time) {
	s.Helper()
	if d := diff(store.Turn{At: until, Full: true}, s.claim(claim)); d != "" {
		s.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func placesAreFull(s *suite) {
	now := kept(at(6))
	after := func(n int) time.Time { return now.Add(time.Duration(n) * time.Second) }
	s.wantTaken("the first", claimOf("bao.example", "a", now))
	s.store = s.open() // another process
	s.wantTaken("the second", claimOf("bao.example", "b", after(1)))
	for range 2 { // asking changes nothing
		s.wantFull("the third", claimOf("bao.example", "c", after(2)), after(60))
	}
	patient := claimOf("bao.example", "c", after(2))
	patient.Latest = after(600)
	s.wantFull("one that would wait", patient, after(60))
	s.wantTaken("another host", claimOf("khac.example", "c", after(2)))
	s.must("Release", s.store.Release(s.Context(), article.Lease{Host: "bao.example", Token: "b"}))
	s.wantTaken("when one was given back", claimOf("bao.example", "c", after(2)))
	s.wantFull("the next", claimOf("bao.example", "d", after(3)), after(60))
}

func heldIsNotFull(s *suite) {
	now := kept(at(6))
	s.wantTaken("the first", claimOf("bao.example", "a", now))
	s.wantTaken("the second", claimOf("bao.example", "b", now.Add(time.Second)))
	s.must("Hold", s.store.Hold(s.Context(), "bao.example", now.Add(30*time.Second)))
	claim := claimOf("bao.example", "c", now.Add(2*time.Second))
	if d := diff(store.Turn{At: now.Add(30 * time.Second)}, s.claim(claim)); d != "" {
		s.Errorf("held for longer (-want +got):\n%s", d)
	}
	claim.Latest = now.Add(30 * time.Second)
	s.wantFull("not longer", claim, now.Add(time.Minute))
}

func placesWithoutGap(s *suite) {
	now := kept(at(6))
	claim := func(token string) store.Claim {
		claim := claimOf("bao.example", token, now)
		claim.Gap = 0
		return claim
	}
	s.wantTaken("the first", claim("a"))
	s.wantTaken("the second, at once", claim("b"))
	s.wantFull("the third", claim("c"), now.Add(time.Minute))
	s.must("Release", s.store.Release(s.Context(), claim("a").Lease))
	s.must("Release", s.store.Release(s.Context(), claim("a").Lease))
	s.wantTaken("when one was given back", claim("c"))
	free := claim("d")
	free.Places = 0
	s.wantTaken("where places do not count", free)
}

func leaseEnds(s *suite) {
	now := kept(at(6))
	s.wantTaken("the first", claimOf("bao.example", "a", now))
	s.wantTaken("the second", claimOf("bao.example", "b", now.Add(time.Second)))
	s.reopen() // nobody gave anything back
	last := now.Add(time.Minute - time.Millisecond)
	s.wantFull("just before the first ends", claimOf("bao.example", "c", last), now.Add(time.Minute))
	s.wantTaken("when it has ended", claimOf("bao.example", "c", now.Add(time.Minute)))
}

func leaseIsRenewed(s *suite) {
	now := kept(at(6))
	after := func(n int) time.Time { return now.Add(time.Duration(n) * time.Second) }
	s.wantTaken("the first", claimOf("bao.example", "a", now))
	s.wantTaken("the second", claimOf("bao.example", "b", after(1)))
	s.wantTaken("the first again", claimOf("bao.example", "a", after(50)))
	s.wantFull("after the second turn", claimOf("bao.example", "c", after(60)), after(61))
	s.wantTaken("when the second has ended", claimOf("bao.example", "c", after(61)))
	s.wantFull("the second, too late", claimOf("bao.example", "b", after(62)), after(110))
}

func commitReleases(s *suite) {
	now := kept(at(6))
	s.wantTaken("the first", claimOf("bao.example", "a", now))
	s.wantTaken("the second", claimOf("bao.example", "b", now.Add(time.Second)))
	refresh := article.Refresh{State: fullState(), Articles: []article.Article{item("bao-lang", "1")}}
	refresh.Release = article.Lease{Host: "bao.example", Token: "a"}
	_, err := s.store.Commit(s.Context(), refresh)
	s.must("Commit", err)
	if d := diff(keptState(fullState()), s.state()); d != "" {
		s.Errorf("state (-want +got):\n%s", d)
	}
	s.wantTaken("after the commit", claimOf("bao.example", "c", now.Add(2*time.Second)))
	s.commitState(fullState()) // one that releases nothing
	s.wantFull("the next", claimOf("bao.example", "d", now.Add(3*time.Second)), now.Add(61*time.Second))
}

func lateReleaseIsNone(s *suite) {
	now := kept(at(6))
	claim := claimOf("bao.example", "a", now)
	claim.Places = 1
	s.wantTaken("the first", claim)
	next := claimOf("bao.example", "b", now.Add(time.Minute))
	next.Places = 1
	s.wantTaken("when it has ended", next)
	s.must("Release", s.store.Release(s.Context(), claim.Lease))
	refresh := article.Refresh{State: fullState(), Release: claim.Lease}
	_, err := s.store.Commit(s.Context(), refresh)
	s.must("Commit", err)
	third := claimOf("bao.example", "c", now.Add(time.Minute+time.Second))
	third.Places = 1
	s.wantFull("after the late release", third, now.Add(2*time.Minute))
	s.must("Release", s.store.Release(s.Context(), article.Lease{Host: "khong-co.example", Token: "a"}))
}

func leaseBeginsWithItsTurn(s *suite) {
	now := kept(at(6))
	s.must("Hold", s.store.Hold(s.Context(), "bao.example", now.Add(time.Hour)))
	claim := claimOf("bao.example", "a", now)
	claim.Latest = now.Add(2 * time.Hour)
	want := store.Turn{At: now.Add(time.Hour), Taken: true}
	if d := diff(want, s.claim(claim)); d != "" {
		s.Errorf("a turn in an hour (-want +got):\n%s", d)
	}
	other := claimOf("bao.example", "b", now.Add(time.Hour+30*time.Second))
	other.Places = 1
	s.wantFull("half a minute after the turn", other, now.Add(time.Hour+time.Minute))
}

func placesAreGivenOnce(s *suite) {
	now := kept(at(6))
	var taken atomic.Int32
	errs := make([]error, 16)
	var group sync.WaitGroup
	for i := range errs {
		group.Go(func() {
			claim := claimOf("bao.example", strconv.Itoa(i), now)
			claim.Gap = 0
			var turn store.Turn
			if turn, errs[i] = s.store.Turn(s.Context(), claim); turn.Taken {
				taken.Add(1)
			}
		})
	}
	group.Wait()
	for _, err := range errs {
		s.must("Turn", err)
	}
	if got := taken.Load(); got != 2 {
		s.Errorf("%d of %d at once have a place, want 2", got, len(errs))
	}
}
