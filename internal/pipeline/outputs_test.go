package pipeline_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"bantin/internal/pipeline"
	"bantin/internal/store"
	"bantin/publisher"
)

// A moody store cannot be read while it is down.
type moody struct {
	store.Store

	down atomic.Bool
}

func (m *moody) Revision(ctx context.Context) (int64, error) {
	if m.down.Load() {
		return 0, store.ErrUnavailable
	}
	return m.Store.Revision(ctx)
}

// While the store is down the last site stays, and the outputs are stale since
// the store was last read.
func TestTheLastOutputsStayWhileTheStoreIsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fetch := &scripted{times: map[string][]time.Time{}, takes: time.Second}
		s := newSetup(t, feedSource("mot", "http://mot.example/"))
		weak := &moody{Store: s.options.Store}
		s.options.Store, s.options.Fetcher, s.options.Robots, s.options.Now = weak, fetch, allowAll{}, time.Now
		p, err := pipeline.New(s.options)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Outputs(); got != (pipeline.Outputs{}) {
			t.Errorf("before Run: got %+v", got)
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		var site atomic.Pointer[publisher.Site]
		go func() { ended <- p.Run(ctx, site.Store) }()

		time.Sleep(10 * time.Minute)
		fresh, last := p.Outputs(), site.Load()
		if fresh.Rendered.IsZero() || !fresh.StaleSince.IsZero() || last == nil {
			t.Errorf("after ten minutes: got %+v, site %v", fresh, last != nil)
		}
		weak.down.Store(true)
		fell := time.Now()
		time.Sleep(time.Hour)
		stale := p.Outputs()
		if stale.Rendered != fresh.Rendered || stale.StaleSince.IsZero() || fell.Sub(stale.StaleSince).Abs() > 3*time.Second {
			t.Errorf("while the store is down since %v: got %+v", fell, stale)
		}
		if site.Load() != last {
			t.Error("the site is another one than before")
		}
		weak.down.Store(false)
		time.Sleep(5 * time.Second)
		if again := p.Outputs(); !again.StaleSince.IsZero() {
			t.Errorf("when the store is back: got %+v", again)
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}
