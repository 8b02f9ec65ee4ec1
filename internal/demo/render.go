package demo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"text/template"
	"time"

	"golang.org/x/text/unicode/norm"
)

// A shelf holds all templates by their path below sources/. They are text
// templates, not HTML ones: what they write is broken on purpose, and their
// input is our own.
type shelf struct {
	templates map[string]*template.Template
}

func readShelf(files fs.FS) (*shelf, error) {
	s := &shelf{templates: make(map[string]*template.Template)}
	err := fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasSuffix(path, "/articles.txt") {
			return err
		}
		text, err := fs.ReadFile(files, path)
		if err != nil {
			return err
		}
		t, err := template.New(path).Option("missingkey=error").Funcs(functions()).Parse(string(text))
		s.templates[path] = t
		return err
	})
	return s, err
}

func (s *shelf) render(path string, data any) ([]byte, error) {
	t, ok := s.templates[path]
	if !ok {
		return nil, fmt.Errorf("render %s: %w", path, fs.ErrNotExist)
	}
	var out bytes.Buffer
	if err := t.Execute(&out, data); err != nil {
		return nil, fmt.Errorf("render %s: %w", path, err)
	}
	return out.Bytes(), nil
}

// articleTemplate is the paper's own page, else the one that all share.
func (s *shelf) articleTemplate(p *paper) string {
	own := p.ID + "/page.html"
	if _, ok := s.templates[own]; ok {
		return own
	}
	return "page.html"
}

func functions() template.FuncMap {
	return template.FuncMap{
		"entities": entities,
		"esc":      escape,
		"json":     quoteJSON,
		"nfd":      norm.NFD.String,
		"odd":      func(i int) bool { return i%2 == 1 },
		"quote":    strconv.Quote, // a Go string of printable text is a YAML string too
		"upper":    strings.ToUpper,
		"weekday":  weekday,
	}
}

// escape escapes text for XML and HTML, the quotation mark by name: the double
// escaping of one content system must come out as &amp;quot;.
func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace(s)
}

// entities writes the letters of Latin-1 as HTML entities and leaves the others,
// as editors do that learned HTML before they learned Vietnamese.
func entities(s string) string {
	return strings.NewReplacer(
		"à", "&agrave;", "á", "&aacute;", "â", "&acirc;", "ã", "&atilde;",
		"è", "&egrave;", "é", "&eacute;", "ê", "&ecirc;",
		"ì", "&igrave;", "í", "&iacute;",
		"ò", "&ograve;", "ó", "&oacute;", "ô", "&ocirc;", "õ", "&otilde;",
		"ù", "&ugrave;", "ú", "&uacute;", "ý", "&yacute;",
		"À", "&Agrave;", "Á", "&Aacute;", "Â", "&Acirc;",
		"Ê", "&Ecirc;", "Ô", "&Ocirc;",
		"“", "&ldquo;", "”", "&rdquo;",
	).Replace(s)
}

func quoteJSON(s string) (string, error) {
	text, err := json.Marshal(s)
	return string(text), err
}

func weekday(t time.Time) string {
	names := [...]string{"Chủ Nhật", "Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy"}
	return names[t.Weekday()]
}

// A view is what the templates of a paper see.
type view struct {
	Origin string // base URL of the server that answers, without a slash at its end
	Paper  *paper
	Posts  []*post
	Post   *post // the article of an article page
	Page   int   // the page of a listing
}

// Home is the front page of the paper.
func (v view) Home() string { return v.Origin + "/" + v.Paper.ID + "/" }

// Self is the feed or the listing.
func (v view) Self() string { return v.Origin + "/" + v.Paper.ID + v.Paper.Path }

// Logo is the picture in the paper's head.
func (v view) Logo() string { return v.Origin + "/" + v.Paper.ID + "/logo.svg" }

// URL is the absolute link to an article.
func (v view) URL(p *post) string { return v.Origin + v.Link(p) }

// Link is the link to an article without scheme and host.
func (v view) Link(p *post) string { return "/" + v.Paper.ID + p.path }

// Picture is the absolute link to an article's picture.
func (v view) Picture(p *post) string { return v.Origin + "/" + v.Paper.ID + p.picture }

// Newest is the time of the newest article.
func (v view) Newest() time.Time { return v.Paper.newest() }

// Pages numbers the pages of the listing.
func (v view) Pages() []int {
	var numbers []int
	for n := range v.Paper.pages() {
		numbers = append(numbers, n+1)
	}
	return numbers
}

// Others are some more articles of the paper, for the foot of an article page.
func (v view) Others() []*post {
	const enough = 4
	var others []*post
	for _, p := range v.Paper.Posts {
		if p != v.Post && len(others) < enough {
			others = append(others, p)
		}
	}
	return others
}

// ContentHTML is an article's text with its picture, as a JSON Feed carries it.
func (v view) ContentHTML(p *post) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<p><strong>%s</strong></p>", p.Lead)
	if p.HasPicture {
		fmt.Fprintf(&b, `<figure><img src="%s" alt="%s"><figcaption>%s</figcaption></figure>`,
			v.Picture(p), escape(p.Alt()), p.Caption)
	}
	for _, paragraph := range p.Body {
		fmt.Fprintf(&b, "<p>%s</p>", paragraph)
	}
	fmt.Fprintf(&b, `<p style="text-align:right">Bài, ảnh: %s</p>`, p.Author)
	return b.String()
}
