package pipeline

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"bantin/internal/article"
)

const (
	// roomWait is how long a large document waits for its place: a server hangs up
	// when it cannot send for a minute (nginx, send_timeout).
	roomWait = time.Minute
	// roomTime is how long a refresh that has the place begins to read pages; the
	// others are left to the next refresh.
	roomTime = time.Minute
	// maxGathered is after how many bytes of articles from pages the others are left
	// to the next refresh, since all are held until they are stored together. Thirty
	// reports have half of it.
	maxGathered = 512 << 10
	// thrift is how much garbage, in percent of what is in use, the collector lets
	// pile up while a large document is in memory. With the usual 100 the peak is
	// some 20 MB higher; with 12, reading a document of 10 MB takes a third longer.
	thrift = 12
	// maxLitter is how many bytes of large documents are read before their garbage
	// is given back to the system, which takes a collection of all that is in memory:
	// half of the largest document, or ten large pages.
	maxLitter = 5 << 20
)

var (
	// errNoRoom says that other large documents had the place for too long.
	errNoRoom = errors.New("other large documents are read; the next refresh reads this one")
	// errFull says that a refresh has read as much as it should.
	errFull = errors.New("enough pages were read; the next refresh reads this one")
)

// A guest is a refresh, as it takes memory. There is one place for a document above
// fetcher.LargeBody: a refresh has it from the moment at which a document shows its
// size until little is left of it in memory, which may be when its articles are
// stored. What is made of a document takes several times its size, and a score of
// hostile ones at once would take the memory of everything else.
type guest struct {
	pipeline *Pipeline
	since    time.Time // when it got the place; zero while it has not
	usual    int       // percentage of garbage before that
	gathered int       // bytes of the articles that were read off pages
	byPage   bool      // it got the place for a page, and not for the source's document
	more     bool      // other sources with the same address are still to read the document
	weight   int64     // of what it holds of the room for common documents
}

// weigh waits for room for a document that is not large, and for what is made of it.
func (g *guest) weigh(ctx context.Context, size int) error {
	if err := g.pipeline.held.Acquire(ctx, int64(size)); err != nil {
		return err
	}
	g.weight = int64(size)
	return nil
}

// lighten gives back what is more than size of the room: others must not wait for
// it while this refresh waits for article pages.
func (g *guest) lighten(size int) {
	if spare := g.weight - int64(size); spare > 0 {
		g.pipeline.held.Release(spare)
		g.weight -= spare
	}
}

// enter waits for the place, unless the refresh has it already. It is the
// MakeRoom of a fetcher.Request.
func (g *guest) enter(ctx context.Context) error {
	if g.isIn() {
		return nil
	}
	waiting, cancel := context.WithTimeoutCause(ctx, roomWait, errNoRoom)
	defer cancel()
	select {
	case g.pipeline.large <- struct{}{}:
	case <-waiting.Done():
		return fmt.Errorf("wait for room: %w", context.Cause(waiting))
	}
	g.since = g.pipeline.Now()
	g.usual = debug.SetGCPercent(thrift)
	g.tidy(0)
	return nil
}

// enterByPage is enter for an article page.
func (g *guest) enterByPage(ctx context.Context) error {
	g.byPage = g.byPage || !g.isIn()
	return g.enter(ctx)
}

func (g *guest) isIn() bool { return !g.since.IsZero() }

// leave gives the place back.
func (g *guest) leave() {
	if g.isIn() {
		g.since, g.byPage = time.Time{}, false
		debug.SetGCPercent(g.usual)
		<-g.pipeline.large
	}
}

// tidy gives the garbage of reading large documents back to the system when they
// had maxLitter bytes: the next ones would come on top of it.
func (g *guest) tidy(read int) {
	g.pipeline.litter += read
	if g.pipeline.litter > maxLitter {
		g.pipeline.litter = 0
		debug.FreeOSMemory()
	}
}

// settle is called when the source's document was read: where its articles are
// short, others may have the place.
func (g *guest) settle(read int, articles []article.Article) {
	size := 0
	for i := range articles {
		size += sizeOf(&articles[i])
	}
	g.lighten(size)
	if !g.isIn() {
		return
	}
	g.tidy(read)
	g.pipeline.litter += size // when they are stored
	if size <= maxGathered && !g.more {
		g.leave()
	}
}

// gather does the same for an article that was read off its page.
func (g *guest) gather(read int, a *article.Article) {
	g.gathered += sizeOf(a)
	if g.isIn() {
		g.tidy(read)
	}
	if g.byPage && !g.isFull() {
		g.leave()
	}
}

func sizeOf(a *article.Article) int { return len(a.HTML) + len(a.Text) }

// isFull reports whether the refresh should read no more pages: what it has takes
// memory, or the place that others wait for.
func (g *guest) isFull() bool {
	return g.gathered > maxGathered || g.isIn() && g.pipeline.Now().Sub(g.since) > roomTime
}

type guestKey struct{}

// withGuest gives the stages of a refresh the guest that it is.
func withGuest(ctx context.Context, g *guest) context.Context {
	return context.WithValue(ctx, guestKey{}, g)
}

func guestOf(ctx context.Context) *guest { return ctx.Value(guestKey{}).(*guest) }
