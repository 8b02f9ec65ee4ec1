package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// TestKillNine kills the process at random moments of its refreshes. Every
// version of the feed has items of its own, under an ETag of its own: should
// validators ever be durable before the articles, the fetch after the kill is
// answered with 304 and the version is lost for good.
func TestKillNine(t *testing.T) {
	const perVersion, rounds = 20, 12
	var version atomic.Int64
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := version.Load()
		etag := fmt.Sprintf(`"%d"`, v)
		w.Header().Set("ETag", etag)
		if r.Header.Get("If-None-Match") == etag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		var items []string
		for n := v * perVersion; n < (v+1)*perVersion; n++ {
			items = append(items, fmt.Sprintf(`<item><title>Tin %d</title><link>https://bao.example/%d</link><guid>g%d</guid></item>`, n, n, n))
		}
		_, _ = w.Write([]byte(rss(items...)))
	}))
	defer origin.Close()
	dir, config := workplace(t, origin.URL, "tot")

	random := rand.New(rand.NewPCG(1, 2))
	for range rounds {
		doomed := bantin(t, dir, "fetch")
		if err := doomed.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(random.IntN(60)) * time.Millisecond)
		_ = doomed.Process.Kill() // it may have ended already
		_ = doomed.Wait()
		if out, err := bantin(t, dir, "fetch").CombinedOutput(); err != nil {
			t.Fatalf("the fetch after kill -9: %v: %s", err, out)
		}
		version.Add(1)
	}
	if out, err := bantin(t, dir, "fetch").CombinedOutput(); err != nil {
		t.Fatalf("the last fetch: %v: %s", err, out)
	}

	if _, err := call(t, "-c", config, "publish", "--out", filepath.Join(dir, "public")); err != nil {
		t.Fatal(err)
	}
	feed, err := os.ReadFile(filepath.Join(dir, "public", "c", "tat-ca", "rss.xml"))
	if err != nil {
		t.Fatal(err)
	}
	for n := range (rounds + 1) * perVersion {
		if got := strings.Count(string(feed), fmt.Sprintf("<title>Tin %d</title>", n)); got != 1 {
			t.Errorf("item %d is published %d times, want once", n, got)
		}
	}
}
