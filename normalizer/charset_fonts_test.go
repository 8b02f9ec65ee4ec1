package normalizer_test

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"bantin/normalizer"
)

const (
	tcvn3Letters = "ĂÂÊÔƠƯĐăâêôơưđàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ"
	tcvn3Codes   = "\xa1\xa2\xa3\xa4\xa5\xa6\xa7\xa8\xa9\xaa\xab\xac\xad\xae" +
		"\xb5\xb6\xb7\xb8\xb9\xbb\xbc\xbd\xbe\xc6\xc7\xc8\xc9\xca\xcb" +
		"\xcc\xce\xcf\xd0\xd1\xd2\xd3\xd4\xd5\xd6\xd7\xd8\xdc\xdd\xde" +
		"\xdf\xe1\xe2\xe3\xe4\xe5\xe6\xe7\xe8\xe9\xea\xeb\xec\xed\xee" +
		"\xef\xf1\xf2\xf3\xf4\xf5\xf6\xf7\xf8\xf9\xfa\xfb\xfc\xfd\xfe"
	vniLetters = "đ ơ ư ì í ỉ ĩ ị ỵ á à ả ã ạ â ấ ầ ẩ ẫ ậ ă ắ ằ ẳ ẵ ặ é è ẻ ẽ ẹ ê ế ề ể ễ ệ ó ò ỏ õ ọ ô ố ồ ổ ỗ ộ " +
		"ớ ờ ở ỡ ợ ú ù ủ ũ ụ ứ ừ ử ữ ự ý ỳ ỷ ỹ"
	vniCodes = "ñ ô ö ì í æ ó ò î aù aø aû aõ aï aâ aá aà aå aã aä aê aé aè aú aü aë eù eø eû eõ eï eâ eá eà eå eã eä " +
		"où oø oû oõ oï oâ oá oà oå oã oä ôù ôø ôû ôõ ôï uù uø uû uõ uï öù öø öû öõ öï yù yø yû yõ"
)

// inTCVN3 writes text in the bytes of the fonts of TCVN3. Capitals with a tone are
// those of another font, and small letters here.
func inTCVN3(text string) string {
	codes := map[rune]byte{}
	for i, letter := range []rune(tcvn3Letters) {
		codes[letter] = tcvn3Codes[i]
	}
	var out strings.Builder
	for _, r := range text {
		code, known := codes[r]
		if small := []rune(strings.ToLower(string(r)))[0]; !known && codes[small] != 0 {
			code, known = codes[small], true
		}
		if known {
			out.WriteByte(code)
		} else {
			out.WriteRune(r)
		}
	}
	return out.String()
}

// inVNI writes text in the letters of the fonts of VNI.
func inVNI(text string) string {
	var pairs []string
	codes := strings.Fields(vniCodes)
	for i, letter := range strings.Fields(vniLetters) {
		pairs = append(pairs, letter, codes[i], strings.ToUpper(letter), strings.ToUpper(codes[i]))
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// asLatin is the text that somebody made of bytes who took them for Latin-1.
func asLatin(tb testing.TB, text string) string {
	tb.Helper()
	latin, err := charmap.ISO8859_1.NewDecoder().String(text)
	if err != nil {
		tb.Fatal(err)
	}
	return latin
}

// someNews are texts as short as a title and as long as a lead.
func someNews() []string {
	return []string{
		"Thông báo",
		"Hội nghị sơ kết",
		"Bão số 3 đổ bộ",
		"Khởi công đường tránh thị trấn",
		"Giá lúa hè thu tăng, nông dân phấn khởi",
		"Sáng nay, lãnh đạo tỉnh đã kiểm tra tiến độ dự án hồ chứa nước và yêu cầu các đơn vị bảo đảm an toàn trước mùa mưa.",
		"Đoàn công tác của Sở Nông nghiệp thăm mô hình trồng chè ở xã vùng cao, nơi bà con vừa thu hoạch lứa đầu trong năm.",
		"Uỷ ban nhân dân huyện quyết định hỗ trợ mỗi hộ 15 triệu đồng để sửa nhà bị tốc mái sau trận lốc chiều ngày 12/4.",
	}
}

func TestFontEncoding(t *testing.T) {
	for _, text := range someNews() {
		if got := normalizer.FontEncoding(asLatin(t, inTCVN3(text))); got != "TCVN3 (ABC)" {
			t.Errorf("%q: got %q, want TCVN3", asLatin(t, inTCVN3(text)), got)
		}
		if got := normalizer.FontEncoding(inVNI(text)); got != "VNI" {
			t.Errorf("%q: got %q, want VNI", inVNI(text), got)
		}
		if got := normalizer.FontEncoding(text); got != "" {
			t.Errorf("%q: got %q, want none", text, got)
		}
	}
	for _, text := range []string{
		"",
		"20 °C, 5 m², 3 km³, 1½ giờ, µm, © Báo Mẫu, Mẫu® và Mẫu™",
		"«Bao Mau» va «Mau Moi»",
		"Bao Mau® · Mau Moi · Tin nhanh·Tin moi",
		"Le maïs coûte cher, où est passé l’été ? Naïf, il goûte août à la fête, déjà prévu, né à Angoulême, très aimé.",
		"Für die Bäuerinnen wären größere Wälder schön, früher war das Grün üppiger, böse Stürme zerstörten Häuser.",
		"Köln, São Paulo, Reykjavík, Málaga và Kraków: năm thành phố được chọn",
		"Señor Núñez ganó el año pasado; el niño español también.",
		"Đội tuyển gặp Đan Mạch: Højlund, Nørgaard và Kjær đá chính, Brøndby góp ba cầu thủ",
		"Søndag på Ærø: røde æbler, blå plommer og grønne bønner",
	} {
		if got := normalizer.FontEncoding(text); got != "" {
			t.Errorf("%q: got %q, want none", text, got)
		}
	}
}

// TestFontFeeds: items for fonts are left out, whatever they came in, and the
// others are not.
func TestFontFeeds(t *testing.T) {
	n := newNormalizer(t)
	item := func(title, text string) string {
		return "<item><title>" + title + "</title><description>" + text + "</description></item>"
	}
	news := someNews()
	whole := string(sampleFeed(item(news[2], news[5]), item(news[3], news[6])))
	for name, test := range map[string]struct {
		body, contentType, want string
		articles                int
	}{
		"TCVN3 in bytes":        {body: inTCVN3(whole), want: "items typed for fonts in TCVN3 (ABC) were skipped: 2"},
		"TCVN3 called UTF-8":    {body: inTCVN3(whole), contentType: "text/xml; charset=utf-8", want: "items typed for fonts in TCVN3 (ABC) were skipped: 2"},
		"TCVN3 called 1258":     {body: inTCVN3(whole), contentType: "text/xml; charset=windows-1258", want: "the text is typed for fonts in TCVN3 (ABC)"},
		"TCVN3 in UTF-8":        {body: asLatin(t, inTCVN3(whole)), want: "items typed for fonts in TCVN3 (ABC) were skipped: 2"},
		"VNI in bytes":          {body: latinBytes(t, inVNI(whole)), want: "the text is typed for fonts in VNI"},
		"VNI in UTF-8":          {body: inVNI(whole), want: "items typed for fonts in VNI were skipped: 2"},
		"one of two":            {body: string(sampleFeed(item(news[2], news[5]), asLatin(t, inTCVN3(item(news[3], news[6]))))), want: "TCVN3 (ABC) were skipped: 1", articles: 1},
		"title sound, text not": {body: string(sampleFeed(item(news[2], inVNI(news[5])))), want: "VNI were skipped: 1"},
		"text sound, title not": {body: string(sampleFeed(item(inVNI(news[2]), news[5]))), want: "VNI were skipped: 1"},
		"sound":                 {body: whole, articles: 2},
	} {
		t.Run(name, func(t *testing.T) {
			document := sampleDocument([]byte(test.body))
			document.ContentType = test.contentType
			result, err := n.Feed(sampleSource(), document)
			if err != nil || len(result.Articles) != test.articles {
				t.Errorf("got %d articles and error %v, want %d", len(result.Articles), err, test.articles)
			}
			if warned := strings.Join(result.Warnings, "; "); !strings.Contains(warned, test.want) || test.want == "" && warned != "" {
				t.Errorf("got warnings %q, want %q among them", warned, test.want)
			}
		})
	}
}

func latinBytes(tb testing.TB, text string) string {
	tb.Helper()
	body, err := charmap.Windows1252.NewEncoder().String(text)
	if err != nil {
		tb.Fatalf("%v: %s", err, text)
	}
	return body
}

func TestFontPage(t *testing.T) {
	page := "<html><head><title>Tin</title></head><body><article><h1>Tin</h1><p>" + strings.Join(someNews(), "</p><p>") + "</p></article></body></html>"
	for name, body := range map[string]string{"TCVN3": inTCVN3(page), "VNI": inVNI(page)} {
		_, err := newNormalizer(t).Page(portal(), normalizer.Link{URL: "https://tinh.example.vn/tin"}, normalizer.Document{Body: []byte(body)})
		if !errors.Is(err, normalizer.ErrNoArticle) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got error %v, want ErrNoArticle that names it", name, err)
		}
	}
}
