package storetest

import (
	"time"

	"bantin/internal/article"
)

func revisionCases() []testCase {
	return []testCase{
		{name: "what an output may show moves it", run: revisionMoves},
		{name: "a refresh that brought nothing leaves it", run: revisionStays},
		{name: "any process that writes moves it", run: revisionIsShared},
	}
}

func revisionMoves(s *suite) {
	a := inChannels(item("bao-lang", "1"), "kinh-te@1")
	steps := []struct {
		name string
		run  func()
	}{
		{"a new article", func() { s.commit([]string{"kinh-te@1"}, a) }},
		{"an updated article", func() { s.commit([]string{"kinh-te@1"}, inChannels(changed(a, 9), "kinh-te@1")) }},
		{"an enrolled article", func() { s.enroll("kinh-te@2", a.ID) }},
		{"a first key", func() { s.activate("kinh-te", "kinh-te@1") }},
		{"another key", func() { s.activate("kinh-te", "kinh-te@2") }},
		{"an issue", func() { s.putIssue(fullIssue()) }},
		{"a buried article", func() { s.bury(a.ID) }},
	}
	seen := map[int64]string{s.revision(): "the beginning"}
	for _, step := range steps {
		step.run()
		number := s.revision()
		if before, ok := seen[number]; ok {
			s.Errorf("after %s: %d, as after %s", step.name, number, before)
		}
		seen[number] = step.name
	}
}

func revisionStays(s *suite) {
	s.commit(nil, item("bao-lang", "1"))
	before := s.revision()
	s.commit(nil, item("bao-lang", "1"))
	s.commitState(article.SourceState{SourceID: "bao-lang", LastFetch: at(9), Failure: "timeout"})
	s.setSources(map[string]time.Time{"bao-lang": at(1)})
	if after := s.revision(); after != before {
		s.Errorf("after a refresh that brought nothing: %d, before it: %d", after, before)
	}
}

func revisionIsShared(s *suite) {
	other := s.open()
	before := s.revision()
	s.commit(nil, item("bao-lang", "1"))
	after, err := other.Revision(s.Context())
	s.must("Revision", err)
	if after == before {
		s.Errorf("in the other process: %d, as before the write", after)
	}
	s.reopen()
	if again := s.revision(); again != after {
		s.Errorf("after opening again: %d, before: %d", again, after)
	}
}
