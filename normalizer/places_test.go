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
