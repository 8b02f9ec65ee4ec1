package publisher_test

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bantin/publisher"
)

func export(t *testing.T, dir string, content publisher.Content, want publisher.ExportResult) {
	t.Helper()
	got, err := publisher.Export(dir, renderSite(t, content))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
}

func TestExportWritesEveryPathAsAFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not", "yet", "there")
	site := renderSite(t, sampleContent())
	export(t, dir, sampleContent(), publisher.ExportResult{Written: len(site.Paths())})

	var want []string
	for _, path := range site.Paths() {
		name := filepath.Join(dir, filepath.FromSlash(path))
		if strings.HasSuffix(path, "/") {
			name = filepath.Join(name, "index.html")
		}
		want = append(want, name)
		got, err := os.ReadFile(name)
		if err != nil || string(got) != text(t, site, path) {
			t.Errorf("%s: other bytes, error %v", name, err)
		}
		if info, err := os.Stat(name); err != nil || runtime.GOOS != "windows" && info.Mode().Perm()&0o444 != 0o444 {
			t.Errorf("%s: a web server cannot read it: %v, %v", name, info.Mode(), err)
		}
	}
	got := slices.DeleteFunc(filesBelow(t, dir), func(name string) bool { return filepath.Base(name) == ".bantin-files" })
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func TestExportAgainWritesNothing(t *testing.T) {
	dir := t.TempDir()
	files := len(renderSite(t, sampleContent()).Paths())
	export(t, dir, sampleContent(), publisher.ExportResult{Written: files})
	before := stats(t, dir)
	export(t, dir, sampleContent(), publisher.ExportResult{Unchanged: files})
	if diff := cmp.Diff(before, stats(t, dir)); diff != "" {
		t.Errorf("files (-before +after):\n%s", diff)
	}
}

// stats are the change times of all files.
func stats(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, name := range filesBelow(t, dir) {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		found[name] = info.ModTime().String()
	}
	return found
}

func TestExportWritesOnlyWhatDiffers(t *testing.T) {
	dir := t.TempDir()
	files := len(renderSite(t, sampleContent()).Paths())
	export(t, dir, sampleContent(), publisher.ExportResult{Written: files})

	content := sampleContent()
	content.Channels[0].Articles = content.Channels[0].Articles[:1]
	// The page and the three feeds of the channel, and the front page.
	export(t, dir, content, publisher.ExportResult{Written: 5, Unchanged: files - 5})
}

func TestExportRemovesOnlyItsOwn(t *testing.T) {
	dir := t.TempDir()
	files := len(renderSite(t, sampleContent()).Paths())
	export(t, dir, sampleContent(), publisher.ExportResult{Written: files})
	foreign := []string{
		filepath.Join(dir, "robots.txt"),
		filepath.Join(dir, "c", "tat-ca", "ghi-chu.txt"),
		filepath.Join(dir, "c", "khac", "index.html"),
		filepath.Join(dir, "d", "khac.html"),
	}
	for _, name := range foreign {
		writeFile(t, name, "của người khác")
	}
	changed := filepath.Join(dir, "c", "tat-ca", "rss.xml")
	writeFile(t, changed, "người khác đã sửa")

	content := sampleContent()
	content.Channels = content.Channels[1:2]
	content.Digests = nil
	// Of the two channels that are gone, eight files less the changed one, and the
	// four of the digest; the index and the OPML are others.
	export(t, dir, content, publisher.ExportResult{Written: 2, Unchanged: 5, Removed: 11})

	for _, name := range append(foreign, changed) {
		if _, err := os.Stat(name); err != nil {
			t.Errorf("lost: %v", err)
		}
	}
	for _, name := range []string{filepath.Join(dir, "c", "trong"), filepath.Join(dir, "c", "tat-ca", "index.html")} {
		if _, err := os.Stat(name); err == nil {
			t.Errorf("%s is still there", name)
		}
	}
	export(t, dir, content, publisher.ExportResult{Unchanged: 7})
	// They come back, and so do their files.
	export(t, dir, sampleContent(), publisher.ExportResult{Written: 14, Unchanged: files - 14})
}

// A page of a digest that nobody renders any more would keep what was taken down.
func TestExportKeepsNoIssueThatTheSiteHasNot(t *testing.T) {
	dir := t.TempDir()
	files := len(renderSite(t, sampleContent()).Paths())
	export(t, dir, sampleContent(), publisher.ExportResult{Written: files})
	content := sampleContent()
	content.Digests[0].Issues = content.Digests[0].Issues[1:]
	export(t, dir, content, publisher.ExportResult{Written: 1, Unchanged: files - 2, Removed: 1})
	if _, err := os.Stat(filepath.Join(dir, "d", "sang", "2026-11-21", "index.html")); err == nil {
		t.Error("the issue is still there")
	}
}

// TestExportTrustsNoManifest: names in it that lead elsewhere remove nothing.
func TestExportTrustsNoManifest(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "site")
	victim := filepath.Join(parent, "victim.txt")
	writeFile(t, victim, "")
	// The hash is that of the empty file.
	const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	writeFile(t, filepath.Join(dir, ".bantin-files"),
		empty+"  ../victim.txt\n"+empty+"  "+victim+"\n"+empty+"  c/../../victim.txt\ngarbage\n\n"+empty+"  \n")
	export(t, dir, sampleContent(), publisher.ExportResult{Written: 19})
	if _, err := os.Stat(victim); err != nil {
		t.Error(err)
	}
}

func TestExportThroughLinks(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("making links needs a privilege there")
	}
	parent := t.TempDir()
	outside := filepath.Join(parent, "outside")
	if err := os.MkdirAll(outside, 0o755); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(parent, "site")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "c")); err != nil {
		t.Fatal(err)
	}
	if _, err := publisher.Export(dir, renderSite(t, sampleContent())); err == nil {
		t.Error("it wrote through a link that leads out of the directory")
	}
	if names := filesBelow(t, outside); names != nil {
		t.Errorf("files outside: %q", names)
	}
	// The directory itself may be a link, as in a release layout.
	link := filepath.Join(parent, "current")
	target := t.TempDir()
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	export(t, link, sampleContent(), publisher.ExportResult{Written: 19})
}

func TestExportErrors(t *testing.T) {
	site := renderSite(t, sampleContent())
	file := filepath.Join(t.TempDir(), "file")
	writeFile(t, file, "")
	if _, err := publisher.Export(file, site); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("a file as directory: error %v", err)
	}
	blocked := t.TempDir()
	writeFile(t, filepath.Join(blocked, "c", "tat-ca"), "a file where a directory must be")
	if _, err := publisher.Export(blocked, site); err == nil || !strings.Contains(err.Error(), "c/tat-ca") {
		t.Errorf("a file in the way: error %v", err)
	}
	for _, name := range filesBelow(t, blocked) {
		if strings.HasSuffix(name, ".tmp") {
			t.Errorf("left behind: %s", name)
		}
	}
}

// TestExportIsAtomic reads a file all the time while it is replaced, and finds
// one of the two documents, whole.
func TestExportIsAtomic(t *testing.T) {
	dir := t.TempDir()
	first, second := sampleContent(), sampleContent()
	second.Channels[0].Articles = second.Channels[0].Articles[:1]
	sites := []*publisher.Site{renderSite(t, first), renderSite(t, second)}
	const path = "/c/tat-ca/rss.xml"
	allowed := []string{text(t, sites[0], path), text(t, sites[1], path)}
	if _, err := publisher.Export(dir, sites[0]); err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	var reader sync.WaitGroup
	reader.Go(func() {
		for reads := 0; ; reads++ {
			select {
			case <-stop:
				if reads == 0 {
					t.Error("nothing was read")
				}
				return
			default:
			}
			got, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(path)))
			if err != nil || !slices.Contains(allowed, string(got)) {
				t.Errorf("read %d bytes, error %v", len(got), err)
				return
			}
		}
	})
	for i := range 20 {
		if _, err := publisher.Export(dir, sites[(i+1)%2]); err != nil {
			t.Error(err)
		}
	}
	close(stop)
	reader.Wait()
}
