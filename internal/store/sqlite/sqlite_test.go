package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"bantin/internal/article"
	"bantin/internal/store"
	"bantin/internal/store/sqlite"
	"bantin/internal/store/storetest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(tb testing.TB) storetest.Place {
		tb.Helper()
		path := filepath.Join(tb.TempDir(), "bantin.db")
		return func(tb testing.TB) store.Store {
			tb.Helper()
			s, err := sqlite.Open(tb.Context(), path)
			if err != nil {
				tb.Fatal(err)
			}
			return s
		}
	}, storetest.Limits{})
}

// open opens a store until the end of the test.
func open(t *testing.T, path string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	folder := t.TempDir()
	text := filepath.Join(folder, "text.db")
	if err := os.WriteFile(text, []byte(strings.Repeat("Đây không phải là cơ sở dữ liệu. ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	foreign := filepath.Join(folder, "foreign.db")
	makeForeign(t, foreign)
	newer := filepath.Join(folder, "newer.db")
	makeNewer(t, newer)

	for _, test := range []struct {
		name, path string
		want       []string
	}{
		{"a text file", text, []string{text, "not a SQLite database", "bantin.yaml"}},
		{"another program's", foreign, []string{foreign, "another program", "bantin.yaml"}},
		{"a newer schema", newer, []string{newer, "newer Bantin", "bantin.yaml"}},
		{"a folder", folder, []string{folder, "permissions"}},
		{"a missing folder", filepath.Join(folder, "không-có", "a.db"), []string{filepath.Join(folder, "không-có"), "bantin.yaml"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, err := sqlite.Open(t.Context(), test.path)
			if err == nil {
				t.Fatal("Open succeeded", s.Close())
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error %q does not say %q", err, want)
				}
			}
		})
	}
	// What is not ours is not touched.
	if got, err := os.ReadFile(text); err != nil || !strings.HasPrefix(string(got), "Đây không phải") {
		t.Errorf("the text file after Open: %q, %v", got[:20], err)
	}
}

func makeForeign(t *testing.T, path string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(t.Context(), "CREATE TABLE ghi_chu (noi_dung TEXT)")
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

func makeNewer(t *testing.T, path string) {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.SetVersion(t.Context(), sqlite.NewerSchema()), s.Close()); err != nil {
		t.Fatal(err)
	}
}

// A file that the version before wrote is read and written.
func TestOpenBringsAnOlderFileUpToDate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bantin.db")
	s, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	refresh := refreshOf("trước", 300)
	_, err = s.Commit(t.Context(), refresh)
	if err := errors.Join(err, s.MakeOlder(t.Context()), s.Close()); err != nil {
		t.Fatal(err)
	}

	s = open(t, path)
	if there, hash := stored(t, s, "trước"); !there || hash != "trước" {
		t.Errorf("article there: %v, body hash %q; want what the older file had", there, hash)
	}
	states, err := s.States(t.Context(), "bao-lang")
	if got := states["bao-lang"].Habits.Intake; err != nil || !got.Since.IsZero() || !got.Flooding.IsZero() {
		t.Errorf("intake: got %+v, %v; want none", got, err)
	}
	// What the older version stored gets its likeness when it changes.
	other := refreshOf("sau", 300)
	other.Articles[0].Text = refresh.Articles[0].Text
	for _, test := range []struct {
		name    string
		refresh article.Refresh
		want    article.Counts
	}{
		{"changed", changedRefresh(refresh), article.Counts{Updated: 1}},
		{"the same under another guid", other, article.Counts{Unchanged: 1}},
	} {
		if counts, err := s.Commit(t.Context(), test.refresh); err != nil || counts != test.want {
			t.Errorf("%s: got %+v, %v; want %+v", test.name, counts, err, test.want)
		}
	}
}

func changedRefresh(refresh article.Refresh) article.Refresh {
	refresh.Articles = slices.Clone(refresh.Articles)
	refresh.Articles[0].ContentHash += " nữa"
	return refresh
}

func TestPathMayHaveAnyCharacter(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "tin & bài 100%? #1")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "bản tin?.db")
	commit(t, open(t, path), "1")
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}

// Whatever the size of the archive, a query of an output or of the scheduler reads
// what it returns and no more.
func TestQueriesUseIndexes(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "bantin.db"))
	for name, query := range sqlite.Queries() {
		steps, err := s.Explain(t.Context(), query)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		plan := strings.Join(steps, "\n")
		for _, table := range []string{"articles", "members", "issues"} {
			if strings.Contains(plan, "SCAN "+table) {
				t.Errorf("%s reads all %s:\n%s", name, table, plan)
			}
		}
		for _, alias := range []string{"SCAN a\n", "SCAN m\n", "SCAN r\n"} {
			if strings.Contains(plan+"\n", alias) {
				t.Errorf("%s reads a whole table:\n%s", name, plan)
			}
		}
		sorts := strings.Contains(plan, "TEMP B-TREE FOR ORDER BY") || strings.Contains(plan, "TEMP B-TREE FOR LAST")
		if sorts != strings.HasSuffix(name, " seen") { // which sort the ids of what is new
			t.Errorf("%s sorts: %v\n%s", name, sorts, plan)
		}
	}
}

func TestPlans(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "bantin.db"))
	for name, want := range map[string]string{
		"Due":            "SEARCH sources USING INDEX sources_due (next<?)",
		"Select":         "SEARCH m USING PRIMARY KEY (key=?)",
		"Select seen":    "SEARCH r USING INDEX articles_seen (seen>? AND seen<?)",
		"Arrivals seen":  "SEARCH r USING INDEX articles_seen (seen>? AND seen<?)",
		"Cuts":           "SEARCH cuts USING PRIMARY KEY (key=? AND month=?)",
		"Members":        "SEARCH members USING PRIMARY KEY (key=?)",
		"ArticlesByURL":  "SEARCH a USING INDEX articles_url (url=?)",
		"buried URLs":    "SEARCH a USING INDEX articles_buried (url=?)",
		"Issue":          "SEARCH issues USING PRIMARY KEY (digest=? AND date=?)",
		"stored by like": "SEARCH a USING INDEX articles_likeness (likeness=?)",
		// The number of articles stands with each source, of which there are few.
		"ArticleCounts": "SCAN sources",
	} {
		steps, err := s.Explain(t.Context(), sqlite.Queries()[name])
		if err != nil {
			t.Fatal(err)
		}
		if plan := strings.Join(steps, "\n"); !strings.Contains(plan, want) {
			t.Errorf("%s: got the plan\n%s\nwant in it %q", name, plan, want)
		}
	}
}

func refreshOf(guid string, bodyBytes int) article.Refresh {
	id := article.NewID("bao-lang", guid)
	refresh := article.Refresh{State: article.SourceState{SourceID: "bao-lang", BodyHash: guid}}
	refresh.Articles = []article.Article{{
		ID: id, SourceID: "bao-lang", GUID: guid, ContentHash: guid,
		FirstSeen: time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC),
		// A source of numbers that does not compress.
		Text: incompressible(bodyBytes),
	}}
	return refresh
}

func incompressible(n int) string {
	var b strings.Builder
	for state := uint64(88172645463325252); b.Len() < n; {
		state ^= state << 13 // xorshift64
		state ^= state >> 7
		state ^= state << 17
		fmt.Fprintf(&b, "%x", state)
	}
	return b.String()
}

func commit(t *testing.T, s *sqlite.Store, guid string) {
	t.Helper()
	if _, err := s.Commit(t.Context(), refreshOf(guid, 100)); err != nil {
		t.Fatal(err)
	}
}

// stored reports whether the article is there, and the state that came with it.
func stored(t *testing.T, s *sqlite.Store, guid string) (there bool, bodyHash string) {
	t.Helper()
	id := article.NewID("bao-lang", guid)
	known, err := s.Known(t.Context(), []string{id})
	if err != nil {
		t.Fatal(err)
	}
	states, err := s.States(t.Context(), "bao-lang")
	if err != nil {
		t.Fatal(err)
	}
	_, there = known[id]
	return there, states["bao-lang"].BodyHash
}

func TestFullDiskIsUnavailable(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "bantin.db"))
	commit(t, s, "trước")
	if err := s.FillDisk(t.Context(), 10); err != nil {
		t.Fatal(err)
	}
	_, err := s.Commit(t.Context(), refreshOf("quá lớn", 1<<20))
	if !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Commit on a full disk: got %v, want ErrUnavailable", err)
	}
	if there, hash := stored(t, s, "quá lớn"); there || hash != "trước" {
		t.Errorf("after it: article there: %v, body hash %q; want nothing of the refresh", there, hash)
	}
	commit(t, s, "nhỏ") // what fits is still written
	if err := s.FillDisk(t.Context(), -1); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Commit(t.Context(), refreshOf("quá lớn", 1<<20)); err != nil {
		t.Errorf("Commit after there was room again: %v", err)
	}
}

func TestARemovedFileIsUnavailable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bantin.db")
	s := open(t, path)
	commit(t, s, "trước")
	if err := os.Rename(path, path+".away"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Commit(t.Context(), refreshOf("sau", 10)); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("a commit to a file that is gone: got %v, want ErrUnavailable", err)
	}
}

// A batch holds the writes of many callers; one that fails is the business of its
// own caller.
func TestFailedWriteSpoilsNoOther(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "bantin.db"))
	release := make(chan struct{})
	held := s.BusyWriter(t.Context(), release)
	var group sync.WaitGroup
	for i := range 10 {
		group.Go(func() {
			counts, err := s.Commit(t.Context(), refreshOf(strconv.Itoa(i), 100))
			if want := (article.Counts{New: 1}); err != nil || counts != want {
				t.Errorf("Commit %d: got %+v, %v; want %+v", i, counts, err, want)
			}
		})
	}
	waitUntil(t, func() bool { return s.Waiting() == 10 })
	for range 10 {
		group.Go(func() {
			if err := s.Spoil(t.Context()); err == nil {
				t.Error("the write that must fail did not")
			}
		})
	}
	waitUntil(t, func() bool { return s.Waiting() == 20 })
	close(release) // they are one batch now
	group.Wait()
	if err := <-held; err != nil {
		t.Error(err)
	}
	for i := range 10 {
		if there, _ := stored(t, s, strconv.Itoa(i)); !there {
			t.Errorf("article %d is not stored", i)
		}
	}
}

func waitUntil(t *testing.T, happened func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !happened(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it did not happen in 10 s")
		}
	}
}

func TestWaitingWriteCanBeCancelled(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "bantin.db"))
	release := make(chan struct{})
	held := s.BusyWriter(t.Context(), release)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := s.Commit(ctx, refreshOf("bỏ", 100))
		done <- err
	}()
	waitUntil(t, func() bool { return s.Waiting() == 1 })
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("Commit: got %v, want context.Canceled", err)
	}
	close(release)
	if err := <-held; err != nil {
		t.Error(err)
	}
	commit(t, s, "sau")
	if there, _ := stored(t, s, "bỏ"); there {
		t.Error("the cancelled write was written")
	}
}

func TestCloseWritesWhatWaits(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bantin.db")
	s := open(t, path)
	release := make(chan struct{})
	held := s.BusyWriter(t.Context(), release)
	done := make(chan error, 1)
	go func() {
		_, err := s.Commit(t.Context(), refreshOf("cuối", 100))
		done <- err
	}()
	waitUntil(t, func() bool { return s.Waiting() == 1 })
	closed := make(chan error, 1)
	go func() { closed <- s.Close() }()
	waitUntil(t, s.Closing)
	close(release)
	if err := errors.Join(<-held, <-done, <-closed); err != nil {
		t.Errorf("close while a write waits: %v", err)
	}
	if there, _ := stored(t, open(t, path), "cuối"); !there {
		t.Error("the write that waited is not stored")
	}
}

// What Commit has answered is in the file, also when the process ends without Close.
func TestCommittedIsDurable(t *testing.T) {
	folder := t.TempDir()
	s := open(t, filepath.Join(folder, "bantin.db"))
	commit(t, s, "1")
	// The files as a crash at this moment would leave them.
	after := filepath.Join(t.TempDir(), "bantin.db")
	for _, suffix := range []string{"", "-wal"} {
		content, err := os.ReadFile(filepath.Join(folder, "bantin.db"+suffix))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(after+suffix, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if there, hash := stored(t, open(t, after), "1"); !there || hash != "1" {
		t.Errorf("after a crash: article there: %v, body hash %q", there, hash)
	}
}
