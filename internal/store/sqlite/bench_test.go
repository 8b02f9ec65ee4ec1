package sqlite_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"bantin/internal/article"
	"bantin/internal/store/sqlite"
)

const committers = 32 // the default of fetch.concurrency

// BenchmarkCommit is the first refresh of 1,000 feeds of 30 items, all new, from
// 32 workers. One operation is all of it.
func BenchmarkCommit(b *testing.B) {
	refreshes := newRefreshes(1000, 30)
	for b.Loop() {
		commitAll(b, refreshes)
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*30_000), "µs/article")
}

// BenchmarkCommitState is the same with nothing new: 1,000 answers of 304.
func BenchmarkCommitState(b *testing.B) {
	refreshes := newRefreshes(1000, 0)
	for b.Loop() {
		commitAll(b, refreshes)
	}
}

func commitAll(b *testing.B, refreshes []article.Refresh) {
	b.Helper()
	path := filepath.Join(b.TempDir(), "bantin.db")
	s, err := sqlite.Open(b.Context(), path)
	if err != nil {
		b.Fatal(err)
	}
	queue := make(chan article.Refresh)
	var group sync.WaitGroup
	for range committers {
		group.Go(func() {
			for refresh := range queue {
				counts, err := s.Commit(b.Context(), refresh)
				if err != nil || counts.New != len(refresh.Articles) {
					b.Errorf("Commit: %v, %v; want %d new", counts, err, len(refresh.Articles))
				}
			}
		})
	}
	for _, refresh := range refreshes {
		queue <- refresh
	}
	close(queue)
	group.Wait()
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
}

// newRefreshes makes articles of about 2.5 KB of HTML and 2.2 KB of text, in
// words drawn at random, because repeated text would compress too well.
func newRefreshes(sources, articles int) []article.Refresh {
	random := rand.New(rand.NewPCG(1, 2))
	seen := time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)
	refreshes := make([]article.Refresh, sources)
	for i := range refreshes {
		id := fmt.Sprintf("nguon-%d", i)
		refreshes[i].State = article.SourceState{
			SourceID:    id,
			Validators:  article.Validators{ETag: `"v1"`},
			LastFetch:   seen,
			LastGood:    seen,
			NextFetchAt: seen.Add(time.Hour),
		}
		refreshes[i].Decided = []string{"tat-ca@1a2b3c4d", "kinh-te@5e6f7a8b"}
		for j := range articles {
			text := sentence(random, 400)
			guid := fmt.Sprintf("https://bao.example/%d/%d", i, j)
			refreshes[i].Articles = append(refreshes[i].Articles, article.Article{
				ID:          article.NewID(id, guid),
				SourceID:    id,
				GUID:        guid,
				URL:         guid + "/" + strings.ReplaceAll(sentence(random, 8), " ", "-") + ".html",
				Title:       sentence(random, 12),
				Lead:        sentence(random, 40),
				HTML:        "<p>" + strings.ReplaceAll(text, ". ", ".</p>\n<p>") + "</p>",
				Text:        strings.ReplaceAll(text, ". ", ".\n"),
				Published:   seen.Add(-time.Duration(random.IntN(100_000)) * time.Second),
				Precision:   article.Minute,
				FirstSeen:   seen,
				FetchedAt:   seen,
				Categories:  []string{"Kinh tế"},
				Language:    "vi",
				ContentHash: guid,
				Channels:    refreshes[i].Decided,
			})
		}
	}
	return refreshes
}

// sentence is made of syllables and not of words of the language; what matters is
// that it has the length and the letters of Vietnamese.
func sentence(random *rand.Rand, syllables int) string {
	starts := []string{"b", "c", "ch", "d", "đ", "g", "h", "kh", "l", "m", "n", "ng", "nh", "ph", "s", "t", "th", "tr", "v", "x"}
	ends := []string{"an", "ạo", "ấp", "âu", "ây", "ề", "iện", "inh", "ông", "ơi", "ổ", "uyên", "ương", "ừng", "ỹ", "át", "ếch", "ồn", "ủa", "ữu"}
	var b strings.Builder
	for i := range syllables {
		switch {
		case i == 0:
		case i%24 == 0:
			b.WriteString(". ")
		default:
			b.WriteString(" ")
		}
		b.WriteString(starts[random.IntN(len(starts))])
		b.WriteString(ends[random.IntN(len(ends))])
	}
	return b.String()
}
