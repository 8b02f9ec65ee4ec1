package publisher_test

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bantin/publisher"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestGolden compares every output of the sample with testdata/golden, which has
// the layout of the exported site. A missing and an orphan file are failures.
func TestGolden(t *testing.T) {
	const dir = "testdata/golden"
	site := renderSite(t, sampleContent())
	if *update {
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
	}
	var expected []string
	for _, path := range site.Paths() {
		if path == "/style.css" {
			continue // the file itself is the source
		}
		name := filepath.Join(dir, filepath.FromSlash(path))
		if strings.HasSuffix(path, "/") {
			name = filepath.Join(name, "index.html")
		}
		expected = append(expected, name)
		got := text(t, site, path)
		if *update {
			writeFile(t, name, got)
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Errorf("missing golden: %v", err)
			continue
		}
		if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
	if len(expected) == 0 {
		t.Fatal("nothing was rendered")
	}
	for _, name := range filesBelow(t, dir) {
		if !slices.Contains(expected, name) {
			t.Errorf("orphan golden %s", name)
		}
	}
}

func TestPaths(t *testing.T) {
	want := []string{
		"/",
		"/c/cong-nghiep/", "/c/cong-nghiep/atom.xml", "/c/cong-nghiep/feed.json", "/c/cong-nghiep/rss.xml",
		"/c/tat-ca/", "/c/tat-ca/atom.xml", "/c/tat-ca/feed.json", "/c/tat-ca/rss.xml",
		"/c/trong/", "/c/trong/atom.xml", "/c/trong/feed.json", "/c/trong/rss.xml",
		"/d/sang/", "/d/sang/2026-11-21/", "/d/sang/2026-11-22/", "/d/toi/",
		"/opml.xml", "/style.css",
	}
	if diff := cmp.Diff(want, renderSite(t, sampleContent()).Paths()); diff != "" {
		t.Errorf("paths (-want +got):\n%s", diff)
	}
}

func writeFile(t *testing.T, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// filesBelow are the names of all files below a directory, with the directory.
func filesBelow(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// sameSites reports the paths at which two sites differ.
func sameSites(a, b *publisher.Site) string {
	return cmp.Diff(a, b, cmp.Transformer("files", func(s *publisher.Site) map[string]publisher.File {
		files := map[string]publisher.File{}
		for _, path := range s.Paths() {
			f, _ := s.File(path)
			files[path] = *f
		}
		return files
	}))
}
