package config_test

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bantin/config"
	"bantin/internal/article"
	"bantin/normalizer"
	"bantin/publisher"
)

var update = flag.Bool("update", false, "write the goldens of testdata anew")

func known() config.Known {
	return config.Known{
		Provinces: []string{"bac-kan", "ha-noi", "hai-phong", "hue", "quang-ninh", "thai-nguyen", "tuyen-quang"},
		Topics: []article.Topic{
			{ID: "chinh-tri"},
			{ID: "cong-nghiep", Parent: "kinh-te"},
			{ID: "dau-tu-doanh-nghiep", Parent: "kinh-te"},
			{ID: "kinh-te"},
			{ID: "quoc-te"},
			{ID: "the-thao"},
			{ID: "xa-hoi"},
		},
		Getenv: func(name string) string {
			return map[string]string{
				"BANTIN_STORE": "mongodb+srv://bantin:mat-khau@db.example/bantin",
				"BANTIN_TOKEN": "0123456789abcdef-mat-khau",
				"BANTIN_SHORT": "mat-khau",
			}[name]
		},
		CheckSelector: normalizer.CheckSelector,
	}
}

// TestGood: each *.good.yaml loads, and *.good.txt is what comes out.
func TestGood(t *testing.T) {
	testFiles(t, ".good", func(name string, data []byte) (string, error) {
		cfg, err := config.Parse(name, data, known())
		if err != nil {
			return "", err
		}
		return describe(cfg), nil
	})
}

// TestBad: each *.bad.yaml is refused with the lines of *.bad.txt.
func TestBad(t *testing.T) {
	testFiles(t, ".bad", func(name string, data []byte) (string, error) {
		cfg, err := config.Parse(name, data, known())
		if err == nil {
			return "", errors.New("no problem found")
		}
		if cfg != nil {
			return "", errors.New("a Config beside an error")
		}
		if strings.Contains(err.Error(), "mat-khau") {
			return "", errors.New("a password in the message")
		}
		return err.Error() + "\n", nil
	})
}

// testFiles runs every file of a kind against the golden beside it.
func testFiles(t *testing.T, kind string, run func(name string, data []byte) (string, error)) {
	t.Helper()
	inputs, err := filepath.Glob(filepath.Join("testdata", "*"+kind+".yaml"))
	if err != nil || len(inputs) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	for _, input := range inputs {
		t.Run(filepath.Base(input), func(t *testing.T) {
			data := readFile(t, input)
			if !strings.HasPrefix(string(data), "# ") {
				t.Error("the first line does not say what the fixture proves")
			}
			got, err := run(filepath.Base(input), data)
			if err != nil {
				t.Fatal(err)
			}
			golden := strings.TrimSuffix(input, ".yaml") + ".txt"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(got, string(readFile(t, golden))); diff != "" {
				t.Errorf("got (-) want (+), or run with -update:\n%s", diff)
			}
		})
	}
	goldens, err := filepath.Glob(filepath.Join("testdata", "*"+kind+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, golden := range goldens {
		if _, err := os.Stat(strings.TrimSuffix(golden, ".txt") + ".yaml"); err != nil {
			t.Errorf("a golden without its fixture: %s", golden)
		}
	}
}

func readFile(tb testing.TB, name string) []byte {
	tb.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// describe is a Config in lines, schedules by what they say next.
func describe(cfg *config.Config) string {
	at := time.Date(2026, time.November, 22, 7, 3, 0, 0, cfg.Site.Timezone)
	var b strings.Builder
	fmt.Fprintf(&b, "site %q %s %s %s\n", cfg.Site.Title, cfg.Site.URL, cfg.Site.Language, cfg.Site.Timezone)
	fmt.Fprintf(&b, "store %v\nlisten %s\n", cfg.Store, cfg.Listen)
	fmt.Fprintf(&b, "fetch %s %s %s-%s %d %d %s %d %s %v\n", cfg.Fetch.Contact, cfg.Fetch.Interval, cfg.Fetch.MinInterval, cfg.Fetch.MaxInterval,
		cfg.Fetch.Concurrency, cfg.Fetch.PerHost, cfg.Fetch.HostGap, cfg.Fetch.Pages, cfg.Fetch.Timeout, cfg.Fetch.AllowNetworks)
	fmt.Fprintf(&b, "keep raw %v\n", cfg.Retain.Raw)
	if len(cfg.Publish.Hubs) > 0 {
		fmt.Fprintf(&b, "hubs %q\n", cfg.Publish.Hubs)
	}
	if cfg.Publish.Dir != "" {
		fmt.Fprintf(&b, "dir %s\n", cfg.Publish.Dir)
	}
	for _, s := range cfg.Sources {
		fmt.Fprintf(&b, "source %s %q feed=%s page=%s province=%s %s items=%q text=%s%s next %s\n",
			s.ID, s.Name, s.FeedURL, s.PageURL, s.Province, s.Republish, s.Items, s.FullText, extras(s), next(s, at))
	}
	for _, t := range cfg.Topics {
		fmt.Fprintf(&b, "topic %s %q below=%s sections=%q phrases=%v\n", t.ID, t.Label, t.Parent, t.Sections, t.Phrases)
	}
	for _, c := range cfg.Channels {
		fmt.Fprintf(&b, "channel %s %q topics=%q provinces=%q any=%q none=%q %d%s\n", c.ID, c.Title, c.Topics, c.Provinces, c.Any, c.None, c.Limit, secrecy(c))
	}
	for _, d := range cfg.Digests {
		fmt.Fprintf(&b, "digest %s %q %q next %s\n", d.ID, d.Title, d.Channels, d.Schedule.Next(at).Format(time.RFC3339))
	}
	return b.String()
}

// extras are the settings that few sources have.
func extras(s config.Source) string {
	var text string
	if rules := s.Article; !reflect.ValueOf(rules).IsZero() {
		text += fmt.Sprintf(" article=%q", rules)
	}
	if s.Dates != "" {
		text += " dates=" + string(s.Dates)
	}
	if s.Expect > 0 {
		text += " expect=" + s.Expect.String()
	}
	if s.InsecureTLS {
		text += " tls=insecure"
	}
	return text
}

// secrecy is what is said of a secret channel, with the hash of its token.
func secrecy(c publisher.Channel) string {
	if c.Token == "" {
		return ""
	}
	return fmt.Sprintf(" token=%v %x unlisted=%v", c.Token, sha256.Sum256([]byte(string(c.Token))), c.Listing == publisher.Unlisted)
}

// TestATokenHidesItself: however a Config is printed.
func TestATokenHidesItself(t *testing.T) {
	cfg, err := config.Parse("f", readFile(t, filepath.Join("testdata", "tokens.good.yaml")), known())
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := json.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	var logged strings.Builder
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("read", "config", cfg, "token", cfg.Channels[1].Token)
	for _, printed := range []string{fmt.Sprint(cfg.Channels), fmt.Sprintf("%+v", cfg), fmt.Sprintf("%#v", cfg.Channels), fmt.Sprintf("%s %q", cfg.Channels[1].Token, cfg.Channels[1].Token), string(encoded), logged.String()} {
		if strings.Contains(printed, "mat-khau") || !strings.Contains(printed, "xxxxx") {
			t.Errorf("a token is printed: %s", printed)
		}
	}
}

func next(s config.Source, at time.Time) string {
	if s.Schedule == nil {
		return "by its rhythm"
	}
	return s.Schedule.Next(at).Format(time.RFC3339)
}

// TestExample: the configuration that the README shows works.
func TestExample(t *testing.T) {
	cfg, err := config.Load(filepath.Join("..", "examples", "bantin.yaml"), known())
	if err != nil {
		t.Fatal(err)
	}
	if len(cfg.Sources) < 6 || len(cfg.Channels) < 2 || len(cfg.Digests) < 1 {
		t.Errorf("got %d sources, %d channels, %d digests", len(cfg.Sources), len(cfg.Channels), len(cfg.Digests))
	}
}

const small = "site: {title: Bản tin, url: https://bantin.example/}\nsources: [{id: bao, name: Báo, feed: https://bao.example/rss}]\n"

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "bantin.yaml")
	if err := os.WriteFile(file, []byte(small), 0o600); err != nil {
		t.Fatal(err)
	}
	if cfg, err := config.Load(file, known()); err != nil || cfg.Sources[0].ID != "bao" {
		t.Errorf("got %v, %v", cfg, err)
	}

	none := filepath.Join(dir, "none.yaml")
	want := config.Problem{File: none, Message: "cannot be read: no such file or directory", Hint: "write one (examples/bantin.yaml is a start), or name another with -c"}
	_, err := config.Load(none, known())
	var fault *config.Error
	if !errors.As(err, &fault) {
		t.Fatalf("got %v, want an *Error", err)
	}
	if diff := cmp.Diff([]config.Problem{want}, fault.Problems); diff != "" {
		t.Error(diff)
	}
	if _, err = config.Load(dir, known()); !errors.As(err, &fault) {
		t.Errorf("a directory: got %v, want an *Error", err)
	}
}

// TestFormsOfBytes: what editors of other systems write is read as well.
func TestFormsOfBytes(t *testing.T) {
	for name, data := range map[string]string{
		"byte order mark":    "\ufeff" + small,
		"CRLF":               strings.ReplaceAll(small, "\n", "\r\n"),
		"no last line end":   strings.TrimSuffix(small, "\n"),
		"start of document":  "---\n" + small + "...\n",
		"as large as can be": small + strings.Repeat("#", 2<<20-len(small)),
	} {
		if _, err := config.Parse("bantin.yaml", []byte(data), known()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestLimits: input that is made to hurt is refused at once, by one line.
func TestLimits(t *testing.T) {
	merges := "a: &a {" + strings.TrimSuffix(strings.Repeat("k: 1, ", 1000), ", ") + "}\nb:\n" + strings.Repeat("  - {<<: *a}\n", 1000)
	const deep = "nested more than 100 levels deep"
	tests := map[string]struct{ data, want string }{
		"10 MB":             {strings.Repeat("a: b\n", 2<<20), "bantin.yaml: larger than 2097152 bytes; share settings by an anchor (&) and a merge key (<<), or split the site in two"},
		"brackets":          {strings.Repeat("[", 1<<20), "bantin.yaml:1:101: " + deep},
		"braces":            {strings.Repeat("{a: ", 1<<18), "bantin.yaml:1:401: " + deep},
		"dashes":            {strings.Repeat("- ", 1<<19), "bantin.yaml:1:201: " + deep},
		"question marks":    {strings.Repeat("? ", 1<<19), "bantin.yaml:1:201: " + deep},
		"dashes, less deep": {strings.Repeat("- ", 100) + "- a", "bantin.yaml:1:201: " + deep},
		"steps":             {steps(1400), "bantin.yaml:102:103: " + deep},
		"alias bomb":        {aliases(), "bantin.yaml:6:12: more than 200000 values, aliases counted each time"},
		"merge bomb":        {merges, "bantin.yaml:102:10: more than 200000 values, aliases counted each time"},
		"not UTF-8":         {"site:\n  title: B\xe1n tin\n", "bantin.yaml:2:11: not UTF-8; save the file as UTF-8"},
		"UTF-16":            {"\xff\xfes\x00i\x00t\x00e\x00", "bantin.yaml:1:1: not UTF-8; save the file as UTF-8"},
		"nothing":           {"", "bantin.yaml:1:1: the file is empty; it needs at least site and sources"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := config.Parse("bantin.yaml", []byte(test.data), known())
			if err == nil || err.Error() != test.want {
				t.Errorf("got  %.300v\nwant %s", err, test.want)
			}
		})
	}
}

// aliases are lists of nine times the list before.
func aliases() string {
	var b strings.Builder
	b.WriteString("a: &a [x, x, x, x, x, x, x, x, x]\n")
	for c := 'b'; c <= 'z'; c++ {
		fmt.Fprintf(&b, "%c: &%c [%s]\n", c, c, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*%c, ", c-1), 9), ", "))
	}
	return b.String()
}

// steps is a mapping in a mapping, and so on.
func steps(levels int) string {
	var b strings.Builder
	for i := range levels {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

func TestStore(t *testing.T) {
	const (
		hostWrong = `the MongoDB URI has no valid host; write "mongodb://host:27017/bantin", or "mongodb+srv://host/bantin" with one host and no port`
		nameWrong = `the MongoDB URI names no valid database; end it with a name, such as "/bantin"`
		kindWrong = `unknown kind of store; write "sqlite:bantin.db" or "mongodb://host/bantin"`
		escape    = "the user name or password holds a character that must be escaped; write / as %2F, # as %23 and @ as %40"
	)
	tests := []struct{ uri, want string }{
		{"sqlite:bantin.db", ""},
		{"sqlite:/var/lib/bantin/tin.db", ""},
		{"sqlite:", `names no file; write "sqlite:bantin.db"`},
		{"sqlite::memory:", `a store in memory forgets everything; name a file, such as "sqlite:bantin.db"`},
		{"sqlite:tin.db?mode=ro", "the path of a SQLite file cannot hold ? or #; bantin sets the options itself"},
		{"mongodb://localhost/bantin", ""},
		{"mongodb://localhost:27017/bantin?w=majority", ""},
		{"mongodb://ai:mat-khau@[::1]:27017,db2.example:27018/bantin", ""},
		{"mongodb://ai:mat%40khau@db.example/bantin", ""},
		{"mongodb+srv://db.example/bantin", ""},
		{"mongodb://localhost", nameWrong},
		{"mongodb://localhost/", nameWrong},
		{"mongodb://localhost/a.b", nameWrong},
		{"mongodb:///bantin", hostWrong},
		{"mongodb://a,,b/bantin", hostWrong},
		{"mongodb://localhost:x/bantin", hostWrong},
		{"mongodb://localhost:/bantin", hostWrong},
		{"mongodb+srv://localhost:27017/bantin", hostWrong},
		{"mongodb+srv://a,b/bantin", "a mongodb+srv URI has one host"},
		{"mongodb://ai:mat-khau@mat-khau@db.example/bantin", escape},
		{"mongodb://ai:mat-khau/@db.example/bantin", escape},
		{"mongodb:localhost/bantin", `not a MongoDB URI; write "mongodb://host/bantin"`},
		{"postgres://ai:mat-khau@localhost/bantin", kindWrong},
		{"bantin.db", `not a store; write "sqlite:bantin.db" or "mongodb://host/bantin"`},
		{"env:", `the environment variable "" is not set; set it to the URI of the store`},
		{"env:NOWHERE", `the environment variable "NOWHERE" is not set; set it to the URI of the store`},
		{"env:BANTIN_STORE", ""},
	}
	for _, test := range tests {
		t.Run(test.uri, func(t *testing.T) {
			_, err := config.Parse("f", []byte(small+"store: '"+test.uri+"'\n"), known())
			got := ""
			if err != nil {
				got = strings.TrimPrefix(err.Error(), "f:3:8: store: ")
			}
			if got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
	if _, err := config.Parse("f", []byte(small+"store: env:BANTIN_STORE\n"), config.Known{}); err == nil {
		t.Error("without an environment: no problem found")
	}
}

// TestStoreHidesItsPassword: however a Config is printed.
func TestStoreHidesItsPassword(t *testing.T) {
	for _, uri := range []string{
		"mongodb://ai:mat-khau@db.example/bantin", "mongodb://ai:mat-khau@mat-khau@db.example/bantin",
		"mongodb://ai:a/mat-khau@db.example/bantin?a=mat-khau", "mongodb+srv://ai:a?mat-khau@db.example/bantin",
	} {
		cfg := config.Config{Store: config.StoreURI(uri)}
		encoded, err := json.Marshal(cfg.Store)
		if err != nil {
			t.Fatal(err)
		}
		for _, printed := range []string{
			fmt.Sprint(cfg), fmt.Sprintf("%+v", &cfg), fmt.Sprintf("%#v", cfg), fmt.Sprintf("%s %q", cfg.Store, cfg.Store),
			cfg.Store.LogValue().String(), string(encoded),
		} {
			if strings.Contains(printed, "mat-khau") || !strings.Contains(printed, "xxxxx") {
				t.Errorf("%s is printed as %s", uri, printed)
			}
		}
	}
	if got, want := config.StoreURI("mongodb://ai:mat-khau@db.example/bantin?w=1").String(), "mongodb://ai:xxxxx@db.example/bantin?xxxxx"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// FuzzParse: whatever the file holds, nothing panics, and there is either a
// Config or a problem with a position.
func FuzzParse(f *testing.F) {
	inputs, err := filepath.Glob(filepath.Join("testdata", "*.yaml"))
	if err != nil || len(inputs) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, input := range inputs {
		f.Add(readFile(f, input))
	}
	for _, seed := range []string{"&0: *0\n*0:\n*0:", "a:\n- b: c\n- \n", "0::", "{{},<<}", "? [a]\n: b", "a: &x [*x]", "&a &b c", "!a !b c", "<<: *a", "- - -", "? ? ?", "*a : b"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		cfg, err := config.Parse("f", data, known())
		if (cfg == nil) == (err == nil) {
			t.Fatalf("got %v and %v", cfg, err)
		}
		var fault *config.Error
		if err == nil || !errors.As(err, &fault) || len(data) > 2<<20 {
			return
		}
		for _, p := range fault.Problems {
			if p.Line < 1 || p.Column < 1 || p.Message == "" {
				t.Fatalf("a problem without its place: %+v", p)
			}
		}
		if lines := strings.Count(err.Error(), "\n") + 1; lines != len(fault.Problems) {
			t.Fatalf("%d lines for %d problems: %v", lines, len(fault.Problems), err)
		}
	})
}

// TestCheckURL: what it lets pass loads as a source, and nothing else.
func TestCheckURL(t *testing.T) {
	for _, address := range []string{
		"https://bao.example/rss", "http://bao.example:8080/rss?a=1&b=2", "https://báo.example/tin",
		"", "bao.example/rss", "ftp://bao.example/rss", "https://ai:mat-khau@bao.example/", "javascript:alert(1)",
		"file:///etc/passwd", "https://bao.example/a b", "https:///rss", "https://bao.example:0/",
	} {
		err := config.CheckURL(address)
		if err != nil && strings.Contains(err.Error(), "mat-khau") {
			t.Errorf("%s: the message shows the password: %v", address, err)
		}
		_, parseErr := config.Parse("f", []byte(strings.ReplaceAll(small, "https://bao.example/rss", fmt.Sprintf("%q", address))), known())
		if (err == nil) != (parseErr == nil) {
			t.Errorf("%s: CheckURL says %v, Parse %v", address, err, parseErr)
		}
	}
}
