package vietnamese_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bantin/internal/vietnamese"
)

func TestFoldLevels(t *testing.T) {
	for _, test := range []struct {
		a, b                    string
		exact, fold, unaccented bool
	}{
		{"Thuỷ lợi", "Thuỷ lợi ", true, true, true},
		{"Thuỷ lợi", "THỦY LỢI", false, true, true},
		{"Ðắk Lắk", "Đắk Lắk", false, true, true},
		{"2021 – 2025", "2021 - 2025", false, true, true},
		{"Phú Yên", "Phù Yên", false, false, true},
		{"Điện Biên", "dien bien", false, false, true},
		{"Bắc Kạn", "Bắc Cạn", false, false, false},
	} {
		for name, level := range map[string]struct {
			form func(string) string
			want bool
		}{
			"Clean":          {vietnamese.Clean, test.exact},
			"Fold":           {vietnamese.Fold, test.fold},
			"FoldUnaccented": {vietnamese.FoldUnaccented, test.unaccented},
		} {
			if got := level.form(test.a) == level.form(test.b); got != level.want {
				t.Errorf("%s: %q equals %q: %t, want %t", name, test.a, test.b, got, level.want)
			}
		}
	}
}

func TestSyllables(t *testing.T) {
	for text, want := range map[string]string{
		"Xã vùng cao, 73,5 ha!":         "Xã|vùng|cao|73|5|ha",
		"“Bà Rịa - Vũng Tàu” (TP. HCM)": "Bà|Rịa|Vũng|Tàu|TP|HCM",
		"a\u0301o dài\u00a0m2":          "a\u0301o|dài|m2",
		"...":                           "",
		"":                              "",
		"cụm công nghiệp\nkhởi công":    "cụm|công|nghiệp|khởi|công",
		"https://mau.example.vn/tin-1":  "https|mau|example|vn|tin|1",
		"Đắk R'Lấp":                     "Đắk|R|Lấp",
	} {
		if got := strings.Join(slices.Collect(vietnamese.Syllables(text)), "|"); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

func TestSentences(t *testing.T) {
	for _, want := range [][]string{
		{"Sáng nay trời mưa.", "Chiều trời tạnh!", "Mai thì sao?", "Chưa rõ…", "Chờ xem"},
		{"Đoàn đến TP. Thái Nguyên lúc 8 giờ.", "GS. Lê Văn A. Bình và PGS. TS. Trần B cùng đi."},
		{"Bà con trồng ngô, sắn, v.v. Năm nay được mùa."}, // v.v. may end a sentence, and nothing shows it
		{"Chợ bán chè, măng, mật ong... và cả thổ cẩm.", "Khách đến đông."},
		{"Hội nghị kết thúc tốt đẹp./.", "Hương Mai"},
		{"1. Mục tiêu là giảm nghèo.", "2. Giải pháp là làm đường."},
		{"Tổng vốn là 1.200 tỷ đồng.", "50 hộ được hỗ trợ."},
		{"Ông nói: “Chúng tôi sẽ làm.”", "Bà con vỗ tay."},
		{"Diện tích 73,5 ha tại Q. 1 và P. 2.", "Xong."},
		{"Giá tăng.Nông dân vui."}, // no blank, no end: it could be an address
		{"Dòng một không có dấu", "Dòng hai."},
		{"Xem tại mau.example.vn. Trang này mới."},
		{"Theo Điều 15.", "Mức phạt là 3 triệu đồng."},
		{"Vì sao vậy?!", "(Theo TTXVN)"},
	} {
		text := strings.Join(want, " ")
		text = strings.Replace(text, "dấu Dòng", "dấu\nDòng", 1)
		if strings.HasPrefix(text, "Xem tại") {
			want = []string{"Xem tại mau.example.vn.", "Trang này mới."}
		}
		if diff := cmp.Diff(want, slices.Collect(vietnamese.Sentences(text))); diff != "" {
			t.Errorf("%q, -want +got:\n%s", text, diff)
		}
	}
	if got := slices.Collect(vietnamese.Sentences("")); got != nil {
		t.Errorf("nothing: got %q", got)
	}
}

func TestQuantities(t *testing.T) {
	for text, want := range map[string][]vietnamese.Quantity{
		"mở rộng 73,5 ha":                 {{Value: 73.5, Unit: "ha", Text: "73,5 ha"}},
		"vốn 1.200 tỷ đồng":               {{Value: 1.2e12, Unit: "đồng", Text: "1.200 tỷ đồng"}},
		"rộng 4.857,21 km2.":              {{Value: 4857.21, Unit: "km2", Text: "4.857,21 km2"}},
		"3,5 nghìn tỷ đồng":               {{Value: 3.5e12, Unit: "đồng", Text: "3,5 nghìn tỷ đồng"}},
		"hai dự án, 51 ha và 80,3 héc-ta": {{Value: 51, Unit: "ha", Text: "51 ha"}, {Value: 80.3, Unit: "ha", Text: "80,3 héc-ta"}},
		"đón 5 triệu lượt khách":          {{Value: 5e6, Text: "5 triệu"}},
		"tăng 12,5% so với năm 2021":      {{Value: 12.5, Unit: "%", Text: "12,5%"}},
		"từ 20-30 m² mỗi hộ":              {{Value: 30, Unit: "m2", Text: "30 m²"}},
		"nhiệt độ 38°C":                   {{Value: 38, Unit: "°C", Text: "38°C"}},
		"15 TẤN gạo, 2 tỉ đồng":           {{Value: 15, Unit: "tấn", Text: "15 TẤN"}, {Value: 2e9, Unit: "đồng", Text: "2 tỉ đồng"}},
		"5 mũi tiêm, 3 hang, 2 kmh":       nil,
		"chạy 60 km/h":                    nil,
		"giai đoạn 2021 - 2025":           nil,
		"ngày 1.1 ha":                     nil,
		"1.1 ha":                          nil,
		"ngày 21/02/2022 tại":             nil,
		"âm -5 kg":                        nil,
		"điện thoại 0209.3870.123":        nil,
		"văn bản số A15 ha":               nil,
		"":                                nil,
	} {
		if diff := cmp.Diff(want, vietnamese.Quantities(text)); diff != "" {
			t.Errorf("%q, -want +got:\n%s", text, diff)
		}
	}
}

func FuzzSentences(f *testing.F) {
	for _, seed := range []string{"", "A. B. C.", "TP. Thái Nguyên./. Hương", "“Một.” Hai… ba", "1. \n\n2.", "1.200 tỷ đồng, 73,5 ha-5 m"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		s = vietnamese.Clean(s)
		sentences := slices.Collect(vietnamese.Sentences(s))
		if got := strings.Join(sentences, " "); got != s {
			t.Errorf("%q: joined again %q", s, got)
		}
		for _, quantity := range vietnamese.Quantities(s) {
			if !strings.Contains(s, quantity.Text) {
				t.Errorf("%q: got %q, which is not in it", s, quantity.Text)
			}
		}
	})
}
