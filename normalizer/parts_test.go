package normalizer_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bantin/internal/article"
	"bantin/normalizer"
)

// The lead of an article and the place of its date, as most pages have them.
const (
	partsLead = `<p class="sapo">Sáng nay, xã Mẫu mở chợ chè đầu tiên, ba trăm hộ mang chè đến bán.</p>`
	partsDate = `<div>18/03/2024 09:15</div>`
)

// TestPageBylines: who wrote an article is found in the rows, boxes and words in which
// pages put it, and no face of an author is a picture of the article.
func TestPageBylines(t *testing.T) {
	for name, c := range map[string]struct{ above, author string }{
		"beside tools": {`<div class="author-share-top"><div><a class="author">Lê Thị Mận</a> <span>- 18/03/2024 09:15</span></div><div>Chia sẻ</div></div>`, "Lê Thị Mận"},
		"several": {partsDate + `<div class="authors"><a href="/tac-gia/man-1.html">Lê Thị Mận</a><span>và 1 tác giả khác</span></div>` +
			`<div class="all"><a href="/tac-gia/man-1.html">Lê Thị Mận</a></div><div class="all"><a href="/tac-gia/to-2.html">Hà Văn Tò</a></div>`, "Lê Thị Mận, Hà Văn Tò"},
		"with a face":   {partsDate + `<div class="author-info"><a href="/tac-gia/man-1.html"><img src="/anh/man.jpg" width="100"></a><span>Lê Thị Mận</span></div>`, "Lê Thị Mận"},
		"after a word":  {partsDate + `<div class="author">Theo Lê Thị Mận</div>`, "Lê Thị Mận"},
		"a paper":       {partsDate + `<div class="author">Theo Nhịp sống Mẫu</div>`, ""},
		"a team":        {partsDate + `<div class="author">Nhóm P.V thực hiện</div>`, "Nhóm P.V"},
		"a digest":      {partsDate + `<div class="author">Lê Thị Mận tổng hợp</div>`, "Lê Thị Mận"},
		"a box of bios": {partsDate + `<div class="author-box">Lê Thị Mận</div>`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			a := structuredArticle(t, structuredPage("", c.above))
			if a.Author != c.author || len(a.Images) > 0 || a.Published.IsZero() {
				t.Errorf("author %q, want %q; images %v, published %v", a.Author, c.author, a.Images, a.Published)
			}
		})
	}
}

// TestPageOrigins: the first publisher is named below the body, with and without a
// word before it.
func TestPageOrigins(t *testing.T) {
	for name, c := range map[string]struct{ body, below, origin, author string }{
		"in a place":          {"", `<p class="author">Lê Thị Mận</p><p class="source" data-field="source"> Nhịp sống Mẫu</p>`, "Nhịp sống Mẫu", "Lê Thị Mận"},
		"with a label":        {"", `<div class="source-name">Nguồn: Nhịp sống Mẫu</div>`, "Nhịp sống Mẫu", ""},
		"with an icon":        {"", `<div class="article-source"><i class="material-icons">link</i> Theo Nhịp sống Mẫu</div>`, "Nhịp sống Mẫu", ""},
		"right below":         {"", `<em>Theo NSM</em>`, "NSM", ""},
		"at the end":          {`<p class="source">Theo Nhịp sống Mẫu</p>`, "", "Nhịp sống Mẫu", ""},
		"with a name":         {`<p class="source">Lê Thị Mận (TTXVN)</p>`, "", "TTXVN", "Lê Thị Mận"},
		"a sentence below":    {"", `<div>Theo dõi chúng tôi để biết thêm nhiều tin mới của cả vùng chè Mẫu mỗi ngày</div>`, "", ""},
		"a person":            {"", `<div>Theo Lê Thị Mận</div>`, "", ""},
		"a sentence of a man": {`<p>Theo ông Mận, vụ này chè được giá.</p>`, "", "", ""},
		"the paper itself":    {"", `<div class="source-name">Báo Mẫu</div>`, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			page := strings.Replace(structuredPage("", partsDate), structuredBody+"</div>", structuredBody+c.body+"</div>"+c.below, 1)
			a := structuredArticle(t, page)
			if a.Origin != c.origin || a.Author != c.author {
				t.Errorf("origin %q, author %q; want %q, %q", a.Origin, a.Author, c.origin, c.author)
			}
			if c.origin != "" && strings.Contains(a.Text, c.origin) {
				t.Errorf("the text keeps it: %q", a.Text)
			}
		})
	}
}

// TestPageLeads: a lead is no caption, loses the name of its paper and keeps its
// place.
func TestPageLeads(t *testing.T) {
	const lead = "Sáng nay, xã Mẫu mở chợ chè đầu tiên, ba trăm hộ mang chè đến bán."
	figure := `<figure itemprop="image" itemscope itemtype="http://schema.org/ImageObject"><img src="/a.jpg"><figcaption itemprop="description">Chợ chè trong sương sớm ở xã Mẫu</figcaption></figure>`
	for name, c := range map[string]struct{ above, body, want string }{
		"above the words of a picture": {`<p class="description">` + lead + `</p>` + figure, "", lead},
		"a place set off":              {`<p class="sapo"><span class="location-stamp">Lào Cai</span>` + lead + `</p>`, "", "Lào Cai - " + lead},
		"a place with its dash":        {`<p class="sapo"><span class="location-stamp">Lào Cai</span> - ` + lead + `</p>`, "", "Lào Cai - " + lead},
		"the name of the paper":        {`<p class="sapo">(Baomau) - ` + lead + `</p>`, "", lead},
		"the name, two dashes":         {`<p class="sapo">BaoMau-- ` + lead + `</p>`, "", lead},
		"a sentence of the text":       {`<div>BaoMau-- ` + lead + `</div>`, `<p>Ông Mận kể lại. ` + lead + ` Rồi ông cười.</p>`, lead},
		"above the picture and below":  {"", `<p>` + lead + `</p><p><img src="/b.jpg"></p><p>` + lead + `</p>`, lead},
	} {
		t.Run(name, func(t *testing.T) {
			page := structuredPage("", partsDate+c.above)
			if c.above == "" { // no name tells the body
				page = strings.Replace(page, `class="detail-content"`, "", 1)
			}
			page = strings.Replace(page, structuredBody, c.body+structuredBody, 1)
			link := normalizer.Link{URL: "https://baomau.vn/che-vu-xuan.html"}
			a, err := articleOf(newNormalizer(t), article.Source{ID: "bao", PageURL: "https://baomau.vn/"}, link, normalizer.Document{Body: []byte(page), URL: link.URL})
			if err != nil {
				t.Fatal(err)
			}
			if a.Lead != c.want {
				t.Errorf("lead %q, want %q", a.Lead, c.want)
			}
			if !strings.Contains(c.body, "kể lại") && strings.Contains(a.Text, "ba trăm hộ") {
				t.Errorf("the text begins with the lead: %q", a.Text)
			}
		})
	}
}

// TestPageCaptions: what stands in the box of a picture is its caption, but no time,
// no label and no icon is.
func TestPageCaptions(t *testing.T) {
	for name, c := range map[string]struct {
		body string
		want []string
	}{
		"a caption that names nobody": {`<figure><img src="/a.jpg"><figcaption>Ảnh minh họa.</figcaption></figure>`, []string{"Ảnh minh họa."}},
		"a credit":                    {`<figure><img src="/a.jpg"><figcaption>Ảnh: Lê Mận</figcaption></figure>`, []string{""}},
		"a box of a picture":          {`<div class="picture"><img src="/a.jpg"><p>Chợ chè xã Mẫu họp từ sáng sớm. Ảnh: LM.</p></div>`, []string{"Chợ chè xã Mẫu họp từ sáng sớm. Ảnh: LM."}},
		"a time below":                {`<p><img src="/a.jpg"></p><p class="when">09:15</p>`, []string{""}},
		"a label below":               {`<p><img src="/a.jpg"></p><p class="label">Trả lời:</p>`, []string{""}},
		"an icon of one side":         {`<p><img src="/a.svg" width="20"></p>`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			page := strings.Replace(structuredPage("", partsDate+partsLead), structuredBody, c.body+structuredBody, 1)
			var got []string
			for _, image := range structuredArticle(t, page).Images {
				got = append(got, image.Caption)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("captions (-want +got)\n%s", diff)
			}
		})
	}
}

// TestPageLeftovers: the times of a live report go, spaces that were escaped twice
// are spaces, and the date of a template is none.
func TestPageLeftovers(t *testing.T) {
	page := structuredPage("", `<time class="date" datetime="2011-01-12">18/03/2024 - 09:15</time>`+partsLead)
	page = strings.Replace(page, structuredBody, `<p>Xã trồng&amp;nbsp;chè từ năm 1962.</p><ul><li>15 phút trước</li></ul>`+structuredBody, 1)
	a := structuredArticle(t, page)
	if got := a.Published.In(vietnamZone(a.Published)).Format("2006-01-02 15:04"); got != "2024-03-18 09:15" {
		t.Errorf("published %s", got)
	}
	if !strings.HasPrefix(a.Text, "Xã trồng chè từ năm 1962.\n") || strings.Contains(a.Text, "phút trước") {
		t.Errorf("text %q", a.Text)
	}
}

// TestDatesOfParts: the date of a picture or of a reader's comment is not that of the
// article.
func TestDatesOfParts(t *testing.T) {
	for _, part := range []string{
		`<figure itemscope itemtype="https://schema.org/ImageObject"><img src="/a.jpg"><meta itemprop="datePublished" content="2019-05-01T08:00:00+07:00"></figure>`,
		`<div itemscope itemtype="https://schema.org/Comment"><meta itemprop="datePublished" content="2024-05-01T08:00:00+07:00"><p>Hay quá.</p></div>`,
	} {
		page := strings.Replace(structuredPage("", ""), structuredBody, structuredBody+part, 1)
		if a := structuredArticle(t, page); !a.Published.IsZero() {
			t.Errorf("published %v, of %s", a.Published, part)
		}
	}
}

// TestListingOfTopics: the topics among the links of a listing are no articles, and a
// saved page knows its own address.
func TestListingOfTopics(t *testing.T) {
	page := `<link rel="canonical" href="https://bao.example/kinh-te"><a href="/su-kien/cho-che-vung-cao-21.html"># Chợ chè vùng cao mùa xuân</a>` +
		`<a href="/cho-che-xa-mau-mo-lai-101.html">Chợ chè xã Mẫu mở lại</a><a href="/duong-len-ban-sap-xong-102.html">Đường lên bản sắp làm xong</a>`
	links, err := newNormalizer(t).Listing(article.Source{}, normalizer.Document{Body: []byte(page)})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"https://bao.example/cho-che-xa-mau-mo-lai-101.html", "https://bao.example/duong-len-ban-sap-xong-102.html"}
	if diff := cmp.Diff(want, urlsOf(links)); diff != "" {
		t.Errorf("links (-want +got)\n%s", diff)
	}
}

// TestSummaryAndContent: a summary that is longer than the content is the lead, and
// takes nothing from it.
func TestSummaryAndContent(t *testing.T) {
	const summary = "Sáng nay, xã Mẫu mở chợ chè đầu tiên, ba trăm hộ mang chè đến bán từ tinh mơ."
	for name, c := range map[string]struct{ content, lead, text string }{
		"shorter":               {"Chợ họp mỗi tuần hai phiên.", summary, "Chợ họp mỗi tuần hai phiên."},
		"a part of the summary": {"Sáng nay, xã Mẫu mở chợ chè đầu tiên", "", summary},
		"the summary":           {summary, "", summary},
		"none":                  {"", "", summary},
	} {
		t.Run(name, func(t *testing.T) {
			feed := `{"version":"https://jsonfeed.org/version/1.1","title":"Báo","items":[{"id":"1","url":"https://bao.example/1","title":"Chợ chè","summary":"` +
				summary + `","content_text":"` + c.content + `"}]}`
			result, err := newNormalizer(t).Feed(sampleSource(), sampleDocument([]byte(feed)))
			if err != nil || len(result.Articles) != 1 {
				t.Fatalf("%d articles, %v", len(result.Articles), err)
			}
			if a := result.Articles[0]; a.Lead != c.lead || a.Text != c.text {
				t.Errorf("lead %q, text %q; want %q, %q", a.Lead, a.Text, c.lead, c.text)
			}
		})
	}
}
