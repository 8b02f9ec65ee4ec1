package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"bantin/config"
	"bantin/fetcher"
	"bantin/internal/article"
	"bantin/normalizer"
)

type previewCmd struct {
	JSON   bool   `help:"Print a JSON array, times in RFC 3339 in the site's time zone."`
	Source string `placeholder:"ID" help:"Read it by the settings of that source; without it, by those of a source on its host."`
	Target string `arg:"" name:"id|url|file" help:"The id of a source, or the address or the file of a feed or an article page."`
}

// Run shows what a feed or page gives. It works without a configuration file;
// with one, a configured source is read by its own settings.
func (c previewCmd) Run(s *session) error {
	return s.withReader(func(r reader) error { return c.show(s, r) })
}

func (c previewCmd) show(s *session, r reader) error {
	cfg := r.config
	src, err := r.sourceOf(c.Target, c.Source)
	if err != nil {
		return err
	}
	v := viewer{reader: r, source: src}
	seen, warnings, err := v.view(s.ctx, src.URL())
	if err != nil {
		return err
	}
	if c.JSON {
		for _, warning := range warnings {
			if _, err := fmt.Fprintln(s.stderr, warning); err != nil {
				return err
			}
		}
		out := make([]previewArticle, len(seen))
		for i := range seen {
			out[i] = newPreviewArticle(&seen[i].article, cfg.Site.Timezone)
		}
		return printJSON(s, out)
	}
	printer := readable{width: widthOf(s), location: cfg.Site.Timezone}
	return printer.print(s.stdout, seen, warnings)
}

// A reader is what a command needs that reads documents and stores nothing.
type reader struct {
	config     *config.Config
	configPath string
	normalizer *normalizer.Normalizer
	fetcher    *fetcher.Fetcher
	now        func() time.Time
}

func (s *session) withReader(do func(reader) error) error {
	k, err := learn(s.getenv)
	if err != nil {
		return err
	}
	cfg, err := s.anyConfig(k)
	if err != nil {
		return err
	}
	n, err := normalizer.New(normalizer.Options{Gazetteer: k.gazetteer, Topics: cfg.Topics})
	if err != nil {
		return err
	}
	f, err := newFetcher(cfg)
	if err != nil {
		return err
	}
	defer f.Close()
	return do(reader{config: cfg, configPath: s.configPath, normalizer: n, fetcher: f, now: s.now})
}

// anyConfig is the configuration for a command that works without one: what -c
// names, bantin.yaml where it is there, else the defaults.
func (s *session) anyConfig(k knowledge) (*config.Config, error) {
	if _, err := os.Stat(s.configPath); s.configPath == defaultConfig && errors.Is(err, fs.ErrNotExist) {
		return config.Default(), nil
	}
	return config.Load(s.configPath, k.known)
}

// sourceOf is the configured source with that id or address; else one made for the
// preview, which reads pages as the first source on its host does.
func (r reader) sourceOf(target, id string) (article.Source, error) {
	for _, src := range r.config.Sources {
		switch {
		case id == "" && (src.ID == target || src.URL() == target):
			return src.Source, nil
		case id != "" && src.ID == id:
			return asSource(src.Source, target), nil
		}
	}
	if id != "" {
		return article.Source{}, fmt.Errorf("%w: no source %q in the configuration; bantin status lists them", errUsage, id)
	}
	host := siteOf(target)
	for _, src := range r.config.Sources {
		if host != "" && siteOf(src.URL()) == host {
			return asSource(src.Source, target), nil
		}
	}
	return article.Source{ID: "preview", Name: target, FeedURL: target, Republish: article.Full, InsecureTLS: r.isExcepted(target)}, nil
}

// asSource is a source for another document than its own, which may be any of feed,
// article and listing.
func asSource(src article.Source, target string) article.Source {
	if src.URL() != target {
		src.FeedURL, src.PageURL = target, ""
	}
	return src
}

// siteOf is the host of an address without www, empty for a file.
func siteOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
}

// isExcepted reports whether the certificate of the host of an address is not
// checked, because a source of that host is excepted.
func (r reader) isExcepted(address string) bool {
	u, err := url.Parse(address)
	return err == nil && slices.ContainsFunc(r.config.Sources, func(src config.Source) bool {
		return src.InsecureTLS && strings.EqualFold(src.InsecureHost(), u.Hostname())
	})
}

// fetch retrieves a document as the daemon does: guarded, and with the limits and
// the exceptions of the configuration.
func (r reader) fetch(ctx context.Context, request fetcher.Request) (fetcher.Result, error) {
	result, err := r.fetcher.Fetch(ctx, request)
	if failure, ok := errors.AsType[*fetcher.Error](err); ok && failure.Kind == fetcher.KindTLS {
		return result, fmt.Errorf("%w; with \"tls: insecure\" at a source of that host in %s it is read all the same, "+
			"but then anybody on the way can change what comes", err, r.configPath)
	}
	return result, err
}

// previewPages is how many pages behind a listing are shown.
const previewPages = 5

// A viewer reads a feed, an article page or a listing, for its reader's eyes only.
type viewer struct {
	reader
	source article.Source
}

// A viewed is an article, and what its document shows beside it.
type viewed struct {
	article article.Article
	removed []normalizer.Removal
}

// view takes the target for a feed, else for an article page, else for a listing, of
// which it reads the first pages. A page whose article is doubtful may be a listing
// too: it is one if its links lead to articles.
func (v *viewer) view(ctx context.Context, target string) ([]viewed, []string, error) {
	accept := fetcher.AcceptFeed
	if v.source.PageURL != "" {
		accept = fetcher.AcceptPage
	}
	document, err := v.load(ctx, target, accept)
	if err != nil {
		return nil, nil, err
	}
	if v.source.PageURL != "" {
		return v.viewListing(ctx, document)
	}
	result, err := v.normalizer.Feed(v.source, document)
	if !errors.Is(err, normalizer.ErrNotAFeed) {
		return viewedFeed(result), result.Warnings, err
	}
	page, err := v.normalizer.Page(v.source, normalizer.Link{URL: document.URL}, document)
	var warnings []string
	if errors.Is(err, normalizer.ErrNoArticle) || err == nil && v.isDoubtful(&page.Article, document) {
		seen, told, failure := v.viewListing(ctx, document)
		if failure == nil || err != nil && len(told) > 0 { // with links, but none that could be read
			return seen, told, failure
		}
		warnings = told
	}
	return []viewed{{page.Article, page.Removed}}, warnings, err
}

const (
	// fewLines is more than what is taken for the text of a front page: a teaser, the
	// sentence that describes a section. Most articles have more.
	fewLines = 3
	// manyLinks is more than the links beside an article that says so little.
	manyLinks = 10
)

// isDoubtful reports whether the article of a page is hardly one, and its links could
// be what it is there for: of a few lines, on a page without a date of its own or
// without the number that tells articles apart.
func (v *viewer) isDoubtful(a *article.Article, document normalizer.Document) bool {
	if a.Text != "" && strings.Count(a.Text, "\n")+1 >= fewLines {
		return false
	}
	u, err := url.Parse(a.URL)
	numbered := err == nil && strings.ContainsAny(u.Path+u.RawQuery, "0123456789")
	if a.Text != "" && !a.Published.IsZero() && numbered {
		return false
	}
	links, err := v.normalizer.Listing(v.source, document)
	return err == nil && len(links) >= manyLinks
}

func viewedFeed(result normalizer.Result) []viewed {
	seen := make([]viewed, len(result.Articles))
	for i, a := range result.Articles {
		seen[i] = viewed{a, result.Removed[a.ID]}
	}
	return seen
}

// load reads a file, or fetches an address.
func (v *viewer) load(ctx context.Context, target, accept string) (normalizer.Document, error) {
	if u, err := url.Parse(target); err != nil || u.Scheme != "http" && u.Scheme != "https" {
		body, err := os.ReadFile(target)
		if errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("%s is neither a source (bantin status lists them) nor an address nor a file: %w", target, err)
		}
		return normalizer.Document{Body: body}, err
	}
	result, err := v.fetch(ctx, fetcher.Request{URL: target, Accept: accept, InsecureHost: v.source.InsecureHost()})
	return normalizer.Document{Body: result.Body, ContentType: result.ContentType, URL: result.FinalURL, Fetched: v.now()}, err
}

func (v *viewer) viewListing(ctx context.Context, listing normalizer.Document) ([]viewed, []string, error) {
	links, err := v.normalizer.Listing(v.source, listing)
	if err != nil {
		return nil, nil, err
	}
	shown := links[:min(len(links), previewPages)]
	warnings := []string{fmt.Sprintf("a listing of %d articles; the first %d are read", len(links), len(shown))}
	var seen []viewed
	var failure error
	for _, link := range shown {
		document, err := v.load(ctx, link.URL, fetcher.AcceptPage)
		if err == nil {
			var page normalizer.PageResult
			if page, err = v.normalizer.Page(v.source, link, document); err == nil {
				seen = append(seen, viewed{page.Article, page.Removed})
			}
		}
		if err != nil {
			failure = fmt.Errorf("%s: %w", link.URL, err)
			warnings = append(warnings, failure.Error())
		}
	}
	if len(seen) == 0 {
		return nil, warnings, failure
	}
	return seen, warnings, nil
}

// previewArticle is one article of preview --json.
type previewArticle struct {
	ID                 string         `json:"id"`
	Source             string         `json:"source"`
	URL                string         `json:"url"`
	Title              string         `json:"title"`
	Lead               string         `json:"lead"`
	HTML               string         `json:"html"`
	Text               string         `json:"text"`
	Author             string         `json:"author"`
	Origin             string         `json:"origin"`
	Published          *time.Time     `json:"published"`
	PublishedPrecision string         `json:"published_precision"`
	Updated            *time.Time     `json:"updated"`
	Images             []previewImage `json:"images"`
	Categories         []string       `json:"categories"`
	Places             []previewPlace `json:"places"`
	Topics             []previewTopic `json:"topics"`
	Language           string         `json:"language"`
	ContentHash        string         `json:"content_hash"`
	Warnings           []string       `json:"warnings"`
}

type previewImage struct {
	URL     string `json:"url"`
	Caption string `json:"caption"`
}

type previewPlace struct {
	Name     string `json:"name"`
	Kind     string `json:"kind"`
	Code     string `json:"code"`
	From     string `json:"from"`
	Until    string `json:"until"`
	Province string `json:"province"`
	Evidence string `json:"evidence"`
}

type previewTopic struct {
	ID       string `json:"id"`
	Primary  bool   `json:"primary"`
	Evidence string `json:"evidence"`
}

func newPreviewArticle(a *article.Article, loc *time.Location) previewArticle {
	out := previewArticle{
		ID: a.ID, Source: a.SourceID, URL: a.URL, Title: a.Title, Lead: a.Lead, HTML: a.HTML, Text: a.Text,
		Author: a.Author, Origin: a.Origin, Published: in(a.Published, loc), PublishedPrecision: string(a.Precision),
		Updated: in(a.Updated, loc), Language: a.Language, ContentHash: a.ContentHash,
		Images: []previewImage{}, Places: []previewPlace{}, Topics: []previewTopic{}, // lists are never null
		Categories: append([]string{}, a.Categories...), Warnings: append([]string{}, a.Warnings...),
	}
	for _, image := range a.Images {
		out.Images = append(out.Images, previewImage(image))
	}
	for _, p := range a.Places {
		out.Places = append(out.Places, previewPlace{p.Name, p.Kind, p.Code, p.From, p.Until, p.Province, p.Evidence})
	}
	for _, t := range a.Topics {
		out.Topics = append(out.Topics, previewTopic(t))
	}
	return out
}

func published(a *article.Article, loc *time.Location) string {
	switch {
	case a.Published.IsZero():
		return "(the source gives no date)"
	case a.Precision == article.Day:
		return a.Published.In(loc).Format(time.DateOnly)
	}
	return a.Published.In(loc).Format(time.RFC3339)
}
