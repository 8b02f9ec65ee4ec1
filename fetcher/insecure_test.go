package fetcher_test

import (
	"crypto/tls"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"bantin/fetcher"
)

// newUntrusted serves HTTPS with a certificate that nobody vouches for.
func newUntrusted(tb testing.TB, config *tls.Config, handler http.HandlerFunc) *origin {
	tb.Helper()
	o := &origin{}
	o.Server = httptest.NewUnstartedServer(o.log(handler))
	o.Config.ErrorLog = discardLog()
	o.TLS = config
	o.StartTLS()
	tb.Cleanup(o.Close)
	return o
}

// under is the address of a server under another name than its own.
func under(name string, server *origin) string {
	return strings.Replace(server.URL, "127.0.0.1", name, 1)
}

// namesOnLoopback returns a resolver to which both names are this machine.
func namesOnLoopback(tb testing.TB, names ...string) fetcher.Options {
	tb.Helper()
	answers := make(map[string][][]netip.Addr)
	for _, name := range names {
		answers[name] = [][]netip.Addr{{netip.MustParseAddr("127.0.0.1")}}
	}
	return fetcher.Options{Resolver: newResolver(tb, answers)}
}

// The exception holds for the request that has it: not before, and not after on
// the connection that it left open.
func TestInsecureHostIsForOneRequest(t *testing.T) {
	server := newUntrusted(t, nil, serveDocument)
	f := newFetcher(t, namesOnLoopback(t, "cong.test"))
	address := under("cong.test", server)
	mustFail(t, f, address, fetcher.KindTLS)
	for _, spelled := range []string{"cong.test", "CONG.test."} {
		if got := fetch(t, f, fetcher.Request{URL: address, InsecureHost: spelled}); string(got.Body) != document {
			t.Errorf("%s: got body %q", spelled, got.Body)
		}
	}
	mustFail(t, f, address, fetcher.KindTLS)
	if got := len(server.asked()); got != 2 {
		t.Errorf("the server was asked %d times, want 2", got)
	}
}

func TestInsecureHostOfAnotherName(t *testing.T) {
	server := newUntrusted(t, nil, serveDocument)
	f := newFetcher(t, namesOnLoopback(t, "cong.test"))
	for _, host := range []string{"bao.test", "test", "www.cong.test", "127.0.0.1"} {
		_, err := f.Fetch(t.Context(), fetcher.Request{URL: under("cong.test", server), InsecureHost: host})
		if !isTLS(err) {
			t.Errorf("%s: got %v, want kind tls", host, err)
		}
	}
	if got := len(server.asked()); got != 0 {
		t.Errorf("the server was asked %d times", got)
	}
}

// What the excepted host redirects to is checked, unless it is the host itself.
func TestInsecureHostThatRedirects(t *testing.T) {
	other := newUntrusted(t, nil, serveDocument)
	away := newUntrusted(t, nil, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, under("khac.test", other)+"/rss", http.StatusMovedPermanently)
	})
	home := newUntrusted(t, nil, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, under("cong.test", other)+"/rss", http.StatusMovedPermanently)
	})
	f := newFetcher(t, namesOnLoopback(t, "cong.test", "khac.test"))
	_, err := f.Fetch(t.Context(), fetcher.Request{URL: under("cong.test", away), InsecureHost: "cong.test"})
	if !isTLS(err) || len(away.asked()) != 1 || len(other.asked()) != 0 {
		t.Errorf("to another host: got %v, asked %d and %d times; want kind tls after one redirect", err, len(away.asked()), len(other.asked()))
	}
	got := fetch(t, f, fetcher.Request{URL: under("cong.test", home), InsecureHost: "cong.test"})
	if want := under("cong.test", other) + "/rss"; got.FinalURL != want {
		t.Errorf("within the host: got %s, want %s", got.FinalURL, want)
	}
}

// Old portals know neither TLS 1.2 nor a key exchange of today.
func TestInsecureHostWithOldTLS(t *testing.T) {
	server := newUntrusted(t, &tls.Config{
		MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS10,
		CipherSuites: []uint16{tls.TLS_RSA_WITH_AES_128_CBC_SHA},
	}, serveDocument)
	f := newFetcher(t, fetcher.Options{})
	mustFail(t, f, server.URL, fetcher.KindTLS)
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	if got := fetch(t, f, fetcher.Request{URL: server.URL, InsecureHost: u.Hostname()}); string(got.Body) != document {
		t.Errorf("got body %q", got.Body)
	}
	if state := server.asked()[0].TLS; state.Version != tls.VersionTLS10 || state.CipherSuite != tls.TLS_RSA_WITH_AES_128_CBC_SHA {
		t.Errorf("got %s with %s", tls.VersionName(state.Version), tls.CipherSuiteName(state.CipherSuite))
	}
}

// The guard of addresses stands before every host.
func TestInsecureHostIsGuarded(t *testing.T) {
	server := newUntrusted(t, nil, serveDocument)
	f := newFetcher(t, fetcher.Options{AllowNetworks: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}})
	_, err := f.Fetch(t.Context(), fetcher.Request{URL: server.URL, InsecureHost: "127.0.0.1"})
	if kindOf(err) != fetcher.KindBlocked {
		t.Errorf("got %v, want kind blocked", err)
	}
}

func isTLS(err error) bool { return kindOf(err) == fetcher.KindTLS }

func kindOf(err error) fetcher.Kind {
	failure, ok := errors.AsType[*fetcher.Error](err)
	if !ok {
		return ""
	}
	return failure.Kind
}
