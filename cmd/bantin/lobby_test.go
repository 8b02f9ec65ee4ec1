package main

import (
	"net"
	"net/http"
	"testing"
)

// A silent connection knows only whether it was closed.
type silentConn struct {
	net.Conn

	closed bool
}

func (c *silentConn) Close() error {
	c.closed = true
	return nil
}

func TestTheLongestWaitingGoes(t *testing.T) {
	l := newLobby()
	conns := make([]*silentConn, maxWaiting+3)
	for i := range conns {
		conns[i] = &silentConn{}
	}
	for i := range maxWaiting {
		l.follow(conns[i], http.StateNew)
	}
	l.follow(conns[0], http.StateActive) // asks
	l.follow(conns[0], http.StateIdle)   // and waits since now
	l.follow(conns[1], http.StateActive) // is being answered
	l.follow(conns[2], http.StateClosed) // has gone
	for _, c := range conns[maxWaiting:] {
		l.follow(c, http.StateNew)
	}
	for i, c := range conns {
		if want := i == 3; c.closed != want {
			t.Errorf("connection %d: closed %v, want %v", i, c.closed, want)
		}
	}
	l.follow(conns[3], http.StateClosed)
	if l.order.Len() != maxWaiting || len(l.waiting) != maxWaiting {
		t.Errorf("%d and %d wait, want %d", l.order.Len(), len(l.waiting), maxWaiting)
	}
}
