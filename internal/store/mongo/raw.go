package mongo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"bantin/internal/article"
)

// A rawDocument is one document that a source sent. Its id tells it from the
// others of its refresh, so that a refresh which is written twice is kept once.
type rawDocument struct {
	ID          string    `bson:"_id"`
	Source      string    `bson:"source"`
	FetchedAt   time.Time `bson:"fetchedAt"`
	ArticleID   string    `bson:"articleID,omitempty"`
	Link        string    `bson:"link,omitempty"`
	LinkTitle   string    `bson:"linkTitle,omitempty"`
	URL         string    `bson:"url"`
	ContentType string    `bson:"contentType,omitempty"`
	Body        []byte    `bson:"body"` // the largest that is fetched has 10 MB, and a document may have 16
}

// rawsAtOnce bounds one write: a message may have 48 MB.
const rawsAtOnce = 4

func (s *Store) putRaw(ctx context.Context, raws []article.Raw) error {
	for batch := range slices.Chunk(raws, rawsAtOnce) {
		documents := make([]rawDocument, 0, len(batch))
		for _, raw := range batch {
			documents = append(documents, rawDocument{
				ID:     fmt.Sprintf("%s %d %s", raw.SourceID, raw.FetchedAt.UnixMilli(), raw.ArticleID),
				Source: raw.SourceID, FetchedAt: raw.FetchedAt, ArticleID: raw.ArticleID,
				Link: raw.Link, LinkTitle: raw.LinkTitle, URL: raw.URL, ContentType: raw.ContentType,
				Body: raw.Body,
			})
		}
		_, err := s.raws.InsertMany(ctx, documents, options.InsertMany().SetOrdered(false))
		if err != nil && !onlyDuplicates(err) {
			return s.failed(ctx, err)
		}
	}
	return nil
}

// ScanRaw implements store.Store.
func (s *Store) ScanRaw(ctx context.Context, sourceID string, since time.Time, read func(article.Raw) error) error {
	cursor, err := s.raws.Find(ctx,
		bson.D{{Key: "source", Value: sourceID}, {Key: "fetchedAt", Value: bson.D{{Key: "$gte", Value: since}}}},
		options.Find().
			SetSort(bson.D{{Key: "fetchedAt", Value: 1}, {Key: "_id", Value: 1}}).
			SetBatchSize(rawsAtOnce).
			SetHint(indexRaw))
	if err != nil {
		return s.failed(ctx, err)
	}
	err = scanRaw(ctx, cursor, read)
	return errors.Join(err, cursor.Close(ctx))
}

func scanRaw(ctx context.Context, cursor *mongo.Cursor, read func(article.Raw) error) error {
	for cursor.Next(ctx) {
		var document rawDocument
		if err := cursor.Decode(&document); err != nil {
			return err
		}
		err := read(article.Raw{
			SourceID: document.Source, FetchedAt: document.FetchedAt.UTC(), ArticleID: document.ArticleID,
			Link: document.Link, LinkTitle: document.LinkTitle, URL: document.URL, ContentType: document.ContentType,
			Body: document.Body,
		})
		if err != nil {
			return err
		}
	}
	return cursor.Err()
}

// DropRaw implements store.Store.
func (s *Store) DropRaw(ctx context.Context, before time.Time) (int, error) {
	result, err := s.raws.DeleteMany(ctx, bson.D{{Key: "fetchedAt", Value: bson.D{{Key: "$lt", Value: before}}}})
	if err != nil {
		return 0, s.failed(ctx, err)
	}
	return int(result.DeletedCount), nil
}
