package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/term"

	"bantin/internal/article"
	"bantin/normalizer"
)

const (
	// fieldWidth holds the longest name of a field and a space.
	fieldWidth = 11
	// minWidth keeps a narrow window readable: a line holds a few words.
	minWidth = 30
)

// widthOf is how many characters a line of the terminal holds; 0 where the output
// goes elsewhere, and lines are left as they are. COLUMNS overrules both.
func widthOf(s *session) int {
	if columns, err := strconv.Atoi(s.getenv("COLUMNS")); err == nil && columns > 0 {
		return max(columns, minWidth)
	}
	file, ok := s.stdout.(*os.File)
	if !ok {
		return 0
	}
	columns, _, err := term.GetSize(int(file.Fd()))
	if err != nil || columns <= 0 {
		return 0
	}
	return max(columns, minWidth)
}

// A readable prints articles for a person at a terminal.
type readable struct {
	width    int // of a line; 0 for any
	location *time.Location
	b        strings.Builder
}

func (r *readable) print(w io.Writer, seen []viewed, warnings []string) error {
	for _, warning := range warnings {
		r.hanging("! ", warning)
	}
	for i := range seen {
		r.article(&seen[i].article)
		r.removed(seen[i].removed)
	}
	fmt.Fprintf(&r.b, "\n%d articles\n", len(seen))
	_, err := io.WriteString(w, r.b.String())
	return err
}

func (r *readable) article(a *article.Article) {
	const rule = 72
	r.b.WriteByte('\n')
	r.hanging("", a.Title)
	length := rule
	if r.width > 0 {
		length = min(rule, r.width)
	}
	r.b.WriteString(strings.Repeat("─", length) + "\n")
	r.field("url", a.URL)
	r.field("published", published(a, r.location))
	r.field("author", a.Author)
	r.field("origin", a.Origin)
	r.field("categories", strings.Join(a.Categories, ", "))
	for _, p := range a.Places {
		r.field("place", fmt.Sprintf("%s (%s %s, today %s): %s", p.Name, p.Kind, p.Code, p.Province, p.Evidence))
	}
	for _, t := range a.Topics {
		r.field("topic", t.ID+": "+t.Evidence)
	}
	for _, image := range a.Images {
		r.field("image", strings.TrimSpace(image.URL+" "+image.Caption))
	}
	for _, warning := range a.Warnings {
		r.field("warning", warning)
	}
	r.paragraph(a.Lead)
	for paragraph := range strings.Lines(a.Text) {
		r.paragraph(strings.TrimSpace(paragraph))
	}
}

// removed says what the document shows and the article has not, and why.
func (r *readable) removed(all []normalizer.Removal) {
	if len(all) == 0 {
		return
	}
	r.b.WriteString("\nremoved:\n")
	for _, one := range all {
		r.hanging("- ", one.Reason+": "+strconv.Quote(one.Text))
	}
}

func (r *readable) field(name, value string) {
	if value != "" {
		r.hanging(fmt.Sprintf("%-*s", fieldWidth, name), value)
	}
}

func (r *readable) paragraph(text string) {
	if text != "" {
		r.b.WriteByte('\n')
		r.hanging("", text)
	}
}

// hanging prints a text behind a mark, its further lines below its first word. A
// word that is longer than a line, such as an address, is not broken.
func (r *readable) hanging(mark, text string) {
	indent := utf8.RuneCountInString(mark)
	r.b.WriteString(mark)
	at := indent
	for i, word := range strings.Fields(text) {
		length := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case r.width > 0 && at+1+length > r.width:
			r.b.WriteString("\n" + strings.Repeat(" ", indent))
			at = indent
		default:
			r.b.WriteByte(' ')
			at++
		}
		r.b.WriteString(word)
		at += length
	}
	r.b.WriteByte('\n')
}
