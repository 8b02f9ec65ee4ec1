package normalizer_test

import (
	"os"
	"testing"

	"bantin/internal/eval"
)

// TestEvaluation reads the evaluation set, whose expectations were written by people
// who had not seen this package, and fails where it reads worse than it did. The
// floors are a little under what was reached: one page of 64, or two items of 230,
// may go wrong for a good reason.
func TestEvaluation(t *testing.T) {
	set, err := eval.Load(os.DirFS("testdata/eval"))
	if err != nil {
		t.Fatal(err)
	}
	reader, err := eval.NewBantin()
	if err != nil {
		t.Fatal(err)
	}
	pages := eval.MeasurePages(set.Pages, reader.Page)
	feeds := eval.MeasureFeeds(set.Feeds, reader.Feed)
	tags := eval.MeasureTags(set, reader.Places, reader.Topics)
	for _, c := range []struct {
		what       string
		got, floor float64
	}{
		{"body of pages", pages.Body.F1(), 0.99},
		{"title of pages", pages.Title.F1(), 0.98},
		{"date of pages", pages.Date.F1(), 0.98},
		{"dates of pages that are right", pages.Date.Precision(), 1},
		{"byline of pages", pages.Author.F1(), 0.98},
		{"origin of pages", pages.Origin.F1(), 0.96},
		{"lead of pages", pages.Lead.F1(), 0.98},
		{"captions of pages", pages.Caption.F1(), 0.98},
		{"items of feeds", feeds.Item.F1(), 0.99},
		{"title of items", feeds.Title.F1(), 0.99},
		{"link of items", feeds.URL.F1(), 0.99},
		{"date of items", feeds.Date.F1(), 0.99},
		{"author of items", feeds.Author.F1(), 0.99},
		{"text of items", feeds.Text.F1(), 0.99},
		{"places", tags.Place.F1(), 0.98},
		{"primary topic", tags.Primary.F1(), 0.93},
		{"topics", tags.Topic.F1(), 0.79},
	} {
		t.Logf("%s: %.3f", c.what, c.got)
		if c.got < c.floor {
			t.Errorf("%s: %.3f is below the floor %.3f", c.what, c.got, c.floor)
		}
	}
	if t.Failed() {
		for _, misses := range [][]eval.Miss{pages.Misses, feeds.Misses, tags.Misses} {
			for _, miss := range misses {
				t.Log(miss)
			}
		}
	}
}
