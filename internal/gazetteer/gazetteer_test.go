package gazetteer_test

import (
	"runtime"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bantin/internal/gazetteer"
)

func open(tb testing.TB) *gazetteer.Gazetteer {
	tb.Helper()
	g, err := gazetteer.New()
	if err != nil {
		tb.Fatal(err)
	}
	return g
}

// periods returns the periods of all provinces.
func periods(t *testing.T, g *gazetteer.Gazetteer) []gazetteer.Unit {
	t.Helper()
	var all []gazetteer.Unit
	for _, id := range g.ProvinceIDs() {
		latest, ok := g.Province(id)
		if !ok {
			t.Fatalf("Province(%q) is unknown though ProvinceIDs names it", id)
		}
		for _, u := range g.Lookup(latest.Name) {
			if u.Level == gazetteer.Province && u.ID == id {
				all = append(all, u)
			}
		}
	}
	return all
}

func provincesOn(all []gazetteer.Unit, day string) []gazetteer.Unit {
	return slices.DeleteFunc(slices.Clone(all), func(u gazetteer.Unit) bool { return !u.On(day) })
}

func TestProvinceCounts(t *testing.T) {
	t.Parallel()
	all := periods(t, open(t))
	for _, test := range []struct {
		day          string
		want, cities int
	}{
		{"2022-02-21", 63, 5},
		{"2024-12-31", 63, 5},
		{"2025-01-01", 63, 6},
		{"2025-06-30", 63, 6},
		{"2025-07-01", 34, 6},
		{"2026-04-29", 34, 6},
		{"2026-04-30", 34, 7},
		{"2026-09-01", 34, 8},
		{"2026-09-20", 34, 9},
	} {
		then := provincesOn(all, test.day)
		cities := 0
		codes := map[string]string{}
		for _, u := range then {
			if u.Kind == "thành phố" {
				cities++
			}
			if other, ok := codes[u.Code]; ok {
				t.Errorf("%s: code %s is both %s and %s", test.day, u.Code, other, u.ID)
			}
			codes[u.Code] = u.ID
		}
		if len(then) != test.want || cities != test.cities {
			t.Errorf("%s: %d provinces, %d of them cities, want %d and %d", test.day, len(then), cities, test.want, test.cities)
		}
	}
}

func TestPeriodsDoNotOverlap(t *testing.T) {
	t.Parallel()
	all := periods(t, open(t))
	for _, u := range all {
		if u.Until != "" && u.Until < u.From {
			t.Errorf("%s ends %s before it begins %s", u.ID, u.Until, u.From)
		}
		for _, other := range all {
			if other.ID == u.ID && other.From != u.From && other.On(max(u.From, "1900-01-01")) {
				t.Errorf("%s: the period from %q holds the first day of that from %q", u.ID, other.From, u.From)
			}
		}
	}
}

// The merger of 1 July 2025, as Resolution 202/2025/QH15 lists it.
func TestMergers(t *testing.T) {
	t.Parallel()
	want := map[string][]string{
		"tuyen-quang": {"ha-giang", "tuyen-quang"}, "lao-cai": {"lao-cai", "yen-bai"},
		"thai-nguyen": {"bac-kan", "thai-nguyen"}, "phu-tho": {"hoa-binh", "phu-tho", "vinh-phuc"},
		"bac-ninh": {"bac-giang", "bac-ninh"}, "hung-yen": {"hung-yen", "thai-binh"},
		"hai-phong": {"hai-duong", "hai-phong"}, "ninh-binh": {"ha-nam", "nam-dinh", "ninh-binh"},
		"quang-tri": {"quang-binh", "quang-tri"}, "da-nang": {"da-nang", "quang-nam"},
		"quang-ngai": {"kon-tum", "quang-ngai"}, "gia-lai": {"binh-dinh", "gia-lai"},
		"khanh-hoa": {"khanh-hoa", "ninh-thuan"}, "lam-dong": {"binh-thuan", "dak-nong", "lam-dong"},
		"dak-lak": {"dak-lak", "phu-yen"}, "ho-chi-minh": {"ba-ria-vung-tau", "binh-duong", "ho-chi-minh"},
		"dong-nai": {"binh-phuoc", "dong-nai"}, "tay-ninh": {"long-an", "tay-ninh"},
		"can-tho": {"can-tho", "hau-giang", "soc-trang"}, "vinh-long": {"ben-tre", "tra-vinh", "vinh-long"},
		"dong-thap": {"dong-thap", "tien-giang"}, "ca-mau": {"bac-lieu", "ca-mau"},
		"an-giang": {"an-giang", "kien-giang"},
	}
	all := periods(t, open(t))
	got := map[string][]string{}
	for _, u := range provincesOn(all, "2025-06-30") {
		if u.Until == "2025-06-30" {
			got[u.Today] = append(got[u.Today], u.ID)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("merged provinces (-want +got):\n%s", diff)
	}
	var unchanged []string
	for _, u := range provincesOn(all, "2025-06-30") {
		if u.On("2025-07-01") {
			unchanged = append(unchanged, u.ID)
		}
	}
	wantUnchanged := []string{
		"cao-bang", "dien-bien", "ha-noi", "ha-tinh", "hue", "lai-chau", "lang-son", "nghe-an", "quang-ninh", "son-la", "thanh-hoa",
	}
	if diff := cmp.Diff(wantUnchanged, unchanged); diff != "" {
		t.Errorf("unchanged provinces (-want +got):\n%s", diff)
	}
}

func TestCodesWereUsedAgain(t *testing.T) {
	t.Parallel()
	all := periods(t, open(t))
	byCode := func(day, code string) string {
		for _, u := range provincesOn(all, day) {
			if u.Code == code {
				return u.ID
			}
		}
		return ""
	}
	for _, test := range []struct{ code, before, since string }{
		{"15", "yen-bai", "lao-cai"},
		{"24", "bac-giang", "bac-ninh"},
		{"44", "quang-binh", "quang-tri"},
		{"52", "binh-dinh", "gia-lai"},
		{"80", "long-an", "tay-ninh"},
		{"82", "tien-giang", "dong-thap"},
		{"91", "kien-giang", "an-giang"},
		{"06", "bac-kan", ""},
		{"19", "thai-nguyen", "thai-nguyen"},
	} {
		if got := byCode("2025-06-30", test.code); got != test.before {
			t.Errorf("code %s on 30 June 2025 is %q, want %q", test.code, got, test.before)
		}
		if got := byCode("2025-07-01", test.code); got != test.since {
			t.Errorf("code %s on 1 July 2025 is %q, want %q", test.code, got, test.since)
		}
	}
}

func TestProvince(t *testing.T) {
	t.Parallel()
	g := open(t)
	for _, test := range []struct {
		id   string
		want gazetteer.Unit
	}{
		{"bac-kan", gazetteer.Unit{
			Level: gazetteer.Province, ID: "bac-kan", Name: "Bắc Kạn", Kind: "tỉnh", Code: "06",
			Until: "2025-06-30", Province: "bac-kan", Today: "thai-nguyen",
		}},
		{"thai-nguyen", gazetteer.Unit{
			Level: gazetteer.Province, ID: "thai-nguyen", Name: "Thái Nguyên", Kind: "tỉnh", Code: "19",
			From: "2025-07-01", Province: "thai-nguyen", Today: "thai-nguyen",
		}},
		{"hue", gazetteer.Unit{
			Level: gazetteer.Province, ID: "hue", Name: "Huế", Kind: "thành phố", Code: "46",
			From: "2025-01-01", Province: "hue", Today: "hue",
		}},
		{"bac-ninh", gazetteer.Unit{
			Level: gazetteer.Province, ID: "bac-ninh", Name: "Bắc Ninh", Kind: "thành phố", Code: "24",
			From: "2026-09-20", Province: "bac-ninh", Today: "bac-ninh",
		}},
	} {
		got, ok := g.Province(test.id)
		if diff := cmp.Diff(test.want, got); !ok || diff != "" {
			t.Errorf("Province(%q) = %t (-want +got):\n%s", test.id, ok, diff)
		}
	}
	if u, ok := g.Province("bac-can"); ok {
		t.Errorf("Province(bac-can) = %v, want none", u)
	}
	if got := len(g.ProvinceIDs()); got != 63 {
		t.Errorf("%d province ids, want 63: each of today's kept the name of a former one", got)
	}
}

func TestLookup(t *testing.T) {
	t.Parallel()
	g := open(t)
	// A unit is told as level, code, province then and today.
	type told struct {
		level              gazetteer.Level
		code, then, today  string
		firstDay, finalDay string
	}
	for _, test := range []struct {
		name, day string
		want      []told
	}{
		{"Chợ Mới", "2022-02-21", []told{
			{gazetteer.District, "065", "bac-kan", "thai-nguyen", "", "2025-06-30"},
			{gazetteer.District, "893", "an-giang", "an-giang", "", "2025-06-30"},
			{gazetteer.Commune, "30628", "an-giang", "an-giang", "", "2025-06-30"},
		}},
		{"Chợ Mới", "2026-01-01", []told{
			{gazetteer.Commune, "02086", "thai-nguyen", "thai-nguyen", "2025-07-01", ""},
			{gazetteer.Commune, "30628", "an-giang", "an-giang", "2025-07-01", ""},
		}},
		{"Cẩm Giàng", "2022-02-21", []told{
			{gazetteer.District, "295", "hai-duong", "hai-phong", "", "2025-06-30"},
			{gazetteer.Commune, "02008", "bac-kan", "thai-nguyen", "", "2025-06-30"},
		}},
		{"Bắc Kạn", "2022-02-21", []told{
			{gazetteer.Province, "06", "bac-kan", "thai-nguyen", "", "2025-06-30"},
			{gazetteer.District, "058", "bac-kan", "thai-nguyen", "", "2025-06-30"},
		}},
		{"Huế", "2024-12-31", []told{
			{gazetteer.Province, "46", "hue", "hue", "", "2024-12-31"},
			{gazetteer.District, "474", "hue", "hue", "", "2024-12-31"},
		}},
		{"Thừa Thiên Huế", "2025-01-01", []told{{gazetteer.Province, "46", "hue", "hue", "2025-01-01", ""}}},
		{"TP. HCM", "2020-01-01", []told{{gazetteer.Province, "79", "ho-chi-minh", "ho-chi-minh", "", "2025-06-30"}}},
		{"Bà Rịa – Vũng Tàu", "2020-01-01", []told{{gazetteer.Province, "77", "ba-ria-vung-tau", "ho-chi-minh", "", "2025-06-30"}}},
		{"Sài Gòn", "2026-01-01", []told{
			{gazetteer.Province, "79", "ho-chi-minh", "ho-chi-minh", "2025-07-01", ""},
			{gazetteer.Commune, "26740", "ho-chi-minh", "ho-chi-minh", "2025-07-01", ""},
		}},
		{"Đăk Lăk", "2020-01-01", []told{{gazetteer.Province, "66", "dak-lak", "dak-lak", "", "2025-06-30"}}},
		{"Thanh Hoá", "2020-01-01", []told{
			{gazetteer.Province, "38", "thanh-hoa", "thanh-hoa", "", ""},
			{gazetteer.District, "380", "thanh-hoa", "thanh-hoa", "", "2025-06-30"},
			{gazetteer.Commune, "18958", "quang-binh", "quang-tri", "", "2025-06-30"},
		}},
		{"Quỳ Hợp", "2020-01-01", []told{
			{gazetteer.District, "420", "nghe-an", "nghe-an", "", "2025-06-30"},
			{gazetteer.Commune, "17035", "nghe-an", "nghe-an", "", "2025-06-30"},
		}},
		{"Vằng Mười", "2022-02-21", nil},
		{"bắc kạn", "2022-02-21", nil},
		{"", "2022-02-21", nil},
	} {
		var got []told
		for _, u := range g.Lookup(test.name) {
			if u.On(test.day) {
				got = append(got, told{u.Level, u.Code, u.Province, u.Today, u.From, u.Until})
			}
		}
		if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(told{})); diff != "" {
			t.Errorf("Lookup(%q) on %s (-want +got):\n%s", test.name, test.day, diff)
		}
	}
}

// A dissolved province is no unit, and each of its heirs is a province.
func TestDissolved(t *testing.T) {
	t.Parallel()
	g := open(t)
	got := map[string][]string{}
	for name, heirs := range g.Dissolved() {
		got[name] = heirs
		for _, heir := range heirs {
			if _, ok := g.Province(heir); !ok {
				t.Errorf("%s: no province %q", name, heir)
			}
		}
		for _, u := range g.Lookup(name) {
			if u.Level == gazetteer.Province {
				t.Errorf("%s is the province %s", name, u.ID)
			}
		}
	}
	for name, want := range map[string][]string{
		"Hà Tây": {"ha-noi"}, "Bắc Thái": {"bac-kan", "thai-nguyen"}, "Sông Bé": {"binh-duong", "binh-phuoc"},
		"Gia Lai - Kon Tum": {"gia-lai", "kon-tum"},
	} {
		if diff := cmp.Diff(want, got[name]); diff != "" {
			t.Errorf("heirs of %s (-want +got):\n%s", name, diff)
		}
	}
}

// The number of units of a day, over all names of the data.
func TestUnitCounts(t *testing.T) {
	t.Parallel()
	g := open(t)
	for _, test := range []struct {
		day                string
		districts, commune int
	}{
		{"2025-03-01", 696, 10035},
		{"2025-07-01", 0, 3321},
	} {
		districts, communes := 0, 0
		seen := map[gazetteer.Unit]bool{}
		for u := range g.Units() {
			if !u.On(test.day) || seen[u] {
				continue
			}
			seen[u] = true
			if _, ok := g.Province(u.Today); !ok {
				t.Errorf("%s %s (%s) is in no province today: %q", u.Kind, u.Name, u.Code, u.Today)
			}
			province, ok := g.Province(u.Province)
			if !ok || province.Today != u.Today {
				t.Errorf("%s %s (%s) of %q is in %q today, its province in %q", u.Kind, u.Name, u.Code, u.Province, u.Today, province.Today)
			}
			switch u.Level {
			case gazetteer.District:
				districts++
			case gazetteer.Commune:
				communes++
				if (u.Parent == "") != (u.From == "2025-07-01") {
					t.Errorf("%s %s (%s) from %q has the district %q", u.Kind, u.Name, u.Code, u.From, u.Parent)
				}
			case gazetteer.Province:
			}
		}
		if districts != test.districts || communes != test.commune {
			t.Errorf("%s: %d districts and %d communes, want %d and %d", test.day, districts, communes, test.districts, test.commune)
		}
	}
}

func TestLongest(t *testing.T) {
	t.Parallel()
	g := open(t)
	for syllable, want := range map[string]int{"Thừa": 3, "Na": 2, "Phú": 3, "Kinh": 2, "xin": 0, "": 0} {
		if got := g.Longest(syllable); got < want || want == 0 && got != 0 {
			t.Errorf("Longest(%q) = %d, want at least %d", syllable, got, want)
		}
	}
	for u := range g.Units() {
		if g.Longest(firstWord(u.Name)) == 0 {
			t.Errorf("no name begins with %q, though %q does", firstWord(u.Name), u.Name)
		}
	}
}

func firstWord(name string) string {
	for i, r := range name {
		if r == ' ' || r == '-' || r == '\'' || r == '.' {
			return name[:i]
		}
	}
	return name
}

// The whole of it stays small: every process that reads news holds one.
func TestHeap(t *testing.T) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	g := open(t)
	runtime.GC()
	runtime.ReadMemStats(&after)
	const limit = 5 << 20
	if held := int64(after.HeapAlloc) - int64(before.HeapAlloc); held > limit {
		t.Errorf("the gazetteer holds %d bytes, more than %d", held, limit)
	} else {
		t.Logf("the gazetteer holds %d bytes", held)
	}
	runtime.KeepAlive(g)
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		open(b)
	}
}
