package normalizer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"slices"
	"strings"

	"github.com/mmcdole/gofeed/atom"
	ext "github.com/mmcdole/gofeed/extensions"
	jsonfeed "github.com/mmcdole/gofeed/json"
	"github.com/mmcdole/gofeed/rss"
)

// parseXML lets gofeed decode a feed whose bytes were surveyed. The deferred
// recover is a second net: gofeed is not known to panic, but it reads what
// strangers send.
func parseXML(root string, text io.Reader) (decoded feed, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			decoded, err = feed{}, fmt.Errorf("gofeed: %v", fault)
		}
	}()
	if root == "feed" {
		parsed, err := (&atom.Parser{}).Parse(text)
		if err != nil {
			return feed{}, err
		}
		return fromAtom(parsed), nil
	}
	parsed, err := (&rss.Parser{}).Parse(text)
	if err != nil {
		return feed{}, err
	}
	return fromRSS(parsed), nil
}

func fromRSS(parsed *rss.Feed) feed {
	decoded := feed{
		link:      parsed.Link,
		language:  firstOf(parsed.Language, dublinCore(parsed.Extensions, "language")),
		generator: parsed.Generator,
		wishes:    syndication(parsed.Extensions),
		items:     make([]item, 0, len(parsed.Items)),
	}
	decoded.wishes.ttl = parsed.TTL
	decoded.wishes.skipHours, decoded.wishes.skipDays = parsed.SkipHours, parsed.SkipDays
	for _, from := range parsed.Items {
		decoded.items = append(decoded.items, fromRSSItem(from))
	}
	return decoded
}

// syndication is how often the feed is updated (RSS 1.0, module Syndication).
func syndication(extensions ext.Extensions) wishes {
	return wishes{
		period:    extension(extensions, "sy", "updatePeriod"),
		frequency: extension(extensions, "sy", "updateFrequency"),
	}
}

func fromRSSItem(from *rss.Item) item {
	to := item{
		title:     firstOf(from.Title, dublinCore(from.Extensions, "title"), media(from.Extensions, "title")),
		link:      firstOf(from.Link, atomLink(from.Extensions)),
		summary:   firstOf(from.Description, dublinCore(from.Extensions, "description"), media(from.Extensions, "description"), embeddedAtom(from.Extensions, "summary"), from.Custom["summary"]),
		content:   firstOf(from.Content, embeddedAtom(from.Extensions, "content"), from.Custom["content"]),
		published: firstOf(from.PubDate, dublinCore(from.Extensions, "date"), embeddedAtom(from.Extensions, "published")),
		updated:   firstOf(embeddedAtom(from.Extensions, "updated"), extension(from.Extensions, "dcterms", "modified")),
		authors:   append(dublinCores(from.Extensions, "creator"), from.Author),
		images:    rssImages(from),
		language:  dublinCore(from.Extensions, "language"),
	}
	if from.GUID != nil {
		to.guid = from.GUID.Value
	}
	for _, category := range from.Categories {
		to.categories = append(to.categories, category.Value)
	}
	to.categories = append(to.categories, dublinCores(from.Extensions, "subject")...)
	return to
}

// rssImages are the pictures that an item names outside its text.
func rssImages(from *rss.Item) []string {
	var images []string
	for _, enclosure := range from.Enclosures {
		if isImage(enclosure.Type, enclosure.URL) {
			images = append(images, enclosure.URL)
		}
	}
	images = append(images, mediaImages(from.Extensions["media"])...)
	for _, name := range [...]string{"image", "thumb", "thumbnail"} { // VietNamNet 2018, portals
		if value := from.Custom[name]; value != "" {
			images = append(images, plainText(value))
		}
	}
	return images
}

// mediaImages are the pictures of Media RSS, in and outside groups.
func mediaImages(elements map[string][]ext.Extension) []string {
	var images []string
	for _, content := range elements["content"] {
		if content.Attrs["medium"] == "image" || isImage(content.Attrs["type"], content.Attrs["url"]) {
			images = append(images, content.Attrs["url"])
		}
	}
	for _, group := range elements["group"] {
		images = append(images, mediaImages(group.Children)...)
	}
	for _, thumbnail := range elements["thumbnail"] {
		images = append(images, thumbnail.Attrs["url"])
	}
	return images
}

// isImage goes by the media type, and by the name where there is none.
func isImage(mediaType, link string) bool {
	if mediaType != "" {
		return strings.HasPrefix(mediaType, "image")
	}
	return hasImageName(link)
}

// hasImageName reports whether the path of a link ends like a picture's.
func hasImageName(link string) bool {
	path, _, _ := strings.Cut(link, "?")
	dot := strings.LastIndexByte(path, '.')
	if dot < 0 {
		return false
	}
	switch strings.ToLower(path[dot:]) {
	case ".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif":
		return true
	}
	return false
}

func firstOf(values ...string) string {
	for _, value := range values {
		if value != "" {
			return value
		}
	}
	return ""
}

func extension(extensions ext.Extensions, prefix, name string) string {
	if found := extensions[prefix][name]; len(found) > 0 {
		return found[0].Value
	}
	return ""
}

func dublinCore(extensions ext.Extensions, name string) string {
	return extension(extensions, "dc", name)
}

func media(extensions ext.Extensions, name string) string {
	return extension(extensions, "media", name)
}

func embeddedAtom(extensions ext.Extensions, name string) string {
	return extension(extensions, "atom", name)
}

func dublinCores(extensions ext.Extensions, name string) []string {
	var values []string
	for _, element := range extensions["dc"][name] {
		values = append(values, element.Value)
	}
	return values
}

func atomLink(extensions ext.Extensions) string {
	for _, link := range extensions["atom"]["link"] {
		if rel := link.Attrs["rel"]; rel == "" || rel == "alternate" {
			return link.Attrs["href"]
		}
	}
	return ""
}

func fromAtom(parsed *atom.Feed) feed {
	decoded := feed{
		language: parsed.Language,
		wishes:   syndication(parsed.Extensions),
		items:    make([]item, 0, len(parsed.Entries)),
	}
	if parsed.Generator != nil {
		decoded.generator = parsed.Generator.Value
	}
	for _, from := range parsed.Entries {
		decoded.items = append(decoded.items, fromEntry(from))
	}
	return decoded
}

// fromEntry does not give an entry the author of its feed (RFC 4287 §4.2.1):
// that is the paper, and a byline says who wrote.
func fromEntry(from *atom.Entry) item {
	to := item{
		title:     from.Title,
		guid:      from.ID,
		summary:   from.Summary,
		published: from.Published,
		updated:   from.Updated,
		images:    mediaImages(from.Extensions["media"]),
	}
	if from.Content != nil {
		to.content = from.Content.Value
	}
	for _, link := range from.Links {
		switch {
		case link.Rel == "alternate" && to.link == "":
			to.link = link.Href
		case link.Rel == "enclosure" && isImage(link.Type, link.Href):
			to.images = append(to.images, link.Href)
		}
	}
	for _, author := range from.Authors {
		to.authors = append(to.authors, firstOf(author.Name, author.Email))
	}
	for _, category := range from.Categories {
		to.categories = append(to.categories, firstOf(category.Label, category.Term))
	}
	return to
}

// decodeJSON decodes a JSON Feed (jsonfeed.org, 1.1). It reads member by member
// and item by item, so that one bad item, or the end of a document that was cut
// off, takes nothing else with it. What ends early may be faulty and not cut off:
// it is tidied, and read again.
func decodeJSON(text []byte) (feed, []string, error) {
	text, shortened := shortenStrings(text)
	r, err := readJSONFeed(text)
	if err != nil {
		tidied, errTidied := readJSONFeed(tidyJSON(text))
		if errTidied == nil || len(tidied.feed.items) > len(r.feed.items) {
			decoded, warnings, err := tidied.result(errTidied)
			return decoded, slices.Concat(shortened, []string{"the JSON is not well-formed; it was mended"}, warnings), err
		}
	}
	decoded, warnings, err := r.result(err)
	return decoded, append(shortened, warnings...), err
}

func readJSONFeed(text []byte) (*jsonReader, error) {
	r := &jsonReader{decoder: json.NewDecoder(bytes.NewReader(text))}
	return r, r.read()
}

// result is what was read up to an error.
func (r *jsonReader) result(err error) (feed, []string, error) {
	var warnings []string
	switch {
	case !r.isFeed && err != nil:
		return feed{}, nil, fmt.Errorf("%w: %w", ErrUnparsable, err)
	case !r.isFeed:
		return feed{}, nil, fmt.Errorf("%w: JSON without the members of a feed", ErrNotAFeed)
	case err != nil && len(r.feed.items) == 0:
		return feed{}, nil, fmt.Errorf("%w: %w", ErrUnparsable, err)
	}
	if err != nil {
		r.feed.truncated = true
		warnings = append(warnings, fmt.Sprintf("the feed is cut off; whole items read: %d", len(r.feed.items)))
	}
	if r.items > maxItems {
		warnings = append(warnings, tooManyItems(r.items, maxItems))
	}
	return r.feed, append(warnings, lostItems(r.lost)...), nil
}

type jsonReader struct {
	decoder *json.Decoder
	feed    feed
	isFeed  bool // it has a list of items
	items   int
	lost    int // how many of them are none
}

// read reads the members of the feed object.
func (r *jsonReader) read() error {
	if _, err := r.decoder.Token(); err != nil {
		return err
	}
	for r.decoder.More() {
		name, err := r.decoder.Token()
		if err != nil {
			return err
		}
		if name == "items" {
			err = r.readItems()
		} else {
			err = r.readMember(name)
		}
		if err != nil {
			return err
		}
	}
	_, err := r.decoder.Token()
	return err
}

func (r *jsonReader) readMember(name json.Token) error {
	var value json.RawMessage
	if err := r.decoder.Decode(&value); err != nil {
		return err
	}
	var text string
	if name == "language" && json.Unmarshal(value, &text) == nil {
		r.feed.language = text
	}
	return nil
}

func (r *jsonReader) readItems() error {
	open, err := r.decoder.Token()
	if err != nil {
		return err
	}
	if open != json.Delim('[') {
		return errors.New("items is not a list")
	}
	r.isFeed = true
	for r.decoder.More() {
		var raw json.RawMessage
		if err := r.decoder.Decode(&raw); err != nil {
			return err
		}
		if r.items++; r.items > maxItems {
			continue
		}
		var from jsonfeed.Item
		if json.Unmarshal(raw, &from) != nil {
			r.lost++
			continue
		}
		r.feed.items = append(r.feed.items, fromJSONItem(&from))
	}
	_, err = r.decoder.Token()
	return err
}

func fromJSONItem(from *jsonfeed.Item) item {
	to := item{
		title:      from.Title,
		link:       firstOf(from.URL, from.ExternalURL),
		guid:       from.ID,
		summary:    from.Summary,
		content:    from.ContentHTML,
		published:  from.DatePublished,
		updated:    from.DateModified,
		categories: from.Tags,
		language:   from.Language,
	}
	if to.content == "" { // text may hold a < that is no tag
		to.content = html.EscapeString(from.ContentText)
	}
	for _, image := range [...]string{from.Image, from.BannerImage} {
		if image != "" {
			to.images = append(to.images, image)
		}
	}
	if from.Attachments != nil {
		for _, attachment := range *from.Attachments {
			if isImage(attachment.MimeType, attachment.URL) {
				to.images = append(to.images, attachment.URL)
			}
		}
	}
	if from.Author != nil {
		to.authors = append(to.authors, from.Author.Name)
	}
	for _, author := range from.Authors {
		if author != nil {
			to.authors = append(to.authors, author.Name)
		}
	}
	return to
}
