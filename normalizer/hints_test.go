package normalizer_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bantin/normalizer"
)

func TestHintsOfTheHead(t *testing.T) {
	n := newNormalizer(t)
	const syndication = `<rss xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" version="2.0">`
	for name, c := range map[string]struct {
		head string
		want normalizer.Hints
	}{
		"nothing":                {``, normalizer.Hints{}},
		"ttl":                    {`<ttl>240</ttl>`, normalizer.Hints{MinInterval: 4 * time.Hour}},
		"ttl with blanks":        {"<ttl>\n 60 </ttl>", normalizer.Hints{MinInterval: time.Hour}},
		"ttl of zero":            {`<ttl>0</ttl>`, normalizer.Hints{}},
		"negative ttl":           {`<ttl>-60</ttl>`, normalizer.Hints{}},
		"ttl in words":           {`<ttl>một giờ</ttl>`, normalizer.Hints{}},
		"ttl of a year":          {`<ttl>525600</ttl>`, normalizer.Hints{MinInterval: 24 * time.Hour}},
		"ttl past all integers":  {`<ttl>99999999999999999999999</ttl>`, normalizer.Hints{MinInterval: 24 * time.Hour}},
		"ttl below all integers": {`<ttl>-99999999999999999999999</ttl>`, normalizer.Hints{}},

		"hourly":                    {`<sy:updatePeriod> hourly </sy:updatePeriod><sy:updateFrequency>1</sy:updateFrequency>`, normalizer.Hints{MinInterval: time.Hour}},
		"four times a day":          {`<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>`, normalizer.Hints{MinInterval: 6 * time.Hour}},
		"once a day":                {`<sy:updatePeriod>daily</sy:updatePeriod>`, normalizer.Hints{MinInterval: 24 * time.Hour}},
		"weekly":                    {`<sy:updatePeriod>weekly</sy:updatePeriod>`, normalizer.Hints{MinInterval: 24 * time.Hour}},
		"fourteen times a week":     {`<sy:updatePeriod>weekly</sy:updatePeriod><sy:updateFrequency>14</sy:updateFrequency>`, normalizer.Hints{MinInterval: 12 * time.Hour}},
		"sixty times a month":       {`<sy:updatePeriod>monthly</sy:updatePeriod><sy:updateFrequency>60</sy:updateFrequency>`, normalizer.Hints{MinInterval: 12 * time.Hour}},
		"each hour of a year":       {`<sy:updatePeriod>Yearly</sy:updatePeriod><sy:updateFrequency>8760</sy:updateFrequency>`, normalizer.Hints{MinInterval: time.Hour}},
		"twice, no period":          {`<sy:updateFrequency>2</sy:updateFrequency>`, normalizer.Hints{MinInterval: 12 * time.Hour}},
		"unknown period":            {`<sy:updatePeriod>sometimes</sy:updatePeriod>`, normalizer.Hints{}},
		"unknown frequency":         {`<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>-3</sy:updateFrequency>`, normalizer.Hints{MinInterval: time.Hour}},
		"the longer is the ttl":     {`<ttl>180</ttl><sy:updatePeriod>hourly</sy:updatePeriod>`, normalizer.Hints{MinInterval: 3 * time.Hour}},
		"the longer is the period":  {`<ttl>15</ttl><sy:updatePeriod>hourly</sy:updatePeriod>`, normalizer.Hints{MinInterval: time.Hour}},
		"night":                     {`<skipHours><hour>23</hour><hour>0</hour><hour> 5 </hour><hour>5</hour></skipHours>`, normalizer.Hints{SkipHours: []int{0, 5, 23}}},
		"hour 24 is midnight":       {`<skipHours><hour>24</hour></skipHours>`, normalizer.Hints{SkipHours: []int{0}}},
		"hours that are none":       {`<skipHours><hour>25</hour><hour>-1</hour><hour>năm</hour><hour/></skipHours>`, normalizer.Hints{}},
		"all hours":                 {`<skipHours>` + allHours() + `</skipHours>`, normalizer.Hints{}},
		"weekend":                   {`<skipDays><day>Sunday</day><day> saturday</day><day>Chủ nhật</day></skipDays>`, normalizer.Hints{SkipDays: []time.Weekday{time.Sunday, time.Saturday}}},
		"all days":                  {`<skipDays><day>Monday</day><day>Tuesday</day><day>Wednesday</day><day>Thursday</day><day>Friday</day><day>Saturday</day><day>Sunday</day></skipDays>`, normalizer.Hints{}},
		"a ttl in an item":          {`<item><guid>x</guid><title>Tin</title><ttl>240</ttl></item>`, normalizer.Hints{}},
		"a ttl in CDATA":            {`<ttl><![CDATA[240]]></ttl>`, normalizer.Hints{MinInterval: 4 * time.Hour}},
		"a ttl in a comment":        {`<!-- <ttl>240</ttl> -->`, normalizer.Hints{}},
		"a feed that is broken too": {`<skipHours><hour>3</hour></skipHours><ttl>240</ttl><copyright>Báo <b Mẫu</copyright>`, normalizer.Hints{MinInterval: 4 * time.Hour, SkipHours: []int{3}}},
	} {
		t.Run(name, func(t *testing.T) {
			body := syndication + `<channel>` + c.head + `<item><title>Tin</title><guid>1</guid></item></channel></rss>`
			first := readSeen(t, n, body, nil)
			if diff := cmp.Diff(c.want, first.Hints); diff != "" {
				t.Errorf("whole reading, -want +got:\n%s", diff)
			}
			again := readSeen(t, n, body, first.Items)
			if again.Skipped != len(first.Items) {
				t.Errorf("skipped %d of %d items", again.Skipped, len(first.Items))
			}
			if diff := cmp.Diff(c.want, again.Hints); diff != "" {
				t.Errorf("all items seen, -want +got:\n%s", diff)
			}
		})
	}
}

func allHours() string {
	var out strings.Builder
	for hour := range 24 {
		fmt.Fprintf(&out, "<hour>%d</hour>", hour)
	}
	return out.String()
}

func TestHintsOfTheItems(t *testing.T) {
	n := newNormalizer(t)
	at := func(hour, minute int) time.Time {
		return time.Date(2023, time.November, 14, hour, minute, 0, 0, time.FixedZone("+07", 7*60*60))
	}
	for name, c := range map[string]struct {
		dates  []time.Time // of the items; zero for none
		newest time.Time
		gap    time.Duration
	}{
		"no item":         {nil, time.Time{}, 0},
		"no date":         {[]time.Time{{}, {}, {}}, time.Time{}, 0},
		"two":             {[]time.Time{at(8, 0), at(9, 0)}, at(9, 0), 0},
		"two of three":    {[]time.Time{at(8, 0), {}, at(9, 0)}, at(9, 0), 0},
		"three":           {[]time.Time{at(9, 0), at(8, 0), at(12, 0)}, at(12, 0), 2 * time.Hour},
		"four":            {[]time.Time{at(20, 0), at(9, 10), at(9, 0), at(8, 0)}, at(20, 0), time.Hour},
		"three at once":   {[]time.Time{at(8, 0), at(8, 0), at(8, 0), at(9, 0)}, at(9, 0), 0},
		"and one undated": {[]time.Time{at(8, 0), {}, at(10, 0), at(12, 0)}, at(12, 0), 2 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			var items []string
			for i, date := range c.dates {
				published := ""
				if !date.IsZero() {
					published = "<pubDate>" + date.Format(time.RFC1123Z) + "</pubDate>"
				}
				items = append(items, fmt.Sprintf("<item><title>Tin</title><guid>%d</guid>%s</item>", i, published))
			}
			result := readSeen(t, n, string(sampleFeed(items...)), nil)
			if !result.Hints.Newest.Equal(c.newest) || result.Hints.Gap != c.gap {
				t.Errorf("got newest %v and gap %v, want %v and %v", result.Hints.Newest, result.Hints.Gap, c.newest, c.gap)
			}
		})
	}
	t.Run("JSON Feed", func(t *testing.T) {
		result := readSeen(t, n, `{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1","title":"Tin","date_published":"2023-11-14T08:00:00+07:00"}]}`, nil)
		if !result.Hints.Newest.Equal(at(8, 0)) {
			t.Errorf("got newest %v, want %v", result.Hints.Newest, at(8, 0))
		}
	})
}
