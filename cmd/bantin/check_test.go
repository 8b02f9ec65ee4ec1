package main

import (
	"strings"
	"testing"
	"time"

	"bantin/internal/article"
)

// A source that moved to where another one is read from brings nothing of its own.
func TestCheckTellsOfMovesThatHelpNobody(t *testing.T) {
	const at = "https://bao.example/"
	since := time.Date(2026, time.November, 16, 8, 0, 0, 0, time.UTC)
	moved := func(id, to string) article.SourceState {
		return article.SourceState{SourceID: id, URL: at + to, FormerURLs: []string{at + id}}
	}
	moving := func(id, to string) article.SourceState {
		return article.SourceState{SourceID: id, URL: at + id, Move: article.Move{To: at + to, Since: since, Answers: 9}}
	}
	failing := moved("mot", "moi")
	failing.Failure, failing.Failures, failing.FailingSince = "dns", 5, since
	tests := map[string]struct {
		states []article.SourceState
		want   string
	}{
		"to a third address, the first of two": {[]article.SourceState{moved("mot", "moi"), moving("hai", "moi")}, "hai has moved to https://bao.example/moi, from where mot is read"},
		"to another source's address":          {[]article.SourceState{moving("hai", "mot")}, "hai has moved to https://bao.example/mot, from where mot is read"},
		"to an address configured later":       {[]article.SourceState{moved("mot", "hai")}, "mot has moved to https://bao.example/hai, from where hai is read"},
		"to an address that fails":             {[]article.SourceState{failing}, "moi, which fails since 2026-11-16"},
		"not for two weeks yet":                {[]article.SourceState{moving("hai", "moi")}, ""},
		"back to the configured address":       {[]article.SourceState{{SourceID: "mot", URL: at + "moi", FormerURLs: []string{at + "mot"}, Move: article.Move{To: at + "mot"}}}, "write https://bao.example/moi in place of https://bao.example/mot"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir, config := workplace(t, strings.TrimSuffix(at, "/"), "mot", "hai")
			remember(t, dir, test.states...)
			out, err := call(t, "-c", config, "check")
			if err != nil || !strings.Contains(out, test.want) || test.want == "" && strings.Contains(out, "moved") {
				t.Errorf("got %v, want %q: %s", err, test.want, out)
			}
		})
	}
}
