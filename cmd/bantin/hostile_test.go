package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf16"

	"bantin/fetcher"
)

const (
	// hostileSources are as many as are fetched at a time, and fewHostile what will
	// do where each takes a second: large documents are read one after the other.
	hostileSources, fewHostile = 32, 4
	// healthySources stand behind them.
	healthySources, healthyArticles = 8, 20
	// maxPeak is how much more memory a hostile run may take than one without.
	maxPeak = 64 << 20
	// almost is a body just below the limit of 10 MB.
	almost = 9_900_000
)

// A hostileRow is a way in which sources do harm, and what must come of it.
type hostileRow struct {
	name     string
	serve    http.HandlerFunc
	robots   http.HandlerFunc // nil: there is no robots.txt
	failure  string           // the kind; empty where the source is read
	articles int              // of each source
	sources  int              // hostileSources unless set
	page     bool             // a listing page and not a feed
	timeout  string           // of a fetch; more than is needed unless set
}

// TestHostileSourcesHarmNobody lets up to 32 sources do the same harm at once, on
// hosts of their own, beside healthy ones. The process must live and take little
// more memory than when all are healthy, each source must show its own failure,
// and the healthy ones must not notice.
func TestHostileSourcesHarmNobody(t *testing.T) {
	if raceEnabled {
		t.Skip("memory says nothing under the race detector; the fetcher's and the normalizer's own tests run these rows with it")
	}
	healthy := newHosts(t, 1, hostileRow{serve: serveHealthy})[0]
	base := runHostile(t, healthy, newHosts(t, hostileSources, hostileRow{serve: serveHealthy}), hostileRow{})
	t.Logf("all healthy: peak %d MB", base.peak>>20)
	for _, source := range base.sources {
		checkHealthy(t, source)
	}
	eachHostileRow(func(row hostileRow) {
		t.Run(row.name, func(t *testing.T) {
			hosts := newHosts(t, row.count(), row)
			ran := runHostile(t, healthy, hosts, row)
			more := ran.peak - base.peak
			t.Logf("%d sources: peak %d MB, %d MB more, in %s", len(hosts), ran.peak>>20, more>>20, ran.took.Round(10*time.Millisecond))
			if base.peak > 0 && more > maxPeak {
				t.Errorf("took %d MB more than without hostile sources, want at most %d", more>>20, maxPeak>>20)
			}
			for i, source := range ran.sources {
				if i < len(hosts) {
					checkHostile(t, row, source)
				} else {
					checkHealthy(t, source)
				}
			}
		})
	})
}

// count is how many sources do harm.
func (row hostileRow) count() int {
	if row.sources > 0 {
		return row.sources
	}
	return hostileSources
}

func checkHealthy(t *testing.T, got statusRow) {
	t.Helper()
	if got.Failure != "" || got.Articles != healthyArticles {
		t.Errorf("the healthy source %s: got failure %q and %d articles, want %d", got.ID, got.Failure, got.Articles, healthyArticles)
	}
}

func checkHostile(t *testing.T, row hostileRow, got statusRow) {
	t.Helper()
	if got.Failure != row.failure || got.Articles != row.articles {
		t.Errorf("%s: got failure %q (%.200s) and %d articles, want %q and %d", got.ID, got.Failure, got.FailureText, got.Articles, row.failure, row.articles)
	}
}

// A statusRow is what status --json says of a source.
type statusRow struct {
	ID          string
	Failure     string
	FailureText string `json:"failure_text"`
	Articles    int
	Warnings    []string
}

type hostileRun struct {
	peak    int64 // bytes of memory; 0 where the system does not tell
	took    time.Duration
	sources []statusRow // the hostile ones first
}

// runHostile runs bantin fetch as a process of its own.
func runHostile(t *testing.T, healthy string, hosts []string, row hostileRow) hostileRun {
	t.Helper()
	dir := t.TempDir()
	config := hostileConfig(t, dir, healthy, hosts, row)
	fetch := bantin(t, dir, "fetch")
	var out bytes.Buffer
	fetch.Stdout, fetch.Stderr = &out, &out
	started := time.Now()
	if err := fetch.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	peak := watchPeak(fetch.Process.Pid, ended)
	_ = fetch.Wait() // a source that failed is told by the exit code
	close(ended)
	ran := hostileRun{peak: <-peak, took: time.Since(started)}
	if code := fetch.ProcessState.ExitCode(); code != 0 && code != 1 {
		t.Fatalf("bantin fetch ended with %s: %.2000s", fetch.ProcessState, out.String())
	}
	text, err := call(t, "-c", config, "status", "--json")
	if err != nil {
		t.Fatal(err)
	}
	var status struct{ Sources []statusRow }
	if err := json.Unmarshal([]byte(text), &status); err != nil || len(status.Sources) != len(hosts)+healthySources {
		t.Fatalf("status --json: %v: %s", err, text)
	}
	ran.sources = status.Sources
	return ran
}

func hostileConfig(t *testing.T, dir, healthy string, hosts []string, row hostileRow) string {
	t.Helper()
	timeout := row.timeout
	if timeout == "" {
		timeout = "60s"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "site: {title: Bản tin thử, url: \"http://127.0.0.1:8080/\"}\nstore: \"sqlite:bantin.db\"\n")
	fmt.Fprintf(&b, "fetch: {allow_networks: [127.0.0.0/8], per_host: 16, timeout: %s}\nsources:\n", timeout)
	kind, more := "feed", "full_text: never"
	if row.page {
		kind, more = "page", "full_text: always"
	}
	for i, host := range hosts {
		fmt.Fprintf(&b, "  - {id: hai-%d, name: Nguồn hại, %s: \"%s/hai\", %s}\n", i, kind, host, more)
	}
	for i := range healthySources {
		fmt.Fprintf(&b, "  - {id: lanh-%d, name: Báo lành, feed: \"%s/%d\", full_text: never}\n", i, healthy, i)
	}
	b.WriteString("channels:\n  - {id: tat-ca, title: Tất cả, limit: 500}\n")
	config := filepath.Join(dir, "bantin.yaml")
	if err := os.WriteFile(config, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return config
}

// watchPeak reads the most memory that a process has taken, until it has ended.
// What rusage tells of a child is at least what its parent took, so it is no use.
func watchPeak(pid int, ended <-chan struct{}) <-chan int64 {
	result := make(chan int64, 1)
	go func() {
		var peak int64
		for {
			peak = max(peak, peakOf(pid))
			select {
			case <-ended:
				result <- peak
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	return result
}

// peakOf is VmHWM of proc_pid_status(5) in bytes; 0 where there is none.
func peakOf(pid int) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(text), "VmHWM:")
	line, _, _ := strings.Cut(after, "\n")
	kilobytes, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(line), " kB"), 10, 64)
	if err != nil {
		return 0
	}
	return kilobytes << 10
}

// serveHealthy is a feed as papers have them.
func serveHealthy(w http.ResponseWriter, r *http.Request) {
	var items []string
	for i := range healthyArticles {
		items = append(items, fmt.Sprintf(`<item><title>Tin lành số %d</title><link>https://bao.example%s/%d</link><guid>g%d</guid><description><![CDATA[%s]]></description></item>`,
			i, r.URL.Path, i, i, prose(3000)))
	}
	_, _ = io.WriteString(w, rss(items...))
}

// newHosts serves a row on addresses of their own, so that each gets its own turns.
func newHosts(t *testing.T, count int, row hostileRow) []string {
	t.Helper()
	if row.robots == nil {
		row.robots = http.NotFound
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/", row.serve)
	mux.HandleFunc("/robots.txt", row.robots)
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: mux}
	var group sync.WaitGroup
	urls := make([]string, count)
	for i := range urls {
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.1.%d:0", i+1))
		if err != nil {
			t.Skipf("this system has one loopback address only: %v", err)
		}
		group.Go(func() { _ = server.Serve(listener) })
		urls[i] = "http://" + listener.Addr().String()
	}
	t.Cleanup(func() {
		_ = server.Close()
		group.Wait()
	})
	return urls
}

// raw answers a request with bytes that are no good HTTP, until write has returned.
func raw(write func(w *bufio.Writer, gone <-chan struct{})) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		gone := make(chan struct{})
		go func() {
			defer close(gone)
			_, _ = io.Copy(io.Discard, conn) // it ends when the other side hangs up
		}()
		write(buffered.Writer, gone)
		_ = buffered.Flush()
	}
}

// body answers with these bytes.
func body(contentType, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, _ = io.WriteString(w, text)
	}
}

func encoded(encodings, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", encodings)
		body("application/rss+xml", text)(w, r)
	}
}

// drip sends head at once and then a byte at a time.
func drip(head string) http.HandlerFunc {
	return raw(func(w *bufio.Writer, gone <-chan struct{}) {
		_, _ = w.WriteString(head)
		for {
			if w.WriteByte('x') != nil || w.Flush() != nil {
				return
			}
			select {
			case <-gone:
				return
			case <-time.After(50 * time.Millisecond):
			}
		}
	})
}

// repeated is head, part as often as it takes to come near to size, and tail.
func repeated(size int, head, part, tail string) string {
	return head + strings.Repeat(part, max(0, size-len(head)-len(tail))/len(part)) + tail
}

func gzipped(texts ...string) string {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err != nil {
		panic(err)
	}
	for _, text := range texts {
		if _, err := io.WriteString(w, text); err != nil {
			panic(err)
		}
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.String()
}

// itemsOf are items that fill size bytes together.
func itemsOf(count, size int) string {
	const tail = "]]></description></item>\n"
	text := prose(size)
	var b strings.Builder
	for i := range count {
		head := fmt.Sprintf("<item><title>Tin số %d</title><guid>g%d</guid><description><![CDATA[", i, i)
		piece := text[i*(size/count) : (i+1)*(size/count)-len(head)-len(tail)]
		b.WriteString(head + strings.ToValidUTF8(piece, "") + tail)
	}
	return b.String()
}

const (
	rssHead = `<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:x="urn:x"><channel><title>Nguồn hại</title>`
	rssTail = `</channel></rss>`
	feedXML = "application/rss+xml; charset=utf-8"
)

// prose is paragraphs of so many bytes, each one different.
func prose(size int) string {
	words := strings.Fields("xã huyện hội đồng nhân dân họp bàn con đường mới ra chợ dài rộng cầu sông núi trường lớp học sinh bà con trồng chè lúa rừng nước điện")
	random := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	for b.Len() < size {
		b.WriteString("<p>Hội đồng nhân dân")
		for range 20 {
			b.WriteString(" " + words[random.IntN(len(words))])
		}
		fmt.Fprintf(&b, " %d.</p>", b.Len())
	}
	return strings.ToValidUTF8(b.String()[:size], "")
}

// eachHostileRow calls try with each row; the bodies of one are gone before the next.
func eachHostileRow(try func(hostileRow)) {
	eachBomb(try)
	eachSlowAnswer(try)
	eachHugeHeader(try)
	eachLongFeed(try)
	eachDeepFeed(try)
	eachHugeField(try)
	eachOddFeed(try)
	eachHostilePage(try)
}

func eachBomb(try func(hostileRow)) {
	zeros := strings.Repeat("\x00", 1<<20)
	bomb := strings.Repeat(gzipped(zeros), 100) // members add up (RFC 1952 §2.2)
	report := rssHead + itemsOf(1000, almost) + rssTail
	endless := func(w http.ResponseWriter, _ *http.Request) {
		for {
			if _, err := io.WriteString(w, zeros); err != nil {
				return
			}
		}
	}
	try(hostileRow{name: "large body", serve: body(feedXML, strings.Repeat("x", 11<<20)), failure: "too_large"})
	try(hostileRow{name: "large body, gzip", serve: encoded("gzip", gzipped(report, report)), failure: "too_large"})
	try(hostileRow{name: "gzip bomb", serve: encoded("gzip", bomb), failure: "too_large"})
	try(hostileRow{name: "br", serve: encoded("br", bomb), failure: "bad_encoding"})
	try(hostileRow{name: "deflate", serve: encoded("deflate", bomb), failure: "bad_encoding"})
	try(hostileRow{name: "gzip twice", serve: encoded("gzip, gzip", gzipped(bomb)), failure: "bad_encoding"})
	try(hostileRow{name: "gzip twice, hidden", serve: encoded("gzip", gzipped(bomb)), failure: "bad_encoding"})
	try(hostileRow{name: "endless body", serve: endless, failure: "too_large"})
}

func eachSlowAnswer(try func(hostileRow)) {
	text := prose(almost / 2)
	try(hostileRow{name: "a byte at a time", serve: drip("HTTP/1.1 200 OK\r\n\r\n"), failure: "timeout", timeout: "1s"})
	try(hostileRow{name: "much, then a byte at a time", sources: fewHostile, serve: drip("HTTP/1.1 200 OK\r\n\r\n" + text), failure: "timeout", timeout: "1s"})
	try(hostileRow{name: "a little less, then a byte at a time", serve: drip("HTTP/1.1 200 OK\r\n\r\n" + text[:fetcher.LargeBody-1000]), failure: "timeout", timeout: "1s"})
	try(hostileRow{name: "no header", serve: raw(func(_ *bufio.Writer, gone <-chan struct{}) { <-gone }), failure: "timeout", timeout: "1s"})
}

func eachHugeHeader(try func(hostileRow)) {
	try(hostileRow{name: "endless 1xx", serve: raw(func(w *bufio.Writer, _ <-chan struct{}) {
		for {
			if _, err := w.WriteString("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"); err != nil {
				return
			}
		}
	}), failure: "network"})
	try(hostileRow{name: "huge header", serve: raw(func(w *bufio.Writer, _ <-chan struct{}) {
		_, _ = w.WriteString("HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 2<<20) + "\r\n\r\n")
	}), failure: "network"})
	try(hostileRow{name: "10,000 header lines", serve: raw(func(w *bufio.Writer, _ <-chan struct{}) {
		_, _ = w.WriteString("HTTP/1.1 200 OK\r\n" + strings.Repeat("X-Dong: mot dong nua cho du dai\r\n", 10_000) + "\r\n")
	}), failure: "network"})
}

// inItem is a feed with one item.
func inItem(text string) http.HandlerFunc {
	return body(feedXML, rssHead+"<item>"+text+"</item>"+rssTail)
}

func eachLongFeed(try func(hostileRow)) {
	try(hostileRow{name: "1,000 long items", sources: fewHostile, serve: body(feedXML, rssHead+itemsOf(1000, almost)+rssTail), articles: 1000})
	try(hostileRow{name: "one long item", sources: 3 * fewHostile, serve: inItem("<title>Tin dài</title><description><![CDATA[" + prose(almost) + "]]></description>"), articles: 1})
	try(hostileRow{name: "one item of tiny tags", sources: fewHostile, serve: inItem(repeated(almost, "<title>Tin vụn</title><description><![CDATA[", "<p>a", "]]></description>")), articles: 1})
	try(hostileRow{name: "100,000 items", serve: body(feedXML, repeated(almost, rssHead, "<item><title>Tin</title><link>https://bao.example/tin</link></item>", rssTail)), articles: 1})
	try(hostileRow{name: "long JSON", sources: fewHostile, serve: body("application/feed+json", `{"items":[`+repeated(almost, `{"id":"0","title":"Tin"}`, `,{"id":"1","title":"Tin","content_html":"a"}`, `]}`)), articles: 2})
	try(hostileRow{name: "one long item in JSON", sources: fewHostile, serve: body("application/feed+json", `{"items":[{"id":"0","title":"Tin","content_html":"`+prose(almost)+`"}]}`), articles: 1})
}

func eachDeepFeed(try func(hostileRow)) {
	try(hostileRow{name: "XML depth", serve: inItem(strings.Repeat("<x:a>", 950_000) + strings.Repeat("</x:a>", 800_000)), failure: "unparsable"})
	try(hostileRow{name: "XML depth, gzip", serve: encoded("gzip", gzipped(rssHead+"<item>"+strings.Repeat("<x:a>", 2_000_000))), failure: "unparsable"})
	try(hostileRow{name: "many elements", serve: inItem(strings.Repeat("<x:a>b</x:a>", 800_000)), failure: "unparsable"})
	try(hostileRow{name: "deep JSON", serve: body("application/feed+json", `{"items":[`+strings.Repeat("[", almost)), failure: "unparsable"})
	try(hostileRow{name: "HTML depth", serve: inItem("<title>Sâu</title><description><![CDATA[" + strings.Repeat("<div>", 100_000) + "Chữ ở dưới cùng.]]></description>"), articles: 1})
	try(hostileRow{name: "entities", serve: body(feedXML, `<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "`+strings.Repeat("ha", 1000)+`"><!ENTITY b "`+strings.Repeat("&a;", 1000)+`"><!ENTITY c "`+strings.Repeat("&b;", 1000)+`">]>`+
		"<rss><channel><item><title>&c;</title><guid>1</guid></item></channel></rss>"), articles: 1})
	try(hostileRow{name: "external entity", serve: body(feedXML, `<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/passwd">]>`+
		"<rss><channel><item><title>Tin &a;</title><guid>1</guid></item></channel></rss>"), articles: 1})
}

func eachHugeField(try func(hostileRow)) {
	try(hostileRow{name: "title of 1 MB", serve: inItem("<title>" + strings.Repeat("Tin ", 1<<18) + "</title>"), articles: 1})
	try(hostileRow{name: "guid of 1 MB", serve: inItem("<title>Tin</title><guid>" + strings.Repeat("g", 1<<20) + "</guid>"), articles: 1})
	try(hostileRow{name: "10,000 categories", serve: inItem("<title>Tin</title>" + strings.Repeat("<category>Chuyên mục</category>", 10_000)), articles: 1})
	try(hostileRow{name: "10,000 enclosures", serve: inItem("<title>Tin</title>" + strings.Repeat(`<enclosure url="https://bao.example/a.jpg" type="image/jpeg"/>`, 10_000)), articles: 1})
	try(hostileRow{name: "50,000 attributes", serve: inItem("<title>Tin</title><enclosure " + strings.Repeat(`a="b" `, 50_000) + "/>"), articles: 1})
}

func eachOddFeed(try func(hostileRow)) {
	try(hostileRow{name: "invalid characters", serve: inItem("<title>Tin\x00\ufffe\uffff\xed\xa0\x80\u202e&#8;&#xD800;\ufeff</title><guid>1</guid>"), articles: 1})
	try(hostileRow{name: "a legacy encoding that trebles", sources: fewHostile, serve: body("text/xml; charset=windows-1252", repeated(almost, "<rss><channel><item><title>Tin</title><description>", "\x80", "</description></item></channel></rss>")), failure: "unparsable"})
	try(hostileRow{name: "UTF-16", sources: fewHostile, serve: body("text/xml", wide(repeated(almost/2, "<rss><channel><item><title>Tin</title><description>", "ế", "</description></item></channel></rss>"))), articles: 1})
	try(hostileRow{name: "bytes that are no text", sources: fewHostile, serve: inItem("<title>Tin</title><description>" + strings.Repeat("á\xff", almost/3) + "</description>"), articles: 1})
	try(hostileRow{name: "odd dates", serve: body(feedXML, rssHead+oddDates()+rssTail), articles: 8})
	try(hostileRow{name: "hostile links", serve: body(feedXML, rssHead+hostileLinks()+rssTail), articles: 7})
	try(hostileRow{name: "guids of others", serve: body(feedXML, rssHead+"<item><title>Tin giả</title><link>https://bao.example/0/0</link><guid>g0</guid></item>"+rssTail), articles: 1})
}

func eachHostilePage(try func(hostileRow)) {
	text := prose(almost)
	try(hostileRow{name: "endless robots.txt", serve: serveHealthy, robots: func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "User-agent: *\n")
		for i := 0; ; i++ {
			if _, err := fmt.Fprintf(w, "Disallow: /%d\n", i); err != nil {
				return
			}
		}
	}, articles: healthyArticles})
	try(hostileRow{name: "long listing", sources: fewHostile, page: true, serve: body("text/html", repeated(almost, "<html><body>", `<a href="/x">`, "</body></html>")), failure: "no_articles"})
	try(hostileRow{name: "long article pages", page: true, sources: fewHostile, serve: func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/hai" {
			body("text/html", `<html><body><ul><li><a href="/tin-mot-con-duong-moi-1.html">Con đường mới ra chợ xã Yên Ninh đã xong</a><li><a href="/tin-mot-con-duong-moi-2.html">Con đường cũ ra chợ xã Yên Ninh đã hỏng</a></ul></body></html>`)(w, r)
			return
		}
		body("text/html", "<html><body><h1>Con đường mới ra chợ xã Yên Ninh đã xong</h1><p>Trang "+r.URL.Path+"</p>"+text+"</body></html>")(w, r)
	}, articles: 1})
}

func wide(text string) string {
	b := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune(text)) {
		b = append(b, byte(unit), byte(unit>>8))
	}
	return string(b)
}

func oddDates() string {
	var b strings.Builder
	for i, date := range []string{
		"Mon, 01 Jan 0001 00:00:00 GMT", "9999-12-31T23:59:59Z", "10000-01-01T00:00:00Z", "-0001-01-01T00:00:00Z",
		"2026-13-45", "24:00:00", "31 Feb 2026 08:00:00 +0700", "Thu, 01 Jan 1970 00:00:00 GMT",
	} {
		fmt.Fprintf(&b, "<item><title>Ngày lạ %d</title><guid>%d</guid><pubDate>%s</pubDate></item>", i, i, date)
	}
	return b.String()
}

func hostileLinks() string {
	var b strings.Builder
	for i, link := range []string{
		"javascript:alert(1)", "data:text/html,x", "vbscript:x", "JaVa&#9;ScRiPt:alert(1)", "//khac.example/a", "https://ai:mat@bao.example/", "http:// a b/",
	} {
		fmt.Fprintf(&b, "<item><title>Liên kết lạ %d</title><guid>%d</guid><link>%s</link></item>", i, i, link)
	}
	return b.String()
}
