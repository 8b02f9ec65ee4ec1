package main

import (
	"container/list"
	"net"
	"net/http"
	"sync"
)

const (
	// maxWaiting is how many connections may be open without a request under way.
	// Each takes about 10 KB.
	maxWaiting = 4096
	// maxConnections leaves as many to those that are being answered. All need a
	// file each; Go raises the soft limit of these to the hard one.
	maxConnections = 2 * maxWaiting
)

// A lobby lets connections wait for requests. Where they are too many the one
// that has waited longest goes: whoever opens thousands and is silent keeps
// nobody else out. HTTP lets a server close idle connections at any time
// (RFC 9112 §9.5).
type lobby struct {
	mu      sync.Mutex
	order   *list.List // of net.Conn, the longest waiting first
	waiting map[net.Conn]*list.Element
}

func newLobby() *lobby {
	return &lobby{order: list.New(), waiting: make(map[net.Conn]*list.Element)}
}

// follow is the ConnState of a server.
func (l *lobby) follow(conn net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew, http.StateIdle:
		if longest := l.enter(conn); longest != nil {
			_ = longest.Close() // it is told of by StateClosed
		}
	case http.StateActive, http.StateHijacked, http.StateClosed:
		l.leave(conn)
	}
}

// enter lets a connection wait and returns the one that must go for it, if any.
func (l *lobby) enter(conn net.Conn) (longest net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting[conn] = l.order.PushBack(conn)
	if l.order.Len() <= maxWaiting {
		return nil
	}
	longest, _ = l.order.Remove(l.order.Front()).(net.Conn)
	delete(l.waiting, longest)
	return longest
}

func (l *lobby) leave(conn net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if at, ok := l.waiting[conn]; ok {
		l.order.Remove(at)
		delete(l.waiting, conn)
	}
}
