package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestDocumentedWebServers runs the configurations in docs/serving.md, as they
// stand there but for address and directory, on the outputs of the demo.
func TestDocumentedWebServers(t *testing.T) {
	public := filepath.Join(t.TempDir(), "public")
	if out, err := call(t, "demo", "--once", "--out", public); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	letOthersRead(t, public)
	const missingWords = "Không tìm thấy trang"
	tests := []struct {
		server, path string
		headers      []string // pairs
		status       int
		want         map[string]string // headers; "*" is any value
		words        string            // in the body
	}{
		{"", "/", nil, 200, map[string]string{"Content-Type": "text/html; charset=utf-8", "Cache-Control": "public, max-age=300"}, "</html>"},
		{"", "/c/tat-ca/rss.xml", nil, 200, map[string]string{
			"Content-Type": "application/rss+xml; charset=utf-8", "Last-Modified": "*", "Etag": "*", "Content-Encoding": "", "Access-Control-Allow-Origin": "",
		}, "<rss"},
		{"", "/c/tat-ca/atom.xml", nil, 200, map[string]string{"Content-Type": "application/atom+xml; charset=utf-8"}, "<feed"},
		{"", "/c/tat-ca/feed.json", nil, 200, map[string]string{
			"Content-Type": "application/feed+json", "Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "ETag, Link",
		}, "jsonfeed.org"},
		{"", "OPTIONS /c/tat-ca/feed.json", nil, 204, map[string]string{
			"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "If-Modified-Since, If-None-Match, Range",
		}, ""},
		{"", "/opml.xml", nil, 200, map[string]string{"Content-Type": "text/x-opml; charset=utf-8"}, "<opml"},
		{"", "/c/tat-ca/rss.xml", []string{"Accept-Encoding", "gzip"}, 200, map[string]string{
			"Content-Encoding": "gzip", "Content-Type": "application/rss+xml; charset=utf-8",
		}, ""},
		{"", "/c/tat-ca/rss.xml", []string{"Accept-Encoding", "br"}, 200, map[string]string{"Content-Encoding": "br"}, ""},
		{"caddy", "/c/tat-ca/rss.xml", []string{"Accept-Encoding", "zstd"}, 200, map[string]string{"Content-Encoding": "zstd"}, ""},
		{"nginx", "/c/tat-ca", nil, 301, map[string]string{"Location": "/c/tat-ca/"}, ""},
		{"caddy", "/c/tat-ca", nil, 308, map[string]string{"Location": "/c/tat-ca/"}, ""},
		{"", "/khong-co", nil, 404, map[string]string{"Content-Type": "text/html; charset=utf-8", "Cache-Control": ""}, missingWords},
		{"", "/c/tat-ca/khong-co/rss.xml", nil, 404, map[string]string{}, missingWords},
		{"", "/.bantin-files", nil, 404, map[string]string{}, missingWords},
		{"", "/c/../.bantin-files", nil, 404, map[string]string{}, missingWords},
	}
	for _, server := range []string{"nginx", "caddy"} {
		t.Run(server, func(t *testing.T) {
			address := startWebServer(t, server, public)
			for _, test := range tests {
				if test.server != "" && test.server != server {
					continue
				}
				got := askWebServer(t, address, test.path, test.headers...)
				if got.status != test.status || !strings.Contains(got.body, test.words) {
					t.Errorf("%s %q: got %d, want %d with %q: %.200s", test.path, test.headers, got.status, test.status, test.words, got.body)
				}
				for name, want := range test.want {
					if value := got.header.Get(name); value != want && (want != "*" || value == "") {
						t.Errorf("%s %q: %s: got %q, want %q", test.path, test.headers, name, value, want)
					}
				}
				if test.status == 301 || test.status == 308 {
					continue
				}
				for name, want := range map[string]string{
					"Content-Security-Policy": "default-src 'none'; img-src http: https:; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
					"X-Content-Type-Options":  "nosniff", "Referrer-Policy": "no-referrer", "Vary": "Accept-Encoding",
				} {
					if value := got.header.Get(name); value != want {
						t.Errorf("%s %q: %s: got %q", test.path, test.headers, name, value)
					}
				}
			}
			checkConditions(t, address)
		})
	}
}

// checkConditions asks again with what was answered.
func checkConditions(t *testing.T, address string) {
	t.Helper()
	const path = "/c/tat-ca/rss.xml"
	tags := map[string]bool{}
	for _, coding := range []string{"identity", "gzip", "br"} {
		first := askWebServer(t, address, path, "Accept-Encoding", coding)
		tags[first.header.Get("ETag")] = true
		for _, condition := range [][2]string{{"If-None-Match", "ETag"}, {"If-Modified-Since", "Last-Modified"}} {
			again := askWebServer(t, address, path, "Accept-Encoding", coding, condition[0], first.header.Get(condition[1]))
			if again.status != http.StatusNotModified {
				t.Errorf("%s with %s: got %d, want 304", coding, condition[0], again.status)
			}
		}
	}
	if len(tags) != 3 {
		t.Errorf("three encodings have the tags %v, want each its own", tags)
	}
}

type webAnswer struct {
	status int
	header http.Header
	body   string
}

// askWebServer asks for a path, behind a method other than GET if it has one.
func askWebServer(t *testing.T, address, path string, headers ...string) webAnswer {
	t.Helper()
	method, target, other := strings.Cut(path, " ")
	if !other {
		method, target = http.MethodGet, path
	}
	request, err := http.NewRequestWithContext(t.Context(), method, "http://"+address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.URL.Opaque = target
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	transport := &http.Transport{DisableCompression: true, DisableKeepAlives: true}
	response, err := transport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return webAnswer{response.StatusCode, response.Header, string(body)}
}

// startWebServer starts a web server with its configuration in docs/serving.md.
func startWebServer(t *testing.T, server, public string) (address string) {
	t.Helper()
	binary, err := exec.LookPath(server)
	if err != nil {
		binary, err = exec.LookPath("/usr/sbin/" + server)
	}
	if err != nil {
		if os.Getenv("BANTIN_TEST_WEBSERVERS") != "" {
			t.Fatal(err)
		}
		t.Skip(server, "is not installed")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address = listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	text := documented(t, server)
	replace := func(from, to string) {
		t.Helper()
		if !strings.Contains(text, from) {
			t.Fatalf("the configuration of %s has no %q", server, from)
		}
		text = strings.ReplaceAll(text, from, to)
	}
	replace("/var/lib/bantin/public", public)
	var args []string
	if server == "nginx" {
		replace("listen 80;", "listen "+address+";")
		replace("/var/log/nginx/bantin.log", filepath.Join(dir, "access.log"))
		text = fmt.Sprintf("daemon off; pid %[1]s/pid; error_log %[1]s/error.log;\n"+
			"include /etc/nginx/modules-enabled/*.conf;\nevents {}\nhttp { include /etc/nginx/mime.types;\n%[2]s}\n", dir, text)
		args = []string{"-e", filepath.Join(dir, "error.log"), "-c"}
	} else {
		replace("bantin.example {", "http://"+address+" {\n\tbind 127.0.0.1")
		text = "{\n\tadmin off\n\tauto_https off\n}\n" + text
		args = []string{"run", "--adapter", "caddyfile", "--config"}
	}
	path := filepath.Join(dir, "config")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	runWebServer(t, exec.CommandContext(t.Context(), binary, append(args, path)...), dir)
	waitFor(t, address)
	return address
}

func runWebServer(t *testing.T, cmd *exec.Cmd, home string) {
	t.Helper()
	output, err := os.Create(filepath.Join(home, "output.log")) // no pipe, which a worker would hold open
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = output, output
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // the master ends its workers
	cmd.WaitDelay = 5 * time.Second
	cmd.Env = append(os.Environ(), "HOME="+home, "XDG_DATA_HOME="+home, "XDG_CONFIG_HOME="+home)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Cancel()
		_ = cmd.Wait() // an interrupted server ends as it likes
		_ = output.Close()
		if t.Failed() {
			said, _ := os.ReadFile(filepath.Join(home, "output.log"))
			log, _ := os.ReadFile(filepath.Join(home, "error.log"))
			t.Logf("the server said: %s%s", said, log)
		}
	})
}

// waitFor waits until somebody listens.
func waitFor(t *testing.T, address string) {
	t.Helper()
	for deadline := time.Now().Add(15 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			_ = conn.Close()
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

// documented is the block of a language in docs/serving.md.
func documented(t *testing.T, language string) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/serving.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), "```"+language+"\n")
	block, _, closed := strings.Cut(rest, "```\n")
	if !found || !closed {
		t.Fatalf("docs/serving.md has no configuration of %s", language)
	}
	return block
}

// letOthersRead opens the way to a directory: nginx's workers are another user
// when a test is run as root.
func letOthersRead(t *testing.T, dir string) {
	t.Helper()
	for at := dir; at != os.TempDir() && at != filepath.Dir(at); at = filepath.Dir(at) {
		if err := os.Chmod(at, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}
