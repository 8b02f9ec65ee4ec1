package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bantin/config"
	"bantin/normalizer"
)

// pasted loads a piece of YAML that a command printed, below a minimal site.
func pasted(t *testing.T, yaml string) []config.Source {
	t.Helper()
	text := "site: {title: Bản tin, url: https://bantin.example/}\n" + yaml
	cfg, err := config.Parse("pasted", []byte(text), config.Known{CheckSelector: normalizer.CheckSelector})
	if err != nil {
		t.Fatalf("the YAML does not load: %v\n%s", err, yaml)
	}
	return cfg.Sources
}

// addresses are the sources by id: name, address.
func addresses(sources []config.Source) map[string][2]string {
	got := map[string][2]string{}
	for _, src := range sources {
		got[src.ID] = [2]string{src.Name, src.URL()}
	}
	return got
}

func importText(t *testing.T, opml string) (stdout, stderr string, err error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "feeds.opml")
	if err := os.WriteFile(file, []byte(opml), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, errs strings.Builder
	err = run(t.Context(), []string{"import", file}, os.Getenv, &out, &errs)
	return out.String(), errs.String(), err
}

func TestImport(t *testing.T) {
	out, warnings, err := importText(t, `<?xml version="1.0" encoding="ISO-8859-1"?>
<opml version="1.1"><head><title>Báo của tôi</title></head><body>
<outline text="Báo tỉnh"><outline text="Miền núi &amp; trung du">
  <outline type="rss" text="Báo Thái Nguyên" xmlUrl="https://bao.example/rss?a=1&b=2" htmlUrl="https://bao.example/"/>
  <outline type="rss" text="Báo Thái Nguyên" xmlUrl="https://bao-2.example/rss"/>
</outline></outline>
<outline type="rss" text="Trùng" xmlUrl="http://www.bao.example/rss?a=1&amp;b=2"/>
<outline type="rss" text="true" xmlUrl="feed://dung.example/rss"/>
<outline type="rss" text="2026" xmlUrl="feed:https://so.example/rss"/>
<outline type="rss" title="Tin: &quot;nóng&quot; # 1 \ &#x1F4F0;" xmlUrl="https://nong.example/rss"/>
<outline type="rss" text="" xmlUrl="https://www.khong-ten.example/rss"/>
<outline type="rss" text="日報" xmlUrl="https://nhat.example/rss"/>
<outline type="link" text="Cổng tỉnh" url="https://cong.example/tin"/>
<outline type="rss" text="Kịch bản" xmlUrl="javascript:alert(1)"/>
<outline type="rss" text="Tệp" xmlUrl="file:///etc/passwd"/>
<outline type="rss" text="Có mật khẩu" xmlUrl="https://ai:mat-khau@bao.example/rss2"/>
<outline type="rss" text="Không có địa chỉ"/>
<outline type="include" text="Nơi khác" url="https://khac.example/feeds.opml"/>
</body></opml>`)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][2]string{
		"bao-thai-nguyen":   {"Báo Thái Nguyên", "https://bao.example/rss?a=1&b=2"},
		"bao-thai-nguyen-2": {"Báo Thái Nguyên", "https://bao-2.example/rss"},
		"true":              {"true", "http://dung.example/rss"},
		"2026":              {"2026", "https://so.example/rss"},
		"tin-nong-1":        {"Tin: \"nóng\" # 1 \\ 📰", "https://nong.example/rss"},
		"khong-ten-example": {"khong-ten.example", "https://www.khong-ten.example/rss"},
		"nhat-example":      {"日報", "https://nhat.example/rss"},
		"cong-tinh":         {"Cổng tỉnh", "https://cong.example/tin"},
	}
	sources := pasted(t, out)
	if diff := cmp.Diff(addresses(sources), want); diff != "" {
		t.Errorf("sources (-got +want):\n%s", diff)
	}
	if !strings.Contains(out, "# Báo tỉnh / Miền núi & trung du\n") {
		t.Errorf("the folder is not in a comment: %s", out)
	}
	for _, src := range sources {
		if (src.ID == "cong-tinh") != (src.PageURL != "") || src.Province != "" {
			t.Errorf("%s: page %q, province %q", src.ID, src.PageURL, src.Province)
		}
	}
	for _, want := range []string{`"Trùng" has the address of bao-thai-nguyen`, `"Kịch bản" is left out`, `"Tệp" is left out`, `"Có mật khẩu" is left out`, "line 17: an outline without", "not followed"} {
		if !strings.Contains(warnings, want) {
			t.Errorf("the warnings lack %q:\n%s", want, warnings)
		}
	}
	if strings.Contains(out+warnings, "mat-khau") {
		t.Error("a password was printed")
	}
}

func TestImportRefuses(t *testing.T) {
	const start = `<opml version="2.0"><body>`
	for name, opml := range map[string]string{
		"billion laughs":  `<!DOCTYPE opml [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>` + start + `<outline text="&b;" xmlUrl="https://bao.example/"/></body></opml>`,
		"external entity": `<!DOCTYPE opml [<!ENTITY a SYSTEM "file:///etc/passwd">]>` + start + `<outline text="&a;" xmlUrl="https://bao.example/"/></body></opml>`,
		"too deep":        start + strings.Repeat(`<outline text="a">`, 10_000) + strings.Repeat(`</outline>`, 10_000) + `</body></opml>`,
		"too many":        start + strings.Repeat(`<outline/>`, 100_001) + `</body></opml>`,
		"too big":         start + strings.Repeat(" ", 10<<20) + `</body></opml>`,
		"not OPML":        rss(feedItem),
		"cut off":         start + `<outline xmlUrl="https://bao.example/"/>`,
		"nothing in it":   start + `<outline text="Thư mục"/></body></opml>`,
		"empty":           "",
	} {
		t.Run(name, func(t *testing.T) {
			if out, _, err := importText(t, opml); err == nil || out != "" {
				t.Errorf("got %v and %.100q, want an error and no YAML", err, out)
			}
		})
	}
	if _, err := call(t, "import", filepath.Join(t.TempDir(), "none.opml")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}

// TestImportIDs: whatever a list says, each source has an id of its own.
func TestImportIDs(t *testing.T) {
	var b strings.Builder
	b.WriteString(`<opml version="2.0"><body>`)
	long := strings.Repeat("Báo điện tử ", 30)
	for i, title := range []string{"a", "a-2", "a", "a", "A 2", long, long, "---", strings.Repeat("x", 200), strings.Repeat("x", 300)} {
		b.WriteString(`<outline text="` + title + `" xmlUrl="https://bao` + string(rune('a'+i)) + `.example/rss"/>`)
	}
	b.WriteString(`</body></opml>`)
	out, _, err := importText(t, b.String())
	if err != nil {
		t.Fatal(err)
	}
	if got := pasted(t, out); len(got) != 10 {
		t.Errorf("got %d sources, want 10", len(got))
	}
}

// TestExportThenImport: the sources come back with their names and addresses.
func TestExportThenImport(t *testing.T) {
	const yaml = `sources:
  - {id: bao, name: "Báo \"Mẫu\" & <em>", feed: "https://bao.example/rss?a=1&b=2"}
  - {id: cong, name: Cổng Mẫu, page: "https://cong.example/tin", items: .tin a}
`
	file := filepath.Join(t.TempDir(), "bantin.yaml")
	if err := os.WriteFile(file, []byte("site: {title: Bản tin, url: https://bantin.example/}\n"+yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	exported, err := call(t, "-c", file, "export")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`<opml version="2.0">`, "<title>Bản tin</title>", `type="rss"`, `type="link"`} {
		if !strings.Contains(exported, want) {
			t.Errorf("the OPML lacks %s: %s", want, exported)
		}
	}
	out, _, err := importText(t, exported)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][2]string{
		"bao-mau-em": {`Báo "Mẫu" & <em>`, "https://bao.example/rss?a=1&b=2"},
		"cong-mau":   {"Cổng Mẫu", "https://cong.example/tin"},
	}
	if diff := cmp.Diff(addresses(pasted(t, out)), want); diff != "" {
		t.Errorf("sources (-got +want):\n%s", diff)
	}
}
