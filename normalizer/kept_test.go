package normalizer_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"bantin/internal/article"
)

// What is kept of a feed gives the articles that were read from it, whether the
// feed was read whole or in part.
func TestKept(t *testing.T) {
	n := newNormalizer(t)
	read := 0
	for _, name := range feedFiles(t) {
		t.Run(filepath.Base(name), func(t *testing.T) {
			body, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			document := sampleDocument(body)
			whole, err := n.Feed(sampleSource(), document)
			if err != nil || len(whole.Articles) == 0 {
				return // it is kept for nobody
			}
			document.Seen = whole.Items[:len(whole.Items)/2]
			part, err := n.Feed(sampleSource(), document)
			if err != nil {
				t.Fatal(err)
			}
			for _, result := range []struct {
				kept []byte
				want []article.Article
			}{{whole.Kept, whole.Articles}, {part.Kept, part.Articles}} {
				again := sampleDocument(result.kept)
				again.ContentType = "text/xml; charset=utf-8"
				got, err := n.Feed(sampleSource(), again)
				if err != nil {
					t.Fatalf("read again: %v\n%s", err, result.kept)
				}
				// What was repaired when the bytes came is not broken any more.
				unwarned := cmpopts.IgnoreFields(article.Article{}, "Warnings")
				if diff := cmp.Diff(result.want, got.Articles, unwarned, cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("read again (-want +got):\n%s", diff)
				}
				read += len(got.Articles)
			}
		})
	}
	if read < 100 {
		t.Errorf("only %d articles were read again", read)
	}
}
