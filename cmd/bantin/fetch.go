package main

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"bantin/internal/pipeline"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

type fetchCmd struct {
	Source []string `arg:"" optional:"" help:"The ids of the sources; all when none is named."`
}

// Run refreshes the sources and prints a line for each.
func (c fetchCmd) Run(s *session) error {
	return s.withApp(slog.LevelError, func(a *app) error {
		for _, id := range c.Source {
			if !a.pipeline.Knows(id) {
				return fmt.Errorf("%w: no source %q in %s; bantin status lists them", errUsage, id, s.config)
			}
		}
		failed, err := a.fetch(s, c.Source)
		if err == nil && failed > 0 {
			return errSourcesFailed
		}
		return err
	})
}

// fetch refreshes sources, prints what each gave and returns how many failed.
func (a *app) fetch(s *session, ids []string) (failed int, err error) {
	started := s.now()
	if err := a.pipeline.Decide(s.ctx); err != nil {
		return 0, err
	}
	count := len(ids)
	if count == 0 {
		count = len(a.config.Sources)
	}
	bar := newBar(s.stderr, count)
	var outcomes []pipeline.Outcome
	err = a.pipeline.RefreshAll(s.ctx, ids, func(o pipeline.Outcome) {
		outcomes = append(outcomes, o)
		_ = bar.Add(1) // a bar that cannot be drawn harms nothing
	})
	_ = bar.Finish()
	return printOutcomes(s, outcomes, s.now().Sub(started)), err // what was done is told also when it was stopped
}

// newBar is a progress bar on a terminal, and nothing elsewhere.
func newBar(w io.Writer, count int) *progressbar.ProgressBar {
	file, ok := w.(*os.File)
	return progressbar.NewOptions(count,
		progressbar.OptionSetWriter(w),
		progressbar.OptionSetVisibility(ok && term.IsTerminal(int(file.Fd()))),
		progressbar.OptionShowCount(),
		progressbar.OptionClearOnFinish(),
	)
}

// printOutcomes prints a line per source, in the order in which they ended, and
// a total.
func printOutcomes(s *session, outcomes []pipeline.Outcome, took time.Duration) (failed int) {
	width := 0
	for _, o := range outcomes {
		width = max(width, utf8.RuneCountInString(o.SourceID))
	}
	var b strings.Builder
	var created, updated, unchanged int
	for _, o := range outcomes {
		created += o.Counts.New
		updated += o.Counts.Updated
		switch {
		case o.Failure != "":
			failed++
		case o.Counts.New+o.Counts.Updated == 0:
			unchanged++
		}
		fmt.Fprintf(&b, "%-*s  %6s  %s\n", width, o.SourceID, o.Took.Round(10*time.Millisecond), describe(o))
	}
	fmt.Fprintf(&b, "%d sources: %d new and %d updated articles, %d sources without news, %d failed, in %s\n",
		len(outcomes), created, updated, unchanged, failed, took.Round(10*time.Millisecond))
	s.printf("%s", b.String())
	return failed
}

func describe(o pipeline.Outcome) string {
	switch {
	case o.Failure != "":
		return fmt.Sprintf("FAILED %s: %v", o.Failure, o.Err)
	case o.Unchanged:
		return "not changed"
	}
	text := fmt.Sprintf("%d new, %d updated, %d known", o.Counts.New, o.Counts.Updated, o.Counts.Unchanged)
	if n := len(o.Warnings); n > 0 {
		text += fmt.Sprintf("; %d warnings, the first: %s", n, o.Warnings[0])
	}
	return text
}
