package main

import (
	"encoding/json"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bantin/fetcher"
	"bantin/internal/article"
	"bantin/internal/pipeline"
)

// remember writes states into the store of a workplace.
func remember(t *testing.T, dir string, states ...article.SourceState) {
	t.Helper()
	st, err := openStore(t.Context(), "sqlite:"+filepath.Join(dir, "bantin.db"))
	if err != nil {
		t.Fatal(err)
	}
	for _, state := range states {
		if _, err := st.Commit(t.Context(), article.Refresh{State: state}); err != nil {
			t.Fatal(err)
		}
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
}

// rewrite replaces a text of a configuration.
func rewrite(t *testing.T, config, from, to string) {
	t.Helper()
	text, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), from) {
		t.Fatalf("%q is not in the configuration: %s", from, text)
	}
	if err := os.WriteFile(config, []byte(strings.ReplaceAll(string(text), from, to)), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestStatusOfEachState(t *testing.T) {
	zone := time.FixedZone("+07", 7*60*60)
	at := func(day, hour int) time.Time { return time.Date(2026, time.November, day, hour, 0, 0, 0, zone) }
	when := func(day, hour int) *time.Time { t := at(day, hour); return &t }
	now := at(23, 8)
	const configured, moved = "https://bao.example/rss", "https://bao.example/tin.rss"
	src := pipeline.Source{Source: article.Source{ID: "bao", FeedURL: configured}}
	insecure := src
	insecure.InsecureTLS = true

	well := article.SourceState{
		SourceID: "bao", URL: configured, LastFetch: at(23, 7), LastGood: at(23, 7), NextFetchAt: at(23, 9),
		Warnings: []string{"item 3 has no link"}, Habits: article.Habits{LastNew: at(23, 7)},
	}
	failing := well
	failing.LastGood, failing.Failure, failing.FailureText = at(21, 7), "http_5xx", "fetch: status 503"
	failing.FailingSince, failing.Failures = at(21, 8), 4
	frozen := well
	frozen.Habits.LastNew = at(10, 7)
	empty := well
	empty.Habits.EmptySince = at(19, 7)
	flooding := well
	flooding.Habits.Intake = article.Intake{Since: at(23, 1), New: 1000, Flooding: at(22, 7)}
	hasMoved := well
	hasMoved.URL, hasMoved.FormerURLs = moved, []string{configured}
	movedAndFailing := failing
	movedAndFailing.URL, movedAndFailing.FormerURLs = moved, []string{configured}
	moving := well
	moving.Move = article.Move{To: moved, Since: at(20, 7), Answers: 3}

	base := sourceStatus{
		ID: "bao", URL: configured, State: "ok", TLS: "verify", Warnings: []string{"item 3 has no link"}, FormerURLs: []string{},
		LastFetch: when(23, 7), LastGood: when(23, 7), NextFetch: when(23, 9),
	}
	tests := []struct {
		name   string
		source pipeline.Source
		state  article.SourceState
		change func(*sourceStatus) // of base
		people []string            // in the remarks
	}{
		{"new", src, article.SourceState{}, func(s *sourceStatus) {
			*s = sourceStatus{ID: "bao", URL: configured, State: "new", TLS: "verify", Warnings: []string{}, FormerURLs: []string{}}
		}, nil},
		{"ok", src, well, func(*sourceStatus) {}, []string{"warning: item 3 has no link"}},
		{"failing", src, failing, func(s *sourceStatus) {
			s.State, s.Failure, s.FailureText, s.Failures = "failing", "http_5xx", "fetch: status 503", 4
			s.FailingSince, s.LastGood = when(21, 8), when(21, 7)
		}, []string{"http_5xx: The server is in trouble.", "4 in a row, the first 2026-11-21 08:00, the last 2026-11-23 07:00", "fetch: status 503"}},
		{"frozen", src, frozen, func(s *sourceStatus) {
			s.State, s.Failure, s.FailureText, s.FailingSince = "quiet", "frozen", "nothing new since 2026-11-10 07:00", when(10, 7)
		}, []string{"frozen: The server answers well", "nothing new since 2026-11-10 07:00"}},
		{"empty", src, empty, func(s *sourceStatus) {
			s.State, s.Failure, s.FailureText, s.FailingSince = "quiet", "empty", "no items since 2026-11-19 07:00", when(19, 7)
		}, []string{"empty: The server answers well", "no items since 2026-11-19 07:00"}},
		{"flooding", src, flooding, func(s *sourceStatus) {
			s.State, s.Failure, s.FailureText, s.FailingSince = "quiet", "flooding", "too much that is new since 2026-11-22 07:00", when(22, 7)
		}, []string{"flooding: The server answers well", "1,000 a day come in", "too much that is new since 2026-11-22 07:00"}},
		{"moved", src, hasMoved, func(s *sourceStatus) {
			s.State, s.Failure, s.FailureText, s.MovedTo = "quiet", "moved", "read from "+moved, moved
			s.FormerURLs = []string{configured}
		}, []string{"moved: The site has moved for good", "read from " + moved}},
		{"moved and failing", src, movedAndFailing, func(s *sourceStatus) {
			s.State, s.Failure, s.FailureText, s.Failures = "failing", "http_5xx", "fetch: status 503", 4
			s.FailingSince, s.LastGood, s.MovedTo = when(21, 8), when(21, 7), moved
			s.FormerURLs = []string{configured}
		}, []string{"http_5xx: The server is in trouble.", "it has moved, and is read from " + moved}},
		{"moving", src, moving, func(s *sourceStatus) { s.MovingTo, s.MovingSince = moved, when(20, 7) }, []string{"says since 2026-11-20 07:00 that it has moved to " + moved}},
		{"insecure", insecure, well, func(s *sourceStatus) { s.TLS = "insecure" }, []string{"tls: insecure: the certificate of its host is not checked"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			want := base
			test.change(&want)
			got := status(test.source, test.state, now)
			if diff := cmp.Diff(encode(t, got), encode(t, want)); diff != "" {
				t.Errorf("got (-) want (+):\n%s", diff)
			}
			remarks := got.remarks()
			for _, text := range test.people {
				if !strings.Contains(remarks, text) {
					t.Errorf("people are not told %q: %s", text, remarks)
				}
			}
			if test.people == nil && remarks != "" {
				t.Errorf("people are told %s", remarks)
			}
		})
	}
}

func encode(t *testing.T, v any) string {
	t.Helper()
	text, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestStatusShowsTheStore(t *testing.T) {
	dir, config := workplace(t, "http://127.0.0.1:9", "hong", "yen", "moi")
	now := time.Now()
	remember(t, dir, article.SourceState{
		SourceID: "hong", URL: "http://127.0.0.1:9/hong", LastFetch: now, Failure: "refused", FailureText: "connection refused",
		FailingSince: now.Add(-time.Hour), Failures: 2, NextFetchAt: now.Add(time.Hour), Warnings: []string{"a", "b", "c", "d", "e"},
	}, article.SourceState{
		SourceID: "yen", URL: "http://127.0.0.1:9/yen", LastFetch: now, LastGood: now, Habits: article.Habits{LastNew: now.AddDate(0, -1, 0)},
	})
	out, err := call(t, "-c", config, "status")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"\nhong\n  refused: Nothing answers", "2 in a row", "and 2 more warnings", "\nyen\n  frozen: "} {
		if !strings.Contains(out, want) {
			t.Errorf("status lacks %q: %s", want, out)
		}
	}
	if strings.Contains(out, "\nmoi\n") {
		t.Errorf("status has remarks about a new source: %s", out)
	}

	if out, err = call(t, "-c", config, "status", "--json"); err != nil {
		t.Fatal(err)
	}
	var list struct{ Sources []sourceStatus }
	if err := json.Unmarshal([]byte(out), &list); err != nil || len(list.Sources) != 3 {
		t.Fatalf("%v: %s", err, out)
	}
	for i, want := range []string{"failing", "quiet", "new"} {
		if got := list.Sources[i].State; got != want {
			t.Errorf("source %d: got state %s, want %s", i, got, want)
		}
	}
	if got := len(list.Sources[0].Warnings); got != 5 {
		t.Errorf("got %d warnings, want 5", got)
	}
	if _, offset := list.Sources[0].LastFetch.Zone(); offset != 7*60*60 {
		t.Errorf("the times are not in the site's zone: %v", list.Sources[0].LastFetch)
	}
}

// Every kind that a source can have is told in words: what it means, and, in a
// second sentence, what follows from it.
func TestEveryKindHasWords(t *testing.T) {
	kinds := []string{"not_a_feed", "challenged", "empty", "unparsable", "no_articles", "robots", "store", "internal"}
	for _, kind := range []fetcher.Kind{
		fetcher.KindTimeout, fetcher.KindDNS, fetcher.KindTLS, fetcher.KindRefused, fetcher.KindHTTP4xx, fetcher.KindHTTP5xx,
		fetcher.KindRateLimited, fetcher.KindGone, fetcher.KindTooLarge, fetcher.KindBlocked, fetcher.KindBadRedirect,
		fetcher.KindTruncated, fetcher.KindBadEncoding, fetcher.KindCanceled, fetcher.KindNetwork,
	} {
		kinds = append(kinds, string(kind))
	}
	seen := map[string]string{}
	check := func(kind, text string) {
		if strings.Count(text, ".") < 2 || !strings.HasSuffix(text, ".") {
			t.Errorf("%s: got %q", kind, text)
		}
		if other := seen[text]; other != "" {
			t.Errorf("%s and %s have the same words", kind, other)
		}
		seen[text] = kind
	}
	for _, kind := range kinds {
		check(kind, inWords(kind))
	}
	for _, kind := range []string{pipeline.QuietEmpty, pipeline.QuietFrozen, pipeline.QuietFlooding, pipeline.QuietMoved} {
		check("quiet "+kind, quietInWords(kind))
	}
}

func TestCheckTellsMoves(t *testing.T) {
	dir, config := workplace(t, "https://bao.example", "cu", "moi")
	check := func() string {
		t.Helper()
		out, err := call(t, "-c", config, "check")
		if err != nil || !strings.Contains(out, "is well") {
			t.Errorf("check: %v: %s", err, out)
		}
		return out
	}
	file := filepath.Join(dir, "bantin.db")
	check()
	if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("check made a store (%v)", err)
	}

	remember(t, dir,
		article.SourceState{SourceID: "cu", URL: "https://bao.example/tin.rss", FormerURLs: []string{"https://bao.example/cu"}},
		article.SourceState{SourceID: "moi", URL: "https://bao.example/moi", FormerURLs: []string{"https://bao.example/moi", "https://bao.example/xua"}}) // and back
	const note = "cu has moved for good: write https://bao.example/tin.rss in place of https://bao.example/cu\n"
	if out := check(); !strings.Contains(out, note) || strings.Contains(out, "moi has moved") {
		t.Errorf("got %s, want %s", out, note)
	}
	rewrite(t, config, "https://bao.example/cu", "https://bao.example/tin.rss")
	if out := check(); strings.Contains(out, "moved") {
		t.Errorf("after the file was edited: %s", out)
	}

	if err := os.WriteFile(file, []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := check(); !strings.Contains(out, "cannot be told") {
		t.Errorf("with a store that cannot be read: %s", out)
	}
}

// A host that asked to be left alone is not asked, and the line says so.
func TestFetchOfAHostThatMustBeLeftAlone(t *testing.T) {
	var asked atomic.Int32
	o := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			http.NotFound(w, r)
			return
		}
		asked.Add(1)
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusTooManyRequests)
	}))
	t.Cleanup(o.Close)
	_, config := workplace(t, o.URL, "tin")
	for _, want := range []string{"FAILED rate_limited: fetch ", "not asked: the host asked to be left alone until 20"} {
		out, err := call(t, "-c", config, "fetch")
		if !errors.Is(err, errSourcesFailed) || !strings.Contains(out, want) {
			t.Errorf("got %v and %s, want %q", err, out, want)
		}
	}
	if got := asked.Load(); got != 1 {
		t.Errorf("the host was asked %d times, want once", got)
	}
}

func TestFetchTellsOfQuietSources(t *testing.T) {
	o := newOrigin(t)
	dir, config := workplace(t, o.URL, "tot")
	if out, err := call(t, "-c", config, "fetch"); err != nil || strings.Contains(out, "frozen") {
		t.Fatalf("%v: %s", err, out)
	}
	st, err := openStore(t.Context(), "sqlite:"+filepath.Join(dir, "bantin.db"))
	if err != nil {
		t.Fatal(err)
	}
	states, err := st.States(t.Context())
	if err := errors.Join(err, st.Close()); err != nil {
		t.Fatal(err)
	}
	state := states["tot"]
	state.Habits.LastNew = time.Date(2026, time.January, 2, 1, 0, 0, 0, time.UTC)
	remember(t, dir, state)
	if out, err := call(t, "-c", config, "fetch"); err != nil || !strings.Contains(out, "not changed; frozen: nothing new since 2026-01-02 08:00\n") {
		t.Errorf("%v: %s", err, out)
	}
}

// A certificate that nobody vouches for fails a source, unless it is excepted.
// Then robots.txt of its host is read, and obeyed, and so are its article pages.
func TestFetchWithTheTLSException(t *testing.T) {
	var pages atomic.Int32
	o := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/robots.txt":
			_, _ = w.Write([]byte("User-agent: Bantin\nDisallow: /cam\n"))
		case "/cau.html":
			pages.Add(1)
			_, _ = w.Write([]byte("<!DOCTYPE html><title>Cầu</title>"))
		default:
			w.Header().Set("Content-Type", "application/rss+xml")
			_, _ = w.Write([]byte(rss(strings.Replace(feedItem, "https://bao.example", "https://"+r.Host, 1))))
		}
	}))
	o.Config.ErrorLog = log.New(io.Discard, "", 0)
	o.StartTLS()
	t.Cleanup(o.Close)
	_, config := workplace(t, o.URL, "tin", "cam")
	out, err := call(t, "-c", config, "fetch")
	if !errors.Is(err, errSourcesFailed) || strings.Count(out, "FAILED tls") != 2 {
		t.Errorf("without the exception: %v: %s", err, out)
	}
	rewrite(t, config, "full_text: never", "full_text: always, tls: insecure")
	if out, err = call(t, "-c", config, "fetch", "tin"); err != nil || !strings.Contains(out, "1 new") || pages.Load() != 1 {
		t.Errorf("with the exception: %v, %d pages: %s", err, pages.Load(), out)
	}
	if out, err = call(t, "-c", config, "fetch", "cam"); !errors.Is(err, errSourcesFailed) || !strings.Contains(out, "FAILED robots") {
		t.Errorf("robots.txt was not obeyed: %v: %s", err, out)
	}
	if out, err = call(t, "-c", config, "status"); err != nil || strings.Count(out, "tls: insecure: ") != 2 {
		t.Errorf("status: %v: %s", err, out)
	}
}
