package mongo

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"bantin/internal/article"
	"bantin/internal/store"
)

// Commit implements store.Store.
func (s *Store) Commit(ctx context.Context, refresh article.Refresh) (article.Counts, error) {
	counts, err := s.putArticles(ctx, &refresh)
	if counts.New+counts.Updated > 0 {
		// Also when some could not be written: the others can be seen.
		err = errors.Join(err, s.nextRevision(ctx))
	}
	if err != nil {
		return article.Counts{}, err
	}
	if err := s.putRaw(ctx, refresh.Raw); err != nil {
		return article.Counts{}, err
	}
	if refresh.Again {
		return counts, nil
	}
	if err := s.putState(ctx, &refresh.State); err != nil {
		return article.Counts{}, err
	}
	if refresh.Release != (article.Lease{}) {
		// All is stored. A lease that cannot be given back ends by itself.
		_ = s.Release(ctx, refresh.Release)
	}
	return counts, nil
}

// putArticles plans and writes, and does so again for what others got in the way
// of: their writes are then among the stored ones.
func (s *Store) putArticles(ctx context.Context, refresh *article.Refresh) (article.Counts, error) {
	var counts article.Counts
	if len(refresh.Articles) == 0 {
		return counts, nil
	}
	for range maxAttempts {
		changes, revisions, err := s.plan(ctx, refresh)
		if err != nil {
			return counts, err
		}
		if len(changes) > 0 {
			if err := s.keepDecided(ctx, refresh.Decided); err != nil {
				return counts, err
			}
		}
		missed, err := s.writeChanges(ctx, changes, revisions, &counts)
		if err != nil {
			return counts, err
		}
		if missed == 0 {
			counts.Unchanged = len(refresh.Articles) - counts.New - counts.Updated
			return counts, nil
		}
	}
	return counts, fmt.Errorf("%w: the articles of %s were changed by others %d times in a row",
		store.ErrUnavailable, refresh.State.SourceID, maxAttempts)
}

// Preview implements store.Store.
func (s *Store) Preview(ctx context.Context, refresh article.Refresh) ([]store.Change, error) {
	changes, _, err := s.plan(ctx, &refresh)
	return changes, err
}

// plan returns what the refresh changes, and the revisions of what it changes.
func (s *Store) plan(ctx context.Context, refresh *article.Refresh) ([]store.Change, map[string]int64, error) {
	found, err := s.findStored(ctx, refresh)
	if err != nil {
		return nil, nil, err
	}
	stored := make([]store.Stored, 0, len(found))
	revisions := make(map[string]int64, len(found))
	for i := range found {
		stored = append(stored, found[i].stored())
		revisions[found[i].ID] = found[i].Revision
	}
	takenDown, err := s.findTakenDown(ctx, refresh, revisions)
	return store.Plan(*refresh, stored, takenDown), revisions, err
}

// findStored returns the stored articles with the id or twin of one of these, or
// the likeness of one whose id is not stored, without their content.
func (s *Store) findStored(ctx context.Context, refresh *article.Refresh) ([]articleDocument, error) {
	ids := make([]string, 0, len(refresh.Articles))
	twins := make([]string, 0, len(refresh.Articles))
	for i := range refresh.Articles {
		ids = append(ids, refresh.Articles[i].ID)
		if twin := refresh.Articles[i].Twin(); twin != "" {
			twins = append(twins, twin)
		}
	}
	var found []articleDocument
	for _, filter := range []bson.D{
		idIn(ids),
		{
			{Key: "source", Value: refresh.State.SourceID},
			{Key: "twin", Value: bson.D{{Key: "$in", Value: twins}}},
		},
	} {
		var err error
		if found, err = s.addStored(ctx, found, filter); err != nil {
			return nil, err
		}
	}
	alike := likenesses(refresh.Articles, found)
	if len(alike) == 0 {
		return found, nil
	}
	return s.addStored(ctx, found, bson.D{
		{Key: "source", Value: refresh.State.SourceID},
		{Key: "likeness", Value: bson.D{{Key: "$in", Value: alike}}},
	})
}

// addStored adds what the filter finds to what was found before.
func (s *Store) addStored(ctx context.Context, found []articleDocument, filter bson.D) ([]articleDocument, error) {
	cursor, err := s.articles.Find(ctx, filter, options.Find().SetProjection(bson.D{
		{Key: "revision", Value: 1},
		{Key: "url", Value: 1},
		{Key: "twin", Value: 1},
		{Key: "likeness", Value: 1},
		{Key: "contentHash", Value: 1},
		{Key: "firstSeen", Value: 1},
		{Key: "channels", Value: 1},
		{Key: "buried", Value: 1},
	}))
	documents, err := readAll[articleDocument](ctx, s, cursor, err)
	if err != nil {
		return nil, err
	}
	known := idsOf(found)
	for i := range documents {
		if !known[documents[i].ID] {
			found = append(found, documents[i])
		}
	}
	return found, nil
}

func idsOf(documents []articleDocument) map[string]bool {
	ids := make(map[string]bool, len(documents))
	for i := range documents {
		ids[documents[i].ID] = true
	}
	return ids
}

// likenesses are those of the articles whose id is not among the found.
func likenesses(articles []article.Article, found []articleDocument) []int64 {
	known := idsOf(found)
	var alike []int64
	for i := range articles {
		if known[articles[i].ID] {
			continue
		}
		if likeness := articles[i].Likeness(); likeness != 0 {
			alike = append(alike, likeness)
		}
	}
	return alike
}

// findTakenDown returns the canonical URLs of the tombstones that have a URL of one
// of these, without those that are known.
func (s *Store) findTakenDown(ctx context.Context, refresh *article.Refresh, known map[string]int64) ([]string, error) {
	var urls []string
	for i := range refresh.Articles {
		a := &refresh.Articles[i]
		if _, ok := known[a.ID]; !ok && a.URL != "" {
			urls = append(urls, article.CanonicalURL(a.URL))
		}
	}
	if len(urls) == 0 {
		return nil, nil
	}
	cursor, err := s.articles.Find(ctx,
		bson.D{{Key: "canonicalURL", Value: bson.D{{Key: "$in", Value: urls}}}, {Key: "buried", Value: true}},
		options.Find().
			SetProjection(bson.D{{Key: "canonicalURL", Value: 1}}).
			SetHint(indexURL))
	documents, err := readAll[articleDocument](ctx, s, cursor, err)
	var takenDown []string
	for i := range documents {
		takenDown = append(takenDown, documents[i].CanonicalURL)
	}
	return takenDown, err
}

// writeChanges adds what it wrote to counts and returns how many changes it could
// not make, because an article or twin was not any more as it had been read.
func (s *Store) writeChanges(ctx context.Context, changes []store.Change, revisions map[string]int64, counts *article.Counts) (int, error) {
	missed := 0
	for batch := range slices.Chunk(changes, s.batchSize) {
		models := make([]mongo.WriteModel, 0, len(batch))
		for i := range batch {
			model, err := writeModel(&batch[i], revisions)
			if err != nil {
				return missed, err
			}
			models = append(models, model)
		}
		for i := range batch { // before, so that a crash in between tells too much and not too little
			if err := s.leave(ctx, batch[i].Left, batch[i].Article.FetchedAt); err != nil {
				return missed, err
			}
		}
		result, err := s.articles.BulkWrite(ctx, models, options.BulkWrite().SetOrdered(false))
		if result != nil {
			counts.New += int(result.InsertedCount)
			counts.Updated += int(result.MatchedCount)
			missed += len(models) - int(result.InsertedCount) - int(result.MatchedCount)
		}
		if err != nil && !onlyDuplicates(err) {
			return missed, s.failed(ctx, err)
		}
	}
	return missed, nil
}

func writeModel(change *store.Change, revisions map[string]int64) (mongo.WriteModel, error) {
	a := &change.Article
	revision := revisions[a.ID]
	document := articleToDocument(a, change.Twin, change.Likeness, revision+1)
	raw, err := document.encode()
	if err != nil {
		return nil, err
	}
	if change.New {
		return mongo.NewInsertOneModel().SetDocument(raw), nil
	}
	return mongo.NewReplaceOneModel().SetFilter(inRevision(a.ID, revision)).SetReplacement(raw), nil
}

// inRevision finds the article only if nobody has changed it since it was read.
func inRevision(id string, revision int64) bson.D {
	return bson.D{{Key: "_id", Value: id}, {Key: "revision", Value: revision}}
}

// onlyDuplicates reports whether all that failed met a document of another writer.
func onlyDuplicates(err error) bool {
	var bulk mongo.BulkWriteException
	if !errors.As(err, &bulk) {
		return mongo.IsDuplicateKeyError(err)
	}
	if bulk.WriteConcernError != nil {
		return false
	}
	for _, one := range bulk.WriteErrors {
		if !mongo.IsDuplicateKeyError(one) {
			return false
		}
	}
	return true
}
