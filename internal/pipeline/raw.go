package pipeline

import (
	"context"
	"errors"
	"time"

	"bantin/internal/article"
	"bantin/normalizer"

	"github.com/klauspost/compress/zstd"
)

// dropEvery is how often what was kept long enough is dropped.
const dropEvery = time.Hour

// keep packs a document from which articles were read. What it takes until it is
// stored counts for the refresh.
func (p *Pipeline) keep(ctx context.Context, raw article.Raw) []article.Raw {
	if p.RawRetention <= 0 || len(raw.Body) == 0 {
		return nil
	}
	raw.Body = zstd.EncodeTo(nil, raw.Body)
	guestOf(ctx).gathered += len(raw.Body)
	return []article.Raw{raw}
}

// dropRaw drops what was kept long enough.
func (p *Pipeline) dropRaw(ctx context.Context) {
	dropped, err := p.Store.DropRaw(ctx, p.Now().Add(-p.RawRetention))
	switch {
	case err != nil && !errors.Is(err, context.Canceled):
		p.Logger.ErrorContext(ctx, "drop what was kept long enough", "error", err)
	case dropped > 0:
		p.Logger.InfoContext(ctx, "dropped what was kept long enough", "documents", dropped)
	}
}

// document is what was kept as a document to be read.
func document(raw *article.Raw) (normalizer.Document, error) {
	body, err := zstd.DecodeTo(nil, raw.Body)
	return normalizer.Document{Body: body, ContentType: raw.ContentType, URL: raw.URL, Fetched: raw.FetchedAt}, err
}
