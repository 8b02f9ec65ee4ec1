package fetcher

import (
	"context"
	"sync"
)

// gates bound how many requests each host gets at a time. A gate lives as long
// as someone uses it, so that the map does not grow with every host ever seen.
type gates struct {
	perHost int

	mu     sync.Mutex
	byHost map[string]*gate
}

type gate struct {
	places chan struct{} // waiters are served in their order
	users  int           // inside or waiting; guarded by gates.mu
}

func newGates(perHost int) *gates {
	return &gates{perHost: perHost, byHost: make(map[string]*gate)}
}

// enter waits for a place at the host, or for the end of ctx. The caller must
// call leave once.
func (g *gates) enter(ctx context.Context, host string) (leave func(), err error) {
	at := g.join(host)
	select {
	case at.places <- struct{}{}:
		return func() { <-at.places; g.part(host, at) }, nil
	case <-ctx.Done():
		g.part(host, at)
		return nil, ctx.Err()
	}
}

func (g *gates) join(host string) *gate {
	g.mu.Lock()
	defer g.mu.Unlock()
	at := g.byHost[host]
	if at == nil {
		at = &gate{places: make(chan struct{}, g.perHost)}
		g.byHost[host] = at
	}
	at.users++
	return at
}

func (g *gates) part(host string, at *gate) {
	g.mu.Lock()
	defer g.mu.Unlock()
	at.users--
	if at.users == 0 {
		delete(g.byHost, host)
	}
}
