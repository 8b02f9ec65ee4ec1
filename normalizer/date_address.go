package normalizer

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"

	"bantin/internal/article"
)

// A period is the day or the month that the address of an article shows. The zero
// period is that of an address that shows none.
type period struct {
	from, to time.Time // to is behind it
}

// maxAddressGap is how far a date may lie from the period of its address and
// still agree: articles wait for their day, and are dated anew. A day and a month
// that change places move a date by 27 days at least.
const maxAddressGap = 14 * 24 * time.Hour

func (p period) isNear(t time.Time) bool {
	return !p.from.IsZero() && t.After(p.from.Add(-maxAddressGap)) && t.Before(p.to.Add(maxAddressGap))
}

// contradicts reports whether a date lies far from what the address shows.
func (p period) contradicts(t time.Time) bool {
	return !p.from.IsZero() && !t.IsZero() && !p.isNear(t)
}

func (p period) String() string {
	if p.to.Sub(p.from) > 24*time.Hour {
		return p.from.Format("2006-01")
	}
	return p.from.Format(time.DateOnly)
}

var (
	// addressNumber is the number at the end of a path, such as
	// -100261002091032857.htm (VCCorp: three digits, yyMMddHHmmss, three digits)
	// and -20171114174244123.htm (Dân trí: yyyyMMddHHmmss, three digits).
	addressNumber = regexp.MustCompile(`[-/](\d{14}|\d{17}|\d{18})(?:\.\w+)?$`)
	// addressDay is /2017/11/14/ and 2022-02-21.
	addressDay = regexp.MustCompile(`/((?:19|20)\d\d)/(\d\d)/(\d\d)/|[/-]((?:19|20)\d\d)-(\d\d)-(\d\d)(?:[/.-]|$)`)
	// addressMonth is /202202/ and /2022/02/.
	addressMonth = regexp.MustCompile(`/((?:19|20)\d\d)/?(\d\d)/`)
)

// addressPeriod is when the address of an article says that it was written. Only
// its path is looked at.
func addressPeriod(link string, zone *time.Location) period {
	if strings.IndexByte(link, '2') < 0 && strings.IndexByte(link, '1') < 0 { // most have no year
		return period{}
	}
	u, err := url.Parse(link)
	if err != nil {
		return period{}
	}
	if m := addressNumber.FindStringSubmatch(u.Path); m != nil {
		return dayPeriod(stampOf(m[1]), zone)
	}
	if m := addressDay.FindStringSubmatch(u.Path); m != nil {
		return dayPeriod(m[1]+m[2]+m[3]+m[4]+m[5]+m[6], zone)
	}
	if m := addressMonth.FindStringSubmatch(u.Path); m != nil {
		from, err := time.ParseInLocation("200601", m[1]+m[2], zone)
		if err == nil {
			return period{from, from.AddDate(0, 1, 0)}
		}
	}
	return period{}
}

// stampOf is the day, yyyyMMdd, in the number of an article; empty when the rest
// is no clock time and the number just a number.
func stampOf(number string) string {
	if len(number) == 18 {
		number = "20" + number[3:15]
	}
	if _, err := time.Parse("20060102150405", number[:14]); err != nil {
		return ""
	}
	return number[:8]
}

func dayPeriod(day string, zone *time.Location) period {
	from, err := time.ParseInLocation("20060102", day, zone)
	if err != nil {
		return period{}
	}
	return period{from, from.AddDate(0, 0, 1)}
}

// doubts says where the date of an article cannot be right as it stands. It is
// kept all the same: the source said so.
func (r *dateRules) doubts(a *article.Article) []string {
	var doubts []string
	if r.address.contradicts(a.Published) {
		doubts = append(doubts, fmt.Sprintf("the date is %s, the address shows %s", a.Published.In(r.zone).Format(time.DateOnly), r.address))
	}
	if !r.fetched.IsZero() && a.Published.After(r.fetched.Add(maxAhead)) {
		doubts = append(doubts, "the date lies in the future: "+a.Published.In(r.zone).Format(time.DateOnly))
	}
	return doubts
}

// maxAhead is how far ahead of our clock a date may lie: a clock that is wrong,
// and a zone that is.
const maxAhead = 24 * time.Hour
