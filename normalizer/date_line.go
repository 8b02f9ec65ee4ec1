package normalizer

import (
	"regexp"
	"strings"
	"time"

	"bantin/internal/article"
)

// maxDateLine is the longest line that is still a date and not a sentence with
// one: weekday, clock, date, zone, place and number of readers.
const maxDateLine = 120

// dateLabel is what stands before a date.
var dateLabel = regexp.MustCompile(`^(?i)(?:ngày đăng|đăng lúc|đăng ngày|ngày xuất bản|xuất bản|cập nhật|cập nhật lúc|ngày cập nhật|cập nhật lần cuối|lần cập nhật cuối|sửa lần cuối|được đăng|viết ngày|được viết ngày|ngày viết|thời gian|ngày)\s*:?\s*`)

// The parts of dateShape.
const (
	clockShape   = `\d{1,2}(?::\d{2}(?::\d{2})?|[hg]\d{2}|\s?giờ(?: \d{1,2}(?: phút)?)?)'?(?:\s*(?:AM|PM|SA|CH|sáng|chiều|tối)\b)?`
	weekdayShape = `(?:thứ\s(?:hai|ba|tư|năm|sáu|bảy|[2-7])|chủ nhật|CN)`
	dayShape     = `(?:\d{1,2}\s?[/.-]\s?\d{1,2}\s?[/.-]\s?\d{4}|\d{4}-\d{2}-\d{2}|\d{1,2} tháng (?:\d{1,2}|giêng|một|hai|ba|tư|năm|sáu|bảy|tám|chín|mười(?: một| hai)?|chạp)(?:,| năm)? \d{4})`
)

// dateShape is a date inside other words, with the clock before or after it.
var dateShape = regexp.MustCompile(`(?i)(?:\b` + clockShape + `\s*[,|-]?\s*(?:` + weekdayShape + `\s*[,|-]?\s*)?(?:ngày\s*)?)?\b` + dayShape +
	`(?:\s*(?:[,|-]|lúc)?\s*` + clockShape + `)?(?:\s*\(?GMT\s?\+\s?0?7\)?)?`)

// date reads a date out of a short text that holds one.
func (p *page) date(text string) (time.Time, article.Precision) {
	if text == "" || len(text) > maxDateLine {
		return time.Time{}, ""
	}
	text = strings.ReplaceAll(dateLabel.ReplaceAllString(text, ""), "|", " ")
	if t, precision, ok := parseDate(text, p.dates); ok {
		return t, precision
	}
	if t, precision, ok := parseDate(dateShape.FindString(text), p.dates); ok {
		return t, precision
	}
	return time.Time{}, ""
}
