package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A topic of the configuration is found in articles, narrows channels, also that
// of the topic above it, and is named to readers.
func TestTopicsOfTheConfiguration(t *testing.T) {
	o := newOrigin(t)
	dir, config := workplace(t, o.URL, "tot")
	text, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	text = append(text, []byte(`  - {id: cong-trinh, title: Công trình, topics: [cau-duong]}
  - {id: kinh-te, title: Kinh tế, topics: [kinh-te]}
  - {id: the-thao, title: Thể thao, topics: [the-thao]}
topics:
  - {id: cau-duong, label: Cầu và đường, parent: kinh-te, phrases: [{phrase: "khánh thành cầu", weight: 5}]}
`)...)
	if err := os.WriteFile(config, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := call(t, "-c", config, "fetch"); err != nil {
		t.Fatalf("fetch: %v: %s", err, out)
	}
	public := filepath.Join(dir, "public")
	if out, err := call(t, "-c", config, "publish", "--out", public); err != nil {
		t.Fatalf("publish: %v: %s", err, out)
	}
	for channel, want := range map[string]bool{"cong-trinh": true, "kinh-te": true, "the-thao": false} {
		feed, err := os.ReadFile(filepath.Join(public, "c", channel, "rss.xml"))
		if err != nil && want {
			t.Fatal(err)
		}
		if got := strings.Contains(string(feed), "Khánh thành cầu Sông Cầu"); got != want {
			t.Errorf("channel %s has the article: %t, want %t", channel, got, want)
		}
	}
	page, err := os.ReadFile(filepath.Join(public, "c", "cong-trinh", "index.html"))
	if err != nil || !strings.Contains(string(page), "Cầu và đường") {
		t.Errorf("the page does not name the topic (%v): %s", err, page)
	}
}
