package pipeline_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"bantin/fetcher"
	"bantin/internal/pipeline"
	"bantin/internal/schedule"
	"bantin/internal/store"
	"bantin/publisher"
)

// A hub remembers the topics that it was told of and when.
type hub struct {
	mu     sync.Mutex
	told   map[string][]time.Time // by topic
	forms  []url.Values
	status int
}

func newHub() *hub { return &hub{told: map[string][]time.Time{}, status: http.StatusNoContent} }

func (h *hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := r.ParseForm(); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	h.forms = append(h.forms, r.PostForm)
	topic := r.PostForm.Get("hub.url")
	h.told[topic] = append(h.told[topic], time.Now())
	w.WriteHeader(h.status)
}

func (h *hub) answer(status int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.status = status
}

// counts are how often the hub was told, by the end of the topic.
func (h *hub) counts() map[string]int {
	h.mu.Lock()
	defer h.mu.Unlock()
	counts := map[string]int{}
	for topic, times := range h.told {
		counts[strings.TrimPrefix(topic, baseURL)] = len(times)
	}
	return counts
}

// times are when the hub was told of anything.
func (h *hub) times() []time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []time.Time
	for _, times := range h.told {
		all = append(all, times...)
	}
	slices.SortFunc(all, time.Time.Compare)
	return all
}

// hubs are a made-up network of hubs by address; one that is missing never answers.
type hubs map[string]*hub

func (h hubs) Post(ctx context.Context, address string, form url.Values) error {
	at := h[address]
	if at == nil {
		<-ctx.Done()
		return &fetcher.Error{Kind: fetcher.KindTimeout, URL: address, Err: ctx.Err()}
	}
	request := httptest.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer := httptest.NewRecorder()
	at.ServeHTTP(answer, request)
	if answer.Code >= 300 {
		return &fetcher.Error{Kind: fetcher.KindHTTP5xx, URL: address, Status: answer.Code, Err: fmt.Errorf("status %d", answer.Code)}
	}
	return nil
}

const hubURL = "https://hub.example/"

// announcing is a made-up setup with a secret channel, a public one and hubs.
func announcing(t *testing.T, network hubs) (*setup, *replies) {
	t.Helper()
	s, r := madeUp(t, feedSource("bao", "http://bao.example/"))
	s.options.Channels = append(s.options.Channels, publisher.Channel{ID: "kin", Title: "Kín", Limit: 50, Token: "bi-mat-bi-mat-bi-mat", Listing: publisher.Unlisted})
	s.options.Poster = network
	for address := range network {
		s.options.Site.Hubs = append(s.options.Site.Hubs, address)
	}
	slices.Sort(s.options.Site.Hubs)
	return s, r
}

func allTopics(n int) map[string]int {
	return map[string]int{"/c/tat-ca/rss.xml": n, "/c/tat-ca/atom.xml": n, "/c/tat-ca/feed.json": n}
}

func checkTold(t *testing.T, when string, got, want map[string]int) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: the hub was told %v, want %v", when, got, want)
	}
}

func TestAHubIsToldOnceOfEachChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHub()
		s, _ := announcing(t, hubs{hubURL: h})
		runFor(t, s, 30*time.Minute) // empty, and then with the first article
		first := h.counts()["/c/tat-ca/rss.xml"]
		if first < 1 || first > 2 {
			t.Errorf("after the first article the hub was told %d times, want once, or also of the empty feed", first)
		}
		checkTold(t, "of all formats", h.counts(), allTopics(first))
		for range 3 {
			runFor(t, s, 5*time.Minute) // restarts
		}
		checkTold(t, "after restarts without news", h.counts(), allTopics(first))
		runFor(t, s, time.Hour)
		checkTold(t, "after the second article", h.counts(), allTopics(first+1))
		want := url.Values{"hub.mode": {"publish"}, "hub.url": {baseURL + "/c/tat-ca/atom.xml"}, "hub.topic": {baseURL + "/c/tat-ca/atom.xml"}}
		if got := h.forms[0]; got.Encode() != want.Encode() {
			t.Errorf("got the form %v, want %v", got, want)
		}
	})
}

func TestAHubThatFailsIsTriedEverMoreRarely(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHub()
		h.answer(http.StatusInternalServerError)
		s, _ := announcing(t, hubs{hubURL: h})
		runFor(t, s, 40*time.Minute)
		runFor(t, s, 70*time.Minute) // a restart, and news
		times := h.times()
		if len(times) != 7 { // after 1, 2, 4 … 32 minutes, 63 in all
			t.Fatalf("a hub that is down was asked %d times in 110 minutes, want seven times", len(times))
		}
		checkBackOff(t, times)
		checkLongestBackOff(t, s)
		h.answer(http.StatusAccepted)
		before := h.counts()
		runFor(t, s, 2*time.Minute)
		for topic, n := range h.counts() {
			if n <= before[topic] {
				t.Errorf("the hub is well again and was not told of %s", topic)
			}
		}
		pings, err := s.store.Pings(t.Context())
		if err != nil || len(pings) != 4 {
			t.Fatalf("got %v, %v; want three pings and the hub's own", pings, err)
		}
		for _, p := range pings {
			if !p.Due.IsZero() || p.Attempts != 0 {
				t.Errorf("%s is still to be told: %+v", p.Topic, p)
			}
		}
	})
}

// checkLongestBackOff runs the daemon as if it had tried a hub for a week.
func checkLongestBackOff(t *testing.T, s *setup) {
	t.Helper()
	pings := func() []store.Ping {
		all, err := s.store.Pings(t.Context())
		if err != nil || len(all) != 4 || all[0].Topic != "" {
			t.Fatalf("got %v, %v; want the hub's own ping and three others", all, err)
		}
		return all
	}
	makeDue := func(attempts int) {
		for _, ping := range pings() {
			next := ping
			next.Attempts, next.Due = attempts, time.Now()
			if swapped, err := s.store.SwapPing(t.Context(), ping, next); err != nil || !swapped {
				t.Fatal(err)
			}
		}
	}
	makeDue(40)
	began := time.Now()
	runFor(t, s, 5*time.Minute)
	got := pings()[0]
	if wait := got.Due.Sub(began); got.Attempts != 41 || wait < 6*time.Hour || wait > 7*time.Hour {
		t.Errorf("after 40 attempts: got %+v, %v later, want one more and six hours", got, wait)
	}
	makeDue(41)
}

// checkBackOff checks that each wait is twice the one before, from a minute on.
func checkBackOff(t *testing.T, times []time.Time) {
	t.Helper()
	want := time.Minute
	for i := 1; i < len(times); i++ {
		if got := times[i].Sub(times[i-1]); got < want || got > want+2*time.Second {
			t.Errorf("attempt %d came after %v, want %v", i+1, got, want)
		}
		want *= 2
	}
}

func TestAPingSurvivesARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHub()
		h.answer(http.StatusServiceUnavailable)
		s, _ := announcing(t, hubs{hubURL: h})
		runFor(t, s, 20*time.Minute)
		h.answer(http.StatusNoContent)
		before := h.counts()
		runFor(t, s, 40*time.Minute) // the next news come after an hour
		total := 0
		for topic, n := range h.counts() {
			if n-before[topic] != 1 {
				t.Errorf("after the restart the hub was told of %s %d times, want once", topic, n-before[topic])
			}
			total++
		}
		if total != 3 {
			t.Errorf("the hub was told of %d topics, want 3", total)
		}
	})
}

func TestAHubThatHangsDelaysNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHub()
		s, _ := announcing(t, hubs{hubURL: h, "https://a-hang.example/": nil})
		published := runFor(t, s, 90*time.Minute)
		if n := h.counts()["/c/tat-ca/rss.xml"]; n < 2 {
			t.Errorf("beside a hub that hangs the other one was told %d times, want of both articles", n)
		}
		if published < 2 {
			t.Errorf("published %d times, want for both articles", published)
		}
	})
}

// Two daemons on one store tell a hub once.
func TestTwoDaemonsTellAHubOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHub()
		s, _ := announcing(t, hubs{hubURL: h})
		s.options.Sources[0].Schedule = schedule.Every(10 * time.Minute)
		runFor(t, s, 8*time.Minute)
		before := h.counts()
		var daemons sync.WaitGroup
		for range 2 {
			daemons.Go(func() { runFor(t, s, 6*time.Minute) })
		}
		daemons.Wait()
		for topic, n := range h.counts() {
			if n != before[topic]+1 {
				t.Errorf("two daemons told the hub %d times of one change of %s", n-before[topic], topic)
			}
		}
	})
}

// Over a real connection, through the guarded fetcher.
func TestAHubOnLoopbackIsTold(t *testing.T) {
	o := newOrigin(t)
	o.serve("/rss", document(feedType, `"1"`, rss(item(1))))
	h := newHub()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	s := newSetup(t, feedSource("bao", o.URL+"/rss"))
	f, ok := s.options.Fetcher.(*fetcher.Fetcher)
	if !ok {
		t.Fatal("the setup has another fetcher")
	}
	s.options.Poster, s.options.Site.Hubs = f, []string{server.URL + "/?key=1"}
	p, err := pipeline.New(s.options)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
	defer stop()
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx, func(*publisher.Site) {}) }()
	for len(h.counts()) < 3 && ctx.Err() == nil {
		time.Sleep(20 * time.Millisecond)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if got := h.counts(); len(got) != 3 || got["/c/tat-ca/rss.xml"] == 0 {
		t.Errorf("the hub was told %v, want the three feeds", got)
	}
}
