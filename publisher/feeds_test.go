package publisher_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/mail"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/mmcdole/gofeed"

	"bantin/internal/article"
	"bantin/publisher"
)

// xmlPaths are the paths of a site that hold XML.
func xmlPaths(site *publisher.Site) []string {
	return slices.DeleteFunc(site.Paths(), func(path string) bool { return !strings.HasSuffix(path, ".xml") })
}

// wellFormed reads a whole document as strictly as the standard asks.
func wellFormed(document string) error {
	d := xml.NewDecoder(strings.NewReader(document))
	d.Strict = true
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func TestXMLIsWellFormed(t *testing.T) {
	site := renderSite(t, sampleContent())
	for _, path := range xmlPaths(site) {
		if err := wellFormed(text(t, site, path)); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// TestRoundTrip reads each feed with a reader's parser and finds what the
// article says.
func TestRoundTrip(t *testing.T) {
	site := renderOne(t, fullArticle())
	a := fullArticle()
	for _, name := range []string{"rss.xml", "atom.xml", "feed.json"} {
		t.Run(name, func(t *testing.T) {
			f, err := gofeed.NewParser().ParseString(text(t, site, "/c/mot/"+name))
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]any{
				"feed title": f.Title, "language": f.Language, "page": f.Link, "self": f.FeedLink,
				"entries": len(f.Items),
			}
			want := map[string]any{
				"feed title": "Một", "language": "vi", "page": "https://bantin.example/c/mot/",
				"self": "https://bantin.example/c/mot/" + name, "entries": 1,
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("feed (-want +got):\n%s", diff)
			}
			item := f.Items[0]
			got = map[string]any{
				"guid": item.GUID, "title": item.Title, "link": item.Link, "authors": item.Authors[0].Name,
				"categories": item.Categories, "published": item.PublishedParsed.Equal(a.Published),
			}
			want = map[string]any{
				"guid": "tag:bantin.example,2026:article/" + a.ID,
				// What looks like a tag is set apart: see TestPlainTextIsNoMarkup.
				"title": strings.Replace(a.Title, "<giai", "< giai", 1), "link": a.URL, "authors": a.Author,
				"categories": []string{
					"Kinh tế", "Nông nghiệp & nông thôn", "Công nghiệp", "Giao thông – xây dựng", "Bắc Kạn", "Thái Nguyên",
				},
				"published": true,
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("item (-want +got):\n%s", diff)
			}
			if !strings.Contains(item.Description, a.Lead) {
				t.Errorf("description %q has no lead", item.Description)
			}
			for _, part := range []string{a.Lead, "<strong>2,5 ha</strong>", "một ngày &amp; đêm.", "Nương chè mùa thu hoạch", "Nguồn: Báo Mẫu &amp; Bạn đọc"} {
				if !strings.Contains(item.Content, part) {
					t.Errorf("content %q lacks %q", item.Content, part)
				}
			}
		})
	}
}

// TestRoundTripOfParticulars finds in each format what only it can say.
func TestRoundTripOfParticulars(t *testing.T) {
	site := renderOne(t, fullArticle())
	parse := func(name string) *gofeed.Item {
		f, err := gofeed.NewParser().ParseString(text(t, site, "/c/mot/"+name))
		if err != nil {
			t.Fatal(err)
		}
		return f.Items[0]
	}
	const imageURL = "https://anh.bao-mau.example/che.JPG?w=800&h=600"

	rss := parse("rss.xml")
	media := rss.Extensions["media"]["content"][0].Attrs
	if diff := cmp.Diff(map[string]string{"url": imageURL, "type": "image/jpeg", "medium": "image"}, media); diff != "" {
		t.Errorf("media:content (-want +got):\n%s", diff)
	}
	atom := parse("atom.xml")
	if diff := cmp.Diff([]*gofeed.Enclosure{{URL: imageURL, Type: "image/jpeg"}}, atom.Enclosures); diff != "" {
		t.Errorf("enclosures (-want +got):\n%s", diff)
	}
	if !atom.UpdatedParsed.Truncate(time.Second).Equal(fullArticle().Updated) {
		t.Errorf("updated %v", atom.UpdatedParsed)
	}
	if image := parse("feed.json").Image; image == nil || image.URL != imageURL {
		t.Errorf("image %+v", image)
	}
	for path, part := range map[string]string{
		"/c/mot/rss.xml":   `<source url="https://bao-mau.example/rss/home.rss?a=1&amp;b=2">Báo Mẫu &#x26; Bạn đọc</source>`,
		"/c/mot/atom.xml":  `<link href="https://bao-mau.example/rss/home.rss?a=1&amp;b=2" rel="self"></link>`,
		"/c/mot/feed.json": `"name": "Báo Mẫu & Bạn đọc"`,
	} {
		if !strings.Contains(text(t, site, path), part) {
			t.Errorf("%s lacks %s", path, part)
		}
	}
}

// TestDates reads every date of the feeds by the standard that it follows.
func TestDates(t *testing.T) {
	site := renderSite(t, sampleContent())
	for _, path := range site.Paths() {
		switch {
		case strings.HasSuffix(path, "rss.xml"):
			for _, date := range elements(t, text(t, site, path), "pubDate", "lastBuildDate") {
				if _, err := mail.ParseDate(date); err != nil {
					t.Errorf("%s: %v", path, err)
				}
			}
		case strings.HasSuffix(path, "atom.xml"):
			dates := elements(t, text(t, site, path), "updated", "published")
			if len(dates) == 0 {
				t.Errorf("%s has no date", path)
			}
			for _, date := range dates {
				if _, err := time.Parse(time.RFC3339, date); err != nil {
					t.Errorf("%s: %v", path, err)
				}
			}
		}
	}
}

// elements are the texts of all elements of those names.
func elements(t *testing.T, document string, names ...string) []string {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(document))
	var texts []string
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return texts
		}
		if err != nil {
			t.Fatal(err)
		}
		if start, ok := token.(xml.StartElement); ok && slices.Contains(names, start.Name.Local) {
			var content string
			if err := d.DecodeElement(&content, &start); err != nil {
				t.Fatal(err)
			}
			texts = append(texts, content)
		}
	}
}

// seconds are the dates of an Atom feed without the thousandths, which tell
// entries of one second apart.
func seconds(t *testing.T, document string) []string {
	t.Helper()
	dates := elements(t, document, "updated", "published")
	for i, date := range dates {
		parsed, err := time.Parse(time.RFC3339Nano, date)
		if err != nil {
			t.Fatal(err)
		}
		dates[i] = parsed.Format(time.RFC3339)
	}
	return dates
}

func TestDatesAreNotInvented(t *testing.T) {
	undated := headlineArticle()
	site := renderOne(t, undated)
	for _, path := range []string{"/c/mot/rss.xml", "/c/mot/atom.xml", "/c/mot/feed.json"} {
		for _, name := range []string{"pubDate", "<published", "date_published", "date_modified"} {
			if strings.Contains(text(t, site, path), name) {
				t.Errorf("%s has a %s", path, name)
			}
		}
	}
	if got := seconds(t, text(t, site, "/c/mot/atom.xml"))[0]; got != "2026-11-19T22:05:00+07:00" {
		t.Errorf("feed updated %s, want the time when the entry was first seen", got)
	}
}

// TestDatesThatCannotBe shows no date that lies ahead or has no four-digit year.
func TestDatesThatCannotBe(t *testing.T) {
	seen := at(21, 9, 0)
	for name, date := range map[string]time.Time{
		"years ahead":          seen.AddDate(70, 0, 0),
		"two days ahead":       seen.Add(48 * time.Hour),
		"year 10000 and later": time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC),
		"before the year 1":    time.Date(-44, 3, 15, 0, 0, 0, 0, time.UTC),
		"before the web":       time.Unix(0, 0),
	} {
		t.Run(name, func(t *testing.T) {
			a := headlineArticle()
			a.Published, a.Updated, a.FirstSeen, a.FetchedAt = date, date, seen, seen
			site := renderOne(t, a)
			for _, got := range seconds(t, text(t, site, "/c/mot/atom.xml")) {
				if got != "2026-11-21T09:00:00+07:00" {
					t.Errorf("date %s", got)
				}
			}
			if published := elements(t, text(t, site, "/c/mot/rss.xml"), "pubDate"); published != nil {
				t.Errorf("pubDate %q", published)
			}
		})
	}
	a := headlineArticle()
	a.Published, a.Precision = seen.Add(time.Hour), article.Minute // a clock that is a little fast
	a.FirstSeen, a.FetchedAt = seen, seen
	if got := elements(t, text(t, renderOne(t, a), "/c/mot/atom.xml"), "published"); len(got) != 1 {
		t.Errorf("published %q, want the source's", got)
	}
}

func TestEmptyChannel(t *testing.T) {
	site := renderSite(t, sampleContent())
	if got := seconds(t, text(t, site, "/c/trong/atom.xml")); !cmp.Equal(got, []string{"2026-01-01T00:00:00Z"}) {
		t.Errorf("updated %q", got)
	}
	var f struct {
		Items []any `json:"items"`
	}
	if err := json.Unmarshal([]byte(text(t, site, "/c/trong/feed.json")), &f); err != nil || f.Items == nil {
		t.Errorf("items %v, error %v; want an empty list", f.Items, err)
	}
	if !strings.Contains(text(t, site, "/c/trong/"), "chưa có bài nào") {
		t.Error("the page says nothing")
	}
	file, _ := site.File("/c/trong/rss.xml")
	if !file.LastModified.IsZero() {
		t.Errorf("last modified %v", file.LastModified)
	}
}

func TestJSONFeed(t *testing.T) {
	site := renderSite(t, sampleContent())
	for _, path := range site.Paths() {
		if !strings.HasSuffix(path, ".json") {
			continue
		}
		var f struct {
			Version string `json:"version"`
			Title   string `json:"title"`
			Items   []struct {
				ID      string    `json:"id"`
				Content string    `json:"content_html"`
				Date    time.Time `json:"date_published"`
			} `json:"items"`
		}
		if err := json.Unmarshal([]byte(text(t, site, path)), &f); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		if f.Version != "https://jsonfeed.org/version/1.1" || f.Title == "" {
			t.Errorf("%s: version %q, title %q", path, f.Version, f.Title)
		}
		for _, item := range f.Items {
			if item.ID == "" || item.Content == "" {
				t.Errorf("%s: item %+v", path, item)
			}
		}
	}
}

func TestOPML(t *testing.T) {
	var got struct {
		Version  string `xml:"version,attr"`
		Title    string `xml:"head>title"`
		Outlines []struct {
			Type    string `xml:"type,attr"`
			Text    string `xml:"text,attr"`
			XMLURL  string `xml:"xmlUrl,attr"`
			HTMLURL string `xml:"htmlUrl,attr"`
		} `xml:"body>outline"`
	}
	if err := xml.Unmarshal([]byte(text(t, renderSite(t, sampleContent()), "/opml.xml")), &got); err != nil {
		t.Fatal(err)
	}
	if got.Version != "2.0" || got.Title != "Bản tin các tỉnh" || len(got.Outlines) != 3 {
		t.Fatalf("opml %+v", got)
	}
	second := got.Outlines[1]
	if second.Type != "rss" || second.Text != "Công nghiệp & năng lượng" ||
		second.XMLURL != "https://bantin.example/c/cong-nghiep/rss.xml" || second.HTMLURL != "https://bantin.example/c/cong-nghiep/" {
		t.Errorf("outline %+v", second)
	}
}

func TestFeedUpdatedIsTheNewestEntrys(t *testing.T) {
	site := renderSite(t, sampleContent())
	atom := seconds(t, text(t, site, "/c/tat-ca/atom.xml"))
	if want := "2026-11-21T09:45:00+07:00"; atom[0] != want {
		t.Errorf("updated %s, want %s", atom[0], want)
	}
	rss := elements(t, text(t, site, "/c/tat-ca/rss.xml"), "lastBuildDate")
	if want := "Sat, 21 Nov 2026 09:45:00 +0700"; rss[0] != want {
		t.Errorf("lastBuildDate %s, want %s", rss[0], want)
	}
	file, _ := site.File("/c/tat-ca/rss.xml")
	if want := at(21, 10, 0); !file.LastModified.Equal(want) {
		t.Errorf("last modified %v, want when the newest content came, %v", file.LastModified, want)
	}
}

func TestIDsDoNotFollowContent(t *testing.T) {
	a, b := fullArticle(), fullArticle()
	b.URL, b.Title, b.Published = "https://bao-mau.example/doi-cho", "Tên khác", at(1, 1, 1)
	for _, path := range []string{"/c/mot/rss.xml", "/c/mot/atom.xml"} {
		before := elements(t, text(t, renderOne(t, a), path), "id", "guid")
		after := elements(t, text(t, renderOne(t, b), path), "id", "guid")
		if diff := cmp.Diff(before, after); diff != "" {
			t.Errorf("%s: ids (-before +after):\n%s", path, diff)
		}
	}
}

// TestTagHost keeps the authority of the ids a DNS name (RFC 4151 §2.1).
func TestTagHost(t *testing.T) {
	for base, want := range map[string]string{
		"http://127.0.0.1:8080/":       "tag:127.0.0.1,2026:channel/tat-ca",
		"https://Bantin.Example/tin":   "tag:bantin.example,2026:channel/tat-ca",
		"https://bản-tin.example/":     "tag:xn--bn-tin-bd8b.example,2026:channel/tat-ca",
		"http://[::1]:8080/":           "tag:localhost,2026:channel/tat-ca",
		"https://user:pw@bantin.local": "tag:bantin.local,2026:channel/tat-ca",
	} {
		options := sampleOptions()
		options.BaseURL = base
		site, err := publisher.Render(options, sampleContent())
		if err != nil {
			t.Errorf("%s: %v", base, err)
			continue
		}
		atom := text(t, site, "/c/tat-ca/atom.xml")
		if got := elements(t, atom, "id")[0]; got != want {
			t.Errorf("%s: id %s, want %s", base, got, want)
		}
		if strings.Contains(atom, "pw@") {
			t.Errorf("%s: the password is published", base)
		}
	}
}

func TestBaseURLWithPath(t *testing.T) {
	options := sampleOptions()
	options.BaseURL = "https://tinh.example/ban%20tin?x=1"
	site, err := publisher.Render(options, sampleContent())
	if err != nil {
		t.Fatal(err)
	}
	if want := `href="https://tinh.example/ban%20tin/c/tat-ca/rss.xml" rel="self"`; !strings.Contains(text(t, site, "/c/tat-ca/rss.xml"), want) {
		t.Errorf("no %s", want)
	}
	if want := `href="../../style.css"`; !strings.Contains(text(t, site, "/c/tat-ca/"), want) {
		t.Errorf("no %s", want)
	}
}
