package pipeline

import (
	"context"
	"crypto/rand"
	"time"

	"bantin/internal/article"
	"bantin/internal/store"
)

const (
	// fullWait is how long a source waits whose host has no place for it. Most
	// refreshes take less, and each look is a write.
	fullWait = 5 * time.Second
	// leaveWait is how long a refresh that was stopped waits for the store that
	// takes its place back: the daemon is about to end.
	leaveWait = time.Second
)

// claim asks for the next turn at the host of an address, at once, and for a place
// there. A host of the operator needs neither.
func (p *Pipeline) claim(address string, now time.Time) store.Claim {
	claim := store.Claim{Lease: article.Lease{Host: host(address)}, Now: now, Latest: now}
	if !p.isOwn(address) {
		claim.Token, claim.Gap, claim.Places, claim.For = rand.Text(), p.HostGap, p.PerHost, p.Lease
	}
	return claim
}

// await waits for a turn that comes within wait, and for a place. What it returns is
// not taken where others have the host for longer.
func (p *Pipeline) await(ctx context.Context, claim store.Claim, wait time.Duration) (store.Turn, error) {
	claim.Latest = claim.Now.Add(wait)
	for waited := time.Duration(0); ; waited += tick {
		turn, err := p.Store.Turn(ctx, claim)
		if err == nil && turn.Taken {
			err = p.sleepUntil(ctx, turn.At)
		}
		if err != nil || !turn.Full || waited >= wait {
			return turn, err
		}
		claim.Now = p.Now()
		if err := p.sleepUntil(ctx, claim.Now.Add(tick)); err != nil {
			return turn, err
		}
		claim.Now = p.Now()
	}
}

// A seat is what a refresh has of the store while it lasts: a place at a host, and
// the promise that nobody else begins with its source.
type seat struct {
	lease  article.Lease // zero when there is nothing to give back
	last   bool          // whether the next commit ends the refresh
	source string        // the one that is fetched
	due    time.Time     // when it is due again, as the store has it
}

// seatOf is the place that comes with a turn.
func seatOf(claim store.Claim, turn store.Turn) *seat {
	if !turn.Taken || claim.Places == 0 {
		return &seat{}
	}
	return &seat{lease: claim.Lease}
}

// leaves is what the next commit gives back.
func (s *seat) leaves() article.Lease {
	if !s.last {
		return article.Lease{}
	}
	return s.lease
}

// left says that a commit of the state, with what leaves returned, is done.
func (s *seat) left(state *article.SourceState) {
	if s.last {
		s.lease = article.Lease{}
	}
	if state.SourceID == s.source {
		s.due = state.NextFetchAt
	}
}

// renew puts off a source that would fall due while its next page is read, and
// another daemon begin with it.
func (p *Pipeline) renew(ctx context.Context) error {
	s := seatIn(ctx)
	soon := p.Now().Add(pageWait + p.Lease)
	if s.due.After(soon) {
		return nil
	}
	next := soon.Add(pageWait) // several pages are mostly read within it
	mine, err := p.Store.Postpone(ctx, s.source, s.due, next)
	if mine {
		s.due = next
	}
	return err
}

// leave gives a place back that no commit gave back, also when the refresh was
// stopped. Where the store cannot be written, the lease ends by itself.
func (p *Pipeline) leave(ctx context.Context, s *seat) {
	if s.lease == (article.Lease{}) {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaveWait)
	defer cancel()
	if err := p.Store.Release(ctx, s.lease); err != nil {
		p.Logger.DebugContext(ctx, "release host", "host", s.lease.Host, "error", err)
	}
	s.lease = article.Lease{}
}

type seatKey struct{}

// withSeat gives the stages of a refresh the place that it has.
func withSeat(ctx context.Context, s *seat) context.Context {
	return context.WithValue(ctx, seatKey{}, s)
}

func seatIn(ctx context.Context) *seat { return ctx.Value(seatKey{}).(*seat) }
