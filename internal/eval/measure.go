package eval

import (
	"fmt"
	"slices"
	"strings"
)

// A PageReader reads the article of a page. It fails where it finds none.
type PageReader func(Page) (Record, error)

// A FeedReader reads the items of a feed.
type FeedReader func(Feed) ([]Item, error)

// PageFigures are what a reader of pages reached.
type PageFigures struct {
	Body                                       Mean // lead and body
	Title, Date, Author, Origin, Caption, Lead Score
	Misses                                     []Miss
}

// MeasurePages has all pages read.
func MeasurePages(pages []Page, read PageReader) PageFigures {
	var f PageFigures
	for i := range pages {
		page := &pages[i]
		got, err := read(*page)
		if err != nil {
			f.Misses = append(f.Misses, Miss{page.Name, "page", err.Error(), page.Want.Title})
		}
		f.page(page, got)
	}
	return f
}

func (f *PageFigures) page(page *Page, got Record) {
	want := &page.Want
	got.tidy()
	excused := []string{plain(want.Title)}
	for _, caption := range want.Captions {
		excused = append(excused, plain(caption))
	}
	text, wanted := without(got.Lead+"\n"+got.Body, excused...), without(want.Lead+"\n"+want.Body, excused...)
	body := compareText(text, wanted)
	f.Body.add(body)
	if body.F1() < 0.99 {
		more, less := differingLines(text, wanted)
		f.Misses = append(f.Misses, Miss{page.Name, fmt.Sprintf("body F1 %.3f", body.F1()), more, less})
	}
	f.one(page, "title", &f.Title, got.Title, want.Title)
	f.one(page, "date", &f.Date, got.Published, want.Published)
	f.one(page, "author", &f.Author, got.Author, want.Author)
	f.one(page, "origin", &f.Origin, got.Origin, want.Origin)
	f.one(page, "lead", &f.Lead, got.Lead, want.Lead)
	if !f.Caption.many(got.Captions, want.Captions) {
		f.Misses = append(f.Misses, Miss{page.Name, "captions", strings.Join(got.Captions, " | "), strings.Join(want.Captions, " | ")})
	}
}

func (f *PageFigures) one(page *Page, what string, s *Score, got, want string) {
	if !s.one(got, want) {
		f.Misses = append(f.Misses, Miss{page.Name, what, got, want})
	}
}

// differingLines are the lines of each text that the other does not have.
func differingLines(got, want string) (more, less string) {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	only := func(these, others []string) string {
		var lines []string
		for _, line := range these {
			if !slices.Contains(others, line) {
				lines = append(lines, line)
			}
		}
		return strings.Join(lines, " ¶ ")
	}
	return only(a, b), only(b, a)
}

// FeedFigures are what a reader of feeds reached.
type FeedFigures struct {
	Damaged, Given           int // damaged feeds, and those of them that gave all their items
	Item                     Score
	Title, URL, Date, Author Score // of the items that were found
	Text                     Mean
	Misses                   []Miss
}

// MeasureFeeds has all feeds read.
func MeasureFeeds(feeds []Feed, read FeedReader) FeedFigures {
	var f FeedFigures
	for i := range feeds {
		feed := &feeds[i]
		got, err := read(*feed)
		if err != nil {
			f.Misses = append(f.Misses, Miss{feed.Name, "feed", err.Error(), feed.Proves})
		}
		whole := f.feed(feed, got)
		if feed.Damaged {
			f.Damaged++
			if whole {
				f.Given++
			}
		}
	}
	return f
}

// feed compares the items of a feed, found by their titles, else by their
// addresses, and reports whether all were given.
func (f *FeedFigures) feed(feed *Feed, got []Item) bool {
	whole := true
	found := make([]bool, len(got))
	for _, want := range feed.Items {
		i := slices.IndexFunc(got, func(g Item) bool { return plain(g.Title) == plain(want.Title) })
		if i < 0 {
			i = slices.IndexFunc(got, func(g Item) bool { return want.URL != "" && g.URL == want.URL })
		}
		if i < 0 || found[i] {
			whole = false
			f.Item.Missing++
			f.Misses = append(f.Misses, Miss{feed.Name, "item", "", want.Title})
			continue
		}
		found[i] = true
		f.Item.Right++
		f.item(feed, &got[i], &want)
	}
	for i := range got {
		if !found[i] {
			f.Item.Wrong++
			f.Misses = append(f.Misses, Miss{feed.Name, "item", got[i].Title, ""})
		}
	}
	return whole
}

func (f *FeedFigures) item(feed *Feed, got, want *Item) {
	for _, field := range []struct {
		what      string
		score     *Score
		got, want string
	}{
		{"title", &f.Title, got.Title, want.Title},
		{"url", &f.URL, got.URL, want.URL},
		{"date", &f.Date, got.Published, want.Published},
		{"author", &f.Author, got.Author, want.Author},
	} {
		if !field.score.one(field.got, field.want) {
			f.Misses = append(f.Misses, Miss{feed.Name, field.what, field.got, field.want})
		}
	}
	text := compareText(got.Text, want.Text)
	f.Text.add(text)
	if text.F1() < 0.99 {
		f.Misses = append(f.Misses, Miss{feed.Name, "text", plain(got.Text), plain(want.Text)})
	}
}

// TagFigures are what a tagger reached. For topics, Right of Primary are the
// articles that an editor would have filed there.
type TagFigures struct {
	Place, Primary, Topic Score
	Misses                []Miss
}

// MeasureTags has all judgements made: places gives the codes that a tagger finds
// in an article, topics the topics, the primary one first.
func MeasureTags(set *Set, places func(PlaceCase) ([]string, error), topics func(TopicCase) ([]string, error)) TagFigures {
	var f TagFigures
	for _, c := range set.Places {
		got, err := places(c)
		if err != nil {
			f.Misses = append(f.Misses, Miss{c.Title, "article", err.Error(), ""})
		}
		if !f.Place.many(got, c.Places) {
			f.Misses = append(f.Misses, Miss{c.Title + " " + c.Date, "places (" + c.Note + ")", strings.Join(got, " "), strings.Join(c.Places, " ")})
		}
	}
	for _, c := range set.Topics {
		got, err := topics(c)
		if err != nil {
			f.Misses = append(f.Misses, Miss{c.Title, "article", err.Error(), ""})
		}
		f.topic(c, got)
	}
	return f
}

func (f *TagFigures) topic(c TopicCase, got []string) {
	primary := ""
	if len(got) > 0 {
		primary = got[0]
	}
	want := c.Primary
	if slices.Contains(c.Or, primary) {
		want = primary
	}
	if !f.Primary.one(primary, want) {
		f.Misses = append(f.Misses, Miss{c.Title, "topic", strings.Join(got, " "), strings.Join(append([]string{c.Primary}, c.Also...), " ")})
	}
	f.Topic.many(got, append([]string{want}, c.Also...))
}
