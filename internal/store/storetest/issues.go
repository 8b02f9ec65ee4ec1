package storetest

import "bantin/internal/article"

func issueCases() []testCase {
	return []testCase{
		{name: "every field of an issue comes back", run: issueRoundTrip},
		{name: "the newest come first, up to the limit", run: newestIssuesFirst},
		{name: "an issue replaces the one of its date", run: issueIsReplaced},
		{name: "an issue may be empty", run: emptyIssue},
		{name: "an issue is found by its date", run: issueByDate},
	}
}

func (s *suite) putIssue(issue article.Issue) {
	s.Helper()
	s.must("PutIssue", s.store.PutIssue(s.Context(), issue))
}

func (s *suite) checkIssues(digestID string, limit int, want ...article.Issue) {
	s.Helper()
	for i := range want {
		want[i].MadeAt = kept(want[i].MadeAt)
	}
	got, err := s.store.Issues(s.Context(), digestID, limit)
	s.must("Issues", err)
	if d := diff(want, got); d != "" {
		s.Errorf("Issues(%q, %d) (-want +got):\n%s", digestID, limit, d)
	}
}

func issueRoundTrip(s *suite) {
	if empty := emptyFields(fullIssue()); empty != nil {
		s.Fatalf("the fixture lacks %v", empty)
	}
	s.putIssue(fullIssue())
	s.checkIssues("sang", 10, fullIssue())
}

func newestIssuesFirst(s *suite) {
	first, second, third, other := fullIssue(), fullIssue(), fullIssue(), fullIssue()
	first.Date, second.Date, third.Date = "2025-12-31", "2026-01-01", "2026-11-23"
	other.DigestID = "chieu"
	for _, issue := range []article.Issue{second, other, third, first} {
		s.putIssue(issue)
	}
	s.checkIssues("sang", 10, third, second, first)
	s.checkIssues("sang", 2, third, second)
	s.checkIssues("chieu", 2, other)
	s.checkIssues("không-có", 2)
}

func issueIsReplaced(s *suite) {
	other := fullIssue()
	other.Date = "2026-11-21"
	s.putIssue(other)
	s.putIssue(fullIssue())
	again := fullIssue()
	again.MadeAt = at(8)
	again.Sections = again.Sections[1:]
	s.putIssue(again)
	s.checkIssues("sang", 10, again, other)
}

func emptyIssue(s *suite) {
	empty := article.Issue{DigestID: "sang", Date: "2026-11-22", MadeAt: at(6)}
	s.putIssue(empty)
	s.checkIssues("sang", 10, empty)
}

func issueByDate(s *suite) {
	first, second, other := fullIssue(), fullIssue(), fullIssue()
	first.Date = "2026-11-21"
	other.DigestID, other.MadeAt = "chieu", at(17)
	for _, issue := range []article.Issue{first, second, other} {
		s.putIssue(issue)
		issue.MadeAt = kept(issue.MadeAt)
		got, found, err := s.store.Issue(s.Context(), issue.DigestID, issue.Date)
		s.must("Issue", err)
		if d := diff(issue, got); d != "" || !found {
			s.Errorf("Issue(%q, %q): found: %v (-want +got):\n%s", issue.DigestID, issue.Date, found, d)
		}
	}
	for _, missing := range [][2]string{{"sang", "2026-11-20"}, {"chieu", "2026-11-21"}, {"không-có", "2026-11-22"}, {"sang", ""}} {
		got, found, err := s.store.Issue(s.Context(), missing[0], missing[1])
		s.must("Issue", err)
		if d := diff(article.Issue{}, got); d != "" || found {
			s.Errorf("Issue(%q): found: %v (-want +got):\n%s", missing, found, d)
		}
	}
}
