package publisher_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bantin/internal/article"
	"bantin/publisher"
)

func samplePart() publisher.ArchiveContent {
	return publisher.ArchiveContent{
		ChannelContent: publisher.ChannelContent{
			Channel:  publisher.Channel{ID: "tat-ca", Title: "Tất cả", Limit: 1},
			Articles: []article.Article{summaryArticle(), fullArticle(), tombstone()},
		},
		Part: "2026-11-2", Prev: "2026-11", Next: "2026-11-3", Closed: true,
	}
}

func renderPart(t *testing.T, content publisher.ArchiveContent, name string) *publisher.File {
	t.Helper()
	options := sampleOptions()
	options.Hubs = []string{"https://hub.example/"}
	p, err := publisher.New(options)
	if err != nil {
		t.Fatal(err)
	}
	f, err := p.RenderArchive(content, name)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestArchiveDocuments(t *testing.T) {
	const at = "https://bantin.example/c/tat-ca/"
	link := func(kind, rel, target string) string {
		return fmt.Sprintf(`link href="%s%s" rel="%s" type="application/%s+xml">`, at, target, rel, kind)
	}
	for name, want := range map[string][]string{
		"rss.xml": {
			`xmlns:fh="http://purl.org/syndication/history/1.0"`, "<fh:archive></fh:archive>",
			link("rss", "self", "archive/2026-11-2/rss.xml"), link("rss", "current", "rss.xml"),
			link("rss", "prev-archive", "archive/2026-11/rss.xml"), link("rss", "next-archive", "archive/2026-11-3/rss.xml"),
		},
		"atom.xml": {
			`xmlns:fh="http://purl.org/syndication/history/1.0"`, "<fh:archive></fh:archive>",
			link("atom", "self", "archive/2026-11-2/atom.xml"), link("atom", "current", "atom.xml"),
			link("atom", "prev-archive", "archive/2026-11/atom.xml"), link("atom", "next-archive", "archive/2026-11-3/atom.xml"),
			"<id>tag:bantin.example,2026:channel/tat-ca</id>", // all documents are one feed
		},
		"feed.json": {`"next_url": "` + at + `archive/2026-11/feed.json"`, `"feed_url": "` + at + `archive/2026-11-2/feed.json"`},
		"": {
			"<h1>Tất cả – tháng 11/2026, phần 2</h1>", `href="../../../../c/tat-ca/archive/2026-11/"`, `href="../../../../c/tat-ca/archive/2026-11-3/"`,
			`type="application/rss&#43;xml" title="Tất cả (RSS)" href="../../../../c/tat-ca/rss.xml"`, // a reader subscribes to the channel
		},
	} {
		f := renderPart(t, samplePart(), name)
		body := string(f.Body)
		for _, piece := range want {
			if !strings.Contains(body, piece) {
				t.Errorf("%q lacks %s:\n%s", name, piece, body)
			}
		}
		if strings.Contains(body, "hub.example") || strings.Contains(body, tombstone().ID) {
			t.Errorf("%q names a hub or shows a tombstone", name)
		}
		if !strings.Contains(body, fullArticle().ID) || !strings.Contains(body, summaryArticle().ID) {
			t.Errorf("%q lacks an article", name)
		}
		if f.MaxAge != 365*24*time.Hour {
			t.Errorf("%q may be kept for %v, want a year", name, f.MaxAge)
		}
		if again := renderPart(t, samplePart(), name); again.ETag != f.ETag {
			t.Errorf("%q is rendered differently the second time", name)
		}
	}
}

func TestThePartThatGrowsIsNoArchiveYet(t *testing.T) {
	content := samplePart()
	content.Part, content.Next, content.Closed = "2026-11-open", "", false
	for _, name := range []string{"rss.xml", "atom.xml"} {
		f := renderPart(t, content, name)
		if body := string(f.Body); strings.Contains(body, "fh:") || strings.Contains(body, "next-archive") || !strings.Contains(body, "prev-archive") {
			t.Errorf("%s: want prev-archive alone: %s", name, body)
		}
		if f.MaxAge != 5*time.Minute {
			t.Errorf("%s may be kept for %v, want five minutes", name, f.MaxAge)
		}
	}
	if page := string(renderPart(t, content, "").Body); !strings.Contains(page, "<h1>Tất cả – tháng 11/2026</h1>") {
		t.Errorf("the page has another title: %s", page)
	}
}

func TestCurrentFeedsLeadToTheArchive(t *testing.T) {
	content := sampleContent()
	content.Channels[0].Archive = "2026-11-open"
	site := renderSite(t, content)
	const at = "https://bantin.example/c/tat-ca/archive/2026-11-open/"
	for path, want := range map[string]string{
		"/c/tat-ca/rss.xml":   `href="` + at + `rss.xml" rel="prev-archive"`,
		"/c/tat-ca/atom.xml":  `href="` + at + `atom.xml" rel="prev-archive"`,
		"/c/tat-ca/feed.json": `"next_url": "` + at + `feed.json"`,
		"/c/tat-ca/":          `href="../../c/tat-ca/archive/2026-11-open/"`,
	} {
		if body := text(t, site, path); !strings.Contains(body, want) || strings.Contains(body, "fh:archive") {
			t.Errorf("%s lacks %s: %s", path, want, body)
		}
	}
	for _, path := range []string{"/c/trong/rss.xml", "/c/trong/", "/", "/opml.xml"} {
		if strings.Contains(text(t, site, path), "archive") {
			t.Errorf("%s leads to an archive that is not there", path)
		}
	}
}

// announced is the sample with a facet, a secret channel and two hubs.
func announced(t *testing.T) *publisher.Site {
	t.Helper()
	options := sampleOptions()
	options.Hubs = []string{"https://hub.example/", `https://khac.example/?a="b"&c=>`}
	content := sampleContent()
	content.Channels = append(content.Channels[:1],
		publisher.ChannelContent{Channel: publisher.Channel{ID: "t/y-te", Title: "Y tế", Path: "/t/y-te/", Listing: publisher.Facet}},
		publisher.ChannelContent{Channel: publisher.Channel{ID: "kin", Title: "Kín", Token: "bi-mat-bi-mat-bi-mat", Listing: publisher.Unlisted}, Articles: []article.Article{fullArticle()}},
	)
	site, err := publisher.Render(options, content)
	if err != nil {
		t.Fatal(err)
	}
	return site
}

func TestTopicsAreTheFeedsOfPublicChannels(t *testing.T) {
	site := announced(t)
	var want []string
	for _, path := range []string{"c/tat-ca/", "t/y-te/"} {
		for _, name := range []string{"atom.xml", "feed.json", "rss.xml"} {
			want = append(want, "https://bantin.example/"+path+name)
		}
	}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(site.Topics()))); diff != "" {
		t.Errorf("topics (-want +got):\n%s", diff)
	}
	f, _ := site.File("/c/tat-ca/rss.xml")
	if got := site.Topics()["https://bantin.example/c/tat-ca/rss.xml"]; got != f.ETag {
		t.Errorf("the hash of a topic: got %s, want that of its bytes, %s", got, f.ETag)
	}
	if got := renderSite(t, sampleContent()).Topics(); len(got) != 0 {
		t.Errorf("without hubs: got topics %v", got)
	}
}

func TestHubsAreFoundInDocumentsAndHeaders(t *testing.T) {
	site := announced(t)
	const second = "https://khac.example/?a=%22b%22&c=%3E"
	for path, want := range map[string]string{
		"/c/tat-ca/rss.xml":  `<atom:link href="` + strings.ReplaceAll(second, "&", "&amp;") + `" rel="hub">`,
		"/c/tat-ca/atom.xml": `<link href="` + strings.ReplaceAll(second, "&", "&amp;") + `" rel="hub">`,
	} {
		if body := text(t, site, path); !strings.Contains(body, want) {
			t.Errorf("%s lacks %s: %s", path, want, body)
		}
	}
	var feed struct {
		Hubs []map[string]string `json:"hubs"`
	}
	if err := json.Unmarshal([]byte(text(t, site, "/t/y-te/feed.json")), &feed); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]map[string]string{{"type": "WebSub", "url": "https://hub.example/"}, {"type": "WebSub", "url": second}}, feed.Hubs); diff != "" {
		t.Errorf("hubs of the JSON Feed (-want +got):\n%s", diff)
	}
	for path, want := range map[string]string{
		"/c/tat-ca/rss.xml":               `<https://hub.example/>; rel="hub", <` + second + `>; rel="hub", <https://bantin.example/c/tat-ca/rss.xml>; rel="self"`,
		"/c/tat-ca/":                      "",
		"/s/bi-mat-bi-mat-bi-mat/rss.xml": "",
	} {
		if got := ask(t, site, "GET", path).header.Get("Link"); got != want {
			t.Errorf("Link of %s: got %s, want %s", path, got, want)
		}
	}
}

func TestASecretChannelIsOnlyAtItsOwnAddress(t *testing.T) {
	site := announced(t)
	const home = "/s/bi-mat-bi-mat-bi-mat/"
	if !strings.Contains(text(t, site, home+"rss.xml"), fullArticle().ID) {
		t.Error("the secret feed lacks its article")
	}
	for _, path := range site.Paths() {
		body := text(t, site, path)
		if !strings.HasPrefix(path, home) && (strings.Contains(body, "bi-mat") || strings.Contains(body, "Kín")) {
			t.Errorf("%s tells of the secret channel", path)
		}
		if strings.HasPrefix(path, home) && strings.Contains(body, "hub.example") {
			t.Errorf("%s names a hub", path)
		}
	}
	content := publisher.Content{Channels: []publisher.ChannelContent{{Channel: publisher.Channel{ID: "kin", Token: "bi-mat/../bi-mat"}}}}
	if _, err := publisher.Render(sampleOptions(), content); err == nil || strings.Contains(err.Error(), "bi-mat") {
		t.Errorf("a token that cannot be part of a path: got %v, want an error without it", err)
	}
}
