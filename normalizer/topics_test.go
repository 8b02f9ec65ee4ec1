package normalizer_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bantin/internal/article"
	"bantin/internal/gazetteer"
	"bantin/normalizer"
)

func TestTopics(t *testing.T) {
	t.Parallel()
	ids := normalizer.TopicIDs()
	want := []string{
		"chinh-tri", "xay-dung-dang", "quoc-phong-an-ninh", "phap-luat",
		"kinh-te", "cong-nghiep", "nong-nghiep-nong-thon", "dau-tu-doanh-nghiep", "thuong-mai-dich-vu", "tai-chinh", "giao-thong-xay-dung",
		"xa-hoi", "lao-dong-viec-lam", "chinh-sach", "tu-thien", "dan-toc", "an-toan-giao-thong",
		"giao-duc", "y-te", "van-hoa", "the-thao", "du-lich", "khoa-hoc-cong-nghe", "chuyen-doi-so",
		"moi-truong-tai-nguyen", "cai-cach-hanh-chinh", "quoc-te", "ban-doc", "thong-bao",
	}
	if diff := cmp.Diff(want, ids); diff != "" {
		t.Errorf("topic ids (-want +got):\n%s", diff)
	}
	for _, topic := range normalizer.Topics(nil) {
		if topic.Label == "" {
			t.Errorf("topic %s has no label", topic.ID)
		}
		if topic.Parent != "" && (!slices.Contains(ids, topic.Parent) || topic.Parent == topic.ID) {
			t.Errorf("topic %s has the parent %q", topic.ID, topic.Parent)
		}
	}
}

func TestTopicJudgements(t *testing.T) {
	t.Parallel()
	n := newTagger(t)
	for _, test := range []struct {
		title, lead string
		want        string // the primary topic; empty for none at all
		also        string // secondary topics that must be there
		never       string // topics that must not
	}{
		{"Cử tri xã vùng cao kiến nghị sớm mở điểm trường", "Tổ đại biểu HĐND tỉnh tiếp xúc cử tri sau kỳ họp thứ mười.", "chinh-tri", "", "phap-luat"},
		{"Khai mạc kỳ họp Hội đồng nhân dân tỉnh cuối năm", "Kỳ họp xem xét 12 báo cáo và 20 dự thảo nghị quyết.", "chinh-tri", "", "giao-duc"},
		{"Chi bộ thôn Nà Mười kết nạp đảng viên mới", "Ba quần chúng ưu tú được đứng vào hàng ngũ của Đảng.", "xay-dung-dang", "", ""},
		{"Trao Huy hiệu Đảng cho 45 đảng viên lão thành", "Buổi lễ do Đảng bộ huyện tổ chức sáng thứ Sáu.", "xay-dung-dang", "", "the-thao"},
		{"Tân binh lên đường nhập ngũ", "Hơn 300 thanh niên hoàn thành thủ tục giao nhận quân trong buổi sáng.", "quoc-phong-an-ninh", "", ""},
		{"Đồn biên phòng giúp dân gặt lúa chạy lũ", "Bộ đội biên phòng cùng bà con thu hoạch hơn ba héc-ta lúa.", "quoc-phong-an-ninh", "nong-nghiep-nong-thon", ""},
		{"Khởi tố bị can trong vụ chiếm đoạt tiền góp vốn", "Cơ quan Cảnh sát điều tra đã bắt tạm giam một người.", "phap-luat", "", "tai-chinh"},
		{"Lĩnh án vì tàng trữ trái phép chất ma tuý", "Toà án nhân dân tỉnh mở phiên xét xử sơ thẩm.", "phap-luat", "", "y-te"},
		{"GRDP chín tháng tăng hơn bảy phần trăm", "Tăng trưởng kinh tế của tỉnh cao hơn cùng kỳ.", "kinh-te", "", "cong-nghiep"},
		{"Cụm công nghiệp ven sông đón nhà máy đầu tiên", "Nhà máy may có 12 dây chuyền sản xuất, chạy thử từ tháng sau.", "cong-nghiep", "", "nong-nghiep-nong-thon"},
		{"Chỉ số sản xuất công nghiệp tháng Mười nhích lên", "Ngành chế biến giữ đà, khai khoáng giảm nhẹ.", "cong-nghiep", "", ""},
		{"Thuỷ điện nhỏ hoà lưới trước mùa khô", "Nhà máy có công suất thiết kế 12 MW.", "cong-nghiep", "", "moi-truong-tai-nguyen"},
		{"Nông dân vùng bãi phấn khởi vì bưởi được giá", "Vụ này mỗi hộ trồng bưởi thu về trăm triệu đồng.", "nong-nghiep-nong-thon", "", ""},
		{"Thêm năm xã cán đích nông thôn mới", "Các xã đều có đường hoa và nhà văn hoá.", "nong-nghiep-nong-thon", "", ""},
		{"Mười sản phẩm OCOP lên kệ siêu thị", "Miến dong và mật ong được người mua tìm nhiều.", "nong-nghiep-nong-thon", "thuong-mai-dich-vu", ""},
		{"Tỉnh trao giấy chứng nhận đăng ký đầu tư cho bốn dự án", "Bốn nhà đầu tư cam kết làm xong trong hai năm.", "dau-tu-doanh-nghiep", "", ""},
		{"Lãnh đạo tỉnh cà phê sáng với doanh nghiệp", "Cộng đồng doanh nghiệp nêu mười khó khăn về thủ tục.", "dau-tu-doanh-nghiep", "", "du-lich"},
		{"Kim ngạch xuất khẩu qua cửa khẩu tăng mạnh", "Hàng hoá thông quan nhanh nhờ thêm làn xe.", "thuong-mai-dich-vu", "", "an-toan-giao-thong"},
		{"Tiểu thương chợ truyền thống dè dặt nhập hàng Tết", "Sức mua còn yếu, giá cả không đổi.", "thuong-mai-dich-vu", "", ""},
		{"Thu ngân sách nhà nước vượt dự toán", "Cơ quan thuế đã hoàn thuế cho 40 đơn vị.", "tai-chinh", "", ""},
		{"Ngân hàng hạ lãi suất cho vay mua nhà", "Tín dụng quý này tăng chậm hơn dự tính.", "tai-chinh", "", ""},
		{"Thông xe cầu vượt ở cửa ngõ phía nam", "Nhà thầu rút ngắn tiến độ thi công hai tháng.", "giao-thong-xay-dung", "", "phap-luat"},
		{"Gỡ vướng giải phóng mặt bằng đường vành đai", "Khu tái định cư sẽ giao nền trong quý tới.", "giao-thong-xay-dung", "", ""},
		{"Phiên giao dịch việc làm hút hơn nghìn người", "Doanh nghiệp cần tuyển dụng lao động cho ca đêm.", "lao-dong-viec-lam", "", ""},
		{"Công đoàn tặng vé xe cho công nhân về quê", "Hai trăm công nhân xa nhà được hỗ trợ.", "lao-dong-viec-lam", "", ""},
		{"Tặng thẻ bảo hiểm y tế cho hộ nghèo", "Nguồn tiền từ chương trình giảm nghèo của tỉnh.", "chinh-sach", "", ""},
		{"Viếng nghĩa trang liệt sĩ ngày rằm", "Đoàn thắp hương tri ân người có công.", "chinh-sach", "", ""},
		{"Trao nhà tình thương cho cụ bà neo đơn", "Căn nhà do các nhà hảo tâm góp tiền dựng.", "tu-thien", "", ""},
		{"Ngày hội hiến máu tình nguyện ở thị trấn", "Ban tổ chức nhận hơn 200 đơn vị máu.", "tu-thien", "", ""},
		{"Người có uy tín góp sức giữ bản làng", "Đồng bào dân tộc thiểu số tin lời các cụ.", "dan-toc", "", ""},
		{"Lật xe khách trên đèo, chín người bị thương", "Cảnh sát giao thông nghi xe chạy quá tốc độ.", "an-toan-giao-thong", "", "the-thao"},
		{"Ra quân xử lý nồng độ cồn dịp cuối năm", "Lực lượng chức năng lập chốt ở các ngã tư.", "an-toan-giao-thong", "", ""},
		{"Học sinh vùng lũ trở lại trường", "Giáo viên cùng phụ huynh dọn bùn để kịp năm học mới.", "giao-duc", "", ""},
		{"Điểm chuẩn vào lớp 10 giảm nhẹ", "Thí sinh có ba ngày để xác nhận.", "giao-duc", "", ""},
		{"Số ca mắc sốt xuất huyết tăng gấp đôi", "Trung tâm y tế phun hoá chất diệt muỗi.", "y-te", "", ""},
		{"Bệnh viện tuyến huyện mổ thành công ca đa chấn thương", "Bệnh nhân đã tỉnh và tự ăn được.", "y-te", "", ""},
		{"Nghệ nhân truyền nghề hát then cho trẻ", "Di sản văn hoá phi vật thể được giữ trong từng nếp nhà.", "van-hoa", "", ""},
		{"Khai hội đền cổ bên sông", "Lễ hội kéo dài ba ngày với nhiều nghi lễ.", "van-hoa", "", "phap-luat"},
		{"Đội chủ nhà giành ba huy chương vàng điền kinh", "Vận động viên trẻ nhất mới mười sáu tuổi.", "the-thao", "", ""},
		{"Hoà phút cuối, thầy trò hụt vé vào chung kết", "Trận đấu có bốn bàn thắng và một thẻ đỏ cho thủ môn.", "the-thao", "", ""},
		{"Hồ trên núi đón hai vạn lượt khách", "Du khách thích ngủ homestay và chèo thuyền.", "du-lich", "", ""},
		{"Kỹ sư trẻ nhận bằng sáng chế máy sấy", "Đề tài khoa học làm trong hai năm.", "khoa-hoc-cong-nghe", "", "quoc-te"},
		{"Tổ công nghệ số cộng đồng gõ cửa từng nhà", "Người dân được chỉ cách dùng VNeID và thanh toán không dùng tiền mặt.", "chuyen-doi-so", "", ""},
		{"Sạt lở chia cắt ba thôn sau mưa lớn", "Lũ quét cuốn trôi một cầu tạm.", "moi-truong-tai-nguyen", "", "the-thao"},
		{"Bãi rác thải quá tải, dân lo nước bẩn", "Ô nhiễm môi trường kéo dài hai năm nay.", "moi-truong-tai-nguyen", "", ""},
		{"Bộ phận một cửa làm việc cả sáng thứ Bảy", "Thủ tục hành chính được trả sớm hơn hẹn.", "cai-cach-hanh-chinh", "", ""},
		{"Liên Hợp Quốc kêu gọi ngừng bắn", "Xung đột đã sang tháng thứ tư.", "quoc-te", "", ""},
		{"Bạn đọc phản ánh ổ gà trên đường thôn", "Toà soạn nhận được đơn thư của 20 hộ.", "ban-doc", "", ""},
		{"Lịch cắt điện tuần này", "Thông báo về việc ngừng cung cấp điện để sửa chữa.", "thong-bao", "", ""},
		// Formula words and single words decide nothing.
		{"Đẩy mạnh triển khai đồng bộ các nhiệm vụ", "Hội nghị quan tâm phát triển toàn diện.", "", "", ""},
		{"Một chiều cuối thu", "Nắng nhạt dần trên mái ngói.", "", "", ""},
		{"", "", "", "", ""},
		{"Phát huy sức mạnh của cả hệ thống chính trị", "Các cấp góp phần phát triển kinh tế - xã hội của tỉnh.", "", "", ""},
		// A syllable of a name is no word, in capitals or not.
		{"Phú Lương họp mặt đồng niên", "Bà con Lương Tài cũng về.", "", "", ""},
		{"TĂNG LƯƠNG TỪ THÁNG BẢY", "", "lao-dong-viec-lam", "", ""},
		// Spellings that mean the same.
		{"Ðảng bộ xã giúp nhau làm nhà", "", "xay-dung-dang", "", ""},
		{"Bác sỹ trẻ về trạm", "Kỹ sư và y sỹ cùng đi.", "y-te", "", ""},
		// What decides, and what stands beside it.
		{"Xét xử vụ lấn ruộng của hợp tác xã", "Toà tuyên bị cáo ba năm tù vì nhận hối lộ khi giao đất.", "phap-luat", "", "van-hoa"},
		{"Khởi công nhà điều trị của bệnh viện huyện", "Nhà thầu san nền từ đầu tháng.", "giao-thong-xay-dung", "y-te", ""},
		{"GRDP quý I tăng 6,1%", "Công nghiệp và nông nghiệp cùng tăng.", "kinh-te", "", ""},
		{"Kỹ sư trẻ lai tạo giống lan mới", "Đề tài khoa học có phần mềm theo dõi nhiệt độ.", "khoa-hoc-cong-nghe", "", ""},
	} {
		a := article.Article{Title: test.title, Lead: test.lead}
		normalizer.Tag(n, &a, article.Source{})
		checkTopics(t, test.title, a.Topics, test.want)
		got := topicIDs(a.Topics)
		for id := range strings.FieldsSeq(test.also) {
			if !slices.Contains(got, id) {
				t.Errorf("%q: topics %v lack %s", test.title, got, id)
			}
		}
		for id := range strings.FieldsSeq(test.never) {
			if slices.Contains(got, id) {
				t.Errorf("%q: topics %v have %s: %v", test.title, got, id, a.Topics)
			}
		}
	}
}

func checkTopics(t *testing.T, about string, topics []article.TopicRef, primary string) {
	t.Helper()
	if len(topics) > 4 {
		t.Errorf("%q: %d topics, more than one and three", about, len(topics))
	}
	for i, topic := range topics {
		if topic.Primary != (i == 0) {
			t.Errorf("%q: topic %d, %s: primary is %t", about, i, topic.ID, topic.Primary)
		}
		if topic.Evidence == "" {
			t.Errorf("%q: %s has no evidence", about, topic.ID)
		}
	}
	got := ""
	if len(topics) > 0 {
		got = topics[0].ID
	}
	if got != primary {
		t.Errorf("%q: primary topic %q, want %q, of %v", about, got, primary, topics)
	}
}

func topicIDs(topics []article.TopicRef) []string {
	var ids []string
	for _, topic := range topics {
		ids = append(ids, topic.ID)
	}
	return ids
}

// What the source files an article under comes before its words.
func TestCategories(t *testing.T) {
	t.Parallel()
	n := newTagger(t)
	for _, test := range []struct {
		name    string
		article article.Article
		want    []string
	}{
		{"a category", article.Article{Title: "Một chiều cuối thu", Categories: []string{"Giáo dục"}}, []string{"giao-duc"}},
		{"a broad category alone", article.Article{Title: "Một chiều cuối thu", Categories: []string{"Kinh tế"}}, []string{"kinh-te"}},
		{"a broad category and plain words", article.Article{
			Title: "Cụm công nghiệp ven sông đón nhà máy đầu tiên", Categories: []string{"Kinh tế"},
		}, []string{"cong-nghiep"}},
		{"words against a broad category", article.Article{
			Title: "Học sinh vùng lũ trở lại trường, giáo viên dọn bùn", Categories: []string{"Thời sự"},
		}, []string{"giao-duc", "moi-truong-tai-nguyen"}},
		{"a category against one phrase", article.Article{
			Title: "Bệnh viện cổ thành nơi bày tranh", Categories: []string{"Văn hoá - Nghệ thuật"},
		}, []string{"van-hoa", "y-te"}},
		{"a folder of the address", article.Article{
			Title: "Một chiều cuối thu", URL: "https://bao.example/The-thao/bong-da/tran-dau-123.html",
		}, []string{"the-thao"}},
		{"the address is no phrase", article.Article{
			Title: "Một chiều cuối thu", URL: "https://the-thao.example/tin/du-lich-va-doi-song-1.html",
		}, nil},
		{"a section with its kind before it", article.Article{Title: "Một chiều cuối thu", Categories: []string{"Chuyên mục: Giáo dục"}}, []string{"giao-duc"}},
		{"two sections in one", article.Article{Title: "Bác sĩ về bản", Categories: []string{"Y tế - Văn nghệ"}}, []string{"y-te"}},
		{"a path of sections", article.Article{Title: "Một chiều cuối thu", Categories: []string{"Trang chủ » Thể thao"}}, []string{"the-thao"}},
		{"a category of one word", article.Article{Title: "Một chiều cuối thu", Categories: []string{"Tín dụng"}}, []string{"tai-chinh"}},
		{"a folder without hyphens", article.Article{
			Title: "Một chiều cuối thu", URL: "https://bao.example/phapluat/12.html",
		}, []string{"phap-luat"}},
		{"a verdict against the section", article.Article{
			Title: "Tuyên án nhóm trộm cáp, bốn bị cáo nhận 19 năm tù", Categories: []string{"Công nghiệp"},
		}, []string{"phap-luat", "cong-nghiep"}},
		{"an unknown category", article.Article{Title: "Một chiều cuối thu", Categories: []string{"Linh tinh", ""}}, nil},
		{"a broken address", article.Article{Title: "Một chiều cuối thu", URL: "http://[::1/the-thao/"}, nil},
	} {
		normalizer.Tag(n, &test.article, article.Source{})
		if diff := cmp.Diff(test.want, topicIDs(test.article.Topics)); diff != "" {
			t.Errorf("%s (-want +got):\n%s\n%v", test.name, diff, test.article.Topics)
		}
	}
}

// What machines call a section is evidence, and no word of the source.
func TestSlugsAreNoWords(t *testing.T) {
	t.Parallel()
	a := article.Article{
		Title: "Một chiều cuối thu", Categories: []string{"giao-duc", "/thoi-su/trong-nuoc", "Giáo dục", "video", "Longform", "the_thao"},
	}
	normalizer.Tag(newTagger(t), &a, article.Source{})
	if diff := cmp.Diff([]string{"Giáo dục", "video", "Longform"}, a.Categories); diff != "" {
		t.Errorf("categories (-want +got):\n%s", diff)
	}
	if got := topicIDs(a.Topics); len(got) == 0 || got[0] != "giao-duc" {
		t.Errorf("topics %v, want giao-duc first", got)
	}
}

// Title and lead go before a long body, and a lead is one where a feed has it in
// the body's place.
func TestLongBody(t *testing.T) {
	t.Parallel()
	n := newTagger(t)
	sport := "Trận đấu, giải đấu, cầu thủ, bàn thắng, thủ môn, trọng tài, vòng loại, bán kết, huy chương, sân vận động.\n"
	a := article.Article{
		Title: "Giáo viên vùng cao dựng phòng học", Lead: "Học sinh bán trú có chỗ học mới.", Text: strings.Repeat(sport, 20),
	}
	normalizer.Tag(n, &a, article.Source{})
	checkTopics(t, "a body of something else", a.Topics, "giao-duc")
	short := article.Article{Title: "Chuyện ở Nà Lại", Text: "Học sinh bán trú có chỗ ngủ mới.\n" + sport[:20]}
	normalizer.Tag(n, &short, article.Source{})
	checkTopics(t, "a lead in the body", short.Topics, "giao-duc")
	if len(short.Topics) > 0 && !strings.Contains(short.Topics[0].Evidence, "lead: Học sinh") {
		t.Errorf("evidence %q, want the lead", short.Topics[0].Evidence)
	}
}

func TestAddedTopics(t *testing.T) {
	t.Parallel()
	added := []article.Topic{
		{ID: "khi-tuong", Label: "Khí tượng", Sections: []string{"Nông lịch"}, Phrases: []article.Phrase{{Words: "Gió heo may", Weight: 3}}},
		{ID: "gieng-khoi", Label: "Giếng khơi", Parent: "khi-tuong", Phrases: []article.Phrase{{Words: "giếng khơi", Weight: 5}}},
		{ID: "the-thao", Label: "Thể dục thể thao", Sections: []string{"Giáo dục"}, Phrases: []article.Phrase{
			{Words: "ném còng", Weight: 3}, {Words: "cả hệ thống chính trị", Weight: 3}, {Words: "bóng đá", Weight: 1},
		}},
	}
	g, err := gazetteer.New()
	if err != nil {
		t.Fatal(err)
	}
	n, err := normalizer.New(normalizer.Options{Gazetteer: g, Topics: added})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		article article.Article
		want    string
	}{
		{article.Article{Title: "Gió heo may về"}, "khi-tuong"},
		{article.Article{Title: "Gió heo may bên giếng khơi"}, "gieng-khoi"},
		{article.Article{Title: "Một chiều", Categories: []string{"Nông lịch"}}, "khi-tuong"},
		{article.Article{Title: "Một chiều", URL: "https://bao.example/nong-lich/1.html"}, "khi-tuong"},
		{article.Article{Title: "Thi ném còng"}, "the-thao"},
		{article.Article{Title: "Cả hệ thống chính trị"}, "the-thao"},                       // before a formula
		{article.Article{Title: "Một chiều", Categories: []string{"Giáo dục"}}, "the-thao"}, // before the known section
		{article.Article{Title: "Bóng đá"}, ""},                                             // before the known weight
	} {
		normalizer.Tag(n, &test.article, article.Source{})
		checkTopics(t, test.article.Title, test.article.Topics, test.want)
	}
	topics := normalizer.Topics(added)
	last := topics[len(topics)-1]
	if len(topics) != len(normalizer.Topics(nil))+2 || last.ID != "gieng-khoi" || last.Parent != "khi-tuong" || last.Label != "Giếng khơi" {
		t.Errorf("%d topics, the last %+v", len(topics), last)
	}
	i := slices.IndexFunc(topics, func(t article.Topic) bool { return t.ID == "the-thao" })
	if topics[i].Label != "Thể dục thể thao" {
		t.Errorf("label %q, want the new one", topics[i].Label)
	}
}

func TestBadTopics(t *testing.T) {
	t.Parallel()
	g, err := gazetteer.New()
	if err != nil {
		t.Fatal(err)
	}
	for name, topic := range map[string]article.Topic{
		"an unknown parent":        {ID: "a", Label: "A", Parent: "b"},
		"a parent with a parent":   {ID: "a", Label: "A", Parent: "cong-nghiep"},
		"a phrase without a word":  {ID: "a", Label: "A", Phrases: []article.Phrase{{Words: "!", Weight: 3}}},
		"a phrase with more marks": {ID: "a", Label: "A", Phrases: []article.Phrase{{Words: "R&D", Weight: 3}}},
	} {
		if _, err := normalizer.New(normalizer.Options{Gazetteer: g, Topics: []article.Topic{topic}}); !errors.Is(err, normalizer.ErrTagRules) {
			t.Errorf("%s: error %v, want ErrTagRules", name, err)
		}
	}
}
