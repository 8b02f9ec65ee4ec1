package normalizer_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"bantin/internal/article"
	"bantin/internal/gazetteer"
	"bantin/normalizer"
)

func newNormalizer(tb testing.TB) *normalizer.Normalizer {
	tb.Helper()
	places, err := gazetteer.New()
	if err != nil {
		tb.Fatal(err)
	}
	n, err := normalizer.New(normalizer.Options{Gazetteer: places})
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

func baseURL(tb testing.TB) *url.URL {
	tb.Helper()
	base, err := url.Parse("https://bao.example/kinh-te/tin-1.html")
	if err != nil {
		tb.Fatal(err)
	}
	return base
}

// Two paragraphs that a byline can follow.
const twoParagraphs = `<p>Sáng nay, xã khởi công đường mới.</p><p>Đường dài hai cây số, làm trong ba tháng.</p>`

func TestReadBody(t *testing.T) {
	const twoLines = "Sáng nay, xã khởi công đường mới.\nĐường dài hai cây số, làm trong ba tháng."
	cases := []struct {
		name, in string
		want     normalizer.Body
	}{
		{
			name: "plain text makes a paragraph of each line",
			in:   "Dòng một &amp; hai.\n\nDòng ba < bốn.",
			want: normalizer.Body{
				HTML: "<p>Dòng một &amp; hai.</p><p>Dòng ba &lt; bốn.</p>",
				Text: "Dòng một & hai.\nDòng ba < bốn.",
			},
		},
		{
			name: "picture first, then the lead, the way feeds write descriptions",
			in:   `<a href="/tin-2.html"><img alt="Cầu" src="/anh/cau.jpg" ></a></br>Cây cầu mới thông xe`,
			want: normalizer.Body{
				HTML:   `<figure><img src="https://bao.example/anh/cau.jpg" alt="Cầu"/></figure><p>Cây cầu mới thông xe</p>`,
				Text:   "Cây cầu mới thông xe",
				Images: []article.Image{{URL: "https://bao.example/anh/cau.jpg"}},
			},
		},
		{
			name: "a link closed twice keeps its text outside",
			in:   `<a href='/a'/><img src='/b.jpg'/></a></br>(Báo Mẫu) Trời đẹp.`,
			want: normalizer.Body{
				HTML:   `<figure><img src="https://bao.example/b.jpg" alt=""/></figure><p>(Báo Mẫu) Trời đẹp.</p>`,
				Text:   "(Báo Mẫu) Trời đẹp.",
				Images: []article.Image{{URL: "https://bao.example/b.jpg"}},
			},
		},
		{
			name: "line breaks: one keeps the paragraph, two end it",
			in:   `Một<br>hai<br/><br> <br>ba<p>&nbsp;</p><p></p>`,
			want: normalizer.Body{HTML: `<p>Một<br/>hai</p><p>ba</p>`, Text: "Một\nhai\nba"},
		},
		{
			name: "emphasis across a break is closed and opened",
			in:   `<p>a <b>b<br>c</b> d</p>`,
			want: normalizer.Body{HTML: `<p>a <strong>b</strong><br/><strong>c</strong> d</p>`, Text: "a b\nc d"},
		},
		{
			name: "portal lines go, inside a paragraph they stay",
			in:   `<p>Tăng cỡ chữ&nbsp;Giảm cỡ chữ</p><p>Bấm Tăng cỡ chữ để đọc dễ hơn.</p><p>CHIA SẺ</p>`,
			want: normalizer.Body{HTML: `<p>Bấm Tăng cỡ chữ để đọc dễ hơn.</p>`, Text: "Bấm Tăng cỡ chữ để đọc dễ hơn."},
		},
		{
			name: "links under their heading go with it",
			in:   `<p>Chợ họp phiên cuối năm.</p><p>Tin liên quan:</p><ul><li><a href="/a">Chợ quê</a></li></ul><p>Hết phiên.</p>`,
			want: normalizer.Body{HTML: `<p>Chợ họp phiên cuối năm.</p><p>Hết phiên.</p>`, Text: "Chợ họp phiên cuối năm.\nHết phiên."},
		},
		{
			name: "nothing but safe links",
			in:   `<p><a href="javascript:x()">a</a> <a href="&#106;ava&#9;script:x">b</a> <a href="//khac.example/c?id=1&amp;x=2">c</a> <a href="mailto:a@b.example">d</a> <a href="#e">e</a></p>`,
			want: normalizer.Body{
				HTML: `<p>a b <a href="https://khac.example/c?id=1&amp;x=2">c</a> <a href="mailto:a@b.example">d</a> e</p>`,
				Text: "a b c d e",
			},
		},
		{
			name: "scripts, forms, counters and icons go; a film leaves its link",
			in: `<script>x()</script><style>p{}</style><p onclick="x()">Chữ.</p><img src="/p.gif" width="1" height="1">` +
				`<img src="/icon.png" width=16 height=16><iframe src="//www.youtube.com/embed/abc"></iframe><iframe src="/ads"><form><input value=x></form><p>Sau.</p>`,
			want: normalizer.Body{
				HTML: `<p>Chữ.</p><p><a href="https://www.youtube.com/embed/abc">https://www.youtube.com/embed/abc</a></p><p>Sau.</p>`,
				Text: "Chữ.\nhttps://www.youtube.com/embed/abc\nSau.",
			},
		},
		{
			name: "late pictures, captions by class, table and place",
			in: `<p>Mở đầu bài viết.</p><img src="data:image/gif;base64,R0" data-src="/1.jpg"><p class="PhotoCMS_Caption">Chú thích một.</p>` +
				`<table><tr><td><img src="/2.jpg"></td></tr><tr><td><em>Chú thích hai</em></td></tr></table>` +
				`<p><img src="/3.jpg"></p><p>Chú thích ba không dấu chấm</p><p>Ảnh: Minh Hà</p><p>Đoạn cuối.</p>`,
			want: normalizer.Body{
				HTML: `<p>Mở đầu bài viết.</p><figure><img src="https://bao.example/1.jpg" alt=""/><figcaption>Chú thích một.</figcaption></figure>` +
					`<figure><img src="https://bao.example/2.jpg" alt=""/><figcaption>Chú thích hai</figcaption></figure>` +
					`<figure><img src="https://bao.example/3.jpg" alt=""/><figcaption>Chú thích ba không dấu chấm<br/>Ảnh: Minh Hà</figcaption></figure><p>Đoạn cuối.</p>`,
				Text: "Mở đầu bài viết.\nĐoạn cuối.",
				Images: []article.Image{
					{URL: "https://bao.example/1.jpg", Caption: "Chú thích một."},
					{URL: "https://bao.example/2.jpg", Caption: "Chú thích hai"},
					{URL: "https://bao.example/3.jpg", Caption: "Chú thích ba không dấu chấm"},
				},
			},
		},
		{
			name: "a table of data stays, one for the layout goes",
			in: `<table><thead><tr><th>Xã</th><th>Email</th></tr></thead><tr><td colspan="2" onclick="x">Mẫu</td></tr></table>` +
				`<table><tr><td><p>Trong bảng.</p></td></tr></table>`,
			want: normalizer.Body{
				HTML: `<table><tr><th>Xã</th><th>Email</th></tr><tr><td colspan="2">Mẫu</td></tr></table><p>Trong bảng.</p>`,
				Text: "Xã\tEmail\nMẫu\nTrong bảng.",
			},
		},
		{
			name: "lead in bold, subheading in bold",
			in: `<p><strong>Nhiều hộ dân trong xã đã đăng ký tham gia hợp tác xã trồng chè hữu cơ từ đầu năm nay.</strong></p>` +
				`<p><b>Vốn ở đâu ra</b></p><p>Vốn do dân góp.</p>`,
			want: normalizer.Body{
				HTML: `<h3>Vốn ở đâu ra</h3><p>Vốn do dân góp.</p>`,
				Text: "Vốn ở đâu ra\nVốn do dân góp.",
				Lead: "Nhiều hộ dân trong xã đã đăng ký tham gia hợp tác xã trồng chè hữu cơ từ đầu năm nay.",
			},
		},
		{
			name: "end mark and bare name",
			in:   `<p>Sáng nay, xã khởi công đường mới.</p><p>Đường dài hai cây số, làm trong ba tháng.../.</p><p>Hoài Thu</p>`,
			want: normalizer.Body{HTML: twoParagraphs, Text: twoLines, Author: "Hoài Thu"},
		},
		{
			name: "name at the right margin, place typed with the old tone mark kept",
			in:   `<p>Toà nhà mới.</p><p style="text-align: right"><strong>TRẦN PHƯƠNG</strong></p>`,
			want: normalizer.Body{HTML: `<p>Toà nhà mới.</p>`, Text: "Toà nhà mới.", Author: "TRẦN PHƯƠNG"},
		},
		{name: "labelled", in: twoParagraphs + `<p>Tin, ảnh: Hoài Thu</p>`, want: normalizer.Body{HTML: twoParagraphs, Text: twoLines, Author: "Hoài Thu"}},
		{name: "source", in: twoParagraphs + `<p><em>(Theo TTXVN)</em></p>`, want: normalizer.Body{HTML: twoParagraphs, Text: twoLines, Origin: "TTXVN"}},
		{name: "source without brackets", in: twoParagraphs + `<p>Theo Báo Mẫu</p>`, want: normalizer.Body{HTML: twoParagraphs, Text: twoLines, Origin: "Báo Mẫu"}},
		{name: "name and agency", in: twoParagraphs + `<p>Hoài Thu (Vietnam+)</p>`, want: normalizer.Body{HTML: twoParagraphs, Text: twoLines, Author: "Hoài Thu", Origin: "Vietnam+"}},
		{name: "name and station", in: twoParagraphs + `<p>Hoài Thu/VOV online</p>`, want: normalizer.Body{HTML: twoParagraphs, Text: twoLines, Author: "Hoài Thu", Origin: "VOV online"}},
		{name: "name, following another", in: twoParagraphs + `<p>Hoài Thu (Theo Daily Sample)</p>`, want: normalizer.Body{HTML: twoParagraphs, Text: twoLines, Author: "Hoài Thu", Origin: "Daily Sample"}},
		{name: "name, then source", in: twoParagraphs + `<p>Hoài Thu</p><p>Nguồn: baomau.vn</p>`, want: normalizer.Body{HTML: twoParagraphs, Text: twoLines, Author: "Hoài Thu", Origin: "baomau.vn"}},
		{
			name: "a sentence that begins like a source line is a sentence",
			in:   twoParagraphs + `<p>Theo quy định, xã công khai vốn</p>`,
			want: normalizer.Body{HTML: twoParagraphs + `<p>Theo quy định, xã công khai vốn</p>`, Text: twoLines + "\nTheo quy định, xã công khai vốn"},
		},
		{
			name: "a province is no author",
			in:   twoParagraphs + `<p>Thái Bình</p>`,
			want: normalizer.Body{HTML: twoParagraphs + `<p>Thái Bình</p>`, Text: twoLines + "\nThái Bình"},
		},
		{
			name: "a picture's credit is no byline",
			in:   twoParagraphs + `<p>Đồ họa: Hoài Thu</p>`,
			want: normalizer.Body{HTML: twoParagraphs + `<p>Đồ họa: Hoài Thu</p>`, Text: twoLines + "\nĐồ họa: Hoài Thu"},
		},
		{
			name: "a name that is all there is stays text",
			in:   `<p align="right">Hoài Thu</p>`,
			want: normalizer.Body{HTML: `<p>Hoài Thu</p>`, Text: "Hoài Thu"},
		},
		{
			name: "decomposed and invisible characters",
			in:   "<p>Ba\u0306\u0301c\u200b <i>Ka\u0323n</i>\u00a0xa</p>",
			want: normalizer.Body{HTML: `<p>Bắc <em>Kạn</em> xa</p>`, Text: "Bắc Kạn xa"},
		},
		{
			name: "misnested and unclosed markup keeps its paragraphs",
			in:   `<b><p>Một</b> hai<p>Ba<ul><li>Bốn<li>Năm</ul>`,
			want: normalizer.Body{
				HTML: `<p><strong>Một</strong> hai</p><p>Ba</p><ul><li>Bốn</li><li>Năm</li></ul>`,
				Text: "Một hai\nBa\nBốn\nNăm",
			},
		},
		{name: "nothing", in: " \n", want: normalizer.Body{}},
	}
	n, base := newNormalizer(t), baseURL(t)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := n.ReadBody(c.in, base)
			if diff := cmp.Diff(got, c.want); diff != "" {
				t.Errorf("ReadBody(%q) (-got +want):\n%s", c.in, diff)
			}
			checkBody(t, n, base, got)
		})
	}
}

func TestReadBodyDeep(t *testing.T) {
	n, base := newNormalizer(t), baseURL(t)
	deep := strings.Repeat("<div>", 100_000) + "Chữ ở đáy." + strings.Repeat("</div>", 100_000) + "<p>Chữ ở mặt.</p>"
	if got, want := n.ReadBody(deep, base).Text, "Chữ ở đáy.\nChữ ở mặt."; got != want {
		t.Errorf("text of nested blocks: got %q, want %q", got, want)
	}
}

// An HTML5 parser makes 70 MB of the first of these.
func TestReadBodyHostile(t *testing.T) {
	var formatting strings.Builder
	formatting.WriteString("<p>")
	for i := range 450 {
		fmt.Fprintf(&formatting, "<b a%d>", i)
	}
	n, base := newNormalizer(t), baseURL(t)
	for name, in := range map[string]string{
		"formatting": formatting.String() + strings.Repeat("<p>x", 5_000),
		"captions":   strings.Repeat(`<div class="caption">x`, 5_000),
		"tables":     strings.Repeat(`<table><tr><td>x`, 5_000),
		"bylines":    twoParagraphs + strings.Repeat(`<p align=right>Hoài Thu</p>`, 5_000),
		"end marks":  "<p>Chữ" + strings.Repeat(" ./.", 5_000),
		"images":     strings.Repeat(`<img src=/a.jpg>Ảnh: X<br>`, 5_000),
		"open tags":  strings.Repeat("<", 50_000),
	} {
		t.Run(name, func(t *testing.T) {
			checkBody(t, n, base, n.ReadBody(in, base))
		})
	}
}

// TestReadBodyTwice cleans bodies put together at random from what bodies are made
// of, in any order, and checks what always holds of them.
func TestReadBodyTwice(t *testing.T) {
	parts := strings.Split(`<p>|</p>|<b>|</b>|<i>|</i>|<strong>|</strong>|<em>|</em>|<br>|<br>|<div>|</div>|<ul>|</ul>|<ol>|</ol>|<li>|</li>|`+
		`<table>|</table>|<tr>|</tr>|<td>|</td>|<th>|<thead>|<caption>|<td colspan=2>|<blockquote>|</blockquote>|`+
		`<figure>|</figure>|<figcaption>|</figcaption>|<img src=/1.jpg>|<img src=/2.jpg alt='x y'>|<h2>|</h2>|<h4>|</h4>|`+
		`<a href=/x>|</a>|<a href='http://a.example/?a=b&c'>|<p align=right>|<p align=center>|<p class=sapo>|<div class=caption>|`+
		`<span style='font-weight:bold'>|</span>|<p class=author>|<pre>|</pre>|<hr>|<center>|</center>|<dl><dt>|<dd>|<u>|</u>|<s>|</s>|`+
		`<iframe src=//youtube.com/embed/x></iframe>|<script>|</script>|<textarea>|</textarea>|<o:p>|</o:p>|<sup>2</sup>|<code>x</code>|`+
		`e|\u0301|\u200b|\n| |&nbsp;|&amp;|&lt;b&gt;|:|.|./.|…/.|.../.|Hoài Thu|PV|Tin, ảnh: Lan Hương|Nguồn: TTXVN|(Theo TTXVN)|`+
		`Theo Báo Mẫu|Ảnh: Minh|Ảnh minh họa|Tin liên quan|Chia sẻ|Xem thêm:|Trời đẹp.|một hai ba bốn|`+
		`Câu này dài hơn sáu mươi chữ cái để có thể là phần mở đầu của một bài báo thật.`, "|")
	n, base := newNormalizer(t), baseURL(t)
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		var in strings.Builder
		for range 1 + random.IntN(25) {
			in.WriteString(parts[random.IntN(len(parts))])
		}
		checkBody(t, n, base, n.ReadBody(in.String(), base))
		if t.Failed() {
			t.Fatalf("the body was %q", in.String())
		}
	}
}

func FuzzReadBody(f *testing.F) {
	f.Add(`<p>a<br>b</p><ul><li>c<table><tr><td><img src=/x.jpg>d</table>`)
	f.Add(`<a href="java	script:x">a</a><img src=x onerror=y><svg><script>z</script>`)
	f.Add(twoParagraphs + `<figure><img src=/1.jpg><figcaption>x</figcaption></figure><p>Ảnh: A</p><p>Hoài Thu</p>`)
	f.Add("Dòng\n<b>x<p>y</b>z ./. <br><br>")
	f.Add(`<blockquote><table><tr><td>a<td>b<tr><td>c</table></blockquote><h2><i>x</i></h2>`)
	n, base := newNormalizer(f), baseURL(f)
	f.Fuzz(func(t *testing.T, in string) {
		checkBody(t, n, base, n.ReadBody(in, base))
	})
}

// TestRelativePictures keeps the captions of pictures that nothing says the host
// of, and lets no address through that could lead elsewhere than to a host yet
// to be known.
func TestRelativePictures(t *testing.T) {
	n := newNormalizer(t)
	for src, want := range map[string]string{
		"/anh/a.jpg":                     "/anh/a.jpg",
		"anh/a.jpg?w=600":                "anh/a.jpg?w=600",
		"../anh/a b.jpg":                 "../anh/a%20b.jpg",
		" /anh/\ta.jpg ":                 "/anh/a.jpg",
		"//anh.example/a.jpg":            "https://anh.example/a.jpg",
		"https://e.vn/a.jpg":             "https://e.vn/a.jpg",
		"javascript:alert(1)":            "",
		"java\nscript:alert(1)":          "",
		"data:image/gif;base64,R0lGODlh": "",
		`\\anh.example\a.jpg`:            "",
		`/\anh.example/a.jpg`:            "",
		"///anh.example/a.jpg":           "",
		"#a":                             "",
	} {
		got := n.ReadBody(`<p align="center"><img src="`+src+`"></p><p align="center"><em>Chú thích của ảnh</em></p>`+twoParagraphs, nil)
		if want == "" {
			if len(got.Images) > 0 || strings.Contains(got.HTML, "img") {
				t.Errorf("%q is a picture: %s", src, got.HTML)
			}
			continue
		}
		wantImages := []article.Image{{URL: want, Caption: "Chú thích của ảnh"}}
		if diff := cmp.Diff(wantImages, got.Images); diff != "" {
			t.Errorf("%q (-want +got):\n%s", src, diff)
		}
		if strings.Contains(got.Text, "Chú thích") || !strings.Contains(got.HTML, `<img src="`+want+`"`) {
			t.Errorf("%q: body %s", src, got.HTML)
		}
		if again := n.ReadBody(got.HTML, nil); again.HTML != got.HTML {
			t.Errorf("cleaning again changed the body\n got %s\nwant %s", again.HTML, got.HTML)
		}
	}
}

// checkBody checks what always holds of a body.
func checkBody(t *testing.T, n *normalizer.Normalizer, base *url.URL, got normalizer.Body) {
	t.Helper()
	if !utf8.ValidString(got.HTML) || !utf8.ValidString(got.Text) {
		t.Errorf("not UTF-8: %q", got.HTML)
	}
	checkSafe(t, got.HTML)
	again := n.ReadBody(got.HTML, base)
	if again.HTML != got.HTML {
		t.Errorf("cleaning again changed the body\n got %q\nwant %q", cut(again.HTML), cut(got.HTML))
	}
	if again.Author != "" || again.Lead != "" || again.Origin != "" {
		t.Errorf("cleaning again found author %q, lead %q, origin %q", again.Author, again.Lead, again.Origin)
	}
	for _, image := range got.Images {
		if !strings.HasPrefix(image.URL, "http://") && !strings.HasPrefix(image.URL, "https://") {
			t.Errorf("image %q is not on the web", image.URL)
		}
	}
}

func cut(s string) string {
	const enough = 2000
	return s[:min(len(s), enough)]
}

// checkSafe walks the HTML with a parser that shares nothing with the cleaner's
// list and reports what could run.
func checkSafe(t *testing.T, text string) {
	t.Helper()
	z := html.NewTokenizer(bytes.NewReader([]byte(text)))
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			return
		}
		token := z.Token()
		if kind == html.CommentToken || kind == html.DoctypeToken {
			t.Errorf("%s in %q", kind, cut(text))
		}
		if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
			continue
		}
		switch token.Data {
		case "script", "style", "iframe", "object", "embed", "form", "input", "svg", "math", "link", "meta", "base", "template":
			t.Errorf("element %q in %q", token.Data, cut(text))
		}
		for _, attribute := range token.Attr {
			checkAttribute(t, attribute)
		}
	}
}

func checkAttribute(t *testing.T, attribute html.Attribute) {
	t.Helper()
	switch attribute.Key {
	case "href", "src":
		u, err := url.Parse(attribute.Val)
		if err != nil {
			t.Errorf("%s=%q: %v", attribute.Key, attribute.Val, err)
			return
		}
		if u.Scheme != "http" && u.Scheme != "https" && u.Scheme != "mailto" {
			t.Errorf("%s=%q", attribute.Key, attribute.Val)
		}
	case "alt", "colspan", "rowspan":
	default:
		t.Errorf("attribute %s=%q", attribute.Key, attribute.Val)
	}
}

func TestChrome(t *testing.T) {
	n := newNormalizer(t)
	for _, line := range []string{
		"PublishingPortal - Block_BanTin_Toolbar", "\u00a0PublishingPortal - Block_BanTin_ViewData",
		"Tăng cỡ chữ Giảm cỡ chữ", "A- A A+", "Xem tiếp...", "1.204 lượt xem", "Lượt xem: 38", "Đọc nhiều",
		"Tổng số điểm của bài viết là: 5 trong 1 đánh giá", "Trang chủ > Tin tức > Kinh tế", "Comment (0)", "TỪ KHOÁ:",
	} {
		if got := n.ReadBody("<p>Chữ của bài.</p><p>"+line+"</p><p>Chữ sau.</p>", nil).Text; got != "Chữ của bài.\nChữ sau." {
			t.Errorf("%q was not taken for a portal's line: %q", line, got)
		}
	}
	for _, line := range []string{"Chia sẻ với bà con vùng lũ", "Trong ngày đã có 1.204 lượt xem", "Quay lại sau mười năm"} {
		if got := n.ReadBody("<p>"+line+"</p><p>Chữ sau.</p>", nil).Text; got != line+"\nChữ sau." {
			t.Errorf("%q was taken for a portal's line: %q", line, got)
		}
	}
}

func TestIsLossy(t *testing.T) {
	cases := []struct {
		text string
		want bool
	}{
		{"H?i ngh? s? k?t công tác d?u nam", true},
		{"Ð?i bi?u d? h?p d?y d?", true},
		{"Giá chè có tăng không? Nông dân nói có.", false},
		{"Ai thắng?Ai thua? Trận đấu tối nay sẽ cho biết đội nào vào chung kết của giải.", false},
		{"Xem https://mau.example/tin?id=1&x=?a và https://mau.example/b?c=2", false},
		{"", false},
	}
	for _, c := range cases {
		if got := normalizer.IsLossy(c.text); got != c.want {
			t.Errorf("IsLossy(%q) = %v, want %v", c.text, got, c.want)
		}
	}
}

// benchmarkFragment is an item of 2.5 KB in the layout of a provincial paper.
func benchmarkFragment() string {
	sentence := "Những tháng đầu năm, huyện đã giao đất cho ba doanh nghiệp làm nhà xưởng và đường vào cụm công nghiệp. "
	return `<p><strong>` + sentence + `</strong></p><figure><img src="/a.jpg" alt="Nhà xưởng" width="800" height="533"/>` +
		`<figcaption>Nhà xưởng mới. Ảnh: Hoài Thu</figcaption></figure>` +
		strings.Repeat(`<p style="text-align: justify;">`+strings.Repeat(sentence, 3)+`</p>`, 5) +
		`<p>Xem thêm: <a href="/tin-3.html">Đường mới qua xã</a></p><p><em>Hoài Thu</em></p>`
}

func BenchmarkReadBody(b *testing.B) {
	n, base, in := newNormalizer(b), baseURL(b), benchmarkFragment()
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		if n.ReadBody(in, base).Author == "" {
			b.Fatal("no author")
		}
	}
}

// Sentences of the news may speak of what portals ask of their readers.
func TestNewsIsNoChrome(t *testing.T) {
	n := newNormalizer(t)
	for _, line := range []string{
		"Hãy cẩn thận với các cuộc gọi mạo danh qua Zalo, Facebook.",
		"Theo dõi tài khoản facebook của người bán, công an xã tìm ra kho hàng giả.",
		"Quan tâm đến con, chị Mẫu mới biết cháu bị trêu chọc trên Facebook.",
		"Trình duyệt không hỗ trợ tiện ích này nữa, hãng cho biết hôm 5/3.",
	} {
		before, after := "Sáng nay, xã Mẫu họp dân ở nhà văn hóa.", "Chiều cùng ngày, cuộc họp kết thúc."
		got := n.ReadBody("<p>"+before+"</p><p>"+line+"</p><p>"+after+"</p>", nil)
		if want := before + "\n" + line + "\n" + after; got.Text != want {
			t.Errorf("got %q, want %q", got.Text, want)
		}
	}
	for _, line := range []string{
		"Mời bạn đọc theo dõi Báo Mẫu trên Zalo và Google News",
		"Mời quý độc giả theo dõi kênh chính thức của Báo Mẫu trên Facebook",
		"Trình duyệt của bạn không hỗ trợ phát video.",
	} {
		if got := n.ReadBody("<p>Sáng nay, xã Mẫu họp dân ở nhà văn hóa.</p><p>"+line+"</p>", nil); strings.Contains(got.Text, line) {
			t.Errorf("kept: %q", got.Text)
		}
	}
}
