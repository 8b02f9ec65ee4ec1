package main

import (
	"bytes"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"bantin/publisher"
)

const token = "bi-mat_cua-TOA-SOAN-1"

// secretPlace is a workplace with a secret channel and a hub.
func secretPlace(t *testing.T) (dir, config string) {
	t.Helper()
	dir, config = workplace(t, newOrigin(t).URL, "tot", "hong")
	text, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	more := "  - {id: kin, title: Kín, token: " + token + "}\npublish: {facets: false, hubs: [\"https://hub.example/\"]}\n"
	if err := os.WriteFile(config, append(text, more...), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir, config
}

func TestASecretChannelIsNamedNowhere(t *testing.T) {
	dir, config := secretPlace(t)
	for _, args := range [][]string{
		{"check"},
		{"fetch"},
		{"status"},
		{"why", "https://bao.example/cau.html"},
		{"publish", "--out", filepath.Join(dir, "public")},
		{"export"},
	} {
		out, err := bantin(t, dir, append([]string{"-c", config}, args...)...).CombinedOutput()
		if err != nil && args[0] != "fetch" { // where one source fails
			t.Errorf("%s: %v: %s", args[0], err, out)
		}
		if strings.Contains(string(out), token) {
			t.Errorf("%s prints the token: %s", args[0], out)
		}
	}
	checkExport(t, filepath.Join(dir, "public"))

	// An error of the file system names the path of a document.
	blocked := filepath.Join(dir, "blocked")
	if err := os.MkdirAll(filepath.Join(blocked, "s", token, "rss.xml"), 0o700); err != nil {
		t.Fatal(err)
	}
	out, err := bantin(t, dir, "-c", config, "publish", "--out", blocked).CombinedOutput()
	if err == nil || strings.Contains(string(out), token) || !strings.Contains(string(out), "xxxxx/rss.xml") {
		t.Errorf("a document that cannot be written: got %v and %s, want the error without the token", err, out)
	}
}

// checkExport checks that the token is in no file but those of its channel, and
// that these lead to none of the archives of others.
func checkExport(t *testing.T, dir string) {
	t.Helper()
	others := regexp.MustCompile(`/[cpt]/[a-z-]+/archive/`)
	ofTheChannel := 0
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path == ".bantin-files" { // which only we may read
			return err
		}
		text, err := os.ReadFile(filepath.Join(dir, path))
		switch {
		case !strings.HasPrefix(path, "s/"):
			if bytes.Contains(text, []byte(token)) {
				t.Errorf("%s holds the token", path)
			}
		case others.Match(text):
			t.Errorf("%s leads to another channel's archive", path)
		case bytes.Contains(text, []byte("hub.example")):
			t.Errorf("%s names a hub, which could tell others of the channel", path)
		default:
			ofTheChannel++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if ofTheChannel < 12 { // current, the month, and the open month
		t.Errorf("the secret channel has %d documents, want 12 or more", ofTheChannel)
	}
	feed, err := os.ReadFile(filepath.Join(dir, "s", token, "rss.xml"))
	if err != nil || !bytes.Contains(feed, []byte("/s/"+token+"/archive/")) || !bytes.Contains(feed, []byte("Khánh thành")) {
		t.Errorf("the secret feed lacks its article or its archive (%v): %s", err, feed)
	}
	public, err := os.ReadFile(filepath.Join(dir, "c", "tat-ca", "rss.xml"))
	if err != nil || !bytes.Contains(public, []byte(`<atom:link href="https://hub.example/" rel="hub">`)) {
		t.Errorf("the public feed does not name its hub (%v): %s", err, public)
	}
}

func TestOutputsServeArchivesAndSecretChannels(t *testing.T) {
	_, config := secretPlace(t)
	var log bytes.Buffer
	s := &session{ctx: t.Context(), configPath: config, stdout: &bytes.Buffer{}, stderr: &log, getenv: os.Getenv, now: time.Now}
	err := s.withApp(slog.LevelDebug, func(a *app) error {
		if _, err := a.fetch(s, nil); err != nil {
			return err
		}
		site, err := a.pipeline.Site(t.Context(), 1)
		if err != nil {
			return err
		}
		outputs := a.outputs(func() *publisher.Site { return site })
		ask := func(path string) *httptest.ResponseRecorder {
			answer := httptest.NewRecorder()
			outputs.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody))
			return answer
		}
		month := time.Now().In(a.config.Site.Timezone).Format("2006-01")
		for path, want := range map[string]int{
			"/s/" + token + "/rss.xml":                                  http.StatusOK,
			"/s/" + token + "/archive/" + month + "-open/rss.xml":       http.StatusOK,
			"/s/" + token + "/archive/" + month + "/":                   http.StatusOK,
			"/s/" + token[1:] + "/rss.xml":                              http.StatusNotFound,
			"/s/" + token[1:] + "/archive/" + month + "-open/rss.xml":   http.StatusNotFound,
			"/c/kin/rss.xml":                                            http.StatusNotFound,
			"/c/kin/archive/" + month + "/rss.xml":                      http.StatusNotFound,
			"/c/tat-ca/archive/" + month + "-open/feed.json":            http.StatusOK,
			"/t/giao-thong-xay-dung/archive/" + month + "-open/rss.xml": http.StatusNotFound, // there are no facets
			"/c/tat-ca/archive/2026-01/rss.xml":                         http.StatusNotFound,
		} {
			if got := ask(path); got.Code != want {
				t.Errorf("%s: got %d, want %d", path, got.Code, want)
			}
		}
		if got := ask("/c/tat-ca/rss.xml").Header().Get("Link"); got != `<https://hub.example/>; rel="hub", <http://127.0.0.1:8080/c/tat-ca/rss.xml>; rel="self"` {
			t.Errorf("the Link of a public feed: got %s", got)
		}
		for _, path := range []string{"/s/" + token + "/rss.xml", "/c/tat-ca/"} {
			if got := ask(path).Header().Get("Link"); got != "" {
				t.Errorf("the Link of a secret feed or a page: got %s", got)
			}
		}
		if err := a.store.Close(); err != nil {
			return err
		}
		if got := ask("/s/" + token + "/archive/" + month + "-open/rss.xml"); got.Code != http.StatusOK {
			t.Errorf("without the store, what was served before: got %d, want 200", got.Code)
		}
		got := ask("/s/" + token + "/archive/" + month + "-open/atom.xml")
		if got.Code != http.StatusServiceUnavailable || got.Header().Get("Retry-After") == "" {
			t.Errorf("without the store, what was not: got %d, %v; want 503 with Retry-After", got.Code, got.Header())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(log.String(), token) || !strings.Contains(log.String(), "render an archive") {
		t.Errorf("the log holds the token, or lacks what failed: %s", &log)
	}
}
