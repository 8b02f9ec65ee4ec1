package publisher_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"bantin/internal/article"
	"bantin/publisher"
)

func TestRenderIsDeterministic(t *testing.T) {
	first := renderSite(t, sampleContent())
	shuffled := sampleContent()
	for i := range shuffled.Channels {
		slices.Reverse(shuffled.Channels[i].Articles)
	}
	slices.Reverse(shuffled.Digests[0].Issues)
	for range 5 { // maps come in another order each time
		if diff := sameSites(first, renderSite(t, shuffled)); diff != "" {
			t.Fatalf("two renderings of the same differ:\n%s", diff)
		}
	}
}

// TestIssuePageStandsAlone: an old issue rendered by itself is the same document.
func TestIssuePageStandsAlone(t *testing.T) {
	content := sampleContent()
	digest := content.Digests[0]
	digest.Issues = digest.Issues[:1]
	alone := renderSite(t, publisher.Content{Digests: []publisher.DigestContent{digest}})
	const path = "/d/sang/2026-11-21/"
	if diff := cmp.Diff(text(t, renderSite(t, content), path), text(t, alone, path)); diff != "" {
		t.Errorf("page (-with others +alone):\n%s", diff)
	}
}

func TestRenderDoesNotChangeItsInput(t *testing.T) {
	content := sampleContent()
	renderSite(t, content)
	if diff := cmp.Diff(sampleContent(), content); diff != "" {
		t.Errorf("content (-before +after):\n%s", diff)
	}
}

func TestOrderAndLimit(t *testing.T) {
	var articles []article.Article
	for i, minute := range []int{5, 9, 7, 9, 1} {
		a := headlineArticle()
		a.ID, a.Title = fmt.Sprintf("%02d", i), fmt.Sprintf("Bài %d", i)
		a.Published, a.FirstSeen = at(20, 8, minute), at(20, 9, 0)
		articles = append(articles, a)
	}
	articles[2].Published = at(25, 0, 0) // ahead of its fetch: ordered by the fetch, at 9:00
	slices.Reverse(articles)             // two of them are of one time, and come in the wrong order
	site := renderSite(t, publisher.Content{Channels: []publisher.ChannelContent{
		{Channel: publisher.Channel{ID: "mot", Limit: 4}, Articles: articles},
	}})
	want := []string{"Bài 2", "Bài 1", "Bài 3", "Bài 0"}
	var got []string
	for _, title := range elements(t, text(t, site, "/c/mot/rss.xml"), "title") {
		if strings.HasPrefix(title, "Bài") {
			got = append(got, title)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("titles (-want +got):\n%s", diff)
	}
}

func TestTombstonesAreNowhere(t *testing.T) {
	site := renderSite(t, sampleContent())
	for _, path := range site.Paths() {
		if body := text(t, site, path); strings.Contains(body, "Bài đã gỡ") || strings.Contains(body, tombstone().ID) {
			t.Errorf("%s shows an article that was taken down", path)
		}
	}
}

// TestRepublish asks every output for what each policy shows and hides.
func TestRepublish(t *testing.T) {
	const (
		title = "Tiêu đề được phép"
		lead  = "Đoạn mở đầu chín chữ của bài."
		body  = "Thân bài chỉ cho ai được phép."
		photo = "https://anh.example/a.jpg"
	)
	tests := map[article.Republish]struct{ lead, body bool }{
		article.Full:     {lead: true, body: true},
		article.Summary:  {lead: true},
		article.Headline: {},
		"":               {}, // unknown means the least
	}
	for policy, want := range tests {
		for _, known := range []string{"known", "unknown"} {
			t.Run(string(policy)+"/"+known, func(t *testing.T) {
				options := sampleOptions()
				if known == "known" {
					options.Sources["x"] = article.Source{ID: "x", Name: "X", FeedURL: "https://x.example/rss", Republish: policy}
				} else {
					want.lead, want.body = false, false
				}
				a := article.Article{
					ID: "1", SourceID: "x", URL: "https://x.example/1", Title: title, Lead: lead, HTML: "<p>" + body + "</p>", Text: body,
					FirstSeen: at(20, 8, 0), Images: []article.Image{{URL: photo}},
				}
				content := sampleContent()
				content.Channels = content.Channels[:1]
				content.Channels[0].Articles = []article.Article{a}
				content.Digests = content.Digests[:1]
				content.Digests[0].Issues = content.Digests[0].Issues[:1]
				content.Digests[0].Issues[0].Sections[0].Articles = []article.Article{a}
				site, err := publisher.Render(options, content)
				if err != nil {
					t.Fatal(err)
				}
				for _, path := range []string{"/c/tat-ca/", "/c/tat-ca/rss.xml", "/c/tat-ca/atom.xml", "/c/tat-ca/feed.json", "/d/sang/", "/d/sang/2026-11-21/", "/"} {
					isIndex, isDigest := path == "/", strings.HasPrefix(path, "/d/")
					got := text(t, site, path)
					if !strings.Contains(got, title) {
						t.Errorf("%s lacks the title", path)
					}
					if strings.Contains(got, lead) != (want.lead && !isIndex) {
						t.Errorf("%s: shows the lead: %v", path, !want.lead)
					}
					if strings.Contains(got, photo) != (want.lead && !isIndex) {
						t.Errorf("%s: shows the picture: %v", path, !want.lead)
					}
					if strings.Contains(got, body) != (want.body && !isIndex && !isDigest) {
						t.Errorf("%s: shows the body: %v", path, !want.body)
					}
					if !isIndex && !strings.Contains(got, "Nguồn: ") {
						t.Errorf("%s does not name the source", path)
					}
					if !strings.Contains(got, "https://x.example/1") {
						t.Errorf("%s does not lead to the original", path)
					}
				}
			})
		}
	}
}

func TestSummaryWithoutLead(t *testing.T) {
	sentence := "Câu này có đúng chín chữ để mà đếm. "
	a := summaryArticle()
	a.Lead, a.Text = "", strings.Repeat(sentence, 20)
	site := renderOne(t, a)
	rss := text(t, site, "/c/mot/rss.xml")
	// 60 words hold six whole sentences.
	want := "&lt;p&gt;" + strings.TrimSpace(strings.Repeat(sentence, 6)) + "&lt;/p&gt;"
	if !strings.Contains(rss, want) {
		t.Errorf("no %q in %s", want, rss)
	}

	a.Text = strings.Repeat("chữ ", 100) + "TP. Mẫu."
	rss = text(t, renderOne(t, a), "/c/mot/rss.xml")
	if want := "&lt;p&gt;" + strings.TrimSpace(strings.Repeat("chữ ", 60)) + "…&lt;/p&gt;"; !strings.Contains(rss, want) {
		t.Errorf("no %q in %s", want, rss)
	}
}

// TestExcerptKeepsAbbreviations does not take TP. for the end of a sentence.
func TestExcerptKeepsAbbreviations(t *testing.T) {
	a := summaryArticle()
	a.Lead, a.Text = "", strings.Repeat("chữ ", 50)+"tại TP. Mẫu có nhiều người đến xem hội chợ hoa xuân năm nay."
	rss := text(t, renderOne(t, a), "/c/mot/rss.xml")
	if want := "tại TP. Mẫu có nhiều người đến xem hội chợ…"; !strings.Contains(rss, want) {
		t.Errorf("no %q in %s", want, rss)
	}
}

func TestLeadThatBeginsTheTextIsNotTwice(t *testing.T) {
	a := fullArticle()
	a.Lead = "Một nhà máy của người trồng chè…"
	content := elements(t, text(t, renderOne(t, a), "/c/mot/rss.xml"), "encoded")
	if got := strings.Count(content[0], "Một nhà máy của người trồng chè"); got != 1 {
		t.Errorf("the lead stands %d times in %s", got, content[0])
	}
}

func TestFullWithoutHTML(t *testing.T) {
	a := fullArticle()
	a.HTML, a.Text, a.Images = "", "Đoạn một & hai.\n\nĐoạn ba.", nil
	content := elements(t, text(t, renderOne(t, a), "/c/mot/rss.xml"), "encoded")
	if want := "<p>Đoạn một &amp; hai.</p><p>Đoạn ba.</p>"; len(content) != 1 || !strings.Contains(content[0], want) {
		t.Errorf("content %q lacks %q", content, want)
	}
}

func TestUntitled(t *testing.T) {
	a := summaryArticle()
	a.Title = " \u200b "
	a.Lead = "Một hai ba bốn năm sáu bảy tám chín mười mười một mười hai mười ba."
	if got := elements(t, text(t, renderOne(t, a), "/c/mot/rss.xml"), "title")[1]; got != "Một hai ba bốn năm sáu bảy tám chín mười mười một…" {
		t.Errorf("title %q", got)
	}
	a = headlineArticle()
	a.Title = ""
	if got := elements(t, text(t, renderOne(t, a), "/c/mot/rss.xml"), "title")[1]; got != "(không có tiêu đề)" {
		t.Errorf("title %q", got)
	}
}

func TestWhen(t *testing.T) {
	for precision, want := range map[article.Precision]string{
		article.Day:    `<time datetime="2026-11-21">21/11/2026</time>`,
		article.Hour:   `<time datetime="2026-11-21T08:30:00&#43;07:00">08 giờ 21/11/2026</time>`,
		article.Minute: `<time datetime="2026-11-21T08:30:00&#43;07:00">08:30 21/11/2026</time>`,
	} {
		a := fullArticle()
		a.Precision, a.Published = precision, a.Published.UTC() // stores keep UTC
		if page := text(t, renderOne(t, a), "/c/mot/"); !strings.Contains(page, want) {
			t.Errorf("%s: no %s", precision, want)
		}
	}
}

func TestBadInput(t *testing.T) {
	options := sampleOptions()
	for _, base := range []string{"", "bantin.example", "ftp://bantin.example/", "https:///", "http://[::1"} {
		options.BaseURL = base
		if _, err := publisher.Render(options, publisher.Content{}); err == nil {
			t.Errorf("site URL %q is taken", base)
		}
	}
	for _, id := range []string{"", "..", ".an", "a/b", "../a", "a b", "đ", "a\x00"} {
		content := publisher.Content{
			Channels: []publisher.ChannelContent{{Channel: publisher.Channel{ID: id}}},
			Digests:  []publisher.DigestContent{{ID: id}},
		}
		if _, err := publisher.Render(sampleOptions(), content); err == nil || strings.Count(err.Error(), "cannot be part") != 2 {
			t.Errorf("id %q: error %v", id, err)
		}
	}
	twice := publisher.Content{Channels: []publisher.ChannelContent{{Channel: publisher.Channel{ID: "a"}}, {Channel: publisher.Channel{ID: "a"}}}}
	if _, err := publisher.Render(sampleOptions(), twice); err == nil {
		t.Error("the same channel is taken twice")
	}
	dated := publisher.Content{Digests: []publisher.DigestContent{{ID: "a", Issues: []publisher.IssueContent{{Date: "../2026"}}}}}
	if _, err := publisher.Render(sampleOptions(), dated); err == nil {
		t.Error("an issue dated ../2026 is taken")
	}
}

// TestDefaults: a channel and a URL are enough.
func TestDefaults(t *testing.T) {
	site, err := publisher.Render(publisher.Options{BaseURL: "https://bantin.example"}, publisher.Content{
		Channels: []publisher.ChannelContent{{Channel: publisher.Channel{ID: "a"}, Articles: []article.Article{{ID: "1"}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range xmlPaths(site) {
		if err := wellFormed(text(t, site, path)); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	if !strings.Contains(text(t, site, "/"), `<html lang="vi">`) {
		t.Error("no language")
	}
}

func TestFilesHoldTheSameBytesCompressed(t *testing.T) {
	site := renderSite(t, sampleContent())
	tags := map[string]string{}
	compressed := map[string]int{}
	for _, path := range site.Paths() {
		f, _ := site.File(path)
		if f.ContentType == "" || f.ETag == "" || !strings.HasPrefix(f.ETag, `"`) {
			t.Errorf("%s: type %q, tag %q", path, f.ContentType, f.ETag)
		}
		if other, taken := tags[f.ETag]; taken && text(t, site, other) != text(t, site, path) {
			t.Errorf("%s and %s share a tag", path, other)
		}
		tags[f.ETag] = path
		for _, e := range f.Encoded {
			compressed[e.Coding]++
			if plain := decompress(t, e); !bytes.Equal(plain, f.Body) {
				t.Errorf("%s: other bytes in %s", path, e.Coding)
			}
			if e.ETag == f.ETag {
				t.Errorf("%s: %s has the tag of the plain bytes", path, e.Coding)
			}
			if len(e.Body) >= len(f.Body) {
				t.Errorf("%s: compressed to more by %s", path, e.Coding)
			}
		}
	}
	for _, coding := range []string{"br", "zstd", "gzip"} {
		if compressed[coding] < 10 {
			t.Errorf("only %d files are compressed with %s", compressed[coding], coding)
		}
	}
}

// decompress reads an encoding as a reader would.
func decompress(t *testing.T, e publisher.Encoded) []byte {
	t.Helper()
	var r io.Reader
	var err error
	switch e.Coding {
	case "br":
		r = brotli.NewReader(bytes.NewReader(e.Body))
	case "zstd":
		r, err = zstd.NewReader(bytes.NewReader(e.Body))
	case "gzip":
		r, err = gzip.NewReader(bytes.NewReader(e.Body))
	default:
		t.Fatalf("unknown coding %s", e.Coding)
	}
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("%s: %v", e.Coding, err)
	}
	return plain
}

// A publisher that renders only what has another version makes the same site as
// one that renders all, and needs no articles of what it holds.
func TestPublisherKeepsWhatHasNotChanged(t *testing.T) {
	p, err := publisher.New(sampleOptions())
	if err != nil {
		t.Fatal(err)
	}
	content := sampleContent()
	for i := range content.Channels {
		content.Channels[i].Version = "1"
	}
	for i := range content.Digests {
		for j := range content.Digests[i].Issues {
			content.Digests[i].Issues[j].Version = "1"
		}
	}
	first, err := p.Render(content)
	if err != nil {
		t.Fatal(err)
	}
	sameSite(t, first, renderSite(t, sampleContent()))

	held := content.Channels[1].Channel
	if !p.HoldsChannel(held, "1") || p.HoldsChannel(held, "2") || p.HoldsChannel(publisher.Channel{ID: "khac"}, "1") || p.HoldsChannel(held, "") {
		t.Error("the publisher does not know what it holds")
	}
	for i := range content.Channels[1:] {
		content.Channels[i+1].Articles = nil
	}
	for i := range content.Digests {
		for j := range content.Digests[i].Issues {
			content.Digests[i].Issues[j].Sections = nil
		}
	}
	content.Channels[0].Version = "2"
	content.Channels[0].Articles = content.Channels[0].Articles[1:]
	second, err := p.Render(content)
	if err != nil {
		t.Fatal(err)
	}
	whole := sampleContent()
	whole.Channels[0].Articles = whole.Channels[0].Articles[1:]
	sameSite(t, second, renderSite(t, whole))
}

// A reader that asks by date alone learns that something is gone.
func TestLastModifiedKnowsWhatIsGone(t *testing.T) {
	gone := at(22, 5, 0)
	content := sampleContent()
	content.Channels[0].Left = gone
	issue := content.Digests[0].Issues[0]
	issue.Sections[0].Articles[0].TakenDown = gone
	site := renderSite(t, content)
	for _, path := range []string{
		"/c/" + content.Channels[0].ID + "/", "/c/" + content.Channels[0].ID + "/rss.xml",
		"/d/" + content.Digests[0].ID + "/" + issue.Date + "/", "/",
	} {
		f, ok := site.File(path)
		if !ok || f.LastModified.Before(gone) {
			t.Errorf("%s: last modified %v, want %v or later", path, f.LastModified, gone)
		}
	}
}

// The front page names facets that have articles, and neither it nor the list of
// subscriptions tells of a channel that is not listed.
func TestListings(t *testing.T) {
	one := sampleContent().Channels[0].Articles[:1]
	site := renderSite(t, publisher.Content{Channels: []publisher.ChannelContent{
		{Channel: publisher.Channel{ID: "ro", Title: "Kênh rõ"}, Articles: one},
		{Channel: publisher.Channel{ID: "t/a", Title: "Chủ đề A", Path: "/t/a/", Listing: publisher.Facet}, Articles: one},
		{Channel: publisher.Channel{ID: "t/b", Title: "Chủ đề B", Path: "/t/b/", Listing: publisher.Facet}},
		{Channel: publisher.Channel{ID: "kin", Title: "Kênh kín", Path: "/s/abc/", Listing: publisher.Unlisted}, Articles: one},
	}})
	for _, path := range []string{"/c/ro/rss.xml", "/t/a/rss.xml", "/t/b/rss.xml", "/s/abc/rss.xml", "/s/abc/"} {
		if _, ok := site.File(path); !ok {
			t.Errorf("no file at %s", path)
		}
	}
	for _, test := range []struct {
		path, text string
		want       bool
	}{
		{"/", "Kênh rõ", true},
		{"/", `href="t/a/"`, true},
		{"/", "Chủ đề B", false},
		{"/", "Kênh kín", false},
		{"/", "s/abc", false},
		{"/opml.xml", "Kênh rõ", true},
		{"/opml.xml", "Chủ đề A", false},
		{"/opml.xml", "Kênh kín", false},
	} {
		if got := strings.Contains(text(t, site, test.path), test.text); got != test.want {
			t.Errorf("%s has %q: %v, want %v", test.path, test.text, got, test.want)
		}
	}
}

func sameSite(t *testing.T, got, want *publisher.Site) {
	t.Helper()
	if diff := cmp.Diff(want.Paths(), got.Paths()); diff != "" {
		t.Errorf("paths (-want +got):\n%s", diff)
	}
	for _, path := range want.Paths() {
		g, _ := got.File(path)
		w, _ := want.File(path)
		if diff := cmp.Diff(w, g); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
}

func BenchmarkRender(b *testing.B) {
	content := manyChannels(20, 50)
	var size int
	for b.Loop() {
		site, err := publisher.Render(sampleOptions(), content)
		if err != nil {
			b.Fatal(err)
		}
		size = 0
		for _, path := range site.Paths() {
			f, _ := site.File(path)
			size += len(f.Body)
		}
	}
	b.ReportMetric(float64(size)/1e6, "MB/site")
}

func BenchmarkDecide(b *testing.B) {
	a := manyChannels(1, 1).Channels[0].Articles[0]
	a.Text = strings.Repeat("Đoạn văn này kể chuyện người dân góp đất làm đường vào bản. ", 80)
	rules := publisher.NewRules([]publisher.Channel{
		{ID: "a"},
		{ID: "b", Topics: []string{"y-te"}, Any: []string{"bệnh viện"}},
		{ID: "c", Any: []string{"cụm công nghiệp", "khu công nghiệp"}, None: []string{"xổ số"}},
	})
	b.SetBytes(int64(len(a.Text)))
	for b.Loop() {
		rules.Decide(&a)
	}
}
