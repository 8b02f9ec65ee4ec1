package publisher_test

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"bantin/internal/article"
	"bantin/internal/gazetteer"
	"bantin/normalizer"
	"bantin/publisher"
)

var corpus = flag.String("corpus", "", "write the corpus below this directory, for the validators of others")

// corpora are sites of all kinds that the outputs must be right for, by name.
func corpora(t *testing.T) map[string]*publisher.Site {
	t.Helper()
	sites := map[string]*publisher.Site{
		"sample":   renderSite(t, sampleContent()),
		"many":     renderSite(t, manyChannels(2, 60)),
		"facets":   renderSite(t, facetContent()),
		"one-day":  renderSite(t, oneDay()),
		"dates":    renderSite(t, oddDates()),
		"names":    renderSite(t, oddNames()),
		"headline": renderAs(t, article.Headline, fullArticle()),
		"summary":  renderAs(t, article.Summary, fullArticle()),
	}
	for i, s := range append(hostileMarkup(), hostileURLs()...) {
		sites[fmt.Sprintf("hostile-%02d", i)] = renderHostile(t, s)
	}
	for name, s := range oddTexts() {
		sites["text-"+strings.ReplaceAll(name, " ", "-")] = renderHostile(t, s)
	}
	articles := normalized(t)
	for _, policy := range []article.Republish{article.Full, article.Summary, article.Headline} {
		sites["normalized-"+string(policy)] = renderAs(t, policy, articles...)
	}
	armed := make([]article.Article, 0, len(payloads()))
	for i, p := range payloads() {
		a := fullArticle()
		a.ID, a.HTML = article.NewID("bao-mau", strconv.Itoa(i)), p.arm("https://x.example/ran")
		armed = append(armed, a)
	}
	sites["payloads"] = renderAs(t, article.Full, armed...)
	return sites
}

// normalized are the articles of all feeds that the normalizer is tested with.
func normalized(t *testing.T) []article.Article {
	t.Helper()
	names, err := filepath.Glob("../normalizer/testdata/feeds/*")
	if err != nil {
		t.Fatal(err)
	}
	n := newNormalizer(t)
	var all []article.Article
	for _, name := range names {
		if strings.HasSuffix(name, ".golden.json") || strings.HasSuffix(name, ".md") {
			continue
		}
		body, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		source := article.Source{ID: filepath.Base(name)} // so that no two feeds have an article in common
		result, err := n.Feed(source, normalizer.Document{Body: body, ContentType: "text/xml", URL: "https://mau.example.vn/rss/home.rss"})
		if err != nil {
			continue // the normalizer's own tests know which
		}
		for _, a := range result.Articles {
			a.FirstSeen, a.FetchedAt = at(22, 9, 0), at(22, 9, 0)
			all = append(all, a)
		}
	}
	if len(all) < 50 {
		t.Fatalf("%d articles of %d feeds", len(all), len(names))
	}
	return all
}

func newNormalizer(t *testing.T) *normalizer.Normalizer {
	t.Helper()
	places, err := gazetteer.New()
	if err != nil {
		t.Fatal(err)
	}
	n, err := normalizer.New(normalizer.Options{Gazetteer: places})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// renderAs renders articles in one channel, as if all came from sources with a policy.
func renderAs(t *testing.T, policy article.Republish, articles ...article.Article) *publisher.Site {
	t.Helper()
	options := sampleOptions()
	for _, a := range articles {
		source := options.Sources[a.SourceID]
		source.ID, source.Republish = a.SourceID, policy
		source.Name = cmp.Or(source.Name, "Báo "+a.SourceID)
		options.Sources[a.SourceID] = source
	}
	site, err := publisher.Render(options, publisher.Content{Channels: []publisher.ChannelContent{{
		Channel: publisher.Channel{ID: "mot", Title: "Một"}, Articles: articles,
	}}})
	if err != nil {
		t.Fatal(err)
	}
	return site
}

func facetContent() publisher.Content {
	facet := func(id, title string, articles ...article.Article) publisher.ChannelContent {
		return publisher.ChannelContent{
			Channel:  publisher.Channel{ID: id, Title: title, Path: "/" + id + "/", Listing: publisher.Facet},
			Articles: articles,
		}
	}
	return publisher.Content{Channels: []publisher.ChannelContent{
		{Channel: publisher.Channel{ID: "tat-ca", Title: "Tất cả"}, Articles: []article.Article{fullArticle(), summaryArticle()}},
		facet("t/cong-nghiep", "Công nghiệp", fullArticle()),
		facet("p/bac-kan", "Bắc Kạn", fullArticle(), headlineArticle()),
		facet("p/ca-mau", "Cà Mau"),
	}}
}

// oneDay has many articles of which no more is known than the day.
func oneDay() publisher.Content {
	c := publisher.ChannelContent{Channel: publisher.Channel{ID: "mot-ngay", Title: "Một ngày"}}
	for i := range 200 {
		a := summaryArticle()
		a.ID = article.NewID(a.SourceID, strconv.Itoa(i))
		c.Articles = append(c.Articles, a)
	}
	return publisher.Content{Channels: []publisher.ChannelContent{c}}
}

func oddDates() publisher.Content {
	c := publisher.ChannelContent{Channel: publisher.Channel{ID: "ngay-la", Title: "Ngày lạ"}}
	seen := at(21, 9, 0)
	for i, date := range []time.Time{
		{},
		time.Unix(0, 0), seen.AddDate(100, 0, 0), seen.AddDate(10_000, 0, 0), time.Date(-44, 3, 15, 0, 0, 0, 0, time.UTC),
		time.Date(1989, 12, 31, 23, 59, 59, 0, hanoi()), time.Date(1990, 1, 1, 0, 0, 0, 0, hanoi()),
	} {
		for j, first := range []time.Time{seen, {}, time.Unix(1, 0)} {
			a := fullArticle()
			a.ID = article.NewID("bao-mau", fmt.Sprint(i, j))
			a.Published, a.Updated, a.FirstSeen, a.FetchedAt = date, date.Add(-time.Hour), first, first
			c.Articles = append(c.Articles, a)
		}
	}
	return publisher.Content{Channels: []publisher.ChannelContent{c}}
}

// oddNames have in names and words what is markup in some formats.
func oddNames() publisher.Content {
	c := publisher.ChannelContent{Channel: publisher.Channel{ID: "ten-la", Title: "Hỏi & đáp &lt;b&gt; <Thơ> &copy Q&A1"}}
	for i, s := range []string{
		"<Thơ> Mùa gặt", "a </b> b", "a &amp; b", "&lt;script&gt;", "&copy", "Q&A1", "x < y > z", "a<b", "<!-- a -->", "<?php ?>",
		"&#60;b&#62;", "AT&T", "<a@mau.example>", "12345", "a\u00a0b", "Tom & \"Jerry\" 'x'", "100%", "%41", "#", "\u200b", "",
	} {
		a := fullArticle()
		a.ID = article.NewID("bao-mau", strconv.Itoa(i))
		a.Title, a.Lead, a.Author, a.Origin, a.Categories = s, s, s, s, []string{s, s + " ", "Công nghiệp", "CÔNG NGHIỆP"}
		a.Images = []article.Image{{URL: "https://mau.example/" + s, Caption: s}}
		a.URL = "https://mau.example/a[1]/" + s + "?a[]=" + s + "#" + s
		a.Topics = append(a.Topics, article.TopicRef{ID: s})
		a.Places = append(a.Places, article.PlaceRef{Province: s})
		c.Articles = append(c.Articles, a)
	}
	return publisher.Content{Channels: []publisher.ChannelContent{c}}
}

func TestConformance(t *testing.T) {
	for name, site := range corpora(t) {
		for _, path := range site.Paths() {
			checkDocument(t, name+path, text(t, site, path))
			if *corpus != "" {
				file := filepath.Join(*corpus, name, filepath.FromSlash(path))
				if strings.HasSuffix(path, "/") {
					file = filepath.Join(file, "index.html")
				}
				writeFile(t, file, text(t, site, path))
			}
		}
	}
}

var tree = flag.String("tree", "", "a published tree of files to check, too")

// TestConformanceOfTree checks what the program published, where it is told to.
func TestConformanceOfTree(t *testing.T) {
	if *tree == "" {
		t.Skip("no -tree is given")
	}
	feeds := 0
	for _, name := range filesBelow(t, *tree) {
		document, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		checkDocument(t, name, string(document))
		if slices.Contains([]string{"rss.xml", "atom.xml", "feed.json"}, filepath.Base(name)) {
			feeds++
		}
	}
	if feeds < 3 {
		t.Errorf("%d feeds below %s", feeds, *tree)
	}
}
