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
	"bantin/internal/store"
)

// Known implements store.Store.
func (s *Store) Known(ctx context.Context, ids []string) (map[string]string, error) {
	cursor, err := s.articles.Find(ctx, idIn(ids), options.Find().SetProjection(bson.D{{Key: "contentHash", Value: 1}}))
	documents, err := readAll[articleDocument](ctx, s, cursor, err)
	if err != nil {
		return nil, err
	}
	known := make(map[string]string, len(documents))
	for i := range documents {
		known[documents[i].ID] = documents[i].ContentHash
	}
	return known, nil
}

// Revisions implements store.Store.
func (s *Store) Revisions(ctx context.Context, ids []string) (map[string]int64, error) {
	revisions := make(map[string]int64, len(ids))
	for batch := range slices.Chunk(ids, s.batchSize) {
		cursor, err := s.articles.Find(ctx, idIn(batch), options.Find().SetProjection(bson.D{{Key: "revision", Value: 1}}))
		documents, err := readAll[articleDocument](ctx, s, cursor, err)
		if err != nil {
			return nil, err
		}
		for i := range documents {
			revisions[documents[i].ID] = documents[i].Revision
		}
	}
	return revisions, nil
}

// Articles implements store.Store.
func (s *Store) Articles(ctx context.Context, ids []string) ([]article.Article, error) {
	found, err := s.find(ctx, idIn(ids), options.Find())
	return store.InOrder(ids, found), err
}

// ArticlesByURL implements store.Store.
func (s *Store) ArticlesByURL(ctx context.Context, url string) ([]article.Article, error) {
	if url == "" {
		return nil, ctx.Err()
	}
	return s.find(ctx, bson.D{{Key: "canonicalURL", Value: article.CanonicalURL(url)}},
		options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}).SetHint(indexURL))
}

// Scan implements store.Store.
func (s *Store) Scan(ctx context.Context, after string, limit int) ([]article.Article, error) {
	return s.find(ctx,
		bson.D{{Key: "_id", Value: bson.D{{Key: "$gt", Value: after}}}, {Key: "buried", Value: false}},
		options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}).SetLimit(int64(limit)))
}

func (s *Store) find(ctx context.Context, filter bson.D, opts *options.FindOptionsBuilder) ([]article.Article, error) {
	cursor, err := s.articles.Find(ctx, filter, opts)
	documents, err := readAll[articleDocument](ctx, s, cursor, err)
	var articles []article.Article
	for i := range documents {
		articles = append(articles, documents[i].article())
	}
	return articles, err
}

// Bury implements store.Store.
func (s *Store) Bury(ctx context.Context, id, reason string, now time.Time) (bool, error) {
	for range maxAttempts {
		var document articleDocument
		err := s.articles.FindOne(ctx, bson.D{{Key: "_id", Value: id}}).Decode(&document)
		if errors.Is(err, mongo.ErrNoDocuments) {
			return false, nil
		}
		if err != nil {
			return false, s.failed(ctx, err)
		}
		done, err := s.buryDocument(ctx, &document, reason, now)
		if err != nil {
			return true, s.failed(ctx, err)
		}
		if done {
			// Also for one that is buried already: the call that buried it may have
			// died before it could say so.
			return true, s.nextRevision(ctx)
		}
	}
	return true, fmt.Errorf("%w: article %s was changed by others %d times in a row", store.ErrUnavailable, id, maxAttempts)
}

// buryDocument reports whether the article is a tombstone now.
func (s *Store) buryDocument(ctx context.Context, document *articleDocument, reason string, now time.Time) (bool, error) {
	if document.Buried {
		return true, nil
	}
	a := document.article()
	if err := s.leave(ctx, a.Channels, now); err != nil {
		return false, err
	}
	page := bson.D{{Key: "source", Value: a.SourceID}, {Key: "articleID", Value: a.ID}}
	if _, err := s.raws.DeleteMany(ctx, page); err != nil {
		return false, err
	}
	tombstone := store.Tombstone(&a, reason, now)
	replacement := articleToDocument(&tombstone, document.Twin, document.Likeness, document.Revision+1)
	result, err := s.articles.ReplaceOne(ctx, inRevision(document.ID, document.Revision), replacement)
	if err != nil {
		return false, err
	}
	return result.MatchedCount == 1, nil
}
