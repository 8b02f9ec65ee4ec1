package main

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"bantin/config"
	"bantin/fetcher"
	"bantin/internal/article"
	"bantin/internal/vietnamese"
	"bantin/normalizer"
)

const (
	// maxAsked is how many addresses are asked beside the one that was given. The
	// usual ones are ten.
	maxAsked = 12
	// maxLinked leaves room for some of the usual addresses where a page has many
	// links: its first links are the main ones.
	maxLinked = 8
	// atOnce is no more than a browser asks of one host.
	atOnce = 2
	// sampleSize is how many articles show what a page source gives.
	sampleSize = 3
	// frozenAfter is the age of the newest item from which another feed is the
	// better choice. Slow portals write once in two weeks.
	frozenAfter = 30 * 24 * time.Hour
)

type discoverCmd struct {
	All bool   `help:"Print the YAML of every feed, not only of the best."`
	URL string `arg:"" name:"url" help:"The address of a site, of a page that lists its articles, or of a feed."`
}

// Run looks for the feeds of a site, and prints what to write into bantin.yaml.
// It works without a configuration file; all that it prints is YAML, what is for
// people in comments.
func (c discoverCmd) Run(s *session) error {
	return s.withReader(func(r reader) error {
		d := &discovery{
			reader: r, session: s,
			started: s.now(), ids: newIDs(r.config.Sources), seen: map[string]bool{},
		}
		return d.run(c)
	})
}

// A discovery is one look at a site.
type discovery struct {
	*session
	reader
	started time.Time
	ids     ids

	host    string          // of the site
	seen    map[string]bool // addresses that were asked or are known, in canonical form
	asked   int
	silent  int  // how many the host did not answer at all
	refused bool // the host told us to slow down
	unasked int  // links that look like feeds, beyond maxAsked
}

func (d *discovery) run(c discoverCmd) error {
	target := c.URL
	if !strings.Contains(target, "://") {
		target = "https://" + target
	}
	if err := config.CheckURL(target); err != nil {
		return fmt.Errorf("%w: the address cannot be a source's: %w", errUsage, err)
	}
	document, address, err := d.fetch(target, fetcher.AcceptPage)
	if err != nil {
		return err
	}
	d.host = hostOf(document.URL)
	d.seen[article.CanonicalURL(address)], d.seen[article.CanonicalURL(document.URL)] = true, true
	given := d.read(lead{url: address, how: "given"}, document)
	if given.err == nil {
		d.printf("# %s is itself a feed.\n", vietnamese.Clean(address))
		d.printFeeds([]feed{given}, c)
		return nil
	}
	if !isPage(given.err, document) {
		return fmt.Errorf("discover %s: %w", address, given.err)
	}
	site, err := normalizer.ReadSite(document)
	if err != nil {
		return fmt.Errorf("discover %s: %w", address, err)
	}
	feeds := d.ask(d.leads(site, document.URL), site.Name)
	rank(feeds, d.started)
	d.printTable(feeds)
	if len(feeds) > 0 && feeds[0].items > 0 {
		d.printFeeds(feeds, c)
		return nil
	}
	d.printf("# No feed with items was found.\n")
	if d.isHopeless() {
		return fmt.Errorf("%w: %s does not answer now; try again later", errNothingFound, d.host)
	}
	pageErr := d.proposePage(document, address, site.Name)
	if pageErr != nil && len(feeds) > 0 && feeds[0].err == nil {
		d.printf("# As a page it gives nothing: %v\n# The feed that was found has no items now; it may have some later.\n", oneLine(pageErr))
		d.printFeeds(feeds, c)
		return nil
	}
	return pageErr
}

// fetch returns a document, and the address to remember for it: where permanent
// redirects lead, else the one asked.
func (d *discovery) fetch(target, accept string) (document normalizer.Document, address string, err error) {
	request := fetcher.Request{URL: target, Accept: accept}
	if u, err := url.Parse(target); err == nil && d.isExcepted(target) {
		request.InsecureHost = u.Hostname()
	}
	result, err := d.reader.fetch(d.ctx, request)
	document = normalizer.Document{Body: result.Body, ContentType: result.ContentType, URL: result.FinalURL, Fetched: d.started}
	return document, cmp.Or(result.MovedTo, target), err
}

// isPage reports whether what is no feed may be a page that leads to one.
func isPage(err error, document normalizer.Document) bool {
	return errors.Is(err, normalizer.ErrNotAFeed) ||
		errors.Is(err, normalizer.ErrUnparsable) && strings.Contains(document.ContentType, "html")
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}

// A lead is an address where a feed may be.
type lead struct {
	url, title, how string
	order           int // the sureness of how it was found; less is surer
}

// A feed is what a lead led to.
type feed struct {
	lead
	name     string
	items    int
	newest   time.Time
	warnings int
	err      error // why it is none
}

// leads are the links of the page, then the usual addresses.
func (d *discovery) leads(site normalizer.Site, at string) []lead {
	leads := d.linked(site, "link of the page")
	root, err := url.Parse(at)
	if err != nil {
		return leads
	}
	for _, usual := range usualPaths() {
		if path, err := url.Parse(usual.path); err == nil {
			leads = append(leads, lead{url: root.ResolveReference(path).String(), how: "usual address, " + usual.family, order: 3})
		}
	}
	return leads
}

// linked are the links of a page, no more than leave room for others.
func (d *discovery) linked(site normalizer.Site, how string) []lead {
	var leads []lead
	for _, link := range site.Feeds {
		one := lead{url: link.URL, title: link.Title, how: how, order: 1}
		if link.Declared {
			one.how, one.order = "declared by the page", 0
		}
		leads = append(leads, one)
	}
	kept := min(maxLinked, len(leads))
	d.unasked += len(leads) - kept
	return leads[:kept]
}

// A usualPath is where the feeds of one kind of site are.
type usualPath struct{ path, family string }

// usualPaths begins with the most frequent. An entry names a site where it was
// seen, and when.
func usualPaths() []usualPath {
	return []usualPath{
		{"/rss", "papers"},                                    // baoquangninh.vn, baochinhphu.vn, 2026
		{"/rss/home.rss", "papers"},                           // cand.vn, 2026
		{"/rss.xml", "papers"},                                // vov.vn, 2026
		{"/feed", "WordPress"},                                // its default, wordpress.org/documentation, 2026
		{"/rss/", "NukeViet"},                                 // conganquangninh.gov.vn, 2026
		{"/index.php?language=vi&nv=news&op=rss", "NukeViet"}, // its address without rewriting, version 4
		{"/rss/trang-chu.rss", "papers"},                      // the slug of the front page
		{"/home.rss", "VCCorp"},                               // baochinhphu.vn, 2026
		{"/atom.xml", "static sites"},                         // the default of several generators
		{"/feeds", "others"},                                  // seen on portals of departments
	}
}

// ask looks at the leads, two at a time, in their order. Pages that list feeds
// give more of them.
func (d *discovery) ask(queue []lead, siteName string) []feed {
	var feeds []feed
	for len(queue) > 0 && d.asked < maxAsked && !d.isHopeless() {
		var batch []lead
		for len(queue) > 0 && len(batch) < min(atOnce, maxAsked-d.asked) {
			next := queue[0]
			queue = queue[1:]
			if key := article.CanonicalURL(next.url); !d.seen[key] {
				d.seen[key] = true
				batch = append(batch, next)
			}
		}
		d.asked += len(batch)
		for _, found := range d.look(batch) {
			if found.how == "" { // an answer that is known from another address
				continue
			}
			found.name = cmp.Or(found.name, found.title, siteName)
			feeds = append(feeds, found.feed)
			queue = slices.Concat(found.leads, queue)
		}
	}
	for _, left := range queue {
		if left.order < 3 && !d.seen[article.CanonicalURL(left.url)] {
			d.unasked++
		}
	}
	return feeds
}

// isHopeless reports whether the host does not want to be asked further.
func (d *discovery) isHopeless() bool { return d.refused || d.silent >= atOnce || d.ctx.Err() != nil }

// An answer is a feed, or a page with leads to feeds.
type answer struct {
	feed
	leads    []lead
	document normalizer.Document
}

func (d *discovery) look(batch []lead) []answer {
	answers := make([]answer, len(batch))
	var group sync.WaitGroup
	for i, one := range batch {
		group.Go(func() {
			if err := config.CheckURL(one.url); err != nil {
				answers[i].feed = feed{lead: one, err: err}
				return
			}
			document, address, err := d.fetch(one.url, fetcher.AcceptFeed)
			if err != nil {
				answers[i].feed = feed{lead: one, err: err}
				return
			}
			one.url = address
			answers[i] = answer{feed: d.read(one, document), document: document}
		})
	}
	group.Wait()
	for i := range answers {
		d.judge(&answers[i], batch[i].url)
	}
	return answers
}

// judge keeps what the answer to an address says of the host and of other
// addresses.
func (d *discovery) judge(a *answer, address string) {
	if failure, ok := errors.AsType[*fetcher.Error](a.err); ok {
		if hostOf(failure.URL) != d.host {
			return
		}
		switch failure.Kind { //nolint:exhaustive // the other kinds say nothing of the host's other addresses
		case fetcher.KindRateLimited:
			d.refused = true
		case fetcher.KindTimeout, fetcher.KindDNS, fetcher.KindTLS, fetcher.KindRefused, fetcher.KindNetwork:
			d.silent++
		}
		return
	}
	final := article.CanonicalURL(a.document.URL)
	if final != article.CanonicalURL(address) && d.seen[final] {
		a.feed = feed{}
		return
	}
	d.seen[final] = true
	if a.err != nil && isPage(a.err, a.document) && a.order < 3 {
		if site, err := normalizer.ReadSite(a.document); err == nil {
			a.leads = d.linked(site, "link of "+a.url)
		}
	}
}

// read takes a document for a feed.
func (d *discovery) read(from lead, document normalizer.Document) feed {
	result, err := d.normalizer.Feed(article.Source{ID: "discover", FeedURL: from.url}, document)
	found := feed{lead: from, items: len(result.Articles), warnings: len(result.Warnings), err: err}
	if err != nil {
		return found
	}
	found.name = normalizer.FeedTitle(document)
	for i := range result.Articles {
		if at := result.Articles[i].Published; at.After(found.newest) {
			found.newest = at
		}
	}
	return found
}

// rank puts the best feed first, and among equals the one that was found in the
// surest way.
func rank(feeds []feed, now time.Time) {
	slices.SortStableFunc(feeds, func(a, b feed) int {
		return cmp.Or(cmp.Compare(a.class(now), b.class(now)), cmp.Compare(a.order, b.order))
	})
}

// class is how well a feed serves as a source; 0 is best.
func (f *feed) class(now time.Time) int {
	switch {
	case f.err != nil:
		return 4
	case f.items == 0:
		return 3
	case f.isOfComments():
		return 2
	case f.isFrozen(now):
		return 1
	}
	return 0
}

func (f *feed) isFrozen(now time.Time) bool {
	return !f.newest.IsZero() && now.Sub(f.newest) > frozenAfter
}

func (f *feed) isOfComments() bool {
	text := strings.ToLower(f.url + " " + f.title + " " + f.name)
	return strings.Contains(text, "comment") || strings.Contains(text, "bình luận")
}

// printTable prints what was asked, in comments.
func (d *discovery) printTable(feeds []feed) {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	row := func(cells ...string) {
		for i := range cells {
			cells[i] = vietnamese.Clean(cells[i]) // a server must not steer the terminal
		}
		_, _ = fmt.Fprintln(w, strings.Join(cells, "\t")) // b takes everything
	}
	row("ADDRESS", "RESULT", "ITEMS", "NEWEST", "FOUND")
	for _, f := range feeds {
		items, newest := "-", "-"
		if f.err == nil {
			items, newest = strconv.Itoa(f.items), short(in(f.newest, d.config.Site.Timezone))
		}
		row(f.url, f.result(d.started), items, newest, f.how)
	}
	_ = w.Flush()
	if d.unasked > 0 {
		fmt.Fprintf(&b, "%d more links look like feeds and were not asked\n", d.unasked)
	}
	if d.isHopeless() {
		b.WriteString("the host does not want to be asked more now, so not all addresses were\n")
	}
	for line := range strings.Lines(b.String()) {
		d.printf("# %s\n", strings.TrimRight(line, " \n"))
	}
}

// result is what came of a lead, in a few words.
func (f *feed) result(now time.Time) string {
	var failure *fetcher.Error
	switch {
	case errors.As(f.err, &failure):
		return cutRunes(failure.Err.Error(), 60)
	case f.err != nil:
		return cutRunes(f.err.Error(), 60)
	case f.items == 0:
		return "feed without items"
	case f.isFrozen(now):
		return "feed, nothing new for long"
	case f.warnings > 0:
		return fmt.Sprintf("feed, %d warnings", f.warnings)
	}
	return "feed"
}

// printFeeds prints the YAML of the best feed, or of all that have items.
func (d *discovery) printFeeds(feeds []feed, c discoverCmd) {
	var sources []yamlSource
	for i, f := range feeds {
		if i > 0 && (!c.All || f.err != nil || f.items == 0) {
			break
		}
		y := yamlSource{feed: f.url, comment: fmt.Sprintf("%d items", f.items)}
		if newest := in(f.newest, d.config.Site.Timezone); newest != nil {
			y.comment += ", the newest of " + short(newest)
		}
		sources = append(sources, d.named(y, f.name))
	}
	d.printf("%s", yamlOf(sources))
}

// named gives a source its name and id, and says when it is in the configuration.
func (d *discovery) named(y yamlSource, name string) yamlSource {
	for _, src := range d.config.Sources {
		if article.CanonicalURL(src.URL()) == article.CanonicalURL(y.address()) {
			y.comment += "; it is in the configuration already, as " + src.ID
		}
	}
	y.insecure = d.isExcepted(y.address())
	y.setName(d.ids, name)
	return y
}

// proposePage prints the YAML of a page source, with the articles that it gives.
func (d *discovery) proposePage(document normalizer.Document, address, siteName string) error {
	items, links, err := d.normalizer.ListingSelector(document)
	if err != nil {
		return fmt.Errorf("%w: %s leads neither to a feed nor to articles: %w", errNothingFound, address, err)
	}
	src := article.Source{ID: "discover", PageURL: address, Items: items}
	if items != "" {
		if links, err = d.normalizer.Listing(src, document); err != nil {
			return err
		}
	}
	d.printf("# As a page it gives %d links to articles, %s:\n", len(links), foundBy(items))
	read := 0
	for i, link := range links {
		if i >= sampleSize {
			d.printf("# and so on; the last is %q\n", links[len(links)-1].Title)
			break
		}
		text, err := d.sample(src, link)
		if err == nil {
			read++
		}
		d.printf("#   %s\n#     %s\n", text, vietnamese.Clean(link.URL))
	}
	if read == 0 {
		return fmt.Errorf("%w: none of the first articles of %s can be read", errNothingFound, address)
	}
	y := d.named(yamlSource{page: address, items: items, comment: fmt.Sprintf("%d articles", len(links))}, siteName)
	d.printf("%s", yamlOf([]yamlSource{y}))
	return nil
}

func foundBy(items string) string {
	if items == "" {
		return "found by the structure of the page"
	}
	return "by the selector in items"
}

// sample is the date and the title of an article, or why it cannot be read.
func (d *discovery) sample(src article.Source, link normalizer.Link) (string, error) {
	document, _, err := d.fetch(link.URL, fetcher.AcceptPage)
	if err != nil {
		return oneLine(err), err
	}
	page, err := d.normalizer.Page(src, link, document)
	if err != nil {
		return oneLine(err), err
	}
	return published(&page.Article, d.config.Site.Timezone) + "  " + page.Article.Title, nil
}

func oneLine(err error) string { return vietnamese.Clean(err.Error()) }
