package main

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"bantin/internal/pipeline"
)

type renormalizeCmd struct {
	Source []string `arg:"" optional:"" help:"The ids of the sources; all when none is named."`
	Since  string   `placeholder:"DATE" help:"Only what was fetched since that day, YYYY-MM-DD."`
	DryRun bool     `help:"Say what would change, and change nothing."`
}

func (renormalizeCmd) Help() string {
	return example("bantin renormalize --since 2026-11-01 --dry-run bao-thai-nguyen")
}

// Run reads again what is kept and prints each article that changes.
func (c renormalizeCmd) Run(s *session) error {
	return s.withApp(slog.LevelError, func(a *app) error {
		var since time.Time
		if c.Since != "" {
			var err error
			if since, err = time.ParseInLocation(time.DateOnly, c.Since, a.config.Site.Timezone); err != nil {
				return fmt.Errorf("%w: --since %q is not a date; write it as 2026-11-01", errUsage, c.Since)
			}
		}
		for _, id := range c.Source {
			if !a.pipeline.Knows(id) {
				return fmt.Errorf("%w: no source %q in %s; bantin status lists them", errUsage, id, s.configPath)
			}
		}
		if err := a.pipeline.Decide(s.ctx); err != nil {
			return err
		}
		changed := 0
		fields := make(map[string]int)
		read, err := a.pipeline.Renormalize(s.ctx, c.Source, since, c.DryRun, func(r pipeline.Revision) {
			changed++
			for _, field := range r.Changed {
				fields[field]++
			}
			s.printf("%s  %s  (%s)\n", r.Article.SourceID, r.Article.Title, strings.Join(r.Changed, ", "))
		})
		s.printf("%d articles read again, %d %s", read, changed, c.verb())
		for _, field := range slices.Sorted(maps.Keys(fields)) {
			s.printf("; %s %d", field, fields[field])
		}
		s.printf("\n")
		return err
	})
}

func (c renormalizeCmd) verb() string {
	if c.DryRun {
		return "would change"
	}
	return "changed"
}
