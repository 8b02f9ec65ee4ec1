package normalizer_test

import (
	"net/url"
	"testing"

	"bantin/normalizer"
)

func TestDateline(t *testing.T) {
	const rest = "Sáng nay, xã Mẫu khánh thành cầu mới."
	n := newNormalizer(t)
	for _, c := range []struct{ host, name, before string }{
		{"baoquangmau.vn", "", "BQM - "},
		{"baoquangmau.vn", "", "BQM – "},
		{"baoquangmau.vn", "", "BQMO - "},
		{"baoquangmau.vn", "", "QM- "},
		{"www.baoquangmau.vn", "", "(BQM) - "},
		{"mau.vn", "Báo Đồng Mẫu", "BĐM - "},
		{"mau.vn", "Đồng Mẫu", "BĐM - "},
		{"mau.vn", "Đồng Mẫu", "Đồng Mẫu - "},
		{"mau.vn", "", "(Đồng Mẫu Online) – "},
		{"mau.vn", "", "(Dân trí) - "},
		{"mau.vn", "", "(TTXVN)- "},
		{"mau.vn", "", "(mau.vn) - "},
		{"mau.vn", "", "(LLCT) - "},
		{"mau.vn", "", "TTO - "},
		{"ngaymau.vn", "", "(Ngày Mẫu) - "},
		{"vietmau.vn", "", "VietMau-- "},
		{"mau.vn", "", "VOV.VN - "},
		{"mau.vn", "", "VTV.vn - "},
		{"mau.vn", "", "QĐND Online - "},
		{"mau.vn", "", "(TTXVN) - (Dân trí) - "},
		{"", "", "TTXVN - "},
	} {
		if got := n.WithoutDateline(&url.URL{Host: c.host}, c.name, c.before+rest); got != rest {
			t.Errorf("of %q at %s: %q", c.before+rest, c.host, got)
		}
	}
	for _, text := range []string{
		"Hà Nội - Sáng 5/3, thành phố Mẫu mở hội.",
		"(Hà Nội) - Sáng 5/3, thành phố Mẫu mở hội.",
		"(TP. Mẫu) - Sáng 5/3, chợ mở cửa lại.",
		"Hà Nội, ngày 5/3 - Bộ Mẫu họp báo.",
		"Hà Nội (TTXVN) - Sáng 5/3, Bộ Mẫu họp báo.",
		"HĐND - UBND tỉnh họp phiên thường kỳ.",
		"HĐND - Ban pháp chế thẩm tra tờ trình.",
		"ASEAN - Nhật Bản ký thỏa thuận mới.",
		"HLV - Người giữ lửa của đội bóng xã Mẫu.",
		"VTV - Đài Mẫu - vừa ký thỏa thuận mới.",
		"Chomau.vn - Sàn bán hàng của xã - vừa mở cửa.",
		"TP.HCM - Đà Lạt có thêm chuyến bay.",
		"Báo động - Sông Mẫu lên mức ba.",
		"(Ngày hội) - Đồng bào mở hội xuống đồng.",
		"HDNDQuangMau2 - Cổng thông tin mới của hội đồng.",
		"(Kỳ 2) - Người ở lại giữ rừng.",
		"(Tiếp theo kỳ trước) - Ông kể tiếp.",
		"BQM - cơ quan của Đảng bộ tỉnh Mẫu ra số đầu năm 1962.",
		"Nghệ thuật - Niềm vui của người già xóm Mẫu.",
		"Quảng Mẫu - Vùng đất của cam và quýt.",
		"- Ông có thể kể thêm về chuyến đi không?",
		"BQM",
	} {
		if got := n.WithoutDateline(&url.URL{Host: "hdndquangmau.vn"}, "Cổng Mẫu", text); got != text {
			t.Errorf("of %q: %q", text, got)
		}
	}
}

func TestRowsOfTools(t *testing.T) {
	for _, line := range []string{
		"Bản in Lưu bài viết này Gửi cho bạn bè",
		"Cỡ chữ: A- A+ In bài",
		"In bài | Gửi email | Chia sẻ",
		"Mời quý độc giả theo dõi Báo Mẫu trên Zalo và Google News để cập nhật tin tức.",
		">>> Mời bạn đọc quan tâm Zalo Báo Mẫu để nhận tin mỗi ngày",
		"Theo dõi Báo Mẫu trên Google News",
		"Trình duyệt của bạn không hỗ trợ phát video.",
		"Có thể bạn quan tâm",
		"Tin, bài cùng chuyên mục",
		"Đừng bỏ lỡ",
	} {
		if !normalizer.IsChrome(line) {
			t.Errorf("%q is not taken for a portal's", line)
		}
	}
	for _, line := range []string{
		"Bà con đăng ký lịch tiêm qua Zalo của trạm y tế.",
		"Đọc nhiều sách, cậu bé viết thư cho tác giả.",
		"Chia sẻ khó khăn với bà con vùng lũ",
		"Zalo",
		"In dấu chân trên bản Mẫu",
		"Bình luận về trận đấu, ông Mẫu khen cả hai đội.",
		"Tin mới từ vùng lũ: nước đã rút",
		"Đánh giá",
	} {
		if normalizer.IsChrome(line) {
			t.Errorf("%q is taken for a portal's", line)
		}
	}
}

func TestTitleLink(t *testing.T) {
	for _, c := range []struct {
		link, text string
		want       bool
	}{
		{"https://bao.example/xa-mau-khanh-thanh-cau-moi-a123.html", "Xã Mẫu khánh thành cầu mới", true},
		{"https://bao.example/tin/202403/xa-mau-khanh-thanh-cau-moi-3f90cd1/", "Xã Mẫu khánh thành cầu mới sau hai năm", true},
		{"https://bao.example/xa-mau-khanh-185231020.htm", "Xã Mẫu khánh thành cầu mới", true},
		{"https://bao.example/thu-vien-anh", "Xã Mẫu khánh thành cầu mới", false},
		{"https://bao.example/chuyen-doi-so", "chuyển đổi số", false},
		{"https://bao.example/van-ban/ke-hoach-trong-cay-dau-xuan.pdf", "Kế hoạch trồng cây đầu xuân", false},
		{"https://bao.example/?p=12", "Xã Mẫu khánh thành cầu mới", false},
	} {
		if got := normalizer.IsTitleLink(c.link, c.text); got != c.want {
			t.Errorf("%q with the link %s: %v", c.text, c.link, got)
		}
	}
}

func TestBylineAtTheMargin(t *testing.T) {
	for _, c := range []struct{ text, author, origin string }{
		{"N.V.T (tổng hợp)", "N.V.T", ""},
		{"P.V", "P.V", ""},
		{"Nguyễn Thị Mẫu (Trung tâm VH - TT huyện)", "Nguyễn Thị Mẫu", "Trung tâm VH - TT huyện"},
		{"Nguyễn Thị Mẫu (TTXVN)", "Nguyễn Thị Mẫu", "TTXVN"},
		{"Nguyễn Thị Mẫu/VOV", "Nguyễn Thị Mẫu", "VOV"},
		{"Nguyễn Thị Mẫu (Theo Báo Mẫu)", "Nguyễn Thị Mẫu", "Báo Mẫu"},
		{"(Theo Báo Mẫu)", "", "Báo Mẫu"},
		{"Tác giả bài viết: Nguyễn Thị Mẫu", "Nguyễn Thị Mẫu", ""},
		{"Văn phòng HĐND tỉnh Mẫu", "Văn phòng HĐND tỉnh Mẫu", ""},
		{"Xem tiếp kỳ sau", "", ""},
	} {
		if author, origin := normalizer.ReadByline(c.text); author != c.author || origin != c.origin {
			t.Errorf("%q: author %q, origin %q", c.text, author, origin)
		}
	}
}
