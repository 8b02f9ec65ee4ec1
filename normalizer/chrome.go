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
	`(?:comment|bình luận|ý kiến) \(\d+\)`,
	`trang chủ (?:>|»|›|/) .{1,80}`, // breadcrumb
	`ghi rõ nguồn .{1,60}khi phát hành lại .{1,60}`,
	`giấy phép thiết lập trang thông tin điện tử tổng hợp.{0,80}`,
	`(?:bản quyền thuộc về|cơ quan chủ quản:) .{1,80}`,
	`to view this video please enable javascript.{0,120}`,
	`chú ý: bài viết này chưa được xuất bản.{0,40}`, // NukeViet
}, "|") + `)$`)

// maxChromeBytes is above the longest line that chrome can be; longer lines are
// not looked at, which keeps the check off nearly all paragraphs.
const maxChromeBytes = 280

// A chrome knows the lines that belong to portals and not to articles.
type chrome struct {
	// lines maps the folded line to whether it stands over links to other articles.
	lines map[string]bool
}

func newChrome() chrome {
	c := chrome{lines: map[string]bool{}}
	for line := range strings.Lines(chromeLines) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		text, related := strings.CutPrefix(line, ">")
		c.lines[bareLine(text)] = related
	}
	return c
}

// isChrome reports whether the whole line is a portal's. related is set when
// links to other articles stand below it.
func (c chrome) isChrome(line string) (is, related bool) {
	if len(line) > maxChromeBytes {
		return false, false
	}
	bare := bareLine(line)
	if related, is = c.lines[bare]; is {
		return true, related
	}
	return chromePatterns.MatchString(bare), false
}

// bareLine is a line as it is compared: folded, without the marks around it.
func bareLine(line string) string {
	return strings.Trim(vietnamese.Fold(line), " :.|/•·*>»›-\"")
}
