package publisher

import (
	"cmp"
	"html"
	"html/template"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"bantin/internal/article"
	"bantin/internal/vietnamese"

	"golang.org/x/text/language"
)

// An entry is an article as far as the policy of its source lets it be shown,
// clean and bounded. All outputs are made of entries, so the policy is obeyed
// everywhere because it is obeyed here.
type entry struct {
	ID     string // a tag: URI
	Anchor string // of the entry on our pages
	Title  string
	Link   string // to the original; empty when there is none
	Author string
	Origin string // who wrote it first
	Source sourceName

	Summary  string // plain text: the lead, or the beginning of the text; empty under headline
	Lead     string // plain text: the lead where the body does not begin with it; empty but under full
	Body     string // HTML; empty but under full
	PageBody template.HTML
	Image    *image // nil under headline

	Published time.Time // zero when the source gave no date that can be
	Changed   time.Time // the source's last change where it gave one, else zero
	FirstSeen time.Time
	Modified  time.Time         // when we last got another content
	Tie       time.Duration     // less than a second; tells equal times apart, in the order of the ids
	precision article.Precision // of Published

	Categories []category // the source's own, the topics and the provinces
	Chips      []string   // topics and provinces, for people
	Language   string     // BCP 47, where it is not the site's
}

type sourceName struct {
	ID, Name string
	URL      string // of the feed or page that is polled; empty when unknown
	IsFeed   bool
}

// A category is what an entry is filed under.
type category struct {
	Name   string // for people
	Term   string // id in its scheme
	Scheme string // a tag: URI of ours; empty for a word of the source
}

type image struct {
	URL, Caption string
	Type         string // MIME type; empty when the extension does not tell
}

// Updated is when the entry last changed in the words of its source, else when
// it was published, else when we first saw it (RFC 4287 §4.2.15 wants one).
func (e *entry) Updated() time.Time {
	switch {
	case !e.Changed.IsZero():
		return e.Changed
	case !e.Published.IsZero():
		return e.Published
	}
	return e.FirstSeen
}

// newEntry decides what of an article may be shown.
func (r *renderer) newEntry(a *article.Article) *entry {
	e := &entry{
		ID:         r.tag("article", a.ID),
		Anchor:     "a-" + url.PathEscape(a.ID),
		Title:      line(a.Title, maxTitle),
		Link:       webURL(a.URL),
		Author:     line(a.Author, maxName),
		Origin:     line(a.Origin, maxName),
		Source:     r.sourceName(a.SourceID),
		precision:  a.Precision,
		Categories: r.categories(a),
		Chips:      r.chips(a),
		Language:   otherLanguage(a.Language, r.options.Language),
	}
	r.setTimes(e, a)
	e.Tie = tie(a.ID)

	policy := article.Headline
	if source, known := r.options.Sources[a.SourceID]; known {
		policy = source.Republish
	}
	switch policy {
	case article.Full:
		r.setSummary(e, a)
		r.setBody(e, a)
	case article.Summary:
		r.setSummary(e, a)
	case article.Headline: // the title and nothing else
	}
	if e.Title == "" {
		e.Title = untitled(e.Summary)
	}
	return e
}

func untitled(summary string) string {
	if summary == "" {
		return "(không có tiêu đề)"
	}
	return excerpt(summary, titleWords)
}

func (r *renderer) setSummary(e *entry, a *article.Article) {
	e.Summary = line(a.Lead, maxLead)
	if e.Summary == "" {
		e.Summary = excerpt(a.Text, excerptWords)
	}
	e.Image = leadImage(a.Images)
}

func (r *renderer) setBody(e *entry, a *article.Article) {
	b := r.cleaner.clean(a.HTML)
	if b.feed == "" {
		b.feed = paragraphs(a.Text)
		b.page = b.feed
	}
	e.Body, e.PageBody = b.feed, template.HTML(b.page) //nolint:gosec // clean lets nothing through that runs
	// A lead that a feed took from the beginning of the text is not told twice.
	lead := vietnamese.Clean(a.Lead)
	beginning := vietnamese.Clean(cutBytes(a.Text, 2*len(a.Lead)))
	if !strings.HasPrefix(beginning, strings.TrimRight(lead, ".… ")) {
		e.Lead = line(lead, maxLead)
	}
}

// setTimes takes the source's times as far as they can be. One later than a day
// after the fetch that brought it is not shown: in every reader it would stand
// first until it comes. Neither is a change before the publication.
func (r *renderer) setTimes(e *entry, a *article.Article) {
	const clockSlack = 24 * time.Hour // a wrong zone is at most half of it away
	modified := a.FirstSeen
	if a.FetchedAt.After(modified) {
		modified = a.FetchedAt
	}
	e.FirstSeen, e.Modified = r.local(a.FirstSeen), r.local(modified)
	if e.FirstSeen.IsZero() {
		e.FirstSeen = tagEpoch().In(r.options.Location) // no claim: our clock was wrong
	}
	if !a.Published.After(a.FirstSeen.Add(clockSlack)) {
		e.Published = r.local(a.Published)
	}
	if !a.Updated.After(modified.Add(clockSlack)) {
		e.Changed = r.local(a.Updated)
	}
	if e.Changed.Before(e.Published) {
		e.Changed = time.Time{}
	}
}

// tie is as many thousandths of a second as the beginning of an id, which is in
// hexadecimal digits, gives: more for one that stands before another.
func tie(id string) time.Duration {
	const digits, values = 4, 1 << 16
	n, err := strconv.ParseUint(cutBytes(id, digits), 16, 16)
	if err != nil {
		return 0
	}
	return time.Duration((values-1-n)*1000/values) * time.Millisecond
}

// local is t on the site's clock, to the second; zero where it has no four-digit
// year, without which it cannot be written (RFC 3339 §5.6, RFC 5322 §3.3), and
// where it is older than the web: that is a clock that nobody has set.
func (r *renderer) local(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	t = t.In(r.options.Location).Truncate(time.Second)
	const web = 1990
	if t.Year() < web || t.Year() > 9999 {
		return time.Time{}
	}
	return t
}

func (r *renderer) sourceName(id string) sourceName {
	source, known := r.options.Sources[id]
	if !known {
		return sourceName{ID: id, Name: cmp.Or(line(id, maxName), unnamed)}
	}
	return sourceName{
		ID: id, Name: cmp.Or(line(source.Name, maxName), line(id, maxName), unnamed),
		URL: webURL(source.URL()), IsFeed: source.FeedURL != "",
	}
}

const unnamed = "không rõ"

// chips are the names of an article's topics, the primary ones first, and of
// the provinces that it is about, each as it was then and is today.
func (r *renderer) chips(a *article.Article) []string {
	var names []string
	for _, t := range primaryFirst(a.Topics) {
		names = append(names, named(r.options.TopicLabels, t.ID))
	}
	for _, p := range a.Places {
		switch {
		case p.Province == "":
		case p.ProvinceThen == "" || p.ProvinceThen == p.Province:
			names = append(names, named(r.options.PlaceNames, p.Province))
		default:
			names = append(names,
				named(r.options.PlaceNames, p.ProvinceThen)+" (nay thuộc "+named(r.options.PlaceNames, p.Province)+")")
		}
	}
	return distinct(names, maxChips)
}

// maxChips fit on two lines of a phone.
const maxChips = 8

func named(names map[string]string, id string) string {
	if name := line(names[id], maxName); name != "" {
		return name
	}
	return line(id, maxName)
}

// categories are the source's own words, the topics with the primary ones first,
// and the provinces, each as it was then and is today. A word that says the same
// as one of ours is left to ours, which machines can follow.
func (r *renderer) categories(a *article.Article) []category {
	var ours []category
	file := func(scheme, id string, names map[string]string) {
		c := category{Name: named(names, id), Term: plain(line(id, maxCategory)), Scheme: r.tag("scheme", scheme)}
		known := slices.ContainsFunc(ours, func(o category) bool { return o.Name == c.Name && o.Scheme == c.Scheme })
		if c.Name != "" && !known && len(ours) < maxCategories {
			ours = append(ours, c)
		}
	}
	for _, t := range primaryFirst(a.Topics) {
		file("topic", t.ID, r.options.TopicLabels)
	}
	for _, p := range a.Places {
		file("province", p.ProvinceThen, r.options.PlaceNames)
		file("province", p.Province, r.options.PlaceNames)
	}
	folded := make([]string, len(ours), len(ours)+maxCategories)
	for i, c := range ours {
		folded[i] = vietnamese.Fold(c.Name)
	}
	var all []category
	for _, written := range a.Categories[:min(len(a.Categories), 2*maxCategories)] {
		word := line(written, maxCategory)
		if same := vietnamese.Fold(word); word != "" && len(all) < maxCategories && !slices.Contains(folded, same) {
			all = append(all, category{Name: word, Term: plain(word)})
			folded = append(folded, same)
		}
	}
	return append(all, ours...)
}

func primaryFirst(topics []article.TopicRef) []article.TopicRef {
	return slices.SortedStableFunc(slices.Values(topics), func(a, b article.TopicRef) int {
		switch {
		case a.Primary == b.Primary:
			return 0
		case a.Primary:
			return -1
		}
		return 1
	})
}

// distinct returns the first limit words that are neither empty nor a
// repetition, in their order.
func distinct(words []string, limit int) []string {
	var kept []string
	for _, w := range words {
		if w != "" && len(kept) < limit && !slices.Contains(kept, w) {
			kept = append(kept, w)
		}
	}
	return kept
}

// leadImage is the first image that can be shown.
func leadImage(images []article.Image) *image {
	for _, candidate := range images {
		if link := webURL(candidate.URL); link != "" {
			return &image{URL: link, Caption: line(candidate.Caption, maxCaption), Type: imageType(link)}
		}
	}
	return nil
}

// imageType is the type that the extension of an image's path tells. Nothing is
// guessed: a wrong type is worse for a reader than none.
func imageType(link string) string {
	u, err := url.Parse(link)
	if err != nil {
		return ""
	}
	switch strings.ToLower(path.Ext(u.Path)) {
	case ".jpg", ".jpeg":
		return "image/jpeg"
	case ".png":
		return "image/png"
	case ".gif":
		return "image/gif"
	case ".webp":
		return "image/webp"
	case ".avif":
		return "image/avif"
	}
	return ""
}

// otherLanguage is the language of an article where it is another than the
// site's and one that is registered.
func otherLanguage(written, site string) string {
	const longest = 35 // what a buffer for a tag needs at least (RFC 5646 §4.4.1)
	if len(written) > longest {
		return ""
	}
	tag, err := language.Parse(written)
	if err != nil || tag == language.Und || strings.EqualFold(tag.String(), site) {
		return ""
	}
	return tag.String()
}

// rights names who the entry belongs to, as far as we know.
func (e *entry) rights() string {
	return "Nội dung thuộc về " + e.credit() + "."
}

// credit is the source, and who wrote it first.
func (e *entry) credit() string {
	if e.Origin == "" {
		return e.Source.Name
	}
	return e.Source.Name + " (theo " + e.Origin + ")"
}

// attribution names the source in the text itself and leads to the original,
// because many readers show nothing else of where an entry is from.
func (e *entry) attribution() string {
	name := html.EscapeString(e.Source.Name)
	if e.Link == "" && e.Source.URL != "" {
		name = anchor(e.Source.URL, name)
	}
	if e.Origin != "" {
		name += " (theo " + html.EscapeString(e.Origin) + ")"
	}
	if e.Link != "" {
		name += " – " + anchor(e.Link, "bài gốc")
	}
	return "<p>Nguồn: " + name + "</p>"
}

func anchor(href, inner string) string {
	return `<a href="` + html.EscapeString(href) + `">` + inner + `</a>`
}

// summaryHTML is the summary with its attribution, for what shows no more.
func (e *entry) summaryHTML() string {
	return paragraph(e.Summary) + e.attribution()
}

// fullHTML is all of the article that may be shown: lead image, lead, body and
// attribution. It is the summary where there is no body to show.
func (e *entry) fullHTML() string {
	if e.Body == "" {
		return e.summaryHTML()
	}
	return e.figure() + paragraph(e.Lead) + e.Body + e.attribution()
}

// figure is the lead image, unless the body shows it.
func (e *entry) figure() string {
	if e.Image == nil || strings.Contains(e.Body, html.EscapeString(e.Image.URL)) {
		return ""
	}
	caption := html.EscapeString(e.Image.Caption)
	// The address comes last: a caption is not taken for it by those who look for
	// "src=" without a parser.
	figure := `<figure><img alt="` + caption + `" src="` + html.EscapeString(e.Image.URL) + `">`
	if caption != "" {
		figure += "<figcaption>" + caption + "</figcaption>"
	}
	return figure + "</figure>"
}

func paragraph(text string) string {
	if text == "" {
		return ""
	}
	return "<p>" + html.EscapeString(text) + "</p>"
}
