package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"text/tabwriter"
	"time"

	"bantin/internal/article"
)

type statusCmd struct {
	JSON bool `help:"Print JSON: an object with the list \"sources\"."`
}

// sourceStatus is one source of status --json. Times are RFC 3339 in the
// site's time zone, null when there was none.
type sourceStatus struct {
	ID        string     `json:"id"`
	State     string     `json:"state"` // new, ok or failing
	Failure   string     `json:"failure"`
	Failures  int        `json:"failures"`
	LastFetch *time.Time `json:"last_fetch"`
	LastGood  *time.Time `json:"last_good"`
	NextFetch *time.Time `json:"next_fetch"`
	Articles  int        `json:"articles"`
	text      string
}

// Run prints the state of every configured source.
func (c statusCmd) Run(s *session) error {
	return s.withApp(slog.LevelError, func(a *app) error { return c.print(s, a) })
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
	list := make([]sourceStatus, len(a.config.Sources))
	for i, src := range a.config.Sources {
		list[i] = status(src.ID, states[src.ID], counts[src.ID], a.config.Site.Timezone)
	}
	if c.JSON {
		return printJSON(s, map[string][]sourceStatus{"sources": list})
	}
	rows := []string{"SOURCE\tSTATE\tARTICLES\tLAST GOOD\tNEXT\tFAILURE\n"}
	for _, st := range list {
		rows = append(rows, fmt.Sprintf("%s\t%s\t%d\t%s\t%s\t%s\n", st.ID, st.State, st.Articles, short(st.LastGood), short(st.NextFetch), st.text))
	}
	w := tabwriter.NewWriter(s.stdout, 0, 0, 2, ' ', 0)
	if _, err := io.WriteString(w, strings.Join(rows, "")); err != nil {
		return err
	}
	return w.Flush()
}

func status(id string, state article.SourceState, articles int, loc *time.Location) sourceStatus {
	st := sourceStatus{
		ID: id, State: "ok", Failure: state.Failure, Failures: state.Failures, Articles: articles,
		LastFetch: in(state.LastFetch, loc), LastGood: in(state.LastGood, loc), NextFetch: in(state.NextFetchAt, loc),
	}
	switch {
	case state.Failure != "":
		st.State = "failing"
		st.text = fmt.Sprintf("%s, %d in a row since %s: %s", state.Failure, state.Failures,
			short(in(state.FailingSince, loc)), state.FailureText)
	case state.LastFetch.IsZero():
		st.State = "new"
	}
	return st
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
