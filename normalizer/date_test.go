package normalizer_test

import (
	"os"
	"strings"
	"testing"
	"time"

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
		got := "unknown"
		if when, precision, ok := normalizer.ParseDate(row.raw); ok {
			got = when.Format(time.RFC3339Nano) + " " + string(precision)
		}
		if got != row.want {
			t.Errorf("date %q: got %s, want %s", row.raw, got, row.want)
		}
	}
}

func FuzzDate(f *testing.F) {
	for _, row := range dateRows(f) {
		f.Add(row.raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		when, precision, ok := normalizer.ParseDate(raw)
		if !ok {
			if !when.IsZero() || precision != "" {
				t.Errorf("date %q is unknown, but gave %v %q", raw, when, precision)
			}
			return
		}
		if year := when.UTC().Year(); year < 1899 || year > 9999 {
			t.Errorf("date %q: got year %d", raw, year)
		}
		if precision == "" {
			t.Errorf("date %q: got no precision", raw)
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
				normalizer.ParseDate(raw)
			}
		})
	}
}
