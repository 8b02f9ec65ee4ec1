package opml_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"bantin/internal/opml"
)

const list = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE opml>
<opml version="2.0">
<head><title>Danh sách &amp; nguồn</title><ownerName>Lan</ownerName></head>
<body>
<outline text="Báo">
  <outline text="Miền núi" title="Miền núi">
    <outline type="rss" text="Tên ngắn" title="Báo Mẫu" xmlUrl=" https://bao.example/rss?a=1&b=2 " htmlUrl="https://bao.example/" language="vi" version="RSS2"/>
  </outline>
  <outline TEXT="Báo hai &nbsp; &eacute; &lạ;" xmlurl='https://bao-2.example/rss' category="/a/b"></outline>
</outline>
<outline type="LINK" text="Cổng" url="https://cong.example/tin"/>
<outline type="atom" text="Atom" xmlUrl="https://atom.example/"/>
<outline type="rss" text="Chưa có"/>
<outline text="Trang nhà" htmlUrl="https://nha.example/"/>
<outline type="include" text="Khác" url="https://khac.example/a.xml"/>
<outline type="link" text="Khác" url="https://khac.example/a.OPML"/>
</body></opml>`

func TestParse(t *testing.T) {
	got, warnings, err := opml.Parse(strings.NewReader("\ufeff" + list))
	if err != nil {
		t.Fatal(err)
	}
	want := opml.Document{Title: "Danh sách & nguồn", Outlines: []opml.Outline{
		{Type: opml.RSS, Title: "Báo Mẫu", FeedURL: "https://bao.example/rss?a=1&b=2", PageURL: "https://bao.example/", Language: "vi", Version: "RSS2", Folder: "Báo / Miền núi", Line: 8},
		{Type: opml.RSS, Title: "Báo hai \u00a0 é &lạ;", FeedURL: "https://bao-2.example/rss", Folder: "Báo", Line: 10},
		{Type: opml.Link, Title: "Cổng", PageURL: "https://cong.example/tin", Line: 12},
		{Type: opml.RSS, Title: "Atom", FeedURL: "https://atom.example/", Line: 13},
	}}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("document (-got +want):\n%s", diff)
	}
	const none, other = "an outline without the address of a feed is left out", "another list of subscriptions is not followed"
	if diff := cmp.Diff(warnings, []string{"line 14: " + none, "line 15: " + none, "line 16: " + other, "line 17: " + other}); diff != "" {
		t.Errorf("warnings (-got +want):\n%s", diff)
	}
}

// TestFalseDeclaration: what is UTF-8 is read as UTF-8.
func TestFalseDeclaration(t *testing.T) {
	text := `<?xml version="1.0" encoding="windows-1258"?><opml><body><outline text="Báo Cạn" xmlUrl="https://bao.example/"/></body></opml>`
	got, _, err := opml.Parse(strings.NewReader(text))
	if err != nil || len(got.Outlines) != 1 || got.Outlines[0].Title != "Báo Cạn" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestRefused(t *testing.T) {
	const start, end = `<opml version="2.0"><body>`, `</body></opml>`
	errBroken := errors.New("the disk is gone")
	tests := map[string]struct {
		in   io.Reader
		want error
		text string
	}{
		"billion laughs": {strings.NewReader(`<!DOCTYPE opml [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>` + start + end), opml.ErrHostile, "line 1: refused: it declares entities"},
		"small letters":  {strings.NewReader("<!doctype opml [\n<!entity % a SYSTEM 'file:///etc/passwd'> %a;]>" + start + end), opml.ErrHostile, "line 2: refused: it declares entities"},
		"deep":           {strings.NewReader(start + strings.Repeat("<outline>", 1<<20)), opml.ErrHostile, "line 1: refused: nested more than 32 levels deep"},
		"deep, others":   {strings.NewReader("<opml>" + strings.Repeat("<a>", 1<<20)), opml.ErrHostile, "line 1: refused: nested more than 32 levels deep"},
		"many":           {strings.NewReader(start + strings.Repeat("<outline/>\n", 100_001) + end), opml.ErrHostile, "line 100001: refused: more than 100000 outlines"},
		"big":            {strings.NewReader(strings.Repeat(" ", 10<<20+1)), opml.ErrHostile, "refused: larger than 10485760 bytes"},
		"endless":        {endless{}, opml.ErrHostile, "refused: larger than 10485760 bytes"},
		"not UTF-8":      {strings.NewReader("<opml>\xe1</opml>"), opml.ErrNotOPML, "not OPML: not UTF-8; save the file as UTF-8"},
		"a feed":         {strings.NewReader("<rss><channel/></rss>"), opml.ErrNotOPML, "line 1: not OPML: its root element is rss"},
		"nothing":        {strings.NewReader(""), opml.ErrNotOPML, "not OPML: no opml element"},
		"text":           {strings.NewReader("tin"), opml.ErrNotOPML, "not OPML: no opml element"},
		"cut off":        {strings.NewReader(start + "\n<outline text='a'>"), opml.ErrNotOPML, "not OPML: XML syntax error on line 2: unexpected EOF"},
		"unreadable":     {iotest.ErrReader(errBroken), errBroken, "read OPML: the disk is gone"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, _, err := opml.Parse(test.in)
			if !errors.Is(err, test.want) || err.Error() != test.text {
				t.Errorf("got %v, want %s", err, test.text)
			}
			if diff := cmp.Diff(got, opml.Document{}); diff != "" {
				t.Errorf("a document beside an error: %s", diff)
			}
		})
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return copy(p, "<!-- -->"), nil }

// TestLimitsAreNotTooTight: a list as large as it may be is read.
func TestLimitsAreNotTooTight(t *testing.T) {
	long := strings.Repeat("Thư mục dài ", 50)
	var b strings.Builder
	b.WriteString("<opml><body>" + strings.Repeat(`<outline text="`+long+`">`, 29))
	for i := range 99_971 {
		fmt.Fprintf(&b, `<outline xmlUrl="https://b%d.example/"/>`, i)
	}
	b.WriteString(strings.Repeat("</outline>", 29) + "</body></opml>")
	got, _, err := opml.Parse(strings.NewReader(b.String()))
	if err != nil || len(got.Outlines) != 99_971 {
		t.Fatalf("got %d outlines, %v", len(got.Outlines), err)
	}
	if folder := got.Outlines[0].Folder; len(folder) > 200 || !strings.HasPrefix(folder, long[:100]) {
		t.Errorf("got the folder %q", folder)
	}
}

func TestWarningsEnd(t *testing.T) {
	_, warnings, err := opml.Parse(strings.NewReader("<opml><body>" + strings.Repeat(`<outline type="rss"/>`, 5000) + "</body></opml>"))
	if err != nil || len(warnings) != 101 || warnings[100] != "and 4900 more" {
		t.Errorf("got %d warnings, %v", len(warnings), err)
	}
}

func TestWrite(t *testing.T) {
	var b strings.Builder
	document := opml.Document{Title: "Nguồn", Outlines: []opml.Outline{
		{Type: opml.RSS, Title: `Báo "Mẫu" <&>`, FeedURL: "https://bao.example/rss?a=1&b=2", PageURL: "https://bao.example/", Language: "vi", Version: "RSS2"},
		{Type: opml.Link, Title: "Cổng", PageURL: "https://cong.example/tin"},
	}}
	if err := opml.Write(&b, document); err != nil {
		t.Fatal(err)
	}
	const want = `<?xml version="1.0" encoding="UTF-8"?><opml version="2.0">
  <head>
    <title>Nguồn</title>
  </head>
  <body>
    <outline type="rss" text="Báo &#34;Mẫu&#34; &lt;&amp;&gt;" title="Báo &#34;Mẫu&#34; &lt;&amp;&gt;" xmlUrl="https://bao.example/rss?a=1&amp;b=2" htmlUrl="https://bao.example/" language="vi" version="RSS2"></outline>
    <outline type="link" text="Cổng" title="Cổng" url="https://cong.example/tin"></outline>
  </body>
</opml>`
	if diff := cmp.Diff(b.String(), want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	if err := opml.Write(brokenWriter{}, document); err == nil {
		t.Error("no error of a writer that fails")
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

// FuzzParse: whatever the bytes are, what comes out can be written and read again.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{list, "<opml>", "<opml></outline>", "<opml><body><outline><a></outline></b></body>", "<!DOCTYPE a [<!ENTITY", ""} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, _, err := opml.Parse(strings.NewReader(string(data)))
		if err != nil {
			return
		}
		var b strings.Builder
		if err := opml.Write(&b, got); err != nil {
			t.Fatal(err)
		}
		again, _, err := opml.Parse(strings.NewReader(b.String()))
		if err != nil {
			t.Fatalf("%v: %s", err, b.String())
		}
		if len(again.Outlines) != len(got.Outlines) {
			t.Errorf("%d outlines became %d:\n%s", len(got.Outlines), len(again.Outlines), b.String())
		}
		ignored := cmpopts.IgnoreFields(opml.Outline{}, "Folder", "Line")
		if diff := cmp.Diff(got.Outlines, again.Outlines, ignored, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("written and read again (-got +again):\n%s", diff)
		}
	})
}
