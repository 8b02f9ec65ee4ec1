package robots_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bantin/fetcher"
	"bantin/internal/robots"
)

func TestGroups(t *testing.T) {
	const simple = `# As the first example of RFC 9309 §5.1.
User-Agent: *
Disallow: *.gif$
Disallow: /mau/
Allow: /xuat-ban/

User-Agent: tin-khac
Disallow:/
Allow:/mau/trang.html
Allow:/mau/duoc.gif

User-Agent: bot-mot
User-Agent: bantin
Disallow: /mau/trang.html

User-Agent: bot-cuoi
`
	tests := []struct {
		name, agent, file, path string
		allowed, named          bool
	}{
		{"no group at all", "Bantin", "", "/", true, false},
		{"everyone's group", "Khac", simple, "/mau/x", false, false},
		{"everyone's group, allowed", "Khac", simple, "/xuat-ban/x", true, false},
		{"everyone's group, ending", "Khac", simple, "/anh/hoa.gif", false, false},
		{"everyone's group, past the ending", "Khac", simple, "/anh/hoa.gif?x=1", true, false},
		{"longest rule of a group", "Tin-Khac", simple, "/mau/trang.html", true, true},
		{"shorter rule of a group", "TIN-KHAC", simple, "/mau/khac.html", false, true},
		{"second name of a group", "Bantin", simple, "/mau/trang.html", false, true},
		{"a named agent leaves everyone's group alone", "Bantin", simple, "/mau/x.gif", true, true},
		{"a group without rules allows all", "Bot-cuoi", simple, "/mau/x.gif", true, true},

		{"the name in any case", "Bantin", "user-AGENT: BANTIN\ndisALLOW: /", "/a", false, true},
		{"the name with a version", "Bantin", "User-agent: Bantin/2.1 (x)\nDisallow: /", "/a", false, true},
		{"our version", "Bantin/1.0 (+https://x.example)", "User-agent: Bantin\nDisallow: /", "/a", false, true},
		{"a longer name is another agent", "Bantin", "User-agent: Bantin-Anh\nDisallow: /", "/a", true, false},
		{"a shorter name is another agent", "Bantin", "User-agent: Ban\nDisallow: /", "/a", true, false},
		{"groups of one agent are one", "Bantin", "User-agent: bantin\nDisallow: /a\n\nUser-agent: x\nDisallow: /\n\nUser-agent: bantin\nDisallow: /b", "/a", false, true},
		{"groups of one agent are one, the later", "Bantin", "User-agent: bantin\nDisallow: /a\n\nUser-agent: x\nDisallow: /\n\nUser-agent: bantin\nDisallow: /b", "/b", false, true},
		{"groups for everyone are one", "Bantin", "User-agent: *\nDisallow: /a\n\nUser-agent: x\nDisallow: /\n\nUser-agent: *\nDisallow: /b", "/a", false, false},
		{"the order of groups says nothing", "Bantin", "User-agent: *\nDisallow: /\n\nUser-agent: bantin\nAllow: /", "/a", true, true},
		{"an empty disallow ends the names", "Bantin", "User-agent: bantin\nDisallow:\n\nUser-agent: *\nDisallow: /", "/a", true, true},
		{"one group for us and everyone", "Bantin", "User-agent: *\nUser-agent: bantin\nDisallow: /", "/a", false, true},
		{"a sitemap between names", "Bantin", "User-agent: bantin\nSitemap: https://bao.example/s.xml\nUser-agent: x\nDisallow: /", "/a", false, true},
		{"a sitemap between rules", "Bantin", "User-agent: bantin\nDisallow: /b\nSitemap: https://bao.example/s.xml\nDisallow: /a", "/a", false, true},
		{"a crawl delay leaves the names open", "Bantin", "User-agent: bantin\nCrawl-delay: 1\n\nUser-agent: x\nDisallow: /a", "/a", false, true},
		{"blank lines say nothing", "Bantin", "User-agent: bantin\n\n\nDisallow: /a\n\n\nDisallow: /b", "/b", false, true},
		{"a rule before any group", "Bantin", "Disallow: /a\nUser-agent: *\nDisallow: /b", "/a", true, false},
		{"a broken line spoils no other", "Bantin", "User-agent: *\nCrawl-delay: ten\nnonsense\n:\nDisallow: /a", "/a", false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newScript()
			s.file(tt.file)
			got := ask(t, robots.New(robots.Options{Fetcher: s, Agent: tt.agent, Now: s.clock}), "https://bao.example"+tt.path)
			if got.Allowed != tt.allowed || got.Named != tt.named {
				t.Errorf("allowed %t, named %t; want %t, %t (%s)", got.Allowed, got.Named, tt.allowed, tt.named, got.Reason)
			}
		})
	}
}

func TestLines(t *testing.T) {
	tests := []struct {
		name, file string
		allowed    bool // /tin/a
	}{
		{"as usual", "User-agent: *\nDisallow: /tin/\n", false},
		{"CRLF", "User-agent: *\r\nDisallow: /tin/\r\n", false},
		{"CR alone", "User-agent: *\rDisallow: /tin/\r", false},
		{"no last line end", "User-agent: *\nDisallow: /tin/", false},
		{"byte order mark", "\ufeffUser-agent: *\nDisallow: /tin/\n", false},
		{"blanks", " \tUser-agent :\t* \n  Disallow :   /tin/ \t\n", false},
		{"comments", "# a\nUser-agent: * # all\nDisallow: /tin/# news\n#Allow: /tin/a\n", false},
		{"a comment that holds a rule", "User-agent: *\n# Disallow: /tin/\n", true},
		{"NUL and invalid UTF-8", "\x00\xff\xfe\nUser-agent: *\n\xff: x\nDisallow: /tin/\n", false},
		{"no colon", "User-agent: *\nDisallow /tin/\n", true},
		{"an HTML page", "<!DOCTYPE html>\n<pre>\nUser-agent: *\nDisallow: /\n</pre>", true},
		{"an HTML page after blanks", "\ufeff \r\n <html>\nUser-agent: *\nDisallow: /\n</html>", true},
		{"rules within 500 KiB", strings.Repeat("#\n", 255_000) + "User-agent: *\nDisallow: /tin/\n", false},
		{"a rule that the limit cuts is no rule", fill("User-agent: *\nDisallow: /t", 500<<10) + "hoi-tiet/\n", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := askFile(t, tt.file, "/tin/a"); got.Allowed != tt.allowed {
				t.Errorf("allowed %t, want %t (%s)", got.Allowed, tt.allowed, got.Reason)
			}
		})
	}
}

// fill puts comment lines before text until both have n bytes.
func fill(text string, n int) string {
	return strings.Repeat("#\n", (n-len(text))/2) + strings.Repeat("\n", (n-len(text))%2) + text
}

func TestPrecedence(t *testing.T) {
	tests := []struct {
		name, rules, path string
		allowed           bool
	}{
		{"no rule matches", "Disallow: /b", "/a", true},
		{"the longer forbids", "Allow: /tin/\nDisallow: /tin/anh.gif", "/tin/anh.gif", false},
		{"the longer allows", "Disallow: /tin/\nAllow: /tin/anh.gif", "/tin/anh.gif", true},
		{"the order says nothing", "Allow: /tin/anh.gif\nDisallow: /tin/", "/tin/anh.gif", true},
		{"between equals the allowing", "Disallow: /tin\nAllow: /tin", "/tin", true},
		{"between equals the allowing, in any order", "Allow: /tin\nDisallow: /tin", "/tin", true},
		{"between equally long the allowing", "Disallow: /*n\nAllow: /ti", "/tin", true},
		{"wildcards count as octets", "Allow: /tran\nDisallow: /*.htm", "/trang.htm", false},
		{"a dot is one octet", "Disallow: /*.htm\nAllow: /trangx.h", "/trangx.htm", true},
		{"octets, not letters", "Allow: /đăk\nDisallow: /*lăkk", "/đăk/lăkk", true},
		{"an empty rule is none", "Disallow: /\nAllow:", "/a", false},
		{"robots.txt itself", "Disallow: /", "/robots.txt", true},
		{"robots.txt with a query is a page", "Disallow: /", "/robots.txt?a", false},
		{"case counts", "Disallow: /Tin", "/tin", true},
		{"from the first octet", "Disallow: /in", "/tin/in", true},
		{"a rule without a slash never matches", "Disallow: tin", "/tin", true},
		{"the front page", "Disallow: /$", "", false},
		{"the front page alone", "Disallow: /$", "/tin", true},
		{"the front page with a query", "Disallow: /?", "?x=1", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := askFile(t, "User-agent: *\n"+tt.rules, tt.path); got.Allowed != tt.allowed {
				t.Errorf("allowed %t, want %t (%s)", got.Allowed, tt.allowed, got.Reason)
			}
		})
	}
}

// TestEncoding has the table of RFC 9309 §2.2.2, both ways, and what follows
// from it: the path of the rule and the path of the URL are the same or not.
func TestEncoding(t *testing.T) {
	tests := []struct {
		rule, path string
		same       bool
	}{
		{"/foo/bar?baz=quz", "/foo/bar?baz=quz", true},
		{"/foo/bar?baz=https://foo.bar", "/foo/bar?baz=https%3A%2F%2Ffoo.bar", true},
		{"/foo/bar?baz=https%3A%2F%2Ffoo.bar", "/foo/bar?baz=https://foo.bar", true},
		{"/foo/bar/ツ", "/foo/bar/%E3%83%84", true},
		{"/foo/bar/%E3%83%84", "/foo/bar/ツ", true},
		{"/foo/bar/%e3%83%84", "/foo/bar/%E3%83%84", true},
		{"/foo/bar/%62%61%7A", "/foo/bar/baz", true},
		{"/foo/bar/baz", "/foo/bar/%62%61%7A", true},
		{"/tin%2Fmoi", "/tin/moi", false}, // a slash of the path is not one of a name
		{"/tin/moi", "/tin%2Fmoi", false},
		{"/tin?moi", "/tin%3Fmoi", false},
		{"/a%26b", "/a&b", false},
		{"/*?a=1%26b", "/x?a=1&b", false}, // in a query, too, & separates
		{"/*/in", "/tin?ve=%2Fin", true},
		{"/a b", "/a%20b", true},
		{"/*%", "/tin%20moi", true}, // no escape itself: any URL with one
		{"/*%", "/tin", false},
		{"/gia-%24", "/gia-$", true}, // RFC 9309 §2.2.3
		{"/gia-%24", "/gia-", false},
		{"/sao-%2A", "/sao-*", true},
		{"/sao-%2a", "/sao-x", false},
		{"/a$b", "/a$b", true}, // only a last $ is the end
		{"/a$", "/a%24", false},
	}
	for _, tt := range tests {
		t.Run(tt.rule+" "+tt.path, func(t *testing.T) {
			if got := !askFile(t, "User-agent: *\nDisallow: "+tt.rule, tt.path).Allowed; got != tt.same {
				t.Errorf("the same: %t, want %t", got, tt.same)
			}
		})
	}
}

// TestWildcardsMeanWhatARegexpMeans tries every short pattern on every short
// path, against an expression that says the same in another language.
func TestWildcardsMeanWhatARegexpMeans(t *testing.T) {
	paths := words("ab/", 4)
	for _, pattern := range words("ab*$", 4) {
		s := newScript()
		s.file("User-agent: *\nDisallow: /" + pattern)
		rules, want := s.rules(), meaning("/"+pattern)
		for _, path := range paths {
			if got := !ask(t, rules, "https://bao.example/"+path).Allowed; got != want.MatchString("/"+path) {
				t.Errorf("rule /%s matches /%s: %t", pattern, path, got)
			}
		}
	}
}

// words are all words over the letters with at most n of them.
func words(letters string, n int) []string {
	all, last := []string{""}, []string{""}
	for range n {
		var next []string
		for _, word := range last {
			for _, letter := range letters {
				next = append(next, word+string(letter))
			}
		}
		all, last = append(all, next...), next
	}
	return all
}

func meaning(pattern string) *regexp.Regexp {
	path, atEnd := strings.CutSuffix(pattern, "$")
	expression := "^" + strings.ReplaceAll(regexp.QuoteMeta(path), `\*`, `.*`)
	if atEnd {
		expression += "$"
	}
	return regexp.MustCompile(expression)
}

func TestCrawlDelay(t *testing.T) {
	tests := []struct {
		name, file string
		want       time.Duration
	}{
		{"none", "User-agent: *\nDisallow: /x", 0},
		{"seconds", "User-agent: *\nCrawl-delay: 7", 7 * time.Second},
		{"part of a second", "User-agent: *\ncrawl-DELAY: 0.5 # s", 500 * time.Millisecond},
		{"ours before everyone's", "User-agent: *\nCrawl-delay: 7\nAllow: /\nUser-agent: bantin\nCrawl-delay: 2", 2 * time.Second},
		{"ours has none", "User-agent: *\nCrawl-delay: 7\nAllow: /\nUser-agent: bantin\nDisallow: /x", 0},
		{"another agent's", "User-agent: x\nCrawl-delay: 7", 0},
		{"the longest of several", "User-agent: *\nCrawl-delay: 3\nCrawl-delay: 9\nCrawl-delay: 5", 9 * time.Second},
		{"before any group", "Crawl-delay: 3\nUser-agent: *\nAllow: /", 0},
		{"a day", "User-agent: *\nCrawl-delay: 86400", time.Minute},
		{"beyond any number", "User-agent: *\nCrawl-delay: 1e999", time.Minute},
		{"infinite", "User-agent: *\nCrawl-delay: inf", time.Minute},
		{"no number", "User-agent: *\nCrawl-delay: nan", 0},
		{"negative", "User-agent: *\nCrawl-delay: -5", 0},
		{"words", "User-agent: *\nCrawl-delay: mot phut", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := askFile(t, tt.file, "/"); got.CrawlDelay != tt.want {
				t.Errorf("delay %s, want %s", got.CrawlDelay, tt.want)
			}
		})
	}
}

func TestReason(t *testing.T) {
	got := askFile(t, "User-agent: bantin\nCrawl-delay: 2\nDisallow: /nội-bộ/\x07"+strings.Repeat("x", 500), "/n%E1%BB%99i-b%E1%BB%99/%07"+strings.Repeat("x", 500))
	want := robots.Answer{
		Named: true, CrawlDelay: 2 * time.Second,
		Reason: "robots.txt: Disallow: /n%E1%BB%99i-b%E1%BB%99/%07" + strings.Repeat("x", 73) + "…",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// bombs are files of 500 KB, each with a URL, that are hard for a matcher that
// goes back, for one that compiles, or for a parser that counts names twice. A %d
// makes lines differ: rules that are the same are kept once.
func bombs() map[string][2]string {
	long := "/" + strings.Repeat("a", 7900)
	return map[string][2]string{
		"stars in one rule":     {"User-agent: *\nDisallow: /" + repeat("*a"), long},
		"only stars":            {"User-agent: *\nDisallow: /" + repeat("*"), long},
		"stars that miss":       {"User-agent: *\n" + repeat("Disallow: /*a*a*a*a*a*a*b%d\n"), long},
		"short rules that miss": {"User-agent: *\n" + repeat("Allow:*a%d\n"), long},
		"long pieces that miss": {"User-agent: *\n" + repeat("Disallow: *"+strings.Repeat("a", 60)+"%d\n"), long},
		"endings that miss":     {"User-agent: *\n" + repeat("Disallow: /*%da$\n"), long + "b"},
		"names":                 {repeat("User-agent: *\n"), long},
		"names and rules":       {repeat("User-agent: *\nUser-agent: bantin\nAllow: /%d\n"), long},
		"names, then rules":     {strings.Repeat("User-agent: *\n", 18_000) + repeat("Allow: /*%d\n")[:250_000], long},
		"rules of equal length": {"User-agent: *\n" + repeat("Disallow: /"+strings.Repeat("b", 1000)+"%06d\n"), long},
		"escapes":               {"User-agent: *\nDisallow: /" + repeat("%%41"), long},
		"broken escapes":        {"User-agent: *\nDisallow: /" + repeat("%%"), long},
		"octets outside a URI":  {"User-agent: *\nDisallow: /" + repeat("\xff"), long},
		"colons":                {repeat(":\n"), long},
		"crawl delays":          {"User-agent: *\n" + repeat("Crawl-delay: %de300\n"), long},
		"a line without an end": {repeat("x"), long},
		"escapes on both sides": {"User-agent: *\n" + repeat("Disallow: /*%%61*%%62%d\n"), "/" + strings.Repeat("%61", 2600)},
	}
}

// repeat is the line over and over, 500 KB of it, with its number where it says %d.
func repeat(line string) string {
	var b strings.Builder
	numbered := strings.Contains(strings.ReplaceAll(line, "%%", ""), "%")
	for i := 0; b.Len()+len(line) < 500_000; i++ {
		if numbered {
			fmt.Fprintf(&b, line, i)
		} else {
			b.WriteString(strings.ReplaceAll(line, "%%", "%"))
		}
	}
	return b.String()
}

func TestBombs(t *testing.T) {
	const limit = 2 * time.Second
	for name, bomb := range bombs() {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			askFile(t, bomb[0], bomb[1])
			if took := time.Since(start); took > limit {
				t.Errorf("took %s, want at most %s", took, limit)
			}
		})
	}
}

// FuzzAsk reads any file and asks about any path. It must come to an end, and a
// comment at the end of a file, or other line ends, must change nothing.
func FuzzAsk(f *testing.F) {
	f.Add("User-agent: *\nDisallow: /*a*b$\nAllow: /a\nCrawl-delay: 1\n", "/a?b=%2F")
	f.Add("User-agent: x\nUser-agent: Bantin/1\nDisallow:\n\nUser-agent: *\nDisallow: /%C4%91\n", "/đ")
	f.Add("\ufeff<html>\rDisallow: /", "/%")
	f.Add("User-agent: *\nAllow: /"+strings.Repeat("*a", 300)+"\nDisallow: *aaa%", "/"+strings.Repeat("a", 600))
	f.Fuzz(func(t *testing.T, file, path string) {
		start := time.Now()
		got, err := askAny(t, file, path)
		if err != nil {
			return // no URL
		}
		if took := time.Since(start); took > 2*time.Second {
			t.Fatalf("took %s for %d bytes", took, len(file))
		}
		if len(file) > 250<<10 {
			return // what is added could pass the limit
		}
		for _, same := range []string{file + "\n# end", strings.ReplaceAll(file, "\n", "\r\n")} {
			again, err := askAny(t, same, path)
			if diff := cmp.Diff(got, again); diff != "" || err != nil {
				t.Errorf("%q: %v -first +again:\n%s", same, err, diff)
			}
		}
	})
}

func askAny(tb testing.TB, file, path string) (robots.Answer, error) {
	tb.Helper()
	s := newScript()
	s.result = fetcher.Result{Status: 200, Body: []byte(file)}
	answer, err := s.rules().Ask(tb.Context(), "https://bao.example/"+path)
	if err != nil {
		return answer, fmt.Errorf("ask about %q: %w", path, err)
	}
	return answer, nil
}
