package normalizer

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"bantin/internal/article"
)

// agoShape is how portals say how long ago an article came. A week or a month
// ago could be any of many days, and is no date.
var agoShape = regexp.MustCompile(`^(?:đăng |cập nhật )?(?:cách đây )?(?:khoảng )?(\d{1,3}) (giây|phút|giờ|tiếng|ngày)(?: (\d{1,2}) phút)? trước$`)

// ago reads "15 giờ trước" and "vừa xong" against the time of the fetch. The
// precision is that of the unit: no portal says half hours.
func (r *dateReader) ago() (time.Time, article.Precision, bool) {
	now := r.rules.fetched
	if now.IsZero() || !strings.HasSuffix(r.s, "trước") && r.s != "vừa xong" {
		return time.Time{}, "", false
	}
	now = now.In(r.rules.zone)
	if r.s == "vừa xong" {
		return now.Truncate(time.Minute), article.Minute, true
	}
	m := agoShape.FindStringSubmatch(r.s)
	if m == nil {
		return time.Time{}, "", false
	}
	count, _ := strconv.Atoi(m[1])
	minutes, _ := strconv.Atoi(m[3]) // none are 0
	switch m[2] {
	case "ngày":
		y, month, d := now.Date()
		return time.Date(y, month, d-count, 0, 0, 0, 0, r.rules.zone), article.Day, m[3] == ""
	case "giờ", "tiếng":
		t := now.Add(-time.Duration(count) * time.Hour)
		if m[3] == "" {
			return t.Truncate(time.Hour), article.Hour, true
		}
		return t.Add(-time.Duration(minutes) * time.Minute).Truncate(time.Minute), article.Minute, true
	case "phút":
		return now.Add(-time.Duration(count) * time.Minute).Truncate(time.Minute), article.Minute, m[3] == ""
	}
	return now.Add(-time.Duration(count) * time.Second).Truncate(time.Minute), article.Minute, m[3] == ""
}
