package robots_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"bantin/fetcher"
	"bantin/internal/robots"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A script is a fetcher whose answers are written in the test: answer sets the
// next one, which stands until it is set anew.
type script struct {
	mu     sync.Mutex
	result fetcher.Result
	err    error
	asked  []fetcher.Request
	now    time.Time
}

func newScript() *script {
	return &script{now: time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC)}
}

func (s *script) Fetch(_ context.Context, req fetcher.Request) (fetcher.Result, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, req)
	return s.result, s.err
}

func (s *script) file(body string) {
	s.result, s.err = fetcher.Result{Status: 200, Body: []byte(body)}, nil
}

func (s *script) failure(kind fetcher.Kind) {
	s.result, s.err = fetcher.Result{}, &fetcher.Error{Kind: kind, URL: "https://bao.example/robots.txt", Err: errors.New("scripted")}
}

func (s *script) clock() time.Time { return s.now }

func (s *script) rules() *robots.Rules {
	return robots.New(robots.Options{Fetcher: s, Now: s.clock})
}

// ask asks, and fails the test on an error.
func ask(tb testing.TB, rules *robots.Rules, url string) robots.Answer {
	tb.Helper()
	answer, err := rules.Ask(tb.Context(), url)
	if err != nil {
		tb.Fatalf("Ask(%q): %v", url, err)
	}
	return answer
}

// askFile asks new rules about a path, on a host with the file.
func askFile(tb testing.TB, file, path string) robots.Answer {
	tb.Helper()
	s := newScript()
	s.file(file)
	return ask(tb, s.rules(), "https://bao.example"+path)
}
