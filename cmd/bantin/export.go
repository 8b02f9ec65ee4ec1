package main

import (
	"context"
	"time"

	"bantin/internal/pipeline"
	"bantin/publisher"
)

const (
	// exportPause is between the ends of two exports: what comes in a burst goes
	// out together.
	exportPause = 10 * time.Second
	// exportShare is how many times longer a pause is than the export before it, so
	// that exporting a large archive takes no more than a third of the time.
	exportShare = 2
)

// tell wakes whoever waits for changes, once for all that it has not seen.
func tell(changed chan<- struct{}) {
	select {
	case changed <- struct{}{}:
	default:
	}
}

// keepExported exports the site to publish.dir whenever it has changed, until
// ctx ends. An export that failed is tried again.
func (a *app) keepExported(ctx context.Context, current func() *publisher.Site, changed chan struct{}) {
	exporter := publisher.NewExporter(a.config.Publish.Dir)
	for {
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
		start := time.Now()
		result, err := a.exportAll(ctx, exporter, current())
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			a.logger.ErrorContext(ctx, "export; the files stay as they are", "error", err)
			tell(changed)
		case result.Written+result.Removed > 0:
			a.logger.InfoContext(ctx, "exported", "written", result.Written, "removed", result.Removed, "unchanged", result.Unchanged)
		}
		select {
		case <-time.After(max(exportPause, exportShare*time.Since(start))):
		case <-ctx.Done():
			return
		}
	}
}

// exportAll exports a site of the daemon with what the daemon renders only when
// it is asked for.
func (a *app) exportAll(ctx context.Context, exporter *publisher.Exporter, site *publisher.Site) (publisher.ExportResult, error) {
	return exporter.Export(ctx, site, func(taker *publisher.Taker) error {
		if err := a.pipeline.OlderIssues(ctx, pipeline.IssuesShown, taker); err != nil {
			return err
		}
		return a.pipeline.ArchiveDocuments(ctx, taker)
	})
}
