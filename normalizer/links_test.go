package normalizer_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bantin/normalizer"
)

func TestReadSite(t *testing.T) {
	const page = `<html><head><title>Trang chủ</title><meta property="og:site_name" content="Báo  Mẫu"><base href="/vi/">
<link rel="stylesheet" href="/a.css"><link rel="alternate" hreflang="en" href="/en/">
<link rel="Alternate" type="application/rss+xml; charset=utf-8" title="Tin mới" href="/rss/home.rss">
<link rel="alternate" type="application/atom+xml" href="https://khac.example/atom.xml"><link rel="feed" href="tin.json">
<link rel="alternate" type="application/json" href="/wp-json/1"><link rel="alternate" type="application/rss+xml" href="javascript:alert(1)">
</head><body>
<a href="/rss/home.rss">RSS</a><a href="/kenh-tin.html"> rss </a><a href="/thoi-su.rss">Thời sự</a><a href="/Rss/RssCategoryExport?categoryId=3">Xã hội</a>
<a href="/index.php?language=vi&amp;nv=news&amp;op=rss">Tin</a><a href="/Pages/rss.aspx">Kênh</a><a href="/Utilities/RSSDetail.aspx?CID=2">C</a>
<a href="https://so.tinh.example.vn/feed/">Sở</a><a href="https://doc.example/subscribe/feed/tinh">Đọc bằng</a>
<a href="/tin/crossroads-feedback.html">Góp ý</a><a href="/gioi-thieu.html">Giới thiệu</a><a href="mailto:rss@tinh.example.vn">rss</a>
</body></html>`
	got, err := normalizer.ReadSite(normalizer.Document{Body: []byte(page), URL: "https://www.tinh.example.vn/"})
	if err != nil {
		t.Fatal(err)
	}
	const host = "https://www.tinh.example.vn"
	want := normalizer.Site{Name: "Báo Mẫu", Feeds: []normalizer.FeedLink{
		{URL: host + "/rss/home.rss", Title: "Tin mới", Declared: true},
		{URL: "https://khac.example/atom.xml", Declared: true},
		{URL: host + "/vi/tin.json", Declared: true},
		{URL: host + "/kenh-tin.html", Title: "rss"},
		{URL: host + "/thoi-su.rss", Title: "Thời sự"},
		{URL: host + "/Rss/RssCategoryExport?categoryId=3", Title: "Xã hội"},
		{URL: host + "/index.php?language=vi&nv=news&op=rss", Title: "Tin"},
		{URL: host + "/Pages/rss.aspx", Title: "Kênh"},
		{URL: host + "/Utilities/RSSDetail.aspx?CID=2", Title: "C"},
		{URL: "https://so.tinh.example.vn/feed/", Title: "Sở"},
	}}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	if _, err := normalizer.ReadSite(normalizer.Document{Body: []byte(" ")}); !errors.Is(err, normalizer.ErrEmpty) {
		t.Errorf("an empty page: got %v", err)
	}
}

func TestFeedTitle(t *testing.T) {
	for body, want := range map[string]string{
		`<rss><channel><title> Báo &amp;amp; đài </title><item><title>Tin</title></item></channel></rss>`:                         "Báo & đài",
		`<?xml version="1.0"?><rss><channel><title><![CDATA[Báo Mẫu - Trang chủ]]></title></channel></rss>`:                       "Báo Mẫu - Trang chủ",
		`<feed xmlns="http://www.w3.org/2005/Atom"><title type="text">Báo Atom</title><entry><title>Tin</title></entry></feed>`:   "Báo Atom",
		`<rss><channel><item><title>Tin</title></item></channel></rss>`:                                                           "",
		`<rdf:RDF><rss:channel><rss:title>Báo RDF</rss:title><rss:items/></rss:channel><item><title>Tin</title></item></rdf:RDF>`: "Báo RDF",
		` {"version":"https://jsonfeed.org/version/1.1","title":"Báo JSON","items":[]}`:                                           "Báo JSON",
		`{"title":`: "",
		``:          "",
	} {
		if got := normalizer.FeedTitle(normalizer.Document{Body: []byte(body)}); got != want {
			t.Errorf("%s: got %q, want %q", body, got, want)
		}
	}
}
