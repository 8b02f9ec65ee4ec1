package normalizer_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bantin/internal/article"
	"bantin/normalizer"
)

// oddPage is a page that no pack and no name helps to read: the title is the
// second heading, the text stands in two columns, and a notice among it.
const oddPage = `<html><head><title>Trang tin</title></head><body>
<h1>Chuyên trang nông thôn vùng cao</h1><div class="t1">Bản Nà Mẫu giữ rừng đầu nguồn</div>
<div class="k">Người viết: <b>Lò Thị Ương</b> (bản tin số 7)</div><div class="n">Đăng 04-03-2024</div>
<div class="menu"><div class="s">Ba mươi hộ thay nhau đi tuần, mỗi tháng hai lượt.</div></div>
<div class="c">Mỗi tổ tuần rừng có năm người, mang theo cơm nắm và dao phát, đi từ sáng sớm đến chiều tối mới về.</div>
<div class="q">Mời bà con góp ý cho bản tin qua hòm thư đặt ở nhà văn hóa bản, mở vào chiều thứ sáu hằng tuần.</div>
<div class="c">Nhờ vậy bốn năm nay rừng không mất cây nào, nước suối chảy đều quanh năm, đủ cho hai vụ lúa.<span class="x">Bấm để nghe</span></div>
<div class="f">Nhà văn hóa bản mở cửa các ngày trong tuần, từ bảy giờ sáng đến năm giờ chiều, trừ ngày lễ.</div></body></html>`

func oddRules() article.PageRules {
	return article.PageRules{Title: ".t1", Lead: ".s", Body: ".c", Date: ".n", Author: ".k b", Remove: []string{".x", ".none"}}
}

func ruledPage(t *testing.T, rules article.PageRules, page string) (normalizer.PageResult, error) {
	t.Helper()
	src := portal()
	src.Article = rules
	link := normalizer.Link{URL: "https://tinh.example.vn/tin/1"}
	return newNormalizer(t).Page(src, link, normalizer.Document{Body: []byte(page), URL: link.URL})
}

func TestRules(t *testing.T) {
	result, err := ruledPage(t, oddRules(), oddPage)
	if err != nil {
		t.Fatal(err)
	}
	a := result.Article
	got := []string{a.Title, a.Lead, a.Author, a.Published.Format("2006-01-02"), a.Text}
	want := []string{
		"Bản Nà Mẫu giữ rừng đầu nguồn", "Ba mươi hộ thay nhau đi tuần, mỗi tháng hai lượt.", "Lò Thị Ương", "2024-03-04",
		"Mỗi tổ tuần rừng có năm người, mang theo cơm nắm và dao phát, đi từ sáng sớm đến chiều tối mới về.\n" +
			"Nhờ vậy bốn năm nay rừng không mất cây nào, nước suối chảy đều quanh năm, đủ cho hai vụ lúa.",
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("-got +want:\n%s", diff)
	}
	if len(a.Warnings) > 0 {
		t.Errorf("warnings %q", a.Warnings)
	}
	checkSafe(t, a.HTML)
	if !slices.Contains(result.Removed, normalizer.Removal{Text: "Bấm để nghe", Reason: "a remove rule of the source"}) {
		t.Errorf("what the rule removed is not told: %+v", result.Removed)
	}
}

// TestRulesThatSelectNothing: a rule that finds nothing is told, and the part is
// found as without it.
func TestRulesThatSelectNothing(t *testing.T) {
	page := inLayout(plainPage)
	none := article.PageRules{Title: ".a", Lead: ".b", Body: ".c", Date: ".d", Author: ".e", Remove: []string{".f"}}
	result, err := ruledPage(t, none, page)
	if err != nil {
		t.Fatal(err)
	}
	got := slices.Sorted(slices.Values(result.Article.Warnings))
	want := []string{
		"rule author selects nothing", "rule body selects nothing", "rule date selects nothing",
		"rule lead selects nothing", "rule title selects nothing",
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("warnings (-got +want):\n%s", diff)
	}
	checkReference(t, result.Article)
}

// TestRulesBeforePacks: the operator's rules count for more than a pack, and the
// pack for what they do not name.
func TestRulesBeforePacks(t *testing.T) {
	page := `<div class="kicker">Tuần lễ môi trường</div><div class="ArticleDetailControl"><h1 class="ArticleHeader">Xã Mẫu trồng một nghìn cây xanh</h1>
<span class="PostDate">05/06/2024</span><div class="ArticleSummary">Cây được trồng dọc hai bên đường vào trung tâm xã.</div>
<div class="ArticleContent"><p>Mỗi hộ nhận chăm sóc năm cây trước cửa nhà mình trong hai năm đầu, cho đến khi cây bén rễ.</p></div></div>`
	result, err := ruledPage(t, article.PageRules{Title: ".kicker", Date: ".ArticleHeader"}, page)
	if err != nil {
		t.Fatal(err)
	}
	a := result.Article
	if a.Title != "Tuần lễ môi trường" || !strings.HasPrefix(a.Lead, "Cây được trồng") || !strings.HasPrefix(a.Text, "Mỗi hộ") {
		t.Errorf("got %q, %q, %q", a.Title, a.Lead, a.Text)
	}
	if got := a.Published.Format("2006-01-02"); got != "2024-06-05" {
		t.Errorf("published %s, want that of the pack", got)
	}
	if diff := cmp.Diff(a.Warnings, []string{"rule date selects no date"}); diff != "" {
		t.Errorf("warnings (-got +want):\n%s", diff)
	}
}

func TestBadRule(t *testing.T) {
	_, err := ruledPage(t, article.PageRules{Body: "div:first-child"}, oddPage)
	if err == nil || !strings.Contains(err.Error(), "body: character 4") {
		t.Errorf("got %v, want the place in the selector", err)
	}
}
