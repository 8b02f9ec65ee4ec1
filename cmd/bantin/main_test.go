package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestMain lets the test binary be bantin itself, so that tests can run it as a
// process of its own and kill it.
func TestMain(m *testing.M) {
	if os.Getenv("BANTIN_TEST_AS_MAIN") == "1" {
		main()
		return
	}
	os.Exit(m.Run())
}

// bantin returns the program as a command in dir.
func bantin(t *testing.T, dir string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "BANTIN_TEST_AS_MAIN=1")
	return cmd
}

// call runs a command inside the test and returns what it printed.
func call(t *testing.T, args ...string) (stdout string, err error) {
	t.Helper()
	var out, errs bytes.Buffer
	err = run(t.Context(), args, os.Getenv, &out, &errs)
	return out.String(), err
}

const feedItem = `<item><title>Khánh thành cầu Sông Cầu</title><link>https://bao.example/cau.html</link><guid>g1</guid>` +
	`<pubDate>Mon, 16 Nov 2026 08:30:00 +0700</pubDate><description>Sáng 16/11, tỉnh Thái Nguyên khánh thành cầu mới.</description></item>`

func rss(items ...string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>Báo thử</title><link>https://bao.example/</link>` +
		strings.Join(items, "") + `</channel></rss>`
}

// workplace is a directory with a bantin.yaml for feeds of an origin, by path.
func workplace(t *testing.T, originURL string, paths ...string) (dir, config string) {
	t.Helper()
	dir = t.TempDir()
	var b strings.Builder
	fmt.Fprintf(&b, "site: {title: Bản tin thử, url: \"http://127.0.0.1:8080/\"}\nstore: %q\nlisten: 127.0.0.1:0\n", "sqlite:"+filepath.Join(dir, "bantin.db"))
	b.WriteString("fetch: {allow_networks: [127.0.0.0/8], timeout: 2s}\nsources:\n")
	for _, path := range paths {
		fmt.Fprintf(&b, "  - {id: %s, name: Báo %s, feed: \"%s/%s\", republish: full, full_text: never}\n", path, path, originURL, path)
	}
	b.WriteString("channels:\n  - {id: tat-ca, title: Tất cả, limit: 500}\n")
	config = filepath.Join(dir, "bantin.yaml")
	if err := os.WriteFile(config, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir, config
}

func newOrigin(t *testing.T) *httptest.Server {
	t.Helper()
	o := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/tot" {
			http.Error(w, "lỗi", http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/rss+xml")
		_, _ = w.Write([]byte(rss(feedItem)))
	}))
	t.Cleanup(o.Close)
	return o
}

func TestEveryCommandSaysWhatItDoesWithAnExample(t *testing.T) {
	help, err := call(t, "--help")
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"run", "fetch", "publish", "preview", "discover", "import", "export", "check", "status", "digest", "why", "takedown", "demo", "version"} {
		if !strings.Contains(help, command) {
			t.Errorf("bantin --help does not name %s", command)
		}
		text, err := call(t, command, "--help")
		if err != nil || !strings.Contains(text, "Example:") || strings.Count(text, "bantin "+command) < 2 {
			t.Errorf("bantin %s --help has no example (%v): %s", command, err, text)
		}
	}
}

// The README's configuration is the example, and the example is right.
func TestTheExampleInTheREADME(t *testing.T) {
	const example = "../../examples/bantin.yaml"
	if out, err := call(t, "-c", example, "check"); err != nil {
		t.Errorf("check: %v: %s", err, out)
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(readme), "```yaml\n"+string(text)+"```") {
		t.Errorf("README.md does not hold %s as it is", example)
	}
}

func TestExitCodes(t *testing.T) {
	o := newOrigin(t)
	dir, _ := workplace(t, o.URL, "tot")
	failing, _ := workplace(t, o.URL, "tot", "hong")
	wrong := t.TempDir()
	if err := os.WriteFile(filepath.Join(wrong, "bantin.yaml"), []byte("site: {titel: x}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		dir  string
		args []string
		want int
	}{
		{"all well", dir, []string{"fetch"}, 0},
		{"a source failed", failing, []string{"fetch"}, 1},
		{"that source alone", failing, []string{"fetch", "hong"}, 1},
		{"the other source alone", failing, []string{"fetch", "tot"}, 0},
		{"unknown source", dir, []string{"fetch", "khong-co"}, 2},
		{"wrong configuration", wrong, []string{"fetch"}, 2},
		{"wrong configuration, run", wrong, []string{"run"}, 2},
		{"wrong configuration, check", wrong, []string{"check"}, 2},
		{"no configuration", t.TempDir(), []string{"check"}, 2},
		{"unknown command", dir, []string{"fetsh"}, 2},
		{"check", dir, []string{"check"}, 0},
		{"version", t.TempDir(), []string{"version"}, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			out, err := bantin(t, test.dir, test.args...).CombinedOutput()
			var exit *exec.ExitError
			if err != nil && !errors.As(err, &exit) {
				t.Fatal(err)
			}
			got := 0
			if exit != nil {
				got = exit.ExitCode()
			}
			if got != test.want {
				t.Errorf("got exit code %d, want %d; it printed: %s", got, test.want, out)
			}
			if got != 0 && len(out) == 0 {
				t.Error("it failed without a word")
			}
		})
	}
}

func TestFetchThenStatusPublishWhyAndTakedown(t *testing.T) {
	o := newOrigin(t)
	dir, config := workplace(t, o.URL, "tot", "hong")
	out, err := call(t, "-c", config, "fetch")
	if !errors.Is(err, errSourcesFailed) {
		t.Fatalf("fetch: got %v, want that a source failed", err)
	}
	for _, want := range []string{"tot", "1 new", "hong", "FAILED http_5xx", "2 sources: 1 new", "1 failed"} {
		if !strings.Contains(out, want) {
			t.Errorf("the summary lacks %q: %s", want, out)
		}
	}

	out, err = call(t, "-c", config, "status", "--json")
	if err != nil {
		t.Fatal(err)
	}
	var status struct {
		Sources []map[string]any `json:"sources"`
	}
	if err := json.Unmarshal([]byte(out), &status); err != nil || len(status.Sources) != 2 {
		t.Fatalf("status --json: %v: %s", err, out)
	}
	for _, key := range []string{"id", "state", "failure", "failures", "last_fetch", "last_good", "next_fetch", "articles"} {
		if _, ok := status.Sources[0][key]; !ok {
			t.Errorf("status --json lacks %q", key)
		}
	}
	if got := status.Sources[1]; got["state"] != "failing" || got["failure"] != "http_5xx" || got["failures"] != 1.0 {
		t.Errorf("the failing source: got %v", got)
	}

	public := filepath.Join(dir, "public")
	publish := func() string {
		t.Helper()
		if _, err := call(t, "-c", config, "publish", "--out", public); err != nil {
			t.Fatal(err)
		}
		feed, err := os.ReadFile(filepath.Join(public, "c", "tat-ca", "rss.xml"))
		if err != nil {
			t.Fatal(err)
		}
		return string(feed)
	}
	if feed := publish(); !strings.Contains(feed, "Khánh thành cầu Sông Cầu") {
		t.Errorf("the article is not in the feed: %s", feed)
	}

	const url = "https://bao.example/cau.html"
	if out, err = call(t, "-c", config, "why", url); err != nil || !strings.Contains(out, "channel tat-ca takes it") {
		t.Errorf("why: %v: %s", err, out)
	}
	if _, err = call(t, "-c", config, "takedown", "--reason", "the source asked", url); err != nil {
		t.Error(err)
	}
	if feed := publish(); strings.Contains(feed, "Khánh thành") {
		t.Error("an article that was taken down is still in the feed")
	}
	if _, err := call(t, "-c", config, "fetch", "tot"); err != nil {
		t.Error(err)
	}
	if feed := publish(); strings.Contains(feed, "Khánh thành") {
		t.Error("an article that was taken down came back")
	}
	if out, err = call(t, "-c", config, "why", url); err != nil || !strings.Contains(out, "the source asked") {
		t.Errorf("why, after the takedown: %v: %s", err, out)
	}
}

// The daemon as a process, on the real clock: it fetches, serves, and ends when
// it is told to.
func TestRunServesWhatItFetched(t *testing.T) {
	o := newOrigin(t)
	dir, _ := workplace(t, o.URL, "tot", "hong")
	daemon := bantin(t, dir, "run")
	log, err := daemon.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := daemon.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(log)
	var address string
	for address == "" && lines.Scan() {
		_, address, _ = strings.Cut(lines.Text(), "url=")
	}
	go func() {
		for lines.Scan() { // or the daemon would wait for us
		}
	}()
	deadline := time.Now().Add(30 * time.Second)
	for !strings.Contains(get(t, address+"c/tat-ca/rss.xml"), "Khánh thành cầu Sông Cầu") {
		if time.Now().After(deadline) {
			t.Error("the article is not published after 30 s")
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if err := daemon.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := daemon.Wait(); err != nil {
		t.Errorf("after an interrupt: got %v, want a clean end", err)
	}
}

// get returns the body at an address, empty while there is none.
func get(t *testing.T, address string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return ""
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		return ""
	}
	return string(body)
}

func TestPreviewJSON(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir) // without a bantin.yaml
	if err := os.WriteFile("rss.xml", []byte(rss(feedItem)), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := call(t, "preview", "--json", "rss.xml")
	if err != nil {
		t.Fatal(err)
	}
	var articles []map[string]any
	if err := json.Unmarshal([]byte(out), &articles); err != nil || len(articles) != 1 {
		t.Fatalf("%v: %s", err, out)
	}
	want := []string{
		"author", "categories", "content_hash", "html", "id", "images", "language", "lead", "origin", "places", "published",
		"published_precision", "source", "text", "title", "topics", "updated", "url", "warnings",
	}
	var got []string
	for key := range articles[0] {
		got = append(got, key)
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("fields: got %q, want %q", got, want)
	}
	if got, want := articles[0]["published"], "2026-11-16T08:30:00+07:00"; got != want {
		t.Errorf("published: got %v, want %v", got, want)
	}
	if text, err := call(t, "preview", "rss.xml"); err != nil || !strings.Contains(text, "Khánh thành cầu Sông Cầu") {
		t.Errorf("preview for people: %v: %s", err, text)
	}
}

func TestDemoOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "public")
	out, err := call(t, "demo", "--once", "--out", dir)
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, file := range []string{"index.html", "opml.xml", "c/tat-ca/rss.xml", "c/tat-ca/atom.xml", "c/tat-ca/feed.json", "c/tat-ca/index.html", "d/sang/index.html"} {
		info, err := os.Stat(filepath.Join(dir, file))
		if err != nil || info.Size() == 0 {
			t.Errorf("%s was not written: %v", file, err)
		}
	}
	feed, err := os.ReadFile(filepath.Join(dir, "c/tat-ca/atom.xml"))
	if err != nil || !strings.Contains(string(feed), "Bắc Kạn quan tâm đầu tư hạ tầng công nghiệp") {
		t.Errorf("the reference article is not in the feed of all (%v)", err)
	}
}
