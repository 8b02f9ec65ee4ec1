package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"bantin/config"
	"bantin/internal/article"
	"bantin/internal/pipeline"
	"bantin/internal/store"
)

type statusCmd struct {
	JSON bool `help:"Print JSON: an object with the list \"sources\" and the object \"outputs\"."`
}

// sourceStatus is one source of status --json. Times are RFC 3339 in the
// site's time zone, null when there was none.
type sourceStatus struct {
	ID           string     `json:"id"`
	URL          string     `json:"url"`          // as it is configured
	MovedTo      string     `json:"moved_to"`     // where it is read from since it moved; else empty
	FormerURLs   []string   `json:"former_urls"`  // where it was read from before, the oldest first
	MovingTo     string     `json:"moving_to"`    // where its server says that it moved; not followed yet
	MovingSince  *time.Time `json:"moving_since"` // since when
	State        string     `json:"state"`        // new, ok, quiet or failing
	Failure      string     `json:"failure"`      // the kind; empty when new or ok
	FailureText  string     `json:"failure_text"`
	Failures     int        `json:"failures"`      // in a row
	FailingSince *time.Time `json:"failing_since"` // the first of them; the last is LastFetch
	LastFetch    *time.Time `json:"last_fetch"`
	LastGood     *time.Time `json:"last_good"`
	NextFetch    *time.Time `json:"next_fetch"`
	Articles     int        `json:"articles"`
	Warnings     []string   `json:"warnings"` // of the last good document
	TLS          string     `json:"tls"`      // verify or insecure

	meaning string // of the failure, for people
}

// The states of a source.
const (
	stateNew     = "new"     // never asked
	stateOK      = "ok"      // answers, with news
	stateQuiet   = "quiet"   // answers, without; or with more than can be news
	stateFailing = "failing" // does not answer, or with nothing that can be read
)

// statusReport is what status --json prints.
type statusReport struct {
	Outputs outputsStatus  `json:"outputs"`
	Sources []sourceStatus `json:"sources"` // null when the store cannot be read
}

// Run prints the state of every configured source, and how the outputs are. When
// the store cannot be read the daemon still tells of the outputs.
func (c statusCmd) Run(s *session) error {
	err := s.withApp(slog.LevelError, func(a *app) error { return c.print(s, a) })
	if !errors.Is(err, store.ErrUnavailable) {
		return err
	}
	return errors.Join(err, c.printOutputs(s))
}

func (c statusCmd) printOutputs(s *session) error {
	k, err := learn(s.getenv)
	if err != nil {
		return err
	}
	cfg, err := config.Load(s.configPath, k.known)
	if err != nil {
		return err
	}
	outputs := askDaemon(s.ctx, cfg.Listen)
	if c.JSON {
		return printJSON(s, statusReport{Outputs: outputs})
	}
	s.printf("%s", outputs.remark())
	return nil
}

func (c statusCmd) print(s *session, a *app) error {
	states, err := a.store.States(s.ctx)
	if err != nil {
		return err
	}
	counts, err := a.store.ArticleCounts(s.ctx)
	if err != nil {
		return err
	}
	now := s.now().In(a.config.Site.Timezone)
	list := make([]sourceStatus, len(a.config.Sources))
	for i, src := range sources(a.config) {
		list[i] = status(src, states[src.ID], now)
		list[i].Articles = counts[src.ID]
	}
	if c.JSON {
		return printJSON(s, statusReport{Outputs: askDaemon(s.ctx, a.config.Listen), Sources: list})
	}
	if err := printTable(s.stdout, list); err != nil {
		return err
	}
	for _, st := range list {
		s.printf("%s", st.remarks())
	}
	s.printf("%s", askDaemon(s.ctx, a.config.Listen).remark())
	return nil
}

// status is what a source's state says at now, whose zone the times are in.
func status(src pipeline.Source, state article.SourceState, now time.Time) sourceStatus {
	loc := now.Location()
	st := sourceStatus{
		ID: src.ID, URL: src.URL(), MovedTo: movedTo(src.Source, state), State: stateOK,
		LastFetch: in(state.LastFetch, loc), LastGood: in(state.LastGood, loc), NextFetch: in(state.NextFetchAt, loc),
		FormerURLs: append([]string{}, state.FormerURLs...), MovingTo: state.Move.To, MovingSince: in(state.Move.Since, loc),
		Warnings: append([]string{}, state.Warnings...), TLS: "verify",
	}
	if src.InsecureTLS {
		st.TLS = "insecure"
	}
	quiet := pipeline.Quiet(src, state, now)
	switch {
	case state.Failure != "":
		st.State, st.Failure, st.FailureText, st.meaning = stateFailing, state.Failure, state.FailureText, inWords(state.Failure)
		st.Failures, st.FailingSince = state.Failures, in(state.FailingSince, loc)
	case state.LastFetch.IsZero():
		st.State = stateNew
	case quiet != "":
		st.State, st.Failure, st.meaning = stateQuiet, quiet, quietInWords(quiet)
		st.FailingSince, st.FailureText = quietSince(quiet, state, loc)
	}
	return st
}

// quietSince is when a source fell quiet, and what that means for it.
func quietSince(quiet string, state article.SourceState, loc *time.Location) (since *time.Time, text string) {
	switch quiet {
	case pipeline.QuietEmpty:
		since = in(state.Habits.EmptySince, loc)
		return since, "no items since " + short(since)
	case pipeline.QuietFrozen:
		since = in(state.Habits.LastNew, loc)
		return since, "nothing new since " + short(since)
	case pipeline.QuietFlooding:
		since = in(state.Habits.Intake.Flooding, loc)
		return since, "too much that is new since " + short(since)
	}
	return nil, "read from " + state.URL
}

// movedTo is the address from which a source is read since it moved; empty while
// it is read from the configured one.
func movedTo(src article.Source, state article.SourceState) string {
	if state.URL == src.URL() || !slices.Contains(state.FormerURLs, src.URL()) {
		return ""
	}
	return state.URL
}

func printTable(w io.Writer, list []sourceStatus) error {
	rows := []string{"SOURCE\tSTATE\tARTICLES\tLAST FETCH\tLAST GOOD\tNEXT FETCH\tFAILURE\n"}
	for _, st := range list {
		rows = append(rows, fmt.Sprintf("%s\t%s\t%d\t%s\t%s\t%s\t%s\n",
			st.ID, st.State, st.Articles, short(st.LastFetch), short(st.LastGood), short(st.NextFetch), st.Failure))
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if _, err := io.WriteString(table, strings.Join(rows, "")); err != nil {
		return err
	}
	return table.Flush()
}

// shownWarnings is how many warnings of a source people are shown; the rest is
// mostly the same again, and --json has it.
const shownWarnings = 3

// remarks is what the table has no room for; empty when there is nothing to tell.
func (st *sourceStatus) remarks() string {
	var lines []string
	if st.Failure != "" {
		lines = append(lines, fmt.Sprintf("%s: %s", st.Failure, st.meaning))
	}
	if st.State == stateFailing {
		lines = append(lines, fmt.Sprintf("%d in a row, the first %s, the last %s", st.Failures, short(st.FailingSince), short(st.LastFetch)))
	}
	if st.FailureText != "" {
		lines = append(lines, st.FailureText)
	}
	if st.MovedTo != "" && st.Failure != pipeline.QuietMoved {
		lines = append(lines, "it has moved, and is read from "+st.MovedTo)
	}
	if st.MovingTo != "" {
		lines = append(lines, fmt.Sprintf("its server says since %s that it has moved to %s; after two weeks of the same answer it is read from there, unless another source is",
			short(st.MovingSince), st.MovingTo))
	}
	if st.TLS == "insecure" {
		lines = append(lines, "tls: insecure: the certificate of its host is not checked")
	}
	for _, warning := range st.Warnings[:min(shownWarnings, len(st.Warnings))] {
		lines = append(lines, "warning: "+warning)
	}
	if more := len(st.Warnings) - shownWarnings; more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more warnings; bantin status --json has them", more))
	}
	if len(lines) == 0 {
		return ""
	}
	return "\n" + st.ID + "\n  " + strings.Join(lines, "\n  ") + "\n"
}

func in(t time.Time, loc *time.Location) *time.Time {
	if t.IsZero() {
		return nil
	}
	local := t.In(loc)
	return &local
}

func short(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return t.Format("2006-01-02 15:04")
}

func printJSON(s *session, v any) error {
	enc := json.NewEncoder(s.stdout)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}
