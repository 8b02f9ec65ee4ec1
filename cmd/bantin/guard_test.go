package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// A trap counts the connections to a port of 127.0.0.1 and ::1, which are not in
// the networks that are allowed.
type trap struct {
	port    string
	touched atomic.Int32
}

func newTrap(t *testing.T) *trap {
	t.Helper()
	tr := &trap{}
	_, port, err := net.SplitHostPort(tr.listen(t, "127.0.0.1:0"))
	if err != nil {
		t.Fatal(err)
	}
	tr.port = port
	if probe, err := net.Listen("tcp", "[::1]:"+port); err == nil { // not every machine has IPv6
		_ = probe.Close()
		tr.listen(t, "[::1]:"+port)
	}
	return tr
}

func (tr *trap) listen(t *testing.T, address string) string {
	t.Helper()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			tr.touched.Add(1)
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-ended
	})
	return listener.Addr().String()
}

// check fails the test if anybody came to the trap.
func (tr *trap) check(t *testing.T) {
	t.Helper()
	if got := tr.touched.Load(); got != 0 {
		t.Errorf("got %d connections to an address that is not allowed, want none", got)
	}
}

// forbidden are addresses of the trap in many spellings, and others that nobody
// may be led to. fetcher.TestForbiddenAddresses has them all.
func (tr *trap) forbidden() []string {
	var links []string
	for _, host := range []string{
		"127.0.0.1", "127.1", "2130706433", "0x7f000001", "017700000001", "0.0.0.0", "localhost",
		"[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[fe80::1%25lo]",
		"169.254.169.254", "100.64.0.1", "10.0.0.1", "user@127.0.0.1",
	} {
		links = append(links, "http://"+host+":"+tr.port+"/bi-mat.html")
	}
	return append(links, "file:///etc/passwd", "gopher://127.0.0.1:"+tr.port+"/", "http://8.8.8.8:27017/bi-mat.html")
}

// newNeighbour serves on an address of loopback that is not 127.0.0.1.
func newNeighbour(t *testing.T, address string, handler http.Handler) string {
	t.Helper()
	listener, err := net.Listen("tcp", address+":0")
	if err != nil {
		t.Skipf("this system has one loopback address only: %v", err)
	}
	server := httptest.NewUnstartedServer(handler)
	_ = server.Listener.Close()
	server.Listener = listener
	server.Start()
	t.Cleanup(server.Close)
	return server.URL
}

// guarded writes a configuration that allows 127.0.0.2 and 127.0.0.3 alone.
func guarded(t *testing.T, sources string) (config string) {
	t.Helper()
	config = filepath.Join(t.TempDir(), "bantin.yaml")
	text := "site: {title: Bản tin thử, url: \"http://127.0.0.1:8080/\"}\nstore: \"sqlite:bantin.db\"\n" +
		"fetch: {allow_networks: [127.0.0.2/31], per_host: 16, timeout: 5s}\n" + sources
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return config
}

// fetched runs bantin fetch and returns the sources' states.
func fetched(t *testing.T, config string) []statusRow {
	t.Helper()
	if out, err := call(t, "-c", config, "fetch"); err != nil && !errors.Is(err, errSourcesFailed) {
		t.Fatalf("%v: %s", err, out)
	}
	out, err := call(t, "-c", config, "status", "--json")
	if err != nil {
		t.Fatal(err)
	}
	var status struct{ Sources []statusRow }
	if err := json.Unmarshal([]byte(out), &status); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return status.Sources
}

// A feed leads to forbidden addresses: by the links of its items, by pages that
// redirect there, by pictures, and by the robots.txt of a host. Its articles come
// out with what the feed says of them.
func TestNoPageLeadsToForbiddenAddresses(t *testing.T) {
	tr := newTrap(t)
	links := tr.forbidden()
	var origin string
	mux := http.NewServeMux()
	mux.HandleFunc("/robots.txt", http.NotFound)
	mux.HandleFunc("/feed/{n}", func(w http.ResponseWriter, r *http.Request) {
		link := links[number(r)]
		item := func(id, link string) string {
			return fmt.Sprintf(`<item><title>Tin %[1]s</title><guid>%[1]s</guid><link>%[2]s</link><enclosure url="%[3]s" type="image/jpeg"/>`+
				`<description><![CDATA[Một đoạn ngắn.<img src="%[3]s">]]></description></item>`, id, link, strings.ReplaceAll(links[0], ".html", ".jpg"))
		}
		_, _ = w.Write([]byte(rss(item("thang", link), item("vong", origin+"/vong/"+r.PathValue("n")))))
	})
	turned := make([]atomic.Bool, len(links))
	mux.HandleFunc("/vong/{n}", func(w http.ResponseWriter, r *http.Request) {
		turned[number(r)].Store(true)
		w.Header().Set("Location", links[number(r)])
		w.WriteHeader(http.StatusFound)
	})
	origin = newNeighbour(t, "127.0.0.2", mux)
	robots := http.NewServeMux() // of a host that lets itself be asked elsewhere
	robots.HandleFunc("/robots.txt", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, links[0], http.StatusFound)
	})
	robots.HandleFunc("/feed/{n}", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(rss(`<item><title>Tin</title><link>/tin.html</link></item>`)))
	})
	misled := newNeighbour(t, "127.0.0.3", robots)

	var sources strings.Builder
	sources.WriteString("sources:\n")
	for i := range links {
		fmt.Fprintf(&sources, "  - {id: s-%d, name: Nguồn, feed: \"%s/feed/%d\", full_text: always}\n", i, origin, i)
	}
	fmt.Fprintf(&sources, "  - {id: robots, name: Nguồn, feed: \"%s/feed/0\", full_text: always}\n", misled)
	for i, source := range fetched(t, guarded(t, sources.String())) {
		want := 2
		if i == len(links) {
			want = 1
		} else if !turned[i].Load() {
			t.Errorf("%s: the page that redirects was not asked for", source.ID)
		}
		if source.Failure != "" || source.Articles != want {
			t.Errorf("%s: got failure %q and %d articles, want %d", source.ID, source.Failure, source.Articles, want)
		}
	}
	tr.check(t)
}

// number is the n of a path.
func number(r *http.Request) (n int) {
	_, _ = fmt.Sscan(r.PathValue("n"), &n)
	return n
}

// A listing leads to forbidden addresses, by its links and by its base.
func TestNoListingLeadsToForbiddenAddresses(t *testing.T) {
	tr := newTrap(t)
	listing := func(head string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			var b strings.Builder
			b.WriteString("<html><head>" + head + "</head><body><ul>")
			for _, link := range append(tr.forbidden(), "/tin-dia-phuong-1.html", "/tin-dia-phuong-3.html", "//127.0.0.1:"+tr.port+"/tin-dia-phuong-2.html") {
				fmt.Fprintf(&b, `<li><a href="%s">Con đường mới ra chợ xã Yên Ninh đã làm xong</a></li>`, link)
			}
			_, _ = w.Write([]byte(b.String() + "</ul></body></html>"))
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/", http.NotFound)
	mux.HandleFunc("/tin", listing(""))
	mux.HandleFunc("/goc", listing(`<base href="http://127.0.0.1:`+tr.port+`/">`))
	mux.HandleFunc("/tin-dia-phuong-3.html", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, tr.forbidden()[0], http.StatusFound)
	})
	mux.HandleFunc("/tin-dia-phuong-1.html", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("<html><body><h1>Con đường mới ra chợ xã Yên Ninh đã làm xong</h1>" + prose(2000) + "</body></html>"))
	})
	origin := newNeighbour(t, "127.0.0.2", mux)
	got := fetched(t, guarded(t, fmt.Sprintf("sources:\n  - {id: a, name: Nguồn, page: \"%[1]s/tin\"}\n  - {id: b, name: Nguồn, page: \"%[1]s/tin\", items: a}\n"+
		"  - {id: c, name: Nguồn, page: \"%[1]s/goc\"}\n  - {id: d, name: Nguồn, page: \"%[1]s/goc\", items: li}\n", origin)))
	for i, want := range []int{1, 1, 0, 0} {
		if got[i].Articles != want {
			t.Errorf("%s: got %d articles and failure %q, want %d articles", got[i].ID, got[i].Articles, got[i].Failure, want)
		}
	}
	tr.check(t)
}

// A site names its feeds at forbidden addresses, or redirects there.
func TestDiscoverAsksNoForbiddenAddress(t *testing.T) {
	tr := newTrap(t)
	links := tr.forbidden()
	mux := http.NewServeMux()
	mux.HandleFunc("/", http.NotFound)
	mux.HandleFunc("/{n}", func(w http.ResponseWriter, r *http.Request) { // so many links are asked at most
		n := min(4*number(r), len(links))
		var head, body strings.Builder
		for _, link := range links[n:min(n+4, len(links))] {
			head.WriteString(`<link rel="alternate" type="application/rss+xml" href="` + link + `">`)
			body.WriteString(`<a href="` + link + `">RSS</a>`)
		}
		_, _ = w.Write([]byte(html(head.String(), body.String())))
	})
	mux.HandleFunc("/feed", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, links[0], http.StatusFound) })
	origin := newNeighbour(t, "127.0.0.2", mux)
	config := guarded(t, "sources: [{id: a, name: Nguồn, feed: \"https://bao.example/rss\"}]\n")
	for n := range len(links)/4 + 1 {
		out, err := call(t, "-c", config, "discover", fmt.Sprintf("%s/%d", origin, n))
		if !errors.Is(err, errNothingFound) {
			t.Errorf("page %d: got %v, want that nothing was found: %s", n, err, out)
		}
	}
	for _, link := range links {
		if out, err := call(t, "-c", config, "discover", link); err == nil {
			t.Errorf("discover %s: got %s, want an error", link, out)
		}
	}
	tr.check(t)
}

// A list of feeds names forbidden addresses: importing it asks nobody, and the
// sources that are made of it fail.
func TestNoImportedAddressIsForbidden(t *testing.T) {
	tr := newTrap(t)
	var list strings.Builder
	for i, link := range tr.forbidden() {
		fmt.Fprintf(&list, `<outline type="rss" text="Nguồn %d" xmlUrl="%s"/>`, i, link)
	}
	out, _, err := importText(t, `<opml version="2.0"><body>`+list.String()+`</body></opml>`)
	if err != nil {
		t.Fatal(err)
	}
	tr.check(t)
	sources := fetched(t, guarded(t, out))
	if len(sources) < 10 {
		t.Errorf("got %d sources, want most of the list", len(sources))
	}
	for _, source := range sources {
		if source.Failure != "blocked" {
			t.Errorf("%s: got failure %q (%s), want blocked", source.ID, source.Failure, source.FailureText)
		}
	}
	tr.check(t)
}
