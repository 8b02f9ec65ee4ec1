package storetest

import (
	"slices"
	"strings"

	"bantin/internal/article"
)

func articleCases() []testCase {
	return []testCase{
		{name: "known articles have their hash, tombstones an empty one", run: knownHashes},
		{name: "articles come in the order of ids", run: articlesInOrder},
		{name: "a link finds articles by its canonical form", run: articlesByLink},
		{name: "a scan pages through all but tombstones", run: scanPages},
		{name: "a tombstone keeps what it is known by and nothing else", run: buryKeepsIdentity},
		{name: "a tombstone leaves every channel", run: buryLeavesChannels},
		{name: "a tombstone stays as it was first made", run: buryTwice},
		{name: "an unknown article cannot be buried", run: buryUnknown},
	}
}

func knownHashes(s *suite) {
	a, b := item("bao-lang", "1"), item("bao-lang", "2")
	s.commit(nil, a, b)
	s.bury(b.ID)
	got, err := s.store.Known(s.Context(), []string{b.ID, "không-có", a.ID})
	s.must("Known", err)
	if d := diff(map[string]string{a.ID: a.ContentHash, b.ID: ""}, got); d != "" {
		s.Errorf("Known (-want +got):\n%s", d)
	}
	got, err = s.store.Known(s.Context(), nil)
	s.must("Known", err)
	if len(got) != 0 {
		s.Errorf("Known(nil): got %v, want none", got)
	}
}

func articlesInOrder(s *suite) {
	a, b, c := item("bao-lang", "1"), item("bao-lang", "2"), item("bao-lang", "3")
	s.commit(nil, a, b, c)
	s.bury(b.ID)
	for _, order := range [][]string{{a.ID, b.ID, c.ID}, {c.ID, b.ID, a.ID}, {b.ID}} {
		asked := slices.Insert(slices.Clone(order), 1, "không-có")
		got, err := s.store.Articles(s.Context(), asked)
		s.must("Articles", err)
		if !slices.Equal(ids(got), order) {
			s.Errorf("Articles(%v): got %v", asked, ids(got))
		}
	}
	got, err := s.store.Articles(s.Context(), nil)
	s.must("Articles", err)
	if len(got) != 0 {
		s.Errorf("Articles(nil): got %v, want none", ids(got))
	}
}

func articlesByLink(s *suite) {
	a, b, c, d := item("bao-lang", "1"), item("bao-huyen", "1"), item("bao-lang", "3"), item("bao-lang", "4")
	a.URL = "https://bao.example/ChiTiet.aspx?nid=7"
	b.URL = "http://www.bao.example:80/ChiTiet.aspx?nid=7&utm_source=zalo#tin"
	c.URL = "https://bao.example/ChiTiet.aspx?nid=8"
	d.URL = ""
	s.commit(nil, a, c, d)
	s.commit(nil, b)
	s.bury(b.ID)
	both := []string{a.ID, b.ID}
	slices.Sort(both)
	for url, want := range map[string][]string{
		a.URL: both,
		"https://WWW.bao.example/ChiTiet.aspx?fbclid=x&nid=7": both,
		c.URL:                                  {c.ID},
		"https://bao.example/ChiTiet.aspx":     nil,
		"https://bao.example/chitiet.aspx?nid": nil,
		"":                                     nil,
	} {
		got, err := s.store.ArticlesByURL(s.Context(), url)
		s.must("ArticlesByURL", err)
		if !slices.Equal(ids(got), want) {
			s.Errorf("ArticlesByURL(%q): got %v, want %v", url, ids(got), want)
		}
	}
}

func scanPages(s *suite) {
	var stored []article.Article
	for guid := range strings.SplitSeq("abcdefgh", "") {
		stored = append(stored, item("bao-lang", guid))
	}
	s.commit(nil, stored...)
	want := ids(stored)
	slices.Sort(want)
	s.bury(want[0])
	s.bury(want[4])
	want = slices.Delete(slices.Delete(want, 4, 5), 0, 1)

	var got []string
	after := ""
	for {
		page, err := s.store.Scan(s.Context(), after, 4)
		s.must("Scan", err)
		if len(page) == 0 {
			break
		}
		got = append(got, ids(page)...)
		after = page[len(page)-1].ID
	}
	if !slices.Equal(got, want) {
		s.Errorf("pages of a scan: got %v, want %v", got, want)
	}
}

func buryKeepsIdentity(s *suite) {
	full := fullArticle()
	s.commit(full.Channels, full)
	if !s.bury(full.ID) {
		s.Error("Bury: the id was not known")
	}
	want := article.Article{
		ID:              full.ID,
		SourceID:        full.SourceID,
		URL:             full.URL,
		FirstSeen:       kept(full.FirstSeen),
		TakenDown:       kept(at(9)),
		TakenDownReason: "theo yêu cầu của nguồn",
	}
	if d := diff(want, s.get(full.ID)); d != "" {
		s.Errorf("tombstone (-want +got):\n%s", d)
	}
}

func buryLeavesChannels(s *suite) {
	a, b := inChannels(item("bao-lang", "1"), "tat-ca@1", "cu@1"), inChannels(item("bao-lang", "2"), "tat-ca@1")
	s.commit([]string{"tat-ca@1", "cu@1"}, a, b)
	s.bury(a.ID)
	if got, want := s.page("tat-ca@1", 10), []string{b.ID}; !slices.Equal(got, want) {
		s.Errorf("channel: got %v, want %v", got, want)
	}
	if got := s.page("cu@1", 10); got != nil {
		s.Errorf("the other channel: got %v, want none", got)
	}
}

func buryTwice(s *suite) {
	a := item("bao-lang", "1")
	s.commit(nil, a)
	s.bury(a.ID)
	before := s.get(a.ID)
	known, err := s.store.Bury(s.Context(), a.ID, "lý do khác", at(15))
	s.must("Bury", err)
	if !known {
		s.Error("Bury of a tombstone: the id was not known")
	}
	if d := diff(before, s.get(a.ID)); d != "" {
		s.Errorf("tombstone (-before +after):\n%s", d)
	}
}

func buryUnknown(s *suite) {
	if s.bury("không-có") {
		s.Error("Bury: the unknown id was known")
	}
	if got, err := s.store.Articles(s.Context(), []string{"không-có"}); err != nil || len(got) != 0 {
		s.Errorf("Articles after it: got %v, %v", ids(got), err)
	}
}
