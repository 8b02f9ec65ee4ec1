package publisher

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/gorilla/feeds"
)

// jsonDocument is a JSON Feed 1.1 (jsonfeed.org/version/1.1). Its items hide
// those of gorilla/feeds, which leaves out the list when it is empty; a feed
// must have one.
type jsonDocument struct {
	feeds.JSONFeed
	Items []jsonItem `json:"items"`
}

type jsonItem struct {
	feeds.JSONItem
	Language string     `json:"language,omitempty"`
	Source   jsonSource `json:"_source"`
}

// jsonSource is our extension: the source of an item, as atom:source says it.
type jsonSource struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	URL    string `json:"url,omitempty"`
	Origin string `json:"origin,omitempty"` // who wrote it first
	Rights string `json:"rights"`
}

func encodeJSON(f *feed) ([]byte, error) {
	d := jsonDocument{
		JSONFeed: feeds.JSONFeed{
			Version:     "https://jsonfeed.org/version/1.1",
			Title:       plain(f.Title),
			Description: plain(f.Description),
			HomePageUrl: f.PageURL,
			FeedUrl:     f.url(jsonName),
			Language:    f.Language,
			Authors:     []*feeds.JSONAuthor{{Name: plain(f.Site), Url: f.SiteURL}},
		},
		Items: []jsonItem{},
	}
	if f.Prev != "" {
		d.NextUrl = f.address(f.Prev + jsonName) // what comes next there is what is older
	}
	for _, hub := range f.Hubs {
		d.Hubs = append(d.Hubs, &feeds.JSONHub{Type: "WebSub", Url: hub})
	}
	for _, e := range f.Entries {
		d.Items = append(d.Items, newJSONItem(e))
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false) // \u003c in place of < would double the bodies
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(d); err != nil {
		return nil, fmt.Errorf("write JSON: %w", err)
	}
	return b.Bytes(), nil
}

func newJSONItem(e *entry) jsonItem {
	author := e.Author
	if author == "" {
		author = e.Source.Name // else the author of the whole feed would count as the item's
	}
	item := jsonItem{
		JSONItem: feeds.JSONItem{
			Id:          e.ID,
			Url:         e.Link,
			Title:       plain(e.Title),
			Summary:     plain(e.Summary),
			ContentHTML: e.fullHTML(),
			Authors:     []*feeds.JSONAuthor{{Name: plain(author)}},
			Tags:        tags(e.Categories),
		},
		Language: e.Language,
		Source: jsonSource{
			ID: plain(line(e.Source.ID, maxName)), Name: plain(e.Source.Name), URL: e.Source.URL,
			Origin: plain(e.Origin), Rights: plain(e.rights()),
		},
	}
	if e.Image != nil {
		item.Image = e.Image.URL
	}
	if !e.Published.IsZero() {
		item.PublishedDate = &e.Published
	}
	if !e.Changed.IsZero() {
		item.ModifiedDate = &e.Changed
	}
	return item
}

// tags are the names of the categories, each once: a province and its chief town
// may have one name.
func tags(categories []category) []string {
	names := make([]string, 0, len(categories))
	for _, c := range categories {
		names = append(names, plain(c.Name))
	}
	return distinct(names, len(names))
}
