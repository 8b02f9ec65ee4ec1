package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"bantin/fetcher"
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
				return fmt.Errorf("%w: no source %q in %s; bantin status lists them", errUsage, id, s.configPath)
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
	return printOutcomes(s, outcomes, a.quiet(s), s.now().Sub(started)), err // what was done is told also when it was stopped
}

// quiet says of the sources that answer well and give nothing what they lack, by id.
func (a *app) quiet(s *session) map[string]string {
	states, err := a.store.States(s.ctx)
	if err != nil {
		return nil // bantin status asks again
	}
	texts := make(map[string]string)
	for _, src := range sources(a.config) {
		state := states[src.ID]
		if kind := pipeline.Quiet(src, state, s.now()); kind != "" {
			_, text := quietSince(kind, state, a.config.Site.Timezone)
			texts[src.ID] = kind + ": " + text
		}
	}
	return texts
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
// a total. It returns how many were not refreshed.
func printOutcomes(s *session, outcomes []pipeline.Outcome, quiet map[string]string, took time.Duration) (failed int) {
	width := 0
	for _, o := range outcomes {
		width = max(width, utf8.RuneCountInString(o.SourceID))
	}
	var b strings.Builder
	var created, updated, unchanged, waiting int
	for _, o := range outcomes {
		created += o.Counts.New
		updated += o.Counts.Updated
		switch {
		case isWaiting(o):
			waiting++
		case o.Failure != "":
			failed++
		case o.Counts.New+o.Counts.Updated == 0:
			unchanged++
		}
		fmt.Fprintf(&b, "%-*s  %6s  %s\n", width, o.SourceID, o.Took.Round(10*time.Millisecond), describe(o, quiet[o.SourceID]))
	}
	fmt.Fprintf(&b, "%d sources: %d new and %d updated articles, %d sources without news, %d failed",
		len(outcomes), created, updated, unchanged, failed)
	if waiting > 0 {
		fmt.Fprintf(&b, ", %d must wait", waiting)
	}
	fmt.Fprintf(&b, ", in %s\n", took.Round(10*time.Millisecond))
	s.printf("%s", b.String())
	return failed + waiting
}

// isWaiting reports whether a source was not asked, because of what its host
// asked for before. A refusal now would be an error of the fetcher.
func isWaiting(o pipeline.Outcome) bool {
	_, refused := errors.AsType[*fetcher.Error](o.Err)
	return o.Failure == string(fetcher.KindRateLimited) && !refused
}

// describe is a line about one source; quiet says what it lacks although it answers.
func describe(o pipeline.Outcome, quiet string) string {
	switch {
	case isWaiting(o):
		return fmt.Sprintf("not asked: %v", o.Err)
	case o.Failure != "":
		return fmt.Sprintf("FAILED %s: %v", o.Failure, o.Err)
	}
	text := "not changed"
	if !o.Unchanged {
		text = fmt.Sprintf("%d new, %d updated, %d known", o.Counts.New, o.Counts.Updated, o.Counts.Unchanged)
	}
	if quiet != "" {
		text += "; " + quiet
	}
	if n := len(o.Warnings); n > 0 {
		text += fmt.Sprintf("; %d warnings, the first: %s", n, o.Warnings[0])
	}
	return text
}
