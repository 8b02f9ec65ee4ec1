package fetcher

import (
	"context"
	"fmt"
	"time"
)

// A countdown is the time that a server has for one fetch. It runs while the
// server has its turn, and stands still while somebody waits for us. It belongs
// to one goroutine.
type countdown struct {
	total time.Duration
	left  time.Duration // while it stands still
	ends  time.Time     // while it runs
	timer *time.Timer
}

func newCountdown(total time.Duration) *countdown {
	return &countdown{total: total, left: total}
}

// start lets the time run, and returns a context that ends with it. The caller
// must call stop once.
func (c *countdown) start(ctx context.Context) (_ context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	late := fmt.Errorf("no complete answer within %s: %w", c.total, context.DeadlineExceeded)
	c.timer = time.AfterFunc(c.left, func() { cancel(late) })
	c.ends = c.now().Add(c.left)
	return ctx, func() {
		c.pause()
		cancel(context.Canceled)
	}
}

func (c *countdown) pause() {
	c.timer.Stop()
	c.left = c.ends.Sub(c.now())
}

func (c *countdown) resume() {
	c.timer.Reset(c.left)
	c.ends = c.now().Add(c.left)
}

// now is the time of timers, whatever clock the caller has.
func (c *countdown) now() time.Time {
	return time.Now() //nolint:forbidigo // see above
}
