package main

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strings"

	"bantin/config"
	"bantin/internal/article"
	"bantin/internal/opml"
	"bantin/internal/vietnamese"
)

var errNothingFound = errors.New("nothing found")

type importCmd struct {
	File string `arg:"" help:"The OPML file that a feed reader exported."`
}

// Run prints the YAML of the sources. It asks no server, and reads no
// configuration: the one that it is meant for need not be right yet.
func (c importCmd) Run(s *session) (err error) {
	file, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	list, warnings, err := opml.Parse(file)
	if err != nil {
		return fmt.Errorf("import %s: %w", c.File, err)
	}
	found, more := importSources(list)
	if err := warn(s, append(warnings, more...)); err != nil {
		return err
	}
	if len(found) == 0 {
		return fmt.Errorf("import %s: %w: no outline names a feed that can be fetched", c.File, errNothingFound)
	}
	s.printf("%s", yamlOf(found))
	return nil
}

// warn prints warnings, as many as somebody reads.
func warn(s *session, warnings []string) error {
	const most = 100
	var b strings.Builder
	for _, text := range warnings[:min(most, len(warnings))] {
		fmt.Fprintf(&b, "! %s\n", text)
	}
	if unsaid := len(warnings) - most; unsaid > 0 {
		fmt.Fprintf(&b, "! and %d more\n", unsaid)
	}
	_, err := fmt.Fprint(s.stderr, b.String())
	return err
}

// importSources makes sources of outlines, one for each address.
func importSources(list opml.Document) (found []yamlSource, warnings []string) {
	ids := newIDs(nil)
	known := map[string]string{} // id by address
	for _, o := range list.Outlines {
		y := yamlSource{feed: webAddress(o.FeedURL), comment: vietnamese.Clean(o.Folder)}
		if o.Type == opml.Link {
			y = yamlSource{page: o.PageURL, comment: y.comment}
		}
		if err := config.CheckURL(y.address()); err != nil {
			warnings = append(warnings, fmt.Sprintf("line %d: %q is left out: %v", o.Line, short80(o.Title), err))
			continue
		}
		key := article.CanonicalURL(y.address())
		if id, twice := known[key]; twice {
			warnings = append(warnings, fmt.Sprintf("line %d: %q has the address of %s, and is left out", o.Line, short80(o.Title), id))
			continue
		}
		y.setName(ids, o.Title)
		known[key] = y.id
		found = append(found, y)
	}
	return found, warnings
}

// webAddress turns the feed: scheme, by which browsers once handed feeds to
// readers, into the address behind it: feed://host/ and feed:https://host/.
func webAddress(link string) string {
	rest, isFeed := strings.CutPrefix(link, "feed:")
	switch {
	case !isFeed:
		return link
	case strings.HasPrefix(rest, "//"):
		return "http:" + rest
	}
	return rest
}

// short80 is enough of a title to recognise it by.
func short80(title string) string { return cutRunes(vietnamese.Clean(title), 80) }

func cutRunes(s string, most int) string {
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return s
}

type exportCmd struct{}

// Run prints the configured sources.
func (exportCmd) Run(s *session) error {
	k, err := learn(s.getenv)
	if err != nil {
		return err
	}
	cfg, err := config.Load(s.configPath, k.known)
	if err != nil {
		return err
	}
	list := opml.Document{Title: cfg.Site.Title}
	for _, src := range cfg.Sources {
		o := opml.Outline{Type: opml.RSS, Title: src.Name, FeedURL: src.FeedURL}
		if src.PageURL != "" {
			o = opml.Outline{Type: opml.Link, Title: src.Name, PageURL: src.PageURL}
		}
		list.Outlines = append(list.Outlines, o)
	}
	var b strings.Builder
	if err := opml.Write(&b, list); err != nil {
		return err
	}
	s.printf("%s\n", b.String())
	return nil
}

// A yamlSource is a source as it is written into bantin.yaml.
type yamlSource struct {
	id, name, feed, page, items string
	insecure                    bool   // see article.Source
	comment                     string // above it; one line
}

func (y *yamlSource) address() string {
	if y.feed != "" {
		return y.feed
	}
	return y.page
}

// maxNameRunes is what a reader sees of a name at every entry, and more.
const maxNameRunes = 120

// setName gives a source a name and an id of the title, or of its host where the
// title gives none.
func (y *yamlSource) setName(ids ids, title string) {
	host := ""
	if u, err := url.Parse(y.address()); err == nil {
		host = strings.TrimPrefix(u.Hostname(), "www.")
	}
	y.name = cutRunes(vietnamese.Clean(title), maxNameRunes)
	if y.name == "" {
		y.name = host
	}
	y.id = ids.take(title, host)
}

// ids are those that are taken already.
type ids struct {
	taken map[string]bool
	next  map[string]int // the number for the next source of a slug
}

func newIDs(sources []config.Source) ids {
	taken := ids{taken: map[string]bool{}, next: map[string]int{}}
	for _, s := range sources {
		taken.taken[s.ID] = true
	}
	return taken
}

// take makes a new id of the first name that gives one.
func (i ids) take(names ...string) string {
	slug := "nguon" // "source"
	for _, name := range names {
		if own := asciiSlug(name); own != "" {
			slug = own
			break
		}
	}
	id := slug
	for n := max(2, i.next[slug]); i.taken[id]; n++ {
		id = fmt.Sprintf("%s-%d", slug, n)
		i.next[slug] = n + 1
	}
	i.taken[id] = true
	return id
}

// asciiSlug is a slug of what an id may hold. It is short enough to get a number
// behind it and stay within 64 letters.
func asciiSlug(name string) string {
	const most = 50
	slug := vietnamese.Slug(cutRunes(name, 4*most))
	words := strings.FieldsFunc(slug, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	slug = strings.Join(words, "-")
	if len(slug) <= most {
		return slug
	}
	slug = slug[:most]
	if i := strings.LastIndexByte(slug, '-'); i > most/2 {
		slug = slug[:i]
	}
	return slug
}

// yamlOf is a piece of bantin.yaml with the sources.
func yamlOf(sources []yamlSource) string {
	var b strings.Builder
	b.WriteString("sources:\n")
	for _, y := range sources {
		if y.comment != "" {
			fmt.Fprintf(&b, "  # %s\n", y.comment)
		}
		fmt.Fprintf(&b, "  - id: %s\n", yamlText(y.id))
		for _, line := range []struct{ key, value string }{
			{"name", y.name}, {"feed", y.feed}, {"page", y.page}, {"items", y.items},
		} {
			if line.value != "" {
				fmt.Fprintf(&b, "    %s: %s\n", line.key, yamlText(line.value))
			}
		}
		if y.insecure {
			b.WriteString("    tls: insecure\n")
		}
	}
	return b.String()
}

// plainText is what YAML takes for text without quotes: at least two words, which
// no number, date or word such as "true" has.
var plainText = regexp.MustCompile(`^\pL[\pL\pN]*(?:[ -][\pL\pN]+)+$`)

// yamlText writes a text as a YAML scalar. In double quotes, the escapes of Go
// are among those of YAML (YAML 1.2 §5.7).
func yamlText(text string) string {
	if plainText.MatchString(text) {
		return text
	}
	return fmt.Sprintf("%q", text)
}
