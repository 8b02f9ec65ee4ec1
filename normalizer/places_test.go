package normalizer_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bantin/internal/article"
	"bantin/normalizer"
)

// told writes a place in short: name as written, kind, code, province then and today.
func told(p article.PlaceRef) string {
	then := p.ProvinceThen
	if then == "" {
		then = p.Province
	}
	return strings.Join([]string{p.Name, p.Kind, p.Code, then, p.Province}, "|")
}

func TestPlaces(t *testing.T) {
	t.Parallel()
	n := newTagger(t)
	const before, since = "2022-02-21", "2026-01-15"
	for _, test := range []struct {
		text   string
		day    string // empty when the article has no date
		source string
		want   []string
	}{
		// Provinces.
		{"Mưa lớn kéo dài tại Cao Bằng từ đêm qua.", before, "", []string{"Cao Bằng|tỉnh|04|cao-bang|cao-bang"}},
		{"UBND tỉnh Bắc Kạn họp phiên thường kỳ.", before, "", []string{"Bắc Kạn|tỉnh|06|bac-kan|thai-nguyen"}},
		{"Đoàn công tác đến Thái Nguyên hôm qua.", before, "", []string{"Thái Nguyên|tỉnh|19|thai-nguyen|thai-nguyen"}},
		{"Người dân Yên Bái và Lào Cai trồng quế.", before, "", []string{"Yên Bái|tỉnh|15|yen-bai|lao-cai", "Lào Cai|tỉnh|10|lao-cai|lao-cai"}},
		{"Lào Cai mở thêm tuyến xe buýt.", since, "", []string{"Lào Cai|tỉnh|15|lao-cai|lao-cai"}},
		{"Khánh Hoà và Thanh Hóa cùng họp.", before, "", []string{"Khánh Hoà|tỉnh|56|khanh-hoa|khanh-hoa", "Thanh Hóa|tỉnh|38|thanh-hoa|thanh-hoa"}},
		{"TP.HCM thử nghiệm xe buýt điện.", before, "", []string{"TP.HCM|thành phố|79|ho-chi-minh|ho-chi-minh"}},
		{"Thành phố Hồ Chí Minh có nắng.", before, "", []string{"Hồ Chí Minh|thành phố|79|ho-chi-minh|ho-chi-minh"}},
		{"Tp. Hồ Chí Minh có nắng.", since, "", []string{"Hồ Chí Minh|thành phố|79|ho-chi-minh|ho-chi-minh"}},
		{"Triển lãm ở Sài Gòn đông khách.", before, "", []string{"Sài Gòn|thành phố|79|ho-chi-minh|ho-chi-minh"}},
		{"Bà Rịa – Vũng Tàu đón tàu khách.", before, "", []string{"Bà Rịa – Vũng Tàu|tỉnh|77|ba-ria-vung-tau|ho-chi-minh"}},
		{"Tỉnh Đăk Lăk thu hoạch cà phê.", before, "", []string{"Đăk Lăk|tỉnh|66|dak-lak|dak-lak"}},
		{"Thừa Thiên - Huế trùng tu lăng.", before, "", []string{"Thừa Thiên - Huế|tỉnh|46|hue|hue"}},
		{"Thành phố Huế tổ chức lễ hội.", since, "", []string{"Huế|thành phố|46|hue|hue"}},
		{"Thành phố Huế tổ chức lễ hội.", before, "", []string{"Huế|thành phố|474|hue|hue"}},
		{"Thành phố Đồng Nai họp báo.", "2026-10-01", "", []string{"Đồng Nai|thành phố|75|dong-nai|dong-nai"}},
		{"Thành ủy Bắc Ninh họp.", "2026-10-01", "", []string{"Bắc Ninh|thành phố|24|bac-ninh|bac-ninh"}},
		{"Thành ủy Bắc Ninh họp.", before, "", []string{"Bắc Ninh|thành phố|256|bac-ninh|bac-ninh"}},
		{"Các tỉnh Hòa Bình, Sơn La và Điện Biên ký kết.", before, "", []string{
			"Hòa Bình|tỉnh|17|hoa-binh|phu-tho", "Sơn La|tỉnh|14|son-la|son-la", "Điện Biên|tỉnh|11|dien-bien|dien-bien",
		}},
		// After the merger, and without a date.
		{"Khu vực Bắc Kạn cũ có thêm trạm y tế.", since, "", []string{"Bắc Kạn|tỉnh|06|bac-kan|thai-nguyen"}},
		{"Dân Bắc Kạn trồng dong riềng.", "", "", []string{"Bắc Kạn|tỉnh|06|bac-kan|thai-nguyen"}},
		{"Dân An Giang nuôi cá.", "", "", []string{"An Giang|tỉnh|91|an-giang|an-giang"}},
		{"Xã Chợ Mới, tỉnh Thái Nguyên, họp dân.", since, "", []string{
			"Chợ Mới|xã|02086|thai-nguyen|thai-nguyen", "Thái Nguyên|tỉnh|19|thai-nguyen|thai-nguyen",
		}},
		{"Phường Bắc Kạn ra quân làm sạch phố.", since, "thai-nguyen", []string{"Bắc Kạn|phường|01843|thai-nguyen|thai-nguyen"}},
		{"Phường Bắc Kạn ra quân làm sạch phố.", since, "", nil},
		{"Huyện Chợ Đồn (cũ) có nhiều mỏ.", since, "", []string{"Chợ Đồn|huyện|064|bac-kan|thai-nguyen"}},
		// Districts.
		{"Thành phố Bắc Kạn chỉnh trang vỉa hè.", before, "", []string{"Bắc Kạn|thành phố|058|bac-kan|thai-nguyen"}},
		{"TP.Thái Nguyên mở phố đi bộ.", before, "", []string{"Thái Nguyên|thành phố|164|thai-nguyen|thai-nguyen"}},
		{"Huyện Na Rì trồng hồi.", before, "", []string{"Na Rì|huyện|066|bac-kan|thai-nguyen"}},
		{"Huyện ủy Ba Bể họp.", before, "", []string{"Ba Bể|huyện|061|bac-kan|thai-nguyen"}},
		{"Huyện Chợ Mới (Bắc Kạn) khởi công cầu.", before, "an-giang", []string{
			"Chợ Mới|huyện|065|bac-kan|thai-nguyen", "Bắc Kạn|tỉnh|06|bac-kan|thai-nguyen",
		}},
		{"Tại An Giang, huyện Chợ Mới thu hoạch xoài.", before, "bac-kan", []string{
			"An Giang|tỉnh|89|an-giang|an-giang", "Chợ Mới|huyện|893|an-giang|an-giang",
		}},
		{"Huyện Chợ Mới thu hoạch xoài.", before, "bac-kan", []string{"Chợ Mới|huyện|065|bac-kan|thai-nguyen"}},
		{"Huyện Chợ Mới thu hoạch xoài.", before, "", nil},
		{"Huyện Na Rì và huyện Chợ Mới giáp nhau.", before, "", []string{
			"Na Rì|huyện|066|bac-kan|thai-nguyen", "Chợ Mới|huyện|065|bac-kan|thai-nguyen",
		}},
		{"Các huyện Na Rì, Chợ Đồn, Ba Bể và Bạch Thông thiếu nước.", before, "", []string{
			"Na Rì|huyện|066|bac-kan|thai-nguyen", "Chợ Đồn|huyện|064|bac-kan|thai-nguyen",
			"Ba Bể|huyện|061|bac-kan|thai-nguyen", "Bạch Thông|huyện|063|bac-kan|thai-nguyen",
		}},
		{"Huyện Quảng Ninh sơ tán dân vùng trũng.", before, "", []string{"Quảng Ninh|huyện|456|quang-binh|quang-tri"}},
		{"Huyện Châu Thành, tỉnh Kiên Giang, mở chợ.", before, "", []string{
			"Châu Thành|huyện|905|kien-giang|an-giang", "Kiên Giang|tỉnh|91|kien-giang|an-giang",
		}},
		{"Huyện Châu Thành mở chợ.", before, "", nil},
		{"Bắc Kạn hỗ trợ Chợ Đồn làm đường.", before, "", []string{
			"Bắc Kạn|tỉnh|06|bac-kan|thai-nguyen", "Chợ Đồn|huyện|064|bac-kan|thai-nguyen",
		}},
		{"Mưa đá ở Chợ Đồn.", before, "bac-kan", nil},
		{"Quận 1, TP.HCM cấm đường.", before, "", []string{"1|quận|760|ho-chi-minh|ho-chi-minh", "TP.HCM|thành phố|79|ho-chi-minh|ho-chi-minh"}},
		{"Thị xã Phổ Yên có nhà máy mới.", before, "", []string{"Phổ Yên|thị xã|172|thai-nguyen|thai-nguyen"}},
		// Communes.
		{"Xã Cẩm Giàng, huyện Bạch Thông, đón bằng.", before, "", []string{
			"Cẩm Giàng|xã|02008|bac-kan|thai-nguyen", "Bạch Thông|huyện|063|bac-kan|thai-nguyen",
		}},
		{"Xã Thanh Bình đón bằng.", before, "", nil},
		{"Hợp tác xã Thanh Bình ở Đồng Tháp có lãi.", before, "", []string{"Đồng Tháp|tỉnh|87|dong-thap|dong-thap"}},
		{"Các huyện, thành phố Na Rì, Bắc Kạn họp.", before, "", []string{
			"Na Rì|huyện|066|bac-kan|thai-nguyen", "Bắc Kạn|thành phố|058|bac-kan|thai-nguyen",
		}},
		{"Từ tỉnh đến xã, Bắc Kạn ra quân.", before, "", []string{"Bắc Kạn|tỉnh|06|bac-kan|thai-nguyen"}},
		{"H. Na Rì, Bắc Kạn.", before, "", []string{"Na Rì|huyện|066|bac-kan|thai-nguyen", "Bắc Kạn|tỉnh|06|bac-kan|thai-nguyen"}},
		{"P. 5 có mặt ở đây. Hà Nội mưa.", before, "", []string{"Hà Nội|thành phố|01|ha-noi|ha-noi"}},
		{"Ở xã. Bắc Kạn có mưa.", before, "", []string{"Bắc Kạn|tỉnh|06|bac-kan|thai-nguyen"}},
		{"Người Dân An Giang và Thanh Hà.", before, "", []string{"An Giang|tỉnh|89|an-giang|an-giang"}},
		// What only looks like a place.
		{"Các nước ven Thái Bình Dương họp.", before, "", nil},
		{"Giàn khoan Hải Dương 981 rời đi.", before, "", nil},
		{"Chủ tịch Hồ Chí Minh đọc Tuyên ngôn.", before, "ho-chi-minh", nil},
		{"Đoàn TNCS Hồ Chí Minh phát động thi đua.", before, "", nil},
		{"Báo Bắc Giang đưa tin.", before, "", nil},
		{"Xe hỏng trên đường Điện Biên Phủ.", before, "", nil},
		{"CLB Hà Nội thắng đậm.", before, "", nil},
		{"Khu Công nghiệp Thanh Bình lấp đầy.", before, "", nil},
		{"Đồng Tháp giúp Khu công nghiệp Thanh Bình.", before, "", []string{"Đồng Tháp|tỉnh|87|dong-thap|dong-thap"}},
		{"Hải Dương và Cụm Công nghiệp Cẩm Giàng, huyện Bạch Thông.", before, "", []string{
			"Hải Dương|tỉnh|30|hai-duong|hai-phong", "Bạch Thông|huyện|063|bac-kan|thai-nguyen",
		}},
		{"Chị Nguyễn Hà Giang hát.", before, "", nil},
		{"Giá chè Thái Nguyên tăng.", before, "", nil},
		{"Mọi người mong hòa bình.", before, "", nil},
		{"Công viên Hòa Bình mở cửa.", before, "hoa-binh", nil},
		{"Giải Nobel Hòa Bình gọi tên ai.", before, "", nil},
		{"Lũ lụt ở tỉnh Hà Nam (Trung Quốc).", before, "", nil},
		{"Câu lạc bộ Hoàng Anh Gia Lai thua.", before, "", nil},
		{"Sông Đồng Nai dâng cao.", before, "", nil},
		{"Mùa thu quang đãng.", before, "thai-nguyen", nil},
		{"", before, "thai-nguyen", nil},
		// Roads and railways.
		{"Cao tốc Hà Nội - Hải Phòng đông xe.", before, "", nil},
		{"Xe chạy trên cao tốc TP. Hồ Chí Minh - Long Thành - Dầu Giây.", before, "", nil},
		{"Đường sắt Nội Bài – Lào Cai dừng tàu.", before, "", nil},
		{"Quốc lộ 3 Hà Nội - Thái Nguyên có hố.", before, "", nil},
		{"Liên kết Hà Nội - Hải Phòng bền chặt.", before, "", []string{"Hà Nội|thành phố|01|ha-noi|ha-noi", "Hải Phòng|thành phố|31|hai-phong|hai-phong"}},
		{"Đèn hỏng trên đường Hải Phòng.", before, "", nil},
		// Schools, companies, products, clubs.
		{"Trường Đại học Sư phạm Hà Nội gọi nhập học.", before, "", nil},
		{"Sở Tài nguyên và Môi trường Hà Nội đo bụi.", before, "", []string{"Hà Nội|thành phố|01|ha-noi|ha-noi"}},
		{"Sở Công Thương Bắc Ninh họp.", before, "", []string{"Bắc Ninh|tỉnh|27|bac-ninh|bac-ninh"}},
		{"Bát phở bò Nam Định nóng hổi.", before, "", nil},
		{"Thanh Hóa FC tập trung.", before, "", nil},
		{"Hải Phòng hạ Nam Định ở V-League, trận sau đá tại Hà Tĩnh.", before, "", []string{"Hà Tĩnh|tỉnh|42|ha-tinh|ha-tinh"}},
		// People, and what they are called after.
		{"Chị Trần Thị Hà Giang nhặt được ví. Hà Giang mang trả.", before, "", nil},
		{"Anh Lê Thái Bình về nhà ở Thái Bình.", before, "", []string{"Thái Bình|tỉnh|34|thai-binh|hung-yen"}},
		{"Quận Hoàng Mai Hà Nội thu gom rác.", before, "", []string{"Hoàng Mai|quận|008|ha-noi|ha-noi", "Hà Nội|thành phố|01|ha-noi|ha-noi"}},
		// Kinds rose: Phong Điền of Huế was a rural district until it became a town in 2025.
		{"Thừa Thiên Huế hỗ trợ huyện Phong Điền.", before, "", []string{"Thừa Thiên Huế|tỉnh|46|hue|hue", "Phong Điền|huyện|476|hue|hue"}},
		{"Huyện đảo Lý Sơn có điện.", before, "", []string{"Lý Sơn|huyện|536|quang-ngai|quang-ngai"}},
		// Lists.
		{"Phường 1, 2 và 4 quận 5, TP.HCM.", before, "", []string{
			"1|phường|27325|ho-chi-minh|ho-chi-minh", "2|phường|27307|ho-chi-minh|ho-chi-minh", "4|phường|27301|ho-chi-minh|ho-chi-minh",
			"5|quận|774|ho-chi-minh|ho-chi-minh", "TP.HCM|thành phố|79|ho-chi-minh|ho-chi-minh",
		}},
		{"Phường 2 TP Đà Lạt, Lâm Đồng.", before, "", []string{
			"2|phường|24781|lam-dong|lam-dong", "Đà Lạt|thành phố|672|lam-dong|lam-dong", "Lâm Đồng|tỉnh|68|lam-dong|lam-dong",
		}},
		{"Phường 1, 2 nhà dân ở quận 5, TP.HCM, bị ngập.", before, "", []string{
			"1|phường|27325|ho-chi-minh|ho-chi-minh", "5|quận|774|ho-chi-minh|ho-chi-minh", "TP.HCM|thành phố|79|ho-chi-minh|ho-chi-minh",
		}},
		{"Các tỉnh Vĩnh Phúc (cũ), Hòa Bình (cũ).", since, "", []string{"Vĩnh Phúc|tỉnh|26|vinh-phuc|phu-tho", "Hòa Bình|tỉnh|17|hoa-binh|phu-tho"}},
		// Named as of the past.
		{"Tỉnh Quảng Trị (cũ) có hai cửa khẩu.", since, "", []string{"Quảng Trị|tỉnh|45|quang-tri|quang-tri"}},
		{"Tỉnh Quảng Trị có hai cửa khẩu.", since, "", []string{"Quảng Trị|tỉnh|44|quang-tri|quang-tri"}},
		{"Thành phố Bắc Ninh cũ.", "2026-10-01", "", []string{"Bắc Ninh|thành phố|256|bac-ninh|bac-ninh"}},
		{"Xã Cẩm Giàng trước đây, huyện Bạch Thông (cũ).", since, "", []string{
			"Cẩm Giàng|xã|02008|bac-kan|thai-nguyen", "Bạch Thông|huyện|063|bac-kan|thai-nguyen",
		}},
		{"Các xã Cẩm Giàng, Nguyên Phúc (cũ) của huyện Bạch Thông.", since, "", []string{
			"Cẩm Giàng|xã|02008|bac-kan|thai-nguyen", "Nguyên Phúc|xã|01999|bac-kan|thai-nguyen", "Bạch Thông|huyện|063|bac-kan|thai-nguyen",
		}},
		// Without a date: one that names a district is from their time.
		{"Xã Côn Minh, huyện Na Rì, thuộc Bắc Kạn.", "", "", []string{
			"Côn Minh|xã|02173|bac-kan|thai-nguyen", "Na Rì|huyện|066|bac-kan|thai-nguyen", "Bắc Kạn|tỉnh|06|bac-kan|thai-nguyen",
		}},
		{"Lào Cai và Yên Bái.", "", "", []string{"Lào Cai|tỉnh|15|lao-cai|lao-cai", "Yên Bái|tỉnh|15|yen-bai|lao-cai"}},
		// Provinces that were dissolved long ago are none, and settle which district is meant.
		{"Hà Nam Ninh, Nghệ Tĩnh, Hà Tây và tỉnh Gia Lai - Kon Tum đã thành tên cũ.", before, "", nil},
		{"Huyện Tân Uyên, tỉnh Sông Bé.", before, "", []string{"Tân Uyên|huyện|723|binh-duong|ho-chi-minh"}},
		// Cities that everybody knows, while they were cities.
		{"Khách đổ về Nha Trang và Đà Lạt.", before, "", []string{"Nha Trang|thành phố|568|khanh-hoa|khanh-hoa", "Đà Lạt|thành phố|672|lam-dong|lam-dong"}},
		{"Khách đổ về Nha Trang.", since, "", nil},
		{"Cảng Quy Nhơn và vịnh Hạ Long.", before, "", nil},
		// Spellings.
		{"Ðồng Nai cấp nước.", before, "", []string{"Ðồng Nai|tỉnh|75|dong-nai|dong-nai"}},
		{"Phường 1 Bảo Lộc, Lâm Đồng.", since, "", []string{"1 Bảo Lộc|phường|24823|lam-dong|lam-dong", "Lâm Đồng|tỉnh|68|lam-dong|lam-dong"}},
		{"Mưa lớn ở tỉnh Hà Nam của Trung Quốc.", before, "", nil},
	} {
		a := article.Article{Text: test.text}
		if test.day != "" {
			day, err := time.Parse(time.DateOnly, test.day)
			if err != nil {
				t.Fatal(err)
			}
			a.Published = day
		}
		normalizer.Tag(n, &a, article.Source{Province: test.source})
		var got []string
		for _, p := range a.Places {
			got = append(got, told(p))
			if p.Evidence == "" {
				t.Errorf("%q: %s has no evidence", test.text, p.Name)
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s, source %q: %q (-want +got):\n%s", test.day, test.source, test.text, diff)
		}
	}
}

// Names in capitals count where the whole title is in capitals.
func TestPlacesInCapitals(t *testing.T) {
	t.Parallel()
	n := newTagger(t)
	for _, test := range []struct {
		title string
		want  []string
	}{
		{"HUYỆN NA RÌ (BẮC KẠN) CÔNG BỐ QUYẾT ĐỊNH", []string{"NA RÌ|huyện|066|bac-kan|thai-nguyen", "BẮC KẠN|tỉnh|06|bac-kan|thai-nguyen"}},
		{"TP.HCM VÀ TP. ĐÀ NẴNG KÝ KẾT", []string{"TP.HCM|thành phố|79|ho-chi-minh|ho-chi-minh", "ĐÀ NẴNG|thành phố|48|da-nang|da-nang"}},
		{"KHÁNH HOÀ, BÀ RỊA - VŨNG TÀU ĐÓN KHÁCH", []string{"KHÁNH HOÀ|tỉnh|56|khanh-hoa|khanh-hoa", "BÀ RỊA - VŨNG TÀU|tỉnh|77|ba-ria-vung-tau|ho-chi-minh"}},
		{"NÂNG CAO BẰNG CẤP", nil},
		{"THÁI BÌNH DƯƠNG DẬY SÓNG", nil},
		{"CHO BAC KAN", nil},
		{"BẮC KẠN khởi công", nil},
		{"TIN", nil},
	} {
		a := article.Article{Title: test.title, Published: time.Date(2022, time.February, 21, 0, 0, 0, 0, time.UTC)}
		normalizer.Tag(n, &a, article.Source{})
		var got []string
		for _, p := range a.Places {
			got = append(got, told(p))
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", test.title, diff)
		}
	}
}

// The tagger takes time in proportion to the text, whatever it repeats.
func TestPlacesOfHostileTexts(t *testing.T) {
	var names strings.Builder
	for u := range newGazetteer(t).Units() {
		names.WriteString(u.Kind + " " + u.Name + ", ")
	}
	n := newTagger(t)
	for _, part := range []string{
		"Tân ", "Tân Tân, ", "xã Tân Thành, ", "các xã Tân Thành (cũ), ", "phường 1, 2, 3 và ", "Nguyễn ", "Nguyễn Hà Giang ", "Hà Nội - ",
		"cao tốc Hà Nội - ", "Đại học ", "Đại học Hà Nội ", "huyện Châu Thành, tỉnh Sông Bé, ", "TÂN ", "Ð", "(cũ) ", names.String(),
	} {
		const size = 1 << 20 // more than any article
		text := strings.Repeat(part, size/len(part)+1)
		a := article.Article{Title: text, Text: text}
		start := time.Now()
		normalizer.Tag(n, &a, article.Source{Province: "thai-nguyen"})
		const limit = time.Minute // each takes about a tenth of a second
		if took := time.Since(start); took > limit {
			t.Errorf("%.20q over and over took %s", part, took)
		}
	}
}
