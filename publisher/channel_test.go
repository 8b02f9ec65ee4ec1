package publisher_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bantin/internal/article"
	"bantin/publisher"
)

func TestChannelTakes(t *testing.T) {
	a := article.Article{
		Title:  "Khánh thành cụm công nghiệp",
		Lead:   "Thái Hoà là xã đầu tiên có cụm công nghiệp.",
		Text:   "Kết quả xổ  số hôm nay.\nCông suất lớn.",
		Topics: []article.TopicRef{{ID: "cong-nghiep", Primary: true}, {ID: "giao-thong-xay-dung"}},
		Places: []article.PlaceRef{{Province: "thai-nguyen", ProvinceThen: "bac-kan"}, {Name: "không rõ"}},
	}
	tests := []struct {
		name   string
		rules  publisher.Channel
		reason string // empty: taken
	}{
		{"no rules take everything", publisher.Channel{}, ""},
		{"primary topic", publisher.Channel{Topics: []string{"cong-nghiep"}}, ""},
		{"secondary topic, one of two", publisher.Channel{Topics: []string{"y-te", "giao-thong-xay-dung"}}, ""},
		{"no topic", publisher.Channel{Topics: []string{"y-te", "the-thao"}}, "no topic of [y-te, the-thao]"},
		{"province of today", publisher.Channel{Provinces: []string{"thai-nguyen"}}, ""},
		{"province of then", publisher.Channel{Provinces: []string{"ca-mau", "bac-kan"}}, ""},
		{"no province", publisher.Channel{Provinces: []string{"ca-mau"}}, "no province of [ca-mau]"},
		{"an unknown province is none", publisher.Channel{Provinces: []string{""}}, "no province of []"},
		{"phrase in the title, other case", publisher.Channel{Any: []string{"CỤM Công Nghiệp"}}, ""},
		{"phrase in the lead, other tone mark", publisher.Channel{Any: []string{"thái hòa"}}, ""},
		{"phrase in the text, other spaces", publisher.Channel{Any: []string{"xổ số hôm"}}, ""},
		{"one phrase of two", publisher.Channel{Any: []string{"bóng đá", "công suất"}}, ""},
		{"accents count", publisher.Channel{Any: []string{"cum cong nghiep"}}, `any: no phrase of ["cum cong nghiep"]`},
		{"half a word is no phrase", publisher.Channel{Any: []string{"ông suất"}}, `any: no phrase of ["ông suất"]`},
		{"no phrase across title and lead", publisher.Channel{Any: []string{"công nghiệp thái hòa"}}, `any: no phrase of ["công nghiệp thái hòa"]`},
		{"forbidden phrase", publisher.Channel{None: []string{"bóng đá", "xổ số"}}, `none: "xổ số"`},
		{"forbidden phrase is not there", publisher.Channel{None: []string{"bóng đá"}}, ""},
		{"blank phrases ask nothing", publisher.Channel{Any: []string{" "}, None: []string{""}}, ""},
		{
			"all groups hold",
			publisher.Channel{Topics: []string{"cong-nghiep"}, Provinces: []string{"bac-kan"}, Any: []string{"cụm"}, None: []string{"bóng đá"}},
			"",
		},
		{
			"one group fails",
			publisher.Channel{Topics: []string{"cong-nghiep"}, Provinces: []string{"ca-mau"}, Any: []string{"cụm"}},
			"no province of [ca-mau]",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			taken, reason := test.rules.Takes(&a)
			if reason != test.reason || taken != (test.reason == "") {
				t.Errorf("Takes = %v, %q; want reason %q", taken, reason, test.reason)
			}
		})
	}
}

func TestChannelTakesNoTombstone(t *testing.T) {
	a := tombstone()
	if taken, reason := (publisher.Channel{}).Takes(&a); taken || reason != "taken down" {
		t.Errorf("Takes = %v, %q", taken, reason)
	}
}

func TestRulesDecide(t *testing.T) {
	all := publisher.Channel{ID: "tat-ca"}
	industry := publisher.Channel{ID: "cong-nghiep", Topics: []string{"cong-nghiep"}, None: []string{"xổ số"}}
	ferry := publisher.Channel{ID: "pha", Any: []string{"tuyến phà"}}
	withTopic, undated := fullArticle(), headlineArticle()

	keys, unselected := publisher.NewRules([]publisher.Channel{all, industry, ferry}).Decide(&withTopic)
	if diff := cmp.Diff([]string{all.Key(), industry.Key()}, keys); diff != "" || unselected != "" {
		t.Errorf("keys (-want +got):\n%sunselected %q", diff, unselected)
	}
	keys, unselected = publisher.NewRules([]publisher.Channel{industry, ferry}).Decide(&undated)
	if diff := cmp.Diff([]string{ferry.Key()}, keys); diff != "" || unselected != "" {
		t.Errorf("keys (-want +got):\n%sunselected %q", diff, unselected)
	}
	keys, unselected = publisher.NewRules([]publisher.Channel{industry, {ID: "the-thao", Any: []string{"bóng đá"}}}).Decide(&undated)
	want := `cong-nghiep: no topic of [cong-nghiep]; the-thao: any: no phrase of ["bóng đá"]`
	if keys != nil || unselected != want {
		t.Errorf("keys %q, unselected %q; want %q", keys, unselected, want)
	}
	if _, unselected = publisher.NewRules(nil).Decide(&undated); unselected == "" {
		t.Error("an article without channels has no reason")
	}
}

func TestRulesKeys(t *testing.T) {
	channels := []publisher.Channel{{ID: "b"}, {ID: "a", Any: []string{"x"}}}
	if diff := cmp.Diff([]string{channels[0].Key(), channels[1].Key()}, publisher.NewRules(channels).Keys()); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
}

func TestChannelKey(t *testing.T) {
	base := publisher.Channel{ID: "a", Title: "A", Topics: []string{"x", "y"}, Any: []string{"Hoà bình"}, Limit: 5}
	same := publisher.Channel{ID: "a", Title: "B", Topics: []string{"y", "x", "y"}, Any: []string{"hòa  bình", " "}, Limit: 9}
	if base.Key() != same.Key() {
		t.Errorf("the same rules have the keys %q and %q", base.Key(), same.Key())
	}
	if id, hash, _ := strings.Cut(base.Key(), "@"); id != "a" || len(hash) != 8 {
		t.Errorf("key %q", base.Key())
	}
	seen := map[string]string{}
	for name, c := range map[string]publisher.Channel{
		"base":                 base,
		"other id":             {ID: "b", Topics: base.Topics, Any: base.Any},
		"a topic less":         {ID: "a", Topics: []string{"x"}, Any: base.Any},
		"any as none":          {ID: "a", Topics: base.Topics, None: base.Any},
		"topics as provinces":  {ID: "a", Provinces: base.Topics, Any: base.Any},
		"other phrase":         {ID: "a", Topics: base.Topics, Any: []string{"Hoa bình"}},
		"words run together":   {ID: "a", Topics: []string{"x y"}, Any: base.Any},
		"quoted words as one":  {ID: "a", Topics: []string{`x" "y`}, Any: base.Any},
		"without any rules":    {ID: "a"},
		"phrase split in two":  {ID: "a", Topics: base.Topics, Any: []string{"hòa", "bình"}},
		"a province in common": {ID: "a", Topics: base.Topics, Any: base.Any, Provinces: []string{"x"}},
	} {
		if other, taken := seen[c.Key()]; taken {
			t.Errorf("%s and %s have the same key", name, other)
		}
		seen[c.Key()] = name
	}
	// Stored membership hangs on this value: a change decides every article again.
	if got, want := (publisher.Channel{ID: "tat-ca"}).Key(), "tat-ca@f27079d0"; got != want {
		t.Errorf("key %q, want %q", got, want)
	}
}

// An article that only facets take was selected by nobody.
func TestFacetsSelectNothing(t *testing.T) {
	rules := publisher.NewRules([]publisher.Channel{
		{ID: "y-te", Topics: []string{"y-te"}},
		{ID: "t/kinh-te", Topics: []string{"kinh-te"}, Listing: publisher.Facet},
		{ID: "t/y-te", Topics: []string{"y-te"}, Listing: publisher.Facet},
	})
	all := rules.Keys()
	for _, test := range []struct {
		topic, unselected string
		want              []string
	}{
		{"kinh-te", "y-te: no topic of [y-te]", all[1:2]},
		{"y-te", "", []string{all[0], all[2]}},
	} {
		keys, unselected := rules.Decide(&article.Article{Topics: []article.TopicRef{{ID: test.topic}}})
		if diff := cmp.Diff(test.want, keys); diff != "" || unselected != test.unselected {
			t.Errorf("%s: unselected %q, want %q; keys (-want +got):\n%s", test.topic, unselected, test.unselected, diff)
		}
	}
}
