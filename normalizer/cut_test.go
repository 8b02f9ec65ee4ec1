package normalizer_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"bantin/internal/article"
	"bantin/normalizer"
)

// titles of the articles of a document that is read with these fingerprints.
func titles(result normalizer.Result) []string {
	var all []string
	for i := range result.Articles {
		all = append(all, result.Articles[i].Title)
	}
	return all
}

func readSeen(tb testing.TB, n *normalizer.Normalizer, body string, seen []uint64) normalizer.Result {
	tb.Helper()
	document := sampleDocument([]byte(body))
	document.Seen = seen
	result, err := n.Feed(sampleSource(), document)
	if err != nil {
		tb.Fatal(err)
	}
	return result
}

const plainEntry = `<entry><title>Tin Atom</title><id>tag:mau.example.vn,2023:a</id><link href="https://mau.example.vn/a.html"/>` +
	`<updated>2023-11-14T17:42:44+07:00</updated><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Bài của Atom.</p></div></content></entry>`

// TestCut reads one document and then another, as a poll after a poll does.
func TestCut(t *testing.T) {
	n := newNormalizer(t)
	one, two, three := sampleItem(1, "Bài một"), sampleItem(2, "Bài hai"), sampleItem(3, "Bài ba")
	rss := func(head string, items ...string) string {
		return `<?xml version="1.0"?><rss version="2.0"><channel><title>Báo Mẫu</title><link>https://mau.example.vn/</link>` +
			head + strings.Join(items, "\n  ") + `</channel></rss>`
	}
	atom := func(updated string, entries ...string) string {
		return `<feed xmlns="http://www.w3.org/2005/Atom"><id>a</id><updated>` + updated + `</updated>` + strings.Join(entries, "") + `</feed>`
	}
	built := func(date string) string { return "<lastBuildDate>" + date + "</lastBuildDate>" }
	otherEntry := strings.NewReplacer("Tin Atom", "Tin mới", "2023:a", "2023:b", "a.html", "b.html").Replace(plainEntry)

	for name, c := range map[string]struct {
		before, after string
		want          []string
		skipped       int
	}{
		"the same":              {rss("", one, two), rss("", one, two), nil, 2},
		"built later":           {rss(built("hôm qua"), one, two), rss(built("hôm nay"), one, two), nil, 2},
		"other title":           {rss("", one, two), strings.Replace(rss("", one, two), "Báo Mẫu", "Báo Mới", 1), nil, 2},
		"one new":               {rss("", two, three), rss("", one, two, three), []string{"Tin số 1"}, 2},
		"one new at the end":    {rss("", one, two), rss("", one, two, three), []string{"Tin số 3"}, 2},
		"one new between":       {rss("", one, three), rss("", one, two, three), []string{"Tin số 2"}, 2},
		"one changed":           {rss("", one, two), rss("", one, sampleItem(2, "Bài hai, đã sửa")), []string{"Tin số 2"}, 1},
		"one gone":              {rss("", one, two, three), rss("", one, three), nil, 2},
		"other order":           {rss("", one, two), rss("", two, one), nil, 2},
		"other white space":     {rss("", one, two), rss("", one+"\r\n\t", two), nil, 2},
		"one twice":             {rss("", one, two, one), rss("", one, two, one), nil, 2},
		"new one twice":         {rss("", one, two), rss("", three, one, two, three), []string{"Tin số 3"}, 2},
		"comment after the end": {rss("", one, two), rss("", one, two) + "<!-- made in 0.3 s -->", nil, 2},
		"comment in the head":   {rss("", one, two), rss("<!-- made at noon </item> -->", one, two), nil, 2},
		"generator":             {rss("", one), rss("<generator>CMS 2</generator>", one), []string{"Tin số 1"}, 0},
		"other site":            {rss("", one), strings.Replace(rss("", one), "mau.example.vn/<", "moi.example.vn/<", 1), []string{"Tin số 1"}, 0},
		"other language":        {rss("", one), rss("<language>en</language>", one), []string{"Tin số 1"}, 0},
		"other namespace":       {rss("", one), strings.Replace(rss("", one), "<rss ", `<rss xmlns:dc="http://purl.org/dc/elements/1.1/" `, 1), []string{"Tin số 1"}, 0},
		"fields after items":    {rss("", one, two), strings.Replace(rss("", one, two), "</channel>", "<language>en</language></channel>", 1), []string{"Tin số 1", "Tin số 2"}, 0},
		"guid of another": {
			rss("", one, two), rss("", one, two, strings.Replace(three, "<guid>tin-3", "<guid>tin-1", 1)),
			[]string{"Tin số 1", "Tin số 2", "Tin số 3"},
			0,
		},
		"link of another, no guids": {
			rss("", "<item><title>Cũ</title><link>/a</link></item>"),
			rss("", "<item><title>Cũ</title><link>/a</link></item>", "<item><title>Mới</title><link>https://www.mau.example.vn/a#b</link></item>"),
			[]string{"Cũ"},
			0,
		},
		"guid of an empty item": {
			rss("", one, "<item><guid>tin-3</guid></item>"), rss("", one, "<item><guid>tin-3</guid></item>", three),
			[]string{"Tin số 1", "Tin số 3"},
			0,
		},
		"new one is broken": {
			rss("", one), rss("", one, "<item><title>Hỏng</title><b>x</item>", two),
			[]string{"Tin số 1", "Hỏng", "Tin số 2"},
			0,
		},
		"NukeViet": {
			rss("<generator>NukeViet v4.0</generator>", one), rss("<generator>NukeViet v4.0</generator>", one),
			[]string{"Tin số 1"},
			0,
		},
		"item tag in CDATA": {
			rss("", sampleItem(1, "Mã <item> trong bài"), two), rss("", sampleItem(1, "Mã <item> trong bài"), two, three),
			[]string{"Tin số 3"},
			2,
		},
		"item end in CDATA": { // it may as well be the end of an item whose section was not closed
			rss("", sampleItem(1, "Mã </item> trong bài"), two), rss("", sampleItem(1, "Mã </item> trong bài"), two),
			[]string{"Tin số 1", "Tin số 2"},
			0,
		},
		"item end in a comment": {
			rss("", strings.Replace(one, "</item>", "<!-- </item> <item> --></item>", 1)),
			rss("", strings.Replace(one, "</item>", "<!-- </item> <item> --></item>", 1), two),
			[]string{"Tin số 2"},
			1,
		},
		"item of another namespace inside": {
			rss("", strings.Replace(one, "</item>", `<x:item xmlns:x="urn:x"><x:item/></x:item></item>`, 1)),
			rss("", strings.Replace(one, "</item>", `<x:item xmlns:x="urn:x"><x:item/></x:item></item>`, 1), two),
			[]string{"Tin số 2"},
			1,
		},
		"item of another namespace beside": {
			rss("", one, `<x:item xmlns:x="urn:x"/>`, two), rss("", one, `<x:item xmlns:x="urn:x"/>`, two),
			[]string{"Tin số 1", "Tin số 2"},
			0,
		},
		"item with the prefix of the root beside": {
			strings.Replace(rss("", "<r:item><title>Có tiền tố</title></r:item>", one), "<rss ", `<rss xmlns:r="http://purl.org/rss/1.0/" `, 1),
			strings.Replace(rss("", "<r:item><title>Có tiền tố</title></r:item>", one), "<rss ", `<rss xmlns:r="http://purl.org/rss/1.0/" `, 1),
			[]string{"Có tiền tố", "Tin số 1"},
			0,
		},
		"item that is none, and one that looks like none": {
			sampleDisguise("Cũ"), sampleDisguise("Mới"), []string{"Mới"}, 0,
		},
		"item without content beside": {rss("", one, "<item/>", two), rss("", one, "<item/>", two), []string{"Tin số 1", "Tin số 2"}, 0},
		"cut off":                     {rss("", one, two), strings.TrimSuffix(rss("", one, two), "</channel></rss>"), []string{"Tin số 1", "Tin số 2"}, 0},
		"Atom, updated later":         {atom("2023", plainEntry), atom("2024", plainEntry), nil, 1},
		"Atom, one new":               {atom("2023", plainEntry), atom("2024", otherEntry, plainEntry), []string{"Tin mới"}, 1},
		"Atom, link behind the entries": {
			atom("2023", plainEntry), strings.Replace(atom("2023", plainEntry), "</feed>", `<link rel="next" href="/2"/></feed>`, 1), nil, 1,
		},
		"RDF": {
			`<rdf:RDF xmlns="http://purl.org/rss/1.0/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><channel><title>Báo</title></channel>` + one + `</rdf:RDF>`,
			`<rdf:RDF xmlns="http://purl.org/rss/1.0/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><channel><title>Báo</title></channel>` + one + two + `</rdf:RDF>`,
			[]string{"Tin số 2"},
			1,
		},
		"UTF-16":           {string(wide(rss("", one, two))), string(wide(rss("", one, two, three))), []string{"Tin số 3"}, 2},
		"UTF-16 and UTF-8": {string(wide(rss("", one, two))), rss("", one, two, three), []string{"Tin số 3"}, 2},
		"byte order mark":  {rss("", one, two), "\ufeff" + rss("", one, two, three), []string{"Tin số 3"}, 2},
		"control characters": { // they are taken out before anything is cut
			rss("", one, two), rss("", one, strings.Replace(two, "Tin", "T\x08in", 1), three), []string{"Tin số 3"}, 2,
		},
	} {
		t.Run(name, func(t *testing.T) {
			before := readSeen(t, n, c.before, nil)
			after := readSeen(t, n, c.after, before.Items)
			if diff := cmp.Diff(c.want, titles(after)); diff != "" {
				t.Errorf("titles, -want +got:\n%s", diff)
			}
			if after.Skipped != c.skipped {
				t.Errorf("skipped %d items, want %d", after.Skipped, c.skipped)
			}
			checkCut(t, readSeen(t, n, c.after, nil), after, before.Items)
		})
	}
}

// sampleDisguise has an item of RSS under a prefix and one of no feed without:
// one item in all, and it is not the one that the tags show.
func sampleDisguise(title string) string {
	return `<rss version="2.0" xmlns:r="http://purl.org/rss/1.0/"><channel><r:item><title>` + title +
		`</title></r:item><item xmlns="urn:x"><title>Ẩn</title></item></channel></rss>`
}

// wide is the text in UTF-16 with a byte order mark.
func wide(text string) []byte {
	out := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune(text)) {
		out = binary.LittleEndian.AppendUint16(out, unit)
	}
	return out
}

// checkCut holds a reading of a document in which some items were seen against
// the whole reading: the same items, and the same articles of those not seen.
func checkCut(tb testing.TB, whole, cut normalizer.Result, seen []uint64) {
	tb.Helper()
	if len(whole.Items) == 0 && cut.Skipped > 0 {
		tb.Fatalf("skipped %d items of a document that must be read whole", cut.Skipped)
	}
	skipped := map[uint64]bool{}
	for _, item := range whole.Items {
		if cut.Skipped > 0 && slices.Contains(seen, item) {
			skipped[item&normalizer.KeyMask] = true
		}
	}
	if cut.Skipped != len(skipped) {
		tb.Errorf("skipped %d items, want %d", cut.Skipped, len(skipped))
	}
	var want []article.Article
	for i := range whole.Articles {
		if !skipped[normalizer.KeyOf(whole.Articles[i].ID)] {
			want = append(want, whole.Articles[i])
		}
	}
	if len(want) != len(cut.Articles) {
		tb.Fatalf("got %d articles, want %d", len(cut.Articles), len(want))
	}
	for i := range want {
		if diff := cmp.Diff(want[i], cut.Articles[i]); diff != "" {
			tb.Errorf("article %d, -whole +cut:\n%s", i, diff)
		}
	}
	if diff := cmp.Diff(sorted(whole.Items), sorted(cut.Items)); diff != "" {
		tb.Errorf("items, -whole +cut:\n%s", diff)
	}
	asked := whole.Hints
	if cut.Skipped > 0 {
		asked.Newest, asked.Gap = cut.Hints.Newest, cut.Hints.Gap
	}
	if diff := cmp.Diff(asked, cut.Hints); diff != "" {
		tb.Errorf("hints, -whole +cut:\n%s", diff)
	}
}

func sorted(items []uint64) []uint64 { return slices.Sorted(slices.Values(items)) }

// TestSeenByOthers: what one source has seen under one address says nothing of
// another, since its articles differ.
func TestSeenByOthers(t *testing.T) {
	n := newNormalizer(t)
	document := sampleDocument(sampleFeed(sampleItem(1, "Bài một")))
	first, err := n.Feed(sampleSource(), document)
	if err != nil {
		t.Fatal(err)
	}
	document.Seen = first.Items
	moved, other, province := document, sampleSource(), sampleSource()
	moved.URL = "https://moi.example.vn/rss"
	other.ID = "khac"
	province.Province = "bac-kan"
	for name, c := range map[string]struct {
		source   article.Source
		document normalizer.Document
		want     int
	}{
		"the same":       {sampleSource(), document, 1},
		"other address":  {sampleSource(), moved, 0},
		"other source":   {other, document, 0},
		"other province": {province, document, 0},
	} {
		t.Run(name, func(t *testing.T) {
			result, err := n.Feed(c.source, c.document)
			if err != nil {
				t.Fatal(err)
			}
			if result.Skipped != c.want || len(result.Articles) != 1-c.want {
				t.Errorf("skipped %d items and read %d, want %d skipped", result.Skipped, len(result.Articles), c.want)
			}
		})
	}
}

// TestItemsAreOnlyGivenWhenSure: a feed that must be read whole each time has no
// fingerprints to remember.
func TestItemsAreOnlyGivenWhenSure(t *testing.T) {
	n := newNormalizer(t)
	broken := sampleFeed(sampleItem(1, "Bài"), "<item><title>Hỏng ]]> x</title></item>")
	if result := readSeen(t, n, string(broken), nil); len(result.Items) != 0 || len(result.Articles) != 2 {
		t.Errorf("a salvaged feed: got %d items and %d articles, want 0 and 2", len(result.Items), len(result.Articles))
	}
	for name, want := range map[string]int{
		"plain.xml": 2, "rdf.xml": 1, "atom-xhtml.xml": 1, "xml-base.xml": 1, "utf16-mark.xml": 2, "windows-1258.xml": 2,
		"same-guid.xml": 0, "nukeviet.xml": 0, "truncated.xml": 0, "open-item.xml": 0, "feed.json": 0, "no-items.xml": 0, "raw-html.xml": 0,
	} {
		t.Run(name, func(t *testing.T) {
			body, err := os.ReadFile("testdata/feeds/" + name)
			if err != nil {
				t.Fatal(err)
			}
			result, err := n.Feed(sampleSource(), sampleDocument(body))
			if err != nil {
				t.Fatal(err)
			}
			if got := len(result.Items); got != want {
				t.Errorf("got %d items, want %d", got, want)
			}
		})
	}
}

// TestLongFeedIsCut: hundreds of fingerprints, and one new item among them.
func TestLongFeedIsCut(t *testing.T) {
	n := newNormalizer(t)
	items := make([]string, 1000)
	for i := range items {
		items[i] = sampleItem(i, "Bài")
	}
	first := readSeen(t, n, string(sampleFeed(items...)), nil)
	if len(first.Items) != 1000 || first.Skipped != 0 {
		t.Fatalf("got %d items, %d skipped", len(first.Items), first.Skipped)
	}
	again := readSeen(t, n, string(sampleFeed(items...)), first.Items)
	if again.Skipped != 1000 || len(again.Articles) != 0 || len(again.Warnings) != 0 {
		t.Errorf("skipped %d, read %d, warnings %q", again.Skipped, len(again.Articles), again.Warnings)
	}
	items = append([]string{sampleItem(5000, "Mới")}, items[:999]...)
	if next := readSeen(t, n, string(sampleFeed(append(items, "<item/>", items[0])...)), first.Items); next.Skipped != 0 {
		t.Errorf("skipped %d of more items than are read", next.Skipped)
	}
	next := readSeen(t, n, string(sampleFeed(items...)), first.Items)
	if diff := cmp.Diff([]string{"Tin số 5000"}, titles(next)); diff != "" || next.Skipped != 999 {
		t.Errorf("skipped %d; titles, -want +got:\n%s", next.Skipped, diff)
	}
}

// fragments are what a feed can have in the wrong place.
func fragments() []string {
	return []string{
		"<item>", "</item>", "<item/>", sampleItem(7, "Bảy"), sampleItem(1, "Một, đã sửa"), "<entry>", "</entry>", plainEntry,
		"<guid>tin-1</guid>", "<guid></guid>", "<link>https://mau.example.vn/tin-1.html</link>", "<id>tag:mau.example.vn,2023:a</id>",
		"<!--", "-->", "<!-- a -- b -->", "<![CDATA[", "]]>", "<?php x ?>", "<!DOCTYPE rss>", "<b>", "</b>", "<b", "&", "&#8;", `"`, "<", ">",
		"<channel>", "</channel>", "</rss>", "</feed>", `<x:item xmlns:x="urn:x"/>`, `<rss:item/>`, `<item xmlns="urn:x"/>`,
		`<generator>NukeViet</generator>`, `<language>en</language>`, `<link>https://moi.example.vn</link>`, `<ttl>60</ttl>`,
		` xml:base="https://moi.example.vn/a/b"`, ` xml:base="`, ` xmlns:dc="urn:x"`, ` xmlns="http://www.w3.org/2005/Atom"`, "\xff", "\x00", "\u0130tem",
	}
}

// FuzzCut changes a document in two places, takes a subset of the items it had
// as seen, and reads it both ways. A piece to insert that is one byte long is one
// of the fragments, and goes in front of a tag.
func FuzzCut(f *testing.F) {
	for i, name := range feedFiles(f) {
		body, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body, uint64(0x5a5a5a5a), uint16(0), uint16(0), []byte(nil), uint16(0), []byte(nil))
		f.Add(body, ^uint64(0), uint16(len(body)*2/3), uint16(i), []byte{byte(i)}, uint16(len(body)/3), []byte{byte(i * 7)})
	}
	sound := sampleFeed(sampleItem(1, "Một"), sampleItem(2, "Hai"), sampleItem(3, "Ba"))
	for i := range fragments() {
		f.Add(sound, uint64(3), uint16(i*10), uint16(0), []byte{byte(i)}, uint16(100), []byte(nil))
	}
	f.Add([]byte(`<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://mau.example.vn/a/b">`+plainEntry+`</feed>`),
		uint64(1), uint16(40), uint16(2), []byte("/c"), uint16(100), []byte{1})
	n := newNormalizer(f)
	parts := fragments()
	splice := func(body []byte, at, size int, insert []byte) []byte {
		from := min(at, len(body))
		if len(insert) == 1 {
			insert = []byte(parts[int(insert[0])%len(parts)])
			from += max(bytes.IndexByte(body[from:], '<'), 0)
		}
		return slices.Concat(body[:from], insert, body[min(from+size, len(body)):])
	}
	f.Fuzz(func(t *testing.T, body []byte, subset uint64, at, size uint16, insert []byte, at2 uint16, insert2 []byte) {
		first, err := n.Feed(sampleSource(), sampleDocument(body))
		if err != nil {
			return
		}
		var seen []uint64
		keys := map[uint64]bool{}
		for i, item := range first.Items {
			if subset>>(i%64)&1 == 1 {
				seen = append(seen, item)
			}
			if keys[item&normalizer.KeyMask] {
				return // checkCut cannot tell these two
			}
			keys[item&normalizer.KeyMask] = true
		}
		document := sampleDocument(splice(splice(body, int(at), int(size), insert), int(at2), 0, insert2))
		whole, wholeErr := n.Feed(sampleSource(), document)
		document.Seen = seen
		cut, err := n.Feed(sampleSource(), document)
		if fmt.Sprint(wholeErr) != fmt.Sprint(err) {
			t.Fatalf("got error %v, want %v", err, wholeErr)
		}
		checkCut(t, whole, cut, seen)
	})
}
