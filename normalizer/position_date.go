package normalizer

import (
	"regexp"
	"strings"
	"time"

	"bantin/internal/article"
)

// maxDateLead is in bytes what may stand before the date in its line: weekday,
// label, place.
const maxDateLead = 30

// isDateLine reports whether a line is there for its date, and not a sentence or
// a title that mentions one.
func (p *page) isDateLine(text string) bool {
	if _, precision := p.date(text); precision == "" {
		return false
	}
	at := dateShape.FindStringIndex(text)
	return at == nil || at[0] <= maxDateLead && !isParagraph(text)
}

// lineDate is the date of a line that is there for it. Of a line in parts the part
// counts that says most: many show a date twice, or a name beside it.
func (p *page) lineDate(one *shownLine) (time.Time, article.Precision) {
	var best pageDate
	if p.isDateLine(one.text) {
		best.at, best.precision = p.date(one.text)
	}
	for _, part := range one.parts {
		if linked := len(strings.Fields(one.text)) - len(strings.Fields(one.outsideLinks())); linked >= minTitleWords {
			break // the date of another article, beside its title
		}
		part = strings.Trim(part, "()[] -–|•·,")
		if !p.isDateLine(part) {
			continue
		}
		if at, precision := p.date(part); fineness(precision) > fineness(best.precision) {
			best.at, best.precision = at, precision
		}
	}
	return best.at, best.precision
}

// fineness puts the precisions in order.
func fineness(precision article.Precision) int {
	switch precision {
	case article.Day:
		return 1
	case article.Hour:
		return 2
	case article.Minute:
		return 3
	}
	return 0
}

// dateNear is the date in a line of its own that is nearest to the title, before
// or after it; above the text where the title is not shown.
func (p *page) dateNear(title string) (time.Time, article.Precision) {
	lines, at := p.linesAround(title)
	if at >= 0 && len(lines[at].parts) > 0 {
		if when, precision := p.lineDate(&lines[at]); precision != "" {
			return when, precision
		}
	}
	below := p.dateFrom(at, 1)
	if at < 0 {
		at = p.firstParagraph()
		below = -1
	}
	above := p.dateFrom(at, -1)
	nearest := above
	if below >= 0 && (above < 0 || below-at <= at-above) {
		nearest = below
	}
	if nearest < 0 {
		nearest = p.dateBelow()
	}
	if nearest < 0 {
		return time.Time{}, ""
	}
	p.dateLine = lines[nearest].text
	when, precision := p.lineDate(&lines[nearest])
	if precision == article.Day {
		return p.withClock(nearest, when, precision)
	}
	return when, precision
}

// withClock is the date of a line with the clock that stands in the next line.
func (p *page) withClock(i int, day time.Time, precision article.Precision) (time.Time, article.Precision) {
	lines := p.shownLines()
	if i+1 == len(lines) || !onlyClock.MatchString(lines[i+1].text) {
		return day, precision
	}
	if at, finer := p.date(day.In(p.n.zone).Format("02/01/2006") + " " + lines[i+1].text); finer != "" {
		return at, finer
	}
	return day, precision
}

// onlyClock is a line with the time of the day and nothing else.
var onlyClock = regexp.MustCompile(`^(?i)` + clockShape + `$`)

// endLines is how far from the end of a body its date can stand, where a story in
// pictures has it below with the names of its makers.
const endLines = 4

// dateBelow is the index of the line with a date at the end of the body, or below
// it among the names of who made it; -1 where there is none.
func (p *page) dateBelow() int {
	lines := p.shownLines()
	begin, end := p.bodyLines()
	i := end - 1
	for i >= begin && i >= end-endLines && !isParagraph(lines[i].text) {
		i--
	}
	made := false // a line said who made it
	for i++; i < len(lines) && i < end+endLines && begin < end; i++ {
		if _, precision := p.lineDate(&lines[i]); precision != "" && made && isOnlyDate(lines[i].text) {
			return i
		}
		is := isCredit(lines[i].text) || readByline(lines[i].text, bylineEvidence{placed: lines[i].right}).ok
		if made = made || is; !is && i >= end {
			break
		}
	}
	return -1
}

// dateFrom is the index of the first line with a date from a line on, step by
// step, -1 where there is none. Behind a menu there is none: what stands there is
// the date of today, or those of other articles.
func (p *page) dateFrom(at, step int) int {
	lines, links := p.shownLines(), 0
	for distance := 1; at >= 0 && distance <= maxDistance; distance++ {
		i := at + step*distance
		if i < 0 || i >= len(lines) {
			break
		}
		if _, precision := p.lineDate(&lines[i]); precision != "" {
			return i
		}
		if is, _ := p.n.cleaner.chrome.isChromeLine(&lines[i].line); is || !isLink(&lines[i]) {
			continue
		}
		if links++; links == menuLinks {
			break
		}
	}
	return -1
}

// isOnlyDate reports whether a line holds a date and nothing else.
func isOnlyDate(text string) bool {
	return strings.Trim(dateShape.ReplaceAllString(text, ""), " ,.|-") == ""
}
