package publisher_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

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

// documents is how many an export of the sample has: one that Handler serves
// under no path of its own, the page for what is missing.
func documents(t *testing.T) int {
	t.Helper()
	return len(renderSite(t, sampleContent()).Paths()) + 1
}

func TestExportWritesEveryPathAsAFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not", "yet", "there")
	site := renderSite(t, sampleContent())
	export(t, dir, sampleContent(), publisher.ExportResult{Written: documents(t)})

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
		f, _ := site.File(path)
		for _, e := range f.Encoded {
			want = append(want, name+e.Suffix)
			if got, err := os.ReadFile(name + e.Suffix); err != nil || !bytes.Equal(got, e.Body) {
				t.Errorf("%s%s: other bytes, error %v", name, e.Suffix, err)
			}
		}
		if info, err := os.Stat(name); err != nil || runtime.GOOS != "windows" && info.Mode().Perm()&0o444 != 0o444 {
			t.Errorf("%s: a web server cannot read it: %v, %v", name, info.Mode(), err)
		} else if !f.LastModified.IsZero() && !info.ModTime().Equal(f.LastModified) {
			t.Errorf("%s: modified %v, want %v", name, info.ModTime(), f.LastModified)
		}
	}
	got := slices.DeleteFunc(filesBelow(t, dir), func(name string) bool {
		return filepath.Base(name) == ".bantin-files" || strings.HasPrefix(filepath.Base(name), "404.html")
	})
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func TestExportAgainWritesNothing(t *testing.T) {
	dir := t.TempDir()
	files := documents(t)
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
	files := documents(t)
	export(t, dir, sampleContent(), publisher.ExportResult{Written: files})

	content := sampleContent()
	content.Channels[0].Articles = content.Channels[0].Articles[:1]
	// The page and the three feeds of the channel, and the front page.
	export(t, dir, content, publisher.ExportResult{Written: 5, Unchanged: files - 5})
}

func TestExportRemovesOnlyItsOwn(t *testing.T) {
	dir := t.TempDir()
	files := documents(t)
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
	export(t, dir, content, publisher.ExportResult{Written: 2, Unchanged: 6, Removed: 11})

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
	export(t, dir, content, publisher.ExportResult{Unchanged: 8})
	// They come back, and so do their files.
	export(t, dir, sampleContent(), publisher.ExportResult{Written: 14, Unchanged: files - 14})
}

// A page of a digest that nobody renders any more would keep what was taken down.
func TestExportKeepsNoIssueThatTheSiteHasNot(t *testing.T) {
	dir := t.TempDir()
	files := documents(t)
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
	export(t, dir, sampleContent(), publisher.ExportResult{Written: documents(t)})
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
	export(t, link, sampleContent(), publisher.ExportResult{Written: documents(t)})
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

// tag is the entity tag of no other bytes.
func tag(letter string) string { return `"` + strings.Repeat(letter, 32) + `"` }

// TestExportLeavesNoStaleEncoding: a server that prefers rss.xml.gz to rss.xml
// never finds one that belongs to other bytes.
func TestExportLeavesNoStaleEncoding(t *testing.T) {
	dir := t.TempDir()
	site := renderSite(t, sampleContent())
	if _, err := publisher.Export(dir, site); err != nil {
		t.Fatal(err)
	}
	short := renderSite(t, sampleContent())
	f, _ := short.File(feedPath)
	f.Encoded = f.Encoded[:1] // as if the others were not smaller any more
	f.Body, f.ETag = []byte("ngắn"), tag("0")
	if _, err := publisher.Export(dir, short); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, filepath.FromSlash(feedPath))
	for suffix, want := range map[string]bool{"": true, ".br": true, ".zst": false, ".gz": false} {
		if _, err := os.Stat(name + suffix); (err == nil) != want {
			t.Errorf("%s%s: %v", name, suffix, err)
		}
	}
}

// TestExportGivesOtherBytesAnotherTime: web servers make entity tags of the time,
// in seconds, and the size.
func TestExportGivesOtherBytesAnotherTime(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, filepath.FromSlash(feedPath))
	var last time.Time
	for i := range 3 {
		site := renderSite(t, sampleContent())
		f, _ := site.File(feedPath)
		f.Body = bytes.Repeat([]byte{byte('0' + i)}, 100)
		f.ETag, f.Encoded = tag(strconv.Itoa(i)), nil
		if _, err := publisher.Export(dir, site); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if info.ModTime().Sub(last) < time.Second {
			t.Errorf("version %d: modified %v, the one before %v", i, info.ModTime(), last)
		}
		last = info.ModTime()
	}
}

// TestExportReadsNothingThatItWrote: a file of the size and the time that it
// gave is taken for what it wrote. That is seen by changing its bytes.
func TestExportReadsNothingThatItWrote(t *testing.T) {
	dir := t.TempDir()
	export(t, dir, sampleContent(), publisher.ExportResult{Written: documents(t)})
	name := filepath.Join(dir, filepath.FromSlash(feedPath))
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, name, strings.Repeat("x", int(info.Size())))
	if err := os.Chtimes(name, time.Time{}, info.ModTime()); err != nil {
		t.Fatal(err)
	}
	export(t, dir, sampleContent(), publisher.ExportResult{Unchanged: documents(t)})
	if err := os.Chtimes(name, time.Time{}, info.ModTime().Add(-time.Second)); err != nil {
		t.Fatal(err)
	}
	export(t, dir, sampleContent(), publisher.ExportResult{Written: 1, Unchanged: documents(t) - 1})
}

// TestExportAfterACrash: what is listed and was not yet written is written.
func TestExportAfterACrash(t *testing.T) {
	dir := t.TempDir()
	first := renderSite(t, sampleContent())
	if _, err := publisher.Export(dir, first); err != nil {
		t.Fatal(err)
	}
	second := renderSite(t, sampleContent())
	f, _ := second.File("/style.css") // has no time of its own
	f.Body = bytes.ToUpper(f.Body)
	f.ETag, f.Encoded = tag("1"), nil
	// The list of a process that was killed before it wrote: both hashes.
	list := filepath.Join(dir, ".bantin-files")
	before, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(f.Body)
	writeFile(t, list, string(before)+hex.EncodeToString(sum[:])+"  style.css\n")
	if _, err := publisher.Export(dir, second); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(dir, "style.css")); err != nil || !bytes.Equal(got, f.Body) {
		t.Errorf("style.css was not written: %v", err)
	}
}

// TestExporterHoldsDocuments: what was taken in a version is not made again, is
// not removed, and is taken again once somebody removed it.
func TestExporterHoldsDocuments(t *testing.T) {
	dir := t.TempDir()
	exporter := publisher.NewExporter(dir)
	site := renderSite(t, sampleContent())
	const path = "/c/tat-ca/archive/2026-10/rss.xml"
	f, _ := site.File(feedPath)
	run := func(version string) (made int) {
		t.Helper()
		_, err := exporter.Export(t.Context(), site, func(taker *publisher.Taker) error {
			if taker.Holds(path, version) {
				return nil
			}
			made++
			return taker.Take(path, version, f)
		})
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	name := filepath.Join(dir, filepath.FromSlash(path))
	got := []int{run("1"), run("1"), run("2"), run("2")}
	for _, suffix := range []string{"", ".br", ".zst", ".gz"} {
		if _, err := os.Stat(name + suffix); err != nil {
			t.Error(err)
		}
	}
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	got = append(got, run("2"), run(""), run(""))
	if want := []int{1, 0, 1, 0, 1, 1, 1}; !slices.Equal(got, want) {
		t.Errorf("made %v times, want %v", got, want)
	}
	export(t, dir, sampleContent(), publisher.ExportResult{Unchanged: documents(t), Removed: 1})
	if _, err := os.Stat(filepath.Dir(name)); err == nil {
		t.Error("the directory of what is gone is still there")
	}
}
