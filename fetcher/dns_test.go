package fetcher_test

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"sync"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// A fakeDNS answers the resolver in memory. Each name has its answers in turn;
// the last one stays.
type fakeDNS struct {
	mu      sync.Mutex
	answers map[string][][]netip.Addr
	group   sync.WaitGroup
}

// newResolver returns a resolver that knows the names only ("feed.test"), each
// with the addresses of its first look-up, its second, and so on.
func newResolver(tb testing.TB, names map[string][][]netip.Addr) *net.Resolver {
	tb.Helper()
	dns := &fakeDNS{answers: names}
	tb.Cleanup(dns.group.Wait)
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		dns.group.Go(func() { dns.serve(server) })
		return client, nil
	}}
}

// serve speaks DNS over a stream (RFC 1035 §4.2.2), as the resolver does over a
// connection that is no datagram socket.
func (dns *fakeDNS) serve(conn net.Conn) {
	defer drop(conn)
	for {
		var length [2]byte
		if _, err := io.ReadFull(conn, length[:]); err != nil {
			return
		}
		query := make([]byte, binary.BigEndian.Uint16(length[:]))
		if _, err := io.ReadFull(conn, query); err != nil {
			return
		}
		var message dnsmessage.Message
		if err := message.Unpack(query); err != nil {
			return
		}
		reply := dns.reply(message)
		packed, err := reply.AppendPack([]byte{0, 0})
		if err != nil {
			return
		}
		binary.BigEndian.PutUint16(packed, uint16(len(packed)-2))
		if _, err := conn.Write(packed); err != nil {
			return
		}
	}
}

func (dns *fakeDNS) reply(query dnsmessage.Message) dnsmessage.Message {
	question := query.Questions[0]
	reply := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: query.ID, Response: true, Authoritative: true, RecursionAvailable: true},
		Questions: query.Questions,
	}
	addrs, known := dns.look(question)
	if !known {
		reply.RCode = dnsmessage.RCodeNameError
		return reply
	}
	header := dnsmessage.ResourceHeader{Name: question.Name, Type: question.Type, Class: dnsmessage.ClassINET}
	for _, addr := range addrs {
		switch {
		case addr.Is4() && question.Type == dnsmessage.TypeA:
			reply.Answers = append(reply.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AResource{A: addr.As4()}})
		case addr.Is6() && question.Type == dnsmessage.TypeAAAA:
			reply.Answers = append(reply.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AAAAResource{AAAA: addr.As16()}})
		}
	}
	return reply
}

// look returns the answer of this look-up. A look-up asks for A and AAAA at
// once; only the A moves on to the next answer.
func (dns *fakeDNS) look(question dnsmessage.Question) ([]netip.Addr, bool) {
	dns.mu.Lock()
	defer dns.mu.Unlock()
	name := question.Name.String()
	name = name[:len(name)-1]
	turns, known := dns.answers[name]
	if !known {
		return nil, false
	}
	now := turns[0]
	if question.Type == dnsmessage.TypeA && len(turns) > 1 {
		dns.answers[name] = turns[1:]
	}
	return now, true
}

func addrs(texts ...string) []netip.Addr {
	var parsed []netip.Addr
	for _, text := range texts {
		parsed = append(parsed, netip.MustParseAddr(text))
	}
	return parsed
}
