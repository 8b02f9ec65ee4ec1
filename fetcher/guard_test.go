package fetcher_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"bantin/fetcher"
)

// A trap counts the connections to a port of loopback, on both families.
type trap struct {
	port  string
	count atomic.Int32
}

func newTrap(tb testing.TB) *trap {
	tb.Helper()
	tr := &trap{}
	v4 := tr.listen(tb, "127.0.0.1:0")
	_, tr.port, _ = net.SplitHostPort(v4)
	if probe, err := net.Listen("tcp", "[::1]:"+tr.port); err == nil { // not every machine has IPv6
		drop(probe)
		tr.listen(tb, "[::1]:"+tr.port)
	}
	return tr
}

func (tr *trap) listen(tb testing.TB, address string) string {
	tb.Helper()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		tb.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			tr.count.Add(1)
			drop(conn)
		}
	}()
	tb.Cleanup(func() { drop(listener); <-done })
	return listener.Addr().String()
}

// forbiddenURLs are all addresses that must never be connected to; those of
// loopback point at the trap.
func forbiddenURLs(port string) []string {
	var urls []string
	for _, host := range []string{
		"127.0.0.1", "127.1", "127.0.1", "0.0.0.0", "0", "2130706433", "0x7f000001", "0x7f.1", "0x7F.0.0.1", "017700000001", "0177.0.0.1", "127.0.0.1.", "127.000.000.001",
		"１２７.0.0.1", "localhost", "localhost.", "LOCALHOST",
		"[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]",
		"[64:ff9b::7f00:1]", "[64:ff9b::127.0.0.1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2001:0:7f00:1::1]",
		"[fe80::1%25lo]", "[::1%25lo]", "[fe80::1]", "[fc00::1]", "[fd00:ec2::254]", "[ff02::1]", "[2001:db8::1]", "[3fff::1]", "[5f00::1]", "[fec0::1]", "[100::1]",
		"169.254.169.254", "100.64.0.1", "100.100.100.200", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "192.0.0.192", "168.63.129.16",
		"192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "0.1.2.3",
	} {
		urls = append(urls, "http://"+host+":"+port+"/rss")
	}
	// The ports are of a public address: the guard must not come that far.
	for _, refused := range []int{0, 1, 22, 25, 53, 445, 587, 993, 2375, 3306, 3389, 5432, 5900, 6379, 9200, 11211, 27017} {
		urls = append(urls, fmt.Sprintf("http://8.8.8.8:%d/", refused))
	}
	return append(urls,
		"http://user@127.0.0.1:"+port+"/", "http://user:secret@127.0.0.1:"+port+"/", "http://@127.0.0.1:"+port+"/",
		"https://127.0.0.1:"+port+"/",
	)
}

// localhostResolver answers as most systems do, and asks no other machine.
func localhostResolver(tb testing.TB) *net.Resolver {
	tb.Helper()
	return newResolver(tb, map[string][][]netip.Addr{"localhost": {addrs("127.0.0.1", "::1")}})
}

func TestForbiddenAddresses(t *testing.T) {
	tr := newTrap(t)
	f := newFetcher(t, fetcher.Options{Timeout: time.Second, AllowNetworks: []netip.Prefix{}, Resolver: localhostResolver(t)})
	for _, url := range forbiddenURLs(tr.port) {
		failure := failureOf(t, f, url, fetcher.KindBlocked)
		if failure.RetryAfter != 0 || failure.Status != 0 {
			t.Errorf("%s: got %+v", url, failure)
		}
	}
	for _, url := range []string{
		"file:///etc/passwd", "gopher://127.0.0.1:" + tr.port, "unix:///run/docker.sock", "ftp://127.0.0.1/", "127.0.0.1:" + tr.port, "//127.0.0.1:" + tr.port,
		"", "http://", "http:///rss", "http:127.0.0.1", "http://127.0.0.1:x/", "http://a b/", "://", "\x00",
	} {
		mustFail(t, f, url, fetcher.KindBlocked)
	}
	if got := tr.count.Load(); got != 0 {
		t.Errorf("got %d connections, want none", got)
	}
}

// A redirect is guarded as the URL itself. The origin is the only host allowed.
func TestForbiddenRedirects(t *testing.T) {
	tr := newTrap(t)
	server, allowed := newNeighbour(t, "0", func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Location"] = []string{r.URL.Query().Get("to")}
		w.WriteHeader(http.StatusFound)
	})
	f := newFetcher(t, fetcher.Options{Timeout: time.Second, AllowNetworks: allowed, Resolver: localhostResolver(t)})
	for _, forbidden := range forbiddenURLs(tr.port) {
		mustFail(t, f, server+"/?to="+escape(forbidden), fetcher.KindBlocked)
	}
	if got := tr.count.Load(); got != 0 {
		t.Errorf("got %d connections, want none", got)
	}
}

func escape(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		fmt.Fprintf(&b, "%%%02X", c)
	}
	return b.String()
}

// newNeighbour serves on 127.0.0.2, to be told apart from 127.0.0.1 by the
// guard. Port "0" is any.
func newNeighbour(tb testing.TB, port string, handler http.HandlerFunc) (url string, only []netip.Prefix) {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.2:"+port)
	if err != nil {
		tb.Skipf("this system has one loopback address only: %v", err)
	}
	server := httptest.NewUnstartedServer(handler)
	drop(server.Listener)
	server.Listener = listener
	server.Start()
	tb.Cleanup(server.Close)
	return server.URL, []netip.Prefix{netip.MustParsePrefix("127.0.0.2/32")}
}

func TestBlockedTextNamesTheRemedy(t *testing.T) {
	f := fetcher.New(fetcher.Options{})
	defer f.Close()
	for _, url := range []string{"http://127.0.0.1:8080/", "http://[fd00::1]/", "http://8.8.8.8:27017/"} {
		failure := failureOf(t, f, url, fetcher.KindBlocked)
		if !strings.Contains(failure.Error(), "fetch.allow_networks") {
			t.Errorf("%q does not name fetch.allow_networks", failure)
		}
	}
}

func TestAllowedNetworkMayHaveAnyPort(t *testing.T) {
	port := netip.MustParseAddrPort("127.0.0.1:27017")
	if err := fetcher.CheckAddress(port, loopback()...); err != nil {
		t.Error(err)
	}
	server := newOrigin(t, serveDocument)
	f := newFetcher(t, fetcher.Options{AllowNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}})
	fetch(t, f, fetcher.Request{URL: server.URL})
}

func TestPublicAddressesPass(t *testing.T) {
	for _, target := range []string{
		"1.1.1.1:80", "8.8.8.8:443", "9.255.255.255:80", "11.0.0.0:80", "100.63.255.255:80", "100.128.0.0:80", "126.255.255.255:80", "128.0.0.1:80",
		"169.253.255.255:80", "172.15.255.255:80", "172.32.0.0:80", "192.0.1.0:80", "192.167.255.255:80", "198.17.255.255:80", "198.20.0.0:80", "223.255.255.255:80",
		"[2001:200::1]:443", "[2400:cb00::1]:443", "[2606:4700::1111]:80", "[2003::1]:80", "[2a00::1]:80",
		"8.8.8.8:8080", "8.8.8.8:8443", "8.8.8.8:1024", "8.8.8.8:3000", "8.8.8.8:65535",
	} {
		if err := fetcher.CheckAddress(netip.MustParseAddrPort(target)); err != nil {
			t.Errorf("%s: %v", target, err)
		}
	}
}

// Allowing a network does not allow odd spellings of its addresses.
func TestOddSpellingsAreNeverAllowed(t *testing.T) {
	tr := newTrap(t)
	f := newFetcher(t, fetcher.Options{})
	for _, host := range []string{"127.1", "2130706433", "0x7f000001", "[::ffff:127.0.0.1]", "[::1%25lo]", "user@127.0.0.1"} {
		mustFail(t, f, "http://"+host+":"+tr.port+"/", fetcher.KindBlocked)
	}
	if got := tr.count.Load(); got != 0 {
		t.Errorf("got %d connections, want none", got)
	}
}

func TestZonedAddressIsNeverAllowed(t *testing.T) {
	for _, target := range []string{"[2606:4700::1111%lo]:80", "[fe80::1%lo]:80"} {
		if fetcher.CheckAddress(netip.MustParseAddrPort(target), netip.MustParsePrefix("::/0")) == nil {
			t.Errorf("%s passed", target)
		}
	}
}

// The host has an address that may be asked and one that may not: only the
// first is connected to, whatever their order.
func TestPublicAndPrivateHost(t *testing.T) {
	tr := newTrap(t)
	_, allowed := newNeighbour(t, tr.port, serveDocument)
	names := map[string][][]netip.Addr{
		"first.test":  {addrs("127.0.0.2", "127.0.0.1", "::1")},
		"second.test": {addrs("::1", "127.0.0.1", "127.0.0.2")},
	}
	f := newFetcher(t, fetcher.Options{AllowNetworks: allowed, Resolver: newResolver(t, names), Timeout: 2 * time.Second})
	for name := range names {
		got := fetch(t, f, fetcher.Request{URL: "http://" + name + ":" + tr.port + "/"})
		if string(got.Body) != document {
			t.Errorf("%s: got body %q", name, got.Body)
		}
	}
	if got := tr.count.Load(); got != 0 {
		t.Errorf("got %d connections to the private address, want none", got)
	}
}

// The second look-up of the name answers with a private address.
func TestRebinding(t *testing.T) {
	tr := newTrap(t)
	_, allowed := newNeighbour(t, tr.port, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "close") // so that the next request looks up again
		if r.URL.Path == "/" {
			http.Redirect(w, r, "/next", http.StatusFound)
			return
		}
		serveDocument(w, r)
	})
	turns := func() map[string][][]netip.Addr {
		return map[string][][]netip.Addr{"rebind.test": {addrs("127.0.0.2"), addrs("127.0.0.1")}}
	}
	url := "http://rebind.test:" + tr.port

	t.Run("between two fetches", func(t *testing.T) {
		f := newFetcher(t, fetcher.Options{AllowNetworks: allowed, Resolver: newResolver(t, turns())})
		fetch(t, f, fetcher.Request{URL: url + "/next"})
		mustFail(t, f, url+"/next", fetcher.KindBlocked)
	})
	t.Run("between two hops", func(t *testing.T) {
		f := newFetcher(t, fetcher.Options{AllowNetworks: allowed, Resolver: newResolver(t, turns())})
		mustFail(t, f, url+"/", fetcher.KindBlocked)
	})
	if got := tr.count.Load(); got != 0 {
		t.Errorf("got %d connections to the private address, want none", got)
	}
}

func TestResolvedSpecialForms(t *testing.T) {
	tr := newTrap(t)
	for _, addr := range []string{"127.0.0.1", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::1", "0.0.0.0", "::", "fe80::1", "169.254.169.254"} {
		resolver := newResolver(t, map[string][][]netip.Addr{"evil.test": {addrs(addr)}})
		f := newFetcher(t, fetcher.Options{AllowNetworks: []netip.Prefix{}, Resolver: resolver, Timeout: time.Second})
		mustFail(t, f, "http://evil.test:"+tr.port+"/", fetcher.KindBlocked)
	}
	if got := tr.count.Load(); got != 0 {
		t.Errorf("got %d connections, want none", got)
	}
}

// One of the host's addresses is dead: the other is used.
func TestBrokenIPv6Host(t *testing.T) {
	server := newOrigin(t, serveDocument)
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	resolver := newResolver(t, map[string][][]netip.Addr{"dual.test": {addrs("::1", "127.0.0.1")}})
	f := newFetcher(t, fetcher.Options{Resolver: resolver})
	within(t, 2*time.Second, func() { fetch(t, f, fetcher.Request{URL: "http://dual.test:" + port + "/"}) })
}

// See TestMain. The host has a name, because for 127.0.0.1 net/http asks no proxy.
func TestProxyVariablesAreIgnored(t *testing.T) {
	server := newOrigin(t, serveDocument)
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	resolver := newResolver(t, map[string][][]netip.Addr{"feed.test": {addrs("127.0.0.1")}})
	fetch(t, newFetcher(t, fetcher.Options{Resolver: resolver}), fetcher.Request{URL: "http://feed.test:" + port + "/"})
}

func TestCredentialsAreNotShown(t *testing.T) {
	server := newOrigin(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/to-user" {
			w.Header().Set("Location", "http://nguyen:secret@127.0.0.1/")
			w.WriteHeader(http.StatusFound)
			return
		}
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, "secret")
	})
	f := newFetcher(t, fetcher.Options{})
	tests := map[string]fetcher.Kind{
		"http://nguyen:secret@127.0.0.1/":    fetcher.KindBlocked,
		"http://nguyen:sec/secret@127.0.0.1": fetcher.KindBlocked, // not a URL
		"ftp://nguyen:secret@127.0.0.1/":     fetcher.KindBlocked,
		"http://nguyen:%zzsecret@127.0.0.1/": fetcher.KindBlocked,
		server.URL + "/to-user":              fetcher.KindBlocked,
		server.URL + "/x?key=secret":         fetcher.KindHTTP4xx,
		"http://127.0.0.1:1/x?key=secret":    fetcher.KindRefused,
	}
	for url, kind := range tests {
		text := failureOf(t, f, url, kind).Error()
		if strings.Contains(text, "secret") || strings.Contains(text, "nguyen") {
			t.Errorf("%s: shown in %q", url, text)
		}
	}
}
