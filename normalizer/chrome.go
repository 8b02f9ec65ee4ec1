package normalizer

import (
	_ "embed"
	"regexp"
	"strings"

	"bantin/internal/vietnamese"
)

//go:embed data/chrome.txt
var chromeLines string

// chromePatterns are the lines of portals that hold a number or a name.
var chromePatterns = regexp.MustCompile(`^(?:` + strings.Join([]string{
	`publishingportal - block_\w+`, // titles of SharePoint web parts, backan.gov.vn 2022-02
	`[\d.,]+ (?:lượt xem|lượt|lần xem|phiếu bầu)`,
	`(?:lượt xem|lượt truy cập|đang truy cập|số lượt xem|đã xem)\s*:\s*[\d.,]*`,
	`tổng số điểm của bài viết là: \d+ trong \d+ đánh giá`, // NukeViet
	`quảng cáo\s*: .{1,60}`,
	`(?:cách đây )?\d{1,3} (?:giây|phút|giờ|tiếng) trước`, // of a live report
	`(?:bấm|nhấn|nhấp|click)(?: vào)?(?: đây)? để (?:xem|đọc|phóng|tải|nghe|chia sẻ|bình)(?: (?:ảnh|thêm|tiếp|chi tiết|đầy đủ|to|về|lớn|video|bài|toàn|tại|bình|luận).{0,40})?`,
	`(?:comment|bình luận|ý kiến) \(\d+\)`,
	`(?:\d+|chưa có|không có) (?:bình luận|ý kiến|phản hồi|đánh giá|bình chọn)(?: nào)?`,
	`(?:đánh giá|bình chọn) (?:mục|bài|bài viết|tin) này`,
	`trang chủ (?:>|»|›|/) .{1,80}`, // breadcrumb
	`ghi rõ nguồn .{1,60}khi phát hành lại .{1,60}`,
	`giấy phép thiết lập trang thông tin điện tử tổng hợp.{0,80}`,
	`(?:bản quyền thuộc về|cơ quan chủ quản:) .{1,80}`,
	`to view this video please enable javascript.{0,120}`,
	`trình duyệt (?:của bạn |này )?(?:không|chưa) hỗ trợ (?:.{0,40} )?(?:video|audio|âm thanh|phát|javascript|html5|iframe)(?: .{0,40})?`,
	// What papers ask of their readers below an article: to follow them elsewhere.
	// The reader or the paper is named; a sentence of the news names others.
	`(?:>+ ?)?(?:xin |kính )?(?:mời|hãy|đừng quên|theo dõi|quan tâm|đăng ký kênh|bấm|nhấn)(?: .{0,80})? (?:bạn|quý vị|độc giả|chúng tôi|báo|tạp chí|đài|trang|kênh|fanpage|oa|chính thức)(?: .{0,80})? (?:zalo|google news|facebook|fanpage|youtube|tiktok|telegram)(?: (?:và|hoặc|để|tại|của|báo|google|zalo|facebook|youtube|tiktok) .{0,60})?`,
	`(?:đọc|xem) (?:các )?bài (?:viết )?(?:khác )?của tác giả`,
	`chú ý: bài viết này chưa được xuất bản.{0,40}`, // NukeViet
}, "|") + `)$`)

// relatedPatterns are the lines under which portals list other articles.
var relatedPatterns = regexp.MustCompile(`^(?:` + strings.Join([]string{
	`(?:có thể )?bạn (?:sẽ |cũng )?(?:quan tâm|muốn đọc|muốn xem|nên đọc|nên xem|có thể thích|thích).{0,30}`,
	`(?:các )?(?:tin|bài|tin bài|tin, bài)(?: viết| tức| đọc)? (?:khác|liên quan|cùng .{1,20}|mới(?: nhất| hơn| đăng| đưa)?|cũ hơn|đã đưa|nổi bật|đáng chú ý|xem nhiều|đọc nhiều)(?: nhất)?`,
	`(?:đọc|xem|được đọc|được xem) nhiều(?: nhất)?(?: trong .{1,20})?`,
	`nhiều người (?:đọc|xem|quan tâm)`,
	`(?:đừng|không nên|không thể) bỏ (?:lỡ|qua)`,
	`theo dòng (?:sự kiện|thời sự)(?:: .{1,60})?`,
	`(?:gợi ý|dành) (?:cho|riêng cho) bạn`,
	`(?:e-?magazine|infographic|video|podcast|ảnh|phóng sự) (?:khác|liên quan|mới nhất)`,
}, "|") + `)$`)

// maxChromeBytes is above the longest line that chrome can be; longer lines are
// not looked at, which keeps the check off nearly all paragraphs.
const maxChromeBytes = 280

// A chrome knows the lines that belong to portals and not to articles.
type chrome struct {
	// lines maps the folded line to whether it stands over links to other articles.
	lines map[string]bool
	// tools are the folded lines that count only beside others.
	tools map[string]bool
	// starts are the first words of all of them.
	starts map[string]bool
	// longest is the number of words of the longest line.
	longest int
}

func newChrome() chrome {
	c := chrome{lines: map[string]bool{}, tools: map[string]bool{}, starts: map[string]bool{}}
	for line := range strings.Lines(chromeLines) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if text, isTool := strings.CutPrefix(line, "+"); isTool {
			c.tools[bareLine(text)] = true
			c.start(text)
			continue
		}
		text, related := strings.CutPrefix(line, ">")
		c.lines[bareLine(text)] = related
		c.start(text)
		c.longest = max(c.longest, len(strings.Fields(text)))
	}
	return c
}

func (c chrome) start(text string) {
	first, _, _ := strings.Cut(bareLine(text), " ")
	c.starts[first] = true
}

// isChrome reports whether the whole line is a portal's, or several of its lines
// side by side. related is set when links to other articles stand below it.
func (c chrome) isChrome(line string) (is, related bool) {
	if len(line) > maxChromeBytes {
		return false, false
	}
	bare := bareLine(line)
	if related, is = c.lines[bare]; is {
		return true, related
	}
	if relatedPatterns.MatchString(bare) {
		return true, true
	}
	return chromePatterns.MatchString(bare) || c.isRow(bare), false
}

// isChromeLine is isChrome for a line of which the parts are known.
func (c chrome) isChromeLine(l *line) (is, related bool) {
	if is, related = c.isChrome(l.text); is {
		return is, related
	}
	if len(l.parts) == 0 {
		return c.tools[bareLine(l.text)] && l.outsideLinks() == "", false
	}
	named, tools := false, 0
	for _, part := range l.parts {
		switch bare := bareLine(part); {
		case isTool(part) || bare == "":
		case c.tools[bare]:
			tools++
		default:
			if is, _ = c.isChrome(part); !is {
				return false, false
			}
			named = true
		}
	}
	return named || tools > 1, false
}

// counted are the numbers that stand beside a title or a date.
var counted = regexp.MustCompile(`^(?:(?:lượt xem|lượt đọc|số lượt xem|đã xem|xem|bình luận|views?|đọc)\s*:?\s*\(?[\d.,]*\)?|[\d.,]+\s*(?:lượt xem|lượt đọc|lượt|lần xem|bình luận|views?|phút đọc))$`)

// isBeside reports whether a text is a number of readers, tools, or several of them.
func (c chrome) isBeside(text string) bool {
	if len(text) > maxChromeBytes {
		return false
	}
	some := false
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '|' || r == '·' || r == '•' }) {
		bare := bareLine(part)
		if bare == "" {
			continue
		}
		if is, _ := c.isChrome(part); !is && !counted.MatchString(bare) && !counted.MatchString(strings.TrimSpace(vietnamese.Fold(part))) {
			return false
		}
		some = true
	}
	return some
}

// isTool reports whether a text is one of the signs that change the size of the
// letters.
func isTool(text string) bool {
	switch strings.ToLower(text) {
	case "a", "a-", "a+", "aa", "+", "-", "|", "/", "•", "·":
		return true
	}
	return false
}

// maxRowWords is above the longest row of tools.
const maxRowWords = 24

// isRow reports whether a folded line is nothing but lines of portals and tools
// side by side: "Bản in | Gửi email | A- A+".
func (c chrome) isRow(bare string) bool {
	words := strings.Fields(bare)
	if len(words) < 2 || len(words) > maxRowWords || !isTool(words[0]) && !c.starts[trimMarks(words[0])] {
		return false
	}
	reached := make([]bool, len(words)+1) // the words before are all lines of portals
	named := make([]bool, len(words)+1)   // and not all of them tools
	reached[0] = true
	last := 0 // that was reached
	for end := 1; end <= len(words) && end-last <= c.longest; end++ {
		if isTool(words[end-1]) && reached[end-1] {
			reached[end], named[end] = true, named[end-1]
		}
		for start := max(0, end-c.longest); start < end; start++ {
			if !reached[start] {
				continue
			}
			text := trimMarks(strings.Join(words[start:end], " "))
			if _, is := c.lines[text]; is {
				reached[end], named[end] = true, true
			} else if c.tools[text] {
				reached[end], named[end] = true, named[end] || named[start]
			}
		}
		if reached[end] {
			last = end
		}
	}
	return named[len(words)]
}

// bareLine is a line as it is compared: folded, without the marks around it.
func bareLine(line string) string {
	return trimMarks(vietnamese.Fold(line))
}

func trimMarks(folded string) string { return strings.Trim(folded, " :.|/•·*>»›-\"") }
