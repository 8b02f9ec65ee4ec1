package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// A source has line breaks and NUL in all that it says, in its answer and in its
// feed; a reader has them in the path. No header of an answer is made of them.
func TestNoAnswerHasAnInjectedHeader(t *testing.T) {
	const evil = "&#13;&#10;X-Evil: 1&#13;&#10;&#13;&#10;<![CDATA[\r\nX-Evil: 1\r\n\r\n]]>\x00X-Evil: 1"
	item := fmt.Sprintf("<item><title>Tin%[1]s</title><link>https://bao.example/a%[1]s</link><guid>g%[1]s</guid><category>c%[1]s</category>"+
		"<author>a%[1]s</author><pubDate>Mon, 16 Nov 2026 08:30:00 +0700</pubDate><description>Chữ.%[1]s</description></item>", evil)
	origin := newHosts(t, 1, hostileRow{serve: raw(func(w *bufio.Writer, _ <-chan struct{}) {
		_, _ = w.WriteString("HTTP/1.1 200 OK\r\nETag: \"a\tb\r\n c\"\r\nLast-Modified: x\xffy\r\nContent-Type: text/xml; charset=\"a\r\n b\"\r\n\r\n" + rss(item))
	})})[0]
	dir, _ := workplace(t, origin, "tot")
	address, stop := startDaemon(t, dir)
	defer stop()
	deadline := time.Now().Add(30 * time.Second)
	for !strings.Contains(get(t, address+"c/tat-ca/rss.xml"), "<title>Tin") {
		if time.Now().After(deadline) {
			t.Fatal("the article is not published after 30 s")
		}
		time.Sleep(100 * time.Millisecond)
	}
	for _, path := range []string{
		"/", "/opml.xml", "/c/tat-ca/rss.xml", "/c/tat-ca/atom.xml", "/c/tat-ca/feed.json", "/c/tat-ca/", "/c/tat-ca", "/d/sang/2026-11-16/",
		"/c/tat-ca%0d%0aX-Evil:%201", "/c/tat-ca%0d%0aX-Evil:%201/", "/%0d%0aX-Evil:%201/..", "/c/tat-ca?a=%0d%0aX-Evil:%201", "/c/%00", "//x%0d%0aX-Evil:%201/",
	} {
		checkHead(t, address, path)
	}
}

// checkHead asks for a path over a bare connection, and fails the test where the
// answer has a field that is not of ours.
func checkHead(t *testing.T, address, path string) {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimSuffix(strings.TrimPrefix(address, "http://"), "/"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_, _ = fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAccept-Encoding: gzip\r\n\r\n", path)
	answer, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	head, _, _ := strings.Cut(string(answer), "\r\n\r\n")
	lines := strings.Split(head, "\r\n")
	if !strings.HasPrefix(lines[0], "HTTP/1.1 ") {
		t.Errorf("%s: the answer begins with %q", path, lines[0])
	}
	ours := []string{
		"Accept-Ranges", "Access-Control-Allow-Origin", "Access-Control-Expose-Headers", "Cache-Control", "Connection", "Content-Encoding", "Content-Length", "Content-Security-Policy", "Content-Type", "Date",
		"Etag", "Last-Modified", "Link", "Location", "Referrer-Policy", "Vary", "X-Content-Type-Options",
	}
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ": ")
		if !slices.Contains(ours, http.CanonicalHeaderKey(name)) || strings.ContainsAny(value, "\r\n\x00") {
			t.Errorf("%s: the answer has the line %q", path, line)
		}
	}
}

// startDaemon runs the daemon as a process until stop, and returns its address.
func startDaemon(t *testing.T, dir string) (address string, stop func()) {
	t.Helper()
	daemon := bantin(t, dir, "run")
	log, err := daemon.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := daemon.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(log)
	for address == "" && lines.Scan() {
		_, address, _ = strings.Cut(lines.Text(), "url=")
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		for lines.Scan() { // or the daemon would wait for us
		}
	}()
	return address, func() {
		_ = daemon.Process.Signal(os.Interrupt)
		<-read
		if err := daemon.Wait(); err != nil {
			t.Errorf("after an interrupt: got %v, want a clean end", err)
		}
	}
}
