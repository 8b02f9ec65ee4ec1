package normalizer_test

import (
	"strings"
	"testing"
	"time"

	"bantin/internal/article"
	"bantin/normalizer"
)

const structuredBody = `<p>Hợp tác xã thu mua toàn bộ sản lượng với giá thỏa thuận từ đầu vụ, bà con yên tâm chăm vườn.</p>
<p>Mùa sau, xã sẽ mở rộng thêm hai mươi héc ta ở ba bản phía tây, nơi có sẵn nguồn nước tưới.</p>
<p>Ngoài ra, một xưởng sơ chế nhỏ được dựng ngay cạnh đường liên xã để giảm công vận chuyển.</p>`

// structuredPage has a head and, above its text, a title and a line with a date.
func structuredPage(head, date string) string {
	return `<html><head><title>Chè vụ xuân được giá - Báo Mẫu</title>` + head + `</head><body><div class="top"><a href="/">Trang chủ</a></div>
<h1>Chè vụ xuân được giá</h1><div>` + date + `</div><div class="detail-content">` + structuredBody + `</div></body></html>`
}

func structuredArticle(t *testing.T, page string) article.Article {
	t.Helper()
	link := normalizer.Link{URL: "https://bao.example.vn/che-vu-xuan.html"}
	src := article.Source{ID: "bao", Name: "Báo Mẫu", PageURL: "https://bao.example.vn/"}
	got, err := articleOf(newNormalizer(t), src, link, normalizer.Document{Body: []byte(page), URL: link.URL})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func linked(fields string) string {
	return `<script type="application/ld+json">{"@type":"NewsArticle","headline":"Chè vụ xuân được giá",` + fields + `}</script>`
}

// TestStructuredDates: what the page tells machines is taken where the page shows
// nothing else, and never where it shows another date.
func TestStructuredDates(t *testing.T) {
	for name, c := range map[string]struct{ head, shown, want string }{
		"told and not shown":           {linked(`"datePublished":"2024-03-18T09:15:00+07:00"`), "", "2024-03-18 09:15 minute"},
		"told finer than shown":        {linked(`"datePublished":"2024-03-18T09:15:00+07:00"`), "18/03/2024", "2024-03-18 09:15 minute"},
		"with seconds":                 {linked(`"datePublished":"2024-03-18T09:15:42+07:00"`), "18/03/2024 09:15", "2024-03-18 09:15 minute"},
		"shown finer than told":        {linked(`"datePublished":"2024-03-18"`), "18/03/2024 09:15", "2024-03-18 09:15 minute"},
		"midnight for no clock":        {linked(`"datePublished":"2024-03-18T00:00:00+07:00"`), "", "2024-03-18 00:00 day"},
		"midnight in UTC":              {linked(`"datePublished":"2024-03-18T00:00:00Z"`), "", "2024-03-18 00:00 day"},
		"midnight, a clock shown":      {linked(`"datePublished":"2024-03-18T00:00:00"`), "18/03/2024 09:15", "2024-03-18 09:15 minute"},
		"local time called UTC":        {linked(`"datePublished":"2024-03-18T09:15:00Z"`), "18/03/2024 09:15", "2024-03-18 09:15 minute"},
		"UTC called local time":        {linked(`"datePublished":"2024-03-18T02:15:00+07:00"`), "18/03/2024 09:15", "2024-03-18 09:15 minute"},
		"the evening called UTC":       {linked(`"datePublished":"2024-03-18T20:15:00Z"`), "18/03/2024", "2024-03-18 00:00 day"},
		"really UTC":                   {linked(`"datePublished":"2024-03-18T02:15:00Z"`), "18/03/2024 09:15", "2024-03-18 09:15 minute"},
		"in the future":                {linked(`"datePublished":"2034-03-18T09:15:00+07:00"`), "18/03/2024", "2024-03-18 00:00 day"},
		"the import of an archive":     {linked(`"datePublished":"2024-05-30T11:00:00+07:00"`), "18/03/2024 09:15", "2024-03-18 09:15 minute"},
		"the zero of a database":       {linked(`"datePublished":"0001-01-01T00:00:00"`), "18/03/2024", "2024-03-18 00:00 day"},
		"shown is the change":          {linked(`"datePublished":"2024-03-18T09:15:00+07:00","dateModified":"2024-03-19T14:00:00+07:00"`), "19/03/2024 14:00", "2024-03-18 09:15 minute"},
		"shown says it is a change":    {linked(`"datePublished":"2024-03-18T09:15:00+07:00"`), "Cập nhật: 18/03/2024 14:00", "2024-03-18 09:15 minute"},
		"shown is today, of the site":  {linked(`"datePublished":"2024-03-18T09:15:00+07:00"`), "Thứ Hai, 23/11/2026", "2024-03-18 09:15 minute"},
		"meta of Facebook":             {`<meta property="article:published_time" content="2024-03-18T09:15:00+07:00">`, "", "2024-03-18 09:15 minute"},
		"not a date, then one":         {linked(`"datePublished":"hôm qua"`) + `<meta itemprop="datePublished" content="2024-03-18">`, "", "2024-03-18 00:00 day"},
		"of another article":           {strings.Replace(linked(`"datePublished":"2020-01-02T03:04:05+07:00"`), "Chè vụ xuân được giá", "Khánh thành cầu dân sinh", 1), "", "0001-01-01 00:00 "},
		"the second of two is the one": {`<script type="application/ld+json">[{"@type":"NewsArticle","headline":"Khánh thành cầu dân sinh","datePublished":"2020-01-02"},{"@type":["Article"],"headline":"Chè vụ xuân được giá - Báo Mẫu","datePublished":"2024-03-18"}]</script>`, "", "2024-03-18 00:00 day"},
		"line breaks in the JSON":      {"<script type=\"application/ld+json\">\n//<![CDATA[\n{\"@type\":\"NewsArticle\",\"description\":\"Một\ndòng\",\"datePublished\":\"2024-03-18\"}\n//]]>\n</script>", "", "2024-03-18 00:00 day"},
	} {
		t.Run(name, func(t *testing.T) {
			a := structuredArticle(t, structuredPage(c.head, c.shown))
			got := a.Published.In(vietnamZone(a.Published)).Format("2006-01-02 15:04 ") + string(a.Precision)
			if got != c.want {
				t.Errorf("published %s, want %s", got, c.want)
			}
		})
	}
}

// vietnamZone is Vietnam's zone for all but the zero time.
func vietnamZone(t time.Time) *time.Location {
	if t.IsZero() {
		return time.UTC
	}
	return time.FixedZone("+07", 7*60*60)
}

// TestStructuredNames: names of sites, papers and accounts are neither titles nor
// authors.
func TestStructuredNames(t *testing.T) {
	person := func(name string) string { return linked(`"author":{"@type":"Person","name":"` + name + `"}`) }
	for name, c := range map[string]struct{ head, author string }{
		"a person":               {person("Lê Thị Mận"), "Lê Thị Mận"},
		"two persons":            {linked(`"author":[{"@type":"Person","name":"Lê Thị Mận"},{"@type":"Person","name":"Hà Văn Tò"}]`), "Lê Thị Mận, Hà Văn Tò"},
		"a text":                 {linked(`"author":"Lê Thị Mận"`), "Lê Thị Mận"},
		"the paper as a person":  {person("Báo Mẫu"), ""},
		"the publisher":          {linked(`"author":{"@type":"Person","name":"Tin Mẫu Online"},"publisher":{"name":"Tin Mẫu Online"}`), ""},
		"an organisation":        {linked(`"author":{"@type":"Organization","name":"Hoa Mẫu"}`), ""},
		"an account":             {person("Super User"), ""},
		"the administrator":      {person("Quản trị viên"), ""},
		"a page of Facebook":     {`<meta property="article:author" content="https://www.facebook.com/baomau">`, ""},
		"a name of another site": {`<meta name="author" content="VnExpress">`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			a := structuredArticle(t, structuredPage(c.head, "18/03/2024"))
			if a.Author != c.author {
				t.Errorf("author %q, want %q", a.Author, c.author)
			}
		})
	}
	page := strings.Replace(structuredPage(strings.Replace(linked(`"image":{"url":"/a.jpg"}`), "được giá", "được giá - Báo Mẫu", 1), ""),
		"<h1>Chè vụ xuân được giá</h1>", "", 1)
	if a := structuredArticle(t, page); a.Title != "Chè vụ xuân được giá" {
		t.Errorf("title %q with the name of the paper", a.Title)
	}
}

func TestLeadImage(t *testing.T) {
	const shown = `<figure><img src="/trong-bai.jpg"></figure>`
	for name, c := range map[string]struct{ head, body, want string }{
		"none shown":         {`<meta property="og:image" content="/anh/doi-che.jpg">`, "", "https://bao.example.vn/anh/doi-che.jpg"},
		"one shown":          {`<meta property="og:image" content="/anh/doi-che.jpg">`, shown, "https://bao.example.vn/trong-bai.jpg"},
		"the logo, and none": {`<meta property="og:image" content="https://bao.example.vn/img/logo-share.png">`, "", ""},
		"of the JSON-LD":     {linked(`"image":[{"@type":"ImageObject","url":"https://bao.example.vn/anh/2.jpg"}]`), "", "https://bao.example.vn/anh/2.jpg"},
		"no address":         {`<meta property="og:image" content="javascript:x()">`, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			page := strings.Replace(structuredPage(c.head, "18/03/2024"), `<div class="detail-content">`, `<div class="detail-content">`+c.body, 1)
			a := structuredArticle(t, page)
			got := ""
			if len(a.Images) > 0 {
				got = a.Images[0].URL
			}
			if got != c.want || len(a.Images) > 1 {
				t.Errorf("images %+v, want %q", a.Images, c.want)
			}
		})
	}
}
