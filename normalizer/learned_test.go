package normalizer_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"bantin/normalizer"
)

// The lines that the portal of these tests puts under each of its articles.
const (
	hotline = "Đường dây nóng của bản tin: 0209 000 000, gọi cả ngày nghỉ"
	slogan  = "Tin nhanh từ các bản làng, đọc mỗi sáng."
	formula = "Theo quy định của pháp luật."
)

// learnedPage is an article of the portal: its own paragraphs, a sentence that
// many of its articles have, and the portal's lines.
func learnedPage(n int) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<h1>Bản tin sản xuất vùng cao số %d</h1><div class="detail-content">`, n)
	for i := range 9 {
		fmt.Fprintf(&b, "<p>Tổ hợp tác số %d của bản thứ %d đã gieo xong mạ sớm, phủ ni lông chống rét và cử người trông nước ban đêm cho đến khi cấy.</p>", n, i)
	}
	fmt.Fprintf(&b, "<p>%s</p><p>%s</p><p>%s</p></div>", formula, hotline, slogan)
	return b.String()
}

func readLearned(t *testing.T, page string, chrome []uint64, siblings normalizer.Siblings) normalizer.PageResult {
	t.Helper()
	link := normalizer.Link{URL: "https://tinh.example.vn/tin/1"}
	result, err := newNormalizer(t).Page(portal(), link, normalizer.Document{Body: []byte(page), URL: link.URL, Chrome: chrome, Siblings: siblings})
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// common are the lines that two pages have both.
func common(a, b normalizer.PageResult) []uint64 {
	var both []uint64
	for _, line := range a.Lines {
		if slices.Contains(b.Lines, line) {
			both = append(both, line)
		}
	}
	return both
}

func TestLearnedLines(t *testing.T) {
	first, second := readLearned(t, learnedPage(1), nil, normalizer.Siblings{}), readLearned(t, learnedPage(2), nil, normalizer.Siblings{})
	shared := common(first, second)
	if len(shared) != 3 {
		t.Fatalf("two articles share %d lines, want the sentence and the two of the portal", len(shared))
	}
	chrome := shared[1:] // that the sentence stands in few articles is for the caller to count
	got := readLearned(t, learnedPage(3), chrome, normalizer.Siblings{})
	for _, line := range []string{hotline, slogan} {
		if strings.Contains(got.Article.HTML, line) {
			t.Errorf("%q is still there", line)
		}
		if !slices.ContainsFunc(got.Removed, func(r normalizer.Removal) bool {
			return strings.Contains(r.Text, line) && r.Reason == "a line that most articles of this host have"
		}) {
			t.Errorf("that %q went is not told: %+v", line, got.Removed)
		}
	}
	if !strings.HasSuffix(got.Article.Text, formula) {
		t.Errorf("the sentence is gone: %q", got.Article.Text)
	}
	for _, line := range chrome {
		if !slices.Contains(got.Lines, line) {
			t.Error("a line that was taken out is no longer counted")
		}
	}
}

// TestLearnedLinesAreWhole: a line goes as a whole or not at all, and however it
// is written.
func TestLearnedLinesAreWhole(t *testing.T) {
	chrome := common(readLearned(t, learnedPage(1), nil, normalizer.Siblings{}), readLearned(t, learnedPage(2), nil, normalizer.Siblings{}))
	within := strings.Replace(learnedPage(3), "<p>"+formula, "<p>Hồ sơ được xử lý. "+formula, 1)
	if got := readLearned(t, within, chrome, normalizer.Siblings{}); !strings.Contains(got.Article.Text, formula) {
		t.Errorf("a sentence went out of its paragraph: %q", got.Article.Text)
	}
	shouted := strings.Replace(learnedPage(3), slogan, strings.ToUpper(slogan), 1)
	if got := readLearned(t, shouted, chrome, normalizer.Siblings{}); strings.Contains(got.Article.Text, strings.ToUpper(slogan)) {
		t.Errorf("the line in capitals is still there: %q", got.Article.Text)
	}
}

// TestLearnedLinesLeaveTheArticle: of articles that are all alike nothing goes.
func TestLearnedLinesLeaveTheArticle(t *testing.T) {
	chrome := common(readLearned(t, learnedPage(1), nil, normalizer.Siblings{}), readLearned(t, learnedPage(2), nil, normalizer.Siblings{}))
	short := `<h1>Thông báo lịch cắt điện của chi nhánh</h1><div class="detail-content"><p>` + hotline + `</p><p>` + formula + `</p></div>`
	got := readLearned(t, short, chrome, normalizer.Siblings{})
	if !strings.Contains(got.Article.Text, hotline) || len(got.Article.Warnings) != 1 || !strings.Contains(got.Article.Warnings[0], "were kept") {
		t.Errorf("text %q, warnings %q", got.Article.Text, got.Article.Warnings)
	}
}

// TestFragment: an article that keeps far less of its page than its siblings is
// doubtful.
func TestFragment(t *testing.T) {
	whole := readLearned(t, learnedPage(1), nil, normalizer.Siblings{})
	if whole.KeptShare < 0.9 || whole.KeptShare > 1 || whole.TextBytes < 500 {
		t.Fatalf("kept %.2f of %d bytes", whole.KeptShare, whole.TextBytes)
	}
	// The text stands where nobody looks for it; what is called the body is the end of it.
	paragraphs := strings.Split(learnedPage(1), "<p>")
	broken := `<h1>Bản tin sản xuất vùng cao số 1</h1><div>` + strings.Join(paragraphs[1:10], "<p>") + `</div><div class="detail-content"><p>` + formula + `</p></div>`
	usual := normalizer.Siblings{KeptShare: whole.KeptShare, TextBytes: whole.TextBytes}
	for name, c := range map[string]struct {
		page     string
		siblings normalizer.Siblings
		want     bool
	}{
		"a whole article":          {learnedPage(2), usual, false},
		"a fragment":               {broken, usual, true},
		"siblings are not known":   {broken, normalizer.Siblings{}, false},
		"siblings keep as little":  {broken, normalizer.Siblings{KeptShare: 0.1, TextBytes: whole.TextBytes}, false},
		"a page of another length": {broken, normalizer.Siblings{KeptShare: whole.KeptShare, TextBytes: whole.TextBytes * 5}, false},
	} {
		t.Run(name, func(t *testing.T) {
			got := readLearned(t, c.page, nil, c.siblings)
			if told := slices.ContainsFunc(got.Article.Warnings, func(w string) bool { return strings.HasPrefix(w, "fragment") }); told != c.want {
				t.Errorf("kept %.2f of %d bytes, warnings %q", got.KeptShare, got.TextBytes, got.Article.Warnings)
			}
		})
	}
}

// TestRemoved: what a page shows and the article has not is told with its reason.
func TestRemoved(t *testing.T) {
	result, err := newNormalizer(t).Page(portal(), normalizer.Link{}, pageOf(t, "testdata/pages/bgrid.html"))
	if err != nil {
		t.Fatal(err)
	}
	for text, reason := range map[string]string{
		"Đường về bản Khuổi Mẫu đã thông": "remove of the pack bgrid",
		"Quảng cáo: phân bón Mẫu":         "remove of the pack bgrid",
		"Giá lúa xuân tăng nhẹ đầu vụ":    "a part of the portal: aside",
		"Cơ quan chủ quản: Tỉnh ủy Mẫu":   "a part of the portal: footer",
	} {
		if !slices.ContainsFunc(result.Removed, func(r normalizer.Removal) bool { return strings.Contains(r.Text, text) && r.Reason == reason }) {
			t.Errorf("%q is not told as %q: %+v", text, reason, result.Removed)
		}
	}
	for _, r := range result.Removed {
		for _, field := range []string{result.Article.Author, "Tổng kinh phí"} {
			if strings.Contains(r.Text, field) && !strings.HasPrefix(r.Reason, "remove of") {
				t.Errorf("what the article has is told as removed: %+v", r)
			}
		}
	}
}

// TestRemovedIsBounded: a page that was made to be looked through costs no more
// than any other.
func TestRemovedIsBounded(t *testing.T) {
	word := strings.Repeat("tin ", 100_000)
	for name, page := range map[string]string{
		"deep":        strings.Repeat("<div>", 250) + strings.Repeat("<p>a</p>", 60_000),
		"long titles": `<script type="application/ld+json">{"@type":"Article","headline":"` + word + `x"}</script><h1>` + word + `</h1><p>Một câu đủ dài để đứng được trong thân của một bài viết ngắn về làng.</p>`,
	} {
		t.Run(name, func(t *testing.T) {
			started := time.Now()
			result, err := newNormalizer(t).Page(portal(), normalizer.Link{Title: "Một bài"}, normalizer.Document{Body: []byte(page)})
			if err == nil && len(result.Removed) > 2000 {
				t.Errorf("%d removals", len(result.Removed))
			}
			if took := time.Since(started); took > time.Minute { // it takes less than a second
				t.Errorf("took %v", took)
			}
		})
	}
}
