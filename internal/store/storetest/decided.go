package storetest

import "bantin/internal/article"

func decidedCases() []testCase {
	return []testCase{
		{name: "an empty store has decided nothing", run: nothingDecided},
		{name: "keys are added and stay", run: decidedKeysAreAdded},
		{name: "a commit that does not name a key ends it", run: rulesAndBack},
		{name: "a changed article ends it as a new one does", run: changedArticleEndsDecided},
		{name: "a refresh that brought nothing ends none", run: nothingNewEndsNone},
		{name: "activating ends the key before", run: activateEndsDecided},
	}
}

func (s *suite) setDecided(keys ...string) {
	s.Helper()
	s.must("SetDecided", s.store.SetDecided(s.Context(), keys))
}

// checkDecided wants the keys in their order.
func (s *suite) checkDecided(want ...string) {
	s.Helper()
	got, err := s.store.Decided(s.Context())
	s.must("Decided", err)
	if d := diff(want, got); d != "" {
		s.Errorf("Decided (-want +got):\n%s", d)
	}
}

func nothingDecided(s *suite) {
	s.checkDecided()
	s.setDecided()
	s.checkDecided()
	s.commit([]string{"tat-ca@1"}, item("bao-lang", "1")) // it can only end what was set
	s.checkDecided()
}

func decidedKeysAreAdded(s *suite) {
	s.setDecided("tat-ca@1", "kinh-te@1", "tat-ca@1")
	s.checkDecided("kinh-te@1", "tat-ca@1")
	s.setDecided("van-hoa@1", "kinh-te@1")
	s.setDecided()
	s.checkDecided("kinh-te@1", "tat-ca@1", "van-hoa@1")
	s.commit([]string{"van-hoa@1", "tat-ca@1", "kinh-te@1", "moi@1"}, item("bao-lang", "1"))
	s.reopen()
	s.checkDecided("kinh-te@1", "tat-ca@1", "van-hoa@1")
}

// Rules that were changed by mistake and changed back: what was stored in between
// has never been decided under them.
func rulesAndBack(s *suite) {
	s.commit([]string{"kinh-te@1", "tat-ca@1"}, item("bao-lang", "1"))
	s.setDecided("kinh-te@1", "tat-ca@1")
	s.setDecided("kinh-te@2", "tat-ca@1")
	s.checkDecided("kinh-te@1", "kinh-te@2", "tat-ca@1")
	s.commit([]string{"kinh-te@2", "tat-ca@1"}, item("bao-lang", "2"))
	s.checkDecided("kinh-te@2", "tat-ca@1")
	s.reopen()
	s.checkDecided("kinh-te@2", "tat-ca@1")
	s.setDecided("kinh-te@1")
	s.checkDecided("kinh-te@1", "kinh-te@2", "tat-ca@1")
	s.commit(nil, item("bao-huyen", "3"))
	s.checkDecided()
}

func changedArticleEndsDecided(s *suite) {
	a := item("bao-lang", "1")
	s.commit([]string{"kinh-te@1"}, a)
	s.setDecided("kinh-te@1", "tat-ca@1")
	s.checkCounts(s.commit([]string{"tat-ca@1"}, changed(a, 9)), article.Counts{Updated: 1})
	s.checkDecided("tat-ca@1")
}

func nothingNewEndsNone(s *suite) {
	a, buried := item("bao-lang", "1"), item("bao-lang", "2")
	s.commit(nil, a, buried)
	s.bury(buried.ID)
	s.setDecided("kinh-te@1")
	s.checkCounts(s.commit(nil, a, changed(buried, 9)), article.Counts{Unchanged: 2})
	s.commitState(fullState())
	s.checkDecided("kinh-te@1")
}

// The members of the former key are forgotten, so under it nothing is decided.
func activateEndsDecided(s *suite) {
	s.commit([]string{"kinh-te@1"}, inChannels(item("bao-lang", "1"), "kinh-te@1"))
	s.setDecided("kinh-te@1", "kinh-te@2", "tat-ca@1")
	s.activate("kinh-te", "kinh-te@1")
	s.activate("kinh-te", "kinh-te@1")
	s.checkDecided("kinh-te@1", "kinh-te@2", "tat-ca@1")
	s.activate("kinh-te", "kinh-te@2")
	s.checkDecided("kinh-te@2", "tat-ca@1")
	s.reopen()
	s.checkDecided("kinh-te@2", "tat-ca@1")
}
