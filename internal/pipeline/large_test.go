package pipeline_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"bantin/fetcher"
	"bantin/internal/article"
	"bantin/internal/pipeline"
	"bantin/internal/store"
)

// A roomy network has documents that are large, and asks for room as fetcher does.
type roomy struct {
	*replies
	large func(url string) bool
	inUse atomic.Int32 // documents that have room, until their articles are stored
	most  atomic.Int32
}

func (r *roomy) Fetch(ctx context.Context, request fetcher.Request) (fetcher.Result, error) {
	if r.large(request.URL) {
		if err := request.MakeRoom(ctx); err != nil {
			return fetcher.Result{}, &fetcher.Error{Kind: fetcher.KindCanceled, URL: request.URL, Err: err}
		}
		r.most.Store(max(r.most.Load(), r.inUse.Add(1)))
	}
	return r.replies.Fetch(ctx, request)
}

// A freeing store notes when what was made of a large document is stored.
type freeing struct {
	store.Store
	roomy *roomy
}

func (f freeing) Commit(ctx context.Context, refresh article.Refresh) (article.Counts, error) {
	counts, err := f.Store.Commit(ctx, refresh)
	if len(refresh.Articles) > 0 && strings.HasPrefix(refresh.State.SourceID, "to") { // "large"
		f.roomy.inUse.Add(-1)
	}
	return counts, err
}

func newRoomy(t *testing.T, sources ...pipeline.Source) (*setup, *roomy) {
	t.Helper()
	s, made := madeUp(t, sources...)
	r := &roomy{replies: made, large: func(url string) bool { return strings.Contains(url, "//to") }}
	s.options.Fetcher = r
	s.options.Store = freeing{s.options.Store, r}
	return s, r
}

// Large documents are in memory one at a time, from the fetch to the store. Others
// do not wait for them.
func TestOneLargeDocumentIsHeldAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sources []pipeline.Source
		for i := range 6 {
			sources = append(sources, feedSource(fmt.Sprintf("to-%d", i), fmt.Sprintf("http://to-%d.example/rss", i)))
			sources = append(sources, feedSource(fmt.Sprintf("nho-%d", i), fmt.Sprintf("http://nho-%d.example/rss", i)))
		}
		s, r := newRoomy(t, sources...)
		s.options.Concurrency = 12
		r.reply = func(url string, n int) (fetcher.Result, error) {
			news := item(n)
			if r.large(url) {
				news = strings.Replace(news, "Nội dung", strings.Repeat("Nội dung dài. ", 50_000), 1)
			}
			return fetcher.Result{Status: 200, Body: []byte(rss(news)), BodyHash: strconv.Itoa(n), FinalURL: url}, nil
		}
		for id, out := range refresh(t, s.pipeline(t)) {
			if out.Failure != "" || out.Counts.New != 1 {
				t.Errorf("%s: got failure %q and %d new articles, want 1", id, out.Failure, out.Counts.New)
			}
			if strings.HasPrefix(id, "nho") && out.Took > 2*time.Second {
				t.Errorf("%s waited for large documents: it took %s", id, out.Took)
			}
		}
		if got := r.most.Load(); got != 1 {
			t.Errorf("got %d large documents at once, want 1", got)
		}
	})
}

// A large document that gets no room for a minute is left to the next refresh.
// Nothing is counted against its source, which is no later for it.
func TestALargeDocumentWithoutRoomIsReadNextTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow, good := feedSource("to-cham", "http://to-cham.example/rss"), feedSource("to-tot", "http://to-tot.example/rss")
		s, r := newRoomy(t, slow, good)
		r.takes = func(url string) time.Duration {
			if strings.Contains(url, "cham") { // slow
				return 5 * time.Minute
			}
			return time.Second
		}
		p := s.pipeline(t)
		started := time.Now()
		got := make(map[string]pipeline.Outcome)
		begun := make(chan struct{})
		go func() {
			defer close(begun)
			if err := p.RefreshAll(t.Context(), []string{slow.ID}, func(pipeline.Outcome) {}); err != nil {
				t.Error(err)
			}
		}()
		time.Sleep(2 * time.Second) // the slow one has the room
		if err := p.RefreshAll(t.Context(), []string{good.ID}, func(o pipeline.Outcome) { got[o.SourceID] = o }); err != nil {
			t.Fatal(err)
		}
		if out := got[good.ID]; out.Failure != "busy" || out.Took < time.Minute || out.Took > 2*time.Minute {
			t.Errorf("got failure %q after %s, want busy after a minute", out.Failure, out.Took)
		}
		if known := state(t, s, good.ID); known.Failure != "" || known.Failures != 0 || known.NextFetchAt.After(started.Add(2*time.Hour)) {
			t.Errorf("got %q, %d failures, next fetch %s; want it as if nothing had happened", known.Failure, known.Failures, known.NextFetchAt)
		}
		<-begun
		if err := p.RefreshAll(t.Context(), []string{good.ID}, func(o pipeline.Outcome) { got[o.SourceID] = o }); err != nil {
			t.Fatal(err)
		}
		if out := got[good.ID]; out.Failure != "" || out.Counts.New != 1 {
			t.Errorf("got failure %q and %d new articles, want 1", out.Failure, out.Counts.New)
		}
	})
}

// A refresh that has read long pages leaves the others to the next one, so that few
// articles wait in memory to be stored. None is lost. Large pages with short articles
// are read in one go.
func TestPagesThatTakeMuchMemoryAreReadInTurns(t *testing.T) {
	const pages = 5
	paragraph := "<p>Hội đồng nhân dân xã Yên Ninh họp bàn về con đường mới ra chợ, dài 3 km.</p>"
	tests := map[string]struct {
		body  string
		large bool
		turns int // refreshes until all are read
	}{
		"common pages": {strings.Repeat(paragraph, 20), false, 1},
		"long pages":   {strings.Repeat(paragraph, 2000), false, 3}, // 300 KB of articles each
		"large pages":  {strings.Repeat(paragraph, 20), true, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, r := newRoomy(t, pageSource("cong", "http://cong.example/tin"))
				r.large = func(url string) bool { return test.large && strings.Contains(url, "duong") }
				r.reply = func(url string, n int) (fetcher.Result, error) {
					var body strings.Builder
					body.WriteString("<html><body>")
					for i := range pages {
						if strings.HasSuffix(url, "/tin") {
							fmt.Fprintf(&body, `<li><a href="/con-duong-moi-ra-cho-%d.html">Con đường mới thứ %d ra chợ xã Yên Ninh đã xong</a></li>`, i, i)
						}
					}
					if !strings.HasSuffix(url, "/tin") {
						fmt.Fprintf(&body, "<h1>Con đường mới ra chợ xã Yên Ninh đã xong, %s</h1>%s", url, test.body)
					}
					return fetcher.Result{Status: 200, Body: []byte(body.String()), BodyHash: fmt.Sprint(len(url), n), FinalURL: url}, nil
				}
				p := s.pipeline(t)
				turns, stored := 0, 0
				for stored < pages && turns < 2*pages {
					out := refresh(t, p)["cong"]
					if out.Failure != "" {
						t.Fatalf("got failure %q: %v", out.Failure, out.Err)
					}
					stored += out.Counts.New
					turns++
				}
				if stored != pages || turns != test.turns {
					t.Errorf("got %d articles in %d refreshes, want %d in %d", stored, turns, pages, test.turns)
				}
			})
		})
	}
}
