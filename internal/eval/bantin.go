package eval

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"bantin/internal/article"
	"bantin/internal/gazetteer"
	"bantin/normalizer"
)

// Bantin reads with the normalizer of this program, as the pipeline does.
type Bantin struct{ normalizer *normalizer.Normalizer }

// NewBantin returns the reader.
func NewBantin() (Bantin, error) {
	places, err := gazetteer.New()
	if err != nil {
		return Bantin{}, err
	}
	n, err := normalizer.New(normalizer.Options{Gazetteer: places})
	return Bantin{n}, err
}

// Page is a PageReader.
func (b Bantin) Page(page Page) (Record, error) {
	src := article.Source{ID: "s", PageURL: page.URL, Province: page.Province, Republish: article.Full}
	result, err := b.normalizer.Page(src, normalizer.Link{URL: page.URL}, normalizer.Document{
		Body: page.HTML, URL: page.URL, ContentType: "text/html; charset=utf-8", Fetched: seenAt(page.Seen),
	})
	if err != nil {
		return Record{}, err
	}
	got := result.Article
	record := Record{
		Title: got.Title, Published: published(&got), Lead: got.Lead,
		Author: got.Author, Origin: got.Origin, Body: got.Text,
	}
	for _, image := range got.Images {
		if image.Caption != "" {
			record.Captions = append(record.Captions, image.Caption)
		}
	}
	return record, nil
}

// Feed is a FeedReader.
func (b Bantin) Feed(feed Feed) ([]Item, error) {
	src := article.Source{
		ID: "s", FeedURL: feed.URL, Province: feed.Province, Republish: article.Full, Dates: article.DateOrder(feed.Dates),
	}
	result, err := b.normalizer.Feed(src, normalizer.Document{
		Body: feed.Body, ContentType: feed.ContentType, URL: feed.URL, Fetched: seenAt(feed.Seen),
	})
	items := make([]Item, 0, len(result.Articles))
	for i := range result.Articles {
		a := &result.Articles[i]
		items = append(items, Item{
			Title: a.Title, URL: a.URL, Published: published(a), Author: a.Author,
			Text: a.Lead + "\n" + a.Text, Categories: a.Categories,
		})
	}
	return items, err
}

// Places are the codes of the places that an article names.
func (b Bantin) Places(c PlaceCase) ([]string, error) {
	a, err := b.article(c.Province, c.Date, nil, c.Title, c.Lead, c.Text)
	codes := make([]string, 0, len(a.Places))
	for _, place := range a.Places {
		codes = append(codes, place.Code)
	}
	slices.Sort(codes) // of a province now and then there may be one
	return slices.Compact(codes), err
}

// Topics are the topics of an article, the primary one first.
func (b Bantin) Topics(c TopicCase) ([]string, error) {
	categories := c.Categories
	if c.Section != "" {
		categories = append([]string{c.Section}, categories...)
	}
	a, err := b.article("", "", categories, c.Title, c.Lead, c.Text)
	var ids []string
	for _, topic := range a.Topics {
		if topic.Primary {
			ids = append([]string{topic.ID}, ids...)
		} else {
			ids = append(ids, topic.ID)
		}
	}
	return ids, err
}

// article has a feed of one item read.
func (b Bantin) article(province, date string, categories []string, title, lead, text string) (article.Article, error) {
	item := map[string]any{
		"id": "1", "url": "https://bao.example/1", "title": title, "summary": lead,
		"content_text": text, "tags": categories,
	}
	if date != "" {
		item["date_published"] = date + "T08:00:00+07:00"
	}
	feed, err := json.Marshal(map[string]any{
		"version": "https://jsonfeed.org/version/1.1", "title": "t", "items": []any{item},
	})
	if err != nil {
		return article.Article{}, err
	}
	src := article.Source{ID: "s", FeedURL: "https://bao.example/feed.json", Province: province, Republish: article.Full}
	result, err := b.normalizer.Feed(src, normalizer.Document{Body: feed, URL: src.FeedURL})
	if err == nil && len(result.Articles) != 1 {
		err = fmt.Errorf("read %q: %d articles %s", title, len(result.Articles), strings.Join(result.Warnings, "; "))
	}
	if err != nil {
		return article.Article{}, err
	}
	return result.Articles[0], nil
}

// seenAt is when a document was fetched; zero where the set does not say.
func seenAt(seen string) time.Time {
	at, err := time.Parse(time.RFC3339, seen)
	if err != nil {
		return time.Time{}
	}
	return at
}

// published is a date as the set writes it: as exact as the source gave it.
func published(a *article.Article) string {
	if a.Published.IsZero() {
		return ""
	}
	in := a.Published.In(time.FixedZone("Vietnam", 7*60*60))
	switch a.Precision {
	case article.Day:
		return in.Format(time.DateOnly)
	case article.Hour:
		return in.Format("2006-01-02 15h")
	case article.Minute:
	}
	return in.Format("2006-01-02 15:04")
}
