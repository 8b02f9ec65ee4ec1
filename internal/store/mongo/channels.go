package mongo

import (
	"context"
	"errors"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"bantin/internal/article"
	"bantin/internal/store"
)

// Select implements store.Store.
func (s *Store) Select(ctx context.Context, query store.Query) ([]article.Article, error) {
	filter, page := selection(query)
	return s.find(ctx, filter, page)
}

// Members implements store.Store.
func (s *Store) Members(ctx context.Context, query store.Query) ([]string, error) {
	filter, page := selection(query)
	cursor, err := s.articles.Find(ctx, filter, page.SetProjection(bson.D{{Key: "_id", Value: 1}}))
	documents, err := readAll[struct {
		ID string `bson:"_id"`
	}](ctx, s, cursor, err)
	var ids []string
	for _, document := range documents {
		ids = append(ids, document.ID)
	}
	return ids, err
}

func selection(query store.Query) (bson.D, *options.FindOptionsBuilder) {
	filter := bson.D{{Key: "channels", Value: query.Key}}
	hint := indexChannelPage
	if query.Windowed() {
		// Those seen in a time are few however large the channel is, so they are
		// found by that and then sorted.
		window := bson.D{{Key: "$gte", Value: query.SeenSince}}
		if !query.SeenBefore.IsZero() {
			window = append(window, bson.E{Key: "$lt", Value: query.SeenBefore})
		}
		filter = append(filter, bson.E{Key: "firstSeen", Value: window})
		hint = indexChannelSeen
	}
	return filter, options.Find().
		SetSort(bson.D{{Key: "sort", Value: -1}, {Key: "_id", Value: 1}}).
		SetLimit(int64(query.Limit)).
		SetHint(hint)
}

// Enroll implements store.Store.
func (s *Store) Enroll(ctx context.Context, key string, ids []string) error {
	for batch := range slices.Chunk(ids, s.batchSize) {
		filter := append(idIn(batch),
			bson.E{Key: "buried", Value: false},
			bson.E{Key: "channels", Value: bson.D{{Key: "$ne", Value: key}}})
		_, err := s.articles.UpdateMany(ctx, filter, bson.D{
			{Key: "$addToSet", Value: bson.D{{Key: "channels", Value: key}}},
			{Key: "$unset", Value: bson.D{{Key: "unselected", Value: ""}}},
			{Key: "$inc", Value: bson.D{{Key: "revision", Value: int64(1)}}},
		})
		if err != nil {
			return s.failed(ctx, err)
		}
	}
	return s.nextRevision(ctx)
}

// Decided implements store.Store.
func (s *Store) Decided(ctx context.Context) ([]string, error) {
	cursor, err := s.decided.Find(ctx, bson.D{}, options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}))
	documents, err := readAll[decidedDocument](ctx, s, cursor, err)
	var keys []string
	for _, document := range documents {
		keys = append(keys, document.Key)
	}
	return keys, err
}

// SetDecided implements store.Store. A key that is there already is a duplicate.
func (s *Store) SetDecided(ctx context.Context, keys []string) error {
	for batch := range slices.Chunk(keys, s.batchSize) {
		documents := make([]decidedDocument, 0, len(batch))
		for _, key := range batch {
			documents = append(documents, decidedDocument{Key: key})
		}
		_, err := s.decided.InsertMany(ctx, documents, options.InsertMany().SetOrdered(false))
		if err != nil && !onlyDuplicates(err) {
			return s.failed(ctx, err)
		}
	}
	return nil
}

// keepDecided removes the keys that articles which are about to be written have
// not been decided under. It comes before them: a crash in between means deciding
// again what was decided already.
func (s *Store) keepDecided(ctx context.Context, keys []string) error {
	if keys == nil {
		keys = []string{} // an array and never null: $nin wants one
	}
	_, err := s.decided.DeleteMany(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$nin", Value: keys}}}})
	return s.failed(ctx, err)
}

// Activate implements store.Store. The former key is written down as one to forget
// in the same change that replaces it, so that a crash leaves nothing behind.
func (s *Store) Activate(ctx context.Context, channelID, key string) error {
	byID := bson.D{{Key: "_id", Value: channelID}}
	err := s.retryDuplicate(ctx, func() error {
		var channel channelDocument
		err := s.channels.FindOne(ctx, byID).Decode(&channel)
		if err != nil && !errors.Is(err, mongo.ErrNoDocuments) {
			return err
		}
		update := bson.D{{Key: "$set", Value: bson.D{{Key: "key", Value: key}}}}
		if channel.Key != "" && channel.Key != key {
			update = append(update, bson.E{Key: "$addToSet", Value: bson.D{{Key: "forget", Value: channel.Key}}})
		}
		_, err = s.channels.UpdateOne(ctx, byID, update, options.UpdateOne().SetUpsert(true))
		return err
	})
	if err != nil {
		return err
	}
	if err := s.finishForgetting(ctx); err != nil {
		return err
	}
	return s.nextRevision(ctx)
}

// LastLeft implements store.Store.
func (s *Store) LastLeft(ctx context.Context) (map[string]time.Time, error) {
	cursor, err := s.leavings.Find(ctx, bson.D{})
	documents, err := readAll[leavingDocument](ctx, s, cursor, err)
	left := make(map[string]time.Time, len(documents))
	for _, document := range documents {
		left[document.Key] = document.At.UTC()
	}
	return left, err
}

// leave writes down that an article left the channels with these keys.
func (s *Store) leave(ctx context.Context, keys []string, at time.Time) error {
	for _, key := range keys {
		err := s.retryDuplicate(ctx, func() error {
			_, err := s.leavings.UpdateOne(ctx, bson.D{{Key: "_id", Value: key}},
				bson.D{{Key: "$max", Value: bson.D{{Key: "at", Value: at}}}}, options.UpdateOne().SetUpsert(true))
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// finishForgetting removes the membership under keys that were replaced. A key
// that is active again is none of them.
func (s *Store) finishForgetting(ctx context.Context) error {
	channels, err := s.allChannels(ctx)
	if err != nil {
		return err
	}
	for _, channel := range channels {
		for _, key := range channel.Forget {
			if key != channel.Key {
				if err := s.forget(ctx, key); err != nil {
					return err
				}
			}
			_, err := s.channels.UpdateOne(ctx,
				bson.D{{Key: "_id", Value: channel.ID}},
				bson.D{{Key: "$pull", Value: bson.D{{Key: "forget", Value: key}}}})
			if err != nil {
				return s.failed(ctx, err)
			}
		}
	}
	return nil
}

// forget removes the membership under a key. What has lost members is not decided
// any more, and that is written down first.
func (s *Store) forget(ctx context.Context, key string) error {
	for _, collection := range []*mongo.Collection{s.decided, s.leavings} {
		if _, err := collection.DeleteOne(ctx, bson.D{{Key: "_id", Value: key}}); err != nil {
			return s.failed(ctx, err)
		}
	}
	_, err := s.articles.UpdateMany(ctx,
		bson.D{{Key: "channels", Value: key}},
		bson.D{
			{Key: "$pull", Value: bson.D{{Key: "channels", Value: key}}},
			{Key: "$inc", Value: bson.D{{Key: "revision", Value: int64(1)}}},
		})
	return s.failed(ctx, err)
}

// ActiveKeys implements store.Store.
func (s *Store) ActiveKeys(ctx context.Context) (map[string]string, error) {
	channels, err := s.allChannels(ctx)
	if err != nil {
		return nil, err
	}
	keys := make(map[string]string, len(channels))
	for _, channel := range channels {
		keys[channel.ID] = channel.Key
	}
	return keys, nil
}

func (s *Store) allChannels(ctx context.Context) ([]channelDocument, error) {
	cursor, err := s.channels.Find(ctx, bson.D{})
	return readAll[channelDocument](ctx, s, cursor, err)
}
