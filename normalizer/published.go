package normalizer

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/html"

	"bantin/internal/article"
	"bantin/internal/vietnamese"
)

// A pageDate is a date that a page gives.
type pageDate struct {
	at        time.Time
	precision article.Precision // empty for none
	placed    bool              // it stands where the rule or the family has its date
	updated   bool              // the page says that it is of a later change
}

// firstWebYear: what a page dates before it has not been dated, but holds the
// zero of its database. Vietnam has had the web since 1997.
const firstWebYear = 1990

// utcOffset is what Vietnam is ahead of UTC. Two clocks of one page that differ by
// it are one time, of which one was written with the wrong zone.
const utcOffset = 7 * time.Hour

// published is the date of the article. What the page tells machines is the finer
// one, and wins where the page shows nothing else; where it contradicts what the
// page shows, readers are right. Where the page names none it has none.
func (p *page) published(title string) (time.Time, article.Precision) {
	shown := p.shownDate(title)
	if shown.placed && len(p.rules.date) > 0 {
		return shown.at, shown.precision
	}
	for _, raw := range []string{
		p.head.linked.published, p.head.meta["article:published_time"], p.head.meta["datepublished"],
		p.head.meta["pubdate"], p.head.meta["publishdate"], p.head.meta["dc.date.issued"],
	} {
		told := p.toldDate(raw)
		if told.precision == "" {
			continue
		}
		if p.isRight(told, shown, raw) {
			return told.at, told.precision
		}
		return shown.at, shown.precision
	}
	if shown.precision == "" {
		shown.at, shown.precision = p.dateIn(slices.DeleteFunc(p.general.date.find(p.root), isOfPart))
	}
	return shown.at, shown.precision
}

// shownDate is the date that the page shows: where the rule or the family has it,
// else nearest to the title.
func (p *page) shownDate(title string) pageDate {
	var d pageDate
	if nodes := p.bySelector("date", p.rules.date); len(nodes) > 0 {
		if d.at, d.precision = p.dateIn(nodes); d.precision != "" {
			d.placed = true
			return d
		}
		p.warn("rule date selects no date")
	}
	nodes := p.nearestFirst(p.placed(p.family.date), title)
	if d.at, d.precision = p.dateIn(nodes); d.precision != "" {
		d.placed, d.updated = p.family.sure, isUpdate(nodes)
		return d
	}
	d.at, d.precision = p.dateNear(title)
	d.updated = updateLabel.MatchString(p.dateLine)
	return d
}

// maxDates is more elements than stand around a date on any page of an article.
const maxDates = 30

// nearestFirst are elements in the order of their distance from the title: the clock
// of the page is called like the date of the article on some.
func (p *page) nearestFirst(nodes []*html.Node, title string) []*html.Node {
	if len(nodes) < 2 || len(nodes) > maxDates {
		return nodes
	}
	lines, at := p.linesAround(title)
	if at < 0 {
		return nodes
	}
	distance := make(map[*html.Node]int, len(nodes))
	for _, n := range nodes {
		i := slices.IndexFunc(lines, func(one shownLine) bool { return isWithin(one.from, n) })
		distance[n] = max(at-i, i-at)
		if i < 0 {
			distance[n] = len(lines) // it shows nothing
		}
	}
	slices.SortStableFunc(nodes, func(a, b *html.Node) int { return distance[a] - distance[b] })
	return nodes
}

// updateLabel is what stands before the date of a change.
var updateLabel = regexp.MustCompile(`^(?i)\W*(?:lần |ngày )?(?:cập nhật|chỉnh sửa|sửa đổi)`)

func isUpdate(nodes []*html.Node) bool {
	return len(nodes) > 0 && updateLabel.MatchString(vietnamese.Clean(textOf(nodes[0], nil)))
}

// midnight is how software writes a date that has no clock.
var midnight = regexp.MustCompile(`[T ]00:00(?::00(?:\.0+)?)?\s*(?:Z|[+-]00:?00|\+07:?00)?$`)

// toldDate reads a date that is meant for machines.
func (p *page) toldDate(raw string) pageDate {
	at, precision := p.date(raw)
	if precision == "" || at.Year() < firstWebYear {
		return pageDate{}
	}
	if day := midnight.FindStringIndex(raw); day != nil && precision != article.Day {
		if at, precision = p.date(raw[:day[0]]); precision == "" {
			return pageDate{}
		}
	}
	return pageDate{at: at, precision: precision}
}

// isRight reports whether a date for machines stands against the one that is shown.
func (p *page) isRight(told, shown pageDate, raw string) bool {
	if shown.precision == "" || told.at.Equal(shown.at) && told.precision != article.Day {
		return true
	}
	sameDay := dayOf(told.at.In(p.n.zone)) == dayOf(shown.at.In(p.n.zone))
	apart := shown.at.Sub(told.at).Truncate(time.Minute)
	switch {
	case sameDay && shown.precision == article.Day:
		return true
	case sameDay && (told.precision == article.Day || shown.precision == article.Hour && told.precision == article.Hour):
		return false // the clock that is shown says more, or as much
	case sameDay && shown.precision == article.Hour:
		return told.at.Truncate(time.Hour).Equal(shown.at.Truncate(time.Hour))
	case shown.precision == article.Minute && (apart == 0 || apart.Abs() == utcOffset):
		return apart == 0
	case shown.updated || p.isOfChange(shown):
		return true
	case !sameDay && strings.HasPrefix(raw, shown.at.In(p.n.zone).Format(time.DateOnly)):
		return false // the local time with the mark of UTC
	case apart > 24*time.Hour && !shown.placed:
		return true // today's date, which many portals show above everything
	}
	return false
}

// isOfChange reports whether a date is the one that the page tells machines as that
// of the last change.
func (p *page) isOfChange(shown pageDate) bool {
	changed := p.toldDate(p.modified())
	return changed.precision != "" && changed.at.Truncate(time.Minute).Equal(shown.at.Truncate(time.Minute))
}

func (p *page) modified() string {
	return firstOf(p.head.linked.modified, p.head.meta["article:modified_time"], p.head.meta["og:updated_time"])
}

// updated is the date of the last change. Nothing is changed before it is published.
func (p *page) updated(published time.Time) time.Time {
	d := p.toldDate(p.modified())
	if d.at.Before(published) {
		return time.Time{}
	}
	return d.at
}

func dayOf(t time.Time) string { return t.Format(time.DateOnly) }

// maxApart is above the time that an article waits between its two dates, of which
// an element may show one and tell machines the other.
const maxApart = 365 * 24 * time.Hour

// dateIn is the first date in the elements.
func (p *page) dateIn(nodes []*html.Node) (time.Time, article.Precision) {
	for _, n := range nodes {
		inside := ""
		for _, one := range tableSelector("[datetime]").find(n) {
			inside = firstOf(inside, attr(one, "datetime"))
		}
		text := vietnamese.Clean(textOf(n, nil))
		for _, raw := range []string{attr(n, "datetime"), attr(n, "content"), inside, text} {
			if t, precision := p.date(raw); precision != "" {
				if shown, finer := p.date(text); finer != "" && t.Sub(shown).Abs() > maxApart {
					t, precision = shown, finer // the attribute is from a template
				}
				p.taken = append(p.taken, n)
				return t, precision
			}
		}
	}
	return time.Time{}, ""
}
