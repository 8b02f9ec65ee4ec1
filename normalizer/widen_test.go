package normalizer_test

import (
	"strings"
	"testing"

	"bantin/normalizer"
)

// TestBodyInParts reads articles whose text no single element holds.
func TestBodyInParts(t *testing.T) {
	const (
		head = `<html><head><title>Bến đò cũ ở xã Mẫu</title></head><body><div class="top"><a href="/">Trang chủ</a></div>` +
			`<h1>Bến đò cũ ở xã Mẫu</h1><p>12/03/2024 08:15</p>`
		one   = `Từ sáng sớm, bà con ba xóm đã ra bến đò cũ dọn cỏ, vớt bèo và đóng lại từng bậc gỗ.`
		two   = `Con đò cuối cùng nghỉ chèo năm ngoái, khi cây cầu bê tông dài hai trăm mét được khánh thành.`
		three = `Người lái đò già giữ lại mái chèo, treo trên vách nhà sàn để con cháu nhớ một thời.`
		four  = `Xã dự định làm nhà trưng bày nhỏ ở đầu bến, mở cửa vào các ngày nghỉ cuối tuần.`
		card  = `<div class="b"><a href="/cho-phien-vung-cao-dong-vui-12345.html">Chợ phiên vùng cao đông vui</a><p>Hơn một nghìn lượt khách đến chợ ngay trong buổi sáng đầu tiên của năm mới.</p></div>`
		foot  = `<div class="tin"><b>Tin khác</b>` + card + card + `</div><p>Bản quyền thuộc về xã Mẫu</p></body></html>`
	)
	all := strings.Join([]string{one, two, three, four}, "\n")
	for name, c := range map[string]struct{ page, want string }{
		"sections": {
			head + `<section class="s"><div><p>` + one + `</p></div></section><section class="s"><img src="/do.jpg"></section>` +
				`<section class="s"><div><p>` + two + `</p><p>` + three + `</p></div></section><section class="s"><div><p>` + four + `</p></div></section>` + foot,
			all,
		},
		"a named beginning": {
			head + `<div class="x"><div class="entry-content"><p>` + one + `</p></div></div><div class="x"><p>` + two + `</p><p>` + three + `</p><p>` + four + `</p></div>` + foot,
			all,
		},
		"it ends with the byline": {
			head + `<div class="entry-content"><p>` + one + `</p><p>` + two + `</p><p align="right"><b>Nguyễn Thị Mẫu</b></p></div><div class="y"><p>` + three + `</p><p>` + four + `</p></div>` + foot,
			one + "\n" + two,
		},
		"comments below": {
			head + `<div class="entry-content"><p>` + one + `</p><p>` + two + `</p></div><div class="y"><h3>Ý kiến bạn đọc</h3><p>` + three + `</p><textarea></textarea></div>` + foot,
			one + "\n" + two,
		},
		"cards between": {
			head + `<div class="entry-content"><p>` + one + `</p>` + card + `<p>` + two + `</p><p>` + three + `</p><p><a href="/le-hoi-dau-xuan-777.html">Lễ hội đầu xuân ở xã Mẫu</a></p><p>` + four + `</p></div>` + foot,
			all,
		},
		"the rest in the data": {
			`<script type="application/ld+json">{"@type":"NewsArticle","headline":"Bến đò cũ ở xã Mẫu","articleBody":"` + strings.ReplaceAll(all, "\n", `\n\n`) + `"}</script>` +
				head + `<div class="entry-content"><p>` + one + `</p></div><button>Đọc tiếp</button>` + foot,
			all,
		},
		"the data of another article": {
			`<script type="application/ld+json">{"@type":"NewsArticle","headline":"Chợ phiên vùng cao đông vui","articleBody":"` + strings.ReplaceAll(all, "\n", `\n\n`) + `"}</script>` +
				head + `<div class="entry-content"><p>` + one + `</p></div>` + foot,
			one,
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := articleOf(newNormalizer(t), portal(), normalizer.Link{}, normalizer.Document{Body: []byte(c.page), URL: "https://xa-mau.example/tin/ben-do-cu-1.html"})
			if err != nil {
				t.Fatal(err)
			}
			if got.Title != "Bến đò cũ ở xã Mẫu" {
				t.Errorf("title %q", got.Title)
			}
			if text := strings.TrimSpace(got.Lead + "\n" + got.Text); text != c.want {
				t.Errorf("text %q, want %q", text, c.want)
			}
		})
	}
}
