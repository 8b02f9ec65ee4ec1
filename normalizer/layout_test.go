package normalizer_test

import (
	"fmt"
	"strings"
	"testing"

	"bantin/internal/article"
	"bantin/normalizer"
)

// The parts of the reference article, as its portal shows them.
const (
	portalHead = `<div><a href="/"><img src="/Style/banner.jpg" width="1000" height="150"></a><div>Thứ Hai, 23/11/2026</div></div>` +
		`<ul><li><a href="/">Trang chủ</a></li><li><a href="/gt">Giới thiệu</a></li><li><a href="/tt">Tin tức - Sự kiện</a></li>` +
		`<li><a href="/dt">Thông tin kêu gọi đầu tư</a></li></ul>`
	portalFoot = `<div><div>Các tin khác</div><ul><li><a href="?ItemID=2">Khởi công nhà máy chế biến gỗ tại cụm công nghiệp</a> (20/02/2022)</li>` +
		`<li><a href="?ItemID=3">Tập huấn nghiệp vụ cho cán bộ khuyến công</a> (19/02/2022)</li></ul></div>` +
		`<div><p>Bản quyền thuộc về Cổng thông tin điện tử tỉnh</p><p>Địa chỉ: Tổ 1, phường Mẫu - Điện thoại: 0200 000 000</p></div>`
	toolbar = `<div>21/02/2022</div><div><a href="javascript:f(1)">Tăng cỡ chữ</a> <a href="javascript:f(-1)">Giảm cỡ chữ</a></div>`
	picture = `<p align="center"><img src="/anh/cum-cong-nghiep.jpg" width="600"></p><p align="center"><em>CAPTION</em></p>`
	byline  = `<p style="text-align:right"><strong>Hương Lan</strong></p>`
	// plainPage is the page when nothing else is said of it.
	plainPage = toolbar + `<div>TITLE</div><div>LEAD</div><div>` + picture + `PARAGRAPHS` + byline + `</div>`
)

// inLayout writes the reference article into a layout: TITLE, LEAD, CAPTION, and
// for PARAGRAPHS its five in p elements, for LINES parted by empty lines.
func inLayout(layout string) string {
	a := reference()
	paragraphs := strings.Split(a.Text, "\n")
	paragraphs[len(paragraphs)-1] += "../."
	return strings.NewReplacer(
		"TITLE", strings.Replace(a.Title, "tâm ", "tâm\u00a0", 1), "LEAD", a.Lead, "CAPTION", a.Images[0].Caption,
		"PARAGRAPHS", "<p>"+strings.Join(paragraphs, "</p>\n<p>")+"</p>", "LINES", strings.Join(paragraphs, "<br><br>"),
		"BARE", strings.Join(paragraphs, "\n\n"),
	).Replace(layout)
}

// TestLayouts reads the reference article out of the layouts that portals of its
// kind have, whose title element names the portal and whose classes say nothing
// or something else. Nothing is known of the page but its bytes.
func TestLayouts(t *testing.T) {
	layouts := map[string]string{
		"no names":           plainPage,
		"title div.title":    strings.Replace(plainPage, "<div>TITLE</div>", `<div class="title">TITLE</div>`, 1),
		"title span.tieude":  strings.Replace(plainPage, "<div>TITLE</div>", `<span class="tieude">TITLE</span><br>`, 1),
		"title ArticleTitle": strings.Replace(plainPage, "<div>TITLE</div>", `<p class="ArticleTitle">TITLE</p>`, 1),
		"title p":            strings.Replace(plainPage, "<div>TITLE</div>", `<p>TITLE</p>`, 1),
		"title b":            strings.Replace(plainPage, "<div>TITLE</div>", `<b>TITLE</b><br>`, 1),
		"title font":         strings.Replace(plainPage, "<div>TITLE</div>", `<font size="4" color="red"><b>TITLE</b></font>`, 1),
		"title h1":           strings.Replace(plainPage, "<div>TITLE</div>", `<h1>TITLE</h1>`, 1),
		"title h2":           strings.Replace(plainPage, "<div>TITLE</div>", `<h2>TITLE</h2>`, 1),
		"portal in h1":       `<h1>Cổng thông tin điện tử tỉnh Mẫu</h1>` + plainPage,
		"section in h1":      `<h1>Tin tức - Sự kiện</h1>` + plainPage,
		"breadcrumb": `<div><a href="/">Trang chủ</a> &raquo; <a href="/tt">Tin tức - Sự kiện</a> &raquo; <a href="/kt">Kinh tế và đầu tư</a></div>` +
			plainPage,
		"section above":      `<div>Tin hoạt động trong tỉnh</div>` + plainPage,
		"title above date":   `<div>TITLE</div>` + toolbar + `<div>LEAD</div><div>` + picture + `PARAGRAPHS` + byline + `</div>`,
		"date in toolbar":    strings.Replace(plainPage, toolbar, `<div class="toolbar">21/02/2022 <a href="#">Tăng cỡ chữ</a> <a href="#">Giảm cỡ chữ</a></div>`, 1),
		"date in span":       strings.Replace(plainPage, toolbar, `<span class="ngay">21/02/2022</span><span>Tăng cỡ chữ</span> <span>Giảm cỡ chữ</span>`, 1),
		"date with clock":    strings.Replace(plainPage, ">21/02/2022<", ">Ngày đăng: 21/02/2022<", 1),
		"caption em":         strings.Replace(plainPage, `<p align="center"><em>CAPTION</em></p>`, `<em>CAPTION</em>`, 1),
		"caption centred":    strings.Replace(plainPage, `<em>CAPTION</em>`, `CAPTION`, 1),
		"caption td":         strings.Replace(plainPage, picture, `<table align="center"><tr><td><img src="/anh/cum.jpg"></td></tr><tr><td>CAPTION</td></tr></table>`, 1),
		"byline right":       strings.Replace(plainPage, byline, `<div align="right"><b>Hương Lan</b></div>`, 1),
		"byline plain":       strings.Replace(plainPage, byline, `<p>Hương Lan</p>`, 1),
		"byline below":       strings.Replace(plainPage, byline+`</div>`, `</div>`+byline, 1),
		"all in one":         `<div>` + toolbar + `<div>TITLE</div><p>LEAD</p>` + picture + `PARAGRAPHS` + byline + `</div>`,
		"all in one, h1":     `<div>` + toolbar + `<h1>TITLE</h1><p>LEAD</p>` + picture + `PARAGRAPHS` + byline + `</div>`,
		"breaks":             toolbar + `<div><h1>TITLE</h1><b>LEAD</b><br><br>LINES<br><br><b>Hương Lan</b></div>`,
		"breaks and picture": toolbar + `<div><h1>TITLE</h1>LEAD<br><br><img src="/anh/cum.jpg"><br><em>CAPTION</em><br><br>LINES<br><br><b>Hương Lan</b></div>`,
		"breaks, title outside": toolbar + `<h1>TITLE</h1><div>LEAD<br><br><img src="/anh/cum.jpg"><br><em>CAPTION</em><br><br>LINES<br><br>` +
			`<div align="right"><b>Hương Lan</b></div></div>`,
		"breaks, named body": toolbar + `<div class="detail-content"><h1>TITLE</h1>LEAD<br><br><img src="/anh/cum.jpg"><br><em>CAPTION</em><br><br>LINES<br><br>` +
			`<div align="right"><b>Hương Lan</b></div></div>`,
		"office in h1": `<h1>SỞ CÔNG THƯƠNG TỈNH MẪU</h1>` + plainPage,
		"table": `<table width="100%"><tr><td>21/02/2022</td></tr><tr><td>Tăng cỡ chữ Giảm cỡ chữ</td></tr><tr><td class="tieu-de">TITLE</td></tr>` +
			`<tr><td>LEAD</td></tr><tr><td>` + picture + `PARAGRAPHS` + byline + `</td></tr></table>`,
		"table, a row each": `<table width="100%"><tr><td>21/02/2022</td><td>Tăng cỡ chữ Giảm cỡ chữ</td></tr><tr><td colspan="2">TITLE</td></tr>` +
			`<tr><td colspan="2">LEAD</td></tr><tr><td colspan="2" align="center"><img src="/anh/cum.jpg"></td></tr>` +
			`<tr><td colspan="2" align="center">CAPTION</td></tr><tr><td colspan="2">PARAGRAPHS</td></tr>` +
			`<tr><td colspan="2" align="right"><b>Hương Lan</b></td></tr></table>`,
		"table of columns": `<table><tr><td width="200"><div><a href="/vb">Văn bản mới</a></div><div>Liên kết website</div></td><td>` + plainPage +
			`</td><td width="200"><div>Thăm dò ý kiến</div><a href="/x">Hội nghị trực tuyến toàn quốc về chuyển đổi số</a></td></tr></table>`,
		"web parts": `<div>PublishingPortal - Block_BanTin_Toolbar</div>` + toolbar + `<div>TITLE</div><div>LEAD</div>` +
			`<div>PublishingPortal - Block_BanTin_ViewData</div><div>` + picture + `PARAGRAPHS` + byline + `</div>`,
		"web parts in the article": `<div><div>PublishingPortal - Block_BanTin_Toolbar</div>` + toolbar + `<div>TITLE</div><div>LEAD</div>` +
			`<div>&nbsp;PublishingPortal - Block_BanTin_ViewData</div>` + picture + `PARAGRAPHS` + byline + `</div>`,
		"text dump in paragraphs": `<p>PublishingPortal - Block_BanTin_Toolbar</p><p>21/02/2022</p><p>Tăng cỡ chữ Giảm cỡ chữ</p><p>TITLE</p><p>LEAD</p>` +
			`<p>PublishingPortal - Block_BanTin_ViewData</p><p><img src="/anh/cum.jpg"></p><p>CAPTION</p>PARAGRAPHS<p>Hương Lan</p>`,
		"text dump in lines": `<div>PublishingPortal - Block_BanTin_Toolbar<br><br>21/02/2022<br>Tăng cỡ chữ Giảm cỡ chữ<br>TITLE<br>LEAD<br><br>` +
			`PublishingPortal - Block_BanTin_ViewData<br><br><img src="/anh/cum.jpg"><br>CAPTION<br><br>LINES<br><br>Hương Lan</div>`,
	}
	n := newNormalizer(t)
	for name, layout := range layouts {
		for _, title := range []string{"Chi tiết tin", "Cổng thông tin điện tử tỉnh Mẫu", "Tin tức - Sự kiện", ""} {
			t.Run(name+"/"+title, func(t *testing.T) {
				page := `<html><head><title>` + title + `</title></head><body>` + portalHead + inLayout(layout) + portalFoot + `</body></html>`
				got, err := articleOf(n, portal(), normalizer.Link{}, normalizer.Document{Body: []byte(page)})
				if err != nil {
					t.Fatal(err)
				}
				if !strings.Contains(layout, "<img") {
					if len(got.Images) > 0 {
						t.Fatalf("images %+v of a page without", got.Images)
					}
					got.Images = reference().Images
				}
				checkReference(t, got)
			})
		}
	}
}

// TestTextDump reads the article where only its words are left: no picture, so
// that its caption is a line like any other, and is kept as one.
func TestTextDump(t *testing.T) {
	const dump = "PublishingPortal - Block_BanTin_Toolbar\n\n21/02/2022\nTăng cỡ chữ Giảm cỡ chữ\nTITLE\nLEAD\n\n" +
		"\u00a0PublishingPortal - Block_BanTin_ViewData\n\nCAPTION\n\nBARE\n\nHương Lan"
	var paragraphs strings.Builder
	for line := range strings.Lines(dump) {
		fmt.Fprintf(&paragraphs, "<p>%s</p>\n", strings.TrimSpace(line))
	}
	for name, page := range map[string]string{
		"text":       inLayout(dump),
		"pre":        "<pre>" + inLayout(dump) + "</pre>",
		"breaks":     "<div>" + strings.ReplaceAll(inLayout(dump), "\n", "<br>\n") + "</div>",
		"paragraphs": strings.ReplaceAll(inLayout(paragraphs.String()), "\n\n", "</p><p>"),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := articleOf(newNormalizer(t), portal(), normalizer.Link{}, normalizer.Document{Body: []byte(page)})
			if err != nil {
				t.Fatal(err)
			}
			want := reference()
			caption := want.Images[0].Caption
			if !strings.HasPrefix(got.Text, caption+"\n") || len(got.Images) > 0 {
				t.Errorf("the caption is not the first line of the text, or there are images: %+v\n%s", got.Images, got.Text)
			}
			got.Text = strings.TrimPrefix(got.Text, caption+"\n")
			got.HTML = strings.Replace(got.HTML, "<p>"+caption+"</p>", "", 1)
			got.Images = []article.Image{{Caption: caption}}
			checkReference(t, got)
		})
	}
}

// TestTitleInPlace finds titles where no name and no title element tells them.
func TestTitleInPlace(t *testing.T) {
	const (
		lead = `<div>Sáng nay, huyện Mẫu mở lớp tập huấn cho hơn một trăm hộ trồng chè ở năm xã vùng cao.</div>`
		text = `<div><p>Lớp học kéo dài ba ngày, do trạm khuyến nông hướng dẫn tại vườn của các hộ.</p>` +
			`<p>Mỗi hộ được phát sổ tay và một bộ dụng cụ đốn chè, trị giá 300.000 đồng.</p>` +
			`<p>Huyện dự kiến mở thêm hai lớp trong tháng sau, trước vụ hái đầu tiên của năm.</p></div>`
		date = `<div>Thứ Ba, 06/02/2024 | 08:15</div><div>1.204 lượt xem</div><div>In bài</div>`
	)
	n := newNormalizer(t)
	for name, c := range map[string]struct{ head, page, want string }{
		"an office did something": {"Sở Nông nghiệp", date + `<div>Sở Nông nghiệp tập huấn kỹ thuật trồng chè</div>` + lead + text, "Sở Nông nghiệp tập huấn kỹ thuật trồng chè"},
		"office above":            {"Sở Nông nghiệp tỉnh Mẫu", `<h1>Sở Nông nghiệp tỉnh Mẫu</h1><div>Tập huấn kỹ thuật trồng chè</div>` + date + lead + text, "Tập huấn kỹ thuật trồng chè"},
		"a date in the title":     {"Tin tức", date + `<div>Tổng kết lớp tập huấn trồng chè mở ngày 06/02/2024</div>` + lead + text, "Tổng kết lớp tập huấn trồng chè mở ngày 06/02/2024"},
		"a question":              {"Tin tức", date + `<p><b>Vì sao chè Mẫu được giá?</b></p>` + lead + text, "Vì sao chè Mẫu được giá?"},
		"no lead, a picture":      {"Tin tức", date + `<div>Tập huấn kỹ thuật trồng chè</div><div><img src="a.jpg"></div><div>Bà con xã Mẫu học đốn chè tại vườn</div>` + text, "Tập huấn kỹ thuật trồng chè"},
		"no date":                 {"Tin tức", `<div>Tập huấn kỹ thuật trồng chè</div>` + lead + text, "Tập huấn kỹ thuật trồng chè"},
		"heading among others":    {"Tin tức", date + `<div>Chuyên đề nông nghiệp và nông thôn</div><h3>Tập huấn kỹ thuật trồng chè</h3>` + lead + text, "Tập huấn kỹ thuật trồng chè"},
		"named by the head":       {"Tập huấn kỹ thuật trồng chè - Cổng Mẫu", date + `<div>Chuyên đề nông nghiệp và nông thôn</div><div>Tập huấn kỹ thuật trồng chè</div>` + lead + text, "Tập huấn kỹ thuật trồng chè"},
		"named and not shown":     {"Tập huấn kỹ thuật trồng chè", date + lead + text, "Tập huấn kỹ thuật trồng chè"},
		"a link to itself":        {"Tin tức", `<h1><a href="">Tập huấn trồng chè</a></h1>` + date + lead + text, "Tập huấn trồng chè"},
	} {
		t.Run(name, func(t *testing.T) {
			page := `<title>` + c.head + `</title><body>` + portalHead + `<div>` + c.page + `</div>` + portalFoot
			got, err := articleOf(n, portal(), normalizer.Link{}, normalizer.Document{Body: []byte(page)})
			if err != nil {
				t.Fatal(err)
			}
			if got.Title != c.want {
				t.Errorf("title %q, want %q", got.Title, c.want)
			}
			if got.Published.IsZero() != !strings.Contains(c.page, date) {
				t.Errorf("published %v", got.Published)
			}
			if strings.Contains(got.Text, "Địa chỉ") || !strings.Contains(got.Text, "Huyện dự kiến") {
				t.Errorf("text %q", got.Text)
			}
		})
	}
}
