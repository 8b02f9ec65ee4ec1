package normalizer_test

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"

	vietnameseText "bantin/internal/vietnamese"
	"bantin/normalizer"
)

const vietnamese = "<p>Xã vùng cao đã trồng được 80,3 ha quế; bà con phấn khởi.</p>"

// inWindows1258 writes letters with a tone as two bytes, as Windows does.
func inWindows1258(tb testing.TB, s string) []byte {
	tb.Helper()
	var out []byte
	for _, r := range s {
		encoded, err := charmap.Windows1258.NewEncoder().String(string(r))
		if err != nil {
			encoded = toneApart(tb, r)
		}
		out = append(out, encoded...)
	}
	return out
}

// encodedTwice is what comes of UTF-8 that somebody took for windows-1252.
func encodedTwice(text string) string {
	var out strings.Builder
	for _, c := range []byte(text) {
		r := charmap.Windows1252.DecodeByte(c)
		if r == utf8.RuneError {
			r = rune(c)
		}
		out.WriteRune(r)
	}
	return out.String()
}

func toneApart(tb testing.TB, r rune) string {
	tb.Helper()
	var letter, tone []rune
	for _, part := range norm.NFD.String(string(r)) {
		if strings.ContainsRune("\u0300\u0301\u0303\u0309\u0323", part) {
			tone = append(tone, part)
		} else {
			letter = append(letter, part)
		}
	}
	encoded, err := charmap.Windows1258.NewEncoder().String(norm.NFC.String(string(letter)) + string(tone))
	if err != nil {
		tb.Fatalf("encode %q: %v", r, err)
	}
	return encoded
}

func TestDecodeText(t *testing.T) {
	old := inWindows1258(t, vietnamese)
	french, err := charmap.Windows1252.NewEncoder().String("<p>Été à Huế</p>"[:len("<p>Été à")])
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		body, contentType, want string
		warnings                []string
	}{
		"UTF-8":                    {body: vietnamese, want: vietnamese},
		"UTF-8 with a mark":        {body: "\ufeff" + vietnamese, want: vietnamese},
		"UTF-8 in the header":      {body: vietnamese, contentType: "text/html; charset=UTF-8", want: vietnamese},
		"ASCII, declared anything": {body: "<p>abc</p>", contentType: "text/html; charset=windows-1258", want: "<p>abc</p>"},
		"a false header": {
			body: vietnamese, contentType: "text/xml; charset=ISO-8859-1", want: vietnamese,
			warnings: []string{`declared as "ISO-8859-1", is UTF-8`},
		},
		"windows-1258 in the header": {body: string(old), contentType: "text/html; charset=windows-1258", want: vietnamese},
		"windows-1258 in a meta":     {body: `<meta charset="windows-1258">` + string(old), want: `<meta charset="windows-1258">` + vietnamese},
		"windows-1258 undeclared": {
			body: string(old), want: vietnamese,
			warnings: []string{"no encoding declared, read as windows-1258"},
		},
		"windows-1258 declared as UTF-8": {
			body: string(old), contentType: "text/html; charset=utf-8", want: vietnamese,
			warnings: []string{`declared as "utf-8", read as windows-1258`},
		},
		"windows-1258 declared as UTF-16": {
			body: string(old), contentType: "text/html; charset=utf-16", want: vietnamese,
			warnings: []string{`declared as "utf-16", read as windows-1258`},
		},
		"windows-1258 under a name that does not exist": {
			body: string(old), contentType: "text/html; charset=x-viet", want: vietnamese,
			warnings: []string{`declared as "x-viet", read as windows-1258`},
		},
		"Latin-1": {body: french, contentType: "text/html; charset=iso-8859-1", want: "<p>Été à"},
		"one bad byte": {
			body: vietnamese + "\xff", contentType: "text/html; charset=windows-1258", want: vietnamese,
			warnings: []string{"bytes that are not UTF-8 were replaced: 1"},
		},
		"half a letter": {
			body: vietnamese + "\xc3", contentType: "text/html; charset=windows-1258", want: vietnamese + "\uFFFD",
			warnings: []string{"bytes that are not UTF-8 were replaced: 1"},
		},
		"UTF-16 in the header, no mark": {
			body: "\n\x00<\x00p\x00>\x00\xbf\x1e", contentType: "text/xml; charset=utf-16le", want: "\n<p>\u1ebf",
			warnings: []string{"the text is UTF-16 without a byte order mark"},
		},
		"UTF-32, big end first": {body: "\x00\x00\xfe\xff\x00\x00\x00<\x00\x00\x1e\xbf", want: "<\u1ebf"},
		"encoded twice": {
			body: encodedTwice(vietnamese), want: vietnamese,
			warnings: []string{"the text was encoded as UTF-8 twice; it was mended"},
		},
		"encoded twice, declared as what it was": {
			body: encodedTwice(vietnamese), contentType: "text/html; charset=windows-1252", want: vietnamese,
			warnings: []string{`declared as "windows-1252", is UTF-8`, "the text was encoded as UTF-8 twice; it was mended"},
		},
		"one text of several encoded twice": {
			body:     vietnamese + vietnamese + encodedTwice("<p>“Đường về bản”</p>") + "<p>CHÔ…</p>",
			want:     vietnamese + vietnamese + "<p>“Đường về bản”</p><p>CHÔ…</p>",
			warnings: []string{"the text was encoded as UTF-8 twice; it was mended"},
		},
		"a word about it": {body: vietnamese + "<p>Chữ ế hiện ra là áº¿.</p>", want: vietnamese + "<p>Chữ ế hiện ra là áº¿.</p>"},
		"quotes of windows-1252": {
			body: vietnamese + "<p>Bà con nói: \x93được\x94\x85</p>", want: vietnamese + "<p>Bà con nói: “được”…</p>",
			warnings: []string{"bytes that are not UTF-8 were replaced: 3"},
		},
		"one text in windows-1258": {
			body: vietnamese + string(old) + vietnamese, want: vietnamese + vietnamese + vietnamese,
			warnings: []string{"texts in another encoding than the rest were read: 1"},
		},
		"CESU-8": {
			body: "<p>\xed\xa0\xbd\xed\xb8\x80</p>", want: "<p>😀</p>",
			warnings: []string{"bytes that are not UTF-8 were replaced: 6"},
		},
		"half a surrogate pair": {
			body: vietnamese + "\xed\xa0\xbd", want: vietnamese + "\uFFFD\uFFFD",
			warnings: []string{"bytes that are not UTF-8 were replaced: 3"},
		},
		"a letter cut in two": {
			body: vietnamese + "ế"[:2], want: vietnamese + "\uFFFD",
			warnings: []string{"bytes that are not UTF-8 were replaced: 2"},
		},
		"nothing": {},
	} {
		t.Run(name, func(t *testing.T) {
			got, warnings := normalizer.DecodeText([]byte(test.body), test.contentType)
			if string(got) != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if diff := cmp.Diff(test.warnings, warnings); diff != "" {
				t.Errorf("warnings, -want +got:\n%s", diff)
			}
		})
	}
}

func TestDecodeTextDoesNotCopyUTF8(t *testing.T) {
	body := []byte(vietnamese)
	got, _ := normalizer.DecodeText(body, "text/html")
	if &got[0] != &body[0] {
		t.Error("the text was copied")
	}
}

func FuzzDecodeText(f *testing.F) {
	for _, name := range feedFiles(f) {
		body, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body[:min(len(body), 600)], "text/xml; charset=windows-1258")
	}
	f.Add(inWindows1258(f, vietnamese), "")
	f.Fuzz(func(t *testing.T, body []byte, contentType string) {
		before := bytes.Clone(body)
		text, _ := normalizer.DecodeText(body, contentType)
		if !utf8.Valid(text) {
			t.Errorf("not UTF-8: %q", text)
		}
		if !bytes.Equal(before, body) {
			t.Error("the body was changed")
		}
		if again, _ := normalizer.DecodeText(text, ""); !bytes.Equal(again, text) && !normalizer.LooksEncoded(text) {
			t.Errorf("%q became %q when it was decoded again", text, again)
		}
		tidied := normalizer.TidyJSON(text)
		if again := normalizer.TidyJSON(tidied); !bytes.Equal(again, tidied) {
			t.Errorf("%q became %q when it was tidied again", tidied, again)
		}
		legal := normalizer.DropIllegal(text)
		if !utf8.Valid(legal) {
			t.Errorf("not UTF-8: %q", legal)
		}
		if line := vietnameseText.Clean(string(legal)); !norm.NFC.IsNormalString(line) {
			t.Errorf("not NFC: %q", line)
		}
	})
}
