package publisher_test

import (
	"fmt"
	"testing"
	"time"

	"bantin/internal/article"
	"bantin/publisher"
)

// hanoi is the time zone of the samples. A fixed one needs no zone data.
func hanoi() *time.Location { return time.FixedZone("ICT", 7*60*60) }

func at(day, hour, minute int) time.Time {
	return time.Date(2026, time.November, day, hour, minute, 0, 0, hanoi())
}

func sampleOptions() publisher.Options {
	return publisher.Options{
		Title:    "Bản tin các tỉnh",
		BaseURL:  "https://bantin.example/",
		Language: "vi",
		Version:  "1.0",
		Location: hanoi(),
		Sources: map[string]article.Source{
			"bao-mau": {ID: "bao-mau", Name: "Báo Mẫu & Bạn đọc", FeedURL: "https://bao-mau.example/rss/home.rss?a=1&b=2", Republish: article.Full},
			"cong-mau": {
				ID: "cong-mau", Name: "Cổng thông tin Mẫu", PageURL: "https://cong-mau.example/tin-tuc", Republish: article.Summary,
			},
			"tin-mau": {ID: "tin-mau", Name: "Tin Mẫu", FeedURL: "https://tin-mau.example/feed", Republish: article.Headline},
		},
		TopicLabels: map[string]string{"cong-nghiep": "Công nghiệp", "giao-thong-xay-dung": "Giao thông – xây dựng"},
		PlaceNames:  map[string]string{"thai-nguyen": "Thái Nguyên", "bac-kan": "Bắc Kạn"},
	}
}

// fullArticle has every field set.
func fullArticle() article.Article {
	return article.Article{
		ID: "00112233445566778899aabbccddeeff", SourceID: "bao-mau", GUID: "bai-1",
		URL:   "https://bao-mau.example/kinh-te/bai-1?x=1&y=2",
		Title: "Khởi công nhà máy chè \"Suối Bạc\" <giai đoạn 2> & kho lạnh",
		Lead:  "Sáng 21/11, nhà máy chế biến chè đầu tiên của vùng cao được khởi công.",
		HTML: `<h2>Một nhà máy của người trồng chè</h2><p>Nhà máy rộng <strong>2,5 ha</strong>, ` +
			`do <a href="https://htx.example/suoi-bac">hợp tác xã</a> góp vốn.</p>` +
			`<table><tr><th>Năm</th><td>2027</td></tr></table><p>Công suất 10 tấn một ngày &amp; đêm.</p>`,
		Text:      "Một nhà máy của người trồng chè\nNhà máy rộng 2,5 ha, do hợp tác xã góp vốn.\nNăm 2027\nCông suất 10 tấn một ngày & đêm.",
		Author:    "Lê Mẫu",
		Origin:    "TTXM",
		Published: at(21, 8, 30), Precision: article.Minute, Updated: at(21, 9, 45),
		FirstSeen: at(21, 9, 0), FetchedAt: at(21, 10, 0),
		Images: []article.Image{
			{URL: "https://anh.bao-mau.example/che.JPG?w=800&h=600", Caption: "Nương chè mùa thu hoạch"},
			{URL: "https://anh.bao-mau.example/kho.png"},
		},
		Categories: []string{"Kinh tế", "Nông nghiệp & nông thôn", "Kinh tế"},
		Places: []article.PlaceRef{
			{Name: "Bắc Kạn", Province: "thai-nguyen", ProvinceThen: "bac-kan"},
			{Name: "Thái Nguyên", Province: "thai-nguyen"},
		},
		Topics:   []article.TopicRef{{ID: "giao-thong-xay-dung"}, {ID: "cong-nghiep", Primary: true}},
		Language: "vi",
	}
}

// summaryArticle has a day and no time, a relative of a lead, and no author.
func summaryArticle() article.Article {
	return article.Article{
		ID: "11111111111111111111111111111111", SourceID: "cong-mau",
		URL:   "https://cong-mau.example/Trang/ChiTiet.aspx?nid=12",
		Title: "Thông báo lịch cấp nước mùa khô",
		Lead:  "Nước được cấp hai lần mỗi ngày cho các xã vùng hạ lưu.",
		HTML:  "<p>Toàn văn bí mật của cổng.</p>", Text: "Toàn văn bí mật của cổng.",
		Published: at(20, 0, 0), Precision: article.Day,
		FirstSeen: at(20, 7, 15), FetchedAt: at(20, 7, 15),
		Images:   []article.Image{{URL: "https://cong-mau.example/anh.ashx?id=9", Caption: "Trạm bơm"}},
		Language: "vi",
	}
}

// headlineArticle has no date, no link and a body that may not be shown.
func headlineArticle() article.Article {
	return article.Article{
		ID: "22222222222222222222222222222222", SourceID: "tin-mau",
		Title: "Mở lại tuyến phà đêm", Lead: "Đoạn mở đầu bí mật.",
		HTML: "<p>Toàn văn bí mật của trang tin.</p>", Text: "Toàn văn bí mật của trang tin.",
		Images:    []article.Image{{URL: "https://tin-mau.example/pha.jpg"}},
		FirstSeen: at(19, 22, 5), FetchedAt: at(19, 22, 5),
	}
}

func tombstone() article.Article {
	return article.Article{
		ID: "33333333333333333333333333333333", SourceID: "bao-mau", URL: "https://bao-mau.example/da-go",
		Title: "Bài đã gỡ", FirstSeen: at(22, 6, 0), FetchedAt: at(22, 6, 0), TakenDown: at(22, 8, 0),
	}
}

func sampleContent() publisher.Content {
	all := publisher.Channel{ID: "tat-ca", Title: "Tất cả"}
	industry := publisher.Channel{ID: "cong-nghiep", Title: "Công nghiệp & năng lượng", Topics: []string{"cong-nghiep"}, Limit: 1}
	return publisher.Content{
		Channels: []publisher.ChannelContent{
			{Channel: all, Articles: []article.Article{headlineArticle(), fullArticle(), tombstone(), summaryArticle()}},
			{Channel: industry, Articles: []article.Article{summaryArticle(), fullArticle()}},
			{Channel: publisher.Channel{ID: "trong", Title: "Kênh trống"}},
		},
		Digests: []publisher.DigestContent{
			{ID: "sang", Title: "Điểm tin sáng", Issues: []publisher.IssueContent{
				{Date: "2026-11-21", MadeAt: at(21, 6, 0), Sections: []publisher.SectionContent{
					{Channel: all, Articles: []article.Article{summaryArticle(), headlineArticle()}},
					{Channel: publisher.Channel{ID: "trong", Title: "Kênh trống"}},
				}},
				{Date: "2026-11-22", MadeAt: at(22, 6, 0), Sections: []publisher.SectionContent{
					{Channel: industry, Articles: []article.Article{fullArticle(), tombstone()}},
				}},
			}},
			{ID: "toi", Title: "Điểm tin tối"},
		},
	}
}

func renderSite(t *testing.T, content publisher.Content) *publisher.Site {
	t.Helper()
	site, err := publisher.Render(sampleOptions(), content)
	if err != nil {
		t.Fatalf("render: %v", err)
	}
	return site
}

// renderOne renders one article in one channel and one issue.
func renderOne(t *testing.T, a article.Article) *publisher.Site {
	t.Helper()
	channel := publisher.Channel{ID: "mot", Title: "Một"}
	articles := []article.Article{a}
	return renderSite(t, publisher.Content{
		Channels: []publisher.ChannelContent{{Channel: channel, Articles: articles}},
		Digests: []publisher.DigestContent{{ID: "sang", Title: "Sáng", Issues: []publisher.IssueContent{{
			Date: "2026-11-22", MadeAt: at(22, 6, 0),
			Sections: []publisher.SectionContent{{Channel: channel, Articles: articles}},
		}}}},
	})
}

func text(t *testing.T, site *publisher.Site, path string) string {
	t.Helper()
	f, ok := site.File(path)
	if !ok {
		t.Fatalf("no file at %s; there are %q", path, site.Paths())
	}
	return string(f.Body)
}

// manyChannels are channels with articles of about 5 KB each, of which one in
// four stands in the next channel too.
func manyChannels(channels, articles int) publisher.Content {
	var content publisher.Content
	paragraph := "<p>Đoạn văn này kể chuyện người dân các xã vùng cao góp đất, góp công làm đường, để xe hàng " +
		"vào tận bản; mùa thu hoạch năm nay, nông sản được bán ngay tại ruộng với giá tốt hơn mọi năm.</p>"
	for c := range channels {
		content.Channels = append(content.Channels, publisher.ChannelContent{
			Channel: publisher.Channel{ID: fmt.Sprintf("kenh-%d", c), Title: fmt.Sprintf("Kênh %d", c)},
		})
		for i := range articles {
			a := fullArticle()
			a.ID = fmt.Sprintf("%032x", c*articles*3/4+i)
			a.HTML = fmt.Sprintf("<p>Bài số %d của kênh %d.</p>", i, c)
			for range 20 {
				a.HTML += paragraph
			}
			a.Published = a.Published.Add(-time.Duration(i) * time.Minute)
			content.Channels[c].Articles = append(content.Channels[c].Articles, a)
		}
	}
	return content
}
