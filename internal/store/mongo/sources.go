package mongo

import (
	"context"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"bantin/internal/article"
)

// SetSources implements store.Store.
func (s *Store) SetSources(ctx context.Context, due map[string]time.Time, missed time.Time) error {
	ids := make([]string, 0, len(due)) // an array and never null: $nin wants one
	var writes []mongo.WriteModel
	for id, at := range due {
		ids = append(ids, id)
		writes = append(writes, keepSource(id, at),
			mongo.NewUpdateOneModel().
				SetFilter(bson.D{{Key: "_id", Value: id}, {Key: "nextFetchAt", Value: bson.D{{Key: "$lt", Value: missed}}}}).
				SetUpdate(bson.D{{Key: "$set", Value: bson.D{{Key: "nextFetchAt", Value: at}}}}))
	}
	_, err := s.sources.UpdateMany(ctx,
		bson.D{{Key: "scheduled", Value: true}, {Key: "_id", Value: bson.D{{Key: "$nin", Value: ids}}}},
		bson.D{{Key: "$set", Value: bson.D{{Key: "scheduled", Value: false}}}})
	if err != nil {
		return s.failed(ctx, err)
	}
	return s.writeSources(ctx, writes)
}

// KeepSources implements store.Store.
func (s *Store) KeepSources(ctx context.Context, due map[string]time.Time) error {
	var writes []mongo.WriteModel
	for id, at := range due {
		writes = append(writes, keepSource(id, at))
	}
	return s.writeSources(ctx, writes)
}

func keepSource(id string, due time.Time) mongo.WriteModel {
	return mongo.NewUpdateOneModel().
		SetFilter(bson.D{{Key: "_id", Value: id}}).
		SetUpdate(bson.D{
			{Key: "$set", Value: bson.D{{Key: "scheduled", Value: true}}},
			{Key: "$setOnInsert", Value: bson.D{
				{Key: "nextFetchAt", Value: due},
				{Key: "state", Value: stateDocument{}},
			}},
		}).
		SetUpsert(true)
}

func (s *Store) writeSources(ctx context.Context, writes []mongo.WriteModel) error {
	for batch := range slices.Chunk(writes, s.batchSize) {
		err := s.retryDuplicate(ctx, func() error {
			_, err := s.sources.BulkWrite(ctx, batch, options.BulkWrite().SetOrdered(false))
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Due implements store.Store.
func (s *Store) Due(ctx context.Context, now time.Time, limit int) ([]article.SourceState, error) {
	cursor, err := s.sources.Find(ctx,
		bson.D{{Key: "scheduled", Value: true}, {Key: "nextFetchAt", Value: bson.D{{Key: "$lte", Value: now}}}},
		options.Find().
			SetSort(bson.D{{Key: "nextFetchAt", Value: 1}, {Key: "_id", Value: 1}}).
			SetLimit(int64(limit)).
			SetHint(indexDue))
	documents, err := readAll[sourceDocument](ctx, s, cursor, err)
	var due []article.SourceState
	for i := range documents {
		due = append(due, documents[i].sourceState())
	}
	return due, err
}

// Postpone implements store.Store.
func (s *Store) Postpone(ctx context.Context, id string, from, to time.Time) (bool, error) {
	result, err := s.sources.UpdateOne(ctx,
		bson.D{{Key: "_id", Value: id}, {Key: "nextFetchAt", Value: from}},
		bson.D{{Key: "$set", Value: bson.D{{Key: "nextFetchAt", Value: to}}}})
	if err != nil {
		return false, s.failed(ctx, err)
	}
	return result.MatchedCount == 1, nil
}

// States implements store.Store.
func (s *Store) States(ctx context.Context, ids ...string) (map[string]article.SourceState, error) {
	filter := bson.D{}
	if len(ids) > 0 {
		filter = idIn(ids)
	}
	cursor, err := s.sources.Find(ctx, filter)
	documents, err := readAll[sourceDocument](ctx, s, cursor, err)
	if err != nil {
		return nil, err
	}
	states := make(map[string]article.SourceState, len(documents))
	for i := range documents {
		states[documents[i].ID] = documents[i].sourceState()
	}
	return states, nil
}

// putState stores the state of a source. Whether the source is scheduled is not
// for a refresh to say.
func (s *Store) putState(ctx context.Context, state *article.SourceState) error {
	return s.retryDuplicate(ctx, func() error {
		_, err := s.sources.UpdateOne(ctx,
			bson.D{{Key: "_id", Value: state.SourceID}},
			bson.D{
				{Key: "$set", Value: bson.D{
					{Key: "nextFetchAt", Value: state.NextFetchAt},
					{Key: "state", Value: stateToDocument(state)},
				}},
				{Key: "$setOnInsert", Value: bson.D{{Key: "scheduled", Value: false}}},
			},
			options.UpdateOne().SetUpsert(true))
		return err
	})
}

// ArticleCounts implements store.Store.
func (s *Store) ArticleCounts(ctx context.Context) (map[string]int, error) {
	cursor, err := s.articles.Aggregate(ctx, mongo.Pipeline{
		{{Key: "$match", Value: bson.D{{Key: "buried", Value: false}}}},
		{{Key: "$group", Value: bson.D{
			{Key: "_id", Value: "$source"},
			{Key: "articles", Value: bson.D{{Key: "$sum", Value: 1}}},
		}}},
	}, options.Aggregate().SetHint(indexArticleCount)) // the index has all that it needs
	type count struct {
		Source   string `bson:"_id"`
		Articles int    `bson:"articles"`
	}
	list, err := readAll[count](ctx, s, cursor, err)
	if err != nil {
		return nil, err
	}
	counts := make(map[string]int, len(list))
	for _, one := range list {
		counts[one.Source] = one.Articles
	}
	return counts, nil
}

func idIn(ids []string) bson.D {
	if ids == nil {
		ids = []string{} // an array and never null: $in wants one
	}
	return bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: ids}}}}
}
