package pipeline_test

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"bantin/internal/article"
	"bantin/internal/pipeline"
	"bantin/internal/store"
	"bantin/publisher"
)

const baseURL = "https://bantin.example"

// An archived is a pipeline whose store is filled by hand.
type archived struct {
	*setup

	t        *testing.T
	pipeline *pipeline.Pipeline
	key      string // of the channel tat-ca
	live     map[string]bool
}

func newArchived(t *testing.T) *archived {
	t.Helper()
	s := newSetup(t, feedSource("bao", "http://bao.example/"))
	s.options.Channels = append(s.options.Channels, publisher.Channel{ID: "khac", Title: "Khác", Limit: 50, Any: []string{"không có ở đâu"}})
	a := &archived{setup: s, t: t, key: s.options.Channels[0].Key(), live: map[string]bool{}}
	a.restart()
	return a
}

// restart forgets all that is not in the store.
func (a *archived) restart() {
	a.t.Helper()
	a.pipeline = a.setup.pipeline(a.t)
}

// add stores n articles that were first seen from a time on, in all about a
// fifth of a day apart or so many of them at once, published long before.
func (a *archived) add(from time.Time, n int, apart time.Duration) {
	a.t.Helper()
	refresh := article.Refresh{State: article.SourceState{SourceID: "bao"}, Decided: []string{a.key}}
	for i := range n {
		seen := from.Add(time.Duration(i/7) * apart) // some at one time
		guid := fmt.Sprintf("%s %d", from.Format(time.RFC3339), i)
		one := article.Article{
			ID: article.NewID("bao", guid), SourceID: "bao", GUID: guid, URL: "https://bao.example/" + article.NewID("bao", guid),
			Title: "Tin " + guid, Text: "Nội dung.", FirstSeen: seen, FetchedAt: seen,
			Published:   seen.AddDate(0, -(i % 5), -(i % 11)), // late, in any order
			ContentHash: guid, Channels: []string{a.key},
		}
		refresh.Articles = append(refresh.Articles, one)
		a.live[one.ID] = true
	}
	if _, err := a.store.Commit(a.t.Context(), refresh); err != nil {
		a.t.Fatal(err)
	}
}

// store40 stores forty articles that are in no channel, and returns their ids.
func (a *archived) store40(from time.Time) []string {
	a.t.Helper()
	refresh := article.Refresh{State: article.SourceState{SourceID: "bao"}, Decided: []string{a.key}}
	var ids []string
	for i := range 40 {
		guid := fmt.Sprintf("ngoài kênh %d", i)
		one := article.Article{ID: article.NewID("bao", guid), SourceID: "bao", GUID: guid, Title: guid, FirstSeen: from.Add(time.Duration(i) * time.Minute), ContentHash: guid}
		ids = append(ids, one.ID)
		refresh.Articles = append(refresh.Articles, one)
	}
	if _, err := a.store.Commit(a.t.Context(), refresh); err != nil {
		a.t.Fatal(err)
	}
	return ids
}

// bury takes down an article of those that are live.
func (a *archived) bury(id string) {
	a.t.Helper()
	if _, err := a.store.Bury(a.t.Context(), id, "asked", a.now()); err != nil {
		a.t.Fatal(err)
	}
	delete(a.live, id)
}

func (a *archived) setClock(now time.Time) { a.clock.Store(now.UnixMilli()) }

// document is what is served at a path, nil where there is nothing.
func (a *archived) document(site *publisher.Site, path string) *publisher.File {
	a.t.Helper()
	if f, ok := site.File(path); ok {
		return f
	}
	f, err := a.pipeline.Archive(a.t.Context(), path)
	if err != nil {
		a.t.Fatal(err)
	}
	return f
}

func (a *archived) site() *publisher.Site {
	a.t.Helper()
	site, err := a.pipeline.Site(a.t.Context(), 1)
	if err != nil {
		a.t.Fatal(err)
	}
	return site
}

// A leaf is a document as a reader understands it.
type leaf struct {
	prev, next, current string // paths
	isArchive           bool
	ids                 []string
}

func readAtom(t *testing.T, f *publisher.File) leaf {
	t.Helper()
	var d struct {
		Archive *struct{} `xml:"http://purl.org/syndication/history/1.0 archive"`
		Links   []struct {
			Rel  string `xml:"rel,attr"`
			Href string `xml:"href,attr"`
		} `xml:"link"`
		Entries []struct {
			ID string `xml:"id"`
		} `xml:"entry"`
	}
	if err := xml.Unmarshal(f.Body, &d); err != nil {
		t.Fatal(err)
	}
	p := leaf{isArchive: d.Archive != nil}
	for _, l := range d.Links {
		path := strings.TrimPrefix(l.Href, baseURL)
		switch l.Rel {
		case "prev-archive":
			p.prev = path
		case "next-archive":
			p.next = path
		case "current":
			p.current = path
		}
	}
	for _, e := range d.Entries {
		p.ids = append(p.ids, e.ID[strings.LastIndex(e.ID, "/")+1:])
	}
	return p
}

func readJSON(t *testing.T, f *publisher.File) leaf {
	t.Helper()
	var d struct {
		NextURL string `json:"next_url"`
		Items   []struct {
			ID string `json:"id"`
		} `json:"items"`
	}
	if err := json.Unmarshal(f.Body, &d); err != nil {
		t.Fatal(err)
	}
	p := leaf{prev: strings.TrimPrefix(d.NextURL, baseURL)}
	for _, item := range d.Items {
		p.ids = append(p.ids, item.ID[strings.LastIndex(item.ID, "/")+1:])
	}
	return p
}

// A cache keeps documents as their headers allow: closed parts for ever.
type cache map[string]*publisher.File

// forget drops every third document, as a cache does that is full: what it keeps
// must fit what it asks for again.
func (c cache) forget(from int) {
	for i, path := range slices.Sorted(maps.Keys(c)) {
		if (from+i)%3 == 0 {
			delete(c, path)
		}
	}
}

const year = 365 * 24 * time.Hour

// walk reads the current feed and all that it leads back to, through a cache,
// and returns the documents by path and the ids in them.
func (a *archived) walk(start string, through cache, read func(*testing.T, *publisher.File) leaf) (pages map[string]leaf, ids map[string]bool) {
	a.t.Helper()
	site := a.site()
	pages, ids = map[string]leaf{}, map[string]bool{}
	for path := start; path != ""; {
		f := through[path]
		if f == nil {
			f = a.document(site, path)
		}
		if f == nil {
			a.t.Fatalf("%s leads nowhere", path)
		}
		if f.MaxAge == year {
			through[path] = f
		}
		one := read(a.t, f)
		if _, twice := pages[path]; twice {
			a.t.Fatalf("the walk goes in a circle at %s", path)
		}
		pages[path] = one
		for _, id := range one.ids {
			ids[id] = true
		}
		path = one.prev
	}
	return pages, ids
}

func (a *archived) checkAllSeen(when string, seen map[string]bool) {
	a.t.Helper()
	missed := 0
	for id := range a.live {
		if !seen[id] {
			missed++
		}
	}
	if missed > 0 {
		a.t.Errorf("%s: the walk missed %d of %d articles", when, missed, len(a.live))
	}
}

// Fourteen months, read by one who keeps closed parts of any age while the store
// grows, loses articles and gets late ones, and by one who keeps nothing.
func TestWhoWalksTheArchiveMissesNothing(t *testing.T) {
	a := newArchived(t)
	kept := cache{}
	var joining, joined []string
	counts := []int{3, 0, 540, 40, 500, 0, 0, 12, 7, 30, 1, 10, 2, 90}
	for i, n := range counts {
		begin := time.Date(2026, time.Month(2+i), 1, 0, 0, 0, 0, time.UTC)
		for part := range 2 { // readers come before the month is over, too
			at := begin.AddDate(0, 0, 13*part)
			a.add(at, (n+part)/2, time.Minute)
			a.setClock(at.AddDate(0, 0, 12))
			_, seen := a.walk("/c/tat-ca/atom.xml", kept, readAtom)
			a.checkAllSeen(at.Format(time.DateOnly), seen)
			kept.forget(i + part)
		}
		if i == 2 { // these will join the channel when they are corrected
			joining = a.store40(begin.AddDate(0, 0, 2))
		}
		if i%3 == 2 { // somewhere in an old month
			if err := a.store.Enroll(t.Context(), a.key, joining[:10]); err != nil {
				t.Fatal(err)
			}
			joined, joining = append(joined, joining[:10]...), joining[10:]
			old := slices.Sorted(maps.Keys(a.live))
			for j := range 5 {
				a.bury(old[j*len(old)/5])
			}
			a.restart()
		}
	}
	pages, seen := a.walk("/c/tat-ca/atom.xml", cache{}, readAtom)
	a.checkAllSeen("at last, without a cache", seen)
	if want := len(a.live) + len(joined); len(seen) != want || len(joined) != 40 {
		t.Errorf("the walk saw %d articles, want the %d that are not taken down", len(seen), want)
	}
	_, seen = a.walk("/c/tat-ca/feed.json", cache{}, readJSON)
	a.checkAllSeen("at last, as JSON", seen)
	a.checkLinks(pages)
}

// checkLinks checks what archive documents say of each other.
func (a *archived) checkLinks(pages map[string]leaf) {
	a.t.Helper()
	for path, one := range pages {
		isPart := path != "/c/tat-ca/atom.xml"
		if isPart && one.current != "/c/tat-ca/atom.xml" {
			a.t.Errorf("%s: the current feed is %q", path, one.current)
		}
		if want := isPart && !strings.Contains(path, "open"); one.isArchive != want {
			a.t.Errorf("%s: marked as an archive: %v, want %v", path, one.isArchive, want)
		}
		if prev, ok := pages[one.prev]; ok && prev.isArchive && one.isArchive && prev.next != path {
			a.t.Errorf("%s leads back to %s, which leads on to %q", path, one.prev, prev.next)
		}
		if len(one.ids) > 500+40 { // and forty joined later
			a.t.Errorf("%s has %d entries, want about 500 at most", path, len(one.ids))
		}
	}
	for path, entries := range map[string]int{"/c/tat-ca/archive/2026-04/atom.xml": 500, "/c/tat-ca/archive/2026-04-2/atom.xml": 40, "/c/tat-ca/archive/2026-03/atom.xml": 0} {
		if got := pages[path]; !got.isArchive || len(got.ids) < entries-20 {
			a.t.Errorf("%s has %d entries, want about %d", path, len(got.ids), entries)
		}
	}
}

// A closed part never changes its bytes, whatever comes after it, on whatever
// machine it is rendered.
func TestAClosedPartKeepsItsBytes(t *testing.T) {
	a := newArchived(t)
	a.add(time.Date(2026, 9, 3, 0, 0, 0, 0, time.UTC), 550, time.Minute)
	kept := cache{}
	for i := range 3 {
		a.add(time.Date(2026, 10, 4+7*i, 0, 0, 0, 0, time.UTC), 260, time.Minute)
		a.setClock(time.Date(2026, 10, 5+7*i, 0, 0, 0, 0, time.UTC))
		a.walk("/c/tat-ca/atom.xml", kept, readAtom)
		a.restart()
		fresh := cache{}
		a.walk("/c/tat-ca/atom.xml", fresh, readAtom)
		for path, before := range kept {
			if after := fresh[path]; after == nil || after.ETag != before.ETag {
				t.Errorf("%s has changed", path)
			}
		}
	}
	if _, ok := kept["/c/tat-ca/archive/2026-10/atom.xml"]; len(kept) != 3 || !ok {
		t.Errorf("got the closed parts %q, want two of September and the one of October in which nothing late can come", slices.Sorted(maps.Keys(kept)))
	}
}

// Articles come up to an hour after they were seen: until then nothing is closed.
func TestAMonthIsClosedWhenNothingLateCanCome(t *testing.T) {
	a := newArchived(t)
	end := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	a.setClock(end.Add(3 * time.Hour))
	a.add(end.Add(-time.Hour), 2, time.Minute)
	a.add(end.Add(59*time.Minute), 1, time.Minute)
	const path, open = "/c/tat-ca/archive/2026-10/atom.xml", "/c/tat-ca/archive/2026-10-open/atom.xml"
	site := a.site()
	if got := a.document(site, path); got.MaxAge == year {
		t.Error("59 minutes into the next month the month is closed")
	}
	if got := readAtom(t, a.document(site, "/c/tat-ca/archive/2026-11-open/atom.xml")); got.prev != open {
		t.Errorf("the next month leads back to %q, want %q", got.prev, open)
	}
	a.add(end.Add(-time.Minute), 1, time.Minute) // late
	a.add(end.Add(time.Hour), 1, time.Minute)
	closed := a.document(site, path)
	if got := readAtom(t, closed); closed.MaxAge != year || len(got.ids) != 3 || got.next != "/c/tat-ca/archive/2026-11/atom.xml" {
		t.Errorf("an hour into the next month: kept for %v, %+v; want it closed with 3 entries", closed.MaxAge, got)
	}
	if got := readAtom(t, a.document(site, "/c/tat-ca/archive/2026-11-open/atom.xml")); got.prev != path {
		t.Errorf("the next month leads back to %q, want %q", got.prev, path)
	}
	if got := readAtom(t, a.document(site, open)); len(got.ids) != 3 || got.isArchive {
		t.Errorf("under its open name: %+v, want the same 3 entries for who comes late", got)
	}
}

func TestATakedownReachesTheArchive(t *testing.T) {
	a := newArchived(t)
	a.setClock(time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC))
	a.add(time.Date(2026, 9, 3, 0, 0, 0, 0, time.UTC), 20, time.Hour)
	a.add(time.Date(2026, 11, 3, 0, 0, 0, 0, time.UTC), 20, time.Hour)
	_, seen := a.walk("/c/tat-ca/atom.xml", cache{}, readAtom)
	gone := slices.Sorted(maps.Keys(seen))[:10]
	for _, id := range gone {
		a.bury(id)
	}
	pages, seen := a.walk("/c/tat-ca/atom.xml", cache{}, readAtom)
	for _, id := range gone {
		if seen[id] {
			t.Errorf("%s was taken down and is in the archive", id)
		}
	}
	for path := range pages {
		if !strings.Contains(path, "/archive/") {
			continue
		}
		for _, name := range []string{"", "rss.xml", "feed.json"} {
			body := string(a.document(a.site(), strings.TrimSuffix(path, "atom.xml")+name).Body)
			for _, id := range gone {
				if strings.Contains(body, id) {
					t.Errorf("%s of %s shows what was taken down", name, path)
				}
			}
		}
	}
}

func TestWhatTheArchiveDoesNotHave(t *testing.T) {
	a := newArchived(t)
	if got := a.document(a.site(), "/c/tat-ca/archive/2026-11/atom.xml"); got != nil {
		t.Error("a store without articles has an archive")
	}
	if strings.Contains(string(a.document(a.site(), "/c/tat-ca/atom.xml").Body), "archive") {
		t.Error("a store without articles leads to an archive")
	}
	a.add(time.Date(2026, 9, 3, 0, 0, 0, 0, time.UTC), 5, time.Hour)
	a.add(time.Date(2026, 11, 3, 0, 0, 0, 0, time.UTC), 5, time.Hour)
	for path, want := range map[string]bool{
		"/c/tat-ca/archive/2026-09/atom.xml":      true,
		"/c/tat-ca/archive/2026-10/":              true, // empty
		"/c/tat-ca/archive/2026-11-open/rss.xml":  true,
		"/c/khac/archive/2026-11/feed.json":       true, // empty too
		"/c/tat-ca/archive/2026-08/atom.xml":      false,
		"/c/tat-ca/archive/2026-12/atom.xml":      false,
		"/c/tat-ca/archive/2026-09-2/atom.xml":    false,
		"/c/tat-ca/archive/2026-09-1/atom.xml":    false, // it has one name
		"/c/tat-ca/archive/2026-09-02/atom.xml":   false,
		"/c/tat-ca/archive/2026-09/rss":           false,
		"/c/tat-ca/archive/2026-09":               false,
		"/c/tat-ca/archive/2026-13/atom.xml":      false,
		"/c/tat-ca/archive/2026-9/atom.xml":       false,
		"/c/tat-ca/archive/2026-09//atom.xml":     false,
		"/c/tat-ca/archive/../archive/2026-09/":   false,
		"/c/nobody/archive/2026-09/atom.xml":      false,
		"/c/tat-ca/archive/2026-09-99999/rss.xml": false,
		"/archive/2026-09/rss.xml":                false,
	} {
		if got := a.document(a.site(), path); (got != nil) != want {
			t.Errorf("%s is there: %v, want %v", path, got != nil, want)
		}
	}
}

// A clock that was wrong once puts articles into the seventies, or far ahead.
func TestAWrongClockDoesNotStretchTheArchive(t *testing.T) {
	a := newArchived(t)
	a.setClock(time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC))
	a.add(time.Date(1970, 1, 1, 0, 5, 0, 0, time.UTC), 2, time.Minute)
	a.add(time.Date(2099, 1, 1, 0, 5, 0, 0, time.UTC), 2, time.Minute)
	a.add(time.Date(2026, 11, 19, 0, 5, 0, 0, time.UTC), 2, time.Minute)
	pages, seen := a.walk("/c/tat-ca/atom.xml", cache{}, readAtom)
	a.checkAllSeen("with articles of two wrong clocks", seen)
	if len(pages) != 12 {
		t.Errorf("got %d documents, want the current one and eleven months: %q", len(pages), slices.Sorted(maps.Keys(pages)))
	}
}

// A failing store answers no question of an archive.
type failing struct {
	store.Store
	mu    sync.Mutex
	down  bool
	asked int // for articles
}

func (f *failing) fail(down bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.down = down
}

func (f *failing) Revision(ctx context.Context) (int64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down {
		return 0, store.ErrUnavailable
	}
	return f.Store.Revision(ctx)
}

func (f *failing) Articles(ctx context.Context, ids []string) ([]article.Article, error) {
	f.mu.Lock()
	f.asked++
	f.mu.Unlock()
	time.Sleep(50 * time.Millisecond) // the others come meanwhile
	return f.Store.Articles(ctx, ids)
}

func TestADocumentIsRenderedOnceAndOutlivesTheStore(t *testing.T) {
	a := newArchived(t)
	a.add(time.Date(2026, 9, 3, 0, 0, 0, 0, time.UTC), 5, time.Hour)
	slow := &failing{Store: a.store}
	a.options.Store = slow
	a.restart()
	const path = "/c/tat-ca/archive/2026-09/atom.xml"
	var group sync.WaitGroup
	tags := make([]string, 20)
	for i := range tags {
		group.Go(func() {
			if f, err := a.pipeline.Archive(t.Context(), path); err == nil {
				tags[i] = f.ETag
			}
		})
	}
	group.Wait()
	if slices.Contains(tags, "") || len(slices.Compact(tags)) != 1 {
		t.Errorf("20 requests got %q, want one document", tags)
	}
	if slow.asked != 1 {
		t.Errorf("20 requests read the articles %d times, want once", slow.asked)
	}
	// News of another month change the store, and not the document.
	a.add(time.Date(2026, 11, 3, 0, 0, 0, 0, time.UTC), 1, time.Hour)
	a.add(time.Date(2026, 11, 4, 0, 0, 0, 0, time.UTC), 1, time.Hour)
	for range 2 { // the first one finds it closed
		if f, err := a.pipeline.Archive(t.Context(), path); err != nil || f.MaxAge != year {
			t.Errorf("got %v, %v", f, err)
		}
	}
	a.add(time.Date(2026, 11, 5, 0, 0, 0, 0, time.UTC), 1, time.Hour)
	if _, err := a.pipeline.Archive(t.Context(), path); err != nil || slow.asked != 2 {
		t.Errorf("a closed part was read %d times (%v), want twice: open and closed", slow.asked, err)
	}
	slow.fail(true)
	if f, err := a.pipeline.Archive(t.Context(), path); err != nil || f == nil {
		t.Errorf("without the store: got %v, want what was served last", err)
	}
	if _, err := a.pipeline.Archive(t.Context(), "/c/tat-ca/archive/2026-10/atom.xml"); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("without the store, a document that was never rendered: got %v, want ErrUnavailable", err)
	}
}

func TestArchiveDocumentsAreServedLikeTheOthers(t *testing.T) {
	a := newArchived(t)
	a.add(time.Date(2026, 9, 3, 0, 0, 0, 0, time.UTC), 5, time.Hour)
	a.add(time.Date(2026, 11, 3, 0, 0, 0, 0, time.UTC), 5, time.Hour)
	ask := func(path string, headers ...string) *httptest.ResponseRecorder {
		request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody)
		for i := 0; i < len(headers); i += 2 {
			request.Header.Set(headers[i], headers[i+1])
		}
		answer := httptest.NewRecorder()
		a.document(a.site(), path).ServeHTTP(answer, request)
		return answer
	}
	closed := ask("/c/tat-ca/archive/2026-09/rss.xml", "Accept-Encoding", "gzip")
	if got, want := closed.Header().Get("Cache-Control"), "public, max-age=31536000, immutable"; got != want {
		t.Errorf("Cache-Control of a closed part: got %q, want %q", got, want)
	}
	if closed.Code != http.StatusOK || closed.Header().Get("Content-Encoding") != "gzip" || closed.Header().Get("ETag") == "" {
		t.Errorf("got %d, %v", closed.Code, closed.Header())
	}
	again := ask("/c/tat-ca/archive/2026-09/rss.xml", "Accept-Encoding", "gzip", "If-None-Match", closed.Header().Get("ETag"))
	if again.Code != http.StatusNotModified {
		t.Errorf("with its ETag: got %d, want 304", again.Code)
	}
	if got, want := ask("/c/tat-ca/archive/2026-11-open/").Header().Get("Cache-Control"), "public, max-age=300"; got != want {
		t.Errorf("Cache-Control of the open part: got %q, want %q", got, want)
	}
}

// taken are the tags of documents by their paths.
type taken map[string]string

func (taken) Holds(string, string) bool { return false }

func (t taken) Take(path, _ string, f *publisher.File) error {
	t[path] = f.ETag
	return nil
}

// The export has each document that a walk finds, and writes none twice.
func TestTheExportHasTheArchives(t *testing.T) {
	a := newArchived(t)
	a.add(time.Date(2026, 9, 3, 0, 0, 0, 0, time.UTC), 510, time.Minute)
	a.add(time.Date(2026, 11, 3, 0, 0, 0, 0, time.UTC), 5, time.Hour)
	exporter := publisher.NewExporter(t.TempDir())
	export := func() publisher.ExportResult {
		t.Helper()
		result, err := exporter.Export(t.Context(), a.site(), func(taker *publisher.Taker) error {
			return a.pipeline.ArchiveDocuments(t.Context(), taker)
		})
		if err != nil {
			t.Fatal(err)
		}
		return result
	}
	first := export()
	written := taken{}
	if err := a.pipeline.ArchiveDocuments(t.Context(), written); err != nil {
		t.Fatal(err)
	}
	for path, tag := range written {
		if served := a.document(a.site(), path); served == nil || served.ETag != tag {
			t.Errorf("%s is served otherwise than it is exported", path)
		}
	}
	pages, _ := a.walk("/c/tat-ca/atom.xml", cache{}, readAtom)
	for path := range pages {
		if strings.Contains(path, "/archive/") && written[path] == "" {
			t.Errorf("%s is not exported", path)
		}
	}
	if again := export(); again.Written != 0 || again.Removed != 0 || again.Unchanged != first.Written {
		t.Errorf("again: got %+v, want %d unchanged", again, first.Written)
	}
	a.bury(slices.Sorted(maps.Keys(a.live))[0])
	if third := export(); third.Written == 0 || third.Removed != 0 {
		t.Errorf("after a takedown: got %+v, want some files written", third)
	}
}
