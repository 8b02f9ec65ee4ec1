package vietnamese_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"bantin/internal/vietnamese"
)

func TestClean(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, in, want string }{
		{"nothing to do", "Mưa lớn ở vùng cao", "Mưa lớn ở vùng cao"},
		{"empty", "", ""},
		{"white space only", " \u00a0\t\n", ""},
		{"no-break space", "quan\u00a0tâm", "quan tâm"},
		{"line ends", "dòng một\r\n  dòng hai\n", "dòng một dòng hai"},
		{"decomposed", norm.NFD.String("Đường về bản"), "Đường về bản"},
		{"old tone characters", "a\u0340 e\u0341", "à é"},
		{"zero width space", "cụm\u200bcông nghiệp", "cụmcông nghiệp"},
		{"soft hyphen and byte order mark", "\ufeffhợp\u00ad tác", "hợp tác"},
		{"direction marks", "\u200ehọp\u202e báo\u202c", "họp báo"},
		{"control characters", "xin\x00 chào\x08\x7f\u0081", "xin chào"},
		{"punctuation of windows-1252", "\u0093chào\u0094 2021 \u0096 2025\u0085", "“chào” 2021 – 2025…"},
		{"invalid bytes", "ngh\xc3 việc", "ngh\ufffd việc"},
		{"noncharacters", "a\ufffeb\U0001ffffc\ufdd0", "abc"},
		{"a mark that composes after a removal", "o\u200b\u0302ng", "ông"},
		{"both tone placements stay", "hoà bình, hòa bình", "hoà bình, hòa bình"},
		{"misspelt words stay", "đề đầu tư", "đề đầu tư"},
	} {
		if got := vietnamese.Clean(test.in); got != test.want {
			t.Errorf("%s: Clean(%q) = %q, want %q", test.name, test.in, got, test.want)
		}
	}
}

func TestLegal(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ in, want string }{
		{"một\n hai\tba\r\n", "một\n hai\tba\r\n"},
		{"\x01\x0b\x0cchữ\x1f", "chữ"},
		{"\xffchữ\xfe", "\ufffdchữ\ufffd"},
		{"giữ\u00a0nguyên", "giữ\u00a0nguyên"},
		{"\ufffe\uffff", ""},
		{"🙂", "🙂"},
	} {
		if got := vietnamese.Legal(test.in); got != test.want {
			t.Errorf("Legal(%q) = %q, want %q", test.in, got, test.want)
		}
	}
}

func TestFold(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, in, want string }{
		{"lower case", "BẮC KẠN Quan Tâm", "bắc kạn quan tâm"},
		{"plain ASCII", "Hello World", "hello world"},
		{"open oa", "hoà hoá hoả hoã hoạ", "hòa hóa hỏa hõa họa"},
		{"open oe", "khoè khoé khoẻ khoẽ khoẹ", "khòe khóe khỏe khõe khọe"},
		{"open uy", "thuỳ thuý thuỷ thuỹ thuỵ", "thùy thúy thủy thũy thụy"},
		{"capitals", "HOÀ BÌNH, Thuỷ điện", "hòa bình, thủy điện"},
		{"at the start", "Oà khóc, uỷ ban", "òa khóc, ủy ban"},
		{"already on the first vowel", "hòa khỏe thúy", "hòa khỏe thúy"},
		{"closed syllables stay", "hoàn toàn khoét huỳnh luyện thuyền", "hoàn toàn khoét huỳnh luyện thuyền"},
		{"after q the u is a consonant", "quý quỳ quỷ QUỸ quỵ", "quý quỳ quỷ quỹ quỵ"},
		{"before punctuation", "“Hoà”, (thuỷ)", "\"hòa\", (thủy)"},
		{"eth for đ", "Ðường ðua", "đường đua"},
		{"dashes", "2021 – 2025 — nay ‑ mai", "2021 - 2025 - nay - mai"},
		{"quotation marks", "«a» “b” ‘c’", `"a" "b" 'c'`},
		{"white space", "  công \u00a0 nghiệp ", "công nghiệp"},
		{"decomposed", norm.NFD.String("Thuỷ Lợi"), "thủy lợi"},
		{"accents count", "Phù Yên, Phú Yên", "phù yên, phú yên"},
		{"a capital whose lower case would compose", "I\u0307\u0301", "\u0130\u0301"},
		{"a second mark on the vowel", "o\u1ea1\u0300", "o\u1ea1\u0300"},
		{"back quote", "`a´", "'a'"},
		{"empty", "", ""},
	} {
		if got := vietnamese.Fold(test.in); got != test.want {
			t.Errorf("%s: Fold(%q) = %q, want %q", test.name, test.in, got, test.want)
		}
	}
}

func TestUnaccent(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ in, want string }{
		{"Đường Ðiện Biên", "Duong Dien Bien"},
		{"ăâêôơưđ ẮẦỆỖỢỰ", "aaeooud AAEOOU"},
		{"plain", "plain"},
		{norm.NFD.String("Thừa Thiên Huế"), "Thua Thien Hue"},
		{"", ""},
	} {
		if got := vietnamese.Unaccent(test.in); got != test.want {
			t.Errorf("Unaccent(%q) = %q, want %q", test.in, got, test.want)
		}
	}
}

func TestSlug(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ in, want string }{
		{"Thái Nguyên", "thai-nguyen"},
		{"Bà Rịa - Vũng Tàu", "ba-ria-vung-tau"},
		{"Đắk R'Lấp", "dak-r-lap"},
		{"  Quốc phòng – An ninh!", "quoc-phong-an-ninh"},
		{"Chuyển đổi số 4.0", "chuyen-doi-so-4-0"},
		{"---", ""},
		{"", ""},
	} {
		if got := vietnamese.Slug(test.in); got != test.want {
			t.Errorf("Slug(%q) = %q, want %q", test.in, got, test.want)
		}
	}
}

func TestIndexPhrase(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text, phrase string
		want         int
	}{
		{"cụm công nghiệp", "cụm", 0},
		{"mở cụm công nghiệp", "cụm công nghiệp", len("mở ")},
		{"(cụm công nghiệp)", "cụm công nghiệp", 1},
		{"cụm công nghiệps", "cụm công nghiệp", -1},
		{"thanh bình an", "bình", len("thanh ")},
		{"an ninhan an", "an", 0},
		{"xan an", "an", len("xan ")},
		{"xa b a b a", "a b a", len("xa b ")},
		{"an\u0301 an", "an", len("an\u0301 ")},
		{"số 15", "1", -1},
		{"", "an", -1},
		{"an", "", -1},
	} {
		if got := vietnamese.IndexPhrase(test.text, test.phrase); got != test.want {
			t.Errorf("IndexPhrase(%q, %q) = %d, want %d", test.text, test.phrase, got, test.want)
		}
		if got := vietnamese.HasPhrase(test.text, test.phrase); got != (test.want >= 0) {
			t.Errorf("HasPhrase(%q, %q) = %t", test.text, test.phrase, got)
		}
	}
}

func FuzzClean(f *testing.F) {
	for _, seed := range []string{
		"", "Hoà Bình – Thuỷ điện", "\xff\x00\u200b", "I\u0307\u0301", "quý\u00a0vị", norm.NFD.String("Đắk Lắk, uỷ ban"),
		"oà\u0323", "u\u1ef7\u0300", "\u0301a", "ﬀ", "ẞ", "\u1100\u1161", "Ω", "=\u0338", "ᾼ",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		clean := vietnamese.Clean(s)
		if !utf8.ValidString(clean) {
			t.Fatalf("Clean(%q) is not UTF-8: %q", s, clean)
		}
		for _, r := range clean {
			if forbidden(r) || r != ' ' && unicode.IsSpace(r) {
				t.Fatalf("Clean(%q) has %U", s, r)
			}
		}
		if strings.Contains(clean, "  ") || strings.TrimSpace(clean) != clean {
			t.Fatalf("Clean(%q) has loose spaces: %q", s, clean)
		}
		if !norm.NFC.IsNormalString(clean) {
			t.Fatalf("Clean(%q) is not NFC: %q", s, clean)
		}
		if again := vietnamese.Clean(clean); again != clean {
			t.Fatalf("Clean(%q) = %q, again %q", s, clean, again)
		}
		for _, r := range vietnamese.Legal(s) {
			if forbidden(r) {
				t.Fatalf("Legal(%q) has %U", s, r)
			}
		}
		folded := vietnamese.Fold(s)
		if again := vietnamese.Fold(folded); again != folded {
			t.Fatalf("Fold(%q) = %q, again %q", s, folded, again)
		}
		if got := vietnamese.Fold(clean); got != folded {
			t.Fatalf("Fold(Clean(%q)) = %q, Fold of it %q", s, got, folded)
		}
		slug := vietnamese.Slug(s)
		if again := vietnamese.Slug(slug); again != slug {
			t.Fatalf("Slug(%q) = %q, again %q", s, slug, again)
		}
	})
}

// forbidden reports what XML 1.0 §2.2 excludes.
func forbidden(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xfffe || r == 0xffff
}

const paragraph = "Sáng nay, lãnh đạo tỉnh đã kiểm tra tiến độ dự án hồ chứa nước và yêu cầu các đơn vị bảo đảm an toàn, " +
	"hoà chung không khí thi đua, “về đích” trước mùa mưa; tổng vốn 1.250 tỷ đồng, giai đoạn 2021 – 2025. "

func BenchmarkClean(b *testing.B) {
	text := strings.TrimSpace(strings.Repeat(paragraph, 10))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		vietnamese.Clean(text)
	}
}

func BenchmarkCleanDecomposed(b *testing.B) {
	text := norm.NFD.String(strings.Repeat(paragraph, 10))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		vietnamese.Clean(text)
	}
}

func BenchmarkFold(b *testing.B) {
	text := strings.TrimSpace(strings.Repeat(paragraph, 10))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		vietnamese.Fold(text)
	}
}
