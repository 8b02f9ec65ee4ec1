package normalizer

import (
	"fmt"
	"maps"
	"net/mail"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/language"

	"bantin/internal/article"
	"bantin/internal/vietnamese"
)

const (
	// maxTitle in characters: the longest title seen has 190. A megabyte in its
	// place is a text that took the wrong element.
	maxTitle = 300
	// maxCategories and maxImages are what an article shows at most; a photo
	// report has some thirty pictures.
	maxCategories, maxImages = 100, 50
	// maxBody is the longest body in bytes, a short novel. A MongoDB document
	// ends at 16 MB.
	maxBody = 1 << 20
)

// A mapping makes articles of the items of one feed.
type mapping struct {
	normalizer *Normalizer
	source     article.Source
	feed       feed
	base       *url.URL // against which links resolve; nil when nothing is known
	language   string
	twice      map[string]bool // guids that more than one link has
	dates      dateRules
	doubtful   bool     // a date means one thing or another by the dates beside it
	ids        []string // of all items, also of those that are no article
	warnings   []string
	removed    map[string][]Removal // by article id
}

func newMapping(n *Normalizer, src article.Source, doc Document, decoded feed) *mapping {
	m := &mapping{normalizer: n, source: src, feed: decoded, removed: map[string][]Removal{}}
	m.base = feedBase(doc.URL, decoded.link)
	m.language = feedLanguage(decoded.language)
	m.twice = ambiguousGUIDs(decoded.items)
	m.dates = dateRules{zone: n.zone, order: src.Dates, fetched: doc.Fetched}
	m.settleOrder()
	return m
}

// settleOrder finds the order of day and month that a feed shows where nobody
// said: one date that is on the calendar in one order only, beside none in the
// other, tells it of all.
func (m *mapping) settleOrder() {
	if m.dates.order != "" {
		return
	}
	counts := map[orderShown]int{}
	for i := range m.feed.items {
		counts[shownOrder(m.feed.items[i].date())]++
	}
	m.doubtful = counts[openOrder] > 0 || counts[onlyMonthFirst] > 0
	switch day, month := counts[onlyDayFirst], counts[onlyMonthFirst]; {
	case day > 0 && month == 0:
		m.dates.order = article.DayFirst
	case month > 0 && day == 0:
		m.dates.order = article.MonthFirst
		m.warn("the dates of the feed have the month first; set dates: mdy")
	}
}

// feedBase is where relative links start: at the site that the feed names, else
// at the document itself.
func feedBase(documentURL, siteLink string) *url.URL {
	base, err := url.Parse(documentURL)
	if err != nil || base.Host == "" {
		base = nil
	}
	if site := resolve(base, siteLink); site != "" {
		if link, err := url.Parse(site); err == nil {
			return link
		}
	}
	return base
}

// feedLanguage is the BCP 47 form of a language: vi_vn is vi-VN. The sources are
// Vietnamese, and many feeds name no language or none that exists.
func feedLanguage(raw string) string {
	tag, err := language.Parse(strings.TrimSpace(raw))
	if raw == "" || err != nil || tag == language.Und {
		return "vi"
	}
	return tag.String()
}

// ambiguousGUIDs are those that stand for articles with different links. A CMS
// that writes one guid everywhere would otherwise have a single article.
func ambiguousGUIDs(items []item) map[string]bool {
	links := make(map[string]string, len(items))
	twice := map[string]bool{}
	for i := range items {
		guid, link := strings.TrimSpace(items[i].guid), strings.TrimSpace(items[i].link)
		before, known := links[guid]
		if guid != "" && known && before != link {
			twice[guid] = true
		}
		links[guid] = link
	}
	return twice
}

func (m *mapping) warn(format string, values ...any) {
	m.warnings = append(m.warnings, fmt.Sprintf(format, values...))
}

// articles maps all items, in document order. An item that repeats an earlier
// one is that article, and one that says nothing is none. What an item said is
// let go when its article is made: a large feed is not held twice.
func (m *mapping) articles() []article.Article {
	out := make([]article.Article, 0, len(m.feed.items))
	seen := make(map[string]bool, len(m.feed.items))
	empty, repeated, lost := 0, 0, map[string]int{}
	for i := range m.feed.items {
		from := &m.feed.items[i]
		a := m.article(from)
		m.ids = append(m.ids, a.ID)
		saysNothing := isEmpty(from)
		*from = item{}
		if saysNothing {
			empty++
			continue
		}
		if reason := lostLetters(a.Title, a.Lead, a.Text); reason != "" {
			lost[reason]++
			continue
		}
		if seen[a.ID] {
			repeated++
			continue
		}
		seen[a.ID] = true
		out = append(out, a)
	}
	m.dropWrongMinutes(out)
	for i := range out {
		m.normalizer.tag(&out[i], m.source)
		out[i].ContentHash = contentHash(&out[i])
	}
	m.report(empty, repeated, lost)
	return out
}

func (m *mapping) report(empty, repeated int, lost map[string]int) {
	if empty > 0 {
		m.warn("items that say nothing were skipped: %d", empty)
	}
	for _, reason := range slices.Sorted(maps.Keys(lost)) {
		m.warn("items %s were skipped: %d", reason, lost[reason])
	}
	if repeated > 0 {
		m.warn("items that repeat another were skipped: %d", repeated)
	}
	if len(m.twice) > 0 {
		m.warn("guids that stand for several articles were not used: %d", len(m.twice))
	}
	if len(m.feed.items) == 0 {
		m.warn("the feed has no items")
	}
}

// isEmpty recognises an item without title, link and content. VnExpress had such
// ones in 2017, with "No Description" in the description.
func isEmpty(from *item) bool {
	content := firstOf(strings.TrimSpace(from.content), strings.TrimSpace(from.summary))
	return strings.TrimSpace(from.title) == "" && strings.TrimSpace(from.link) == "" &&
		(content == "" || content == "No Description")
}

// article maps one item.
func (m *mapping) article(from *item) article.Article {
	a := article.Article{
		SourceID: m.source.ID,
		GUID:     vietnamese.Legal(strings.TrimSpace(from.guid)),
		URL:      m.articleURL(from),
		Language: m.articleLanguage(from),
	}
	title := articleTitle(from)
	a.ID = article.NewID(m.source.ID, m.identity(from, &a, title))
	a.Title = m.shortTitle(&a, title)
	m.readDates(&a, from)
	m.fillBody(&a, from)
	if author := articleAuthor(from); author != "" {
		a.Author = author
	}
	a.Categories = articleCategories(&a, from)
	a.Images = m.articleImages(&a, from)
	return a
}

// articleTitle is the title as one line of text. The XML or JSON is decoded
// already; what is left of entities and tags are those of HTML, which most
// feeds put here, some twice over (NukeViet: &amp;quot;).
func articleTitle(from *item) string {
	return vietnamese.Clean(plainText(withoutLeftovers(from.title)))
}

func (m *mapping) shortTitle(a *article.Article, title string) string {
	short := cutText(title, maxTitle)
	if short != title {
		a.Warnings = append(a.Warnings, fmt.Sprintf("the title is longer than %d characters; it was cut", maxTitle))
	}
	return short
}

// articleURL is the absolute link; a guid that is a web address stands in for a
// missing one (RSS 2.0, <guid>: a permalink unless it says otherwise).
func (m *mapping) articleURL(from *item) string {
	if link := resolve(m.base, from.link); link != "" {
		return link
	}
	if strings.HasPrefix(strings.TrimSpace(from.guid), "http") {
		return resolve(nil, from.guid)
	}
	return ""
}

// identity is by what an article is known for ever: the guid, else the link,
// else title and date as they were written, else the text.
func (m *mapping) identity(from *item, a *article.Article, title string) string {
	guid := strings.TrimSpace(from.guid)
	switch {
	case guid != "" && !m.twice[guid]:
		return guid
	case a.URL != "":
		return article.CanonicalURL(a.URL)
	case title != "" || from.published != "":
		return title + "\x00" + strings.TrimSpace(from.published)
	}
	return firstOf(from.content, from.summary)
}

func (m *mapping) articleLanguage(from *item) string {
	if from.language == "" {
		return m.language
	}
	return feedLanguage(from.language)
}

// date is the raw date of an item. An Atom entry must have updated and often has
// nothing else (RFC 4287 §4.2.15): that is then the date it gives.
func (from *item) date() string {
	return firstOf(strings.TrimSpace(from.published), from.updated)
}

// readDates reads the dates of an item. gofeed's own reading is never taken: it
// has GMT+7, ICT and dates without a zone seven hours wrong, and nothing that we
// lack.
func (m *mapping) readDates(a *article.Article, from *item) {
	rules := m.dates
	rules.address = addressPeriod(a.URL, rules.zone)
	a.Published, a.Precision, _ = parseDate(from.date(), rules)
	a.Updated, _, _ = parseDate(from.updated, rules)
	a.Warnings = append(a.Warnings, unreadDates(a, from)...)
	a.Warnings = append(a.Warnings, rules.doubts(a)...)
}

// unreadDates names the dates that were not understood.
func unreadDates(a *article.Article, from *item) []string {
	var warnings []string
	if raw := strings.TrimSpace(from.published); raw != "" && a.Published.IsZero() {
		warnings = append(warnings, fmt.Sprintf("the date was not understood: %q", cutText(raw, maxDateBytes)))
	}
	if raw := strings.TrimSpace(from.updated); raw != "" && a.Updated.IsZero() {
		warnings = append(warnings, fmt.Sprintf("the date of the update was not understood: %q", cutText(raw, maxDateBytes)))
	}
	return warnings
}

// minWrongMinutes is how many items of a feed must have the number of the month
// for their minutes to show the fault of NukeViet where no generator is named. By
// chance four have it once in 13 million feeds.
const minWrongMinutes = 4

// dropWrongMinutes mends the dates of NukeViet up to 4.5, whose template writes
// the month in place of the minutes (gmdate 'D, j M Y H:m:s'). Where that holds
// for all items only the hour is sure.
func (m *mapping) dropWrongMinutes(articles []article.Article) {
	dated, wrong := 0, 0
	for i := range articles {
		if articles[i].Published.IsZero() {
			continue
		}
		dated++
		if hasMonthForMinutes(&articles[i]) {
			wrong++
		}
	}
	m.doubtful = m.doubtful || wrong > 0
	if wrong < dated || wrong == 0 || wrong < minWrongMinutes && !isNukeViet(m.feed.generator) {
		return
	}
	for i := range articles {
		if !articles[i].Published.IsZero() {
			articles[i].Published = articles[i].Published.Truncate(time.Hour)
			articles[i].Precision = article.Hour
		}
	}
	m.warn("NukeViet wrote the month for the minutes; only the hours were kept")
}

func hasMonthForMinutes(a *article.Article) bool {
	return a.Precision == article.Minute && a.Published.Minute() == int(a.Published.Month())
}

// fillBody reads the content. A description beside a fuller content is the lead;
// alone it is the body.
func (m *mapping) fillBody(a *article.Article, from *item) {
	base := m.base
	if a.URL != "" {
		if link, err := url.Parse(a.URL); err == nil {
			base = link
		}
	}
	summary, content := withoutLeftovers(from.summary), withoutLeftovers(from.content)
	switch {
	case content == "" || content == summary:
		m.normalizer.setBody(a, m.readBody(a, summary, base, known{}))
		return
	case summary == "":
		m.normalizer.setBody(a, m.readBody(a, content, base, known{}))
		return
	}
	short := m.readBody(a, summary, base, known{})
	lead := vietnamese.Clean(firstOf(strings.TrimSpace(short.Lead+"\n"+short.Text), short.Lead))
	b := m.readBody(a, content, base, known{title: a.Title, leads: []string{lead}})
	if told := strings.TrimSpace(b.Lead + " " + b.Text); told == "" || len(told) < len(lead) && strings.Contains(lead, vietnamese.Clean(told)) {
		// The content is a picture, or a part of the description, which is the text.
		short.Images = append(short.Images, b.Images...)
		m.normalizer.setBody(a, short)
		return
	}
	b.Images = append(b.Images, short.Images...)
	m.normalizer.setBody(a, b)
	if a.Lead == "" && !beginsWith(a.Text, lead) {
		a.Lead = lead
	}
}

// readBody reads the HTML of an item, and notes what was taken out of it.
func (m *mapping) readBody(a *article.Article, fragment string, base *url.URL, shown known) body {
	b := m.normalizer.readBodyBeside(fragment, base, shown)
	if len(b.Removed) > 0 {
		m.removed[a.ID] = append(m.removed[a.ID], b.Removed...)
	}
	return b
}

// setBody gives an article, of a feed or a page, its body; of one that is too
// long the beginning, to the last whole word.
func (n *Normalizer) setBody(a *article.Article, b body) {
	if len(b.HTML) > maxBody {
		cut := strings.LastIndexAny(b.HTML[:maxBody], "< ") // the reading drops a tag cut in two
		short := n.readBody(b.HTML[:max(cut, 0)], nil)
		b.HTML, b.Text = short.HTML, short.Text
		b.Warnings = append(b.Warnings, fmt.Sprintf("the body is longer than %d bytes; it was cut", maxBody))
	}
	a.HTML, a.Text, a.Lead = b.HTML, b.Text, b.Lead
	a.Author, a.Origin, a.Images = b.Author, b.Origin, b.Images
	a.Warnings = append(a.Warnings, b.Warnings...)
}

// articleAuthor is who the item names, without mail addresses.
func articleAuthor(from *item) string {
	var names []string
	seen := map[string]bool{}
	for _, raw := range from.authors {
		name := personName(vietnamese.Clean(plainText(raw)))
		if name != "" && !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// personName is the name in "mail@host (Name)", the form of RSS 2.0, and in
// "Name <mail@host>" and "Name (mail@host)". A bare address names nobody.
func personName(person string) string {
	if !strings.Contains(person, "@") {
		return person
	}
	if address, err := mail.ParseAddress(person); err == nil && address.Name != "" {
		return address.Name
	}
	before, inside, found := strings.Cut(person, "(")
	inside = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(inside), ")"))
	before = strings.TrimSpace(before)
	switch {
	case found && !strings.Contains(inside, "@"):
		return inside
	case found && !strings.Contains(before, "@"):
		return before
	}
	return ""
}

// articleCategories are the source's own words, each once.
func articleCategories(a *article.Article, from *item) []string {
	var categories []string
	seen := map[string]bool{}
	for _, raw := range from.categories {
		category := cutText(vietnamese.Clean(plainText(raw)), maxTitle)
		if category == "" || seen[category] {
			continue
		}
		if len(categories) == maxCategories {
			a.Warnings = append(a.Warnings, fmt.Sprintf("there are more than %d categories; the first were kept", maxCategories))
			break
		}
		seen[category] = true
		categories = append(categories, category)
	}
	return categories
}

// articleImages are the pictures that the item names, then those of its body,
// each once. The caption comes from the body.
func (m *mapping) articleImages(a *article.Article, from *item) []article.Image {
	images := make([]article.Image, 0, len(from.images)+len(a.Images))
	at := make(map[string]int, cap(images))
	add := func(image article.Image) {
		key := imageKey(image.URL)
		if before, known := at[key]; known {
			images[before].Caption = firstOf(images[before].Caption, image.Caption)
			return
		}
		at[key] = len(images)
		images = append(images, image)
	}
	for _, link := range from.images {
		if link = resolve(m.base, link); link != "" {
			add(article.Image{URL: link})
		}
	}
	for _, image := range a.Images {
		add(image)
	}
	if len(images) == 0 {
		return nil
	}
	return firstImages(a, images)
}

// firstImages are the pictures that an article keeps.
func firstImages(a *article.Article, images []article.Image) []article.Image {
	if len(images) <= maxImages {
		return images
	}
	a.Warnings = append(a.Warnings, fmt.Sprintf("there are more than %d pictures; the first were kept", maxImages))
	return images[:maxImages]
}

// imageKey is equal for two sizes of one picture, as CDNs make them by a query
// (photo.jpg?w=220). Where the path does not end like a picture's, the query may
// be what names it.
func imageKey(link string) string {
	key := article.CanonicalURL(link)
	if path, _, found := strings.Cut(key, "?"); found && hasImageName(path) {
		return path
	}
	return key
}
