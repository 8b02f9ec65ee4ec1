package publisher_test

import (
	"runtime"
	"testing"

	"bantin/publisher"
)

// TestMemoryOfASite: what a Publisher and its site hold is at most three times
// the bytes of all outputs, uncompressed, with all encodings, headers and what is
// kept for the next rendering. Articles are not held.
func TestMemoryOfASite(t *testing.T) {
	const channels, articles = 140, 50
	if testing.Short() {
		t.Skip("renders a large site")
	}
	before := liveBytes()
	p, err := publisher.New(sampleOptions())
	if err != nil {
		t.Fatal(err)
	}
	site := renderMany(t, p, channels, articles)
	held := liveBytes() - before
	plain, encoded := outputBytes(site)
	t.Logf("outputs %.1f MB, with encodings %.1f MB; held %.1f MB, %.2f times the outputs",
		mega(plain), mega(plain+encoded), mega(held), float64(held)/float64(plain))
	if held > 3*plain {
		t.Errorf("held: %d bytes, outputs: %d", held, plain)
	}
	runtime.KeepAlive(site)
	runtime.KeepAlive(p)
}

// renderMany leaves nothing of the content behind.
func renderMany(t *testing.T, p *publisher.Publisher, channels, articles int) *publisher.Site {
	t.Helper()
	site, err := p.Render(manyChannels(channels, articles))
	if err != nil {
		t.Fatal(err)
	}
	return site
}

func outputBytes(site *publisher.Site) (plain, encoded int) {
	for _, path := range site.Paths() {
		f, _ := site.File(path)
		plain += len(f.Body)
		for _, e := range f.Encoded {
			encoded += len(e.Body)
		}
	}
	return plain, encoded
}

func mega(bytes int) float64 { return float64(bytes) / 1e6 }

func liveBytes() int {
	runtime.GC()
	runtime.GC() // what the first one finalized
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int(stats.HeapAlloc)
}
