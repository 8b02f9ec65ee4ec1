package demo

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"bantin/internal/vietnamese"
)

// A paper is one sample source.
type paper struct {
	ID     string // the folder, and the first segment of its paths
	Name   string
	Motto  string
	Colour string

	Template string // the file that shapes the feed or the listing
	Path     string // of the feed or listing, below the paper's own prefix
	Type     string // the Content-Type it claims, right or wrong
	ETag     etagKind
	link     string // pattern of an article's path

	Posts []*post // newest first where the paper is tidy
}

// A post is one article of a paper, as its editor typed it.
type post struct {
	Title      string
	Published  time.Time
	Topic      string // path segment
	Section    string // the paper's own word for the topic
	Author     string
	Source     string // who wrote it first, where that is not the paper
	HasPicture bool
	Caption    string
	Lead       string
	Body       []string // paragraphs
	Order      int      // counts down like the ids of a database: the newest has the highest

	path    string
	picture string
}

// Alt describes the picture.
func (p *post) Alt() string {
	if p.Caption != "" {
		return p.Caption
	}
	return p.Title
}

// Number is an id as content systems make it: the time of publication.
func (p *post) Number() string {
	return p.Published.Format("060102150405")
}

// etagKind says which ETag a source sends (RFC 9110 §8.8.3).
type etagKind string

const (
	strong etagKind = "strong"
	weak   etagKind = "weak"
	noETag etagKind = "none" // Last-Modified only
)

// saigon is the time of all papers. A fixed offset does for the years they
// write about and needs no time zone database.
func saigon() *time.Location {
	return time.FixedZone("+07", 7*60*60)
}

// paperIDs lists the papers in the order of the configuration.
func paperIDs() []string {
	return []string{
		"bao-song-cau", "bao-song-cam", "bao-ham-luong", "bao-thu-bon", "trang-mau-son",
		"bao-bien-ho", "bao-thac-ba", "bao-ngan-hong", "cong-ba-be", "cong-vi-hoang",
	}
}

// readPapers reads every paper's articles.txt.
func readPapers(files fs.FS) ([]*paper, error) {
	var papers []*paper
	for _, id := range paperIDs() {
		text, err := fs.ReadFile(files, id+"/articles.txt")
		if err != nil {
			return nil, fmt.Errorf("read paper %s: %w", id, err)
		}
		p, err := parsePaper(id, string(text))
		if err != nil {
			return nil, fmt.Errorf("parse paper %s: %w", id, err)
		}
		papers = append(papers, p)
	}
	return papers, nil
}

// parsePaper reads the text of a paper: "key: value" lines about the paper, and
// after each line "====" an article, which is such lines, an empty line and
// paragraphs of one line each, the first of them the lead.
func parsePaper(id, text string) (*paper, error) {
	parts := strings.Split(text, "\n====\n")
	about := parseFields(parts[0])
	p := &paper{
		ID:       id,
		Name:     about["name"],
		Motto:    about["motto"],
		Colour:   about["colour"],
		Template: about["template"],
		Path:     about["path"],
		Type:     about["type"],
		ETag:     etagKind(about["etag"]),
		link:     about["link"],
	}
	for i, part := range parts[1:] {
		article, err := parsePost(part)
		if err != nil {
			return nil, fmt.Errorf("article %d: %w", i+1, err)
		}
		article.Order = len(parts) - i
		article.path = p.articlePath(article)
		if article.HasPicture {
			article.picture = "/anh/" + article.Published.Format("2006/01/02/") + article.slug() + ".jpg"
		}
		p.Posts = append(p.Posts, article)
	}
	return p, nil
}

var errNoText = errors.New("no text after the fields")

func parsePost(part string) (*post, error) {
	head, text, found := strings.Cut(strings.TrimSpace(part), "\n\n")
	if !found {
		return nil, errNoText
	}
	fields := parseFields(head)
	published, err := parseTime(fields["date"])
	if err != nil {
		return nil, err
	}
	paragraphs := strings.Split(text, "\n\n")
	return &post{
		Title:      fields["title"],
		Published:  published,
		Topic:      fields["topic"],
		Section:    fields["section"],
		Author:     fields["author"],
		Source:     fields["source"],
		HasPicture: fields["image"] != "",
		Caption:    fields["caption"],
		Lead:       paragraphs[0],
		Body:       paragraphs[1:],
	}, nil
}

func parseFields(head string) map[string]string {
	fields := make(map[string]string)
	for line := range strings.Lines(head) {
		if key, value, ok := strings.Cut(line, ":"); ok {
			fields[key] = strings.TrimSpace(value)
		}
	}
	return fields
}

// parseTime reads a day with or without its time.
func parseTime(text string) (time.Time, error) {
	if t, err := time.ParseInLocation("2006-01-02 15:04", text, saigon()); err == nil {
		return t, nil
	}
	return time.ParseInLocation(time.DateOnly, text, saigon())
}

func (p *post) slug() string {
	return vietnamese.Slug(p.Title)
}

func (p *paper) articlePath(a *post) string {
	return strings.NewReplacer(
		"{topic}", a.Topic,
		"{slug}", a.slug(),
		"{number}", a.Number(),
	).Replace(p.link)
}

// isPortal reports whether the paper has no feed, only a listing of pages.
func (p *paper) isPortal() bool {
	return strings.HasPrefix(p.Template, "listing")
}

// listingSize is how many articles one page of a listing shows. A portal shows
// ten or so; six leave the eight articles of the sample a second page.
const listingSize = 6

// pages is the number of pages of the listing; a feed has one.
func (p *paper) pages() int {
	if !p.isPortal() {
		return 1
	}
	return (len(p.Posts) + listingSize - 1) / listingSize
}

// page returns the articles of one page of the listing, counted from 1.
func (p *paper) page(number int) []*post {
	if !p.isPortal() {
		return p.Posts
	}
	from := (number - 1) * listingSize
	return p.Posts[from:min(from+listingSize, len(p.Posts))]
}

// pagePath is the path of one page of the listing.
func (p *paper) pagePath(number int) string {
	if number == 1 {
		return p.Path
	}
	return p.Path + "?page=" + strconv.Itoa(number)
}

// newest is when the paper published last.
func (p *paper) newest() time.Time {
	var t time.Time
	for _, a := range p.Posts {
		if a.Published.After(t) {
			t = a.Published
		}
	}
	return t
}
