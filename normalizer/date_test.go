package normalizer_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bantin/internal/article"
	"bantin/normalizer"
)

type dateRow struct{ raw, want string }

// dateRows reads the table of dates.
func dateRows(tb testing.TB) []dateRow {
	tb.Helper()
	table, err := os.ReadFile("testdata/dates/dates.tsv")
	if err != nil {
		tb.Fatal(err)
	}
	var rows []dateRow
	for line := range strings.Lines(string(table)) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		raw, want, found := strings.Cut(line, "\t")
		if !found {
			tb.Fatalf("no tab in %q", line)
		}
		rows = append(rows, dateRow{strings.ReplaceAll(raw, `\n`, "\n"), want})
	}
	return rows
}

func TestParseDate(t *testing.T) {
	rows := dateRows(t)
	if len(rows) < 80 {
		t.Fatalf("got %d rows, want at least 80", len(rows))
	}
	for _, row := range rows {
		if got := parsed(row.raw, normalizer.DateRules{}); got != row.want {
			t.Errorf("date %q: got %s, want %s", row.raw, got, row.want)
		}
	}
}

// parsed is a date as the table of dates writes it.
func parsed(raw string, rules normalizer.DateRules) string {
	when, precision, ok := normalizer.ParseDate(raw, rules)
	if !ok {
		return "unknown"
	}
	return when.Format(time.RFC3339Nano) + " " + string(precision)
}

// TestDateOrder: the only order that fits, then the address, then the setting,
// then AM and PM.
func TestDateOrder(t *testing.T) {
	const october, february = "2026-10-02T00:00:00+07:00 day", "2026-02-10T00:00:00+07:00 day"
	for _, test := range []struct {
		raw, address, want string
		order              article.DateOrder
	}{
		{raw: "10/2/2026", want: february},
		{raw: "10/2/2026", order: article.DayFirst, want: february},
		{raw: "10/2/2026", order: article.MonthFirst, want: october},
		{raw: "10-02-2026", order: article.MonthFirst, want: october},
		{raw: "2/10/26", order: article.MonthFirst, want: february},
		{raw: "21/02/2026", order: article.MonthFirst, want: "2026-02-21T00:00:00+07:00 day"},
		{raw: "02/21/2026", order: article.DayFirst, want: "2026-02-21T00:00:00+07:00 day"},
		{raw: "2026-10-02", order: article.MonthFirst, want: october},
		{raw: "2 Oct 2026", order: article.MonthFirst, want: october},
		{raw: "2 tháng 10 năm 2026", order: article.MonthFirst, want: october},
		{raw: "10/2/2026 9:25:00 AM", want: "2026-10-02T09:25:00+07:00 minute"},
		{raw: "10/2/2026 9:25:00 AM", order: article.DayFirst, want: "2026-02-10T09:25:00+07:00 minute"},
		{raw: "05/10/2026 08:30 AM", order: article.MonthFirst, want: "2026-05-10T08:30:00+07:00 minute"},
		{raw: "10/2/2026 8:30:00 SA", order: article.MonthFirst, want: "2026-10-02T08:30:00+07:00 minute"},
		{raw: "10/2/2026", address: "https://mau.example.vn/tin-100261002091032857.htm", want: october},
		{raw: "10/2/2026", address: "https://mau.example.vn/202602/tin-3f2/", want: february},
		{raw: "10/2/2026", address: "https://mau.example.vn/202610/tin-3f2/", order: article.DayFirst, want: october},
		{raw: "10/2/2026", address: "https://mau.example.vn/2026/02/09/tin", order: article.MonthFirst, want: february},
		{raw: "10/2/2026", address: "https://mau.example.vn/2024/05/09/tin", want: february},
		{raw: "10/2/2026", address: "https://mau.example.vn/tin-1.htm", order: article.MonthFirst, want: october},
		{raw: "21/02/2026", address: "https://mau.example.vn/202610/tin/", want: "2026-02-21T00:00:00+07:00 day"},
		// The address gives no date where there is none.
		{raw: "", address: "https://mau.example.vn/2026/02/09/tin", want: "unknown"},
		{raw: "09:00", address: "https://mau.example.vn/2026/02/09/tin", want: "unknown"},
	} {
		if got := parsed(test.raw, normalizer.DateRules{Order: test.order, Address: test.address}); got != test.want {
			t.Errorf("%q in order %q at %q: got %s, want %s", test.raw, test.order, test.address, got, test.want)
		}
	}
}

// TestDateAgo: dates that count from the fetch, which was on a Monday at 08:12.
func TestDateAgo(t *testing.T) {
	fetched := time.Date(2026, time.October, 5, 1, 12, 44, 0, time.UTC)
	for raw, want := range map[string]string{
		"15 giờ trước":                 "2026-10-04T17:00:00+07:00 hour",
		"1 giờ trước":                  "2026-10-05T07:00:00+07:00 hour",
		"36 giờ trước":                 "2026-10-03T20:00:00+07:00 hour",
		"2 tiếng trước":                "2026-10-05T06:00:00+07:00 hour",
		"1 giờ 5 phút trước":           "2026-10-05T07:07:00+07:00 minute",
		"Cập nhật 25 phút trước":       "2026-10-05T07:47:00+07:00 minute",
		"30 giây trước":                "2026-10-05T08:12:00+07:00 minute",
		"vừa xong":                     "2026-10-05T08:12:00+07:00 minute",
		"2 ngày trước":                 "2026-10-03T00:00:00+07:00 day",
		"cách đây khoảng 9 giờ trước":  "2026-10-04T23:00:00+07:00 hour",
		"Hôm qua":                      "2026-10-04T00:00:00+07:00 day",
		"hôm kia":                      "2026-10-03T00:00:00+07:00 day",
		"Hôm nay, 07:30":               "2026-10-05T07:30:00+07:00 minute",
		"07:30 hôm qua":                "2026-10-04T07:30:00+07:00 minute",
		"Hôm qua lúc 7 giờ tối":        "2026-10-04T19:00:00+07:00 hour",
		"hôm qua 03/10/2026":           "unknown",
		"hôm sau":                      "unknown",
		"1 tuần trước":                 "unknown",
		"3 tháng trước":                "unknown",
		"năm ngoái":                    "unknown",
		"15 giờ trước khi bão đổ bộ":   "unknown",
		"2 ngày 5 phút trước":          "unknown",
		"1000 giờ trước":               "unknown",
		"trước":                        "unknown",
		"21/02/2022 trước":             "unknown",
		"Thứ Hai, 21/02/2022 (hôm kia": "unknown",
	} {
		if got := parsed(raw, normalizer.DateRules{Fetched: fetched}); got != want {
			t.Errorf("%q: got %s, want %s", raw, got, want)
		}
		if got := parsed(raw, normalizer.DateRules{}); got != "unknown" {
			t.Errorf("%q without the time of the fetch: got %s", raw, got)
		}
	}
}

// TestCensusLayouts writes dates in all the layouts that a census of 268
// Vietnamese sites met, and reads them.
func TestCensusLayouts(t *testing.T) {
	for _, layout := range []struct {
		layout string
		order  article.DateOrder
	}{
		{layout: "15:04 02/01/2006"},
		{layout: "02/01/2006"},
		{layout: "15:04:05 02/01/2006"},
		{layout: "02/01/2006 15:04"},
		{layout: "15:04 02-01-2006"},
		{layout: "02-01-2006"},
		{layout: "02-01-2006 15:04:05"},
		{layout: "15:04:05 02-01-2006"},
		{layout: "02 - 01 - 2006"},
		{layout: "15:04 02.01.2006"},
		{layout: "02 01 2006"},
		{layout: "15:04 02  01 2006"},
		{layout: "2006-01-02 15:04:05"},
		{layout: "2006-01-02 15:04:05Z07:00"},
		{layout: "2006-01-02 15:04:05-0700"},
		{layout: "2006-01-02T15:04:05-07:00"},
		{layout: "15:04:05 2006-01-02"},
		{layout: "15:04 2006-01-02"},
		{layout: "2006-01-02"},
		{layout: "15:04:05 02 Tháng MONTH 2006"},
		{layout: "02 Tháng MONTH 2006"},
		{layout: "15:04 02 Tháng MONTH 2006"},
		{layout: "02 Tháng MONTH 2006 3:04 HALF"},
		{layout: "3:04:05 HALF 02/01/2006"},
		{layout: "02/01/2006 3:04:05 HALF"},
		{layout: "03:04 PM 02/01/2006", order: article.DayFirst},
		{layout: "02/01/2006 03:04 PM", order: article.DayFirst},
		{layout: "1/2/2006 3:04:05 PM"},
		{layout: "1/2/2006", order: article.MonthFirst},
		{layout: "Jan 02 2006"},
		{layout: "01 02 2006", order: article.MonthFirst},
		{layout: "Monday, January 2, 2006 (GMT+7)"},
		{layout: "Mon, 02 Jan 2006 15:04:05 GMT+7"},
		{layout: "Mon, 02 Jan 06 15:04:05 -0700"},
	} {
		for _, when := range someTimes() {
			raw := inVietnamese(when, layout.layout)
			want := when.Truncate(time.Minute)
			if strings.Contains(layout.layout, "05") {
				want = when
			}
			precision := article.Minute
			if !strings.Contains(layout.layout, "04") {
				want, precision = time.Date(when.Year(), when.Month(), when.Day(), 0, 0, 0, 0, when.Location()), article.Day
			}
			got, p, _ := normalizer.ParseDate(raw, normalizer.DateRules{Order: layout.order})
			if !got.Equal(want) || p != precision {
				t.Errorf("layout %q, %q: got %v %q, want %v %q", layout.layout, raw, got, p, want, precision)
			}
		}
	}
}

// someTimes are around midnight and noon, with day and month that could change places.
func someTimes() []time.Time {
	zone := time.FixedZone("", 7*3600)
	return []time.Time{
		time.Date(2022, time.February, 21, 8, 30, 15, 0, zone), time.Date(2026, time.October, 3, 18, 20, 0, 0, zone),
		time.Date(2024, time.February, 29, 0, 5, 59, 0, zone), time.Date(2023, time.December, 31, 12, 5, 1, 0, zone),
		time.Date(2025, time.November, 10, 23, 59, 0, 0, zone), time.Date(2017, time.April, 12, 12, 0, 0, 0, zone),
	}
}

func inVietnamese(when time.Time, layout string) string {
	months := strings.Fields("Một Hai Ba Tư Năm Sáu Bảy Tám Chín Mười Mười-Một Mười-Hai")
	half := "SA"
	if when.Hour() >= 12 {
		half = "CH"
	}
	return strings.NewReplacer("MONTH", strings.ReplaceAll(months[when.Month()-1], "-", " "), "HALF", half).Replace(when.Format(layout))
}

func TestAddressPeriod(t *testing.T) {
	for address, want := range map[string]string{
		"https://mau.example.vn/tin-moi-100261002091032857.htm":   "2026-10-02",
		"https://mau.example.vn/tin-moi-20171114174244123.htm":    "2017-11-14",
		"https://mau.example.vn/tin-moi-20171114174244.htm":       "2017-11-14",
		"https://mau.example.vn/kinh-te/202202/tin-moi-3f2a1b7/":  "2022-02",
		"https://mau.example.vn/2017/11/14/tin-moi":               "2017-11-14",
		"https://mau.example.vn/2017/11/tin-moi":                  "2017-11",
		"https://mau.example.vn/portal/pages/2022-02-21/Tin.aspx": "2022-02-21",
		"https://mau.example.vn/tin/tin-moi-2022-02-21.html":      "2022-02-21",
		"https://mau.example.vn/tin-moi-100261302091032857.htm":   "", // no such month
		"https://mau.example.vn/tin-moi-100261002251032857.htm":   "", // no such hour
		"https://mau.example.vn/tin-moi-4512873.htm":              "",
		"https://mau.example.vn/tin?ngay=2022-02-21":              "",
		"https://mau.example.vn/giai-doan-2021-2025.html":         "",
		"https://mau.example.vn/202213/tin":                       "",
		"https://mau.example.vn/2022/":                            "",
		"https://2022-02-21.example.vn/tin":                       "",
		"://":                                                     "",
		"":                                                        "",
	} {
		if got := normalizer.AddressPeriod(address); got != want {
			t.Errorf("%s: got %q, want %q", address, got, want)
		}
	}
}

// datedItem is an item with a date and, to follow the slash, the path of its address.
func datedItem(date, path string) string {
	return "<item><title>Tin " + date + "</title><link>https://mau.example.vn/" + path + "</link><guid>" + date + path + "</guid><pubDate>" + date + "</pubDate></item>"
}

// TestFeedDates: what the dates of one feed say of each other.
func TestFeedDates(t *testing.T) {
	for name, test := range map[string]struct {
		items []string
		order article.DateOrder
		want  []string
		warns string // part of a warning of the feed
	}{
		"nothing tells":         {items: []string{"10/2/2026", "10/3/2026"}, want: []string{"2026-02-10", "2026-03-10"}},
		"one has the day first": {items: []string{"10/2/2026 9:25:00 AM", "21/2/2026 9:25:00 AM"}, want: []string{"2026-02-10", "2026-02-21"}},
		"one has the month first": {
			items: []string{"10/2/2026", "10/21/2026"}, want: []string{"2026-10-02", "2026-10-21"}, warns: "set dates: mdy",
		},
		"they disagree": {items: []string{"10/2/2026", "10/21/2026", "21/10/2026"}, want: []string{"2026-02-10", "2026-10-21", "2026-10-21"}},
		"the setting":   {items: []string{"10/2/2026", "10/3/2026"}, order: article.MonthFirst, want: []string{"2026-10-02", "2026-10-03"}},
		"the setting before what is shown": {
			items: []string{"10/2/2026", "10/21/2026"}, order: article.DayFirst, want: []string{"2026-02-10", "2026-10-21"},
		},
		"the month for the minutes": {
			items: []string{
				"Sat, 3 Oct 2026 08:10:01 GMT", "Fri, 2 Oct 2026 02:10:09 GMT", "Wed, 30 Sep 2026 02:09:00 GMT", "Tue, 29 Sep 2026 09:09:20 GMT",
			},
			want:  []string{"2026-10-03 15h", "2026-10-02 09h", "2026-09-30 09h", "2026-09-29 16h"},
			warns: "the month for the minutes",
		},
		"by chance in three": {
			items: []string{"Sat, 3 Oct 2026 08:10:01 GMT", "Fri, 2 Oct 2026 02:10:09 GMT", "Wed, 30 Sep 2026 02:09:00 GMT"},
			want:  []string{"2026-10-03", "2026-10-02", "2026-09-30"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var items []string
			for _, date := range test.items {
				items = append(items, datedItem(date, "tin"))
			}
			src := sampleSource()
			src.Dates = test.order
			result, err := newNormalizer(t).Feed(src, sampleDocument(sampleFeed(items...)))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for i := range result.Articles {
				got = append(got, shownDate(&result.Articles[i]))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("dates, -want +got:\n%s", diff)
			}
			if warned := strings.Join(result.Warnings, "; "); test.warns == "" && warned != "" || !strings.Contains(warned, test.warns) {
				t.Errorf("got warnings %q, want one of %q", warned, test.warns)
			}
		})
	}
}

// shownDate is the day of an article in Vietnam, and the hour where that is all.
func shownDate(a *article.Article) string {
	at := a.Published.In(time.FixedZone("", 7*3600))
	if a.Precision == article.Hour {
		return at.Format("2006-01-02 15h")
	}
	return at.Format(time.DateOnly)
}

// TestDoubtfulDatesNeedTheWholeFeed: a new item whose order of day and month only
// the others show is not read alone.
func TestDoubtfulDatesNeedTheWholeFeed(t *testing.T) {
	n := newNormalizer(t)
	old := datedItem("10/21/2026", "tin-1")
	first, err := n.Feed(sampleSource(), sampleDocument(sampleFeed(old)))
	if err != nil || len(first.Items) != 1 {
		t.Fatalf("got %d items and error %v", len(first.Items), err)
	}
	document := sampleDocument(sampleFeed(datedItem("11/2/2026", "tin-2"), old))
	document.Seen = first.Items
	second, err := n.Feed(sampleSource(), document)
	if err != nil || len(second.Articles) != 2 || shownDate(&second.Articles[0]) != "2026-11-02" {
		t.Errorf("got %+v and error %v, want both articles, the first of 2 November", second.Articles, err)
	}
}

// TestDateDoubts: a date that cannot be right is kept, and said.
func TestDateDoubts(t *testing.T) {
	document := sampleDocument(sampleFeed(
		datedItem("2026-10-03 08:00", "202610/tin/"),
		datedItem("2026-03-10 08:00", "202610/tin-2/"),
		datedItem("2026-10-06 23:59", "tin-3"),
		datedItem("15 giờ trước", "tin-4"),
	))
	document.Fetched = time.Date(2026, time.October, 4, 1, 0, 0, 0, time.UTC)
	result, err := newNormalizer(t).Feed(sampleSource(), document)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i := range result.Articles {
		a := &result.Articles[i]
		got = append(got, shownDate(a)+" "+strings.Join(a.Warnings, "; "))
	}
	want := []string{
		"2026-10-03 ", "2026-03-10 the date is 2026-03-10, the address shows 2026-10",
		"2026-10-06 the date lies in the future: 2026-10-06", "2026-10-03 17h ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestPageDates: the rules are those of feeds.
func TestPageDates(t *testing.T) {
	src := portal()
	src.Dates = article.MonthFirst
	page := `<html><head><title>Tin</title></head><body><article><h1>Huyện khởi công kè chống sạt lở</h1><div class="date">10/2/2026 - 08:30</div>` +
		strings.Repeat("<p>Công trình dài hai cây số và bảo vệ hơn một trăm hộ dân ven suối trong mùa mưa lũ.</p>", 4) + `</article></body></html>`
	for _, test := range []struct{ page, address, want, warning string }{
		{page, "https://tinh.example.vn/tin-1", "2026-10-02", ""},
		{page, "https://tinh.example.vn/2026/02/10/tin-1", "2026-02-10", ""},
		{page, "https://tinh.example.vn/2024/02/10/tin-1", "2026-10-02", "the date is 2026-10-02, the address shows 2024-02-10"},
		{strings.Replace(page, "10/2/2026 - 08:30", "Hôm qua, 08:30", 1), "https://tinh.example.vn/tin-1", "2026-10-03", ""},
		{strings.Replace(page, "10/2/2026 - 08:30", "9 giờ trước", 1), "https://tinh.example.vn/tin-1", "2026-10-03 23h", ""},
		{strings.Replace(page, "10/2/2026", "2 tháng 10 năm 2026 | Lượt xem: 1.204", 1), "https://tinh.example.vn/tin-1", "2026-10-02", ""},
		{strings.Replace(page, "10/2/2026 - 08:30", "Thứ Sáu, 2026-10-02 08:30 | 12 lượt xem", 1), "https://tinh.example.vn/tin-1", "2026-10-02", ""},
		{strings.Replace(page, "10/2/2026 - 08:30", "Phòng TT - 8 giờ ngày 02/10/2026", 1), "https://tinh.example.vn/tin-1", "2026-02-10 08h", ""},
	} {
		document := normalizer.Document{Body: []byte(test.page), URL: test.address, Fetched: time.Date(2026, time.October, 4, 1, 0, 0, 0, time.UTC)}
		result, err := newNormalizer(t).Page(src, normalizer.Link{URL: test.address}, document)
		if err != nil {
			t.Fatal(err)
		}
		a := result.Article
		if got := shownDate(&a); got != test.want || strings.Join(a.Warnings, "; ") != test.warning {
			t.Errorf("%s: got %s with warnings %q, want %s and %q", test.address, got, a.Warnings, test.want, test.warning)
		}
	}
}

func FuzzDate(f *testing.F) {
	for _, row := range dateRows(f) {
		f.Add(row.raw, "https://mau.example.vn/202610/tin-100261002091032857.htm")
	}
	f.Add("15 giờ trước", "")
	f.Add("hôm qua, 07:30", "https://mau.example.vn/2026/10/04/tin")
	fetched := time.Date(2026, time.October, 5, 1, 12, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, raw, address string) {
		for _, rules := range []normalizer.DateRules{
			{}, {Fetched: fetched, Address: address}, {Order: article.MonthFirst}, {Order: article.DayFirst, Fetched: fetched},
		} {
			when, precision, ok := normalizer.ParseDate(raw, rules)
			if !ok {
				if !when.IsZero() || precision != "" {
					t.Errorf("date %q is unknown, but gave %v %q", raw, when, precision)
				}
				continue
			}
			if year := when.UTC().Year(); year < 1900 || year > 9999 {
				t.Errorf("date %q: got year %d", raw, year)
			}
			if precision == "" {
				t.Errorf("date %q: got no precision", raw)
			}
		}
	})
}

func BenchmarkDate(b *testing.B) {
	for name, raw := range map[string]string{
		"rfc1123":    "Tue, 14 Nov 2017 17:42:44 +0700",
		"rfc3339":    "2022-02-21T08:30:00+07:00",
		"dotnet":     "10/2/2026 9:25:00 AM",
		"vietnamese": "Thứ sáu, 6/8/2021, 01:08 (GMT+7)",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				normalizer.ParseDate(raw, normalizer.DateRules{})
			}
		})
	}
}
