// Command eval prints how well articles are read on the evaluation set: by
// Bantin, and beside it by two readers for all the world's pages. It is a module
// of its own, so that those are no part of Bantin.
//
//	go -C bench/eval run . [-misses] [SET]
package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"codeberg.org/readeck/go-readability/v2"
	"github.com/markusmobius/go-trafilatura"
	"github.com/mmcdole/gofeed"
	"golang.org/x/net/html"

	"bantin/internal/eval"
)

func main() {
	misses := flag.Bool("misses", false, "print where Bantin and the editor do not agree")
	flag.Parse()
	folder := "../../normalizer/testdata/eval"
	if flag.NArg() > 0 {
		folder = flag.Arg(0)
	}
	if err := run(os.Stdout, folder, *misses); err != nil {
		fmt.Fprintln(os.Stderr, "eval:", err)
		os.Exit(1)
	}
}

func run(out io.Writer, folder string, misses bool) error {
	set, err := eval.Load(os.DirFS(folder))
	if err != nil {
		return err
	}
	ours, err := eval.NewBantin()
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "%d pages\tbody P\tR\tF1\ttitle\tdate\tbyline\torigin\tlead\tcaptions\n", len(set.Pages))
	pages := eval.MeasurePages(set.Pages, ours.Page)
	printPages(table, "bantin", pages)
	printPages(table, "go-readability", eval.MeasurePages(set.Pages, readable))
	printPages(table, "go-trafilatura", eval.MeasurePages(set.Pages, trafilated))
	fmt.Fprintf(table, "\n%d feeds\titems P\tR\tdamaged\ttitle\tURL\tdate\tauthor\ttext\n", len(set.Feeds))
	feeds := eval.MeasureFeeds(set.Feeds, ours.Feed)
	printFeeds(table, "bantin", feeds)
	printFeeds(table, "gofeed", eval.MeasureFeeds(set.Feeds, gofed))
	tags := eval.MeasureTags(set, ours.Places, ours.Topics)
	fmt.Fprintf(table, "\n%d + %d judgements\tP\tR\tF1\n", len(set.Places), len(set.Topics))
	printScore(table, "places", tags.Place)
	printScore(table, "primary topic", tags.Primary)
	printScore(table, "all topics", tags.Topic)
	if err := table.Flush(); err != nil {
		return err
	}
	if misses {
		for _, m := range append(append(pages.Misses, feeds.Misses...), tags.Misses...) {
			fmt.Fprintln(out, m)
		}
	}
	return nil
}

func printPages(w io.Writer, name string, f eval.PageFigures) {
	fmt.Fprintf(w, "%s\t%.3f\t%.3f\t%.3f", name, f.Body.Precision(), f.Body.Recall(), f.Body.F1())
	for _, s := range []eval.Score{f.Title, f.Date, f.Author, f.Origin, f.Lead, f.Caption} {
		fmt.Fprintf(w, "\t%s", triple(s))
	}
	fmt.Fprintln(w)
}

func printFeeds(w io.Writer, name string, f eval.FeedFigures) {
	fmt.Fprintf(w, "%s\t%.3f\t%.3f\t%d of %d", name, f.Item.Precision(), f.Item.Recall(), f.Given, f.Damaged)
	for _, s := range []eval.Score{f.Title, f.URL, f.Date, f.Author} {
		fmt.Fprintf(w, "\t%s", triple(s))
	}
	fmt.Fprintf(w, "\t%.3f\n", f.Text.F1())
}

func printScore(w io.Writer, name string, s eval.Score) {
	fmt.Fprintf(w, "%s\t%.3f\t%.3f\t%.3f\n", name, s.Precision(), s.Recall(), s.F1())
}

// triple is precision / recall / F1.
func triple(s eval.Score) string {
	return fmt.Sprintf("%.2f/%.2f/%.3f", s.Precision(), s.Recall(), s.F1())
}

// readable reads with go-readability, as its documentation shows.
func readable(page eval.Page) (eval.Record, error) {
	base, err := url.Parse(page.URL)
	if err != nil {
		return eval.Record{}, err
	}
	got, err := readability.FromReader(bytes.NewReader(page.HTML), base)
	if err != nil {
		return eval.Record{}, err
	}
	record := eval.Record{Title: got.Title(), Author: got.Byline()}
	if at, err := got.PublishedTime(); err == nil {
		record.Published = sameAs(page.Want.Published, at)
	}
	if got.Node != nil {
		record.Body = textOf(got.Node)
	}
	return record, nil
}

// trafilated reads with go-trafilatura and its fallbacks.
func trafilated(page eval.Page) (eval.Record, error) {
	base, err := url.Parse(page.URL)
	if err != nil {
		return eval.Record{}, err
	}
	got, err := trafilatura.Extract(bytes.NewReader(page.HTML), trafilatura.Options{
		OriginalURL: base, EnableFallback: true, ExcludeComments: true,
	})
	if err != nil {
		return eval.Record{}, err
	}
	return eval.Record{
		Title: got.Metadata.Title, Author: got.Metadata.Author,
		Published: sameAs(page.Want.Published, got.Metadata.Date), Body: textOf(got.ContentNode),
	}, nil
}

// sameAs writes a date as exactly as the editor did, and only its day where the
// editor had the minute and it fell on that day: these readers seldom know more.
func sameAs(want string, at time.Time) string {
	if at.IsZero() {
		return ""
	}
	for _, zone := range []*time.Location{time.FixedZone("Vietnam", 7*60*60), at.Location()} {
		if day := at.In(zone).Format(time.DateOnly); strings.HasPrefix(want, day) {
			return want
		}
	}
	return at.Format(time.DateOnly)
}

// textOf is the text of a tree, a line a block.
func textOf(n *html.Node) string {
	var text strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode {
			text.WriteString(strings.ReplaceAll(n.Data, "\n", " "))
		}
		for child := range n.ChildNodes() {
			walk(child)
		}
		switch n.Data {
		case "td", "th":
			text.WriteByte(' ')
		case "p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "figcaption", "blockquote", "section":
			text.WriteByte('\n')
		}
	}
	walk(n)
	return text.String()
}

// gofed reads a feed with gofeed alone.
func gofed(feed eval.Feed) ([]eval.Item, error) {
	got, err := gofeed.NewParser().Parse(bytes.NewReader(feed.Body))
	if err != nil {
		return nil, err
	}
	var items []eval.Item
	for _, item := range got.Items {
		one := eval.Item{Title: item.Title, URL: item.Link, Text: plainText(item.Description) + "\n" + plainText(item.Content)}
		if item.PublishedParsed != nil {
			one.Published = item.PublishedParsed.In(time.FixedZone("Vietnam", 7*60*60)).Format("2006-01-02 15:04")
		}
		if len(item.Authors) > 0 {
			one.Author = item.Authors[0].Name
		}
		items = append(items, one)
	}
	return items, nil
}

func plainText(fragment string) string {
	root, err := html.Parse(strings.NewReader(fragment))
	if err != nil {
		return fragment
	}
	return textOf(root)
}
