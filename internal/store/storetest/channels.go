package storetest

import (
	"slices"
	"time"

	"bantin/internal/article"
	"bantin/internal/store"
)

func channelCases() []testCase {
	return []testCase{
		{name: "the newest come first, then by id", run: newestFirst},
		{name: "a date after the fetch does not order", run: futureDateDoesNotOrder},
		{name: "an article moves with its date and not with a change", run: changeMoves},
		{name: "only those first seen since", run: seenWithin},
		{name: "selected articles are whole", run: selectedAreWhole},
		{name: "enrolled articles are members", run: enroll},
		{name: "enrolling passes over the unknown and the buried", run: enrollPassesOver},
		{name: "enrolling twice is enrolling once", run: enrollTwice},
		{name: "activating forgets the key before", run: activateForgets},
		{name: "when articles left a channel", run: lastLeft},
		{name: "a forgotten key can come back", run: forgottenKeyComesBack},
		{name: "activating the active key keeps it", run: activateAgain},
	}
}

func (s *suite) activate(channelID, key string) {
	s.Helper()
	s.must("Activate", s.store.Activate(s.Context(), channelID, key))
}

func (s *suite) enroll(key string, ids ...string) {
	s.Helper()
	s.must("Enroll", s.store.Enroll(s.Context(), key, ids))
}

func newestFirst(s *suite) {
	var stored []article.Article
	for i, hour := range []int{3, 5, 1, 5, 4, 5} {
		a := inChannels(item("bao-lang", string(rune('a'+i))), "tat-ca@1")
		a.Published = at(hour)
		stored = append(stored, a)
	}
	stored[4].Published = time.Time{} // ordered by FirstSeen, which is seven
	s.commit([]string{"tat-ca@1"}, stored...)
	s.commit(nil, item("bao-lang", "ở kênh khác"))

	ties := []string{stored[1].ID, stored[3].ID, stored[5].ID}
	slices.Sort(ties)
	want := slices.Concat([]string{stored[4].ID}, ties, []string{stored[0].ID, stored[2].ID})
	for _, limit := range []int{1, 3, 6, 100} {
		if got, want := s.page("tat-ca@1", limit), want[:min(limit, len(want))]; !slices.Equal(got, want) {
			s.Errorf("the first %d: got %v, want %v", limit, got, want)
		}
	}
	if got := s.page("không-có@1", 10); got != nil {
		s.Errorf("a channel without members: got %v", got)
	}
}

func futureDateDoesNotOrder(s *suite) {
	wrong := inChannels(item("bao-lang", "1"), "tat-ca@1")
	wrong.Published = at(7).AddDate(30, 0, 0)
	later := inChannels(item("bao-lang", "2"), "tat-ca@1")
	later.Published, later.FirstSeen = at(8), at(9)
	s.commit([]string{"tat-ca@1"}, wrong, later)
	if got, want := s.page("tat-ca@1", 10), []string{later.ID, wrong.ID}; !slices.Equal(got, want) {
		s.Errorf("channel: got %v, want %v", got, want)
	}
	if got, want := s.get(wrong.ID).Published, kept(wrong.Published); got != want {
		s.Errorf("Published: got %v, want %v", got, want)
	}
}

func changeMoves(s *suite) {
	dated, undated := inChannels(item("bao-lang", "1"), "tat-ca@1"), inChannels(item("bao-lang", "2"), "tat-ca@1")
	dated.Published, undated.Published = at(5), time.Time{} // the second one stands at seven
	s.commit([]string{"tat-ca@1"}, dated, undated)
	check := func(when string, want ...string) {
		if got := s.page("tat-ca@1", 10); !slices.Equal(got, want) {
			s.Errorf("channel %s: got %v, want %v", when, got, want)
		}
	}
	check("at first", undated.ID, dated.ID)
	late := changed(dated, 9)
	late.Published = at(8) // after it was first seen, so it stands at seven as well
	s.commit([]string{"tat-ca@1"}, late)
	both := []string{dated.ID, undated.ID}
	slices.Sort(both)
	check("after the date moved", both...)
	early := changed(dated, 10)
	early.Published = at(3)
	s.commit([]string{"tat-ca@1"}, early, changed(undated, 10))
	check("after the date moved back", undated.ID, dated.ID)
	middle := inChannels(item("bao-lang", "3"), "tat-ca@1")
	middle.Published, middle.FirstSeen = at(8), at(10)
	s.commit([]string{"tat-ca@1"}, middle)
	check("after another one at eight", middle.ID, undated.ID, dated.ID)
}

func seenWithin(s *suite) {
	var stored []article.Article
	for i, hour := range []int{8, 9, 10, 11} {
		a := inChannels(item("bao-lang", string(rune('a'+i))), "tat-ca@1")
		a.FirstSeen = at(hour)
		a.Published = at(7 - i) // the last one seen is the oldest
		stored = append(stored, a)
	}
	s.commit([]string{"tat-ca@1"}, stored...)
	s.commit(nil, changed(item("bao-lang", "ở kênh khác"), 10))
	for _, test := range []struct {
		since, before time.Time
		limit         int
		want          []string
	}{
		{at(9), time.Time{}, 10, ids(stored[1:])}, // at that time, too
		{kept(at(9)).Add(time.Millisecond), time.Time{}, 10, ids(stored[2:])},
		{at(9), time.Time{}, 2, ids(stored[1:3])},
		{at(12), time.Time{}, 10, nil},
		{at(1), time.Time{}, 10, ids(stored)},
		{at(9), at(11), 10, ids(stored[1:3])}, // not at the end
		{time.Time{}, at(10), 10, ids(stored[:2])},
		{at(10), at(10), 10, nil},
	} {
		query := store.Query{Key: "tat-ca@1", SeenSince: test.since, SeenBefore: test.before, Limit: test.limit}
		got, err := s.store.Select(s.Context(), query)
		s.must("Select", err)
		if !slices.Equal(ids(got), test.want) {
			s.Errorf("Select(%+v): got %v, want %v", query, ids(got), test.want)
		}
		members, err := s.store.Members(s.Context(), query)
		s.must("Members", err)
		if !slices.Equal(members, test.want) {
			s.Errorf("Members(%+v): got %v, want %v", query, members, test.want)
		}
	}
}

func selectedAreWhole(s *suite) {
	full := fullArticle()
	s.commit(full.Channels, full)
	for _, since := range []time.Time{{}, full.FirstSeen} {
		got, err := s.store.Select(s.Context(), store.Query{Key: "kinh-te@2", SeenSince: since, Limit: 5})
		s.must("Select", err)
		if d := diff([]article.Article{keptArticle(full)}, got); d != "" {
			s.Errorf("Select since %v (-want +got):\n%s", since, d)
		}
	}
}

func enroll(s *suite) {
	a, b := inChannels(item("bao-lang", "1"), "tat-ca@1"), item("bao-lang", "2")
	b.Unselected = "không kênh nào nhận"
	b.Published = at(1)
	s.commit([]string{"tat-ca@1"}, a, b)
	s.enroll("moi@2", b.ID, a.ID)
	if got, want := s.page("moi@2", 10), []string{a.ID, b.ID}; !slices.Equal(got, want) {
		s.Errorf("channel: got %v, want %v", got, want)
	}
	a.Channels = []string{"tat-ca@1", "moi@2"}
	s.checkStored(a)
	b.Channels, b.Unselected = []string{"moi@2"}, ""
	s.checkStored(b)
	got, err := s.store.Select(s.Context(), store.Query{Key: "moi@2", SeenSince: at(7), Limit: 10})
	s.must("Select", err)
	if len(got) != 2 {
		s.Errorf("seen since, of the enrolled: got %v, want both", ids(got))
	}
	// An enrolled article is as good a member as any: a change keeps it.
	s.commit([]string{"tat-ca@1"}, inChannels(changed(a, 9), "tat-ca@1"))
	if got, want := s.page("moi@2", 10), []string{a.ID, b.ID}; !slices.Equal(got, want) {
		s.Errorf("channel after a change: got %v, want %v", got, want)
	}
}

func enrollPassesOver(s *suite) {
	a, b := item("bao-lang", "1"), item("bao-lang", "2")
	s.commit(nil, a, b)
	s.bury(b.ID)
	s.enroll("moi@2", "không-có", b.ID, a.ID)
	s.enroll("moi@2")
	if got, want := s.page("moi@2", 10), []string{a.ID}; !slices.Equal(got, want) {
		s.Errorf("channel: got %v, want %v", got, want)
	}
	if got := s.get(b.ID).Channels; len(got) != 0 {
		s.Errorf("channels of the tombstone: %v", got)
	}
}

func enrollTwice(s *suite) {
	a := item("bao-lang", "1")
	s.commit(nil, a)
	s.enroll("moi@2", a.ID, a.ID)
	s.enroll("moi@2", a.ID)
	if got, want := s.page("moi@2", 10), []string{a.ID}; !slices.Equal(got, want) {
		s.Errorf("channel: got %v, want %v", got, want)
	}
	if got, want := s.get(a.ID).Channels, []string{"moi@2"}; !slices.Equal(got, want) {
		s.Errorf("Channels: got %v, want %v", got, want)
	}
}

func (s *suite) checkActive(want map[string]string) {
	s.Helper()
	got, err := s.store.ActiveKeys(s.Context())
	s.must("ActiveKeys", err)
	if d := diff(want, got); d != "" {
		s.Errorf("ActiveKeys (-want +got):\n%s", d)
	}
}

func activateForgets(s *suite) {
	s.checkActive(nil)
	a := inChannels(item("bao-lang", "1"), "kinh-te@1", "tat-ca@1")
	s.commit([]string{"kinh-te@1", "tat-ca@1"}, a)
	s.activate("kinh-te", "kinh-te@1")
	s.activate("tat-ca", "tat-ca@1")
	s.checkActive(map[string]string{"kinh-te": "kinh-te@1", "tat-ca": "tat-ca@1"})
	if got, want := s.page("kinh-te@1", 10), []string{a.ID}; !slices.Equal(got, want) {
		s.Errorf("the first active key: got %v, want %v", got, want)
	}

	s.enroll("kinh-te@2", a.ID)
	s.activate("kinh-te", "kinh-te@2")
	s.checkActive(map[string]string{"kinh-te": "kinh-te@2", "tat-ca": "tat-ca@1"})
	for key, want := range map[string][]string{"kinh-te@1": nil, "kinh-te@2": {a.ID}, "tat-ca@1": {a.ID}} {
		if got := s.page(key, 10); !slices.Equal(got, want) {
			s.Errorf("channel %s: got %v, want %v", key, got, want)
		}
	}
	if got, want := s.get(a.ID).Channels, []string{"tat-ca@1", "kinh-te@2"}; !slices.Equal(got, want) {
		s.Errorf("Channels: got %v, want %v", got, want)
	}
}

// Rules that are changed and changed back must not bring old members back.
func forgottenKeyComesBack(s *suite) {
	a, b := inChannels(item("bao-lang", "1"), "kinh-te@1"), inChannels(item("bao-lang", "2"), "kinh-te@1")
	s.commit([]string{"kinh-te@1"}, a, b)
	s.activate("kinh-te", "kinh-te@1")
	s.activate("kinh-te", "kinh-te@2")
	s.enroll("kinh-te@1", b.ID)
	s.activate("kinh-te", "kinh-te@1")
	if got, want := s.page("kinh-te@1", 10), []string{b.ID}; !slices.Equal(got, want) {
		s.Errorf("channel: got %v, want %v", got, want)
	}
	if got := s.get(a.ID).Channels; len(got) != 0 {
		s.Errorf("Channels of the one that was not enrolled again: %v", got)
	}
}

func activateAgain(s *suite) {
	a := inChannels(item("bao-lang", "1"), "kinh-te@1")
	s.commit([]string{"kinh-te@1"}, a)
	s.activate("kinh-te", "kinh-te@1")
	s.activate("kinh-te", "kinh-te@1")
	if got, want := s.page("kinh-te@1", 10), []string{a.ID}; !slices.Equal(got, want) {
		s.Errorf("channel: got %v, want %v", got, want)
	}
}

func lastLeft(s *suite) {
	check := func(what string, want map[string]time.Time) {
		s.Helper()
		got, err := s.store.LastLeft(s.Context())
		s.must("LastLeft", err)
		if d := diff(want, got); d != "" {
			s.Errorf("%s: LastLeft (-want +got):\n%s", what, d)
		}
	}
	check("an empty store", map[string]time.Time{})
	keys := []string{"kinh-te@1", "tat-ca@1", "y-te@1"}
	a := inChannels(item("bao-lang", "1"), "kinh-te@1", "tat-ca@1")
	b := inChannels(item("bao-lang", "2"), "tat-ca@1")
	s.commit(keys, a, b)
	check("new articles", map[string]time.Time{})
	moved := inChannels(changed(a, 9), "y-te@1", "tat-ca@1")
	s.commit(keys, moved)
	want := map[string]time.Time{"kinh-te@1": kept(moved.FetchedAt)}
	check("an article that another channel takes", want)
	s.bury(b.ID) // at nine, by the suite's clock
	want["tat-ca@1"] = kept(at(9))
	check("a tombstone", want)
	s.commit(keys, inChannels(changed(a, 8), "tat-ca@1"))
	check("an older change", map[string]time.Time{"kinh-te@1": want["kinh-te@1"], "tat-ca@1": want["tat-ca@1"], "y-te@1": kept(at(8))})
	s.activate("kinh-te", "kinh-te@1")
	s.activate("kinh-te", "kinh-te@2")
	delete(want, "kinh-te@1")
	want["y-te@1"] = kept(at(8))
	check("a key that is forgotten", want)
}
